//! Random books with every edge in them, and a count of how often each came.

use std::collections::BTreeMap;

use lottery_rules::hash::Software;
use lottery_rules::prediction::{MAX_OUTCOMES, Mode};
use lottery_rules::seed::Stream;
use num_bigint::BigUint;

use super::{Book, Paid};

/// How often a kind of book came, so that no edge is missed without anyone knowing.
#[derive(Default)]
pub struct Seen(BTreeMap<(&'static str, &'static str), u32>);

impl Seen {
    pub fn note(&mut self, book: &Book, paid: &Paid, dust: &BigUint) {
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
    pub fn check(&self) {
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

pub fn random_book(random: &mut Stream<Software>) -> Book {
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
