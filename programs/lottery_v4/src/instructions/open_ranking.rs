// Anchor binds every `#[instruction]` argument in each function it derives, used there or not.
#![allow(unused_variables)]

use anchor_lang::{
    AnchorAccount, Discriminator,
    prelude::*,
    system_program::{self, Transfer},
};
use lottery_interface::{
    accounts::ranking_space,
    args::{MAX_GROWTH, RANKING_DEPOSIT_LAMPORTS},
    kinds::{RankingStatus, RoundStatus},
};

use crate::{
    errors::LotteryError,
    state::{Ranking, Round, raffle_state},
};

/// Accounts: `submitter` [writable, signer], `round` [], `ranking` [writable], `system_program` [].
#[derive(Accounts)]
pub struct OpenRanking {
    #[account(mut)]
    pub submitter: Signer,
    pub round: Account<Round>,
    #[account(mut, seeds = [b"ranking", round.address().as_ref(), submitter.address().as_ref()], bump)]
    pub ranking: UncheckedAccount,
    pub system_program: Program<System>,
}

/// An attempt is an account of its own, so that a wrong one is in nobody's way.
pub fn handler(ctx: &mut Context<OpenRanking>, key: u64, page: u32, index: u32) -> Result<()> {
    let bump = ctx.bumps.ranking;
    let OpenRanking { submitter, round, ranking, .. } = &mut ctx.accounts;
    let state = raffle_state(round)?;
    require!(round.is(RoundStatus::Drawn), LotteryError::NotDrawn);
    require!(round.pages_settled == round.page_count, LotteryError::PagesNotSettled);
    require!(state.ranking == Address::default(), LotteryError::AlreadyRanked);
    require!(round.entries > 0, LotteryError::RankUnknown);

    let (page_count, slots) = (round.page_count, state.ranked);
    let space = ranking_space(page_count, slots);
    let mut ranking = create(submitter, ranking, round.address(), bump, space)?;
    ranking.round = *round.address();
    ranking.submitter = *submitter.address();
    ranking.threshold_key = key;
    ranking.threshold_page = page;
    ranking.threshold_index = index;
    ranking.deposit_lamports = RANKING_DEPOSIT_LAMPORTS;
    ranking.slots = slots;
    ranking.page_count = page_count;
    ranking.status = if space <= MAX_GROWTH { RankingStatus::Counting } else { RankingStatus::Growing } as u8;
    ranking.bump = bump;
    Ok(())
}

/// Creates the account with the rent of its full size and the deposit, but at most `MAX_GROWTH` bytes; `grow_ranking` adds
/// the rest.
fn create(
    submitter: &mut Signer,
    ranking: &mut UncheckedAccount,
    round: &Address,
    bump: u8,
    space: usize,
) -> Result<Account<Ranking>> {
    let first = space.min(MAX_GROWTH);
    let seeds: [&[u8]; 4] = [b"ranking", round.as_ref(), submitter.address().as_ref(), &[bump]];
    anchor_lang::create_account_signed(submitter.account(), ranking.account(), first, &crate::ID, &seeds)?;
    let wanted = anchor_lang::cpi::rent_exempt_lamports(space)?.saturating_add(RANKING_DEPOSIT_LAMPORTS);
    let missing = wanted.saturating_sub(ranking.account().lamports());
    if missing > 0 {
        let transfer = Transfer { from: submitter.cpi_handle_mut(), to: ranking.cpi_handle_mut() };
        system_program::transfer(CpiContext::new(&System::id(), transfer), missing)?;
    }
    let mut view = *ranking.account();
    // SAFETY: created above; nothing else points into it.
    unsafe {
        view.borrow_unchecked_mut()[..8].copy_from_slice(Ranking::DISCRIMINATOR);
        Account::<Ranking>::load_mut(view)
    }
}
