//! Raffles: their rules, lists of who may enter with everyone's proof, and rounds in which they enter.

mod ranking;

use lottery_interface::{
    accounts::{RaffleRules, RaffleState, raffle_state},
    address, instructions as ix,
    kinds::Kind,
};
use lottery_rules::{
    hash::Software,
    raffle::{
        Mode,
        merkle::{self, Leaf, NO_LEAF},
    },
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Live, Meta, Money, Player, Spec, World};

pub use ranking::sorting_places;

/// Fee of one place.
pub const FEE: u64 = 1_000_009;
/// Winners of [`places`] confirm within so many seconds.
pub const CONFIRM_SECONDS: u32 = 3_600;
/// What an offer costs that lapsed, in parts of 10,000.
pub const PENALTY_BPS: u16 = 1_000;

/// `capacity` places and `waiting` who wait, open to everybody, drawn; winners have an hour to confirm, and lose a tenth of the
/// fee if they do not.
pub fn places(capacity: u32, waiting: u32) -> RaffleRules {
    RaffleRules {
        root: [0; 32],
        capacity,
        waiting,
        leaf_count: 0,
        confirm_seconds: CONFIRM_SECONDS,
        penalty_bps: PENALTY_BPS,
        depth: 0,
        mode: Mode::Weighted as u8,
        prize_count: 0,
        reserved: [0; 3],
        prizes_bps: [0; 16],
    }
}

/// `capacity` places that nobody need confirm.
pub fn unconfirmed(capacity: u32) -> RaffleRules {
    RaffleRules { confirm_seconds: 0, penalty_bps: 0, ..places(capacity, 0) }
}

/// Prizes by rank, in parts of 10,000 of the pool after the fee.
pub fn prizes(shares_bps: &[u16]) -> RaffleRules {
    let mut rules = unconfirmed(shares_bps.len() as u32);
    rules.prize_count = shares_bps.len() as u8;
    rules.prizes_bps[..shares_bps.len()].copy_from_slice(shares_bps);
    rules
}

/// The same, but first come is first served.
pub fn first_come(rules: RaffleRules) -> RaffleRules {
    RaffleRules { mode: Mode::FirstCome as u8, ..rules }
}

impl Spec {
    /// A raffle for SOL, one page of 64 entries unless [`Spec::pages`] says otherwise.
    pub fn raffle(rules: RaffleRules) -> Self {
        let mut spec = Self { raffle: Some(rules), ..Self::default() };
        spec.config.kind = Kind::Raffle as u8;
        spec.config.stake_units = FEE;
        // Those who have a place pay their fee and nothing more.
        spec.config.fee_bps = if rules.prize_count == 0 { 0 } else { 500 };
        spec.pages(64, 1)
    }
}

/// Who may enter, and with what weight.
#[derive(Clone, Debug)]
pub struct List {
    pub leaves: Vec<Leaf>,
    /// From the leaves to the root.
    levels: Vec<Vec<[u8; 32]>>,
}

impl List {
    /// A tree of `depth` levels over people and their weights.
    pub fn new(lottery: &Pubkey, people: &[(Pubkey, u32)], depth: u8) -> Self {
        let leaf = |(index, (owner, weight)): (usize, &(Pubkey, u32))| Leaf {
            lottery: lottery.to_bytes(),
            index: index as u32,
            owner: owner.to_bytes(),
            weight: *weight,
        };
        let leaves: Vec<Leaf> = people.iter().enumerate().map(leaf).collect();
        let mut level: Vec<[u8; 32]> = leaves.iter().map(|leaf| leaf.hash::<Software>()).collect();
        level.resize(1 << depth, NO_LEAF);
        let mut levels = vec![level];
        for _ in 0..depth {
            let below = &levels[levels.len() - 1];
            let above = below.chunks(2).map(|pair| merkle::node::<Software>(&pair[0], &pair[1])).collect();
            levels.push(above);
        }
        Self { leaves, levels }
    }

    pub fn root(&self) -> [u8; 32] {
        self.levels[self.levels.len() - 1][0]
    }

    /// The siblings of a leaf, from the leaf up.
    pub fn proof(&self, index: u32) -> Vec<[u8; 32]> {
        let below_root = &self.levels[..self.levels.len() - 1];
        below_root.iter().enumerate().map(|(at, level)| level[(index as usize >> at) ^ 1]).collect()
    }

    /// What `enter` takes of this person: index, weight and proof.
    pub fn ticket(&self, index: u32) -> Vec<u8> {
        ticket(index, self.leaves[index as usize].weight, &self.proof(index))
    }
}

/// A ticket of a raffle with a list.
pub fn ticket(index: u32, weight: u32, proof: &[[u8; 32]]) -> Vec<u8> {
    [&index.to_le_bytes()[..], &weight.to_le_bytes(), proof.as_flattened()].concat()
}

/// Levels of the lowest tree that has a leaf for each of `people`.
pub fn depth_of(people: usize) -> u8 {
    people.next_power_of_two().trailing_zeros() as u8
}

/// An open round of a raffle with a list.
#[derive(Clone)]
pub struct Raffle {
    pub live: Live,
    pub list: List,
    /// By their place in the list.
    pub players: Vec<Player>,
}

impl World {
    /// A raffle for a list of new people, one for each weight, on a tree as low as can be; all pages are open and nobody has
    /// entered yet. What the rules of `spec` say about the list does not matter.
    #[track_caller]
    pub fn listed(&mut self, spec: Spec, weights: &[u32]) -> Raffle {
        self.listed_in(spec, weights, depth_of(weights.len()))
    }

    /// As [`World::listed`], on a tree of `depth` levels.
    #[track_caller]
    pub fn listed_in(&mut self, mut spec: Spec, weights: &[u32], depth: u8) -> Raffle {
        let balance = 10 * spec.config.stake_units;
        let players: Vec<Player> = weights.iter().map(|_| self.player(spec.money, balance)).collect();
        let people: Vec<(Pubkey, u32)> =
            players.iter().zip(weights).map(|(player, weight)| (player.owner, *weight)).collect();
        let lottery = address::lottery(self.registry().next_lottery_id).0;
        let list = List::new(&lottery, &people, depth);
        let rules = spec.raffle.as_mut().expect("a raffle");
        (rules.root, rules.leaf_count, rules.depth) = (list.root(), people.len() as u32, depth);
        let game = self.create(spec);
        let live = self.open_round(&game);
        self.open_all_pages(&live);
        Raffle { live, list, players }
    }

    /// Opens every page that a list needs.
    #[track_caller]
    pub fn open_all_pages(&mut self, live: &Live) {
        while self.round(live).entries_allotted < self.round(live).max_entries {
            self.open_page(live);
        }
    }

    /// A raffle open to everybody, its first page open.
    #[track_caller]
    pub fn open_raffle(&mut self, spec: Spec) -> Live {
        let game = self.create(spec);
        self.open(&game)
    }

    /// New people, each with one place of an open raffle, on pages that are opened as they fill up.
    #[track_caller]
    pub fn enter_people(&mut self, live: &Live, count: u32) -> Vec<Player> {
        let mut people = Vec::new();
        for _ in 0..count {
            let mut last = self.round(live).page_count - 1;
            let page = self.page(live, last);
            if page.count == page.capacity {
                last = self.open_page(live);
            }
            let player = self.player(Money::Sol, 10 * FEE);
            self.enter_quick(live, &player, last, 1);
            people.push(player);
        }
        people
    }

    /// A raffle of `count` people without a list, settled.
    #[track_caller]
    pub fn settled_raffle(&mut self, spec: Spec, count: u32) -> (Live, Vec<Player>) {
        let live = self.open_raffle(spec);
        let people = self.enter_people(&live, count);
        self.to_settled(&live);
        (live, people)
    }

    /// The same, ranked by the cranker and final.
    #[track_caller]
    pub fn final_raffle(&mut self, spec: Spec, count: u32) -> (Live, Vec<Player>) {
        let (live, people) = self.settled_raffle(spec, count);
        if count > 0 {
            self.rank(&live);
        }
        self.finalise(&live);
        (live, people)
    }

    /// A person of the list enters.
    pub fn enter_leaf_instruction(&self, raffle: &Raffle, index: u32) -> Instruction {
        let sequence = index / self.round(&raffle.live).page_entries;
        let player = &raffle.players[index as usize];
        self.enter_instruction(&raffle.live, player, sequence, 0, &raffle.list.ticket(index))
    }

    #[track_caller]
    pub fn enter_leaf(&mut self, raffle: &Raffle, index: u32) -> Meta {
        let sequence = index / self.round(&raffle.live).page_entries;
        let (player, ticket) = (raffle.players[index as usize], raffle.list.ticket(index));
        self.enter_bytes(&raffle.live, &player, sequence, 0, &ticket, 1)
    }

    /// Everyone on the list enters, in its order.
    #[track_caller]
    pub fn enter_list(&mut self, raffle: &Raffle) {
        for index in 0..raffle.players.len() as u32 {
            self.enter_leaf(raffle, index);
        }
    }

    #[track_caller]
    pub fn raffle_state(&self, live: &Live) -> RaffleState {
        raffle_state(self.chain.data(live.key)).expect("a raffle")
    }

    /// Takes all fees out of the lottery; how many units there were.
    #[track_caller]
    pub fn take_fees(&mut self, live: &Live) -> u64 {
        let (game, units) = (live.game.clone(), self.lottery(&live.game).fees_units);
        self.wallet_of(game.treasurer, game.spec.money, 0);
        if units > 0 {
            self.chain.expect_ok(&ix::withdraw_fees(game.treasurer, game.id, game.mint, units));
        }
        units
    }
}
