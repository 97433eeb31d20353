//! One signed transaction on its way: posted, watched, posted again, until its fate is known.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use solana_client::{
    client_error::{ClientError as SolanaError, ClientErrorKind},
    rpc_config::{RpcSendTransactionConfig, UiTransactionEncoding},
    rpc_request::RpcRequest,
};
use solana_commitment_config::CommitmentLevel;
use solana_instruction::Instruction;
use solana_keypair::Signature;
use solana_rpc_client_api::client_error::TransactionError;
use solana_transaction::versioned::VersionedTransaction;

use crate::{
    ClientError, Result, Rpc,
    error::{from_rpc, from_transaction},
    unsigned::wire_bytes,
};

/// Pause before the same bytes are sent again.
const RESEND: Duration = Duration::from_secs(2);

/// Long enough for a transaction that is on its way to be confirmed.
const A_SECOND_COPY: Duration = Duration::from_millis(1_500);

/// A blockhash lives for about a minute; without any answer for two, the caller decides.
const LONGEST_WATCH: Duration = Duration::from_secs(120);

impl Rpc {
    /// Sends and watches until confirmed, failed, or the blockhash is too old.
    pub(crate) async fn submit(
        &self,
        transaction: &VersionedTransaction,
        skip_preflight: bool,
        last_valid: u64,
    ) -> Result<Signature, Failure> {
        let signature = transaction.signatures[0];
        let encoded = STANDARD.encode(wire_bytes(transaction));
        if let Err(refused) = self.post(&encoded, signature, skip_preflight).await {
            self.sent_before(signature, refused).await?;
        }
        let started = Instant::now();
        loop {
            let mut lost = None;
            match self.shared.statuses.wait(self, signature, RESEND).await {
                Ok(Some(Ok(()))) => return Ok(signature),
                Ok(Some(Err(error))) => return Err(Failure::Executed(error)),
                Ok(None) => {}
                Err(error) => lost = Some(error),
            }
            match self.block_height().await {
                Ok(height) if height > last_valid => return self.last_look(signature).await,
                Ok(_) => {}
                Err(error) => lost = Some(error),
            }
            if started.elapsed() > LONGEST_WATCH {
                let message = lost.map_or_else(|| "not confirmed in 120 s".into(), |error| error.to_string());
                return Err(Failure::Typed(ClientError::Unconfirmed { signature, message }));
            }
            // A refusal now says nothing: the first copy may be on its way.
            let _ = self.post(&encoded, signature, true).await;
        }
    }

    /// An endpoint that refuses without a reason of the transaction's own may have it already: the first request got
    /// lost on the way back, and this was the second.
    async fn sent_before(&self, signature: Signature, refused: Failure) -> Result<(), Failure> {
        let Failure::Refused(_, error) = &refused else { return Err(refused) };
        if error.get_transaction_error().is_some() || by_message(&error.to_string()).is_some() {
            return Err(refused);
        }
        match self.shared.statuses.wait(self, signature, A_SECOND_COPY).await {
            Ok(Some(_)) => Ok(()),
            _ => Err(refused),
        }
    }

    /// The blockhash is too old to be included from now on: is the transaction on the chain?
    async fn last_look(&self, signature: Signature) -> Result<Signature, Failure> {
        let signatures = &[signature];
        let found = self
            .call(|rpc| async move { rpc.get_signature_statuses_with_history(signatures).await })
            .await
            .map_err(|error| {
                Failure::Typed(ClientError::Unconfirmed { signature, message: error.to_string() })
            })?;
        match found.value.into_iter().next().flatten() {
            Some(status) => status.err.map_or(Ok(signature), |error| Err(Failure::Executed(error))),
            None => Err(Failure::Typed(ClientError::Expired { signature })),
        }
    }

    async fn post(&self, encoded: &str, signature: Signature, skip_preflight: bool) -> Result<(), Failure> {
        let config = RpcSendTransactionConfig {
            skip_preflight,
            preflight_commitment: Some(CommitmentLevel::Confirmed),
            encoding: Some(UiTransactionEncoding::Base64),
            // This client sends again by itself.
            max_retries: Some(0),
            min_context_slot: None,
        };
        let parameters = serde_json::json!([encoded, config]);
        let parameters = &parameters;
        let sent = self
            .call_raw(|rpc| async move {
                rpc.send::<String>(RpcRequest::SendTransaction, parameters.clone()).await
            })
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) if error.get_transaction_error() == Some(TransactionError::AlreadyProcessed) => Ok(()),
            Err(error) => Err(Failure::Refused(signature, Box::new(error))),
        }
    }
}

/// A failure that still has to be matched with its instructions.
pub(crate) enum Failure {
    Executed(TransactionError),
    Refused(Signature, Box<SolanaError>),
    Typed(ClientError),
}

pub(crate) fn type_failure(failure: Failure, instructions: &[Instruction], prefix: usize) -> ClientError {
    match failure {
        Failure::Typed(error) => error,
        Failure::Executed(error) => from_transaction(error, instructions, prefix, String::new()),
        // No answer to a request that may have arrived.
        Failure::Refused(signature, error) if matches!(error.kind(), ClientErrorKind::Reqwest(inner) if !inner.is_connect()) => {
            ClientError::Unconfirmed { signature, message: error.to_string() }
        }
        Failure::Refused(_, error) => match by_message(&error.to_string()) {
            Some(known) => ClientError::Transaction(known),
            None => from_rpc(*error, instructions, prefix),
        },
    }
}

/// Some endpoints put the reason only into the message.
fn by_message(message: &str) -> Option<TransactionError> {
    message.contains("Blockhash not found").then_some(TransactionError::BlockhashNotFound)
}
