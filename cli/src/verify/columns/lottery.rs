//! Lotteries and configs.

use lottery_client::market::Market;
use lottery_interface::{
    accounts::{Config, DrawRules, InstantRules, KenoRules, Lottery, RaffleRules},
    kinds::{Kind, LotteryStatus, Source},
};
use serde_json::json;

use super::{Columns, flag, hex, key, named};
use crate::{chain::name_of, verify::chain::Account};

pub fn lottery(account: &Account<Lottery>) -> Columns {
    let l = account.value;
    // Every field of `Lottery` but `reserved`; `tables` checks that no column of the table is left over.
    vec![
        ("operator", key(&l.operator)),
        ("pauser", key(&l.pauser)),
        ("treasurer", key(&l.treasurer)),
        ("pending_operator", key(&l.pending_operator)),
        ("pending_pauser", key(&l.pending_pauser)),
        ("pending_treasurer", key(&l.pending_treasurer)),
        ("mint", key(&l.mint)),
        ("config", key(&l.config)),
        ("rent_payer", key(&l.rent_payer)),
        ("name", json!(name_of(&l.name))),
        ("name_data", hex(&l.name)),
        ("history_head", hex(&l.history_head)),
        ("chain_head", hex(&l.chain_head)),
        ("chain_position", json!(l.chain_position)),
        ("chain_next", json!(l.chain_next)),
        ("chain_length", json!(l.chain_length)),
        ("id", json!(l.id)),
        ("next_round_index", json!(l.next_round_index)),
        ("next_final_index", json!(l.next_final_index)),
        ("created_at", json!(l.created_at)),
        ("last_locks_at", json!(l.last_locks_at)),
        ("previous_locks_at", json!(l.previous_locks_at)),
        ("jackpot_units", json!(l.jackpot_units)),
        ("bankroll_free_units", json!(l.bankroll_free_units)),
        ("bankroll_reserved_units", json!(l.bankroll_reserved_units)),
        ("bond_free_units", json!(l.bond_free_units)),
        ("bond_reserved_units", json!(l.bond_reserved_units)),
        ("unfinalised_pools_units", json!(l.unfinalised_pools_units)),
        ("fees_units", json!(l.fees_units)),
        ("treasury_due_units", json!(l.treasury_due_units)),
        ("crank_lamports", json!(l.crank_lamports)),
        ("max_stake_units", json!(l.max_stake_units)),
        ("min_stake_units", json!(l.min_stake_units)),
        ("page_budget_units", json!(l.page_budget_units)),
        ("max_liability_units", json!(l.max_liability_units)),
        ("config_version", json!(l.config_version)),
        ("config_count", json!(l.config_count)),
        ("page_entries", json!(l.page_entries)),
        ("max_pages", json!(l.max_pages)),
        ("max_entries_per_round", json!(l.max_entries_per_round)),
        ("max_entries_per_player", json!(l.max_entries_per_player)),
        ("period_seconds", json!(l.period_seconds)),
        ("reward_step_lamports", json!(l.reward_step_lamports)),
        ("reward_item_lamports", json!(l.reward_item_lamports)),
        ("lock_offset_seconds", json!(l.lock_offset_seconds)),
        ("live_rounds", json!(l.live_rounds)),
        ("kind", named(Kind::from_byte(l.kind).map(Kind::name))),
        ("status", named(LotteryStatus::from_byte(l.status).map(LotteryStatus::name))),
        ("retiring", json!(l.retiring)),
        ("rollover", flag(l.rollover)),
        ("bump", json!(l.bump)),
    ]
}

/// The rules of a config by its kind.
pub enum Rules {
    Draw(DrawRules),
    Keno(Box<KenoRules>),
    Instant(InstantRules),
    Prediction(Box<Market>),
    Raffle(RaffleRules),
}

/// `None`: a kind without rules here, or a tail that is too short.
pub fn rules(account: &Account<Config>) -> Option<Rules> {
    fn tail<R: bytemuck::AnyBitPattern>(account: &Account<Config>) -> Option<R> {
        Some(bytemuck::pod_read_unaligned(account.tail.get(..size_of::<R>())?))
    }
    match Kind::from_byte(account.value.kind)? {
        Kind::Draw => tail(account).map(Rules::Draw),
        Kind::Keno => tail(account).map(|rules| Rules::Keno(Box::new(rules))),
        Kind::Instant => tail(account).map(Rules::Instant),
        Kind::Prediction => {
            Market::from_tail(&account.tail).map(|market| Rules::Prediction(Box::new(market)))
        }
        Kind::Raffle => tail(account).map(Rules::Raffle),
    }
}

pub fn config(account: &Account<Config>) -> Columns {
    let Config {
        lottery,
        rent_payer,
        beacon,
        beacon_genesis_at,
        stake_units,
        created_slot,
        version,
        grace_seconds,
        grace_slots,
        claim_seconds,
        reveal_delay_slots,
        beacon_period_seconds,
        beacon_margin_seconds,
        fee_bps,
        compensation_cap_bps,
        kind,
        source,
        bump,
        reserved: _,
    } = account.value;
    let rules = rules(account);
    let draw = match &rules {
        Some(Rules::Draw(rules)) => Some(rules),
        _ => None,
    };
    let band = match &rules {
        Some(Rules::Keno(rules)) => Some((rules.rtp_min_bps, rules.rtp_max_bps)),
        Some(Rules::Instant(rules)) => Some((rules.rtp_min_bps, rules.rtp_max_bps)),
        _ => None,
    };
    vec![
        ("lottery", key(&lottery)),
        ("rent_payer", key(&rent_payer)),
        ("beacon", key(&beacon)),
        ("beacon_genesis_at", json!(beacon_genesis_at)),
        ("beacon_period_seconds", json!(beacon_period_seconds)),
        ("beacon_margin_seconds", json!(beacon_margin_seconds)),
        ("stake_units", json!(stake_units)),
        ("created_slot", json!(created_slot)),
        ("version", json!(version)),
        ("grace_seconds", json!(grace_seconds)),
        ("grace_slots", json!(grace_slots)),
        ("claim_seconds", json!(claim_seconds)),
        ("reveal_delay_slots", json!(reveal_delay_slots)),
        ("fee_bps", json!(fee_bps)),
        ("compensation_cap_bps", json!(compensation_cap_bps)),
        ("kind", named(Kind::from_byte(kind).map(Kind::name))),
        ("source", named(Source::from_byte(source).map(Source::name))),
        ("bump", json!(bump)),
        ("rules", hex(&account.tail)),
        ("picks", json!(draw.map(|r| r.picks))),
        ("numbers", json!(draw.map(|r| r.numbers))),
        ("bonus_numbers", json!(draw.map(|r| r.bonus_numbers))),
        ("rollover", json!(draw.map(|r| r.rollover != 0))),
        ("tier_count", json!(draw.map(|r| r.tier_count))),
        ("rtp_min_bps", json!(band.map(|(min, _)| min))),
        ("rtp_max_bps", json!(band.map(|(_, max)| max))),
    ]
}
