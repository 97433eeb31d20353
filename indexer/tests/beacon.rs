//! Rounds that draw from a beacon: from accounts, from the record alone, taken back, and void.

mod common;

use common::*;
use lottery_indexer::{
    metrics::Metrics,
    processor::{Processor, Undo},
    testing::PrivatePostgres,
};
use lottery_interface::kinds::VoidReason;
use lottery_rules::{
    beacon::{Witness, hash_to_curve, message},
    hash::{Sha256, Software},
};
use serde_json::{Value, json};
use sqlx::Row;

async fn fresh() -> PrivatePostgres {
    PrivatePostgres::start().await.unwrap()
}

async fn value(db: &PrivatePostgres, sql: &'static str) -> Value {
    let text: String = sqlx::query_scalar(sql).fetch_one(&db.pool).await.unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn undo(db: &PrivatePostgres, from: u64) {
    Processor::new(db.pool.clone(), Metrics::default().into()).undo(from, Undo::Dropped).await.unwrap();
}

/// Indexed after every step.
async fn live(db: &PrivatePostgres) -> Game {
    let mut game = Game::with_beacon();
    game.fund_jackpot(777);
    game.play();
    let steps: [fn(&mut Game); 5] = [
        |game| game.value(),
        |game| game.draw(),
        |game| game.settle(3),
        |game| game.finalise(),
        |game| game.credit(false, 2),
    ];
    for step in steps {
        catch_up(&game.chain, db).await;
        step(&mut game);
    }
    catch_up(&game.chain, db).await;
    game
}

const DRAWN: &str =
    "SELECT jsonb_build_array(status, value, seed, sealed_digest, result, beacon, beacon_round,
    beacon_signature, winners, prize_each_units)::TEXT FROM rounds";

#[tokio::test]
async fn a_round_equals_the_chain_and_keeps_its_signature() {
    let db = fresh().await;
    let game = live(&db).await;
    assert_eq!(quarantined(&db.pool).await, []);
    assert_accounts_equal(&game.chain, &db.pool).await;
    let row = sqlx::query("SELECT beacon_signature, value, beacon_round FROM rounds")
        .fetch_one(&db.pool)
        .await
        .unwrap();
    let signature: Vec<u8> = row.get("beacon_signature");
    assert_eq!(signature, Game::signed(game.round.beacon_round)[..64]);
    assert_eq!(row.get::<Vec<u8>, _>("value"), Software::hashv(&[&signature]));
    let fed = value(
        &db,
        "SELECT payload::TEXT FROM outbox WHERE kind = 'round:state' AND topic = 'global' ORDER BY sequence LIMIT 1",
    )
    .await;
    let expected = json!({ "source": "beacon", "beacon_round": game.round.beacon_round });
    assert_eq!(fed["randomness"], expected);
}

/// Its account is gone and its logs are cut off: value, seed, result and prizes follow from instruction data.
#[tokio::test]
async fn a_round_that_nobody_saw_is_drawn_from_the_record_alone() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = live(&seen).await;
    let round = game.round;
    game.close();
    catch_up(&game.chain, &seen).await;
    for transaction in &mut game.chain.state().transactions {
        transaction.instructions.iter_mut().for_each(|raw| raw.events.clear());
    }
    catch_up(&game.chain, &missed).await;
    assert_eq!(quarantined(&missed.pool).await, []);
    for table in TABLES.iter().filter(|table| **table != "rounds") {
        assert_eq!(dump(&missed.pool, table, &[]).await, dump(&seen.pool, table, &[]).await, "{table}");
    }
    assert_eq!(value(&missed, DRAWN).await, value(&seen, DRAWN).await);
    // The lock is known up to the beacon's period, and decides the same round of it.
    let locks_at = value(&missed, "SELECT locks_at::TEXT FROM rounds").await.as_i64().unwrap();
    assert!((0..3).contains(&(locks_at - round.locks_at)), "{locks_at} for {}", round.locks_at);
    let target = Game::schedule().first_round_from(locks_at + MARGIN_SECONDS as i64);
    assert_eq!(target, Some(round.beacon_round));
}

#[tokio::test]
async fn void_rounds_say_why_and_nobody_is_slashed() {
    for reason in [VoidReason::BeaconEarly, VoidReason::ClusterRestarted] {
        let (seen, late) = (fresh().await, fresh().await);
        let mut game = Game::with_beacon();
        game.play();
        catch_up(&game.chain, &seen).await;
        match reason {
            VoidReason::BeaconEarly => game.prove_early(),
            _ => game.restarted(),
        }
        let void_slot = game.chain.state().slot;
        catch_up(&game.chain, &seen).await;
        catch_up(&game.chain, &late).await;
        for db in [&seen, &late] {
            assert_eq!(quarantined(&db.pool).await, []);
            assert_accounts_equal(&game.chain, &db.pool).await;
            let round = value(
                db,
                "SELECT jsonb_build_array(status, void_reason, slashed_units, crank_spent_lamports,
                    (SELECT rounds_void FROM totals))::TEXT FROM rounds",
            )
            .await;
            // Opened, two pages opened and sealed, void: ten lamports each.
            assert_eq!(round, json!(["void", reason.name(), 0, 60, 1]));
        }
        let before = dump_all(&seen.pool).await;
        undo(&seen, void_slot).await;
        assert_eq!(value(&seen, "SELECT rounds_void::TEXT FROM totals").await, 0);
        catch_up(&game.chain, &seen).await;
        assert_eq!(dump_all(&seen.pool).await, before);
    }
}

#[tokio::test]
async fn what_the_chain_drops_takes_value_and_signature_with_it() {
    let db = fresh().await;
    let mut game = Game::with_beacon();
    game.play();
    catch_up(&game.chain, &db).await;
    let from = game.chain.state().slot + 1;
    game.value();
    game.draw();
    catch_up(&game.chain, &db).await;
    let drawn = dump_all(&db.pool).await;
    undo(&db, from).await;
    let left = "SELECT jsonb_build_array(value, seed, beacon_signature, drawn_at)::TEXT FROM rounds";
    assert_eq!(value(&db, left).await, json!([null, null, null, null]));
    catch_up(&game.chain, &db).await;
    assert_eq!(quarantined(&db.pool).await, []);
    assert_eq!(dump_all(&db.pool).await, drawn);
}

#[tokio::test]
async fn a_removed_beacon_keeps_its_row_and_may_come_back() {
    let db = fresh().await;
    let mut game = Game::with_beacon();
    catch_up(&game.chain, &db).await;
    assert_accounts_equal(&game.chain, &db.pool).await;
    let rows = "SELECT jsonb_build_array(count(*), count(closed_at_slot))::TEXT FROM beacons";
    assert_eq!(value(&db, rows).await, json!([1, 0]));
    game.remove_beacon();
    catch_up(&game.chain, &db).await;
    assert_eq!(value(&db, rows).await, json!([1, 1]));
    game.add_beacon();
    let again = game.chain.state().slot;
    catch_up(&game.chain, &db).await;
    assert_eq!(value(&db, rows).await, json!([1, 0]));
    assert_accounts_equal(&game.chain, &db.pool).await;
    // Added again in a slot that the chain dropped: removed is what remains, until it is read once more.
    undo(&db, again).await;
    assert_eq!(value(&db, rows).await, json!([1, 1]));
    catch_up(&game.chain, &db).await;
    assert_eq!(value(&db, rows).await, json!([1, 0]));
    // From nothing at all: no beacon, no row.
    undo(&db, START_SLOT).await;
    assert_eq!(value(&db, rows).await, json!([0, 0]));
    assert_eq!(quarantined(&db.pool).await, []);
}

/// The program never takes it: whoever sees it has read another program or another chain.
#[tokio::test]
async fn a_value_that_does_not_follow_from_its_signature_is_for_a_person() {
    let db = fresh().await;
    let mut game = Game::with_beacon();
    game.play();
    game.value();
    game.round.value[0] ^= 1;
    game.store();
    catch_up(&game.chain, &db).await;
    let found = quarantined(&db.pool).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("does not follow from the signature"), "{found:?}");
}

#[test]
fn the_witness_of_these_tests_is_that_of_its_round() {
    let proof = Game::signed(99);
    let halves = [64, 96].map(|at| proof[at..at + 32].try_into().unwrap());
    let message = message::<lottery_rules::beacon::SoftwareCurve>(99);
    let witness = Witness { inverses: halves };
    assert!(hash_to_curve::<lottery_rules::beacon::SoftwareCurve>(&message, &witness).is_ok());
}
