//! Who is paid what: one function from a pool and the winners to every amount that leaves it.

use super::MAX_TIERS;
use crate::math;

/// A settled round. Amounts are base units of the lottery's mint.
#[derive(Clone, Copy, Debug)]
pub struct SplitInput<'a> {
    /// Everything staked in the round.
    pub pool: u64,
    /// What earlier rounds rolled over.
    pub jackpot: u64,
    /// How many entries the round has.
    pub entries: u64,
    /// The operator's part of the pool, in basis points.
    pub fee_bps: u16,
    /// Each tier's part of the net pool from the top down, 1 to 16, 10,000 together.
    pub shares_bps: &'a [u16],
    /// How many entries won each tier. As long as `shares_bps`.
    pub winners: &'a [u64],
    /// Whether a tier without winners feeds the next jackpot.
    pub rollover: bool,
    /// The lottery's last round: there is no next jackpot.
    pub last_round: bool,
}

/// Where the money goes.
///
/// `pool + jackpot == fee + sum(prize_each[t] * winners[t]) + jackpot_next + to_treasury`, and on the right
/// `+ pool + bonus_each * entries` when `refund_all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To the operator; 0 when everything is refunded.
    pub fee: u64,
    /// To each winner of each tier; 0 for a tier without winners.
    pub prize_each: [u64; MAX_TIERS],
    /// The next round's jackpot.
    pub jackpot_next: u64,
    /// What cannot be divided, when there is no next jackpot.
    pub to_treasury: u64,
    /// Nobody won and nothing can roll over: every entry gets its stake back.
    pub refund_all: bool,
    /// To each entry on top of its stake when `refund_all`: the jackpot, shared evenly.
    pub bonus_each: u64,
}

/// Splits a round.
///
/// `None`: `pool + jackpot` does not fit 64 bits, a tier list is empty, too long or not as long as the other, or
/// shares or fee are above 10,000. None of these can happen to a validated game whose vault counts in 64 bits.
pub fn split(input: &SplitInput) -> Option<Split> {
    let tiers = input.shares_bps.len();
    if tiers == 0 || tiers > MAX_TIERS || tiers != input.winners.len() {
        return None;
    }
    if input.fee_bps as u64 > math::BPS {
        return None;
    }
    // Every amount below is a part of this sum: nothing after it can overflow.
    let money = input.pool.checked_add(input.jackpot)?;
    let rolls_over = input.rollover && !input.last_round;
    let any_winner = input.winners.iter().any(|&w| w > 0);
    if !rolls_over && !any_winner {
        return Some(refund(input));
    }

    let fee = math::bps(input.pool, input.fee_bps)?;
    let net = input.pool.checked_sub(fee)?;
    let mut pools = tier_pools(input, net)?;
    if !rolls_over {
        roll_down(&mut pools, input.winners);
    }

    let mut split = Split { fee, ..Split::default() };
    let mut left = money.checked_sub(fee)?;
    for ((each, &pool), &winners) in split.prize_each.iter_mut().zip(&pools).zip(input.winners) {
        if let Some(prize) = pool.checked_div(winners) {
            *each = prize;
            left = left.checked_sub(prize.wrapping_mul(winners))?;
        }
    }
    // Pools of tiers without winners, and the remainders of every division.
    if rolls_over {
        split.jackpot_next = left;
    } else {
        split.to_treasury = left;
    }
    Some(split)
}

/// Nobody won: stakes go back, and the jackpot is shared by everyone who played.
fn refund(input: &SplitInput) -> Split {
    let mut split = Split { refund_all: true, ..Split::default() };
    match input.jackpot.checked_div(input.entries) {
        Some(each) => {
            split.bonus_each = each;
            split.to_treasury = input.jackpot % input.entries;
        }
        // Nobody played: nobody to share it with.
        None => split.jackpot_next = input.jackpot,
    }
    split
}

/// `floor(net * share / 10_000)` for each tier, and the jackpot on top of the first.
#[inline]
fn tier_pools(input: &SplitInput, net: u64) -> Option<[u64; MAX_TIERS]> {
    let mut pools = [0; MAX_TIERS];
    // Sixteen shares below 2^16 fit 32 bits.
    let mut shares = 0u32;
    for (pool, &share) in pools.iter_mut().zip(input.shares_bps) {
        *pool = math::bps(net, share)?;
        shares = shares.wrapping_add(share as u32);
    }
    if shares as u64 > math::BPS {
        return None;
    }
    pools[0] = pools[0].checked_add(input.jackpot)?;
    Some(pools)
}

/// Gives the pool of each tier without winners to the next lower tier that has some; below the last such tier, to
/// that tier. There is a winner somewhere.
#[inline]
fn roll_down(pools: &mut [u64; MAX_TIERS], winners: &[u64]) {
    let mut carry = 0u64;
    let mut lowest_won = 0;
    for (t, (pool, &winners)) in pools.iter_mut().zip(winners).enumerate() {
        // Parts of `pool + jackpot`, which fits.
        carry = carry.wrapping_add(*pool);
        *pool = 0;
        if winners > 0 {
            *pool = carry;
            carry = 0;
            lowest_won = t;
        }
    }
    if let Some(pool) = pools.get_mut(lowest_won) {
        *pool = pool.wrapping_add(carry);
    }
}
