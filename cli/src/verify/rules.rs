//! The tables that hold the rules of each kind, against the configs of the chain.

use std::collections::{BTreeMap, BTreeSet};

use lottery_client::{Pubkey, market::Market};
use lottery_interface::accounts::{PredictionRules, RaffleRules};
use lottery_rules::{
    prediction::{MappingKind, Mode},
    raffle,
};
use serde_json::json;
use sqlx::PgPool;

use super::{
    chain::ChainState,
    columns::{self, Rules},
    tables::{Comparison, rows},
};

/// The tables that hold rules beside `configs`, with their keys.
const RULE_TABLES: [(&str, &str); 6] = [
    ("config_tiers", "config || '/' || tier"),
    ("config_paytable", "config || '/' || spots || '/' || matches"),
    ("config_prizes", "config || '/' || tier"),
    ("config_markets", "config || '/market'"),
    ("config_ranges", "config || '/' || outcome"),
    ("config_raffles", "config || '/raffle'"),
];

/// Every rule of every config has its row, and no live config has another.
pub(super) async fn compare_rules(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let mut expected: BTreeMap<&str, BTreeMap<String, columns::Columns>> = BTreeMap::new();
    for (address, account) in &state.configs {
        let Some(rules) = columns::rules(account) else { continue };
        for (table, key, mut columns) in rule_rows(&rules) {
            columns.push(("config", json!(address.to_string())));
            expected.entry(table).or_default().insert(format!("{address}/{key}"), columns);
        }
    }
    for (table, key) in RULE_TABLES {
        let rows = rows(pool, table, key).await?;
        let expected = expected.remove(table).unwrap_or_default();
        for (name, columns) in &expected {
            match rows.get(name) {
                Some(row) => comparison.row(table, name, row, columns, &[]),
                None => comparison.differs(format!("{table} {name} is missing")),
            }
        }
        let live: BTreeSet<String> = state.configs.keys().map(Pubkey::to_string).collect();
        for name in rows.keys().filter(|name| !expected.contains_key(*name)) {
            if name.split('/').next().is_some_and(|config| live.contains(config)) {
                comparison.differs(format!("{table} {name} is in no config"));
            }
        }
    }
    Ok(())
}

/// Table, key within the config, and columns of each rule.
fn rule_rows(rules: &Rules) -> Vec<(&'static str, String, columns::Columns)> {
    let mut rows = Vec::new();
    match rules {
        Rules::Draw(rules) => {
            for (tier, t) in (1u8..).zip(rules.tiers.iter().take(rules.tier_count as usize)) {
                let columns = vec![
                    ("tier", json!(tier)),
                    ("matches", json!(t.matches)),
                    ("bonus", json!(t.bonus != 0)),
                    ("share_bps", json!(t.share_bps)),
                ];
                rows.push(("config_tiers", tier.to_string(), columns));
            }
        }
        Rules::Keno(rules) => {
            for (spots, row) in (1u8..).zip(&rules.paytable_bps) {
                for (matches, prize) in (0u8..).zip(row).filter(|(_, prize)| **prize != 0) {
                    let columns = vec![
                        ("spots", json!(spots)),
                        ("matches", json!(matches)),
                        ("multiplier_bps", json!(prize)),
                    ];
                    rows.push(("config_paytable", format!("{spots}/{matches}"), columns));
                }
            }
        }
        Rules::Instant(rules) => {
            for (tier, prize) in (1u8..).zip(rules.prizes.iter().take(rules.prize_count as usize)) {
                let columns = vec![
                    ("tier", json!(tier)),
                    ("parts", json!(prize.parts)),
                    ("multiplier_bps", json!(prize.multiplier_bps)),
                ];
                rows.push(("config_prizes", tier.to_string(), columns));
            }
        }
        Rules::Prediction(market) => {
            rows.push(("config_markets", "market".to_string(), market_columns(market)));
            for (outcome, range) in market.ranges.iter().enumerate() {
                let columns =
                    vec![("outcome", json!(outcome)), ("low", json!(range.low)), ("high", json!(range.high))];
                rows.push(("config_ranges", outcome.to_string(), columns));
            }
        }
        Rules::Raffle(rules) => {
            rows.push(("config_raffles", "raffle".to_string(), raffle_columns(rules)));
        }
    }
    rows
}

fn raffle_columns(rules: &RaffleRules) -> columns::Columns {
    let RaffleRules {
        root,
        capacity,
        waiting,
        leaf_count,
        confirm_seconds,
        penalty_bps,
        depth,
        mode,
        prize_count,
        reserved: _,
        prizes_bps,
    } = *rules;
    vec![
        ("root", columns::hex(&root)),
        ("capacity", json!(capacity)),
        ("waiting", json!(waiting)),
        ("leaf_count", json!(leaf_count)),
        ("confirm_seconds", json!(confirm_seconds)),
        ("penalty_bps", json!(penalty_bps)),
        ("depth", json!(depth)),
        ("mode", json!(raffle::Mode::from_byte(mode).map(raffle::Mode::name))),
        ("prizes_bps", json!(prizes_bps.iter().take(prize_count as usize).collect::<Vec<_>>())),
    ]
}

fn market_columns(market: &Market) -> columns::Columns {
    let PredictionRules {
        oracles,
        minimum,
        maximum,
        event_delay_seconds,
        mode,
        outcome_count,
        mapping,
        fact_count,
        subject,
        other,
        tie,
        quorum,
        reporter_count,
        range_count: _,
        reserved: _,
    } = market.rules;
    vec![
        ("oracles", columns::key(&oracles)),
        ("minimum", json!(minimum)),
        ("maximum", json!(maximum)),
        ("event_delay_seconds", json!(event_delay_seconds)),
        ("mode", json!(Mode::from_byte(mode).map(Mode::name))),
        ("outcome_count", json!(outcome_count)),
        ("mapping", json!(MappingKind::from_byte(mapping).map(MappingKind::name))),
        ("fact_count", json!(fact_count)),
        ("subject", json!(subject)),
        ("other", json!(other)),
        ("tie", json!(tie)),
        ("quorum", json!(quorum)),
        ("reporter_count", json!(reporter_count)),
    ]
}
