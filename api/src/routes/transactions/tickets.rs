//! Tickets in the body of `POST /api/transactions/enter`.

use std::fmt;

use lottery_client::{QuickPicks, Ticket, raffle::Membership};
use lottery_interface::LotteryError;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use crate::{fields::Amount, problem::ApiError};

/// A ticket as the player wants it: draw tickets are numbers, keno tickets numbers and a stake, instant tickets a stake,
/// bets of a market an outcome and a stake; in a raffle with a list the player's place in it, with weight and proof.
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
    /// A raffle with a list: place in it, from 0, as published.
    leaf_index: Option<u32>,
    weight: Option<u32>,
    /// Hashes from the leaf up, in hex.
    #[schema(value_type = Option<Vec<String>>)]
    proof: Option<Vec<ProofHash>>,
}

/// 32 bytes in hex.
#[derive(Clone, Copy, Debug)]
struct ProofHash([u8; 32]);

impl<'de> Deserialize<'de> for ProofHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refuse = || D::Error::custom("a hash of a proof is 64 digits in hex");
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut hash = [0; 32];
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| refuse())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| refuse())?;
        }
        Ok(Self(hash))
    }
}

impl ChosenTicket {
    /// The ticket; place in the list, weight and proof are given together, or none of them.
    pub fn read(&self) -> Result<Ticket, ApiError> {
        let leaf = match (self.leaf_index, self.weight, &self.proof) {
            (None, None, None) => None,
            (Some(index), Some(weight), Some(proof)) => {
                Some(Membership { index, weight, proof: proof.iter().map(|hash| hash.0).collect() })
            }
            _ => {
                return Err(ApiError::program(
                    LotteryError::ProofMissing,
                    "give `leaf_index`, `weight` and `proof` together, as the list was published with",
                ));
            }
        };
        Ok(Ticket {
            numbers: self.numbers.clone(),
            bonus: self.bonus,
            outcome: self.outcome,
            stake_units: self.stake_units.map(|amount| amount.0),
            leaf,
        })
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
