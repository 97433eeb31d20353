//! A page's worst case is never above its budget, whatever is entered in whatever order.
//!
//! 100,000 random books in a plain model of what `enter` accepts, and some hundreds of them on the program itself, which
//! must accept and refuse the same. A book is a page's entries in the order in which they came, with random limits,
//! budgets, paytables, stakes and spots; many aim at exactly what is left of a share or a budget, or one unit above.

use lottery_rules::{hash::Software, house, keno, picks, seed};
use program_tests::{
    Game, Live, LotteryError as E, Money, Player, Rules, Spec, World, address,
    house::{instant_rules, instant_ticket, keno_rules, keno_ticket, top_multiplier},
    ix, replay,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Books in the model.
const BOOKS: u64 = 100_000;
/// Books on the program.
const ON_CHAIN: u64 = 300;
/// The largest amount of a book: several pages and bonds of it fit 64 bits.
const LARGEST_BITS: u32 = 57;

/// A ticket that somebody tries to enter.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    stake_units: u64,
    /// Keno only.
    spots: u8,
}

/// Limits, rules and what was accepted so far.
#[derive(Clone)]
struct Book {
    rules: Rules,
    min_stake_units: u64,
    max_stake_units: u64,
    budget_units: u64,
    liability_units: u64,
    accepted: Vec<Ticket>,
    /// Spots that keno tickets may have.
    offered: Vec<u8>,
    /// Many of its tickets are wrong.
    careless: bool,
}

/// A number of random size: every power of two is as likely.
fn of_any_size(random: &mut ChaCha8Rng, least: u64, most: u64) -> u64 {
    let bits = random.random_range(0..=LARGEST_BITS);
    (random.random_range(0..=1u64 << bits)).clamp(least, most)
}

/// A paytable whose rows return anything up to 97 %, with top prizes from once the stake to 429,496 times.
fn random_keno(random: &mut ChaCha8Rng) -> Rules {
    let mut table = keno::Paytable::default();
    for spots in 1..=10usize {
        if random.random_bool(0.25) && spots != 5 {
            continue;
        }
        let mut left = 9_700 * keno::TOTAL_WAYS[spots - 1];
        for matches in (1..=spots).rev() {
            let most = (left / keno::WAYS[spots - 1][matches]).min(u32::MAX as u64);
            // The least that a row's top prize may be, and something for one match, so that no row returns nothing.
            let least = if matches == spots { 10_000 } else { (matches == 1) as u64 * 20 };
            if most < least || (least == 0 && random.random_bool(0.5)) {
                continue;
            }
            let bits = random.random_range(0..=32u32);
            let prize = random.random_range(0..=1u64 << bits).clamp(least, most);
            table[spots - 1][matches] = prize as u32;
            // Something must be left for one match.
            left = left.saturating_sub(prize * keno::WAYS[spots - 1][matches]);
        }
    }
    Rules::Keno(keno_rules(table))
}

/// A prize table of one to five prizes that returns anything up to 97 %.
fn random_instant(random: &mut ChaCha8Rng) -> Rules {
    let mut prizes: Vec<(u32, u32)> = Vec::new();
    let mut left = 9_700u64 << 32;
    let (mut above, mut parts_left) = (u32::MAX as u64 + 1, u32::MAX as u64);
    for nth in 0..random.random_range(1..=5) {
        let least = if nth == 0 { 10_000 } else { 1 };
        if above <= least {
            break;
        }
        let bits = random.random_range(1..=32u32);
        let prize = random.random_range(0..1u64 << bits).clamp(least, above - 1);
        let most = (left / prize).min(parts_left);
        if most == 0 {
            break;
        }
        // At least what makes a return of 1 in 10,000 together with others.
        let parts = random.random_range(most.div_ceil(9)..=most.div_ceil(2));
        prizes.push((parts as u32, prize as u32));
        (above, left, parts_left) = (prize, left - prize * parts, parts_left - parts);
    }
    Rules::Instant(instant_rules(&prizes))
}

impl Book {
    fn new(random: &mut ChaCha8Rng, rules: Rules) -> Self {
        let budget_units = of_any_size(random, 16, 1 << LARGEST_BITS);
        let min_stake_units = match random.random_range(0..4) {
            0 => budget_units / 16,
            1 => of_any_size(random, 1, budget_units / 16),
            _ => 1,
        };
        let max_stake_units = match random.random_range(0..8) {
            0 => min_stake_units,
            1..4 => u64::MAX,
            _ => of_any_size(random, min_stake_units, u64::MAX),
        };
        let is_keno = matches!(rules, Rules::Keno(_));
        let offered = (1..=10).filter(|spots| is_keno && top_multiplier(&rules, *spots) > 0).collect();
        let careless = random.random_bool(0.25);
        let (liability_units, accepted) = (0, Vec::new());
        Self {
            rules,
            min_stake_units,
            max_stake_units,
            budget_units,
            liability_units,
            accepted,
            offered,
            careless,
        }
    }

    /// The program's rule: all tickets of one `enter`, or the first reason against one of them.
    fn accept(&mut self, tickets: &[Ticket]) -> Result<(), E> {
        let mut liability = self.liability_units;
        for ticket in tickets {
            let top = match self.rules {
                Rules::Keno(_) if !(1..=10).contains(&ticket.spots) => 0,
                _ => top_multiplier(&self.rules, ticket.spots),
            };
            if top == 0 {
                return Err(E::SpotsNotOffered);
            }
            if !(self.min_stake_units..=self.max_stake_units).contains(&ticket.stake_units) {
                return Err(E::StakeOutOfRange);
            }
            let highest = house::prize(ticket.stake_units, top).ok_or(E::MathOverflow)?;
            if highest > house::max_prize(self.budget_units) {
                return Err(E::LiabilityAboveShare);
            }
            liability += highest;
        }
        if liability > self.budget_units {
            return Err(E::BudgetExceeded);
        }
        self.liability_units = liability;
        self.accepted.extend_from_slice(tickets);
        Ok(())
    }

    /// What the accepted tickets win together when each wins its highest prize, by other arithmetic than the rule's.
    fn worst_case(&self) -> u128 {
        let highest = |ticket: &Ticket| {
            ticket.stake_units as u128 * top_multiplier(&self.rules, ticket.spots) as u128 / 10_000
        };
        self.accepted.iter().map(highest).sum()
    }

    /// What they win together with these outcomes.
    fn prizes(&self, random: &mut ChaCha8Rng) -> u128 {
        let bytes: [u8; 32] = random.random();
        let drawn = keno::draw::<Software>(&bytes);
        let mut picked = seed::Stream::<Software>::new(&bytes, seed::Domain::QuickPick);
        let won = |ticket: &Ticket| {
            let multiplier = match &self.rules {
                Rules::Keno(rules) => {
                    let numbers = picks::sample(&mut picked, ticket.spots, keno::NUMBERS);
                    let matches = picks::matches(&numbers, &drawn) as usize;
                    rules.paytable_bps[ticket.spots as usize - 1][matches]
                }
                Rules::Instant(rules) => {
                    rules.prizes[random.random_range(0..rules.prize_count as usize)].multiplier_bps
                }
                Rules::Draw(_) | Rules::Prediction(_) => unreachable!("no house game"),
            };
            ticket.stake_units as u128 * multiplier as u128 / 10_000
        };
        self.accepted.iter().map(won).sum()
    }

    /// A ticket that is likely to be at the edge of something.
    fn ticket(&self, random: &mut ChaCha8Rng) -> Ticket {
        let spots = match self.rules {
            Rules::Keno(_) if self.careless => random.random_range(0..13),
            Rules::Keno(_) => self.offered[random.random_range(0..self.offered.len())],
            _ => 0,
        };
        let top = match self.rules {
            Rules::Keno(_) if !(1..=10).contains(&spots) => 0,
            _ => top_multiplier(&self.rules, spots),
        };
        // The largest stake whose highest prize is within an amount.
        let within = |units: u64| {
            let stake = ((units as u128 + 1) * 10_000 - 1) / top.max(1) as u128;
            u64::try_from(stake).unwrap_or(u64::MAX)
        };
        let share = within(house::max_prize(self.budget_units));
        let left = within(self.budget_units - self.liability_units);
        let choices = if self.careless { 24 } else { 16 };
        let stake_units = match random.random_range(0..choices) {
            0..6 => share.min(self.max_stake_units),
            6..11 => left.min(share),
            11 => self.min_stake_units,
            12..15 => random.random_range(0..=share),
            15 => left.min(share).saturating_add(1),
            16 => share.saturating_add(1),
            17 => self.min_stake_units - 1,
            18 => self.max_stake_units,
            19 => self.max_stake_units.saturating_add(1),
            20 => u64::MAX - random.random_range(0..3),
            21 => 0,
            _ => left.saturating_add(1),
        };
        Ticket { stake_units, spots }
    }

    fn tickets(&self, random: &mut ChaCha8Rng, most: usize) -> Vec<Ticket> {
        let count = if random.random_bool(0.8) { 1 } else { random.random_range(1..=most) };
        (0..count).map(|_| self.ticket(random)).collect()
    }
}

fn random_book(random: &mut ChaCha8Rng) -> Book {
    let rules = if random.random_bool(0.5) { random_keno(random) } else { random_instant(random) };
    Book::new(random, rules)
}

#[test]
fn no_book_of_a_hundred_thousand_exceeds_its_budget() {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_121);
    let (mut full, mut refused, mut entered) = (0u64, 0u64, 0u64);
    for nth in 0..BOOKS {
        let mut book = random_book(&mut random);
        for _ in 0..random.random_range(1..40) {
            let tickets = book.tickets(&mut random, 20);
            let before = (book.liability_units, book.accepted.len());
            match book.accept(&tickets) {
                Ok(()) => entered += tickets.len() as u64,
                Err(_) => {
                    refused += 1;
                    assert_eq!((book.liability_units, book.accepted.len()), before);
                }
            }
            let worst = book.worst_case();
            assert_eq!(worst, book.liability_units as u128, "book {nth}");
            assert!(worst <= book.budget_units as u128, "book {nth}: {worst} > {}", book.budget_units);
        }
        full += (book.liability_units == book.budget_units) as u64;
        for _ in 0..2 {
            assert!(book.prizes(&mut random) <= book.budget_units as u128, "book {nth} is insolvent");
        }
    }
    println!(
        "{BOOKS} books: {entered} tickets entered, {refused} enters refused, {full} budgets used to the last unit"
    );
    // A book that nobody could fill, or that refused nobody, would prove nothing.
    assert!(full > BOOKS / 20 && refused > BOOKS && entered > BOOKS * 4, "{full} {refused} {entered}");
}

/// A lottery of each kind with money for any book, in tokens so that amounts may be large.
struct Base {
    world: World,
    game: Game,
    player: Player,
}

fn base(spec: Spec) -> Base {
    let mut world = World::new();
    let amount = 1 << (LARGEST_BITS + 2);
    let spec = Spec { bankroll_units: amount, bond_units: amount, ..spec.money(Money::Spl) };
    let game = world.create(spec);
    let player = world.player(Money::Spl, 4 * amount);
    Base { world, game, player }
}

/// Opens a round of the book's rules and limits with one page.
fn open(base: &Base, book: &Book) -> (World, Live) {
    let mut world = base.world.clone();
    let game = &base.game;
    let limits = game
        .spec
        .clone()
        .pages(400, 1)
        .budgets(book.budget_units, book.budget_units)
        .stakes(book.min_stake_units, book.max_stake_units)
        .limits;
    let operator = game.operator.owner;
    world.chain.expect_ok(&[
        ix::update_config(operator, game.id, 1, &game.spec.config, book.rules.bytes()),
        ix::update_limits(operator, game.id, &limits),
    ]);
    let live = world.open(game);
    assert_eq!(live.config, address::config(&game.key, 1).0);
    assert_eq!(replay::rules_of(&world.chain, live.config), book.rules);
    (world, live)
}

fn bytes(book: &Book, ticket: &Ticket, random: &mut ChaCha8Rng) -> Vec<u8> {
    if matches!(book.rules, Rules::Instant(_)) {
        return instant_ticket(ticket.stake_units);
    }
    let mut numbers: Vec<u8> = (1..=80).collect();
    while numbers.len() > ticket.spots as usize {
        numbers.remove(random.random_range(0..numbers.len()));
    }
    keno_ticket(ticket.stake_units, &numbers)
}

#[test]
fn the_program_accepts_and_refuses_as_the_model_does() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let bases = [base(Spec::keno()), base(Spec::instant())];
    let (mut accepted, mut refused, mut full, mut won) = (0, 0, 0, 0);
    for nth in 0..ON_CHAIN {
        let mut book = random_book(&mut random);
        let base = &bases[matches!(book.rules, Rules::Instant(_)) as usize];
        let (mut world, live) = open(base, &book);
        for _ in 0..random.random_range(6..28) {
            let tickets = book.tickets(&mut random, 12);
            let given: Vec<u8> = tickets.iter().flat_map(|t| bytes(&book, t, &mut random)).collect();
            let enter = world.enter_instruction(&live, &base.player, 0, 0, &given);
            match book.accept(&tickets) {
                Ok(()) => {
                    world.enter_bytes(&live, &base.player, 0, 0, &given, tickets.len() as u32);
                    accepted += 1;
                }
                Err(error) => {
                    world.chain.expect_error(&enter, error);
                    refused += 1;
                }
            }
            let page = world.page(&live, 0);
            assert_eq!((page.liability_units, page.budget_units), (book.liability_units, book.budget_units));
            assert_eq!(page.liability_units as u128, book.worst_case(), "book {nth}");
        }
        // Not even one more ticket of a full share fits.
        full += (book.budget_units - book.liability_units < book.budget_units / 16) as u64;
        crate::house_play::play_out(&mut world, &live);
        let round = world.round(&live);
        assert!(round.prizes_units <= book.budget_units, "book {nth} is insolvent");
        won += round.winners_total;
    }
    println!(
        "{ON_CHAIN} books: {accepted} enters accepted, {refused} refused, {full} budgets used up, {won} prizes"
    );
    assert!(
        accepted > ON_CHAIN && refused > ON_CHAIN && full > ON_CHAIN / 10 && won > ON_CHAIN,
        "{accepted} {refused} {full}"
    );
}
