//! What players of a market get, against a plain model in big integers.

mod common;

use std::collections::BTreeMap;

use common::{magnitude, stream};
use lottery_rules::hash::Software;
use lottery_rules::prediction::{MAX_OUTCOMES, Mode, Split, payout, split, unmatched};
use lottery_rules::refund::refund;
use lottery_rules::seed::Stream;
use num_bigint::BigUint;
use proptest::prelude::*;

/// Random books of `books_pay_what_the_model_says`.
const BOOKS: u32 = 120_000;

/// All entries of a round that ended with the outcome `won`.
#[derive(Debug)]
struct Book {
    mode: Mode,
    outcomes: u8,
    won: u8,
    fee_bps: u16,
    /// Outcome and stake.
    entries: Vec<(u8, u64)>,
}

impl Book {
    fn pool(&self) -> u64 {
        self.entries.iter().map(|(_, stake)| stake).sum()
    }

    fn winning(&self) -> u64 {
        self.entries.iter().filter(|(outcome, _)| *outcome == self.won).map(|(_, stake)| stake).sum()
    }
}

/// What a book comes to, as the program computes it.
#[derive(Debug)]
struct Paid {
    matched: u64,
    fee: u64,
    refund_all: bool,
    /// By entry; `None` is never asked to be paid.
    back: Vec<Option<u64>>,
}

fn settle(book: &Book) -> Paid {
    let (pool, winning) = (book.pool(), book.winning());
    match split(book.mode, pool, winning, book.fee_bps).expect("winning is a part of the pool") {
        Split::RefundAll => {
            let back = book.entries.iter().map(|(_, stake)| refund(*stake, 0, false, 0)).collect();
            Paid { matched: 0, fee: 0, refund_all: true, back }
        }
        Split::Matched { matched, fee } => {
            let lost = pool - winning;
            let of = |(outcome, stake): &(u8, u64)| match *outcome == book.won {
                true => Some(payout(*stake, matched, fee, winning).expect("a winner's payout")),
                false if matched < lost => Some(unmatched(*stake, matched, lost).expect("a loser's rest")),
                false => None,
            };
            Paid { matched, fee, refund_all: false, back: book.entries.iter().map(of).collect() }
        }
    }
}

/// What an entry is due before anything is rounded: a fraction.
struct Due {
    numerator: BigUint,
    denominator: BigUint,
}

struct Model {
    matched: BigUint,
    fee: BigUint,
    due: Vec<Due>,
}

/// The rules as docs/RULES.md tells them, in numbers without end: each side's matched part, then who keeps what.
fn model(book: &Book) -> Model {
    let big = |amount: u64| BigUint::from(amount);
    let side = |is_won: bool| -> BigUint {
        book.entries
            .iter()
            .filter(|(outcome, _)| (*outcome == book.won) == is_won)
            .map(|(_, s)| big(*s))
            .sum()
    };
    let (winners, losers) = (side(true), side(false));
    let zero = BigUint::ZERO;
    if winners == zero || losers == zero {
        let due = |(_, stake): &(u8, u64)| Due { numerator: big(*stake), denominator: big(1) };
        return Model { matched: zero.clone(), fee: zero, due: book.entries.iter().map(due).collect() };
    }
    let matched = match book.mode {
        Mode::ProRata => (&winners).min(&losers).clone(),
        Mode::Parimutuel => losers.clone(),
    };
    let fee = &matched * book.fee_bps / 10_000u32;
    let due = |(outcome, stake): &(u8, u64)| {
        let stake = big(*stake);
        match *outcome == book.won {
            // Its stake, and what it takes of the losers' matched stakes after the fee.
            true => Due {
                numerator: &stake * &winners + &stake * (&matched - &fee),
                denominator: winners.clone(),
            },
            // Its stake without the part that was matched.
            false => Due { numerator: &stake * &losers - &stake * &matched, denominator: losers.clone() },
        }
    };
    Model { due: book.entries.iter().map(due).collect(), matched, fee }
}

/// Every promise of the rules about one book.
fn check(book: &Book, seen: &mut Seen) {
    let (paid, model) = (settle(book), model(book));
    let (pool, winning) = (book.pool(), book.winning());
    let lost = pool - winning;
    let big = |amount: u64| BigUint::from(amount);
    assert_eq!((big(paid.matched), big(paid.fee)), (model.matched, model.fee), "{book:?}");

    let (mut out, mut paid_entries, mut losses, mut losers) = (BigUint::ZERO, 0u32, 0u128, 0u128);
    let mut parts_lost = false;
    for ((entry, back), due) in book.entries.iter().zip(&paid.back).zip(&model.due) {
        let (outcome, stake) = *entry;
        let got = back.unwrap_or(0);
        // The floor of what it is due: no less, and never more than the exact share.
        let rest = &due.numerator - big(got) * &due.denominator;
        assert!(rest < due.denominator, "{entry:?} of {book:?} got {got}");
        parts_lost |= rest != BigUint::ZERO;
        if paid.refund_all {
            assert_eq!(got, stake, "{book:?}");
        } else if outcome == book.won {
            assert!(got >= stake, "{entry:?} of {book:?} got {got}");
        } else {
            assert!(got <= stake, "{entry:?} of {book:?} got {got}");
            losses += (stake - got) as u128;
            losers += 1;
        }
        out += got;
        paid_entries += back.is_some() as u32;
    }

    // Conservation; what rounding leaves is less than a unit for each entry that is paid.
    let dust = big(pool) - &out - big(paid.fee);
    assert_eq!(&out + big(paid.fee) + &dust, big(pool));
    assert!(dust < big(paid_entries.max(1) as u64), "{book:?} left {dust}");
    assert_eq!(dust > BigUint::ZERO, parts_lost, "{book:?}");
    if paid.refund_all {
        assert!((winning == 0 || lost == 0) && paid.fee == 0 && dust == BigUint::ZERO, "{book:?}");
    } else {
        // Losers lose what was matched and the parts of units that were cut off, and the fee comes out of that alone.
        assert!((paid.matched as u128..paid.matched as u128 + losers.max(1)).contains(&losses), "{book:?}");
        assert!(paid.fee <= paid.matched && paid.matched <= lost, "{book:?}");
        assert_eq!(big(paid.fee), big(paid.matched) * book.fee_bps / 10_000u32);
    }
    seen.note(book, &paid, &dust);
}

/// How often a kind of book came, so that no edge is missed without anyone knowing.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, &'static str), u32>);

impl Seen {
    fn note(&mut self, book: &Book, paid: &Paid, dust: &BigUint) {
        let (pool, winning) = (book.pool(), book.winning());
        let (lost, count) = (pool - winning, book.entries.len());
        let winners = book.entries.iter().filter(|(outcome, _)| *outcome == book.won).count();
        let losers = count - winners;
        let rests = || book.entries.iter().zip(&paid.back).filter(|((outcome, _), _)| *outcome != book.won);
        for (edge, is_it) in [
            ("no entry", count == 0),
            ("nobody right", winners == 0 && losers > 0),
            ("everybody right", winners > 0 && losers == 0),
            ("one winner of many", winners == 1 && losers > 1),
            ("one loser of many", losers == 1 && winners > 1),
            ("one entry a side", winners == 1 && losers == 1),
            ("equal sides", winning == lost && winning > 0),
            ("smaller side wins", 0 < winning && winning < lost),
            ("larger side wins", 0 < lost && lost < winning),
            ("dust", *dust > BigUint::ZERO),
            ("dust of several units", *dust > BigUint::from(1u32)),
            ("matched without dust", !paid.refund_all && *dust == BigUint::ZERO),
            ("no fee", !paid.refund_all && book.fee_bps == 0),
            ("fee of 100 %", !paid.refund_all && book.fee_bps == 10_000),
            ("fee below a unit", !paid.refund_all && book.fee_bps > 0 && paid.fee == 0),
            ("pool of one unit", pool == 1),
            ("stakes of one unit", count > 1 && pool == count as u64),
            ("pool above 2^63", pool > 1 << 63 && !paid.refund_all),
            ("pool of 2^64 - 1", pool == u64::MAX && !paid.refund_all),
            ("a stake on each outcome", count == book.outcomes as usize && winners == 1 && !paid.refund_all),
            (
                "loser paid in part",
                !paid.refund_all && rests().any(|(_, back)| back.is_some_and(|back| back > 0)),
            ),
            ("loser's rest below a unit", !paid.refund_all && rests().any(|(_, back)| *back == Some(0))),
            ("128 outcomes", book.outcomes == MAX_OUTCOMES),
            ("last of 128 outcomes", book.won == MAX_OUTCOMES - 1 && winners > 0 && losers > 0),
        ] {
            *self.0.entry((book.mode.name(), edge)).or_default() += is_it as u32;
        }
    }

    /// Each edge came often, except those that a mode cannot have.
    fn check(&self) {
        for ((mode, edge), times) in &self.0 {
            println!("{mode:<11} {edge:<26} {times}");
            let is_other_mode = match *mode {
                "pro_rata" => edge.ends_with("128 outcomes"),
                // All that losers staked is matched.
                _ => edge.starts_with("loser"),
            };
            assert_eq!(*times == 0, is_other_mode, "{mode}: {edge} came {times} times");
            assert!(is_other_mode || *times >= 250, "{mode}: {edge} came only {times} times");
        }
    }
}

fn pick<T: Copy>(random: &mut Stream<Software>, from: &[T]) -> T {
    from[random.below_u64(from.len() as u64) as usize]
}

fn random_book(random: &mut Stream<Software>) -> Book {
    let mode = pick(random, &[Mode::ProRata, Mode::Parimutuel]);
    let any = 2 + random.below_u64(127) as u8;
    let outcomes = if mode == Mode::ProRata { 2 } else { pick(random, &[2, 3, any, MAX_OUTCOMES]) };
    let any = random.below_u64(outcomes as u64) as u8;
    let won = pick(random, &[0, outcomes - 1, any]);
    let any = random.below_u64(10_001) as u16;
    let fee_bps = pick(random, &[0, 1, 500, any, any, 10_000]);
    let (few, many) = (random.below_u64(8), random.below_u64(60));
    let count = pick(random, &[0, 1, 2, few, few, many]) as usize;

    let other =
        |random: &mut Stream<Software>| (won + 1 + random.below_u64(outcomes as u64 - 1) as u8) % outcomes;
    let shape = random.below_u64(9);
    let on: Vec<u8> = match shape {
        0 => (0..outcomes).collect(),
        1 => (0..count).map(|_| other(random)).collect(),
        2 => vec![won; count],
        // One winner, one loser.
        3 => (0..count).map(|i| if i == 0 { won } else { other(random) }).collect(),
        4 => (0..count).map(|i| if i == 0 { other(random) } else { won }).collect(),
        5 => (0..count).map(|_| random.below_u64(outcomes as u64) as u8).collect(),
        _ => (0..count).map(|_| if random.below_u64(2) == 0 { won } else { other(random) }).collect(),
    };
    let style = random.below_u64(5);
    let same = 1 + random.next_u64() % 1_000;
    let stake = |random: &mut Stream<Software>| match style {
        0 => 1,
        1 => 1 + random.below_u64(10),
        2 => same,
        // Any magnitude is as likely as any other.
        _ => (random.next_u64() >> random.below_u64(64)).max(1),
    };
    let mut entries: Vec<(u8, u64)> = on.into_iter().map(|outcome| (outcome, stake(random))).collect();
    // A vault counts in 64 bits: all stakes together fit them, and each is at least a unit.
    let mut left = u64::MAX;
    let mut after = entries.len() as u64;
    for (_, stake) in &mut entries {
        after -= 1;
        *stake = (*stake).min(left - after);
        left -= *stake;
    }
    let mut book = Book { mode, outcomes, won, fee_bps, entries };
    match random.below_u64(8) {
        // Equal sides.
        0 => {
            let (winning, lost) = (book.winning(), book.pool() - book.winning());
            let more = winning.abs_diff(lost);
            if more > 0 && more <= left {
                let on = if winning < lost { won } else { other(random) };
                book.entries.push((on, more));
            }
        }
        // Nothing fits any more.
        1 if !book.entries.is_empty() => {
            let at = random.below_u64(book.entries.len() as u64) as usize;
            book.entries[at].1 += left;
        }
        _ => {}
    }
    book
}

#[test]
fn books_pay_what_the_model_says() {
    let (mut random, mut seen) = (stream(5), Seen::default());
    for _ in 0..BOOKS {
        check(&random_book(&mut random), &mut seen);
    }
    seen.check();
}

/// Every book of up to two entries a side with stakes of up to 6 units, in both modes, at fees around every rounding.
#[test]
fn all_small_books_pay_what_the_model_says() {
    let sides: Vec<Vec<u64>> = std::iter::once(vec![])
        .chain((1..=6).map(|a| vec![a]))
        .chain((1..=6).flat_map(|a| (1..=a).map(move |b| vec![a, b])))
        .collect();
    let (mut seen, mut books) = (Seen::default(), 0);
    for mode in [Mode::ProRata, Mode::Parimutuel] {
        for (winners, losers) in sides.iter().flat_map(|w| sides.iter().map(move |l| (w, l))) {
            for fee_bps in [0, 1, 833, 834, 3_333, 3_334, 5_000, 9_999, 10_000] {
                let on = |outcome| move |stake: &u64| (outcome, *stake);
                let entries = winners.iter().map(on(1)).chain(losers.iter().map(on(0))).collect();
                check(&Book { mode, outcomes: 2, won: 1, fee_bps, entries }, &mut seen);
                books += 1;
            }
        }
    }
    assert_eq!(books, 2 * 28 * 28 * 9);
}

#[test]
fn known_books() {
    let book = |mode, fee_bps, entries: &[(u8, u64)]| {
        let paid = settle(&Book { mode, outcomes: 2, won: 0, fee_bps, entries: entries.to_vec() });
        (paid.matched, paid.fee, paid.back)
    };
    // The smaller side wins: the larger gets back two thirds.
    let entries = [(0, 100), (1, 300)];
    assert_eq!(book(Mode::ProRata, 1_000, &entries), (100, 10, vec![Some(190), Some(200)]));
    assert_eq!(book(Mode::Parimutuel, 1_000, &entries), (300, 30, vec![Some(370), None]));
    // The larger side wins: a third of each stake was matched and doubled, less the fee.
    let entries = [(0, 300), (1, 100)];
    assert_eq!(book(Mode::ProRata, 1_000, &entries), (100, 10, vec![Some(390), None]));
    assert_eq!(book(Mode::Parimutuel, 1_000, &entries), (100, 10, vec![Some(390), None]));
    // Equal sides of a market whose fee takes everything: winners get their stakes.
    let entries = [(0, 7), (1, 7)];
    assert_eq!(book(Mode::ProRata, 10_000, &entries), (7, 7, vec![Some(7), None]));
    // One-sided, either way.
    assert_eq!(book(Mode::ProRata, 500, &[(0, 7), (0, 9)]), (0, 0, vec![Some(7), Some(9)]));
    assert_eq!(book(Mode::Parimutuel, 500, &[(1, 7), (1, 9)]), (0, 0, vec![Some(7), Some(9)]));
    assert_eq!(split(Mode::Parimutuel, 0, 0, 500), Some(Split::RefundAll));
}

/// `None`, and never a wrong number or a panic.
#[test]
fn impossible_markets_have_no_result() {
    for mode in [Mode::ProRata, Mode::Parimutuel] {
        assert_eq!(split(mode, 10, 11, 0), None);
        assert_eq!(split(mode, 10, 5, 10_001), None);
        assert_eq!(split(mode, 10, 0, u16::MAX), None);
        assert!(split(mode, u64::MAX, 1, 10_000).is_some());
    }
    assert_eq!(payout(1, 10, 11, 5), None);
    assert_eq!(payout(1, 10, 1, 0), None);
    assert_eq!(payout(u64::MAX, u64::MAX, 0, 1), None);
    assert_eq!(payout(u64::MAX, 1, 0, u64::MAX), None);
    assert_eq!(unmatched(1, 11, 10), None);
    assert_eq!(unmatched(1, 0, 0), None);
    assert_eq!(unmatched(u64::MAX, 0, u64::MAX), Some(u64::MAX));
}

#[test]
fn modes_are_bytes_names_and_counts_of_outcomes() {
    let modes: Vec<(u8, &str)> = (0..=u8::MAX)
        .filter_map(|byte| Mode::from_byte(byte).map(|mode| (mode as u8, mode.name())))
        .collect();
    assert_eq!(modes, [(1, "pro_rata"), (2, "parimutuel")]);
    for outcomes in 0..=u8::MAX {
        assert_eq!(Mode::ProRata.allows(outcomes), outcomes == 2);
        assert_eq!(Mode::Parimutuel.allows(outcomes), (2..=128).contains(&outcomes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Cutting a stake into two never gains a unit, whichever side it is on, and costs one at most.
    #[test]
    fn cutting_a_stake_gains_nothing(a in magnitude(), b in magnitude(), more in magnitude(), lost in magnitude(), fee in 0u16..=10_000) {
        let Some(winning) = a.checked_add(b).and_then(|own| own.checked_add(more)) else { return Ok(()) };
        let Some(pool) = winning.checked_add(lost) else { return Ok(()) };
        for mode in [Mode::ProRata, Mode::Parimutuel] {
            let Some(Split::Matched { matched, fee }) = split(mode, pool, winning, fee) else { continue };
            let won = |stake| payout(stake, matched, fee, winning).unwrap();
            prop_assert!((won(a) + won(b)..=won(a) + won(b) + 1).contains(&won(a + b)));
        }
        // The same stakes on the side that loses, against `lost` that wins.
        if let Some(Split::Matched { matched, .. }) = split(Mode::ProRata, pool, lost, fee) {
            let rest = |stake| unmatched(stake, matched, winning).unwrap();
            prop_assert!((rest(a) + rest(b)..=rest(a) + rest(b) + 1).contains(&rest(a + b)));
        }
    }
}
