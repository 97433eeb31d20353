//! Publishing a later link of the hash chain, so that rounds open again after many that became void.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Rules, Spec, World,
    house::{instant_ticket, keno_quick},
    ix,
};

use crate::house_play::play_out;

/// Rounds from the last reveal that may open: `lottery_rules::commit_reveal::MAX_DISTANCE`.
const MOST: u64 = 100;

fn scene(spec: Spec) -> (World, Game, Player) {
    let mut world = World::new();
    let spec = spec.pages(4, 1).budgets(16_000_000, 16_000_000);
    let game = world.create(Spec { chain_length: 1_000, bond_units: 64_000_000_000, ..spec });
    let player = world.player(Money::Sol, 1_000_000_000);
    (world, game, player)
}

/// A round whose operator never reveals.
fn void(world: &mut World, game: &Game) {
    let live = world.open_round(game);
    world.to_void(&live);
    world.finalise(&live);
    world.close_all(&live);
}

fn advance(game: &Game, position: u64, distance: u8) -> Instruction {
    let link = game.reveals.link(position as u32).expect("a position in the chain");
    ix::advance_chain(game.id, &link, distance)
}

fn chain(world: &World, game: &Game) -> (u64, u64) {
    let lottery = world.lottery(game);
    (lottery.chain_position, lottery.chain_next)
}

#[test]
fn opening_goes_on_after_more_void_rounds_than_a_reveal_reaches() {
    let (mut world, game, player) = scene(Spec::keno());
    for _ in 0..MOST {
        void(&mut world, &game);
    }
    assert_eq!(chain(&world, &game), (0, MOST + 1));
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::ChainTooFar);
    let all = advance(&game, MOST, MOST as u8);
    world.chain.expect_ok(&all);
    let lottery = world.lottery(&game);
    assert_eq!((lottery.chain_position, lottery.chain_next), (MOST, MOST + 1));
    assert_eq!(lottery.chain_head, game.reveals.link(MOST as u32).expect("a link"));

    let live = world.open(&game);
    assert_eq!((world.round(&live).commit_distance, world.round(&live).index), (1, MOST));
    world.enter_keno_quick(&live, &player, 0, 2, 10_000, 2);
    play_out(&mut world, &live);
    assert_eq!(chain(&world, &game), (MOST + 1, MOST + 2));
}

#[test]
fn a_draw_goes_on_too() {
    let mut world = World::new();
    let mut spec = Spec { bond_units: 2_000_000, ..Spec::default().pages(1, 1) };
    spec.config.stake_units = 1;
    let game = world.create(spec);
    for _ in 0..MOST {
        void(&mut world, &game);
    }
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::ChainTooFar);
    // In steps, by anyone who knows the links.
    for position in [1, 41, 100] {
        let distance = (position - chain(&world, &game).0) as u8;
        world.chain.expect_ok(&[advance(&game, position, distance)]);
    }
    world.chain.expect_ok(&open);
}

#[test]
fn only_the_link_of_the_stated_distance_is_taken() {
    let (mut world, game, _) = scene(Spec::instant());
    for _ in 0..5 {
        void(&mut world, &game);
    }
    let error = LotteryError::RevealMismatch;
    for distance in 0..=5 {
        for position in 0..=6 {
            let some = advance(&game, position, distance);
            if distance > 0 && position == distance as u64 {
                world.clone().chain.expect_ok(&some);
            } else {
                world.chain.expect_error(&some, error);
            }
        }
    }
    world.chain.expect_error(&[ix::advance_chain(game.id, &[7; 32], 3)], error);
    // The same link again is no step ahead.
    world.chain.expect_ok(&[advance(&game, 3, 3)]);
    world.chain.expect_error(&[advance(&game, 3, 3)], LotteryError::ChainNotBehind);
    world.chain.expect_error(&[advance(&game, 3, 0)], error);
    world.chain.expect_error(&[advance(&game, 2, 1)], error);
    world.chain.expect_ok(&[advance(&game, 5, 2)]);
}

#[test]
fn the_link_of_a_round_to_come_is_refused() {
    let (mut world, game, _) = scene(Spec::keno());
    // Nothing opened yet: position 1 is the first round's.
    let first = advance(&game, 1, 1);
    world.chain.expect_error(&first, LotteryError::ChainNotBehind);
    for _ in 0..3 {
        void(&mut world, &game);
    }
    assert_eq!(chain(&world, &game), (0, 4));
    for distance in [4, 5, 100, 101, 255] {
        let ahead = advance(&game, distance as u64, distance);
        world.chain.expect_error(&ahead, LotteryError::ChainNotBehind);
    }
    world.chain.expect_ok(&[advance(&game, 3, 3)]);
}

#[test]
fn more_than_a_hundred_links_at_once_are_refused() {
    let (mut world, game, _) = scene(Spec::keno());
    for _ in 0..MOST {
        void(&mut world, &game);
    }
    // Position 101 is the next round's whatever was advanced before, so 101 is never a distance to one behind.
    world.chain.expect_error(&[advance(&game, 101, 101)], LotteryError::ChainNotBehind);
    world.chain.expect_ok(&[advance(&game, 100, 100)]);
}

#[test]
fn a_link_stays_secret_while_any_round_may_need_it_or_one_before_it() {
    for spec in [Spec::keno(), Spec::instant()] {
        let (mut world, game, player) = scene(spec);
        for _ in 0..3 {
            void(&mut world, &game);
        }
        let error = LotteryError::ChainInUse;
        let (behind, own) = (advance(&game, 2, 2), advance(&game, 4, 4));
        let live = world.open(&game);
        assert_eq!(world.round(&live).commit_distance, 4);
        let refused = |world: &mut World| {
            // A link that is no secret any more is refused too: a round waits, and will publish its own.
            world.chain.expect_error(&behind, error);
            world.chain.expect_error(&own, error);
        };
        refused(&mut world);
        let is_keno = matches!(game.spec.rules, Rules::Keno(_));
        let tickets = if is_keno { keno_quick(1_000, 1) } else { instant_ticket(1_000) };
        world.enter_bytes(&live, &player, 0, 2, &tickets, 2);
        refused(&mut world);
        let mut voided = world.clone();
        world.reach_target(&live);
        refused(&mut world);
        play_out(&mut world, &live);
        assert_eq!(chain(&world, &game), (4, 5));
        world.chain.expect_error(&own, LotteryError::ChainNotBehind);

        // A void round is in the way until it is counted.
        voided.to_void(&live);
        refused(&mut voided);
        voided.finalise(&live);
        voided.chain.expect_ok(&own);
        assert_eq!(chain(&voided, &game), (4, 5));
    }
}

#[test]
fn an_earlier_link_never_takes_the_chain_back() {
    let (mut world, game, _) = scene(Spec::keno());
    let old: Live = world.open(&game);
    let new = world.open(&game);
    // The later round ends first.
    play_out(&mut world, &new);
    assert_eq!(chain(&world, &game), (2, 3));
    world.reach_target(&old);
    play_out(&mut world, &old);
    assert_eq!(chain(&world, &game), (2, 3));
}

#[test]
fn without_a_chain_there_is_nothing_to_advance() {
    let mut world = World::new();
    let game = world.create_only(Spec::keno());
    world.chain.expect_error(&[ix::advance_chain(game.id, &[0; 32], 0)], LotteryError::ChainNotBehind);
    world.chain.expect_error(&[advance(&game, 1, 1)], LotteryError::ChainNotBehind);
}
