//! Kinds of game, as in the program: one file per kind holds all that differs when the record is turned into rows. The
//! handlers dispatch here and know no kind.

mod draw;
mod house;
mod instant;
mod keno;
pub mod prediction;
pub mod raffle;
mod types;

pub use types::{Book, Outcome, Place, Settled, Settler, Ticket, Unsettled, Won};

use lottery_client::market::Market;
use lottery_interface::{
    Kind,
    accounts::{Attestation, DrawRules, InstantRules, KenoRules, MAX_SPOTS, RaffleRules, RaffleState, Round},
    paging::leaf_words,
};
use lottery_rules::{picks::Picks, raffle::ranked};
use serde_json::{Value, json};

use crate::rows::{self, Columns, bytea};

/// Why a ticket that the program took makes no sense here.
pub type Strange = String;

/// The rules of a config, by its kind.
#[derive(Debug, Clone)]
pub enum Rules {
    Draw(DrawRules),
    Keno(Box<KenoRules>),
    Instant(InstantRules),
    Prediction(Box<Market>),
    Raffle(RaffleRules),
}

impl Rules {
    /// `None`: a kind or rules that this version does not know.
    pub fn read(kind: &str, bytes: &[u8]) -> Option<Self> {
        let kind = Kind::from_name(kind)?;
        match kind {
            Kind::Draw => rows::draw_rules(kind as u8, bytes).map(Rules::Draw),
            Kind::Keno => rows::keno_rules(kind as u8, bytes).map(|rules| Rules::Keno(Box::new(rules))),
            Kind::Instant => rows::instant_rules(kind as u8, bytes).map(Rules::Instant),
            Kind::Prediction => Market::from_tail(bytes).map(|market| Rules::Prediction(Box::new(market))),
            Kind::Raffle => rows::raffle_rules(kind as u8, bytes).map(Rules::Raffle),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Rules::Draw(_) => Kind::Draw,
            Rules::Keno(_) => Kind::Keno,
            Rules::Instant(_) => Kind::Instant,
            Rules::Prediction(_) => Kind::Prediction,
            Rules::Raffle(_) => Kind::Raffle,
        }
    }

    /// Whether what nobody won goes to a jackpot.
    pub fn rollover(&self) -> bool {
        matches!(self, Rules::Draw(rules) if rules.rollover != 0)
    }

    /// Tables of a config beside its row: their names and rows.
    pub fn tables(&self, config: &str) -> Vec<(&'static str, Vec<Value>)> {
        match self {
            Rules::Draw(rules) => vec![("config_tiers", draw::tier_rows(rules, config))],
            Rules::Keno(rules) => vec![("config_paytable", keno::paytable_rows(rules, config))],
            Rules::Instant(rules) => vec![("config_prizes", instant::prize_rows(rules, config))],
            Rules::Prediction(market) => vec![
                ("config_markets", vec![prediction::market_row(market, config)]),
                ("config_ranges", prediction::range_rows(market, config)),
            ],
            Rules::Raffle(rules) => vec![("config_raffles", vec![raffle::rules_row(rules, config)])],
        }
    }

    /// What a new round copies of the rules.
    pub fn round_columns(&self) -> Columns {
        let draw = match self {
            Rules::Draw(rules) => (rules.picks, rules.numbers, rules.bonus_numbers),
            _ => (0, 0, 0),
        };
        let market = self.market().map(|market| &market.rules);
        let columns = json!({
            "picks": draw.0,
            "numbers": draw.1,
            "bonus_numbers": draw.2,
            "rollover": self.rollover(),
            "max_multiplier_bps": self.max_multipliers(),
            "outcome_count": self.outcome_count(),
            "reporter_count": market.map_or(0, |rules| rules.reporter_count),
            "quorum": market.map_or(0, |rules| rules.quorum),
        });
        let mut columns = super::upsert::columns(columns);
        columns.append(&mut super::upsert::columns(match self {
            Rules::Raffle(rules) => raffle::round_columns(rules),
            _ => json!({ "places": false }),
        }));
        columns
    }

    /// The raffle's rules, of a raffle.
    pub fn raffle(&self) -> Option<&RaffleRules> {
        match self {
            Rules::Raffle(rules) => Some(rules),
            _ => None,
        }
    }

    /// Entries that a round takes, where its lottery's limit is `limit`.
    pub fn max_entries(&self, limit: u32) -> u32 {
        self.raffle().map_or(limit, |rules| if rules.leaf_count == 0 { limit } else { rules.leaf_count })
    }

    /// Numbers of 64 bits after the entries of a page.
    pub fn tail_words(&self, capacity: u32) -> u16 {
        match self {
            Rules::Raffle(rules) if rules.leaf_count != 0 => leaf_words(capacity),
            _ => self.outcome_count() as u16,
        }
    }

    /// Bytes of a round's account after its struct.
    pub fn round_tail(&self) -> usize {
        let reporters = self.market().map_or(0, |market| market.rules.reporter_count as usize);
        let market = self.outcome_count() as usize * size_of::<u64>() + reporters * size_of::<Attestation>();
        market + self.raffle().map_or(0, |_| size_of::<RaffleState>())
    }

    /// Entries that have a rank, of a raffle.
    pub fn ranked(&self, entries: i64) -> Option<u64> {
        self.raffle().map(|rules| ranked(entries as u64, rules.capacity, rules.waiting))
    }

    /// The market's rules, of a market.
    pub fn market(&self) -> Option<&Market> {
        match self {
            Rules::Prediction(market) => Some(market),
            _ => None,
        }
    }

    /// Outcomes of a market; 0 for other kinds.
    pub fn outcome_count(&self) -> u8 {
        self.market().map_or(0, |market| market.rules.outcome_count)
    }

    /// Highest prizes in parts of 10,000 of the stake, in the places of `Round::max_multiplier_bps`.
    pub fn max_multipliers(&self) -> [u32; MAX_SPOTS] {
        match self {
            Rules::Draw(_) | Rules::Prediction(_) | Rules::Raffle(_) => [0; MAX_SPOTS],
            Rules::Keno(rules) => keno::max_multipliers(rules),
            Rules::Instant(rules) => instant::max_multipliers(rules),
        }
    }

    /// The tickets of an `enter`, as the program reads and picks them. `stake_units`: the fixed price, where there is one.
    pub fn tickets(
        &self,
        stake_units: u64,
        place: &Place,
        bytes: &[u8],
        quick_picks: u8,
    ) -> Result<Vec<Ticket>, Strange> {
        match self {
            Rules::Draw(rules) => draw::tickets(rules, stake_units, place, bytes, quick_picks),
            Rules::Keno(rules) => keno::tickets(rules, place, bytes, quick_picks),
            Rules::Instant(rules) => instant::tickets(rules, bytes, quick_picks),
            Rules::Prediction(market) => prediction::tickets(market, bytes, quick_picks),
            Rules::Raffle(rules) => raffle::tickets(rules, stake_units, bytes, quick_picks),
        }
    }

    /// `Round::result` as the program computes it from the seed; `outcome`: what a market's reporters decided.
    pub fn result(&self, seed: &[u8; 32], outcome: Option<u8>) -> Option<[u8; 32]> {
        match self {
            Rules::Draw(rules) => Some(draw::result(rules, seed)),
            Rules::Keno(_) => Some(keno::result(seed)),
            // Each entry has its own; a raffle's comes with its ranking.
            Rules::Instant(_) | Rules::Raffle(_) => Some([0; 32]),
            // No seed decides it.
            Rules::Prediction(_) => outcome.map(prediction::result),
        }
    }

    /// What decides the entries of a round: its result or, where each entry has its own, its seed.
    pub fn decider(&self, account: &Round) -> [u8; 32] {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => account.result,
            Rules::Instant(_) | Rules::Raffle(_) => account.seed,
        }
    }

    /// The same from the seed or, of a market, the outcome.
    pub fn decider_of(&self, seed: &[u8; 32], outcome: Option<u8>) -> Option<[u8; 32]> {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => self.result(seed, outcome),
            Rules::Instant(_) | Rules::Raffle(_) => Some(*seed),
        }
    }

    /// The same from what the program logged in the place of the result. Where a seed decides there is no result: the log
    /// holds the seed or, from a program that does not log it, zeros, and then only the account tells.
    pub fn logged_decider(&self, logged: [u8; 32]) -> Option<[u8; 32]> {
        // A raffle logs its last standing with a rank, once it is ranked.
        if self.raffle().is_some() {
            return None;
        }
        // Zeros are a market's first outcome.
        Some(logged).filter(|logged| *logged != [0; 32] || self.market().is_some())
    }

    /// The column of `rounds` that the decider is stored in.
    pub fn decider_column(&self) -> &'static str {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => "result",
            Rules::Instant(_) | Rules::Raffle(_) => "seed",
        }
    }

    /// What the draw changes in a round's row.
    pub fn drawn_columns(&self, decider: Option<&[u8; 32]>) -> Columns {
        let mut columns = Columns::new();
        if let Rules::Instant(_) = self {
            columns.insert("result".into(), bytea(&[0; 32]).into());
        }
        if let Some(decider) = decider {
            columns.insert(self.decider_column().into(), bytea(decider).into());
        }
        columns
    }

    /// The numbers and the bonus ball that a round drew, none where each entry has its own outcome, or none is drawn. `None`: not
    /// known.
    pub fn drawn(&self, decider: Option<&[u8; 32]>) -> Option<(Picks, u8)> {
        match self {
            Rules::Draw(_) | Rules::Keno(_) => decider.map(drawn),
            Rules::Instant(_) | Rules::Prediction(_) | Rules::Raffle(_) => Some(([0; 2], 0)),
        }
    }

    /// `sequence`: the page's place in the round.
    pub fn settler<'a>(&'a self, decider: &[u8; 32], sequence: u32, book: &Book) -> Settler<'a> {
        match self {
            Rules::Draw(rules) => draw::settler(rules, decider),
            Rules::Keno(rules) => keno::settler(rules, decider),
            Rules::Instant(rules) => instant::settler(rules, *decider, sequence),
            Rules::Prediction(market) => prediction::settler(market, decider, book),
            // Settling gives keys and no tiers.
            Rules::Raffle(_) => Box::new(|_| None),
        }
    }

    /// Splits the money of a settled round. `None`: it cannot have come about.
    pub fn split(&self, settled: &Settled) -> Option<Outcome> {
        match self {
            Rules::Draw(rules) => draw::split(rules, settled),
            Rules::Keno(_) | Rules::Instant(_) => house::split(settled),
            Rules::Prediction(market) => prediction::split(market, settled),
            Rules::Raffle(rules) => raffle::split(rules, settled),
        }
    }

    /// Tiers that a round can have winners in.
    pub fn tier_count(&self) -> usize {
        match self {
            Rules::Draw(rules) => rules.tier_count as usize,
            Rules::Keno(_) => MAX_SPOTS + 1,
            Rules::Instant(rules) => rules.prize_count as usize,
            Rules::Prediction(_) => prediction::TIER_UNMATCHED as usize,
            Rules::Raffle(rules) => rules.prize_count as usize,
        }
    }
}

/// Picks and bonus ball of a stored result.
fn drawn(result: &[u8; 32]) -> (Picks, u8) {
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| result[at + i]));
    ([word(0), word(8)], result[16])
}

/// A stored result of these picks and this bonus ball.
fn stored(picks: Picks, bonus: u8) -> [u8; 32] {
    let mut result = [0; 32];
    result[..16].copy_from_slice(bytemuck::bytes_of(&picks));
    result[16] = bonus;
    result
}
