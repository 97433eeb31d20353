//! Reading the SlotHashes sysvar: a count, then (slot, hash) of up to 512 produced slots, newest first.

use anchor_lang::{pinocchio::sysvars::slot_hashes::SLOTHASHES_ID, prelude::*};

use crate::errors::LotteryError;

const HEADER: usize = 8;
const ITEM: usize = 40;

pub enum Lookup {
    /// The first produced slot at or after the wanted one.
    Found { slot: u64, hash: [u8; 32] },
    /// No such slot was produced yet.
    NotYet,
    /// The sysvar no longer reaches back: an earlier slot may have been produced.
    Lost,
}

/// The first produced slot at or after `target`, seen from the current `slot`.
pub fn first_from(account: &UncheckedAccount, target: u64, slot: u64) -> Result<Lookup> {
    require!(*account.address() == SLOTHASHES_ID, LotteryError::WrongSysvar);
    if slot <= target {
        return Ok(Lookup::NotYet);
    }
    // SAFETY: sysvars are read-only.
    let data = unsafe { account.account().borrow_unchecked() };
    let items = data.get(HEADER..).unwrap_or_default();
    let read = |at: usize| -> u64 { u64::from_le_bytes(core::array::from_fn(|i| items[at * ITEM + i])) };
    let count = read_count(data).min(items.len() / ITEM);

    // Newest first: the wanted item is the last whose slot is >= target.
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        if read(middle) >= target { low = middle + 1 } else { high = middle }
    }
    if low == 0 {
        return Ok(Lookup::NotYet);
    }
    let found = low - 1;
    let found_slot = read(found);
    // Sure to be the first only if the target itself or something older is still there.
    if found_slot != target && low == count {
        return Ok(Lookup::Lost);
    }
    let hash = core::array::from_fn(|i| items[found * ITEM + 8 + i]);
    Ok(Lookup::Found { slot: found_slot, hash })
}

fn read_count(data: &[u8]) -> usize {
    if data.len() < HEADER { 0 } else { u64::from_le_bytes(core::array::from_fn(|i| data[i])) as usize }
}
