//! Reads from Postgres: one file per thing. Rows that only the record knows so far have gaps; a gap
//! reads as zero or as absent, never as an error.

pub mod entry;
pub mod lottery;
pub mod market;
pub mod market_days;
pub mod mint;
pub mod proof;
pub mod raffle;
pub mod randomness;
pub mod record;
pub mod report;
pub mod result;
pub mod round;
pub mod round_entry;
pub mod rules;
pub mod tier;
pub mod units;
pub mod wallet;

pub use entry::{EntryFeedItem, WalletEntry};
pub use lottery::{Lottery, LotteryConfig};
pub use market::{Attestation, OutcomePool, RoundMarket};
pub use mint::Mint;
pub use raffle::{Place, RaffleRules, RoundRaffle};
pub use randomness::{LotteryRandomness, RoundRandomness};
pub use record::RoundRecord;
pub use report::Report;
pub use result::RoundResult;
pub use round::{Round, RoundBrief};
pub use round_entry::{RoundEntry, SettledEntry};
pub use rules::Rules;
pub use tier::Tier;
pub use units::Units;
pub use wallet::{Session, Wallet};

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

/// Counters over everything indexed.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Totals {
    pub instructions: i64,
    pub entries: i64,
    pub prizes_paid: i64,
    pub refunds_paid: i64,
    pub rounds_drawn: i64,
    pub rounds_void: i64,
}

pub async fn totals(connection: &mut PgConnection) -> sqlx::Result<Totals> {
    sqlx::query_as(
        "SELECT instructions, entries, prizes_paid, refunds_paid, rounds_drawn, rounds_void FROM totals",
    )
    .fetch_one(connection)
    .await
}

/// How far the indexer is.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Progress {
    /// Everything up to this slot is indexed.
    pub slot: i64,
    /// The cluster's newest slot when the indexer looked last.
    pub tip_slot: i64,
    /// Seconds since the indexer made progress.
    pub idle_seconds: f64,
    /// Things the indexer could not understand, for a person to look at.
    pub quarantined: i64,
}

pub async fn progress(connection: &mut PgConnection) -> sqlx::Result<Progress> {
    sqlx::query_as(
        "SELECT slot, tip_slot, greatest(extract(epoch FROM now() - updated_at), 0)::float8 AS idle_seconds,
                (SELECT count(*) FROM quarantine WHERE NOT resolved) AS quarantined
         FROM cursor",
    )
    .fetch_one(connection)
    .await
}
