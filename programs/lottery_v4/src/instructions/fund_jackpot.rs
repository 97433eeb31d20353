use anchor_lang::prelude::*;
use lottery_interface::kinds::LotteryStatus;

use crate::{
    errors::{LotteryError, add},
    kinds,
    state::{Lottery, Wallet},
};

/// Accounts: `owner` [signer], `wallet` [writable], `lottery` [writable].
#[derive(Accounts)]
pub struct FundJackpot {
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Anyone may. It can only ever be won. A bond was reserved for the jackpot of its time: a larger one could be worth more
/// to a withholding operator.
pub fn handler(ctx: &mut Context<FundJackpot>, amount_units: u64) -> Result<()> {
    let FundJackpot { owner, wallet, lottery } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    require!(lottery.status != LotteryStatus::Completed as u8, LotteryError::WrongStatus);
    // Where there is no jackpot to win, this could never leave.
    require!(kinds::kind(lottery.kind)?.has_jackpot(), LotteryError::WrongKind);
    wallet.require_owner(owner.address())?;
    require!(wallet.mint == lottery.mint, LotteryError::WrongMint);
    wallet.balance_units =
        wallet.balance_units.checked_sub(amount_units).ok_or(LotteryError::InsufficientBalance)?;
    require!(lottery.bond_reserved_units == 0, LotteryError::JackpotBeyondBond);
    lottery.jackpot_units = add(lottery.jackpot_units, amount_units)?;
    lottery.invariant()
}
