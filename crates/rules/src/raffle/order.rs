//! The one order of a raffle, and who gets a place by it.

use super::ln::neg_ln;

/// Where an entry stands: the smallest wins. Ties of the key go to the earlier page, then to the earlier entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standing {
    /// Of the entry's draw: [`key`].
    pub key: u64,
    /// Sequence of its page.
    pub page: u32,
    /// Its index on the page.
    pub index: u32,
}

/// `floor(-ln(u) * 2^58 / weight)` with `u = (x + 1) / 2^64`: an exponential with rate `weight`.
///
/// Taking the smallest keys is drawing without replacement, each time in proportion to the weights of those left
/// (Efraimidis and Spirakis, 2006). `x` is uniform in 64 bits; a weight of 0 is taken as 1.
#[inline]
pub fn key(x: u64, weight: u32) -> u64 {
    neg_ln(x) / (weight as u64).max(1)
}

/// So many of `entries` have a rank: those with a place and those who wait.
#[inline]
pub const fn ranked(entries: u64, capacity: u32, waiting: u32) -> u64 {
    let most = capacity as u64 + waiting as u64;
    if entries < most { entries } else { most }
}

/// How the places of a final raffle stand. Ranks below the capacity were offered a place when the raffle became final; those
/// after it wait, and are offered the places that fall free, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Entries with a rank: [`ranked`].
    pub ranked: u32,
    /// Places in all.
    pub capacity: u32,
    /// Places confirmed.
    pub taken: u32,
    /// Offers that lapsed.
    pub lapsed: u32,
    /// Waiting entries that were offered a place.
    pub promoted: u32,
}

impl Places {
    /// Ranks that were offered a place without waiting.
    pub const fn offered_at_first(&self) -> u32 {
        if self.ranked < self.capacity { self.ranked } else { self.capacity }
    }

    /// Offers that are neither confirmed nor lapsed.
    pub const fn open_offers(&self) -> u32 {
        self.offered_at_first() + self.promoted - self.taken - self.lapsed
    }

    /// The rank that is offered the next free place; `None` while no place is free, or when nobody waits any more.
    pub const fn next_promoted(&self) -> Option<u32> {
        let rank = self.offered_at_first() + self.promoted;
        if self.promoted < self.lapsed && rank < self.ranked { Some(rank) } else { None }
    }

    /// No place can fall free any more: who still waits waits in vain.
    pub const fn are_settled(&self) -> bool {
        self.open_offers() == 0 && self.next_promoted().is_none()
    }
}
