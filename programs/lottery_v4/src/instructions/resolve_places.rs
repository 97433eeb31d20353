use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    kinds::raffle::PlaceBook,
    state::{Lottery, Page, Ranking, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable], `ranking` [writable], `page` [writable].
#[derive(Accounts)]
pub struct ResolvePlaces {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
    #[account(mut)]
    pub page: Account<Page>,
}

/// Writes into the entries of one page what became of their ranks: a prize, an offer that lapsed, a wait in vain.
pub fn handler(ctx: &mut Context<ResolvePlaces>, ranks: &[u8]) -> Result<()> {
    let ResolvePlaces { cranker, lottery, round, ranking, page } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    page.require_round(round.address())?;
    let (ranks, rest) = ranks.as_chunks::<2>();
    require!(rest.is_empty() && !ranks.is_empty(), LotteryError::ItemsMalformed);
    let now = Clock::get()?.unix_timestamp;
    let mut book = PlaceBook::open(round, ranking)?;
    let mut winners = 0;
    for rank in ranks {
        let rank = u16::from_le_bytes(*rank) as u32;
        let entry = book.entry(rank, page)?;
        winners += book.resolve(rank, entry, now)? as u32;
    }
    page.winners += winners;
    book.store(lottery, round)?;
    pay_reward(round, cranker, 0, ranks.len() as u64)?;
    page.invariant()
}
