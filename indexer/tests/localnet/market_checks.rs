//! What the mirror of a market must say, while its accounts live and after.

use std::collections::BTreeMap;

use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    accounts::{Entry, Round},
    kinds::RoundStatus,
};
use lottery_rules::prediction::{payout, unmatched};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use sqlx::Row;

use crate::{
    common::{dump, quarantined},
    market_play::FEE_BPS,
    play::Play,
};

async fn value(db: &PrivatePostgres, sql: &'static str, address: &str) -> Value {
    let text: String = sqlx::query_scalar(sql).bind(address).fetch_one(&db.pool).await.unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn entries(play: &Play, round: Pubkey) -> Vec<Entry> {
    let pages = play.read::<Round>(round).await.page_count;
    let mut all = Vec::new();
    for sequence in 0..pages {
        all.extend(play.entries(round, sequence).await);
    }
    all
}

fn outcome(entry: &Entry) -> u32 {
    (u128::from(entry.picks[1]) << 64 | u128::from(entry.picks[0])).trailing_zeros()
}

/// Prizes against the formulas, with what the chain's account says of the market; and the market against its stakes.
pub async fn assert_settled(play: &Play, db: &PrivatePostgres, address: Pubkey) {
    let round: Round = play.read(address).await;
    assert_eq!(round.status, RoundStatus::Final as u8);
    let entries = entries(play, address).await;
    let mut pools = BTreeMap::<u32, u64>::new();
    for entry in &entries {
        *pools.entry(outcome(entry)).or_default() += entry.stake_units;
    }
    let winning = pools[&(round.result[0] as u32)];
    let lost = round.pool_units - winning;
    let matched = if round.outcome_count == 2 { lost.min(winning) } else { lost };
    let fee = matched * FEE_BPS as u64 / 10_000;
    let market = "SELECT jsonb_build_array(winning_units, matched_units, fee_units, pool_units, prizes_units, winners[1], winners[2])::TEXT
                  FROM rounds WHERE address = $1";
    let count = |tier| entries.iter().filter(|entry| entry.tier == tier).count();
    let expected = json!([winning, matched, fee, winning + lost, winning + lost - fee, count(1), count(2)]);
    assert_eq!(value(db, market, &address.to_string()).await, expected);
    assert!(count(1) > 1);

    let mut expected = Vec::new();
    let mut paid = 0;
    for entry in &entries {
        let stake = entry.stake_units;
        let (prize, matched) = match entry.tier {
            1 => (
                payout(stake, matched, fee, winning).unwrap(),
                ((stake as u128 * matched as u128 / winning as u128) as u64).min(stake),
            ),
            2 => {
                let back = unmatched(stake, matched, lost).unwrap();
                (back, stake - back)
            }
            _ => (0, stake),
        };
        paid += prize;
        expected.push(json!([outcome(entry), stake, entry.tier, prize, matched, entry.tier > 0]));
    }
    let rows =
        "SELECT jsonb_agg(jsonb_build_array(outcome, stake_units, tier, prize_units, matched_units, paid)
                    ORDER BY page_sequence, index)::TEXT FROM entries WHERE round = $1";
    assert_eq!(value(db, rows, &address.to_string()).await, json!(expected));
    let payments = "SELECT to_jsonb(sum(amount_units))::TEXT FROM payments WHERE round = $1";
    assert_eq!(value(db, payments, &address.to_string()).await, json!(paid));
    assert_eq!(round.cash_units, winning + lost - fee - paid, "what rounding leaves");
}

/// Live odds were fed while the market was open: of each outcome its stakes and what it would pay.
pub async fn assert_fed_bets(db: &PrivatePostgres, round: Pubkey) {
    let newest = "SELECT payload::TEXT FROM outbox WHERE kind = 'prize:update' AND payload->>'round' = $1
                  ORDER BY sequence DESC LIMIT 1";
    let pools = value(db, newest, &round.to_string()).await["pools"].clone();
    let stakes = [13_234_599u64, 77_777_783, 999_983];
    let pool: u64 = stakes.iter().sum();
    let labels = ["0-33", "34", "35-100"];
    for (outcome, stake) in stakes.iter().enumerate() {
        let fed = &pools[outcome];
        assert_eq!(fed["outcome"], outcome);
        assert_eq!(fed["label"], labels[outcome]);
        assert_eq!(fed["stake_units"], stake.to_string());
        assert_eq!(fed["entries"], [4, 4, 1][outcome]);
        let lost = pool - stake;
        let payout = (pool - lost * FEE_BPS as u64 / 10_000) as f64 / *stake as f64;
        assert_eq!(fed["payout"], payout);
        assert_eq!(fed["share"], *stake as f64 / pool as f64);
    }
    let bets = "SELECT jsonb_agg(t->'outcome' ORDER BY sequence, (t->>'index')::INT)::TEXT FROM outbox, jsonb_array_elements(payload->'tickets') t
                WHERE kind = 'entry:new' AND payload->>'round' = $1";
    assert_eq!(value(db, bets, &round.to_string()).await, json!([0, 1, 1, 0, 1, 2, 0, 1, 0]));
}

/// What the reporters said was fed, then what it decided and what that came to.
pub async fn assert_fed_result(db: &PrivatePostgres, round: Pubkey) {
    let attested = "SELECT jsonb_agg(jsonb_build_array(payload->'facts', payload->'decided', payload->'attestations',
                        payload->'quorum', payload->'reporter_count', payload->'evidence') ORDER BY sequence)::TEXT
                    FROM outbox WHERE kind = 'attestation:new' AND payload->>'round' = $1";
    let expected = json!([
        [["18"], false, 1, 2, 3, "12".repeat(32)],
        [["17"], false, 2, 2, 3, "11".repeat(32)],
        [["17"], true, 3, 2, 3, "11".repeat(32)],
    ]);
    assert_eq!(value(db, attested, &round.to_string()).await, expected);
    let states = "SELECT jsonb_agg(jsonb_build_array(kind, payload->'status', payload->'winning_outcome', payload->'randomness'->'source')
                      ORDER BY sequence)::TEXT
                  FROM outbox WHERE kind IN ('round:state', 'draw:result') AND topic <> 'global' AND payload->>'round' = $1";
    let state = |status, outcome: Option<u8>| json!(["round:state", status, outcome, "oracle"]);
    let expected = json!([
        state("open", None),
        state("valued", Some(1)),
        ["draw:result", null, 1, null],
        state("drawn", None),
        state("final", Some(1)),
    ]);
    assert_eq!(value(db, states, &round.to_string()).await, expected);
}

/// The auditor complains of anything that is changed behind the indexer's back.
pub async fn assert_auditor_sees(play: &Play, db: &PrivatePostgres) {
    let rpc = lottery_client::Rpc::new(play.localnet.rpc_url.clone());
    for (table, change, back) in [
        ("outcome_pools", "stake_units = stake_units + 1", "stake_units = stake_units - 1"),
        ("outcome_pools", "entries = entries + 1", "entries = entries - 1"),
        ("attestations", "facts = facts || 1::BIGINT", "facts = trim_array(facts, 1)"),
        ("attestations", "attested_at = attested_at + 1", "attested_at = attested_at - 1"),
        ("attestations", "decided = NOT decided", "decided = NOT decided"),
        ("attestations", "reporter_index = reporter_index + 5", "reporter_index = reporter_index - 5"),
        ("oracle_sets", "reporters = reporters || 'x'::TEXT", "reporters = trim_array(reporters, 1)"),
        ("config_markets", "quorum = quorum + 1", "quorum = quorum - 1"),
        ("config_ranges", "high = high + 1", "high = high - 1"),
        ("entries", "outcome = outcome + 1", "outcome = outcome - 1"),
        ("entries", "matched_units = matched_units + 1", "matched_units = matched_units - 1"),
        ("rounds", "winning_units = winning_units + 1", "winning_units = winning_units - 1"),
        ("rounds", "event_at = event_at + 1", "event_at = event_at - 1"),
        ("pages", "tail_words = tail_words + 1", "tail_words = tail_words - 1"),
        (
            "lotteries",
            "lock_offset_seconds = lock_offset_seconds + 1",
            "lock_offset_seconds = lock_offset_seconds - 1",
        ),
    ] {
        for (set, is_wrong) in [(change, true), (back, false)] {
            // The statements are this test's own.
            let sql = format!("UPDATE {table} SET {set}");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&db.pool).await.unwrap();
            let seen = lottery_cli::verify::verify(&rpc, &db.pool).await;
            assert_eq!(seen.is_err(), is_wrong, "{table} {set}: {seen:?}");
        }
    }
}

/// The steps of a round, in order, as its entries and its end have it.
pub async fn assert_records(play: &Play, db: &PrivatePostgres, address: Pubkey) {
    let round: Round = play.read(address).await;
    let entries = entries(play, address).await;
    let sql = "SELECT record, wallet, outcome, stake_units::TEXT AS stake, matched_units::TEXT AS matched,
                      amount_units::TEXT AS amount, entries, at, signature, slot, tx_index, ix_index, item
               FROM round_records WHERE round = $1 ORDER BY slot, tx_index, ix_index, item";
    let rows = sqlx::query(sql).bind(address.to_string()).fetch_all(&db.pool).await.unwrap();
    let is_final = round.status == RoundStatus::Final as u8;
    let is_matched = is_final && round.refund_all == 0;
    let mut expected = vec!["BetPlaced"; entries.len()];
    expected.push("RoundLocked");
    if is_matched {
        expected.extend(vec!["BetMatched"; entries.len()]);
    }
    if is_final {
        expected.push("RoundFinalized");
    }
    let records: Vec<String> = rows.iter().map(|row| row.get("record")).collect();
    assert_eq!(records[..expected.len()], expected);
    let credited = &records[expected.len()..];
    let claims = credited.iter().filter(|record| *record == "WinningsClaimed").count();
    let refunds = credited.iter().filter(|record| *record == "RefundIssued").count();
    let tiers = |tier| entries.iter().filter(|entry| entry.tier == tier).count();
    let due = if is_matched { (tiers(1), tiers(2)) } else { (0, entries.len()) };
    assert_eq!((claims, refunds, credited.len()), (due.0, due.1, due.0 + due.1));

    let places: Vec<(i64, i32, i32, i64)> = rows
        .iter()
        .map(|row| (row.get("slot"), row.get("tx_index"), row.get("ix_index"), row.get("item")))
        .collect();
    assert!(places.is_sorted_by(|a, b| a < b), "no two records have the same place");
    for row in &rows {
        let signature: String = row.get("signature");
        assert!(row.get::<Option<i64>, _>("at").is_some() && !signature.is_empty());
    }
    for (row, entry) in rows.iter().zip(&entries) {
        assert_eq!(row.get::<String, _>("wallet"), Pubkey::from(entry.wallet).to_string());
        assert_eq!(row.get::<i16, _>("outcome") as u32, outcome(entry));
        assert_eq!(row.get::<String, _>("stake"), entry.stake_units.to_string());
    }
    let amounts = rows.iter().filter_map(|row| row.get::<Option<String>, _>("amount"));
    let total: u64 = amounts.map(|units| units.parse::<u64>().unwrap()).sum();
    // The finalisation says what there is; who claims get it, but for what rounding leaves.
    let said = if is_final { round.prizes_units } else { 0 };
    assert_eq!(total - said, if is_matched { said - round.cash_units } else { round.pool_units });
}

/// From the signatures alone, after everything is closed: nothing about a market is only in its account.
pub async fn assert_late(play: &Play, live: &PrivatePostgres, late: &PrivatePostgres) {
    play.index(late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    // Two calls of a node may tell the time of a block a second apart.
    let times = ["block_at", "entered_at", "paid_at", "attested_at", "at"];
    for table in [
        "instructions",
        "wallets",
        "lotteries",
        "configs",
        "config_markets",
        "config_ranges",
        "oracle_sets",
        "outcome_pools",
        "attestations",
        "settlements",
        "entries",
        "payments",
        "round_records",
    ] {
        let (one, other) = (dump(&late.pool, table, &times).await, dump(&live.pool, table, &times).await);
        assert!(one.as_array().is_some_and(|rows| !rows.is_empty()), "{table}");
        assert_eq!(one, other, "{table}");
    }
    // What the chain's clock said when something was voided or final, slots that depend on it, and bookkeeping.
    let clock = [
        "opened_at",
        "final_at",
        "claim_until",
        "drawn_at",
        "closed_at",
        "lock_slot",
        "target_slot",
        "crank_lamports",
        "incomplete",
    ];
    // Nobody attested the silent round; its lock is that of the timetable.
    let zeros = [
        "slot_hash",
        "commit",
        "reveal",
        "captured_slot",
        "commit_distance",
        "chain_position",
        "seed",
        "value",
    ];
    let without: Vec<&str> = clock.into_iter().chain(zeros).collect();
    let (one, other) =
        (dump(&late.pool, "rounds", &without).await, dump(&live.pool, "rounds", &without).await);
    assert_eq!(one, other, "rounds");
    let drawn =
        "SELECT jsonb_agg(jsonb_build_array(lottery_id, index, seed, value) ORDER BY lottery_id, index)::TEXT
                 FROM rounds WHERE status = 'final' AND $1 = ''";
    assert_eq!(value(late, drawn, "").await, value(live, drawn, "").await);
}
