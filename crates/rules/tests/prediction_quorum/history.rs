//! Every history of a round: visiting each state once and taking each step from it covers all of them, however long.

use std::collections::{BTreeMap, HashMap, HashSet};

use lottery_rules::prediction::Quorum;

use super::round::{Model, Reason, Refusal, Round, Set, State, Status, Step, Time};
use super::{MOST, completions, quorums, values_with_quorum};

/// What one exploration saw.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    states: u64,
    taken: u64,
    valued: u64,
    void: u64,
    refused: BTreeMap<Refusal, u64>,
}

/// Whether any value has, or can still get, its quorum: by trying everything that can still be said.
struct Futures<'a> {
    model: &'a Model,
    known: HashMap<(Set, [Option<u8>; MOST as usize]), bool>,
}

impl Futures<'_> {
    fn can_decide(&mut self, round: &Round) -> bool {
        let model = self.model;
        *self.known.entry((round.set, round.said)).or_insert_with(|| {
            let quorum = model.quorum(round.set);
            let all = completions(model.said(round), model.values());
            let decided = |said: &Vec<Option<u8>>| values_with_quorum(quorum, model.values(), said);
            // Whatever is said from here on, there are never two.
            assert!(all.iter().all(|said| decided(said).len() <= 1), "{round:?}");
            all.iter().any(|said| !decided(said).is_empty())
        })
    }
}

/// A step from one state to another keeps every promise.
fn check_step(model: &Model, before: State, step: Step, after: State, futures: &mut Futures) {
    let Some(now) = after.round else { return };
    let context = || format!("{before:?} {step:?} {after:?}");
    let decided = values_with_quorum(model.quorum(now.set), model.values(), model.said(&now));
    match now.status {
        // The M-th equal attestation decides at once, and nothing else does.
        Status::Valued(value) => assert_eq!(decided, [value], "{}", context()),
        _ => assert!(decided.is_empty(), "{}", context()),
    }
    let Some(was) = before.round else {
        return assert_eq!((step, now.set, now.status), (Step::Open, before.current, Status::Open));
    };
    assert!(now.set == was.set && now.time >= was.time, "{}", context());
    if was.status != Status::Open {
        // Decided is decided, void is void, and nobody can say anything more.
        return assert_eq!((now.status, now.said), (was.status, was.said), "{}", context());
    }
    let changed = was.said.iter().zip(&now.said).filter(|(was, now)| was != now).count();
    assert_eq!(changed, matches!(step, Step::Attest { .. }) as usize, "{}", context());
    assert!(was.said.iter().zip(&now.said).all(|(was, now)| was.is_none() || was == now), "{}", context());
    match now.status {
        Status::Open => {}
        Status::Valued(value) => {
            assert!(matches!(step, Step::Attest { value: last, .. } if last == value), "{}", context());
            assert!(now.time >= Time::EventOver);
        }
        Status::Void(Reason::Paused) => assert_eq!((step, was.time), (Step::Pause, Time::Entries)),
        Status::Void(Reason::NoQuorum) => {
            assert!(step == Step::Void && !futures.can_decide(&was), "{}", context())
        }
        Status::Void(Reason::GraceExpired) => {
            assert_eq!((step, was.time), (Step::Void, Time::GraceOver));
            assert!(futures.can_decide(&was), "{}", context());
        }
    }
}

/// No state is a dead end.
fn check_live(model: &Model, state: State, futures: &mut Futures) {
    let Some(round) = state.round.filter(|round| round.status == Status::Open) else { return };
    let status = |state: State| state.round.unwrap().status;
    // Silence: after grace anyone voids it.
    let mut late = state;
    while late.round.unwrap().time < Time::GraceOver {
        late = model.step(late, Step::Wait).unwrap();
    }
    assert!(matches!(status(model.step(late, Step::Void).unwrap()), Status::Void(_)), "{state:?}");
    if !futures.can_decide(&round) {
        // A split does not wait for grace.
        let void = model.step(state, Step::Void).map(status);
        return assert_eq!(void, Ok(Status::Void(Reason::NoQuorum)), "{state:?}");
    }
    // Otherwise some value can still win, grace or no grace: those who are missing agree with the most.
    let count = |value: u8| round.said.iter().filter(|other| **other == Some(value)).count();
    let value = (0..model.values()).max_by_key(|value| count(*value)).unwrap();
    let mut after = state;
    while after.round.unwrap().time < Time::EventOver {
        after = model.step(after, Step::Wait).unwrap();
    }
    for person in model.people() {
        after = model.step(after, Step::Attest { person, value, config: round.set }).unwrap_or(after);
    }
    assert_eq!(status(after), Status::Valued(value), "{state:?}");
}

/// Visits every state that can be reached.
fn explore(model: &Model) -> Seen {
    let start = State { current: Set::First, round: None };
    let (steps, mut futures) = (model.steps(), Futures { model, known: HashMap::new() });
    let (mut known, mut next) = (HashSet::from([start]), vec![start]);
    let mut seen = Seen::default();
    while let Some(state) = next.pop() {
        seen.states += 1;
        match state.round.map(|round| round.status) {
            Some(Status::Valued(_)) => seen.valued += 1,
            Some(Status::Void(_)) => seen.void += 1,
            _ => {}
        }
        check_live(model, state, &mut futures);
        for step in &steps {
            let outcome = model.step(state, *step);
            // Which set the current config names makes no difference to a round that is open already.
            if state.round.is_some() {
                let rotated = State { current: state.current.other(), ..state };
                let round = |outcome: Result<State, Refusal>| outcome.map(|state| state.round);
                assert_eq!(round(model.step(rotated, *step)), round(outcome), "{state:?} {step:?}");
            }
            match outcome {
                Err(refusal) => *seen.refused.entry(refusal).or_default() += 1,
                Ok(after) => {
                    seen.taken += 1;
                    check_step(model, state, *step, after, &mut futures);
                    if known.insert(after) {
                        next.push(after);
                    }
                }
            }
        }
    }
    assert_eq!(seen.states, known.len() as u64);
    seen
}

/// N, M; states, steps taken; states that are decided, and void.
const EXPLORED: [(u8, u8, u64, u64, u64, u64); 9] = [
    (1, 1, 368, 1098, 120, 98),
    (2, 2, 452, 1338, 120, 134),
    (3, 2, 674, 2064, 216, 176),
    (3, 3, 812, 2514, 120, 302),
    (4, 3, 4902, 17_720, 448, 1924),
    (4, 4, 5574, 19_840, 208, 2580),
    (5, 3, 50_278, 211_562, 5300, 18_840),
    (5, 4, 60_278, 248_312, 800, 28_340),
    (5, 5, 63_148, 257_142, 320, 31_190),
];

#[test]
fn every_history_is_safe_and_ends() {
    let mut explored = Vec::new();
    for first in quorums() {
        let model = Model { first, second: Quorum { reporters: 3, needed: 2 } };
        let seen = explore(&model);
        println!("{first:?} {seen:?}");
        // Every reason to refuse a step came up.
        assert_eq!(seen.refused.len(), 9, "{seen:?}");
        explored.push((first.reporters, first.needed, seen.states, seen.taken, seen.valued, seen.void));
    }
    assert_eq!(explored, EXPLORED);
    // What docs/RULES.md says of them all.
    let states: u64 = explored.iter().map(|row| row.2).sum();
    let steps: u64 = explored.iter().map(|row| row.3).sum();
    assert_eq!((states, steps), (186_486, 761_590));
}
