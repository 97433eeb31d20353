//! Kinds of game. One file per kind holds all that differs: rules, what an entry is, how it is drawn,
//! settled and split. Instructions dispatch here and know no kind.

pub mod draw;
pub mod house;
pub mod instant;
pub mod keno;
pub mod prediction;
pub mod raffle;

use anchor_lang::prelude::*;
use lottery_interface::{
    Kind,
    args::MAX_TICKETS,
    paging::{self, NextPage, leaf_words},
};
use lottery_rules::{
    picks::{Picks, PicksError, quick_pick_stream},
    seed::Stream,
};

use crate::{
    args::ConfigArgs,
    errors::LotteryError,
    hash::Syscall,
    state::{Config, Entry, Page, RaffleState, Round, raffle_state},
};

/// The kind stored in an account.
pub fn kind(byte: u8) -> Result<Kind> {
    Kind::from_byte(byte).ok_or_else(|| LotteryError::KindNotSupported.into())
}

/// Checks the rules of a new config: length, ranges, sums. Returns whether it rolls over.
pub fn validate(config: &ConfigArgs, rules: &[u8], fee_cap_bps: u16) -> Result<bool> {
    let kind = kind(config.kind)?;
    require!(!kind.has_own_stake() || config.stake_units == 0, LotteryError::InvalidConfig);
    match kind {
        Kind::Draw => draw::validate(config, rules, fee_cap_bps),
        Kind::Keno => keno::validate(config, rules, fee_cap_bps).map(|()| false),
        Kind::Instant => instant::validate(config, rules, fee_cap_bps).map(|()| false),
        Kind::Prediction => prediction::validate(config, rules).map(|()| false),
        Kind::Raffle => raffle::validate(config, rules, fee_cap_bps).map(|()| false),
    }
}

/// Copies into a new round what `enter` needs of the rules.
pub fn prepare_round(round: &mut Account<Round>, config: &Account<Config>) -> Result<()> {
    match kind(config.kind)? {
        Kind::Draw => draw::prepare_round(round, config),
        Kind::Keno => keno::prepare_round(round, config),
        Kind::Instant => instant::prepare_round(round, config),
        Kind::Prediction => prediction::prepare_round(round, config),
        Kind::Raffle => raffle::prepare_round(round, config),
    }
}

/// Bytes that a round of this config needs after its struct.
pub fn round_tail_len(config: &Account<Config>) -> usize {
    match Kind::from_byte(config.kind) {
        Some(Kind::Prediction) => prediction::tail_len(config),
        Some(Kind::Raffle) => size_of::<RaffleState>(),
        _ => 0,
    }
}

/// How long after lock the event that decides is over; `None` of kinds that no event decides.
pub fn event_delay_seconds(config: &Account<Config>) -> Result<Option<u32>> {
    if config.kind != Kind::Prediction as u8 {
        return Ok(None);
    }
    prediction::event_delay_seconds(config).map(Some)
}

/// Who enters, and where.
pub struct Place<'a> {
    pub wallet: &'a Address,
    /// Of the wallet.
    pub owner: &'a Address,
    pub page: &'a Address,
    pub sequence: u32,
    /// Index of the first entry on the page.
    pub first: u32,
    /// House games: the most that one entry may win.
    pub max_prize_units: u64,
}

impl Place<'_> {
    /// Where quick picks come from, after `chosen` tickets with numbers.
    #[inline(always)]
    fn quick_pick_stream(&self, chosen: u32) -> Stream<Syscall> {
        quick_pick_stream(self.wallet.as_array(), self.page.as_array(), self.first + chosen)
    }
}

/// What one `enter` bought.
#[derive(Default)]
pub struct Bought {
    pub count: u32,
    pub cost_units: u64,
    /// House games: the highest prizes together.
    pub liability_units: u64,
}

/// Writes the entries of `tickets`, then quick picks, into the `free` places of a page. Places after those that were
/// bought stay as they are. `tail`: what follows the page's entries.
#[inline(always)]
pub fn write_entries(
    round: &Account<Round>,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
    tail: &mut [u64],
) -> Result<Bought> {
    match kind(round.kind)? {
        Kind::Draw => draw::write_entries(round, place, quick_picks, tickets, free),
        Kind::Keno => keno::write_entries(round, place, quick_picks, tickets, free),
        Kind::Instant => instant::write_entries(round, place, quick_picks, tickets, free),
        Kind::Prediction => prediction::write_entries(round, place, quick_picks, tickets, free, tail),
        Kind::Raffle => raffle::write_entries(round, place, quick_picks, tickets, free, tail),
    }
}

/// 1 to 20 tickets.
#[inline(always)]
fn check_count(count: u32) -> Result<()> {
    require!((1..=MAX_TICKETS as u32).contains(&count), LotteryError::TicketCount);
    Ok(())
}

/// The free place for one more ticket.
#[inline(always)]
fn free_entry(free: &mut [Entry], taken: u32) -> Result<&mut Entry> {
    let room = free.len();
    free.get_mut(taken as usize).ok_or_else(|| {
        let error = if room >= MAX_TICKETS { LotteryError::TicketCount } else { LotteryError::PageFull };
        error.into()
    })
}

fn picks_error(error: PicksError) -> LotteryError {
    match error {
        PicksError::WrongCount => LotteryError::TicketLength,
        PicksError::OutOfRange => LotteryError::NumberOutOfRange,
        PicksError::Unsorted => LotteryError::NumbersUnsorted,
        PicksError::Repeated => LotteryError::NumbersRepeated,
    }
}

/// Words that follow the entries of a new page of this capacity.
pub fn page_tail_words(round: &Account<Round>, capacity: u32) -> Result<u16> {
    match kind(round.kind)? {
        Kind::Prediction => Ok(round.outcome_count as u16),
        Kind::Raffle if raffle_state(round)?.leaf_count != 0 => Ok(leaf_words(capacity)),
        _ => Ok(0),
    }
}

/// When the round may open its next page.
pub fn next_page(round: &Account<Round>) -> Result<NextPage> {
    let is_raffle = round.kind == Kind::Raffle as u8;
    let state = if is_raffle { Some(raffle_state(round)?) } else { None };
    Ok(match state {
        Some(state) => paging::next_page(state.leaf_count, state.mode),
        None => NextPage::MostlyFull,
    })
}

/// Adds what a sealed page holds beyond cash and digest to its round.
pub fn seal(round: &mut Account<Round>, page: &mut Account<Page>) -> Result<()> {
    if round.outcome_count != 0 { prediction::seal(round, page) } else { Ok(()) }
}

/// Computes the result from the seed.
pub fn draw_result(round: &mut Account<Round>) -> Result<()> {
    match kind(round.kind)? {
        Kind::Draw => draw::draw_result(round),
        Kind::Keno => keno::draw_result(round),
        // Each entry has its own.
        Kind::Instant => {}
        // Stored by the attestation that decided.
        Kind::Prediction => {}
        Kind::Raffle => raffle::draw_result(round)?,
    }
    Ok(())
}

/// Stores drawn picks and bonus ball in `Round::result`.
fn set_drawn(round: &mut Round, picks: Picks, bonus: u8) {
    round.result = [0; 32];
    round.result[..8].copy_from_slice(&picks[0].to_le_bytes());
    round.result[8..16].copy_from_slice(&picks[1].to_le_bytes());
    round.result[16] = bonus;
}

/// The drawn picks and bonus ball, as `Round::result` stores them.
fn drawn(round: &Round) -> (Picks, u8) {
    let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| round.result[at + i]));
    ([word(0), word(8)], round.result[16])
}

/// What settling a page adds up.
pub struct Tally {
    pub tier_winners: [u32; 16],
    /// House games: prizes won.
    pub prizes_units: u64,
}

/// Settles entries, `first` being the index on page `sequence` of the first of them; adds winners and prizes to `tally`.
pub fn settle_entries(
    round: &mut Account<Round>,
    config: &Account<Config>,
    sequence: u32,
    first: u32,
    entries: &mut [Entry],
    tally: &mut Tally,
) -> Result<()> {
    match kind(round.kind)? {
        Kind::Draw => draw::settle_entries(round, config, entries, tally),
        Kind::Keno => keno::settle_entries(round, config, entries, tally),
        Kind::Instant => instant::settle_entries(round, config, sequence, first, entries, tally),
        Kind::Prediction => prediction::settle_entries(round, config, entries, tally),
        Kind::Raffle => raffle::settle_entries(round, sequence, first, entries),
    }
}

/// Where the money of a settled round goes.
#[derive(Default)]
pub struct Outcome {
    /// Jackpot that was shared out with the pool.
    pub jackpot_in_units: u64,
    pub fee_units: u64,
    pub jackpot_units: u64,
    pub treasury_units: u64,
    /// To the free bankroll: what is left of the reserved budget, with what was won from players.
    pub bankroll_units: u64,
    pub prize_each_units: [u64; 16],
    /// All prizes together.
    pub prizes_units: u64,
    /// Stays with the round until places are taken and the others refunded.
    pub held_units: u64,
    pub refund_all: bool,
    pub bonus_each_units: u64,
    /// Kind `Prediction`: stakes on the outcome that came true, and what the losers lose together.
    pub winning_units: u64,
    pub matched_units: u64,
}

/// Splits the pool, the jackpot and the reserved budget.
pub fn split(round: &mut Account<Round>, config: &Account<Config>, jackpot_units: u64) -> Result<Outcome> {
    match kind(round.kind)? {
        Kind::Draw => draw::split(round, config, jackpot_units),
        Kind::Keno | Kind::Instant => house::split(round, jackpot_units),
        Kind::Prediction => prediction::split(round, config, jackpot_units),
        Kind::Raffle => raffle::split(round, config, jackpot_units),
    }
}

/// The prize of a settled entry that won.
#[inline(always)]
pub fn prize(round: &Round, entry: &Entry) -> Result<u64> {
    let tier = entry.tier as usize;
    // A place is no money.
    require!(tier != 0 && round.places == 0, LotteryError::NotAWinner);
    if entry.multiplier_bps != 0 {
        return house::prize(entry);
    }
    if round.outcome_count != 0 {
        return prediction::prize(round, entry);
    }
    round.prize_each_units.get(tier - 1).copied().ok_or_else(|| LotteryError::InvariantViolated.into())
}
