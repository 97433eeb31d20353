use anchor_lang::prelude::*;
use lottery_interface::{accounts::FLAG_PAID, kinds::RoundStatus};

use crate::{
    batch::{Batch, book, credit_items},
    errors::LotteryError,
    kinds,
};

/// Pushed by a keeper or pulled by a player: the same instruction.
pub fn handler(ctx: &mut Context<Batch>, items: &[u8]) -> Result<()> {
    let wallets = ctx.remaining_accounts()?;
    let Batch { round, page, .. } = &mut ctx.accounts;
    page.require_round(round.address())?;
    require!(round.is(RoundStatus::Final) && round.refund_all == 0, LotteryError::NotFinal);
    require!(round.expired == 0, LotteryError::NothingToPay);
    let again = LotteryError::AlreadyPaid;
    let done = credit_items(page, &wallets, &round.mint, items, FLAG_PAID, again, |entry, _| {
        kinds::prize(round, entry)
    })?;
    page.paid += done.items;
    round.winners_paid += done.items as u64;
    book(&mut ctx.accounts, &done, false)
}
