use anchor_lang::prelude::*;
use lottery_interface::kinds::RoundStatus;

use crate::{
    errors::LotteryError,
    kinds::raffle,
    state::{Ranking, Round, pay_reward, raffle_state, ranking_parts, store_raffle_state},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `ranking` [writable].
#[derive(Accounts)]
pub struct SortRanking {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
}

/// Swaps entries into the next ranks, each checked to be after the one before it. Whoever sends them sorted off chain, so a
/// rank costs two bytes and no search.
pub fn handler(ctx: &mut Context<SortRanking>, places: &[u8]) -> Result<()> {
    let SortRanking { cranker, round, ranking } = &mut ctx.accounts;
    let mut state = *raffle_state(round)?;
    require!(state.ranking == *ranking.address(), LotteryError::WrongRanking);
    require!(round.is(RoundStatus::Drawn) && state.is_ranked == 0, LotteryError::AlreadyRanked);
    let (places, rest) = places.as_chunks::<2>();
    require!(rest.is_empty() && !places.is_empty(), LotteryError::ItemsMalformed);
    let mut rank = ranking.sorted as usize;
    let (_, ranked) = ranking_parts(ranking)?;
    for place in places {
        let from = u16::from_le_bytes(*place) as usize;
        require!(rank <= from && from < ranked.len(), LotteryError::RankUnknown);
        ranked.swap(rank, from);
        if rank > 0 {
            let is_after =
                raffle::ranked_standing(&ranked[rank - 1]) < raffle::ranked_standing(&ranked[rank]);
            require!(is_after, LotteryError::OrderWrong);
        }
        rank += 1;
    }
    let is_sorted = rank == ranked.len();
    if is_sorted {
        let last = ranked[rank - 1];
        state.threshold_key = last.key;
        state.threshold_page = last.page;
        state.threshold_index = last.index;
        state.is_ranked = 1;
        store_raffle_state(round, &state)?;
        round.result[..8].copy_from_slice(&last.key.to_le_bytes());
        round.result[8..12].copy_from_slice(&last.page.to_le_bytes());
        round.result[12..16].copy_from_slice(&last.index.to_le_bytes());
        round.log_change();
    }
    ranking.sorted = rank as u32;
    pay_reward(round, cranker, is_sorted as u64, places.len() as u64)
}
