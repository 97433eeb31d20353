//! Amounts at the limits of 64 bits: refused by name, or exactly right.

use program_tests::{
    InstructionError, LotteryError, Money, Spec, World, audit, ix,
    kinds::Kind,
    market::{numbers, parimutuel, pro_rata},
};

const HUGE: u64 = u64::MAX - 1_000_000;

/// A world whose token vault already holds `units` of one player.
fn rich(money: Money, units: u64) -> (World, program_tests::Player) {
    let mut world = World::new();
    let player = world.player(money, units);
    (world, player)
}

#[test]
fn a_vault_counts_to_the_last_unit_of_64_bits() {
    for money in [Money::Spl, Money::Token2022] {
        let (mut world, player) = rich(money, HUGE);
        world.grant(player.owner, money, 1_000_001);
        let side = world.side(player.owner, money);
        let over = ix::deposit(player.owner, side, 1_000_001);
        // The token program's "overflow": the vault's own account is full.
        world.chain.expect_refused(&over);
        world.deposit(&player, 1_000_000);
        assert_eq!(world.balance(&player), u64::MAX);
        assert_eq!(audit::vault(&world.chain, &world.mint(money)).total_units, u64::MAX);
        world.withdraw(&player, u64::MAX - 1);
        assert_eq!(world.balance(&player), 1);
    }
}

#[test]
fn native_deposits_cannot_exceed_what_exists() {
    let (mut world, player) = rich(Money::Sol, 1_000);
    let side = world.side(player.owner, Money::Sol);
    let deposit = ix::deposit(player.owner, side, u64::MAX);
    world.chain.expect_instruction_error(&deposit, InstructionError::Custom(1));
}

#[test]
fn a_bond_that_does_not_fit_is_refused_when_a_round_opens() {
    let mut world = World::new();
    let mut spec = Spec::default();
    spec.config.stake_units = u64::MAX / 255;
    let game = world.create(spec);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::MathOverflow);
}

#[test]
fn a_house_bond_that_does_not_fit_is_refused_when_a_round_opens() {
    for spec in [Spec::keno(), Spec::instant()] {
        let mut world = World::new();
        let game = world.create(spec.budgets(1 << 40, u64::MAX / 2 + 1));
        let open = world.open_round_instruction(&game);
        world.chain.expect_error(&open, LotteryError::MathOverflow);
    }
}

#[test]
fn rewards_that_do_not_fit_any_deposit_are_refused_when_a_round_opens() {
    let mut world = World::new();
    let mut spec = Spec::default().pages(65_000, 10_000);
    spec.config.stake_units = 1;
    (spec.limits.reward_step_lamports, spec.limits.reward_item_lamports) = (u32::MAX, u32::MAX);
    let game = world.create(spec);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::CrankDepositTooLow);
}

/// The largest stake: twenty of them fit 64 bits.
const LARGEST_STAKE: u64 = u64::MAX / 20;

/// A progressive coin of the largest stake whose rounds take ten entries.
fn largest_stake() -> Spec {
    let mut spec = Spec::coin().money(Money::Spl).pages(10, 1);
    spec.config.stake_units = LARGEST_STAKE;
    // No compensation: bond and stakes together just fit the vault.
    spec.config.compensation_cap_bps = 0;
    spec.bond_units = 10 * LARGEST_STAKE;
    spec.rules.draw_mut().rollover = 1;
    spec
}

#[test]
fn a_stake_of_which_twenty_do_not_fit_is_refused() {
    let mut world = World::new();
    let mut spec = largest_stake();
    spec.config.stake_units += 1;
    let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, LotteryError::InvalidRules);
}

#[test]
fn the_largest_stake_is_played_and_split_exactly() {
    let mut world = World::new();
    let game = world.create(largest_stake());
    let player = world.player(Money::Spl, 9 * LARGEST_STAKE);
    let live = world.open(&game);
    let many = world.enter_instruction(&live, &player, 0, 10, &[]);
    world.chain.expect_error(&many, LotteryError::InsufficientBalance);
    world.enter(&live, &player, 0, &[&[1], &[1], &[2], &[1], &[2], &[1], &[1], &[1], &[2]]);
    world.to_settled(&live);
    let split = world.replay_split(&live, 0);
    world.finalise(&live);
    let round = world.round(&live);
    assert_eq!(round.pool_units, 9 * LARGEST_STAKE);
    assert_eq!(round.fee_units, (round.pool_units as u128 * 500 / 10_000) as u64);
    assert_eq!((round.fee_units, round.prize_each_units), (split.fee, split.prize_each));
    world.pay_all(&live);
    world.close_all(&live);
    // Bond, fees and prizes are all there.
    let lottery = world.lottery(&game);
    assert_eq!(lottery.bond_free_units, 10 * LARGEST_STAKE);
    let dust = lottery.jackpot_units + lottery.fees_units;
    assert_eq!(world.balance(&player), 9 * LARGEST_STAKE - dust);
}

#[test]
fn pool_and_jackpot_together_reach_the_limit_and_are_paid() {
    let money = Money::Token2022;
    let mut world = World::new();
    let mut spec = Spec::coin().money(money).pages(2, 1);
    spec.rules.draw_mut().rollover = 1;
    spec.config.stake_units = 1;
    spec.config.fee_bps = 0;
    spec.jackpot_units = u64::MAX - 10_000;
    // On commit-reveal a bond would have to cover the jackpot.
    world.allow_beacon(Kind::Draw);
    world.add_own_beacon();
    let game = world.create(spec.beacon());
    let player = world.player(money, 10_000);
    assert_eq!(audit::vault(&world.chain, &game.mint).total_units, u64::MAX);
    let live = world.open(&game);
    world.enter(&live, &player, 0, &[&[1], &[2]]);
    world.lock(&live);
    world.post_signature(&live);
    world.seal_all(&live);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    assert_eq!(world.round(&live).prize_each_units[0], u64::MAX - 10_000 + 2);
    world.pay_all(&live);
    assert_eq!(world.balance(&player), u64::MAX);
    world.withdraw(&player, u64::MAX);
}

#[test]
fn sessions_with_the_largest_limit_do_not_wrap() {
    let mut world = World::new();
    let game = world.create(largest_stake());
    let live = world.open(&game);
    let player = world.player(Money::Spl, 9 * LARGEST_STAKE);
    let key = world.chain.funded("session", 1_000_000_000);
    let args = program_tests::args::SessionArgs {
        key: key.to_bytes(),
        lotteries: [game.id, 0, 0, 0],
        expires_at: i64::MAX,
        limit_units: u64::MAX,
    };
    world.chain.expect_ok(&[ix::set_session(player.owner, game.mint, &args)]);
    let enter = |count| ix::enter(key, player.wallet, live.key, live.page(0), count, &[]);
    world.chain.expect_ok(&[enter(9)]);
    assert_eq!(world.wallet(&player).session_spent_units, 9 * LARGEST_STAKE);
    // Spent so far and eleven more would wrap, were there room and money for them.
    world.chain.expect_error(&[enter(20)], LotteryError::PageFull);
    world.chain.expect_error(&[enter(1)], LotteryError::InsufficientBalance);
}

/// A market for tokens in which any stake may be bet.
fn unlimited(rules: program_tests::MarketRules) -> Spec {
    let mut spec = Spec::market(rules).money(Money::Spl);
    (spec.limits.min_stake_units, spec.limits.max_stake_units) = (1, u64::MAX);
    spec
}

#[test]
fn stakes_that_do_not_fit_together_are_refused() {
    let mut world = World::new();
    let game = world.create(unlimited(pro_rata()));
    let live = world.open(&game);
    let player = world.player(Money::Spl, u64::MAX);
    // On one outcome, and on two.
    for bets in [[(u64::MAX, 0), (1, 0)], [(u64::MAX, 0), (1, 1)], [(1 << 63, 1), (1 << 63, 0)]] {
        let bet = world.bet_instruction(&live, &player, 0, &bets);
        world.chain.expect_error(&bet, LotteryError::MathOverflow);
    }
    world.bet(&live, &player, 0, &[(u64::MAX - 1, 0)]);
    let more = world.bet_instruction(&live, &player, 0, &[(2, 1)]);
    world.chain.expect_refused(&more);
    world.bet(&live, &player, 0, &[(1, 1)]);
    assert_eq!(world.page_pools(&live, 0), [u64::MAX - 1, 1]);
    assert_eq!(world.balance(&player), 0);
}

#[test]
fn the_largest_market_is_split_exactly() {
    let (one, other) = ((1 << 63) - 10, (1 << 63) - 3);
    let fee = (one as u128 * 500 / 10_000) as u64;
    for (rules, fact, back) in [
        // The smaller side wins its match less the fee; the larger keeps the seven units that nobody took.
        (pro_rata(), 0, [2 * one - fee, 7]),
        (pro_rata(), 1, [0, other + one - fee]),
        (parimutuel(), 1, [0, other + one - fee]),
    ] {
        let mut world = World::new();
        let game = world.create(unlimited(rules));
        let live = world.open(&game);
        let players = [world.player(Money::Spl, one), world.player(Money::Spl, other)];
        world.bet(&live, &players[0], 0, &[(one, 0)]);
        world.bet(&live, &players[1], 0, &[(other, 1)]);
        world.market_to_final(&live, &[fact]);
        let round = world.round(&live);
        assert_eq!((round.pool_units, round.fee_units), (u64::MAX - 12, fee));
        world.pay_all(&live);
        assert_eq!(players.map(|player| world.balance(&player)), back);
        world.close_all(&live);
        let lottery = world.lottery(&game);
        let dust = round.pool_units - fee - back[0] - back[1];
        assert_eq!((lottery.fees_units, lottery.treasury_due_units), (fee, dust));
    }
}

#[test]
fn one_unit_against_all_there_is() {
    let mut world = World::new();
    let game = world.create(unlimited(numbers(128)));
    let live = world.open(&game);
    let (small, large) = (world.player(Money::Spl, 1), world.player(Money::Spl, u64::MAX - 1));
    world.bet(&live, &large, 0, &[(u64::MAX - 1, 0)]);
    world.bet(&live, &small, 0, &[(1, 127)]);
    let mut lost = world.clone();
    world.market_to_final(&live, &[127]);
    world.pay_all(&live);
    let fee = ((u64::MAX - 1) as u128 * 500 / 10_000) as u64;
    assert_eq!(world.balance(&small), u64::MAX - fee);
    world.withdraw(&small, u64::MAX - fee);
    // The other way round a unit is won, of which there is no fee.
    lost.market_to_final(&live, &[0]);
    lost.pay_all(&live);
    assert_eq!(lost.balance(&large), u64::MAX);
}

#[test]
fn a_timetable_at_the_end_of_time_does_not_wrap() {
    let mut spec = Spec::market(pro_rata()).event_delay(30 * 86_400);
    (spec.limits.period_seconds, spec.limits.lock_offset_seconds) = (366 * 86_400, 366 * 86_400);
    (spec.config.grace_seconds, spec.config.grace_slots) = (u32::MAX, u32::MAX);
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let round = world.round(&live);
    assert_eq!(round.locks_at % (366 * 86_400), 0);
    assert_eq!(round.event_at, round.locks_at + 30 * 86_400);
    let player = world.player(Money::Sol, 10_000);
    world.bet(&live, &player, 0, &[(10_000, 0)]);
    assert_eq!(world.wallet(&player).busy_until, round.event_at + u32::MAX as i64);
    world.lock(&live);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
}
