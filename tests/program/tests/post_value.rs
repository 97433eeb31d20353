//! The random value: only the committed reveal, only after lock and capture, and only once.

use lottery_rules::{commit_reveal, hash::Software};
use program_tests::{
    Instruction, Live, LotteryError, Money, Spec, World, chain::slot_hash, ix, kinds::RoundStatus,
};

fn scene() -> (World, Live) {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    world.enter_quick(&live, &player, 0, 5);
    (world, live)
}

fn post(world: &World, live: &Live, proof: &[u8]) -> Instruction {
    ix::post_value(world.cranker, live.key, Default::default(), proof)
}

#[test]
fn the_value_mixes_reveal_and_slot_hash() {
    let (mut world, live) = scene();
    world.value(&live);
    let round = world.round(&live);
    let reveal = world.reveal_of(&live);
    assert_eq!(world.status(&live), RoundStatus::Valued);
    assert_eq!(round.reveal, reveal);
    assert_eq!(round.value, commit_reveal::value::<Software>(&reveal, &slot_hash(round.captured_slot)));
}

#[test]
fn a_value_before_lock_or_capture_is_refused() {
    let (mut world, live) = scene();
    let reveal = world.reveal_of(&live);
    let value = post(&world, &live, &reveal);
    world.chain.expect_error(&value, LotteryError::RoundNotLocked);
    world.lock(&live);
    world.chain.expect_error(&value, LotteryError::SlotHashMissing);
    world.reach_target(&live);
    world.chain.expect_error(&value, LotteryError::SlotHashMissing);
    world.capture(&live);
    world.chain.expect_ok(&value);
}

#[test]
fn what_does_not_match_the_commit_is_refused() {
    let (mut world, live) = scene();
    world.reach_target(&live);
    world.capture(&live);
    let reveals = live.game.reveals.clone();
    let good = world.reveal_of(&live);
    let mut wrong = good;
    wrong[31] ^= 1;
    let proofs: [&[u8]; 7] = [
        &wrong,
        &[0; 32],
        // The commit itself, the next link, and other lengths.
        &reveals.commit(),
        &reveals.link(2).unwrap(),
        &[],
        &good[..31],
        &[good.as_slice(), &[0]].concat(),
    ];
    for proof in proofs {
        let value = post(&world, &live, proof);
        world.chain.expect_error(&value, LotteryError::RevealMismatch);
    }
    world.reveal(&live);
}

#[test]
fn a_second_value_is_refused_in_every_later_state() {
    let (mut world, live) = scene();
    let reveal = world.reveal_of(&live);
    let value = post(&world, &live, &reveal);
    world.value(&live);
    let refused = LotteryError::ValueAlreadyPosted;
    world.chain.expect_error(&value, refused);
    world.draw(&live);
    world.chain.expect_error(&value, refused);
    world.settle_all(&live);
    world.finalise(&live);
    world.chain.expect_error(&value, refused);
}

#[test]
fn a_value_after_a_void_is_refused() {
    let (mut world, live) = scene();
    let reveal = world.reveal_of(&live);
    world.to_void(&live);
    let value = post(&world, &live, &reveal);
    world.chain.expect_error(&value, LotteryError::RoundNotOpen);
}

#[test]
fn unrevealed_links_are_stepped_over() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    // Two rounds whose operator is silent, then one that is drawn.
    for _ in 0..2 {
        let live = world.open(&game);
        world.to_void(&live);
        world.finalise(&live);
    }
    let live = world.open(&game);
    let round = world.round(&live);
    assert_eq!((round.commit_distance, round.chain_position), (3, 3));
    assert_eq!(round.commit, game.reveals.commit());
    world.to_final(&live);
    let lottery = world.lottery(&game);
    assert_eq!((lottery.chain_position, lottery.chain_head), (3, game.reveals.link(3).unwrap()));
    let next = world.open(&game);
    assert_eq!((world.round(&next).commit_distance, world.round(&next).chain_position), (1, 4));
}

#[test]
fn rounds_revealed_out_of_order_are_both_drawn() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let first = world.open(&game);
    let second = world.open(&game);
    world.reach_target(&first);
    world.capture(&first);
    world.to_final(&second);
    assert_eq!(world.lottery(&game).chain_position, 2);
    world.seal_all(&first);
    world.reveal(&first);
    world.draw(&first);
    world.finalise(&first);
    // The later link stays the head.
    let lottery = world.lottery(&game);
    assert_eq!((lottery.chain_position, lottery.chain_head), (2, game.reveals.link(2).unwrap()));
}
