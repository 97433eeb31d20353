//! The public beacon: signatures of a drand chain on BN254, verified.
//!
//! Scheme `bls-bn254-unchained-on-g1`: a round's signature is a point of G1, the chain's key one of G2, and the message is
//! `keccak256(round as 8 big-endian bytes)`, hashed to the curve by RFC 9380's
//! `BN254G1_XMD:KECCAK-256_SVDW_RO_`. Valid when `e(signature, -G2) * e(hash, key) == 1`. The randomness is
//! `sha256(signature)`: a BLS signature is unique, so nobody has a choice in it.
//!
//! Inverting a field element is dear on chain, so the two inverses that hashing to the curve needs come with the
//! signature as a [`Witness`] and are checked by one multiplication each: a field element has one inverse, so a witness
//! that passes is the right one, whoever made it. Square roots come from decompressing a point, which the runtime offers.

pub mod field;
mod map;
#[cfg(feature = "bn254")]
mod software;

use core::fmt;

use crate::hash::Sha256;
pub use map::{Witness, hash_to_curve, witness};
#[cfg(feature = "bn254")]
pub use software::{SoftwareCurve, public_key, sign};

/// Domain separation tag of the scheme.
pub const DST: &[u8] = b"BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_";

/// Bytes of a proof: the signature and the witness.
pub const PROOF_LEN: usize = 64 + 64;

/// `-G2`, the negated generator: x.c1, x.c0, y.c1, y.c0.
const NEGATED_GENERATOR: [u8; 128] = [
    0x19, 0x8e, 0x93, 0x93, 0x92, 0x0d, 0x48, 0x3a, 0x72, 0x60, 0xbf, 0xb7, 0x31, 0xfb, 0x5d, 0x25, 0xf1,
    0xaa, 0x49, 0x33, 0x35, 0xa9, 0xe7, 0x12, 0x97, 0xe4, 0x85, 0xb7, 0xae, 0xf3, 0x12, 0xc2, 0x18, 0x00,
    0xde, 0xef, 0x12, 0x1f, 0x1e, 0x76, 0x42, 0x6a, 0x00, 0x66, 0x5e, 0x5c, 0x44, 0x79, 0x67, 0x43, 0x22,
    0xd4, 0xf7, 0x5e, 0xda, 0xdd, 0x46, 0xde, 0xbd, 0x5c, 0xd9, 0x92, 0xf6, 0xed, 0x27, 0x5d, 0xc4, 0xa2,
    0x88, 0xd1, 0xaf, 0xb3, 0xcb, 0xb1, 0xac, 0x09, 0x18, 0x75, 0x24, 0xc7, 0xdb, 0x36, 0x39, 0x5d, 0xf7,
    0xbe, 0x3b, 0x99, 0xe6, 0x73, 0xb1, 0x3a, 0x07, 0x5a, 0x65, 0xec, 0x1d, 0x9b, 0xef, 0xcd, 0x05, 0xa5,
    0x32, 0x3e, 0x6d, 0xa4, 0xd4, 0x35, 0xf3, 0xb6, 0x17, 0xcd, 0xb3, 0xaf, 0x83, 0x28, 0x5c, 0x2d, 0xf7,
    0x11, 0xef, 0x39, 0xc0, 0x15, 0x71, 0x82, 0x7f, 0x9d,
];

/// What verifying needs of the machine it runs on. Points of G1 are x and y, 32 big-endian bytes each; all zero is the
/// point at infinity.
pub trait Curve {
    /// Keccak-256 of all parts, one after the other.
    fn keccak(parts: &[&[u8]]) -> [u8; 32];
    /// A point with this x, which is below the prime; `None` when there is none.
    fn decompress(x: &[u8; 32]) -> Option<[u8; 64]>;
    /// The sum of two points; `None` when one of them is not on the curve.
    fn add(a: &[u8; 64], b: &[u8; 64]) -> Option<[u8; 64]>;
    /// Whether the product of the pairings of two (G1, G2) pairs is 1; `None` when a point is not valid.
    fn pairing_is_one(pairs: &[u8; 384]) -> Option<bool>;
}

/// Why a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeaconError {
    /// A coordinate of the signature is not below the prime.
    NotCanonical,
    /// The signature is the point at infinity.
    Infinity,
    /// The signature is not on the curve.
    NotOnCurve,
    /// A witness is not the inverse of what it should invert.
    WrongWitness,
    /// The signature is not that of this round by this key.
    WrongSignature,
}

impl BeaconError {
    /// One sentence for a person.
    pub const fn message(self) -> &'static str {
        match self {
            BeaconError::NotCanonical => "a coordinate of the signature is not below the field's prime",
            BeaconError::Infinity => "the signature is the point at infinity",
            BeaconError::NotOnCurve => "the signature is not a point of the curve",
            BeaconError::WrongWitness => "a witness does not fit the round",
            BeaconError::WrongSignature => "the signature is not of this round by this chain's key",
        }
    }
}

impl fmt::Display for BeaconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for BeaconError {}

/// What a chain signs for a round: `keccak256(round as 8 big-endian bytes)`.
#[inline]
pub fn message<C: Curve>(round: u64) -> [u8; 32] {
    C::keccak(&[&round.to_be_bytes()])
}

/// The randomness of a signature: `sha256(signature)`.
#[inline]
pub fn randomness<H: Sha256>(signature: &[u8; 64]) -> [u8; 32] {
    H::hashv(&[signature])
}

/// Verifies the signature of `round` by `public_key` (x.c1, x.c0, y.c1, y.c0).
pub fn verify<C: Curve>(
    public_key: &[u8; 128],
    round: u64,
    signature: &[u8; 64],
    witness: &Witness,
) -> Result<(), BeaconError> {
    check_point::<C>(signature)?;
    let hash = hash_to_curve::<C>(&message::<C>(round), witness)?;
    let mut pairs = [0; 384];
    pairs[..64].copy_from_slice(signature);
    pairs[64..192].copy_from_slice(&NEGATED_GENERATOR);
    pairs[192..256].copy_from_slice(&hash);
    pairs[256..].copy_from_slice(public_key);
    match C::pairing_is_one(&pairs) {
        Some(true) => Ok(()),
        _ => Err(BeaconError::WrongSignature),
    }
}

/// A point of G1 in its one encoding, and not infinity.
fn check_point<C: Curve>(point: &[u8; 64]) -> Result<(), BeaconError> {
    if *point == [0; 64] {
        return Err(BeaconError::Infinity);
    }
    let (x, y) = point.split_at(32);
    if *x >= field::P_BYTES[..] || *y >= field::P_BYTES[..] {
        return Err(BeaconError::NotCanonical);
    }
    C::add(point, &[0; 64]).map(|_| ()).ok_or(BeaconError::NotOnCurve)
}

/// A proof as it travels: signature, then both witnesses.
pub fn proof(signature: &[u8; 64], witness: &Witness) -> [u8; PROOF_LEN] {
    let mut proof = [0; PROOF_LEN];
    proof[..64].copy_from_slice(signature);
    proof[64..96].copy_from_slice(&witness.inverses[0]);
    proof[96..].copy_from_slice(&witness.inverses[1]);
    proof
}

/// When rounds of a chain are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Unix seconds of round 1.
    pub genesis_at: i64,
    /// Seconds between rounds, at least 1.
    pub period_seconds: u32,
}

impl Schedule {
    /// The first round that is signed at `unix` or later; rounds count from 1. `None` without a period, or beyond 64 bits.
    pub fn first_round_from(&self, unix: i64) -> Option<u64> {
        let period = self.period_seconds as u64;
        if period == 0 {
            return None;
        }
        let after = match unix.checked_sub(self.genesis_at)? {
            after if after <= 0 => return Some(1),
            after => after as u64,
        };
        // Not `div_ceil`, which may overflow.
        let whole = after / period;
        let part = (after % period != 0) as u64;
        whole.checked_add(part)?.checked_add(1)
    }

    /// Unix seconds at which `round` is signed. `None` for round 0, or beyond 64 bits.
    pub fn signed_at(&self, round: u64) -> Option<i64> {
        let after = round.checked_sub(1)?.checked_mul(self.period_seconds as u64)?;
        self.genesis_at.checked_add(i64::try_from(after).ok()?)
    }
}
