//! Sending: budget, sign, send, and wait until confirmed or expired.

use std::sync::atomic::Ordering;

use futures::{FutureExt, StreamExt, stream};
use solana_client::rpc_config::RpcSimulateTransactionConfig;
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::{Keypair, Signature};
use solana_message::{AddressLookupTableAccount, Hash, Message, VersionedMessage, v0};
use solana_rpc_client_api::client_error::TransactionError;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use crate::{
    ClientError, Result, Rpc,
    error::{from_transaction, last_log},
    submit::type_failure,
    unsigned::{PACKET_BYTES, wire_bytes},
};

/// The most compute units of a transaction.
pub const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// What the cluster grants an instruction when nobody says otherwise.
const DEFAULT_COMPUTE_UNITS: u32 = 200_000;

/// How a transaction is sent.
#[derive(Clone, Debug, Default)]
pub struct SendOptions {
    /// `None`: 200,000 an instruction.
    pub compute_unit_limit: Option<u32>,
    /// Priority fee per compute unit, in millionths of a lamport.
    pub compute_unit_price: Option<u64>,
    /// Makes a version 0 transaction.
    pub lookup_tables: Vec<AddressLookupTableAccount>,
    /// Do not simulate first: a failure then costs its fee, but saves a round trip.
    pub skip_preflight: bool,
}

/// One transaction of [`Rpc::send_all`]; the first signer pays.
pub struct Batch<'a> {
    pub instructions: Vec<Instruction>,
    pub signers: Vec<&'a Keypair>,
    pub options: SendOptions,
}

/// What a simulation says.
#[derive(Debug)]
pub struct Simulation {
    pub compute_units: u64,
    pub logs: Vec<String>,
    /// The error that sending would give.
    pub error: Option<ClientError>,
}

/// Compute budget instructions before the caller's own.
///
/// The limit is raised by a few units that differ from one transaction of this handle to the next: two
/// equal purchases in one block must be two transactions, not one that is sent twice.
fn with_budget(instructions: &[Instruction], options: &SendOptions, nonce: u32) -> (Vec<Instruction>, usize) {
    let count = instructions.len().max(1) as u32;
    let limit = options.compute_unit_limit.unwrap_or(count.saturating_mul(DEFAULT_COMPUTE_UNITS));
    let limit = limit.min(MAX_COMPUTE_UNITS - 1_000) + nonce % 1_000;
    let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
    all.extend(options.compute_unit_price.map(ComputeBudgetInstruction::set_compute_unit_price));
    let prefix = all.len();
    all.extend_from_slice(instructions);
    (all, prefix)
}

fn sign(
    instructions: &[Instruction],
    signers: &[&Keypair],
    tables: &[AddressLookupTableAccount],
    blockhash: Hash,
) -> Result<VersionedTransaction> {
    let payer = signers.first().ok_or_else(|| ClientError::Build("nobody pays".into()))?.pubkey();
    let message = if tables.is_empty() {
        VersionedMessage::Legacy(Message::new_with_blockhash(instructions, Some(&payer), &blockhash))
    } else {
        let message = v0::Message::try_compile(&payer, instructions, tables, blockhash);
        VersionedMessage::V0(message.map_err(|error| ClientError::Build(error.to_string()))?)
    };
    let transaction = VersionedTransaction::try_new(message, &signers.to_vec())
        .map_err(|error| ClientError::Build(error.to_string()))?;
    let len = wire_bytes(&transaction).len();
    if len > PACKET_BYTES {
        return Err(ClientError::Build(format!("{len} bytes, and {PACKET_BYTES} is the most")));
    }
    Ok(transaction)
}

impl Rpc {
    /// Sends `instructions` in one transaction and waits until it is confirmed. The first signer pays.
    pub async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&Keypair],
        options: &SendOptions,
    ) -> Result<Signature> {
        let nonce = self.shared.sent.fetch_add(1, Ordering::Relaxed);
        let (all, prefix) = with_budget(instructions, options, nonce);
        let (blockhash, last_valid) = self.latest_blockhash().await?;
        let transaction = sign(&all, signers, &options.lookup_tables, blockhash)?;
        let error = match self.submit(&transaction, options.skip_preflight, last_valid).await {
            Ok(signature) => return Ok(signature),
            Err(error) => error,
        };
        let result = Err(type_failure(error, &all, prefix));
        // The endpoint restarted, or is behind the one that gave the hash: once more with a new one.
        if matches!(result, Err(ClientError::Transaction(TransactionError::BlockhashNotFound))) {
            self.forget_blockhash();
            let (blockhash, last_valid) = self.latest_blockhash().await?;
            let transaction = sign(&all, signers, &options.lookup_tables, blockhash)?;
            let sent = self.submit(&transaction, options.skip_preflight, last_valid).await;
            return sent.map_err(|error| type_failure(error, &all, prefix));
        }
        result
    }

    /// Sends independent transactions, at most `concurrency` at a time. Results are in the order given.
    pub async fn send_all(&self, batches: Vec<Batch<'_>>, concurrency: usize) -> Vec<Result<Signature>> {
        let mut sent = Vec::with_capacity(batches.len());
        for Batch { instructions, signers, options } in batches {
            let rpc = self.clone();
            sent.push(async move { rpc.send(&instructions, &signers, &options).await }.boxed());
        }
        stream::iter(sent).buffered(concurrency.max(1)).collect().await
    }

    /// Sends a transaction that is already signed (for example by a player's wallet) and waits for it.
    pub async fn send_signed(&self, transaction: &VersionedTransaction) -> Result<Signature> {
        let (_, last_valid) = self.latest_blockhash().await?;
        self.submit(transaction, false, last_valid).await.map_err(|error| type_failure(error, &[], 0))
    }

    /// Runs `instructions` without changing anything. Signatures are not checked.
    pub async fn simulate(
        &self,
        instructions: &[Instruction],
        payer: &solana_pubkey::Pubkey,
        options: &SendOptions,
    ) -> Result<Simulation> {
        let (all, prefix) = with_budget(instructions, options, 0);
        let unsigned = crate::unsigned_transaction(payer, &all, &Hash::default())?.transaction;
        let config = RpcSimulateTransactionConfig {
            replace_recent_blockhash: true,
            commitment: Some(CommitmentConfig::confirmed()),
            ..Default::default()
        };
        let (transaction, config) = (&unsigned, &config);
        let result = self
            .call(
                |rpc| async move { rpc.simulate_transaction_with_config(transaction, config.clone()).await },
            )
            .await?
            .value;
        let logs = result.logs.unwrap_or_default();
        let error = result.err.map(|error| from_transaction(error.into(), &all, prefix, last_log(&logs)));
        Ok(Simulation { compute_units: result.units_consumed.unwrap_or(0), logs, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lottery_interface::instructions;

    fn step(payer: &Keypair) -> Instruction {
        instructions::capture(payer.pubkey(), solana_pubkey::Pubkey::new_from_array([3; 32]))
    }

    #[test]
    fn equal_purchases_are_different_transactions() {
        let payer = Keypair::new();
        let options = SendOptions::default();
        let signed = |nonce| {
            let (all, prefix) = with_budget(&[step(&payer)], &options, nonce);
            assert_eq!(prefix, 1);
            sign(&all, &[&payer], &[], Hash::default()).unwrap().signatures[0]
        };
        assert_ne!(signed(1), signed(2));
        assert_eq!(signed(1), signed(1));
    }

    #[test]
    fn the_limit_stays_within_the_cluster_s() {
        let payer = Keypair::new();
        let options = SendOptions {
            compute_unit_limit: Some(u32::MAX),
            compute_unit_price: Some(5),
            ..Default::default()
        };
        let (all, prefix) = with_budget(&[step(&payer)], &options, 999);
        assert_eq!(prefix, 2);
        let limit = u32::from_le_bytes(all[0].data[1..5].try_into().unwrap());
        assert_eq!(limit, MAX_COMPUTE_UNITS - 1);
    }

    #[test]
    fn a_missing_signer_is_said_before_sending() {
        let (payer, other) = (Keypair::new(), Keypair::new());
        let error = sign(&[step(&other)], &[&payer], &[], Hash::default()).unwrap_err();
        assert!(matches!(error, ClientError::Build(_)), "{error}");
        assert!(matches!(sign(&[], &[], &[], Hash::default()), Err(ClientError::Build(_))));
    }
}
