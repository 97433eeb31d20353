//! Tickets in the body of `POST /api/transactions/enter`.

use std::fmt;

use lottery_client::{QuickPicks, Ticket};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use crate::fields::Amount;

/// A ticket as the player wants it: draw tickets are numbers, keno tickets numbers and a stake, instant tickets a stake,
/// bets of a market an outcome and a stake.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenTicket {
    /// Ascending; as many as the game asks for, or in keno as many as spots are wanted.
    #[serde(default)]
    #[schema(example = json!([3, 11, 24, 30, 41, 49]))]
    numbers: Vec<u8>,
    /// Where the game has a bonus drum.
    bonus: Option<u8>,
    /// The outcome that a bet is on, from 0, as in the lottery's `rules.outcomes`.
    outcome: Option<u8>,
    /// Where players choose their stake.
    stake_units: Option<Amount>,
}

impl From<&ChosenTicket> for Ticket {
    fn from(ticket: &ChosenTicket) -> Self {
        Self {
            numbers: ticket.numbers.clone(),
            bonus: ticket.bonus,
            outcome: ticket.outcome,
            stake_units: ticket.stake_units.map(|amount| amount.0),
            ..Self::default()
        }
    }
}

/// Tickets that the program picks.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickedTickets {
    count: u8,
    /// Keno: how many numbers on each.
    spots: Option<u8>,
    /// The stake of each, where players choose it.
    stake_units: Option<Amount>,
}

/// How [`PickedTickets`] may be written.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes a form; `picked` reads it")]
pub enum QuickPicksField {
    Count(u8),
    Picked(PickedTickets),
}

impl From<&PickedTickets> for QuickPicks {
    fn from(picked: &PickedTickets) -> Self {
        Self {
            count: picked.count,
            spots: picked.spots,
            stake_units: picked.stake_units.map(|amount| amount.0),
        }
    }
}

/// Reads a count or an object.
pub fn picked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PickedTickets, D::Error> {
    struct Either;

    impl<'de> Visitor<'de> for Either {
        type Value = PickedTickets;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(
                "a count, or an object with `count`, and `spots` and `stake_units` where the game has them",
            )
        }

        fn visit_u64<E: Error>(self, count: u64) -> Result<PickedTickets, E> {
            let count = u8::try_from(count).map_err(|_| E::custom("`quick_picks` is 0 to 20"))?;
            Ok(PickedTickets { count, ..PickedTickets::default() })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PickedTickets, A::Error> {
            PickedTickets::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Either)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<QuickPicks, serde_json::Error> {
        picked(json).map(|picked| QuickPicks::from(&picked))
    }

    #[test]
    fn quick_picks_are_a_count_or_an_object() {
        let three = QuickPicks { count: 3, ..QuickPicks::default() };
        assert_eq!(read(serde_json::json!(3)).unwrap(), three);
        assert_eq!(read(serde_json::json!({"count": 3})).unwrap(), three);
        let keno = read(serde_json::json!({"count": 3, "spots": 4, "stake_units": "50"})).unwrap();
        assert_eq!(keno, QuickPicks { count: 3, spots: Some(4), stake_units: Some(50) });
    }

    #[test]
    fn what_is_wrong_with_quick_picks_is_said() {
        for (json, said) in [
            (serde_json::json!("3"), "a count, or an object"),
            (serde_json::json!(-1), "a count, or an object"),
            (serde_json::json!(256), "0 to 20"),
            (serde_json::json!({"spots": 4}), "missing field `count`"),
            (serde_json::json!({"count": 1, "stake": 4}), "unknown field `stake`"),
            (serde_json::json!({"count": 1, "stake_units": 1.5}), "string of digits"),
        ] {
            let error = read(json.clone()).unwrap_err().to_string();
            assert!(error.contains(said), "{json}: {error}");
        }
    }
}
