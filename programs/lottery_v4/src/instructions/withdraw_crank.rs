use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    state::{Lottery, move_lamports},
};

/// Accounts: `operator` [writable, signer], `lottery` [writable].
#[derive(Accounts)]
pub struct WithdrawCrank {
    #[account(mut)]
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

pub fn handler(ctx: &mut Context<WithdrawCrank>, amount_lamports: u64) -> Result<()> {
    let WithdrawCrank { operator, lottery } = &mut ctx.accounts;
    require!(amount_lamports > 0, LotteryError::ZeroAmount);
    lottery.require_operator(operator.address())?;
    lottery.crank_lamports =
        lottery.crank_lamports.checked_sub(amount_lamports).ok_or(LotteryError::CrankDepositTooLow)?;
    move_lamports(lottery, operator, amount_lamports)?;
    lottery.invariant()
}
