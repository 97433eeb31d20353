//! What comes back to an entry whose round ends without prizes.

use crate::math;

/// What one entry gets back, in base units: its stake, `bonus_each` of a last jackpot that nobody won, and, if the
/// operator's bond was slashed, `floor(stake * compensation_cap_bps / 10_000)` of it.
///
/// The bond reserved for a round is never less than all that the round can take in, so the slashed part covers every
/// compensation. `None` when the sum does not fit 64 bits.
#[inline]
pub fn refund(stake: u64, bonus_each: u64, is_slashed: bool, compensation_cap_bps: u16) -> Option<u64> {
    let compensation = if is_slashed { math::bps(stake, compensation_cap_bps)? } else { 0 };
    stake.checked_add(bonus_each)?.checked_add(compensation)
}
