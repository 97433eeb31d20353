use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};

use crate::{
    errors::LotteryError,
    slot_hashes::{self, Lookup},
    state::{Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `slot_hashes` [].
#[derive(Accounts)]
pub struct Capture {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub slot_hashes: UncheckedAccount,
}

/// Stores the hash of the first produced slot at or after the target. Which slot that is does not depend
/// on who captures or when.
pub fn handler(ctx: &mut Context<Capture>) -> Result<()> {
    let Capture { cranker, round, slot_hashes } = &mut ctx.accounts;
    require!(round.source == Source::CommitReveal as u8, LotteryError::NotCommitReveal);
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    require!(round.captured_slot == 0, LotteryError::SlotHashAlreadyCaptured);
    let slot = Clock::get()?.slot;
    match slot_hashes::first_from(slot_hashes, round.target_slot, slot)? {
        Lookup::Found { slot, hash } => {
            round.captured_slot = slot;
            round.slot_hash = hash;
        }
        Lookup::NotYet => return Err(LotteryError::SlotNotReached.into()),
        Lookup::Lost => return Err(LotteryError::SlotHashLost.into()),
    }
    // Once per round: a re-timed round is captured again.
    if round.retimes == 0 {
        pay_reward(round, cranker, 1, 0)?;
    }
    round.invariant()
}
