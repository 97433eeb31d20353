//! The vectors of markets: what facts are, when they are decided, who gets what.

use super::{PAGE, check};
use lottery_rules::hash::Software;
use lottery_rules::prediction::{
    self as market, Facts, Mapping, MappingKind, Mode, Quorum, Range, Split, Verdict, payout, unmatched,
};
use lottery_rules::refund::refund;

/// Five numbers and a bonus ball.
const DRAWN: Facts = [4, 19, 27, 33, 60, 12, 0, 0];
/// Two results to compare.
const PAIR: Facts = [12, 15, 0, 0, 0, 0, 0, 0];

/// A number as prose prints it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
    groups.join(",")
}

/// The prose of the page says this, wherever its lines break.
#[track_caller]
fn says(text: &str) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(PAGE).contains(&words(text)), "docs/RULES.md does not say {text:?}");
}

fn range(low: i64, high: i64) -> Range {
    Range { low, high }
}

fn outcome(mapping: Mapping, facts: &Facts) -> String {
    mapping.validate().unwrap();
    mapping.outcome(facts).map_or("refused".to_string(), |outcome| format!("outcome {outcome}"))
}

#[test]
fn mappings() {
    let bonus = Mapping {
        kind: MappingKind::Parity,
        outcomes: 2,
        fact_count: 6,
        subject: 0b10_0000,
        other: 0,
        tie: 0,
        minimum: 1,
        maximum: 26,
        ranges: &[],
    };
    let thirds = [range(15, 140), range(141, 175), range(176, 335)];
    let total = Mapping {
        kind: MappingKind::Ranges,
        outcomes: 3,
        subject: 0b1_1111,
        minimum: 15,
        maximum: 335,
        ranges: &thirds,
        ..bonus
    };
    let lucky = [range(7, 7), range(12, 12), range(21, 21)];
    let exact = Mapping { kind: MappingKind::Exact, outcomes: 4, ranges: &lucky, ..bonus };
    let number = Mapping { kind: MappingKind::Number, outcomes: 26, ..bonus };
    let three = Mapping {
        kind: MappingKind::Compare,
        outcomes: 3,
        fact_count: 2,
        subject: 0b1,
        other: 0b10,
        tie: 2,
        ..bonus
    };
    let two = Mapping { outcomes: 2, tie: 1, ..three };
    let with_bonus = |ball| Facts::from([4, 19, 27, 33, 60, ball, 0, 0]);
    let equal = [12, 12, 0, 0, 0, 0, 0, 0];
    let pair = |mapping, one: String, another: &Facts| format!("{one}, {}", outcome(mapping, another));
    says(&format!("the sum of the five, {},", DRAWN[..5].iter().sum::<i64>()));
    let both = |mapping, one: &Facts, another: &Facts| pair(mapping, outcome(mapping, one), another);
    check(
        "mapping",
        &[
            ("parity", both(bonus, &DRAWN, &with_bonus(7))),
            ("ranges", outcome(total, &DRAWN)),
            ("exact", both(exact, &DRAWN, &with_bonus(8))),
            ("number", both(number, &DRAWN, &with_bonus(27))),
            ("compare, tie 2", both(three, &PAIR, &equal)),
            ("compare, tie 1", both(two, &PAIR, &equal)),
        ],
    );
}

#[test]
fn quorums() {
    let facts = |number: i64| -> Facts { [number, 0, 0, 0, 0, 0, 0, 0] };
    let verdict = |reporters, needed, said: &[i64]| {
        let quorum = Quorum { reporters, needed };
        quorum.validate().unwrap();
        let said: Vec<Facts> = said.iter().map(|number| facts(*number)).collect();
        match quorum.verdict(said.iter()) {
            Verdict::Waiting => "waiting".to_string(),
            Verdict::Decided(facts) => format!("decided, {}", facts[0]),
            Verdict::Split => "split".to_string(),
        }
    };
    let blocking =
        |(needed, reporters)| format!("{needed} of {reporters}: {}", Quorum { reporters, needed }.blocking());
    let blockings = [(1, 1), (2, 3), (3, 3), (3, 5), (9, 16), (16, 16)].map(blocking);
    check(
        "quorum",
        &[
            ("blocking", blockings.join("; ")),
            ("2 of 3: 7", verdict(3, 2, &[7])),
            ("2 of 3: 7 9", verdict(3, 2, &[7, 9])),
            ("2 of 3: 7 9 7", verdict(3, 2, &[7, 9, 7])),
            ("2 of 3: 7 9 8", verdict(3, 2, &[7, 9, 8])),
            ("4 of 5: 7 9", verdict(5, 4, &[7, 9])),
            ("4 of 5: 7 9 7 9", verdict(5, 4, &[7, 9, 7, 9])),
        ],
    );
}

#[test]
fn values() {
    let value = |facts| hex::encode(market::value::<Software>(facts));
    let negative = [-1, i64::MIN, i64::MAX, 0, 0, 0, 0, 0];
    check("facts", &[("drawn", value(&DRAWN)), ("pair", value(&PAIR)), ("-1, ends", value(&negative))]);
}

/// The worked market of the page: what each entry gets when `won` comes true.
fn settle(mode: Mode, fee_bps: u16, entries: &[(u8, u64)], won: u8) -> String {
    let pool: u64 = entries.iter().map(|(_, stake)| stake).sum();
    let winning: u64 = entries.iter().filter(|(outcome, _)| *outcome == won).map(|(_, stake)| stake).sum();
    let list =
        |amounts: Vec<u64>| amounts.iter().map(|amount| amount.to_string()).collect::<Vec<_>>().join(" ");
    let (matched, fee) = match market::split(mode, pool, winning, fee_bps).unwrap() {
        Split::RefundAll => {
            let back = entries.iter().map(|(_, stake)| refund(*stake, 0, false, 0).unwrap()).collect();
            return format!("refund all, {}", list(back));
        }
        Split::Matched { matched, fee } => (matched, fee),
    };
    let back: Vec<u64> = entries
        .iter()
        .map(|(outcome, stake)| match *outcome == won {
            true => payout(*stake, matched, fee, winning).unwrap(),
            false => unmatched(*stake, matched, pool - winning).unwrap(),
        })
        .collect();
    let dust = pool - fee - back.iter().sum::<u64>();
    format!("matched {matched}, fee {fee}, back {}, dust {dust}", list(back))
}

#[test]
fn worked_markets() {
    let two = [(0, 250_001), (0, 100_002), (1, 1_000_003), (1, 77)];
    let three = [(0, 250_001), (0, 100_002), (1, 1_000_003), (2, 77)];
    let equal = [(0, 7), (1, 7)];
    let lines = [
        ("pro rata, 0", settle(Mode::ProRata, 500, &two, 0)),
        ("pro rata, 1", settle(Mode::ProRata, 500, &two, 1)),
        ("parimutuel, 0", settle(Mode::Parimutuel, 500, &three, 0)),
        ("parimutuel, 1", settle(Mode::Parimutuel, 500, &three, 1)),
        ("parimutuel, 2", settle(Mode::Parimutuel, 500, &three, 2)),
        ("nobody right", settle(Mode::Parimutuel, 500, &three, 3)),
        ("nobody wrong", settle(Mode::ProRata, 500, &two[..2], 0)),
        ("small fee", settle(Mode::ProRata, 500, &equal, 0)),
        ("fee of 100 %", settle(Mode::ProRata, 10_000, &equal, 0)),
    ];
    check("market", &lines);

    // The sums that the page spells out.
    let (winning, lost) = (250_001 + 100_002, 1_000_003 + 77);
    let Some(Split::Matched { matched, fee }) = market::split(Mode::ProRata, winning + lost, winning, 500)
    else {
        panic!("both sides have stakes");
    };
    says(&format!("W = {} is the smaller side", grouped(winning)));
    says(&format!("floor({}.{:02})", grouped(fee), matched * 5 % 100));
    let of = |stake: u64, part: u64, whole: u64, floor: u64| {
        says(&format!(
            "floor({} * {} / {}) = {}",
            grouped(stake),
            grouped(part),
            grouped(whole),
            grouped(floor)
        ));
    };
    of(250_001, matched - fee, winning, payout(250_001, matched, fee, winning).unwrap() - 250_001);
    of(1_000_003, lost - matched, lost, unmatched(1_000_003, matched, lost).unwrap());
}
