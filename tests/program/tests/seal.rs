//! Sealing: after lock, strictly by sequence; who seals and when changes nothing.

use lottery_rules::{hash::Software, seed};
use program_tests::{Live, LotteryError, Money, Player, Spec, World, ix, kinds::PageStatus, replay};

/// A round with two pages, 15 entries on the first and 7 on the second.
fn scene() -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(Spec::default().pages(20, 2));
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    world.enter_quick(&live, &player, 0, 15);
    world.open_page(&live);
    world.enter_quick(&live, &player, 1, 7);
    (world, live, player)
}

fn seal(world: &World, live: &Live, sequence: u32) -> program_tests::Instruction {
    ix::seal_page(world.cranker, live.key, sequence)
}

#[test]
fn sealing_folds_cash_and_digest_into_the_round() {
    let (mut world, live, _) = scene();
    world.lock(&live);
    let mut digest = [0; 32];
    for (sequence, groups) in [(0, [15]), (1, [7])] {
        let page = replay::page_digest(&world.entries(&live, sequence), &groups);
        digest = seed::fold_page::<Software>(&digest, &page, sequence, groups[0]);
    }
    world.seal_all(&live);
    let round = world.round(&live);
    assert_eq!((round.entries, round.pool_units, round.cash_units), (22, 22_000_000, 22_000_000));
    assert_eq!(round.sealed_digest, digest);
    assert_eq!(round.pages_sealed, 2);
    assert_eq!(world.page(&live, 0).cash_units, 0);
    assert_eq!(world.page(&live, 1).status, PageStatus::Sealed as u8);
}

#[test]
fn a_round_that_takes_entries_is_not_sealed() {
    let (mut world, live, _) = scene();
    let first = seal(&world, &live, 0);
    world.chain.expect_error(&first, LotteryError::RoundNotLocked);
    let seconds = world.round(&live).locks_at - world.chain.now();
    world.chain.warp(seconds - 1, 0);
    world.chain.expect_error(&first, LotteryError::RoundNotLocked);
    world.chain.warp(1, 0);
    world.chain.expect_ok(&first);
}

#[test]
fn pages_are_sealed_once_and_in_order() {
    let (mut world, live, _) = scene();
    world.lock(&live);
    let (first, second) = (seal(&world, &live, 0), seal(&world, &live, 1));
    world.chain.expect_error(&second, LotteryError::WrongPage);
    world.chain.expect_ok(&first);
    world.chain.expect_error(&first, LotteryError::PageAlreadySealed);
    world.chain.expect_ok(&second);
    world.chain.expect_error(&second, LotteryError::PageAlreadySealed);
}

#[test]
fn a_page_of_another_round_is_not_sealed_into_this_one() {
    let (mut world, live, _) = scene();
    let other = world.create(Spec::default());
    let other = world.open(&other);
    world.lock(&live);
    let mut mixed = seal(&world, &live, 0);
    mixed.accounts[2].pubkey = other.page(0);
    world.chain.expect_error(&mixed, LotteryError::WrongPage);
}

#[test]
fn when_pages_are_sealed_does_not_change_the_seed() {
    let (mut early, live, _) = scene();
    let mut late = early.clone();
    early.reach_target(&live);
    early.seal_all(&live);
    early.capture(&live);
    early.reveal(&live);
    early.draw(&live);
    late.reach_target(&live);
    late.capture(&live);
    late.reveal(&live);
    late.chain.warp(300, 700);
    late.seal_all(&live);
    late.draw(&live);
    assert_eq!(early.round(&live).seed, late.round(&live).seed);
    assert_eq!(early.round(&live).result, late.round(&live).result);
}

#[test]
fn an_empty_page_is_settled_when_it_is_sealed() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    world.lock(&live);
    world.seal_all(&live);
    assert_eq!(world.page(&live, 0).status, PageStatus::Settled as u8);
    assert_eq!(world.round(&live).pages_settled, 1);
}
