//! What indexers read: statuses, transactions, blocks, signatures by address.

mod common;

use common::{SOL, memo, start};
use solana_client::{
    rpc_client::GetConfirmedSignaturesForAddress2Config,
    rpc_config::{RpcBlockConfig, RpcTransactionConfig},
};
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Signature;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use solana_transaction_status::{
    UiInnerInstructions, UiTransactionEncoding, option_serializer::OptionSerializer,
};
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;

fn transaction_config() -> RpcTransactionConfig {
    RpcTransactionConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(1),
    }
}

fn block_config() -> RpcBlockConfig {
    RpcBlockConfig {
        encoding: Some(UiTransactionEncoding::Base64),
        commitment: Some(CommitmentConfig::confirmed()),
        max_supported_transaction_version: Some(1),
        rewards: Some(false),
        ..Default::default()
    }
}

fn inner(meta: &solana_transaction_status::UiTransactionStatusMeta) -> &[UiInnerInstructions] {
    match &meta.inner_instructions {
        OptionSerializer::Some(inner) => inner,
        _ => &[],
    }
}

#[tokio::test]
async fn transactions_and_blocks_hold_inner_instructions() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    let create = create_associated_token_account_idempotent(
        &payer,
        &Pubkey::new_unique(),
        &chain.localnet.token_2022_mint,
        &spl_token_2022_interface::ID,
    );
    let signature = chain.send(&[memo("first"), create]).await;

    let found = chain.rpc.get_transaction_with_config(&signature, transaction_config()).await.unwrap();
    let meta = found.transaction.meta.as_ref().unwrap();
    assert_eq!(inner(meta).len(), 1, "only the second instruction calls others");
    assert_eq!(inner(meta)[0].index, 1);
    assert!(inner(meta)[0].instructions.len() >= 3);
    assert!(found.block_time.is_some());

    let block = chain.rpc.get_block_with_config(found.slot, block_config()).await.unwrap();
    let transactions = block.transactions.unwrap();
    assert_eq!(transactions.len(), 1);
    assert_eq!(inner(transactions[0].meta.as_ref().unwrap()), inner(meta));
    assert_eq!(transactions[0].transaction.decode().unwrap().signatures[0], signature);
    assert_eq!(block.block_time, found.block_time);
    let clock = chain.localnet.clock().await;
    assert!((0..=2).contains(&(clock.unix_timestamp - block.block_time.unwrap())));

    // Blocks without transactions exist too: none is skipped.
    let blocks = chain.rpc.get_blocks(found.slot - 1, Some(found.slot)).await.unwrap();
    assert_eq!(blocks, [found.slot - 1, found.slot]);
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn failed_transactions_are_recorded() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    let too_much = transfer(&payer, &Pubkey::new_unique(), 5_000 * SOL);

    let refused = chain.rpc.send_transaction(&chain.signed(std::slice::from_ref(&too_much)).await).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("custom program error: 0x1"), "preflight says why: {refused}");

    let (signature, result) = chain.send_unchecked(&[too_much]).await;
    assert!(result.is_err());
    let found = chain.rpc.get_transaction_with_config(&signature, transaction_config()).await.unwrap();
    let meta = found.transaction.meta.unwrap();
    assert!(meta.err.is_some());
    assert_eq!(meta.fee, 5_000);
    let block = chain.rpc.get_block_with_config(found.slot, block_config()).await.unwrap();
    assert!(block.transactions.unwrap()[0].meta.as_ref().unwrap().err.is_some());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn signatures_for_address_are_newest_first_and_page() {
    let chain = start().await;
    let payer = chain.payer.pubkey();
    // Five in one slot, then five in as many slots.
    let mut sent: Vec<Signature> = Vec::new();
    chain.localnet.pause();
    for n in 0..5 {
        let transaction = chain.signed(&[memo(&format!("same slot {n}"))]).await;
        sent.push(chain.rpc.send_transaction(&transaction).await.unwrap());
    }
    chain.localnet.resume();
    for n in 0..5 {
        sent.push(chain.send(&[memo(&format!("own slot {n}"))]).await);
    }
    sent.reverse();

    let all = chain.rpc.get_signatures_for_address(&payer).await.unwrap();
    let signatures: Vec<Signature> = all.iter().map(|found| found.signature.parse().unwrap()).collect();
    assert_eq!(signatures, sent);
    assert!(all.is_sorted_by(|a, b| a.slot >= b.slot));

    let page = |before, until, limit| GetConfirmedSignaturesForAddress2Config {
        before,
        until,
        limit,
        commitment: Some(CommitmentConfig::confirmed()),
    };
    let fetch = async |config| -> Vec<Signature> {
        let found = chain.rpc.get_signatures_for_address_with_config(&payer, config).await.unwrap();
        found.iter().map(|found| found.signature.parse().unwrap()).collect()
    };
    // Both ends are exclusive, also inside one slot.
    assert_eq!(fetch(page(Some(sent[6]), None, None)).await, sent[7..]);
    assert_eq!(fetch(page(None, Some(sent[7]), None)).await, sent[..7]);
    assert_eq!(fetch(page(Some(sent[1]), Some(sent[8]), Some(3))).await, sent[2..5]);
    // Unlike a cluster: an unknown `before` yields nothing rather than an error.
    assert!(fetch(page(Some(Signature::from([7; 64])), None, None)).await.is_empty());
    chain.localnet.stop().await.unwrap();
}

#[tokio::test]
async fn statuses_pass_from_none_to_confirmed_to_finalized() {
    let chain = start().await;
    chain.localnet.pause();
    let transaction = chain.signed(&[memo("status")]).await;
    let signature = chain.rpc.send_transaction(&transaction).await.unwrap();
    let status = async || {
        let found = chain.rpc.get_signature_statuses(&[signature]).await.unwrap();
        found.value[0].clone().map(|status| format!("{:?}", status.confirmation_status.unwrap()))
    };
    assert_eq!(status().await, None, "processed is not shown");
    chain.localnet.produce_blocks(1).await.unwrap();
    assert_eq!(status().await.as_deref(), Some("Confirmed"));
    chain.localnet.produce_blocks(31).await.unwrap();
    assert_eq!(status().await.as_deref(), Some("Finalized"));

    // The same transaction again is refused, even without preflight.
    assert!(chain.rpc.send_transaction(&transaction).await.is_err());
    chain.localnet.stop().await.unwrap();
}
