use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    state::{Lottery, Wallet},
};

/// Accounts: `treasurer` [signer], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct WithdrawFees {
    pub treasurer: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

pub fn handler(ctx: &mut Context<WithdrawFees>, amount_units: u64) -> Result<()> {
    let WithdrawFees { treasurer, wallet, lottery } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    require!(lottery.treasurer == *treasurer.address(), LotteryError::Unauthorized);
    wallet.require_owner(treasurer.address())?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    lottery.fees_units =
        lottery.fees_units.checked_sub(amount_units).ok_or(LotteryError::InsufficientBalance)?;
    wallet.balance_units = add(wallet.balance_units, amount_units)?;
    lottery.invariant()
}
