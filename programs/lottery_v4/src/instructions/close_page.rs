use anchor_lang::prelude::*;
use lottery_interface::kinds::{Kind, PageStatus, RoundStatus};

use crate::{
    errors::LotteryError,
    state::{Page, Round, close_account, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `page` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct ClosePage {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub page: Account<Page>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<ClosePage>) -> Result<()> {
    let ClosePage { cranker, round, page, rent_payer } = &mut ctx.accounts;
    page.require_round(round.address())?;
    require!(page.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    require!(round.is(RoundStatus::Final) || round.is(RoundStatus::Void), LotteryError::NotFinal);
    require!(page.status >= PageStatus::Sealed as u8 && page.cash_units == 0, LotteryError::PagesNotSealed);
    // The page of a raffle may hold an entry whose rank is not resolved yet.
    let paid = if round.kind == Kind::Raffle as u8 {
        round.owes_nothing()
    } else if round.refunds() {
        page.refunded == page.count
    } else {
        page.paid == page.winners
    };
    require!(paid || round.expired != 0, LotteryError::StillOwes);
    round.pages_closed += 1;
    pay_reward(round, cranker, 1, 0)?;
    round.invariant()?;
    close_account(page.account(), rent_payer)
}
