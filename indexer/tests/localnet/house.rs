//! Keno and instant rounds: drawn and paid, void and refunded with compensation, taken back and read again.

use std::{collections::BTreeMap, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    Kind,
    accounts::{InstantPrize, InstantRules, KenoRules, Lottery, Round, Wallet},
    address,
    args::{ConfigArgs, LimitsArgs},
    instructions::{self as ix, Item},
    kinds::VoidReason,
};
use lottery_rules::house::prize;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::{
    common::quarantined,
    house_checks::{all_entries, assert_late, assert_round, undo},
    play::{Play, SOL, item},
};

const BANKROLL: u64 = 8 * SOL;
const PAGE_BUDGET: u64 = SOL;
pub const MAX_LIABILITY: u64 = SOL * 3 / 2;
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
        lock_offset_seconds: 0,
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
        let steps = [
            // Two rounds a game, the second of which is void and loses its bond.
            ix::fund_bond(operator, id, native, 2 * 2 * MAX_LIABILITY),
            ix::fund_bankroll(operator, id, native, BANKROLL + SOL),
            ix::withdraw_bankroll(operator, id, native, SOL),
            ix::activate_lottery(operator, id),
        ];
        play.send(&play.operator, &steps).await;
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
    let open = ix::open_round(operator, lottery, address::config(&lottery, 0).0, index);
    play.send(&play.operator, &[open, ix::open_page(operator, lottery, round, 0)]).await;
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

/// From lock to final in one transaction, as a keeper does; then paid.
async fn draw(play: &Play, id: u64, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let config = address::config(&lottery, 0).0;
    let mut steps = play.draw(round, config, 2).await;
    steps.push(ix::settle(operator, round, config, 0, 5));
    steps.push(ix::settle(operator, round, config, 0, 100));
    steps.push(ix::settle(operator, round, config, 1, 100));
    steps.push(ix::finalise(operator, lottery, round, config));
    play.send(&play.operator, &steps).await;
    play.pay(round, 0).await;
    play.pay(round, 1).await;
}

/// The operator does not reveal: void after grace, every stake comes back with a tenth.
async fn void(play: &Play, id: u64, round: Pubkey) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let steps = [
        ix::void_round(operator, lottery, round),
        ix::seal_page(operator, round, 0),
        ix::seal_page(operator, round, 1),
        ix::finalise(operator, lottery, round, address::config(&lottery, 0).0),
    ];
    play.send(&play.operator, &steps).await;
    for sequence in 0..2 {
        let entries = play.entries(round, sequence).await;
        let items: Vec<Item> = entries.iter().enumerate().map(|(index, entry)| item(index, entry)).collect();
        for batch in items.chunks(10) {
            play.crank(ix::refund(operator, round, sequence, batch)).await;
        }
    }
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
