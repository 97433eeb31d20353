//! The curve in software, by the `ark-bn254` and `sha3` crates, and a signer for local chains.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing, short_weierstrass::SWCurveConfig};
use ark_ff::{Field as _, PrimeField};
use sha3::{Digest, Keccak256};

use super::{Curve, hash_to_curve, message, witness};

/// Everywhere but on chain.
#[derive(Clone, Copy, Debug)]
pub struct SoftwareCurve;

impl Curve for SoftwareCurve {
    fn keccak(parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Keccak256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    fn decompress(x: &[u8; 32]) -> Option<[u8; 64]> {
        let x = read_fq(x)?;
        let y = (x.square() * x + g1::Config::COEFF_B).sqrt()?;
        Some(write_g1(&G1Affine::new_unchecked(x, y)))
    }

    fn add(a: &[u8; 64], b: &[u8; 64]) -> Option<[u8; 64]> {
        Some(write_g1(&(read_g1(a)? + read_g1(b)?).into_affine()))
    }

    fn pairing_is_one(pairs: &[u8; 384]) -> Option<bool> {
        let (mut left, mut right) = ([G1Affine::identity(); 2], [G2Affine::identity(); 2]);
        for (i, pair) in pairs.chunks_exact(192).enumerate() {
            left[i] = read_g1(pair[..64].try_into().ok()?)?;
            right[i] = read_g2(pair[64..].try_into().ok()?)?;
        }
        Some(Bn254::multi_pairing(left, right).0 == <Bn254 as Pairing>::TargetField::ONE)
    }
}

/// Signs a round with a secret key (32 big-endian bytes, taken modulo the group's order): for chains of one's own. Returns the signature.
pub fn sign(secret: &[u8; 32], round: u64) -> [u8; 64] {
    let message = message::<SoftwareCurve>(round);
    let witness = witness::<SoftwareCurve>(&message);
    let hash = hash_to_curve::<SoftwareCurve>(&message, &witness).unwrap_or([0; 64]);
    let point = read_g1(&hash).unwrap_or_default();
    write_g1(&(point * Fr::from_be_bytes_mod_order(secret)).into_affine())
}

/// The public key of a secret key: x.c1, x.c0, y.c1, y.c0.
pub fn public_key(secret: &[u8; 32]) -> [u8; 128] {
    let key = (g2::G2Affine::generator() * Fr::from_be_bytes_mod_order(secret)).into_affine();
    let mut bytes = [0; 128];
    for (place, part) in bytes.chunks_exact_mut(32).zip([key.x.c1, key.x.c0, key.y.c1, key.y.c0]) {
        write_fq(&part, place);
    }
    bytes
}

/// `None` when it is not below the prime.
fn read_fq(bytes: &[u8]) -> Option<Fq> {
    let number = Fq::from_be_bytes_mod_order(bytes);
    let mut again = [0; 32];
    write_fq(&number, &mut again);
    (again == *bytes).then_some(number)
}

fn write_fq(number: &Fq, bytes: &mut [u8]) {
    let words = number.into_bigint();
    for (place, word) in bytes.chunks_exact_mut(8).zip(words.as_ref().iter().rev()) {
        place.copy_from_slice(&word.to_be_bytes());
    }
}

fn read_g1(bytes: &[u8; 64]) -> Option<G1Affine> {
    if *bytes == [0; 64] {
        return Some(G1Affine::identity());
    }
    let point = G1Affine::new_unchecked(read_fq(&bytes[..32])?, read_fq(&bytes[32..])?);
    point.is_on_curve().then_some(point)
}

fn write_g1(point: &G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point.xy() {
        write_fq(&x, &mut bytes[..32]);
        write_fq(&y, &mut bytes[32..]);
    }
    bytes
}

fn read_g2(bytes: &[u8; 128]) -> Option<G2Affine> {
    let part = |at: usize| read_fq(&bytes[at..at + 32]);
    let (x, y) = (Fq2::new(part(32)?, part(0)?), Fq2::new(part(96)?, part(64)?));
    let point = G2Affine::new_unchecked(x, y);
    (point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()).then_some(point)
}
