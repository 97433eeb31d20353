//! What an operator puts up for a commit-reveal round.

use crate::kinds::Kind;

/// Base units of bond that `open_round` reserves: at least all that the round can take in, and for a house game all
/// that it could have to pay besides. `None`: an unknown kind, or more than 64 bits.
///
/// A house game takes in no more than its liability, because every ticket can win its stake or more.
pub const fn required_units(
    kind: u8,
    stake_units: u64,
    max_entries: u32,
    max_liability_units: u64,
) -> Option<u64> {
    match Kind::from_byte(kind) {
        Some(kind) if kind.is_house() => max_liability_units.checked_mul(2),
        Some(_) => stake_units.checked_mul(max_entries as u64),
        None => None,
    }
}
