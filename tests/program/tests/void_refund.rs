//! Voids and refunds: only while no value is stored, after grace in seconds and slots; then every stake comes back.

use program_tests::{
    Instruction, Live, LotteryError, Money, Player, Spec, World, ix,
    ix::Item,
    kinds::{RoundStatus, VoidReason},
};

const STAKE: u64 = 1_000_000;
/// All that a round can take in, and a fifth of it for compensation.
const BOND: u64 = 256 * STAKE + 256 * STAKE / 5;

/// An open round with two pages: ten entries of one player, five and three of another.
fn scene(spec: Spec) -> (World, Live, [Player; 2]) {
    let mut world = World::new();
    let game = world.create(spec.pages(20, 2));
    let live = world.open(&game);
    let money = game.spec.money;
    let players = [world.player(money, 100 * STAKE), world.player(money, 100 * STAKE)];
    world.enter_quick(&live, &players[0], 0, 10);
    world.enter_quick(&live, &players[1], 0, 5);
    world.open_page(&live);
    world.enter_quick(&live, &players[1], 1, 3);
    (world, live, players)
}

fn refund(world: &World, live: &Live, sequence: u32, items: &[Item]) -> Instruction {
    ix::refund(world.cranker, live.key, sequence, items)
}

#[test]
fn grace_must_pass_in_seconds_and_in_slots() {
    let (mut world, live, _) = scene(Spec::default());
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::RoundNotLocked);
    world.reach_target(&live);
    world.capture(&live);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    let round = world.round(&live);
    let seconds = round.locks_at + 120 - world.chain.now();
    let slots = round.target_slot + 300 - world.chain.slot();
    for (seconds, slots, over) in [
        (seconds - 1, slots, false),
        (seconds, slots - 1, false),
        (seconds - 1, slots + 1_000, false),
        (seconds + 1_000, slots - 1, false),
        (seconds, slots, true),
    ] {
        let mut then = world.clone();
        then.chain.warp(seconds, slots);
        if over {
            then.chain.expect_ok(&void);
            assert_eq!(then.round(&live).void_reason, VoidReason::GraceExpired as u8);
        } else {
            then.chain.expect_error(&void, LotteryError::GraceNotOver);
        }
    }
}

#[test]
fn a_lost_slot_hash_voids_without_waiting() {
    let (mut world, live, _) = scene(Spec::default());
    world.lock(&live);
    let target = world.round(&live).target_slot;
    let void = world.void_instruction(&live);
    let slots = target + 512 - world.chain.slot();
    // A minute passes for 512 slots: grace, two minutes, is not over.
    world.chain.warp(60, slots);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(0, 1);
    world.chain.expect_ok(&void);
    assert_eq!(world.round(&live).void_reason, VoidReason::SlotHashLost as u8);
}

#[test]
fn a_captured_hash_is_not_lost() {
    let (mut world, live, _) = scene(Spec::default());
    world.reach_target(&live);
    world.capture(&live);
    world.chain.warp(1, 600);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
}

#[test]
fn after_a_value_nothing_is_void() {
    let (mut world, live, _) = scene(Spec::coin());
    world.value(&live);
    world.pass_grace(&live);
    let void = world.void_instruction(&live);
    let refused = LotteryError::ValueAlreadyPosted;
    world.chain.expect_error(&void, refused);
    world.draw(&live);
    world.chain.expect_error(&void, refused);
    world.settle_all(&live);
    world.chain.expect_error(&void, refused);
    world.finalise(&live);
    world.chain.expect_error(&void, refused);
}

#[test]
fn a_value_in_grace_and_even_after_it_beats_the_void() {
    let (mut world, live, _) = scene(Spec::coin());
    world.reach_target(&live);
    world.capture(&live);
    world.pass_grace(&live);
    world.reveal(&live);
    assert_eq!(world.status(&live), RoundStatus::Valued);
}

#[test]
fn a_round_is_void_once() {
    let (mut world, live, _) = scene(Spec::default());
    world.to_void(&live);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::RoundNotOpen);
}

#[test]
fn every_stake_comes_back_with_a_share_of_the_bond() {
    for money in Money::ALL {
        let (mut world, live, players) = scene(Spec::default().pages(20, 2).money(money));
        let bond = world.round(&live).bond_units;
        world.to_void(&live);
        let round = world.round(&live);
        // Each stake comes back with 20 % of itself; nothing is shared equally.
        assert_eq!((round.slashed_units, round.bonus_each_units), (bond, 0));
        assert_eq!(round.cash_units, 18 * STAKE + bond);
        world.refund_all(&live);
        assert_eq!(world.balance(&players[0]), 100 * STAKE + 10 * 200_000);
        assert_eq!(world.balance(&players[1]), 100 * STAKE + 8 * 200_000);
        world.finalise(&live);
        world.close_all(&live);
        let lottery = world.lottery(&live.game);
        assert_eq!(lottery.treasury_due_units, bond - 18 * 200_000);
        assert_eq!((lottery.fees_units, lottery.bond_reserved_units), (0, 0));
        assert_eq!(lottery.bond_free_units, live.game.spec.bond_units - bond);
    }
}

#[test]
fn compensation_is_never_more_than_the_bond() {
    let mut spec = Spec::default();
    // A cap of all stakes: a full round would take half of the bond.
    spec.config.compensation_cap_bps = 10_000;
    let (mut world, live, players) = scene(spec);
    let bond = world.round(&live).bond_units;
    world.to_void(&live);
    world.refund_all(&live);
    assert_eq!(world.balance(&players[0]), 100 * STAKE + 10 * STAKE);
    assert_eq!(world.balance(&players[1]), 100 * STAKE + 8 * STAKE);
    assert_eq!(world.round(&live).cash_units, bond - 18 * STAKE);
    let mut spec = Spec::default();
    spec.config.compensation_cap_bps = 0;
    let (mut world, live, players) = scene(spec);
    let bond = world.round(&live).bond_units;
    world.to_void(&live);
    world.refund_all(&live);
    assert_eq!(world.balance(&players[0]), 100 * STAKE);
    assert_eq!(world.round(&live).cash_units, bond);
}

#[test]
fn refunds_wait_for_the_last_seal() {
    let (mut world, live, players) = scene(Spec::default());
    world.lock(&live);
    world.pass_grace(&live);
    let void = world.void_instruction(&live);
    world.chain.expect_ok(&void);
    let items = world.owed_refunds(&live, 0);
    let some = refund(&world, &live, 0, &items);
    world.chain.expect_error(&some, LotteryError::PagesNotSealed);
    world.chain.expect_ok(&[ix::seal_page(world.cranker, live.key, 0)]);
    world.chain.expect_error(&some, LotteryError::PagesNotSealed);
    world.chain.expect_ok(&[ix::seal_page(world.cranker, live.key, 1)]);
    world.chain.expect_ok(&some);
    assert_eq!(world.balance(&players[0]), 100 * STAKE + 10 * 200_000);
}

#[test]
fn nothing_is_refunded_twice() {
    let (mut world, live, players) = scene(Spec::default());
    world.to_void(&live);
    let items = world.owed_refunds(&live, 0);
    let (first, all) = (refund(&world, &live, 0, &[items[0], items[0]]), refund(&world, &live, 0, &items));
    world.chain.expect_ok(&first);
    assert_eq!(world.round(&live).refunded, 1);
    world.chain.expect_error(&first, LotteryError::AlreadyRefunded);
    world.chain.expect_ok(&all);
    world.chain.expect_error(&all, LotteryError::AlreadyRefunded);
    assert_eq!(world.balance(&players[0]), 100 * STAKE + 10 * 200_000);
}

#[test]
fn a_round_that_is_not_void_is_not_refunded() {
    let (mut world, live, _) = scene(Spec::coin());
    let items = world.owed_refunds(&live, 0);
    let all = refund(&world, &live, 0, &items);
    let refused = LotteryError::NotVoid;
    world.chain.expect_error(&all, refused);
    world.to_settled(&live);
    world.chain.expect_error(&all, refused);
    world.finalise(&live);
    assert_eq!(world.round(&live).refund_all, 0);
    world.chain.expect_error(&all, refused);
}

#[test]
fn malformed_refunds_are_refused() {
    let (mut world, live, players) = scene(Spec::default());
    world.to_void(&live);
    let item = Item { index: 0, wallet: players[0].wallet };
    let cases = [
        (vec![], LotteryError::ItemsMalformed),
        (vec![Item { index: 15, ..item }], LotteryError::ItemOutOfRange),
        (vec![Item { wallet: players[1].wallet, ..item }], LotteryError::WrongWallet),
        (vec![item, Item { index: 1, wallet: players[1].wallet }], LotteryError::WrongWallet),
    ];
    for (items, error) in cases {
        let bad = refund(&world, &live, 0, &items);
        world.chain.expect_error(&bad, error);
    }
    let mut twice = refund(&world, &live, 0, &[item]);
    let wallet = twice.accounts[3].clone();
    twice.accounts.push(wallet);
    world.chain.expect_error(&twice, LotteryError::DuplicateAccount);
    let mut mixed = refund(&world, &live, 0, &[item]);
    mixed.accounts[2].pubkey = live.page(1);
    // Entry 0 of the other page is another player's.
    world.chain.expect_error(&mixed, LotteryError::WrongWallet);
}

#[test]
fn a_void_round_that_nobody_entered_gives_the_bond_back() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    world.to_void(&live);
    assert_eq!(world.round(&live).slashed_units, BOND);
    world.finalise(&live);
    world.close_all(&live);
    assert_eq!(world.lottery(&game).bond_free_units, game.spec.bond_units);
    assert_eq!(world.lottery(&game).treasury_due_units, 0);
}
