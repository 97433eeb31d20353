//! A keeper without a chain: it waits, and it stops when told.

use std::{sync::Arc, time::Duration};

use lottery_keeper::{Keeper, KeeperConfig};
use solana_keypair::Keypair;

#[tokio::test]
async fn a_lost_chain_is_waited_for() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut config = KeeperConfig::new([url], Arc::new(Keypair::new()));
    config.poll_interval = Duration::from_millis(10);
    config.rpc.backoff = Duration::from_millis(1);
    let keeper = Keeper::new(config);
    let counters = keeper.counters();
    let stop = tokio::time::sleep(Duration::from_millis(400));
    let task = tokio::spawn(keeper.run(stop));
    tokio::time::timeout(Duration::from_secs(3), task).await.expect("it stops when told").unwrap();
    let text = counters.render();
    let failed = text.lines().find_map(|line| line.strip_prefix("keeper_looks_failed_total "));
    let failed: u32 = failed.expect("the counter is there").parse().unwrap();
    assert!((2..40).contains(&failed), "it tries on, ever more slowly: {text}");
}
