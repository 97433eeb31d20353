//! The `lottery-localnet` command: says where it is, ends on a signal, leaves nothing.

mod common;

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use lottery_localnet::{Localnet, LocalnetConfig, LocalnetInfo};
use solana_client::nonblocking::rpc_client::RpcClient;
use solana_keypair::read_keypair_file;
use solana_signer::Signer;

#[tokio::test]
async fn the_command_runs_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let donor = common::start().await;
    let elf = donor.localnet.account(common::MEMO).await.unwrap().unwrap().data;
    donor.localnet.stop().await.unwrap();
    let program_so = folder.path().join("program.so");
    std::fs::write(&program_so, elf).unwrap();

    let out = folder.path().join("out");
    let mut process = Command::new(env!("CARGO_BIN_EXE_lottery-localnet"))
        .args(["--json", "--rpc-port", "0", "--players", "2", "--sol", "5", "--tokens", "9", "--out"])
        .arg(&out)
        .arg("--program-so")
        .arg(&program_so)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let info: LocalnetInfo = serde_json::from_str(&line).unwrap();
    assert_eq!(LocalnetInfo::read(&out).unwrap().rpc_url, info.rpc_url);
    assert_eq!(info.pid, process.id());
    assert_eq!(info.players.len(), 2);

    let rpc = RpcClient::new(info.rpc_url.clone());
    let player = read_keypair_file(&info.players[0]).unwrap().pubkey();
    assert_eq!(rpc.get_balance(&player).await.unwrap(), 5 * common::SOL);

    let killed = Command::new("kill").args(["-TERM", &info.pid.to_string()]).status().unwrap();
    assert!(killed.success());
    let limit = Instant::now() + Duration::from_secs(10);
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < limit, "still running 10 s after SIGTERM");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(status.success());
    assert!(LocalnetInfo::read(&out).is_err(), "localnet.json must go with the chain");
    let port = info.rpc_url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[tokio::test]
async fn two_chains_run_side_by_side_and_close_their_ports() {
    let (first, second) = tokio::join!(common::start(), common::start());
    assert_ne!(first.localnet.rpc_url, second.localnet.rpc_url);
    first.send(&[common::memo("first")]).await;
    second.send(&[common::memo("second")]).await;
    let port = |url: &str| url.rsplit(':').next().unwrap().parse::<u16>().unwrap();
    let ports = [port(&first.localnet.rpc_url), port(&first.localnet.ws_url)];
    // `first.rpc` still holds an open connection.
    first.localnet.stop().await.unwrap();
    for port in ports {
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }

    let taken = port(&second.localnet.rpc_url);
    let config = LocalnetConfig { program_so: None, rpc_port: Some(taken), ..LocalnetConfig::default() };
    let error = Localnet::start(config).await.err().unwrap().to_string();
    assert_eq!(error, format!("port {taken} is in use"));
    second.send(&[common::memo("still here")]).await;
    second.localnet.stop().await.unwrap();
}
