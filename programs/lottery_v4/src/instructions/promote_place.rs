use anchor_lang::prelude::*;

use crate::{
    kinds::raffle::PlaceBook,
    state::{Ranking, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `ranking` [writable].
#[derive(Accounts)]
pub struct PromotePlace {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
}

/// Offers a place that fell free to the next who waits: in the order of the ranking, and no other.
pub fn handler(ctx: &mut Context<PromotePlace>, rank: u32) -> Result<()> {
    let PromotePlace { cranker, round, ranking } = &mut ctx.accounts;
    let mut book = PlaceBook::open(round, ranking)?;
    book.promote(rank, Clock::get()?.unix_timestamp)?;
    book.store_state(round)?;
    pay_reward(round, cranker, 0, 1)
}
