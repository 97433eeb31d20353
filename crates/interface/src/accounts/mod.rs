//! Account layouts: 8 bytes of discriminator, then the `repr(C)` struct, little-endian, no padding.

mod beacon;
mod config;
mod lottery;
mod oracle_set;
mod page;
mod registry;
mod round;
mod vault;
mod wallet;

pub use beacon::Beacon;
pub use config::{
    Config, DrawRules, DrawTier, InstantPrize, InstantRules, KenoRules, MAX_PRIZES, MAX_SPOTS, MAX_TIERS,
    PredictionRange, PredictionRules,
};
pub use lottery::Lottery;
pub use oracle_set::OracleSet;
pub use page::{Entry, FLAG_PAID, FLAG_REFUNDED, Page};
pub use registry::Registry;
pub use round::{Attestation, Round};
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
account_layout!(Beacon, Config, Lottery, OracleSet, Page, Registry, Round, Vault, Wallet);

/// Reads every entry of a page account's data, in order; `count` comes from its header.
pub fn entries(data: &[u8], count: u32) -> impl Iterator<Item = Entry> + '_ {
    Page::tail(data).chunks_exact(size_of::<Entry>()).take(count as usize).map(bytemuck::pod_read_unaligned)
}

/// Stakes on each outcome in a page account's data, as far as they were entered; empty for other kinds than `Prediction`.
pub fn page_pools(data: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let page = Page::read(data);
    let (from, count) = page.map_or((0, 0), |page| (page.capacity as usize, page.outcome_count as usize));
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

/// A zeroed address stands for "none".
pub const NO_ADDRESS: Address = [0; 32];
