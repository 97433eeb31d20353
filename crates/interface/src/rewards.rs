//! What cranking a round can cost.

use crate::kinds::Kind;

/// Transitions of a round: open, capture, value, draw, finalise, void, expire, close.
const ROUND_STEPS: u64 = 8;
/// Transitions of a page: open, seal, settled, close.
const PAGE_STEPS: u64 = 4;
/// An entry is settled, then paid or refunded.
const ENTRY_ITEMS: u64 = 2;

/// A raffle is ranked besides: accept, sorted; each page counted; each entry sorted, promoted and resolved.
const RANKING_STEPS: u64 = 2;
const RANKING_PAGE_STEPS: u64 = 1;
const RANKING_ITEMS: u64 = 3;

/// Lamports that `open_round` reserves from the crank deposit: every reward the round can pay. `None` when it does
/// not fit in 64 bits.
pub const fn worst_case_lamports(
    kind: u8,
    max_pages: u32,
    max_entries: u32,
    reward_step_lamports: u32,
    reward_item_lamports: u32,
) -> Option<u64> {
    let is_raffle = kind == Kind::Raffle as u8;
    let more = if is_raffle { (RANKING_STEPS, RANKING_PAGE_STEPS, RANKING_ITEMS) } else { (0, 0, 0) };
    let steps = ROUND_STEPS + more.0 + (PAGE_STEPS + more.1) * max_pages as u64;
    let items = (ENTRY_ITEMS + more.2) * max_entries as u64;
    let Some(steps) = steps.checked_mul(reward_step_lamports as u64) else { return None };
    let Some(items) = items.checked_mul(reward_item_lamports as u64) else { return None };
    steps.checked_add(items)
}
