//! Keno and instant rounds: drawn and paid, void and refunded with compensation, taken back and read again.

use std::{collections::BTreeMap, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{
    Walk,
    metrics::Metrics,
    processor::{Processor, Undo},
    testing::PrivatePostgres,
};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, Entry, InstantPrize, InstantRules, KenoRules, Lottery, Page, Round, Wallet},
    address,
    args::{ConfigArgs, LimitsArgs},
    instructions::{self as ix, Item},
    kinds::{RoundStatus, VoidReason},
    rewards::worst_case_lamports,
};
use lottery_rules::house::prize;
use serde_json::{Value, json};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use sqlx::Row;

use crate::{
    common::{TABLES, dump, dump_all, quarantined},
    play::{Play, SOL, item},
};

const BANKROLL: u64 = 8 * SOL;
const PAGE_BUDGET: u64 = SOL;
const MAX_LIABILITY: u64 = SOL * 3 / 2;
const FEE_BPS: u16 = 100;
const GAMES: [(u64, Kind); 2] = [(1, Kind::Keno), (2, Kind::Instant)];

/// 1 % fee, RTP of about 95 %.
fn rules(kind: Kind) -> Vec<u8> {
    if kind == Kind::Keno {
        let mut rules = KenoRules { rtp_min_bps: 9_400, rtp_max_bps: 9_600, ..Zeroable::zeroed() };
        rules.paytable_bps[0][1] = 38_000;
        rules.paytable_bps[1][1..3].copy_from_slice(&[10_000, 95_000]);
        rules.paytable_bps[3][2..5].copy_from_slice(&[10_000, 50_000, 1_700_000]);
        return bytes_of(&rules).to_vec();
    }
    let mut rules =
        InstantRules { rtp_min_bps: 9_400, rtp_max_bps: 9_600, prize_count: 3, ..Zeroable::zeroed() };
    rules.prizes[0] = InstantPrize { parts: 1 << 30, multiplier_bps: 30_000 };
    rules.prizes[1] = InstantPrize { parts: 1 << 30, multiplier_bps: 8_001 };
    rules.prizes[2] = InstantPrize { parts: 1 << 31, multiplier_bps: 0 };
    bytes_of(&rules).to_vec()
}

fn limits() -> LimitsArgs {
    LimitsArgs {
        max_stake_units: 2_000_000,
        min_stake_units: 11,
        page_budget_units: PAGE_BUDGET,
        max_liability_units: MAX_LIABILITY,
        page_entries: 16,
        max_pages: 2,
        max_entries_per_round: 32,
        max_entries_per_player: 0,
        period_seconds: 60,
        reward_step_lamports: 10,
        reward_item_lamports: 3,
        reserved: 0,
    }
}

async fn create(play: &Play) {
    let (operator, native) = (play.operator.pubkey(), Pubkey::default());
    play.set_up(&[Kind::Keno, Kind::Instant]).await;
    for (id, kind) in GAMES {
        let config = ConfigArgs {
            grace_seconds: 10,
            grace_slots: 10,
            claim_seconds: 60,
            reveal_delay_slots: 1,
            fee_bps: FEE_BPS,
            compensation_cap_bps: 1_000,
            kind: kind as u8,
            source: 2,
            ..Zeroable::zeroed()
        };
        play.create(id, &limits(), &config, &rules(kind)).await;
        // Two rounds a game, the second of which is void and loses its bond.
        play.crank(ix::fund_bond(operator, id, native, 2 * 2 * MAX_LIABILITY)).await;
        play.crank(ix::fund_bankroll(operator, id, native, BANKROLL + SOL)).await;
        play.crank(ix::withdraw_bankroll(operator, id, native, SOL)).await;
        play.crank(ix::activate_lottery(operator, id)).await;
    }
}

/// A ticket's bytes.
fn ticket(kind: Kind, stake: u64, numbers: &[u8]) -> Vec<u8> {
    let mut bytes = stake.to_le_bytes().to_vec();
    if kind == Kind::Keno {
        bytes.push(numbers.len() as u8);
        bytes.extend(numbers);
    }
    bytes
}

/// What follows the tickets when there are quick picks.
fn quick(kind: Kind, stake: u64, spots: u8) -> Vec<u8> {
    let spots: &[u8] = if kind == Kind::Keno { &[spots] } else { &[] };
    [&stake.to_le_bytes(), spots].concat()
}

/// Opens a round and fills two pages with tickets of all sorts.
async fn enter(play: &Play, id: u64, kind: Kind, index: u64) -> Pubkey {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let round = address::round(&lottery, index).0;
    play.crank(ix::open_round(operator, lottery, address::config(&lottery, 0).0, index)).await;
    play.crank(ix::open_page(operator, lottery, round, 0)).await;
    let page = address::page(&round, 0).0;
    for (place, player) in play.players.iter().enumerate() {
        let wallet = play.wallet(player).await;
        let odd = 999_999 + place as u64;
        let own = [ticket(kind, odd, &[place as u8 + 1, 80]), ticket(kind, 11, &[7, 33, 64, 65])].concat();
        let steps = [
            ix::enter(player.pubkey(), wallet, round, page, 2, &[own, quick(kind, 77_777, 1)].concat()),
            ix::enter(player.pubkey(), wallet, round, page, 1, &quick(kind, 250_000, 4)),
        ];
        play.send(player, &steps).await;
    }
    play.crank(ix::open_page(operator, lottery, round, 1)).await;
    let (player, page) = (&play.players[0], address::page(&round, 1).0);
    let wallet = play.wallet(player).await;
    let tickets = [ticket(kind, 2_000_000, &[40]), quick(kind, 123_457, 2)].concat();
    play.send(player, &[ix::enter(player.pubkey(), wallet, round, page, 9, &tickets)]).await;
    round
}

async fn past_lock(play: &Play) {
    play.localnet.advance(Duration::from_secs(65)).await.unwrap();
    play.localnet.produce_blocks(5).await.unwrap();
}

/// From lock to paid.
async fn draw(play: &Play, id: u64, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let config = address::config(&lottery, 0).0;
    play.draw(round, config, 2).await;
    play.crank(ix::settle(operator, round, config, 0, 5)).await;
    play.crank(ix::settle(operator, round, config, 0, 100)).await;
    play.crank(ix::settle(operator, round, config, 1, 100)).await;
    play.crank(ix::finalise(operator, lottery, round, config)).await;
    play.pay(round, 0).await;
    play.pay(round, 1).await;
}

/// The operator does not reveal: void after grace, every stake comes back with a tenth.
async fn void(play: &Play, id: u64, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    play.crank(ix::void_round(operator, lottery, round)).await;
    for sequence in 0..2 {
        play.crank(ix::seal_page(operator, round, sequence)).await;
    }
    play.crank(ix::finalise(operator, lottery, round, address::config(&lottery, 0).0)).await;
    for sequence in 0..2 {
        let entries = play.entries(round, sequence).await;
        let items: Vec<Item> = entries.iter().enumerate().map(|(index, entry)| item(index, entry)).collect();
        for batch in items.chunks(10) {
            play.crank(ix::refund(operator, round, sequence, batch)).await;
        }
    }
}

async fn all_entries(play: &Play, round: Pubkey) -> Vec<Entry> {
    [play.entries(round, 0).await, play.entries(round, 1).await].concat()
}

async fn value(db: &PrivatePostgres, sql: &'static str, address: &str) -> Value {
    let text: String = sqlx::query_scalar(sql).bind(address).fetch_one(&db.pool).await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The rows of a round against the sums of its entries on the chain, and rent and rewards against its lamports.
async fn assert_round(play: &Play, db: &PrivatePostgres, address: Pubkey, entries: &[Entry]) {
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
    let reserve = worst_case_lamports(2, 32, 10, 3).unwrap();
    assert_eq!(found, json!([rent, reserve, pages, 0]));
    assert_eq!(pages[0], play.rpc.get_minimum_balance_for_rent_exemption(Page::LEN + 16 * 64).await.unwrap());
}

/// Wallets by address, and what is in them.
async fn balances(play: &Play) -> BTreeMap<Pubkey, u64> {
    let mut balances = BTreeMap::new();
    for player in &play.players {
        let wallet = address::wallet(&player.pubkey(), &Pubkey::default()).0;
        balances.insert(wallet, play.read::<Wallet>(wallet).await.balance_units);
    }
    balances
}

/// Everything from the first entry of `round` on is taken back and read again.
async fn undo(play: &Play, db: &PrivatePostgres, round: Pubkey) {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn house_rounds_of_the_real_program_are_indexed_both_ways() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let play = Play::start().await;
    create(&play).await;
    play.index(&live, Walk::Blocks).await;

    // The first round of each game is drawn and paid.
    let mut rounds = Vec::new();
    for (id, kind) in GAMES {
        rounds.push((id, kind, enter(&play, id, kind, 0).await));
    }
    play.index(&live, Walk::Auto).await;
    play.assert_equal(&live).await;
    let before = balances(&play).await;
    past_lock(&play).await;
    let mut winners = 0;
    let mut won = BTreeMap::<Pubkey, u64>::new();
    for (id, kind, round) in &rounds {
        draw(&play, *id, *round).await;
        play.index(&live, Walk::Auto).await;
        play.assert_equal(&live).await;
        let entries = all_entries(&play, *round).await;
        winners += entries.iter().filter(|entry| entry.tier > 0).count();
        for entry in &entries {
            let units = prize(entry.stake_units, entry.multiplier_bps).unwrap();
            *won.entry(Pubkey::new_from_array(entry.wallet)).or_default() += units;
        }
        assert_round(&play, &live, *round, &entries).await;
        let account: Round = play.read(*round).await;
        let lottery: Lottery = play.read(address::lottery(*id).0).await;
        assert_eq!((lottery.kind, lottery.bankroll_reserved_units), (*kind as u8, 0));
        let gained = account.pool_units as i128 - account.fee_units as i128 - account.prizes_units as i128;
        assert_eq!(lottery.bankroll_free_units as i128, BANKROLL as i128 + gained);
    }
    assert!(winners >= 10, "only {winners} winners among 50 tickets");
    let after = balances(&play).await;
    assert!(before.iter().all(|(wallet, units)| after[wallet] == units + won[wallet]));
    undo(&play, &live, rounds[0].2).await;
    for (id, _, round) in &rounds {
        play.close(*id, *round, 2).await;
    }
    play.index(&live, Walk::Auto).await;
    play.assert_equal(&live).await;

    // The second is withheld.
    rounds.clear();
    for (id, kind) in GAMES {
        rounds.push((id, kind, enter(&play, id, kind, 1).await));
    }
    past_lock(&play).await;
    play.localnet.advance(Duration::from_secs(15)).await.unwrap();
    play.localnet.produce_blocks(12).await.unwrap();
    for (id, _, round) in &rounds {
        void(&play, *id, *round).await;
        play.index(&live, Walk::Blocks).await;
        play.assert_equal(&live).await;
        let account: Round = play.read(*round).await;
        assert_eq!(account.void_reason, VoidReason::GraceExpired as u8);
        assert_round(&play, &live, *round, &all_entries(&play, *round).await).await;
    }
    undo(&play, &live, rounds[0].2).await;
    for (id, _, round) in &rounds {
        play.close(*id, *round, 2).await;
    }
    play.index(&live, Walk::Auto).await;
    play.assert_equal(&live).await;
    assert_eq!(quarantined(&live.pool).await, []);
    assert_late(&play, &live, &late).await;
    play.localnet.stop().await.unwrap();
}

/// From the signatures alone, after everything is closed: all but the outcomes of the instant round, whose seed was only in
/// its account.
async fn assert_late(play: &Play, live: &PrivatePostgres, late: &PrivatePostgres) {
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
    let unknown =
        "SELECT count(*) FROM entries WHERE prize_units IS NULL AND lottery_id = 2 AND round_index = 0";
    let unknown: i64 = sqlx::query_scalar(unknown).fetch_one(&late.pool).await.unwrap();
    assert_eq!(unknown, 25);
}
