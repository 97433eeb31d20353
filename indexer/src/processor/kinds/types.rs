//! What the handlers and the kinds tell each other.

use lottery_rules::{
    hash::Software,
    picks::{Picks, quick_pick_stream},
    seed::Stream,
};

/// A ticket as the program writes it.
pub struct Ticket {
    pub picks: Picks,
    pub bonus: u8,
    pub spots: u8,
    pub stake_units: u64,
    /// House games: its highest prize.
    pub liability_units: u64,
    pub quick_pick: bool,
    /// Markets: from 0.
    pub outcome: Option<u8>,
    /// Raffles: place in the list, 0 without one, and weight.
    pub leaf: Option<(u32, u32)>,
}

/// Who enters, and where.
pub struct Place {
    pub wallet: [u8; 32],
    pub page: [u8; 32],
    /// Index of the first entry on the page.
    pub first: u32,
}

impl Place {
    /// Where quick picks come from, after `chosen` tickets with numbers.
    pub fn quick_pick_stream(&self, chosen: usize) -> Stream<Software> {
        quick_pick_stream(&self.wallet, &self.page, self.first + chosen as u32)
    }
}

/// An entry before it is settled.
pub struct Unsettled {
    pub index: i64,
    pub picks: Picks,
    pub bonus: u8,
    pub spots: u8,
    pub stake_units: u64,
}

/// What an entry won.
pub struct Won {
    /// From 1.
    pub tier: u8,
    /// House games.
    pub multiplier_bps: u32,
    /// `None`: only the split of the pool tells.
    pub prize_units: Option<u64>,
}

/// Gives an entry what it won; `None` when it lost.
pub type Settler<'a> = Box<dyn Fn(&Unsettled) -> Option<Won> + Send + 'a>;

/// What a round's stakes add up to.
#[derive(Debug, Clone, Copy)]
pub struct Book {
    pub pool_units: u64,
    /// Markets: stakes on the outcome that came true; `None` while that is not known.
    pub winning_units: Option<u64>,
}

/// A round whose pages are settled.
pub struct Settled<'a> {
    pub book: Book,
    pub jackpot_units: u64,
    pub budget_units: u64,
    /// House games: prizes of all entries.
    pub prizes_units: u64,
    pub entries: u64,
    pub fee_bps: u16,
    pub winners: &'a [u64; 16],
    pub is_last: bool,
}

/// Where its money goes.
pub struct Outcome {
    pub fee_units: u64,
    pub prize_each_units: [u64; 16],
    pub prizes_units: u64,
    pub refund_all: bool,
    pub bonus_each_units: u64,
    pub jackpot_in_units: u64,
    /// Markets: see `Round`.
    pub winning_units: u64,
    pub matched_units: u64,
    /// What the jackpot is afterwards; `None` for kinds without one.
    pub jackpot_units: Option<u64>,
}
