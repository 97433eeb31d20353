use anchor_lang::prelude::*;
use lottery_interface::{
    Source,
    kinds::{RoundStatus, VoidReason},
};

use crate::{
    errors::LotteryError,
    state::{Round, load_beacon, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `beacon` [].
#[derive(Accounts)]
pub struct ProveEarly {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub beacon: UncheckedAccount,
}

/// The cluster's clock lags so far that the value, or a later one, is public before the lock: somebody may have entered
/// with it. `post_value` needs chain time at or after the lock, so of the two only one is ever possible.
pub fn handler(ctx: &mut Context<ProveEarly>, beacon_round: u64, proof: &[u8]) -> Result<()> {
    let ProveEarly { cranker, round, beacon } = &mut ctx.accounts;
    require!(round.source == Source::Beacon as u8, LotteryError::NotBeacon);
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    let now = Clock::get()?.unix_timestamp;
    require!(now < round.locks_at, LotteryError::NotEarly);
    require!(beacon_round >= round.beacon_round, LotteryError::BeaconRoundBefore);
    load_beacon(beacon, &round.beacon)?.verify(beacon_round, proof)?;
    round.void(VoidReason::BeaconEarly, now);
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    round.invariant()
}
