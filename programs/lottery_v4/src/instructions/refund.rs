use anchor_lang::prelude::*;
use lottery_interface::accounts::FLAG_REFUNDED;

use crate::{
    batch::{Batch, book, credit_items},
    errors::LotteryError,
    kinds,
    state::raffle_state,
};

/// Gives stakes back in full, with an equal share of a last jackpot, or with the compensation for a bond that was slashed. Of a
/// final raffle for places, to those who have none.
pub fn handler(ctx: &mut Context<Batch>, items: &[u8]) -> Result<()> {
    let wallets = ctx.remaining_accounts()?;
    let Batch { round, page, .. } = &mut ctx.accounts;
    page.require_round(round.address())?;
    let raffle = if round.has_places() { Some(*raffle_state(round)?) } else { None };
    require!(round.refunds() || raffle.is_some(), LotteryError::NotVoid);
    require!(round.all_sealed(), LotteryError::PagesNotSealed);
    require!(round.expired == 0, LotteryError::NothingToPay);
    let again = LotteryError::AlreadyRefunded;
    let sequence = page.sequence;
    let done =
        credit_items(
            page,
            &wallets,
            &round.mint,
            items,
            FLAG_REFUNDED,
            again,
            |entry, index| match &raffle {
                Some(state) => kinds::raffle::refund(state, entry, sequence, index),
                None => round.refund_units(entry.stake_units),
            },
        )?;
    page.refunded += done.items;
    round.refunded += done.items as u64;
    book(&mut ctx.accounts, &done, true)
}
