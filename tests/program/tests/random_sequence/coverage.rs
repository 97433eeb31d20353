//! What happened in a sequence, counted; a sequence that never got anywhere would prove nothing.

use std::{collections::BTreeMap, rc::Rc};

use program_tests::{
    LotteryError as E,
    kinds::{RoundStatus, VoidReason},
};

use super::{
    market::{Market, is_market},
    model::{Model, RoundId, RoundModel},
    ops::Op,
    reporters::Event,
};

const KINDS: [&str; 5] = ["draw", "keno", "instant", "beacon", "prediction"];

/// Counts by what happened.
#[derive(Default)]
pub struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    fn count(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    pub fn done(&mut self, kind: &str, tag: &str) {
        self.count(format!("{kind} {tag} done"));
    }

    pub fn refused(&mut self, kind: &str, tag: &str, reason: E) {
        self.count(format!("{kind} {tag} refused: {}", reason.name()));
    }

    /// What else an operation did that succeeded.
    pub fn effects(&mut self, op: &Op, before: &Model, after: &Model) {
        if let Op::OpenRound(game) = op
            && after.games[*game].lottery.lock_offset_seconds > 0
        {
            self.count(format!("{} round on a timetable", after.games[*game].kind_name()));
        }
        for what in market_effects(op, before, after) {
            self.count(format!("market: {what}"));
        }
    }

    pub fn print(&self) {
        for (what, count) in &self.0 {
            println!("{count:>6} {what}");
        }
    }

    fn happened(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// After the usual number of steps everything has happened.
    pub fn check(&self) {
        for done in ["enter", "pay", "refund", "void_round", "finalise", "retime_round", "close_round"] {
            let by_kind = KINDS.map(|kind| self.happened(&format!("{kind} {done} done")));
            let all: u64 = by_kind.iter().sum();
            assert!(
                all >= 15 && by_kind.iter().all(|count| *count >= 1),
                "{done} hardly happened: {by_kind:?}"
            );
        }
        for rare in RARE {
            assert!(self.happened(rare) >= 1, "{rare}: never happened");
        }
        for rare in RARE_OF_HOUSE {
            let count = ["keno", "instant"].map(|kind| self.happened(&format!("{kind} {rare}")));
            assert!(count.iter().sum::<u64>() >= 1, "{rare}: never happened");
        }
    }
}

const RARE: [&str; 46] = [
    "draw expire_round done",
    "draw fund_jackpot refused: JackpotBeyondBond",
    "keno fund_bankroll done",
    "keno withdraw_bankroll done",
    "instant pause_lottery done",
    "beacon prove_early done",
    "beacon post_value done",
    "beacon post_value refused: ClusterRestarted",
    "beacon post_value refused: BeaconWrongWitness",
    "beacon prove_early refused: NotEarly",
    "draw attest refused: NotOracle",
    "prediction capture refused: NotCommitReveal",
    "prediction post_value refused: SourceNotAllowed",
    "prediction fund_jackpot refused: WrongKind",
    "prediction fund_bankroll refused: NoBankroll",
    "prediction enter refused: OutcomeUnknown",
    "prediction enter refused: NoQuickPicks",
    "prediction enter refused: StakeOutOfRange",
    "prediction attest done",
    "prediction attest refused: NotAReporter",
    "prediction attest refused: AlreadyAttested",
    "prediction attest refused: RoundNotLocked",
    "prediction attest refused: EventNotOver",
    "prediction attest refused: WrongEvent",
    "prediction attest refused: WrongOracleSet",
    "prediction attest refused: WrongConfig",
    "prediction attest refused: FactsOutOfRange",
    "prediction attest refused: ValueAlreadyPosted",
    "prediction attest refused: RoundNotOpen",
    "prediction void_round refused: GraceNotOver",
    "prediction update_config done",
    "prediction update_config refused: InvalidQuorum",
    "prediction update_config refused: MappingGap",
    "prediction update_config refused: MappingOverlap",
    "prediction round on a timetable",
    "draw round on a timetable",
    "market: decided by the truth, against a lie",
    "market: decided by a lie",
    "market: decided under an older config",
    "market: void, no quorum",
    "market: void, silence",
    "market: refunded, all were right",
    "market: refunded, nobody was right",
    "market: won",
    "market: unmatched part returned",
    "market: dust to the treasury",
];

const RARE_OF_HOUSE: [&str; 5] = [
    "open_page refused: BankrollTooLow",
    "enter refused: BudgetExceeded",
    "advance_chain done",
    "update_limits done",
    "update_config done",
];

fn round_of(model: &Model, id: RoundId) -> Option<&RoundModel> {
    model.games[id.0].rounds.get(&id.1).map(Rc::as_ref)
}

fn market_effects(op: &Op, before: &Model, after: &Model) -> Vec<&'static str> {
    let id = match op {
        Op::Attest(id, _) | Op::Void(id) | Op::Finalise(id) | Op::CloseRound(id) => *id,
        Op::Credit { round, .. } => *round,
        _ => return Vec::new(),
    };
    let was = round_of(before, id).expect("a live round");
    if !is_market(&was.round) {
        return Vec::new();
    }
    let now = round_of(after, id).unwrap_or(was);
    match op {
        Op::Attest(..) if now.is(RoundStatus::Valued) => decided(before, id, now),
        Op::Void(_) if now.round.void_reason == VoidReason::NoQuorum as u8 => vec!["void, no quorum"],
        Op::Void(_) => vec!["void, silence"],
        Op::Finalise(_) if now.round.refund_all == 1 && now.round.entries > 0 => {
            match now.round.winning_units {
                0 => vec!["refunded, nobody was right"],
                _ => vec!["refunded, all were right"],
            }
        }
        Op::Credit { page, items, refund: false, .. } => {
            let page = was.pages[*page as usize].as_ref().expect("a page");
            let tier = |(index, _): &(u32, usize)| match page.entries[*index as usize].tier {
                1 => "won",
                _ => "unmatched part returned",
            };
            items.iter().map(tier).collect()
        }
        Op::CloseRound(_) if was.round.cash_units > 0 => vec!["dust to the treasury"],
        _ => Vec::new(),
    }
}

fn decided(before: &Model, id: RoundId, now: &RoundModel) -> Vec<&'static str> {
    let event = Event::of(id, now);
    let is_true = now.supporters(event.truth()) >= now.round.quorum as usize;
    let mut effects = match is_true {
        false => vec!["decided by a lie"],
        true if now.attested().any(|said| said.facts != *event.truth()) => {
            vec!["decided by the truth, against a lie"]
        }
        true => vec!["decided by the truth"],
    };
    if now.round.config != before.games[id.0].lottery.config {
        effects.push("decided under an older config");
    }
    let mapping = Market::of(&now.rules).expect("a market").rules.mapping;
    effects.push(
        ["", "decided parity", "decided ranges", "decided exact", "decided number", "decided compare"]
            [mapping as usize],
    );
    effects
}
