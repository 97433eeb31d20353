//! From an account's bytes to a row: one line for each field. Values are JSON that Postgres turns into the
//! column's own type, so u64 stay exact and bytes travel as `\x...`.

mod lottery;
mod round;

pub use lottery::{config_columns, draw_rules, instant_rules, keno_rules, raffle_rules};
pub use round::mode_name;

use lottery_interface::{
    Address,
    accounts::{
        self, AccountLayout, Beacon, Config, Lottery, OracleSet, Page, Ranking, Registry, Round, Vault,
        Wallet,
    },
    kinds::VaultKind,
};
use serde_json::{Map, Value, json};
use solana_pubkey::Pubkey;

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
        ("pages", round::page(start, &a))
    } else if let Some(a) = Round::read(data) {
        ("rounds", round::raffle(round::round(start, &a)?, accounts::raffle_state(data)))
    } else if let Some(a) = Ranking::read(data) {
        ("rankings", round::ranking(start, &a, data))
    } else if let Some(a) = Lottery::read(data) {
        ("lotteries", lottery::lottery(start, &a)?)
    } else if let Some(a) = Config::read(data) {
        ("configs", lottery::config(start, &a, Config::tail(data))?)
    } else if let Some(a) = Vault::read(data) {
        ("vaults", vault(start, &a))
    } else if let Some(a) = Beacon::read(data) {
        ("beacons", beacon(start, &a))
    } else if let Some(a) = OracleSet::read(data) {
        ("oracle_sets", oracle_set(start, &a))
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
        .address("switchboard_program", &a.switchboard_program)
        .address("switchboard_queue", &a.switchboard_queue)
        .big("next_lottery_id", a.next_lottery_id)?
        .set("min_grace_seconds", a.min_grace_seconds)
        .set("min_grace_slots", a.min_grace_slots)
        .set("min_claim_seconds", a.min_claim_seconds)
        .set("beacon_delay_seconds", a.beacon_delay_seconds)
        .set("fee_cap_bps", a.fee_cap_bps)
        .flag("paused", a.paused)
        .set("bump", a.bump)
        .bytes("allowed_sources", &a.allowed_sources))
}

fn beacon(row: Filling, a: &Beacon) -> Filling {
    row.bytes("public_key", &a.public_key)
        .bytes("chain_hash", &a.chain_hash)
        .address("rent_payer", &a.rent_payer)
        .set("genesis_at", a.genesis_at)
        .set("usable_at", a.usable_at)
        .set("period_seconds", a.period_seconds)
        .set("bump", a.bump)
}

/// The columns of a beacon that is known from the record.
pub fn beacon_columns(account: &Beacon) -> Columns {
    beacon(Filling(Columns::new()), account).0
}

fn oracle_set(row: Filling, a: &OracleSet) -> Filling {
    let reporters = a.reporters.iter().take(a.reporter_count as usize);
    let reporters = reporters.map(|key| Pubkey::new_from_array(*key).to_string());
    row.set("reporters", reporters.collect::<Vec<_>>())
        .set("reporter_count", a.reporter_count)
        .set("bump", a.bump)
}

/// The columns of an oracle set that is known from the record.
pub fn oracle_set_columns(account: &OracleSet) -> Columns {
    oracle_set(Filling(Columns::new()), account).0
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;
    use lottery_interface::accounts::RaffleState;

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
        let by_name =
            ["picks", "numbers", "bonus_numbers", "rollover", "tier_count", "rtp_min_bps", "rtp_max_bps"];
        extra.retain(|column| table != "configs" || !by_name.contains(&column.as_str()));
        extra.retain(|column| !["name_data", "rules", "page_counts"].contains(&column.as_str()));
        // A raffle's, which follow the struct of a round.
        let state = fields(&format!("{:#?}", RaffleState::zeroed()));
        extra.retain(|column| table != "rounds" || !state.contains(column));
        assert_eq!(extra, Vec::<String>::new(), "{table} has columns that are no field");
    }

    #[test]
    fn every_field_has_a_column() {
        check::<Registry>("registry");
        check::<Beacon>("beacons");
        check::<OracleSet>("oracle_sets");
        check::<Vault>("vaults");
        check::<Wallet>("wallets");
        check::<Lottery>("lotteries");
        check::<Config>("configs");
        check::<Round>("rounds");
        check::<Page>("pages");
        check::<Ranking>("rankings");
    }

    #[test]
    fn a_raffles_state_has_its_columns() {
        let state = RaffleState {
            threshold_key: u64::MAX,
            capacity: 700,
            mode: 2,
            is_ranked: 1,
            ranking: [7; 32],
            ..Zeroable::zeroed()
        };
        let data = |kind: u8| {
            let round = Round { kind, ..Zeroable::zeroed() };
            let tail = bytemuck::bytes_of(&state);
            [&Round::DISCRIMINATOR[..], bytemuck::bytes_of(&round), tail].concat()
        };
        let raffle = row(&data(5)).unwrap().columns;
        for field in fields(&format!("{state:#?}")) {
            assert!(!raffle[&field].is_null(), "rounds has no column for {field}");
        }
        assert_eq!(raffle["threshold_key"], u64::MAX);
        assert_eq!((&raffle["mode"], &raffle["is_ranked"]), (&json!("first_come"), &json!(true)));
        let other = row(&data(1)).unwrap().columns;
        assert!(other["capacity"].is_null(), "of other kinds there is none");
        assert!(other.keys().eq(raffle.keys()), "rows of one table are written together");
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
