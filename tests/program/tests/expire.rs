//! Expiry: what nobody could be credited within the claim period goes where creation said.

use program_tests::{Instruction, Live, LotteryError, Money, Player, Spec, World, ix};

const STAKE: u64 = 1_000_000;

fn expire(world: &World, live: &Live) -> Instruction {
    ix::expire_round(world.cranker, live.game.key, live.key)
}

/// A final coin round with one winner each of two players, neither paid yet.
fn scene(rollover: bool) -> (World, Live, [Player; 2]) {
    let mut world = World::new();
    let mut spec = Spec::coin();
    spec.rules.draw_mut().rollover = rollover as u8;
    let game = world.create(spec);
    let live = world.open(&game);
    let players = [world.player(Money::Sol, 100 * STAKE), world.player(Money::Sol, 100 * STAKE)];
    for player in &players {
        world.enter(&live, player, 0, &[&[1], &[2]]);
    }
    world.to_final(&live);
    (world, live, players)
}

fn pass_claim(world: &mut World, live: &Live) {
    let until = world.round(live).claim_until;
    world.chain.warp(until - world.chain.now(), 1_000);
}

#[test]
fn nothing_expires_before_the_claim_period_is_over() {
    let (mut world, live, _) = scene(false);
    let expire = expire(&world, &live);
    world.chain.expect_error(&expire, LotteryError::ClaimPeriodOpen);
    let until = world.round(&live).claim_until;
    world.chain.warp(until - world.chain.now() - 1, 1_000);
    world.chain.expect_error(&expire, LotteryError::ClaimPeriodOpen);
    world.chain.warp(1, 1);
    world.chain.expect_ok(&expire);
    world.chain.expect_error(&expire, LotteryError::NothingToPay);
}

#[test]
fn unclaimed_prizes_go_to_the_treasury_or_the_jackpot() {
    for rollover in [false, true] {
        let (mut world, live, players) = scene(rollover);
        // One winner is paid, the other's prize stays.
        let items = world.owed_prizes(&live, 0);
        let pay = ix::pay(world.cranker, live.key, 0, &items[..1]);
        world.chain.expect_ok(&pay);
        let left = world.round(&live).cash_units;
        assert_eq!(left, 1_900_000);
        pass_claim(&mut world, &live);
        let before = world.lottery(&live.game);
        let over = expire(&world, &live);
        world.chain.expect_ok(&over);
        let lottery = world.lottery(&live.game);
        let to = (
            lottery.jackpot_units - before.jackpot_units,
            lottery.treasury_due_units - before.treasury_due_units,
        );
        assert_eq!(to, if rollover { (left, 0) } else { (0, left) });
        assert_eq!(world.round(&live).cash_units, 0);
        // Too late for the other.
        let late = ix::pay(world.cranker, live.key, 0, &items[1..]);
        world.chain.expect_error(&late, LotteryError::NothingToPay);
        world.close_all(&live);
        assert!(players.iter().any(|player| world.balance(player) == 98 * STAKE));
    }
}

#[test]
fn unclaimed_refunds_go_to_the_treasury() {
    let mut world = World::new();
    let game = world.create(Spec::progressive());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100 * STAKE);
    world.enter_quick(&live, &player, 0, 10);
    let bond = world.round(&live).bond_units;
    world.to_void(&live);
    let over = expire(&world, &live);
    world.chain.expect_error(&over, LotteryError::NotFinal);
    world.finalise(&live);
    world.chain.expect_error(&over, LotteryError::ClaimPeriodOpen);
    pass_claim(&mut world, &live);
    world.chain.expect_ok(&over);
    assert_eq!(world.lottery(&game).treasury_due_units, 10 * STAKE + bond);
    assert_eq!(world.lottery(&game).jackpot_units, 0);
    let items = world.owed_refunds(&live, 0);
    let late = ix::refund(world.cranker, live.key, 0, &items);
    world.chain.expect_error(&late, LotteryError::NothingToPay);
    world.close_all(&live);
}

#[test]
fn a_round_that_owes_nothing_does_not_expire() {
    let (mut world, live, _) = scene(false);
    world.pay_all(&live);
    pass_claim(&mut world, &live);
    let over = expire(&world, &live);
    world.chain.expect_error(&over, LotteryError::NothingToPay);
}

#[test]
fn prizes_are_still_paid_after_the_claim_period_until_somebody_expires_them() {
    let (mut world, live, players) = scene(false);
    pass_claim(&mut world, &live);
    world.pay_all(&live);
    for player in &players {
        assert_eq!(world.balance(player), 98 * STAKE + 1_900_000);
    }
}
