use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    state::{Lottery, Wallet},
};

/// Accounts: `owner` [signer], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct FundBond {
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Anyone may; only the operator can take free bond back.
pub fn handler(ctx: &mut Context<FundBond>, amount_units: u64) -> Result<()> {
    let FundBond { owner, wallet, lottery } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    wallet.require_owner(owner.address())?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    wallet.balance_units =
        wallet.balance_units.checked_sub(amount_units).ok_or(LotteryError::InsufficientBalance)?;
    lottery.bond_free_units = add(lottery.bond_free_units, amount_units)?;
    lottery.invariant()
}
