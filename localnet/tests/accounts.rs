//! What keepers and APIs read and write: filters, slices, large accounts, lookup tables,
//! programs and tokens.

mod common;

use std::time::Instant;

use common::{MEMO, SOL, memo, start, start_with};
use lottery_localnet::{LocalnetConfig, PROGRAM_ID, associated_token_address};
use solana_account::Account;
use solana_address_lookup_table_interface::{
    instruction::{create_lookup_table, extend_lookup_table},
    state::AddressLookupTable,
};
use solana_client::{
    rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig, UiAccountEncoding, UiDataSliceConfig},
    rpc_filter::{Memcmp, RpcFilterType},
};
use solana_instruction::{AccountMeta, Instruction};
use solana_message::{AddressLookupTableAccount, VersionedMessage, v0};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

fn owned(owner: Pubkey, data: Vec<u8>) -> Account {
    Account { lamports: 100 * SOL, data, owner, executable: false, rent_epoch: u64::MAX }
}

#[tokio::test]
async fn program_accounts_are_filtered_and_sliced() {
    let chain = start().await;
    let program = Pubkey::new_unique();
    let mut wanted = Vec::new();
    for n in 0..20u8 {
        let address = Pubkey::new_unique();
        let mut data = vec![0; if n < 15 { 64 } else { 65 }];
        data[8] = n % 3;
        data[40] = n;
        if n < 15 && n % 3 == 1 {
            wanted.push((address, n));
        }
        chain.localnet.set_account(address, owned(program, data)).await.unwrap();
    }
    let config = RpcProgramAccountsConfig {
        filters: Some(vec![
            RpcFilterType::DataSize(64),
            RpcFilterType::Memcmp(Memcmp::new_raw_bytes(8, vec![1])),
        ]),
        account_config: RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            data_slice: Some(UiDataSliceConfig { offset: 40, length: 1 }),
            ..Default::default()
        },
        ..Default::default()
    };
    let found = chain.rpc.get_program_ui_accounts_with_config(&program, config).await.unwrap();
    let mut found: Vec<_> =
        found.iter().map(|(address, account)| (*address, account.data.decode().unwrap()[0])).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);

    let missing = Pubkey::new_unique();
    let several = chain.rpc.get_multiple_accounts(&[wanted[0].0, missing, wanted[1].0]).await.unwrap();
    assert!(several[0].is_some() && several[1].is_none() && several[2].is_some());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn accounts_over_a_megabyte_are_read_and_sliced() {
    const LEN: usize = 1_280_128;
    let chain = start().await;
    let address = Pubkey::new_unique();
    let data: Vec<u8> = (0..LEN).map(|n| n as u8).collect();
    chain.localnet.set_account(address, owned(MEMO, data.clone())).await.unwrap();
    assert_eq!(chain.rpc.get_account_data(&address).await.unwrap(), data);

    let config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        data_slice: Some(UiDataSliceConfig { offset: LEN - 4, length: 4 }),
        ..Default::default()
    };
    let slice = chain.rpc.get_ui_account_with_config(&address, config).await.unwrap().value.unwrap();
    assert_eq!(slice.data.decode().unwrap(), data[LEN - 4..]);
    assert_eq!(slice.space, Some(LEN as u64));

    // Made by a transaction, as pages are: rent is what getMinimumBalanceForRentExemption says.
    let new = solana_keypair::Keypair::new();
    let payer = chain.payer.pubkey();
    let rent = chain.rpc.get_minimum_balance_for_rent_exemption(LEN).await.unwrap();
    let create =
        solana_system_interface::instruction::create_account(&payer, &new.pubkey(), rent, LEN as u64, &MEMO);
    let blockhash = chain.rpc.get_latest_blockhash().await.unwrap();
    let transaction = solana_transaction::Transaction::new_signed_with_payer(
        &[create],
        Some(&payer),
        &[&chain.payer, &new],
        blockhash,
    );
    let signature = chain.rpc.send_transaction(&transaction).await.unwrap();
    chain.confirm(&signature).await.unwrap();
    assert_eq!(chain.rpc.get_account_data(&new.pubkey()).await.unwrap().len(), LEN);
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn versioned_transactions_use_lookup_tables() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    let slot = chain.rpc.get_slot().await.unwrap();
    let (create, table) = create_lookup_table(payer, payer, slot);
    let addresses: Vec<_> = (0..20).map(|_| Pubkey::new_unique()).collect();
    let extend = extend_lookup_table(table, payer, Some(payer), addresses.clone());
    chain.send(&[create, extend]).await;
    // A table's new addresses can be used from the next slot on.
    chain.wait_slots(1).await;

    let data = chain.rpc.get_account_data(&table).await.unwrap();
    let stored = AddressLookupTable::deserialize(&data).unwrap().addresses.to_vec();
    assert_eq!(stored, addresses);
    let transfers: Vec<_> = addresses.iter().map(|to| transfer(&payer, to, SOL)).collect();
    let table = AddressLookupTableAccount { key: table, addresses: stored };
    let blockhash = chain.rpc.get_latest_blockhash().await.unwrap();
    let message = v0::Message::try_compile(&payer, &transfers, &[table], blockhash).unwrap();
    assert_eq!(message.address_table_lookups.len(), 1);
    let signature = chain.send_versioned(VersionedMessage::V0(message)).await;

    assert_eq!(chain.rpc.get_balance(&addresses[19]).await.unwrap(), SOL);
    let of_loaded = chain.rpc.get_signatures_for_address(&addresses[7]).await.unwrap();
    assert_eq!(of_loaded[0].signature, signature.to_string());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn the_program_is_deployed_and_runs() {
    // The memo program stands in for ours: its binary is on every chain.
    let donor = start().await;
    let elf = donor.localnet.account(MEMO).await.unwrap().unwrap().data;
    donor.localnet.stop().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program_so = folder.path().join("program.so");
    std::fs::write(&program_so, elf).unwrap();

    let chain = start_with(LocalnetConfig {
        program_so: Some(program_so),
        upgrade_authority: Some(MEMO),
        slot_ms: common::SLOT_MS,
        ..LocalnetConfig::default()
    })
    .await;
    let account = chain.rpc.get_account(&PROGRAM_ID).await.unwrap();
    assert!(account.executable);
    let call = Instruction { program_id: PROGRAM_ID, ..memo("hello") };
    let result =
        chain.rpc.simulate_transaction(&chain.signed(std::slice::from_ref(&call)).await).await.unwrap();
    assert!(result.value.logs.unwrap().iter().any(|line| line.contains("hello")));
    chain.send(&[call]).await;
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn a_missing_program_is_reported_in_one_line() {
    let config = LocalnetConfig { program_so: Some("/nowhere.so".into()), ..LocalnetConfig::default() };
    let error = lottery_localnet::Localnet::start(config).await.err().unwrap();
    assert!(error.to_string().starts_with("no program at /nowhere.so"), "{error}");
}

/// Transfers 5 tokens of `mint` from the payer's account to a new one, by transaction.
async fn check_tokens(chain: &common::Chain, mint: Pubkey, token_program: Pubkey) {
    let payer = chain.payer.pubkey();
    let friend = Pubkey::new_unique();
    let players: Vec<_> = (0..300).map(|_| (Pubkey::new_unique(), 1_000_000)).collect();
    let started = Instant::now();
    chain.localnet.fund_tokens(mint, &players).await.unwrap();
    println!("{} token accounts took {:?}", players.len(), started.elapsed());
    chain.localnet.fund_tokens(mint, &[(payer, 7), (payer, 3)]).await.unwrap();

    let account = |owner| associated_token_address(owner, &mint, &token_program);
    let create = create_associated_token_account_idempotent(&payer, &friend, &mint, &token_program);
    // TransferChecked is instruction 12 of both token programs: u64 amount, u8 decimals.
    let move_tokens = Instruction {
        program_id: token_program,
        accounts: vec![
            AccountMeta::new(account(&payer), false),
            AccountMeta::new_readonly(mint, false),
            AccountMeta::new(account(&friend), false),
            AccountMeta::new_readonly(payer, true),
        ],
        data: [&[12][..], &5u64.to_le_bytes(), &[6]].concat(),
    };
    // MintTo is instruction 7: u64 amount.
    let mint_more = Instruction {
        program_id: token_program,
        accounts: vec![
            AccountMeta::new(mint, false),
            AccountMeta::new(account(&friend), false),
            AccountMeta::new_readonly(payer, true),
        ],
        data: [&[7][..], &100u64.to_le_bytes()].concat(),
    };
    chain.send(&[create, move_tokens, mint_more, memo("tokens")]).await;

    let balance = async |owner| {
        let found = chain.rpc.get_token_account_balance(&account(owner)).await.unwrap();
        found.amount.parse::<u64>().unwrap()
    };
    assert_eq!(balance(&payer).await, 5);
    assert_eq!(balance(&friend).await, 105);
    assert_eq!(balance(&players[299].0).await, 1_000_000);
    let supply = chain.rpc.get_token_supply(&mint).await.unwrap();
    assert_eq!(supply.amount, (300 * 1_000_000 + 110).to_string());
    assert_eq!(supply.decimals, 6);
    // An account written here is byte for byte like one made by the associated token program.
    let (written, made) = (account(&players[0].0), account(&friend));
    let sizes = chain.rpc.get_multiple_accounts(&[written, made]).await.unwrap();
    assert_eq!(sizes[0].as_ref().unwrap().data[165..], sizes[1].as_ref().unwrap().data[165..]);
    assert_eq!(sizes[0].as_ref().unwrap().lamports, sizes[1].as_ref().unwrap().lamports);
}

#[tokio::test]
async fn spl_tokens_work() {
    let chain = start().await;
    check_tokens(&chain, chain.localnet.usdc_mint, spl_token_interface::ID).await;
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn token_2022_works() {
    let chain = start().await;
    check_tokens(&chain, chain.localnet.token_2022_mint, spl_token_2022_interface::ID).await;
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn lamports_are_added_or_dropped_by_airdrop() {
    let chain = start().await;
    let player = Pubkey::new_unique();
    chain.localnet.fund(&[(player, SOL), (player, SOL)]).await.unwrap();
    let signature = chain.rpc.request_airdrop(&player, SOL).await.unwrap();
    chain.confirm(&signature).await.unwrap();
    assert_eq!(chain.rpc.get_balance(&player).await.unwrap(), 3 * SOL);
    chain.localnet.stop().await.unwrap();
}
