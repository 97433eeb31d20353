//! Pausing: it voids the rounds that still take entries, and nobody can veto one that is locked.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Spec, World, address, ix,
    kinds::{LotteryStatus, RoundStatus, VoidReason},
};

const STAKE: u64 = 1_000_000;

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100 * STAKE);
    world.enter_quick(&live, &player, 0, 5);
    (world, game, live, player)
}

fn pause(world: &World, game: &Game) -> Instruction {
    ix::pause_lottery(game.pauser, game.id, world.lottery(game).next_round_index)
}

#[test]
fn open_rounds_become_void_and_are_refunded_in_full() {
    let (mut world, game, first, player) = scene(Spec::default());
    let second = world.open(&game);
    world.enter_quick(&second, &player, 0, 3);
    let pause = pause(&world, &game);
    world.chain.expect_ok(&pause);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Paused as u8);
    for live in [&first, &second] {
        let round = world.round(live);
        assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, VoidReason::Paused as u8));
        assert_eq!(round.slashed_units, 0, "a pause takes no bond");
        let enter = world.enter_instruction(live, &player, 0, 1, &[]);
        world.chain.expect_error(&enter, LotteryError::RoundNotOpen);
        // Refunds need not wait for the lock.
        world.seal_all(live);
        world.refund_all(live);
        world.finalise(live);
        world.close_all(live);
    }
    assert_eq!(world.balance(&player), 100 * STAKE);
    let lottery = world.lottery(&game);
    assert_eq!((lottery.bond_free_units, lottery.bond_reserved_units), (game.spec.bond_units, 0));
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::activate_lottery(game.operator.owner, game.id)]);
    // None of the two takes entries any more: nothing keeps the next from opening.
    world.open_round(&game);
}

#[test]
fn a_locked_round_is_drawn_and_paid_under_pause() {
    let (mut world, game, live, _) = scene(Spec::coin());
    world.lock(&live);
    let next = world.open(&game);
    let pause = pause(&world, &game);
    world.chain.expect_ok(&pause);
    assert_eq!(world.status(&next), RoundStatus::Void);
    assert_eq!(world.status(&live), RoundStatus::Open, "its result can no longer be vetoed");
    world.to_final(&live);
    world.pay_or_refund_all(&live);
    world.close_all(&live);
}

#[test]
fn other_accounts_are_not_taken_for_the_open_rounds() {
    let (mut world, game, live, _) = scene(Spec::default());
    let second = world.open(&game);
    let other = world.create(Spec::default());
    let other = world.open(&other);
    let good = pause(&world, &game);
    let absent = address::round(&game.key, 7).0;
    for (place, key) in [
        (2, other.key),
        (3, other.key),
        (2, live.key),
        (3, second.key),
        (2, absent),
        (3, absent),
        (2, live.page(0)),
    ] {
        let mut bad = good.clone();
        bad.accounts[place].pubkey = key;
        let refusal = world.chain.expect_refused(&bad);
        let known = refusal.lottery() == Some(LotteryError::WrongRound)
            || matches!(refusal.instruction(), Some(program_tests::InstructionError::Custom(2040)));
        assert!(known, "{}", refusal.describe());
    }
    world.chain.expect_ok(&good);
}

#[test]
fn before_the_first_round_there_is_nothing_to_void() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let pause = pause(&world, &game);
    world.chain.expect_ok(&pause);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Paused as u8);
}

#[test]
fn a_pause_cannot_take_a_jackpot_from_those_who_play_for_it() {
    let spec = Spec { jackpot_units: 50 * STAKE, ..Spec::progressive() };
    let (mut world, game, live, player) = scene(spec);
    let pause = pause(&world, &game);
    world.chain.expect_ok(&pause);
    world.seal_all(&live);
    world.refund_all(&live);
    world.finalise(&live);
    assert_eq!(world.lottery(&game).jackpot_units, 50 * STAKE);
    assert_eq!(world.balance(&player), 100 * STAKE);
}
