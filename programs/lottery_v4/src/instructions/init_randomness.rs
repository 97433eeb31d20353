use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};

use crate::{
    errors::LotteryError,
    state::{Registry, Round},
    switchboard,
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `registry` [], `switchboard` [], then those of Switchboard's
/// `randomness_init`, in its order.
#[derive(Accounts)]
pub struct InitRandomness {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub registry: Account<Registry>,
    pub switchboard: UncheckedAccount,
}

/// Creates a randomness account that only this program can commit and reveal, and only for this round. Anyone may, and more
/// than once: the commit chooses one.
pub fn handler(ctx: &mut Context<InitRandomness>, recent_slot: u64) -> Result<()> {
    let accounts = ctx.remaining_accounts()?;
    let InitRandomness { round, registry, switchboard, .. } = &mut ctx.accounts;
    require!(round.source == Source::Switchboard as u8, LotteryError::NotSwitchboard);
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    let arguments = recent_slot.to_le_bytes();
    switchboard::call(
        &switchboard::INIT,
        registry,
        round.address(),
        switchboard.account(),
        &accounts,
        &arguments,
    )?;
    Ok(())
}
