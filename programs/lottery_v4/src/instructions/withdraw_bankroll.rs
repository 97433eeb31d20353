use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    state::{Lottery, Wallet},
};

/// Accounts: `operator` [signer], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct WithdrawBankroll {
    pub operator: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// What pages have reserved stays until their round is final.
pub fn handler(ctx: &mut Context<WithdrawBankroll>, amount_units: u64) -> Result<()> {
    let WithdrawBankroll { operator, wallet, lottery } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    lottery.require_operator(operator.address())?;
    wallet.require_owner(operator.address())?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    lottery.bankroll_free_units =
        lottery.bankroll_free_units.checked_sub(amount_units).ok_or(LotteryError::BankrollTooLow)?;
    wallet.balance_units = add(wallet.balance_units, amount_units)?;
    lottery.invariant()
}
