//! SHA-256 by syscall, for the formulas of `lottery_rules`.

pub struct Syscall;

impl lottery_rules::hash::Sha256 for Syscall {
    #[inline(always)]
    fn hashv(parts: &[&[u8]]) -> [u8; 32] {
        #[cfg(target_os = "solana")]
        {
            let mut out = [0; 32];
            // SAFETY: the syscall reads `parts.len()` slices and writes 32 bytes to `out`.
            unsafe {
                anchor_lang::pinocchio::syscalls::sol_sha256(
                    parts.as_ptr().cast(),
                    parts.len() as u64,
                    out.as_mut_ptr(),
                )
            };
            out
        }
        #[cfg(not(target_os = "solana"))]
        {
            let _ = parts;
            unreachable!("runs on chain only")
        }
    }
}
