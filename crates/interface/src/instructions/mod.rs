//! Instruction builders: accounts in order, then data. One file per group, as in the program.

mod lottery;
mod raffle;
mod registry;
mod round;
mod switchboard;
mod wallet;

pub use lottery::*;
pub use raffle::*;
pub use registry::*;
pub use round::*;
pub use switchboard::*;
pub use wallet::*;

use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use std::vec::Vec;

use crate::address::PROGRAM_ID;

/// A read-only account.
fn read(key: Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(key, false)
}

/// A writable account.
fn write(key: Pubkey) -> AccountMeta {
    AccountMeta::new(key, false)
}

/// A signer that does not change.
fn signer(key: Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(key, true)
}

/// A signer that pays or receives lamports.
fn payer(key: Pubkey) -> AccountMeta {
    AccountMeta::new(key, true)
}

/// Data: the tag, then each part's bytes.
fn build(tag: u8, accounts: Vec<AccountMeta>, parts: &[&[u8]]) -> Instruction {
    let mut data = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    data.push(tag);
    for part in parts {
        data.extend_from_slice(part);
    }
    Instruction { program_id: PROGRAM_ID, accounts, data }
}

/// The length that precedes bytes of variable length.
fn length(bytes: &[u8]) -> [u8; 4] {
    (bytes.len() as u32).to_le_bytes()
}
