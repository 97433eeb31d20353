//! What a market may be: mapping, mode, source and stakes are checked when it is created, and again at each new config.

use program_tests::{
    Instruction, LotteryError, MarketRules, Pubkey, Rules, Spec, World,
    accounts::{AccountLayout, Config, PredictionRange, PredictionRules, Round},
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
    ix,
    kinds::{Kind, Source},
    market::{in_ranges, numbers, parimutuel, pro_rata, reporters},
    replay,
};

const PARITY: u8 = 1;
const RANGES: u8 = 2;
const EXACT: u8 = 3;
const NUMBER: u8 = 4;
const COMPARE: u8 = 5;

/// Creates a lottery from rules given as bytes.
pub fn create_bytes(world: &World, spec: &Spec, rules: &[u8]) -> Instruction {
    let someone = world.authority;
    let args = LotteryArgs { name: [0; 32], pauser: someone.to_bytes(), treasurer: someone.to_bytes() };
    let id = world.registry().next_lottery_id;
    ix::create_lottery(someone, id, world.mint(spec.money), &args, &spec.limits, &spec.config, rules)
}

fn oracles_of(rules: &[u8]) -> Option<Pubkey> {
    rules.first_chunk().map(|key: &[u8; 32]| Pubkey::new_from_array(*key))
}

/// Refused at creation, and by `update_config` for a market that exists.
#[track_caller]
fn refused_bytes(spec: &Spec, rules: &[u8], error: LotteryError) {
    let mut world = World::new();
    // Whatever set the rules name, it is there: only the fault named is left.
    let set = (1..=16).find(|n| oracles_of(rules) == Some(address::oracle_set(&reporters(*n)).0));
    world.add_oracles(set.unwrap_or(3));
    let create = create_bytes(&world, spec, rules);
    world.chain.expect_error(&create, error);
    let game = world.create(Spec::market(pro_rata()));
    let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, rules);
    world.chain.expect_error(&update, error);
}

#[track_caller]
pub fn refused(rules: MarketRules, error: LotteryError) {
    refused_bytes(&Spec::market(rules), rules.bytes(), error);
}

#[track_caller]
pub fn accepted(spec: Spec) {
    let mut world = World::new();
    let game = world.create(spec);
    world.open(&game);
}

/// Every number of `some` is an outcome; all others are one more.
fn exact(some: &[i64]) -> MarketRules {
    let ranges: Vec<(i64, i64)> = some.iter().map(|number| (*number, *number)).collect();
    parimutuel().with_ranges(&ranges).with(|rules| {
        rules.mapping = EXACT;
        rules.outcome_count = some.len() as u8 + 1;
    })
}

/// Fact 0 against fact 1.
fn compare(outcomes: u8, tie: u8) -> MarketRules {
    parimutuel().with(|rules| {
        rules.mapping = COMPARE;
        rules.fact_count = 2;
        rules.other = 2;
        rules.outcome_count = outcomes;
        rules.tie = tie;
    })
}

#[test]
fn it_stores_what_it_was_given() {
    let mut world = World::new();
    let rules = in_ranges(&[(-5, -1), (0, 0), (1, i64::MAX)]);
    let game = world.create(Spec::market(rules).oracles(5, 4).event_delay(600));
    let key = address::config(&game.key, 0).0;
    let config: Config = world.chain.account(key);
    assert_eq!((config.kind, config.source), (Kind::Prediction as u8, Source::Oracle as u8));
    assert_eq!((config.stake_units, config.reveal_delay_slots, config.beacon), (0, 0, [0; 32]));
    assert_eq!(replay::rules_of(&world.chain, key), game.spec.rules);
    let expected = Config::LEN + size_of::<PredictionRules>() + 3 * size_of::<PredictionRange>();
    assert_eq!(world.chain.data(key).len(), expected);
    let lottery = world.lottery(&game);
    assert_eq!((lottery.min_stake_units, lottery.max_stake_units), (1_000, 1_000_000_000));

    let live = world.open(&game);
    let round = world.round(&live);
    assert_eq!((round.outcome_count, round.reporter_count, round.quorum), (3, 5, 4));
    assert_eq!(round.event_at, round.locks_at + 600);
    assert_eq!(round.target_slot, round.lock_slot + 1_500);
    assert_eq!(round.bond_units, 0, "a market needs no bond");
    // Three stakes, and five attestations of eight facts, evidence and time.
    assert_eq!(world.chain.data(live.key).len(), Round::LEN + 3 * 8 + 5 * (8 * 8 + 32 + 8));
    assert_eq!(world.page(&live, 0).tail_words, 3);
}

#[test]
fn a_mapping_with_a_gap_is_refused() {
    let error = LotteryError::MappingGap;
    refused(in_ranges(&[(0, 9), (11, 20)]), error);
    refused(in_ranges(&[(1, 9), (10, 20)]).with(|rules| rules.minimum = 0), error);
    refused(in_ranges(&[(0, 9), (10, 19)]).with(|rules| rules.maximum = 20), error);
    refused(in_ranges(&[(i64::MIN, -1), (1, i64::MAX)]), error);
    refused(numbers(100).with(|rules| rules.outcome_count = 99), error);
}

#[test]
fn a_mapping_that_overlaps_is_refused() {
    let error = LotteryError::MappingOverlap;
    refused(in_ranges(&[(0, 10), (10, 20)]), error);
    refused(in_ranges(&[(0, 20), (0, 20)]), error);
    // In order, or it cannot be read.
    let swapped = in_ranges(&[(11, 20), (0, 10)]).with(|rules| (rules.minimum, rules.maximum) = (0, 20));
    refused(swapped, error);
    refused(exact(&[7, 7]), error);
    refused(exact(&[8, 7]), error);
}

#[test]
fn a_mapping_that_contradicts_itself_is_refused() {
    let error = LotteryError::InvalidMapping;
    let bad = |change: fn(&mut PredictionRules)| refused(parimutuel().with(change), error);
    for mapping in [0, 6, 255] {
        refused(parimutuel().with(|rules| rules.mapping = mapping), error);
    }
    bad(|rules| rules.outcome_count = 3);
    bad(|rules| rules.fact_count = 0);
    bad(|rules| rules.fact_count = 9);
    bad(|rules| rules.fact_count = 255);
    bad(|rules| rules.subject = 0);
    // A fact that nobody attests.
    bad(|rules| rules.subject = 2);
    bad(|rules| rules.minimum = 99);
    bad(|rules| rules.minimum = 100);
    // Only a comparison has another side.
    bad(|rules| rules.other = 1);
    bad(|rules| rules.tie = 1);
    // Only ranges and exact numbers have ranges.
    refused(parimutuel().with_ranges(&[(0, 99)]), error);
}

#[test]
fn ranges_and_numbers_that_contradict_the_outcomes_are_refused() {
    let error = LotteryError::InvalidMapping;
    refused(in_ranges(&[(0, 9), (10, 20)]).with(|rules| rules.outcome_count = 3), error);
    refused(in_ranges(&[(0, 9), (10, 20)]).with(|rules| rules.minimum = 1), error);
    refused(in_ranges(&[(0, 9), (10, 20)]).with(|rules| rules.maximum = 19), error);
    // Upside down.
    refused(in_ranges(&[(0, 9), (20, 10)]).with(|rules| rules.maximum = 20), error);
    refused(exact(&[7]).with(|rules| rules.outcome_count = 3), error);
    refused(exact(&[100]), error);
    refused(parimutuel().with_ranges(&[(5, 6)]).with(|rules| rules.mapping = EXACT), error);
    // No number is left for "other".
    refused(exact(&[3, 4]).with(|rules| (rules.minimum, rules.maximum) = (3, 4)), error);
    // An outcome without a number.
    refused(numbers(5).with(|rules| rules.outcome_count = 6), error);
}

#[test]
fn comparisons_that_contradict_themselves_are_refused() {
    let error = LotteryError::InvalidMapping;
    refused(compare(2, 0).with(|rules| rules.other = 0), error);
    refused(compare(2, 0).with(|rules| rules.other = 4), error);
    // A sum compared with itself.
    refused(compare(2, 0).with(|rules| rules.other = rules.subject), error);
    refused(compare(2, 2), error);
    refused(compare(3, 1), error);
    refused(compare(4, 2), error);
    for (outcomes, tie) in [(2, 0), (2, 1), (3, 2)] {
        accepted(Spec::market(compare(outcomes, tie)));
    }
}

#[test]
fn mappings_at_their_limits_are_accepted() {
    let halves = [(i64::MIN, -1), (0, i64::MAX)];
    let many: Vec<(i64, i64)> = (0..24).map(|nth| (10 * nth, 10 * nth + 9)).collect();
    let most = parimutuel().with(|rules| {
        (rules.fact_count, rules.subject) = (8, 255);
        (rules.minimum, rules.maximum) = (i64::MIN, i64::MAX);
    });
    for rules in [in_ranges(&halves), in_ranges(&many), exact(&[0, 50, 99]), numbers(2), numbers(128), most] {
        assert!([PARITY, RANGES, EXACT, NUMBER].contains(&rules.header.mapping));
        accepted(Spec::market(rules));
    }
}

#[test]
fn rules_of_the_wrong_length_are_refused() {
    let error = LotteryError::InvalidRules;
    let rules = in_ranges(&[(0, 9), (10, 20)]);
    let (spec, bytes) = (Spec::market(rules), rules.bytes());
    let long = [bytes, &[0]].concat();
    let third = [bytes, bytemuck::bytes_of(&PredictionRange { low: 21, high: 30 })].concat();
    let one = &bytes[..size_of::<PredictionRules>() + size_of::<PredictionRange>()];
    for rules in [&[][..], &bytes[..63], &bytes[..64], one, &bytes[..bytes.len() - 1], &long, &third] {
        refused_bytes(&spec, rules, error);
    }
    // More ranges than a mapping has, all of them there.
    let many: Vec<(i64, i64)> = (0..24).map(|nth| (10 * nth, 10 * nth + 9)).collect();
    let mut rules = in_ranges(&many);
    rules.header.range_count = 25;
    rules.header.outcome_count = 25;
    rules.header.maximum = 249;
    let bytes = [rules.bytes(), bytemuck::bytes_of(&PredictionRange { low: 240, high: 249 })].concat();
    refused_bytes(&spec, &bytes, error);
}

#[test]
fn a_mode_with_the_wrong_number_of_outcomes_is_refused() {
    let error = LotteryError::InvalidRules;
    for mode in [0, 3, 255] {
        refused(parimutuel().with(|rules| rules.mode = mode), error);
    }
    // Pro rata is for two sides.
    refused(numbers(3).with(|rules| rules.mode = 1), error);
    for outcomes in [0, 1, 129, 255] {
        refused(numbers(2).with(|rules| rules.outcome_count = outcomes), error);
    }
    accepted(Spec::market(numbers(2).with(|rules| rules.mode = 1)));
}

#[test]
fn an_event_too_far_ahead_is_refused() {
    let month = 30 * 86_400;
    for delay in [month + 1, u32::MAX] {
        refused(pro_rata().with(|rules| rules.event_delay_seconds = delay), LotteryError::InvalidRules);
    }
    accepted(Spec::market(pro_rata()).event_delay(month));
    accepted(Spec::market(pro_rata()).event_delay(0));
}

#[test]
fn prediction_and_oracles_go_only_together() {
    let mut world = World::new();
    world.add_oracles(3);
    world.add_own_beacon();
    let mut args = world.registry_args();
    args.allowed_sources = [255; 8];
    args.switchboard_program = [1; 32];
    world.chain.expect_ok(&ix::update_registry(world.authority, &args));
    let market = Spec::market(pro_rata());
    let beacon = market.clone().beacon();
    let mut revealed = market.clone();
    revealed.config.source = Source::CommitReveal as u8;
    revealed.config.reveal_delay_slots = 4;
    let mut switchboard = market.clone();
    switchboard.config.source = Source::Switchboard as u8;
    for spec in [beacon, revealed, switchboard] {
        let create = create_bytes(&world, &spec, spec.rules_bytes());
        world.chain.expect_error(&create, LotteryError::SourceNotAllowed);
    }
    for mut spec in [Spec::default(), Spec::keno(), Spec::instant()] {
        spec.config.source = Source::Oracle as u8;
        spec.config.reveal_delay_slots = 0;
        let create = create_bytes(&world, &spec, spec.rules_bytes());
        world.chain.expect_error(&create, LotteryError::InvalidConfig);
    }
}

#[test]
fn a_pair_that_the_registry_does_not_list_is_refused() {
    let mut world = World::new();
    world.add_oracles(3);
    let args = world.registry_args();
    let mut none = args;
    none.allowed_sources[Kind::Prediction as usize] = 0;
    world.chain.expect_ok(&ix::update_registry(world.authority, &none));
    let spec = Spec::market(pro_rata());
    let create = create_bytes(&world, &spec, spec.rules_bytes());
    world.chain.expect_error(&create, LotteryError::SourceNotAllowed);
    world.chain.expect_ok(&ix::update_registry(world.authority, &args));
    world.chain.expect_ok(&create);
}

#[test]
fn configs_of_other_sources_are_refused() {
    let with = |change: fn(&mut ConfigArgs)| {
        let mut spec = Spec::market(pro_rata());
        change(&mut spec.config);
        spec
    };
    let bad = |change, error| {
        let spec = with(change);
        refused_bytes(&spec, spec.rules_bytes(), error);
    };
    let error = LotteryError::InvalidConfig;
    bad(|config| config.reveal_delay_slots = 1, error);
    bad(|config| config.beacon = [1; 32], error);
    bad(|config| config.beacon_margin_seconds = 30, error);
    // Players choose their stake.
    bad(|config| config.stake_units = 1, error);
    bad(|config| config.grace_seconds = 59, error);
    bad(|config| config.grace_slots = 99, error);
    bad(|config| config.claim_seconds = 3_599, error);
    bad(|config| config.fee_bps = 1_001, LotteryError::FeeAboveCap);
}

#[test]
fn limits_of_other_kinds_are_refused() {
    let bad = |change: fn(&mut LimitsArgs)| {
        let mut spec = Spec::market(pro_rata());
        change(&mut spec.limits);
        let mut world = World::new();
        world.add_oracles(3);
        let create = create_bytes(&world, &spec, spec.rules_bytes());
        world.chain.expect_error(&create, LotteryError::InvalidLimits);
        let game = world.create(Spec::market(pro_rata()));
        let update = ix::update_limits(game.operator.owner, game.id, &spec.limits);
        world.chain.expect_error(&update, LotteryError::InvalidLimits);
    };
    bad(|limits| limits.min_stake_units = 0);
    bad(|limits| limits.max_stake_units = 0);
    bad(|limits| limits.min_stake_units = limits.max_stake_units + 1);
    // No bankroll stands behind a market.
    bad(|limits| limits.page_budget_units = 1);
    bad(|limits| limits.max_liability_units = 1);
    bad(|limits| limits.page_entries = 65_001);
}

#[test]
fn a_market_keeps_its_kind() {
    let mut world = World::new();
    let (market, draw) = (world.create(Spec::market(pro_rata())), world.create(Spec::default()));
    for (game, other) in [(&market, &draw), (&draw, &market)] {
        let (config, rules) = (&other.spec.config, other.spec.rules_bytes());
        let update = ix::update_config(game.operator.owner, game.id, 1, config, rules);
        world.chain.expect_error(&update, LotteryError::WrongKind);
    }
    assert!(matches!(market.spec.rules, Rules::Prediction(_)));
}
