//! A round of a market whose account is saved and restored, and every instruction that is tried on it, made once.

use lottery_rules::prediction::Quorum;
use program_tests::{
    AccountLayout, Instruction, Live, LotteryError as E, Pubkey, Spec, World,
    accounts::{Attestation, Round, attestations},
    address, ix,
    market::{facts, numbers, parimutuel, reporters},
};
use solana_account::{AccountSharedData, ReadableAccount};

use super::values;

/// Which config the lottery names while the round, of the first, is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Current {
    Own,
    /// Another oracle set, another quorum, another mapping.
    Rotated,
}

pub struct Scene {
    pub world: World,
    pub live: Live,
    /// The round when its event is over and nobody has said anything.
    pub start: AccountSharedData,
    /// The lottery before and after `update_config`.
    lotteries: [AccountSharedData; 2],
    /// By place of the reporter and value.
    attest: Vec<Vec<Instruction>>,
    pub void: Instruction,
    /// Attestations that are refused whatever was attested before, and why.
    pub foreign: Vec<(Instruction, E)>,
    /// Attestations by the first reporter that are refused as long as the round is open.
    pub invalid: Vec<(Instruction, E)>,
    grace_seconds: i64,
    pub sent: u64,
}

impl Scene {
    pub fn new(quorum: Quorum) -> Self {
        let count = quorum.reporters;
        let mut world = World::new();
        let spec = Spec::market(numbers(values(quorum))).oracles(count, quorum.needed);
        let game = world.create(spec);
        let live = world.open_round(&game);
        let before = world.chain.raw(game.key).expect("the lottery").clone();
        // The set of one more contains all of the first; all of it is needed, and every value of the first is even or odd here.
        let rotated = Spec::market(parimutuel()).oracles(count + 1, count + 1);
        world.add_oracles(count + 1);
        let update =
            ix::update_config(game.operator.owner, game.id, 1, &rotated.config, rotated.rules_bytes());
        world.chain.expect_ok(&update);
        let after = world.chain.raw(game.key).expect("the lottery").clone();
        let mut scene = Self {
            start: world.chain.raw(live.key).expect("the round").clone(),
            lotteries: [before, after],
            attest: Vec::new(),
            void: world.void_instruction(&live),
            foreign: Vec::new(),
            invalid: Vec::new(),
            grace_seconds: 0,
            sent: 0,
            world,
            live,
        };
        scene.make_instructions(quorum);
        scene.try_too_early();
        scene.start = scene.round_account();
        scene.world.chain.audited = false;
        scene
    }

    fn make_instructions(&mut self, quorum: Quorum) {
        let (world, live) = (&self.world, &self.live);
        let own = reporters(quorum.reporters);
        let all = reporters(quorum.reporters + 1);
        let (oracles, rotated) = (address::oracle_set(&own).0, address::oracle_set(&all).0);
        let other_config = address::config(&live.game.key, 1).0;
        let stranger = *all.iter().find(|reporter| !own.contains(reporter)).expect("one more");
        let args = |value: u8| world.attest_args(live, &[value as i64]);
        self.attest = own
            .iter()
            .map(|reporter| {
                let attest = |value| ix::attest(*reporter, live.key, live.config, oracles, &args(value));
                (0..values(quorum)).map(attest).collect()
            })
            .collect();
        let (mut outside, mut earlier) = (args(0), args(0));
        outside.facts = facts(&[values(quorum) as i64]);
        earlier.event_at -= 1;
        let of = |args| ix::attest(own[0], live.key, live.config, oracles, args);
        self.invalid = vec![(of(&outside), E::FactsOutOfRange), (of(&earlier), E::WrongEvent)];
        self.foreign = vec![
            (ix::attest(stranger, live.key, live.config, oracles, &args(0)), E::NotAReporter),
            (ix::attest(own[0], live.key, live.config, rotated, &args(0)), E::WrongOracleSet),
            (ix::attest(stranger, live.key, live.config, rotated, &args(0)), E::WrongOracleSet),
            (ix::attest(own[0], live.key, other_config, rotated, &args(0)), E::WrongConfig),
            (ix::attest(stranger, live.key, other_config, rotated, &args(0)), E::WrongConfig),
        ];
    }

    /// Before lock and before the event nobody can attest or void, so no state but the first exists then. Leaves the clock
    /// after the event and, in slots only, after grace.
    fn try_too_early(&mut self) {
        let attest = self.attest[0][0].clone();
        let void = self.void.clone();
        for current in [Current::Own, Current::Rotated] {
            self.name(current);
            self.world.chain.expect_error(&attest, E::RoundNotLocked);
            self.world.chain.expect_error(&void, E::RoundNotLocked);
        }
        self.world.lock(&self.live.clone());
        let round: Round = self.world.round(&self.live);
        self.grace_seconds = round.grace_seconds as i64;
        // In slots grace is over at once; in seconds not.
        self.world.chain.warp(0, round.target_slot + round.grace_slots as u64 - self.world.chain.slot());
        let wait = round.event_at - 1 - self.world.chain.now();
        self.world.chain.warp(wait, 0);
        for current in [Current::Own, Current::Rotated] {
            self.name(current);
            self.world.chain.expect_error(&attest, E::EventNotOver);
            self.world.chain.expect_error(&void, E::GraceNotOver);
        }
        self.world.chain.warp(1, 0);
    }

    pub fn attest(&self, place: usize, value: u8) -> Instruction {
        self.attest[place][value as usize].clone()
    }

    /// Lets the grace period pass, or turns time back to the end of the event.
    pub fn set_late(&mut self, late: bool) {
        let round: Round = self.world.round(&self.live);
        let at = round.event_at + if late { self.grace_seconds } else { 0 };
        self.world.chain.warp(at - self.world.chain.now(), 0);
    }

    /// The lottery names this config from now on.
    pub fn name(&mut self, current: Current) {
        let key = self.live.game.key;
        let account = self.lotteries[current as usize].clone();
        self.set(key, &account);
    }

    fn set(&mut self, key: Pubkey, account: &AccountSharedData) {
        let data = account.data().to_vec();
        self.world.chain.set(key, *account.owner(), account.lamports(), data);
    }

    pub fn round_account(&self) -> AccountSharedData {
        self.world.chain.raw(self.live.key).expect("the round").clone()
    }

    pub fn restore(&mut self, account: &AccountSharedData) {
        self.set(self.live.key, account);
    }

    /// From the state `account`; the round's account afterwards, or why it was refused, with nothing changed.
    #[track_caller]
    pub fn send(&mut self, account: &AccountSharedData, step: &Instruction) -> Result<AccountSharedData, E> {
        self.restore(account);
        self.sent += 1;
        let sent = self.world.chain.send(step);
        let after = self.round_account();
        match sent {
            Ok(_) => Ok(after),
            Err(refusal) => {
                assert!(after == *account, "{} changed the round", refusal.describe());
                Err(refusal.lottery().unwrap_or_else(|| panic!("{}", refusal.describe())))
            }
        }
    }
}

pub fn round_of(account: &AccountSharedData) -> Round {
    Round::read(account.data()).expect("a round")
}

pub fn attestations_of(account: &AccountSharedData) -> Vec<Attestation> {
    attestations(account.data()).collect()
}
