//! Where the record and the accounts come from. `RpcSource` polls a node; a gRPC stream fits behind the same trait.

pub mod parse;
mod rpc;
mod wake;

pub use rpc::RpcSource;
pub use wake::wake_on_slots;

use async_trait::async_trait;
use solana_pubkey::Pubkey;

/// An instruction of the program as it ran, with what it logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawInstruction {
    /// "0", or "2.1" for the second instruction that the third one called.
    pub path: String,
    pub accounts: Vec<Pubkey>,
    pub data: Vec<u8>,
    /// Its `sol_log_data`, unless the log was cut off: a convenience, never needed.
    pub events: Vec<Vec<u8>>,
}

/// A successful transaction with instructions of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub signature: String,
    pub slot: u64,
    pub block_at: Option<i64>,
    /// In the order in which they ran.
    pub instructions: Vec<RawInstruction>,
}

/// A transaction that ran the program, but whose bytes this version cannot read: for the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub signature: String,
    pub slot: u64,
    pub reason: String,
}

/// A part of the record without holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// In block order.
    pub transactions: Vec<Transaction>,
    pub unreadable: Vec<Unreadable>,
    /// Everything after the asked slot up to and including this one is here.
    pub through_slot: u64,
}

/// An account, or its first bytes; `None`: there is none at that address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRead {
    pub address: Pubkey,
    /// The state is that of this slot or of a later one.
    pub slot: u64,
    pub data: Option<Vec<u8>>,
}

/// How far the chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// Newest slot whose transactions are all known and confirmed.
    pub confirmed: u64,
    /// Newest slot that the chain can no longer take back.
    pub finalised: u64,
}

/// What the Rent sysvar has said from the start: 3,480 lamports a byte and year, two years to be exempt.
pub const DEFAULT_RENT_LAMPORTS_PER_BYTE: u64 = 6_960;

#[async_trait]
pub trait Source: Send + Sync {
    async fn tip(&self) -> anyhow::Result<Tip>;

    /// The record after slot `after`, at most up to slot `to`; at least one slot of it.
    async fn record(&self, after: u64, to: u64) -> anyhow::Result<Batch>;

    /// Accounts as they are at `min_slot` or later; `prefix` asks for the first bytes only.
    async fn accounts(
        &self,
        addresses: &[Pubkey],
        prefix: Option<usize>,
        min_slot: u64,
    ) -> anyhow::Result<Vec<AccountRead>>;

    /// What a byte of an account locks.
    async fn rent_lamports_per_byte(&self) -> anyhow::Result<u64> {
        Ok(DEFAULT_RENT_LAMPORTS_PER_BYTE)
    }

    /// Which of these transactions are not in the slot that we saw them in: their places in `seen`.
    async fn vanished(&self, seen: &[(String, u64)]) -> anyhow::Result<Vec<usize>>;
}
