//! When a round may open a further page.

/// A page of `capacity` entries is at least 75 % full: by its entries or, in a house game, by its liability.
pub const fn is_full_enough(count: u32, capacity: u32, liability_units: u64, budget_units: u64) -> bool {
    let by_entries = count as u64 * 4 >= capacity as u64 * 3;
    let by_liability = budget_units > 0 && liability_units >= budget_units - budget_units / 4;
    by_entries || by_liability
}
