//! Kinds of game. One file per kind holds all that differs: rules, what an entry is, how it is drawn,
//! settled and split. Instructions dispatch here and know no kind.
//!
//! `draw` is complete. `keno`, `instant`, `prediction` and `raffle` have their numbers in
//! `lottery_interface::Kind` and are refused by name until they are here.

pub mod draw;

use anchor_lang::prelude::*;
use lottery_interface::Kind;

use crate::{
    args::ConfigArgs,
    errors::LotteryError,
    state::{Config, Entry, Round},
};

/// The kind stored in an account.
pub fn kind(byte: u8) -> Result<Kind> {
    Kind::from_byte(byte).ok_or_else(|| LotteryError::KindNotSupported.into())
}

/// Checks the rules of a new config: length, ranges, sums. Returns whether it rolls over.
pub fn validate(config: &ConfigArgs, rules: &[u8], fee_cap_bps: u16) -> Result<bool> {
    match kind(config.kind)? {
        Kind::Draw => draw::validate(config, rules, fee_cap_bps),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// Copies into a new round what `enter` needs of the rules.
pub fn prepare_round(round: &mut Round, config: &Account<Config>) -> Result<()> {
    match kind(config.kind)? {
        Kind::Draw => draw::prepare_round(round, config),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// How many tickets `tickets` holds.
#[inline(always)]
pub fn count_tickets(round: &Round, tickets: &[u8]) -> Result<usize> {
    match kind(round.kind)? {
        Kind::Draw => draw::count_tickets(round, tickets),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// Who enters, and where: what quick picks are derived from.
pub struct Place<'a> {
    pub wallet: &'a Address,
    pub page: &'a Address,
    /// Index of the first entry on the page.
    pub first: u32,
}

/// Writes the entries of `tickets`, then quick picks into the rest of `entries`.
#[inline(always)]
pub fn write_entries(round: &Round, place: &Place, tickets: &[u8], entries: &mut [Entry]) -> Result<()> {
    match kind(round.kind)? {
        Kind::Draw => draw::write_entries(round, place, tickets, entries),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// Computes the result from the seed.
pub fn draw_result(round: &mut Round) -> Result<()> {
    match kind(round.kind)? {
        Kind::Draw => draw::draw_result(round),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// Settles entries; adds the winners of each tier to `tier_winners`.
pub fn settle_entries(
    round: &Round,
    config: &Account<Config>,
    entries: &mut [Entry],
    tier_winners: &mut [u32; 16],
) -> Result<()> {
    match kind(round.kind)? {
        Kind::Draw => draw::settle_entries(round, config, entries, tier_winners),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}

/// Where the money of a settled round goes.
pub struct Outcome {
    /// Jackpot that was shared out with the pool.
    pub jackpot_in_units: u64,
    pub fee_units: u64,
    pub jackpot_units: u64,
    pub treasury_units: u64,
    pub prize_each_units: [u64; 16],
    pub refund_all: bool,
    pub bonus_each_units: u64,
}

/// Splits the pool and the jackpot.
pub fn split(round: &Round, config: &Account<Config>, jackpot_units: u64) -> Result<Outcome> {
    match kind(round.kind)? {
        Kind::Draw => draw::split(round, config, jackpot_units),
        Kind::Keno | Kind::Instant | Kind::Prediction | Kind::Raffle => {
            Err(LotteryError::KindNotSupported.into())
        }
    }
}
