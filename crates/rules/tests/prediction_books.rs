//! What players of a market get, against a plain model in big integers.

mod common;
#[path = "prediction_books/random.rs"]
mod random;

use common::{magnitude, stream};
use lottery_rules::prediction::{Mode, Split, payout, split, unmatched};
use lottery_rules::refund::refund;
use num_bigint::BigUint;
use proptest::prelude::*;
use random::{Seen, random_book};

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
    assert_eq!(paid.refund_all, winning == 0 || lost == 0, "{book:?}");
    if paid.refund_all {
        assert!(paid.fee == 0 && dust == BigUint::ZERO, "{book:?}");
    } else {
        // Losers lose what was matched and the parts of units that were cut off, and the fee comes out of that alone.
        assert!((paid.matched as u128..paid.matched as u128 + losers.max(1)).contains(&losses), "{book:?}");
        assert!(paid.fee <= paid.matched && paid.matched <= lost, "{book:?}");
        assert_eq!(big(paid.fee), big(paid.matched) * book.fee_bps / 10_000u32);
    }
    seen.note(book, &paid, &dust);
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
