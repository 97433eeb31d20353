//! Brings the chain into Postgres: the record of instructions, every account, the entries and payments that follow, and
//! a feed of events for the API.
//!
//! | part | what |
//! |---|---|
//! | [`source`] | where the record and the accounts come from |
//! | [`decoder`] | from bytes to names |
//! | [`processor`] | from names to rows, in one transaction with the cursor |
//! | [`metrics`] | how far and how fast |
//!
//! What holds, always:
//! - Rows, cursor and feed change in one transaction: killed at any point, the next start goes on where it was.
//! - An instruction counts once, by (signature, path); inner instructions count like others.
//! - Entries, tiers, prizes and payments are computed from instruction data with `lottery_rules`, never from accounts,
//!   so they are whole even for rounds that were opened and closed while nobody was looking. Where accounts are there,
//!   both are compared.
//! - An account's row never goes back in time, and stays when the account is closed.
//! - Nothing is dropped in silence: see table `quarantine`.

pub mod config;
pub mod decoder;
pub mod metrics;
pub mod processor;
pub mod rows;
mod run;
mod same_chain;
pub mod source;
pub mod testing;

pub use config::{Config, Walk};
pub use run::{Indexer, migrate, run, run_with_metrics};
pub use same_chain::OtherChain;
