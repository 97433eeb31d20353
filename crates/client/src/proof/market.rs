//! What proves a market: who attested which facts, and how the stakes were split.

use serde::{Deserialize, Serialize};

use crate::text;

/// Attestations, as the round's account holds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OracleProof {
    pub locks_at: i64,
    /// Nobody could attest before.
    pub event_at: i64,
    /// By reporter.
    pub attestations: Vec<Attested>,
}

/// What one reporter attested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProofAttestation))]
pub struct Attested {
    pub reporter: String,
    /// Place in the oracle set.
    pub reporter_index: u8,
    #[serde(with = "text::numbers")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["7"])))]
    pub facts: Vec<i64>,
    /// SHA-256 of what the reporter fetched and keeps.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub evidence: [u8; 32],
    pub attested_at: i64,
    /// Of its transaction.
    pub signature: String,
}

/// How a market ended. Amounts in base units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketProof {
    /// What a quorum attested.
    #[serde(with = "text::numbers")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["7"])))]
    pub facts: Vec<i64>,
    /// What came true.
    pub outcome: u8,
    pub fee_bps: u16,
    /// Stakes on each outcome.
    #[serde(with = "text::numbers")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, example = json!(["1000", "3000"])))]
    pub pools: Vec<u64>,
    /// Absent before the market is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// How the stakes of a final market were split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProofSettled))]
pub struct Settled {
    /// All stakes.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "4000"))]
    pub pool_units: u64,
    /// Those on the outcome that came true.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1000"))]
    pub winning_units: u64,
    /// What the losers lost together.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1000"))]
    pub matched_units: u64,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "50"))]
    pub fee_units: u64,
    /// What players got back; what rounding left is in it.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "3950"))]
    pub prizes_units: u64,
    /// Nobody was right, or nobody wrong: every stake came back.
    pub refund_all: bool,
}
