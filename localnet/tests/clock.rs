//! Time: sysvars, jumps, expiry of blockhashes, real pace.

mod common;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::{EXIT, FIRST_DATA, load, memo, program, start, start_with};
use lottery_localnet::{LocalnetConfig, PROGRAM_ID};
use solana_commitment_config::CommitmentConfig;
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_pubkey::Pubkey;
use solana_transaction::TransactionError;

const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
const SLOT_HASHES: Pubkey = Pubkey::from_str_const("SysvarS1otHashes111111111111111111111111111");

/// SlotHashes is u64 count, then (u64 slot, 32 bytes) newest first.
fn slots(data: &[u8]) -> Vec<u64> {
    let count = u64::from_le_bytes(data[..8].try_into().unwrap()) as usize;
    data[8..].chunks_exact(40).take(count).map(|e| u64::from_le_bytes(e[..8].try_into().unwrap())).collect()
}

/// Clock is slot, epoch start, epoch, leader epoch, unix timestamp, 8 bytes each.
fn clock(data: &[u8]) -> (u64, i64) {
    let word = |at: usize| <[u8; 8]>::try_from(&data[at..at + 8]).unwrap();
    (u64::from_le_bytes(word(0)), i64::from_le_bytes(word(32)))
}

#[tokio::test]
async fn sysvar_accounts_follow_the_chain() {
    let chain = start().await;
    chain.localnet.pause();
    chain.localnet.produce_blocks(3).await.unwrap();
    let expected = chain.localnet.clock().await;
    let processed = CommitmentConfig::processed();

    let accounts = chain.rpc.get_multiple_accounts(&[CLOCK, SLOT_HASHES]).await.unwrap();
    let clock_data = accounts[0].as_ref().unwrap().data.clone();
    assert_eq!(clock(&clock_data), (expected.slot, expected.unix_timestamp));
    // On a cluster the newest entry is the parent slot; here it is the current one.
    let entries = slots(&accounts[1].as_ref().unwrap().data);
    assert_eq!(entries[..3], [expected.slot, expected.slot - 1, expected.slot - 2]);
    assert_eq!(chain.rpc.get_slot_with_commitment(processed).await.unwrap(), expected.slot);
    assert_eq!(chain.rpc.get_slot().await.unwrap(), expected.slot - 1);
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn a_transaction_loads_fresh_slot_hashes() {
    // A program that fails with the second word of its first account: the newest slot.
    let (_folder, program_so) = program(&[load(0, FIRST_DATA + 8), EXIT]);
    let config = LocalnetConfig {
        program_so: Some(program_so),
        slot_ms: common::SLOT_MS,
        ..LocalnetConfig::default()
    };
    let chain = start_with(config).await;
    chain.localnet.pause();
    let call = Instruction {
        program_id: PROGRAM_ID,
        accounts: vec![AccountMeta::new_readonly(SLOT_HASHES, false)],
        data: Vec::new(),
    };
    for _ in 0..3 {
        chain.localnet.produce_blocks(5).await.unwrap();
        let newest = chain.localnet.clock().await.slot as u32;
        let transaction = chain.signed(std::slice::from_ref(&call)).await;
        let error = chain.rpc.send_transaction(&transaction).await.unwrap_err().get_transaction_error();
        let expected = TransactionError::InstructionError(0, InstructionError::Custom(newest));
        assert_eq!(error, Some(expected));
    }
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn blockhashes_expire_after_150_blocks() {
    let chain = start().await;
    chain.localnet.pause();
    let (blockhash, last_valid) =
        chain.rpc.get_latest_blockhash_with_commitment(CommitmentConfig::confirmed()).await.unwrap();
    let height = chain.rpc.get_block_height().await.unwrap();
    assert!((height..=height + 151).contains(&last_valid), "{height} {last_valid}");

    chain.localnet.produce_blocks(140).await.unwrap();
    let early = chain.signed_with(&[memo("in time")], blockhash);
    chain.rpc.send_transaction(&early).await.unwrap();

    chain.localnet.produce_blocks(20).await.unwrap();
    assert!(chain.rpc.get_block_height().await.unwrap() > last_valid);
    assert!(!chain.rpc.is_blockhash_valid(&blockhash, CommitmentConfig::processed()).await.unwrap());
    let late = chain.signed_with(&[memo("too late")], blockhash);
    let error = chain.rpc.send_transaction(&late).await.unwrap_err().to_string();
    assert!(error.contains("Blockhash not found"), "{error}");
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn time_jumps_and_the_chain_goes_on() {
    let chain = start().await;
    let before = chain.localnet.clock().await;
    let day = 24 * 3_600;
    let after = chain.localnet.advance(Duration::from_secs(day)).await.unwrap();
    let passed = after.unix_timestamp - before.unix_timestamp;
    assert!((day as i64 - 1..=day as i64 + 1).contains(&passed), "{passed}");
    assert!(after.slot - before.slot >= day * 1_000 / common::SLOT_MS - 1);

    // Nothing else is disturbed: transactions confirm, blocks go on, statuses are found.
    let signature = chain.send(&[memo("tomorrow")]).await;
    let status = chain.rpc.get_signature_statuses(&[signature]).await.unwrap().value[0].clone();
    assert!(status.unwrap().slot >= after.slot);
    chain.wait_slots(2).await;

    // Skipped slots age nothing: SlotHashes still reaches back across the jump; blocks do.
    let reaches_back = async || {
        let account = chain.localnet.account(SLOT_HASHES).await.unwrap().unwrap();
        slots(&account.data).iter().any(|slot| *slot <= before.slot + 1)
    };
    assert!(reaches_back().await);
    chain.localnet.produce_blocks(512).await.unwrap();
    assert!(!reaches_back().await);
    assert!(chain.localnet.advance(Duration::ZERO).await.is_err());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn a_paused_chain_stands_still() {
    let chain = start().await;
    chain.localnet.pause();
    tokio::time::sleep(Duration::from_millis(60)).await;
    let before = chain.localnet.clock().await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert_eq!(chain.localnet.clock().await, before);
    chain.localnet.resume();
    chain.wait_slots(3).await;
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn slots_keep_pace_with_the_wall_clock() {
    let chain = start_with(LocalnetConfig { program_so: None, ..LocalnetConfig::default() }).await;
    let (from, started) = (chain.localnet.clock().await, Instant::now());
    chain.wait_slots(8).await;
    let elapsed = started.elapsed().as_millis();
    assert!((2_700..=4_500).contains(&elapsed), "8 slots took {elapsed} ms");
    let clock = chain.localnet.clock().await;
    assert!(clock.slot >= from.slot + 8);
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    assert!((wall - clock.unix_timestamp).abs() <= 2);
    chain.localnet.stop().await.unwrap();
}
