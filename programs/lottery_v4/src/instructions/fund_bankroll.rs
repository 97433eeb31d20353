use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    kinds,
    state::{Lottery, Wallet},
};

/// Accounts: `owner` [signer], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct FundBankroll {
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Anyone may; only the operator can take free bankroll back.
pub fn handler(ctx: &mut Context<FundBankroll>, amount_units: u64) -> Result<()> {
    let FundBankroll { owner, wallet, lottery } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    require!(kinds::kind(lottery.kind)?.is_house(), LotteryError::NoBankroll);
    wallet.require_owner(owner.address())?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    wallet.balance_units =
        wallet.balance_units.checked_sub(amount_units).ok_or(LotteryError::InsufficientBalance)?;
    lottery.bankroll_free_units = add(lottery.bankroll_free_units, amount_units)?;
    lottery.invariant()
}
