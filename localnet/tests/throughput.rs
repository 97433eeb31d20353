//! How many transactions per second a chain takes from stock clients. The numbers are for
//! whoever plans a load test; the assertions only catch a collapse (profiling left on).

mod common;

use std::time::Instant;

use common::{Chain, EXIT, FIRST_DATA, SOL, load, program, start, start_with};
use futures::{StreamExt, stream};
use lottery_localnet::{LocalnetConfig, PROGRAM_ID};
use solana_account::Account;
use solana_client::rpc_config::RpcSendTransactionConfig;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

async fn players(chain: &Chain, count: usize) -> Vec<Keypair> {
    let players: Vec<Keypair> = (0..count).map(|_| Keypair::new()).collect();
    let amounts: Vec<_> = players.iter().map(|player| (player.pubkey(), 10 * SOL)).collect();
    chain.localnet.fund(&amounts).await.unwrap();
    players
}

/// Sends all, 16 at a time, and returns transactions per second.
async fn send_all(chain: &Chain, transactions: &[Transaction]) -> f64 {
    let config = RpcSendTransactionConfig { skip_preflight: true, ..Default::default() };
    let started = Instant::now();
    let sent: Vec<_> = stream::iter(transactions)
        .map(|transaction| chain.rpc.send_transaction_with_config(transaction, config))
        .buffer_unordered(16)
        .collect()
        .await;
    let seconds = started.elapsed().as_secs_f64();
    for result in sent {
        result.unwrap();
    }
    transactions.len() as f64 / seconds
}

async fn transfers(chain: &Chain, players: &[Keypair], each: u64) -> f64 {
    let blockhash = chain.rpc.get_latest_blockhash().await.unwrap();
    let to = Pubkey::new_unique();
    chain.localnet.fund(&[(to, SOL)]).await.unwrap();
    let transactions: Vec<Transaction> = players
        .iter()
        .flat_map(|player| (1..=each).map(move |lamports| (player, lamports)))
        .map(|(player, lamports)| {
            let from = player.pubkey();
            let transfer = solana_system_interface::instruction::transfer(&from, &to, lamports);
            Transaction::new_signed_with_payer(&[transfer], Some(&from), &[player], blockhash)
        })
        .collect();
    let rate = send_all(chain, &transactions).await;
    let expected = SOL + players.len() as u64 * (1..=each).sum::<u64>();
    assert_eq!(chain.localnet.account(to).await.unwrap().unwrap().lamports, expected);
    rate
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_transfers_per_second() {
    let chain = start().await;
    let players = players(&chain, 300).await;
    let rate = transfers(&chain, &players, 4).await;
    println!("transfers: {rate:.0} tx/s");
    assert!(rate > 30.0);
    chain.localnet.stop().await.unwrap();
}

/// A program that counts in the first word of its first account, as an entry counts in its page.
const COUNTER: [[u8; 8]; 4] = [
    load(2, FIRST_DATA),
    [0x07, 2, 0, 0, 1, 0, 0, 0],             // r2 += 1
    [0x7b, 0x21, FIRST_DATA, 0, 0, 0, 0, 0], // *(u64*)(r1 + offset) = r2
    EXIT,
];

fn page(len: usize) -> Account {
    Account { lamports: 100 * SOL, data: vec![0; len], owner: PROGRAM_ID, executable: false, rent_epoch: 0 }
}

/// 300 players count once each in an account of `len` bytes. Returns transactions per second.
async fn count_in(chain: &Chain, address: Pubkey, len: usize) -> f64 {
    chain.localnet.set_account(address, page(len)).await.unwrap();
    let players = players(chain, 300).await;
    let blockhash = chain.rpc.get_latest_blockhash().await.unwrap();
    let accounts = vec![AccountMeta::new(address, false)];
    let count = [Instruction { program_id: PROGRAM_ID, accounts, data: Vec::new() }];
    let sign = |player: &Keypair| {
        Transaction::new_signed_with_payer(&count, Some(&player.pubkey()), &[player], blockhash)
    };
    let transactions: Vec<_> = players.iter().map(sign).collect();
    let rate = send_all(chain, &transactions).await;
    let data = chain.localnet.account(address).await.unwrap().unwrap().data;
    assert_eq!(u64::from_le_bytes(data[..8].try_into().unwrap()), 300);
    rate
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_writes_to_a_large_account_per_second() {
    const LEN: usize = 20_000 * 64 + 512;
    let (_folder, program_so) = program(&COUNTER);
    let chain =
        start_with(LocalnetConfig { program_so: Some(program_so), ..LocalnetConfig::default() }).await;
    let rate = count_in(&chain, Pubkey::new_unique(), LEN).await;
    println!("writes to {LEN} bytes: {rate:.0} tx/s");
    assert!(rate > 20.0);
    chain.localnet.stop().await.unwrap();
}

/// `cargo test -p lottery-localnet --test throughput -- --ignored --nocapture`: how the rates fall
/// as accounts and history grow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement of a minute"]
async fn measure_growth() {
    for count in [300, 3_000, 10_000, 30_000] {
        let chain = start().await;
        let started = Instant::now();
        let everyone = players(&chain, count).await;
        let funding = started.elapsed().as_secs_f64();
        let rate = transfers(&chain, &everyone[..300], 4).await;
        println!("{count} system accounts: funded in {funding:.2} s, {rate:.0} transfers/s");
        chain.localnet.stop().await.unwrap();
    }
    for count in [300, 3_000, 10_000] {
        let (_folder, program_so) = program(&COUNTER);
        let chain =
            start_with(LocalnetConfig { program_so: Some(program_so), ..LocalnetConfig::default() }).await;
        for _ in 0..count {
            chain.localnet.set_account(Pubkey::new_unique(), page(128)).await.unwrap();
        }
        let rate = count_in(&chain, Pubkey::new_unique(), 128).await;
        println!("{count} program accounts: {rate:.0} writes/s");
        chain.localnet.stop().await.unwrap();
    }
    let chain = start().await;
    let everyone = players(&chain, 300).await;
    for round in 1..=4 {
        let rate = transfers(&chain, &everyone, 20).await;
        let started = Instant::now();
        let found = chain.rpc.get_signatures_for_address(&everyone[0].pubkey()).await.unwrap();
        let took = started.elapsed().as_millis();
        let history = round * 300 * 20;
        println!("history of {history}: {rate:.0} transfers/s, {} signatures in {took} ms", found.len());
    }
    chain.localnet.stop().await.unwrap();
}
