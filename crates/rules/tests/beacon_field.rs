//! The field arithmetic behind hashing to the curve, against big integers: exact values, not only residues, so that the
//! bounds that the code relies on are seen to hold.

use lottery_rules::beacon::field::{Field, P_BYTES};
use num_bigint::BigUint;
use proptest::prelude::*;

fn p() -> BigUint {
    BigUint::from_bytes_be(&P_BYTES)
}

/// `R = 2^261`, nine limbs of 29 bits.
fn r() -> BigUint {
    BigUint::from(1u8) << 261
}

fn bytes(number: &BigUint) -> [u8; 32] {
    let short = number.to_bytes_be();
    let mut all = [0; 32];
    all[32 - short.len()..].copy_from_slice(&short);
    all
}

fn inverse(number: &BigUint) -> BigUint {
    number.modpow(&(p() - 2u8), &p())
}

/// `-1 / P` modulo R, by Newton's method.
fn negative_inverse_of_p() -> BigUint {
    let (mut inverse, two) = (BigUint::from(1u8), BigUint::from(2u8));
    for _ in 0..9 {
        inverse = (&inverse * (&two + r() * r() - (p() * &inverse) % r())) % r();
    }
    assert_eq!((&inverse * p()) % r(), BigUint::from(1u8));
    r() - inverse
}

/// A number as the code has it, and as an exact integer beside it.
#[derive(Clone, Debug)]
struct Both {
    field: Field,
    exact: BigUint,
}

impl Both {
    fn of(bytes: &[u8; 32]) -> Self {
        Self { field: Field::from_be(bytes), exact: BigUint::from_bytes_be(bytes) }
    }

    fn add(&self, other: &Self) -> Self {
        Self { field: self.field.add(&other.field), exact: &self.exact + &other.exact }
    }

    fn sub(&self, other: &Self) -> Self {
        Self { field: self.field.sub(&other.field), exact: &self.exact + p() * 8u8 - &other.exact }
    }

    /// Montgomery's reduction is exact: the product, plus what makes it a multiple of R, divided by R.
    fn mul(&self, other: &Self, factor: &BigUint) -> Self {
        let product = &self.exact * &other.exact;
        let multiple = (&product * factor) % r() * p();
        let exact = (product + multiple) >> 261u32;
        Self { field: self.field.mul(&other.field), exact }
    }

    /// What may be multiplied: a product below `169 P^2`.
    fn may_mul(&self, other: &Self) -> bool {
        &self.exact * &other.exact < p() * p() * 169u8
    }

    fn check(&self) {
        let expected = bytes(&(&self.exact % p()));
        assert_eq!(self.field.to_be(), expected);
        assert_eq!(self.field.canonical().to_be(), expected, "bringing into range changes nothing");
        assert_eq!(self.field.is_zero(), &self.exact % p() == BigUint::ZERO);
        assert_eq!(self.field.is_unit(), &self.exact % p() == BigUint::from(1u8));
    }
}

/// 0, 1, and both sides of every multiple of the prime, of the limbs' borders and of the end.
fn edges() -> Vec<[u8; 32]> {
    let end = BigUint::from(1u8) << 256;
    let mut all = vec![BigUint::ZERO, BigUint::from(1u8), BigUint::from(2u8)];
    for times in 1..=5u8 {
        let multiple = p() * times;
        all.extend([&multiple - 2u8, &multiple - 1u8, multiple.clone(), &multiple + 1u8]);
    }
    for bit in (29..256u32).step_by(29).chain([64, 128, 192, 254, 255]) {
        let border = BigUint::from(1u8) << bit;
        all.extend([&border - 1u8, border.clone(), &border + 1u8]);
    }
    all.extend([&end - 1u8, &end - 2u8, &end - &(p() >> 1), p() >> 1, (p() >> 1) + 1u8]);
    all.iter().map(bytes).collect()
}

#[test]
fn constants_are_what_they_are_called() {
    let number = |field: Field| BigUint::from_bytes_be(&field.to_be());
    assert_eq!(number(Field::UNIT), BigUint::from(1u8));
    assert_eq!(number(Field::ONE), r() % p());
    assert_eq!(number(Field::R2), r() * r() % p());
    assert_eq!(number(Field::HIGH_R2), (BigUint::from(1u8) << 256) * r() * r() % p());
    assert!(Field::UNIT.is_unit() && !Field::ONE.is_unit() && !Field::ONE.is_zero());
}

#[test]
fn every_pair_of_edges_agrees() {
    let factor = negative_inverse_of_p();
    let all: Vec<Both> = edges().iter().map(Both::of).collect();
    for a in &all {
        a.check();
        for b in &all {
            a.add(b).check();
            a.sub(b).check();
            let product = a.mul(b, &factor);
            product.check();
            assert!(product.exact < p() * 2u8, "a product is below 2 P");
        }
    }
}

#[test]
fn multiplying_by_the_constants_brings_into_montgomery_form_and_back() {
    for bytes in edges() {
        let number = BigUint::from_bytes_be(&bytes);
        let inside = Field::from_be(&bytes).mul(&Field::R2);
        assert_eq!(BigUint::from_bytes_be(&inside.to_be()), &number * r() % p());
        assert_eq!(BigUint::from_bytes_be(&inside.mul(&Field::UNIT).to_be()), number % p());
    }
}

#[test]
fn powers_agree() {
    for base in edges().into_iter().step_by(3) {
        let inside = Field::from_be(&base).mul(&Field::R2);
        let number = BigUint::from_bytes_be(&base) % p();
        let mut exponents = vec![[0; 32], [255; 32], P_BYTES];
        exponents.push(bytes(&(p() - 2u8)));
        for exponent in exponents {
            let power = inside.pow(&exponent).mul(&Field::UNIT);
            let expected = number.modpow(&BigUint::from_bytes_be(&exponent), &p());
            assert_eq!(BigUint::from_bytes_be(&power.to_be()), expected);
        }
        // By Fermat the power p - 2 is the inverse.
        if number != BigUint::ZERO {
            let power = inside.pow(&bytes(&(p() - 2u8))).mul(&Field::UNIT);
            assert_eq!(BigUint::from_bytes_be(&power.to_be()), inverse(&number));
        }
    }
}

/// What one step of a random calculation does.
#[derive(Clone, Copy, Debug)]
enum Op {
    Add,
    Sub,
    Mul,
    Square,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![Just(Op::Add), Just(Op::Sub), Just(Op::Mul), Just(Op::Square)]
}

/// Any 32 bytes; often such an edge, or near one.
fn operand() -> impl Strategy<Value = [u8; 32]> {
    let edge = (0..edges().len()).prop_map(|at| edges()[at]);
    let limbs = any::<[u8; 32]>().prop_map(|bytes| bytes.map(|byte| if byte & 1 == 1 { 255 } else { 0 }));
    prop_oneof![4 => any::<[u8; 32]>(), 1 => edge, 1 => limbs]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn single_operations_agree(a in operand(), b in operand()) {
        let factor = negative_inverse_of_p();
        let (a, b) = (Both::of(&a), Both::of(&b));
        a.check();
        a.add(&b).check();
        a.sub(&b).check();
        let product = a.mul(&b, &factor);
        product.check();
        prop_assert!(product.exact < p() * 2u8);
        // Commutes, exactly.
        prop_assert_eq!(b.field.mul(&a.field).to_be(), product.field.to_be());
    }

    #[test]
    fn long_calculations_agree(start in operand(), steps in prop::collection::vec((op(), operand()), 1..60)) {
        let factor = negative_inverse_of_p();
        let mut number = Both::of(&start);
        for (op, operand) in steps {
            let other = Both::of(&operand);
            let next = match op {
                Op::Add => number.add(&other),
                Op::Sub => number.sub(&other),
                Op::Mul if number.may_mul(&other) => number.mul(&other, &factor),
                Op::Square if number.may_mul(&number) => number.mul(&number, &factor),
                Op::Mul | Op::Square => continue,
            };
            // What the code promises for is far below this.
            if next.exact < p() * 200u8 {
                next.check();
                number = next;
            }
        }
    }
}
