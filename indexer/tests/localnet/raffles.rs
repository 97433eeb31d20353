//! Raffles of the real program: one for places with a wrong ranking, a waiting list and offers that lapse, one for prizes.

use std::time::Duration;

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    Kind,
    accounts::{self, RaffleRules, Round},
    address,
    args::{ConfigArgs, LimitsArgs, RANKING_DEPOSIT_LAMPORTS},
    instructions::{self as ix, Item},
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::{
    common::{dump, quarantined},
    play::{Play, item},
};

const STAKE: u64 = 1_000_000;
const CONFIRM_SECONDS: u32 = 40;
const PLACES: u64 = 1;
const PRIZES: u64 = 2;

/// Open to all: three places and one who waits; or two prizes.
fn rules(id: u64) -> RaffleRules {
    let mut rules = RaffleRules { capacity: 3, mode: 1, ..Zeroable::zeroed() };
    if id == PLACES {
        (rules.waiting, rules.confirm_seconds, rules.penalty_bps) = (1, CONFIRM_SECONDS, 2_500);
    } else {
        (rules.capacity, rules.prize_count) = (2, 2);
        rules.prizes_bps[..2].copy_from_slice(&[6_000, 4_000]);
    }
    rules
}

async fn create(play: &Play) {
    let (operator, native) = (play.operator.pubkey(), Pubkey::default());
    play.set_up(&[Kind::Raffle]).await;
    for id in [PLACES, PRIZES] {
        let limits = LimitsArgs {
            page_entries: 4,
            max_pages: 2,
            max_entries_per_round: 8,
            period_seconds: 20,
            reward_step_lamports: 10,
            reward_item_lamports: 1,
            ..Zeroable::zeroed()
        };
        let config = ConfigArgs {
            stake_units: STAKE,
            grace_seconds: 10,
            grace_slots: 10,
            claim_seconds: 10_000,
            reveal_delay_slots: 2,
            fee_bps: if id == PRIZES { 500 } else { 0 },
            compensation_cap_bps: 1_000,
            kind: Kind::Raffle as u8,
            source: 2,
            ..Zeroable::zeroed()
        };
        play.create(id, &limits, &config, bytes_of(&rules(id))).await;
        play.crank(ix::fund_bond(operator, id, native, 200 * STAKE)).await;
        play.crank(ix::activate_lottery(operator, id)).await;
    }
}

async fn indexed(play: &Play, db: &PrivatePostgres) {
    play.index(db, Walk::Auto).await;
    assert_eq!(quarantined(&db.pool).await, []);
    play.assert_equal(db).await;
}

async fn pass(play: &Play, seconds: u64) {
    play.localnet.advance(Duration::from_secs(seconds)).await.unwrap();
    play.localnet.produce_blocks(5).await.unwrap();
}

/// Six entries on two pages, up to settled.
async fn played(play: &Play, db: &PrivatePostgres, id: u64) -> Pubkey {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let (round, config) = (address::round(&lottery, 0).0, address::config(&lottery, 0).0);
    play.crank(ix::open_round(operator, lottery, config, 0)).await;
    for (n, player) in play.players.iter().enumerate() {
        let sequence = (n / 2) as u32;
        if n % 2 == 0 {
            play.crank(ix::open_page(operator, lottery, round, sequence)).await;
        }
        let wallet = play.wallet(player).await;
        let page = address::page(&round, sequence).0;
        play.send(player, &[ix::enter(player.pubkey(), wallet, round, page, 2, &[])]).await;
    }
    indexed(play, db).await;
    pass(play, 25).await;
    for step in play.draw(round, config, 2).await {
        play.crank(step).await;
    }
    play.crank(ix::settle(operator, round, config, 0, 3)).await;
    indexed(play, db).await;
    play.crank(ix::settle(operator, round, config, 0, 100)).await;
    play.crank(ix::settle(operator, round, config, 1, 100)).await;
    indexed(play, db).await;
    round
}

/// Every entry in order: key, page, index, and whose.
async fn order(play: &Play, round: Pubkey) -> Vec<(u64, u32, u32, Pubkey)> {
    let mut order = Vec::new();
    for sequence in 0..2 {
        let entries = play.entries(round, sequence).await;
        order.extend(
            (0..).zip(entries).map(|(index, entry)| {
                (entry.picks[1], sequence, index, Pubkey::new_from_array(entry.wallet))
            }),
        );
    }
    order.sort();
    order
}

/// An attempt with the threshold at a rank, counted.
async fn attempt(play: &Play, round: Pubkey, submitter: &Keypair, rank: usize) -> Pubkey {
    let (key, page, index, _) = order(play, round).await[rank];
    let ranking = address::ranking(&round, &submitter.pubkey()).0;
    play.send(submitter, &[ix::open_ranking(submitter.pubkey(), round, key, page, index)]).await;
    let counts = [(1, 1), (0, 3), (0, 9), (1, 9)].map(|(page, n)| ix::count_ranking(round, ranking, page, n));
    play.send(&play.operator, &counts).await;
    ranking
}

/// Accepts and sorts a right attempt, then makes the round final.
async fn ranked(play: &Play, db: &PrivatePostgres, id: u64, round: Pubkey, ranking: Pubkey) {
    let operator = play.operator.pubkey();
    play.crank(ix::accept_ranking(operator, round, ranking, operator)).await;
    indexed(play, db).await;
    let mut found: Vec<(u64, u32, u32)> =
        accounts::ranked_entries(&play.rpc.get_account_data(&ranking).await.unwrap())
            .map(|place| (place.key, place.page, place.index))
            .collect();
    let mut swaps = Vec::new();
    for rank in 0..found.len() {
        let (from, _) = found.iter().enumerate().skip(rank).min_by_key(|(_, place)| **place).unwrap();
        found.swap(rank, from);
        swaps.push(from as u16);
    }
    play.crank(ix::sort_ranking(operator, round, ranking, &swaps[..1])).await;
    indexed(play, db).await;
    play.crank(ix::sort_ranking(operator, round, ranking, &swaps[1..])).await;
    indexed(play, db).await;
    let lottery = address::lottery(id).0;
    play.crank(ix::finalise(operator, lottery, round, address::config(&lottery, 0).0)).await;
    indexed(play, db).await;
}

async fn confirm(play: &Play, round: Pubkey, ranking: Pubkey, rank: usize) {
    let (_, page, _, wallet) = order(play, round).await[rank];
    let mut owner = &play.players[0];
    for player in &play.players {
        if play.wallet(player).await == wallet {
            owner = player;
        }
    }
    let lottery = address::lottery(PLACES).0;
    let ix = ix::confirm_place(owner.pubkey(), wallet, lottery, round, ranking, page, rank as u32);
    play.send(owner, &[ix]).await;
}

/// Refunds these ranks, which are due.
async fn refund(play: &Play, round: Pubkey, ranks: impl Iterator<Item = usize>) {
    let order = order(play, round).await;
    for rank in ranks {
        let (_, page, index, wallet) = order[rank];
        let items = [Item { index, wallet }];
        play.crank(ix::refund(play.operator.pubkey(), round, page, &items)).await;
    }
}

async fn close(play: &Play, db: &PrivatePostgres, id: u64, round: Pubkey, ranking: Pubkey) {
    let operator = play.operator.pubkey();
    play.crank(ix::close_ranking(operator, round, ranking, operator)).await;
    indexed(play, db).await;
    play.close(id, round, 2).await;
    indexed(play, db).await;
}

/// The auditor complains of anything that is changed behind the indexer's back.
async fn assert_auditor_sees(play: &Play, db: &PrivatePostgres) {
    let rpc = lottery_client::Rpc::new(play.localnet.rpc_url.clone());
    for (change, back, table) in [
        (
            "ranked_entries SET status = 'lapsed' WHERE status = 'taken'",
            "ranked_entries SET status = 'taken' WHERE status = 'lapsed'",
            "ranked_entries",
        ),
        ("ranked_entries SET key = key + 1", "ranked_entries SET key = key - 1", "ranked_entries"),
        ("entries SET key = key + 1", "entries SET key = key - 1", "entries"),
        ("entries SET rank = rank + 1", "entries SET rank = rank - 1", "entries"),
        ("entries SET weight = weight + 1", "entries SET weight = weight - 1", "entries"),
        ("rounds SET taken = taken + 1", "rounds SET taken = taken - 1", "rounds"),
        ("rounds SET lost_deposits_lamports = 0", "rounds SET lost_deposits_lamports = 10000000", "rounds"),
        ("rankings SET found = found + 1", "rankings SET found = found - 1", "rankings"),
        (
            "config_raffles SET waiting = waiting + 1",
            "config_raffles SET waiting = waiting - 1",
            "config_raffles",
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE {change}"))).execute(&db.pool).await.unwrap();
        let found = lottery_cli::verify::verify(&rpc, &db.pool).await.unwrap_err().to_string();
        assert!(found.contains(table), "{change}: {found}");
        sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE {back}"))).execute(&db.pool).await.unwrap();
    }
    play.assert_equal(db).await;
}

async fn places(play: &Play, db: &PrivatePostgres) {
    let operator = play.operator.pubkey();
    let round = played(play, db, PLACES).await;
    let wrong = attempt(play, round, &play.players[0], 2).await;
    indexed(play, db).await;
    let held = play.read::<Round>(round).await.crank_lamports;
    play.crank(ix::close_ranking(operator, round, wrong, play.players[0].pubkey())).await;
    assert_eq!(play.read::<Round>(round).await.crank_lamports, held + RANKING_DEPOSIT_LAMPORTS);
    indexed(play, db).await;
    let ranking = attempt(play, round, &play.operator, 3).await;
    ranked(play, db, PLACES, round, ranking).await;
    refund(play, round, 4..6).await;
    confirm(play, round, ranking, 0).await;
    indexed(play, db).await;
    assert_auditor_sees(play, db).await;
    pass(play, CONFIRM_SECONDS as u64 + 5).await;
    let order = order(play, round).await;
    let lottery = address::lottery(PLACES).0;
    for rank in [1, 2] {
        let resolve = ix::resolve_places(operator, lottery, round, ranking, order[rank].1, &[rank as u16]);
        play.crank(resolve).await;
    }
    play.crank(ix::promote_place(operator, round, ranking, 3)).await;
    indexed(play, db).await;
    confirm(play, round, ranking, 3).await;
    refund(play, round, 1..3).await;
    indexed(play, db).await;
    close(play, db, PLACES, round, ranking).await;
}

async fn prizes(play: &Play, db: &PrivatePostgres) {
    let round = played(play, db, PRIZES).await;
    let ranking = attempt(play, round, &play.operator, 1).await;
    ranked(play, db, PRIZES, round, ranking).await;
    let order = order(play, round).await;
    for rank in [0, 1] {
        let lottery = address::lottery(PRIZES).0;
        let page = order[rank].1;
        let resolve =
            ix::resolve_places(play.operator.pubkey(), lottery, round, ranking, page, &[rank as u16]);
        play.crank(resolve).await;
    }
    indexed(play, db).await;
    for sequence in 0..2 {
        let entries = play.entries(round, sequence).await;
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.tier > 0) {
            play.crank(ix::pay(play.operator.pubkey(), round, sequence, &[item(index, entry)])).await;
        }
    }
    indexed(play, db).await;
    close(play, db, PRIZES, round, ranking).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn raffles_of_the_real_program_are_indexed_both_ways() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let play = Play::start().await;
    create(&play).await;
    indexed(&play, &live).await;
    places(&play, &live).await;
    prizes(&play, &live).await;

    // 5.7 million after the fee, by rank; two full refunds, and two of three quarters.
    let amounts: Vec<i64> = sqlx::query_scalar("SELECT amount_units::BIGINT FROM payments ORDER BY 1")
        .fetch_all(&live.pool)
        .await
        .unwrap();
    assert_eq!(amounts, [750_000, 750_000, 1_000_000, 1_000_000, 2_280_000, 3_420_000]);

    // From the signatures alone, after everything is closed: no seed is known, and no key, but what became of ranks was logged.
    play.index(&late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    let times = ["paid_at", "block_at"];
    assert_eq!(dump(&late.pool, "payments", &times).await, dump(&live.pool, "payments", &times).await);
    let unknown = ["key", "offered_until"];
    assert_eq!(
        dump(&late.pool, "ranked_entries", &unknown).await,
        dump(&live.pool, "ranked_entries", &unknown).await
    );
    play.localnet.stop().await.unwrap();
}
