//! Rows of rounds and pages.

use lottery_interface::{
    accounts::{Page, RaffleState, Ranking, Round, ranking_counts},
    kinds::{Kind, PageStatus, RankingStatus, RoundStatus, Source, VoidReason},
};
use lottery_rules::raffle::Mode;
use solana_pubkey::Pubkey;

use super::{Filling, RowError, bytea};

pub(super) fn round(row: Filling, a: &Round) -> Result<Filling, RowError> {
    let row = row
        .address("lottery", &a.lottery)
        .address("config", &a.config)
        .address("mint", &a.mint)
        .address("rent_payer", &a.rent_payer)
        .bytes("commit", &a.commit)
        .bytes("reveal", &a.reveal)
        .bytes("slot_hash", &a.slot_hash)
        .bytes("value", &a.value)
        .bytes("seed", &a.seed)
        .bytes("sealed_digest", &a.sealed_digest)
        .bytes("result", &a.result)
        .address("beacon", &a.beacon)
        .address("randomness", &a.randomness)
        .big("beacon_round", a.beacon_round)?
        .big("lottery_id", a.lottery_id)?
        .big("index", a.index)?
        .set("opened_at", a.opened_at)
        .big("opened_slot", a.opened_slot)?
        .set("locks_at", a.locks_at)
        .big("lock_slot", a.lock_slot)?
        .big("target_slot", a.target_slot)?
        .big("captured_slot", a.captured_slot)?
        .set("event_at", a.event_at)
        .set("final_at", a.final_at)
        .set("claim_until", a.claim_until)
        .big("entries", a.entries)?
        .big("winners_total", a.winners_total)?
        .big("winners_paid", a.winners_paid)?
        .big("refunded", a.refunded)?;
    for value in a.winners {
        i64::try_from(value).map_err(|_| RowError::TooLarge { field: "winners", value })?;
    }
    Ok(round_money(row, a)
        .set("chain_position", a.chain_position)
        .set("config_version", a.config_version)
        .set("page_count", a.page_count)
        .set("pages_sealed", a.pages_sealed)
        .set("pages_settled", a.pages_settled)
        .set("pages_closed", a.pages_closed)
        .set("max_pages", a.max_pages)
        .set("page_entries", a.page_entries)
        .set("entries_allotted", a.entries_allotted)
        .set("max_entries", a.max_entries)
        .set("max_entries_per_player", a.max_entries_per_player)
        .set("grace_seconds", a.grace_seconds)
        .set("grace_slots", a.grace_slots)
        .set("claim_seconds", a.claim_seconds)
        .set("retimes", a.retimes)
        .set("compensation_cap_bps", a.compensation_cap_bps)
        .named("kind", Kind::from_byte(a.kind).map(Kind::name), a.kind)
        .named("source", Source::from_byte(a.source).map(Source::name), a.source)
        .named("status", RoundStatus::from_byte(a.status).map(RoundStatus::name), a.status)
        .named("void_reason", VoidReason::from_byte(a.void_reason).map(VoidReason::name), a.void_reason)
        .set("commit_distance", a.commit_distance)
        .set("picks", a.picks)
        .set("numbers", a.numbers)
        .set("bonus_numbers", a.bonus_numbers)
        .flag("rollover", a.rollover)
        .flag("is_last", a.is_last)
        .flag("refund_all", a.refund_all)
        .flag("finalised", a.finalised)
        .flag("expired", a.expired)
        .set("outcome_count", a.outcome_count)
        .set("reporter_count", a.reporter_count)
        .set("quorum", a.quorum)
        .flag("places", a.places)
        .set("bump", a.bump))
}

/// The part of a raffle; NULL for other kinds, because rows of one table are written together.
pub(super) fn raffle(row: Filling, state: Option<RaffleState>) -> Filling {
    let address = |bytes: [u8; 32]| Pubkey::new_from_array(bytes).to_string();
    row.set("root", state.map(|s| bytea(&s.root)))
        .set("ranking", state.map(|s| address(s.ranking)))
        .set("threshold_key", state.map(|s| s.threshold_key))
        .set("threshold_page", state.map(|s| s.threshold_page))
        .set("threshold_index", state.map(|s| s.threshold_index))
        .set("capacity", state.map(|s| s.capacity))
        .set("waiting", state.map(|s| s.waiting))
        .set("leaf_count", state.map(|s| s.leaf_count))
        .set("confirm_seconds", state.map(|s| s.confirm_seconds))
        .set("ranked", state.map(|s| s.ranked))
        .set("taken", state.map(|s| s.taken))
        .set("lapsed", state.map(|s| s.lapsed))
        .set("promoted", state.map(|s| s.promoted))
        .set("penalty_bps", state.map(|s| s.penalty_bps))
        .set("depth", state.map(|s| s.depth))
        .set("mode", state.map(|s| mode_name(s.mode)))
        .set("prize_count", state.map(|s| s.prize_count))
        .set("is_ranked", state.map(|s| s.is_ranked != 0))
}

/// The name of a raffle's mode.
pub fn mode_name(mode: u8) -> String {
    Mode::from_byte(mode).map_or_else(|| format!("unknown_{mode}"), |mode| mode.name().to_string())
}

pub(super) fn ranking(row: Filling, a: &Ranking, data: &[u8]) -> Filling {
    row.address("round", &a.round)
        .address("submitter", &a.submitter)
        .set("threshold_key", a.threshold_key)
        .set("threshold_page", a.threshold_page)
        .set("threshold_index", a.threshold_index)
        .set("deposit_lamports", a.deposit_lamports)
        .set("slots", a.slots)
        .set("found", a.found)
        .set("sorted", a.sorted)
        .set("page_count", a.page_count)
        .set("pages_counted", a.pages_counted)
        .named("status", RankingStatus::from_byte(a.status).map(RankingStatus::name), a.status)
        .set("bump", a.bump)
        .set("page_counts", ranking_counts(data).collect::<Vec<_>>())
}

fn round_money(row: Filling, a: &Round) -> Filling {
    row.set("stake_units", a.stake_units)
        .set("cash_units", a.cash_units)
        .set("pool_units", a.pool_units)
        .set("fee_units", a.fee_units)
        .set("fee_bps", a.fee_bps)
        .set("jackpot_in_units", a.jackpot_in_units)
        .set("bond_units", a.bond_units)
        .set("slashed_units", a.slashed_units)
        .set("bonus_each_units", a.bonus_each_units)
        .set("min_stake_units", a.min_stake_units)
        .set("max_stake_units", a.max_stake_units)
        .set("page_budget_units", a.page_budget_units)
        .set("max_liability_units", a.max_liability_units)
        .set("budget_units", a.budget_units)
        .set("liability_units", a.liability_units)
        .set("prizes_units", a.prizes_units)
        .set("winning_units", a.winning_units)
        .set("matched_units", a.matched_units)
        .set("max_multiplier_bps", a.max_multiplier_bps.to_vec())
        .set("crank_lamports", a.crank_lamports)
        .set("reward_step_lamports", a.reward_step_lamports)
        .set("reward_item_lamports", a.reward_item_lamports)
        .set("prize_each_units", a.prize_each_units.to_vec())
        .set("winners", a.winners.to_vec())
}

pub(super) fn page(row: Filling, a: &Page) -> Filling {
    row.address("round", &a.round)
        .address("rent_payer", &a.rent_payer)
        .bytes("digest", &a.digest)
        .set("cash_units", a.cash_units)
        .set("liability_units", a.liability_units)
        .set("budget_units", a.budget_units)
        .set("prizes_units", a.prizes_units)
        .set("sequence", a.sequence)
        .set("capacity", a.capacity)
        .set("count", a.count)
        .set("settle_cursor", a.settle_cursor)
        .set("winners", a.winners)
        .set("paid", a.paid)
        .set("refunded", a.refunded)
        .named("status", PageStatus::from_byte(a.status).map(PageStatus::name), a.status)
        .set("bump", a.bump)
        .set("tail_words", a.tail_words)
        .set("tier_winners", a.tier_winners.to_vec())
}
