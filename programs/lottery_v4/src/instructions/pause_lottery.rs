use anchor_lang::prelude::*;
use lottery_interface::kinds::{LotteryStatus, RoundStatus, VoidReason};

use crate::{
    errors::LotteryError,
    state::{Lottery, Round},
};

/// Accounts: `pauser` [signer], `lottery` [writable], `newest` [writable], `previous` [writable].
#[derive(Accounts)]
pub struct PauseLottery {
    pub pauser: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    /// Round `next_round_index - 1`, or the address it would have.
    #[account(mut)]
    pub newest: UncheckedAccount,
    /// Round `next_round_index - 2`, or the address it would have.
    #[account(mut)]
    pub previous: UncheckedAccount,
}

/// Voids every round that still takes entries, in the same instruction: nobody can pause others out of a
/// jackpot. At most two rounds take entries at once (`open_round`), so these two are all. A round that is
/// locked is not touched: its result can no longer be vetoed.
pub fn handler(ctx: &mut Context<PauseLottery>) -> Result<()> {
    let PauseLottery { pauser, lottery, newest, previous } = &mut ctx.accounts;
    require!(lottery.pauser == *pauser.address(), LotteryError::Unauthorized);
    lottery.require_status(LotteryStatus::Active)?;
    let clock = Clock::get()?;
    let next = lottery.next_round_index;
    void_if_open(lottery, newest, next.wrapping_sub(1), &clock)?;
    void_if_open(lottery, previous, next.wrapping_sub(2), &clock)?;
    // No round takes entries any more, so nothing keeps the next from opening once activated again.
    lottery.last_locks_at = lottery.last_locks_at.min(clock.unix_timestamp);
    lottery.previous_locks_at = lottery.previous_locks_at.min(clock.unix_timestamp);
    lottery.status = LotteryStatus::Paused as u8;
    lottery.invariant()
}

fn void_if_open(
    lottery: &Account<Lottery>,
    round: &UncheckedAccount,
    index: u64,
    clock: &Clock,
) -> Result<()> {
    let seeds: [&[u8]; 3] = [b"round", lottery.address().as_ref(), &index.to_le_bytes()];
    let (expected, _) = find_program_address(&seeds, &crate::ID);
    require!(*round.address() == expected, LotteryError::WrongRound);
    if !round.account().owned_by(&crate::ID) {
        // Never opened, or closed already.
        return Ok(());
    }
    // SAFETY: the two rounds are different accounts, by their addresses, and nothing else here loads one.
    let mut round = unsafe { Account::<Round>::load_mut(*round.account())? };
    if round.is(RoundStatus::Open) && !round.is_locked(clock) {
        round.void(VoidReason::Paused, clock.unix_timestamp);
        round.log_change();
        round.invariant()?;
    }
    Ok(())
}
