//! What can go wrong between a caller and the chain.

use lottery_interface::{LotteryError, address::PROGRAM_ID};
use solana_client::{
    client_error::{ClientError as SolanaError, ClientErrorKind},
    rpc_request::{RpcError, RpcResponseErrorData},
};
use solana_instruction::{Instruction, error::InstructionError};
use solana_keypair::Signature;
use solana_pubkey::Pubkey;
use solana_rpc_client_api::client_error::TransactionError;

/// Token and system programs say with this custom code that the money does not suffice.
const CUSTOM_INSUFFICIENT_FUNDS: u32 = 1;

/// Everything that a call of this crate can answer instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No endpoint answered in time, whatever was tried. Worth trying again later.
    #[error("no RPC endpoint answers: {message}")]
    Rpc { message: String },
    /// An endpoint answered, and refused the request itself. Trying again will not help.
    #[error("the RPC endpoint refuses the request: {message}")]
    RpcRefused { message: String },
    /// The program refused an instruction. `instruction_index` counts the caller's instructions.
    #[error("{} (instruction {instruction_index}: {})", error.message(), error.name())]
    Program { instruction_index: u8, error: LotteryError, message: String },
    /// Some instruction failed in another way than with an error of ours.
    #[error("instruction {instruction_index} failed: {error}{}", tail(message))]
    Instruction { instruction_index: u8, error: InstructionError, message: String },
    /// The whole transaction was refused before it ran.
    #[error("the transaction was refused: {0}")]
    Transaction(TransactionError),
    /// The payer cannot pay fee, rent or deposit.
    #[error("not enough funds: {message}")]
    InsufficientFunds { message: String },
    /// The blockhash expired and the transaction is not on the chain: it never will be.
    #[error("transaction {signature} expired before it was confirmed: send it again")]
    Expired { signature: Signature },
    /// The endpoint was lost after sending: it may or may not be on the chain.
    #[error("transaction {signature} was sent but its fate is unknown: {message}")]
    Unconfirmed { signature: Signature, message: String },
    /// A transaction of these instructions cannot be built.
    #[error("the transaction cannot be built: {0}")]
    Build(String),
    /// An account that must exist does not.
    #[error("{what} does not exist at {address}")]
    NotFound { what: &'static str, address: Pubkey },
    /// An account is not what its address says it should be.
    #[error("account {address} is not a {expected} of this program version")]
    Decode { address: Pubkey, expected: &'static str },
    /// Tickets that the program would refuse.
    #[error(transparent)]
    Enter(#[from] crate::enter::EnterError),
}

fn tail(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" ({message})") }
}

impl ClientError {
    /// The program's error, if that is what this is.
    pub fn program_error(&self) -> Option<LotteryError> {
        match self {
            Self::Program { error, .. } => Some(*error),
            _ => None,
        }
    }

    /// Whether the same request may succeed when nothing but time changes.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Rpc { .. }
                | Self::Expired { .. }
                | Self::Unconfirmed { .. }
                | Self::Transaction(TransactionError::BlockhashNotFound | TransactionError::AccountInUse)
        )
    }
}

impl From<SolanaError> for ClientError {
    fn from(error: SolanaError) -> Self {
        from_rpc(error, &[], 0)
    }
}

/// Whether another attempt, perhaps at another endpoint, may go better.
pub(crate) fn is_retryable(error: &SolanaError) -> bool {
    match error.kind() {
        ClientErrorKind::Io(_) | ClientErrorKind::Reqwest(_) | ClientErrorKind::Middleware(_) => true,
        ClientErrorKind::RpcError(RpcError::RpcRequestError(_)) => true,
        ClientErrorKind::RpcError(RpcError::RpcResponseError { code, data, .. }) => match data {
            RpcResponseErrorData::SendTransactionPreflightFailure(_) => false,
            RpcResponseErrorData::NodeUnhealthy { .. } => true,
            // Unhealthy, block not there yet, behind the minimum slot, internal error, rate limited.
            RpcResponseErrorData::Empty => matches!(code, -32004 | -32005 | -32014 | -32016 | -32603 | 429),
        },
        // A proxy's page of HTML instead of JSON.
        ClientErrorKind::SerdeJson(_) => true,
        _ => false,
    }
}

/// Types an error of sending `instructions`, of which the first `prefix` were added by this crate.
pub(crate) fn from_rpc(error: SolanaError, instructions: &[Instruction], prefix: usize) -> ClientError {
    let logs = match error.kind() {
        ClientErrorKind::RpcError(RpcError::RpcResponseError {
            data: RpcResponseErrorData::SendTransactionPreflightFailure(result),
            ..
        }) => last_log(result.logs.as_deref().unwrap_or_default()),
        _ => String::new(),
    };
    if let Some(failure) = error.get_transaction_error() {
        return from_transaction(failure, instructions, prefix, logs);
    }
    if is_retryable(&error) {
        ClientError::Rpc { message: error.to_string() }
    } else {
        ClientError::RpcRefused { message: error.to_string() }
    }
}

/// Types the error of an executed or simulated transaction.
pub(crate) fn from_transaction(
    error: TransactionError,
    instructions: &[Instruction],
    prefix: usize,
    message: String,
) -> ClientError {
    match error {
        TransactionError::InstructionError(index, inner) => {
            let ours = instructions.get(index as usize).is_none_or(|i| i.program_id == PROGRAM_ID);
            let instruction_index = index.saturating_sub(prefix as u8);
            match inner {
                InstructionError::Custom(code) if ours && LotteryError::from_code(code).is_some() => {
                    let error = LotteryError::from_code(code).expect("checked by the guard");
                    ClientError::Program { instruction_index, error, message }
                }
                InstructionError::Custom(CUSTOM_INSUFFICIENT_FUNDS) | InstructionError::InsufficientFunds => {
                    ClientError::InsufficientFunds {
                        message: format!("instruction {instruction_index}{}", tail(&message)),
                    }
                }
                error => ClientError::Instruction { instruction_index, error, message },
            }
        }
        TransactionError::AccountNotFound => {
            ClientError::InsufficientFunds { message: "the fee payer has no lamports".into() }
        }
        TransactionError::InsufficientFundsForFee => {
            ClientError::InsufficientFunds { message: "the fee payer cannot pay the fee".into() }
        }
        TransactionError::InsufficientFundsForRent { account_index } => ClientError::InsufficientFunds {
            message: format!("account {account_index} of the transaction would be below its rent"),
        },
        other => ClientError::Transaction(other),
    }
}

/// The last log line that says something beyond bookkeeping.
pub(crate) fn last_log(logs: &[String]) -> String {
    let telling = |line: &&String| {
        line.starts_with("Program log:") || line.contains("insufficient") || line.contains("exceeded")
    };
    logs.iter().rev().find(telling).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Instruction {
        Instruction { program_id: PROGRAM_ID, accounts: vec![], data: vec![] }
    }

    fn foreign() -> Instruction {
        Instruction { program_id: Pubkey::new_from_array([7; 32]), accounts: vec![], data: vec![] }
    }

    fn custom(index: u8, code: u32) -> TransactionError {
        TransactionError::InstructionError(index, InstructionError::Custom(code))
    }

    #[test]
    fn names_program_errors_by_the_callers_index() {
        let error = from_transaction(
            custom(2, LotteryError::PageFull.code()),
            &[foreign(), foreign(), ours()],
            2,
            String::new(),
        );
        assert_eq!(error.program_error(), Some(LotteryError::PageFull));
        assert!(matches!(error, ClientError::Program { instruction_index: 0, .. }));
        assert!(error.to_string().contains("PageFull"), "{error}");
    }

    #[test]
    fn a_foreign_programs_code_is_not_ours() {
        let error = from_transaction(custom(0, 6000), &[foreign()], 0, String::new());
        assert_eq!(error.program_error(), None);
        assert!(matches!(error, ClientError::Instruction { .. }));
    }

    #[test]
    fn poverty_is_typed() {
        for failure in
            [custom(0, 1), TransactionError::AccountNotFound, TransactionError::InsufficientFundsForFee]
        {
            let error = from_transaction(failure, &[ours()], 0, String::new());
            assert!(matches!(error, ClientError::InsufficientFunds { .. }), "{error}");
            assert!(!error.is_transient());
        }
    }

    #[test]
    fn only_some_refusals_are_worth_a_retry() {
        let refusal = |code| {
            let data = RpcResponseErrorData::Empty;
            let inner = RpcError::RpcResponseError { code, message: "no".into(), data };
            SolanaError::from(ClientErrorKind::RpcError(inner))
        };
        assert!(is_retryable(&refusal(-32005)));
        assert!(!is_retryable(&refusal(-32602)));
        assert!(is_retryable(&SolanaError::from(ClientErrorKind::Io(std::io::ErrorKind::TimedOut.into()))));
    }
}
