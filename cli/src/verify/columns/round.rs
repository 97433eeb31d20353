//! Rounds and pages.

use lottery_interface::{
    accounts::{Page, RaffleState, Ranking, Round},
    kinds::{Kind, PageStatus, RankingStatus, RoundStatus, Source, VoidReason},
    rewards::worst_case_lamports,
};
use lottery_rules::raffle::Mode;
use serde_json::json;

use super::{Columns, flag, hex, key, named};
use crate::verify::chain::Account;

pub fn round(account: &Account<Round>) -> Columns {
    let r = account.value;
    let reserve = worst_case_lamports(
        r.kind,
        r.max_pages,
        r.max_entries,
        r.reward_step_lamports,
        r.reward_item_lamports,
    );
    let mut columns = vec![
        ("lottery", key(&r.lottery)),
        ("config", key(&r.config)),
        ("mint", key(&r.mint)),
        ("rent_payer", key(&r.rent_payer)),
        ("commit", hex(&r.commit)),
        ("reveal", hex(&r.reveal)),
        ("slot_hash", hex(&r.slot_hash)),
        ("value", hex(&r.value)),
        ("seed", hex(&r.seed)),
        ("sealed_digest", hex(&r.sealed_digest)),
        ("result", hex(&r.result)),
        ("beacon", key(&r.beacon)),
        ("randomness", key(&r.randomness)),
        ("beacon_round", json!(r.beacon_round)),
        ("lottery_id", json!(r.lottery_id)),
        ("index", json!(r.index)),
        ("opened_at", json!(r.opened_at)),
        ("opened_slot", json!(r.opened_slot)),
        ("locks_at", json!(r.locks_at)),
        ("lock_slot", json!(r.lock_slot)),
        ("target_slot", json!(r.target_slot)),
        ("captured_slot", json!(r.captured_slot)),
        ("event_at", json!(r.event_at)),
        ("final_at", json!(r.final_at)),
        ("claim_until", json!(r.claim_until)),
        ("stake_units", json!(r.stake_units)),
        ("cash_units", json!(r.cash_units)),
        ("pool_units", json!(r.pool_units)),
        ("fee_units", json!(r.fee_units)),
        ("jackpot_in_units", json!(r.jackpot_in_units)),
        ("bond_units", json!(r.bond_units)),
        ("slashed_units", json!(r.slashed_units)),
        ("bonus_each_units", json!(r.bonus_each_units)),
        ("min_stake_units", json!(r.min_stake_units)),
        ("max_stake_units", json!(r.max_stake_units)),
        ("page_budget_units", json!(r.page_budget_units)),
        ("max_liability_units", json!(r.max_liability_units)),
        ("budget_units", json!(r.budget_units)),
        ("liability_units", json!(r.liability_units)),
        ("prizes_units", json!(r.prizes_units)),
        ("winning_units", json!(r.winning_units)),
        ("matched_units", json!(r.matched_units)),
        ("max_multiplier_bps", json!(r.max_multiplier_bps)),
        ("crank_lamports", json!(r.crank_lamports)),
        ("prize_each_units", json!(r.prize_each_units)),
        ("winners", json!(r.winners)),
        ("entries", json!(r.entries)),
        ("winners_total", json!(r.winners_total)),
        ("winners_paid", json!(r.winners_paid)),
        ("refunded", json!(r.refunded)),
        ("chain_position", json!(r.chain_position)),
        ("config_version", json!(r.config_version)),
        ("page_count", json!(r.page_count)),
        ("pages_sealed", json!(r.pages_sealed)),
        ("pages_settled", json!(r.pages_settled)),
        ("pages_closed", json!(r.pages_closed)),
        ("max_pages", json!(r.max_pages)),
        ("page_entries", json!(r.page_entries)),
        ("entries_allotted", json!(r.entries_allotted)),
        ("max_entries", json!(r.max_entries)),
        ("max_entries_per_player", json!(r.max_entries_per_player)),
        ("grace_seconds", json!(r.grace_seconds)),
        ("grace_slots", json!(r.grace_slots)),
        ("claim_seconds", json!(r.claim_seconds)),
        ("reward_step_lamports", json!(r.reward_step_lamports)),
        ("reward_item_lamports", json!(r.reward_item_lamports)),
        ("retimes", json!(r.retimes)),
        ("fee_bps", json!(r.fee_bps)),
        ("compensation_cap_bps", json!(r.compensation_cap_bps)),
        ("kind", named(Kind::from_byte(r.kind).map(Kind::name))),
        ("source", named(Source::from_byte(r.source).map(Source::name))),
        ("status", named(RoundStatus::from_byte(r.status).map(RoundStatus::name))),
        ("void_reason", named(VoidReason::from_byte(r.void_reason).map(VoidReason::name))),
        ("commit_distance", json!(r.commit_distance)),
        ("picks", json!(r.picks)),
        ("numbers", json!(r.numbers)),
        ("bonus_numbers", json!(r.bonus_numbers)),
        ("rollover", flag(r.rollover)),
        ("is_last", flag(r.is_last)),
        ("refund_all", flag(r.refund_all)),
        ("finalised", flag(r.finalised)),
        ("expired", flag(r.expired)),
        ("outcome_count", json!(r.outcome_count)),
        ("reporter_count", json!(r.reporter_count)),
        ("quorum", json!(r.quorum)),
        ("places", flag(r.places)),
        ("bump", json!(r.bump)),
    ];
    let raffle = account.raffle();
    if raffle.is_none() {
        // What the record says was paid out is what is no longer there. Of a raffle see `compare_raffles`.
        let spent = reserve.and_then(|reserve| reserve.checked_sub(r.crank_lamports));
        columns.push(("crank_spent_lamports", json!(spent)));
    }
    columns.extend(raffle_columns(raffle.as_ref()));
    columns
}

/// A raffle's part of its round; nothing of other kinds.
fn raffle_columns(state: Option<&RaffleState>) -> Columns {
    vec![
        ("root", json!(state.map(|s| hex(&s.root)))),
        ("ranking", json!(state.map(|s| key(&s.ranking)))),
        ("threshold_key", json!(state.map(|s| s.threshold_key))),
        ("threshold_page", json!(state.map(|s| s.threshold_page))),
        ("threshold_index", json!(state.map(|s| s.threshold_index))),
        ("capacity", json!(state.map(|s| s.capacity))),
        ("waiting", json!(state.map(|s| s.waiting))),
        ("leaf_count", json!(state.map(|s| s.leaf_count))),
        ("confirm_seconds", json!(state.map(|s| s.confirm_seconds))),
        ("ranked", json!(state.map(|s| s.ranked))),
        ("taken", json!(state.map(|s| s.taken))),
        ("lapsed", json!(state.map(|s| s.lapsed))),
        ("promoted", json!(state.map(|s| s.promoted))),
        ("penalty_bps", json!(state.map(|s| s.penalty_bps))),
        ("depth", json!(state.map(|s| s.depth))),
        ("mode", json!(state.map(|s| named(Mode::from_byte(s.mode).map(Mode::name))))),
        ("prize_count", json!(state.map(|s| s.prize_count))),
        ("is_ranked", json!(state.map(|s| flag(s.is_ranked)))),
    ]
}

pub fn ranking(account: &Account<Ranking>) -> Columns {
    let Ranking {
        round,
        submitter,
        threshold_key,
        threshold_page,
        threshold_index,
        deposit_lamports,
        slots,
        found,
        sorted,
        page_count,
        pages_counted,
        status,
        bump,
        reserved: _,
    } = account.value;
    vec![
        ("round", key(&round)),
        ("submitter", key(&submitter)),
        ("threshold_key", json!(threshold_key)),
        ("threshold_page", json!(threshold_page)),
        ("threshold_index", json!(threshold_index)),
        ("deposit_lamports", json!(deposit_lamports)),
        ("slots", json!(slots)),
        ("found", json!(found)),
        ("sorted", json!(sorted)),
        ("page_count", json!(page_count)),
        ("pages_counted", json!(pages_counted)),
        ("status", named(RankingStatus::from_byte(status).map(RankingStatus::name))),
        ("bump", json!(bump)),
        ("page_counts", json!(account.counts())),
    ]
}

pub fn page(account: &Account<Page>) -> Columns {
    let Page {
        round,
        rent_payer,
        digest,
        cash_units,
        liability_units,
        budget_units,
        prizes_units,
        sequence,
        capacity,
        count,
        settle_cursor,
        winners,
        paid,
        refunded,
        status,
        bump,
        tail_words,
        tier_winners,
    } = account.value;
    vec![
        ("round", key(&round)),
        ("rent_payer", key(&rent_payer)),
        ("digest", hex(&digest)),
        ("cash_units", json!(cash_units)),
        ("liability_units", json!(liability_units)),
        ("budget_units", json!(budget_units)),
        ("prizes_units", json!(prizes_units)),
        ("sequence", json!(sequence)),
        ("capacity", json!(capacity)),
        ("count", json!(count)),
        ("settle_cursor", json!(settle_cursor)),
        ("winners", json!(winners)),
        ("paid", json!(paid)),
        ("refunded", json!(refunded)),
        ("status", named(PageStatus::from_byte(status).map(PageStatus::name))),
        ("bump", json!(bump)),
        ("tail_words", json!(tail_words)),
        ("tier_winners", json!(tier_winners)),
        // What the record alone says must be what the account says.
        ("record_count", json!(count)),
        ("record_digest", hex(&digest)),
        ("record_settled", json!(settle_cursor)),
        ("record_liability_units", json!(liability_units)),
    ]
}
