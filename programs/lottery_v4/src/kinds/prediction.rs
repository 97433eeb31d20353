//! Kind `Prediction`: players bet against each other on what an oracle quorum attests. Formulas:
//! `lottery_rules::prediction`.

use core::mem::offset_of;

use anchor_lang::{AnchorAccount, prelude::*};
use lottery_interface::Source;
use lottery_rules::prediction::{
    self as rules, Facts, MAX_RANGES, Mapping, MappingError, MappingKind, Mode, Quorum, Range, Split,
};

use super::{Bought, Outcome, Place, Tally, check_count, free_entry, house::read_stake};
use crate::{
    args::ConfigArgs,
    errors::{LotteryError, add},
    state::{
        Config, Entry, OracleSet, Page, PredictionRange, PredictionRules, Round, config_rules, market_tail,
        market_tail_len, page_tail, rules_bytes,
    },
};

/// An event is over at most so long after its round locks.
const MAX_EVENT_DELAY_SECONDS: u32 = 30 * 86_400;
/// Entry won.
const TIER_WON: u8 = 1;
/// Entry lost, and a part of its stake was not matched.
const TIER_UNMATCHED: u8 = 2;

// The two have the same fields at the same places, so that a config's ranges are read where they lie.
const _: () = assert!(
    size_of::<Range>() == size_of::<PredictionRange>()
        && align_of::<Range>() <= align_of::<PredictionRange>()
        && offset_of!(Range, low) == offset_of!(PredictionRange, low)
        && offset_of!(Range, high) == offset_of!(PredictionRange, high)
);

/// The ranges that follow the rules, as many as `MAX_RANGES`.
fn ranges(bytes: &[u8]) -> Result<&[Range]> {
    let stored: &[PredictionRange] = bytes
        .get(size_of::<PredictionRules>()..)
        .and_then(|bytes| bytemuck::try_cast_slice(bytes).ok())
        .ok_or(LotteryError::InvalidRules)?;
    require!(stored.len() <= MAX_RANGES, LotteryError::InvalidRules);
    // SAFETY: the same bytes by the assertion above; every bit pattern is an i64.
    Ok(unsafe { core::slice::from_raw_parts(stored.as_ptr().cast::<Range>(), stored.len()) })
}

fn mapping<'a>(stored: &PredictionRules, ranges: &'a [Range]) -> Result<Mapping<'a>> {
    Ok(Mapping {
        kind: MappingKind::from_byte(stored.mapping).ok_or(LotteryError::InvalidMapping)?,
        outcomes: stored.outcome_count,
        fact_count: stored.fact_count,
        subject: stored.subject,
        other: stored.other,
        tie: stored.tie,
        minimum: stored.minimum,
        maximum: stored.maximum,
        ranges,
    })
}

fn mode(stored: &PredictionRules) -> Result<Mode> {
    Mode::from_byte(stored.mode).ok_or_else(|| LotteryError::InvalidRules.into())
}

pub fn validate(config: &ConfigArgs, bytes: &[u8]) -> Result<()> {
    require!(config.source == Source::Oracle as u8, LotteryError::SourceNotAllowed);
    let header = bytes.get(..size_of::<PredictionRules>()).ok_or(LotteryError::InvalidRules)?;
    let stored: PredictionRules = bytemuck::pod_read_unaligned(header);
    // Copied, so that the ranges are aligned whatever the instruction's data is.
    let tail = &bytes[size_of::<PredictionRules>()..];
    require!(
        tail.len() == stored.range_count as usize * size_of::<PredictionRange>()
            && stored.range_count as usize <= MAX_RANGES
            && stored.event_delay_seconds <= MAX_EVENT_DELAY_SECONDS,
        LotteryError::InvalidRules
    );
    let mut ranges = [Range { low: 0, high: 0 }; MAX_RANGES];
    for (range, bytes) in ranges.iter_mut().zip(tail.chunks_exact(size_of::<PredictionRange>())) {
        let stored: PredictionRange = bytemuck::pod_read_unaligned(bytes);
        *range = Range { low: stored.low, high: stored.high };
    }
    require!(mode(&stored)?.allows(stored.outcome_count), LotteryError::InvalidRules);
    Quorum { reporters: stored.reporter_count, needed: stored.quorum }
        .validate()
        .map_err(|_| LotteryError::InvalidQuorum)?;
    mapping(&stored, &ranges[..stored.range_count as usize])?.validate().map_err(|error| {
        let error = match error {
            MappingError::Gap => LotteryError::MappingGap,
            MappingError::Overlap => LotteryError::MappingOverlap,
            MappingError::Invalid => LotteryError::InvalidMapping,
        };
        error.into()
    })
}

/// The account is the oracle set that valid rules name, and has as many reporters as they say.
pub fn check_oracle_set(view: &UncheckedAccount, rules: &[u8]) -> Result<()> {
    let header = rules.get(..size_of::<PredictionRules>()).ok_or(LotteryError::InvalidRules)?;
    let stored: PredictionRules = bytemuck::pod_read_unaligned(header);
    require!(stored.oracles == *view.address(), LotteryError::WrongOracleSet);
    let oracles = Account::<OracleSet>::load(*view.account())?;
    require!(oracles.reporter_count == stored.reporter_count, LotteryError::InvalidQuorum);
    Ok(())
}

/// The outcome, from 0, that `facts` are.
pub fn outcome(config: &Account<Config>, facts: &Facts) -> Result<u8> {
    let stored: &PredictionRules = config_rules(config)?;
    let outcome = mapping(stored, ranges(rules_bytes(config))?)?.outcome(facts);
    outcome.map_err(|_| LotteryError::FactsOutOfRange.into())
}

/// Bytes that a round needs after its struct.
pub fn tail_len(config: &Account<Config>) -> usize {
    config_rules::<PredictionRules>(config)
        .map_or(0, |stored| market_tail_len(stored.outcome_count, stored.reporter_count))
}

/// How long after lock the event is over.
pub fn event_delay_seconds(config: &Account<Config>) -> Result<u32> {
    config_rules::<PredictionRules>(config).map(|stored| stored.event_delay_seconds)
}

pub fn prepare_round(round: &mut Round, config: &Account<Config>) -> Result<()> {
    let stored: &PredictionRules = config_rules(config)?;
    round.outcome_count = stored.outcome_count;
    round.reporter_count = stored.reporter_count;
    round.quorum = stored.quorum;
    Ok(())
}

/// The bit of an outcome.
#[inline(always)]
fn picks(outcome: u8) -> [u64; 2] {
    let bit = 1 << (outcome & 63);
    if outcome < 64 { [bit, 0] } else { [0, bit] }
}

/// A ticket is a stake and an outcome.
#[inline(always)]
pub fn write_entries(
    round: &Round,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
    pools: &mut [u64],
) -> Result<Bought> {
    require!(quick_picks == 0, LotteryError::NoQuickPicks);
    let mut bought = Bought::default();
    let mut left = tickets;
    while !left.is_empty() {
        let (stake_units, rest) = read_stake(left)?;
        let (outcome, rest) = rest.split_first().ok_or(LotteryError::TicketLength)?;
        let pool = pools.get_mut(*outcome as usize).ok_or(LotteryError::OutcomeUnknown)?;
        require!(
            round.min_stake_units <= stake_units && stake_units <= round.max_stake_units,
            LotteryError::StakeOutOfRange
        );
        let entry = free_entry(free, bought.count)?;
        super::house::write_entry(entry, place.wallet, picks(*outcome), 0, stake_units);
        *pool = add(*pool, stake_units)?;
        bought.count += 1;
        bought.cost_units = add(bought.cost_units, stake_units)?;
        left = rest;
    }
    check_count(bought.count)?;
    Ok(bought)
}

/// Adds a page's stakes on each outcome to its round's.
pub fn seal(round: &mut Account<Round>, page: &mut Account<Page>) -> Result<()> {
    let (totals, _) = market_tail(round)?;
    for (total, pool) in totals.iter_mut().zip(page_tail(page)?) {
        *total = add(*total, *pool)?;
    }
    Ok(())
}

/// Stakes on the outcome that came true, and how the market is split.
fn market(round: &mut Account<Round>, config: &Account<Config>) -> Result<(u64, Split)> {
    let stored: &PredictionRules = config_rules(config)?;
    let (outcome, pool, fee_bps) = (round.result[0], round.pool_units, round.fee_bps);
    let (pools, _) = market_tail(round)?;
    let winning = *pools.get(outcome as usize).ok_or(LotteryError::InvariantViolated)?;
    let split = rules::split(mode(stored)?, pool, winning, fee_bps).ok_or(LotteryError::InvariantViolated)?;
    Ok((winning, split))
}

pub fn settle_entries(
    round: &mut Account<Round>,
    config: &Account<Config>,
    entries: &mut [Entry],
    tally: &mut Tally,
) -> Result<()> {
    let (winning, split) = market(round, config)?;
    let Split::Matched { matched, .. } = split else { return Ok(()) };
    let lost_tier = if matched < round.pool_units - winning { TIER_UNMATCHED } else { 0 };
    let won = picks(round.result[0]);
    let (mut winners, mut unmatched) = (0, 0);
    for entry in entries {
        if entry.picks == won {
            entry.tier = TIER_WON;
            winners += 1;
        } else {
            entry.tier = lost_tier;
            unmatched += (lost_tier != 0) as u32;
        }
    }
    tally.tier_winners[0] += winners;
    tally.tier_winners[1] += unmatched;
    Ok(())
}

pub fn split(round: &mut Account<Round>, config: &Account<Config>, jackpot_units: u64) -> Result<Outcome> {
    let (winning_units, split) = market(round, config)?;
    let (matched_units, fee_units, refund_all) = match split {
        Split::Matched { matched, fee } => (matched, fee, false),
        Split::RefundAll => (0, 0, true),
    };
    // What rounding leaves stays with the round, and goes to the treasury when it is closed.
    let prizes_units = if refund_all { 0 } else { round.pool_units - fee_units };
    Ok(Outcome {
        fee_units,
        jackpot_units,
        prizes_units,
        refund_all,
        winning_units,
        matched_units,
        ..Outcome::default()
    })
}

/// What a settled entry gets: its stake with its part of what the losers lost, or the part that nobody took.
pub fn prize(round: &Round, entry: &Entry) -> Result<u64> {
    let lost = round.pool_units.checked_sub(round.winning_units);
    let amount = match entry.tier {
        TIER_WON => {
            rules::payout(entry.stake_units, round.matched_units, round.fee_units, round.winning_units)
        }
        _ => lost.and_then(|lost| rules::unmatched(entry.stake_units, round.matched_units, lost)),
    };
    amount.ok_or_else(|| LotteryError::InvariantViolated.into())
}
