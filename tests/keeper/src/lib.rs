//! A keeper and its lotteries on LiteSVM, with time in the test's hands.
//!
//! What the shell of the keeper does over RPC happens here in memory, step for step: every account of the program is read
//! and decoded, `plan` decides, `pack` makes transactions, the keeper's key signs them, and each is executed by the compiled
//! program before the next look. Players enter every round once, so that no round is empty.

mod look;
mod players;
mod turn;

use std::{collections::HashMap, sync::Arc};

use lottery_interface::{
    accounts::{Config, KenoRules, Lottery},
    args::{ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs},
    instructions as ix,
    kinds::{Kind, Source},
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

pub use turn::Tally;

/// Milliseconds of a slot.
const SLOT_MS: i64 = 400;

/// Rules that every lottery of a hall has: 4 spots only, 2 of them 1x, 3 of them 4x, all 100x, an RTP of 72.6 %.
fn keno_rules() -> KenoRules {
    let mut paytable_bps = [[0; 11]; 10];
    paytable_bps[3] = [0, 0, 10_000, 40_000, 1_000_000, 0, 0, 0, 0, 0, 0];
    KenoRules { rtp_min_bps: 5_000, rtp_max_bps: 9_500, reserved: [0; 4], paytable_bps }
}

/// How a hall's lotteries run.
#[derive(Clone, Copy, Debug)]
pub struct HallSpec {
    pub lotteries: usize,
    pub period_seconds: u32,
    /// Links of each operator's hash chain.
    pub chain_length: u32,
    /// Tickets in a round, entered by one player.
    pub tickets: usize,
    /// Sets keys apart between halls.
    pub seed: u64,
}

impl Default for HallSpec {
    fn default() -> Self {
        Self { lotteries: 10, period_seconds: 5, chain_length: 400, tickets: 2, seed: 0 }
    }
}

/// Keno lotteries with a player each, and one keeper that has the operators' secrets.
pub struct Hall {
    pub world: World,
    pub spec: HallSpec,
    pub lotteries: Vec<Pubkey>,
    players: HashMap<Pubkey, Player>,
    configs: HashMap<Pubkey, Config>,
    keeper: Keypair,
    /// What the keeper knows of the operators' hash chains.
    pub reveals: Arc<Reveals>,
    /// Seconds that a finished round stays.
    pub linger_seconds: i64,
    /// Players stay away: rounds are empty.
    pub deserted: bool,
    elapsed_ms: i64,
}

const STAKE_UNITS: u64 = 1_000;
const BUDGET_UNITS: u64 = 4_000_000;

impl Hall {
    pub fn new(spec: HallSpec) -> Self {
        let mut world = World::new();
        world.chain.audited = false;
        allow_keno(&mut world);
        let keeper = Keypair::new_from_array(Software::hashv(&[b"keeper", &spec.seed.to_le_bytes()]));
        world.chain.set_lamports(keeper.pubkey(), u64::MAX / 8);
        let reveals = Arc::new(Reveals::default());
        let mut hall = Self {
            world,
            spec,
            lotteries: Vec::new(),
            players: HashMap::new(),
            configs: HashMap::new(),
            keeper,
            reveals,
            linger_seconds: 0,
            deserted: false,
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
        let (limits, config, rules) = (limits(spec.period_seconds), config(), keno_rules());
        for instruction in [
            ix::create_lottery(owner, id, mint, &args, &limits, &config, bytemuck::bytes_of(&rules)),
            ix::set_chain(owner, id, &commit, spec.chain_length as u64),
            ix::fund_bankroll(owner, id, mint, 10 * BUDGET_UNITS),
            ix::fund_bond(owner, id, mint, 40 * BUDGET_UNITS),
            ix::fund_crank(owner, id, 500_000_000_000),
            ix::activate_lottery(owner, id),
        ] {
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

    /// One slot: time, the keeper, the players, whom the keeper's new rounds await.
    pub fn step(&mut self, tally: &mut Tally) {
        self.pass_slot();
        self.turn(tally);
        if !self.deserted {
            self.enter(tally);
        }
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

fn allow_keno(world: &mut World) {
    let mut allowed_sources = [0; 8];
    allowed_sources[Kind::Keno as usize] = 1 << Source::CommitReveal as u8;
    let args = RegistryArgs { allowed_sources, ..world.registry_args() };
    world.chain.expect_ok(&ix::update_registry(world.authority, &args));
}

fn limits(period_seconds: u32) -> LimitsArgs {
    LimitsArgs {
        max_stake_units: 2 * STAKE_UNITS,
        min_stake_units: STAKE_UNITS,
        page_budget_units: BUDGET_UNITS,
        max_liability_units: BUDGET_UNITS,
        page_entries: 20,
        max_pages: 1,
        max_entries_per_round: 20,
        max_entries_per_player: 0,
        period_seconds,
        reward_step_lamports: 5_000,
        reward_item_lamports: 100,
        reserved: 0,
    }
}

fn config() -> ConfigArgs {
    ConfigArgs {
        stake_units: 0,
        grace_seconds: 120,
        grace_slots: 300,
        claim_seconds: 86_400,
        reveal_delay_slots: 1,
        fee_bps: 0,
        compensation_cap_bps: 2_000,
        kind: Kind::Keno as u8,
        source: Source::CommitReveal as u8,
        reserved: [0; 2],
    }
}
