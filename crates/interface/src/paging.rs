//! How big a page is, and when a round may open a further one.

use crate::accounts::{AccountLayout, Entry, Page};

/// Bytes of a page account of this capacity, fully grown. `outcomes`: 0 for other kinds than `Prediction`.
pub const fn page_space(capacity: u32, outcomes: u8) -> usize {
    Page::LEN + capacity as usize * size_of::<Entry>() + outcomes as usize * size_of::<u64>()
}

/// A page of `capacity` entries is at least 75 % full: by its entries or, in a house game, by its liability.
pub const fn is_full_enough(count: u32, capacity: u32, liability_units: u64, budget_units: u64) -> bool {
    let by_entries = count as u64 * 4 >= capacity as u64 * 3;
    let by_liability = budget_units > 0 && liability_units >= budget_units - budget_units / 4;
    by_entries || by_liability
}
