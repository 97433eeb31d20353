//! Open provably fair lotteries on Solana.

use anchor_lang::prelude::*;

// Only `math128.ll` and the tests call it.
#[cfg(any(target_arch = "bpf", test))]
mod math128;

// Named so that memcpy and friends are linked into the upstream BPF build.
#[cfg(target_arch = "bpf")]
use solana_compiler_builtins as _;

declare_id!("2UB98i4p6hpqnFBeWGqgoRtuijyyencGWwFFLMhqFUrf");

#[program]
pub mod lottery_v4 {
    use super::*;

    /// Multiplies, divides and takes the remainder of 128-bit numbers and returns the results, so that a test can
    /// compare them with native arithmetic: a toolchain change that breaks 128-bit libcalls must not pass unseen.
    #[discrim = 255]
    pub fn selftest_math128(_ctx: &mut Context<SelftestMath128>, a: [u64; 2], b: [u64; 2]) -> Result<()> {
        let wide = |x: [u64; 2]| (x[1] as u128) << 64 | x[0] as u128;
        let (a, b) = (wide(a), wide(b));
        require!(b != 0, ProgramError::InvalidArgument);
        let mut out = [0u8; 48];
        out[..16].copy_from_slice(&a.wrapping_mul(b).to_le_bytes());
        out[16..32].copy_from_slice(&(a / b).to_le_bytes());
        out[32..].copy_from_slice(&(a % b).to_le_bytes());
        anchor_lang::pinocchio::cpi::set_return_data(&out);
        Ok(())
    }
}

#[derive(Accounts)]
pub struct SelftestMath128 {}
