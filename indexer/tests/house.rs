//! Keno and instant rounds through the processor on a real Postgres, fed by a chain that is not there: every number
//! against what the chain's accounts say, and against sums made here.

mod common;

use common::*;
use lottery_indexer::{
    metrics::Metrics,
    processor::{Processor, Undo},
    testing::PrivatePostgres,
};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, Entry, Page, Round},
    rewards::worst_case_lamports,
};
use lottery_rules::house::prize;
use serde_json::{Value, json};
use sqlx::Row;

const HOUSE: [Kind; 2] = [Kind::Keno, Kind::Instant];

async fn fresh() -> PrivatePostgres {
    PrivatePostgres::start().await.unwrap()
}

async fn text(db: &PrivatePostgres, sql: &'static str) -> String {
    sqlx::query_scalar::<_, Option<String>>(sql).fetch_one(&db.pool).await.unwrap().unwrap_or_default()
}

async fn count(db: &PrivatePostgres, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&db.pool).await.unwrap()
}

async fn value(db: &PrivatePostgres, sql: &'static str) -> Value {
    serde_json::from_str(&text(db, sql).await).unwrap()
}

/// Indexed step by step while it happens.
async fn live(kind: Kind, db: &PrivatePostgres) -> Game {
    let mut game = Game::house(kind);
    for step in [
        |_: &mut Game| (),
        Game::play,
        Game::value,
        Game::draw,
        |game: &mut Game| game.settle(4),
        Game::finalise,
        |game: &mut Game| game.credit(false, 2),
    ] {
        step(&mut game);
        catch_up(&game.chain, db).await;
    }
    game
}

fn all_entries(game: &Game) -> Vec<Entry> {
    game.pages.iter().flat_map(|(_, _, entries)| entries.clone()).collect()
}

fn prizes(entries: &[Entry]) -> u64 {
    entries.iter().map(|entry| prize(entry.stake_units, entry.multiplier_bps).unwrap()).sum()
}

#[tokio::test]
async fn a_live_house_round_equals_the_chain() {
    for kind in HOUSE {
        let db = fresh().await;
        let game = live(kind, &db).await;
        assert_eq!(quarantined(&db.pool).await, [], "{}", kind.name());
        assert_accounts_equal(&game.chain, &db.pool).await;
        let mut winners = 0;
        for (key, page, entries) in &game.pages {
            let rows = sqlx::query(
                "SELECT *, stake_units::TEXT AS stake, prize_units::TEXT AS prize FROM entries WHERE page = $1 ORDER BY index",
            )
            .bind(key.to_string())
            .fetch_all(&db.pool)
            .await
            .unwrap();
            assert_eq!(rows.len(), page.count as usize);
            for (row, entry) in rows.iter().zip(entries) {
                assert_eq!(row.get::<Vec<u8>, _>("picks"), bytemuck::bytes_of(&entry.picks));
                assert_eq!(row.get::<Vec<i16>, _>("numbers").len(), entry.spots as usize);
                assert_eq!(row.get::<i16, _>("spots"), entry.spots as i16);
                assert_eq!(row.get::<String, _>("stake"), entry.stake_units.to_string());
                assert_eq!(row.get::<i16, _>("tier"), entry.tier as i16);
                assert_eq!(row.get::<i64, _>("multiplier_bps"), entry.multiplier_bps as i64);
                let won = prize(entry.stake_units, entry.multiplier_bps).unwrap();
                assert_eq!(row.get::<String, _>("prize"), won.to_string());
                assert_eq!(row.get::<bool, _>("paid"), entry.flags & 1 != 0);
                assert_eq!(entry.flags & 1 != 0, entry.tier > 0);
                winners += (entry.tier > 0) as i64;
            }
        }
        assert!(winners > 2, "{}: too few winners to test anything: {winners}", kind.name());
        assert_eq!(count(&db, "SELECT count(*) FROM payments WHERE kind = 'prize'").await, winners);
        let paid = text(&db, "SELECT sum(amount_units)::TEXT FROM payments").await;
        assert_eq!(paid, prizes(&all_entries(&game)).to_string());
        assert_eq!(count(&db, "SELECT count(*) FROM rounds WHERE incomplete").await, 0);
    }
}

/// The money of the round in the record's own columns, and the operator's report from it.
#[tokio::test]
async fn a_report_adds_up() {
    for kind in HOUSE {
        let db = fresh().await;
        let mut game = live(kind, &db).await;
        let entries = all_entries(&game);
        let (stakes, won) = (entries.iter().map(|entry| entry.stake_units).sum::<u64>(), prizes(&entries));
        let fee = stakes * 3 / 100;
        assert_eq!(game.lottery.bankroll_reserved_units, 0);
        assert_eq!(game.lottery.bankroll_free_units, BANKROLL + stakes - fee - won);

        let days = value(
            &db,
            "SELECT jsonb_agg(to_jsonb(d) - 'crank_cost_lamports')::TEXT FROM lottery_days d WHERE lottery_id = 1",
        )
        .await;
        let day = json!({
            "lottery_id": 1,
            "day": "2023-11-14",
            "rounds": 1,
            "entries": 12,
            "turnover_units": stakes,
            "prizes_units": won,
            "fees_units": fee,
        });
        assert_eq!(days, json!([day]));
        let mut by_spots = std::collections::BTreeMap::<u8, (u64, u64)>::new();
        for entry in &entries {
            let sums = by_spots.entry(entry.spots).or_default();
            sums.0 += entry.stake_units;
            sums.1 += entry.stake_units * entry.stake_units;
        }
        assert_eq!(by_spots.len(), if kind == Kind::Keno { 2 } else { 1 });
        let expected: Vec<Value> = by_spots
            .iter()
            .map(|(spots, (stake, squares))| json!({ "spots": spots, "stake_units": stake, "stake_squares": squares }))
            .collect();
        let found = value(
            &db,
            "SELECT jsonb_agg(to_jsonb(d) - 'lottery_id' - 'day' - 'config' ORDER BY spots)::TEXT
             FROM lottery_day_stakes d WHERE lottery_id = 1",
        )
        .await;
        assert_eq!(found, json!(expected));

        // Rent while the accounts live, by the sizes of a round and of two pages of eight entries.
        let page = 128 + Page::LEN as u64 + 8 * 64;
        let rent = 6_960 * (128 + Round::LEN as u64 + 2 * page);
        let at = "SELECT lottery_rent_locked(1, max(final_at))::TEXT FROM rounds";
        assert_eq!(text(&db, at).await, rent.to_string());
        assert_eq!(
            text(&db, "SELECT lottery_rent_locked(1, min(opened_at) - 1)::TEXT FROM rounds").await,
            "0"
        );

        // Steps: open, two pages, two seals, capture, value, draw, two pages settled, finalise, two pages and the round
        // closed. Items: twelve settled, then the winners paid.
        let winners = entries.iter().filter(|entry| entry.tier > 0).count() as u64;
        game.close();
        catch_up(&game.chain, &db).await;
        let spent = 10 * 14 + 3 * (12 + winners);
        assert_eq!(text(&db, "SELECT crank_spent_lamports::TEXT FROM rounds").await, spent.to_string());
        assert_eq!(text(&db, "SELECT crank_cost_lamports::TEXT FROM lottery_days").await, spent.to_string());
        assert_eq!(text(&db, "SELECT sum(reward_lamports)::TEXT FROM instructions").await, spent.to_string());
        assert!(spent < worst_case_lamports(Kind::Keno as u8, 4, 30, 10, 3).unwrap());
        assert_eq!(text(&db, at).await, rent.to_string(), "it was locked when the round ended");
        assert_eq!(text(&db, "SELECT lottery_rent_locked(1, max(closed_at))::TEXT FROM rounds").await, "0");
        assert_eq!(quarantined(&db.pool).await, []);
    }
}

#[tokio::test]
async fn rules_have_their_rows() {
    let db = fresh().await;
    let game = Game::house(Kind::Keno);
    catch_up(&game.chain, &db).await;
    let paytable =
        "SELECT jsonb_agg(jsonb_build_array(spots, matches, multiplier_bps) ORDER BY spots, matches)::TEXT
                    FROM config_paytable";
    let expected = json!([
        [2, 1, 5_000],
        [2, 2, 70_000],
        [10, 0, 10_001],
        [10, 2, 5_000],
        [10, 3, 10_000],
        [10, 4, 10_000],
        [10, 5, 20_000],
        [10, 6, 50_000],
        [10, 7, 100_000],
        [10, 8, 200_000],
        [10, 9, 500_000],
        [10, 10, 1_000_000]
    ]);
    assert_eq!(value(&db, paytable).await, expected);
    let band =
        "SELECT jsonb_build_array(kind, rtp_min_bps, rtp_max_bps, picks, tier_count)::TEXT FROM configs";
    assert_eq!(value(&db, band).await, json!(["keno", 5_000, 9_500, null, null]));

    let db = fresh().await;
    let game = Game::house(Kind::Instant);
    catch_up(&game.chain, &db).await;
    let prizes = "SELECT jsonb_agg(jsonb_build_array(tier, parts, multiplier_bps) ORDER BY tier)::TEXT FROM config_prizes";
    let expected = json!([[1, 1u32 << 30, 30_000], [2, 1u32 << 30, 3_333], [3, 1u32 << 31, 0]]);
    assert_eq!(value(&db, prizes).await, expected);
    let band = "SELECT jsonb_build_array(kind, rtp_min_bps, rtp_max_bps)::TEXT FROM configs";
    assert_eq!(value(&db, band).await, json!(["instant", 7_000, 9_000]));
    assert_eq!(
        value(&db, "SELECT jsonb_build_array(min_stake_units, max_stake_units, page_budget_units, max_liability_units)::TEXT FROM lotteries").await,
        json!([7, 6_000_000, PAGE_BUDGET, MAX_LIABILITY])
    );
}

/// Nobody looked while a keno round lived: the log has the numbers, the record is enough.
#[tokio::test]
async fn a_keno_round_that_nobody_saw_is_whole() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = live(Kind::Keno, &seen).await;
    game.close();
    catch_up(&game.chain, &seen).await;
    catch_up(&game.chain, &missed).await;
    assert_eq!(quarantined(&missed.pool).await, []);
    for table in TABLES.iter().filter(|table| **table != "rounds") {
        assert_eq!(dump(&missed.pool, table, &[]).await, dump(&seen.pool, table, &[]).await, "{table}");
    }
    // A slot hash and what it makes, exact deadlines, and bookkeeping of hash chains.
    assert_eq!(dump(&missed.pool, "rounds", &MISSED).await, dump(&seen.pool, "rounds", &MISSED).await);
    let money = "SELECT jsonb_build_array(prizes_units, liability_units, budget_units, pool_units, fee_units)::TEXT FROM rounds";
    assert_eq!(
        value(&missed, money).await,
        json!([
            game.round.prizes_units,
            game.round.liability_units,
            MAX_LIABILITY,
            game.round.pool_units,
            game.round.fee_units
        ])
    );
}

/// Where the program logs the seed of an instant round, the record is enough, as for a keno round.
#[tokio::test]
async fn an_instant_round_whose_seed_was_logged_is_whole() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = Game::house(Kind::Instant);
    game.logs_seed = true;
    game.play_to_the_end();
    catch_up(&game.chain, &seen).await;
    game.close();
    catch_up(&game.chain, &seen).await;
    catch_up(&game.chain, &missed).await;
    for table in ["instructions", "pages", "entries", "payments", "totals"] {
        assert_eq!(dump(&missed.pool, table, &[]).await, dump(&seen.pool, table, &[]).await, "{table}");
    }
    let known = "SELECT jsonb_build_array(seed, result, winners, winners_total, prizes_units, fee_units)::TEXT FROM rounds";
    assert_eq!(value(&missed, known).await, value(&seen, known).await);
    assert_eq!(count(&missed, "SELECT count(*) FROM rounds WHERE prizes_units > 0 AND incomplete").await, 1);
    assert_eq!(quarantined(&missed.pool).await, []);
}

/// Where it does not, who comes after the round was closed knows stakes, fee and who was paid, and says of the rest that
/// it is not known.
#[tokio::test]
async fn an_instant_round_that_nobody_saw_says_what_it_does_not_know() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = live(Kind::Instant, &seen).await;
    let winners = all_entries(&game).iter().filter(|entry| entry.tier > 0).count() as i64;
    game.close();
    catch_up(&game.chain, &seen).await;
    catch_up(&game.chain, &missed).await;
    assert_eq!(quarantined(&missed.pool).await, []);
    let known = "SELECT jsonb_build_array(status, entries, pool_units, fee_units, winners_total, winners_paid, liability_units, budget_units,
                     crank_spent_lamports, sealed_digest, result, spot_stake_units)::TEXT FROM rounds";
    assert_eq!(value(&missed, known).await, value(&seen, known).await);
    assert_eq!(
        count(&seen, "SELECT count(*) FROM rounds WHERE prizes_units > 0 AND NOT incomplete").await,
        1
    );
    assert_eq!(
        count(&missed, "SELECT count(*) FROM rounds WHERE prizes_units IS NULL AND incomplete").await,
        1
    );
    assert_eq!(count(&missed, "SELECT count(*) FROM entries WHERE prize_units IS NULL").await, 12);
    assert_eq!(count(&missed, "SELECT count(*) FROM entries WHERE paid").await, winners);
    assert_eq!(count(&missed, "SELECT count(*) FROM payments WHERE amount_units IS NULL").await, winners);
}

/// The operator withholds the reveal: every stake comes back with a tenth, rounded down for each entry.
#[tokio::test]
async fn a_void_house_round_is_refunded_by_stake() {
    for kind in HOUSE {
        let (seen, missed) = (fresh().await, fresh().await);
        let mut game = Game::house(kind);
        game.play();
        catch_up(&game.chain, &seen).await;
        assert_eq!(game.lottery.bankroll_reserved_units, MAX_LIABILITY);
        game.void();
        catch_up(&game.chain, &seen).await;
        game.credit(true, 5);
        catch_up(&game.chain, &seen).await;
        assert_accounts_equal(&game.chain, &seen.pool).await;
        assert_eq!(game.lottery.bankroll_free_units, BANKROLL);
        let entries = all_entries(&game);
        game.close();
        catch_up(&game.chain, &seen).await;
        catch_up(&game.chain, &missed).await;
        let back: u64 = entries.iter().map(|entry| entry.stake_units + entry.stake_units / 10).sum();
        for db in [&seen, &missed] {
            assert_eq!(quarantined(&db.pool).await, [], "{}", kind.name());
            let refunded = "SELECT count(*) FROM payments p JOIN entries e USING (page, index)
                            WHERE p.kind = 'refund' AND e.refunded AND NOT e.paid AND e.prize_units IS NULL
                              AND p.amount_units = e.stake_units + div(e.stake_units, 10)";
            assert_eq!(count(db, refunded).await, 12);
            assert_eq!(text(db, "SELECT sum(amount_units)::TEXT FROM payments").await, back.to_string());
            let round = "SELECT count(*) FROM rounds WHERE status = 'void' AND refunded = 12 AND bonus_each_units IN (0)
                         AND slashed_units = 2 * max_liability_units AND prizes_units = 0 AND spot_stake_units IS NULL";
            assert_eq!(count(db, round).await, 1);
            // No turnover, but a crank that was paid: 3 opened, 2 sealed, void, counted, 3 closed, 12 refunds.
            let day = "SELECT jsonb_agg(jsonb_build_array(rounds, entries, turnover_units, prizes_units, fees_units,
                       crank_cost_lamports))::TEXT FROM lottery_days";
            assert_eq!(value(db, day).await, json!([[0, 0, 0, 0, 0, 10 * 10 + 3 * 12]]));
        }
    }
}

/// Taken back from any slot on and read again, nothing is different: entries, prizes, rewards, digests, the report.
#[tokio::test]
async fn undone_from_anywhere_and_read_again_ends_equal() {
    for kind in [Kind::Keno, Kind::Instant, Kind::Draw] {
        let db = fresh().await;
        let mut game = if kind == Kind::Draw { Game::new() } else { Game::house(kind) };
        game.play_to_the_end();
        catch_up(&game.chain, &db).await;
        let before = dump_all(&db.pool).await;
        let days = "SELECT jsonb_agg(d)::TEXT FROM lottery_days d";
        let report = value(&db, days).await;
        let slots = START_SLOT + 1..=game.chain.state().slot;
        assert!(slots.clone().count() > 20);
        for from in slots {
            for why in [Undo::Dropped, Undo::Hole] {
                let processor = Processor::new(db.pool.clone(), Metrics::default().into());
                processor.undo(from, why).await.unwrap();
                assert_eq!(processor.cursor().await.unwrap().slot, from - 1);
                catch_up(&game.chain, &db).await;
                assert_eq!(quarantined(&db.pool).await, [], "{} from {from}", kind.name());
                let after = dump_all(&db.pool).await;
                for table in TABLES {
                    assert_eq!(after[table], before[table], "{} {table} from {from}", kind.name());
                }
                assert_eq!(value(&db, days).await, report);
            }
        }
        assert_accounts_equal(&game.chain, &db.pool).await;
    }
}

/// In the middle of an undo: what was settled and paid is as if it had never been.
#[tokio::test]
async fn an_undone_settlement_leaves_no_prize() {
    for kind in HOUSE {
        let db = fresh().await;
        let mut game = Game::house(kind);
        game.play();
        let from = game.chain.state().slot + 1;
        game.value();
        game.draw();
        game.settle(100);
        game.finalise();
        game.credit(false, 20);
        catch_up(&game.chain, &db).await;
        assert!(
            count(&db, "SELECT count(*) FROM entries WHERE multiplier_bps > 0 AND prize_units > 0").await > 2
        );
        Processor::new(db.pool.clone(), Metrics::default().into()).undo(from, Undo::Dropped).await.unwrap();
        let left = "SELECT count(*) FROM entries WHERE tier <> 0 OR multiplier_bps <> 0 OR prize_units IS NOT NULL OR paid
                    OR settled_slot IS NOT NULL";
        assert_eq!(count(&db, left).await, 0);
        assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 12);
        assert_eq!(count(&db, "SELECT count(*) FROM payments").await, 0);
        let spent =
            "SELECT count(*) FROM rounds WHERE crank_spent_lamports = 10 * 5 AND spot_stake_units IS NULL";
        assert_eq!(count(&db, spent).await, 1);
    }
}

/// What does not follow from the record goes before a person.
#[tokio::test]
async fn what_the_chain_contradicts_is_quarantined() {
    let db = fresh().await;
    let mut game = Game::house(Kind::Keno);
    game.play();
    game.value();
    game.draw();
    game.settle(100);
    // A prize more than the entries won, a page that promises more than its entries, and rewards that were not paid.
    game.round.prizes_units += 1;
    game.pages[0].1.liability_units += 1;
    game.finalise();
    game.round.crank_lamports += 1;
    game.store();
    catch_up(&game.chain, &db).await;
    let found = quarantined(&db.pool).await;
    let has = |part: &str| found.iter().any(|(subject, reason)| subject == "check" && reason.contains(part));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(has("the prizes do not follow from the entries"), "{found:?}");
    assert!(has("the entries of the record have another liability"), "{found:?}");
    assert!(has("lamports of rewards, by the record"), "{found:?}");
}
