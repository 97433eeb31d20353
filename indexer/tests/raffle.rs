//! Raffles through the processor on a real Postgres: keys, wrong and right rankings, places, promotions and refunds, against
//! what the chain's accounts say; from the record alone, and taken back.

mod common;

use common::*;
use lottery_indexer::{
    metrics::Metrics,
    processor::{Processor, Undo},
    testing::PrivatePostgres,
};
use lottery_interface::{accounts::Page, args::RANKING_DEPOSIT_LAMPORTS, kinds::PlaceStatus};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;

async fn fresh() -> PrivatePostgres {
    PrivatePostgres::start().await.unwrap()
}

async fn value(db: &PrivatePostgres, sql: &'static str) -> Value {
    let text: String = sqlx::query_scalar(sql).fetch_one(&db.pool).await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Every step of a raffle up to its last refund, with the ranking that is accepted.
fn steps() -> Vec<fn(&mut Game)> {
    fn right(_: &Game) -> Pubkey {
        lottery_interface::address::ranking(
            &lottery_interface::address::round(&lottery_interface::address::lottery(1).0, 0).0,
            &Pubkey::new_from_array([0x52; 32]),
        )
        .0
    }
    vec![
        |game| game.play(),
        |game| game.value(),
        |game| game.draw(),
        |game| game.settle(3),
        // One too few: it must count every page before it is wrong.
        |game| {
            let ranking = game.open_ranking(0, 3);
            game.count_ranking(ranking, 1, 100);
            game.count_ranking(ranking, 0, 5);
            game.count_ranking(ranking, 0, 100);
            game.close_ranking(0, ranking, true);
        },
        // Too many.
        |game| {
            let ranking = game.open_ranking(1, 9);
            game.count_ranking(ranking, 0, 7);
            game.close_ranking(1, ranking, true);
        },
        |game| {
            let ranking = game.open_ranking(2, 4);
            game.count_ranking(ranking, 1, 1);
        },
        |game| {
            let ranking = right(game);
            game.count_ranking(ranking, 0, 8);
            game.count_ranking(ranking, 1, 8);
            game.accept_ranking(2, ranking);
        },
        |game| game.sort_ranking(right(game), 2),
        |game| game.sort_ranking(right(game), 3),
        |game| game.finalise(),
        |game| game.refund_places(),
        |game| game.confirm_place(right(game), 1),
        |game| game.resolve_place(right(game), 0, PlaceStatus::Lapsed),
        |game| game.promote_place(right(game), 3),
        |game| game.confirm_place(right(game), 3),
        |game| game.confirm_place(right(game), 2),
        |game| game.resolve_place(right(game), 4, PlaceStatus::Released),
        |game| game.refund_places(),
    ]
}

/// Indexed after every step, and compared with the chain each time.
async fn live(db: &PrivatePostgres) -> Game {
    let mut game = Game::raffle();
    for step in steps() {
        step(&mut game);
        catch_up(&game.chain, db).await;
        assert_eq!(quarantined(&db.pool).await, []);
        assert_accounts_equal(&game.chain, &db.pool).await;
        assert_entries(&game, db).await;
    }
    game
}

/// The rows of entries and ranks against the pages and the ranking.
async fn assert_entries(game: &Game, db: &PrivatePostgres) {
    let found = value(
        db,
        "SELECT COALESCE(jsonb_agg(jsonb_build_array(page_sequence, index, leaf_index, weight, key, tier, paid, refunded, numbers)
                ORDER BY page_sequence, index), '[]')::TEXT FROM entries",
    )
    .await;
    let settled = |page: &Page, index: usize| index < page.settle_cursor as usize;
    let expected = game.pages.iter().flat_map(|(_, page, entries)| {
        entries.iter().enumerate().map(|(index, e)| {
            let key = settled(page, index).then_some(e.picks[1]);
            json!([
                page.sequence,
                index,
                e.picks[0] as u32,
                e.picks[0] >> 32,
                key,
                e.tier,
                e.flags & 1 != 0,
                e.flags & 2 != 0,
                []
            ])
        })
    });
    assert_eq!(found, expected.collect::<Value>());
    let found = value(
        db,
        "SELECT COALESCE(jsonb_agg(jsonb_build_array(k.rank, k.page, k.index, k.key, k.status, k.offered_until, e.rank, e.place_status)
                ORDER BY k.rank), '[]')::TEXT
         FROM ranked_entries k JOIN entries e ON e.round = k.round AND (e.page_sequence, e.index) = (k.page, k.index)",
    )
    .await;
    let accepted = Pubkey::new_from_array(game.raffle.ranking);
    let ranked = match game.rankings.get(&accepted) {
        Some(attempt) if game.raffle.is_ranked != 0 => attempt.ranked.clone(),
        _ => Vec::new(),
    };
    let expected = ranked.iter().enumerate().map(|(rank, k)| {
        let status = PlaceStatus::from_byte(k.status).unwrap().name();
        json!([rank, k.page, k.index, k.key, status, k.offered_until, rank, status])
    });
    assert_eq!(found, expected.collect::<Value>());
}

#[tokio::test]
async fn a_raffle_equals_the_chain_after_every_step() {
    let db = fresh().await;
    let game = live(&db).await;
    let rewards = value(
        &db,
        "SELECT jsonb_build_array(lost_deposits_lamports, reserve_lamports, crank_spent_lamports)::TEXT FROM rounds",
    )
    .await;
    let [lost, reserved, spent] = [0, 1, 2].map(|i| rewards[i].as_u64().unwrap());
    assert_eq!(lost, 2 * RANKING_DEPOSIT_LAMPORTS);
    assert_eq!(reserved + lost - spent, game.round.crank_lamports);
    let fed = value(
        &db,
        "SELECT jsonb_agg(jsonb_build_array(payload->'rank', payload->'status') ORDER BY sequence)::TEXT
         FROM outbox WHERE kind = 'place:changed' AND topic = 'lottery/1'",
    )
    .await;
    let expected =
        json!([[1, "taken"], [0, "lapsed"], [3, "promoted"], [3, "taken"], [2, "taken"], [4, "released"]]);
    assert_eq!(fed, expected);
    let fed = value(
        &db,
        "SELECT jsonb_agg(payload->'state' ORDER BY sequence)::TEXT
         FROM outbox WHERE kind = 'ranking:state' AND topic = 'lottery/1'",
    )
    .await;
    assert_eq!(fed, json!(["opened", "refused", "opened", "refused", "opened", "accepted", "ranked"]));
    let back = value(&db, "SELECT jsonb_agg(DISTINCT amount_units)::TEXT FROM payments").await;
    assert_eq!(back, json!([STAKE - STAKE / 4, STAKE]), "who did not confirm paid a quarter");
}

/// Its accounts are gone and its logs are cut off: keys, ranks and what became of them follow from instruction data.
#[tokio::test]
async fn a_raffle_that_nobody_saw_is_known_from_the_record_alone() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = live(&seen).await;
    let accepted = Pubkey::new_from_array(game.raffle.ranking);
    game.close_ranking(2, accepted, false);
    game.close();
    catch_up(&game.chain, &seen).await;
    for transaction in &mut game.chain.state().transactions {
        transaction.instructions.iter_mut().for_each(|raw| raw.events.clear());
    }
    catch_up(&game.chain, &missed).await;
    assert_eq!(quarantined(&missed.pool).await, []);
    for table in TABLES.iter().filter(|table| !["rounds", "ranked_entries"].contains(*table)) {
        assert_eq!(dump(&missed.pool, table, &[]).await, dump(&seen.pool, table, &[]).await, "{table}");
    }
    // The chain's clock is a second behind that of the blocks.
    let ranks = dump(&missed.pool, "ranked_entries", &["offered_until"]).await;
    assert_eq!(ranks, dump(&seen.pool, "ranked_entries", &["offered_until"]).await);
    let round = "SELECT jsonb_build_array(status, seed, result, ranking, threshold_key, threshold_page, threshold_index, ranked,
        taken, lapsed, promoted, is_ranked, winners, winners_total, winners_paid, refunded, prizes_units, lost_deposits_lamports,
        crank_spent_lamports, places, max_entries)::TEXT FROM rounds";
    assert_eq!(value(&missed, round).await, value(&seen, round).await);
}

/// Each step is taken back and indexed again.
#[tokio::test]
async fn what_the_chain_drops_is_taken_back_and_comes_again() {
    let db = fresh().await;
    let mut game = Game::raffle();
    for step in steps() {
        catch_up(&game.chain, &db).await;
        let from = game.chain.state().slot + 1;
        let before = dump_all(&db.pool).await;
        step(&mut game);
        catch_up(&game.chain, &db).await;
        let after = dump_all(&db.pool).await;
        Processor::new(db.pool.clone(), Metrics::default().into()).undo(from, Undo::Dropped).await.unwrap();
        for table in ["entries", "ranked_entries", "payments", "instructions"] {
            assert_eq!(dump(&db.pool, table, &[]).await, before[table], "{table} before slot {from}");
        }
        catch_up(&game.chain, &db).await;
        assert_eq!(quarantined(&db.pool).await, []);
        assert_accounts_equal(&game.chain, &db.pool).await;
        let again = dump_all(&db.pool).await;
        for table in TABLES {
            assert_eq!(again[table], after[table], "{table} again from slot {from}");
        }
    }
}
