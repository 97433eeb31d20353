//! The rows of Postgres against the accounts of the chain, both ways and column by column.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use lottery_client::Pubkey;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use super::{
    chain::ChainState, columns, entries::entry_of_page, markets::compare_markets, raffles::compare_raffles,
    record::compare_record, rules::compare_rules,
};

/// Differences that an error lists; the rest is counted.
const SHOWN: usize = 8;

/// Columns that say when and how a row was read, or what only the record tells.
const BOOKKEEPING: [&str; 14] = [
    "address",
    "first_slot",
    "account_slot",
    "account_order",
    "closed_at_slot",
    // Of rounds and lotteries: sums over the record, compared on their own.
    "entered_count",
    "entered_units",
    "record_jackpot_units",
    "drawn_at",
    // Of rounds and pages: block times, and rent as a report counts it; see `compare_rent`.
    "opened_at",
    "closed_at",
    "rent_lamports",
    // Of house rounds: sums over entries, compared on their own.
    "spot_stake_units",
    "spot_stake_squares",
];

/// Columns of `entries` that the account does not hold.
const ENTRY_RECORD: [&str; 12] = [
    "id",
    "page",
    "index",
    "round",
    "lottery_id",
    "round_index",
    "page_sequence",
    "quick_pick",
    "signature",
    "path",
    "entered_slot",
    "entered_at",
];

/// What was found equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub accounts: usize,
    pub entries: usize,
    pub columns: usize,
}

/// Collects differences of all tables before it complains.
#[derive(Default)]
pub(super) struct Comparison {
    pub found: Compared,
    differences: Vec<String>,
}

pub(super) type Rows = BTreeMap<String, BTreeMap<String, Value>>;

impl Comparison {
    pub fn differs(&mut self, what: String) {
        self.differences.push(what);
    }

    /// One row against what it must say. `ignored` columns are allowed to exist besides.
    pub fn row(
        &mut self,
        table: &str,
        name: &str,
        row: &BTreeMap<String, Value>,
        expected: &columns::Columns,
        ignored: &[&str],
    ) {
        for (column, value) in expected {
            self.found.columns += 1;
            match row.get(*column) {
                Some(found) if found == value => {}
                Some(found) => {
                    self.differs(format!("{table} {name} {column}: {found}, the chain has {value}"))
                }
                None => self.differs(format!("{table} has no column {column}")),
            }
        }
        let known: BTreeSet<&str> = expected.iter().map(|(column, _)| *column).collect();
        for column in row.keys().map(String::as_str) {
            if !known.contains(column) && !ignored.contains(&column) {
                self.differs(format!("{table} has a column {column} that is compared with nothing"));
            }
        }
    }

    fn table(
        &mut self,
        table: &str,
        rows: &Rows,
        accounts: BTreeMap<String, columns::Columns>,
        ignored: &[&str],
    ) {
        for (address, expected) in &accounts {
            self.found.accounts += 1;
            match rows.get(address) {
                Some(row) if row.get("closed_at_slot").is_some_and(|slot| !slot.is_null()) => {
                    self.differs(format!("{table} {address} is closed, the chain still has it"));
                }
                Some(row) => self.row(table, address, row, expected, ignored),
                None => self.differs(format!("{table} {address} is missing")),
            }
        }
        for (address, row) in rows {
            let live = row.get("closed_at_slot").is_none_or(Value::is_null);
            if live && !accounts.contains_key(address) {
                self.differs(format!("{table} {address} is live, the chain does not have it"));
            }
        }
    }
}

/// Every row of a table, by the value of `key`.
pub(super) async fn rows(pool: &PgPool, table: &str, key: &str) -> anyhow::Result<Rows> {
    // The names are this file's own.
    let query = format!("SELECT {key} AS key, to_jsonb(t) AS row FROM {table} t");
    let found: Vec<(String, Value)> = sqlx::query_as(AssertSqlSafe(query)).fetch_all(pool).await?;
    let object = |value: Value| match value {
        Value::Object(map) => map.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    Ok(found.into_iter().map(|(key, row)| (key, object(row))).collect())
}

/// Compares everything. The error lists differences.
pub async fn compare(state: &ChainState, pool: &PgPool) -> anyhow::Result<Compared> {
    let mut comparison = Comparison::default();
    macro_rules! table {
        ($name:literal, $accounts:expr, $columns:path $(, $extra:literal)*) => {{
            let expected = $accounts.iter().map(|(address, account)| (address.to_string(), $columns(account))).collect();
            let ignored: Vec<&str> = BOOKKEEPING.into_iter().chain([$($extra),*]).collect();
            comparison.table($name, &rows(pool, $name, "address").await?, expected, &ignored);
        }};
    }
    table!("registry", state.registries, columns::registry);
    table!("beacons", state.beacons, columns::beacon);
    table!("oracle_sets", state.oracle_sets, columns::oracle_set);
    table!("vaults", state.vaults, columns::vault);
    table!("wallets", state.wallets, columns::wallet);
    table!("lotteries", state.lotteries, columns::lottery);
    table!("configs", state.configs, columns::config);
    table!(
        "rounds",
        state.rounds,
        columns::round,
        "incomplete",
        "beacon_signature",
        "crank_spent_lamports",
        "reserve_lamports",
        "lost_deposits_lamports"
    );
    table!("rankings", state.rankings, columns::ranking);
    table!("pages", state.pages, columns::page);
    compare_rules(&mut comparison, state, pool).await?;
    compare_rent(&mut comparison, state, pool).await?;
    compare_entries(&mut comparison, state, pool).await?;
    compare_markets(&mut comparison, state, pool).await?;
    compare_raffles(&mut comparison, state, pool).await?;
    compare_record(&mut comparison, state, pool).await?;

    let Comparison { found, differences } = comparison;
    if differences.is_empty() {
        return Ok(found);
    }
    let more = differences.len().saturating_sub(SHOWN);
    let shown = differences[..differences.len() - more].join("; ");
    bail!(
        "Postgres differs from the chain in {} places: {shown}{}",
        differences.len(),
        if more > 0 { "; ..." } else { "" }
    )
}

/// The rent that a row counts is in its account, and nothing else is unless someone gave it lamports.
async fn compare_rent(comparison: &mut Comparison, state: &ChainState, pool: &PgPool) -> anyhow::Result<()> {
    let rounds =
        state.rounds.iter().map(|(address, a)| (address, a.lamports.saturating_sub(a.value.crank_lamports)));
    let held: Vec<(String, u64)> = rounds
        .chain(state.pages.iter().map(|(address, a)| (address, a.lamports)))
        .map(|(address, lamports)| (address.to_string(), lamports))
        .collect();
    let found: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT address, rent_lamports::TEXT FROM rounds WHERE closed_at_slot IS NULL
         UNION ALL SELECT address, rent_lamports::TEXT FROM pages WHERE closed_at_slot IS NULL",
    )
    .fetch_all(pool)
    .await?;
    let found: BTreeMap<String, Option<String>> = found.into_iter().collect();
    for (address, lamports) in held {
        // A missing row was complained of already.
        let Some(rent) = found.get(&address) else { continue };
        comparison.found.columns += 1;
        let rent = rent.as_deref().and_then(|rent| rent.parse::<u64>().ok());
        if rent.is_none_or(|rent| rent == 0 || rent > lamports) {
            comparison.differs(format!("{address} rent_lamports: {rent:?}, the account holds {lamports}"));
        }
    }
    Ok(())
}

/// Entries of every page that still exists; those of closed pages have only the record.
async fn compare_entries(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let rows = rows(pool, "entries", "page || '/' || index").await?;
    let ignored: Vec<&str> =
        ENTRY_RECORD.into_iter().chain(["settled_slot", "rank", "place_status"]).collect();
    for (address, page) in &state.pages {
        let round = Pubkey::from(page.value.round);
        let of = state.rounds.get(&round).with_context(|| format!("page {address} outlived its round"))?;
        for (index, entry) in page.entries().iter().enumerate() {
            comparison.found.entries += 1;
            let name = format!("{address}/{index}");
            let Some(row) = rows.get(&name) else {
                comparison.differs(format!("entries {name} is missing"));
                continue;
            };
            let settled = index < page.value.settle_cursor as usize;
            comparison.row("entries", &name, row, &entry_of_page(entry, settled, &of.value), &ignored);
            let place = [("round", json!(round.to_string())), ("page_sequence", json!(page.value.sequence))];
            for (column, value) in place {
                if row.get(column) != Some(&value) {
                    comparison.differs(format!("entries {name} {column} is not {value}"));
                }
            }
        }
        let count = rows.values().filter(|row| row.get("page") == Some(&json!(address.to_string()))).count();
        if count != page.value.count as usize {
            comparison
                .differs(format!("entries of page {address}: {count}, the chain has {}", page.value.count));
        }
    }
    Ok(())
}
