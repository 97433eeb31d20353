//! What ends without a value: restarts of the cluster, pauses, and a beacon that is silent.

use program_tests::{
    LotteryError as E, ix,
    kinds::{LotteryStatus, VoidReason},
};

use super::scene::Scene;

const DAY: i64 = 86_400;

#[test]
fn a_restart_voids_an_open_round_at_once_and_a_locked_one_before_its_value() {
    for locked in [false, true] {
        let mut scene = Scene::new();
        let live = scene.open();
        let opened_slot = scene.world.round(&live).opened_slot;
        if locked {
            scene.world.lock(&live);
        } else {
            scene.world.chain.warp(2, 5);
        }
        // A restart before it opened is none of its business.
        scene.world.chain.set_last_restart_slot(opened_slot - 1);
        scene.void_refused(&live, if locked { E::GraceNotOver } else { E::RoundNotLocked });
        for slot in [opened_slot, opened_slot + 1, scene.world.chain.slot()] {
            scene.world.chain.set_last_restart_slot(slot);
            if locked {
                scene.post_refused(&live, E::ClusterRestarted);
            }
            let mut branch = scene.clone();
            branch.void(&live, VoidReason::ClusterRestarted);
            branch.void_refused(&live, E::RoundNotOpen);
            branch.refunds_all(&live);
        }
        // It may also be proven early, as any other.
        if !locked {
            scene.prove(&live, scene.target(&live));
            scene.refunds_all(&live);
        }
    }
}

#[test]
fn a_round_that_has_its_value_survives_a_restart() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.lock(&live);
    scene.world.post_signature(&live);
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.void_refused(&live, E::ValueAlreadyPosted);
    scene.world.seal_all(&live);
    scene.world.draw(&live);
    scene.world.settle_all(&live);
    scene.world.finalise(&live);
    scene.world.pay_or_refund_all(&live);
    scene.world.close_all(&live);
}

#[test]
fn rounds_opened_after_a_restart_are_drawn() {
    let mut scene = Scene::new();
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.world.chain.warp(1, 1);
    let live = scene.open();
    scene.world.lock(&live);
    scene.draws(&live);
    // A round that was re-timed is as old as when it opened: the restart may have come between.
    let live = scene.world.open(&scene.game);
    scene.world.lock(&live);
    scene.world.chain.set_last_restart_slot(scene.world.chain.slot());
    scene.world.chain.warp(1, 1);
    let retime = ix::retime_round(scene.world.cranker, scene.game.key, live.config, live.key, 1);
    scene.world.chain.expect_ok(&retime);
    scene.void(&live, VoidReason::ClusterRestarted);
}

#[test]
fn a_paused_lottery_voids_its_open_rounds_and_draws_its_locked_ones() {
    let mut scene = Scene::new();
    let locked = scene.open();
    scene.world.lock(&locked);
    let open = scene.open();
    let next = scene.world.lottery(&scene.game).next_round_index;
    scene.world.chain.expect_ok(&ix::pause_lottery(scene.game.pauser, scene.game.id, next));
    assert_eq!(scene.world.lottery(&scene.game).status, LotteryStatus::Paused as u8);
    scene.is_void(&open, VoidReason::Paused);
    scene.prove_refused(&open, scene.target(&open), E::RoundNotOpen);
    scene.draws(&locked);
    scene.world.seal_all(&open);
    scene.world.finalise(&open);
    scene.world.refund_all(&open);
    scene.world.close_all(&open);
}

#[test]
fn a_silent_beacon_ends_in_refunds_after_a_day_in_seconds_and_in_slots() {
    let mut scene = Scene::new();
    let live = scene.open();
    scene.world.lock(&live);
    let round = scene.world.round(&live);
    let day = DAY - (scene.world.chain.now() - round.locks_at);
    let slots = round.target_slot + 216_000 - scene.world.chain.slot();
    let locked = scene.world.clone();
    for (seconds, slots, error) in [(day - 1, slots, true), (day, slots - 1, true), (day, slots, false)] {
        scene.world = locked.clone();
        scene.world.chain.warp(seconds, slots);
        match error {
            true => scene.void_refused(&live, E::GraceNotOver),
            false => scene.void(&live, VoidReason::GraceExpired),
        }
    }
    scene.refunds_all(&live);
    // A value that comes after grace, but before anybody voided, still decides.
    scene.world = locked;
    scene.world.chain.warp(10 * day, 10 * slots);
    scene.draws(&live);
}
