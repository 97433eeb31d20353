use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    kinds::raffle::PlaceBook,
    state::{Lottery, Page, Ranking, Round, Wallet},
};

/// Accounts: `owner` [signer], `wallet` [], `lottery` [writable], `round` [writable], `ranking` [writable], `page` [writable].
#[derive(Accounts)]
pub struct ConfirmPlace {
    pub owner: Signer,
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
    #[account(mut)]
    pub page: Account<Page>,
}

/// Takes the place that is offered, before the offer lapses. The fee becomes the organiser's.
pub fn handler(ctx: &mut Context<ConfirmPlace>, rank: u32) -> Result<()> {
    let ConfirmPlace { owner, wallet, lottery, round, ranking, page } = &mut ctx.accounts;
    wallet.require_owner(owner.address())?;
    round.require_lottery(lottery.address())?;
    page.require_round(round.address())?;
    let mut book = PlaceBook::open(round, ranking)?;
    let entry = book.entry(rank, page)?;
    require!(entry.wallet == *wallet.address(), LotteryError::WrongWallet);
    book.take(rank, entry, Clock::get()?.unix_timestamp)?;
    page.winners += 1;
    page.paid += 1;
    book.store(lottery, round)?;
    page.invariant()
}
