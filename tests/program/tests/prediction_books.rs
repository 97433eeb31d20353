//! Several hundred random markets on the compiled program from the first bet to the last closed account, against a plain
//! model in big integers: both modes, 2 to 128 outcomes, stakes from one unit to all that a player has, fees from nothing to
//! almost everything that was lost, and the books that formulas get wrong: one-sided ones, nobody right, both sides equal or
//! one unit apart, one unit against everything.
//!
//! After each market every wallet, the fees and the treasury's due are exactly what the model says. Conservation is checked
//! after each instruction.

#[path = "prediction_books/book.rs"]
mod book;

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

use book::{Book, Expected, Shape, random_book};

/// Markets in all.
const BOOKS: u64 = 600;
const PLAYERS: usize = 8;
/// What each player has of each money at first.
const EACH_UNITS: u64 = 1 << 59;
const PAGE_ENTRIES: u32 = 12;
const MAX_PAGES: u32 = 4;

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
