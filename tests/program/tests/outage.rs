//! After an outage of any length a house game goes on without a person: a round that holds entries is drawn, or voided
//! by the rules; an empty one is re-timed; no index is used twice and none is left out.

use program_tests::{
    Game, Live, LotteryError, Money, Player, Spec, World,
    house::{instant_ticket, keno_quick},
    ix,
    kinds::{Kind, RoundStatus, VoidReason},
};

use crate::house_play::play_out;

const BALANCE: u64 = 1_000_000;

fn scene(spec: Spec) -> (World, Game, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let player = world.player(Money::Sol, BALANCE);
    (world, game, player)
}

fn enter(world: &mut World, live: &Live, player: &Player) {
    let is_keno = live.game.spec.config.kind == Kind::Keno as u8;
    let tickets = if is_keno { keno_quick(1_000, 4) } else { instant_ticket(1_000) };
    world.enter_bytes(live, player, 0, 3, &tickets, 3);
}

/// Seconds that the chain, or everybody's keeper, was away; and slots.
const OUTAGES: [(i64, u64); 4] = [(20, 50), (120, 300), (3_600, 9_000), (400 * 86_400, 86_400_000)];

#[test]
fn a_round_with_entries_is_drawn_or_voided_and_an_empty_one_is_retimed() {
    for spec in [Spec::keno(), Spec::instant()] {
        for (seconds, slots) in OUTAGES {
            let (mut world, game, player) = scene(spec.clone());
            let played = world.open(&game);
            enter(&mut world, &played, &player);
            let empty = world.open(&game);
            world.chain.warp(seconds, slots);

            // The next round opens at once, whatever lies behind.
            let fresh = world.open(&game);
            assert_eq!(fresh.index, 2);
            enter(&mut world, &fresh, &player);
            // The empty round is the newest but one: it goes on under its own index.
            let pages = world.round(&empty).page_count;
            let retime = ix::retime_round(world.cranker, game.key, empty.config, empty.key, pages);
            world.chain.expect_ok(&retime);
            assert_eq!((world.round(&empty).index, world.status(&empty)), (1, RoundStatus::Open));
            enter(&mut world, &empty, &player);

            // Its target was 16 slots after it opened: beyond 512 slots its hash is lost.
            if slots > 600 {
                let capture = ix::capture(world.cranker, played.key);
                world.chain.expect_error(&capture, LotteryError::SlotHashLost);
                let void = world.void_instruction(&played);
                world.chain.expect_ok(&void);
                assert_eq!(world.round(&played).void_reason, VoidReason::SlotHashLost as u8);
                world.seal_all(&played);
                world.refund_all(&played);
                // Three stakes with a fifth each, less the six that are in the other rounds.
                assert_eq!(world.balance(&player), BALANCE - 6_000 + 3 * 200);
                world.finalise(&played);
            } else {
                play_out(&mut world, &played);
            }
            world.close_all(&played);
            play_out(&mut world, &empty);
            play_out(&mut world, &fresh);
            let lottery = world.lottery(&game);
            assert_eq!((lottery.next_round_index, lottery.next_final_index), (3, 3));
            assert_eq!(lottery.bankroll_reserved_units, 0);
        }
    }
}

#[test]
fn a_round_captured_before_an_outage_is_drawn_after_it() {
    let (mut world, game, player) = scene(Spec::keno());
    let live = world.open(&game);
    enter(&mut world, &live, &player);
    world.reach_target(&live);
    world.capture(&live);
    world.chain.warp(30 * 86_400, 6_480_000);
    // Grace is long over, but nobody voided it: the value still comes first.
    world.seal_all(&live);
    world.reveal(&live);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    world.pay_all(&live);
    world.close_all(&live);
}

#[test]
fn a_round_that_is_older_than_the_newest_two_is_ended_not_retimed() {
    let (mut world, game, _) = scene(Spec::keno());
    let old = world.open(&game);
    world.chain.warp(60, 150);
    world.open(&game);
    world.open(&game);
    let retime = ix::retime_round(world.cranker, game.key, old.config, old.key, 1);
    world.chain.expect_error(&retime, LotteryError::WrongRound);
    // Nobody entered it, so it is drawn for nobody, or void; both release what it reserved.
    let mut drawn = world.clone();
    drawn.to_final(&old);
    drawn.close_all(&old);
    world.pass_grace(&old);
    world.to_void(&old);
    world.finalise(&old);
    world.close_all(&old);
    for world in [&drawn, &world] {
        let lottery = world.lottery(&game);
        assert_eq!(lottery.bankroll_reserved_units, 2 * game.spec.limits.page_budget_units);
        assert_eq!(lottery.bond_reserved_units, 2 * game.spec.round_bond_units());
        assert_eq!(lottery.live_rounds, 2);
    }
}

#[test]
fn a_retimed_round_keeps_what_its_pages_reserved() {
    let (mut world, game, player) = scene(Spec::instant());
    let live = world.open(&game);
    let before = world.lottery(&game);
    for _ in 0..5 {
        world.lock(&live);
        let retime = ix::retime_round(world.cranker, game.key, live.config, live.key, 1);
        world.chain.expect_ok(&retime);
        let after = world.lottery(&game);
        assert_eq!(after.bankroll_reserved_units, before.bankroll_reserved_units);
        assert_eq!(after.bankroll_free_units, before.bankroll_free_units);
    }
    assert_eq!((world.round(&live).retimes, world.round(&live).index), (5, 0));
    enter(&mut world, &live, &player);
    play_out(&mut world, &live);
    assert_eq!(world.lottery(&game).bankroll_reserved_units, 0);
}
