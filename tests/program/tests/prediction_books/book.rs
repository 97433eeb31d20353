//! Random books, and what each must come to.

use lottery_rules::prediction::Mode;
use num_bigint::BigUint;
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{MAX_PAGES, PAGE_ENTRIES, PLAYERS};

#[derive(Clone, Copy, Debug)]
pub struct Bet {
    pub player: usize,
    pub stake_units: u64,
    pub outcome: u8,
}

/// All bets of a round, in the order in which they are entered, and what will happen.
#[derive(Debug)]
pub struct Book {
    pub mode: Mode,
    pub outcomes: u8,
    pub fee_bps: u16,
    pub bets: Vec<Bet>,
    pub won: u8,
}

/// What a book comes to.
#[derive(Debug)]
pub struct Expected {
    pub refund_all: bool,
    /// 1: won; 2: lost, and a part was not taken; 0: lost.
    pub tiers: Vec<u8>,
    /// By bet.
    pub back: Vec<BigUint>,
    pub winning: BigUint,
    pub matched: BigUint,
    pub fee: BigUint,
    pub dust: BigUint,
}

impl Book {
    pub fn total(&self, is_wanted: impl Fn(&Bet) -> bool) -> BigUint {
        self.bets.iter().filter(|bet| is_wanted(bet)).map(|bet| BigUint::from(bet.stake_units)).sum()
    }

    pub fn expected(&self) -> Expected {
        let nothing = BigUint::ZERO;
        let (pool, winning) = (self.total(|_| true), self.total(|bet| bet.outcome == self.won));
        let lost = &pool - &winning;
        let stakes = || self.bets.iter().map(|bet| BigUint::from(bet.stake_units));
        if winning == nothing || lost == nothing {
            return Expected {
                refund_all: true,
                tiers: vec![0; self.bets.len()],
                back: stakes().collect(),
                winning,
                matched: nothing.clone(),
                fee: nothing.clone(),
                dust: nothing,
            };
        }
        let matched = match self.mode {
            Mode::ProRata if winning < lost => winning.clone(),
            _ => lost.clone(),
        };
        let fee = &matched * self.fee_bps / 10_000u32;
        let (gain, rest) = (&matched - &fee, &lost - &matched);
        let back: Vec<BigUint> = self
            .bets
            .iter()
            .zip(stakes())
            .map(|(bet, stake)| match bet.outcome == self.won {
                true => &stake + &stake * &gain / &winning,
                false => &stake * &rest / &lost,
            })
            .collect();
        let tier = |bet: &Bet| match (bet.outcome == self.won, rest != nothing) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        };
        let tiers: Vec<u8> = self.bets.iter().map(tier).collect();
        let paid: BigUint = back.iter().sum();
        let dust = &pool - &fee - paid;
        // Rounding down loses less than a unit of each that is paid, and never adds one: the subtraction did not panic.
        assert!(dust < BigUint::from(tiers.iter().filter(|tier| **tier > 0).count()), "{self:?}");
        Expected { refund_all: false, tiers, back, winning, matched, fee, dust }
    }
}

/// How a book is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Any,
    OneBet,
    AllRight,
    NobodyRight,
    Equal,
    WinnersOneMore,
    LosersOneMore,
    OneUnitWins,
    OneUnitLoses,
    Units,
}

impl Shape {
    pub const ALL: [Self; 10] = [
        Self::Any,
        Self::OneBet,
        Self::AllRight,
        Self::NobodyRight,
        Self::Equal,
        Self::WinnersOneMore,
        Self::LosersOneMore,
        Self::OneUnitWins,
        Self::OneUnitLoses,
        Self::Units,
    ];
}

/// A stake of any size: every power of two is as likely.
fn any_stake(random: &mut ChaCha8Rng) -> u64 {
    let bits = random.random_range(0..=58u32);
    random.random_range(1..=1u64 << bits)
}

/// A book of this shape that the players can afford.
pub fn random_book(random: &mut ChaCha8Rng, shape: Shape, balances: &[u64]) -> Book {
    let mode = if random.random_bool(0.5) { Mode::ProRata } else { Mode::Parimutuel };
    let outcomes = match mode {
        Mode::ProRata => 2,
        Mode::Parimutuel => [2, 3, 7, 64, 65, 128][random.random_range(0..6)],
    };
    let won = random.random_range(0..outcomes);
    let other = |random: &mut ChaCha8Rng| (won + random.random_range(1..outcomes)) % outcomes;
    // High ones rarely: they soon take all that players have.
    let fee_bps = match random.random_range(0..20) {
        0 => 9_999,
        1 => 3_333,
        _ => [0, 1, 250, 500, 1_000][random.random_range(0..5)],
    };
    let count = match shape {
        Shape::OneBet => 1,
        Shape::OneUnitWins | Shape::OneUnitLoses => random.random_range(2..=12),
        // Pairs, one more on either side at the end.
        _ => random.random_range(2..=(PAGE_ENTRIES * MAX_PAGES - 2) as usize),
    };
    let mut left = balances.to_vec();
    let mut bets = Vec::new();
    let mut bet = |random: &mut ChaCha8Rng, stake_units: u64, outcome: u8| {
        let player = random.random_range(0..PLAYERS);
        let stake_units = stake_units.min(left[player]);
        if stake_units > 0 {
            left[player] -= stake_units;
            bets.push(Bet { player, stake_units, outcome });
        }
        stake_units
    };
    for nth in 0..count {
        let is_first = nth == 0;
        match shape {
            Shape::Any => {
                let outcome = if random.random_bool(0.4) { won } else { random.random_range(0..outcomes) };
                let stake = any_stake(random);
                bet(random, stake, outcome);
            }
            Shape::OneBet | Shape::AllRight => {
                let stake = any_stake(random);
                bet(random, stake, won);
            }
            Shape::NobodyRight => {
                let (stake, outcome) = (any_stake(random), other(random));
                bet(random, stake, outcome);
            }
            Shape::Equal | Shape::WinnersOneMore | Shape::LosersOneMore if nth % 2 == 0 => {
                let (stake, outcome) = (any_stake(random), other(random));
                let mut owed = bet(random, stake, won);
                // Who bets against it may not have enough.
                while owed > 0 {
                    owed -= bet(random, owed, outcome);
                }
            }
            Shape::Equal | Shape::WinnersOneMore | Shape::LosersOneMore => {}
            Shape::OneUnitWins | Shape::OneUnitLoses => {
                let is_unit_side = is_first == (shape == Shape::OneUnitWins);
                let outcome = if is_unit_side { won } else { other(random) };
                let stake = if is_first { 1 } else { any_stake(random) };
                bet(random, stake, outcome);
            }
            Shape::Units => {
                let stake = random.random_range(1..=3);
                let outcome = random.random_range(0..outcomes.min(4));
                bet(random, stake, outcome);
            }
        }
    }
    match shape {
        Shape::WinnersOneMore => _ = bet(random, 1, won),
        Shape::LosersOneMore => {
            let outcome = other(random);
            bet(random, 1, outcome);
        }
        _ => {}
    }
    bets.truncate((PAGE_ENTRIES * MAX_PAGES) as usize);
    bets.shuffle(random);
    Book { mode, outcomes, fee_bps, bets, won }
}
