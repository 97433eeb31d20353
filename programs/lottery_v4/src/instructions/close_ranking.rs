use anchor_lang::{AnchorAccount, prelude::*};
use lottery_interface::kinds::{RankingStatus, RoundStatus};

use crate::{
    errors::{LotteryError, add},
    state::{Ranking, Round, close_account, move_lamports, raffle_state},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `ranking` [writable], `submitter` [writable].
#[derive(Accounts)]
pub struct CloseRanking {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    /// May be closed already.
    #[account(mut)]
    pub round: UncheckedAccount,
    #[account(mut)]
    pub ranking: Account<Ranking>,
    #[account(mut, unsafe(dup))]
    pub submitter: UncheckedAccount,
}

/// Rent returns to who paid it. A wrong attempt leaves its deposit to the round's rewards.
pub fn handler(ctx: &mut Context<CloseRanking>) -> Result<()> {
    let CloseRanking { round, ranking, submitter, .. } = &mut ctx.accounts;
    ranking.require_round(round.address())?;
    require!(ranking.submitter == *submitter.address(), LotteryError::WrongRentPayer);
    if round.account().owned_by(&crate::ID) {
        // SAFETY: the round is no other account of this instruction.
        let mut round = unsafe { Account::<Round>::load_mut(*round.account())? };
        let state = raffle_state(&round)?;
        if ranking.status == RankingStatus::Accepted as u8 {
            require!(round.owes_nothing(), LotteryError::RankingInUse);
        } else if ranking.is_wrong() {
            let deposit = ranking.deposit_lamports;
            round.crank_lamports = add(round.crank_lamports, deposit)?;
            move_lamports(ranking, &round, deposit)?;
        } else {
            let is_late = state.ranking != Address::default() || !round.is(RoundStatus::Drawn);
            require!(is_late, LotteryError::RankingInUse);
        }
    }
    close_account(ranking.account(), submitter)
}
