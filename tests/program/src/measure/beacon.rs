//! What verifying a beacon costs.

use lottery_interface::instructions as ix;

use super::{Number, cu};
use crate::{
    Live, Money, Spec, World,
    beacon::{evmnet, own_address, own_proof, proof},
    kinds::Kind,
    lookup::WIRE_LIMIT,
    transaction::compute_limit,
};

/// Rounds in which a value is posted.
const ROUNDS: u64 = 200;

/// What the cheapest public implementation of the same verification takes: hashing to the curve on chain without
/// witnesses, and the pairing.
const PUBLIC_IMPLEMENTATION_CU: u64 = 407_000;

fn world() -> World {
    let mut world = World::new();
    world.allow_beacon(Kind::Draw);
    world.add_own_beacon();
    world
}

/// `post_value` of [`ROUNDS`] rounds, each with another round of the beacon: the median, the dearest and the cheapest.
/// How many of the candidates of the curve are tried depends on the message.
pub fn post_value() -> Vec<Number> {
    let mut world = world();
    world.chain.audited = false;
    let game = world.create(Spec::coin().beacon());
    let player = world.player(Money::Sol, 1_000_000_000);
    let mut costs: Vec<u64> = Vec::new();
    let mut last = 0;
    for _ in 0..ROUNDS {
        let live = world.open(&game);
        world.enter_quick(&live, &player, 0, 1);
        world.lock(&live);
        let target = world.round(&live).beacon_round;
        assert!(target > last, "each draws from a round of its own");
        last = target;
        let post = world.post_instruction(&live, target);
        costs.push(cu(&mut world, post));
    }
    costs.sort_unstable();
    let median = costs[costs.len() / 2];
    vec![
        ("beacon_verify_cu", median),
        ("beacon_verify_most_cu", costs[costs.len() - 1]),
        ("beacon_verify_least_cu", costs[0]),
        ("beacon_verify_ratio_percent", (median * 100).div_ceil(PUBLIC_IMPLEMENTATION_CU)),
    ]
}

/// The other instructions that verify, and those of drand's own rounds.
pub fn others() -> Vec<Number> {
    let mut world = world();
    let drand = evmnet(0);
    let add = ix::add_beacon(world.authority, &drand.args, &proof(drand.args.round, &drand.signature));
    let mut numbers = vec![("add_beacon_cu", cu(&mut world, add))];
    let evmnet_key = crate::address::beacon(&drand.args.chain_hash).0;
    for (name, n) in [("verify_evmnet_1_cu", 0), ("verify_evmnet_2_cu", 1)] {
        let round = evmnet(n);
        let proof = proof(round.args.round, &round.signature);
        numbers.push((name, cu(&mut world, ix::verify_beacon(evmnet_key, round.args.round, &proof))));
    }
    let live = entered(&mut world);
    let target = world.round(&live).beacon_round;
    let prove = ix::prove_early(world.cranker, live.key, own_address(), target, &own_proof(target));
    numbers.push(("prove_early_cu", cu(&mut world, prove)));
    numbers
}

/// A round of 64 entries.
fn entered(world: &mut World) -> Live {
    let game = world.create(Spec::coin().beacon());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    super::fill(world, &live, &player, 0, 64);
    live
}

/// From the end of entries to final in one transaction, 64 entries on one page.
pub fn finish() -> Vec<Number> {
    let mut world = world();
    let live = entered(&mut world);
    world.lock(&live);
    let cranker = world.cranker;
    let target = world.round(&live).beacon_round;
    let steps = [
        compute_limit(1_400_000),
        ix::seal_page(cranker, live.key, 0),
        world.post_instruction(&live, target),
        ix::draw(cranker, live.key, live.config),
        ix::settle(cranker, live.key, live.config, 0, 64),
        world.finalise_instruction(&live),
    ];
    let meta = world.chain.expect_ok(&steps);
    assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes", meta.wire_len);
    vec![("beacon_finish_64_cu", meta.cu), ("beacon_finish_wire_len", meta.wire_len as u64)]
}
