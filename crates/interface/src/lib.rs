//! What the on-chain program and everything off chain agree on, defined once: account
//! layouts, instruction arguments, events, error codes, addresses and instruction builders.
//!
//! No Solana dependency is needed for the layouts, so the program's lock file and the root
//! one can both use this crate. Feature `builders` adds addresses and instruction builders.
//!
//! Each layout is written with [`layout!`], which defines the plain struct here and exports a
//! macro of the same fields. The program calls that macro with Anchor's attributes: the fields,
//! their order and their documentation exist once.
//!
//! Names: amounts in base units of a lottery's mint end in `_units`; native SOL that pays rent
//! and cranks ends in `_lamports`; times are unix seconds (`_at`, `_until`) or slots (`_slot`).

#![no_std]

#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod layout;

pub mod accounts;
pub mod args;
pub mod bond;
pub mod errors;
pub mod events;
pub mod kinds;
pub mod paging;
pub mod rewards;
pub mod tags;

#[cfg(feature = "builders")]
pub mod address;
#[cfg(feature = "builders")]
pub mod instructions;

pub use errors::LotteryError;
pub use kinds::{Kind, Source};

/// 32 bytes of a public key. The program sees the same fields as Anchor's `Address`.
pub type Address = [u8; 32];

/// The "mint" of native SOL: no mint at all.
pub const NATIVE_MINT: Address = [0; 32];
