//! From an account's bytes to a row: one line for each field. Values are JSON that Postgres turns into the
//! column's own type, so u64 stay exact and bytes travel as `\x...`.

use lottery_interface::{
    Address,
    accounts::{AccountLayout, Config, DrawRules, Lottery, Page, Registry, Round, Vault, Wallet},
    kinds::{Kind, LotteryStatus, PageStatus, RoundStatus, Source, VaultKind, VoidReason},
};
use serde_json::{Map, Value, json};
use solana_pubkey::Pubkey;

use crate::decoder::text;

/// Columns by name.
pub type Columns = Map<String, Value>;

/// The row of an account, without its guards.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub table: &'static str,
    pub columns: Columns,
}

/// Bytes of a page that are not entries: all that is ever read of a page.
pub const PAGE_PREFIX: usize = Page::LEN;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    #[error("no account of this version starts like this: is the program newer than the indexer?")]
    UnknownAccount,
    #[error("{field} = {value} does not fit its column")]
    TooLarge { field: &'static str, value: u64 },
}

/// Columns being filled.
struct Filling(Columns);

impl Filling {
    fn set(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_string(), value.into());
        self
    }

    fn address(self, field: &'static str, value: &Address) -> Self {
        self.set(field, Pubkey::new_from_array(*value).to_string())
    }

    fn bytes(self, field: &'static str, value: &[u8]) -> Self {
        self.set(field, bytea(value))
    }

    /// A count, an id or a slot: below 2^63.
    fn big(self, field: &'static str, value: u64) -> Result<Self, RowError> {
        i64::try_from(value).map_err(|_| RowError::TooLarge { field, value })?;
        Ok(self.set(field, value))
    }

    fn flag(self, field: &'static str, value: u8) -> Self {
        self.set(field, value != 0)
    }

    /// A byte with a name; a later program's byte is kept as a number.
    fn named(self, field: &'static str, name: Option<&'static str>, byte: u8) -> Self {
        self.set(field, name.map_or_else(|| format!("unknown_{byte}"), str::to_string))
    }
}

/// Bytes as Postgres reads them.
pub fn bytea(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The row of an account's data; of a page the first [`PAGE_PREFIX`] bytes are enough.
pub fn row(data: &[u8]) -> Result<Row, RowError> {
    let start = Filling(Columns::new());
    let (table, filled) = if let Some(a) = Wallet::read(data) {
        ("wallets", wallet(start, &a))
    } else if let Some(a) = Page::read(data) {
        ("pages", page(start, &a))
    } else if let Some(a) = Round::read(data) {
        ("rounds", round(start, &a)?)
    } else if let Some(a) = Lottery::read(data) {
        ("lotteries", lottery(start, &a)?)
    } else if let Some(a) = Config::read(data) {
        ("configs", config(start, &a, Config::tail(data))?)
    } else if let Some(a) = Vault::read(data) {
        ("vaults", vault(start, &a))
    } else if let Some(a) = Registry::read(data) {
        ("registry", registry(start, &a)?)
    } else {
        return Err(RowError::UnknownAccount);
    };
    Ok(Row { table, columns: filled.0 })
}

fn registry(row: Filling, a: &Registry) -> Result<Filling, RowError> {
    Ok(row
        .address("authority", &a.authority)
        .address("pending_authority", &a.pending_authority)
        .address("treasury", &a.treasury)
        .big("next_lottery_id", a.next_lottery_id)?
        .set("min_grace_seconds", a.min_grace_seconds)
        .set("min_grace_slots", a.min_grace_slots)
        .set("min_claim_seconds", a.min_claim_seconds)
        .set("fee_cap_bps", a.fee_cap_bps)
        .flag("paused", a.paused)
        .set("bump", a.bump)
        .bytes("allowed_sources", &a.allowed_sources))
}

fn vault(row: Filling, a: &Vault) -> Filling {
    row.address("mint", &a.mint)
        .address("token_program", &a.token_program)
        .address("tokens", &a.tokens)
        .address("rent_payer", &a.rent_payer)
        .set("total_units", a.total_units)
        .named("kind", VaultKind::from_byte(a.kind).map(VaultKind::name), a.kind)
        .set("decimals", a.decimals)
        .set("bump", a.bump)
        .set("tokens_bump", a.tokens_bump)
}

fn wallet(row: Filling, a: &Wallet) -> Filling {
    let ring = a.ring.iter().map(|r| {
        json!({
            "lottery_id": r.lottery_id,
            "round_index": r.round_index,
            "locks_at": r.locks_at,
            "entries": r.entries,
        })
    });
    row.address("owner", &a.owner)
        .address("mint", &a.mint)
        .address("rent_payer", &a.rent_payer)
        .address("session_key", &a.session_key)
        .set("session_lotteries", a.session_lotteries.to_vec())
        .set("session_expires_at", a.session_expires_at)
        .set("session_limit_units", a.session_limit_units)
        .set("session_spent_units", a.session_spent_units)
        .set("balance_units", a.balance_units)
        .set("busy_until", a.busy_until)
        .set("ring", ring.collect::<Vec<_>>())
        .set("bump", a.bump)
}

fn lottery(row: Filling, a: &Lottery) -> Result<Filling, RowError> {
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
        .set("fees_units", a.fees_units)
        .set("treasury_due_units", a.treasury_due_units)
        .set("crank_lamports", a.crank_lamports)
        .set("config_version", a.config_version)
        .set("config_count", a.config_count)
        .set("page_entries", a.page_entries)
        .set("max_pages", a.max_pages)
        .set("max_entries_per_round", a.max_entries_per_round)
        .set("max_entries_per_player", a.max_entries_per_player)
        .set("period_seconds", a.period_seconds)
        .set("reward_step_lamports", a.reward_step_lamports)
        .set("reward_item_lamports", a.reward_item_lamports)
        .set("live_rounds", a.live_rounds)
        .named("kind", Kind::from_byte(a.kind).map(Kind::name), a.kind)
        .named("status", LotteryStatus::from_byte(a.status).map(LotteryStatus::name), a.status)
        .set("retiring", a.retiring)
        .flag("rollover", a.rollover)
        .set("bump", a.bump))
}

fn config(row: Filling, a: &Config, rules: &[u8]) -> Result<Filling, RowError> {
    let row = row
        .address("lottery", &a.lottery)
        .address("rent_payer", &a.rent_payer)
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
    let Some(draw) = draw_rules(a.kind, rules) else { return Ok(row) };
    Ok(row
        .set("picks", draw.picks)
        .set("numbers", draw.numbers)
        .set("bonus_numbers", draw.bonus_numbers)
        .flag("rollover", draw.rollover)
        .set("tier_count", draw.tier_count))
}

/// The columns of a config that is known from the record.
pub fn config_columns(account: &Config, rules: &[u8]) -> Result<Columns, RowError> {
    Ok(config(Filling(Columns::new()), account, rules)?.0)
}

/// The rules of a config of kind draw.
pub fn draw_rules(kind: u8, rules: &[u8]) -> Option<DrawRules> {
    let bytes = rules.get(..size_of::<DrawRules>())?;
    (Kind::from_byte(kind) == Some(Kind::Draw)).then(|| bytemuck::pod_read_unaligned(bytes))
}

fn round(row: Filling, a: &Round) -> Result<Filling, RowError> {
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
        .big("lottery_id", a.lottery_id)?
        .big("index", a.index)?
        .set("opened_at", a.opened_at)
        .big("opened_slot", a.opened_slot)?
        .set("locks_at", a.locks_at)
        .big("lock_slot", a.lock_slot)?
        .big("target_slot", a.target_slot)?
        .big("captured_slot", a.captured_slot)?
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
        .set("bump", a.bump))
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
        .set("crank_lamports", a.crank_lamports)
        .set("reward_step_lamports", a.reward_step_lamports)
        .set("reward_item_lamports", a.reward_item_lamports)
        .set("prize_each_units", a.prize_each_units.to_vec())
        .set("winners", a.winners.to_vec())
}

fn page(row: Filling, a: &Page) -> Filling {
    row.address("round", &a.round)
        .address("rent_payer", &a.rent_payer)
        .bytes("digest", &a.digest)
        .set("cash_units", a.cash_units)
        .set("liability_units", a.liability_units)
        .set("budget_units", a.budget_units)
        .set("sequence", a.sequence)
        .set("capacity", a.capacity)
        .set("count", a.count)
        .set("settle_cursor", a.settle_cursor)
        .set("winners", a.winners)
        .set("paid", a.paid)
        .set("refunded", a.refunded)
        .named("status", PageStatus::from_byte(a.status).map(PageStatus::name), a.status)
        .set("bump", a.bump)
        .set("tier_winners", a.tier_winners.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    // A field added to the interface fails this test until it has a column: the structs print their fields.

    /// Field names as `{:#?}` prints them, one level deep.
    fn fields(debug: &str) -> Vec<String> {
        let lines = debug.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
        let names = lines.filter_map(|line| line.trim().split_once(": ").map(|(name, _)| name.to_string()));
        names.filter(|name| name != "reserved").collect()
    }

    fn check<T: AccountLayout + std::fmt::Debug>(table: &str) {
        let value = T::zeroed();
        let mut data = T::DISCRIMINATOR.to_vec();
        data.extend_from_slice(bytemuck::bytes_of(&value));
        let row = row(&data).unwrap();
        assert_eq!(row.table, table);
        let mut extra: Vec<_> = row.columns.keys().cloned().collect();
        for field in fields(&format!("{value:#?}")) {
            assert!(row.columns.contains_key(&field), "{table} has no column for {field}");
            extra.retain(|column| *column != field);
        }
        extra.retain(|column| !["name_data", "rules"].contains(&column.as_str()));
        assert_eq!(extra, Vec::<String>::new(), "{table} has columns that are no field");
    }

    #[test]
    fn every_field_has_a_column() {
        check::<Registry>("registry");
        check::<Vault>("vaults");
        check::<Wallet>("wallets");
        check::<Lottery>("lotteries");
        check::<Config>("configs");
        check::<Round>("rounds");
        check::<Page>("pages");
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        assert_eq!(row(&[]), Err(RowError::UnknownAccount));
        assert_eq!(row(&[7; 4096]), Err(RowError::UnknownAccount));
        let mut lottery = Lottery::zeroed();
        lottery.id = u64::MAX;
        let data = [&Lottery::DISCRIMINATOR[..], bytemuck::bytes_of(&lottery)].concat();
        assert_eq!(row(&data), Err(RowError::TooLarge { field: "id", value: u64::MAX }));
    }
}
