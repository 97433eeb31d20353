//! Several hundred random markets on the compiled program from the first bet to the last closed account, against a plain
//! model in big integers: both modes, 2 to 128 outcomes, stakes from one unit to all that a player has, fees from nothing to
//! almost everything that was lost, and the books that formulas get wrong: one-sided ones, nobody right, both sides equal or
//! one unit apart, one unit against everything.
//!
//! After each market every wallet, the fees and the treasury's due are exactly what the model says. Conservation is checked
//! after each instruction.

use lottery_rules::prediction::Mode;
use num_bigint::BigUint;
use program_tests::{
    Game, Live, Money, Player, Spec, World,
    args::RegistryArgs,
    ix,
    ix::Item,
    kinds::{PageStatus, RoundStatus},
    market::{MarketRules, numbers, pro_rata},
    world::LAMPORTS,
};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Markets in all.
const BOOKS: u64 = 600;
const PLAYERS: usize = 8;
/// What each player has of each money at first.
const EACH_UNITS: u64 = 1 << 59;
const PAGE_ENTRIES: u32 = 12;
const MAX_PAGES: u32 = 4;

#[derive(Clone, Copy, Debug)]
struct Bet {
    player: usize,
    stake_units: u64,
    outcome: u8,
}

/// All bets of a round, in the order in which they are entered, and what will happen.
#[derive(Debug)]
struct Book {
    mode: Mode,
    outcomes: u8,
    fee_bps: u16,
    bets: Vec<Bet>,
    won: u8,
}

/// What a book comes to.
#[derive(Debug)]
struct Expected {
    refund_all: bool,
    /// 1: won; 2: lost, and a part was not taken; 0: lost.
    tiers: Vec<u8>,
    /// By bet.
    back: Vec<BigUint>,
    winning: BigUint,
    matched: BigUint,
    fee: BigUint,
    dust: BigUint,
}

impl Book {
    fn total(&self, is_wanted: impl Fn(&Bet) -> bool) -> BigUint {
        self.bets.iter().filter(|bet| is_wanted(bet)).map(|bet| BigUint::from(bet.stake_units)).sum()
    }

    fn expected(&self) -> Expected {
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
enum Shape {
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
    const ALL: [Self; 10] = [
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
fn random_book(random: &mut ChaCha8Rng, shape: Shape, balances: &[u64]) -> Book {
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

/// One lottery for each money, whose config is another for each book, and people who play in all of them.
struct Table {
    world: World,
    games: Vec<Game>,
    /// By money.
    players: Vec<Vec<Player>>,
}

impl Table {
    fn new() -> Self {
        let mut world = World::new();
        // The highest fees that a registry can allow, for the edges of the formula.
        let args = RegistryArgs { fee_cap_bps: 9_999, ..world.registry_args() };
        world.chain.expect_ok(&ix::update_registry(world.authority, &args));
        let spec =
            |money| Spec::market(pro_rata()).money(money).pages(PAGE_ENTRIES, MAX_PAGES).stakes(1, u64::MAX);
        let games = Money::ALL.map(|money| world.create(spec(money))).to_vec();
        let owners: Vec<_> = (0..PLAYERS).map(|_| world.chain.funded("player", LAMPORTS)).collect();
        let players = Money::ALL
            .map(|money| owners.iter().map(|owner| world.wallet_of(*owner, money, EACH_UNITS)).collect())
            .to_vec();
        Self { world, games, players }
    }

    fn balances(&self, money: usize) -> Vec<u64> {
        self.players[money].iter().map(|player| self.world.balance(player)).collect()
    }

    /// The lottery's rounds have the book's rules from now on; its config of before is closed.
    fn set_rules(&mut self, random: &mut ChaCha8Rng, game: &Game, book: &Book) {
        let rules: MarketRules = match book.mode {
            Mode::ProRata if random.random_bool(0.5) => pro_rata(),
            _ => numbers(book.outcomes).with(|rules| rules.mode = book.mode as u8),
        };
        let mut spec =
            Spec { rules: rules.into(), ..game.spec.clone() }.event_delay(random.random_range(0..40));
        spec.config.fee_bps = book.fee_bps;
        let version = self.world.lottery(game).config_count;
        let update =
            ix::update_config(game.operator.owner, game.id, version, &spec.config, spec.rules_bytes());
        self.world.chain.expect_ok(&update);
        self.world.close_config(game, version - 1);
    }

    /// Enters the bets in their order: several of one player at once, and a further page when one is full. Returns the place
    /// of each, by page and index.
    fn enter(&mut self, random: &mut ChaCha8Rng, live: &Live, money: usize, book: &Book) -> Vec<(u32, u32)> {
        let mut places = Vec::new();
        let mut bets = book.bets.as_slice();
        let mut sequence = self.world.open_page(live);
        while let Some(first) = bets.first() {
            let mut taken = self.world.page(live, sequence).count;
            if taken == PAGE_ENTRIES {
                sequence = self.world.open_page(live);
                taken = 0;
            }
            let free = (PAGE_ENTRIES - taken) as usize;
            let most = random.random_range(1..=free);
            let same = bets.iter().take(most).take_while(|bet| bet.player == first.player).count();
            let (now, later) = bets.split_at(same);
            let tickets: Vec<(u64, u8)> = now.iter().map(|bet| (bet.stake_units, bet.outcome)).collect();
            let player = self.players[money][first.player];
            self.world.bet(live, &player, sequence, &tickets);
            places.extend((0..same as u32).map(|nth| (sequence, taken + nth)));
            bets = later;
        }
        places
    }

    /// Two of three reporters tell the truth, in any order; the third lies or is silent. Pages are sealed before, in between
    /// or after.
    fn decide(&mut self, random: &mut ChaCha8Rng, live: &Live, book: &Book) {
        self.world.reach_event(live);
        let mut order: Vec<u8> = (0..3).collect();
        order.shuffle(random);
        let liar = if random.random_bool(0.5) { order[random.random_range(0..3)] } else { 3 };
        let seal_at = random.random_range(0..4);
        for (nth, reporter) in order.iter().enumerate() {
            if nth == seal_at {
                self.world.seal_all(live);
            }
            if self.world.status(live) == RoundStatus::Open {
                let won = if *reporter == liar { (book.won + 1) % book.outcomes } else { book.won };
                self.world.attest(live, *reporter, &[won as i64]);
            }
        }
        self.world.seal_all(live);
        assert_eq!(self.world.round(live).result[0], book.won);
    }

    fn settle(&mut self, random: &mut ChaCha8Rng, live: &Live) {
        self.world.draw(live);
        let mut sequences: Vec<u32> = (0..self.world.round(live).page_count).collect();
        sequences.shuffle(random);
        for sequence in sequences {
            while self.world.page(live, sequence).status != PageStatus::Settled as u8 {
                let limit = random.random_range(1..=PAGE_ENTRIES + 3);
                let cranker = self.world.cranker;
                self.world.chain.expect_ok(&ix::settle(cranker, live.key, live.config, sequence, limit));
            }
        }
        self.world.finalise(live);
    }

    /// Pays or refunds everything that is owed, in any order and batches of any size.
    fn pay(&mut self, random: &mut ChaCha8Rng, live: &Live) {
        let round = self.world.round(live);
        let build = if round.refund_all == 1 { ix::refund } else { ix::pay };
        for sequence in 0..round.page_count {
            let mut owed: Vec<Item> = match round.refund_all {
                1 => self.world.owed_refunds(live, sequence),
                _ => self.world.owed_prizes(live, sequence),
            };
            owed.shuffle(random);
            while !owed.is_empty() {
                let some = owed.split_off(owed.len() - random.random_range(1..=owed.len()));
                self.world.chain.expect_ok(&build(self.world.cranker, live.key, sequence, &some));
            }
        }
    }

    fn play(&mut self, random: &mut ChaCha8Rng, money: usize, book: &Book) -> Expected {
        let game = self.games[money].clone();
        let expected = book.expected();
        self.set_rules(random, &game, book);
        let (before, lottery) = (self.balances(money), self.world.lottery(&game));
        let live = self.world.open_round(&game);
        let places = self.enter(random, &live, money, book);
        self.decide(random, &live, book);
        for outcome in 0..book.outcomes {
            let pool = BigUint::from(self.world.round_pools(&live)[outcome as usize]);
            assert_eq!(pool, book.total(|bet| bet.outcome == outcome), "{book:?}");
        }
        self.settle(random, &live);

        let round = self.world.round(&live);
        assert_eq!(round.refund_all == 1, expected.refund_all, "{book:?}");
        assert_eq!(
            [round.winning_units, round.matched_units, round.fee_units].map(BigUint::from),
            [&expected.winning, &expected.matched, &expected.fee].map(BigUint::clone),
            "{book:?}"
        );
        for ((sequence, index), tier) in places.iter().zip(&expected.tiers) {
            assert_eq!(self.world.entries(&live, *sequence)[*index as usize].tier, *tier, "{book:?}");
        }
        self.pay(random, &live);
        // What rounding left is all that is left.
        assert_eq!(BigUint::from(self.world.round(&live).cash_units), expected.dust, "{book:?}");
        self.world.close_all(&live);
        assert!(!self.world.chain.exists(live.key) && !self.world.chain.exists(live.page(0)));

        for (player, before) in before.iter().enumerate() {
            let mine = || book.bets.iter().zip(&expected.back).filter(|(bet, _)| bet.player == player);
            let staked: BigUint = mine().map(|(bet, _)| BigUint::from(bet.stake_units)).sum();
            let back: BigUint = mine().map(|(_, back)| back).sum();
            let now = BigUint::from(self.world.balance(&self.players[money][player]));
            assert_eq!(now, BigUint::from(*before) + back - staked, "player {player}: {book:?}");
        }
        let after = self.world.lottery(&game);
        let gained = |before: u64, after: u64| BigUint::from(after - before);
        assert_eq!(gained(lottery.fees_units, after.fees_units), expected.fee, "{book:?}");
        assert_eq!(gained(lottery.treasury_due_units, after.treasury_due_units), expected.dust, "{book:?}");
        assert_eq!((after.live_rounds, after.jackpot_units, after.bond_free_units), (0, 0, 0));
        expected
    }

    /// Everything that did not come back to a player is in the fees and the treasury's due, and both can be taken out.
    fn end(&mut self) {
        for money in 0..self.games.len() {
            let game = self.games[money].clone();
            let kind = game.spec.money;
            let held: u64 = self.balances(money).iter().sum();
            let lottery = self.world.lottery(&game);
            let taken = lottery.fees_units + lottery.treasury_due_units;
            assert_eq!(held + taken, EACH_UNITS * PLAYERS as u64);
            let treasurer = self.world.wallet_of(game.treasurer, kind, 0);
            let treasury = self.world.wallet_of(self.world.treasury, kind, 0);
            self.world.chain.expect_ok(&[
                ix::withdraw_fees(game.treasurer, game.id, game.mint, lottery.fees_units),
                ix::withdraw_treasury(self.world.treasury, game.id, game.mint),
            ]);
            assert_eq!(self.world.balance(&treasurer), lottery.fees_units);
            assert_eq!(self.world.balance(&treasury), lottery.treasury_due_units);
        }
    }
}

#[test]
fn the_program_pays_what_the_model_says() {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_121);
    let mut table = Table::new();
    let (mut bets, mut refunded, mut matched, mut returned, mut dusty) = (0, 0, 0, 0, 0);
    let mut largest = 0;
    for nth in 0..BOOKS {
        let money = nth as usize % Money::ALL.len();
        // Half of them are of no shape.
        let shape = if nth % 2 == 0 { Shape::Any } else { Shape::ALL[nth as usize / 2 % Shape::ALL.len()] };
        let book = random_book(&mut random, shape, &table.balances(money));
        let expected = table.play(&mut random, money, &book);
        let one_sided = [Shape::OneBet, Shape::AllRight, Shape::NobodyRight].contains(&shape);
        assert!(!one_sided || expected.refund_all, "{shape:?}: {book:?}");
        bets += book.bets.len();
        largest = book.bets.iter().map(|bet| bet.stake_units).fold(largest, u64::max);
        refunded += expected.refund_all as u64;
        matched += !expected.refund_all as u64;
        returned += expected.tiers.contains(&2) as u64;
        dusty += (expected.dust > BigUint::ZERO) as u64;
    }
    table.end();
    println!(
        "{BOOKS} books with {bets} bets: {matched} matched, in {returned} of them a part returned; {refunded} refunded; \
         {dusty} left dust; the largest bet {largest}"
    );
    // Books in which nothing happened would prove nothing.
    assert!(matched > BOOKS / 3 && refunded > BOOKS / 10 && returned > BOOKS / 20 && dusty > BOOKS / 5);
    assert!(largest > 1 << 57);
}
