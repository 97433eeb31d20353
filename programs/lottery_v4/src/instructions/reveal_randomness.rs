use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};

use crate::{
    errors::LotteryError,
    state::{Registry, Round, pay_reward},
    switchboard,
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `registry` [], `switchboard` [], then those of Switchboard's
/// `randomness_reveal`, in its order.
#[derive(Accounts)]
pub struct RevealRandomness {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub registry: Account<Registry>,
    pub switchboard: UncheckedAccount,
}

/// Stores the value that the oracle signed: what `post_value` is for the other sources.
pub fn handler(
    ctx: &mut Context<RevealRandomness>,
    signature: [u8; 64],
    recovery_id: u8,
    value: [u8; 32],
) -> Result<()> {
    let accounts = ctx.remaining_accounts()?;
    let RevealRandomness { cranker, round, registry, switchboard } = &mut ctx.accounts;
    require!(round.source == Source::Switchboard as u8, LotteryError::NotSwitchboard);
    require!(!round.is(RoundStatus::Void), LotteryError::RoundNotOpen);
    require!(round.is(RoundStatus::Open), LotteryError::ValueAlreadyPosted);
    require!(round.randomness != Address::default(), LotteryError::RandomnessNotCommitted);
    let account = accounts.first().ok_or(LotteryError::WrongRandomness)?;
    require!(round.randomness == *account.address(), LotteryError::WrongRandomness);

    let mut arguments = [0; 64 + 1 + 32];
    arguments[..64].copy_from_slice(&signature);
    arguments[64] = recovery_id;
    arguments[65..].copy_from_slice(&value);
    let program = switchboard.account();
    let randomness =
        switchboard::call(&switchboard::REVEAL, registry, round.address(), program, &accounts, &arguments)?;
    require!(
        randomness.seed_slot == round.captured_slot && randomness.reveal_slot == Clock::get()?.slot,
        LotteryError::RandomnessNotFresh
    );
    round.value = randomness.value;
    round.status = RoundStatus::Valued as u8;
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    round.invariant()
}
