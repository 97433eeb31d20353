//! Chain time against the beacon's: behind, halted and ahead. Whatever the clock does, a value that could be known while
//! entries were taken never decides, and every stake comes back.

use program_tests::{
    Live, LotteryError as E, Spec, World,
    beacon::{SCHEDULE, own_address, own_proof},
    ix,
    kinds::Kind,
};

use super::scene::Scene;

const DAY: i64 = 86_400;

#[test]
fn a_value_before_the_lock_is_refused_until_the_clock_says_so() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.post_refused(&live, E::RoundNotLocked);
    let round = scene.world.round(&live);
    scene.world.chain.warp(round.locks_at - 1 - scene.world.chain.now(), 1);
    scene.post_refused(&live, E::RoundNotLocked);
    // Locked by its slot; by the clock not yet.
    scene.world.chain.warp(0, round.lock_slot - scene.world.chain.slot());
    scene.post_refused(&live, E::RoundNotLocked);
    let enter = scene.world.enter_instruction(&live, &scene.player, 0, 1, &[]);
    scene.world.chain.expect_error(&enter, E::RoundLocked);
    scene.world.chain.warp(1, 1);
    scene.draws(&live);
}

#[test]
fn a_clock_that_is_behind_voids_by_the_deciding_round_or_any_later() {
    for later in [0, 1, 20, 1_000_000] {
        let mut scene = Scene::new();
        let live = scene.open();
        let target = scene.target(&live);
        for before in [1, target - 1] {
            scene.prove_refused(&live, before, E::BeaconRoundBefore);
        }
        let lamports = scene.world.chain.lamports(scene.world.cranker);
        scene.prove(&live, target + later);
        let earned = scene.world.chain.lamports(scene.world.cranker) - lamports;
        assert_eq!(earned, scene.game.spec.limits.reward_step_lamports as u64, "paid as any step");
        scene.prove_refused(&live, target + later, E::RoundNotOpen);
        scene.void_refused(&live, E::RoundNotOpen);
        scene.refunds_all(&live);
        // The next round has its own.
        let next = scene.open();
        assert!(scene.target(&next) > target);
        scene.world.lock(&next);
        scene.draws(&next);
    }
}

#[test]
fn the_lock_parts_void_from_value_to_the_second() {
    let mut scene = Scene::new();
    let live = scene.open();
    let (target, locks_at) = (scene.target(&live), scene.world.round(&live).locks_at);
    scene.world.chain.warp(locks_at - 1 - scene.world.chain.now(), 3);
    let last_second = scene.world.clone();
    scene.post_refused(&live, E::RoundNotLocked);
    scene.world.chain.warp(1, 1);
    scene.prove_refused(&live, target, E::NotEarly);
    scene.draws(&live);

    scene.world = last_second;
    scene.prove(&live, target);
    scene.world.chain.warp(1, 1);
    scene.post_refused(&live, E::RoundNotOpen);
    scene.refunds_all(&live);
}

#[test]
fn a_clock_that_stands_still_voids_before_and_after_the_lock_slot() {
    for slots in [1, 10_000] {
        let mut scene = Scene::new();
        let live = scene.open();
        scene.world.chain.warp(0, slots);
        scene.post_refused(&live, E::RoundNotLocked);
        scene.prove(&live, scene.target(&live));
        // Seconds do not pass; refunds need none.
        scene.refunds_all(&live);
    }
}

/// While the clock stands still no grace passes, so without the beacon a round is not void: it waits.
#[test]
fn a_clock_that_stands_still_does_not_void_by_slots_alone() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.chain.warp(0, 300_000);
    scene.void_refused(&live, E::GraceNotOver);
    scene.post_refused(&live, E::RoundNotLocked);
    let locks_at = scene.world.round(&live).locks_at;
    scene.world.chain.warp(locks_at - scene.world.chain.now(), 1);
    scene.draws(&live);
}

#[test]
fn a_clock_that_runs_ahead_locks_and_then_waits_for_the_value() {
    let mut scene = Scene::new();
    let live = scene.open();
    let target = scene.target(&live);
    // An hour too far: the signature is still to come, and nothing else can happen meanwhile.
    scene.world.chain.warp(3_600, 1);
    assert!(scene.world.chain.now() > SCHEDULE.signed_at(target).expect("in range"));
    scene.prove_refused(&live, target, E::NotEarly);
    scene.prove_refused(&live, target + 100_000, E::NotEarly);
    scene.void_refused(&live, E::GraceNotOver);
    // A day too far is not enough to void either: slots must pass too.
    scene.world.chain.warp(2 * DAY, 1);
    scene.void_refused(&live, E::GraceNotOver);
    scene.draws(&live);
}

#[test]
fn no_later_state_is_proven_early() {
    let mut scene = Scene::new();
    let live = scene.open();
    let target = scene.target(&live);
    scene.world.lock(&live);
    scene.world.post_signature(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
    scene.world.seal_all(&live);
    scene.world.draw(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
    scene.world.settle_all(&live);
    scene.world.finalise(&live);
    scene.prove_refused(&live, target, E::RoundNotOpen);
}

#[test]
fn a_round_of_another_source_has_nothing_to_prove() {
    let mut world = World::new();
    world.add_own_beacon();
    let game = world.create(Spec::coin());
    let live = world.open(&game);
    let prove = world.prove_early_instruction(&live, 1_000);
    world.chain.expect_error(&prove, E::NotBeacon);
    // Nor does a restart void it.
    world.chain.set_last_restart_slot(world.chain.slot());
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, E::RoundNotLocked);
}

#[test]
fn early_rounds_of_a_rollover_lottery_count_in_their_turn_and_keep_the_jackpot() {
    let spec = Spec { jackpot_units: 5_000_000, ..Spec::progressive() };
    let mut scene = Scene::of(spec);
    let first = scene.open();
    scene.world.lock(&first);
    let second = scene.open();
    scene.prove(&second, scene.target(&second));
    scene.world.seal_all(&second);
    let finalise = scene.world.finalise_instruction(&second);
    scene.world.chain.expect_error(&finalise, E::FinaliseOutOfOrder);
    scene.world.post_signature(&first);
    scene.world.seal_all(&first);
    scene.world.draw(&first);
    scene.world.settle_all(&first);
    scene.world.finalise(&first);
    let jackpot = scene.world.lottery(&scene.game).jackpot_units;
    scene.world.finalise(&second);
    assert_eq!(scene.world.lottery(&scene.game).jackpot_units, jackpot, "a void round moves no jackpot");
    scene.world.refund_all(&second);
    scene.world.close_all(&second);
}

#[test]
fn the_target_is_the_first_round_signed_after_the_margin() {
    for margin in [30, 31, 32, 33, 100, 86_400] {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.add_own_beacon();
        let mut spec = Spec::coin().beacon();
        spec.config.beacon_margin_seconds = margin;
        let game = world.create(spec);
        for wait in 0..4 {
            world.chain.warp(wait, 1);
            let live = world.open(&game);
            let round = world.round(&live);
            let from = round.locks_at + margin as i64;
            let signed_at = SCHEDULE.signed_at(round.beacon_round).expect("in range");
            assert!((from..from + 3).contains(&signed_at), "margin {margin}: {} s after", signed_at - from);
            assert_eq!(round.beacon, own_address().to_bytes());
            world.lock(&live);
        }
    }
}

#[test]
fn a_stale_proof_of_another_round_of_the_lottery_decides_nothing() {
    let mut scene = Scene::new();
    let first = scene.open();
    scene.world.lock(&first);
    let second = scene.open();
    scene.world.lock(&second);
    let (one, two) = (own_proof(scene.target(&first)), own_proof(scene.target(&second)));
    let cranker = scene.world.cranker;
    let post = |live: &Live, proof: &[u8]| ix::post_value(cranker, live.key, own_address(), proof);
    scene.world.chain.expect_error(&post(&first, &two), E::BeaconWrongWitness);
    scene.world.chain.expect_error(&post(&second, &one), E::BeaconWrongWitness);
    scene.world.chain.expect_ok(&post(&second, &two));
    scene.world.chain.expect_ok(&post(&first, &one));
    assert_ne!(scene.world.round(&first).value, scene.world.round(&second).value);
}
