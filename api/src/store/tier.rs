//! Prize tiers with their odds.

use std::collections::HashMap;

use lottery_rules::draw::{DrawRules, Tier as RuleTier};
use lottery_rules::odds::Ratio;
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::units::Units;

/// The chance of one ticket, exactly `numerator` in `denominator`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Odds {
    #[schema(example = "43")]
    pub numerator: String,
    #[schema(example = "2330636")]
    pub denominator: String,
    /// The same as "1 in so many", rounded half up to two decimals.
    #[schema(example = "1 in 54,200.84")]
    pub text: String,
}

/// A tier of a game, and what it won in a round.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tier {
    /// From 1, the top tier, which also wins the jackpot.
    pub tier: i16,
    /// Won by exactly this many matching numbers ...
    pub matches: i16,
    /// ... together with exactly this: bonus ball hit or not.
    pub bonus: bool,
    /// Part of the pool after the fee.
    pub share_bps: i32,
    /// Absent when the rules are not of a kind with odds.
    pub odds: Option<Odds>,
    /// Winning entries; absent in a config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winners: Option<i64>,
    /// Prize of one winner; absent in a config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize_each_units: Option<Units>,
}

/// The shape of a drawing game, from which odds follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub picks: u8,
    pub numbers: u8,
    pub bonus_numbers: u8,
}

impl Shape {
    /// `None` when the columns are those of another kind.
    pub fn new(picks: i16, numbers: i16, bonus_numbers: i16) -> Option<Self> {
        let byte = |value: i16| u8::try_from(value).ok();
        let shape =
            Self { picks: byte(picks)?, numbers: byte(numbers)?, bonus_numbers: byte(bonus_numbers)? };
        (shape.picks > 0).then_some(shape)
    }

    pub fn odds(self, matches: i16, bonus: bool) -> Option<Odds> {
        let tier = RuleTier { matches: u8::try_from(matches).ok()?, bonus: bonus.into(), share_bps: 0 };
        let rules = DrawRules {
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            rollover: false,
            fee_bps: 0,
            tiers: &[],
        };
        odds(rules.odds(&tier)?)
    }
}

/// A chance with its text; `None` when it is none.
pub fn odds(ratio: Ratio) -> Option<Odds> {
    // Two decimals, by whole numbers: hundredths of denominator / numerator, rounded.
    let hundredths = ratio.denominator.checked_mul(100)?.checked_add(ratio.numerator / 2)?;
    let hundredths = hundredths.checked_div(ratio.numerator)?;
    let mut text = format!("1 in {}", grouped(hundredths / 100));
    if !hundredths.is_multiple_of(100) {
        text.push_str(&format!(".{:02}", hundredths % 100));
    }
    Some(Odds { numerator: ratio.numerator.to_string(), denominator: ratio.denominator.to_string(), text })
}

/// Digits in groups of three.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[derive(FromRow)]
struct Row {
    owner: String,
    tier: i16,
    matches: i16,
    bonus: bool,
    share_bps: i32,
    winners: Option<i64>,
    prize_each_units: Option<Units>,
}

impl Row {
    fn into_tier(self, shape: Option<Shape>) -> Tier {
        Tier {
            odds: shape.and_then(|shape| shape.odds(self.matches, self.bonus)),
            tier: self.tier,
            matches: self.matches,
            bonus: self.bonus,
            share_bps: self.share_bps,
            winners: self.winners,
            prize_each_units: self.prize_each_units,
        }
    }
}

/// Tiers of configs, by config address.
pub async fn of_configs(
    connection: &mut PgConnection,
    shapes: &HashMap<String, Option<Shape>>,
) -> sqlx::Result<HashMap<String, Vec<Tier>>> {
    let configs: Vec<&String> = shapes.keys().collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT config AS owner, tier, matches, bonus, share_bps,
                NULL::bigint AS winners, NULL::text AS prize_each_units
         FROM config_tiers WHERE config = ANY($1) ORDER BY config, tier",
    )
    .bind(configs)
    .fetch_all(connection)
    .await?;
    let mut tiers: HashMap<String, Vec<Tier>> = HashMap::new();
    for row in rows {
        let shape = shapes.get(&row.owner).copied().flatten();
        tiers.entry(row.owner.clone()).or_default().push(row.into_tier(shape));
    }
    Ok(tiers)
}

/// Tiers of a round with winners and prizes.
pub async fn of_round(
    connection: &mut PgConnection,
    round: &str,
    shape: Option<Shape>,
) -> sqlx::Result<Vec<Tier>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT round AS owner, tier, matches, bonus, share_bps, winners, prize_each_units::text
         FROM round_tiers WHERE round = $1 ORDER BY tier",
    )
    .bind(round)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| row.into_tier(shape)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shape: Shape, matches: i16, bonus: bool) -> String {
        shape.odds(matches, bonus).unwrap().text
    }

    #[test]
    fn odds_are_those_of_published_tables() {
        // powerball.com, prize chart of 5/69 + 1/26.
        let powerball = Shape { picks: 5, numbers: 69, bonus_numbers: 26 };
        for (matches, bonus, published) in [
            (5, true, "1 in 292,201,338"),
            (5, false, "1 in 11,688,053.52"),
            (4, true, "1 in 913,129.18"),
            (4, false, "1 in 36,525.17"),
            (3, true, "1 in 14,494.11"),
            (3, false, "1 in 579.76"),
            (2, true, "1 in 701.33"),
            (1, true, "1 in 91.98"),
            (0, true, "1 in 38.32"),
        ] {
            assert_eq!(text(powerball, matches, bonus), published);
        }
        let six_of_49 = Shape { picks: 6, numbers: 49, bonus_numbers: 0 };
        assert_eq!(text(six_of_49, 6, false), "1 in 13,983,816");
        assert_eq!(text(six_of_49, 5, false), "1 in 54,200.84");
    }

    #[test]
    fn the_fraction_is_exact_and_in_lowest_terms() {
        let odds = Shape { picks: 6, numbers: 49, bonus_numbers: 0 }.odds(5, false).unwrap();
        // C(6,5) * C(43,1) / C(49,6) = 258 / 13,983,816.
        assert_eq!((odds.numerator.as_str(), odds.denominator.as_str()), ("43", "2330636"));
    }

    #[test]
    fn other_kinds_and_impossible_tiers_have_no_odds() {
        assert_eq!(Shape::new(0, 0, 0), None);
        assert_eq!(Shape { picks: 6, numbers: 49, bonus_numbers: 0 }.odds(7, false), None);
    }

    #[test]
    fn digits_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
