//! Sending transactions, and the vocabulary of what is expected of them.

use lottery_interface::errors::LotteryError;
use solana_instruction::Instruction;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_transaction::{InstructionError, Transaction, TransactionError, versioned::VersionedTransaction};

use crate::{Chain, audit};

const COMPUTE_BUDGET: Pubkey = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");

/// The instructions of one transaction: one, or several.
pub trait Batch {
    fn instructions(&self) -> &[Instruction];
}

impl Batch for Instruction {
    fn instructions(&self) -> &[Instruction] {
        std::slice::from_ref(self)
    }
}

impl Batch for [Instruction] {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

impl<const N: usize> Batch for [Instruction; N] {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

impl Batch for Vec<Instruction> {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

/// What a successful transaction used and said.
#[derive(Clone, Debug)]
pub struct Meta {
    pub cu: u64,
    pub logs: Vec<String>,
    pub return_data: Vec<u8>,
    /// Bytes of the transaction on the wire; 1,232 is the cluster's limit.
    pub wire_len: usize,
}

impl Meta {
    /// Bytes that count against the log limit of 10,000.
    pub fn log_len(&self) -> usize {
        self.logs.iter().map(String::len).sum()
    }
}

/// Why a transaction failed.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub error: TransactionError,
    pub logs: Vec<String>,
}

impl Refusal {
    /// The failing instruction's error.
    pub fn instruction(&self) -> Option<&InstructionError> {
        match &self.error {
            TransactionError::InstructionError(_, error) => Some(error),
            _ => None,
        }
    }

    /// The program's own error, if it is one.
    pub fn lottery(&self) -> Option<LotteryError> {
        match self.instruction()? {
            InstructionError::Custom(code) => LotteryError::from_code(*code),
            _ => None,
        }
    }

    /// The error as a person would name it.
    pub fn describe(&self) -> String {
        match self.lottery() {
            Some(error) => error.name().to_string(),
            None => format!("{:?}", self.error),
        }
    }
}

impl Chain {
    /// Sends one transaction.
    pub fn send(&mut self, batch: &(impl Batch + ?Sized)) -> Result<Meta, Refusal> {
        let message = Message::new(batch.instructions(), Some(&self.payer));
        let wire_len = wire_len(&message);
        self.send_built(Transaction::new_unsigned(message), wire_len)
    }

    /// Sends a transaction as it is. `wire_len`: its bytes on the wire.
    pub fn send_built(
        &mut self,
        transaction: impl Into<VersionedTransaction>,
        wire_len: usize,
    ) -> Result<Meta, Refusal> {
        match self.svm.send_transaction(transaction) {
            Ok(meta) => {
                if self.audited {
                    audit::check(self);
                }
                Ok(Meta {
                    cu: meta.compute_units_consumed,
                    logs: meta.logs,
                    return_data: meta.return_data.data,
                    wire_len,
                })
            }
            Err(failed) => Err(Refusal { error: failed.err, logs: failed.meta.logs }),
        }
    }

    /// Sends one transaction with the largest compute budget.
    pub fn send_big(&mut self, batch: &(impl Batch + ?Sized)) -> Result<Meta, Refusal> {
        let mut all = vec![compute_limit(1_400_000)];
        all.extend_from_slice(batch.instructions());
        self.send(&all)
    }

    /// The transaction must succeed.
    #[track_caller]
    pub fn expect_ok(&mut self, batch: &(impl Batch + ?Sized)) -> Meta {
        match self.send(batch) {
            Ok(meta) => meta,
            Err(refusal) => panic!("refused: {}\n{}", refusal.describe(), refusal.logs.join("\n")),
        }
    }

    /// As [`Chain::expect_ok`], with the largest compute budget.
    #[track_caller]
    pub fn expect_ok_big(&mut self, batch: &(impl Batch + ?Sized)) -> Meta {
        match self.send_big(batch) {
            Ok(meta) => meta,
            Err(refusal) => panic!("refused: {}\n{}", refusal.describe(), refusal.logs.join("\n")),
        }
    }

    /// The transaction must be refused, and no account may have changed.
    #[track_caller]
    pub fn expect_refused(&mut self, batch: &(impl Batch + ?Sized)) -> Refusal {
        let before = self.snapshot();
        let Err(refusal) = self.send(batch) else {
            panic!("accepted, but must be refused");
        };
        assert!(self.snapshot() == before, "{} changed an account", refusal.describe());
        refusal
    }

    /// The transaction must be refused with this error of the program.
    #[track_caller]
    pub fn expect_error(&mut self, batch: &(impl Batch + ?Sized), error: LotteryError) {
        let refusal = self.expect_refused(batch);
        assert!(
            refusal.lottery() == Some(error),
            "expected {}, got {}\n{}",
            error.name(),
            refusal.describe(),
            refusal.logs.join("\n")
        );
    }

    /// The transaction must be refused by the framework or the runtime with this error.
    #[track_caller]
    pub fn expect_instruction_error(&mut self, batch: &(impl Batch + ?Sized), error: InstructionError) {
        let refusal = self.expect_refused(batch);
        assert!(
            refusal.instruction() == Some(&error),
            "expected {error:?}, got {}\n{}",
            refusal.describe(),
            refusal.logs.join("\n")
        );
    }

    /// The transaction must be refused with this code of the framework (Anchor's, below 6,000).
    #[track_caller]
    pub fn expect_anchor_error(&mut self, batch: &(impl Batch + ?Sized), code: u32) {
        self.expect_instruction_error(batch, InstructionError::Custom(code));
    }
}

/// Asks for a compute budget.
pub fn compute_limit(units: u32) -> Instruction {
    let mut data = vec![2];
    data.extend_from_slice(&units.to_le_bytes());
    Instruction { program_id: COMPUTE_BUDGET, accounts: Vec::new(), data }
}

/// Bytes of a signed transaction with this message.
fn wire_len(message: &Message) -> usize {
    let compact = |n: usize| if n < 0x80 { 1 } else { 2 };
    let signatures = message.header.num_required_signatures as usize;
    let mut len = compact(signatures) + 64 * signatures + 3;
    len += compact(message.account_keys.len()) + 32 * message.account_keys.len() + 32;
    len += compact(message.instructions.len());
    for instruction in &message.instructions {
        len += 1 + compact(instruction.accounts.len()) + instruction.accounts.len();
        len += compact(instruction.data.len()) + instruction.data.len();
    }
    len
}
