//! Where random values come from: of a lottery's next rounds, and of each round.

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

/// What decides the rounds that open from now on.
#[derive(Clone, Debug, PartialEq, Serialize, FromRow, ToSchema)]
pub struct LotteryRandomness {
    /// beacon, commit_reveal, switchboard or oracle.
    #[sqlx(rename = "random_source")]
    #[schema(example = "beacon")]
    pub source: String,
    /// Beacon: the program's account of the chain; absent for other sources, as the four after it.
    #[sqlx(rename = "random_beacon")]
    pub beacon: Option<String>,
    /// Hash of the drand chain, in hex: its name for itself.
    pub chain_hash: Option<String>,
    /// Unix seconds of the chain's round 1.
    pub genesis_at: Option<i64>,
    pub beacon_period_seconds: Option<i64>,
    /// A round is decided by the first round of the chain signed at least this long after its lock.
    pub margin_seconds: Option<i64>,
    /// Commit-reveal: slots between lock and the slot whose hash is mixed in.
    pub reveal_delay_slots: Option<i64>,
}

/// What decides a round: fixed when it opens, and again when it is re-timed because nobody came.
#[derive(Clone, Debug, PartialEq, Serialize, FromRow, ToSchema)]
pub struct RoundRandomness {
    /// beacon, commit_reveal, switchboard or oracle.
    #[sqlx(rename = "random_source")]
    #[schema(example = "beacon")]
    pub source: String,
    /// Beacon: the program's account of the chain; absent for other sources, as the four after it.
    #[sqlx(rename = "random_beacon")]
    pub beacon: Option<String>,
    /// Hash of the drand chain, in hex.
    pub chain_hash: Option<String>,
    /// The round of the chain whose signature is the value ...
    pub beacon_round: Option<i64>,
    /// ... and when it is signed, in unix seconds.
    pub signed_at: Option<i64>,
    pub margin_seconds: Option<i64>,
    /// Commit-reveal: the hash of the first produced slot from here on is mixed in.
    #[sqlx(rename = "random_slot")]
    pub target_slot: Option<i64>,
}

/// Columns of [`LotteryRandomness`], of a config `c` and its beacon `b`.
macro_rules! lottery_randomness {
    () => {
        "coalesce(c.source, 'unknown') AS random_source, b.address AS random_beacon,
         encode(b.chain_hash, 'hex') AS chain_hash,
         CASE WHEN c.source = 'beacon' THEN c.beacon_genesis_at END AS genesis_at,
         CASE WHEN c.source = 'beacon' THEN c.beacon_period_seconds END AS beacon_period_seconds,
         CASE WHEN c.source = 'beacon' THEN c.beacon_margin_seconds END AS margin_seconds,
         CASE WHEN c.source = 'commit_reveal' THEN c.reveal_delay_slots END AS reveal_delay_slots"
    };
}

/// Columns of [`RoundRandomness`], of a round `r` with `round_sources!`.
macro_rules! round_randomness {
    () => {
        "coalesce(r.source, 'unknown') AS random_source, b.address AS random_beacon,
         encode(b.chain_hash, 'hex') AS chain_hash, nullif(r.beacon_round, 0) AS beacon_round,
         c.beacon_genesis_at + (nullif(r.beacon_round, 0) - 1) * c.beacon_period_seconds AS signed_at,
         CASE WHEN r.source = 'beacon' THEN c.beacon_margin_seconds END AS margin_seconds,
         CASE WHEN r.source = 'commit_reveal' THEN nullif(r.target_slot, 0) END AS random_slot"
    };
}

/// Config `c` and beacon `b` of a round `r`.
macro_rules! round_sources {
    () => {
        " LEFT JOIN configs c ON c.address = r.config LEFT JOIN beacons b ON b.address = r.beacon "
    };
}

pub(crate) use {lottery_randomness, round_randomness, round_sources};
