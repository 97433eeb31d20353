use anchor_lang::prelude::*;
use lottery_interface::kinds::RoundStatus;
use lottery_rules::seed::history_head;

use crate::{
    errors::{LotteryError, add, mul, sub},
    hash::Syscall,
    kinds,
    state::{Config, Lottery, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable], `config` [].
#[derive(Accounts)]
pub struct Finalise {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    pub config: Account<Config>,
}

/// Splits the pool of a settled round; counts a void round in its order. Once per round.
pub fn handler(ctx: &mut Context<Finalise>) -> Result<()> {
    let Finalise { cranker, lottery, round, config } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    round.require_config(config.address())?;
    require!(round.finalised == 0, LotteryError::AlreadyFinal);
    let void = round.is(RoundStatus::Void);
    require!(void || round.is(RoundStatus::Drawn), LotteryError::NotDrawn);
    require!(void || round.pages_settled == round.page_count, LotteryError::PagesNotSettled);
    require!(
        lottery.rollover == 0 || round.index == lottery.next_final_index,
        LotteryError::FinaliseOutOfOrder
    );

    if void {
        lottery.bankroll_free_units = add(lottery.bankroll_free_units, round.budget_units)?;
    } else {
        split(lottery, round, config)?;
        let now = Clock::get()?.unix_timestamp;
        round.status = RoundStatus::Final as u8;
        round.final_at = now;
        round.claim_until = now.saturating_add(round.claim_seconds as i64);
        if round.chain_position > lottery.chain_position {
            lottery.chain_head = round.reveal;
            lottery.chain_position = round.chain_position;
        }
    }
    // A split returned what it did not pay out.
    lottery.bankroll_reserved_units = sub(lottery.bankroll_reserved_units, round.budget_units)?;
    round.finalised = 1;
    lottery.bond_reserved_units = sub(lottery.bond_reserved_units, round.bond_units)?;
    lottery.bond_free_units = add(lottery.bond_free_units, round.bond_units)?;
    round.bond_units = 0;
    lottery.unfinalised_pools_units =
        sub(lottery.unfinalised_pools_units, round.rolling_pool_units(lottery.rollover)?)?;
    lottery.next_final_index += 1;
    lottery.history_head =
        history_head::<Syscall>(&lottery.history_head, round.index, &round.seed, &round.result);
    if round.is_last != 0 {
        // A last round that was void, or that nobody entered, left the jackpot: there will be another.
        lottery.retiring = 1;
    }
    lottery.complete_if_done();
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    lottery.invariant()?;
    round.invariant()
}

/// Moves pool, jackpot and reserved budget to where the rules send them, and checks that nothing appeared or got lost.
fn split(lottery: &mut Lottery, round: &mut Account<Round>, config: &Account<Config>) -> Result<()> {
    let jackpot = lottery.jackpot_units;
    let outcome = kinds::split(round, config, jackpot)?;
    let mut owed = add(outcome.prizes_units, outcome.held_units)?;
    if outcome.refund_all {
        owed = add(owed, add(round.pool_units, mul(outcome.bonus_each_units, round.entries)?)?)?;
    }
    let before = add(add(round.cash_units, jackpot)?, round.budget_units)?;
    let stays = add(add(outcome.jackpot_units, outcome.treasury_units)?, outcome.bankroll_units)?;
    let after = add(add(owed, outcome.fee_units)?, stays)?;
    require!(before == after, LotteryError::InvariantViolated);

    round.cash_units = owed;
    round.prizes_units = outcome.prizes_units;
    round.fee_units = outcome.fee_units;
    round.jackpot_in_units = outcome.jackpot_in_units;
    round.prize_each_units = outcome.prize_each_units;
    round.refund_all = outcome.refund_all as u8;
    round.bonus_each_units = outcome.bonus_each_units;
    round.winning_units = outcome.winning_units;
    round.matched_units = outcome.matched_units;
    lottery.jackpot_units = outcome.jackpot_units;
    lottery.bankroll_free_units = add(lottery.bankroll_free_units, outcome.bankroll_units)?;
    lottery.fees_units = add(lottery.fees_units, outcome.fee_units)?;
    lottery.treasury_due_units = add(lottery.treasury_due_units, outcome.treasury_units)?;
    Ok(())
}
