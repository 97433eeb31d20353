//! The rows of Postgres against the accounts of the chain, both ways and column by column.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use lottery_client::Pubkey;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use super::{chain::ChainState, columns};

/// Differences that an error lists; the rest is counted.
const SHOWN: usize = 8;

/// Columns that say when and how a row was read, or what only the record tells.
const BOOKKEEPING: [&str; 9] = [
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
struct Comparison {
    found: Compared,
    differences: Vec<String>,
}

type Rows = BTreeMap<String, BTreeMap<String, Value>>;

impl Comparison {
    fn differs(&mut self, what: String) {
        self.differences.push(what);
    }

    /// One row against what it must say. `ignored` columns are allowed to exist besides.
    fn row(
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
async fn rows(pool: &PgPool, table: &str, key: &str) -> anyhow::Result<Rows> {
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
    table!("vaults", state.vaults, columns::vault);
    table!("wallets", state.wallets, columns::wallet);
    table!("lotteries", state.lotteries, columns::lottery);
    table!("configs", state.configs, columns::config);
    table!("rounds", state.rounds, columns::round, "incomplete");
    table!("pages", state.pages, columns::page);
    compare_tiers(&mut comparison, state, pool).await?;
    compare_entries(&mut comparison, state, pool).await?;
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

async fn compare_tiers(comparison: &mut Comparison, state: &ChainState, pool: &PgPool) -> anyhow::Result<()> {
    let rows = rows(pool, "config_tiers", "config || '/' || tier").await?;
    let mut expected = BTreeMap::new();
    for (address, account) in &state.configs {
        let Some(rules) = columns::draw_rules(account) else { continue };
        for (tier, place) in (1u8..).zip(rules.tiers.iter().take(rules.tier_count as usize)) {
            let columns = vec![
                ("config", json!(address.to_string())),
                ("tier", json!(tier)),
                ("matches", json!(place.matches)),
                ("bonus", json!(place.bonus != 0)),
                ("share_bps", json!(place.share_bps)),
            ];
            expected.insert(format!("{address}/{tier}"), columns);
        }
    }
    for (name, columns) in &expected {
        match rows.get(name) {
            Some(row) => comparison.row("config_tiers", name, row, columns, &[]),
            None => comparison.differs(format!("config_tiers {name} is missing")),
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
    let ignored: Vec<&str> = ENTRY_RECORD.into_iter().chain(["settled_slot"]).collect();
    for (address, page) in &state.pages {
        let round = Pubkey::from(page.value.round);
        for (index, entry) in page.entries().iter().enumerate() {
            comparison.found.entries += 1;
            let name = format!("{address}/{index}");
            let Some(row) = rows.get(&name) else {
                comparison.differs(format!("entries {name} is missing"));
                continue;
            };
            comparison.row("entries", &name, row, &columns::entry(entry), &ignored);
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

/// What the record says in several places must agree with itself, for closed rounds too.
async fn compare_record(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let checks = [
        (
            "rounds whose entries do not add up to entered_count and entered_units",
            "SELECT count(*) FROM rounds r LEFT JOIN (SELECT round, count(*) n, sum(stake_units) units FROM entries GROUP BY round) e
             ON e.round = r.address WHERE coalesce(e.n, 0) <> r.entered_count OR coalesce(e.units, 0) <> r.entered_units",
        ),
        (
            "settled rounds whose sealed entries are not those entered",
            "SELECT count(*) FROM rounds WHERE NOT incomplete AND status IN ('drawn', 'final') AND entries <> entered_count",
        ),
        (
            "entries whose paid or refunded is not one payment",
            "SELECT count(*) FROM entries e WHERE e.paid::int <> (SELECT count(*) FROM payments p WHERE p.page = e.page AND p.index = e.index AND p.kind = 'prize')
             OR e.refunded::int <> (SELECT count(*) FROM payments p WHERE p.page = e.page AND p.index = e.index AND p.kind = 'refund')",
        ),
        (
            "closed rounds that owe a winner or a refund",
            "SELECT count(*) FROM rounds WHERE closed_at_slot IS NOT NULL AND NOT incomplete AND claim_until > extract(epoch FROM now())
             AND ((status = 'final' AND NOT refund_all AND winners_paid <> winners_total) OR ((status = 'void' OR refund_all) AND refunded <> entries))",
        ),
        ("open entries of the quarantine", "SELECT count(*) FROM quarantine WHERE NOT resolved"),
    ];
    for (what, query) in checks {
        let (count,): (i64,) = sqlx::query_as(query).fetch_one(pool).await?;
        if count != 0 {
            comparison.differs(format!("{count} {what}"));
        }
    }
    let (cursor,): (i64,) = sqlx::query_as("SELECT slot FROM cursor").fetch_one(pool).await?;
    if (cursor as u64) + 1 < state.slot.min(newest_change(state)) {
        comparison.differs(format!("the cursor is at slot {cursor}, the chain at {}", state.slot));
    }
    Ok(())
}

/// The newest slot that any account speaks of: the indexer must have reached it.
fn newest_change(state: &ChainState) -> u64 {
    state
        .rounds
        .values()
        .map(|round| round.value.opened_slot.max(round.value.captured_slot))
        .max()
        .unwrap_or(0)
}
