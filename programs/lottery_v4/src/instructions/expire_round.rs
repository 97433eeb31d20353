use anchor_lang::prelude::*;
use lottery_interface::{
    Source,
    kinds::{LotteryStatus, RoundStatus},
};

use crate::{
    errors::{LotteryError, add},
    kinds,
    state::{Lottery, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable].
#[derive(Accounts)]
pub struct ExpireRound {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
}

/// After the claim period: prizes of a rollover lottery go to its jackpot, all else to the treasury. Only what
/// could not be credited is left by then, because the wallet was closed.
///
/// On commit-reveal prizes go to the treasury too: a bond was reserved for the jackpot of its time, and whoever expires picks
/// the moment.
pub fn handler(ctx: &mut Context<ExpireRound>) -> Result<()> {
    let ExpireRound { cranker, lottery, round } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    require!(round.finalised != 0, LotteryError::NotFinal);
    require!(round.all_sealed(), LotteryError::PagesNotSealed);
    require!(!round.owes_nothing(), LotteryError::NothingToPay);
    require!(Clock::get()?.unix_timestamp >= round.claim_until, LotteryError::ClaimPeriodOpen);
    // Offers go on as long as somebody waits.
    require!(!round.has_places() || kinds::raffle::are_places_settled(round)?, LotteryError::ClaimPeriodOpen);
    let prizes = round.is(RoundStatus::Final) && round.refund_all == 0;
    let runs = lottery.status != LotteryStatus::Completed as u8;
    if prizes && lottery.rollover != 0 && runs && round.source != Source::CommitReveal as u8 {
        // The lottery may have changed its source since.
        require!(lottery.bond_reserved_units == 0, LotteryError::JackpotBeyondBond);
        lottery.jackpot_units = add(lottery.jackpot_units, round.cash_units)?;
    } else {
        lottery.treasury_due_units = add(lottery.treasury_due_units, round.cash_units)?;
    }
    round.cash_units = 0;
    round.expired = 1;
    pay_reward(round, cranker, 1, 0)?;
    lottery.invariant()?;
    round.invariant()
}
