//! Raffles at random: a list with weights on three pages, and whoever comes first on two. Good and bad instructions from the first
//! entry to the last place, with a plain model beside the chain: each refusal by name, and after every step entries, attempts,
//! places and money as the model says. `LOTTERY_SEED` repeats a sequence, `LOTTERY_STEPS` changes its length.

mod choose;
mod model;
mod stage;

use std::collections::BTreeMap;

use program_tests::{LotteryError as E, World, ix, kinds::RoundStatus, raffle::CONFIRM_SECONDS};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use model::PAGE;
use stage::Stage;

/// What must have happened, and every refusal by name.
const REFUSALS: [E; 23] = [
    E::ProofInvalid,
    E::LeafWrongPage,
    E::LeafUsed,
    E::PageFull,
    E::AlreadyRanked,
    E::RankingSizeReached,
    E::ZeroAmount,
    E::PageAlreadyCounted,
    E::ThresholdTooHigh,
    E::ThresholdTooLow,
    E::PagesNotCounted,
    E::WrongRanking,
    E::RankUnknown,
    E::OrderWrong,
    E::NotRanked,
    E::ConfirmTooLate,
    E::PlaceTaken,
    E::PlaceNotOffered,
    E::NothingToResolve,
    E::PromotionOutOfOrder,
    E::HasPlace,
    E::AlreadyRefunded,
    E::RankingInUse,
];

#[test]
fn raffles_do_what_their_model_says() {
    let seed = super::setting("LOTTERY_SEED", rand::rng().random());
    let steps = super::setting("LOTTERY_STEPS", 12_000);
    println!("LOTTERY_SEED={seed} LOTTERY_STEPS={steps}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World::new();
    let mut stages = [Stage::new(&mut world, true), Stage::new(&mut world, false)];
    let mut refusals: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut rounds, mut promoted, mut released) = (0, 0, 0);
    for step in 0..steps {
        let stage = &mut stages[random.random_range(0..2)];
        if stage.model.status == RoundStatus::Final && random.random_bool(0.04) {
            world.chain.warp(random.random_range(1..CONFIRM_SECONDS as i64 * 3 / 2), 100);
        }
        let is_open = stage.model.status == RoundStatus::Open;
        if stage.may_move_on() && random.random_bool(if is_open { 0.04 } else { 0.2 }) {
            rounds += !is_open as u64;
            promoted += stage.model.promoted as u64;
            released += stage.model.pages.iter().flatten().filter(|entry| entry.tier == 3).count();
            stage.move_on(&mut world);
            stage.compare(&world);
            continue;
        }
        let open = stage.model.pages.len();
        // Other raffles let time pass; a round of this one takes entries only before its lock.
        let round = world.round(&stage.live);
        if is_open && (world.chain.now() >= round.locks_at || world.chain.slot() >= round.lock_slot) {
            match stage.model.count() {
                0 => {
                    let retime = ix::retime_round(
                        world.cranker,
                        stage.live.game.key,
                        stage.live.config,
                        stage.live.key,
                        open as u32,
                    );
                    world.chain.expect_ok(&retime);
                }
                _ => stage.move_on(&mut world),
            }
            stage.compare(&world);
            continue;
        }
        if is_open && open < 2 && stage.model.pages[open - 1].len() as u32 == PAGE {
            world.open_page(&stage.live);
            stage.note_pages(&world);
        }
        let op = stage.choose(&mut random);
        let instruction = stage.instruction(&world, &op);
        let mut after = stage.model.clone();
        let said = after.apply(&op, world.chain.now());
        let before = world.chain.snapshot();
        let at = || format!("LOTTERY_SEED={seed}, step {step}: {op:?}");
        match (world.chain.send(&instruction), said) {
            (Ok(_), Ok(())) => stage.model = after,
            (Err(refusal), Err(reason)) => {
                assert_eq!(refusal.lottery(), Some(reason), "{}: {}", at(), refusal.describe());
                assert!(world.chain.snapshot() == before, "{}: refused, but an account changed", at());
                *refusals.entry(reason.name()).or_default() += 1;
            }
            (Ok(_), Err(reason)) => panic!("{}: the model refuses with {reason:?}", at()),
            (Err(refusal), Ok(())) => panic!("{}: refused: {}", at(), refusal.describe()),
        }
        stage.compare(&world);
    }
    println!("{rounds} rounds, {promoted} promoted, {released} in vain; refused: {refusals:?}");
    if steps >= 12_000 {
        assert!(rounds >= 10 && promoted >= 5 && released >= 1);
        for error in REFUSALS {
            assert!(refusals.contains_key(error.name()), "never {}", error.name());
        }
    }
}
