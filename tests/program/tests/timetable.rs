//! Rounds on a timetable: they lock when unix time is `lock_offset_seconds` past a multiple of the period, also after outages.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Spec, World, args::LimitsArgs, ix, market::pro_rata,
};

const DAY: i64 = 86_400;
/// 22:59 in a day that begins at midnight UTC.
const OFFSET: u32 = 82_740;

/// A lottery that locks once a day at 22:59, of any kind that may be so slow.
fn daily(mut spec: Spec) -> Spec {
    spec.limits.period_seconds = DAY as u32;
    spec.limits.lock_offset_seconds = OFFSET;
    spec
}

fn scene(spec: Spec) -> (World, Game) {
    let mut world = World::new();
    let game = world.create(spec);
    (world, game)
}

/// Moves the clock to this second of the day.
fn at_second_of_day(world: &mut World, second: i64) {
    let ahead = (second - world.chain.now()).rem_euclid(DAY);
    world.chain.warp(ahead, ahead as u64 * 5 / 2);
}

fn locks_at(world: &World, live: &Live) -> i64 {
    world.round(live).locks_at
}

fn retime(world: &World, live: &Live) -> Instruction {
    ix::retime_round(world.cranker, live.game.key, live.config, live.key, world.round(live).page_count)
}

#[test]
fn rounds_lock_at_their_time_of_day() {
    for spec in [daily(Spec::default()), daily(Spec::market(pro_rata()))] {
        let (mut world, game) = scene(spec);
        at_second_of_day(&mut world, 10 * 3_600);
        let midnight = world.chain.now() - 10 * 3_600;
        assert_eq!(midnight % DAY, 0);
        let first = world.open(&game);
        let second = world.open(&game);
        assert_eq!(locks_at(&world, &first), midnight + OFFSET as i64);
        assert_eq!(locks_at(&world, &second), midnight + DAY + OFFSET as i64);
        let round = world.round(&first);
        let seconds = round.locks_at - world.chain.now();
        assert_eq!(round.lock_slot, world.chain.slot() + seconds as u64 * 5 / 2);
        world.lock(&first);
        let third = world.open(&game);
        assert_eq!(locks_at(&world, &third), midnight + 2 * DAY + OFFSET as i64);
    }
}

#[test]
fn a_round_that_would_lock_too_soon_waits_for_the_next_time() {
    // A sixteenth of the period must be left to enter.
    let least = DAY / 16;
    for (before, days) in [(least + 1, 0), (least, 1), (1, 1), (0, 1)] {
        let (mut world, game) = scene(daily(Spec::market(pro_rata())));
        at_second_of_day(&mut world, OFFSET as i64 - before);
        let time = world.chain.now() + before;
        let live = world.open(&game);
        assert_eq!(locks_at(&world, &live), time + days * DAY, "{before} seconds before");
    }
}

#[test]
fn an_outage_of_any_length_leaves_the_timetable_as_it_was() {
    for outage in [1, DAY / 2, DAY, 10 * DAY + 5, 400 * DAY] {
        let (mut world, game) = scene(daily(Spec::market(pro_rata())));
        let player = world.player(Money::Sol, 1_000_000);
        let first = world.open(&game);
        world.bet(&first, &player, 0, &[(1_000, 0), (1_000, 1)]);
        world.reach_event(&first);
        world.chain.warp(outage, outage as u64 * 5 / 2);
        let now = world.chain.now();
        let second = world.open(&game);
        let next = locks_at(&world, &second);
        assert_eq!(next % DAY, OFFSET as i64);
        assert!(next > now + DAY / 16 && next <= now + DAY + DAY / 16, "after {outage}: {next}, now {now}");
        // The old one is decided all the same.
        world.market_to_final(&first, &[7]);
        world.pay_all(&first);
        world.close_all(&first);
    }
}

#[test]
fn both_newest_rounds_are_retimed_to_times_of_their_own() {
    let (mut world, game) = scene(daily(Spec::market(pro_rata())));
    let (first, second) = (world.open(&game), world.open(&game));
    world.chain.warp(5 * DAY, 5 * 216_000);
    let now = world.chain.now();
    // The newest first: the one before it takes the next time after that.
    for live in [&second, &first] {
        let again = retime(&world, live);
        world.chain.expect_ok(&again);
    }
    let (one, two) = (locks_at(&world, &first), locks_at(&world, &second));
    assert!(two > now && one > now);
    assert_eq!((one % DAY, two % DAY), (OFFSET as i64, OFFSET as i64));
    assert_ne!(one, two, "no two rounds have the same event");
    let lottery = world.lottery(&game);
    assert_eq!((lottery.last_locks_at, lottery.previous_locks_at), (two, one));
    // Both take bets again, and no third is opened beside them.
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::TooManyOpenRounds);

    // The other way round, the newest goes after the one before it.
    let (mut world, game) = scene(daily(Spec::market(pro_rata())));
    let (first, second) = (world.open(&game), world.open(&game));
    world.chain.warp(5 * DAY, 5 * 216_000);
    for live in [&first, &second] {
        let again = retime(&world, live);
        world.chain.expect_ok(&again);
    }
    let (one, two) = (locks_at(&world, &first), locks_at(&world, &second));
    assert_eq!((one % DAY, two % DAY), (OFFSET as i64, OFFSET as i64));
    assert!(one > world.chain.now());
    assert_eq!(two, one + DAY, "no two rounds have the same event");
}

#[test]
fn an_empty_round_that_is_retimed_keeps_the_timetable() {
    let (mut world, game) = scene(daily(Spec::market(pro_rata())));
    let live = world.open(&game);
    let first = locks_at(&world, &live);
    for nth in 1..5 {
        world.lock(&live);
        let again = retime(&world, &live);
        world.chain.expect_ok(&again);
        let round = world.round(&live);
        assert_eq!((round.locks_at, round.event_at), (first + nth * DAY, first + nth * DAY + 30));
    }
    assert_eq!(world.round(&live).index, 0);
}

#[test]
fn the_period_itself_stands_for_its_multiples() {
    let mut spec = Spec::default();
    spec.limits.lock_offset_seconds = 60;
    let (mut world, game) = scene(spec);
    for _ in 0..4 {
        let live = world.open_round(&game);
        assert_eq!(locks_at(&world, &live) % 60, 0);
        world.lock(&live);
    }
}

#[test]
fn a_timetable_begins_with_the_next_round_and_ends_so() {
    let (mut world, game) = scene(Spec::default());
    let before = world.open_round(&game);
    let limits = LimitsArgs { lock_offset_seconds: 17, ..game.spec.limits };
    let update = |limits: &LimitsArgs| ix::update_limits(game.operator.owner, game.id, limits);
    world.chain.expect_ok(&update(&limits));
    assert_eq!(world.lottery(&game).lock_offset_seconds, 17);
    let on_time = world.open_round(&game);
    assert_eq!(locks_at(&world, &on_time) % 60, 17);
    assert!(locks_at(&world, &on_time) > locks_at(&world, &before));
    world.lock(&on_time);
    world.chain.expect_ok(&update(&game.spec.limits));
    let after = world.open_round(&game);
    assert_eq!(locks_at(&world, &after), locks_at(&world, &on_time) + 60);
}

#[test]
fn a_time_beyond_the_period_is_refused() {
    for spec in [Spec::default(), Spec::market(pro_rata()), Spec::keno(), Spec::instant()] {
        let (mut world, game) = scene(spec.clone());
        for offset in [spec.limits.period_seconds + 1, u32::MAX] {
            let limits = LimitsArgs { lock_offset_seconds: offset, ..spec.limits };
            let update = ix::update_limits(game.operator.owner, game.id, &limits);
            world.chain.expect_error(&update, LotteryError::InvalidLimits);
            let bad = Spec { limits, ..spec.clone() };
            let someone = world.authority;
            let create = world.create_instruction(&bad, someone, someone, someone);
            world.chain.expect_error(&create, LotteryError::InvalidLimits);
        }
        let limits = LimitsArgs { lock_offset_seconds: spec.limits.period_seconds, ..spec.limits };
        world.chain.expect_ok(&ix::update_limits(game.operator.owner, game.id, &limits));
    }
}
