//! The vectors of games against a bankroll, of refunds and of what chance may do.

use super::common::tables::{INSTANT, STANDARD};
use super::{bytes, check, list, round_seed};
use lottery_rules::hash::Software;
use lottery_rules::house::{max_prize, prize, split};
use lottery_rules::instant::{self, PrizeTable};
use lottery_rules::keno;
use lottery_rules::odds::{ReturnStats, Returns, Turnover, Z_95, band};
use lottery_rules::picks::{self, from_sorted, matches};
use lottery_rules::refund::refund;

#[test]
fn keno_numbers() {
    let mut quick = picks::quick_pick_stream::<Software>(&bytes(96), &bytes(128), 5);
    let mut next = |spots| list(picks::sample(&mut quick, spots, keno::NUMBERS), 0);
    let (first, second) = (next(4), next(10));
    check(
        "keno",
        &[
            ("drawn", list(keno::draw::<Software>(&round_seed()), 0)),
            ("quick pick, 4", first),
            ("quick pick, 10", second),
        ],
    );
}

/// A multiplier in stakes, without zeros at its end.
fn times(multiplier_bps: u32) -> String {
    (multiplier_bps as f64 / 10_000.0).to_string()
}

#[test]
fn example_paytable() {
    let lines: Vec<(String, String)> = (1..=10u8)
        .map(|spots| {
            let row: Vec<String> =
                STANDARD[spots as usize - 1][..=spots as usize].iter().map(|bps| times(*bps)).collect();
            let returns = Returns::keno(&STANDARD, spots).unwrap();
            let (mean, stats) = (returns.mean, returns.stats());
            let rtp = format!("{}/{} = {:.4} %", mean.numerator, mean.denominator, 100.0 * stats.mean);
            (spots.to_string(), format!("{}: {rtp}, variance {:.4}", row.join(" "), stats.variance))
        })
        .collect();
    let lines: Vec<(&str, String)> = lines.iter().map(|(spots, line)| (&spots[..], line.clone())).collect();
    check("paytable", &lines);
}

#[test]
fn instant_outcomes() {
    let seed = round_seed();
    let table = PrizeTable::new(&INSTANT);
    let block: Vec<String> =
        instant::outcomes::<Software>(&seed, 0, 1).iter().map(|outcome| outcome.to_string()).collect();
    let rows: Vec<String> =
        (8..16).map(|i| (table.row(instant::outcome::<Software>(&seed, 0, i)) + 1).to_string()).collect();
    let returns = Returns::instant(&INSTANT).unwrap();
    let entry = |sequence, index| {
        let outcome = instant::outcome::<Software>(&seed, sequence, index);
        let row = table.row(outcome);
        let multiplier = INSTANT[row].multiplier_bps;
        format!(
            "{outcome}: row {}, {} of 333 is {}",
            row + 1,
            times(multiplier),
            prize(333, multiplier).unwrap()
        )
    };
    check(
        "instant",
        &[
            ("page 0, block 1", block.join(" ")),
            ("rows", rows.join(" ")),
            ("page 0, entry 13", entry(0, 13)),
            ("page 1, entry 13", entry(1, 13)),
            (
                "RTP",
                format!(
                    "{}/{} = {:.4} %, variance {:.4}",
                    returns.mean.numerator,
                    returns.mean.denominator,
                    100.0 * returns.stats().mean,
                    returns.stats().variance
                ),
            ),
        ],
    );
}

/// The worked round of the page against the bankroll.
#[test]
fn worked_house_round() {
    const BUDGET: u64 = 1_000_000_000;
    let drawn = keno::draw::<Software>(&round_seed());
    let tickets: [(&[u8], u64); 3] =
        [(&[2], 1_000_003), (&[2, 7, 17, 80], 250_001), (&[18, 32, 45, 55], 250_001)];
    let (mut pool, mut liability, mut prizes) = (0, 0, 0);
    let mut lines = Vec::new();
    for (numbers, stake) in tickets {
        let row = STANDARD[numbers.len() - 1];
        let highest = prize(stake, *row.iter().max().unwrap()).unwrap();
        assert!(highest <= max_prize(BUDGET));
        let ticket = from_sorted(numbers, keno::NUMBERS).unwrap();
        let matched = matches(&ticket, &drawn);
        let won = prize(stake, row[matched as usize]).unwrap();
        (pool, liability, prizes) = (pool + stake, liability + highest, prizes + won);
        lines.push(format!("{}: {matched} match, prize {won} of at most {highest}", list(ticket, 0)));
    }
    let out = split(pool, 400, BUDGET, prizes).unwrap();
    assert_eq!(pool + BUDGET, out.fee + prizes + out.to_bankroll);
    check(
        "house",
        &[
            ("share", max_prize(BUDGET).to_string()),
            ("ticket 1", lines[0].clone()),
            ("ticket 2", lines[1].clone()),
            ("ticket 3", lines[2].clone()),
            ("liability", liability.to_string()),
            ("split", format!("fee {}, prizes {prizes}, to bankroll {}", out.fee, out.to_bankroll)),
        ],
    );
}

#[test]
fn refunds() {
    let show = |bonus, slashed| refund(1_009, bonus, slashed, 1_000).unwrap().to_string();
    check(
        "refund",
        &[
            ("void", show(0, false)),
            ("slashed", show(0, true)),
            ("last jackpot", show(250, false)),
            ("dust", refund(9, 0, true, 1_000).unwrap().to_string()),
        ],
    );
}

#[test]
fn confidence() {
    let of = |stats: ReturnStats, tickets: f64, stake: f64| Turnover {
        stats,
        stakes: tickets * stake,
        squares: tickets * stake * stake,
    };
    let one = Returns::keno(&STANDARD, 1).unwrap().stats();
    let four = Returns::keno(&STANDARD, 4).unwrap().stats();
    let show = |groups: &[Turnover]| {
        let band = band(groups.iter().copied(), Z_95).unwrap();
        format!("{:.6}, from {:.6} to {:.6}", band.exact, band.low, band.high)
    };
    check(
        "band",
        &[
            ("1 spot", show(&[of(one, 10_000.0, 2.0)])),
            ("4 spots", show(&[of(four, 10_000.0, 5.0)])),
            ("together", show(&[of(one, 10_000.0, 2.0), of(four, 10_000.0, 5.0)])),
        ],
    );
}
