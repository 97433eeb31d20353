//! A market's round as a small state machine: attestations by members of two oracle sets in every order, configs that
//! name the other set while the round is open, clocks that run on, pauses, and attempts to void at any time.
//!
//! The steps and what refuses them are those of the program's `open_round`, `update_config`, `pause_lottery`, `attest` and
//! `void_round`. A state holds all that any of them looks at, so visiting each state once and taking each step from it
//! covers every history, however long.

use std::collections::{BTreeMap, HashMap, HashSet};

use lottery_rules::prediction::{Quorum, Verdict};

use super::{MOST, completions, quorums, value_of, values_with_quorum, verdict};

/// The oracle set that a config names. The last reporter of `First` is also the first of `Second`, so one person may
/// stand in both, at different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Set {
    First,
    Second,
}

impl Set {
    fn other(self) -> Self {
        match self {
            Set::First => Set::Second,
            Set::Second => Set::First,
        }
    }
}

/// How far chain time is. The event is over no sooner than entries are, and grace counts from the later of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
enum Time {
    Entries,
    Locked,
    EventOver,
    GraceOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reason {
    Paused,
    NoQuorum,
    GraceExpired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Status {
    Open,
    Valued(u8),
    Void(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Round {
    /// The set of the config that was current when the round opened.
    set: Set,
    time: Time,
    /// By place in that set.
    said: [Option<u8>; MOST as usize],
    status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    /// What the lottery's current config names.
    current: Set,
    round: Option<Round>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Open,
    Rotate,
    /// Time goes on.
    Wait,
    Pause,
    /// `config`: the one that the reporter hands in with the round.
    Attest {
        person: u8,
        value: u8,
        config: Set,
    },
    Void,
}

/// The program's errors by name; `Nothing` is a step that this model has no use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    Nothing,
    WrongConfig,
    NotAReporter,
    RoundNotOpen,
    ValueAlreadyPosted,
    RoundNotLocked,
    EventNotOver,
    AlreadyAttested,
    GraceNotOver,
}

/// The two oracle sets of one exploration.
struct Model {
    first: Quorum,
    second: Quorum,
}

impl Model {
    fn quorum(&self, set: Set) -> Quorum {
        match set {
            Set::First => self.first,
            Set::Second => self.second,
        }
    }

    /// The place of a person in a set.
    fn place(&self, set: Set, person: u8) -> Option<usize> {
        let from = if set == Set::First { 0 } else { self.first.reporters - 1 };
        person.checked_sub(from).filter(|place| *place < self.quorum(set).reporters).map(usize::from)
    }

    /// Members of either set, and a stranger to both.
    fn people(&self) -> std::ops::RangeInclusive<u8> {
        0..=self.first.reporters + self.second.reporters - 1
    }

    /// As many values as reporters: more could not be told apart.
    fn values(&self) -> u8 {
        self.first.reporters.max(self.second.reporters)
    }

    fn said<'a>(&self, round: &'a Round) -> &'a [Option<u8>] {
        &round.said[..self.quorum(round.set).reporters as usize]
    }

    fn verdict(&self, round: &Round) -> Verdict {
        verdict(self.quorum(round.set), self.said(round))
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Open, Step::Rotate, Step::Wait, Step::Pause, Step::Void];
        for (person, value) in self.people().flat_map(|p| (0..self.values()).map(move |v| (p, v))) {
            steps.extend([Set::First, Set::Second].map(|config| Step::Attest { person, value, config }));
        }
        steps
    }

    fn step(&self, state: State, step: Step) -> Result<State, Refusal> {
        let Some(round) = state.round else {
            return match step {
                Step::Rotate => Ok(State { current: state.current.other(), ..state }),
                Step::Open => {
                    let said = [None; MOST as usize];
                    let (set, time, status) = (state.current, Time::Entries, Status::Open);
                    Ok(State { round: Some(Round { set, time, said, status }), ..state })
                }
                _ => Err(Refusal::Nothing),
            };
        };
        let with = |round| Ok(State { round: Some(round), ..state });
        let open = match round.status {
            Status::Void(_) => Err(Refusal::RoundNotOpen),
            Status::Valued(_) => Err(Refusal::ValueAlreadyPosted),
            Status::Open => Ok(()),
        };
        let locked = if round.time == Time::Entries { Err(Refusal::RoundNotLocked) } else { Ok(()) };
        match step {
            Step::Open => Err(Refusal::Nothing),
            Step::Rotate => Ok(State { current: state.current.other(), ..state }),
            Step::Wait => {
                let time = match round.time {
                    Time::Entries => Time::Locked,
                    Time::Locked => Time::EventOver,
                    Time::EventOver => Time::GraceOver,
                    Time::GraceOver => return Err(Refusal::Nothing),
                };
                with(Round { time, ..round })
            }
            // A round that is locked is not touched.
            Step::Pause if open.is_ok() && locked.is_err() => {
                with(Round { status: Status::Void(Reason::Paused), ..round })
            }
            Step::Pause => Err(Refusal::Nothing),
            Step::Attest { person, value, config } => {
                if config != round.set {
                    return Err(Refusal::WrongConfig);
                }
                let place = self.place(config, person).ok_or(Refusal::NotAReporter)?;
                open?;
                locked?;
                if round.time < Time::EventOver {
                    return Err(Refusal::EventNotOver);
                }
                if round.said[place].is_some() {
                    return Err(Refusal::AlreadyAttested);
                }
                let mut round = round;
                round.said[place] = Some(value);
                if let Verdict::Decided(facts) = self.verdict(&round) {
                    round.status = Status::Valued(value_of(&facts));
                }
                with(round)
            }
            Step::Void => {
                open?;
                locked?;
                let reason = match self.verdict(&round) {
                    Verdict::Split => Reason::NoQuorum,
                    _ if round.time == Time::GraceOver => Reason::GraceExpired,
                    _ => return Err(Refusal::GraceNotOver),
                };
                with(Round { status: Status::Void(reason), ..round })
            }
        }
    }
}

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
}
