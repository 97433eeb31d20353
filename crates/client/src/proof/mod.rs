//! The proof of a round: everything that decides its result, and the recomputation of it, step by step.
//!
//! Pure: no network, no database. What a reader still has to take from the chain are the digests of the pages (they follow
//! from the entries), the beacon's account (or the round's commit), and the round's own fields before it was drawn.

mod market;
mod market_steps;
mod recompute;

pub use market::{Attested, MarketProof, OracleProof, Settled};
pub use market_steps::entry_payout;
pub use recompute::{Input, Step, first_failed, recompute};

use lottery_interface::Source;
use lottery_rules::{
    draw,
    hash::Software,
    keno::{DRAWN, NUMBERS},
    picks::{self, Picks},
    seed::{Domain, Stream},
};
use serde::{Deserialize, Serialize};

use crate::{market::MarketRules, text};

/// What a result is computed from, and what the chain says came out. Bytes are hex; numbers of 64 bits are strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proof {
    /// Address of the round's account; part of the seed.
    pub round: String,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1"))]
    pub lottery_id: u64,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0"))]
    pub index: u64,
    /// valued, drawn or final.
    pub status: String,
    pub rules: Rules,
    pub randomness: Randomness,
    /// The random value; final once stored.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub value: [u8; 32],
    /// By sequence.
    pub pages: Vec<PageDigest>,
    /// Absent before the draw, as everything after it.
    #[serde(with = "text::maybe", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub sealed_digest: Option<[u8; 32]>,
    #[serde(with = "text::maybe", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub seed: Option<[u8; 32]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Drawn>,
    /// Kind prediction: what was attested, and how the stakes were split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketProof>,
}

/// What turns a seed, or what oracles attest, into a result, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProofRules))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rules {
    /// `picks` of 1 to `numbers`, then one of 1 to `bonus_numbers` unless that is 0.
    Draw { picks: u8, numbers: u8, bonus_numbers: u8 },
    /// `drawn` of 1 to `numbers`.
    Keno { drawn: u8, numbers: u8 },
    /// Nothing is drawn: each entry has its own outcome, by page and index.
    Instant { prizes: Vec<Prize> },
    /// Nothing is drawn: facts are an outcome.
    Prediction(Box<MarketRules>),
}

/// A row of an instant prize table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProofPrize))]
pub struct Prize {
    /// Chance in parts of 2^32.
    pub parts: u32,
    /// The prize in parts of 10,000 of the stake; 0 loses.
    pub multiplier_bps: u32,
}

/// Where the value comes from, fixed before the first entry, and what showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProofRandomness))]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Randomness {
    /// A drand chain of scheme `bls-bn254-unchained-on-g1`.
    Beacon(Box<BeaconProof>),
    /// The operator's hash chain, mixed with the hash of the first produced slot at or after the target.
    CommitReveal(CommitReveal),
    /// No randomness: reporters attest what happened.
    Oracle(OracleProof),
}

/// The target: the first round of the chain signed at least `margin_seconds` after `locks_at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BeaconProof {
    /// The program's account of the chain.
    pub beacon: String,
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub chain_hash: [u8; 32],
    /// A point of G2: x.c1, x.c0, y.c1, y.c0.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public_key: [u8; 128],
    /// Unix seconds of the chain's round 1.
    pub genesis_at: i64,
    pub period_seconds: u32,
    pub margin_seconds: u32,
    pub locks_at: i64,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "9337227"))]
    pub beacon_round: u64,
    pub signed_at: i64,
    /// A point of G1: x, y.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: [u8; 64],
}

/// The commit was public before the first entry; the slot did not exist before the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitReveal {
    /// SHA-256, applied `distance` times to the reveal, gives this.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub commit: [u8; 32],
    pub distance: u8,
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub target_slot: u64,
    /// The slot whose hash is mixed in.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub captured_slot: u64,
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub slot_hash: [u8; 32],
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub reveal: [u8; 32],
}

/// What was sold on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageDigest {
    pub sequence: u32,
    /// Entries.
    pub count: u32,
    /// Folds the entries as they were entered.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub digest: [u8; 32],
}

/// What the draw took of the stream, which is SHA-256 in counter mode: block `i` is `sha256(seed || domain || i as u32)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamUse {
    /// The tag of this use.
    pub domain: u8,
    /// First byte used.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0"))]
    pub from: u64,
    /// Bytes used, rejected ones included. An instant entry uses 4: block `sha256(seed || domain || page || index / 8)`, at
    /// `index % 8 * 4`.
    #[serde(with = "text::number")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "7"))]
    pub bytes: u64,
    /// The bytes; absent for instant entries.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub data: String,
}

/// What a round drew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drawn {
    /// As stored: 16 bytes of picks, then the bonus ball. Zero for instant rounds; in a market the outcome, then zeros.
    #[serde(with = "text::bytes")]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub data: [u8; 32],
    /// The numbers, ascending.
    pub numbers: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<u8>,
}

impl Proof {
    /// The source's name, as everywhere.
    pub fn randomness_source(&self) -> &'static str {
        match self.randomness {
            Randomness::Beacon(_) => Source::Beacon.name(),
            Randomness::CommitReveal(_) => Source::CommitReveal.name(),
            Randomness::Oracle(_) => Source::Oracle.name(),
        }
    }
}

impl Drawn {
    /// Reads a stored result.
    pub fn new(data: [u8; 32]) -> Self {
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| data[at + i]));
        let numbers = picks::numbers([word(0), word(8)]).collect();
        Self { data, numbers, bonus: Some(data[16]).filter(|bonus| *bonus > 0) }
    }

    /// Reads a stored result of a market, which has no numbers.
    pub fn outcome(data: [u8; 32]) -> Self {
        Self { data, numbers: Vec::new(), bonus: None }
    }

    fn stored(picks: Picks, bonus: u8) -> Self {
        let mut data = [0; 32];
        data[..16].copy_from_slice(bytemuck::bytes_of(&picks));
        data[16] = bonus;
        Self::new(data)
    }
}

/// Far beyond what any draw needs.
const MOST_BYTES: usize = 1 << 14;

impl Rules {
    /// `None`: nothing is drawn from a stream.
    pub fn domain(&self) -> Option<Domain> {
        match self {
            Self::Draw { .. } => Some(Domain::Draw),
            Self::Keno { .. } => Some(Domain::Keno),
            Self::Instant { .. } => Some(Domain::Instant),
            Self::Prediction(_) => None,
        }
    }

    /// The result of a seed, and what of the stream it takes. `None`: rules under which nothing is
    /// drawn, or no draw ends.
    pub fn draw(&self, seed: &[u8; 32], pages: &[PageDigest]) -> Option<(StreamUse, Drawn)> {
        let domain = self.domain()?;
        let mut stream = Stream::<Software>::new(seed, domain);
        let drawn = match *self {
            Self::Draw { picks, numbers, bonus_numbers } => {
                let (picks, bonus) = draw::quick_pick(&mut stream, picks, numbers, bonus_numbers);
                Drawn::stored(picks, bonus)
            }
            Self::Keno { drawn, numbers } if (drawn, numbers) == (DRAWN, NUMBERS) => {
                Drawn::stored(picks::sample(&mut stream, drawn, numbers), 0)
            }
            Self::Keno { .. } | Self::Prediction(_) => return None,
            Self::Instant { .. } => {
                let entries: u64 = pages.iter().map(|page| page.count as u64).sum();
                let stream =
                    StreamUse { domain: domain as u8, from: 0, bytes: 4 * entries, data: String::new() };
                return Some((stream, Drawn::new([0; 32])));
            }
        };
        let used = used_of(seed, domain, &mut stream)?;
        let bytes = used.len() as u64;
        Some((StreamUse { domain: domain as u8, from: 0, bytes, data: hex::encode(used) }, drawn))
    }
}

/// The bytes that a stream has given out: it goes on with the bytes after them.
fn used_of(seed: &[u8; 32], domain: Domain, stream: &mut Stream<Software>) -> Option<Vec<u8>> {
    let next: [u8; 32] = std::array::from_fn(|_| stream.next_u8());
    let mut all = Stream::<Software>::new(seed, domain);
    let mut bytes: Vec<u8> = (0..MOST_BYTES).map(|_| all.next_u8()).collect();
    let used = bytes.windows(next.len()).position(|window| window == next)?;
    bytes.truncate(used);
    Some(bytes)
}
