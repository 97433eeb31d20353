use anchor_lang::prelude::*;
use lottery_interface::{accounts::ranking_space, args::MAX_GROWTH, kinds::RankingStatus};

use crate::{errors::LotteryError, state::Ranking};

/// Accounts: `ranking` [writable].
#[derive(Accounts)]
pub struct GrowRanking {
    #[account(mut)]
    pub ranking: Account<Ranking>,
}

/// Anyone may; the rent is already there.
pub fn handler(ctx: &mut Context<GrowRanking>) -> Result<()> {
    let ranking = &mut ctx.accounts.ranking;
    require!(ranking.status == RankingStatus::Growing as u8, LotteryError::RankingSizeReached);
    let size = ranking_space(ranking.page_count, ranking.slots);
    let next = size.min(ranking.current_space() + MAX_GROWTH);
    let mut view = *ranking.account();
    let payer = *ranking.account();
    anchor_lang::realloc_account(&mut view, next, &payer, false)?;
    if next == size {
        ranking.status = RankingStatus::Counting as u8;
    }
    Ok(())
}
