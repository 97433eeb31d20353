//! Kinds of game, as in the program: one file per kind holds all that differs when the record is turned into rows. The
//! handlers dispatch here and know no kind.

mod draw;
mod house;
mod instant;
mod keno;
pub mod prediction;
mod types;

pub use types::{Book, Outcome, Place, Settled, Settler, Ticket, Unsettled, Won};

use lottery_client::market::Market;
use lottery_interface::{
    Kind,
    accounts::{DrawRules, InstantRules, KenoRules, MAX_SPOTS, Round},
};
use lottery_rules::picks::Picks;
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
            Kind::Raffle => None,
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Rules::Draw(_) => Kind::Draw,
            Rules::Keno(_) => Kind::Keno,
            Rules::Instant(_) => Kind::Instant,
            Rules::Prediction(_) => Kind::Prediction,
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
        super::upsert::columns(columns)
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
            Rules::Draw(_) | Rules::Prediction(_) => [0; MAX_SPOTS],
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
        }
    }

    /// `Round::result` as the program computes it from the seed; `outcome`: what a market's reporters decided.
    pub fn result(&self, seed: &[u8; 32], outcome: Option<u8>) -> Option<[u8; 32]> {
        match self {
            Rules::Draw(rules) => Some(draw::result(rules, seed)),
            Rules::Keno(_) => Some(keno::result(seed)),
            // Each entry has its own.
            Rules::Instant(_) => Some([0; 32]),
            // No seed decides it.
            Rules::Prediction(_) => outcome.map(prediction::result),
        }
    }

    /// What decides the entries of a round: its result or, where each entry has its own, its seed.
    pub fn decider(&self, account: &Round) -> [u8; 32] {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => account.result,
            Rules::Instant(_) => account.seed,
        }
    }

    /// The same from the seed or, of a market, the outcome.
    pub fn decider_of(&self, seed: &[u8; 32], outcome: Option<u8>) -> Option<[u8; 32]> {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => self.result(seed, outcome),
            Rules::Instant(_) => Some(*seed),
        }
    }

    /// The same from what the program logged in the place of the result. Where a seed decides there is no result: the log
    /// holds the seed or, from a program that does not log it, zeros, and then only the account tells.
    pub fn logged_decider(&self, logged: [u8; 32]) -> Option<[u8; 32]> {
        // Zeros are a market's first outcome.
        Some(logged).filter(|logged| *logged != [0; 32] || self.market().is_some())
    }

    /// The column of `rounds` that the decider is stored in.
    pub fn decider_column(&self) -> &'static str {
        match self {
            Rules::Draw(_) | Rules::Keno(_) | Rules::Prediction(_) => "result",
            Rules::Instant(_) => "seed",
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
            Rules::Instant(_) | Rules::Prediction(_) => Some(([0; 2], 0)),
        }
    }

    /// `sequence`: the page's place in the round.
    pub fn settler<'a>(&'a self, decider: &[u8; 32], sequence: u32, book: &Book) -> Settler<'a> {
        match self {
            Rules::Draw(rules) => draw::settler(rules, decider),
            Rules::Keno(rules) => keno::settler(rules, decider),
            Rules::Instant(rules) => instant::settler(rules, *decider, sequence),
            Rules::Prediction(market) => prediction::settler(market, decider, book),
        }
    }

    /// Splits the money of a settled round. `None`: it cannot have come about.
    pub fn split(&self, settled: &Settled) -> Option<Outcome> {
        match self {
            Rules::Draw(rules) => draw::split(rules, settled),
            Rules::Keno(_) | Rules::Instant(_) => house::split(settled),
            Rules::Prediction(market) => prediction::split(market, settled),
        }
    }

    /// Tiers that a round can have winners in.
    pub fn tier_count(&self) -> usize {
        match self {
            Rules::Draw(rules) => rules.tier_count as usize,
            Rules::Keno(_) => MAX_SPOTS + 1,
            Rules::Instant(rules) => rules.prize_count as usize,
            Rules::Prediction(_) => prediction::TIER_UNMATCHED as usize,
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
