//! Whether the sources agree: pure, the same while reporting and when evidence is checked years later.

use lottery_rules::prediction::{Facts, MAX_FACTS};

use crate::{
    config::{NEEDED, Source},
    fetch::Answer,
    format::ReadError,
};

/// What one source says of an event.
pub type Reading = Result<Vec<i64>, ReadError>;

/// What the sources amount to together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Two of three say this. `dissent`: places of those that say something else.
    Agreed { facts: Vec<i64>, dissent: Vec<usize> },
    /// At least two have a result, and no two say the same.
    Disagreed,
    /// Fewer than two have a result.
    Waiting,
}

/// What an answer says of the event.
pub fn read(source: &Source, answer: &Answer, facts: &[String], event_at: i64) -> Reading {
    if let Some(failure) = &answer.failure {
        return Err(ReadError::Invalid(failure.clone()));
    }
    match answer.status {
        Some(200) => source.read(&answer.body, facts, event_at),
        Some(code @ (204 | 404 | 410)) => Err(ReadError::NotYet(format!("HTTP status {code}"))),
        Some(code) => Err(ReadError::Invalid(format!("HTTP status {code}"))),
        None => Err(ReadError::Invalid("no answer".into())),
    }
}

pub fn judge(readings: &[Reading]) -> Judgement {
    let known = || readings.iter().filter_map(|reading| reading.as_ref().ok());
    let is_agreed = |facts: &&Vec<i64>| known().filter(|other| other == facts).count() >= NEEDED;
    if let Some(facts) = known().find(is_agreed) {
        let differs = |reading: &Reading| reading.as_ref().is_ok_and(|other| other != facts);
        let dissent = (0..readings.len()).filter(|place| differs(&readings[*place])).collect();
        return Judgement::Agreed { facts: facts.clone(), dissent };
    }
    if known().count() >= 2 { Judgement::Disagreed } else { Judgement::Waiting }
}

/// Facts as the program takes them: those beyond the market's count are 0. `None`: more than eight.
pub fn padded(facts: &[i64]) -> Option<Facts> {
    let mut all = [0; MAX_FACTS];
    all.get_mut(..facts.len())?.copy_from_slice(facts);
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_yet() -> Reading {
        Err(ReadError::NotYet("later".into()))
    }

    fn broken() -> Reading {
        Err(ReadError::Invalid("broken".into()))
    }

    #[test]
    fn two_of_three_decide() {
        let agreed = |facts: &[i64], dissent: &[usize]| Judgement::Agreed {
            facts: facts.to_vec(),
            dissent: dissent.to_vec(),
        };
        let (a, b, c) = (|| Ok(vec![1, 2]), || Ok(vec![1, 3]), || Ok(vec![2, 2]));
        assert_eq!(judge(&[a(), a(), a()]), agreed(&[1, 2], &[]));
        assert_eq!(judge(&[a(), a(), b()]), agreed(&[1, 2], &[2]));
        assert_eq!(judge(&[b(), a(), a()]), agreed(&[1, 2], &[0]));
        assert_eq!(judge(&[a(), not_yet(), a()]), agreed(&[1, 2], &[]));
        assert_eq!(judge(&[broken(), a(), a()]), agreed(&[1, 2], &[]));
        assert_eq!(judge(&[a(), b(), c()]), Judgement::Disagreed);
        assert_eq!(judge(&[a(), b(), not_yet()]), Judgement::Disagreed);
        assert_eq!(judge(&[a(), not_yet(), broken()]), Judgement::Waiting);
        assert_eq!(judge(&[not_yet(), not_yet(), not_yet()]), Judgement::Waiting);
        // The order of facts is part of what they say.
        assert_eq!(judge(&[Ok(vec![1, 2]), Ok(vec![2, 1]), not_yet()]), Judgement::Disagreed);
    }

    #[test]
    fn missing_facts_are_zero() {
        assert_eq!(padded(&[7, -1]), Some([7, -1, 0, 0, 0, 0, 0, 0]));
        assert_eq!(padded(&[1; 8]), Some([1; 8]));
        assert_eq!(padded(&[1; 9]), None);
    }
}
