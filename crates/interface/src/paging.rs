//! How big a page is, and when a round may open a further one.

use crate::accounts::{AccountLayout, Entry, Page};

/// `rules::raffle::Mode::FirstCome`.
const FIRST_COME: u8 = 2;

/// Bytes of a page account of this capacity, fully grown. `tail_words`: see `Page`.
pub const fn page_space(capacity: u32, tail_words: u16) -> usize {
    Page::LEN + capacity as usize * size_of::<Entry>() + tail_words as usize * size_of::<u64>()
}

/// Words for a bit for each of `capacity` leaves.
pub const fn leaf_words(capacity: u32) -> u16 {
    capacity.div_ceil(64) as u16
}

/// When a round may open its next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// The one before is at least 75 % full.
    MostlyFull,
    /// The one before is full: the order of entries decides.
    Full,
    /// At once: every place in the list has its page.
    AtOnce,
}

/// The rule of a raffle; of every other kind it is `MostlyFull`.
pub const fn next_page(leaf_count: u32, mode: u8) -> NextPage {
    if leaf_count != 0 {
        NextPage::AtOnce
    } else if mode == FIRST_COME {
        NextPage::Full
    } else {
        NextPage::MostlyFull
    }
}

/// A page of `capacity` entries is at least 75 % full: by its entries or, in a house game, by its liability.
pub const fn is_full_enough(count: u32, capacity: u32, liability_units: u64, budget_units: u64) -> bool {
    let by_entries = count as u64 * 4 >= capacity as u64 * 3;
    let by_liability = budget_units > 0 && liability_units >= budget_units - budget_units / 4;
    by_entries || by_liability
}
