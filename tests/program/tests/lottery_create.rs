//! What a lottery may be: everything is checked when it is created, and again at each new config or limit.

use program_tests::{
    Instruction, LotteryError, Money, Spec, World,
    accounts::{AccountLayout, Config, DrawRules, Lottery},
    address,
    args::{ConfigArgs, LimitsArgs},
    game::draw_rules,
    ix,
    kinds::{Kind, LotteryStatus, Source},
    market::pro_rata,
    raffle::places,
    replay,
};

/// Refused at creation, and by `update` for a lottery that exists.
#[track_caller]
fn refused(spec: &Spec, error: LotteryError) {
    let mut world = World::new();
    let create = world.create_instruction(spec, world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, error);
    let game = world.create(Spec::default());
    let config = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    let limits = ix::update_limits(game.operator.owner, game.id, &spec.limits);
    let updates: Vec<Instruction> = vec![config, limits];
    // One of the two carries the fault. A lottery never changes its kind.
    let error = if spec.config.kind == Kind::Draw as u8 { error } else { LotteryError::WrongKind };
    let faults: Vec<_> = updates.iter().filter_map(|update| world.clone().chain.send(update).err()).collect();
    assert!(faults.iter().any(|fault| fault.lottery() == Some(error)), "the update was not refused");
}

fn with_config(change: impl FnOnce(&mut ConfigArgs)) -> Spec {
    let mut spec = Spec::default();
    change(&mut spec.config);
    spec
}

fn with_limits(change: impl FnOnce(&mut LimitsArgs)) -> Spec {
    let mut spec = Spec::default();
    change(&mut spec.limits);
    spec
}

fn with_rules(rules: DrawRules) -> Spec {
    Spec { rules: rules.into(), ..Spec::default() }
}

#[test]
fn it_stores_what_it_was_given() {
    let mut world = World::new();
    for (nth, money) in Money::ALL.into_iter().enumerate() {
        let game = world.create_only(Spec::default().money(money));
        let lottery = world.lottery(&game);
        assert_eq!(lottery.id, nth as u64 + 1);
        assert_eq!(lottery.mint, world.mint(money).to_bytes());
        assert_eq!(lottery.operator, game.operator.owner.to_bytes());
        assert_eq!(lottery.pauser, game.pauser.to_bytes());
        assert_eq!(lottery.treasurer, game.treasurer.to_bytes());
        assert_eq!(lottery.rent_payer, game.operator.owner.to_bytes());
        assert_eq!((lottery.status, lottery.config_count), (LotteryStatus::Pending as u8, 1));
        assert_eq!(&lottery.name[..5], b"game\0");
        assert_eq!(lottery.page_entries, game.spec.limits.page_entries);
        assert_eq!(lottery.reward_item_lamports, game.spec.limits.reward_item_lamports);
        let key = address::config(&game.key, 0).0;
        let config: Config = world.chain.account(key);
        assert_eq!((config.lottery, config.version), (game.key.to_bytes(), 0));
        assert_eq!(config.stake_units, game.spec.config.stake_units);
        assert_eq!(config.fee_bps, game.spec.config.fee_bps);
        assert_eq!(replay::rules_of(&world.chain, key), game.spec.rules);
        assert_eq!(world.chain.data(key).len(), Config::LEN + size_of::<DrawRules>());
        assert_eq!(lottery.config, key.to_bytes());
    }
}

#[test]
fn bad_rules_are_refused() {
    let error = LotteryError::InvalidRules;
    let all = [(6, 0, 10_000)];
    let mut seventeen = Vec::new();
    seventeen.extend((1..=8).flat_map(|matches| [(matches, 0, 600), (matches, 1, 600)]));
    let good = *Spec::default().rules.draw();
    let bad = [
        ("no pick", draw_rules(0, 49, 0, &all)),
        ("21 picks", draw_rules(21, 49, 0, &all)),
        ("no number", draw_rules(1, 0, 0, &[(1, 0, 10_000)])),
        ("129 numbers", draw_rules(6, 129, 0, &all)),
        ("more picks than numbers", draw_rules(6, 5, 0, &all)),
        ("129 bonus balls", draw_rules(6, 49, 129, &all)),
        ("no tier", draw_rules(6, 49, 0, &[])),
        ("17 tiers", DrawRules { tier_count: 17, ..draw_rules(8, 49, 9, &seventeen[..16]) }),
        ("shares below 10,000", draw_rules(6, 49, 0, &[(6, 0, 9_999)])),
        ("shares above 10,000", draw_rules(6, 49, 0, &[(6, 0, 5_000), (5, 0, 5_001)])),
        ("shares that wrap", draw_rules(6, 49, 0, &[(6, 0, 65_535), (5, 0, 10_001)])),
        ("a tier without a share", draw_rules(6, 49, 0, &[(6, 0, 10_000), (5, 0, 0)])),
        ("a tier twice", draw_rules(6, 49, 0, &[(6, 0, 5_000), (6, 0, 5_000)])),
        ("a tier for nothing", draw_rules(6, 49, 0, &[(6, 0, 5_000), (0, 0, 5_000)])),
        ("a tier of more matches than picks", draw_rules(6, 49, 0, &[(7, 0, 10_000)])),
        ("a bonus without a drum", draw_rules(6, 49, 0, &[(6, 1, 10_000)])),
        ("a bonus of two balls", draw_rules(6, 49, 10, &[(6, 2, 10_000)])),
        ("a bonus ball that cannot be missed", draw_rules(6, 49, 1, &[(6, 0, 10_000)])),
        ("a tier that always has more matches", draw_rules(6, 10, 0, &[(1, 0, 10_000)])),
        ("a rollover that is neither", DrawRules { rollover: 2, ..good }),
    ];
    for (name, rules) in bad {
        println!("{name}");
        refused(&with_rules(rules), error);
    }
}

#[test]
fn rules_of_the_wrong_length_are_refused() {
    let mut world = World::new();
    let spec = Spec::default();
    let id = world.registry().next_lottery_id;
    let args = program_tests::args::LotteryArgs {
        name: [0; 32],
        pauser: world.authority.to_bytes(),
        treasurer: world.authority.to_bytes(),
    };
    let long = [spec.rules_bytes(), &[0]].concat();
    for rules in [&[][..], &spec.rules_bytes()[1..], &long] {
        let mint = world.mint(Money::Sol);
        let create = ix::create_lottery(world.authority, id, mint, &args, &spec.limits, &spec.config, rules);
        world.chain.expect_error(&create, LotteryError::InvalidRules);
    }
}

#[test]
fn a_stake_of_nothing_is_refused() {
    refused(&with_config(|config| config.stake_units = 0), LotteryError::InvalidRules);
}

#[test]
fn a_fee_above_the_cap_is_refused() {
    refused(&with_config(|config| config.fee_bps = 1_001), LotteryError::FeeAboveCap);
    let mut world = World::new();
    world.create(with_config(|config| config.fee_bps = 1_000));
    world.create(with_config(|config| config.fee_bps = 0));
}

#[test]
fn configs_outside_what_the_registry_allows_are_refused() {
    let error = LotteryError::InvalidConfig;
    refused(&with_config(|config| config.grace_seconds = 59), error);
    refused(&with_config(|config| config.grace_slots = 99), error);
    refused(&with_config(|config| config.claim_seconds = 3_599), error);
    refused(&with_config(|config| config.compensation_cap_bps = 10_001), error);
    // A target that is reached before lock, or beyond what SlotHashes surely still knows.
    refused(&with_config(|config| config.reveal_delay_slots = 0), error);
    refused(&with_config(|config| config.reveal_delay_slots = 151), error);
}

#[test]
fn other_kinds_and_sources_are_refused_by_name() {
    for kind in [0, 6, 255] {
        refused(&with_config(|config| config.kind = kind), LotteryError::KindNotSupported);
    }
    for source in [0, Source::Beacon as u8, Source::Switchboard as u8, Source::Oracle as u8, 9, 255] {
        refused(&with_config(|config| config.source = source), LotteryError::SourceNotAllowed);
    }
}

#[test]
fn a_pair_that_the_registry_does_not_list_is_refused() {
    let specs = [
        Spec::default(),
        Spec::keno(),
        Spec::instant(),
        Spec::market(pro_rata()),
        Spec::raffle(places(3, 2)),
    ];
    for spec in &specs {
        let mut world = World::new();
        world.add_oracles(3);
        let mut args = world.registry_args();
        args.allowed_sources[spec.config.kind as usize] = 0;
        world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
        for other in &specs {
            let create = world.create_instruction(other, world.authority, world.authority, world.authority);
            if other.config.kind == spec.config.kind {
                world.chain.expect_error(&create, LotteryError::SourceNotAllowed);
            } else {
                world.clone().chain.expect_ok(&create);
            }
        }
    }
}

#[test]
fn kinds_that_do_not_exist_are_refused_even_if_the_registry_lists_them() {
    let mut world = World::new();
    let mut args = world.registry_args();
    args.allowed_sources = [255; 8];
    world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
    for kind in [6, 7] {
        let spec = with_config(|config| config.kind = kind);
        let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
        world.chain.expect_error(&create, LotteryError::KindNotSupported);
    }
    // Oracles decide markets only.
    let spec = with_config(|config| (config.source, config.reveal_delay_slots) = (Source::Oracle as u8, 0));
    let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, LotteryError::InvalidConfig);
}

#[test]
fn bad_limits_are_refused() {
    let error = LotteryError::InvalidLimits;
    refused(&with_limits(|limits| limits.page_entries = 0), error);
    refused(&with_limits(|limits| limits.page_entries = 65_001), error);
    refused(&with_limits(|limits| limits.max_pages = 0), error);
    refused(&with_limits(|limits| limits.max_pages = 10_001), error);
    refused(&with_limits(|limits| limits.max_entries_per_round = 0), error);
    // More than the pages hold.
    refused(&with_limits(|limits| limits.max_entries_per_round = 257), error);
    refused(&with_limits(|limits| limits.period_seconds = 0), error);
    refused(&with_limits(|limits| limits.period_seconds = u32::MAX), error);
}

#[test]
fn roles_of_nobody_are_refused() {
    let mut world = World::new();
    let (spec, someone, nobody) = (Spec::default(), world.authority, address::SYSTEM_PROGRAM);
    for (pauser, treasurer) in [(nobody, someone), (someone, nobody)] {
        let create = world.create_instruction(&spec, someone, pauser, treasurer);
        world.chain.expect_error(&create, LotteryError::InvalidLimits);
    }
}

#[test]
fn ids_are_taken_in_order() {
    let mut world = World::new();
    let spec = Spec::default();
    let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
    world.chain.expect_ok(&create);
    // The same again names lottery 1, which exists.
    world.chain.expect_refused(&create);
    assert_eq!(world.registry().next_lottery_id, 2);
}

#[test]
fn a_new_config_holds_for_rounds_not_yet_opened() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let old = world.open(&game);
    let config = ConfigArgs { stake_units: 5, fee_bps: 0, ..game.spec.config };
    world.chain.expect_ok(&[ix::update_config(
        game.operator.owner,
        game.id,
        1,
        &config,
        game.spec.rules_bytes(),
    )]);
    let new = world.open_round(&game);
    assert_eq!((world.round(&old).stake_units, world.round(&old).config_version), (1_000_000, 0));
    assert_eq!((world.round(&new).stake_units, world.round(&new).config_version), (5, 1));
    assert_ne!(old.config, new.config);
    let player = world.player(Money::Sol, 50_000_000);
    world.enter_quick(&old, &player, 0, 2);
    world.to_final(&old);
    assert_eq!(world.round(&old).fee_bps, 500);
    let lottery: Lottery = world.chain.account(game.key);
    assert_eq!((lottery.config_version, lottery.config_count), (1, 2));
}

#[test]
fn a_config_is_written_once_and_keeps_kind_and_rollover() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let (operator, spec) = (game.operator.owner, game.spec.clone());
    // Version 0 exists, version 2 is not next.
    for version in [0, 2] {
        let update = ix::update_config(operator, game.id, version, &spec.config, spec.rules_bytes());
        world.chain.expect_refused(&update);
    }
    let mut rollover = *spec.rules.draw();
    rollover.rollover = 1;
    let update = ix::update_config(operator, game.id, 1, &spec.config, bytemuck::bytes_of(&rollover));
    world.chain.expect_error(&update, LotteryError::InvalidConfig);
    let stranger = world.chain.funded("stranger", 10_000_000_000);
    let update = ix::update_config(stranger, game.id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_error(&update, LotteryError::Unauthorized);
    let limits = ix::update_limits(stranger, game.id, &spec.limits);
    world.chain.expect_error(&limits, LotteryError::Unauthorized);
}

#[test]
fn new_limits_hold_for_rounds_not_yet_opened() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let old = world.open_round(&game);
    let limits = LimitsArgs { page_entries: 10, max_pages: 2, max_entries_per_round: 15, ..game.spec.limits };
    world.chain.expect_ok(&[ix::update_limits(game.operator.owner, game.id, &limits)]);
    let new = world.open_round(&game);
    assert_eq!((world.round(&old).page_entries, world.round(&old).max_entries), (64, 256));
    assert_eq!((world.round(&new).page_entries, world.round(&new).max_entries), (10, 15));
}
