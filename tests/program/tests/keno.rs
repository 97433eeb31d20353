//! Keno: tickets of 1 to 10 spots with their own stakes, drawn and paid as the rules say.

use lottery_interface::events::RoundChanged;
use lottery_rules::{hash::Software, keno, picks};
use program_tests::{
    AccountLayout, Game, Live, LotteryError, Money, Player, Rules, Spec, World,
    accounts::{Config, Entry, KenoRules},
    address,
    house::{self, keno_quick, keno_rules, keno_ticket, paytable, paytable_of},
    kinds::{Kind, RoundStatus},
    replay,
};

use crate::house_play::{finish_in_one, play_out};

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let money = spec.money;
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(money, 1_000_000_000);
    (world, game, live, player)
}

#[test]
fn it_stores_its_rules_and_limits() {
    let mut world = World::new();
    let game = world.create_only(Spec::keno());
    let lottery = world.lottery(&game);
    assert_eq!((lottery.kind, lottery.rollover), (Kind::Keno as u8, 0));
    assert_eq!((lottery.min_stake_units, lottery.max_stake_units), (1_000, 5_000_000));
    assert_eq!((lottery.page_budget_units, lottery.max_liability_units), (160_000_000_000, 640_000_000_000));
    assert_eq!((lottery.bankroll_free_units, lottery.bankroll_reserved_units), (0, 0));
    let config = address::config(&game.key, 0).0;
    assert_eq!(world.chain.data(config).len(), Config::LEN + size_of::<KenoRules>());
    assert_eq!(replay::rules_of(&world.chain, config), game.spec.rules);
    world.fund(&game);
    assert_eq!(world.lottery(&game).bankroll_free_units, game.spec.bankroll_units);
}

#[test]
fn the_paytable_of_these_tests_returns_what_it_says() {
    for spots in 1..=10 {
        let rtp = keno::rtp(&paytable(), spots).expect("fits");
        // By every number of matches, not by the crate's formula: C(20, m) C(60, s - m) of C(80, s).
        let choose = |n: u128, k: u128| (0..k).fold(1, |ways, i| ways * (n - i) / (i + 1));
        let spots = spots as u128;
        let row = paytable()[spots as usize - 1];
        let weighted: u128 =
            (0..=spots).map(|m| choose(20, m) * choose(60, spots - m) * row[m as usize] as u128).sum();
        assert_eq!((rtp.weighted_bps as u128, rtp.ways as u128), (weighted, choose(80, spots)));
        assert!((9_200..=9_600).contains(&(weighted / choose(80, spots))), "{spots} spots");
    }
}

#[test]
fn a_round_copies_what_enter_needs() {
    let (world, game, live, _) = scene(Spec::keno());
    let (round, limits) = (world.round(&live), game.spec.limits);
    assert_eq!((round.kind, round.stake_units), (Kind::Keno as u8, 0));
    assert_eq!(round.max_multiplier_bps, keno::max_multipliers(&paytable()));
    assert_eq!((round.min_stake_units, round.max_stake_units), (1_000, 5_000_000));
    assert_eq!(
        (round.page_budget_units, round.max_liability_units),
        (limits.page_budget_units, limits.max_liability_units)
    );
    assert_eq!((round.budget_units, world.page(&live, 0).budget_units), (160_000_000_000, 160_000_000_000));
    assert_eq!(round.bond_units, 2 * limits.max_liability_units);
    assert_eq!(round.locks_at, round.opened_at + 5);
}

#[test]
fn entries_are_written_as_given() {
    let (mut world, _, live, player) = scene(Spec::keno());
    let tickets: Vec<(u64, Vec<u8>)> = (1..=10u8)
        .map(|spots| (1_000 * spots as u64 + 7, (0..spots).map(|i| 71 - 7 * (spots - 1 - i)).collect()))
        .collect();
    let given: Vec<(u64, &[u8])> =
        tickets.iter().map(|(stake, numbers)| (*stake, numbers.as_slice())).collect();
    let balance = world.balance(&player);
    world.enter_keno(&live, &player, 0, &given);
    let expected: Vec<Entry> = tickets
        .iter()
        .map(|(stake_units, numbers)| Entry {
            wallet: player.wallet.to_bytes(),
            picks: picks::from_sorted(numbers, 80).expect("ascending"),
            stake_units: *stake_units,
            bonus: 0,
            tier: 0,
            flags: 0,
            spots: numbers.len() as u8,
            multiplier_bps: 0,
        })
        .collect();
    assert_eq!(world.entries(&live, 0), expected);
    let stakes: u64 = tickets.iter().map(|(stake, _)| stake).sum();
    let page = world.page(&live, 0);
    assert_eq!((page.count, page.cash_units), (10, stakes));
    let tops = keno::max_multipliers(&paytable());
    let liability: u64 =
        tickets.iter().map(|(stake, numbers)| stake * tops[numbers.len() - 1] as u64 / 10_000).sum();
    assert_eq!(page.liability_units, liability);
    assert_eq!(world.balance(&player), balance - stakes);
}

#[test]
fn quick_picks_are_those_of_the_rules() {
    let (mut world, _, live, player) = scene(Spec::keno());
    world.enter_keno(&live, &player, 0, &[(2_000, &[1, 80])]);
    // Two given tickets, then three quick picks; then quick picks alone, of every spot count.
    let tickets = [keno_ticket(3_000, &[64, 65]), keno_ticket(4_000, &[7]), keno_quick(5_000, 6)].concat();
    world.enter_bytes(&live, &player, 0, 3, &tickets, 5);
    let mut groups = vec![(3, 3, 6, 5_000)];
    let mut first = 6;
    for spots in 1..=10 {
        world.enter_keno_quick(&live, &player, 0, 4, 1_000 + spots as u64, spots);
        groups.push((first, 4, spots, 1_000 + spots as u64));
        first += 4;
    }
    let entries = world.entries(&live, 0);
    let (wallet, page) = (player.wallet.to_bytes(), live.page(0).to_bytes());
    for (first, count, spots, stake) in groups {
        let mut stream = picks::quick_pick_stream::<Software>(&wallet, &page, first);
        for entry in &entries[first as usize..first as usize + count] {
            assert_eq!(entry.picks, picks::sample(&mut stream, spots, 80));
            assert_eq!(picks::count(&entry.picks), spots as u32);
            assert_eq!((entry.spots, entry.stake_units), (spots, stake));
        }
    }
    assert_eq!((entries[1].stake_units, entries[2].stake_units), (3_000, 4_000));
}

/// Tickets of every spot count, given and picked, of several players on two pages.
fn enter_all(world: &mut World, live: &Live, players: &[Player]) {
    for (nth, player) in players.iter().enumerate() {
        for spots in 1..=10u8 {
            let numbers: Vec<u8> = (0..spots).map(|i| 1 + nth as u8 + 7 * i).collect();
            world.enter_keno(live, player, 0, &[(1_000 + 37 * spots as u64 + nth as u64, &numbers)]);
        }
        world.enter_keno_quick(live, player, 0, 5, 999_999 + nth as u64, 1 + nth as u8);
    }
    if world.page(live, 0).count * 4 >= world.page(live, 0).capacity * 3 {
        let second = world.open_page(live);
        world.enter_keno_quick(live, &players[0], second, 7, 12_345, 4);
    }
}

#[test]
fn rounds_are_what_the_rules_say_in_each_kind_of_money() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::keno().money(money));
        let players: Vec<Player> = (0..4).map(|_| world.player(money, 1_000_000_000)).collect();
        let mut winners = 0;
        for _ in 0..3 {
            let live = world.open(&game);
            enter_all(&mut world, &live, &players);
            let outcome = play_out(&mut world, &live);
            assert_eq!(
                keno::draw::<Software>(&outcome.seed),
                bytemuck::pod_read_unaligned::<[u64; 2]>(&outcome.result[..16])
            );
            winners += world.round(&live).winners_total;
            world.close_all(&live);
            assert!(!world.chain.exists(live.key));
        }
        assert!(winners > 0, "somebody won");
        assert_eq!(world.lottery(&game).bankroll_reserved_units, 0);
    }
}

#[test]
fn a_round_goes_from_lock_to_final_in_one_transaction_while_the_next_is_open() {
    let (mut world, game, live, player) = scene(Spec::keno());
    let next = world.open(&game);
    for spots in 1..=10 {
        world.enter_keno_quick(&live, &player, 0, 2, 10_000, spots);
    }
    let meta = finish_in_one(&mut world, &live);
    println!("{} CU, {} bytes", meta.cu, meta.wire_len);
    // Nobody waited for the round before: the next one took entries all along.
    assert_eq!(world.status(&next), RoundStatus::Open);
    world.enter_keno_quick(&next, &player, 0, 1, 10_000, 5);
    world.pay_all(&live);
    world.close_all(&live);
    world.enter_keno_quick(&next, &player, 0, 1, 10_000, 5);
    play_out(&mut world, &next);
}

#[test]
fn the_draw_logs_the_twenty_numbers() {
    let (mut world, _, live, player) = scene(Spec::keno());
    world.enter_keno(&live, &player, 0, &[(5_000, &[1])]);
    world.value(&live);
    let meta = world.draw(&live);
    let events = meta.events();
    let [("RoundChanged", bytes)] = events.as_slice() else { panic!("{events:?}") };
    let change: RoundChanged = bytemuck::pod_read_unaligned(bytes);
    let drawn: picks::Picks = bytemuck::pod_read_unaligned(&change.result[..16]);
    assert_eq!((picks::count(&drawn), change.result), (20, world.round(&live).result));
}

#[test]
fn a_ticket_can_win_by_missing_every_number() {
    let rules = keno_rules(paytable_of(&[&[(0, 12_000)]]));
    let (mut world, _, live, player) = scene(Spec::house_with(rules));
    for numbers in 1..=40u8 {
        world.enter_keno(&live, &player, 0, &[(1_000, &[2 * numbers])]);
    }
    play_out(&mut world, &live);
    let round = world.round(&live);
    // At most 20 of the 40 were drawn; each of the others won, with no match: tier 1.
    assert_eq!((round.winners[0], round.winners_total), (round.winners_total, round.prizes_units / 1_200));
    assert!(round.winners_total >= 20);
}

#[test]
fn every_number_of_eighty_as_a_ticket_has_twenty_winners() {
    let (mut world, _, live, player) = scene(Spec::keno().pages(80, 1));
    for number in 1..=80u8 {
        world.enter_keno(&live, &player, 0, &[(5_000, &[number])]);
    }
    play_out(&mut world, &live);
    let round = world.round(&live);
    assert_eq!((round.winners[1], round.winners_total, round.prizes_units), (20, 20, 20 * 19_000));
}

#[test]
fn a_new_paytable_holds_for_rounds_not_yet_opened() {
    let (mut world, game, old, player) = scene(Spec::keno());
    let mut spec = game.spec.clone();
    spec.rules = Rules::Keno(keno_rules(paytable_of(&[&[(1, 20_000)]])));
    let operator = game.operator.owner;
    let update = program_tests::ix::update_config(operator, game.id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_ok(&update);
    let new = world.open(&game);
    world.enter_keno(&old, &player, 0, &[(5_000, &[1, 2])]);
    let two = world.enter_instruction(&new, &player, 0, 0, &keno_ticket(5_000, &[1, 2]));
    world.chain.expect_error(&two, LotteryError::SpotsNotOffered);
    for number in 1..=60 {
        world.enter_keno(&new, &player, 0, &[(5_000, &[number])]);
    }
    play_out(&mut world, &old);
    play_out(&mut world, &new);
    assert_eq!(house::top_multiplier(&replay::rules_of(&world.chain, new.config), 1), 20_000);
    assert!(world.entries(&new, 0).iter().all(|entry| [0, 20_000].contains(&entry.multiplier_bps)));
}
