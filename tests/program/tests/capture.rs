//! Capturing the slot hash: of the first produced slot at or after the target, whoever captures and whenever.

use program_tests::{
    InstructionError, Live, LotteryError, Spec, World, address, chain::slot_hash, ix, kinds::Source,
};

fn scene() -> (World, Live) {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    (world, live)
}

/// Warps to `slot`, skipping the slots of `skipped`.
fn to_slot(world: &mut World, slot: u64, skipped: &[u64]) {
    let slots = slot - world.chain.slot();
    world.chain.warp_skipping(slots as i64 / 2, slots, skipped);
}

#[track_caller]
fn captured(world: &mut World, live: &Live, slot: u64) {
    world.capture(live);
    let round = world.round(live);
    assert_eq!((round.captured_slot, round.slot_hash), (slot, slot_hash(slot)));
}

#[test]
fn the_target_itself_is_captured_when_it_was_produced() {
    let (mut world, live) = scene();
    let target = world.round(&live).target_slot;
    to_slot(&mut world, target + 1, &[]);
    captured(&mut world.clone(), &live, target);
    // Later it is the same.
    to_slot(&mut world, target + 400, &[]);
    captured(&mut world, &live, target);
}

#[test]
fn a_skipped_target_gives_the_next_produced_slot() {
    let (mut world, live) = scene();
    let target = world.round(&live).target_slot;
    to_slot(&mut world, target + 3, &[target - 1, target, target + 1]);
    captured(&mut world.clone(), &live, target + 2);
    to_slot(&mut world, target + 300, &[]);
    captured(&mut world, &live, target + 2);
}

#[test]
fn a_target_that_is_not_reached_is_refused() {
    let (mut world, live) = scene();
    let capture = ix::capture(world.cranker, live.key);
    let target = world.round(&live).target_slot;
    world.chain.expect_error(&capture, LotteryError::SlotNotReached);
    to_slot(&mut world, target, &[]);
    world.chain.expect_error(&capture, LotteryError::SlotNotReached);
    // The target's slot is over, but nothing was produced since.
    to_slot(&mut world, target + 2, &[target, target + 1]);
    world.chain.expect_error(&capture, LotteryError::SlotNotReached);
    to_slot(&mut world, target + 3, &[]);
    captured(&mut world, &live, target + 2);
}

#[test]
fn a_hash_that_is_no_longer_known_is_lost() {
    let (mut world, live) = scene();
    let target = world.round(&live).target_slot;
    let capture = ix::capture(world.cranker, live.key);
    // The oldest of the 512 remembered slots is the target: just in time.
    to_slot(&mut world, target + 512, &[]);
    captured(&mut world.clone(), &live, target);
    to_slot(&mut world, target + 513, &[]);
    world.chain.expect_error(&capture, LotteryError::SlotHashLost);
    to_slot(&mut world, target + 5_000, &[]);
    world.chain.expect_error(&capture, LotteryError::SlotHashLost);
}

#[test]
fn skipped_slots_keep_a_hash_known_for_longer() {
    let (mut world, live) = scene();
    let target = world.round(&live).target_slot;
    let skipped: Vec<u64> = (target + 1..target + 101).collect();
    to_slot(&mut world, target + 612, &skipped);
    captured(&mut world.clone(), &live, target);
    to_slot(&mut world, target + 613, &[]);
    world.chain.expect_error(&[ix::capture(world.cranker, live.key)], LotteryError::SlotHashLost);
}

#[test]
fn a_hash_is_captured_once_and_never_after_the_value() {
    let (mut world, live) = scene();
    world.reach_target(&live);
    world.capture(&live);
    let capture = ix::capture(world.cranker, live.key);
    world.chain.expect_error(&capture, LotteryError::SlotHashAlreadyCaptured);
    world.reveal(&live);
    world.chain.expect_error(&capture, LotteryError::RoundNotOpen);
}

#[test]
fn a_void_round_is_not_captured() {
    let (mut world, live) = scene();
    world.to_void(&live);
    world.chain.expect_error(&[ix::capture(world.cranker, live.key)], LotteryError::RoundNotOpen);
}

#[test]
fn another_account_is_not_taken_for_the_slot_hashes() {
    let (mut world, live) = scene();
    world.reach_target(&live);
    let forged = world.chain.key("slot hashes");
    world.chain.forge(address::SLOT_HASHES, forged, address::SYSTEM_PROGRAM, |data| data[16..48].fill(1));
    let mut capture = ix::capture(world.cranker, live.key);
    capture.accounts[2].pubkey = forged;
    world.chain.expect_error(&capture, LotteryError::WrongSysvar);
    let mut void = world.void_instruction(&live);
    void.accounts[3].pubkey = forged;
    world.chain.expect_error(&void, LotteryError::WrongSysvar);
}

#[test]
fn a_round_of_another_source_takes_neither_slot_hash_nor_reveal() {
    let (mut world, live) = scene();
    world.reach_target(&live);
    let reveal = world.reveal_of(&live);
    let source = 8 + std::mem::offset_of!(program_tests::accounts::Round, source);
    let capture = ix::capture(world.cranker, live.key);
    let value = ix::post_value(world.cranker, live.key, Default::default(), &reveal);
    for other in [Source::Beacon, Source::Switchboard, Source::Oracle] {
        world.chain.forge(live.key, live.key, address::PROGRAM_ID, |data| data[source] = other as u8);
        world.chain.expect_error(&capture, LotteryError::NotCommitReveal);
        match other {
            // The zero address, which this round has for its beacon, is the system program's.
            Source::Beacon => world.chain.expect_instruction_error(&value, InstructionError::IllegalOwner),
            _ => world.chain.expect_error(&value, LotteryError::SourceNotAllowed),
        }
    }
}
