//! The quorum of a market, checked by exhaustion: `Verdict` against every completion, and every history of a round
//! against what it promises.

#[path = "prediction_quorum/history.rs"]
mod history;
#[path = "prediction_quorum/round.rs"]
mod round;

use lottery_rules::prediction::{Facts, MAX_REPORTERS, Quorum, QuorumError, Verdict};

/// Reporters of the largest oracle set that is explored in full.
const MOST: u8 = 5;

/// What each reporter of a set attested: a value, of which there are as many as reporters. More could not be told apart by
/// any history, because each reporter attests one at most.
type Said = Vec<Option<u8>>;

/// Facts that stand for a value: they differ in one place, another for each value.
fn facts(value: u8) -> Facts {
    let mut facts = [7; 8];
    facts[value as usize] = -1;
    facts
}

fn value_of(facts: &Facts) -> u8 {
    facts.iter().position(|fact| *fact == -1).unwrap() as u8
}

fn verdict(quorum: Quorum, said: &[Option<u8>]) -> Verdict {
    let attested: Vec<Facts> = said.iter().flatten().map(|value| facts(*value)).collect();
    quorum.verdict(attested.iter())
}

/// The values that so many reporters attested alike.
fn values_with_quorum(quorum: Quorum, values: u8, said: &[Option<u8>]) -> Vec<u8> {
    let count = |value: u8| said.iter().filter(|other| **other == Some(value)).count();
    (0..values).filter(|value| count(*value) >= quorum.needed as usize).collect()
}

/// Everything that can still be said: each reporter who is missing attests some value or stays silent.
fn completions(said: &[Option<u8>], values: u8) -> Vec<Said> {
    let mut all = vec![said.to_vec()];
    for place in (0..said.len()).filter(|place| said[*place].is_none()) {
        let with = |said: &Said, value| {
            let mut said = said.clone();
            said[place] = Some(value);
            said
        };
        let more: Vec<Said> = all.iter().flat_map(|said| (0..values).map(move |v| with(said, v))).collect();
        all.extend(more);
    }
    all
}

/// Every quorum of up to `MOST` reporters.
fn quorums() -> impl Iterator<Item = Quorum> {
    let all =
        (1..=MOST).flat_map(|reporters| (1..=reporters).map(move |needed| Quorum { reporters, needed }));
    all.filter(|quorum| 2 * quorum.needed > quorum.reporters)
}

#[test]
fn quorums_are_majorities() {
    let mut valid = 0;
    for reporters in 0..=u8::MAX {
        for needed in 0..=u8::MAX {
            let quorum = Quorum { reporters, needed };
            let expected = match (reporters as usize, needed as usize) {
                (n, _) if n == 0 || n > MAX_REPORTERS => Err(QuorumError::Reporters),
                (n, m) if m > n => Err(QuorumError::TooMany),
                (n, m) if 2 * m <= n => Err(QuorumError::NoMajority),
                _ => Ok(()),
            };
            assert_eq!(quorum.validate(), expected, "{quorum:?}");
            // Whatever is asked of a quorum that nobody may create: no panic.
            let _ = (quorum.blocking(), quorum.verdict([facts(0), facts(1)].iter()));
            valid += expected.is_ok() as u32;
        }
    }
    // ceil(N / 2) of each N: twice 1 to 8.
    assert_eq!(valid, 72);
    assert_eq!(quorums().count(), 9);
    assert!(quorums().all(|quorum| quorum.validate().is_ok()));
}

/// A verdict is what all completions say: decided when a value has its quorum, split when none can ever have one.
#[test]
fn verdicts_are_what_every_completion_says() {
    let (mut states, mut checked) = (0u64, 0u64);
    for quorum in quorums() {
        for said in completions(&vec![None; quorum.reporters as usize], quorum.reporters) {
            let completions = completions(&said, quorum.reporters);
            let now = values_with_quorum(quorum, quorum.reporters, &said);
            let later =
                completions.iter().any(|said| !values_with_quorum(quorum, quorum.reporters, said).is_empty());
            // Never two, whoever says what from here on.
            assert!(
                completions.iter().all(|said| values_with_quorum(quorum, quorum.reporters, said).len() <= 1)
            );
            match verdict(quorum, &said) {
                Verdict::Decided(facts) => assert_eq!(now, [value_of(&facts)], "{quorum:?} {said:?}"),
                Verdict::Split => assert!(now.is_empty() && !later, "{quorum:?} {said:?}"),
                Verdict::Waiting => assert!(now.is_empty() && later, "{quorum:?} {said:?}"),
            }
            states += 1;
            checked += completions.len() as u64;
        }
    }
    // (N + 1)^N states of each quorum, (2 N + 1)^N pairs of a state and what it becomes.
    let sum = |each: fn(u64) -> u64| {
        quorums().map(|q| each(q.reporters as u64).pow(q.reporters as u32)).sum::<u64>()
    };
    assert_eq!((states, checked), (sum(|n| n + 1), sum(|n| 2 * n + 1)));
    assert_eq!((states, checked), (24_717, 496_989));
}

/// In whatever order a round's attestations are looked at.
#[test]
fn verdicts_do_not_depend_on_order() {
    fn orders(attested: &mut Vec<Facts>, from: usize, check: &mut impl FnMut(&[Facts])) {
        if from == attested.len() {
            return check(attested);
        }
        for at in from..attested.len() {
            attested.swap(from, at);
            orders(attested, from + 1, check);
            attested.swap(from, at);
        }
    }
    let mut looked_at = 0u64;
    for quorum in quorums() {
        for said in completions(&vec![None; quorum.reporters as usize], quorum.reporters) {
            let expected = verdict(quorum, &said);
            let mut attested: Vec<Facts> = said.iter().flatten().map(|value| facts(*value)).collect();
            orders(&mut attested, 0, &mut |attested| {
                assert_eq!(quorum.verdict(attested.iter()), expected, "{quorum:?} {said:?}");
                looked_at += 1;
            });
        }
    }
    // N! / (N - k)! orders of k reporters who attest N values each.
    let orders = |n: u64, k: u64| (n - k + 1..=n).product::<u64>() * n.pow(k as u32);
    let expected = quorums().map(|q| q.reporters as u64).map(|n| (0..=n).map(|k| orders(n, k)).sum::<u64>());
    assert_eq!(looked_at, expected.sum::<u64>());
    assert_eq!(looked_at, 1_390_323);
}

/// M - 1 liars cannot decide, N - M cannot block, and N - M + 1 can: why that is called the blocking number.
#[test]
fn as_many_as_the_blocking_number_can_block_and_no_fewer() {
    const TRUE: u8 = 0;
    for quorum in quorums() {
        let mut blocked = 0;
        for said in completions(&vec![None; quorum.reporters as usize], quorum.reporters) {
            let honest = said.iter().filter(|value| **value == Some(TRUE)).count() as u8;
            let faulty = quorum.reporters - honest;
            let verdict = verdict(quorum, &said);
            if faulty < quorum.blocking() {
                assert_eq!(verdict, Verdict::Decided(facts(TRUE)), "{quorum:?} {said:?}");
            }
            if faulty < quorum.needed {
                assert!(
                    !matches!(verdict, Verdict::Decided(lie) if lie != facts(TRUE)),
                    "{quorum:?} {said:?}"
                );
            }
            blocked += (faulty == quorum.blocking() && !matches!(verdict, Verdict::Decided(_))) as u32;
        }
        assert!(blocked > 0, "{quorum:?}");
        assert_eq!(quorum.blocking(), quorum.reporters - quorum.needed + 1);
    }
}

/// Why half is not enough: the same reporters, two values, and each has its quorum.
#[test]
fn without_a_majority_two_values_could_have_a_quorum() {
    for reporters in 2..=MOST {
        for needed in 1..=reporters / 2 {
            let quorum = Quorum { reporters, needed };
            assert_eq!(quorum.validate(), Err(QuorumError::NoMajority));
            let all = completions(&vec![None; reporters as usize], reporters);
            assert!(
                all.iter().any(|said| values_with_quorum(quorum, quorum.reporters, said).len() > 1),
                "{quorum:?}"
            );
        }
    }
}

/// The largest set: the boundary between waiting and split, and between waiting and decided.
#[test]
fn sixteen_reporters() {
    for needed in 9..=16u8 {
        let quorum = Quorum { reporters: 16, needed };
        let liars = |count: u8| (0..count).map(|i| facts(1 + i % 7));
        let attested = |honest: u8, lying: u8| -> Vec<Facts> {
            (0..honest).map(|_| facts(0)).chain(liars(lying)).collect()
        };
        let at = |honest, lying| quorum.verdict(attested(honest, lying).iter());
        assert_eq!(at(needed, 16 - needed), Verdict::Decided(facts(0)));
        assert_eq!(at(needed - 1, 16 - needed), Verdict::Waiting);
        assert_eq!(at(needed - 1, quorum.blocking()), Verdict::Split);
        assert_eq!(at(0, 0), Verdict::Waiting);
    }
}

/// Facts are compared in full: those of the last place as well as the first.
#[test]
fn facts_that_differ_anywhere_are_different() {
    let quorum = Quorum { reporters: 3, needed: 2 };
    for place in 0..8 {
        let (mut one, mut other) = ([0; 8], [0; 8]);
        (one[place], other[place]) = (i64::MAX, i64::MIN);
        assert_eq!(quorum.verdict([one, other].iter()), Verdict::Waiting);
        assert_eq!(quorum.verdict([one, other, one].iter()), Verdict::Decided(one));
        assert_eq!(quorum.verdict([one, other, [1; 8]].iter()), Verdict::Split);
    }
}

#[test]
fn errors_read_as_sentences() {
    for error in [QuorumError::Reporters, QuorumError::TooMany, QuorumError::NoMajority] {
        assert_eq!(error.to_string(), error.message());
        assert!(error.message().split(' ').count() > 5);
    }
}
