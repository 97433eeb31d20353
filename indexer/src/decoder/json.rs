//! Arguments by name. Amounts and other u64 that a person may fill are strings, so that JavaScript keeps them exact.

use lottery_client::market::Market;
use lottery_interface::{
    Address,
    accounts::{DrawRules, InstantRules, KenoRules, RaffleRules},
    args::{ConfigArgs, LimitsArgs},
    kinds::{Kind, Source},
};
use lottery_rules::{prediction::MappingKind, raffle::Mode};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;

use super::{Args, text};

pub fn address(bytes: &Address) -> String {
    Pubkey::new_from_array(*bytes).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn args(args: &Args) -> Value {
    match args {
        Args::None => json!({}),
        Args::Registry(a) => json!({
            "treasury": address(&a.treasury),
            "switchboard_program": address(&a.switchboard_program),
            "switchboard_queue": address(&a.switchboard_queue),
            "min_grace_seconds": a.min_grace_seconds,
            "min_grace_slots": a.min_grace_slots,
            "min_claim_seconds": a.min_claim_seconds,
            "beacon_delay_seconds": a.beacon_delay_seconds,
            "fee_cap_bps": a.fee_cap_bps,
            "paused": a.paused != 0,
            "allowed_sources": hex(&a.allowed_sources),
        }),
        Args::NextAuthority(next) => json!({ "next": address(next) }),
        Args::AddBeacon { args: a, proof } => json!({
            "public_key": hex(&a.public_key),
            "chain_hash": hex(&a.chain_hash),
            "genesis_at": a.genesis_at,
            "round": a.round.to_string(),
            "period_seconds": a.period_seconds,
            "proof": hex(proof),
        }),
        Args::BeaconProof { round, proof } => json!({ "round": round.to_string(), "proof": hex(proof) }),
        Args::InitRandomness { recent_slot } => json!({ "recent_slot": recent_slot.to_string() }),
        Args::RevealRandomness { signature, recovery_id, value } => {
            json!({ "signature": hex(signature), "recovery_id": recovery_id, "value": hex(value) })
        }
        Args::OracleSet { reporters } => {
            json!({ "reporters": reporters.iter().map(address).collect::<Vec<_>>() })
        }
        Args::Attest(a) => json!({
            "facts": a.facts.map(|fact| fact.to_string()),
            "evidence": hex(&a.evidence),
            "event_at": a.event_at,
        }),
        Args::AmountUnits(amount) => json!({ "amount_units": amount.to_string() }),
        Args::AmountLamports(amount) => json!({ "amount_lamports": amount.to_string() }),
        Args::Session(a) => json!({
            "key": address(&a.key),
            "lotteries": a.lotteries.map(|id| id.to_string()),
            "expires_at": a.expires_at,
            "limit_units": a.limit_units.to_string(),
        }),
        Args::CreateLottery { lottery, limits: l, config: c, rules } => json!({
            "name": text(&lottery.name),
            "pauser": address(&lottery.pauser),
            "treasurer": address(&lottery.treasurer),
            "limits": limits(l),
            "config": config(c, rules),
        }),
        Args::UpdateConfig { config: c, rules } => json!({ "config": config(c, rules) }),
        Args::Limits(l) => json!({ "limits": limits(l) }),
        Args::ProposeRole { role, next } => json!({ "role": role.name(), "next": address(next) }),
        Args::AcceptRole { role } => json!({ "role": role.name() }),
        Args::Chain { commit, length } => json!({ "commit": hex(commit), "length": length.to_string() }),
        Args::AdvanceChain { reveal, distance } => json!({ "reveal": hex(reveal), "distance": distance }),
        Args::Enter { quick_picks, tickets } => json!({ "quick_picks": quick_picks, "tickets": tickets }),
        Args::PostValue { proof } => json!({ "proof": hex(proof) }),
        Args::Settle { limit } => json!({ "limit": limit }),
        Args::Items(items) => json!({
            "items": items.iter().map(|i| json!({ "index": i.index, "wallet": i.wallet })).collect::<Vec<_>>(),
        }),
        Args::OpenRanking { key, page, index } => {
            json!({ "key": key.to_string(), "page": page, "index": index })
        }
        Args::CountRanking { limit } => json!({ "limit": limit }),
        Args::SortRanking { places } => json!({ "places": places }),
        Args::Rank(rank) => json!({ "rank": rank }),
        Args::Ranks(ranks) => json!({ "ranks": ranks }),
    }
}

fn limits(a: &LimitsArgs) -> Value {
    json!({
        "max_stake_units": a.max_stake_units.to_string(),
        "min_stake_units": a.min_stake_units.to_string(),
        "page_budget_units": a.page_budget_units.to_string(),
        "max_liability_units": a.max_liability_units.to_string(),
        "page_entries": a.page_entries,
        "max_pages": a.max_pages,
        "max_entries_per_round": a.max_entries_per_round,
        "max_entries_per_player": a.max_entries_per_player,
        "period_seconds": a.period_seconds,
        "reward_step_lamports": a.reward_step_lamports,
        "reward_item_lamports": a.reward_item_lamports,
        "lock_offset_seconds": a.lock_offset_seconds,
    })
}

fn config(a: &ConfigArgs, rules: &[u8]) -> Value {
    json!({
        "beacon": address(&a.beacon),
        "stake_units": a.stake_units.to_string(),
        "grace_seconds": a.grace_seconds,
        "grace_slots": a.grace_slots,
        "claim_seconds": a.claim_seconds,
        "reveal_delay_slots": a.reveal_delay_slots,
        "beacon_margin_seconds": a.beacon_margin_seconds,
        "fee_bps": a.fee_bps,
        "compensation_cap_bps": a.compensation_cap_bps,
        "kind": Kind::from_byte(a.kind).map(Kind::name),
        "source": Source::from_byte(a.source).map(Source::name),
        "rules": named_rules(a.kind, rules).unwrap_or_else(|| Value::String(hex(rules))),
    })
}

/// Rules by name; `None` for a kind or a length that this version does not know.
fn named_rules(kind: u8, bytes: &[u8]) -> Option<Value> {
    match Kind::from_byte(kind)? {
        Kind::Draw => bytemuck::try_pod_read_unaligned(bytes).ok().map(|rules| draw_rules(&rules)),
        Kind::Keno => bytemuck::try_pod_read_unaligned(bytes).ok().map(|rules| keno_rules(&rules)),
        Kind::Instant => bytemuck::try_pod_read_unaligned(bytes).ok().map(|rules| instant_rules(&rules)),
        Kind::Prediction => Market::from_tail(bytes).map(|market| market_rules(&market)),
        Kind::Raffle => bytemuck::try_pod_read_unaligned(bytes).ok().map(|rules| raffle_rules(&rules)),
    }
}

fn raffle_rules(rules: &RaffleRules) -> Value {
    json!({
        "root": hex(&rules.root),
        "capacity": rules.capacity,
        "waiting": rules.waiting,
        "leaf_count": rules.leaf_count,
        "confirm_seconds": rules.confirm_seconds,
        "penalty_bps": rules.penalty_bps,
        "depth": rules.depth,
        "mode": Mode::from_byte(rules.mode).map(Mode::name),
        "prizes_bps": rules.prizes_bps.iter().take(rules.prize_count as usize).collect::<Vec<_>>(),
    })
}

/// Places of the bits that are set.
fn places(mask: u8) -> Vec<u32> {
    (0..u8::BITS).filter(|place| mask >> place & 1 == 1).collect()
}

fn market_rules(market: &Market) -> Value {
    let rules = &market.rules;
    let mapping = market.mapping_kind();
    let ranges = market.ranges.iter();
    let ranges = ranges.map(|r| json!({ "low": r.low.to_string(), "high": r.high.to_string() }));
    json!({
        "oracles": address(&rules.oracles),
        "quorum": rules.quorum,
        "reporter_count": rules.reporter_count,
        "event_delay_seconds": rules.event_delay_seconds,
        "mode": market.mode().name(),
        "outcome_count": rules.outcome_count,
        "mapping": {
            "kind": mapping.name(),
            "fact_count": rules.fact_count,
            "subject": places(rules.subject),
            "other": places(rules.other),
            "tie": (mapping == MappingKind::Compare).then_some(rules.tie),
            "minimum": rules.minimum.to_string(),
            "maximum": rules.maximum.to_string(),
            "ranges": ranges.collect::<Vec<_>>(),
        },
    })
}

fn keno_rules(rules: &KenoRules) -> Value {
    let offered = (1..).zip(&rules.paytable_bps).filter(|(_, row)| row.iter().any(|prize| *prize != 0));
    let spots = offered.map(|(spots, row): (u8, _)| {
        let won = (0..).zip(row).filter(|(_, prize)| **prize != 0);
        let prizes =
            won.map(|(matches, prize): (u8, _)| json!({ "matches": matches, "multiplier_bps": prize }));
        json!({ "spots": spots, "prizes": prizes.collect::<Vec<_>>() })
    });
    json!({
        "rtp_min_bps": rules.rtp_min_bps,
        "rtp_max_bps": rules.rtp_max_bps,
        "spots": spots.collect::<Vec<_>>(),
    })
}

fn instant_rules(rules: &InstantRules) -> Value {
    let prizes = rules.prizes.iter().take(rules.prize_count as usize);
    let prizes = prizes.map(|p| json!({ "parts": p.parts, "multiplier_bps": p.multiplier_bps }));
    json!({
        "rtp_min_bps": rules.rtp_min_bps,
        "rtp_max_bps": rules.rtp_max_bps,
        "prizes": prizes.collect::<Vec<_>>(),
    })
}

fn draw_rules(rules: &DrawRules) -> Value {
    let tiers = rules.tiers.iter().take(rules.tier_count as usize);
    json!({
        "picks": rules.picks,
        "numbers": rules.numbers,
        "bonus_numbers": rules.bonus_numbers,
        "rollover": rules.rollover != 0,
        "tiers": tiers
            .map(|t| json!({ "matches": t.matches, "bonus": t.bonus != 0, "share_bps": t.share_bps }))
            .collect::<Vec<_>>(),
    })
}
