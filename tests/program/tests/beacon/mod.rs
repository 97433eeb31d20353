//! Beacons: adding one, verifying its rounds, and rounds that draw from it.

mod outages;
mod proofs;
mod scene;
mod time;

use lottery_rules::{beacon as rules, hash::Software};
use program_tests::{
    LotteryError as E, Money, Spec, World, address,
    args::BeaconArgs,
    beacon::{SCHEDULE, SECRET, evmnet, on_beacon, own_address, own_args, own_proof, proof},
    ix,
    kinds::{Kind, RoundStatus, Source},
};

const DELAY: i64 = 3_600;

fn world() -> World {
    let mut world = World::new();
    world.allow_beacon(Kind::Draw);
    world
}

fn with_beacon() -> World {
    let mut world = world();
    world.add_own_beacon();
    world
}

#[test]
fn drands_evmnet_is_added_and_its_rounds_verify() {
    let mut world = world();
    let first = evmnet(0);
    let add = ix::add_beacon(world.authority, &first.args, &proof(first.args.round, &first.signature));
    world.chain.expect_ok_big(&[add]);
    let beacon = address::beacon(&first.args.chain_hash).0;
    for n in 0..2 {
        let round = evmnet(n);
        let verify = ix::verify_beacon(beacon, round.args.round, &proof(round.args.round, &round.signature));
        let meta = world.chain.expect_ok_big(&[verify]);
        assert_eq!(meta.return_data, round.randomness);
    }
}

#[test]
fn only_the_authority_adds_a_beacon_and_only_with_a_round_it_signed() {
    let mut world = world();
    let other = world.chain.funded("other", 1_000_000_000);
    let add = |authority, args: &BeaconArgs, proof: &[u8]| vec![ix::add_beacon(authority, args, proof)];
    let big = |world: &mut World, instructions: Vec<_>, error| {
        let mut all = vec![program_tests::transaction::compute_limit(1_400_000)];
        all.extend(instructions);
        world.chain.expect_error(&all, error);
    };
    let authority = world.authority;
    big(&mut world, add(other, &own_args(), &own_proof(1)), E::Unauthorized);
    big(&mut world, add(authority, &own_args(), &own_proof(2)), E::BeaconWrongWitness);
    let foreign = BeaconArgs { public_key: evmnet(0).args.public_key, ..own_args() };
    big(&mut world, add(authority, &foreign, &own_proof(1)), E::BeaconWrongSignature);
    let no_period = BeaconArgs { period_seconds: 0, ..own_args() };
    big(&mut world, add(authority, &no_period, &own_proof(1)), E::InvalidLimits);
    // Not a point at all: the pairing refuses it.
    let no_key = BeaconArgs { public_key: [1; 128], ..own_args() };
    big(&mut world, add(authority, &no_key, &own_proof(1)), E::BeaconWrongSignature);
}

#[test]
fn a_beacon_can_be_taken_back_only_within_its_delay() {
    let mut world = world();
    let (authority, beacon) = (world.authority, own_address());
    let add = ix::add_beacon(authority, &own_args(), &own_proof(1));
    world.chain.expect_ok_big(&add);
    assert_eq!(world.beacon().usable_at, world.chain.now() + DELAY);
    world.chain.warp(DELAY - 1, 1);
    let other = world.chain.funded("other", 1_000_000_000);
    world.chain.expect_error(&ix::remove_beacon(other, beacon, authority), E::Unauthorized);
    world.chain.expect_error(&ix::remove_beacon(authority, beacon, other), E::WrongRentPayer);
    world.chain.expect_ok(&ix::remove_beacon(authority, beacon, authority));
    world.chain.expect_ok_big(&add);
    world.chain.warp(DELAY, 1);
    world.chain.expect_error(&ix::remove_beacon(authority, beacon, authority), E::BeaconUsable);
    let mut shorter = world.registry_args();
    shorter.beacon_delay_seconds -= 1;
    world.chain.expect_error(&ix::update_registry(authority, &shorter), E::InvalidLimits);
}

#[test]
fn a_config_names_a_usable_beacon_and_waits_long_enough() {
    let mut world = world();
    let operator = world.chain.funded("operator", 1_000_000_000_000);
    let create = |world: &World, change: fn(&mut Spec)| {
        let mut spec = Spec::default().beacon();
        change(&mut spec);
        world.create_instruction(&spec, operator, operator, operator)
    };
    // No such account yet.
    let early = create(&world, |_| {});
    world.chain.expect_refused(&early);
    world.chain.expect_ok_big(&[ix::add_beacon(world.authority, &own_args(), &own_proof(1))]);
    world.chain.warp(DELAY - 1, 1);
    world.chain.expect_error(&create(&world, |_| {}), E::BeaconNotUsable);
    world.chain.warp(1, 1);
    for change in [
        (|s: &mut Spec| s.config.beacon_margin_seconds = 29) as fn(&mut Spec),
        |s| s.config.beacon_margin_seconds = 86_401,
        |s| s.config.grace_seconds = 86_399,
        |s| s.config.grace_slots = 215_999,
        |s| s.config.reveal_delay_slots = 1,
    ] {
        world.chain.expect_error(&create(&world, change), E::InvalidConfig);
    }
    let commit_reveal = |s: &mut Spec| {
        s.config.source = Source::CommitReveal as u8;
        s.config.reveal_delay_slots = 4;
    };
    world.chain.expect_error(&create(&world, commit_reveal), E::InvalidConfig);
    // Another beacon is no beacon of the config's, whether it is usable or not.
    let first = evmnet(0);
    let add = ix::add_beacon(world.authority, &first.args, &proof(first.args.round, &first.signature));
    world.chain.expect_ok_big(&[add]);
    let mut foreign = create(&world, |_| {});
    foreign.accounts[3].pubkey = address::beacon(&first.args.chain_hash).0;
    world.chain.expect_error(&foreign, E::BeaconNotUsable);
    world.chain.warp(DELAY, 1);
    world.chain.expect_error(&foreign, E::BeaconNotUsable);
    world.chain.expect_ok(&create(&world, |_| {}));
}

#[test]
fn a_round_draws_from_the_beacons_round_that_was_fixed_when_it_opened() {
    let mut world = with_beacon();
    let game = world.create(Spec::coin().beacon());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100_000_000);
    world.enter_quick(&live, &player, 0, 20);
    let round = world.round(&live);
    let from = round.locks_at + 30;
    assert_eq!(round.beacon_round, SCHEDULE.first_round_from(from).unwrap());
    let signed_at = SCHEDULE.signed_at(round.beacon_round).unwrap();
    assert!((from..from + 3).contains(&signed_at));
    assert_eq!((round.bond_units, round.chain_position), (0, 0), "bond and chain are for commit-reveal");

    world.lock(&live);
    let limit = program_tests::transaction::compute_limit(1_400_000);
    let with_limit = |instruction| vec![limit.clone(), instruction];
    // The round after it is as public, and not the one that decides.
    let next = ix::post_value(world.cranker, live.key, own_address(), &own_proof(round.beacon_round + 1));
    world.chain.expect_error(&with_limit(next), E::BeaconWrongWitness);
    let other =
        ix::post_value(world.cranker, live.key, address::registry().0, &own_proof(round.beacon_round));
    world.chain.expect_error(&with_limit(other), E::BeaconNotUsable);
    world.post_signature(&live);
    let round = world.round(&live);
    let signature = rules::sign(&SECRET, round.beacon_round);
    assert_eq!(round.value, rules::randomness::<Software>(&signature));
    assert_eq!(world.status(&live), RoundStatus::Valued);
    let again = world.post_instruction(&live, round.beacon_round);
    world.chain.expect_error(&with_limit(again), E::ValueAlreadyPosted);

    world.seal_all(&live);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    world.pay_all(&live);
    world.close_all(&live);
}

#[test]
fn an_empty_round_that_is_retimed_gets_a_later_round_of_the_beacon() {
    let mut world = with_beacon();
    let game = world.create(Spec::coin().beacon());
    let live = world.open(&game);
    let before = world.round(&live).beacon_round;
    world.lock(&live);
    let retime = ix::retime_round(world.cranker, game.key, live.config, live.key, 1);
    world.chain.expect_ok(&retime);
    let round = world.round(&live);
    assert!(round.beacon_round > before);
    assert_eq!(Some(round.beacon_round), SCHEDULE.first_round_from(round.locks_at + 30));
}

#[test]
fn the_margin_and_the_pair_are_the_configs() {
    let config = on_beacon(Spec::default().config);
    assert_eq!((config.beacon_margin_seconds, config.source), (30, Source::Beacon as u8));
    // A registry that does not allow the pair refuses it.
    let mut world = World::new();
    world.add_own_beacon();
    let operator = world.chain.funded("operator", 1_000_000_000_000);
    let create = world.create_instruction(&Spec::default().beacon(), operator, operator, operator);
    world.chain.expect_error(&create, E::SourceNotAllowed);
}
