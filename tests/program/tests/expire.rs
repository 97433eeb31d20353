//! Expiry: what nobody could be credited within the claim period goes where creation said.

use program_tests::{Instruction, Live, LotteryError, Money, Player, Spec, World, ix, kinds::Kind};

const STAKE: u64 = 1_000_000;

fn expire(world: &World, live: &Live) -> Instruction {
    ix::expire_round(world.cranker, live.game.key, live.key)
}

/// A final coin round with one winner each of two players, neither paid yet.
fn scene(rollover: bool) -> (World, Live, [Player; 2]) {
    let mut world = World::new();
    let live = open(&mut world, rollover, false);
    let players = play(&mut world, &live);
    world.to_final(&live);
    (world, live, players)
}

/// The open round of a coin lottery.
fn open(world: &mut World, rollover: bool, on_beacon: bool) -> Live {
    let mut spec = Spec::coin();
    spec.rules.draw_mut().rollover = rollover as u8;
    let game = world.create(if on_beacon { spec.beacon() } else { spec });
    world.open(&game)
}

fn play(world: &mut World, live: &Live) -> [Player; 2] {
    let players = [world.player(Money::Sol, 100 * STAKE), world.player(Money::Sol, 100 * STAKE)];
    for player in &players {
        world.enter(live, player, 0, &[&[1], &[2]]);
    }
    players
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
    // On commit-reveal a bond was reserved for the jackpot as it was: it may not grow by the way.
    for (rollover, on_beacon) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut world = World::new();
        world.allow_beacon(Kind::Draw);
        world.add_own_beacon();
        let live = open(&mut world, rollover, on_beacon);
        let players = play(&mut world, &live);
        if on_beacon {
            world.lock(&live);
            world.post_signature(&live);
            world.seal_all(&live);
            world.draw(&live);
            world.settle_all(&live);
            world.finalise(&live);
        } else {
            world.to_final(&live);
        }
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
        assert_eq!(to, if rollover && on_beacon { (left, 0) } else { (0, left) });
        assert_eq!(world.round(&live).cash_units, 0);
        // Too late for the other.
        let late = ix::pay(world.cranker, live.key, 0, &items[1..]);
        world.chain.expect_error(&late, LotteryError::NothingToPay);
        world.close_all(&live);
        assert!(players.iter().any(|player| world.balance(player) == 98 * STAKE));
    }
}

#[test]
fn prizes_of_a_beacon_round_wait_while_a_bond_is_reserved() {
    let mut world = World::new();
    world.allow_beacon(Kind::Draw);
    world.add_own_beacon();
    let live = open(&mut world, true, true);
    play(&mut world, &live);
    world.lock(&live);
    world.post_signature(&live);
    world.seal_all(&live);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    pass_claim(&mut world, &live);
    // The lottery goes over to commit-reveal.
    let (operator, id) = (live.game.operator.owner, live.game.id);
    let mut spec = Spec::coin();
    spec.rules.draw_mut().rollover = 1;
    let update = ix::update_config(operator, id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_ok(&update);
    world.grant(operator, Money::Sol, 1_000 * STAKE);
    world.deposit(&live.game.operator, 1_000 * STAKE);
    world.chain.expect_ok(&[ix::fund_bond(operator, id, live.game.mint, 1_000 * STAKE)]);
    let next = world.open(&live.game);
    let over = expire(&world, &live);
    world.chain.expect_error(&over, LotteryError::JackpotBeyondBond);
    world.to_final(&next);
    world.chain.expect_ok(&over);
    assert_eq!(world.lottery(&live.game).jackpot_units, 2 * 1_900_000);
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
