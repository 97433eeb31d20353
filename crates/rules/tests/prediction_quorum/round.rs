//! A market's round as a small state machine: attestations by members of two oracle sets in every order, configs that
//! name the other set while the round is open, clocks that run on, pauses, and attempts to void at any time.
//!
//! The steps and what refuses them are those of the program's `open_round`, `update_config`, `pause_lottery`, `attest` and
//! `void_round`. A state holds all that any of them looks at.

use lottery_rules::prediction::{Quorum, Verdict};

use super::{MOST, value_of, verdict};

/// The oracle set that a config names. The last reporter of `First` is also the first of `Second`, so one person may
/// stand in both, at different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Set {
    First,
    Second,
}

impl Set {
    pub fn other(self) -> Self {
        match self {
            Set::First => Set::Second,
            Set::Second => Set::First,
        }
    }
}

/// How far chain time is. The event is over no sooner than entries are, and grace counts from the later of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
pub enum Time {
    Entries,
    Locked,
    EventOver,
    GraceOver,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    Paused,
    NoQuorum,
    GraceExpired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Open,
    Valued(u8),
    Void(Reason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Round {
    /// The set of the config that was current when the round opened.
    pub set: Set,
    pub time: Time,
    /// By place in that set.
    pub said: [Option<u8>; MOST as usize],
    pub status: Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What the lottery's current config names.
    pub current: Set,
    pub round: Option<Round>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
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
pub enum Refusal {
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
pub struct Model {
    pub first: Quorum,
    pub second: Quorum,
}

impl Model {
    pub fn quorum(&self, set: Set) -> Quorum {
        match set {
            Set::First => self.first,
            Set::Second => self.second,
        }
    }

    /// The place of a person in a set.
    pub fn place(&self, set: Set, person: u8) -> Option<usize> {
        let from = if set == Set::First { 0 } else { self.first.reporters - 1 };
        person.checked_sub(from).filter(|place| *place < self.quorum(set).reporters).map(usize::from)
    }

    /// Members of either set, and a stranger to both.
    pub fn people(&self) -> std::ops::RangeInclusive<u8> {
        0..=self.first.reporters + self.second.reporters - 1
    }

    /// As many values as reporters: more could not be told apart.
    pub fn values(&self) -> u8 {
        self.first.reporters.max(self.second.reporters)
    }

    pub fn said<'a>(&self, round: &'a Round) -> &'a [Option<u8>] {
        &round.said[..self.quorum(round.set).reporters as usize]
    }

    pub fn verdict(&self, round: &Round) -> Verdict {
        verdict(self.quorum(round.set), self.said(round))
    }

    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![Step::Open, Step::Rotate, Step::Wait, Step::Pause, Step::Void];
        for (person, value) in self.people().flat_map(|p| (0..self.values()).map(move |v| (p, v))) {
            steps.extend([Set::First, Set::Second].map(|config| Step::Attest { person, value, config }));
        }
        steps
    }

    pub fn step(&self, state: State, step: Step) -> Result<State, Refusal> {
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
