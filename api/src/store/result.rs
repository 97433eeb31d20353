//! What rounds drew.

use lottery_rules::picks;
use serde::Serialize;
use utoipa::ToSchema;

/// What a round drew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoundResult {
    /// The numbers, ascending; empty for a kind that is unknown here.
    pub numbers: Vec<u8>,
    /// The bonus ball; absent when the game has no bonus drum.
    pub bonus: Option<u8>,
    /// Kind prediction: the outcome that came true, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<u8>,
    /// The result's 32 bytes as stored, in hex.
    pub data: String,
}

impl RoundResult {
    /// Reads the stored bytes of a round that is drawn: for kinds `draw` and `keno` 16 bytes of picks, then the bonus
    /// ball; for kind `prediction` the outcome in the first byte. Instant rounds draw nothing: each entry has its own
    /// outcome.
    pub fn new(kind: &str, status: &str, data: &[u8]) -> Option<Self> {
        if !matches!(status, "drawn" | "final") || kind == "instant" {
            return None;
        }
        let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
        if !matches!(kind, "draw" | "keno") {
            let outcome = data.first().copied().filter(|_| kind == "prediction");
            return Some(Self { numbers: Vec::new(), bonus: None, outcome, data: hex });
        }
        let word = |at: usize| Some(u64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?));
        let numbers: Vec<u8> = picks::numbers([word(0)?, word(8)?]).collect();
        // A row from the record alone may not have it yet.
        if numbers.is_empty() {
            return None;
        }
        let bonus = data.get(16).copied().filter(|bonus| *bonus > 0);
        Some(Self { numbers, bonus, outcome: None, data: hex })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(numbers: &[u8], bonus: u8) -> Vec<u8> {
        let picks = picks::from_sorted(numbers, 128).unwrap();
        let mut data = [picks[0].to_le_bytes(), picks[1].to_le_bytes()].concat();
        data.push(bonus);
        data.resize(32, 0);
        data
    }

    #[test]
    fn a_result_is_read_from_its_bytes() {
        let result = RoundResult::new("draw", "final", &stored(&[1, 64, 65, 128], 7)).unwrap();
        assert_eq!((result.numbers, result.bonus), (vec![1, 64, 65, 128], Some(7)));
        let result = RoundResult::new("draw", "drawn", &stored(&[3], 0)).unwrap();
        assert_eq!((result.numbers, result.bonus), (vec![3], None));
    }

    #[test]
    fn keno_draws_twenty_numbers_and_instant_none() {
        let twenty: Vec<u8> = (61..=80).collect();
        let result = RoundResult::new("keno", "drawn", &stored(&twenty, 0)).unwrap();
        assert_eq!((result.numbers, result.bonus), (twenty, None));
        assert_eq!(RoundResult::new("keno", "final", &[0; 32]), None);
        assert_eq!(RoundResult::new("instant", "final", &[0; 32]), None);
    }

    #[test]
    fn there_is_no_result_before_the_draw_or_without_its_bytes() {
        assert_eq!(RoundResult::new("draw", "valued", &stored(&[3], 0)), None);
        assert_eq!(RoundResult::new("draw", "void", &stored(&[3], 0)), None);
        assert_eq!(RoundResult::new("draw", "final", &[0; 32]), None);
        assert_eq!(RoundResult::new("draw", "final", &[]), None);
    }

    #[test]
    fn a_markets_result_is_an_outcome() {
        let mut data = vec![0; 32];
        for outcome in [0, 1, 127] {
            data[0] = outcome;
            let result = RoundResult::new("prediction", "final", &data).unwrap();
            assert_eq!((result.numbers, result.outcome), (vec![], Some(outcome)));
        }
        assert_eq!(RoundResult::new("prediction", "valued", &data), None, "not drawn yet");
        assert_eq!(RoundResult::new("prediction", "final", &[]).and_then(|result| result.outcome), None);
    }

    #[test]
    fn an_unknown_kind_shows_its_bytes() {
        let result = RoundResult::new("roulette", "final", &[0xab, 1]).unwrap();
        assert_eq!((result.numbers.len(), result.data.as_str()), (0, "ab01"));
    }
}
