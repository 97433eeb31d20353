use anchor_lang::prelude::*;
use lottery_interface::kinds::{PageStatus, RoundStatus};
use lottery_rules::seed::fold_page;

use crate::{
    errors::{LotteryError, add},
    hash::Syscall,
    kinds,
    state::{Page, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `page` [writable].
#[derive(Accounts)]
pub struct SealPage {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub page: Account<Page>,
}

/// Folds a page into the round, strictly by sequence: who seals, and when, changes nothing.
pub fn handler(ctx: &mut Context<SealPage>) -> Result<()> {
    let SealPage { cranker, round, page } = &mut ctx.accounts;
    page.require_round(round.address())?;
    require!(page.status <= PageStatus::Open as u8, LotteryError::PageAlreadySealed);
    require!(page.sequence == round.pages_sealed, LotteryError::WrongPage);
    if !round.is(RoundStatus::Void) {
        round.require_locked(&Clock::get()?)?;
    }

    round.cash_units = add(round.cash_units, page.cash_units)?;
    round.pool_units = add(round.pool_units, page.cash_units)?;
    page.cash_units = 0;
    round.liability_units = add(round.liability_units, page.liability_units)?;
    round.entries = add(round.entries, page.count as u64)?;
    round.sealed_digest = fold_page::<Syscall>(&round.sealed_digest, &page.digest, page.sequence, page.count);
    round.pages_sealed += 1;
    kinds::seal(round, page)?;
    if page.count == 0 {
        // Nothing to settle, and no reward: an empty round can be re-timed and sealed again.
        page.status = PageStatus::Settled as u8;
        round.pages_settled += 1;
    } else {
        page.status = PageStatus::Sealed as u8;
        pay_reward(round, cranker, 1, 0)?;
    }
    page.invariant()?;
    round.invariant()
}
