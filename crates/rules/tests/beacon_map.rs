//! Hashing to the curve against the words of RFC 9380, written down again with big integers. Messages are hashed as drand
//! does, and field elements that no message gives are put in by hand.

mod rfc9380;

use std::cell::Cell;

use lottery_rules::beacon::{
    BeaconError, Curve, SoftwareCurve, Witness, field::P_BYTES, hash_to_curve, message, witness,
};
use num_bigint::BigUint;
use proptest::prelude::*;

use rfc9380::{g, hash_to_field, inv0, is_square, negative, number, p, reference, sgn0};

/// The curve, with a hash that gives the uniform bytes that a test wants.
struct Chosen;

thread_local! {
    /// 96 uniform bytes; and the calls so far: each hashing of a message makes four.
    static UNIFORM: Cell<([u8; 96], usize)> = const { Cell::new(([0; 96], 0)) };
}

impl Curve for Chosen {
    fn keccak(_: &[&[u8]]) -> [u8; 32] {
        let (uniform, calls) = UNIFORM.get();
        UNIFORM.set((uniform, calls + 1));
        // The first is b0, which is only mixed into the others.
        match calls % 4 {
            0 => [0; 32],
            n => uniform[32 * (n - 1)..32 * n].try_into().expect("32 bytes"),
        }
    }

    fn decompress(x: &[u8; 32]) -> Option<[u8; 64]> {
        SoftwareCurve::decompress(x)
    }

    fn add(a: &[u8; 64], b: &[u8; 64]) -> Option<[u8; 64]> {
        SoftwareCurve::add(a, b)
    }

    fn pairing_is_one(pairs: &[u8; 384]) -> Option<bool> {
        SoftwareCurve::pairing_is_one(pairs)
    }
}

/// Makes the next hashings give these two 48-byte numbers.
fn choose(numbers: [&BigUint; 2]) {
    let mut uniform = [0; 96];
    for (end, number) in [(48, numbers[0]), (96, numbers[1])] {
        let short = number.to_bytes_be();
        uniform[end - short.len()..end].copy_from_slice(&short);
    }
    UNIFORM.set((uniform, 0));
}

/// Hashes chosen numbers with the witness that belongs to them.
fn hash_chosen(numbers: [&BigUint; 2]) -> ([u8; 64], Witness) {
    choose(numbers);
    let witness = witness::<Chosen>(&[]);
    (hash_to_curve::<Chosen>(&[], &witness).expect("the witness fits"), witness)
}

/// The two elements for which there is nothing to invert.
fn halves() -> [BigUint; 2] {
    let half = inv0(&number(2));
    [half.clone(), negative(&half)]
}

#[test]
fn messages_of_rounds_hash_to_the_points_of_the_rfc() {
    let mut taken = std::collections::BTreeMap::new();
    for round in (1..=200).chain([9_337_227, u32::MAX as u64, u64::MAX]) {
        let message = message::<SoftwareCurve>(round);
        let [u0, u1] = hash_to_field(&message);
        let (expected, branches) = reference([&u0, &u1]);
        let witness = witness::<SoftwareCurve>(&message);
        assert_eq!(hash_to_curve::<SoftwareCurve>(&message, &witness), Ok(expected), "round {round}");
        *taken.entry(branches).or_insert(0) += 1;
    }
    assert_eq!(taken.len(), 9, "every candidate beside every other: {taken:?}");
}

#[test]
fn messages_of_any_length_hash_to_the_points_of_the_rfc() {
    for len in [0, 1, 31, 32, 33, 135, 136, 137, 1_000] {
        let message: Vec<u8> = (0..len).map(|i| (i * 7 + len) as u8).collect();
        let [u0, u1] = hash_to_field(&message);
        let witness = witness::<SoftwareCurve>(&message);
        let point = hash_to_curve::<SoftwareCurve>(&message, &witness);
        assert_eq!(point, Ok(reference([&u0, &u1]).0), "{len} bytes");
    }
}

#[test]
fn field_elements_that_no_message_gives_map_as_the_rfc_says() {
    let [half, minus_half] = halves();
    let end = BigUint::from(1u8) << 384;
    let mut all = vec![BigUint::ZERO, number(1), number(2), number(3), half, minus_half];
    all.extend([p() - number(1), p() - number(2), p() >> 1]);
    // Not reduced: a field element has many numbers of 48 bytes.
    all.extend([p(), p() + number(1), p() * number(5), &end - number(1), (&end / p()) * p(), &end >> 1]);
    all.extend([
        (BigUint::from(1u8) << 256) - number(1),
        BigUint::from(1u8) << 256,
        BigUint::from(1u8) << 255,
    ]);
    for a in &all {
        for b in &all {
            let (point, _) = hash_chosen([a, b]);
            assert_eq!(point, reference([&(a % p()), &(b % p())]).0, "{a} and {b}");
        }
    }
}

#[test]
fn each_candidate_is_taken_with_each_sign() {
    let other = number(7);
    let mut seen = std::collections::BTreeSet::new();
    for u in 1..400u32 {
        let u = number(u);
        for u in [u.clone(), negative(&u)] {
            let (expected, branches) = reference([&u, &other]);
            if seen.insert((branches[0], sgn0(&u))) || seen.len() < 6 {
                assert_eq!(hash_chosen([&u, &other]).0, expected);
                assert_eq!(hash_chosen([&other, &u]).0, reference([&other, &u]).0);
            }
        }
    }
    assert_eq!(seen.len(), 6);
}

/// Why a witness of zero is sound: it passes only where the product itself is zero, and there every number would be an
/// inverse as good as any, but the RFC says zero. That happens for `u = 1/2` and `u = -1/2` alone.
#[test]
fn zero_is_a_witness_only_where_there_is_nothing_to_invert() {
    let [half, minus_half] = halves();
    for u in [&half, &minus_half] {
        assert_eq!(u * u * number(4) % p(), number(1), "1 - 4 u^2 is zero");
    }
    // 1 + 4 u^2 is never zero: -1/4 has no root, as the prime is 3 modulo 4.
    assert!(!is_square(&negative(&inv0(&number(4)))));
    // g(-1/2) decides which candidate the exception takes; the last one has a point for certain.
    assert_eq!(g(&number(1)), number(4));

    for u in [&half, &minus_half] {
        let other = number(9);
        let (point, exact) = hash_chosen([u, &other]);
        assert_eq!(exact.inverses[0], [0; 32]);
        assert_eq!(point, reference([u, &other]).0);
        for byte in [0, 15, 31] {
            let mut wrong = exact;
            wrong.inverses[0][byte] = 1;
            choose([u, &other]);
            assert_eq!(hash_to_curve::<Chosen>(&[], &wrong), Err(BeaconError::WrongWitness));
        }
        let mut prime = exact;
        prime.inverses[0] = P_BYTES;
        choose([u, &other]);
        assert_eq!(
            hash_to_curve::<Chosen>(&[], &prime),
            Err(BeaconError::WrongWitness),
            "zero, written otherwise"
        );
    }
    for u in [BigUint::ZERO, number(1), number(2), p() - number(1)] {
        let (_, exact) = hash_chosen([&u, &u]);
        for place in 0..2 {
            let mut zero = exact;
            zero.inverses[place] = [0; 32];
            choose([&u, &u]);
            assert_eq!(hash_to_curve::<Chosen>(&[], &zero), Err(BeaconError::WrongWitness));
        }
    }
}

#[test]
fn a_field_element_has_one_witness() {
    let message = message::<SoftwareCurve>(77);
    let good = witness::<SoftwareCurve>(&message);
    let [u0, u1] = hash_to_field(&message);
    for (u, inverse) in [u0, u1].iter().zip(good.inverses) {
        let four = number(4) * u * u;
        let product = (number(1) + negative(&four)) * (number(1) + &four) % p();
        assert_eq!(BigUint::from_bytes_be(&inverse), inv0(&product));
    }
    let refuse = |change: &dyn Fn(&mut Witness)| {
        let mut wrong = good;
        change(&mut wrong);
        assert_eq!(hash_to_curve::<SoftwareCurve>(&message, &wrong), Err(BeaconError::WrongWitness));
    };
    for place in 0..2 {
        for bit in 0..256 {
            refuse(&|w| w.inverses[place][bit / 8] ^= 1 << (bit % 8));
        }
        // Other encodings of the same inverse.
        let inverse = BigUint::from_bytes_be(&good.inverses[place]);
        for times in 1..=4u8 {
            let other = (&inverse + p() * times).to_bytes_be();
            if other.len() == 32 {
                refuse(&|w| w.inverses[place].copy_from_slice(&other));
            }
        }
        let minus = negative(&inverse).to_bytes_be();
        refuse(&|w| w.inverses[place][32 - minus.len()..].copy_from_slice(&minus));
    }
    refuse(&|w| w.inverses.reverse());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_messages_hash_to_the_points_of_the_rfc(message in prop::collection::vec(any::<u8>(), 0..200)) {
        let [u0, u1] = hash_to_field(&message);
        let witness = witness::<SoftwareCurve>(&message);
        let point = hash_to_curve::<SoftwareCurve>(&message, &witness);
        prop_assert_eq!(point, Ok(reference([&u0, &u1]).0));
    }

    #[test]
    fn random_field_elements_map_as_the_rfc_says(uniform in prop::collection::vec(any::<u8>(), 96)) {
        let numbers = [&uniform[..48], &uniform[48..]].map(BigUint::from_bytes_be);
        let (point, _) = hash_chosen([&numbers[0], &numbers[1]]);
        prop_assert_eq!(point, reference([&(&numbers[0] % p()), &(&numbers[1] % p())]).0);
    }
}
