//! SHA-256 by syscall, for the formulas of `lottery_rules`.

use crate::syscalls::sol_sha256;

pub struct Syscall;

impl lottery_rules::hash::Sha256 for Syscall {
    #[inline(always)]
    fn hashv(parts: &[&[u8]]) -> [u8; 32] {
        let mut out = [0; 32];
        // SAFETY: the syscall reads `parts.len()` slices and writes 32 bytes to `out`.
        unsafe { sol_sha256(parts.as_ptr().cast(), parts.len() as u64, out.as_mut_ptr()) };
        out
    }
}
