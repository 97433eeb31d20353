//! The slot at which the cluster was last restarted, 0 if never.

use anchor_lang::prelude::*;

const LAST_RESTART_SLOT: Address = Address::from_str_const("SysvarLastRestartS1ot1111111111111111111111");

/// Whether the cluster was restarted at or after `slot`.
pub fn is_since(slot: u64) -> Result<bool> {
    Ok(last_restart_slot()? >= slot.max(1))
}

fn last_restart_slot() -> Result<u64> {
    let mut slot = 0u64;
    // SAFETY: the syscall writes the sysvar's 8 bytes.
    let code = unsafe {
        crate::syscalls::sol_get_sysvar(LAST_RESTART_SLOT.as_array().as_ptr(), (&raw mut slot).cast(), 0, 8)
    };
    require!(code == 0, ProgramError::UnsupportedSysvar);
    Ok(slot)
}
