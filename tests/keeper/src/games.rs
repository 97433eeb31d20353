//! What the lotteries of a hall play.

use lottery_interface::{
    accounts::{KenoRules, RaffleRules},
    args::{ConfigArgs, LimitsArgs, RegistryArgs},
    instructions as ix,
    kinds::{Kind, Source},
};
use program_tests::{
    MarketRules, Rules, World,
    beacon::on_beacon,
    game::draw_rules,
    market::{numbers, pro_rata, tickets},
    raffle::{List, depth_of, first_come, places, unconfirmed},
};

use crate::{BUDGET_UNITS, STAKE_UNITS};

/// A kind of game and its source of randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HallGame {
    /// Keno on commit-reveal.
    Keno,
    /// A draw of 1 of 2 numbers on a beacon.
    BeaconDraw,
    /// Odd or even, the smaller side matched in full.
    ProRataMarket,
    /// Three outcomes, whose winners share all that losers staked.
    ParimutuelMarket,
    /// Places for a list of people with weights, on several pages.
    ListRaffle,
    /// Places for whoever comes first; nobody waits and nobody need confirm.
    FirstComeRaffle,
}

/// An offer of a place stands so long.
pub const OFFER_SECONDS: u32 = 15;

/// Places of the raffle for whoever comes first.
pub const FIRST_COME_PLACES: u32 = 10;

/// The event of a market is over so long after lock.
pub const EVENT_DELAY_SECONDS: u32 = 20;

/// 4 spots only, 2 of them 1x, 3 of them 4x, all 100x, an RTP of 72.6 %.
fn keno_rules() -> KenoRules {
    let mut paytable_bps = [[0; 11]; 10];
    paytable_bps[3] = [0, 0, 10_000, 40_000, 1_000_000, 0, 0, 0, 0, 0, 0];
    KenoRules { rtp_min_bps: 5_000, rtp_max_bps: 9_500, reserved: [0; 4], paytable_bps }
}

impl HallGame {
    pub fn is_market(self) -> bool {
        matches!(self, Self::ProRataMarket | Self::ParimutuelMarket)
    }

    pub fn is_raffle(self) -> bool {
        matches!(self, Self::ListRaffle | Self::FirstComeRaffle)
    }

    /// Makes a registry that allows the pair, and the beacon.
    pub fn prepare(self, world: &mut World) {
        match self {
            Self::Keno | Self::ListRaffle | Self::FirstComeRaffle => {
                let kind = if self.is_raffle() { Kind::Raffle } else { Kind::Keno };
                let mut allowed_sources = [0; 8];
                allowed_sources[kind as usize] = 1 << Source::CommitReveal as u8;
                let args = RegistryArgs { allowed_sources, ..world.registry_args() };
                world.chain.expect_ok(&ix::update_registry(world.authority, &args));
            }
            Self::BeaconDraw => {
                world.allow_beacon(Kind::Draw);
                world.add_own_beacon();
            }
            Self::ProRataMarket | Self::ParimutuelMarket => {
                world.add_oracles(3);
            }
        }
    }

    /// What a lottery is created with.
    pub fn args(self, period_seconds: u32, list: &List) -> (LimitsArgs, ConfigArgs, Vec<u8>) {
        let (limits, config) = (limits(period_seconds), config());
        match self {
            Self::Keno => (limits, config, Rules::from(keno_rules()).bytes().to_vec()),
            Self::BeaconDraw => {
                let limits = LimitsArgs {
                    max_stake_units: 0,
                    min_stake_units: 0,
                    page_budget_units: 0,
                    max_liability_units: 0,
                    ..limits
                };
                let kind = Kind::Draw as u8;
                let config = on_beacon(ConfigArgs { stake_units: STAKE_UNITS, kind, ..config });
                (limits, config, Rules::from(draw_rules(1, 2, 0, &[(1, 0, 10_000)])).bytes().to_vec())
            }
            Self::ProRataMarket => market(pro_rata(), limits, config),
            Self::ParimutuelMarket => market(numbers(3), limits, config),
            Self::ListRaffle | Self::FirstComeRaffle => raffle(self, list, limits, config),
        }
    }

    /// So many tickets, others in each round.
    pub fn tickets(self, count: usize, round_index: u64) -> Vec<u8> {
        let mut tickets = Vec::new();
        for ticket in 0..count as u64 {
            match self {
                Self::Keno => {
                    let first = 1 + ((round_index * 7 + ticket * 11) % 77) as u8;
                    tickets.extend(STAKE_UNITS.to_le_bytes());
                    tickets.extend([4, first, first + 1, first + 2, first + 3]);
                }
                Self::BeaconDraw => tickets.push(1 + ((round_index + ticket) % 2) as u8),
                Self::ProRataMarket => tickets.extend(bet(ticket, (ticket % 2) as u8)),
                Self::ParimutuelMarket => tickets.extend(bet(ticket, (ticket % 3) as u8)),
                Self::ListRaffle | Self::FirstComeRaffle => unreachable!("a crowd enters raffles"),
            }
        }
        tickets
    }
}

/// Up to three pages of four bets.
fn market(rules: MarketRules, limits: LimitsArgs, config: ConfigArgs) -> (LimitsArgs, ConfigArgs, Vec<u8>) {
    let limits = LimitsArgs {
        page_budget_units: 0,
        max_liability_units: 0,
        page_entries: 4,
        max_pages: 3,
        max_entries_per_round: 12,
        ..limits
    };
    let (kind, source) = (Kind::Prediction as u8, Source::Oracle as u8);
    let config = ConfigArgs { kind, source, reveal_delay_slots: 0, fee_bps: 500, ..config };
    let rules = rules.with(|rules| rules.event_delay_seconds = EVENT_DELAY_SECONDS);
    (limits, config, rules.bytes().to_vec())
}

/// A list on pages of a hundred, a large one on two pages; or whoever comes first, on pages of eight.
fn raffle(
    game: HallGame,
    list: &List,
    limits: LimitsArgs,
    config: ConfigArgs,
) -> (LimitsArgs, ConfigArgs, Vec<u8>) {
    let is_list = game == HallGame::ListRaffle;
    let people = if is_list { list.leaves.len() as u32 } else { 24 };
    let page_entries = match people {
        _ if !is_list => 8,
        2_000.. => people / 2,
        _ => 100,
    };
    let limits = LimitsArgs {
        max_stake_units: 0,
        min_stake_units: 0,
        page_budget_units: 0,
        max_liability_units: 0,
        page_entries,
        max_pages: people.div_ceil(page_entries),
        max_entries_per_round: people,
        ..limits
    };
    let config = ConfigArgs { stake_units: STAKE_UNITS, kind: Kind::Raffle as u8, ..config };
    let rules = if is_list { listed(list) } else { first_come(unconfirmed(FIRST_COME_PLACES)) };
    (limits, config, bytemuck::bytes_of(&rules).to_vec())
}

/// Half of those who enter have a rank; an offer stands for some seconds.
fn listed(list: &List) -> RaffleRules {
    let people = list.leaves.len() as u32;
    RaffleRules {
        root: list.root(),
        leaf_count: people,
        depth: depth_of(people as usize),
        confirm_seconds: OFFER_SECONDS,
        ..places(people / 10, people * 2 / 5)
    }
}

/// Stakes differ, so that the sides do.
fn bet(ticket: u64, outcome: u8) -> Vec<u8> {
    tickets(&[(STAKE_UNITS + 111 * ticket, outcome)])
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
        lock_offset_seconds: 0,
    }
}

fn config() -> ConfigArgs {
    ConfigArgs {
        beacon: [0; 32],
        stake_units: 0,
        grace_seconds: 120,
        grace_slots: 300,
        claim_seconds: 86_400,
        reveal_delay_slots: 1,
        beacon_margin_seconds: 0,
        fee_bps: 0,
        compensation_cap_bps: 2_000,
        kind: Kind::Keno as u8,
        source: Source::CommitReveal as u8,
        reserved: [0; 6],
    }
}
