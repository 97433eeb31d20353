//! The record by RPC: block by block near the tip, by the program's signatures when far behind.

use std::{collections::VecDeque, time::Duration};

use anyhow::{Context, bail};
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use solana_client::{
    nonblocking::rpc_client::RpcClient, rpc_client::GetConfirmedSignaturesForAddress2Config,
};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use solana_rpc_client_api::config::{
    RpcAccountInfoConfig, RpcBlockConfig, RpcTransactionConfig, TransactionDetails, UiAccountEncoding,
    UiDataSliceConfig, UiTransactionEncoding,
};
use solana_transaction_status_client_types::{
    EncodedConfirmedTransactionWithStatusMeta, EncodedTransactionWithStatusMeta,
};
use tokio::sync::Mutex;

use super::{
    AccountRead, Batch, Source, Tip, Unreadable,
    parse::{is_no_signature, parse, ran},
};
use crate::config::Walk;

/// Slots of one batch when walking blocks.
const BLOCKS_PER_BATCH: u64 = 48;
/// Transactions of one batch when walking signatures; a slot is never split.
const TRANSACTIONS_PER_BATCH: usize = 256;
/// Further behind than this, listing signatures is cheaper than asking for every block.
const FAR_BEHIND_SLOTS: u64 = 600;
/// The most that getMultipleAccounts takes.
const ACCOUNTS_PER_CALL: usize = 100;
/// The most that getSignatureStatuses takes.
const STATUSES_PER_CALL: usize = 256;
/// The most that getSignaturesForAddress gives.
const SIGNATURES_PER_CALL: usize = 1000;
/// Bytes that rent adds to those of an account.
const EMPTY_ACCOUNT_LEN: u64 = 128;
const CALLS_AT_ONCE: usize = 4;
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Without it, one transaction of a newer version makes its whole block unreadable.
const MAX_TRANSACTION_VERSION: u8 = 1;

/// Slot, time, transactions.
type Block = (u64, Option<i64>, Vec<EncodedTransactionWithStatusMeta>);

/// Signatures listed but not fetched yet.
#[derive(Default)]
struct Backlog {
    /// The record is complete up to here once the front of `waiting` is fetched.
    after: u64,
    /// Oldest first.
    waiting: VecDeque<(u64, String)>,
    /// The listing covers slots up to this one.
    through: u64,
}

pub struct RpcSource {
    rpc: RpcClient,
    program: Pubkey,
    walk: Walk,
    backlog: Mutex<Backlog>,
}

impl RpcSource {
    pub fn new(rpc_url: String, program: Pubkey, walk: Walk) -> Self {
        let rpc =
            RpcClient::new_with_timeout_and_commitment(rpc_url, CALL_TIMEOUT, CommitmentConfig::confirmed());
        Self { rpc, program, walk, backlog: Mutex::default() }
    }

    async fn by_blocks(&self, after: u64, to: u64) -> anyhow::Result<Batch> {
        let to = to.min(after + BLOCKS_PER_BATCH);
        let confirmed = CommitmentConfig::confirmed();
        let produced =
            self.rpc.get_blocks_with_commitment(after + 1, Some(to), confirmed).await.context("getBlocks")?;
        let mut blocks = stream::iter(produced).map(|slot| self.block(slot)).buffered(CALLS_AT_ONCE);
        let mut batch = Batch { through_slot: to, ..Batch::default() };
        while let Some((slot, block_at, encoded)) = blocks.try_next().await? {
            for (place, encoded) in encoded.iter().enumerate() {
                self.add(&mut batch, slot, block_at, format!("slot {slot}, transaction {place}"), encoded)?;
            }
        }
        Ok(batch)
    }

    /// A transaction's part of the record. One that cannot be read is kept for the quarantine if it is ours; a node
    /// that does not give what the record needs is an error, because skipping would leave a hole.
    fn add(
        &self,
        batch: &mut Batch,
        slot: u64,
        block_at: Option<i64>,
        signature: String,
        encoded: &EncodedTransactionWithStatusMeta,
    ) -> anyhow::Result<()> {
        match parse(&self.program, slot, block_at, encoded) {
            Ok(transaction) => batch.transactions.extend(transaction),
            Err(error) if error.is_the_nodes() => return Err(error).context(signature),
            Err(error) if ran(&self.program, encoded) => {
                batch.unreadable.push(Unreadable { signature, slot, reason: error.to_string() });
            }
            Err(_) => {}
        }
        Ok(())
    }

    async fn block(&self, slot: u64) -> anyhow::Result<Block> {
        let config = RpcBlockConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            transaction_details: Some(TransactionDetails::Full),
            rewards: Some(false),
            commitment: Some(CommitmentConfig::confirmed()),
            max_supported_transaction_version: Some(MAX_TRANSACTION_VERSION),
        };
        let block =
            self.rpc.get_block_with_config(slot, config).await.with_context(|| format!("getBlock {slot}"))?;
        let Some(encoded) = block.transactions else { bail!("getBlock {slot} gave no transactions") };
        Ok((slot, block.block_time, encoded))
    }

    async fn by_signatures(&self, after: u64, to: u64) -> anyhow::Result<Batch> {
        let mut backlog = self.backlog.lock().await;
        if backlog.after != after || backlog.waiting.is_empty() {
            *backlog = self.list(after, to).await?;
        }
        let mut take = 0;
        let mut last_slot = backlog.after;
        for (slot, _) in &backlog.waiting {
            if take >= TRANSACTIONS_PER_BATCH && *slot != last_slot {
                break;
            }
            take += 1;
            last_slot = *slot;
        }
        let wanted: Vec<_> = backlog.waiting.iter().take(take).cloned().collect();
        let fetched = stream::iter(wanted).map(|(slot, signature)| self.transaction(slot, signature));
        let fetched: Vec<_> = fetched.buffered(CALLS_AT_ONCE).try_collect().await?;
        let mut batch = Batch::default();
        for (signature, found) in fetched {
            self.add(&mut batch, found.slot, found.block_time, signature, &found.transaction)?;
        }
        backlog.waiting.drain(..take);
        backlog.after = if backlog.waiting.is_empty() { backlog.through } else { last_slot };
        batch.through_slot = backlog.after;
        Ok(batch)
    }

    /// Every signature of the program in slots after `after`, up to `to`.
    async fn list(&self, after: u64, to: u64) -> anyhow::Result<Backlog> {
        let mut waiting = VecDeque::new();
        let mut before = None;
        loop {
            let config = GetConfirmedSignaturesForAddress2Config {
                before,
                until: None,
                limit: Some(SIGNATURES_PER_CALL),
                commitment: Some(CommitmentConfig::confirmed()),
            };
            let page = self.rpc.get_signatures_for_address_with_config(&self.program, config).await;
            let page = page.context("getSignaturesForAddress")?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.signature.parse().context("the node gave a malformed signature")?);
            let reached = oldest.slot <= after;
            // Newest first, and within a slot the last to run first.
            for listed in page {
                let ran = listed.err.is_none() && !is_no_signature(&listed.signature);
                if ran && listed.slot > after && listed.slot <= to {
                    waiting.push_front((listed.slot, listed.signature));
                }
            }
            if reached {
                break;
            }
        }
        tracing::info!(after, to, transactions = waiting.len(), "listed the program's signatures");
        Ok(Backlog { after, waiting, through: to })
    }

    async fn transaction(
        &self,
        slot: u64,
        signature: String,
    ) -> anyhow::Result<(String, EncodedConfirmedTransactionWithStatusMeta)> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(CommitmentConfig::confirmed()),
            max_supported_transaction_version: Some(MAX_TRANSACTION_VERSION),
        };
        let parsed = signature.parse().context("the node gave a malformed signature")?;
        let found = self.rpc.get_transaction_with_config(&parsed, config).await;
        let found = found.with_context(|| format!("getTransaction {signature}"))?;
        if found.slot != slot {
            bail!("{signature} moved from slot {slot} to {} while we read: listing again", found.slot);
        }
        Ok((signature, found))
    }
}

#[async_trait]
impl Source for RpcSource {
    async fn tip(&self) -> anyhow::Result<Tip> {
        let confirmed = self.rpc.get_slot_with_commitment(CommitmentConfig::confirmed());
        let finalised = self.rpc.get_slot_with_commitment(CommitmentConfig::finalized());
        let (confirmed, finalised) = tokio::try_join!(confirmed, finalised).context("getSlot")?;
        Ok(Tip { confirmed, finalised })
    }

    async fn record(&self, after: u64, to: u64) -> anyhow::Result<Batch> {
        let listing = match self.walk {
            Walk::Blocks => false,
            Walk::Signatures => true,
            Walk::Auto => {
                let backlog = self.backlog.lock().await;
                to - after > FAR_BEHIND_SLOTS || (backlog.after == after && !backlog.waiting.is_empty())
            }
        };
        if listing {
            let batch = self.by_signatures(after, to).await;
            if batch.is_err() {
                *self.backlog.lock().await = Backlog::default();
            }
            return batch;
        }
        self.by_blocks(after, to).await
    }

    async fn accounts(
        &self,
        addresses: &[Pubkey],
        prefix: Option<usize>,
        min_slot: u64,
    ) -> anyhow::Result<Vec<AccountRead>> {
        let chunks: Vec<Vec<Pubkey>> = addresses.chunks(ACCOUNTS_PER_CALL).map(<[_]>::to_vec).collect();
        let calls = stream::iter(chunks).map(|chunk| async move {
            let config = RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                data_slice: prefix.map(|length| UiDataSliceConfig { offset: 0, length }),
                commitment: Some(CommitmentConfig::confirmed()),
                min_context_slot: Some(min_slot),
            };
            let answer = self.rpc.get_multiple_ui_accounts_with_config(&chunk, config).await;
            let answer = answer.context("getMultipleAccounts")?;
            let slot = answer.context.slot;
            let reads = chunk.iter().zip(answer.value).map(|(address, account)| {
                // An account of another owner was closed and reused: none of ours.
                let ours = account.filter(|account| account.owner == self.program.to_string());
                let data = ours.map(|account| account.data.decode().context("the node gave malformed data"));
                Ok(AccountRead { address: *address, slot, data: data.transpose()? })
            });
            reads.collect::<anyhow::Result<Vec<_>>>()
        });
        let reads: Vec<Vec<_>> = calls.buffered(CALLS_AT_ONCE).try_collect().await?;
        Ok(reads.into_iter().flatten().collect())
    }

    async fn rent_lamports_per_byte(&self) -> anyhow::Result<u64> {
        let empty = self.rpc.get_minimum_balance_for_rent_exemption(0).await;
        Ok(empty.context("getMinimumBalanceForRentExemption")? / EMPTY_ACCOUNT_LEN)
    }

    async fn vanished(&self, seen: &[(String, u64)]) -> anyhow::Result<Vec<usize>> {
        let mut vanished = Vec::new();
        for (chunk_index, chunk) in seen.chunks(STATUSES_PER_CALL).enumerate() {
            let signatures = chunk.iter().map(|(signature, _)| signature.parse());
            let signatures =
                signatures.collect::<Result<Vec<_>, _>>().context("a stored signature is malformed")?;
            let statuses = self.rpc.get_signature_statuses_with_history(&signatures).await;
            let statuses = statuses.context("getSignatureStatuses")?.value;
            for (place, (status, (_, slot))) in statuses.iter().zip(chunk).enumerate() {
                if status.as_ref().is_none_or(|status| status.slot != *slot || status.err.is_some()) {
                    vanished.push(chunk_index * STATUSES_PER_CALL + place);
                }
            }
        }
        Ok(vanished)
    }
}
