//! What rankings hold of the entries of raffles, and the rewards that wrong rankings left to a round.

use std::collections::BTreeMap;

use lottery_client::Pubkey;
use lottery_interface::{
    accounts::{RankedEntry, Round},
    kinds::PlaceStatus,
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    chain::{Account, ChainState},
    tables::{Comparison, Rows, rows},
};

/// Columns of `ranked_entries` that only the record tells.
const RANK_RECORD: [&str; 2] = ["promoted_slot", "resolved_slot"];

/// Every rank of every raffle has its row, each of its entries says the same, and no live raffle has another.
pub(super) async fn compare_raffles(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let ranks = rows(pool, "ranked_entries", "round || '/' || rank").await?;
    let entries = rows(pool, "entries", "round || '/' || page_sequence || '/' || index").await?;
    let rounds = rows(pool, "rounds", "address").await?;
    for (address, round) in &state.rounds {
        let Some(raffle) = round.raffle() else { continue };
        compare_rewards(comparison, address, round, &rounds);
        let ranking = state.rankings.get(&raffle.ranking.into());
        let ranked = match ranking {
            Some(ranking) if raffle.is_ranked != 0 => ranking.ranked(),
            // Closed already: the record alone knows the ranks.
            None if raffle.is_ranked != 0 => continue,
            _ => Vec::new(),
        };
        compare_ranks(comparison, address, &ranked, &ranks);
        compare_entries(comparison, state, address, &ranked, &entries);
    }
    Ok(())
}

/// What was reserved and left by wrong rankings is what was spent and what is there.
fn compare_rewards(comparison: &mut Comparison, address: &Pubkey, round: &Account<Round>, rows: &Rows) {
    // A missing row was complained of already.
    let Some(row) = rows.get(&address.to_string()) else { return };
    let lamports = |column: &str| row.get(column).and_then(Value::as_u64).unwrap_or(0);
    let had = lamports("reserve_lamports") + lamports("lost_deposits_lamports");
    let expected = had.checked_sub(round.value.crank_lamports);
    comparison.found.columns += 1;
    if expected != Some(lamports("crank_spent_lamports")) {
        comparison.differs(format!(
            "rounds {address} crank_spent_lamports: {}, of {had} the chain has {}",
            lamports("crank_spent_lamports"),
            round.value.crank_lamports
        ));
    }
}

fn status(of: &RankedEntry) -> Value {
    json!(PlaceStatus::from_byte(of.status).map(PlaceStatus::name))
}

fn compare_ranks(comparison: &mut Comparison, address: &Pubkey, ranked: &[RankedEntry], rows: &Rows) {
    for (rank, of) in ranked.iter().enumerate() {
        let name = format!("{address}/{rank}");
        let Some(row) = rows.get(&name) else {
            comparison.differs(format!("ranked_entries {name} is missing"));
            continue;
        };
        let expected = vec![
            ("round", json!(address.to_string())),
            ("rank", json!(rank)),
            ("page", json!(of.page)),
            ("index", json!(of.index)),
            ("key", json!(of.key)),
            ("status", status(of)),
            ("offered_until", json!(of.offered_until)),
        ];
        comparison.row("ranked_entries", &name, row, &expected, &RANK_RECORD);
    }
    let own = Value::from(address.to_string());
    let count = rows.values().filter(|row| row.get("round") == Some(&own)).count();
    if count != ranked.len() {
        comparison
            .differs(format!("ranked_entries of round {address}: {count}, the chain has {}", ranked.len()));
    }
}

/// The rank in the row of each entry; none where the ranking has none.
fn compare_entries(
    comparison: &mut Comparison,
    state: &ChainState,
    address: &Pubkey,
    ranked: &[RankedEntry],
    rows: &Rows,
) {
    let ranks: BTreeMap<(u32, u32), (usize, Value)> =
        ranked.iter().enumerate().map(|(rank, of)| ((of.page, of.index), (rank, status(of)))).collect();
    let pages = state.pages.values().filter(|page| Pubkey::from(page.value.round) == *address);
    for page in pages {
        for index in 0..page.value.count {
            let name = format!("{address}/{}/{index}", page.value.sequence);
            let Some(row) = rows.get(&name) else { continue };
            let rank = ranks.get(&(page.value.sequence, index));
            let expected =
                [("rank", json!(rank.map(|r| r.0))), ("place_status", json!(rank.map(|r| r.1.clone())))];
            for (column, value) in expected {
                comparison.found.columns += 1;
                if row.get(column) != Some(&value) {
                    comparison.differs(format!("entries {name} {column} is not {value}"));
                }
            }
        }
    }
}
