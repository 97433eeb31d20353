//! Reporters of prediction markets: what happened, who says so, who lies, and who is silent.

use program_tests::{Pubkey, address};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    market::{Attest, Facts, Market},
    model::{RoundId, RoundModel},
    ops::Op,
    scene::{PLAYERS, Scene},
};

/// How the reporters of a round are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Most tell the truth.
    Honest,
    /// Most lie, each in one of a few ways.
    Lying,
    /// Nobody says anything.
    Silent,
}

/// What happened in the event of a round, the same whenever it is asked for.
pub struct Event {
    pub mood: Mood,
    /// The truth, then lies.
    pub accounts: Vec<Facts>,
    /// Everybody bets on this one.
    pub favourite: Option<u8>,
}

impl Event {
    pub fn of(id: RoundId, r: &RoundModel) -> Self {
        let seed = (id.0 as u64) << 48 | id.1 << 16 | r.round.retimes as u64;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let market = Market::of(&r.rules).expect("a market");
        let accounts: Vec<Facts> = (0..4).map(|_| some_facts(&mut random, &market)).collect();
        let mood = match random.random_range(0..20) {
            0..15 => Mood::Honest,
            15..18 => Mood::Lying,
            _ => Mood::Silent,
        };
        // Of many outcomes hardly one would be right otherwise.
        let favourite = match random.random_bool(0.3) {
            true => market.outcome(&accounts[0]).expect("within the bounds"),
            false => random.random_range(0..r.round.outcome_count),
        };
        Self { mood, accounts, favourite: random.random_bool(0.4).then_some(favourite) }
    }

    pub fn truth(&self) -> &Facts {
        &self.accounts[0]
    }
}

/// Facts whose sums lie within the bounds; bounds of sums of several have 0 between them.
fn some_facts(random: &mut ChaCha8Rng, market: &Market) -> Facts {
    let rules = &market.rules;
    let addends = rules.subject.count_ones().max(rules.other.count_ones()) as i64;
    let (low, high) = (rules.minimum / addends, rules.maximum / addends);
    let mut facts = [0; 8];
    for fact in &mut facts[..rules.fact_count as usize] {
        *fact = random.random_range(low..=high);
    }
    facts
}

/// A reporter of the round's set who was not heard yet, with the truth or a lie; sometimes anybody, with anything.
pub fn attest_op(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let r = &scene.model.games[id.0].rounds[&id.1];
    let Some(market) = Market::of(&r.rules) else { return wrong_kind(random, scene, id) };
    let event = Event::of(id, r);
    let oracles = Pubkey::new_from_array(market.rules.oracles);
    let own = scene.sets.iter().find(|set| set.key == oracles).expect("a set of the scene");
    let missing: Vec<Pubkey> = own
        .reporters
        .iter()
        .zip(&r.attestations)
        .filter(|(_, attestation)| attestation.attested_at == 0)
        .map(|(reporter, _)| *reporter)
        .collect();
    let reporter = match random.random_range(0..20) {
        // Mostly of the largest set only.
        0 => *scene.sets[4].reporters.choose(random).expect("some"),
        1 => scene.people[random.random_range(0..PLAYERS)],
        2 => *own.reporters.choose(random).expect("some"),
        _ => *missing.choose(random).unwrap_or(&own.reporters[0]),
    };
    let lies = match event.mood {
        Mood::Lying => random.random_bool(0.75),
        _ => random.random_bool(0.2),
    };
    let mut facts = if lies { event.accounts[random.random_range(1..4)] } else { *event.truth() };
    match random.random_range(0..60) {
        0 => facts[0] = market.rules.maximum + 1,
        1 => facts[0] = market.rules.minimum - 1,
        2 => facts[7] = 1,
        3 => facts = [i64::MAX; 8],
        _ => {}
    }
    let event_at = match random.random_range(0..30) {
        0 => r.round.event_at - 1,
        1 => r.round.locks_at - 1,
        _ => r.round.event_at,
    };
    let set = match random.random_range(0..30) {
        0 => scene.sets.choose(random).expect("some"),
        _ => own,
    };
    let config = match random.random_range(0..30) {
        0 => {
            let lottery = &scene.model.games[id.0].lottery;
            address::config(&scene.model.games[id.0].game.key, random.random_range(0..lottery.config_count)).0
        }
        _ => Pubkey::new_from_array(r.round.config),
    };
    let (set, oracles) = (set.reporters.clone(), set.key);
    Op::Attest(
        id,
        Box::new(Attest { reporter, set, oracles, config, facts, evidence: random.random(), event_at }),
    )
}

/// An attestation about a round that draws its result.
fn wrong_kind(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let round = &scene.model.games[id.0].rounds[&id.1].round;
    let set = &scene.sets[0];
    let attest = Attest {
        reporter: set.reporters[0],
        set: set.reporters.clone(),
        oracles: set.key,
        config: Pubkey::new_from_array(round.config),
        facts: [1; 8],
        evidence: random.random(),
        event_at: round.event_at,
    };
    Op::Attest(id, Box::new(attest))
}

/// A step for the open, locked round of a market.
pub fn locked_market_op(random: &mut ChaCha8Rng, scene: &Scene, id: RoundId) -> Op {
    let model = &scene.model;
    let r = &model.games[id.0].rounds[&id.1];
    let unsealed = r.round.pages_sealed < r.round.page_count;
    let is_silent = Event::of(id, r).mood == Mood::Silent;
    match random.random_range(0..16) {
        0 => Op::Void(id),
        1 => Op::Retime(id),
        2..10 if r.is_empty() && model.games[id.0].is_among_newest(&r.round) => Op::Retime(id),
        2..9 if r.is_split() => Op::Void(id),
        2..5 if unsealed => Op::Seal(id, r.round.pages_sealed),
        2..12 if is_silent || (unsealed && model.now < r.round.event_at) => match unsealed {
            true => Op::Seal(id, r.round.pages_sealed),
            false => Op::Void(id),
        },
        // Almost nobody: one of many may have spoken before all fell silent.
        _ if is_silent && random.random_bool(0.9) => Op::Void(id),
        _ => attest_op(random, scene, id),
    }
}

/// An oracle set on the chain.
pub struct OracleSet {
    pub key: Pubkey,
    /// By place.
    pub reporters: Vec<Pubkey>,
}

impl OracleSet {
    pub fn new(reporters: &[Pubkey]) -> Self {
        let mut reporters = reporters.to_vec();
        reporters.sort();
        Self { key: address::oracle_set(&reporters).0, reporters }
    }
}
