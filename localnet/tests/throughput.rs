//! How many transactions per second a chain takes from stock clients. The number is for
//! whoever plans a load test; the assertion only catches a collapse (profiling left on).

mod common;

use std::time::Instant;

use common::{SOL, start};
use futures::{StreamExt, stream};
use solana_client::rpc_config::RpcSendTransactionConfig;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_transactions_per_second() {
    const PLAYERS: usize = 300;
    const PER_PLAYER: u64 = 4;
    let chain = start().await;
    let players: Vec<Keypair> = (0..PLAYERS).map(|_| Keypair::new()).collect();
    let amounts: Vec<_> = players.iter().map(|player| (player.pubkey(), 10 * SOL)).collect();
    chain.localnet.fund(&amounts).await.unwrap();
    let blockhash = chain.rpc.get_latest_blockhash().await.unwrap();
    let to = Pubkey::new_unique();
    chain.localnet.fund(&[(to, SOL)]).await.unwrap();
    let transactions: Vec<Transaction> = players
        .iter()
        .flat_map(|player| (1..=PER_PLAYER).map(move |lamports| (player, lamports)))
        .map(|(player, lamports)| {
            let from = player.pubkey();
            let transfer = solana_system_interface::instruction::transfer(&from, &to, lamports);
            Transaction::new_signed_with_payer(&[transfer], Some(&from), &[player], blockhash)
        })
        .collect();

    let config = RpcSendTransactionConfig { skip_preflight: true, ..Default::default() };
    let started = Instant::now();
    let sent: Vec<_> = stream::iter(&transactions)
        .map(|transaction| chain.rpc.send_transaction_with_config(transaction, config))
        .buffer_unordered(16)
        .collect()
        .await;
    let seconds = started.elapsed().as_secs_f64();
    for result in sent {
        result.unwrap();
    }
    let count = transactions.len();
    println!("{count} transfers in {seconds:.2} s: {:.0} tx/s", count as f64 / seconds);
    let expected = SOL + PLAYERS as u64 * (1..=PER_PLAYER).sum::<u64>();
    assert_eq!(chain.localnet.account(to).await.unwrap().unwrap().lamports, expected);
    assert!(count as f64 / seconds > 30.0);
    chain.localnet.stop().await.unwrap();
}
