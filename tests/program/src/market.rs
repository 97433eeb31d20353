//! Prediction markets: their rules, bets as `enter` takes them, reporters, and the way from lock to final.

use bytemuck::{Pod, Zeroable};
use lottery_interface::{
    accounts::{self, Attestation, PredictionRange, PredictionRules, Round},
    address,
    args::{AttestArgs, LimitsArgs},
    instructions as ix,
    kinds::{Kind, RoundStatus, Source},
};
use lottery_rules::{
    hash::{Sha256, Software},
    prediction::{Facts, MAX_RANGES, Mapping, MappingKind, Mode, Range},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Live, Meta, Player, Spec, World, world::LAMPORTS};

/// What reporters say they fetched.
pub const EVIDENCE: [u8; 32] = [0xe7; 32];

/// Rules with their ranges, as the config stores them: the first `range_count` ranges count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct MarketRules {
    pub header: PredictionRules,
    pub ranges: [PredictionRange; MAX_RANGES],
}

impl MarketRules {
    /// As `create_lottery` takes them.
    pub fn bytes(&self) -> &[u8] {
        let used = (self.header.range_count as usize).min(MAX_RANGES);
        let len = size_of::<PredictionRules>() + used * size_of::<PredictionRange>();
        &bytemuck::bytes_of(self)[..len]
    }

    /// Reads the rules behind a config's struct.
    pub fn from_tail(tail: &[u8]) -> Self {
        let mut rules = Self::zeroed();
        bytemuck::bytes_of_mut(&mut rules)[..tail.len()].copy_from_slice(tail);
        rules
    }

    pub fn mode(&self) -> Mode {
        Mode::from_byte(self.header.mode).expect("a known mode")
    }

    /// The outcome, from 0, of facts, by the rules crate.
    pub fn outcome(&self, facts: &Facts) -> u8 {
        let ranges: Vec<Range> = self.ranges[..self.header.range_count as usize]
            .iter()
            .map(|range| Range { low: range.low, high: range.high })
            .collect();
        let mapping = Mapping {
            kind: MappingKind::from_byte(self.header.mapping).expect("a known mapping"),
            outcomes: self.header.outcome_count,
            fact_count: self.header.fact_count,
            subject: self.header.subject,
            other: self.header.other,
            tie: self.header.tie,
            minimum: self.header.minimum,
            maximum: self.header.maximum,
            ranges: &ranges,
        };
        mapping.outcome(facts).expect("facts within the mapping")
    }

    /// Changes what `change` changes.
    pub fn with(mut self, change: impl FnOnce(&mut PredictionRules)) -> Self {
        change(&mut self.header);
        self
    }

    /// With these ranges, both ends included.
    pub fn with_ranges(mut self, ranges: &[(i64, i64)]) -> Self {
        self.header.range_count = ranges.len() as u8;
        for (place, (low, high)) in self.ranges.iter_mut().zip(ranges) {
            *place = PredictionRange { low: *low, high: *high };
        }
        self
    }
}

/// The tests' reporters: the first `count` of one list, ascending, as their oracle set has them.
pub fn reporters(count: u8) -> Vec<Pubkey> {
    let key = |nth: u8| Pubkey::new_from_array(Software::hashv(&[b"reporter", &[nth]]));
    let mut all: Vec<Pubkey> = (0..count).map(key).collect();
    all.sort();
    all
}

/// One fact from 0 to 99, of which the first of three reporters that agree with another decide: odd or even.
fn parity(mode: Mode) -> MarketRules {
    let header = PredictionRules {
        oracles: address::oracle_set(&reporters(3)).0.to_bytes(),
        minimum: 0,
        maximum: 99,
        event_delay_seconds: 30,
        mode: mode as u8,
        outcome_count: 2,
        mapping: MappingKind::Parity as u8,
        fact_count: 1,
        subject: 1,
        other: 0,
        tie: 0,
        quorum: 2,
        reporter_count: 3,
        range_count: 0,
        reserved: [0; 2],
    };
    MarketRules { header, ranges: Zeroable::zeroed() }
}

/// Odd or even, the smaller side matched in full. Outcome 0: even.
pub fn pro_rata() -> MarketRules {
    parity(Mode::ProRata)
}

/// Odd or even, winners share all that losers staked. Outcome 0: even.
pub fn parimutuel() -> MarketRules {
    parity(Mode::Parimutuel)
}

/// Each number from 0 to `outcomes - 1` is an outcome; winners share all that losers staked.
pub fn numbers(outcomes: u8) -> MarketRules {
    parimutuel().with(|rules| {
        rules.mapping = MappingKind::Number as u8;
        rules.outcome_count = outcomes;
        rules.maximum = outcomes as i64 - 1;
    })
}

/// Outcome `i` is range `i`, of numbers from the first range's least to the last one's greatest.
pub fn in_ranges(ranges: &[(i64, i64)]) -> MarketRules {
    parimutuel().with_ranges(ranges).with(|rules| {
        rules.mapping = MappingKind::Ranges as u8;
        rules.outcome_count = ranges.len() as u8;
        rules.minimum = ranges[0].0;
        rules.maximum = ranges[ranges.len() - 1].1;
    })
}

/// Facts of one attestation, padded with zeros.
pub fn facts(some: &[i64]) -> Facts {
    let mut all = Facts::default();
    all[..some.len()].copy_from_slice(some);
    all
}

/// Bets as `enter` takes them: (stake, outcome from 0).
pub fn tickets(bets: &[(u64, u8)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (stake_units, outcome) in bets {
        bytes.extend(stake_units.to_le_bytes());
        bytes.push(*outcome);
    }
    bytes
}

impl Spec {
    /// A market for SOL: 64 entries a page, 5 % fee, a round a minute, stakes from 1,000 to a billion, two of three reporters
    /// decide from 30 seconds after lock on.
    pub fn market(rules: MarketRules) -> Self {
        let mut spec = Self::default();
        spec.limits = LimitsArgs { min_stake_units: 1_000, max_stake_units: 1_000_000_000, ..spec.limits };
        spec.config.kind = Kind::Prediction as u8;
        spec.config.source = Source::Oracle as u8;
        spec.config.stake_units = 0;
        spec.config.reveal_delay_slots = 0;
        spec.config.compensation_cap_bps = 0;
        Self { rules: rules.into(), bond_units: 0, ..spec }
    }

    /// `quorum` of `count` reporters decide.
    pub fn oracles(mut self, count: u8, quorum: u8) -> Self {
        let rules = self.rules.market_mut();
        rules.header.oracles = address::oracle_set(&reporters(count)).0.to_bytes();
        rules.header.reporter_count = count;
        rules.header.quorum = quorum;
        self
    }

    /// Reporters attest so long after lock.
    pub fn event_delay(mut self, seconds: u32) -> Self {
        self.rules.market_mut().header.event_delay_seconds = seconds;
        self
    }
}

impl World {
    /// Makes the oracle set of the first `count` reporters, if it is not there yet, and gives each of them lamports.
    #[track_caller]
    pub fn add_oracles(&mut self, count: u8) -> Pubkey {
        let reporters = reporters(count);
        let key = address::oracle_set(&reporters).0;
        if !self.chain.exists(key) {
            self.chain.expect_ok(&ix::create_oracle_set(self.authority, &reporters));
        }
        for reporter in reporters {
            if !self.chain.exists(reporter) {
                self.chain.set_lamports(reporter, LAMPORTS);
            }
        }
        key
    }

    // Betting.

    /// Bets from a wallet: (stake, outcome from 0).
    pub fn bet_instruction(
        &self,
        live: &Live,
        player: &Player,
        sequence: u32,
        bets: &[(u64, u8)],
    ) -> Instruction {
        self.enter_instruction(live, player, sequence, 0, &tickets(bets))
    }

    /// As [`World::bet_instruction`]; it must succeed, and is remembered for the digest.
    #[track_caller]
    pub fn bet(&mut self, live: &Live, player: &Player, sequence: u32, bets: &[(u64, u8)]) -> Meta {
        self.enter_bytes(live, player, sequence, 0, &tickets(bets), bets.len() as u32)
    }

    // Reading.

    /// Stakes on each outcome, of the pages sealed so far.
    pub fn round_pools(&self, live: &Live) -> Vec<u64> {
        accounts::round_pools(self.chain.data(live.key)).collect()
    }

    /// Stakes on each outcome of a page.
    pub fn page_pools(&self, live: &Live, sequence: u32) -> Vec<u64> {
        accounts::page_pools(self.chain.data(live.page(sequence))).collect()
    }

    /// What each reporter attested, by their place in the oracle set.
    pub fn attestations(&self, live: &Live) -> Vec<Attestation> {
        accounts::attestations(self.chain.data(live.key)).collect()
    }

    // Attesting.

    /// What a reporter attests of a round: these facts, of the round's own event.
    pub fn attest_args(&self, live: &Live, some: &[i64]) -> AttestArgs {
        AttestArgs { facts: facts(some), evidence: EVIDENCE, event_at: self.round(live).event_at }
    }

    /// The reporter at this place of the round's oracle set attests facts.
    pub fn attest_instruction(&self, live: &Live, reporter: u8, some: &[i64]) -> Instruction {
        let all = reporters(self.round(live).reporter_count);
        let oracles = address::oracle_set(&all).0;
        ix::attest(all[reporter as usize], live.key, live.config, oracles, &self.attest_args(live, some))
    }

    #[track_caller]
    pub fn attest(&mut self, live: &Live, reporter: u8, some: &[i64]) -> Meta {
        let attest = self.attest_instruction(live, reporter, some);
        self.chain.expect_ok(&attest)
    }

    /// Lets time pass until reporters may attest, and slots as long.
    pub fn reach_event(&mut self, live: &Live) {
        self.lock(live);
        let round: Round = self.round(live);
        let seconds = (round.event_at - self.chain.now()).max(0);
        let slots = round.target_slot.saturating_sub(self.chain.slot());
        self.chain.warp(seconds, slots);
    }

    /// As many reporters as the quorum needs attest the same facts, in the order of their set.
    #[track_caller]
    pub fn decide(&mut self, live: &Live, some: &[i64]) {
        for reporter in 0..self.round(live).quorum {
            self.attest(live, reporter, some);
        }
        assert_eq!(self.status(live), RoundStatus::Valued);
    }

    /// From open to drawn: the event is over, pages are sealed, reporters agree.
    #[track_caller]
    pub fn market_to_drawn(&mut self, live: &Live, some: &[i64]) {
        self.reach_event(live);
        self.seal_all(live);
        self.decide(live, some);
        self.draw(live);
    }

    /// From open to final.
    #[track_caller]
    pub fn market_to_final(&mut self, live: &Live, some: &[i64]) {
        self.market_to_drawn(live, some);
        self.settle_all(live);
        self.finalise(live);
    }
}
