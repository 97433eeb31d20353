//! What verifies and what does not: every fault of a proof by its name, wherever a proof is taken, and nothing changed.

use lottery_rules::{beacon as rules, hash::Software};
use program_tests::{
    Instruction, InstructionError, Live, LotteryError as E, Money, Spec, World,
    args::BeaconArgs,
    beacon::{SECRET, evmnet, own_address, own_args, own_proof, proof},
    ix,
    kinds::{Kind, RoundStatus},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn with_beacon() -> World {
    let mut world = World::new();
    world.allow_beacon(Kind::Draw);
    world.add_own_beacon();
    world
}

fn signature(proof: &[u8]) -> [u8; 64] {
    proof[..64].try_into().expect("a proof")
}

/// The negative of 32 bytes, modulo the prime.
fn negate(bytes: &mut [u8]) {
    let mut borrow = 0i32;
    for i in (0..32).rev() {
        let difference = rules::field::P_BYTES[i] as i32 - bytes[i] as i32 - borrow;
        borrow = (difference < 0) as i32;
        bytes[i] = (difference & 0xff) as u8;
    }
}

/// The same number plus the prime: another encoding of it, if it fits 32 bytes.
fn add_prime(bytes: &mut [u8]) {
    let mut carry = 0u16;
    for i in (0..32).rev() {
        carry += bytes[i] as u16 + rules::field::P_BYTES[i] as u16;
        bytes[i] = carry as u8;
        carry >>= 8;
    }
    assert_eq!(carry, 0, "a number below 2^256");
}

/// Every way in which a proof of `round` can be wrong, and the error that tells.
fn faults(round: u64) -> Vec<(&'static str, Vec<u8>, E)> {
    let good = own_proof(round);
    let with = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let swap = |bytes: &mut [u8]| {
        let (one, two) = bytes[64..].split_at_mut(32);
        one.swap_with_slice(two);
    };
    let prime = rules::field::P_BYTES;
    let mut longer = good.clone();
    longer.push(0);
    vec![
        ("nothing", vec![], E::BeaconProofLength),
        ("a signature alone", good[..64].to_vec(), E::BeaconProofLength),
        ("a byte short", good[..127].to_vec(), E::BeaconProofLength),
        ("a byte more", longer, E::BeaconProofLength),
        ("another round", own_proof(round + 1), E::BeaconWrongWitness),
        (
            "another round's signature",
            proof(round, &signature(&own_proof(round + 1))),
            E::BeaconWrongSignature,
        ),
        ("another key", proof(round, &rules::sign(&[9; 32], round)), E::BeaconWrongSignature),
        ("drand's signature", proof(round, &evmnet(0).signature), E::BeaconWrongSignature),
        ("the point at infinity", proof(round, &[0; 64]), E::BeaconInfinity),
        ("the negative", with(&|b| negate(&mut b[32..64])), E::BeaconWrongSignature),
        ("no point: y", with(&|b| b[63] ^= 1), E::BeaconNotOnCurve),
        ("no point: x", with(&|b| b[31] ^= 1), E::BeaconNotOnCurve),
        ("no point: swapped", with(&|b| b[..64].rotate_left(32)), E::BeaconNotOnCurve),
        ("no point: x is 0", with(&|b| b[..32].fill(0)), E::BeaconNotOnCurve),
        ("no point: y is 0", with(&|b| b[32..64].fill(0)), E::BeaconNotOnCurve),
        ("x plus the prime", with(&|b| add_prime(&mut b[..32])), E::BeaconNotCanonical),
        ("y plus the prime", with(&|b| add_prime(&mut b[32..64])), E::BeaconNotCanonical),
        ("x is the prime", with(&|b| b[..32].copy_from_slice(&prime)), E::BeaconNotCanonical),
        ("y is the prime", with(&|b| b[32..64].copy_from_slice(&prime)), E::BeaconNotCanonical),
        (
            "infinity as the prime",
            proof(round, &[prime, prime].concat().try_into().expect("64")),
            E::BeaconNotCanonical,
        ),
        ("all ones", with(&|b| b[..64].fill(255)), E::BeaconNotCanonical),
        ("wrong first inverse", with(&|b| b[95] ^= 1), E::BeaconWrongWitness),
        ("wrong second inverse", with(&|b| b[127] ^= 1), E::BeaconWrongWitness),
        ("inverses swapped", with(&swap), E::BeaconWrongWitness),
        ("first inverse 0", with(&|b| b[64..96].fill(0)), E::BeaconWrongWitness),
        ("second inverse 0", with(&|b| b[96..].fill(0)), E::BeaconWrongWitness),
        ("first inverse plus the prime", with(&|b| add_prime(&mut b[64..96])), E::BeaconWrongWitness),
        ("second inverse plus the prime", with(&|b| add_prime(&mut b[96..])), E::BeaconWrongWitness),
        ("inverse is the prime", with(&|b| b[64..96].copy_from_slice(&prime)), E::BeaconWrongWitness),
        ("inverse negative", with(&|b| negate(&mut b[64..96])), E::BeaconWrongWitness),
        ("inverse all ones", with(&|b| b[96..].fill(255)), E::BeaconWrongWitness),
    ]
}

#[track_caller]
fn refused(world: &mut World, round: u64, instruction: impl Fn(&World, &[u8]) -> Instruction) {
    for (fault, proof, error) in faults(round) {
        let instruction = instruction(world, &proof);
        let refusal = world.chain.expect_refused(&instruction);
        assert_eq!(refusal.lottery(), Some(error), "{fault}: {}", refusal.describe());
    }
}

/// A round with an entry.
fn open(world: &mut World) -> Live {
    let game = world.create(Spec::coin().beacon());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100_000_000);
    world.enter_quick(&live, &player, 0, 5);
    live
}

#[test]
fn every_fault_has_its_name_when_a_round_is_verified() {
    let mut world = with_beacon();
    refused(&mut world, 77, |_, proof| ix::verify_beacon(own_address(), 77, proof));
    let meta = world.chain.expect_ok(&ix::verify_beacon(own_address(), 77, &own_proof(77)));
    assert_eq!(meta.return_data, rules::randomness::<Software>(&rules::sign(&SECRET, 77)));
}

#[test]
fn every_fault_has_its_name_when_a_value_is_posted() {
    let mut world = with_beacon();
    let live = open(&mut world);
    world.lock(&live);
    let target = world.round(&live).beacon_round;
    let (round, cranker) = (live.key, world.cranker);
    let post = |proof: &[u8]| ix::post_value(cranker, round, own_address(), proof);
    refused(&mut world, target, |_, proof| post(proof));
    // As public as the one that decides, and valid; but others.
    for other in [1, target - 1, target + 1, target + 1_000] {
        world.chain.expect_error(&post(&own_proof(other)), E::BeaconWrongWitness);
        let fitting = proof(target, &signature(&own_proof(other)));
        world.chain.expect_error(&post(&fitting), E::BeaconWrongSignature);
    }
    // A reveal of some hash chain is no proof.
    world.chain.expect_error(&post(&[7; 32]), E::BeaconProofLength);
    let plain = ix::post_value(cranker, round, Default::default(), &[7; 32]);
    world.chain.expect_error(&plain, E::BeaconNotUsable);
    world.chain.expect_ok(&post(&own_proof(target)));
    assert_eq!(world.status(&live), RoundStatus::Valued);
}

#[test]
fn every_fault_has_its_name_when_a_value_is_early() {
    let mut world = with_beacon();
    let live = open(&mut world);
    let target = world.round(&live).beacon_round;
    let (round, cranker) = (live.key, world.cranker);
    for early in [target, target + 500] {
        refused(&mut world, early, |_, proof| ix::prove_early(cranker, round, own_address(), early, proof));
    }
    assert_eq!(world.status(&live), RoundStatus::Open);
}

#[test]
fn every_fault_has_its_name_when_a_beacon_is_added() {
    let mut world = World::new();
    let authority = world.authority;
    for round in [1, u64::MAX - 1] {
        let args = BeaconArgs { round, ..own_args() };
        refused(&mut world, round, |_, proof| ix::add_beacon(authority, &args, proof));
    }
}

#[test]
fn a_key_that_is_no_point_of_its_group_is_refused() {
    let mut world = World::new();
    let authority = world.authority;
    let key = own_args().public_key;
    let with = |change: fn(&mut [u8; 128])| {
        let mut public_key = key;
        change(&mut public_key);
        BeaconArgs { public_key, ..own_args() }
    };
    for args in [
        with(|key| key.fill(0)),
        with(|key| key.fill(255)),
        with(|key| key[127] ^= 1),
        with(|key| key[..64].rotate_left(32)),
        with(|key| key.rotate_left(64)),
        with(|key| add_prime(&mut key[..32])),
        BeaconArgs { public_key: evmnet(0).args.public_key, ..own_args() },
        BeaconArgs { public_key: rules::public_key(&[6; 32]), ..own_args() },
    ] {
        let add = ix::add_beacon(authority, &args, &own_proof(1));
        world.chain.expect_error(&add, E::BeaconWrongSignature);
    }
}

#[test]
fn hundreds_of_random_rounds_verify_and_no_corrupted_one_does() {
    let mut world = with_beacon();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut rounds = vec![0, 1, 2, u32::MAX as u64, u64::MAX - 1, u64::MAX];
    // Of the size that chains have, and of any.
    rounds.extend((0..150).map(|_| random.random_range(1..50_000_000)));
    rounds.extend((0..150).map(|_| random.random::<u64>()));
    let own = own_address();
    for round in rounds {
        let good = own_proof(round);
        let meta = world.chain.expect_ok(&ix::verify_beacon(own, round, &good));
        assert_eq!(meta.return_data, rules::randomness::<Software>(&signature(&good)), "round {round}");
        let mut bad = good.clone();
        let bit = random.random_range(0..8 * bad.len());
        bad[bit / 8] ^= 1 << (bit % 8);
        let refusal = world.chain.send(&ix::verify_beacon(own, round, &bad)).expect_err("a bit is wrong");
        assert!(refusal.lottery().is_some(), "bit {bit} of round {round}: {}", refusal.describe());
        // A round whose number differs in one bit is another.
        let other = round ^ (1 << random.random_range(0..64));
        let refusal = world.chain.send(&ix::verify_beacon(own, other, &good)).expect_err("another round");
        assert_eq!(refusal.lottery(), Some(E::BeaconWrongWitness), "round {other}");
    }
}

#[test]
fn no_bit_of_a_proof_can_be_changed() {
    let mut world = with_beacon();
    let published = evmnet(1);
    let drand = evmnet(0);
    let add = ix::add_beacon(world.authority, &drand.args, &proof(drand.args.round, &drand.signature));
    world.chain.expect_ok_big(&add);
    let evmnet_key = program_tests::address::beacon(&drand.args.chain_hash).0;
    let own = own_proof(123_456);
    let real = proof(published.args.round, &published.signature);
    for (beacon, round, good) in [(own_address(), 123_456, own), (evmnet_key, published.args.round, real)] {
        for bit in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let verify = ix::verify_beacon(beacon, round, &bad);
            let error = world.chain.send(&verify).expect_err("a bit is wrong").lottery();
            let expected: &[E] = match bit / 8 {
                ..64 => &[E::BeaconNotOnCurve, E::BeaconNotCanonical],
                _ => &[E::BeaconWrongWitness],
            };
            assert!(error.is_some_and(|error| expected.contains(&error)), "bit {bit}: {error:?}");
        }
        world.chain.expect_ok(&ix::verify_beacon(beacon, round, &good));
    }
}

#[test]
fn points_that_nobody_signed_are_refused() {
    let mut world = with_beacon();
    let mut random = ChaCha8Rng::seed_from_u64(2);
    // The generator; hashes of messages; signatures by other keys; of other rounds.
    let mut generator = [0; 64];
    (generator[31], generator[63]) = (1, 2);
    let mut points = vec![generator, rules::sign(&one(), 9), rules::sign(&one(), 10)];
    points.extend((0..20).map(|_| rules::sign(&random.random(), 9)));
    points.extend((0..20).map(|_| rules::sign(&SECRET, random.random_range(10..1_000_000))));
    for point in points {
        let verify = ix::verify_beacon(own_address(), 9, &proof(9, &point));
        world.chain.expect_error(&verify, E::BeaconWrongSignature);
    }
}

/// The secret key 1, whose signature is the message's hash.
fn one() -> [u8; 32] {
    let mut secret = [0; 32];
    secret[31] = 1;
    secret
}

#[test]
fn a_wallet_is_no_beacon() {
    let mut world = with_beacon();
    let player = world.player(Money::Sol, 1);
    let verify = ix::verify_beacon(player.wallet, 1, &own_proof(1));
    world.chain.expect_instruction_error(&verify, InstructionError::InvalidAccountData);
}
