//! Hashing to BN254's G1: RFC 9380, `hash_to_curve` with expand_message_xmd over Keccak-256 and the Shallue-van de
//! Woestijne map (section 6.6.1, Z = 1), the curve being `y^2 = x^3 + 3`. Its cofactor is 1.

use super::{BeaconError, Curve, DST, field::Field, field::P_BYTES};

/// `-1/2`.
const C2: Field = Field::new([
    0xc3e7ea3, 0x1082305b, 0xe3951a7, 0x16a9168, 0xac2ecbc, 0x116da060, 0x5370a0, 0x72e131a, 0x183227,
]);
/// `sqrt(-12)`, the even one, in Montgomery form.
const C3: Field = Field::new([
    0x1b4a814f, 0x1d686287, 0x16a42cba, 0xbac1e79, 0x13fb16c, 0x1d850693, 0x1eba05b6, 0xc9dae1e, 0x1b5818,
]);
/// `-16/3` in Montgomery form.
const C4: Field = Field::new([
    0x68a0e4b, 0x171eba7c, 0xb55234f, 0x150690b3, 0xed0a792, 0x1ff392ca, 0x26922c2, 0x109d85a1, 0x2768eb,
]);

/// The inverses that hashing one message to the curve needs, 32 big-endian bytes each; zero where there is nothing to invert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Of `(1 - 4 u^2) (1 + 4 u^2)`, for each of the two field elements that a message gives.
    pub inverses: [[u8; 32]; 2],
}

/// The point of a message, under the scheme's tag.
pub fn hash_to_curve<C: Curve>(message: &[u8], witness: &Witness) -> Result<[u8; 64], BeaconError> {
    let [u0, u1] = hash_to_field::<C>(message);
    let a = map_to_curve::<C>(&u0, &witness.inverses[0])?;
    let b = map_to_curve::<C>(&u1, &witness.inverses[1])?;
    C::add(&a, &b).ok_or(BeaconError::NotOnCurve)
}

/// Computes the witness of a message. Off chain: a thousand multiplications.
pub fn witness<C: Curve>(message: &[u8]) -> Witness {
    let inverses = hash_to_field::<C>(message).map(|(u, _)| {
        let (_, _, product) = factors(&u);
        // By Fermat: x^(p - 2).
        let mut exponent = P_BYTES;
        exponent[31] -= 2;
        product.pow(&exponent).mul(&Field::UNIT).to_be()
    });
    Witness { inverses }
}

/// Two field elements in Montgomery form below `4 P`, each with its lowest bit (`sgn0`).
fn hash_to_field<C: Curve>(message: &[u8]) -> [(Field, bool); 2] {
    let uniform = expand_message::<C>(message);
    let element = |at: usize| {
        let mut high = [0; 32];
        high[16..].copy_from_slice(&uniform[at..at + 16]);
        let low: [u8; 32] = core::array::from_fn(|i| uniform[at + 16 + i]);
        let high = Field::from_be(&high).mul(&Field::HIGH_R2);
        let u = Field::from_be(&low).mul(&Field::R2).add(&high);
        let is_odd = u.mul(&Field::UNIT).to_be()[31] & 1 == 1;
        (u, is_odd)
    };
    [element(0), element(48)]
}

/// expand_message_xmd (section 5.3.1) to 96 bytes.
fn expand_message<C: Curve>(message: &[u8]) -> [u8; 96] {
    // Keccak-256 takes blocks of 136 bytes.
    let length = [DST.len() as u8];
    let b0 = C::keccak(&[&[0; 136], message, &[0, 96, 0], DST, &length]);
    let b1 = C::keccak(&[&b0, &[1], DST, &length]);
    let mut out = [0; 96];
    out[..32].copy_from_slice(&b1);
    let mut last = b1;
    for i in 2..=3u8 {
        let mixed: [u8; 32] = core::array::from_fn(|at| b0[at] ^ last[at]);
        last = C::keccak(&[&mixed, &[i], DST, &length]);
        let at = (i as usize - 1) * 32;
        out[at..at + 32].copy_from_slice(&last);
    }
    out
}

/// `1 - 4 u^2`, `1 + 4 u^2` and their product, in Montgomery form.
#[inline(always)]
fn factors(u: &Field) -> (Field, Field, Field) {
    let square = u.mul(u);
    let double = square.add(&square);
    let four = double.add(&double);
    let minus = Field::ONE.sub(&four);
    let plus = Field::ONE.add(&four);
    let product = minus.mul(&plus);
    (minus, plus, product)
}

/// The map of section 6.6.1. What is not in Montgomery form there is said so.
fn map_to_curve<C: Curve>((u, is_odd): &(Field, bool), inverse: &[u8; 32]) -> Result<[u8; 64], BeaconError> {
    let (minus, plus, product) = factors(u);
    if *inverse >= P_BYTES {
        return Err(BeaconError::WrongWitness);
    }
    // Not in Montgomery form, nor is what it is multiplied into.
    let inverse = Field::from_be(inverse);
    let is_inverse = inverse.mul(&product).is_unit();
    // RFC 9380's `inv0`: zero has zero for its inverse.
    let is_nothing = inverse.is_zero() && product.is_zero();
    if !is_inverse && !is_nothing {
        return Err(BeaconError::WrongWitness);
    }
    let offset = u.mul(&minus).mul(&inverse).mul(&C3);
    let x1 = C2.sub(&offset).to_be();
    if let Some(point) = C::decompress(&x1) {
        return Ok(with_sign(point, *is_odd));
    }
    let x2 = C2.add(&offset).to_be();
    if let Some(point) = C::decompress(&x2) {
        return Ok(with_sign(point, *is_odd));
    }
    let ratio = plus.mul(&plus).mul(&inverse);
    let square = ratio.mul(&Field::R2).mul(&ratio);
    let x3 = square.mul(&C4).add(&Field::UNIT).to_be();
    // One of the three has a point, for every u.
    C::decompress(&x3).map(|point| with_sign(point, *is_odd)).ok_or(BeaconError::WrongWitness)
}

/// The point or its negative, whichever has a y of this parity. No point has a y of zero.
fn with_sign(mut point: [u8; 64], is_odd: bool) -> [u8; 64] {
    if (point[63] & 1 == 1) == is_odd {
        return point;
    }
    let mut borrow = 0u16;
    for i in (0..32).rev() {
        let difference = 0x100 + P_BYTES[i] as u16 - point[32 + i] as u16 - borrow;
        point[32 + i] = difference as u8;
        borrow = 1 - (difference >> 8);
    }
    point
}
