//! Rounds on a beacon: signatures, good and bad, on the chain and in the model; values that are public before the lock;
//! restarts of the cluster.

use lottery_rules::{beacon as rules, hash::Software};
use program_tests::{
    LotteryError as E,
    accounts::Round,
    beacon::{SCHEDULE, SECRET, own_proof, proof},
    kinds::{RoundStatus, Source, VoidReason},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    market::is_market,
    model::{Model, Outcome, RoundId, require},
    ops::Op,
    scene::Scene,
};

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    Short,
    Infinity,
    NotCanonical,
    NotOnCurve,
    Witness,
    OtherKey,
}

impl Flaw {
    const ALL: [Self; 6] =
        [Self::Short, Self::Infinity, Self::NotCanonical, Self::NotOnCurve, Self::Witness, Self::OtherKey];

    fn random(random: &mut ChaCha8Rng) -> Self {
        match random.random_bool(0.15) {
            true => Self::ALL[random.random_range(0..Self::ALL.len())],
            false => Self::None,
        }
    }
}

/// A signature of a round of the beacon, as it travels.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    pub round: u64,
    pub flaw: Flaw,
}

impl Signed {
    pub fn proof(&self) -> Vec<u8> {
        let mut good = own_proof(self.round);
        match self.flaw {
            Flaw::None => {}
            Flaw::Short => good.truncate(127),
            Flaw::Infinity => good[..64].fill(0),
            Flaw::NotCanonical => good[32..64].fill(255),
            Flaw::NotOnCurve => good[63] ^= 1,
            Flaw::Witness => good[100] ^= 16,
            Flaw::OtherKey => return proof(self.round, &rules::sign(&[9; 32], self.round)),
        }
        good
    }

    /// Whether it is accepted for `target`.
    fn verdict(&self, target: u64) -> Outcome {
        match self.flaw {
            Flaw::Short => Err(E::BeaconProofLength),
            Flaw::Infinity => Err(E::BeaconInfinity),
            Flaw::NotCanonical => Err(E::BeaconNotCanonical),
            Flaw::NotOnCurve => Err(E::BeaconNotOnCurve),
            Flaw::Witness => Err(E::BeaconWrongWitness),
            // Hashing another message needs other inverses.
            _ if self.round != target => Err(E::BeaconWrongWitness),
            Flaw::OtherKey => Err(E::BeaconWrongSignature),
            Flaw::None => Ok(()),
        }
    }
}

pub fn is_beacon(round: &Round) -> bool {
    round.source == Source::Beacon as u8
}

/// The first round of the tests' chain that is signed so late, counted out.
pub fn first_round_from(unix: i64) -> u64 {
    let period = SCHEDULE.period_seconds as i64;
    let since = unix - SCHEDULE.genesis_at;
    let mut round = since / period;
    while (round - 1) * period < since {
        round += 1;
    }
    round as u64
}

/// A signature for the round; sometimes of another, or a bad one.
pub fn sign_op(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let target = scene.model.games[id.0].rounds[&id.1].round.beacon_round.max(1);
    let round = match random.random_range(0..12) {
        0 => target + 1,
        1 => random.random_range(1..=target),
        _ => target,
    };
    Op::Sign(id, Signed { round, flaw: Flaw::random(random) })
}

/// A proof that the value is early: by the deciding round or a later one; sometimes by one before.
pub fn early_op(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let target = scene.model.games[id.0].rounds[&id.1].round.beacon_round.max(2);
    let claimed = match random.random_range(0..10) {
        0 => target - 1,
        1..4 => target + random.random_range(1..1_000),
        _ => target,
    };
    let round = if random.random_bool(0.05) { claimed + 1 } else { claimed };
    Op::ProveEarly(id, claimed, Signed { round, flaw: Flaw::random(random) })
}

/// A step for an open, locked round on a beacon.
pub fn locked_op(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let model = &scene.model;
    let r = &model.games[id.0].rounds[&id.1];
    let unsealed = r.round.pages_sealed < r.round.page_count;
    match random.random_range(0..12) {
        0 => Op::Void(id),
        1 => Op::Retime(id),
        2 => early_op(random, scene, id),
        3..8 if model.is_restarted(&r.round) || model.is_grace_over(&r.round) => Op::Void(id),
        3..6 if r.is_empty() && model.games[id.0].is_among_newest(&r.round) => Op::Retime(id),
        3..5 if unsealed => Op::Seal(id, r.round.pages_sealed),
        _ => sign_op(random, scene, id),
    }
}

impl Model {
    /// The cluster was restarted since the round opened.
    pub fn is_restarted(&self, round: &Round) -> bool {
        self.restart_slot > 0 && self.restart_slot >= round.opened_slot
    }

    /// `post_value` with the tests' beacon.
    pub fn sign(&mut self, id: RoundId, signed: &Signed) -> Outcome {
        let round = self.round(id).round;
        require(round.status != RoundStatus::Void as u8, E::RoundNotOpen)?;
        require(round.status == RoundStatus::Open as u8, E::ValueAlreadyPosted)?;
        require(self.is_locked(&round), E::RoundNotLocked)?;
        require(!is_market(&round), E::SourceNotAllowed)?;
        if !is_beacon(&round) {
            require(round.captured_slot != 0, E::SlotHashMissing)?;
            return Err(E::RevealMismatch);
        }
        require(self.now >= round.locks_at, E::RoundNotLocked)?;
        require(!self.is_restarted(&round), E::ClusterRestarted)?;
        signed.verdict(round.beacon_round)?;
        let r = self.round(id);
        r.round.value = rules::randomness::<Software>(&rules::sign(&SECRET, round.beacon_round));
        r.round.status = RoundStatus::Valued as u8;
        r.reward(1, 0);
        Ok(())
    }

    pub fn prove_early(&mut self, id: RoundId, claimed: u64, signed: &Signed) -> Outcome {
        let now = self.now;
        let r = self.round(id);
        require(is_beacon(&r.round), E::NotBeacon)?;
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(now < r.round.locks_at, E::NotEarly)?;
        require(claimed >= r.round.beacon_round, E::BeaconRoundBefore)?;
        signed.verdict(claimed)?;
        r.become_void(VoidReason::BeaconEarly, now);
        r.reward(1, 0);
        Ok(())
    }
}
