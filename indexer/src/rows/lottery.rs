//! Rows of lotteries and configs.

use lottery_interface::{
    accounts::{Config, DrawRules, InstantRules, KenoRules, Lottery, RaffleRules},
    kinds::{Kind, LotteryStatus, Source},
};

use super::{Columns, Filling, RowError};
use crate::decoder::text;

pub(super) fn lottery(row: Filling, a: &Lottery) -> Result<Filling, RowError> {
    let row = row
        .address("operator", &a.operator)
        .address("pauser", &a.pauser)
        .address("treasurer", &a.treasurer)
        .address("pending_operator", &a.pending_operator)
        .address("pending_pauser", &a.pending_pauser)
        .address("pending_treasurer", &a.pending_treasurer)
        .address("mint", &a.mint)
        .address("config", &a.config)
        .address("rent_payer", &a.rent_payer)
        .set("name", text(&a.name))
        .bytes("name_data", &a.name)
        .bytes("history_head", &a.history_head)
        .bytes("chain_head", &a.chain_head)
        .set("chain_position", a.chain_position)
        .set("chain_next", a.chain_next)
        .set("chain_length", a.chain_length)
        .big("id", a.id)?
        .big("next_round_index", a.next_round_index)?
        .big("next_final_index", a.next_final_index)?;
    Ok(row
        .set("created_at", a.created_at)
        .set("last_locks_at", a.last_locks_at)
        .set("previous_locks_at", a.previous_locks_at)
        .set("jackpot_units", a.jackpot_units)
        .set("bankroll_free_units", a.bankroll_free_units)
        .set("bankroll_reserved_units", a.bankroll_reserved_units)
        .set("bond_free_units", a.bond_free_units)
        .set("bond_reserved_units", a.bond_reserved_units)
        .set("unfinalised_pools_units", a.unfinalised_pools_units)
        .set("fees_units", a.fees_units)
        .set("treasury_due_units", a.treasury_due_units)
        .set("crank_lamports", a.crank_lamports)
        .set("max_stake_units", a.max_stake_units)
        .set("min_stake_units", a.min_stake_units)
        .set("page_budget_units", a.page_budget_units)
        .set("max_liability_units", a.max_liability_units)
        .set("config_version", a.config_version)
        .set("config_count", a.config_count)
        .set("page_entries", a.page_entries)
        .set("max_pages", a.max_pages)
        .set("max_entries_per_round", a.max_entries_per_round)
        .set("max_entries_per_player", a.max_entries_per_player)
        .set("period_seconds", a.period_seconds)
        .set("reward_step_lamports", a.reward_step_lamports)
        .set("reward_item_lamports", a.reward_item_lamports)
        .set("lock_offset_seconds", a.lock_offset_seconds)
        .set("live_rounds", a.live_rounds)
        .named("kind", Kind::from_byte(a.kind).map(Kind::name), a.kind)
        .named("status", LotteryStatus::from_byte(a.status).map(LotteryStatus::name), a.status)
        .set("retiring", a.retiring)
        .flag("rollover", a.rollover)
        .set("bump", a.bump))
}

pub(super) fn config(row: Filling, a: &Config, rules: &[u8]) -> Result<Filling, RowError> {
    let row = row
        .address("lottery", &a.lottery)
        .address("rent_payer", &a.rent_payer)
        .address("beacon", &a.beacon)
        .set("beacon_genesis_at", a.beacon_genesis_at)
        .set("beacon_period_seconds", a.beacon_period_seconds)
        .set("beacon_margin_seconds", a.beacon_margin_seconds)
        .set("stake_units", a.stake_units)
        .big("created_slot", a.created_slot)?
        .set("version", a.version)
        .set("grace_seconds", a.grace_seconds)
        .set("grace_slots", a.grace_slots)
        .set("claim_seconds", a.claim_seconds)
        .set("reveal_delay_slots", a.reveal_delay_slots)
        .set("fee_bps", a.fee_bps)
        .set("compensation_cap_bps", a.compensation_cap_bps)
        .named("kind", Kind::from_byte(a.kind).map(Kind::name), a.kind)
        .named("source", Source::from_byte(a.source).map(Source::name), a.source)
        .set("bump", a.bump)
        .bytes("rules", rules);
    // All of them always: accounts of one table are written together.
    let draw = draw_rules(a.kind, rules);
    let band = keno_rules(a.kind, rules).map(|r| (r.rtp_min_bps, r.rtp_max_bps));
    let band = band.or(instant_rules(a.kind, rules).map(|r| (r.rtp_min_bps, r.rtp_max_bps)));
    Ok(row
        .set("picks", draw.map(|r| r.picks))
        .set("numbers", draw.map(|r| r.numbers))
        .set("bonus_numbers", draw.map(|r| r.bonus_numbers))
        .set("rollover", draw.map(|r| r.rollover != 0))
        .set("tier_count", draw.map(|r| r.tier_count))
        .set("rtp_min_bps", band.map(|(min, _)| min))
        .set("rtp_max_bps", band.map(|(_, max)| max)))
}

/// The columns of a config that is known from the record.
pub fn config_columns(account: &Config, rules: &[u8]) -> Result<Columns, RowError> {
    Ok(config(Filling(Columns::new()), account, rules)?.0)
}

fn rules_of<R: bytemuck::Pod>(wanted: Kind, kind: u8, rules: &[u8]) -> Option<R> {
    let bytes = rules.get(..size_of::<R>())?;
    (kind == wanted as u8).then(|| bytemuck::pod_read_unaligned(bytes))
}

/// The rules of a config of kind draw.
pub fn draw_rules(kind: u8, rules: &[u8]) -> Option<DrawRules> {
    rules_of(Kind::Draw, kind, rules)
}

/// The rules of a config of kind keno.
pub fn keno_rules(kind: u8, rules: &[u8]) -> Option<KenoRules> {
    rules_of(Kind::Keno, kind, rules)
}

/// The rules of a config of kind instant.
pub fn instant_rules(kind: u8, rules: &[u8]) -> Option<InstantRules> {
    rules_of(Kind::Instant, kind, rules)
}

/// The rules of a config of kind raffle.
pub fn raffle_rules(kind: u8, rules: &[u8]) -> Option<RaffleRules> {
    rules_of(Kind::Raffle, kind, rules)
}
