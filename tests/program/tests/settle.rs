//! Drawing and settling: what the rules say, resumable at any entry, each step once.

use program_tests::{
    Instruction, Live, LotteryError, Money, Spec, World,
    game::draw_rules,
    ix,
    kinds::{PageStatus, RoundStatus},
};

/// A round with two pages of 15 and 18 entries.
fn scene(spec: Spec) -> (World, Live) {
    let mut world = World::new();
    let game = world.create(spec.pages(20, 2));
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    world.enter_quick(&live, &player, 0, 15);
    world.open_page(&live);
    world.enter_quick(&live, &player, 1, 18);
    (world, live)
}

fn settle(world: &World, live: &Live, sequence: u32, limit: u32) -> Instruction {
    ix::settle(world.cranker, live.key, live.config, sequence, limit)
}

fn draw(world: &World, live: &Live) -> Instruction {
    ix::draw(world.cranker, live.key, live.config)
}

#[test]
fn results_and_tiers_are_those_of_the_rules_in_many_games() {
    let all: Vec<(u8, u8, u16)> = (1..=3).flat_map(|m| [(m, 1, 1_700), (m, 0, 1_600)]).collect();
    let games = [
        draw_rules(1, 2, 0, &[(1, 0, 10_000)]),
        draw_rules(3, 8, 4, &[&all[..], &[(0, 1, 100)]].concat()),
        draw_rules(2, 3, 2, &[(2, 1, 4_000), (2, 0, 3_000), (1, 1, 3_000)]),
        draw_rules(20, 21, 0, &[(20, 0, 1_000), (19, 0, 9_000)]),
        draw_rules(5, 128, 0, &[(5, 0, 5_000), (1, 0, 5_000)]),
    ];
    for rules in games {
        let (mut world, live) = scene(Spec { rules: rules.into(), ..Spec::default() });
        world.to_settled(&live);
        let expected = world.replay(&live);
        let round = world.round(&live);
        assert_eq!((round.seed, round.result), (expected.seed, expected.result));
        for (sequence, tiers) in expected.tiers.iter().enumerate() {
            let settled: Vec<u8> =
                world.entries(&live, sequence as u32).iter().map(|entry| entry.tier).collect();
            assert_eq!(&settled, tiers);
        }
        assert_eq!(round.winners, expected.winners);
        assert_eq!(round.winners_total, expected.winners.iter().sum::<u64>());
    }
}

#[test]
fn settling_is_resumed_wherever_it_stopped() {
    let (mut world, live) = scene(Spec::coin());
    world.to_drawn(&live);
    let mut whole = world.clone();
    whole.settle_all(&live);
    // Pages in any order, in steps of any size.
    for (sequence, steps) in [(1, vec![1, 1, 7, 8, 1]), (0, vec![14, 100])] {
        for limit in steps {
            let step = settle(&world, &live, sequence, limit);
            world.chain.expect_ok(&step);
        }
        assert_eq!(world.page(&live, sequence).status, PageStatus::Settled as u8);
    }
    for sequence in 0..2 {
        assert_eq!(world.chain.data(live.page(sequence)), whole.chain.data(live.page(sequence)));
    }
    assert_eq!(world.round(&live).winners, whole.round(&live).winners);
}

#[test]
fn a_page_is_settled_once_and_by_at_least_one_entry() {
    let (mut world, live) = scene(Spec::coin());
    world.to_drawn(&live);
    let (none, part, rest) =
        (settle(&world, &live, 0, 0), settle(&world, &live, 0, 5), settle(&world, &live, 0, u32::MAX));
    world.chain.expect_error(&none, LotteryError::ZeroAmount);
    world.chain.expect_ok(&part);
    assert_eq!((world.page(&live, 0).settle_cursor, world.round(&live).pages_settled), (5, 0));
    world.chain.expect_ok(&rest);
    assert_eq!(world.round(&live).pages_settled, 1);
    world.chain.expect_error(&rest, LotteryError::PageAlreadySettled);
}

#[test]
fn nothing_is_drawn_before_the_value_and_every_seal() {
    let (mut world, live) = scene(Spec::coin());
    let draw = draw(&world, &live);
    world.chain.expect_error(&draw, LotteryError::ValueMissing);
    world.reach_target(&live);
    world.capture(&live);
    world.chain.expect_error(&draw, LotteryError::ValueMissing);
    world.reveal(&live);
    world.chain.expect_error(&draw, LotteryError::PagesNotSealed);
    world.chain.expect_ok(&[ix::seal_page(world.cranker, live.key, 0)]);
    world.chain.expect_error(&draw, LotteryError::PagesNotSealed);
    world.seal_all(&live);
    world.chain.expect_ok(&draw);
    assert_eq!(world.status(&live), RoundStatus::Drawn);
    world.chain.expect_error(&draw, LotteryError::AlreadyDrawn);
    world.settle_all(&live);
    world.finalise(&live);
    world.chain.expect_error(&draw, LotteryError::AlreadyDrawn);
}

#[test]
fn nothing_is_settled_before_the_draw_or_after_a_void() {
    let (mut world, live) = scene(Spec::coin());
    let step = settle(&world, &live, 0, 10);
    world.chain.expect_error(&step, LotteryError::NotDrawn);
    let mut valued = world.clone();
    valued.value(&live);
    valued.chain.expect_error(&step, LotteryError::NotDrawn);
    world.to_void(&live);
    world.chain.expect_error(&step, LotteryError::NotDrawn);
    let draw = draw(&world, &live);
    world.chain.expect_error(&draw, LotteryError::RoundNotOpen);
}

#[test]
fn another_config_decides_nothing() {
    let (mut world, live) = scene(Spec::coin());
    let game = live.game.clone();
    let better = draw_rules(1, 2, 0, &[(1, 0, 10_000)]);
    let update =
        ix::update_config(game.operator.owner, game.id, 1, &game.spec.config, bytemuck::bytes_of(&better));
    world.chain.expect_ok(&update);
    let config = program_tests::address::config(&game.key, 1).0;
    world.value(&live);
    world.chain.expect_error(&[ix::draw(world.cranker, live.key, config)], LotteryError::WrongConfig);
    world.draw(&live);
    let step = ix::settle(world.cranker, live.key, config, 0, 10);
    world.chain.expect_error(&step, LotteryError::WrongConfig);
    world.settle_all(&live);
    let finalise = ix::finalise(world.cranker, game.key, live.key, config);
    world.chain.expect_error(&finalise, LotteryError::WrongConfig);
}
