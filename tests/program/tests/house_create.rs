//! What a house game may be: paytables, prize tables and limits are checked when it is created, and again at each new
//! config or limit.

use program_tests::{
    Instruction, LotteryError, Rules, Spec, World,
    accounts::{InstantPrize, InstantRules, KenoRules},
    args::LimitsArgs,
    game::draw_rules,
    house::{instant_rules, keno_rules, paytable, paytable_of},
    ix,
    kinds::Kind,
};

/// Refused at creation, and by `update` for a lottery of the same kind that exists.
#[track_caller]
fn refused(spec: &Spec, error: LotteryError) {
    let mut world = World::new();
    let create = world.create_instruction(spec, world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, error);
    let good = if spec.config.kind == Kind::Keno as u8 { Spec::keno() } else { Spec::instant() };
    let game = world.create(good);
    let config = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    let limits = ix::update_limits(game.operator.owner, game.id, &spec.limits);
    let updates: [Instruction; 2] = [config, limits];
    // One of the two carries the fault.
    let before = world.chain.snapshot();
    let faults: Vec<_> = updates
        .iter()
        .filter_map(|update| {
            let mut world = world.clone();
            let fault = world.chain.send(update).err()?;
            assert!(world.chain.snapshot() == before, "{} changed an account", fault.describe());
            Some(fault)
        })
        .collect();
    assert!(faults.iter().any(|fault| fault.lottery() == Some(error)), "the update was not refused");
}

#[track_caller]
fn accepted(spec: &Spec) {
    let mut world = World::new();
    let game = world.create(spec.clone());
    let operator = game.operator.owner;
    world.chain.expect_ok(&[
        ix::update_config(operator, game.id, 1, &spec.config, spec.rules_bytes()),
        ix::update_limits(operator, game.id, &spec.limits),
    ]);
}

fn keno(rows: &[&[(usize, u32)]]) -> KenoRules {
    keno_rules(paytable_of(rows))
}

fn band<R: Into<Rules>>(rules: R, min: u16, max: u16) -> Spec {
    let mut rules = rules.into();
    match &mut rules {
        Rules::Keno(rules) => (rules.rtp_min_bps, rules.rtp_max_bps) = (min, max),
        Rules::Instant(rules) => (rules.rtp_min_bps, rules.rtp_max_bps) = (min, max),
        Rules::Draw(_) | Rules::Prediction(_) => unreachable!("no house game"),
    }
    Spec::house_with(rules)
}

fn with_limits(change: impl FnOnce(&mut LimitsArgs)) -> Spec {
    let mut spec = Spec::keno();
    change(&mut spec.limits);
    spec
}

#[test]
fn paytables_outside_their_band_are_refused() {
    let error = LotteryError::RtpOutOfBand;
    // One spot that pays 3.8: a quarter of it is 0.95 exactly.
    let one = keno(&[&[(1, 38_000)]]);
    accepted(&band(one, 9_500, 9_500));
    accepted(&band(one, 1, 9_500));
    accepted(&band(one, 9_500, 9_700));
    refused(&band(one, 9_501, 9_700), error);
    refused(&band(one, 1, 9_499), error);
    // The least that one part of 10,000 of the stake changes.
    refused(&band(keno(&[&[(1, 38_001)]]), 1, 9_500), error);
    refused(&band(keno(&[&[(1, 37_999)]]), 9_500, 9_700), error);
    // Every row offered must lie in it, also the last.
    let mut table = paytable();
    table[9][10] = u32::MAX;
    refused(&band(keno_rules(table), 9_200, 9_600), error);
    let mut table = paytable();
    table[4][5] /= 2;
    refused(&band(keno_rules(table), 9_200, 9_600), error);
    // More than 100 %, and so much that the sum does not fit 64 bits.
    refused(&band(keno(&[&[(1, 40_001)]]), 1, 9_700), error);
    let mut table = paytable();
    table[9] = [u32::MAX; 11];
    refused(&band(keno_rules(table), 1, 9_700), error);
}

#[test]
fn prize_tables_outside_their_band_are_refused() {
    let error = LotteryError::RtpOutOfBand;
    let half = 1 << 31;
    // Half of the tickets win 1.9.
    let table = instant_rules(&[(half, 19_000)]);
    accepted(&band(table, 9_500, 9_500));
    refused(&band(table, 9_501, 9_700), error);
    refused(&band(table, 1, 9_499), error);
    refused(&band(instant_rules(&[(half, 19_001)]), 1, 9_500), error);
    refused(&band(instant_rules(&[(half + 1, 19_000)]), 1, 9_500), error);
    refused(&band(instant_rules(&[(half, u32::MAX)]), 1, 9_700), error);
}

#[test]
fn bands_that_make_no_sense_are_refused() {
    let error = LotteryError::InvalidRules;
    for rules in [Rules::Keno(keno(&[&[(1, 38_000)]])), Rules::Instant(instant_rules(&[(1 << 31, 19_000)]))] {
        for (min, max) in [(0, 9_600), (0, 0), (9_600, 9_400), (65_535, 65_535), (1, 65_535)] {
            refused(&band(rules, min, max), error);
        }
        // With the fee of 3 % the upper end is at most 97 %.
        accepted(&band(rules, 9_400, 9_700));
        refused(&band(rules, 9_400, 9_701), error);
        let mut spec = band(rules, 9_400, 9_500);
        spec.config.fee_bps = 500;
        accepted(&spec);
        spec.config.fee_bps = 501;
        refused(&spec, error);
        spec.config.fee_bps = 1_001;
        refused(&spec, LotteryError::FeeAboveCap);
    }
}

#[test]
fn paytables_that_make_no_sense_are_refused() {
    let error = LotteryError::InvalidRules;
    let bad = [
        ("nothing offered", keno(&[])),
        ("a prize for more matches than spots", keno(&[&[(1, 38_000), (2, 1)]])),
        ("a prize for eleven matches that no ticket has", keno(&[&[(1, 38_000)], &[(3, 1)]])),
        ("a row that is only a prize for too many matches", keno(&[&[(1, 38_000)], &[(10, 5)]])),
        ("a top prize below the stake", keno(&[&[(1, 9_999)]])),
        (
            "a row whose top prize is below the stake",
            keno(&[&[(1, 38_000)], &[(0, 9_000), (1, 9_000), (2, 9_000)]]),
        ),
    ];
    for (name, rules) in bad {
        println!("{name}");
        refused(&Spec::house_with(rules), error);
    }
    // Rows may be left out.
    accepted(&Spec::house_with(keno(&[&[], &[], &[(3, 600_000)]])));
}

#[test]
fn prize_tables_that_do_not_sum_are_refused() {
    let error = LotteryError::PrizeTableSum;
    let change = |change: fn(&mut InstantRules)| {
        let mut rules = instant_rules(&[(1 << 31, 19_000)]);
        change(&mut rules);
        Spec::house_with(rules)
    };
    refused(&change(|rules| rules.prizes[0].parts -= 1), error);
    refused(&change(|rules| rules.prizes[0].parts += 1), error);
    refused(&change(|rules| rules.prizes[1].parts = 1), error);
    refused(&change(|rules| rules.prizes[1].parts = u32::MAX), error);
    // Sixteen rows that wrap to 2^32 in 32 bits, but not in fact.
    refused(
        &change(|rules| {
            rules.prize_count = 16;
            for (nth, prize) in rules.prizes.iter_mut().enumerate() {
                *prize = InstantPrize { parts: 1 << 31, multiplier_bps: 20_000 - nth as u32 };
            }
        }),
        error,
    );
    // The losing row is not counted, and then a row is missing.
    refused(&change(|rules| rules.prize_count = 1), error);
    accepted(&change(|_| ()));
}

#[test]
fn prize_tables_that_make_no_sense_are_refused() {
    let error = LotteryError::InvalidRules;
    let half = 1 << 31;
    let change = |change: fn(&mut InstantRules)| {
        let mut rules = instant_rules(&[(1 << 30, 20_000), (1 << 30, 18_000)]);
        change(&mut rules);
        Spec::house_with(rules)
    };
    refused(&change(|rules| rules.prize_count = 0), error);
    refused(&change(|rules| rules.prize_count = 17), error);
    refused(&change(|rules| rules.prize_count = 255), error);
    // A row with no chance; rows that do not fall; a prize twice; losing twice.
    refused(&change(|rules| rules.prizes[1].parts = 0), error);
    refused(&change(|rules| rules.prizes[..2].reverse()), error);
    refused(&change(|rules| rules.prizes[1].multiplier_bps = 20_000), error);
    refused(&change(|rules| rules.prizes[1].multiplier_bps = 0), error);
    refused(&Spec::house_with(instant_rules(&[(half, 9_999)])), error);
    refused(&Spec::house_with(instant_rules(&[])), error);
    accepted(&change(|_| ()));
}

#[test]
fn a_price_of_entries_is_refused() {
    for spec in [Spec::keno(), Spec::instant()] {
        for stake_units in [1, 1_000_000, u64::MAX] {
            let mut spec = spec.clone();
            spec.config.stake_units = stake_units;
            refused(&spec, LotteryError::InvalidConfig);
        }
    }
}

#[test]
fn limits_that_no_house_game_can_have_are_refused() {
    let error = LotteryError::InvalidLimits;
    refused(&with_limits(|limits| limits.min_stake_units = 0), error);
    refused(&with_limits(|limits| limits.max_stake_units = 0), error);
    refused(&with_limits(|limits| limits.page_budget_units = 0), error);
    refused(&with_limits(|limits| limits.max_liability_units = 0), error);
    refused(&with_limits(|limits| limits.max_stake_units = limits.min_stake_units - 1), error);
    // The budget must leave a share for the least stake, and fit the round's cap.
    refused(&with_limits(|limits| limits.page_budget_units = 16 * limits.min_stake_units - 1), error);
    accepted(&with_limits(|limits| limits.page_budget_units = 16 * limits.min_stake_units));
    refused(&with_limits(|limits| limits.max_liability_units = limits.page_budget_units - 1), error);
    accepted(&with_limits(|limits| limits.max_liability_units = limits.page_budget_units));
    accepted(&with_limits(|limits| limits.max_stake_units = limits.min_stake_units));
    for period_seconds in [0, 1, 61, 3_600] {
        refused(&with_limits(|limits| limits.period_seconds = period_seconds), error);
    }
    accepted(&with_limits(|limits| limits.period_seconds = 2));
    accepted(&with_limits(|limits| limits.period_seconds = 60));
    refused(&with_limits(|limits| limits.page_entries = 0), error);
    refused(&with_limits(|limits| *limits = Spec::default().limits), error);
}

#[test]
fn house_limits_on_a_draw_are_refused() {
    let changes: [fn(&mut LimitsArgs); 4] = [
        |limits| limits.min_stake_units = 1,
        |limits| limits.max_stake_units = 1,
        |limits| limits.page_budget_units = 1,
        |limits| limits.max_liability_units = 1,
    ];
    for change in changes {
        let mut spec = Spec::default();
        change(&mut spec.limits);
        let mut world = World::new();
        let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
        world.chain.expect_error(&create, LotteryError::InvalidLimits);
        let game = world.create(Spec::default());
        let update = ix::update_limits(game.operator.owner, game.id, &spec.limits);
        world.chain.expect_error(&update, LotteryError::InvalidLimits);
    }
}

#[test]
fn rules_of_another_kind_or_length_are_refused() {
    let draw = Rules::Draw(draw_rules(6, 49, 0, &[(6, 0, 10_000)]));
    for spec in [Spec::keno(), Spec::instant()] {
        let other = if spec.config.kind == Kind::Keno as u8 { Spec::instant() } else { Spec::keno() };
        refused(&Spec { rules: draw, ..spec.clone() }, LotteryError::InvalidRules);
        refused(&Spec { rules: other.rules, ..spec.clone() }, LotteryError::InvalidRules);

        let mut world = World::new();
        let game = world.create(spec.clone());
        let long = [spec.rules_bytes(), &[0]].concat();
        for rules in [&[][..], &spec.rules_bytes()[1..], &long] {
            let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, rules);
            world.chain.expect_error(&update, LotteryError::InvalidRules);
        }
        // A lottery never changes its kind.
        let update = ix::update_config(game.operator.owner, game.id, 1, &other.config, other.rules_bytes());
        world.chain.expect_error(&update, LotteryError::WrongKind);
    }
}
