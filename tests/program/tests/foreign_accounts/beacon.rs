//! Instructions about beacons, and what rounds and lotteries do differently on one.

use program_tests::{
    LotteryError as E, Money, Pubkey, Spec, World, address,
    beacon::{evmnet, own_address, own_proof, proof},
    ix,
    kinds::Kind,
};

use super::twins::{
    Answer::{Any, Named, Seeds},
    Case,
};

/// drand's evmnet is another beacon, whose delay is not over.
fn evmnet_address() -> Pubkey {
    address::beacon(&evmnet(0).args.chain_hash).0
}

pub fn cases() -> Vec<Case> {
    let mut world = World::new();
    world.allow_beacon(Kind::Draw);
    world.add_own_beacon();
    let (authority, cranker, own) = (world.authority, world.cranker, own_address());
    let game = world.create(Spec::coin().beacon());
    let other = world.create(Spec::coin().beacon());
    let live = world.open(&game);
    // Its lock, and so its round of the beacon, is later.
    world.chain.warp(5, 12);
    let later = world.open(&other);
    let player = world.player(Money::Sol, 100_000_000);
    world.enter_quick(&live, &player, 0, 10);
    world.enter_quick(&later, &player, 0, 10);
    let before = world.clone();
    let args = evmnet(0).args;
    let add = ix::add_beacon(authority, &args, &proof(args.round, &evmnet(0).signature));
    world.chain.expect_ok_big(&add);
    let target = world.round(&live).beacon_round;
    let mut locked = world.clone();
    locked.lock(&live);
    locked.lock(&later);
    let mut restarted = world.clone();
    restarted.chain.set_last_restart_slot(world.chain.slot());
    let void = restarted.void_instruction(&live);
    let operator = game.operator.owner;
    let config = ix::update_config(operator, game.id, 1, &game.spec.config, game.spec.rules_bytes());
    let create = world.create_instruction(&game.spec, authority, authority, authority);
    let foreign = |place, error| (place, Named(evmnet_address(), error));
    let case =
        |name, world: &World, instruction, answers| Case { name, world: world.clone(), instruction, answers };
    vec![
        case("add_beacon", &before, add, vec![(1, Any)]),
        case(
            "remove_beacon",
            &world,
            ix::remove_beacon(authority, evmnet_address(), authority),
            vec![(1, Any), (2, Named(own, E::BeaconUsable))],
        ),
        case(
            "verify_beacon",
            &world,
            ix::verify_beacon(own, 9, &own_proof(9)),
            vec![foreign(0, E::BeaconWrongSignature)],
        ),
        case("create_lottery", &world, create, vec![(1, Any), (2, Any), foreign(3, E::BeaconNotUsable)]),
        case(
            "update_config",
            &world,
            config,
            vec![(1, Any), foreign(2, E::BeaconNotUsable), (3, Seeds(other.key))],
        ),
        case(
            "post_value",
            &locked,
            locked.post_instruction(&live, target),
            vec![(1, Named(later.key, E::BeaconWrongWitness)), foreign(2, E::BeaconNotUsable)],
        ),
        case(
            "prove_early",
            &world,
            ix::prove_early(cranker, live.key, own, target, &own_proof(target)),
            vec![(1, Named(later.key, E::BeaconRoundBefore)), foreign(2, E::BeaconNotUsable)],
        ),
        case(
            "void_round",
            &restarted,
            void,
            vec![(1, Named(other.key, E::WrongLottery)), (2, Named(later.key, E::WrongLottery))],
        ),
    ]
}
