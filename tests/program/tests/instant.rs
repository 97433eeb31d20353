//! Instant tickets: each entry has an outcome of its own, from seed, page and index.

use std::collections::BTreeSet;

use lottery_interface::events::RoundChanged;
use lottery_rules::{
    hash::Software,
    instant::{self, Prize, PrizeTable},
};
use program_tests::{
    AccountLayout, Game, Live, Money, Player, Rules, Spec, World,
    accounts::{Config, Entry, InstantRules},
    address,
    house::{instant_rules, instant_ticket, prizes_of},
    ix,
    kinds::{Kind, PageStatus, RoundStatus},
    replay,
};

use crate::house_play::{finish_in_one, play_out, settled};

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let money = spec.money;
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(money, 1_000_000_000);
    (world, game, live, player)
}

/// Two thirds of all tickets win, in three ways.
fn lively() -> Spec {
    let sixth = u32::MAX / 6;
    Spec::house_with(instant_rules(&[(sixth, 25_000), (sixth, 12_000), (2 * sixth, 5_000)]))
}

#[test]
fn it_stores_its_rules_and_limits() {
    let mut world = World::new();
    let game = world.create(Spec::instant());
    let live = world.open(&game);
    let config = address::config(&game.key, 0).0;
    assert_eq!(world.chain.data(config).len(), Config::LEN + size_of::<InstantRules>());
    assert_eq!(replay::rules_of(&world.chain, config), game.spec.rules);
    let round = world.round(&live);
    assert_eq!(round.kind, Kind::Instant as u8);
    assert_eq!(round.max_multiplier_bps, [10_000_000, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(world.lottery(&game).bankroll_reserved_units, game.spec.limits.page_budget_units);
}

#[test]
fn entries_are_written_as_given_and_the_last_stake_stands_for_the_quick_picks() {
    let (mut world, _, live, player) = scene(Spec::instant());
    world.enter_stakes(&live, &player, 0, &[1_000, 5_000_000, 77_777]);
    let tickets = [instant_ticket(2_000), instant_ticket(3_000)].concat();
    world.enter_bytes(&live, &player, 0, 4, &tickets, 5);
    world.enter_instant(&live, &player, 0, 20, 1_234);
    let mut stakes = vec![1_000, 5_000_000, 77_777, 2_000];
    stakes.extend([3_000; 4]);
    stakes.extend([1_234; 20]);
    let entry = |stake_units: &u64| Entry {
        wallet: player.wallet.to_bytes(),
        picks: [0; 2],
        stake_units: *stake_units,
        bonus: 0,
        tier: 0,
        flags: 0,
        spots: 0,
        multiplier_bps: 0,
    };
    assert_eq!(world.entries(&live, 0), stakes.iter().map(entry).collect::<Vec<_>>());
    let page = world.page(&live, 0);
    assert_eq!(page.cash_units, stakes.iter().sum::<u64>());
    assert_eq!(page.liability_units, stakes.iter().map(|stake| stake * 1_000).sum::<u64>());
    play_out(&mut world, &live);
}

#[test]
fn rounds_of_several_pages_are_what_the_rules_say_in_each_kind_of_money() {
    for money in Money::ALL {
        for spec in [lively(), Spec::instant()] {
            let mut world = World::new();
            let game = world.create(spec.money(money).pages(20, 3));
            let players: Vec<Player> = (0..3).map(|_| world.player(money, 1_000_000_000)).collect();
            let live = world.open(&game);
            for page in 0..3 {
                if page > 0 {
                    world.open_page(&live);
                }
                for (nth, player) in players.iter().enumerate() {
                    world.enter_stakes(&live, player, page, &[1_001, 50_003 + nth as u64, 999_983]);
                }
                world.enter_instant(&live, &players[page as usize], page, 11, 4_999);
            }
            let outcome = play_out(&mut world, &live);
            assert_eq!(outcome.result, [0; 32], "a round of instant tickets has no result of its own");
            // The same index on another page is another outcome.
            assert_ne!(outcome.multipliers[0], outcome.multipliers[1]);
            world.close_all(&live);
            assert_eq!(world.lottery(&game).bankroll_reserved_units, 0);
        }
    }
}

#[test]
fn every_row_of_a_table_comes_up() {
    let (mut world, _, live, player) = scene(lively().pages(200, 1));
    for _ in 0..10 {
        world.enter_instant(&live, &player, 0, 20, 10_000);
    }
    play_out(&mut world, &live);
    let rows: BTreeSet<(u8, u32)> =
        world.entries(&live, 0).iter().map(|entry| (entry.tier, entry.multiplier_bps)).collect();
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 25_000), (2, 12_000), (3, 5_000)]);
}

#[test]
fn settling_is_resumed_wherever_it_stopped() {
    let (mut world, _, live, player) = scene(lively().pages(60, 2));
    for page in 0..2 {
        if page > 0 {
            world.open_page(&live);
        }
        for count in [20, 20, 7] {
            world.enter_instant(&live, &player, page, count, 30_000 + count as u64);
        }
    }
    world.to_drawn(&live);
    let mut whole = world.clone();
    whole.settle_all(&live);
    // Outcomes come eight at a time from one hash: steps begin and end anywhere in eight.
    for (page, limits) in [(1, vec![1, 2, 3, 5, 9, 11, 16]), (0, vec![7, 8, 1, 13, 100])] {
        for limit in limits {
            assert_eq!(world.page(&live, page).status, PageStatus::Sealed as u8);
            let step = ix::settle(world.cranker, live.key, live.config, page, limit);
            world.chain.expect_ok(&step);
        }
        assert_eq!(world.page(&live, page).status, PageStatus::Settled as u8);
        assert_eq!(world.chain.data(live.page(page)), whole.chain.data(live.page(page)));
    }
    assert_eq!(world.round(&live), whole.round(&live));
    let expected = world.replay(&live);
    settled(&world, &live, &expected);
}

#[test]
fn a_result_comes_in_one_transaction_while_the_next_round_is_open() {
    let (mut world, game, live, player) = scene(Spec::instant());
    let next = world.open(&game);
    world.enter_instant(&live, &player, 0, 20, 10_000);
    let meta = finish_in_one(&mut world, &live);
    println!("{} CU, {} bytes", meta.cu, meta.wire_len);
    assert_eq!(world.status(&next), RoundStatus::Open);
    world.enter_instant(&next, &player, 0, 1, 10_000);
    world.pay_all(&live);
    world.close_all(&live);
    play_out(&mut world, &next);
}

#[test]
fn a_table_in_which_every_ticket_wins_pays_every_ticket() {
    let half = 1 << 31;
    let rules = instant_rules(&[(half, 12_000), (half, 6_000)]);
    let (mut world, _, live, player) = scene(Spec::house_with(rules));
    world.enter_instant(&live, &player, 0, 20, 12_345);
    play_out(&mut world, &live);
    let round = world.round(&live);
    assert_eq!(round.winners_total, 20);
    assert_eq!(round.winners[0] + round.winners[1], 20);
    assert!(round.winners[0] > 0 && round.winners[1] > 0);
}

#[test]
fn logs_alone_tell_what_every_ticket_won() {
    let (mut world, _, live, player) = scene(lively());
    world.enter_instant(&live, &player, 0, 20, 10_000);
    world.value(&live);
    let meta = world.draw(&live);
    let events = meta.events();
    let [("RoundChanged", bytes)] = events.as_slice() else { panic!("{events:?}") };
    let change: RoundChanged = bytemuck::pod_read_unaligned(bytes);
    // An instant round has no result of its own: its event carries the seed instead.
    assert_eq!((change.status, change.result), (RoundStatus::Drawn as u8, world.round(&live).seed));
    assert_eq!(world.round(&live).result, [0; 32]);
    world.settle_all(&live);
    let table = PrizeTable::new(&prizes_of_spec(&live));
    for (index, entry) in world.entries(&live, 0).iter().enumerate() {
        let row = table.row(instant::outcome::<Software>(&change.result, 0, index as u32));
        assert_eq!(prizes_of_spec(&live)[row].multiplier_bps, entry.multiplier_bps);
    }
}

fn prizes_of_spec(live: &Live) -> Vec<Prize> {
    match &live.game.spec.rules {
        Rules::Instant(rules) => prizes_of(rules),
        other => panic!("not an instant game: {other:?}"),
    }
}
