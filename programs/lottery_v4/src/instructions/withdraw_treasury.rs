use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    state::{Lottery, Registry, Wallet},
};

/// Accounts: `registry` [], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct WithdrawTreasury {
    pub registry: Account<Registry>,
    /// The treasury's wallet in the lottery's mint.
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Anyone may: it can only go to the treasury.
pub fn handler(ctx: &mut Context<WithdrawTreasury>) -> Result<()> {
    let WithdrawTreasury { registry, wallet, lottery } = &mut ctx.accounts;
    wallet.require_owner(&registry.treasury)?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    require!(lottery.treasury_due_units > 0, LotteryError::ZeroAmount);
    wallet.balance_units = add(wallet.balance_units, lottery.treasury_due_units)?;
    lottery.treasury_due_units = 0;
    lottery.invariant()
}
