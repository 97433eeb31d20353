use anchor_lang::prelude::*;
use lottery_interface::{
    Source,
    kinds::{RoundStatus, VoidReason},
};
use lottery_rules::prediction::{Quorum, Verdict};

use crate::{
    errors::{LotteryError, add, sub},
    restart,
    slot_hashes::{self, Lookup},
    state::{Lottery, Round, market_tail, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable], `slot_hashes` [].
#[derive(Accounts)]
pub struct VoidRound {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    pub slot_hashes: UncheckedAccount,
}

/// Only while no value is stored. The operator who did not reveal, or let the slot hash slip, loses the bond.
pub fn handler(ctx: &mut Context<VoidRound>) -> Result<()> {
    let VoidRound { cranker, lottery, round, slot_hashes } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    require!(!round.is(RoundStatus::Void), LotteryError::RoundNotOpen);
    require!(round.is(RoundStatus::Open), LotteryError::ValueAlreadyPosted);
    let clock = Clock::get()?;
    let reason = reason(round, slot_hashes, &clock)?;

    lottery.bond_reserved_units = sub(lottery.bond_reserved_units, round.bond_units)?;
    round.cash_units = add(round.cash_units, round.bond_units)?;
    round.slashed_units = round.bond_units;
    round.bond_units = 0;
    round.void(reason, clock.unix_timestamp);
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    lottery.invariant()?;
    round.invariant()
}

fn reason(round: &mut Account<Round>, slot_hashes: &UncheckedAccount, clock: &Clock) -> Result<VoidReason> {
    if round.source == Source::Beacon as u8 && restart::is_since(round.opened_slot)? {
        return Ok(VoidReason::ClusterRestarted);
    }
    round.require_locked(clock)?;
    if round.source == Source::Oracle as u8 && is_split(round)? {
        return Ok(VoidReason::NoQuorum);
    }
    let waits_for_hash = round.source == Source::CommitReveal as u8 && round.captured_slot == 0;
    if waits_for_hash
        && matches!(slot_hashes::first_from(slot_hashes, round.target_slot, clock.slot)?, Lookup::Lost)
    {
        return Ok(VoidReason::SlotHashLost);
    }
    let after_slots = round.target_slot.saturating_add(round.grace_slots as u64);
    require!(
        clock.unix_timestamp >= round.grace_until() && clock.slot >= after_slots,
        LotteryError::GraceNotOver
    );
    Ok(VoidReason::GraceExpired)
}

/// The attestations differ so much that those still missing cannot give any value a quorum.
fn is_split(round: &mut Account<Round>) -> Result<bool> {
    let quorum = Quorum { reporters: round.reporter_count, needed: round.quorum };
    let (_, attestations) = market_tail(round)?;
    let attested = attestations.iter().filter(|attestation| attestation.attested_at != 0);
    Ok(quorum.verdict(attested.map(|attestation| &attestation.facts)) == Verdict::Split)
}
