use anchor_lang::prelude::*;
use lottery_interface::accounts::FLAG_REFUNDED;

use crate::{
    batch::{Batch, book, credit_items},
    errors::LotteryError,
};

/// Gives stakes back in full, with an equal share of a last jackpot, or with the compensation for a bond that was slashed.
pub fn handler(ctx: &mut Context<Batch>, items: &[u8]) -> Result<()> {
    let wallets = ctx.remaining_accounts()?;
    let Batch { round, page, .. } = &mut ctx.accounts;
    page.require_round(round.address())?;
    require!(round.refunds(), LotteryError::NotVoid);
    require!(round.all_sealed(), LotteryError::PagesNotSealed);
    require!(round.expired == 0, LotteryError::NothingToPay);
    let again = LotteryError::AlreadyRefunded;
    let done = credit_items(page, &wallets, &round.mint, items, FLAG_REFUNDED, again, |entry| {
        round.refund_units(entry.stake_units)
    })?;
    page.refunded += done.items;
    round.refunded += done.items as u64;
    book(&mut ctx.accounts, &done, true)
}
