//! A progressive draw.

use std::time::Duration;

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    Kind,
    accounts::{DrawRules, DrawTier, Round},
    address,
    args::{ConfigArgs, LimitsArgs},
    instructions as ix,
    rewards::worst_case_lamports,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use sqlx::Row;

use crate::{
    common::{dump, quarantined},
    play::Play,
};

const STAKE: u64 = 1_000_000;

async fn create(play: &Play) {
    let (operator, native) = (play.operator.pubkey(), Pubkey::default());
    play.set_up(&[Kind::Draw]).await;
    let limits = LimitsArgs {
        page_entries: 32,
        max_pages: 3,
        max_entries_per_round: 64,
        max_entries_per_player: 40,
        period_seconds: 20,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        ..Zeroable::zeroed()
    };
    let config = ConfigArgs {
        stake_units: STAKE,
        grace_seconds: 10,
        grace_slots: 10,
        claim_seconds: 60,
        reveal_delay_slots: 2,
        fee_bps: 500,
        compensation_cap_bps: 1_000,
        kind: 1,
        source: 2,
        ..Zeroable::zeroed()
    };
    let mut rules = DrawRules {
        picks: 2,
        numbers: 6,
        bonus_numbers: 2,
        rollover: 1,
        tier_count: 2,
        ..Zeroable::zeroed()
    };
    rules.tiers[0] = DrawTier { matches: 2, bonus: 1, share_bps: 6_000 };
    rules.tiers[1] = DrawTier { matches: 1, bonus: 0, share_bps: 4_000 };
    play.create(1, &limits, &config, bytes_of(&rules)).await;
    play.crank(ix::fund_bond(operator, 1, native, 200 * STAKE)).await;
    play.crank(ix::fund_jackpot(operator, 1, native, 12_345)).await;
    play.crank(ix::activate_lottery(operator, 1)).await;
}

/// Opens a round with a page.
async fn open(play: &Play, round: Pubkey, index: u64) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(1).0;
    play.crank(ix::open_round(operator, lottery, address::config(&lottery, 0).0, index)).await;
    play.crank(ix::open_page(operator, lottery, round, 0)).await;
}

async fn past_lock(play: &Play) {
    play.localnet.advance(Duration::from_secs(25)).await.unwrap();
    play.localnet.produce_blocks(5).await.unwrap();
}

/// Nobody came until the lock: sealed and captured, then re-timed, so that both are done again later but paid for once.
async fn retime(play: &Play, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(1).0;
    past_lock(play).await;
    let steps = [
        ix::seal_page(operator, round, 0),
        ix::capture(operator, round),
        ix::retime_round(operator, lottery, address::config(&lottery, 0).0, round, 1),
    ];
    play.send(&play.operator, &steps).await;
}

/// Every player enters twice in one transaction.
async fn enter(play: &Play, round: Pubkey) {
    let page = address::page(&round, 0).0;
    for player in &play.players {
        let wallet = play.wallet(player).await;
        let steps = [
            ix::enter(player.pubkey(), wallet, round, page, 2, &[1, 2, 1, 3, 6, 2]),
            ix::enter(player.pubkey(), wallet, round, page, 5, &[]),
        ];
        play.send(player, &steps).await;
    }
}

/// From lock to paid.
async fn draw(play: &Play, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(1).0;
    let config = address::config(&lottery, 0).0;
    past_lock(play).await;
    for step in play.draw(round, config, 1).await {
        play.crank(step).await;
    }
    play.crank(ix::settle(operator, round, config, 0, 10)).await;
    play.crank(ix::settle(operator, round, config, 0, 100)).await;
    play.crank(ix::finalise(operator, lottery, round, config)).await;
    play.pay(round, 0).await;
}

/// What was paid to cranks is what the round reserved and no longer holds; and prizes add up.
async fn assert_rewards(db: &PrivatePostgres, address: Pubkey, round: &Round) {
    let sums = "SELECT crank_spent_lamports::BIGINT, retimes, prizes_units::BIGINT,
                    (SELECT sum(reward_lamports)::BIGINT FROM instructions WHERE round = r.address),
                    (SELECT COALESCE(sum(prize_units), 0)::BIGINT FROM entries WHERE round = r.address)
                FROM rounds r WHERE address = $1";
    let (spent, retimes, prizes, rewards, won): (i64, i64, i64, i64, i64) =
        sqlx::query_as(sums).bind(address.to_string()).fetch_one(&db.pool).await.unwrap();
    let reserve = worst_case_lamports(lottery_interface::Kind::Draw as u8, 3, 64, 10, 1).unwrap();
    assert_eq!(spent as u64 + round.crank_lamports, reserve);
    assert_eq!((rewards, won, retimes), (spent, prizes, round.index as i64));
    assert_eq!(prizes as u64, round.prizes_units);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_of_the_real_program_are_indexed_both_ways() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let play = Play::start().await;
    create(&play).await;
    play.index(&live, Walk::Blocks).await;
    let lottery = address::lottery(1).0;
    for index in 0..2 {
        let round = address::round(&lottery, index).0;
        open(&play, round, index).await;
        if index == 1 {
            retime(&play, round).await;
            play.index(&live, Walk::Auto).await;
            play.assert_equal(&live).await;
        }
        enter(&play, round).await;
        play.index(&live, Walk::Auto).await;
        play.assert_equal(&live).await;
        draw(&play, round).await;
        play.index(&live, Walk::Blocks).await;
        play.assert_equal(&live).await;
        assert_rewards(&live, round, &play.read(round).await).await;
        play.close(1, round, 1).await;
        play.index(&live, Walk::Auto).await;
        play.assert_equal(&live).await;
    }
    assert_eq!(quarantined(&live.pool).await, []);
    let counts =
        "SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM payments) AS payments,
                         (SELECT count(*) FROM rounds WHERE closed_at_slot > 0 AND NOT incomplete) AS rounds";
    let row = sqlx::query(counts).fetch_one(&live.pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("entries"), 54);
    assert!(row.get::<i64, _>("payments") > 0);
    assert_eq!(row.get::<i64, _>("rounds"), 2);

    // A draw matches nothing; the round that was sealed, re-timed and sealed again was locked once.
    let records = "SELECT jsonb_object_agg(record, n)::TEXT FROM (SELECT record, count(*) n FROM round_records GROUP BY 1) r";
    let records: String = sqlx::query_scalar(records).fetch_one(&live.pool).await.unwrap();
    let records: serde_json::Value = serde_json::from_str(&records).unwrap();
    let claims = row.get::<i64, _>("payments");
    let expected = serde_json::json!({ "BetPlaced": 54, "RoundLocked": 2, "RoundFinalized": 2, "WinningsClaimed": claims });
    assert_eq!(records, expected);

    // From the signatures alone, after everything is closed.
    play.index(&late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    // Two calls of a node may tell the time of a block a second apart.
    let times = ["block_at", "entered_at", "paid_at"];
    for table in
        ["instructions", "wallets", "lotteries", "configs", "config_tiers", "entries", "payments", "jackpots"]
    {
        assert_eq!(dump(&late.pool, table, &times).await, dump(&live.pool, table, &times).await, "{table}");
    }
    let results = "SELECT jsonb_agg(jsonb_build_array(index, status, result, winners, prize_each_units, fee_units,
                       jackpot_in_units, winners_paid, entries, pool_units, sealed_digest, crank_spent_lamports, prizes_units) ORDER BY index)::TEXT
                   FROM rounds";
    let known: Vec<String> = vec![
        sqlx::query_scalar(results).fetch_one(&live.pool).await.unwrap(),
        sqlx::query_scalar(results).fetch_one(&late.pool).await.unwrap(),
    ];
    assert_eq!(known[0], known[1]);
    play.localnet.stop().await.unwrap();
}
