//! The auditor: every program account decoded from the bytes that RPC gives, compared with every column of Postgres,
//! and every unit of every mint accounted for.
//!
//! | file | what |
//! |---|---|
//! | `chain.rs` | every account of the program in one request, decoded |
//! | `columns.rs`, `entries.rs` | what the row of each account and of each entry must say |
//! | `tables.rs` | the rows, compared both ways: no account without its row, no live row without its account |
//! | `markets.rs` | stakes on outcomes and attestations, which lie in the accounts of pages and rounds |
//! | `raffles.rs` | ranks and rewards of raffles, which lie in rankings and in more than one account |
//! | `rules.rs` | the tables that hold the rules of each kind |
//! | `record.rs` | what the record says in several places: entries, payments, the bankroll |
//! | `conservation.rs` | internal balances against the vault's total, and that against the tokens it holds |

pub mod chain;
pub mod columns;
pub mod conservation;
mod entries;
mod markets;
mod raffles;
mod record;
mod rules;
mod tables;

use std::time::{Duration, Instant};

use lottery_client::Rpc;
use sqlx::PgPool;

pub use chain::ChainState;
pub use conservation::{MintBalance, conservation};
pub use tables::{Compared, compare};

/// What a whole check found equal.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub compared: Compared,
    pub mints: Vec<MintBalance>,
}

/// Compares once. The error lists the first differences.
///
/// Only a chain at rest can be compared: whatever changes between reading it and reading Postgres differs.
pub async fn verify(rpc: &Rpc, pool: &PgPool) -> anyhow::Result<Verified> {
    let state = ChainState::read(rpc).await?;
    let mints = conservation(rpc, &state).await?;
    let compared = compare(&state, pool).await?;
    Ok(Verified { compared, mints })
}

/// Compares until equal: the indexer needs a moment to reach the tip. The last differences after `patience` are the error.
pub async fn verify_within(rpc: &Rpc, pool: &PgPool, patience: Duration) -> anyhow::Result<Verified> {
    let until = Instant::now() + patience;
    loop {
        match verify(rpc, pool).await {
            Ok(verified) => return Ok(verified),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
}
