//! What the moment of a step, and whoever produces blocks, can and cannot do to a result.

use program_tests::{Live, LotteryError as E, Money, Player, Spec, World};

/// A locked round of 6 of 49 with ten entries.
fn locked() -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100_000_000);
    world.enter_quick(&live, &player, 0, 10);
    world.lock(&live);
    (world, live, player)
}

/// Value and result, once the round is captured, revealed and drawn.
fn drawn(world: &mut World, live: &Live) -> ([u8; 32], [u8; 32]) {
    world.seal_all(live);
    world.capture(live);
    world.reveal(live);
    world.draw(live);
    (world.round(live).value, world.round(live).result)
}

#[test]
fn whenever_a_keeper_acts_the_result_is_the_same() {
    let (world, live, _) = locked();
    let slots = world.round(&live).target_slot - world.chain.slot();
    let mut results = Vec::new();
    for (seconds, late) in [(1, 1), (2, 7), (50, 100), (200, 511)] {
        let mut then = world.clone();
        then.chain.warp(seconds, slots + late);
        if late == 7 {
            // In another order, with pauses.
            then.capture(&live);
            then.chain.warp(30, 50);
            then.seal_all(&live);
            then.reveal(&live);
            then.chain.warp(3_000, 5_000);
            then.draw(&live);
            results.push((then.round(&live).value, then.round(&live).result));
        } else {
            results.push(drawn(&mut then, &live));
        }
    }
    assert!(results.iter().all(|result| *result == results[0]), "a keeper's moment chose");
}

/// The leader of the target slot can skip it. Another hash decides then, so one who also knows the reveal has a choice; but
/// without it nobody can tell which is better, and with it nobody can enter any more.
#[test]
fn a_leader_who_knows_the_reveal_chooses_among_results_but_enters_none() {
    let (world, live, player) = locked();
    let target = world.round(&live).target_slot;
    let slots = target - world.chain.slot();
    let mut values = Vec::new();
    for skip in 0..4 {
        let mut then = world.clone();
        let skipped: Vec<u64> = (target..target + skip).collect();
        then.chain.warp_skipping(5, slots + skip + 1, &skipped);
        let enter = then.enter_instruction(&live, &player, 0, 1, &[]);
        then.chain.expect_error(&enter, E::RoundLocked);
        let (value, _) = drawn(&mut then, &live);
        assert_eq!(then.round(&live).captured_slot, target + skip);
        assert!(!values.contains(&value), "every slot hash gives a value of its own");
        values.push(value);
    }
}

#[test]
fn a_value_that_everybody_sees_coming_is_of_no_use_to_anybody() {
    let (mut world, live, player) = locked();
    let round = world.round(&live);
    world.chain.warp(5, round.target_slot + 1 - world.chain.slot());
    world.capture(&live);
    // The reveal is in a transaction that has not landed yet: entries are over since the lock.
    let enter = world.enter_instruction(&live, &player, 0, 1, &[]);
    world.chain.expect_error(&enter, E::RoundLocked);
    let open = program_tests::ix::open_page(world.cranker, live.game.key, live.key, 1);
    world.chain.expect_error(&open, E::RoundLocked);
    // Landing it first, for the reward, changes nothing but who is paid.
    let mut rival = world.clone();
    rival.cranker = rival.chain.funded("rival", 1_000_000_000);
    assert_eq!(drawn_from_reveal(&mut world, &live), drawn_from_reveal(&mut rival, &live));
}

fn drawn_from_reveal(world: &mut World, live: &Live) -> [u8; 32] {
    world.seal_all(live);
    world.reveal(live);
    world.draw(live);
    world.round(live).result
}
