//! Attesting: who may, when, and what; everything else is refused.

use lottery_rules::prediction::Facts;
use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Pubkey, Spec, World, address,
    args::AttestArgs,
    ix,
    market::{facts, in_ranges, parimutuel, pro_rata, reporters},
};

/// A market with bets on both sides, and another like it.
fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000);
    world.bet(&live, &player, 0, &[(10_000, 0), (10_000, 1)]);
    (world, game, live, player)
}

/// As `scene`, when the event is over.
pub fn after_event(spec: Spec) -> (World, Game, Live, Player) {
    let (mut world, game, live, player) = scene(spec);
    world.reach_event(&live);
    (world, game, live, player)
}

pub fn attest_with(world: &World, live: &Live, reporter: Pubkey, args: &AttestArgs) -> Instruction {
    let oracles = address::oracle_set(&reporters(world.round(live).reporter_count)).0;
    ix::attest(reporter, live.key, live.config, oracles, args)
}

#[test]
fn a_stranger_is_refused() {
    let (mut world, game, live, player) = after_event(Spec::market(pro_rata()));
    let fourth = *reporters(4).iter().find(|key| !reporters(3).contains(key)).expect("one more");
    let lamports = world.chain.lamports(world.cranker);
    world.chain.set_lamports(fourth, lamports);
    let args = world.attest_args(&live, &[7]);
    for stranger in [fourth, world.cranker, world.authority, game.operator.owner, player.owner] {
        let attest = attest_with(&world, &live, stranger, &args);
        world.chain.expect_error(&attest, LotteryError::NotAReporter);
    }
}

#[test]
fn the_zero_key_is_no_reporter() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    // The free places of a set are zeros, and this key pays the fee for nobody.
    let args = world.attest_args(&live, &[7]);
    let attest = attest_with(&world, &live, Pubkey::default(), &args);
    world.chain.expect_refused(&attest);
}

#[test]
fn a_second_attestation_is_refused_whatever_it_says() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    world.attest(&live, 0, &[7]);
    for fact in [7, 8] {
        let again = world.attest_instruction(&live, 0, &[fact]);
        world.chain.expect_error(&again, LotteryError::AlreadyAttested);
    }
}

#[test]
fn an_attestation_before_lock_is_refused() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()).event_delay(0));
    let attest = world.attest_instruction(&live, 0, &[7]);
    world.chain.expect_error(&attest, LotteryError::RoundNotLocked);
    let round = world.round(&live);
    world.chain.warp(round.locks_at - 1 - world.chain.now(), 0);
    world.chain.expect_error(&attest, LotteryError::RoundNotLocked);
    world.chain.warp(1, 0);
    world.chain.expect_ok(&attest);
}

#[test]
fn an_attestation_before_the_event_is_refused() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()).event_delay(30));
    let attest = world.attest_instruction(&live, 0, &[7]);
    world.lock(&live);
    world.chain.expect_error(&attest, LotteryError::EventNotOver);
    let event_at = world.round(&live).event_at;
    world.chain.warp(event_at - 1 - world.chain.now(), 10_000);
    world.chain.expect_error(&attest, LotteryError::EventNotOver);
    world.chain.warp(1, 0);
    world.chain.expect_ok(&attest);
}

#[test]
fn a_round_that_slots_locked_still_waits_for_its_event() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()).event_delay(0));
    let attest = world.attest_instruction(&live, 0, &[7]);
    let slots = world.round(&live).lock_slot - world.chain.slot();
    world.chain.warp(1, slots);
    world.chain.expect_error(&attest, LotteryError::EventNotOver);
}

#[test]
fn an_attestation_after_the_decision_is_refused() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    world.seal_all(&live);
    world.decide(&live, &[7]);
    let late = world.attest_instruction(&live, 2, &[7]);
    let other = world.attest_instruction(&live, 2, &[8]);
    let refused = |world: &mut World| {
        world.chain.expect_error(&late, LotteryError::ValueAlreadyPosted);
        world.chain.expect_error(&other, LotteryError::ValueAlreadyPosted);
    };
    refused(&mut world);
    world.draw(&live);
    refused(&mut world);
    world.settle_all(&live);
    world.finalise(&live);
    refused(&mut world);
}

#[test]
fn an_attestation_after_a_void_is_refused() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    let attest = world.attest_instruction(&live, 0, &[7]);
    world.to_void(&live);
    world.chain.expect_error(&attest, LotteryError::RoundNotOpen);
    world.finalise(&live);
    world.chain.expect_error(&attest, LotteryError::RoundNotOpen);
}

#[test]
fn an_attestation_of_another_event_is_refused() {
    let (mut world, game, live, player) = scene(Spec::market(pro_rata()));
    let next = world.open(&game);
    world.bet(&next, &player, 0, &[(10_000, 0), (10_000, 1)]);
    world.reach_event(&next);
    // Signed for one round, sent to the other.
    for (signed, sent) in [(&live, &next), (&next, &live)] {
        let args = world.attest_args(signed, &[7]);
        let attest = attest_with(&world, sent, reporters(3)[0], &args);
        world.chain.expect_error(&attest, LotteryError::WrongEvent);
    }
    for event_at in [0, i64::MIN, i64::MAX, world.round(&live).event_at + 1] {
        let args = AttestArgs { event_at, ..world.attest_args(&live, &[7]) };
        let attest = attest_with(&world, &live, reporters(3)[0], &args);
        world.chain.expect_error(&attest, LotteryError::WrongEvent);
    }
}

#[test]
fn the_config_of_another_market_or_version_is_refused() {
    let (mut world, game, live, _) = after_event(Spec::market(pro_rata()));
    let other = world.create(Spec::market(parimutuel()));
    let spec = &game.spec;
    let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_ok(&update);
    for config in [address::config(&other.key, 0).0, address::config(&game.key, 1).0] {
        let mut attest = world.attest_instruction(&live, 0, &[7]);
        attest.accounts[2].pubkey = config;
        world.chain.expect_error(&attest, LotteryError::WrongConfig);
    }
}

#[test]
fn another_oracle_set_is_refused_even_if_it_has_the_reporter() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    // These four are the market's three and one more.
    let other = world.add_oracles(4);
    let mut attest = world.attest_instruction(&live, 0, &[7]);
    assert!(reporters(4).contains(&attest.accounts[0].pubkey));
    attest.accounts[3].pubkey = other;
    world.chain.expect_error(&attest, LotteryError::WrongOracleSet);
}

#[test]
fn facts_outside_the_mapping_are_refused() {
    let (mut world, _, live, _) = after_event(Spec::market(in_ranges(&[(10, 19), (20, 29)])));
    for fact in [9, 30, -1, i64::MIN, i64::MAX] {
        let attest = world.attest_instruction(&live, 0, &[fact]);
        world.chain.expect_error(&attest, LotteryError::FactsOutOfRange);
    }
    world.attest(&live, 0, &[10]);
    world.attest(&live, 1, &[29]);
}

#[test]
fn sums_outside_the_mapping_are_refused_and_never_wrap() {
    let rules = parimutuel().with(|rules| {
        (rules.fact_count, rules.subject) = (3, 0b111);
        (rules.minimum, rules.maximum) = (i64::MIN, i64::MAX);
    });
    let (mut world, _, live, _) = after_event(Spec::market(rules));
    for some in [[i64::MAX, 1, 0], [i64::MIN, -1, 0], [i64::MAX, i64::MAX, 2], [i64::MIN, i64::MIN, 0]] {
        let attest = world.attest_instruction(&live, 0, &some);
        world.chain.expect_error(&attest, LotteryError::FactsOutOfRange);
    }
    // In between it may leave 64 bits, as long as the sum does not.
    world.attest(&live, 0, &[i64::MAX, i64::MAX, -i64::MAX]);
    world.attest(&live, 1, &[i64::MAX, i64::MAX, -i64::MAX]);
    assert_eq!(world.round(&live).result[0], 1, "i64::MAX is odd");
}

#[test]
fn more_facts_than_the_market_asks_for_are_refused() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    for place in 1..8 {
        let mut all: Facts = facts(&[7]);
        all[place] = 1;
        let attest = world.attest_instruction(&live, 0, &all);
        world.chain.expect_error(&attest, LotteryError::FactsOutOfRange);
    }
}

#[test]
fn rounds_of_other_sources_take_no_attestations() {
    let (mut world, _, market, _) = after_event(Spec::market(pro_rata()));
    let game = world.create(Spec::default());
    let draw = world.open(&game);
    world.lock(&draw);
    let args = world.attest_args(&market, &[7]);
    let attest = attest_with(&world, &market, reporters(3)[0], &args);
    for config in [draw.config, market.config] {
        let mut wrong = attest.clone();
        wrong.accounts[1].pubkey = draw.key;
        wrong.accounts[2].pubkey = config;
        world.chain.expect_error(&wrong, LotteryError::NotOracle);
    }
}

#[test]
fn markets_take_no_other_value() {
    let (mut world, game, live, _) = after_event(Spec::market(pro_rata()));
    world.seal_all(&live);
    let capture = ix::capture(world.cranker, live.key);
    world.chain.expect_error(&capture, LotteryError::NotCommitReveal);
    let reveal = game.reveals.link(1).expect("a link");
    for proof in [&reveal[..], &[0; 128], &[]] {
        let post = ix::post_value(world.cranker, live.key, Pubkey::default(), proof);
        world.chain.expect_error(&post, LotteryError::SourceNotAllowed);
    }
    let early = ix::prove_early(world.cranker, live.key, Pubkey::default(), 1, &[0; 128]);
    world.chain.expect_error(&early, LotteryError::NotBeacon);
    let draw = ix::draw(world.cranker, live.key, live.config);
    world.chain.expect_error(&draw, LotteryError::ValueMissing);
}
