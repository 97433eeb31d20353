//! Random instructions, good and bad, with a plain model beside the chain. After every step each field of each
//! account is what the model says, and conservation holds.
//!
//! `LOTTERY_SEED` repeats a sequence, `LOTTERY_STEPS` makes it longer.

mod beacon;
mod choose;
mod coverage;
mod crank;
mod end;
mod enter;
mod market;
mod markets;
mod model;
mod money;
mod operator;
mod ops;
mod raffle;
mod reporters;
mod scene;
mod tickets;
mod time;

use std::panic::{AssertUnwindSafe, catch_unwind};

use program_tests::{InstructionError, LotteryError as E, Refusal};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use coverage::Coverage;
use scene::Scene;

/// About 4,000 for each game.
const USUAL_STEPS: u64 = 36_000;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number")),
        Err(_) => default,
    }
}

/// Lets time pass, in which the cluster may restart: mostly little; sometimes past a grace or claim period, or so far that slot hashes are lost.
fn pass_time(random: &mut ChaCha8Rng, scene: &mut Scene) {
    // Past the grace period of a beacon, which is a day.
    if random.random_bool(0.002) {
        scene.world.chain.warp(90_000, 217_000);
        return scene.model.warp(90_000, 217_000, &[]);
    }
    if random.random_bool(0.006) {
        let slot = scene.world.chain.slot();
        scene.world.chain.set_last_restart_slot(slot);
        scene.model.restart_slot = slot;
    }
    let (seconds, slots) = match random.random_range(0..400) {
        0..2 => (4_000, 3_000),
        2..6 => (random.random_range(100..300), random.random_range(400..900)),
        6..60 => (random.random_range(20..90), random.random_range(50..230)),
        _ => (random.random_range(0..9), random.random_range(0..20)),
    };
    let from = scene.world.chain.slot();
    let skipped: Vec<u64> = (from..from + slots).filter(|_| random.random_bool(0.1)).collect();
    scene.world.chain.warp_skipping(seconds, slots, &skipped);
    scene.model.warp(seconds, slots, &skipped);
}

/// Whether the chain refused for the reason that the model gave. Accounts that do not exist, and tokens that are
/// not there, are refused by the framework or the token program.
fn same_reason(refusal: &Refusal, reason: E) -> bool {
    match refusal.lottery() {
        Some(error) => error == reason,
        None => match (refusal.instruction(), reason) {
            (Some(InstructionError::Custom(1)), reason) => reason == E::InsufficientBalance,
            (Some(_), reason) => [E::WrongPage, E::WrongWallet].contains(&reason),
            (None, _) => false,
        },
    }
}

#[test]
fn the_chain_does_what_the_model_says() {
    let seed = setting("LOTTERY_SEED", rand::rng().random());
    let steps = setting("LOTTERY_STEPS", USUAL_STEPS);
    println!("LOTTERY_SEED={seed} LOTTERY_STEPS={steps}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut scene = Scene::new();
    scene.compare();
    let mut coverage = Coverage::default();
    for step in 0..steps {
        if random.random_bool(0.07) {
            pass_time(&mut random, &mut scene);
        }
        let op = choose::choose(&mut random, &scene);
        let instruction = op.instruction(&scene);
        let tag = lottery_interface::tags::name(instruction.data[0]).expect("a known tag");
        let kind = op.game().map_or("wallet", |game| scene.model.games[game].kind_name());
        let mut after = scene.model.clone();
        let said = op.apply(&mut after, &scene);
        let at = || format!("LOTTERY_SEED={seed}, step {step}: {tag}");
        let before = said.is_err().then(|| scene.world.chain.snapshot());
        // A success is followed by the audit: conservation, and what lies behind every balance.
        match (scene.world.chain.send(&instruction), said) {
            (Ok(_), Ok(())) => {
                coverage.done(kind, tag);
                coverage.effects(&op, &scene.model, &after);
                scene.model = after;
                let compared = catch_unwind(AssertUnwindSafe(|| scene.compare()));
                assert!(compared.is_ok(), "{}: chain and model differ", at());
            }
            (Err(refusal), Err(reason)) => {
                assert!(
                    same_reason(&refusal, reason),
                    "{}: model {reason:?}, chain {}",
                    at(),
                    refusal.describe()
                );
                // What was equal before is equal still: the model did not change either.
                let unchanged = before.is_some_and(|before| scene.world.chain.snapshot() == before);
                assert!(unchanged, "{}: refused, but an account changed", at());
                coverage.refused(kind, tag, reason);
            }
            (Ok(_), Err(reason)) => panic!("{}: the model refuses with {reason:?}, the chain accepts", at()),
            (Err(refusal), Ok(())) => {
                panic!(
                    "{}: the model accepts, the chain refuses\n{}\n{:?}",
                    at(),
                    refusal.describe(),
                    refusal.logs
                )
            }
        }
    }
    scene.compare();
    coverage.print();
    if steps >= USUAL_STEPS {
        coverage.check();
    }
}
