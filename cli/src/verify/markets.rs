//! What markets keep behind the structs of their pages and rounds: stakes on each outcome, and attestations.

use std::collections::BTreeSet;

use lottery_client::Pubkey;
use lottery_interface::{
    accounts::{Config, PredictionRules, Round},
    kinds::PageStatus,
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    chain::{Account, ChainState},
    columns::{self, Rules, hex, key},
    tables::{Comparison, Rows, rows},
};

/// Columns of `attestations` that only the record tells; `decided` is compared on its own.
const ATTESTATION_RECORD: [&str; 4] = ["decided", "signature", "path", "slot"];

/// Every outcome and attestation of every market has its row, and no live market has another.
pub(super) async fn compare_markets(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let pools = rows(pool, "outcome_pools", "round || '/' || outcome").await?;
    let attestations = rows(pool, "attestations", "round || '/' || reporter_index").await?;
    for (address, round) in &state.rounds {
        if round.value.outcome_count == 0 {
            continue;
        }
        compare_pools(comparison, state, address, round, &pools);
        let config = state.configs.get(&round.value.config.into());
        compare_attestations(comparison, state, address, round, config, &attestations);
    }
    Ok(())
}

/// Stakes and entries on each outcome: of the sealed pages from the round, of the others from themselves.
fn expected_pools(state: &ChainState, address: &Pubkey, round: &Account<Round>) -> (Vec<u64>, Vec<u64>) {
    let mut stakes = round.pools();
    let mut entries = vec![0; stakes.len()];
    for page in state.pages.values().filter(|page| Pubkey::from(page.value.round) == *address) {
        if page.value.status < PageStatus::Sealed as u8 {
            stakes.iter_mut().zip(page.pools()).for_each(|(sum, units)| *sum += units);
        }
        for entry in page.entries() {
            let bits = u128::from(entry.picks[1]) << 64 | u128::from(entry.picks[0]);
            if let Some(count) = entries.get_mut(bits.trailing_zeros() as usize) {
                *count += 1;
            }
        }
    }
    (stakes, entries)
}

fn compare_pools(
    comparison: &mut Comparison,
    state: &ChainState,
    address: &Pubkey,
    round: &Account<Round>,
    rows: &Rows,
) {
    let (stakes, entries) = expected_pools(state, address, round);
    for (outcome, (stake_units, entries)) in stakes.into_iter().zip(entries).enumerate() {
        let name = format!("{address}/{outcome}");
        let Some(row) = rows.get(&name) else {
            comparison.differs(format!("outcome_pools {name} is missing"));
            continue;
        };
        let mut expected = vec![
            ("round", json!(address.to_string())),
            ("outcome", json!(outcome)),
            ("stake_units", json!(stake_units)),
        ];
        // Entries of closed pages have only the record.
        let ignored: &[&str] = if round.value.pages_closed == 0 {
            expected.push(("entries", json!(entries)));
            &[]
        } else {
            &["entries"]
        };
        comparison.row("outcome_pools", &name, row, &expected, ignored);
    }
    complain_of_others(comparison, "outcome_pools", address, rows, |place| {
        place < u64::from(round.value.outcome_count)
    });
}

fn compare_attestations(
    comparison: &mut Comparison,
    state: &ChainState,
    address: &Pubkey,
    round: &Account<Round>,
    config: Option<&Account<Config>>,
    rows: &Rows,
) {
    let Some(Rules::Prediction(market)) = config.and_then(columns::rules) else {
        return comparison.differs(format!("round {address} has no config of a market"));
    };
    let PredictionRules { oracles, fact_count, .. } = market.rules;
    let Some(set) = state.oracle_sets.get(&oracles.into()) else {
        return comparison
            .differs(format!("oracle set {} of round {address} is missing", Pubkey::from(oracles)));
    };
    let made = round.attestations();
    for (index, made) in &made {
        let name = format!("{address}/{index}");
        let Some(row) = rows.get(&name) else {
            comparison.differs(format!("attestations {name} is missing"));
            continue;
        };
        let expected = vec![
            ("round", json!(address.to_string())),
            ("reporter_index", json!(index)),
            ("reporter", key(&set.value.reporters[*index])),
            ("facts", json!(made.facts[..usize::from(fact_count)])),
            ("evidence", hex(&made.evidence)),
            ("attested_at", json!(made.attested_at)),
        ];
        comparison.row("attestations", &name, row, &expected, &ATTESTATION_RECORD);
    }
    let known: BTreeSet<u64> = made.iter().map(|(index, _)| *index as u64).collect();
    complain_of_others(comparison, "attestations", address, rows, |index| known.contains(&index));
}

/// Rows of a live round that the chain knows nothing of.
fn complain_of_others(
    comparison: &mut Comparison,
    table: &str,
    address: &Pubkey,
    rows: &Rows,
    is_known: impl Fn(u64) -> bool,
) {
    let place = |name: &str| name.split_once('/').and_then(|(_, place)| place.parse().ok());
    let of_round = rows.iter().filter(|(_, row)| row.get("round") == Some(&Value::from(address.to_string())));
    for (name, _) in of_round {
        if !place(name).is_some_and(&is_known) {
            comparison.differs(format!("{table} {name} is nothing that the chain has"));
        }
    }
}
