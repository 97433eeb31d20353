//! What the mirror of a house round must say, while its accounts live and after.

use lottery_indexer::{
    Walk,
    metrics::Metrics,
    processor::{Processor, Undo},
    testing::PrivatePostgres,
};
use lottery_interface::{
    accounts::{AccountLayout, Entry, Page, Round},
    address,
    kinds::RoundStatus,
    rewards::worst_case_lamports,
};
use lottery_rules::house::prize;
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use sqlx::Row;

use crate::{
    common::{TABLES, dump, dump_all, quarantined},
    house::MAX_LIABILITY,
    play::Play,
};

pub async fn all_entries(play: &Play, round: Pubkey) -> Vec<Entry> {
    [play.entries(round, 0).await, play.entries(round, 1).await].concat()
}

async fn value(db: &PrivatePostgres, sql: &'static str, address: &str) -> Value {
    let text: String = sqlx::query_scalar(sql).bind(address).fetch_one(&db.pool).await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The rows of a round against the sums of its entries on the chain, and rent and rewards against its lamports.
pub async fn assert_round(play: &Play, db: &PrivatePostgres, address: Pubkey, entries: &[Entry]) {
    let round: Round = play.read(address).await;
    let stakes: u64 = entries.iter().map(|entry| entry.stake_units).sum();
    let won = |entry: &Entry| prize(entry.stake_units, entry.multiplier_bps).unwrap();
    let prizes: u64 = entries.iter().map(won).sum();
    let is_final = round.status == RoundStatus::Final as u8;
    let back: u64 = entries.iter().map(|entry| entry.stake_units + entry.stake_units / 10).sum();

    let found = value(
        db,
        "SELECT jsonb_build_array(status, pool_units, prizes_units, fee_units, entries, budget_units,
             (SELECT COALESCE(sum(prize_units), 0) FROM entries WHERE round = r.address),
             (SELECT sum(amount_units) FROM payments WHERE round = r.address),
             (SELECT sum(units) FROM unnest(spot_stake_units) units))::TEXT
         FROM rounds r WHERE address = $1",
        &address.to_string(),
    )
    .await;
    let fee = if is_final { stakes / 100 } else { 0 };
    let status = if is_final { "final" } else { "void" };
    let paid = if is_final { prizes } else { back };
    let played = is_final.then_some(stakes);
    assert_eq!(found, json!([status, stakes, prizes, fee, 25, MAX_LIABILITY, prizes, paid, played]));

    let found = value(
        db,
        "SELECT jsonb_build_array(rent_lamports, crank_spent_lamports + crank_lamports,
             (SELECT jsonb_agg(rent_lamports ORDER BY sequence) FROM pages WHERE round = r.address),
             (SELECT sum(reward_lamports) FROM instructions WHERE round = r.address) - crank_spent_lamports)::TEXT
         FROM rounds r WHERE address = $1",
        &address.to_string(),
    )
    .await;
    let lamports = async |address| play.rpc.get_account(&address).await.unwrap().lamports;
    let pages = [lamports(address::page(&address, 0).0).await, lamports(address::page(&address, 1).0).await];
    let rent = lamports(address).await - round.crank_lamports;
    let reserve = worst_case_lamports(lottery_interface::Kind::Keno as u8, 2, 32, 10, 3).unwrap();
    assert_eq!(found, json!([rent, reserve, pages, 0]));
    assert_eq!(pages[0], play.rpc.get_minimum_balance_for_rent_exemption(Page::LEN + 16 * 64).await.unwrap());
}

/// From the signatures alone, after everything is closed: all but the outcomes of the instant round, if its seed was only in
/// its account.
pub async fn assert_late(play: &Play, live: &PrivatePostgres, late: &PrivatePostgres) {
    play.index(late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    // Two calls of a node may tell the time of a block a second apart.
    let times = ["block_at"];
    for table in ["instructions", "wallets", "lotteries", "configs", "config_paytable", "config_prizes"] {
        assert_eq!(dump(&late.pool, table, &times).await, dump(&live.pool, table, &times).await, "{table}");
    }
    for query in [
        "SELECT jsonb_agg(jsonb_build_array(index, status, winners, fee_units, winners_paid, refunded, entries, pool_units,
             prizes_units, budget_units, liability_units, sealed_digest, crank_spent_lamports, rent_lamports, result,
             slashed_units, spot_stake_units, spot_stake_squares) ORDER BY lottery_id, index)::TEXT
         FROM rounds WHERE lottery_id = 1 OR status = 'void'",
        "SELECT jsonb_agg(to_jsonb(e) - 'id' - 'entered_at' ORDER BY page, index)::TEXT FROM entries e
         WHERE lottery_id = 1 OR round_index = 1",
        "SELECT jsonb_agg(to_jsonb(p) - 'paid_at' ORDER BY page, index)::TEXT FROM payments p
         WHERE lottery_id = 1 OR round_index = 1",
        "SELECT jsonb_agg(jsonb_build_array(page, index, wallet, stake_units, paid) ORDER BY page, index)::TEXT FROM entries",
    ] {
        let [a, b] = [live, late].map(|db| sqlx::query(query).fetch_one(&db.pool));
        let (a, b): (String, String) = (a.await.unwrap().get(0), b.await.unwrap().get(0));
        let (a, b): (Value, Value) = (serde_json::from_str(&a).unwrap(), serde_json::from_str(&b).unwrap());
        assert!(a.as_array().is_some_and(|rows| rows.len() > 1));
        assert_eq!(a, b, "{query}");
    }
    // The instant round that was drawn: known if the program logged its seed.
    let of_late = "SELECT COALESCE(bool_or(seed <> decode(repeat('00', 32), 'hex')), FALSE) FROM rounds
                   WHERE lottery_id = 2 AND index = 0";
    let logged: bool = sqlx::query_scalar(of_late).fetch_one(&late.pool).await.unwrap();
    let known =
        "SELECT count(*) FROM entries WHERE lottery_id = 2 AND round_index = 0 AND prize_units IS NOT NULL";
    let known: i64 = sqlx::query_scalar(known).fetch_one(&late.pool).await.unwrap();
    assert_eq!(known, if logged { 25 } else { 0 });
}

/// Everything from the first entry of `round` on is taken back and read again.
pub async fn undo(play: &Play, db: &PrivatePostgres, round: Pubkey) {
    let before = dump_all(&db.pool).await;
    let from: i64 = sqlx::query_scalar("SELECT min(entered_slot) FROM entries WHERE round = $1")
        .bind(round.to_string())
        .fetch_one(&db.pool)
        .await
        .unwrap();
    let processor = Processor::new(db.pool.clone(), Metrics::default().into());
    processor.undo(from as u64, Undo::Dropped).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM entries WHERE round = $1")
        .bind(round.to_string())
        .fetch_one(&db.pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    play.index(db, Walk::Blocks).await;
    assert_eq!(quarantined(&db.pool).await, []);
    let after = dump_all(&db.pool).await;
    for table in TABLES {
        assert_eq!(after[table], before[table], "{table}");
    }
}
