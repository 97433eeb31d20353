//! Markets without a result: silence, attestations that cannot agree, and pauses.

use program_tests::{
    Game, Live, LotteryError, Money, Player, Spec, World, ix,
    kinds::{RoundStatus, VoidReason},
    market::{parimutuel, pro_rata},
};

pub const BALANCE: u64 = 1_000_000;

pub fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, BALANCE);
    world.bet(&live, &player, 0, &[(10_000, 0), (20_001, 1), (5_000, 0)]);
    (world, game, live, player)
}

/// Voids, and checks that every stake comes back: no fee, no bond to slash, nothing left.
#[track_caller]
fn is_voided(world: &mut World, live: &Live, player: &Player, reason: VoidReason) {
    let void = world.void_instruction(live);
    world.chain.expect_ok(&void);
    let round = world.round(live);
    assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, reason as u8));
    assert_eq!((round.slashed_units, round.fee_units, round.value), (0, 0, [0; 32]));
    world.chain.expect_error(&void, LotteryError::RoundNotOpen);
    world.seal_all(live);
    world.refund_all(live);
    assert_eq!(world.balance(player), BALANCE);
    world.finalise(live);
    world.close_all(live);
    let lottery = world.lottery(&live.game);
    assert_eq!((lottery.fees_units, lottery.treasury_due_units, lottery.next_final_index), (0, 0, 1));
}

#[test]
fn silence_voids_after_grace_in_seconds_counted_from_the_event() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).event_delay(1_000));
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::RoundNotLocked);
    world.lock(&live);
    // All slots are long past.
    world.chain.warp(0, 1_000_000);
    let grace_until = world.round(&live).event_at + 120;
    assert_eq!(grace_until, world.round(&live).locks_at + 1_120);
    // Grace counted from the lock would be over.
    world.chain.warp(world.round(&live).locks_at + 120 - world.chain.now(), 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(grace_until - 1 - world.chain.now(), 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(1, 0);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn silence_voids_after_grace_in_slots_counted_from_the_event() {
    let (mut world, _, live, player) = scene(Spec::market(parimutuel()).event_delay(1_000));
    let void = world.void_instruction(&live);
    let round = world.round(&live);
    // A cluster whose clock runs ahead of its slots.
    world.chain.warp(1_000_000, 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    assert_eq!(round.target_slot, round.lock_slot + 2_500, "slots of 400 ms until the event");
    world.chain.warp(0, round.target_slot + 299 - world.chain.slot());
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(0, 1);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn attestations_short_of_a_quorum_do_not_keep_a_round_from_being_voided() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(5, 3));
    world.reach_event(&live);
    world.attest(&live, 0, &[7]);
    world.attest(&live, 1, &[7]);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.pass_grace(&live);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn a_late_quorum_still_decides_while_nobody_voided() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    world.reach_event(&live);
    world.pass_grace(&live);
    world.chain.warp(10_000, 25_000);
    world.seal_all(&live);
    world.decide(&live, &[7]);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::ValueAlreadyPosted);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    world.chain.expect_error(&void, LotteryError::ValueAlreadyPosted);
}

/// Reporters attest one after the other; the round may be voided after the last of them, and not before.
#[track_caller]
fn splits(count: u8, quorum: u8, facts: &[i64]) {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(count, quorum));
    world.reach_event(&live);
    let void = world.void_instruction(&live);
    for (reporter, fact) in facts.iter().enumerate() {
        // What is missing could still agree with somebody.
        world.chain.expect_error(&void, LotteryError::GraceNotOver);
        world.attest(&live, reporter as u8, &[*fact]);
    }
    assert_eq!(world.status(&live), RoundStatus::Open);
    is_voided(&mut world, &live, &player, VoidReason::NoQuorum);
}

#[test]
fn no_quorum_voids_at_once_and_not_before_it_is_certain() {
    splits(2, 2, &[1, 2]);
    splits(3, 2, &[1, 2, 3]);
    splits(3, 3, &[1, 2]);
    splits(4, 3, &[1, 2, 1, 2]);
    splits(5, 3, &[1, 2, 3, 4]);
    splits(5, 3, &[1, 2, 1, 2, 3]);
    splits(5, 4, &[1, 1, 2, 2]);
    // N - M + 1 of them alone.
    splits(16, 16, &[1, 2]);
    splits(16, 9, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    splits(16, 9, &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
}

#[test]
fn equal_outcomes_of_different_facts_split_too() {
    // All odd, but no two saw the same.
    splits(3, 2, &[1, 3, 5]);
}

#[test]
fn a_split_that_was_not_voided_waits_for_no_clock() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(3, 3));
    world.reach_event(&live);
    world.attest(&live, 2, &[1]);
    world.attest(&live, 0, &[2]);
    // The third may still say what it saw; it changes nothing.
    world.attest(&live, 1, &[2]);
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.pass_grace(&live);
    is_voided(&mut world, &live, &player, VoidReason::NoQuorum);
}

#[test]
fn a_pause_voids_markets_that_take_bets_and_refunds_them() {
    let (mut world, game, live, player) = scene(Spec::market(pro_rata()));
    world.chain.expect_ok(&ix::pause_lottery(game.pauser, game.id, 1));
    let round = world.round(&live);
    assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, VoidReason::Paused as u8));
    world.seal_all(&live);
    world.refund_all(&live);
    assert_eq!(world.balance(&player), BALANCE);
    world.finalise(&live);
    world.close_all(&live);
}

#[test]
fn a_locked_market_is_decided_under_pause() {
    let (mut world, game, live, _) = scene(Spec::market(pro_rata()));
    world.lock(&live);
    world.chain.expect_ok(&ix::pause_lottery(game.pauser, game.id, 1));
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
    world.close_all(&live);
}

#[test]
fn a_paused_registry_does_not_hold_up_reporters() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    world.set_registry_paused(true);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
}

#[test]
fn a_market_retires_with_its_last_round() {
    let (mut world, game, live, _) = scene(Spec::market(pro_rata()));
    world.chain.expect_ok(&ix::retire_lottery(game.operator.owner, game.id));
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::Retiring);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
    world.close_all(&live);
    let lottery = world.lottery(&game);
    assert_eq!(lottery.status, program_tests::kinds::LotteryStatus::Completed as u8);
}
