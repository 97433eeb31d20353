//! A chain that is not there: transactions and accounts of one lottery as the program would leave them, computed with
//! `lottery_rules`, behind the `Source` trait.

#![allow(dead_code)]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytemuck::{Pod, Zeroable, bytes_of};
use lottery_indexer::{
    Indexer,
    metrics::Metrics,
    source::{AccountRead, Batch, RawInstruction, Source, Tip, Transaction},
    testing::PrivatePostgres,
};
use lottery_interface::{
    accounts::{
        self, AccountLayout, Beacon, Config, DrawRules, DrawTier, Entry, FLAG_PAID, FLAG_REFUNDED,
        InstantPrize, InstantRules, KenoRules, Lottery, Page, RaffleRules, RaffleState, RankedEntry, Ranking,
        Registry, Round, Vault, Wallet,
    },
    address,
    args::{BeaconArgs, ConfigArgs, LimitsArgs, LotteryArgs, RANKING_DEPOSIT_LAMPORTS, RegistryArgs},
    events::{Entered, Paid, PlaceChanged, RoundChanged},
    instructions::{self as ix, Item},
    kinds::{Kind, LotteryStatus, PageStatus, PlaceStatus, RankingStatus, RoundStatus, VoidReason},
    rewards::worst_case_lamports,
};
use lottery_rules::{
    beacon::{self, Schedule, SoftwareCurve},
    commit_reveal,
    draw::{self, SplitInput, Tier, TierTable},
    hash::{Sha256, Software},
    house, instant, keno, picks, raffle, refund, seed,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use sqlx::{PgPool, Row};

mod beacon_game;
mod game;
mod game_ends;
mod game_entries;
mod house_game;
mod raffle_game;
// Each test binary uses its part.
#[allow(unused_imports)]
pub use beacon_game::*;
#[allow(unused_imports)]
pub use game::*;
#[allow(unused_imports)]
pub use house_game::*;
#[allow(unused_imports)]
pub use raffle_game::*;

pub const START_SLOT: u64 = 100;

#[derive(Default)]
pub struct State {
    pub slot: u64,
    pub transactions: Vec<Transaction>,
    pub accounts: HashMap<Pubkey, Vec<u8>>,
    /// Left out of the record once, as by a node that lost them.
    pub hidden: HashSet<String>,
    /// Dropped by the chain.
    pub gone: HashSet<String>,
    /// Most slots in one batch.
    pub slots_per_batch: u64,
    pub finalised: u64,
}

#[derive(Clone)]
pub struct Chain(pub Arc<Mutex<State>>);

impl Chain {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn put<T: AccountLayout>(&self, key: Pubkey, account: &T, tail: &[u8]) {
        let data = [&T::DISCRIMINATOR[..], bytes_of(account), tail].concat();
        self.state().accounts.insert(key, data);
    }

    /// One transaction in the next slot.
    pub fn send(&self, instructions: Vec<(&str, Instruction, Vec<Vec<u8>>)>) -> String {
        let mut state = self.state();
        state.slot += 1;
        let slot = state.slot;
        let signature = format!("signature-{slot}-{}", state.transactions.len());
        let instructions = instructions.into_iter().map(|(path, ix, events)| RawInstruction {
            path: path.to_string(),
            accounts: ix.accounts.iter().map(|meta| meta.pubkey).collect(),
            data: ix.data,
            events,
        });
        let instructions = instructions.collect();
        let block_at = Some(1_700_000_000 + slot as i64);
        state.transactions.push(Transaction { signature: signature.clone(), slot, block_at, instructions });
        signature
    }

    pub fn send_one(&self, ix: Instruction, events: Vec<Vec<u8>>) -> String {
        self.send(vec![("0", ix, events)])
    }
}

#[async_trait]
impl Source for Chain {
    async fn tip(&self) -> anyhow::Result<Tip> {
        let state = self.state();
        Ok(Tip { confirmed: state.slot, finalised: state.finalised })
    }

    async fn record(&self, after: u64, to: u64) -> anyhow::Result<Batch> {
        let mut state = self.state();
        let through_slot = to.min(after.max(START_SLOT) + state.slots_per_batch);
        let hidden = std::mem::take(&mut state.hidden);
        let wanted = state.transactions.iter().filter(|t| t.slot > after && t.slot <= through_slot);
        let shown =
            wanted.clone().filter(|t| !hidden.contains(&t.signature) && !state.gone.contains(&t.signature));
        let transactions = shown.cloned().collect();
        // Hidden only while they are in the asked range.
        let later = hidden.into_iter().filter(|s| !wanted.clone().any(|t| t.signature == *s)).collect();
        state.hidden = later;
        Ok(Batch { transactions, unreadable: vec![], through_slot })
    }

    async fn accounts(
        &self,
        keys: &[Pubkey],
        prefix: Option<usize>,
        _: u64,
    ) -> anyhow::Result<Vec<AccountRead>> {
        let state = self.state();
        let cut = |data: &Vec<u8>| data[..prefix.unwrap_or(data.len()).min(data.len())].to_vec();
        Ok(keys
            .iter()
            .map(|key| AccountRead {
                address: *key,
                slot: state.slot,
                data: state.accounts.get(key).map(cut),
            })
            .collect())
    }

    async fn vanished(&self, seen: &[(String, u64)]) -> anyhow::Result<Vec<usize>> {
        let state = self.state();
        let places = seen.iter().enumerate().filter(|(_, (signature, _))| state.gone.contains(signature));
        Ok(places.map(|(place, _)| place).collect())
    }
}

/// An event as the program logs it.
pub fn event<T: Pod>(name: &str, body: &T) -> Vec<u8> {
    [&Software::hashv(&[b"event:", name.as_bytes()])[..8], bytes_of(body)].concat()
}

/// An indexer over the chain and the database, as a fresh process has it.
pub fn indexer(chain: &Chain, db: &PrivatePostgres) -> Indexer<Chain> {
    Indexer::new(
        db.pool.clone(),
        chain.clone(),
        Arc::new(Metrics::default()),
        Arc::default(),
        Duration::from_millis(1),
    )
}

/// Indexes until there is nothing new.
pub async fn catch_up(chain: &Chain, db: &PrivatePostgres) {
    let mut indexer = indexer(chain, db);
    while indexer.step().await.unwrap() {}
}

/// Columns of a commit-reveal round that nobody saw while its account lived: no instruction carries them.
pub const MISSED: [&str; 12] = [
    "slot_hash",
    "value",
    "seed",
    "locks_at",
    "lock_slot",
    "target_slot",
    "captured_slot",
    "commit",
    "commit_distance",
    "chain_position",
    "crank_lamports",
    "incomplete",
];

/// A table as JSON without what depends on when it was read, ordered.
pub async fn dump(pool: &PgPool, table: &str, without: &[&str]) -> serde_json::Value {
    let mut drop = vec!["id", "account_slot", "account_order", "first_slot", "created_at", "updated_at"];
    drop.extend(without);
    if table == "lotteries" {
        drop.retain(|column| *column != "id" && *column != "created_at");
    }
    let drop: String = drop.iter().map(|column| format!(" - '{column}'")).collect();
    let sql = format!(
        "SELECT COALESCE(jsonb_agg(j ORDER BY j::TEXT), '[]')::TEXT AS dump
         FROM (SELECT to_jsonb(t){drop} AS j FROM {table} t) rows",
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
    serde_json::from_str(&row.get::<String, _>("dump")).unwrap()
}

pub const TABLES: [&str; 26] = [
    "instructions",
    "registry",
    "beacons",
    "vaults",
    "wallets",
    "lotteries",
    "configs",
    "config_tiers",
    "config_paytable",
    "config_prizes",
    "rounds",
    "pages",
    "entries",
    "payments",
    "jackpots",
    "totals",
    "oracle_sets",
    "config_markets",
    "config_ranges",
    "outcome_pools",
    "attestations",
    "settlements",
    "round_records",
    "config_raffles",
    "rankings",
    "ranked_entries",
];

pub async fn dump_all(pool: &PgPool) -> BTreeMap<&'static str, serde_json::Value> {
    let mut all = BTreeMap::new();
    for table in TABLES {
        all.insert(table, dump(pool, table, &[]).await);
    }
    all
}

pub async fn quarantined(pool: &PgPool) -> Vec<(String, String)> {
    let rows =
        sqlx::query("SELECT subject, reason FROM quarantine ORDER BY id").fetch_all(pool).await.unwrap();
    rows.iter().map(|row| (row.get("subject"), row.get("reason"))).collect()
}

/// Every account of the chain equals its row, column by column.
pub async fn assert_accounts_equal(chain: &Chain, pool: &PgPool) {
    let accounts: Vec<(Pubkey, Vec<u8>)> =
        chain.state().accounts.iter().map(|(key, data)| (*key, data.clone())).collect();
    assert!(!accounts.is_empty());
    assert_rows_equal(&accounts, pool).await;
}

/// Accounts by address against their rows.
pub async fn assert_rows_equal(accounts: &[(Pubkey, Vec<u8>)], pool: &PgPool) {
    for (key, data) in accounts {
        let expected = lottery_indexer::rows::row(data).unwrap();
        // The same conversion that Postgres does for the columns.
        let sql = format!(
            "SELECT to_jsonb(t)::TEXT AS row, to_jsonb(jsonb_populate_record(NULL::{0}, $2::TEXT::JSONB))::TEXT AS expected
             FROM {0} t WHERE address = $1",
            expected.table
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(key.to_string())
            .bind(serde_json::Value::Object(expected.columns.clone()).to_string())
            .fetch_optional(pool)
            .await
            .unwrap();
        let row = row.unwrap_or_else(|| panic!("{} {key} has no row", expected.table));
        let found: serde_json::Value = serde_json::from_str(&row.get::<String, _>("row")).unwrap();
        let wanted: serde_json::Value = serde_json::from_str(&row.get::<String, _>("expected")).unwrap();
        for column in expected.columns.keys() {
            assert_eq!(found[column], wanted[column], "{} {key}: {column}", expected.table);
        }
        if Round::read(data).is_some_and(|round| round.outcome_count != 0) {
            assert_market_equals(*key, data, accounts, pool).await;
        }
    }
}

/// Index of the reporter, facts, evidence, when, and whether it decided.
type AttestationRow = (i16, Vec<i64>, Vec<u8>, Option<i64>, bool);

/// Stakes on outcomes and attestations of a market's round, which lie behind its struct and behind its pages' entries.
async fn assert_market_equals(key: Pubkey, data: &[u8], accounts: &[(Pubkey, Vec<u8>)], pool: &PgPool) {
    let round = Round::read(data).unwrap();
    let mut stakes: Vec<u64> = accounts::round_pools(data).collect();
    for (_, data) in accounts {
        let open = |page: &Page| page.round == key.to_bytes() && page.status < PageStatus::Sealed as u8;
        if Page::read(data).is_some_and(|page| open(&page)) {
            stakes.iter_mut().zip(accounts::page_pools(data)).for_each(|(sum, units)| *sum += units);
        }
    }
    let found: Vec<(String, i64)> = sqlx::query_as(
        "SELECT p.stake_units::TEXT, p.entries - (SELECT count(*) FROM entries e WHERE (e.round, e.outcome) = (p.round, p.outcome))
         FROM outcome_pools p WHERE round = $1 ORDER BY outcome",
    )
    .bind(key.to_string())
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(
        found,
        stakes.iter().map(|units| (units.to_string(), 0)).collect::<Vec<_>>(),
        "pools of {key}"
    );

    let made: Vec<AttestationRow> = sqlx::query_as(
        "SELECT reporter_index, facts, evidence, attested_at, decided FROM attestations WHERE round = $1 ORDER BY 1",
    )
    .bind(key.to_string())
    .fetch_all(pool)
    .await
    .unwrap();
    let expected = (0i16..).zip(accounts::attestations(data)).filter(|(_, made)| made.attested_at != 0);
    let expected: Vec<_> = expected
        .map(|(index, made)| (index, made.facts, made.evidence.to_vec(), Some(made.attested_at)))
        .collect();
    assert_eq!(made.len(), expected.len(), "attestations of {key}");
    for ((index, facts, evidence, at, _), wanted) in made.iter().zip(expected) {
        let mut all = [0; 8];
        all[..facts.len()].copy_from_slice(facts);
        assert_eq!((*index, all, evidence.clone(), *at), wanted);
    }
    let valued = [RoundStatus::Valued as u8, RoundStatus::Drawn as u8, RoundStatus::Final as u8];
    let decided = made.iter().filter(|made| made.4).count();
    assert_eq!(decided, valued.contains(&round.status) as usize, "who decided {key}");
}
