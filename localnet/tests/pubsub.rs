//! What live feeds read: WebSocket subscriptions.

mod common;

use std::time::Duration;

use common::{SOL, memo, start};
use futures::{Stream, StreamExt};
use solana_client::{
    nonblocking::pubsub_client::PubsubClient,
    rpc_config::{
        RpcAccountInfoConfig, RpcProgramAccountsConfig, RpcSignatureSubscribeConfig,
        RpcTransactionLogsConfig, RpcTransactionLogsFilter, UiAccountEncoding,
    },
    rpc_filter::{Memcmp, RpcFilterType},
};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;

async fn next<T>(stream: &mut (impl Stream<Item = T> + Unpin)) -> T {
    tokio::time::timeout(Duration::from_secs(5), stream.next())
        .await
        .expect("no notification within 5 s")
        .expect("the stream ended")
}

#[tokio::test]
async fn slots_and_signatures_are_announced() {
    let chain = start().await;
    let pubsub = PubsubClient::new(&chain.localnet.ws_url).await.unwrap();
    let (mut slots, _unsubscribe) = pubsub.slot_subscribe().await.unwrap();
    let first = next(&mut slots).await;
    assert_eq!(next(&mut slots).await.slot, first.slot + 1);

    let transaction = chain.signed(&[memo("announce")]).await;
    let config = RpcSignatureSubscribeConfig {
        commitment: Some(CommitmentConfig::confirmed()),
        enable_received_notification: Some(false),
    };
    let (mut signatures, _unsubscribe) =
        pubsub.signature_subscribe(&transaction.signatures[0], Some(config)).await.unwrap();
    chain.rpc.send_transaction(&transaction).await.unwrap();
    let response = next(&mut signatures).await;
    assert!(format!("{:?}", response.value).contains("err: None"), "{:?}", response.value);
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn logs_name_the_transaction_but_lose_its_error() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    let pubsub = PubsubClient::new(&chain.localnet.ws_url).await.unwrap();
    let filter = RpcTransactionLogsFilter::Mentions(vec![payer.to_string()]);
    let at = |commitment| RpcTransactionLogsConfig { commitment: Some(commitment) };
    let (mut confirmed, _unsubscribe) =
        pubsub.logs_subscribe(filter.clone(), at(CommitmentConfig::confirmed())).await.unwrap();
    let (mut processed, _unsubscribe) =
        pubsub.logs_subscribe(filter, at(CommitmentConfig::processed())).await.unwrap();
    // Subscriptions take effect shortly after they are acknowledged.
    tokio::time::sleep(Duration::from_millis(200)).await;

    let signature = chain.send(&[memo("in the log")]).await;
    let response = next(&mut confirmed).await;
    assert_eq!(response.value.signature, signature.to_string());
    assert!(response.value.logs.iter().any(|line| line.contains("in the log")));
    next(&mut processed).await;

    let (_, result) = chain.send_unchecked(&[transfer(&payer, &Pubkey::new_unique(), 5_000 * SOL)]).await;
    assert!(result.is_err());
    assert!(next(&mut processed).await.value.err.is_some());
    // If this fails, surfpool has learned to pass the error on, and readers may trust it.
    assert!(next(&mut confirmed).await.value.err.is_none());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn programs_and_accounts_are_announced() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    let friend = Pubkey::new_unique();
    let pubsub = PubsubClient::new(&chain.localnet.ws_url).await.unwrap();
    let account_config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        commitment: Some(CommitmentConfig::confirmed()),
        ..Default::default()
    };
    let program_config = RpcProgramAccountsConfig {
        filters: Some(vec![RpcFilterType::Memcmp(Memcmp::new_raw_bytes(32, friend.to_bytes().to_vec()))]),
        account_config: account_config.clone(),
        ..Default::default()
    };
    let (mut programs, _unsubscribe) =
        pubsub.program_subscribe(&spl_token_interface::ID, Some(program_config)).await.unwrap();
    let (mut accounts, _unsubscribe) = pubsub.account_subscribe(&friend, Some(account_config)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    // Only the friend's token account passes the filter: offset 32 is the owner.
    let mint = chain.localnet.usdc_mint;
    chain.localnet.fund_tokens(mint, &[(payer, 1), (friend, 2)]).await.unwrap();
    let response = next(&mut programs).await;
    let expected = lottery_localnet::associated_token_address(&friend, &mint, &spl_token_interface::ID);
    assert_eq!(response.value.pubkey, expected.to_string());

    chain.send(&[transfer(&payer, &friend, SOL)]).await;
    assert_eq!(next(&mut accounts).await.value.lamports, SOL);
    chain.localnet.stop().await.unwrap();
}
