//! The runtime's syscalls. Off chain, where only the IDL is built, they have the same shape and cannot be called.

#[cfg(target_os = "solana")]
pub use anchor_lang::pinocchio::syscalls::{
    sol_alt_bn128_compression, sol_alt_bn128_group_op, sol_get_sysvar, sol_keccak256, sol_sha256,
};

#[cfg(not(target_os = "solana"))]
macro_rules! on_chain_only {
    ($($name:ident($($type:ty),*);)*) => { $(
        /// # Safety
        /// Cannot be called.
        pub unsafe fn $name($(_: $type),*) -> u64 {
            unreachable!("runs on chain only")
        }
    )* };
}
#[cfg(not(target_os = "solana"))]
on_chain_only! {
    sol_alt_bn128_compression(u64, *const u8, u64, *mut u8);
    sol_alt_bn128_group_op(u64, *const u8, u64, *mut u8);
    sol_get_sysvar(*const u8, *mut u8, u64, u64);
    sol_keccak256(*const u8, u64, *mut u8);
    sol_sha256(*const u8, u64, *mut u8);
}
