//! Verifying drand's evmnet, and refusing everything else.

use lottery_rules::beacon::{self, BeaconError, Schedule, SoftwareCurve as C, Witness};
use lottery_rules::hash::Software;

const KEY: &str = "07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b3820557ec32c2ad488e4d4f6008f89a346f18492092ccc0d594610de2732c8b808f0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0b";
const ROUNDS: [(u64, &str, &str); 2] = [
    (
        1,
        "11f812d738a36b2210dc88c2d635ad8039588205f42445d6de09e6530165c3462a23aca348c84badcf8df5321ac24577b7963d5b0d780bc4626baedb45cde373",
        "781b75698adc3af62cfa55db83cf0c73ae54e1ac8c0d4c3a2224126b65369ec5",
    ),
    (
        9_337_227,
        "01d65d6128f4b2df3d08de85543d8efe06b0281d0770246ae3672e8ddd3efda0269373123458f0b5c0073eeed1c816a06809e127421513e34ee07df6987910b3",
        "a1e645cd6193837f626716851f5c42ad4bf63ad75193b2cae40f88c08c8f3bd8",
    ),
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn witness(round: u64) -> Witness {
    beacon::witness::<C>(&beacon::message::<C>(round))
}

#[test]
fn evmnet_verifies() {
    let key = bytes(KEY);
    for (round, signature, randomness) in ROUNDS {
        let signature = bytes(signature);
        assert_eq!(beacon::verify::<C>(&key, round, &signature, &witness(round)), Ok(()));
        assert_eq!(beacon::randomness::<Software>(&signature), bytes::<32>(randomness));
    }
}

fn evmnet(n: usize) -> (u64, [u8; 64]) {
    let (round, signature, _) = ROUNDS[n];
    (round, bytes(signature))
}

#[test]
fn another_round_or_key_does_not() {
    let key = bytes(KEY);
    let ((one, first), (two, second)) = (evmnet(0), evmnet(1));
    let verify = |key: &[u8; 128], round, signature, witness: &Witness| {
        beacon::verify::<C>(key, round, signature, witness)
    };
    assert_eq!(verify(&key, two, &first, &witness(two)), Err(BeaconError::WrongSignature));
    assert_eq!(verify(&key, one, &second, &witness(one)), Err(BeaconError::WrongSignature));
    assert_eq!(verify(&key, one + 1, &first, &witness(one)), Err(BeaconError::WrongWitness));
    assert_eq!(verify(&key, one + 1, &first, &witness(one + 1)), Err(BeaconError::WrongSignature));
    let other = beacon::public_key(&[1; 32]);
    assert_eq!(verify(&other, one, &first, &witness(one)), Err(BeaconError::WrongSignature));
    for broken in [[0; 128], [255; 128], [1; 128]] {
        assert_eq!(verify(&broken, one, &first, &witness(one)), Err(BeaconError::WrongSignature));
    }
}

#[test]
fn a_signature_has_one_encoding() {
    let key = bytes(KEY);
    let (round, good) = evmnet(0);
    let verify = |signature: [u8; 64]| beacon::verify::<C>(&key, round, &signature, &witness(round));
    assert_eq!(verify([0; 64]), Err(BeaconError::Infinity));
    assert_eq!(verify([255; 64]), Err(BeaconError::NotCanonical));
    let prime = beacon::field::P_BYTES;
    for at in [0, 32] {
        let mut signature = good;
        signature[at..at + 32].copy_from_slice(&prime);
        assert_eq!(verify(signature), Err(BeaconError::NotCanonical));
        let mut below = prime;
        below[31] -= 1;
        signature[at..at + 32].copy_from_slice(&below);
        assert_eq!(verify(signature), Err(BeaconError::NotOnCurve));
    }
    for bit in 0..512 {
        let mut signature = good;
        signature[bit / 8] ^= 1 << (bit % 8);
        let error = verify(signature).expect_err("a bit is wrong");
        assert!(matches!(error, BeaconError::NotCanonical | BeaconError::NotOnCurve), "bit {bit}: {error}");
    }
}

#[test]
fn a_chain_of_ones_own_signs_and_verifies() {
    for secret in [[1; 32], [5; 32], [255; 32]] {
        let key = beacon::public_key(&secret);
        for round in [0, 1, 1_000_000, u64::MAX] {
            let signature = beacon::sign(&secret, round);
            assert_eq!(beacon::verify::<C>(&key, round, &signature, &witness(round)), Ok(()));
            let bytes = beacon::proof(&signature, &witness(round));
            assert_eq!(bytes[..64], signature);
            assert_eq!(bytes[64..], witness(round).inverses.concat());
        }
    }
}

const SCHEDULE: Schedule = Schedule { genesis_at: 1_000, period_seconds: 3 };

#[test]
fn rounds_count_from_one_at_genesis() {
    let from = |unix| SCHEDULE.first_round_from(unix);
    for before in [i64::MIN + 1_000, -1, 0, 999, 1_000] {
        assert_eq!(from(before), Some(1), "at {before}");
    }
    assert_eq!([1_001, 1_002, 1_003, 1_004, 1_006, 1_007].map(from), [2, 2, 2, 3, 3, 4].map(Some));
    assert_eq!(SCHEDULE.signed_at(1), Some(1_000));
    assert_eq!(SCHEDULE.signed_at(2), Some(1_003));
    assert_eq!(SCHEDULE.signed_at(0), None, "there is no round 0");
}

#[test]
fn the_first_round_is_signed_then_or_later_and_the_one_before_it_earlier() {
    for period_seconds in [1, 2, 3, 30, 86_400, u32::MAX] {
        let schedule = Schedule { period_seconds, ..SCHEDULE };
        let period = period_seconds as i64;
        for times in [0, 1, 2, 1_000_003, 2_000_000_000] {
            for beside in [-1, 0, 1] {
                let unix = SCHEDULE.genesis_at + times * period + beside;
                let round = schedule.first_round_from(unix).expect("in range");
                let signed_at = schedule.signed_at(round).expect("in range");
                assert!(signed_at >= unix);
                let before = schedule.signed_at(round - 1);
                assert!(before.is_none_or(|before| before < unix), "{before:?} {unix}");
                assert!(signed_at - unix < period || round == 1);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_none_and_never_wraps() {
    let none = Schedule { period_seconds: 0, ..SCHEDULE };
    assert_eq!(none.first_round_from(5_000), None);
    assert_eq!(none.first_round_from(0), None, "not even before genesis");
    let second = Schedule { genesis_at: 0, period_seconds: 1 };
    assert_eq!(second.first_round_from(i64::MAX), Some(i64::MAX as u64 + 1));
    assert_eq!(second.signed_at(i64::MAX as u64 + 1), Some(i64::MAX));
    assert_eq!(second.signed_at(i64::MAX as u64 + 2), None);
    assert_eq!(second.signed_at(u64::MAX), None);
    // The time since genesis must fit as well.
    let past = Schedule { genesis_at: -10, period_seconds: 1 };
    assert_eq!(past.first_round_from(i64::MAX), None);
    let future = Schedule { genesis_at: i64::MAX, period_seconds: 3 };
    assert_eq!(future.first_round_from(i64::MAX), Some(1));
    assert_eq!(future.first_round_from(0), Some(1));
    assert_eq!(future.signed_at(1), Some(i64::MAX));
    assert_eq!(future.signed_at(2), None);
    // Long before genesis is still before genesis, unless the difference has no number.
    assert_eq!(future.first_round_from(-2), None);
    assert_eq!(SCHEDULE.signed_at(u64::MAX), None);
    assert_eq!(SCHEDULE.signed_at(u64::MAX / 3), None);
}
