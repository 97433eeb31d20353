//! The search: every state once, and every instruction from it.

use std::collections::HashMap;

use lottery_rules::{
    hash::{Sha256, Software},
    prediction::{Facts, Quorum, Verdict},
};
use program_tests::{
    LotteryError as E,
    accounts::{Attestation, round_pools},
    audit,
    kinds::{RoundStatus, VoidReason},
    market::{EVIDENCE, facts},
};
use solana_account::{AccountSharedData, ReadableAccount};

use super::{
    Said, most,
    scene::{Current, Scene, attestations_of, round_of},
    values,
};

/// What one search saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub states: u64,
    /// States in which a value has its quorum.
    pub decided: u64,
    /// States in which none can have it any more.
    pub split: u64,
    /// Attestations that were accepted.
    pub attested: u64,
}

/// What a state amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    Decided(u8),
    Split,
}

pub struct Explorer {
    quorum: Quorum,
    pub scene: Scene,
    known: HashMap<Said, AccountSharedData>,
    pub seen: Seen,
}

impl Explorer {
    pub fn new(quorum: Quorum) -> Self {
        Self { quorum, scene: Scene::new(quorum), known: HashMap::new(), seen: Seen::default() }
    }

    pub fn explore(&mut self) {
        let start = self.scene.start.clone();
        self.visit(vec![None; self.quorum.reporters as usize], start);
    }

    fn visit(&mut self, said: Said, account: AccountSharedData) {
        if let Some(known) = self.known.get(&said) {
            assert!(*known == account, "{said:?}: another order made another account");
            return;
        }
        self.known.insert(said.clone(), account.clone());
        self.seen.states += 1;
        let standing = self.standing(&said);
        self.check_state(&said, &account, standing);
        self.try_void(&said, &account, standing);
        self.try_wrong(&said, &account, standing);
        match standing {
            Standing::Decided(_) => {
                self.seen.decided += 1;
                return;
            }
            Standing::Split => self.seen.split += 1,
            Standing::Waiting => {}
        }
        for place in (0..said.len()).filter(|place| said[*place].is_none()) {
            for value in 0..values(self.quorum) {
                let after = self.attest(&said, &account, place, value);
                self.seen.attested += 1;
                let mut more = said.clone();
                more[place] = Some(value);
                self.visit(more, after);
            }
        }
    }

    /// By trying everything that those who are missing can still say.
    fn standing(&self, said: &Said) -> Standing {
        let has_quorum = |said: &Said| most(self.quorum, said) >= self.quorum.needed as usize;
        if has_quorum(said) {
            let count = |value: u8| said.iter().filter(|other| **other == Some(value)).count();
            let value = (0..values(self.quorum)).max_by_key(|value| count(*value)).expect("two values");
            return Standing::Decided(value);
        }
        let mut all = vec![said.clone()];
        while let Some(some) = all.pop() {
            match some.iter().position(Option::is_none) {
                Some(place) => all.extend((0..values(self.quorum)).map(|value| {
                    let mut more = some.clone();
                    more[place] = Some(value);
                    more
                })),
                None if has_quorum(&some) => return Standing::Waiting,
                None => {}
            }
        }
        Standing::Split
    }

    /// States that differ only in which value is which: the program compares facts with one another and with nothing else, so
    /// of the 7,776 states of five reporters only those in which values appear in order, 203, are asked everything.
    fn is_asked_everything(&self, said: &Said) -> bool {
        let mut next = 0;
        let in_order = said.iter().flatten().all(|value| {
            let fits = *value <= next;
            next = next.max(*value + 1);
            fits
        });
        in_order || self.quorum.reporters < super::MOST
    }

    fn check_state(&mut self, said: &Said, account: &AccountSharedData, standing: Standing) {
        let round = round_of(account);
        let expected: Vec<Attestation> = said
            .iter()
            .map(|value| match value {
                Some(value) => Attestation {
                    facts: facts(&[*value as i64]),
                    evidence: EVIDENCE,
                    attested_at: round.event_at,
                },
                None => Attestation { facts: [0; 8], evidence: [0; 32], attested_at: 0 },
            })
            .collect();
        assert_eq!(attestations_of(account), expected);
        let attested: Vec<Facts> = said.iter().flatten().map(|value| facts(&[*value as i64])).collect();
        let verdict = self.quorum.verdict(attested.iter());
        let mut result = [0; 32];
        let (status, value) = match standing {
            Standing::Decided(value) => {
                let facts = facts(&[value as i64]);
                assert_eq!(verdict, Verdict::Decided(facts), "{said:?}");
                result[0] = value;
                (RoundStatus::Valued, Software::hashv(&[b"lottery_v4/facts/1", bytemuck::bytes_of(&facts)]))
            }
            open => {
                let expected = if open == Standing::Split { Verdict::Split } else { Verdict::Waiting };
                assert_eq!(verdict, expected, "{said:?}");
                (RoundStatus::Open, [0; 32])
            }
        };
        assert_eq!((round.status, round.value, round.result), (status as u8, value, result), "{said:?}");
        // All else is as it was.
        let mut rest = round;
        let start = round_of(&self.scene.start);
        (rest.status, rest.value, rest.result) = (start.status, start.value, start.result);
        rest.crank_lamports = start.crank_lamports;
        assert_eq!(rest, start);
        let reward = start.crank_lamports - round.crank_lamports;
        assert_eq!(reward != 0, matches!(standing, Standing::Decided(_)), "who decides is paid");
        assert_eq!(self.scene.start.lamports() - account.lamports(), reward);
        assert!(round_pools(account.data()).all(|units| units == 0));
        self.scene.restore(account);
        audit::check(&self.scene.world.chain);
    }

    /// A reporter who was not heard yet: accepted whatever the lottery's config is now, and however late.
    fn attest(
        &mut self,
        said: &Said,
        account: &AccountSharedData,
        place: usize,
        value: u8,
    ) -> AccountSharedData {
        let step = self.scene.attest(place, value);
        let after = self.scene.send(account, &step).unwrap_or_else(|e| panic!("{said:?}: {}", e.name()));
        if self.is_asked_everything(said) {
            self.scene.name(Current::Rotated);
            assert!(self.scene.send(account, &step).as_ref() == Ok(&after), "{said:?}: the config matters");
            self.scene.set_late(true);
            let late = self.scene.send(account, &step).expect("no deadline");
            assert_eq!(round_of(&late), round_of(&after), "{said:?}: an attestation after grace");
            let mut said_late = attestations_of(&late);
            assert_eq!(said_late[place].attested_at, self.scene.world.chain.now());
            said_late[place].attested_at = round_of(&after).event_at;
            assert_eq!(said_late, attestations_of(&after));
            self.scene.set_late(false);
            self.scene.name(Current::Own);
        }
        after
    }

    /// At once when no value can have a quorum, after grace when none has; never once one has.
    fn try_void(&mut self, said: &Said, account: &AccountSharedData, standing: Standing) {
        let everything = self.is_asked_everything(said);
        for (late, current) in
            [(false, Current::Own), (true, Current::Rotated), (false, Current::Rotated), (true, Current::Own)]
        {
            if !everything && late != (current == Current::Rotated) {
                continue;
            }
            self.scene.set_late(late);
            self.scene.name(current);
            let void = self.scene.void.clone();
            let outcome = self.scene.send(account, &void);
            let expected = match standing {
                Standing::Decided(_) => Err(E::ValueAlreadyPosted),
                Standing::Split => Ok(VoidReason::NoQuorum),
                Standing::Waiting if late => Ok(VoidReason::GraceExpired),
                Standing::Waiting => Err(E::GraceNotOver),
            };
            let is_void = |account: &AccountSharedData| {
                let round = round_of(account);
                assert_eq!(round.status, RoundStatus::Void as u8);
                VoidReason::from_byte(round.void_reason).expect("a known reason")
            };
            assert_eq!(outcome.as_ref().map(is_void).map_err(|e| *e), expected, "{said:?}, late: {late}");
            if let Ok(void) = outcome {
                self.check_void(said, account, &void);
            }
        }
        self.scene.set_late(false);
        self.scene.name(Current::Own);
    }

    /// Void is void: what was attested stays, and nobody can say or do anything more.
    fn check_void(&mut self, said: &Said, account: &AccountSharedData, void: &AccountSharedData) {
        assert_eq!(attestations_of(void), attestations_of(account));
        let round = round_of(void);
        assert_eq!((round.value, round.result), ([0; 32], [0; 32]));
        if !self.is_asked_everything(said) {
            return;
        }
        for place in 0..said.len() {
            let step = self.scene.attest(place, 0);
            assert_eq!(self.scene.send(void, &step), Err(E::RoundNotOpen), "{said:?}");
        }
        let again = self.scene.void.clone();
        assert_eq!(self.scene.send(void, &again), Err(E::RoundNotOpen), "{said:?}");
    }

    /// Twice, after the decision, by strangers, under another config, of another event, outside of the mapping.
    fn try_wrong(&mut self, said: &Said, account: &AccountSharedData, standing: Standing) {
        if !self.is_asked_everything(said) {
            return;
        }
        let is_decided = matches!(standing, Standing::Decided(_));
        for place in (0..said.len()).filter(|place| is_decided || said[*place].is_some()) {
            let error = if is_decided { E::ValueAlreadyPosted } else { E::AlreadyAttested };
            for value in 0..values(self.quorum) {
                let step = self.scene.attest(place, value);
                assert_eq!(self.scene.send(account, &step), Err(error), "{said:?}");
            }
        }
        for (step, error) in self.scene.foreign.clone() {
            assert_eq!(self.scene.send(account, &step), Err(error), "{said:?}");
        }
        for (step, error) in self.scene.invalid.clone() {
            let error = if is_decided { E::ValueAlreadyPosted } else { error };
            assert_eq!(self.scene.send(account, &step), Err(error), "{said:?}");
        }
    }

    /// Orders of attestations that lead to a decision, or to everybody having said something.
    pub fn orders(&self) -> u64 {
        let mut known = HashMap::new();
        self.orders_from(&vec![None; self.quorum.reporters as usize], &mut known)
    }

    fn orders_from(&self, said: &Said, known: &mut HashMap<Said, u64>) -> u64 {
        if let Some(orders) = known.get(said) {
            return *orders;
        }
        assert!(self.known.contains_key(said), "{said:?} was never reached");
        let is_end =
            round_of(&self.known[said]).status != RoundStatus::Open as u8 || said.iter().all(Option::is_some);
        let missing = (0..said.len()).filter(|place| said[*place].is_none());
        let orders = match is_end {
            true => 1,
            false => missing
                .flat_map(|place| (0..values(self.quorum)).map(move |value| (place, value)))
                .map(|(place, value)| {
                    let mut more = said.clone();
                    more[place] = Some(value);
                    self.orders_from(&more, known)
                })
                .sum(),
        };
        known.insert(said.clone(), orders);
        orders
    }
}
