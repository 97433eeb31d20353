use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};

use crate::{
    errors::LotteryError,
    state::{Registry, Round, pay_reward},
    switchboard,
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `registry` [], `switchboard` [], then those of Switchboard's
/// `randomness_commit`, in its order.
#[derive(Accounts)]
pub struct CommitRandomness {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub registry: Account<Registry>,
    pub switchboard: UncheckedAccount,
}

/// Binds the round to what the oracle will sign over the newest slot hash. Once: a second commit would be a second value.
pub fn handler(ctx: &mut Context<CommitRandomness>) -> Result<()> {
    let accounts = ctx.remaining_accounts()?;
    let CommitRandomness { cranker, round, registry, switchboard } = &mut ctx.accounts;
    require!(round.source == Source::Switchboard as u8, LotteryError::NotSwitchboard);
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    let clock = Clock::get()?;
    round.require_locked(&clock)?;
    require!(round.randomness == Address::default(), LotteryError::RandomnessCommitted);
    let program = switchboard.account();
    let randomness =
        switchboard::call(&switchboard::COMMIT, registry, round.address(), program, &accounts, &[])?;
    require!(
        randomness.seed_slot.checked_add(1) == Some(clock.slot)
            && randomness.reveal_slot <= randomness.seed_slot,
        LotteryError::RandomnessNotFresh
    );
    round.randomness = *accounts[0].address();
    round.captured_slot = randomness.seed_slot;
    pay_reward(round, cranker, 1, 0)?;
    round.invariant()
}
