//! Account layouts: 8 bytes of discriminator, then the `repr(C)` struct, little-endian, no padding.

mod beacon;
mod config;
mod lottery;
mod oracle_set;
mod page;
mod ranking;
mod registry;
mod round;
mod vault;
mod wallet;

pub use beacon::Beacon;
pub use config::{
    Config, DrawRules, DrawTier, InstantPrize, InstantRules, KenoRules, MAX_PRIZES, MAX_SPOTS, MAX_TIERS,
    PredictionRange, PredictionRules, RaffleRules,
};
pub use lottery::Lottery;
pub use oracle_set::OracleSet;
pub use page::{Entry, FLAG_PAID, FLAG_REFUNDED, Page};
pub use ranking::{RankedEntry, Ranking};
pub use registry::Registry;
pub use round::{Attestation, RaffleState, Round};
pub use vault::Vault;
pub use wallet::{RING_SLOTS, RoundUse, SESSION_LOTTERIES, Wallet};

use crate::Address;

/// Bytes before the struct of every account.
pub const DISCRIMINATOR_LEN: usize = 8;

/// An account of the program: how to recognise it and how to read it.
pub trait AccountLayout: bytemuck::Pod {
    /// `sha256("account:<Name>")[..8]`, Anchor's rule.
    const DISCRIMINATOR: [u8; 8];
    /// Length of discriminator and struct, without a tail.
    const LEN: usize = DISCRIMINATOR_LEN + size_of::<Self>();

    /// Reads an account's data; `None` when it is another account or too short. `data` may be
    /// unaligned.
    fn read(data: &[u8]) -> Option<Self> {
        let (discriminator, rest) = data.split_at_checked(DISCRIMINATOR_LEN)?;
        if discriminator != Self::DISCRIMINATOR {
            return None;
        }
        Some(bytemuck::pod_read_unaligned(rest.get(..size_of::<Self>())?))
    }

    /// The bytes after the struct: a config's rules, a page's entries.
    fn tail(data: &[u8]) -> &[u8] {
        data.get(Self::LEN..).unwrap_or_default()
    }
}

const fn discriminator(name: &str) -> [u8; 8] {
    let hash = sha2_const_stable::Sha256::new().update(b"account:").update(name.as_bytes()).finalize();
    let mut first = [0; 8];
    let mut i = 0;
    while i < 8 {
        first[i] = hash[i];
        i += 1;
    }
    first
}

macro_rules! account_layout {
    ($($name:ident),*) => { $(
        impl AccountLayout for $name {
            const DISCRIMINATOR: [u8; 8] = discriminator(stringify!($name));
        }
    )* };
}
account_layout!(Beacon, Config, Lottery, OracleSet, Page, Ranking, Registry, Round, Vault, Wallet);

/// Reads every entry of a page account's data, in order; `count` comes from its header.
pub fn entries(data: &[u8], count: u32) -> impl Iterator<Item = Entry> + '_ {
    Page::tail(data).chunks_exact(size_of::<Entry>()).take(count as usize).map(bytemuck::pod_read_unaligned)
}

/// Stakes on each outcome in a page account's data, as far as they were entered; for kind `Prediction`.
pub fn page_pools(data: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let page = Page::read(data);
    let (from, count) = page.map_or((0, 0), |page| (page.capacity as usize, page.tail_words as usize));
    let tail = Page::tail(data).get(from * size_of::<Entry>()..).unwrap_or_default();
    tail.chunks_exact(size_of::<u64>()).take(count).map(bytemuck::pod_read_unaligned)
}

/// Stakes on each outcome in a round account's data, of the pages sealed so far.
pub fn round_pools(data: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let count = Round::read(data).map_or(0, |round| round.outcome_count as usize);
    Round::tail(data).chunks_exact(size_of::<u64>()).take(count).map(bytemuck::pod_read_unaligned)
}

/// The attestation of each reporter in a round account's data, in the order of the oracle set; `attested_at` 0: none yet.
pub fn attestations(data: &[u8]) -> impl Iterator<Item = Attestation> + '_ {
    let round = Round::read(data);
    let (skip, count) =
        round.map_or((0, 0), |round| (round.outcome_count as usize, round.reporter_count as usize));
    let tail = Round::tail(data).get(skip * size_of::<u64>()..).unwrap_or_default();
    tail.chunks_exact(size_of::<Attestation>()).take(count).map(bytemuck::pod_read_unaligned)
}

/// A raffle's part of a round account's data.
pub fn raffle_state(data: &[u8]) -> Option<RaffleState> {
    let round = Round::read(data)?;
    let bytes = Round::tail(data).get(..size_of::<RaffleState>())?;
    (round.kind == crate::Kind::Raffle as u8).then(|| bytemuck::pod_read_unaligned(bytes))
}

/// Bytes of the counts that follow a ranking.
pub const fn ranking_counts_len(page_count: u32) -> usize {
    (page_count as usize * size_of::<u32>()).next_multiple_of(8)
}

/// Bytes of a ranking account.
pub const fn ranking_space(page_count: u32, slots: u32) -> usize {
    Ranking::LEN + ranking_counts_len(page_count) + slots as usize * size_of::<RankedEntry>()
}

/// Entries counted on each page, in a ranking account's data.
pub fn ranking_counts(data: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let count = Ranking::read(data).map_or(0, |ranking| ranking.page_count as usize);
    Ranking::tail(data).chunks_exact(size_of::<u32>()).take(count).map(bytemuck::pod_read_unaligned)
}

/// The entries found so far in a ranking account's data; by rank as far as it is sorted.
pub fn ranked_entries(data: &[u8]) -> impl Iterator<Item = RankedEntry> + '_ {
    let ranking = Ranking::read(data);
    let (from, count) = ranking.map_or((0, 0), |ranking| {
        (ranking_counts_len(ranking.page_count), ranking.found.min(ranking.slots) as usize)
    });
    let tail = Ranking::tail(data).get(from..).unwrap_or_default();
    tail.chunks_exact(size_of::<RankedEntry>()).take(count).map(bytemuck::pod_read_unaligned)
}

/// A zeroed address stands for "none".
pub const NO_ADDRESS: Address = [0; 32];
