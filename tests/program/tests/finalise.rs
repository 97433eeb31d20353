//! Finalising: the split is the one of the rules, in every case a round can end in.

use program_tests::{
    Game, Live, LotteryError, Money, Player, Spec, World,
    game::draw_rules,
    ix,
    kinds::{LotteryStatus, RoundStatus},
};

const STAKE: u64 = 1_000_000;

/// A progressive coin: the side that was drawn wins, and if nobody is on it the pool rolls over.
fn progressive_coin() -> Spec {
    let mut rules = draw_rules(1, 2, 0, &[(1, 0, 10_000)]);
    rules.rollover = 1;
    Spec { rules: rules.into(), ..Spec::default() }
}

/// The side that the next round will draw: the same round, played ahead on a copy of the world.
fn side_ahead(world: &World, live: &Live, player: &Player, tickets: &[&[u8]]) -> u8 {
    let mut ahead = world.clone();
    ahead.enter(live, player, 0, tickets);
    ahead.to_drawn(live);
    ahead.round(live).result[0]
}

/// Enters one ticket that will win, or will lose: which of the two depends on the ticket itself through the
/// seed, so tickets are tried until one does.
fn enter_as(world: &mut World, live: &Live, player: &Player, wins: bool) {
    for count in 1..10 {
        for side in 1..=2u8 {
            let tickets = vec![std::slice::from_ref(&side); count];
            // Bit 0 is number 1, bit 1 is number 2.
            let drawn = side_ahead(world, live, player, &tickets);
            if (drawn == side) == wins {
                world.enter(live, player, 0, &tickets);
                return;
            }
        }
    }
    panic!("no such ticket");
}

#[track_caller]
fn check_split(world: &mut World, live: &Live) {
    let before = world.lottery(&live.game);
    let split = world.replay_split(live, before.jackpot_units);
    world.finalise(live);
    let (after, round) = (world.lottery(&live.game), world.round(live));
    assert_eq!(world.status(live), RoundStatus::Final);
    assert_eq!(round.prize_each_units, split.prize_each);
    assert_eq!(round.fee_units, split.fee);
    assert_eq!(after.fees_units, before.fees_units + split.fee);
    assert_eq!(after.jackpot_units, split.jackpot_next);
    assert_eq!(after.treasury_due_units, before.treasury_due_units + split.to_treasury);
    assert_eq!((round.refund_all == 1, round.bonus_each_units), (split.refund_all, split.bonus_each));
    assert_eq!(round.bond_units, 0, "the bond is free again");
    assert_eq!(after.bond_reserved_units, 0);
    assert_eq!((round.final_at, round.claim_until), (world.chain.now(), world.chain.now() + 86_400));
}

fn scene(spec: Spec) -> (World, Game, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let player = world.player(Money::Sol, 1_000 * STAKE);
    (world, game, player)
}

#[test]
fn what_nobody_won_rolls_over_until_somebody_does() {
    let (mut world, game, player) = scene(Spec { jackpot_units: 10 * STAKE, ..progressive_coin() });
    let mut jackpot = 10 * STAKE;
    for _ in 0..3 {
        let live = world.open(&game);
        enter_as(&mut world, &live, &player, false);
        world.to_settled(&live);
        check_split(&mut world, &live);
        let round = world.round(&live);
        jackpot += round.pool_units - round.fee_units;
        assert_eq!(world.lottery(&game).jackpot_units, jackpot);
        assert_eq!(round.jackpot_in_units, 0);
        assert_eq!(round.cash_units, 0);
    }
    let live = world.open(&game);
    enter_as(&mut world, &live, &player, true);
    world.to_settled(&live);
    check_split(&mut world, &live);
    let round = world.round(&live);
    assert_eq!(round.jackpot_in_units, jackpot);
    assert_eq!(round.prize_each_units[0], (jackpot + round.pool_units - round.fee_units) / round.winners[0]);
    world.pay_all(&live);
}

#[test]
fn the_jackpot_that_was_won_is_recorded_whole() {
    // The top tier is won, the other is not and rolls over.
    let mut rules = draw_rules(2, 4, 0, &[(2, 0, 5_000), (1, 0, 5_000)]);
    rules.rollover = 1;
    let (mut world, game, player) =
        scene(Spec { rules: rules.into(), jackpot_units: 10 * STAKE, ..Spec::default() });
    for _ in 0..200 {
        let live = world.open(&game);
        world.enter_quick(&live, &player, 0, 1);
        world.to_settled(&live);
        let jackpot = world.lottery(&game).jackpot_units;
        check_split(&mut world, &live);
        let round = world.round(&live);
        if round.winners[0] > 0 {
            assert!(world.lottery(&game).jackpot_units > 0, "the second tier rolls over");
            assert_eq!(round.jackpot_in_units, jackpot, "all of it was added to the top tier");
            return;
        }
        assert_eq!(round.jackpot_in_units, 0);
        world.pay_all(&live);
        world.close_all(&live);
    }
    panic!("the top tier of six was not won in 200 rounds");
}

#[test]
fn without_rollover_a_round_without_winners_is_refunded() {
    let (mut world, game, player) = scene(Spec::coin());
    let live = world.open(&game);
    enter_as(&mut world, &live, &player, false);
    world.to_settled(&live);
    check_split(&mut world, &live);
    let round = world.round(&live);
    assert_eq!((round.refund_all, round.fee_units), (1, 0), "no fee is taken from a refund");
    world.refund_all(&live);
    assert_eq!(world.balance(&player), 1_000 * STAKE);
    world.close_all(&live);
}

#[test]
fn lower_tiers_without_winners_roll_down() {
    let (mut world, game, player) =
        scene(Spec { rules: draw_rules(2, 5, 0, &[(2, 0, 6_000), (1, 0, 4_000)]).into(), ..Spec::default() });
    for _ in 0..10 {
        let live = world.open(&game);
        world.enter_quick(&live, &player, 0, 2);
        world.to_settled(&live);
        check_split(&mut world, &live);
        world.pay_or_refund_all(&live);
        assert_eq!(world.round(&live).cash_units, 0);
    }
}

#[test]
fn rollover_lotteries_finalise_by_index_and_voids_count() {
    let (mut world, game, player) = scene(progressive_coin());
    let first = world.open(&game);
    world.enter_quick(&first, &player, 0, 3);
    let second = world.open(&game);
    world.enter_quick(&second, &player, 0, 3);
    world.to_settled(&second);
    let late = world.finalise_instruction(&second);
    world.chain.expect_error(&late, LotteryError::FinaliseOutOfOrder);
    // The first becomes void; only once that is counted is it the second's turn.
    world.to_void(&first);
    world.chain.expect_error(&late, LotteryError::FinaliseOutOfOrder);
    world.finalise(&first);
    assert_eq!(world.lottery(&game).next_final_index, 1);
    world.chain.expect_ok(&late);
    assert_eq!(world.lottery(&game).next_final_index, 2);
}

#[test]
fn without_rollover_the_order_is_free() {
    let (mut world, game, player) = scene(Spec::coin());
    let first = world.open(&game);
    world.enter_quick(&first, &player, 0, 3);
    let second = world.open(&game);
    world.enter_quick(&second, &player, 0, 3);
    world.reach_target(&first);
    world.capture(&first);
    world.to_final(&second);
    world.seal_all(&first);
    world.reveal(&first);
    world.draw(&first);
    world.settle_all(&first);
    world.finalise(&first);
    assert_eq!(world.lottery(&game).next_final_index, 2);
}

#[test]
fn a_round_is_finalised_once_and_not_too_early() {
    let (mut world, game, player) = scene(Spec::coin());
    let live = world.open(&game);
    world.enter_quick(&live, &player, 0, 3);
    let finalise = world.finalise_instruction(&live);
    world.chain.expect_error(&finalise, LotteryError::NotDrawn);
    world.value(&live);
    world.chain.expect_error(&finalise, LotteryError::NotDrawn);
    world.draw(&live);
    world.chain.expect_error(&finalise, LotteryError::PagesNotSettled);
    world.settle_all(&live);
    world.chain.expect_ok(&finalise);
    world.chain.expect_error(&finalise, LotteryError::AlreadyFinal);

    let live = world.open(&game);
    world.to_void(&live);
    let finalise = world.finalise_instruction(&live);
    world.chain.expect_ok(&finalise);
    world.chain.expect_error(&finalise, LotteryError::AlreadyFinal);
}

#[test]
fn history_folds_every_round() {
    use lottery_rules::{hash::Software, seed};
    let (mut world, game, player) = scene(Spec::coin());
    let mut head = [0; 32];
    for index in 0..4 {
        let live = world.open(&game);
        world.enter_quick(&live, &player, 0, 3);
        if index == 2 {
            world.to_void(&live);
            world.finalise(&live);
        } else {
            world.to_final(&live);
        }
        let round = world.round(&live);
        head = seed::history_head::<Software>(&head, index, &round.seed, &round.result);
        assert_eq!(world.lottery(&game).history_head, head);
    }
}

#[test]
fn the_last_round_rolls_its_jackpot_down_to_winners() {
    let mut rules = draw_rules(2, 5, 0, &[(2, 0, 6_000), (1, 0, 4_000)]);
    rules.rollover = 1;
    let (mut world, game, player) =
        scene(Spec { rules: rules.into(), jackpot_units: 50 * STAKE, ..Spec::default() });
    let (operator, id) = (game.operator.owner, game.id);
    world.chain.expect_ok(&[ix::retire_lottery(operator, id)]);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Active as u8, "the jackpot is still to be won");
    let live = world.open(&game);
    assert_eq!(world.round(&live).is_last, 1);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::Retiring);
    world.enter(&live, &player, 0, &[&[1, 2], &[3, 4], &[1, 5], &[2, 3], &[4, 5], &[1, 3]]);
    world.to_settled(&live);
    check_split(&mut world, &live);
    assert_eq!(world.lottery(&game).jackpot_units, 0);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
    world.pay_all(&live);
    assert!(world.balance(&player) > 1_040 * STAKE);
    world.close_all(&live);
}

#[test]
fn a_last_round_without_winners_shares_the_jackpot_among_all() {
    let (mut world, game, player) = scene(Spec { jackpot_units: 50 * STAKE, ..progressive_coin() });
    world.chain.expect_ok(&[ix::retire_lottery(game.operator.owner, game.id)]);
    let live = world.open(&game);
    enter_as(&mut world, &live, &player, false);
    world.to_settled(&live);
    check_split(&mut world, &live);
    let round = world.round(&live);
    assert_eq!((round.refund_all, round.bonus_each_units), (1, 50 * STAKE / round.entries));
    world.refund_all(&live);
    let dust = 50 * STAKE % round.entries;
    assert_eq!(world.balance(&player), 1_050 * STAKE - dust);
    assert_eq!(world.lottery(&game).treasury_due_units, dust);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
    world.close_all(&live);
}

#[test]
fn a_last_round_that_was_void_is_followed_by_another() {
    let (mut world, game, player) = scene(Spec { jackpot_units: 50 * STAKE, ..progressive_coin() });
    world.chain.expect_ok(&[ix::retire_lottery(game.operator.owner, game.id)]);
    let live = world.open(&game);
    world.enter_quick(&live, &player, 0, 2);
    world.to_void(&live);
    world.finalise(&live);
    assert_eq!(world.lottery(&game).jackpot_units, 50 * STAKE);
    let again = world.open(&game);
    assert_eq!(world.round(&again).is_last, 1);
    enter_as(&mut world, &again, &player, true);
    world.to_settled(&again);
    check_split(&mut world, &again);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
}
