//! What a house game pays, as a player is told before a bet: every prize with its odds, and the exact RTP.

#[cfg(test)]
mod tests;

use anyhow::Context;
use bytemuck::pod_read_unaligned;
use lottery_client::{Fetched, enter::largest_stake_within};
use lottery_interface::{
    Kind,
    accounts::{Config, InstantPrize, InstantRules, KenoRules, Lottery},
};
use lottery_rules::{
    house::Rtp,
    instant::{self, Prize},
    keno,
    odds::{self, Ratio},
};
use serde_json::{Value, json};

use crate::{
    chain::Mint,
    lottery_file::{show_multiple, show_rtp},
};

/// The rules of a house game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Game {
    Keno(Box<KenoRules>),
    /// Rows from the highest prize down, with the losing one.
    Instant {
        band_bps: (u16, u16),
        prizes: Vec<Prize>,
    },
}

/// What may be staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stakes {
    pub min_units: u64,
    pub max_units: u64,
    pub page_budget_units: u64,
}

impl Stakes {
    pub fn of_lottery(lottery: &Lottery) -> Self {
        Self {
            min_units: lottery.min_stake_units,
            max_units: lottery.max_stake_units,
            page_budget_units: lottery.page_budget_units,
        }
    }

    /// The most that may be staked at a highest prize of `multiplier_bps`.
    pub fn largest(&self, multiplier_bps: u32) -> u64 {
        largest_stake_within(self.page_budget_units, self.max_units, multiplier_bps)
    }
}

/// "1 in 3.86", "1 in 8,911,711".
pub fn one_in(ratio: Ratio) -> String {
    if ratio.numerator == 0 {
        return "never".into();
    }
    let one_in = ratio.one_in();
    if one_in < 100.0 {
        let text = format!("{one_in:.2}");
        return format!("1 in {}", text.trim_end_matches('0').trim_end_matches('.'));
    }
    let digits = format!("{one_in:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    format!("1 in {}", groups.join(","))
}

/// The sum of two probabilities.
fn plus(a: Ratio, b: Ratio) -> Option<Ratio> {
    let numerator =
        a.numerator.checked_mul(b.denominator)?.checked_add(b.numerator.checked_mul(a.denominator)?)?;
    Ratio::new(numerator, a.denominator.checked_mul(b.denominator)?)
}

fn odds_json(ratio: Ratio) -> Value {
    json!({
        "numerator": ratio.numerator.to_string(),
        "denominator": ratio.denominator.to_string(),
        "text": one_in(ratio),
    })
}

fn rtp_json(rtp: Rtp) -> Value {
    let ratio = rtp.ratio().unwrap_or(Ratio { numerator: 0, denominator: 1 });
    json!({
        "numerator": ratio.numerator.to_string(),
        "denominator": ratio.denominator.to_string(),
        "percent": rtp.weighted_bps as f64 / rtp.ways as f64 / 100.0,
    })
}

/// One prize with its odds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    /// Keno: numbers matched.
    pub matches: Option<u8>,
    pub multiplier_bps: u32,
    pub odds: Ratio,
}

/// The prizes of one ticket: of a spot count, or of an instant game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Keno only.
    pub spots: Option<u8>,
    pub rtp: Rtp,
    pub top_bps: u32,
    /// To win anything.
    pub wins: Ratio,
    /// From the highest prize down.
    pub chances: Vec<Chance>,
}

impl Game {
    /// The rules of a config; `None` when it is no house game.
    pub fn read(config: &Fetched<Config>) -> anyhow::Result<Option<Self>> {
        let short = || format!("config {} is too short for its kind", config.address);
        match Kind::from_byte(config.kind) {
            Some(Kind::Keno) => {
                let bytes = config.tail().get(..size_of::<KenoRules>()).with_context(short)?;
                Ok(Some(Self::Keno(Box::new(pod_read_unaligned(bytes)))))
            }
            Some(Kind::Instant) => {
                let bytes = config.tail().get(..size_of::<InstantRules>()).with_context(short)?;
                let rules: InstantRules = pod_read_unaligned(bytes);
                let count = usize::from(rules.prize_count).min(instant::MAX_PRIZES);
                let prize =
                    |row: &InstantPrize| Prize { parts: row.parts, multiplier_bps: row.multiplier_bps };
                let prizes = rules.prizes[..count].iter().map(prize).collect();
                Ok(Some(Self::Instant { band_bps: (rules.rtp_min_bps, rules.rtp_max_bps), prizes }))
            }
            _ => Ok(None),
        }
    }

    /// Every row that is offered.
    pub fn rows(&self) -> Vec<Row> {
        match self {
            Self::Keno(rules) => {
                (1..=keno::MAX_SPOTS as u8).filter_map(|spots| keno_row(rules, spots)).collect()
            }
            Self::Instant { prizes, .. } => instant_row(prizes).into_iter().collect(),
        }
    }

    /// The row of tickets with so many spots; `None`: not offered. An instant game has one row, without spots.
    pub fn row(&self, spots: Option<u8>) -> Option<Row> {
        self.rows().into_iter().find(|row| row.spots == spots)
    }

    /// In the api's words.
    pub fn json(&self, stakes: &Stakes) -> Value {
        let prizes = |row: &Row| -> Vec<Value> {
            row.chances
                .iter()
                .map(|chance| {
                    let mut value =
                        json!({"multiplier_bps": chance.multiplier_bps, "odds": odds_json(chance.odds)});
                    if let Some(matches) = chance.matches {
                        value["matches"] = json!(matches);
                    }
                    value
                })
                .collect()
        };
        let rows = self.rows();
        match self {
            Self::Keno(rules) => json!({
                "kind": "keno", "numbers": keno::NUMBERS, "drawn": keno::DRAWN,
                "rtp_min_bps": rules.rtp_min_bps, "rtp_max_bps": rules.rtp_max_bps,
                "spots": rows.iter().map(|row| {
                    json!({
                        "spots": row.spots, "rtp": rtp_json(row.rtp), "win_odds": odds_json(row.wins),
                        "max_stake_units": stakes.largest(row.top_bps).to_string(), "prizes": prizes(row),
                    })
                }).collect::<Vec<_>>(),
            }),
            Self::Instant { band_bps, .. } => json!({
                "kind": "instant", "rtp_min_bps": band_bps.0, "rtp_max_bps": band_bps.1,
                "rtp": rows.first().map(|row| rtp_json(row.rtp)),
                "win_odds": rows.first().map(|row| odds_json(row.wins)),
                "max_stake_units": rows.first().map(|row| stakes.largest(row.top_bps).to_string()),
                "prizes": rows.first().map(prizes),
            }),
        }
    }
}

fn keno_row(rules: &KenoRules, spots: u8) -> Option<Row> {
    let pays = rules.paytable_bps.get(usize::from(spots).checked_sub(1)?)?;
    let chances = (0..=spots).rev().filter_map(|matches| {
        let multiplier_bps = pays[usize::from(matches)];
        let odds = odds::keno(spots, matches)?;
        (multiplier_bps > 0).then_some(Chance { matches: Some(matches), multiplier_bps, odds })
    });
    row(Some(spots), keno::rtp(&rules.paytable_bps, spots)?, chances.collect())
}

fn instant_row(prizes: &[Prize]) -> Option<Row> {
    let chances = prizes.iter().filter(|prize| prize.multiplier_bps > 0).map(|prize| Chance {
        matches: None,
        multiplier_bps: prize.multiplier_bps,
        odds: prize.odds(),
    });
    row(None, instant::rtp(prizes)?, chances.collect())
}

fn row(spots: Option<u8>, rtp: Rtp, mut chances: Vec<Chance>) -> Option<Row> {
    chances.sort_by_key(|chance| std::cmp::Reverse(chance.multiplier_bps));
    let nothing = Ratio { numerator: 0, denominator: 1 };
    let wins = chances.iter().try_fold(nothing, |sum, chance| plus(sum, chance.odds))?;
    let top_bps = chances.first()?.multiplier_bps;
    Some(Row { spots, rtp, top_bps, wins, chances })
}

impl Row {
    /// One line: RTP, odds to win, top prize.
    pub fn summary(&self) -> String {
        let spots = self.spots.map_or_else(String::new, |spots| match spots {
            1 => "1 spot: ".into(),
            spots => format!("{spots} spots: "),
        });
        let top = self.chances.first().map_or_else(|| "never".into(), |chance| one_in(chance.odds));
        format!(
            "{spots}RTP {} exactly, wins {}, top prize {} ({top})",
            show_rtp(self.rtp),
            one_in(self.wins),
            show_multiple(self.top_bps),
        )
    }

    /// "3 of 4 pays 5x, 1 in 23.1", prize by prize.
    pub fn prizes(&self) -> Vec<String> {
        let line = |chance: &Chance| {
            let what = match (chance.matches, self.spots) {
                (Some(matches), Some(spots)) => format!("{matches} of {spots} pays "),
                _ => String::new(),
            };
            format!("{what}{:<8} {}", show_multiple(chance.multiplier_bps), one_in(chance.odds))
        };
        self.chances.iter().map(line).collect()
    }
}

/// The game for `lottery show`: every row, and what may be staked on it.
pub fn lines(game: &Game, stakes: &Stakes, mint: &Mint) -> String {
    let mut text = String::new();
    for row in game.rows() {
        let most = stakes.largest(row.top_bps);
        text += &format!("      {}", row.summary());
        text += &match most < stakes.min_units {
            true => ", no stake is small enough now\n".to_string(),
            false => format!(", stakes {} to {}\n", mint.show(stakes.min_units), mint.show(most)),
        };
        match game {
            Game::Keno(_) => {
                let prizes: Vec<_> = row
                    .chances
                    .iter()
                    .map(|chance| {
                        let matches = chance.matches.unwrap_or(0);
                        format!(
                            "{matches} right {} ({})",
                            show_multiple(chance.multiplier_bps),
                            one_in(chance.odds)
                        )
                    })
                    .collect();
                text += &format!("          {}\n", prizes.join(", "));
            }
            Game::Instant { .. } => {
                text +=
                    &row.prizes().iter().map(|prize| format!("          pays {prize}\n")).collect::<String>();
            }
        }
    }
    text
}
