use anchor_lang::prelude::*;
use lottery_interface::{
    Source,
    bond::AtStake,
    kinds::{LotteryStatus, RoundStatus},
};
use lottery_rules::{beacon::Schedule, commit_reveal::MAX_DISTANCE};

use crate::{
    errors::{LotteryError, add},
    kinds,
    state::{Config, Lottery, ROUND_LEN, Registry, Round, move_lamports, pay_reward},
};

/// Slots are at least this long; a shorter slot only locks a round earlier.
const SLOT_MS: i64 = 400;

/// Accounts: `cranker` [writable, signer], `registry` [], `lottery` [writable], `config` [],
/// `round` [writable], `system_program` [].
#[derive(Accounts)]
pub struct OpenRound {
    #[account(mut)]
    pub cranker: Signer,
    pub registry: Account<Registry>,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    pub config: Account<Config>,
    #[account(init, payer = cranker, space = ROUND_LEN + kinds::round_tail_len(&config),
        seeds = [b"round", lottery.address().as_ref(), &lottery.next_round_index.to_le_bytes()], bump)]
    pub round: Account<Round>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenRound>) -> Result<()> {
    let bump = ctx.bumps.round;
    let OpenRound { cranker, registry, lottery, config, round, .. } = &mut ctx.accounts;
    registry.require_running()?;
    require!(lottery.config == *config.address(), LotteryError::WrongConfig);
    let clock = Clock::get()?;
    check_may_open(lottery, &clock)?;

    round.lottery = *lottery.address();
    round.config = *config.address();
    round.mint = lottery.mint;
    round.rent_payer = *cranker.address();
    round.lottery_id = lottery.id;
    round.index = lottery.next_round_index;
    round.opened_at = clock.unix_timestamp;
    round.opened_slot = clock.slot;
    round.stake_units = config.stake_units;
    round.config_version = config.version;
    round.grace_seconds = config.grace_seconds;
    round.grace_slots = config.grace_slots;
    round.claim_seconds = config.claim_seconds;
    round.fee_bps = config.fee_bps;
    round.compensation_cap_bps = config.compensation_cap_bps;
    round.kind = config.kind;
    round.source = config.source;
    round.status = RoundStatus::Open as u8;
    round.max_pages = lottery.max_pages;
    round.page_entries = lottery.page_entries;
    round.max_entries = lottery.max_entries_per_round;
    round.max_entries_per_player = lottery.max_entries_per_player;
    round.reward_step_lamports = lottery.reward_step_lamports;
    round.reward_item_lamports = lottery.reward_item_lamports;
    round.min_stake_units = lottery.min_stake_units;
    round.max_stake_units = lottery.max_stake_units;
    round.page_budget_units = lottery.page_budget_units;
    round.max_liability_units = lottery.max_liability_units;
    round.is_last = (lottery.retiring != 0) as u8;
    round.bump = bump;
    round.beacon = config.beacon;
    set_lock(round, next_lock(lottery, &clock)?, config, &clock)?;
    kinds::prepare_round(round, config)?;
    commit(lottery, round)?;
    lottery.unfinalised_pools_units =
        add(lottery.unfinalised_pools_units, round.rolling_pool_units(lottery.rollover)?)?;

    lottery.previous_locks_at = lottery.last_locks_at;
    lottery.last_locks_at = round.locks_at;
    lottery.next_round_index += 1;
    lottery.live_rounds += 1;
    if round.is_last != 0 {
        lottery.retiring = 2;
    }
    let reserve = lottery.worst_case_rewards()?;
    lottery.crank_lamports =
        lottery.crank_lamports.checked_sub(reserve).ok_or(LotteryError::CrankDepositTooLow)?;
    round.crank_lamports = reserve;
    move_lamports(lottery, round, reserve)?;
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    lottery.invariant()?;
    round.invariant()
}

fn check_may_open(lottery: &Lottery, clock: &Clock) -> Result<()> {
    lottery.require_status(LotteryStatus::Active)?;
    match lottery.retiring {
        0 => {}
        // The last round waits for all before it, whose money it may roll down.
        1 => {
            require!(lottery.unfinalised() == 0 && lottery.jackpot_units > 0, LotteryError::Retiring);
        }
        _ => return Err(LotteryError::Retiring.into()),
    }
    // `pause_lottery` voids the newest two rounds: no third may take entries.
    require!(clock.unix_timestamp >= lottery.previous_locks_at, LotteryError::TooManyOpenRounds);
    Ok(())
}

/// When the next round locks. One period after the newest lock, or one period from now when that is less than half a period
/// away; on a timetable, at its next time that is at least a sixteenth of a period away.
pub fn next_lock(lottery: &Lottery, clock: &Clock) -> Result<i64> {
    let now = clock.unix_timestamp;
    let period = lottery.period_seconds as i64;
    if lottery.lock_offset_seconds != 0 {
        // An empty round that was re-timed may lock after the one opened after it: no two have the same time.
        return lock_after(lottery, clock, lottery.last_locks_at.max(lottery.previous_locks_at));
    }
    let next = lottery.last_locks_at.saturating_add(period);
    if next < now.saturating_add((period + 1) / 2) { Ok(now.saturating_add(period)) } else { Ok(next) }
}

/// One period from now; on a timetable, its first time after `newest` that is at least a sixteenth of a period away.
pub fn lock_after(lottery: &Lottery, clock: &Clock, newest: i64) -> Result<i64> {
    let now = clock.unix_timestamp;
    let period = lottery.period_seconds as i64;
    if lottery.lock_offset_seconds == 0 {
        return Ok(now.saturating_add(period));
    }
    let offset = lottery.lock_offset_seconds as i64 % period;
    let from = newest.saturating_add(1).max(now.saturating_add(period / 16).saturating_add(1));
    Ok(from.saturating_add((offset - from).rem_euclid(period)))
}

/// Slots in so many seconds, at the least.
fn slots(seconds: i64) -> u64 {
    (seconds.max(0).saturating_mul(1_000).saturating_add(SLOT_MS - 1) / SLOT_MS) as u64
}

/// Sets both deadlines and what depends on them.
pub fn set_lock(round: &mut Round, locks_at: i64, config: &Account<Config>, clock: &Clock) -> Result<()> {
    round.locks_at = locks_at;
    round.lock_slot = add(clock.slot, slots(locks_at - clock.unix_timestamp))?;
    round.target_slot = add(round.lock_slot, config.reveal_delay_slots as u64)?;
    if let Some(delay) = kinds::event_delay_seconds(config)? {
        round.event_at = locks_at.saturating_add(delay as i64);
        round.target_slot = add(round.lock_slot, slots(delay as i64))?;
    }
    if config.source == Source::Beacon as u8 {
        let schedule =
            Schedule { genesis_at: config.beacon_genesis_at, period_seconds: config.beacon_period_seconds };
        let from = locks_at.saturating_add(config.beacon_margin_seconds as i64);
        round.beacon_round = schedule.first_round_from(from).ok_or(LotteryError::MathOverflow)?;
    }
    Ok(())
}

/// Binds the round to the next link of the operator's hash chain and reserves the bond.
fn commit(lottery: &mut Lottery, round: &mut Round) -> Result<()> {
    if round.source != Source::CommitReveal as u8 {
        return Ok(());
    }
    let position = lottery.chain_next;
    require!(position != 0 && position <= lottery.chain_length, LotteryError::ChainExhausted);
    let distance = position - lottery.chain_position;
    require!(distance <= MAX_DISTANCE as u64, LotteryError::ChainTooFar);
    round.commit = lottery.chain_head;
    round.commit_distance = distance as u8;
    round.chain_position = position;
    lottery.chain_next = position + 1;

    let at_stake = AtStake {
        kind: round.kind,
        stake_units: round.stake_units,
        max_entries: round.max_entries,
        compensation_cap_bps: round.compensation_cap_bps,
        max_liability_units: round.max_liability_units,
        jackpot_units: lottery.jackpot_units,
        unfinalised_pools_units: lottery.unfinalised_pools_units,
    };
    let bond = at_stake.bond_units().ok_or(LotteryError::MathOverflow)?;
    lottery.bond_free_units = lottery.bond_free_units.checked_sub(bond).ok_or(LotteryError::BondTooLow)?;
    lottery.bond_reserved_units = add(lottery.bond_reserved_units, bond)?;
    round.bond_units = bond;
    Ok(())
}
