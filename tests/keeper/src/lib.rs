//! A keeper and its lotteries on LiteSVM, with time in the test's hands.
//!
//! What the shell of the keeper does over RPC happens here in memory, step for step: every account of the program is read
//! and decoded, `plan` decides, `pack` makes transactions, the keeper's key signs them, and each is executed by the compiled
//! program before the next look. Players enter every round once, so that no round is empty.

mod beacon;
mod games;
mod look;
mod oracles;
mod players;
mod raffles;
mod turn;

use std::{collections::HashMap, sync::Arc};

use lottery_interface::{
    accounts::{Config, Lottery},
    args::LotteryArgs,
    instructions as ix,
};
use lottery_keeper::Reveals;
use lottery_rules::{
    commit_reveal::HashChain,
    hash::{Sha256, Software},
};
use program_tests::{Money, Player, World, address, audit};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub use beacon::BeaconState;
pub use games::{EVENT_DELAY_SECONDS, FIRST_COME_PLACES, HallGame, OFFER_SECONDS};
pub use oracles::{Reporting, facts_of};
pub use raffles::{Confirming, Crowd, Meddling, order_of, others};
pub use turn::Tally;

/// Milliseconds of a slot.
const SLOT_MS: i64 = 400;

/// How a hall's lotteries run.
#[derive(Clone, Copy, Debug)]
pub struct HallSpec {
    pub game: HallGame,
    pub lotteries: usize,
    pub period_seconds: u32,
    /// Links of each operator's hash chain.
    pub chain_length: u32,
    /// Tickets in a round, entered by one player.
    pub tickets: usize,
    /// People who enter each round of a raffle.
    pub people: usize,
    /// Sets keys apart between halls.
    pub seed: u64,
}

impl Default for HallSpec {
    fn default() -> Self {
        Self {
            game: HallGame::Keno,
            lotteries: 10,
            period_seconds: 5,
            chain_length: 400,
            tickets: 2,
            people: 0,
            seed: 0,
        }
    }
}

/// Lotteries with a player each, and one keeper that has the operators' secrets.
pub struct Hall {
    pub world: World,
    pub spec: HallSpec,
    pub lotteries: Vec<Pubkey>,
    players: HashMap<Pubkey, Player>,
    /// Of raffles, by lottery.
    pub crowds: HashMap<Pubkey, Crowd>,
    configs: HashMap<Pubkey, Config>,
    keeper: Keypair,
    /// What the keeper knows of the operators' hash chains.
    pub reveals: Arc<Reveals>,
    /// Seconds that a finished round stays.
    pub linger_seconds: i64,
    /// Players stay away: rounds are empty.
    pub deserted: bool,
    /// What the keeper sees of the beacon.
    pub beacon: BeaconState,
    /// What the reporters of markets do.
    pub reporting: Reporting,
    /// Who confirms a place.
    pub confirming: Confirming,
    /// What others do about the order of raffles.
    pub meddling: Meddling,
    /// The keeper is killed after each transaction, and started again with the next slot.
    pub one_transaction: bool,
    /// As the chain says it.
    last_restart_slot: u64,
    elapsed_ms: i64,
}

const STAKE_UNITS: u64 = 1_000;
const BUDGET_UNITS: u64 = 4_000_000;

impl Hall {
    pub fn new(spec: HallSpec) -> Self {
        let mut world = World::new();
        world.chain.audited = false;
        spec.game.prepare(&mut world);
        let keeper = Keypair::new_from_array(Software::hashv(&[b"keeper", &spec.seed.to_le_bytes()]));
        world.chain.set_lamports(keeper.pubkey(), u64::MAX / 8);
        let reveals = Arc::new(Reveals::default());
        let mut hall = Self {
            world,
            spec,
            lotteries: Vec::new(),
            players: HashMap::new(),
            crowds: HashMap::new(),
            confirming: Confirming::All,
            meddling: Meddling::None,
            one_transaction: false,
            configs: HashMap::new(),
            keeper,
            reveals,
            linger_seconds: 0,
            deserted: false,
            beacon: BeaconState::default(),
            reporting: Reporting::default(),
            last_restart_slot: 0,
            elapsed_ms: 0,
        };
        for _ in 0..spec.lotteries {
            hall.add_lottery();
        }
        hall
    }

    fn add_lottery(&mut self) {
        let spec = self.spec;
        let operator = self.world.player(Money::Sol, 100_000_000_000);
        let id = self.world.registry().next_lottery_id;
        let mint = self.world.mint(Money::Sol);
        let lottery = address::lottery(id).0;
        let args = LotteryArgs {
            name: [b'k'; 32],
            pauser: operator.owner.to_bytes(),
            treasurer: operator.owner.to_bytes(),
        };
        let secret = Software::hashv(&[b"chain", &id.to_le_bytes(), &spec.seed.to_le_bytes()]);
        let chain = HashChain::new(&secret, spec.chain_length).expect("a chain of some length");
        let commit = chain.link(0).expect("the public link");
        self.reveals.insert(lottery, chain);
        let owner = operator.owner;
        let crowd = Crowd::new(&mut self.world, &lottery, spec.people);
        let (limits, config, rules) = spec.game.args(spec.period_seconds, &crowd.list);
        self.crowds.insert(lottery, crowd);
        let mut steps = vec![
            ix::create_lottery(owner, id, mint, &args, &limits, &config, &rules),
            ix::fund_crank(owner, id, 500_000_000_000),
        ];
        if spec.game == HallGame::Keno || spec.game.is_raffle() {
            steps.extend([
                ix::set_chain(owner, id, &commit, spec.chain_length as u64),
                ix::fund_bond(owner, id, mint, 40 * BUDGET_UNITS),
            ]);
        }
        if spec.game == HallGame::Keno {
            steps.push(ix::fund_bankroll(owner, id, mint, 10 * BUDGET_UNITS));
        }
        steps.push(ix::activate_lottery(owner, id));
        for instruction in steps {
            self.world.chain.expect_ok(&instruction);
        }
        let account: Lottery = self.world.chain.account(lottery);
        let key = Pubkey::new_from_array(account.config);
        self.configs.insert(key, self.world.chain.account(key));
        self.lotteries.push(lottery);
        let player = self.world.player(Money::Sol, 100_000_000_000);
        self.players.insert(lottery, player);
    }

    /// Adds bond and bankroll for so many unfinished rounds to each lottery.
    pub fn fund(&mut self, rounds: u64) {
        let mint = self.world.mint(Money::Sol);
        for key in self.lotteries.clone() {
            let lottery = self.lottery(&key);
            let owner = Pubkey::new_from_array(lottery.operator);
            self.world.wallet_of(owner, Money::Sol, rounds * 3 * BUDGET_UNITS);
            let bankroll = ix::fund_bankroll(owner, lottery.id, mint, rounds * BUDGET_UNITS);
            let bond = ix::fund_bond(owner, lottery.id, mint, rounds * 2 * BUDGET_UNITS);
            self.world.chain.expect_ok(&[bankroll, bond]);
        }
    }

    /// Lets one slot pass.
    pub fn pass_slot(&mut self) {
        let before = self.elapsed_ms / 1_000;
        self.elapsed_ms += SLOT_MS;
        self.world.chain.warp(self.elapsed_ms / 1_000 - before, 1);
    }

    /// Lets time pass while no keeper is there.
    pub fn pass_outage(&mut self, seconds: i64) {
        self.world.chain.warp(seconds, (seconds * 1_000 / SLOT_MS) as u64);
    }

    /// One slot: time, the keeper, the players, whom the keeper's new rounds await, and the reporters.
    pub fn step(&mut self, tally: &mut Tally) {
        self.pass_slot();
        self.turn(tally);
        if !self.deserted {
            if self.spec.game.is_raffle() { self.enter_crowds(tally) } else { self.enter(tally) }
        }
        self.report();
        self.confirm_places(tally);
        self.meddle();
    }

    pub fn lottery(&self, lottery: &Pubkey) -> Lottery {
        self.world.chain.account(*lottery)
    }

    /// Rounds that are final, and rounds that should have locked within `seconds` but did not: late, re-timed or void ones.
    pub fn score(&self, seconds: u64) -> (u64, u64) {
        let period = self.spec.period_seconds as u64;
        // The first round opens with the first slot and locks one period later; the one that locks at the very end is
        // still on its way.
        let expected = seconds / period - 1;
        let (mut rounds, mut missed) = (0, 0);
        for key in &self.lotteries {
            let lottery = self.lottery(key);
            rounds += lottery.next_final_index;
            missed += expected.saturating_sub(lottery.next_final_index);
        }
        (rounds, missed)
    }

    /// Conservation, lamports behind every reward, counters that agree.
    pub fn audit(&self) {
        audit::check(&self.world.chain);
    }
}
