//! Proof of fairness: a million simulated rounds of each kind, drawn by the code that the chain runs, against exact
//! probabilities. `LOTTERY_FAIRNESS_DRAWS` makes it longer, `LOTTERY_SEED` other; `make drill` does both.

mod common;
#[path = "fairness/raffle.rs"]
mod raffle;

use common::chance::{draws, even, even_without_putting_back, pearson, round_seeds};
use common::tables::{DEMO, INSTANT, INSTANT_DEMO, STANDARD};
use lottery_rules::draw;
use lottery_rules::hash::Software;
use lottery_rules::house::prize;
use lottery_rules::instant::{self, OUTCOMES_PER_BLOCK, Prize, PrizeTable};
use lottery_rules::keno::{self, MAX_SPOTS, Paytable};
use lottery_rules::odds::{Ratio, Returns, Turnover, band, hypergeometric};
use lottery_rules::picks::{Picks, from_sorted, matches, numbers, quick_pick_stream, sample};
use lottery_rules::seed::{Domain, Stream};

/// What every simulated ticket costs: large enough that no prize is rounded.
const STAKE: u64 = 10_000;

fn as_f64(chances: impl IntoIterator<Item = Option<Ratio>>) -> Vec<f64> {
    chances.into_iter().map(|chance| chance.unwrap().to_f64()).collect()
}

fn tally(counts: &mut [u64], drawn: Picks) {
    for number in numbers(drawn) {
        counts[number as usize - 1] += 1;
    }
}

/// 6 of 49 and a bonus ball of 10.
#[test]
fn draw_is_fair() {
    let ticket = from_sorted(&[3, 7, 19, 28, 41, 49], 49).unwrap();
    let (mut each, mut matched) = ([0; 49], [0; 7]);
    let (mut bonus, mut tiers) = ([0; 10], [0; 14]);
    let (mut repeated, mut last) = ([0; 7], None);
    for seed in round_seeds("draw").take(draws() as usize) {
        let drawn = draw::draw::<Software>(&seed, 6, 49, 10);
        tally(&mut each, drawn.picks);
        let hits = matches(&ticket, &drawn.picks) as usize;
        matched[hits] += 1;
        bonus[drawn.bonus as usize - 1] += 1;
        tiers[2 * hits + usize::from(drawn.bonus == 4)] += 1;
        if let Some(last) = last.replace(drawn.picks) {
            repeated[matches(&last, &drawn.picks) as usize] += 1;
        }
    }
    let chances = as_f64((0..=6).map(|m| hypergeometric(49, 6, 6, m)));
    even_without_putting_back(&each, 6).check("draw: each number");
    pearson(&matched, &chances).check("draw: matches of a ticket");
    pearson(&repeated, &chances).check("draw: numbers again in the next round");
    even(&bonus).check("draw: bonus balls");
    let with_bonus: Vec<f64> = chances.iter().flat_map(|c| [c * 0.9, c * 0.1]).collect();
    pearson(&tiers, &with_bonus).check("draw: matches and bonus ball together");
}

/// What one group of alike tickets staked and won.
#[derive(Clone, Copy, Default)]
struct Book {
    tickets: u64,
    prizes: u64,
}

impl Book {
    fn enter(&mut self, multiplier_bps: u32) {
        self.tickets += 1;
        self.prizes += prize(STAKE, multiplier_bps).unwrap();
    }

    /// How many standard errors the realised RTP is above the exact one.
    fn errors(&self, returns: Option<Returns>) -> f64 {
        let (stake, tickets) = (STAKE as f64, self.tickets as f64);
        let stats = returns.unwrap().stats();
        let turnover = Turnover { stats, stakes: stake * tickets, squares: stake * stake * tickets };
        let band = band([turnover], 1.0).unwrap();
        (self.prizes as f64 / turnover.stakes - band.exact) / (band.high - band.exact)
    }

    /// The simulated RTP is within four standard errors of the exact one.
    #[track_caller]
    fn check(&self, returns: Option<Returns>, what: &str) {
        let realised = self.prizes as f64 / (self.tickets * STAKE) as f64;
        let (exact, errors) = (returns.unwrap().mean.to_f64(), self.errors(returns));
        let line = format!("{what}: RTP {realised:.5}, exact {exact:.5}, {errors:+.2} standard errors");
        println!("{line}");
        assert!(errors.abs() <= 4.0, "{line}");
    }
}

/// Tickets of every spot count, all on the same numbers of the drum, as a player would repeat them.
fn fixed_tickets() -> [Picks; MAX_SPOTS] {
    let favourites = [1, 8, 17, 23, 34, 42, 55, 64, 65, 80];
    core::array::from_fn(|i| from_sorted(&favourites[..=i], keno::NUMBERS).unwrap())
}

#[test]
fn keno_is_fair() {
    let tickets = fixed_tickets();
    let mut each = [0; 80];
    let mut matched = [[0; MAX_SPOTS + 1]; MAX_SPOTS];
    let (mut repeated, mut last) = ([0; 21], None);
    for seed in round_seeds("keno").take(draws() as usize) {
        let drawn = keno::draw::<Software>(&seed);
        tally(&mut each, drawn);
        for (ticket, matched) in tickets.iter().zip(&mut matched) {
            matched[matches(ticket, &drawn) as usize] += 1;
        }
        if let Some(last) = last.replace(drawn) {
            repeated[matches(&last, &drawn) as usize] += 1;
        }
    }
    even_without_putting_back(&each, keno::DRAWN).check("keno: each number");
    let chances = as_f64((0..=20).map(|m| hypergeometric(80, 20, 20, m)));
    pearson(&repeated, &chances).check("keno: numbers again in the next round");
    for (spots, counts) in (1..).zip(&matched) {
        let chances = as_f64((0..=spots).map(|m| hypergeometric(80, spots, 20, m)));
        pearson(&counts[..=spots as usize], &chances).check(&format!("keno: matches of {spots} spots"));
        for (name, paytable) in [("standard", &STANDARD), ("demo", &DEMO)] {
            let row = paytable[spots as usize - 1];
            let mut book = Book::default();
            for (count, multiplier) in counts.iter().zip(row) {
                book.tickets += count;
                book.prizes += count * prize(STAKE, multiplier).unwrap();
            }
            book.check(Returns::keno(paytable, spots), &format!("keno: {spots} spots, {name} paytable"));
        }
    }
}

/// Quick picks with the ledger's own steps: a new ticket each time, its numbers against the round's.
fn quick_picks(paytable: &Paytable, spots: u8) -> Book {
    let mut book = Book::default();
    let row = paytable[spots as usize - 1];
    let rounds = draws() / 20;
    for (round, seed) in (0..rounds).zip(round_seeds("quick picks")) {
        let drawn = keno::draw::<Software>(&seed);
        let mut wallet = [0; 32];
        wallet[..8].copy_from_slice(&round.to_le_bytes());
        let mut stream = quick_pick_stream::<Software>(&wallet, &[9; 32], 0);
        for _ in 0..20 {
            let ticket = sample(&mut stream, spots, keno::NUMBERS);
            book.enter(row[matches(&ticket, &drawn) as usize]);
        }
    }
    book
}

/// Twenty tickets share a draw here, and the band still holds: random numbers make them uncorrelated.
#[test]
fn quick_picks_return_what_all_tickets_do() {
    for spots in [1, 4, 10] {
        let book = quick_picks(&DEMO, spots);
        book.check(Returns::keno(&DEMO, spots), &format!("keno: quick picks of {spots} spots"));
    }
}

/// Pages of 64 entries: eight blocks of outcomes a round.
#[test]
fn instant_is_fair() {
    const BLOCKS: u32 = 8;
    let games = [("standard", &INSTANT[..]), ("demo", &INSTANT_DEMO)];
    let tables = games.map(|(_, prizes)| PrizeTable::new(prizes));
    let mut rows = [[0; instant::MAX_PRIZES]; 2];
    let (mut high, mut low) = (vec![0; 256], vec![0; 256]);
    let (mut winners, mut after_winner) = ([0; OUTCOMES_PER_BLOCK as usize], [0; 2]);
    let mut books = [Book::default(); 2];
    let rounds = draws().div_ceil(u64::from(BLOCKS * OUTCOMES_PER_BLOCK));
    let mut won_last = false;
    for (round, seed) in (0..rounds).zip(round_seeds("instant")) {
        let sequence = round as u32 % 4;
        for block in 0..BLOCKS {
            let outcomes = instant::outcomes::<Software>(&seed, sequence, block);
            for (place, outcome) in outcomes.into_iter().enumerate() {
                high[(outcome >> 24) as usize] += 1;
                low[(outcome & 255) as usize] += 1;
                for (game, table) in tables.iter().enumerate() {
                    let row = table.row(outcome);
                    rows[game][row] += 1;
                    books[game].enter(games[game].1[row].multiplier_bps);
                }
                let won = tables[0].row(outcome) < INSTANT.len() - 1;
                winners[place] += u64::from(won);
                if won_last {
                    after_winner[usize::from(won)] += 1;
                }
                won_last = won;
            }
        }
    }
    even(&high).check("instant: highest bytes");
    even(&low).check("instant: lowest bytes");
    even(&winners).check("instant: winners by place in a block");
    let losing = INSTANT[INSTANT.len() - 1].odds().to_f64();
    pearson(&after_winner, &[losing, 1.0 - losing]).check("instant: the entry after a winner");
    for (((name, prizes), rows), book) in games.into_iter().zip(&rows).zip(&books) {
        let chances = as_f64(prizes.iter().map(|prize: &Prize| Some(prize.odds())));
        pearson(&rows[..prizes.len()], &chances).check(&format!("instant: rows of the {name} table"));
        book.check(Returns::instant(prizes), &format!("instant: {name} table"));
    }
}

/// The same tests must catch what is unfair, or they prove nothing.
#[test]
fn unfair_games_are_caught() {
    // A remainder without rejection: 256 mod 80 = 16, so numbers 1 to 16 come a third more often than the others.
    let mut each = [0; 80];
    for seed in round_seeds("remainder").take(20_000) {
        let mut stream = Stream::<Software>::new(&seed, Domain::Keno);
        let mut drawn: Picks = [0; 2];
        while drawn[0].count_ones() + drawn[1].count_ones() < 20 {
            let bit = stream.next_u8() % 80;
            drawn[bit as usize / 64] |= 1 << (bit % 64);
        }
        tally(&mut each, drawn);
    }
    let verdict = even_without_putting_back(&each, 20);
    assert!(!verdict.is_fair(), "{verdict}");

    // A draw that drops a favourite number once in ten times, seen from a ticket that holds it; and what it costs.
    let ticket = fixed_tickets()[9];
    let (mut matched, mut book) = ([0; 11], Book::default());
    for (i, seed) in round_seeds("favourite").take(1_000_000).enumerate() {
        let drawn = keno::draw::<Software>(&seed);
        let is_dropped = i % 10 == 0 && drawn[0] & 1 == 1;
        let hits = (matches(&ticket, &drawn) - u32::from(is_dropped)) as usize;
        matched[hits] += 1;
        book.enter(DEMO[9][hits]);
    }
    let chances = as_f64((0..=10).map(|m| hypergeometric(80, 10, 20, m)));
    let verdict = pearson(&matched, &chances);
    assert!(!verdict.is_fair(), "{verdict}");
    assert!(book.errors(Returns::keno(&DEMO, 10)) < -4.0);

    // A prize table that declares a little more than it gives: one of fifty smallest prizes is none.
    let mut given = INSTANT;
    let kept_back = given[8].parts / 50;
    given[8].parts -= kept_back;
    given[9].parts += kept_back;
    let table = PrizeTable::new(&given);
    let mut rows = [0; INSTANT.len()];
    for seed in round_seeds("kept back").take(1_000_000 / 8) {
        for outcome in instant::outcomes::<Software>(&seed, 0, 0) {
            rows[table.row(outcome)] += 1;
        }
    }
    assert!(pearson(&rows, &as_f64(given.map(|prize| Some(prize.odds())))).is_fair());
    let verdict = pearson(&rows, &as_f64(INSTANT.map(|prize| Some(prize.odds()))));
    assert!(!verdict.is_fair(), "{verdict}");

    // A count where none can be.
    assert_eq!(pearson(&[1, 999], &[0.0, 1.0]).p, 0.0);
}
