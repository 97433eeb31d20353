use anchor_lang::prelude::*;
use lottery_interface::kinds::{RankingStatus, RoundStatus};

use crate::{
    errors::LotteryError,
    state::{Ranking, Round, move_lamports, pay_reward, raffle_state, store_raffle_state},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `ranking` [writable], `submitter` [writable].
#[derive(Accounts)]
pub struct AcceptRanking {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
    #[account(mut, unsafe(dup))]
    pub submitter: UncheckedAccount,
}

/// Exactly as many entries as have a rank are not after the threshold: so these are the ones, whoever chose it.
pub fn handler(ctx: &mut Context<AcceptRanking>) -> Result<()> {
    let AcceptRanking { cranker, round, ranking, submitter } = &mut ctx.accounts;
    let mut state = *raffle_state(round)?;
    ranking.require_round(round.address())?;
    require!(round.is(RoundStatus::Drawn), LotteryError::NotDrawn);
    require!(state.ranking == Address::default(), LotteryError::AlreadyRanked);
    require!(ranking.submitter == *submitter.address(), LotteryError::WrongRentPayer);
    require!(ranking.found <= ranking.slots, LotteryError::ThresholdTooHigh);
    require!(ranking.pages_counted == ranking.page_count, LotteryError::PagesNotCounted);
    require!(ranking.found == ranking.slots, LotteryError::ThresholdTooLow);
    state.ranking = *ranking.address();
    store_raffle_state(round, &state)?;
    ranking.status = RankingStatus::Accepted as u8;
    let deposit = ranking.deposit_lamports;
    ranking.deposit_lamports = 0;
    move_lamports(ranking, submitter, deposit)?;
    pay_reward(round, cranker, 1 + round.page_count as u64, 0)
}
