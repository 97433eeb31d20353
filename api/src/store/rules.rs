//! Rules of games that a player bets on with a stake of their own, with what to know before: of house games exact odds and exact
//! RTP, of markets the outcomes and who decides.

use lottery_client::{enter::largest_stake_within, market::MarketRules};
use lottery_interface::accounts::{InstantRules as StoredInstant, KenoRules as StoredKeno};
use lottery_rules::{
    instant::{PARTS, Prize},
    keno::{DRAWN, NUMBERS, Paytable, TOTAL_WAYS, WAYS},
    odds::{self, Ratio, Returns},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    market,
    raffle::RaffleRules,
    tier::{Odds, odds},
    units::Units,
};

/// Rules of a house game, a market or a raffle, by kind.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rules {
    Keno(KenoRules),
    Instant(InstantRules),
    Prediction(MarketRules),
    Raffle(RaffleRules),
}

/// What players get back of their stakes in the long run, exactly `numerator` in `denominator`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rtp {
    #[schema(example = "19")]
    pub numerator: String,
    #[schema(example = "20")]
    pub denominator: String,
    /// The same in percent, rounded to four decimals.
    #[schema(example = 95.0)]
    pub percent: f64,
}

/// Keno: 20 of 80 numbers are drawn; a ticket has one to ten spots.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KenoRules {
    pub numbers: u8,
    pub drawn: u8,
    /// The exact RTP of every spot count lies between these.
    pub rtp_min_bps: u16,
    pub rtp_max_bps: u16,
    /// The spot counts on offer.
    pub spots: Vec<KenoSpots>,
}

/// Tickets with so many spots.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KenoSpots {
    pub spots: u8,
    pub rtp: Rtp,
    /// The largest stake that the lottery's limits leave for this spot count.
    pub max_stake_units: Units,
    /// The chance to win anything.
    pub win_odds: Option<Odds>,
    /// From the most matches down.
    pub prizes: Vec<KenoPrize>,
}

/// Won by exactly so many matches.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KenoPrize {
    pub matches: u8,
    /// The prize in parts of 10,000 of the stake.
    pub multiplier_bps: u32,
    pub odds: Option<Odds>,
}

/// Instant: each ticket has an outcome of its own.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InstantRules {
    /// The exact RTP lies between these.
    pub rtp_min_bps: u16,
    pub rtp_max_bps: u16,
    pub rtp: Rtp,
    /// The largest stake that the lottery's limits leave.
    pub max_stake_units: Units,
    /// The chance to win anything.
    pub win_odds: Option<Odds>,
    /// From the highest prize down; the last may be the losing one.
    pub prizes: Vec<InstantPrize>,
}

/// A row of the prize table.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InstantPrize {
    /// From 1; a winning entry's `tier`.
    pub tier: u8,
    /// Chance in parts of 2^32.
    pub parts: u32,
    /// The prize in parts of 10,000 of the stake; 0 loses.
    pub multiplier_bps: u32,
    pub odds: Option<Odds>,
}

/// Rules as an account stores them.
pub enum Stored {
    Keno(Box<StoredKeno>),
    Instant(StoredInstant),
}

impl Stored {
    /// `None` for another kind, or bytes that are not its rules.
    pub fn read(kind: &str, data: &[u8]) -> Option<Self> {
        match kind {
            "keno" => bytemuck::try_pod_read_unaligned(data).ok().map(|rules| Self::Keno(Box::new(rules))),
            "instant" => bytemuck::try_pod_read_unaligned(data).ok().map(Self::Instant),
            _ => None,
        }
    }

    /// Exact mean and variance of a ticket; `spots` counts for keno only.
    pub fn returns(&self, spots: u8) -> Option<Returns> {
        match self {
            Self::Keno(rules) => Returns::keno(&rules.paytable_bps, spots),
            Self::Instant(rules) => Returns::instant(&prizes(rules)),
        }
    }
}

impl Rules {
    /// Reads stored rules; the lottery's limits decide the largest stakes of house games.
    pub fn read(kind: &str, data: &[u8], page_budget_units: u64, max_stake_units: u64) -> Option<Self> {
        if kind == "prediction" {
            return market::rules(data).map(Self::Prediction);
        }
        if kind == "raffle" {
            return RaffleRules::read(data).map(Self::Raffle);
        }
        let stored = Stored::read(kind, data)?;
        let most = |multiplier| largest_stake_within(page_budget_units, max_stake_units, multiplier).into();
        match &stored {
            Stored::Keno(rules) => {
                let spots = (1..=10).filter_map(|spots| {
                    let returns = stored.returns(spots)?;
                    Some(keno_spots(&rules.paytable_bps, spots, rtp(returns.mean), most))
                });
                Some(Self::Keno(KenoRules {
                    numbers: NUMBERS,
                    drawn: DRAWN,
                    rtp_min_bps: rules.rtp_min_bps,
                    rtp_max_bps: rules.rtp_max_bps,
                    spots: spots.collect(),
                }))
            }
            Stored::Instant(rules) => Some(Self::Instant(instant(rules, rtp(stored.returns(0)?.mean), most))),
        }
    }
}

fn keno_spots(table: &Paytable, spots: u8, rtp: Rtp, most: impl Fn(u32) -> Units) -> KenoSpots {
    let place = usize::from(spots) - 1;
    let row = &table[place];
    let won = (0..=spots).rev().filter(|matches| row[usize::from(*matches)] > 0);
    let prizes: Vec<_> = won
        .map(|matches| KenoPrize {
            matches,
            multiplier_bps: row[usize::from(matches)],
            odds: odds::keno(spots, matches).and_then(odds),
        })
        .collect();
    let ways: u64 = prizes.iter().map(|prize| WAYS[place][usize::from(prize.matches)]).sum();
    let highest = prizes.iter().map(|prize| prize.multiplier_bps).max().unwrap_or(0);
    KenoSpots {
        spots,
        rtp,
        max_stake_units: most(highest),
        win_odds: Ratio::new(ways.into(), TOTAL_WAYS[place].into()).and_then(odds),
        prizes,
    }
}

fn instant(rules: &StoredInstant, rtp: Rtp, most: impl Fn(u32) -> Units) -> InstantRules {
    let table = prizes(rules);
    let wins = table.iter().filter(|prize| prize.multiplier_bps > 0);
    let parts: u128 = wins.map(|prize| u128::from(prize.parts)).sum();
    let rows = (1..).zip(&table).map(|(tier, prize)| InstantPrize {
        tier,
        parts: prize.parts,
        multiplier_bps: prize.multiplier_bps,
        odds: odds(prize.odds()),
    });
    InstantRules {
        rtp_min_bps: rules.rtp_min_bps,
        rtp_max_bps: rules.rtp_max_bps,
        rtp,
        max_stake_units: most(table.first().map_or(0, |prize| prize.multiplier_bps)),
        win_odds: Ratio::new(parts, PARTS.into()).and_then(odds),
        prizes: rows.collect(),
    }
}

fn prizes(rules: &StoredInstant) -> Vec<Prize> {
    let rows = rules.prizes.iter().take(rules.prize_count.into());
    rows.map(|row| Prize { parts: row.parts, multiplier_bps: row.multiplier_bps }).collect()
}

fn rtp(mean: Ratio) -> Rtp {
    let percent = (mean.to_f64() * 1_000_000.0).round() / 10_000.0;
    Rtp { numerator: mean.numerator.to_string(), denominator: mean.denominator.to_string(), percent }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_interface::accounts::InstantPrize as StoredPrize;

    use super::*;

    /// One spot at 3.8 stakes, which hits in 1 of 4 draws; and the four-spot row of a common paytable.
    fn keno() -> StoredKeno {
        let mut rules = StoredKeno { rtp_min_bps: 9_000, rtp_max_bps: 9_600, ..StoredKeno::zeroed() };
        rules.paytable_bps[0][1] = 38_000;
        rules.paytable_bps[3][2..=4].copy_from_slice(&[10_000, 50_000, 1_000_000]);
        rules
    }

    fn instant() -> StoredInstant {
        let mut rules =
            StoredInstant { rtp_min_bps: 1, rtp_max_bps: 9_000, prize_count: 3, ..Zeroable::zeroed() };
        let rows = [(1 << 22, 1_000_000), (1 << 30, 20_000), (u32::MAX - (1 << 30) - (1 << 22) + 1, 0)];
        for (row, (parts, multiplier_bps)) in rules.prizes.iter_mut().zip(rows) {
            *row = StoredPrize { parts, multiplier_bps };
        }
        rules
    }

    #[test]
    fn keno_odds_and_rtp_are_exact() {
        let rules = Rules::read("keno", bytemuck::bytes_of(&keno()), 1_600_000, 5_000).unwrap();
        let Rules::Keno(rules) = rules else { panic!("{rules:?}") };
        assert_eq!((rules.numbers, rules.drawn, rules.spots.len()), (80, 20, 2));
        let one = &rules.spots[0];
        assert_eq!((one.spots, one.rtp.percent), (1, 95.0));
        assert_eq!((one.rtp.numerator.as_str(), one.rtp.denominator.as_str()), ("19", "20"));
        assert_eq!(one.prizes[0].odds.as_ref().unwrap().text, "1 in 4");
        assert_eq!(one.win_odds, one.prizes[0].odds);
        let four = &rules.spots[1];
        // Published odds of four spots: 1 in 326.44, 23.12 and 4.70; any of them 1 in 3.86.
        let texts: Vec<_> =
            four.prizes.iter().map(|prize| prize.odds.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(texts, ["1 in 326.44", "1 in 23.12", "1 in 4.70"]);
        assert_eq!(four.win_odds.as_ref().unwrap().text, "1 in 3.86");
        // 100,000 units may be won: 100 stakes of 1,000, or 3.8 of 26,316, of which 5,000 are allowed.
        assert_eq!((&four.max_stake_units, &one.max_stake_units), (&Units::from(1_000), &Units::from(5_000)));
    }

    #[test]
    fn instant_chances_are_parts_of_two_to_the_32() {
        let rules = Rules::read("instant", bytemuck::bytes_of(&instant()), 1_600_000, u64::MAX).unwrap();
        let Rules::Instant(rules) = rules else { panic!("{rules:?}") };
        let texts: Vec<_> =
            rules.prizes.iter().map(|prize| prize.odds.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(texts, ["1 in 1,024", "1 in 4", "1 in 1.34"]);
        // 100 / 1024 + 2 / 4.
        assert_eq!((rules.rtp.percent, rules.rtp.denominator.as_str()), (59.7656, "256"));
        assert_eq!(rules.win_odds.unwrap().text, "1 in 3.98");
        assert_eq!(rules.max_stake_units, Units::from(1_000));
        assert_eq!((rules.prizes[2].tier, rules.prizes[2].multiplier_bps), (3, 0));
    }

    #[test]
    fn other_kinds_and_broken_bytes_have_no_rules() {
        let bytes = bytemuck::bytes_of(&keno()).to_vec();
        assert_eq!(Rules::read("draw", &bytes, 1, 1), None);
        assert_eq!(Rules::read("instant", &bytes, 1, 1), None);
        assert_eq!(Rules::read("keno", &bytes[1..], 1, 1), None);
        assert_eq!(Rules::read("keno", &[], 1, 1), None);
    }
}
