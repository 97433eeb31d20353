//! RFC 9380's hash to BN254's G1 with big integers, line by line: no shortcut, no witness, no Montgomery form.

use lottery_rules::beacon::{Curve, DST, SoftwareCurve, field::P_BYTES};
use num_bigint::BigUint;

pub fn p() -> BigUint {
    BigUint::from_bytes_be(&P_BYTES)
}

pub fn number(small: u32) -> BigUint {
    BigUint::from(small)
}

pub fn negative(a: &BigUint) -> BigUint {
    (p() - a % p()) % p()
}

/// 0 for 0 (`inv0` of section 4).
pub fn inv0(a: &BigUint) -> BigUint {
    a.modpow(&(p() - number(2)), &p())
}

pub fn is_square(a: &BigUint) -> bool {
    a % p() == BigUint::ZERO || a.modpow(&((p() - number(1)) >> 1), &p()) == number(1)
}

/// The prime is 3 modulo 4.
fn sqrt(a: &BigUint) -> BigUint {
    let root = a.modpow(&((p() + number(1)) >> 2), &p());
    assert_eq!(&root * &root % p(), a % p(), "only of squares");
    root
}

pub fn sgn0(a: &BigUint) -> bool {
    a.bit(0)
}

/// `y^2 = x^3 + 3`.
pub fn g(x: &BigUint) -> BigUint {
    (x * x * x + number(3)) % p()
}

/// Which of the three candidates has a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch {
    X1,
    X2,
    X3,
}

/// Appendix F.1, line by line, with Z = 1, A = 0, B = 3.
fn map_to_curve_svdw(u: &BigUint) -> (BigUint, BigUint, Branch) {
    let z = number(1);
    let c1 = g(&z);
    let c2 = negative(&inv0(&number(2)));
    let minus_12 = negative(&(&c1 * number(3)));
    let c3 = sqrt(&minus_12);
    let c3 = if sgn0(&c3) { negative(&c3) } else { c3 };
    let c4 = negative(&(number(4) * &c1 * inv0(&number(3))));

    let tv1 = u * u % p();
    let tv1 = tv1 * &c1 % p();
    let tv2 = (number(1) + &tv1) % p();
    let tv1 = (number(1) + negative(&tv1)) % p();
    let tv3 = &tv1 * &tv2 % p();
    let tv3 = inv0(&tv3);
    let tv4 = u * &tv1 % p();
    let tv4 = tv4 * &tv3 % p();
    let tv4 = tv4 * &c3 % p();
    let x1 = (&c2 + negative(&tv4)) % p();
    let e1 = is_square(&g(&x1));
    let x2 = (&c2 + &tv4) % p();
    let e2 = is_square(&g(&x2)) && !e1;
    let x3 = &tv2 * &tv2 % p();
    let x3 = x3 * &tv3 % p();
    let x3 = &x3 * &x3 % p();
    let x3 = x3 * &c4 % p();
    let x3 = (x3 + z) % p();
    let (x, branch) = match (e1, e2) {
        (true, _) => (x1, Branch::X1),
        (_, true) => (x2, Branch::X2),
        _ => (x3, Branch::X3),
    };
    let y = sqrt(&g(&x));
    let y = if sgn0(u) == sgn0(&y) { y } else { negative(&y) };
    (x, y, branch)
}

/// Affine addition by the school's formulas; `None` is the point at infinity.
fn add(a: (&BigUint, &BigUint), b: (&BigUint, &BigUint)) -> Option<(BigUint, BigUint)> {
    let slope = if a.0 != b.0 {
        (b.1 + negative(a.1)) * inv0(&(b.0 + negative(a.0))) % p()
    } else if a.1 == b.1 {
        number(3) * a.0 * a.0 * inv0(&(number(2) * a.1)) % p()
    } else {
        return None;
    };
    let x = (&slope * &slope + negative(a.0) + negative(b.0)) % p();
    let y = (&slope * (a.0 + negative(&x)) + negative(a.1)) % p();
    Some((x, y))
}

fn encode(point: Option<(BigUint, BigUint)>) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point {
        for (end, number) in [(32, x), (64, y)] {
            let short = number.to_bytes_be();
            bytes[end - short.len()..end].copy_from_slice(&short);
        }
    }
    bytes
}

/// The sum of what two field elements map to, and the candidates taken.
pub fn reference(u: [&BigUint; 2]) -> ([u8; 64], [Branch; 2]) {
    let (a, b) = (map_to_curve_svdw(u[0]), map_to_curve_svdw(u[1]));
    (encode(add((&a.0, &a.1), (&b.0, &b.1))), [a.2, b.2])
}

/// Section 5.3.1 with Keccak-256 (b = 32, s = 136), then section 5.2 with L = 48, m = 1, count = 2.
pub fn hash_to_field(message: &[u8]) -> [BigUint; 2] {
    let keccak = |bytes: &[u8]| SoftwareCurve::keccak(&[bytes]);
    let dst_prime = [DST, &[DST.len() as u8]].concat();
    let msg_prime = [&[0; 136], message, &[0, 96], &[0], &dst_prime[..]].concat();
    let b0 = keccak(&msg_prime);
    let mut uniform = keccak(&[&b0[..], &[1], &dst_prime].concat()).to_vec();
    for i in 2..=3u8 {
        let last = &uniform[uniform.len() - 32..];
        let mixed: Vec<u8> = b0.iter().zip(last).map(|(a, b)| a ^ b).collect();
        uniform.extend(keccak(&[&mixed[..], &[i], &dst_prime].concat()));
    }
    [&uniform[..48], &uniform[48..]].map(|bytes| BigUint::from_bytes_be(bytes) % p())
}
