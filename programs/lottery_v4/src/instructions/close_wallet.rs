use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    state::{Wallet, close_account},
};

/// Accounts: `owner` [signer], `wallet` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct CloseWallet {
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<CloseWallet>) -> Result<()> {
    let CloseWallet { owner, wallet, rent_payer } = &mut ctx.accounts;
    wallet.require_owner(owner.address())?;
    require!(wallet.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    require!(wallet.balance_units == 0, LotteryError::WalletNotEmpty);
    require!(Clock::get()?.unix_timestamp >= wallet.busy_until, LotteryError::WalletBusy);
    close_account(wallet.account(), rent_payer)
}
