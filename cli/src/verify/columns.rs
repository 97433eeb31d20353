//! What the row of each account must say, field by field, in the words of Postgres' `to_jsonb`.
//!
//! The small structs are taken apart without `..`, so that a new field does not compile until it has its column; for
//! the big ones `tables` complains of each column that is compared with nothing.

use lottery_client::Pubkey;
use lottery_interface::{
    accounts::{
        Config, DrawRules, InstantRules, KenoRules, Lottery, Page, Registry, Round, RoundUse, Vault, Wallet,
    },
    kinds::{Kind, LotteryStatus, PageStatus, RoundStatus, Source, VaultKind, VoidReason},
    rewards::worst_case_lamports,
};
use serde_json::{Value, json};

use super::chain::Account;
pub use super::entries::entry;
use crate::chain::name_of;

/// Column and value, for every field.
pub type Columns = Vec<(&'static str, Value)>;

pub(super) fn key(bytes: &[u8; 32]) -> Value {
    json!(Pubkey::from(*bytes).to_string())
}

pub(super) fn hex(bytes: &[u8]) -> Value {
    json!(format!("\\x{}", hex::encode(bytes)))
}

fn flag(byte: u8) -> Value {
    json!(byte != 0)
}

/// The name of a kind, state or reason.
fn named(name: Option<&'static str>) -> Value {
    json!(name.unwrap_or("unknown"))
}

pub fn registry(account: &Account<Registry>) -> Columns {
    let Registry {
        authority,
        pending_authority,
        treasury,
        next_lottery_id,
        min_grace_seconds,
        min_grace_slots,
        min_claim_seconds,
        fee_cap_bps,
        paused,
        bump,
        allowed_sources,
    } = account.value;
    vec![
        ("authority", key(&authority)),
        ("pending_authority", key(&pending_authority)),
        ("treasury", key(&treasury)),
        ("next_lottery_id", json!(next_lottery_id)),
        ("min_grace_seconds", json!(min_grace_seconds)),
        ("min_grace_slots", json!(min_grace_slots)),
        ("min_claim_seconds", json!(min_claim_seconds)),
        ("fee_cap_bps", json!(fee_cap_bps)),
        ("paused", flag(paused)),
        ("bump", json!(bump)),
        ("allowed_sources", hex(&allowed_sources)),
    ]
}

pub fn vault(account: &Account<Vault>) -> Columns {
    let Vault {
        mint,
        token_program,
        tokens,
        rent_payer,
        total_units,
        kind,
        decimals,
        bump,
        tokens_bump,
        reserved: _,
    } = account.value;
    vec![
        ("mint", key(&mint)),
        ("token_program", key(&token_program)),
        ("tokens", key(&tokens)),
        ("rent_payer", key(&rent_payer)),
        ("total_units", json!(total_units)),
        ("kind", named(VaultKind::from_byte(kind).map(VaultKind::name))),
        ("decimals", json!(decimals)),
        ("bump", json!(bump)),
        ("tokens_bump", json!(tokens_bump)),
    ]
}

pub fn wallet(account: &Account<Wallet>) -> Columns {
    let Wallet {
        owner,
        mint,
        rent_payer,
        session_key,
        session_lotteries,
        session_expires_at,
        session_limit_units,
        session_spent_units,
        balance_units,
        busy_until,
        ring,
        bump,
        reserved: _,
    } = account.value;
    let ring: Vec<_> = ring
        .iter()
        .map(|RoundUse { lottery_id, round_index, locks_at, entries, reserved: _ }| {
            json!({"lottery_id": lottery_id, "round_index": round_index, "locks_at": locks_at, "entries": entries})
        })
        .collect();
    vec![
        ("owner", key(&owner)),
        ("mint", key(&mint)),
        ("rent_payer", key(&rent_payer)),
        ("session_key", key(&session_key)),
        ("session_lotteries", json!(session_lotteries)),
        ("session_expires_at", json!(session_expires_at)),
        ("session_limit_units", json!(session_limit_units)),
        ("session_spent_units", json!(session_spent_units)),
        ("balance_units", json!(balance_units)),
        ("busy_until", json!(busy_until)),
        ("ring", json!(ring)),
        ("bump", json!(bump)),
    ]
}

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
        Kind::Prediction | Kind::Raffle => None,
    }
}

pub fn config(account: &Account<Config>) -> Columns {
    let Config {
        lottery,
        rent_payer,
        stake_units,
        created_slot,
        version,
        grace_seconds,
        grace_slots,
        claim_seconds,
        reveal_delay_slots,
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

pub fn round(account: &Account<Round>) -> Columns {
    let r = account.value;
    let reserve =
        worst_case_lamports(r.max_pages, r.max_entries, r.reward_step_lamports, r.reward_item_lamports);
    vec![
        // What the record says was paid out is what is no longer there.
        ("crank_spent_lamports", json!(reserve.and_then(|reserve| reserve.checked_sub(r.crank_lamports)))),
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
        ("lottery_id", json!(r.lottery_id)),
        ("index", json!(r.index)),
        ("opened_at", json!(r.opened_at)),
        ("opened_slot", json!(r.opened_slot)),
        ("locks_at", json!(r.locks_at)),
        ("lock_slot", json!(r.lock_slot)),
        ("target_slot", json!(r.target_slot)),
        ("captured_slot", json!(r.captured_slot)),
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
        ("bump", json!(r.bump)),
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
        reserved: _,
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
        ("tier_winners", json!(tier_winners)),
        // What the record alone says must be what the account says.
        ("record_count", json!(count)),
        ("record_digest", hex(&digest)),
        ("record_settled", json!(settle_cursor)),
        ("record_liability_units", json!(liability_units)),
    ]
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    /// Field names as `{:#?}` prints them, one level deep.
    fn fields(debug: &str) -> Vec<String> {
        let lines = debug.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
        let names = lines.filter_map(|line| line.trim().split_once(": ").map(|(name, _)| name.to_string()));
        names.filter(|name| name != "reserved").collect()
    }

    fn check<T: Zeroable + std::fmt::Debug>(columns: fn(&Account<T>) -> Columns) {
        let account = Account { value: T::zeroed(), lamports: 0, tail: Vec::new() };
        let named: Vec<&str> = columns(&account).iter().map(|(column, _)| *column).collect();
        let fields = fields(&format!("{:#?}", account.value));
        assert!(fields.len() > 8);
        for field in fields {
            assert!(named.contains(&field.as_str()), "{field} is compared with no column");
        }
        let mut unique = named.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), named.len(), "a column is compared twice");
    }

    #[test]
    fn every_field_of_every_account_is_compared() {
        check::<Registry>(registry);
        check::<Vault>(vault);
        check::<Wallet>(wallet);
        check::<Lottery>(lottery);
        check::<Config>(config);
        check::<Round>(round);
        check::<Page>(page);
    }
}
