//! What proves a round: from its row, its pages' rows, and its beacon's or its oracles'.

mod market;

use lottery_client::proof::{
    BeaconProof, CommitReveal, Drawn, PageDigest, Prize, Proof, Randomness, Rules, StreamUse,
};
use lottery_interface::accounts::InstantRules;
use lottery_rules::keno::{DRAWN, NUMBERS};
use sqlx::{FromRow, PgConnection};

/// Milliseconds of a slot.
const SLOT_MS: i64 = 400;

/// Why a round has no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoProof {
    /// Its value is not posted yet. `expected_at`: unix seconds from which it can be.
    NotYet { target: Target, expected_at: Option<i64> },
    /// It is void for this reason: nothing decides it.
    Void(String),
    /// Its account was gone before the indexer read this, and no instruction carries it.
    Missing(&'static str),
    /// A kind or a source that this version cannot prove.
    Unknown,
}

/// What will decide a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Beacon {
        round: i64,
        chain_hash: String,
    },
    Slot(i64),
    /// A quorum of so many reporters; these attested so far.
    Oracles {
        attestations: usize,
        quorum: u8,
        reporters: u8,
    },
    Unknown,
}

/// A round's row with what its config and its beacon say.
#[derive(Clone, Debug, FromRow)]
pub struct Facts {
    address: String,
    lottery_id: i64,
    index: i64,
    kind: String,
    source: String,
    status: String,
    void_reason: String,
    locks_at: Option<i64>,
    lock_slot: Option<i64>,
    target_slot: Option<i64>,
    captured_slot: Option<i64>,
    commit: Option<Vec<u8>>,
    commit_distance: Option<i16>,
    reveal: Option<Vec<u8>>,
    slot_hash: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    sealed_digest: Option<Vec<u8>>,
    seed: Option<Vec<u8>>,
    result: Option<Vec<u8>>,
    picks: i16,
    numbers: i16,
    bonus_numbers: i16,
    beacon_round: Option<i64>,
    beacon_signature: Option<Vec<u8>>,
    beacon_genesis_at: Option<i64>,
    beacon_period_seconds: Option<i64>,
    beacon_margin_seconds: Option<i64>,
    beacon: Option<String>,
    chain_hash: Option<Vec<u8>>,
    public_key: Option<Vec<u8>>,
    rules: Option<Vec<u8>>,
    #[sqlx(skip)]
    pages: Vec<PageDigest>,
    /// Kind prediction only.
    #[sqlx(skip)]
    market: Option<market::MarketFacts>,
}

#[derive(FromRow)]
struct PageRow {
    sequence: i64,
    record_count: i64,
    record_digest: Vec<u8>,
}

/// The facts of the round at an address.
pub async fn get(connection: &mut PgConnection, address: &str) -> sqlx::Result<Option<Facts>> {
    let facts: Option<Facts> = sqlx::query_as(
        "SELECT r.address, coalesce(r.lottery_id, 0) AS lottery_id, coalesce(r.index, 0) AS index,
                coalesce(r.kind, 'unknown') AS kind, coalesce(r.source, 'unknown') AS source,
                coalesce(r.status, 'open') AS status, coalesce(r.void_reason, 'none') AS void_reason,
                r.locks_at, r.lock_slot, r.target_slot, r.captured_slot, r.commit, r.commit_distance, r.reveal,
                r.slot_hash, r.value, r.sealed_digest, r.seed, r.result, coalesce(c.picks, 0::smallint) AS picks,
                coalesce(c.numbers, 0::smallint) AS numbers,
                coalesce(c.bonus_numbers, 0::smallint) AS bonus_numbers, r.beacon_round, r.beacon_signature,
                c.beacon_genesis_at, c.beacon_period_seconds, c.beacon_margin_seconds, b.address AS beacon,
                b.chain_hash, b.public_key, c.rules
         FROM rounds r
         LEFT JOIN configs c ON c.address = r.config
         LEFT JOIN beacons b ON b.address = c.beacon
         WHERE r.address = $1",
    )
    .bind(address)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(mut facts) = facts else { return Ok(None) };
    let pages: Vec<PageRow> = sqlx::query_as(
        "SELECT coalesce(sequence, 0) AS sequence, record_count, record_digest FROM pages WHERE round = $1 ORDER BY 1",
    )
    .bind(address)
    .fetch_all(&mut *connection)
    .await?;
    if facts.kind == "prediction" {
        facts.market = Some(market::load(connection, address, facts.rules.as_deref()).await?);
    }
    facts.pages = pages
        .into_iter()
        .map(|page| PageDigest {
            sequence: page.sequence as u32,
            count: page.record_count as u32,
            digest: page.record_digest.try_into().unwrap_or_default(),
        })
        .collect();
    Ok(Some(facts))
}

/// Bytes of this length; `None` for others and for zeros, which stand for none.
fn fixed<const N: usize>(bytes: &Option<Vec<u8>>) -> Option<[u8; N]> {
    let bytes: [u8; N] = bytes.as_ref()?.as_slice().try_into().ok()?;
    Some(bytes).filter(|bytes| bytes.iter().any(|byte| *byte != 0))
}

impl Facts {
    pub fn lottery_id(&self) -> i64 {
        self.lottery_id
    }

    pub fn index(&self) -> i64 {
        self.index
    }

    /// The proof, or why there is none.
    pub fn into_proof(mut self) -> Result<Proof, NoProof> {
        match self.status.as_str() {
            "void" => return Err(NoProof::Void(self.void_reason)),
            "open" => return Err(self.not_yet()),
            _ => {}
        }
        if let Some(market) = self.market.take() {
            return market::into_proof(self, market);
        }
        let rules = self.rules().ok_or(NoProof::Unknown)?;
        let randomness = self.randomness()?;
        let value = fixed(&self.value).ok_or(NoProof::Missing("its value"))?;
        let drawn = self.status != "valued";
        let seed = fixed(&self.seed).filter(|_| drawn);
        let made = seed.and_then(|seed| rules.draw(&seed, &self.pages));
        let stream: Option<StreamUse> = made.map(|(stream, _)| stream);
        let stored = match rules {
            Rules::Instant { .. } => Some([0; 32]),
            _ => fixed(&self.result),
        };
        Ok(Proof {
            round: self.address,
            lottery_id: self.lottery_id as u64,
            index: self.index as u64,
            status: self.status,
            rules,
            randomness,
            value,
            sealed_digest: fixed(&self.sealed_digest).filter(|_| drawn),
            seed,
            stream,
            result: stored.filter(|_| drawn).map(Drawn::new),
            pages: self.pages,
            market: None,
        })
    }

    fn signed_at(&self) -> Option<i64> {
        let round = self.beacon_round.filter(|round| *round > 0)?;
        Some(self.beacon_genesis_at? + (round - 1) * self.beacon_period_seconds?)
    }

    fn not_yet(&self) -> NoProof {
        match self.source.as_str() {
            "beacon" => {
                let chain_hash = fixed::<32>(&self.chain_hash).map(hex).unwrap_or_default();
                let target = match self.beacon_round {
                    Some(round) if round > 0 => Target::Beacon { round, chain_hash },
                    _ => Target::Unknown,
                };
                NoProof::NotYet { target, expected_at: self.signed_at() }
            }
            "commit_reveal" => {
                let Some(slot) = self.target_slot else {
                    return NoProof::NotYet { target: Target::Unknown, expected_at: self.locks_at };
                };
                // The hash of a slot is known one slot later.
                let slots = (slot + 1).saturating_sub(self.lock_slot.unwrap_or(slot)).max(0);
                let expected_at = self.locks_at.map(|at| at + (slots * SLOT_MS + 999) / 1_000);
                NoProof::NotYet { target: Target::Slot(slot), expected_at }
            }
            "oracle" => match &self.market {
                Some(market) => market.not_yet(self.rules.as_deref()),
                None => NoProof::Unknown,
            },
            _ => NoProof::Unknown,
        }
    }

    fn rules(&self) -> Option<Rules> {
        match self.kind.as_str() {
            "draw" => Some(Rules::Draw {
                picks: self.picks as u8,
                numbers: self.numbers as u8,
                bonus_numbers: self.bonus_numbers as u8,
            }),
            "keno" => Some(Rules::Keno { drawn: DRAWN, numbers: NUMBERS }),
            "instant" => {
                let rules: InstantRules = bytemuck::try_pod_read_unaligned(self.rules.as_ref()?).ok()?;
                let prizes = rules.prizes.iter().take(rules.prize_count as usize);
                let prizes =
                    prizes.map(|prize| Prize { parts: prize.parts, multiplier_bps: prize.multiplier_bps });
                Some(Rules::Instant { prizes: prizes.collect() })
            }
            _ => None,
        }
    }

    fn randomness(&self) -> Result<Randomness, NoProof> {
        match self.source.as_str() {
            "beacon" => Ok(Randomness::Beacon(Box::new(self.beacon()?))),
            "commit_reveal" => Ok(Randomness::CommitReveal(CommitReveal {
                commit: fixed(&self.commit).ok_or(NoProof::Missing("its commit"))?,
                distance: self.commit_distance.unwrap_or_default() as u8,
                target_slot: self.target_slot.unwrap_or_default() as u64,
                captured_slot: self.captured_slot.unwrap_or_default() as u64,
                slot_hash: fixed(&self.slot_hash).ok_or(NoProof::Missing("the slot hash"))?,
                reveal: fixed(&self.reveal).ok_or(NoProof::Missing("the reveal"))?,
            })),
            _ => Err(NoProof::Unknown),
        }
    }

    fn beacon(&self) -> Result<BeaconProof, NoProof> {
        let chain = NoProof::Missing("its beacon");
        let target = NoProof::Missing("the round of the beacon");
        Ok(BeaconProof {
            beacon: self.beacon.clone().ok_or(chain.clone())?,
            chain_hash: fixed(&self.chain_hash).ok_or(chain.clone())?,
            public_key: fixed(&self.public_key).ok_or(chain.clone())?,
            genesis_at: self.beacon_genesis_at.ok_or(chain.clone())?,
            period_seconds: self.beacon_period_seconds.ok_or(chain)? as u32,
            margin_seconds: self.beacon_margin_seconds.unwrap_or_default() as u32,
            locks_at: self.locks_at.ok_or(NoProof::Missing("its lock"))?,
            beacon_round: self.beacon_round.filter(|round| *round > 0).ok_or(target.clone())? as u64,
            signed_at: self.signed_at().ok_or(target)?,
            signature: fixed(&self.beacon_signature).ok_or(NoProof::Missing("the beacon's signature"))?,
        })
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
