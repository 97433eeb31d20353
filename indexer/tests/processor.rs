//! The processor on a real Postgres, fed by a chain that is not there.

mod common;

use common::*;
use lottery_indexer::{
    metrics::Metrics,
    processor::Processor,
    rows,
    source::{AccountRead, Batch, RawInstruction, Source, Tip, Transaction},
    testing::PrivatePostgres,
};
use lottery_interface::{accounts::AccountLayout, address, instructions as ix};
use solana_pubkey::Pubkey;
use sqlx::Row;

async fn fresh() -> PrivatePostgres {
    PrivatePostgres::start().await.unwrap()
}

fn processor(db: &PrivatePostgres) -> Processor {
    Processor::new(db.pool.clone(), Metrics::default().into())
}

async fn count(db: &PrivatePostgres, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&db.pool).await.unwrap()
}

/// Indexed step by step while it happens.
async fn live(db: &PrivatePostgres) -> Game {
    let mut game = Game::new();
    game.fund_jackpot(777);
    catch_up(&game.chain, db).await;
    game.play();
    catch_up(&game.chain, db).await;
    game.value();
    catch_up(&game.chain, db).await;
    game.draw();
    catch_up(&game.chain, db).await;
    game.settle(3);
    catch_up(&game.chain, db).await;
    game.finalise();
    catch_up(&game.chain, db).await;
    game.credit(false, 2);
    catch_up(&game.chain, db).await;
    game
}

#[tokio::test]
async fn a_live_round_equals_the_chain() {
    let db = fresh().await;
    let game = live(&db).await;
    assert_eq!(quarantined(&db.pool).await, []);
    assert_accounts_equal(&game.chain, &db.pool).await;
    // Entries against the pages' own bytes.
    let mut winners = 0;
    for (key, page, entries) in &game.pages {
        let rows =
            sqlx::query("SELECT *, stake_units::TEXT AS stake FROM entries WHERE page = $1 ORDER BY index")
                .bind(key.to_string())
                .fetch_all(&db.pool)
                .await
                .unwrap();
        assert_eq!(rows.len(), page.count as usize);
        for (row, entry) in rows.iter().zip(entries) {
            assert_eq!(row.get::<String, _>("wallet"), Pubkey::new_from_array(entry.wallet).to_string());
            assert_eq!(row.get::<Vec<u8>, _>("picks"), bytemuck::bytes_of(&entry.picks));
            assert_eq!(row.get::<i16, _>("bonus"), entry.bonus as i16);
            assert_eq!(row.get::<i16, _>("tier"), entry.tier as i16);
            assert_eq!(row.get::<bool, _>("paid"), entry.flags & 1 != 0);
            assert_eq!(row.get::<String, _>("stake"), entry.stake_units.to_string());
            winners += (entry.tier > 0) as i64;
        }
    }
    assert!(winners > 2, "the game has too few winners to test anything: {winners}");
    assert_eq!(count(&db, "SELECT count(*) FROM payments WHERE kind = 'prize'").await, winners);
    assert_eq!(count(&db, "SELECT count(*) FROM rounds WHERE incomplete").await, 0);
}

#[tokio::test]
async fn the_feed_tells_the_story() {
    let db = fresh().await;
    live(&db).await;
    let rows = sqlx::query("SELECT topic, kind, payload::TEXT AS payload FROM outbox ORDER BY sequence")
        .fetch_all(&db.pool)
        .await
        .unwrap();
    let fed: Vec<(String, String, serde_json::Value)> = rows
        .iter()
        .map(|row| {
            let payload: String = row.get("payload");
            (row.get("topic"), row.get("kind"), serde_json::from_str(&payload).unwrap())
        })
        .collect();
    let of = |topic: &str, kind: &str| -> Vec<_> {
        fed.iter()
            .filter(|(t, k, _)| t == topic && k == kind)
            .map(|(_, _, payload)| payload.clone())
            .collect()
    };
    assert_eq!(of("global", "lottery:created")[0]["lottery_id"], 1);
    assert_eq!(of("lottery/1", "lottery:created").len(), 1);
    let entries = of("lottery/1", "entry:new");
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["tickets"][0]["numbers"], serde_json::json!([1, 2, 3]));
    assert_eq!(entries[0]["stake_units"], "3000000");
    let states: Vec<_> = of("lottery/1", "round:state").iter().map(|s| s["status"].clone()).collect();
    assert_eq!(states, ["open", "valued", "drawn", "final"]);
    let result = of("lottery/1", "draw:result");
    assert_eq!(result.len(), 1);
    assert_eq!(result[0]["numbers"].as_array().unwrap().len(), 3);
    let pools = of("lottery/1", "prize:update");
    assert_eq!(pools.last().unwrap()["pool_units"], "13000000");
    assert_eq!(pools.last().unwrap()["jackpot_units"], "777");
    assert_eq!(of("global", "stats:update").last().unwrap()["entries"], 13);
}

/// Nobody looked while the round lived: the accounts are gone, the record is enough.
#[tokio::test]
async fn a_round_that_nobody_saw_is_whole_but_for_what_no_instruction_carries() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = live(&seen).await;
    game.close();
    catch_up(&game.chain, &seen).await;
    catch_up(&game.chain, &missed).await;
    assert_eq!(quarantined(&missed.pool).await, []);
    for table in TABLES.iter().filter(|table| **table != "rounds" && **table != "pages") {
        assert_eq!(dump(&missed.pool, table, &[]).await, dump(&seen.pool, table, &[]).await, "{table}");
    }
    assert_eq!(dump(&missed.pool, "pages", &[]).await, dump(&seen.pool, "pages", &[]).await);
    // A slot hash, what it makes, exact deadlines, and bookkeeping of rewards and hash chains.
    assert_eq!(dump(&missed.pool, "rounds", &MISSED).await, dump(&seen.pool, "rounds", &MISSED).await);
    assert_eq!(
        count(&missed, "SELECT count(*) FROM rounds WHERE incomplete AND result IS NOT NULL").await,
        1
    );
    assert_eq!(count(&seen, "SELECT count(*) FROM rounds WHERE incomplete").await, 0);
    assert_eq!(count(&seen, "SELECT count(*) FROM rounds WHERE closed_at_slot > 0").await, 1);
}

#[tokio::test]
async fn a_void_round_is_refunded_with_its_share_of_the_bond() {
    let (seen, missed) = (fresh().await, fresh().await);
    let mut game = Game::new();
    game.play();
    catch_up(&game.chain, &seen).await;
    game.void();
    catch_up(&game.chain, &seen).await;
    game.credit(true, 5);
    catch_up(&game.chain, &seen).await;
    assert_accounts_equal(&game.chain, &seen.pool).await;
    game.close();
    catch_up(&game.chain, &seen).await;
    catch_up(&game.chain, &missed).await;
    for db in [&seen, &missed] {
        assert_eq!(quarantined(&db.pool).await, []);
        let sql = "SELECT count(*) FROM payments WHERE kind = 'refund' AND amount_units = 1100000";
        assert_eq!(count(db, sql).await, 13);
        assert_eq!(count(db, "SELECT count(*) FROM entries WHERE refunded AND NOT paid").await, 13);
        let sql = "SELECT count(*) FROM rounds WHERE status = 'void' AND void_reason = 'grace_expired' AND refunded = 13
                   AND bonus_each_units = 0 AND slashed_units = 33000000";
        assert_eq!(count(db, sql).await, 1);
    }
}

#[tokio::test]
async fn the_same_record_twice_changes_nothing() {
    let db = fresh().await;
    let game = live(&db).await;
    let before = dump_all(&db.pool).await;
    let outbox = count(&db, "SELECT count(*) FROM outbox").await;
    let slot = game.chain.state().slot;
    let batch = game.chain.record(START_SLOT, slot).await.unwrap();
    assert!(batch.transactions.len() > 20);
    let tip = Tip { confirmed: slot, finalised: 0 };
    let applied = processor(&db).apply(&batch, &[], tip).await.unwrap();
    assert_eq!(applied.instructions, 0);
    assert_eq!(dump_all(&db.pool).await, before);
    assert_eq!(count(&db, "SELECT count(*) FROM outbox").await, outbox);
}

/// Killed after every slot, with batches of every size: each start is a new process.
#[tokio::test]
async fn restarts_anywhere_end_equal() {
    let once = fresh().await;
    let mut game = Game::new();
    game.play_to_the_end();
    catch_up(&game.chain, &once).await;
    let expected = dump_all(&once.pool).await;
    for slots_per_batch in [1, 2, 5] {
        let db = fresh().await;
        game.chain.state().slots_per_batch = slots_per_batch;
        while indexer(&game.chain, &db).step().await.unwrap() {}
        assert_eq!(quarantined(&db.pool).await, []);
        let found = dump_all(&db.pool).await;
        for table in TABLES {
            assert_eq!(found[table], expected[table], "{table}, {slots_per_batch} slots a batch");
        }
    }
}

/// Started twice by mistake: they take turns, and nothing counts twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_indexers_at_once_end_equal() {
    let (once, both) = (fresh().await, fresh().await);
    let mut game = Game::new();
    game.play_to_the_end();
    game.close();
    game.play_to_the_end();
    catch_up(&game.chain, &once).await;
    game.chain.state().slots_per_batch = 3;
    tokio::join!(catch_up(&game.chain, &both), catch_up(&game.chain, &both));
    assert_eq!(quarantined(&both.pool).await, []);
    for table in TABLES {
        assert_eq!(dump(&both.pool, table, &[]).await, dump(&once.pool, table, &[]).await, "{table}");
    }
    let fed = "SELECT count(*) FROM outbox WHERE kind = 'entry:new'";
    assert_eq!(count(&both, fed).await, count(&once, fed).await);
}

/// A batch that fails half-way leaves nothing: rows, cursor and feed are one transaction.
#[tokio::test]
async fn a_failed_batch_leaves_nothing() {
    let db = fresh().await;
    let mut game = Game::new();
    game.play();
    sqlx::query("ALTER TABLE outbox RENAME TO outbox_away").execute(&db.pool).await.unwrap();
    assert!(indexer(&game.chain, &db).step().await.is_err());
    assert_eq!(processor(&db).cursor().await.unwrap().slot, 0);
    assert_eq!(count(&db, "SELECT count(*) FROM instructions").await, 0);
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 0);
    sqlx::query("ALTER TABLE outbox_away RENAME TO outbox").execute(&db.pool).await.unwrap();
    catch_up(&game.chain, &db).await;
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 13);
    assert_accounts_equal(&game.chain, &db.pool).await;
}

#[tokio::test]
async fn an_older_read_does_not_take_a_row_back() {
    let db = fresh().await;
    let mut game = Game::new();
    let wallet = game.open_wallet(Pubkey::new_from_array([1; 32]));
    catch_up(&game.chain, &db).await;
    let slot = game.chain.state().slot;
    let mut account = game.wallets[&wallet];
    let tip = Tip { confirmed: slot, finalised: 0 };
    let balance = "SELECT balance_units::BIGINT FROM wallets";
    for (read_slot, units, expected) in
        [(slot + 5, 5, 5), (slot + 4, 4, 5), (slot + 5, 6, 6), (slot + 6, 7, 7)]
    {
        account.balance_units = units;
        let data =
            [&lottery_interface::accounts::Wallet::DISCRIMINATOR[..], bytemuck::bytes_of(&account)].concat();
        let read = AccountRead { address: wallet, slot: read_slot, data: Some(data) };
        let batch = Batch { through_slot: slot, ..Batch::default() };
        processor(&db).apply(&batch, &[read], tip).await.unwrap();
        assert_eq!(count(&db, balance).await, expected, "read at {read_slot}");
    }
    // An account that is not there says nothing until the record says that it was closed.
    let gone = AccountRead { address: wallet, slot: slot + 9, data: None };
    let batch = Batch { through_slot: slot, ..Batch::default() };
    processor(&db).apply(&batch, &[gone], tip).await.unwrap();
    assert_eq!(count(&db, balance).await, 7);
    assert_eq!(count(&db, "SELECT count(*) FROM wallets WHERE closed_at_slot IS NULL").await, 1);
}

#[tokio::test]
async fn a_closed_wallet_keeps_its_row_and_may_come_back() {
    let db = fresh().await;
    let mut game = Game::new();
    let owner = Pubkey::new_from_array([1; 32]);
    let wallet = game.open_wallet(owner);
    catch_up(&game.chain, &db).await;
    game.wallets.remove(&wallet);
    game.chain.state().accounts.remove(&wallet);
    game.chain.send_one(ix::close_wallet(owner, Pubkey::default(), owner), vec![]);
    catch_up(&game.chain, &db).await;
    let closed = "SELECT count(*) FROM wallets WHERE closed_at_slot IS NOT NULL AND balance_units = 0";
    assert_eq!(count(&db, closed).await, 1);
    game.open_wallet(owner);
    catch_up(&game.chain, &db).await;
    let open = "SELECT count(*) FROM wallets WHERE closed_at_slot IS NULL AND balance_units = 100000000";
    assert_eq!(count(&db, open).await, 1);
}

#[tokio::test]
async fn poison_is_quarantined_and_the_rest_goes_on() {
    let db = fresh().await;
    let mut game = Game::new();
    let owner = Pubkey::new_from_array([1; 32]);
    game.open_wallet(owner);
    let slot = game.chain.state().slot + 1;
    let raw = |path: &str, data: Vec<u8>| RawInstruction {
        path: path.into(),
        accounts: vec![owner; 9],
        data,
        events: vec![],
    };
    {
        let mut state = game.chain.state();
        state.slot = slot;
        let instructions = vec![raw("0", vec![222, 1]), raw("1", vec![48, 1]), raw("1.0", vec![])];
        let signature = "poison".to_string();
        state.transactions.push(Transaction { signature, slot, block_at: None, instructions });
    }
    // An enter on a page that was never opened.
    let foreign = ix::enter(owner, owner, owner, owner, 1, &[]);
    game.chain.send_one(foreign, vec![]);
    // An account of the program that no version knows.
    let strange = address::lottery(55).0;
    game.chain.state().accounts.insert(strange, vec![1; 100]);
    game.chain.send_one(ix::activate_lottery(owner, 55), vec![]);
    game.play();
    catch_up(&game.chain, &db).await;
    let found = quarantined(&db.pool).await;
    let subjects: Vec<_> = found.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects, ["instruction", "instruction", "instruction", "apply", "account"], "{found:?}");
    assert!(found[0].1.contains("tag 222 is unknown"), "{}", found[0].1);
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 13);
    let kept = "SELECT count(*) FROM quarantine WHERE data <> '' AND NOT resolved";
    assert_eq!(count(&db, kept).await, 4, "only the empty instruction has no bytes to keep");
    // Seen again, it is not quarantined again.
    let batch = game.chain.record(START_SLOT, slot).await.unwrap();
    processor(&db).apply(&batch, &[], Tip { confirmed: slot, finalised: 0 }).await.unwrap();
    assert_eq!(quarantined(&db.pool).await.len(), 5);
}

/// What Postgres itself refuses stops one instruction, not the batch.
#[tokio::test]
async fn a_row_that_postgres_refuses_is_isolated() {
    let db = fresh().await;
    let mut game = Game::new();
    game.play();
    // Somebody wrote where entry 3 of page 0 belongs: the second `enter` cannot be written.
    sqlx::query(
        "INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers,
                bonus, stake_units, quick_pick, signature, path, entered_slot)
         VALUES ($1, 3, 'x', 1, 0, 0, 'x', '', '{}', 0, 0, FALSE, 'x', '0', 0)",
    )
    .bind(game.pages[0].0.to_string())
    .execute(&db.pool)
    .await
    .unwrap();
    catch_up(&game.chain, &db).await;
    let found = quarantined(&db.pool).await;
    assert!(
        found.iter().any(|(subject, reason)| subject == "apply" && reason.contains("entries_pkey")),
        "{found:?}"
    );
    // Three of the first instruction, the stranger, six of the second page.
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 3 + 1 + 6);
}

#[tokio::test]
async fn inner_instructions_count_each() {
    let db = fresh().await;
    let mut game = Game::new();
    let owner = Pubkey::new_from_array([1; 32]);
    game.open_wallet(owner);
    game.open_round();
    game.open_page();
    let (a, a_events) = game.entering(owner, 0, &[[1, 2, 3, 1]], 0);
    let (b, b_events) = game.entering(owner, 0, &[], 2);
    let (c, c_events) = game.entering(owner, 0, &[[4, 5, 6, 1]], 0);
    game.chain.send(vec![("0.1", a, a_events), ("0.2", b, b_events), ("3", c, c_events)]);
    catch_up(&game.chain, &db).await;
    assert_eq!(quarantined(&db.pool).await, []);
    let paths: Vec<String> =
        sqlx::query_scalar("SELECT path FROM entries ORDER BY index").fetch_all(&db.pool).await.unwrap();
    assert_eq!(paths, ["0.1", "0.2", "0.2", "3"]);
    assert_accounts_equal(&game.chain, &db.pool).await;
}

#[tokio::test]
async fn slots_that_the_chain_drops_are_undone() {
    let db = fresh().await;
    let mut game = Game::new();
    game.play();
    catch_up(&game.chain, &db).await;
    let before = dump_all(&db.pool).await;
    // Two more entries that the chain will drop, and with them the page's last state.
    let (round, pages, wallets) = (game.round, game.pages.clone(), game.wallets.clone());
    let owner = Pubkey::new_from_array([2; 32]);
    let first = game.enter(owner, 1, &[], 1);
    let second = game.enter(owner, 1, &[[1, 2, 3, 4]], 0);
    catch_up(&game.chain, &db).await;
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 15);

    (game.round, game.pages, game.wallets) = (round, pages, wallets);
    game.store();
    {
        let mut state = game.chain.state();
        state.gone.extend([first, second]);
        state.slot += 40;
        state.finalised = state.slot - 5;
    }
    let mut indexer = indexer(&game.chain, &db);
    indexer.check_final().await.unwrap();
    while indexer.step().await.unwrap() {}
    let after = dump_all(&db.pool).await;
    for table in TABLES {
        assert_eq!(after[table], before[table], "{table}");
    }
    assert_accounts_equal(&game.chain, &db.pool).await;
    assert_eq!(quarantined(&db.pool).await, []);
    assert_eq!(count(&db, "SELECT count(*) FROM outbox WHERE kind = 'record:undone'").await, 1);
    // Nothing is missing now: the look moves on.
    indexer.check_final().await.unwrap();
    let cursor = processor(&db).cursor().await.unwrap();
    assert_eq!(cursor.finalised_slot, game.chain.state().finalised);
}

/// A node that loses a transaction once: the pages show it, and the record is read again.
#[tokio::test]
async fn a_hole_in_the_record_is_read_again() {
    let (whole, holed) = (fresh().await, fresh().await);
    let mut game = Game::new();
    game.play();
    let lost = game.chain.state().transactions.iter().rev().nth(3).unwrap().signature.clone();
    game.value();
    game.draw();
    catch_up(&game.chain, &whole).await;
    game.chain.state().hidden.insert(lost);
    catch_up(&game.chain, &holed).await;
    assert_eq!(quarantined(&holed.pool).await, []);
    for table in TABLES {
        assert_eq!(dump(&holed.pool, table, &[]).await, dump(&whole.pool, table, &[]).await, "{table}");
    }
}

#[tokio::test]
async fn a_database_of_another_chain_is_refused() {
    let db = fresh().await;
    let game = Game::new();
    sqlx::query("UPDATE cursor SET slot = 5000").execute(&db.pool).await.unwrap();
    let error = indexer(&game.chain, &db).step().await.unwrap_err();
    assert!(error.is::<lottery_indexer::OtherChain>(), "{error:#}");
}

/// A local chain that was started again and has grown past the cursor.
#[tokio::test]
async fn a_chain_without_our_newest_final_transaction_is_refused() {
    let db = fresh().await;
    let mut game = Game::new();
    game.play();
    let slot = game.chain.state().slot;
    game.chain.state().finalised = slot;
    catch_up(&game.chain, &db).await;
    // Again with the same chain: nothing to complain about.
    assert!(!indexer(&game.chain, &db).step().await.unwrap());
    let newest = game.chain.state().transactions.last().unwrap().signature.clone();
    game.chain.state().gone.insert(newest.clone());
    let error = indexer(&game.chain, &db).step().await.unwrap_err();
    assert!(error.is::<lottery_indexer::OtherChain>() && error.to_string().contains(&newest), "{error:#}");
    assert_eq!(count(&db, "SELECT count(*) FROM entries").await, 13);
}

#[tokio::test]
async fn migrating_twice_is_harmless() {
    let db = fresh().await;
    lottery_indexer::migrate(&db.pool).await.unwrap();
    assert_eq!(count(&db, "SELECT count(*) FROM cursor").await, 1);
}

#[tokio::test]
async fn rows_know_only_the_programs_accounts() {
    assert!(rows::row(&[0; 8]).is_err());
}
