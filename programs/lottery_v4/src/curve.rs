//! BN254 and Keccak by syscall, for the formulas of `lottery_rules::beacon`.

use lottery_rules::beacon::{self, BeaconError, Curve, PROOF_LEN, Witness};

use crate::{errors::LotteryError, syscalls};

pub struct Syscall;

const G1_ADD: u64 = 0;
const PAIRING: u64 = 3;
const G1_DECOMPRESS: u64 = 1;

impl Curve for Syscall {
    fn keccak(parts: &[&[u8]]) -> [u8; 32] {
        let mut out = [0; 32];
        // SAFETY: the syscall reads `parts.len()` slices and writes 32 bytes to `out`.
        unsafe {
            syscalls::sol_keccak256(parts.as_ptr().cast(), parts.len() as u64, out.as_mut_ptr());
        }
        out
    }

    fn decompress(x: &[u8; 32]) -> Option<[u8; 64]> {
        let mut out = [0; 64];
        // SAFETY: the syscall reads 32 bytes and writes 64.
        let code =
            unsafe { syscalls::sol_alt_bn128_compression(G1_DECOMPRESS, x.as_ptr(), 32, out.as_mut_ptr()) };
        (code == 0).then_some(out)
    }

    fn add(a: &[u8; 64], b: &[u8; 64]) -> Option<[u8; 64]> {
        let mut input = [0; 128];
        input[..64].copy_from_slice(a);
        input[64..].copy_from_slice(b);
        let mut out = [0; 64];
        // SAFETY: the syscall reads 128 bytes and writes 64.
        let code = unsafe { syscalls::sol_alt_bn128_group_op(G1_ADD, input.as_ptr(), 128, out.as_mut_ptr()) };
        (code == 0).then_some(out)
    }

    fn pairing_is_one(pairs: &[u8; 384]) -> Option<bool> {
        let mut out = [0u8; 32];
        // SAFETY: the syscall reads 384 bytes and writes 32.
        let code =
            unsafe { syscalls::sol_alt_bn128_group_op(PAIRING, pairs.as_ptr(), 384, out.as_mut_ptr()) };
        // The number 1 or 0, big-endian.
        (code == 0).then_some(out[31] == 1)
    }
}

/// Splits a proof into signature and witness.
fn read_proof(proof: &[u8]) -> Result<([u8; 64], Witness), LotteryError> {
    let proof: &[u8; PROOF_LEN] = proof.try_into().map_err(|_| LotteryError::BeaconProofLength)?;
    let part = |at: usize| core::array::from_fn(|i| proof[at + i]);
    let signature = core::array::from_fn(|i| proof[i]);
    Ok((signature, Witness { inverses: [part(64), part(96)] }))
}

/// Verifies the proof of a chain's round. Returns the randomness.
#[inline(never)]
pub fn verify(public_key: &[u8; 128], round: u64, proof: &[u8]) -> Result<[u8; 32], LotteryError> {
    let (signature, witness) = read_proof(proof)?;
    beacon::verify::<Syscall>(public_key, round, &signature, &witness).map_err(|error| match error {
        BeaconError::NotCanonical => LotteryError::BeaconNotCanonical,
        BeaconError::Infinity => LotteryError::BeaconInfinity,
        BeaconError::NotOnCurve => LotteryError::BeaconNotOnCurve,
        BeaconError::WrongWitness => LotteryError::BeaconWrongWitness,
        BeaconError::WrongSignature => LotteryError::BeaconWrongSignature,
    })?;
    Ok(beacon::randomness::<crate::hash::Syscall>(&signature))
}
