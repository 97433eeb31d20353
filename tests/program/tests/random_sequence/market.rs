//! Prediction markets in the model: what facts are, who attests them, how stakes are matched and paid.

use lottery_rules::hash::{Sha256, Software};
use program_tests::{
    LotteryError as E, Pubkey, Rules,
    accounts::{Attestation, Entry, Lottery, PredictionRange, PredictionRules, Round},
    kinds::{RoundStatus, Source},
    market::MarketRules,
};

use super::{
    enter::{Tickets, fresh, room, stake_of},
    model::{Model, Outcome, PageModel, RoundId, RoundModel, require},
};

/// Whole numbers in an attestation.
pub type Facts = [i64; 8];

pub const PRO_RATA: u8 = 1;
pub const PARIMUTUEL: u8 = 2;
pub const PARITY: u8 = 1;
pub const RANGES: u8 = 2;
pub const EXACT: u8 = 3;
pub const NUMBER: u8 = 4;
pub const COMPARE: u8 = 5;

/// Won, and lost with a part of the stake that nobody took.
const WON: u8 = 1;
const UNMATCHED: u8 = 2;

pub fn is_market(round: &Round) -> bool {
    round.source == Source::Oracle as u8
}

/// The rules of a market, read from the bytes that the config stores.
#[derive(Clone)]
pub struct Market {
    pub rules: PredictionRules,
    pub ranges: Vec<PredictionRange>,
}

impl Market {
    pub fn of(rules: &Rules) -> Option<Self> {
        let Rules::Prediction(_) = rules else { return None };
        let (header, ranges) = rules.bytes().split_at(size_of::<PredictionRules>());
        let ranges = ranges.chunks_exact(16).map(bytemuck::pod_read_unaligned).collect();
        Some(Self { rules: bytemuck::pod_read_unaligned(header), ranges })
    }

    /// As the harness keeps them.
    pub fn stored(&self) -> MarketRules {
        let mut ranges = [PredictionRange { low: 0, high: 0 }; 24];
        ranges[..self.ranges.len()].copy_from_slice(&self.ranges);
        MarketRules { header: self.rules, ranges }
    }

    fn sum(&self, facts: &Facts, mask: u8) -> Result<i128, E> {
        let sum: i128 = (0..8).filter(|i| mask >> i & 1 == 1).map(|i| facts[i] as i128).sum();
        let bounds = self.rules.minimum as i128..=self.rules.maximum as i128;
        require(bounds.contains(&sum), E::FactsOutOfRange)?;
        Ok(sum)
    }

    /// The range that a number lies in, counted from the first.
    fn range(&self, number: i128) -> Option<usize> {
        self.ranges.iter().position(|range| range.low as i128 <= number && number <= range.high as i128)
    }

    /// The outcome that facts are.
    pub fn outcome(&self, facts: &Facts) -> Result<u8, E> {
        let rules = &self.rules;
        require(facts[rules.fact_count as usize..].iter().all(|fact| *fact == 0), E::FactsOutOfRange)?;
        let number = self.sum(facts, rules.subject)?;
        Ok(match rules.mapping {
            PARITY => number.rem_euclid(2) as u8,
            NUMBER => (number - rules.minimum as i128) as u8,
            RANGES => self.range(number).expect("no gap") as u8,
            EXACT => self.range(number).unwrap_or(self.ranges.len()) as u8,
            _ => {
                let other = self.sum(facts, rules.other)?;
                if number > other {
                    0
                } else if number < other {
                    1
                } else {
                    rules.tie
                }
            }
        })
    }

    /// Whether the program accepts these rules, by trying every number; they have at most one fault. `reporters`: of
    /// the set that they name.
    pub fn check(&self, reporters: usize) -> Outcome {
        let rules = &self.rules;
        let outcomes = rules.outcome_count as usize;
        require(outcomes >= 2 && outcomes <= if rules.mode == PRO_RATA { 2 } else { 128 }, E::InvalidRules)?;
        let (quorum, all) = (rules.quorum, rules.reporter_count);
        require(quorum <= all && 2 * quorum > all, E::InvalidQuorum)?;
        let cover = |number: i64| self.ranges.iter().filter(|r| r.low <= number && number <= r.high).count();
        let numbers = || rules.minimum..=rules.maximum;
        match rules.mapping {
            PARITY => require(outcomes == 2, E::InvalidMapping)?,
            COMPARE => require(outcomes == if rules.tie == 2 { 3 } else { 2 }, E::InvalidMapping)?,
            NUMBER => require(numbers().count() <= outcomes, E::MappingGap)?,
            mapping => {
                require(numbers().all(|number| cover(number) <= 1), E::MappingOverlap)?;
                let may_be_left = mapping == EXACT;
                require(may_be_left || numbers().all(|number| cover(number) == 1), E::MappingGap)?;
            }
        }
        require(reporters == all as usize, E::InvalidQuorum)
    }
}

/// What a reporter says, and to whom.
#[derive(Clone, Debug)]
pub struct Attest {
    pub reporter: Pubkey,
    /// Those of the oracle set that is given, by place.
    pub set: Vec<Pubkey>,
    pub oracles: Pubkey,
    pub config: Pubkey,
    pub facts: Facts,
    pub evidence: [u8; 32],
    pub event_at: i64,
}

/// The tickets of a market: each a stake and an outcome.
pub fn market_entries(
    r: &RoundModel,
    wallet: &Pubkey,
    p: &PageModel,
    tickets: &Tickets,
) -> Result<Vec<Entry>, E> {
    require(tickets.quick == 0, E::NoQuickPicks)?;
    let mut entries: Vec<Entry> = Vec::new();
    for ticket in &tickets.given {
        let (stake, outcome) = stake_of(ticket);
        require(outcome[0] < r.round.outcome_count, E::OutcomeUnknown)?;
        let limits = r.round.min_stake_units..=r.round.max_stake_units;
        require(limits.contains(&stake), E::StakeOutOfRange)?;
        room(p, entries.len())?;
        entries.push(fresh(wallet, bit(outcome[0]), stake, 0, 0));
    }
    require(!entries.is_empty(), E::TicketCount)?;
    Ok(entries)
}

/// The picks of a bet on an outcome.
fn bit(outcome: u8) -> [u64; 2] {
    let bits = 1u128 << outcome;
    [bits as u64, (bits >> 64) as u64]
}

/// The outcome that an entry is a bet on.
pub fn outcome_of(entry: &Entry) -> usize {
    let bits = entry.picks[0] as u128 | (entry.picks[1] as u128) << 64;
    assert_eq!(bits.count_ones(), 1, "a bet is on one outcome");
    bits.trailing_zeros() as usize
}

/// What came of a market: stakes on the outcome that came true, what the losers lose, and the fee.
struct Split {
    winning: u64,
    matched: u64,
    fee: u64,
    refund_all: bool,
}

impl RoundModel {
    /// The facts that a reporter in a place attested, if they did.
    pub fn attested(&self) -> impl Iterator<Item = &Attestation> {
        self.attestations.iter().filter(|attestation| attestation.attested_at != 0)
    }

    /// So many attested the same as `facts`.
    pub fn supporters(&self, facts: &Facts) -> usize {
        self.attested().filter(|attestation| attestation.facts == *facts).count()
    }

    /// Even if all who are missing agreed with the most, there would be no quorum.
    pub fn is_split(&self) -> bool {
        let most = self.attested().map(|attestation| self.supporters(&attestation.facts)).max();
        let missing = self.attestations.len() - self.attested().count();
        is_market(&self.round) && most.unwrap_or(0) + missing < self.round.quorum as usize
    }

    fn market_split(&self) -> Split {
        let winning = self.pools[self.round.result[0] as usize];
        let lost = self.round.pool_units - winning;
        let mode = Market::of(&self.rules).expect("a market").rules.mode;
        if winning == 0 || lost == 0 {
            return Split { winning, matched: 0, fee: 0, refund_all: true };
        }
        let matched = if mode == PARIMUTUEL || lost < winning { lost } else { winning };
        let fee = (matched as u128 * self.round.fee_bps as u128 / 10_000) as u64;
        Split { winning, matched, fee, refund_all: false }
    }

    /// The tier of a bet.
    pub fn market_tier(&self, entry: &Entry) -> u8 {
        let split = self.market_split();
        let is_taken = split.matched == self.round.pool_units - split.winning;
        match outcome_of(entry) == self.round.result[0] as usize {
            _ if split.refund_all => 0,
            true => WON,
            false if is_taken => 0,
            false => UNMATCHED,
        }
    }
}

/// What a settled bet gets.
pub fn market_prize(round: &Round, entry: &Entry) -> u64 {
    let stake = entry.stake_units as u128;
    let lost = (round.pool_units - round.winning_units) as u128;
    let matched = round.matched_units as u128;
    let units = match entry.tier {
        WON => stake + stake * (matched - round.fee_units as u128) / round.winning_units as u128,
        _ => stake * (lost - matched) / lost,
    };
    units as u64
}

/// Where the money of a settled market goes: to the bettors, but for the fee.
pub fn split_market(lottery: &mut Lottery, r: &mut RoundModel) {
    let split = r.market_split();
    lottery.fees_units += split.fee;
    let round = &mut r.round;
    round.fee_units = split.fee;
    round.winning_units = split.winning;
    round.matched_units = split.matched;
    round.refund_all = split.refund_all as u8;
    round.prizes_units = if split.refund_all { 0 } else { round.pool_units - split.fee };
    round.cash_units = round.pool_units - split.fee;
}

impl Model {
    pub fn attest(&mut self, id: RoundId, attest: &Attest) -> Outcome {
        let now = self.now;
        let round = self.round(id).round;
        let locked = self.is_locked(&round);
        require(is_market(&round), E::NotOracle)?;
        require(attest.config.to_bytes() == round.config, E::WrongConfig)?;
        let r = self.round(id);
        let market = Market::of(&r.rules).expect("a market");
        require(attest.oracles.to_bytes() == market.rules.oracles, E::WrongOracleSet)?;
        let place = attest.set.iter().position(|reporter| *reporter == attest.reporter);
        let place = place.ok_or(E::NotAReporter)?;
        require(!r.is(RoundStatus::Void), E::RoundNotOpen)?;
        require(r.is(RoundStatus::Open), E::ValueAlreadyPosted)?;
        require(locked, E::RoundNotLocked)?;
        require(now >= round.event_at, E::EventNotOver)?;
        require(attest.event_at == round.event_at, E::WrongEvent)?;
        let outcome = market.outcome(&attest.facts)?;
        require(r.attestations[place].attested_at == 0, E::AlreadyAttested)?;
        let (facts, evidence) = (attest.facts, attest.evidence);
        r.attestations[place] = Attestation { facts, evidence, attested_at: now };
        if r.supporters(&facts) == round.quorum as usize {
            r.round.value = Software::hashv(&[b"lottery_v4/facts/1", bytemuck::bytes_of(&facts)]);
            r.round.result[0] = outcome;
            r.round.status = RoundStatus::Valued as u8;
            r.reward(1, 0);
        }
        Ok(())
    }
}
