mod common;

use common::tables::{DEMO, STANDARD, one_row, paytable};
use lottery_rules::hash::{Sha256, Software};
use lottery_rules::house::{BandError, RtpBand};
use lottery_rules::keno::{
    DRAWN, KenoRules, MAX_SPOTS, NUMBERS, Paytable, RulesError, TOTAL_WAYS, WAYS, draw, max_multipliers, rtp,
};
use lottery_rules::odds::{Ratio, binomial, keno};
use lottery_rules::picks::{check, count, numbers, sample};
use lottery_rules::seed::{Domain, Stream};
use num_bigint::BigUint;
use num_rational::Ratio as BigRatio;
use proptest::prelude::*;

const BAND: RtpBand = RtpBand { min_bps: 9_200, max_bps: 9_600 };

fn validate(paytable: &Paytable, band: RtpBand) -> Result<(), RulesError> {
    KenoRules { band, fee_bps: 400, paytable }.validate(400)
}

/// Whether "1 in `odds`" is printed as `published` with so many decimals.
fn prints(odds: Ratio, published: &str) -> bool {
    let decimals = published.split_once('.').map_or(0, |(_, d)| d.len());
    format!("{:.*}", decimals, odds.one_in()) == published.replace(',', "")
}

/// A ticket's numbers are drawn or not; counting from the side of the draw must give the same.
#[test]
fn ways_are_binomials_and_sum_to_the_total() {
    for spots in 1..=MAX_SPOTS as u8 {
        let row = WAYS[spots as usize - 1];
        for matches in 0..=MAX_SPOTS as u8 {
            let exact = match spots.checked_sub(matches) {
                None => 0,
                Some(missed) => binomial(20, matches).unwrap() * binomial(60, missed).unwrap(),
            };
            assert_eq!(row[matches as usize] as u128, exact, "{matches} of {spots}");
            // C(spots, m) C(80 - spots, 20 - m) of C(80, 20) draws is the same chance.
            let total = TOTAL_WAYS[spots as usize - 1] as u128;
            assert_eq!(keno(spots, matches), Ratio::new(exact, total), "{matches} of {spots}");
        }
        assert_eq!(row.iter().sum::<u64>(), TOTAL_WAYS[spots as usize - 1]);
        assert_eq!(TOTAL_WAYS[spots as usize - 1] as u128, binomial(80, spots).unwrap());
    }
    assert!(TOTAL_WAYS.iter().all(|ways| *ways < 1 << 42));
    assert_eq!((keno(0, 0), keno(11, 0)), (None, None));
}

/// "1 in" by spots, from all matches down, as lotteries of several US states print them on their prize tables
/// (Massachusetts for most, Washington for 8 and fewer of 10).
#[test]
fn odds_are_the_published_ones() {
    let published: &[(u8, &[(u8, &str)])] = &[
        (
            10,
            &[
                (10, "8,911,711.18"),
                (9, "163,381.37"),
                (8, "7,384.47"),
                (7, "620.68"),
                (6, "87.11"),
                (5, "19.44"),
                (4, "6.79"),
                (3, "3.74"),
                (2, "3.39"),
                (1, "5.57"),
                (0, "21.84"),
            ],
        ),
        (
            9,
            &[
                (9, "1,380,687.65"),
                (8, "30,681.95"),
                (7, "1,690.11"),
                (6, "174.84"),
                (5, "30.67"),
                (4, "8.76"),
            ],
        ),
        (8, &[(8, "230,114.61"), (7, "6,232.27"), (6, "422.53"), (5, "54.64"), (4, "12.27")]),
        (7, &[(7, "40,979.31"), (6, "1,365.98"), (5, "115.76"), (4, "19.16"), (3, "5.71")]),
        (6, &[(6, "7,752.84"), (5, "323.04"), (4, "35.04"), (3, "7.70")]),
        (5, &[(5, "1,550.57"), (4, "82.70"), (3, "11.91")]),
        (4, &[(4, "326.44"), (3, "23.12"), (2, "4.70")]),
        (3, &[(3, "72.07"), (2, "7.21")]),
        (2, &[(2, "16.63"), (1, "2.63")]),
        (1, &[(1, "4.00")]),
    ];
    for &(spots, rows) in published {
        for &(matches, published) in rows {
            let odds = keno(spots, matches).unwrap();
            assert!(prints(odds, published), "{matches} of {spots}: {} not {published}", odds.one_in());
        }
    }
}

/// "Odds of winning this game", as Michigan and Washington print them for tables that pay from so many matches up.
#[test]
fn chances_of_any_prize_are_the_published_ones() {
    for (spots, from, none_pays, published) in [
        (10, 5, true, "9.05"),
        (9, 4, false, "6.53"),
        (8, 4, false, "9.77"),
        (7, 3, false, "4.23"),
        (6, 3, false, "6.19"),
        (5, 3, false, "10.34"),
        (4, 2, false, "3.86"),
    ] {
        let row = WAYS[spots - 1];
        let wins = row[from..].iter().sum::<u64>() + if none_pays { row[0] } else { 0 };
        let odds = Ratio::new(wins as u128, TOTAL_WAYS[spots - 1] as u128).unwrap();
        assert!(prints(odds, published), "{spots}: {}", odds.one_in());
    }
}

#[test]
fn rtp_is_exact() {
    let exact = |table: &Paytable, spots| rtp(table, spots).unwrap().ratio().unwrap();
    let ratio = |n, d| Ratio::new(n, d).unwrap();
    assert_eq!(exact(&STANDARD, 1), ratio(19, 20));
    assert_eq!(exact(&STANDARD, 2), ratio(601, 632));
    assert_eq!(exact(&STANDARD, 3), ratio(969, 1_027));
    assert_eq!(exact(&STANDARD, 4), ratio(150_195, 158_158));
    assert_eq!(exact(&STANDARD, 5), ratio(300_225, 316_316));
    assert_eq!(exact(&STANDARD, 6), ratio(22_833, 24_332));
    assert_eq!(exact(&STANDARD, 7), ratio(1_573_905, 1_671_956));
    assert_eq!(exact(&STANDARD, 8), ratio(1_815_447, 1_931_215));
    assert_eq!(exact(&STANDARD, 9), ratio(286_943_663, 305_131_970));
    assert_eq!(exact(&STANDARD, 10), ratio(40_298_294_759, 43_328_739_740));
    assert_eq!(exact(&DEMO, 5), ratio(299_745, 316_316));
    assert_eq!(exact(&DEMO, 6), ratio(21_465, 22_594));
    assert_eq!(exact(&DEMO, 7), ratio(785_907, 835_978));
    assert_eq!(exact(&DEMO, 8), ratio(29_151_702, 30_513_197));
    assert_eq!(exact(&DEMO, 9), ratio(143_310_782, 152_565_985));
    assert_eq!(exact(&DEMO, 10), ratio(3_751_484_741, 3_938_976_340));
}

#[test]
fn rtp_has_no_answer_beyond_its_range() {
    for spots in [0, 11, 255] {
        assert_eq!(rtp(&STANDARD, spots), None);
    }
    // C(80, 10) * (2^32 - 1) needs 73 bits; a single spot's table fits whatever it pays.
    let absurd = [[u32::MAX; MAX_SPOTS + 1]; MAX_SPOTS];
    assert_eq!(rtp(&absurd, 10), None);
    assert_eq!(rtp(&absurd, 1).unwrap().weighted_bps, 80 * u32::MAX as u64);
}

#[test]
fn good_paytables_pass() {
    assert_eq!(validate(&STANDARD, BAND), Ok(()));
    assert_eq!(validate(&DEMO, BAND), Ok(()));
    // Money back is prize enough.
    assert_eq!(validate(&one_row(1, &[9_333, 10_000]), BAND), Ok(()));
    for spots in 1..=10u8 {
        // One spot count alone may be offered.
        assert_eq!(validate(&one_row(spots, &STANDARD[spots as usize - 1]), BAND), Ok(()), "{spots}");
    }
}

#[test]
fn bands_include_their_ends_exactly() {
    let band = |min_bps, max_bps| RtpBand { min_bps, max_bps };
    let table = one_row(1, &[0, 38_000]);
    let out = Err(RulesError::Rtp { spots: 1 });
    for (min, max, outcome) in [
        (9_500, 9_500, Ok(())),
        (9_500, 9_600, Ok(())),
        (9_400, 9_500, Ok(())),
        (9_501, 9_600, out),
        (9_400, 9_499, out),
    ] {
        assert_eq!(validate(&table, band(min, max)), outcome, "{min} to {max}");
    }
    // A quarter of a basis point beside the band is beside it: nothing is rounded.
    assert_eq!(validate(&one_row(1, &[0, 38_001]), band(9_500, 9_500)), out);
    assert_eq!(validate(&one_row(1, &[0, 37_999]), band(9_500, 9_500)), out);
    // One multiplier for 8 of 8 that falls just short of the band's end, and the next, just beyond it.
    let ways = TOTAL_WAYS[7];
    let short = u32::try_from(9_300 * ways / WAYS[7][8]).unwrap();
    let only = |prize| one_row(8, &[0, 0, 0, 0, 0, 0, 0, 0, prize]);
    assert_ne!(9_300 * ways % WAYS[7][8], 0);
    assert_eq!(validate(&only(short), band(9_300, 9_300)), Err(RulesError::Rtp { spots: 8 }));
    assert_eq!(validate(&only(short), band(9_299, 9_300)), Ok(()));
    assert_eq!(validate(&only(short + 1), band(9_300, 9_301)), Ok(()));
    assert_eq!(validate(&only(short + 1), band(9_299, 9_300)), Err(RulesError::Rtp { spots: 8 }));
}

#[test]
fn bad_paytables_are_refused() {
    let with = |spots: usize, matches: usize, prize| {
        let mut table = STANDARD;
        table[spots - 1][matches] = prize;
        table
    };
    for (table, error) in [
        (paytable([&[]; MAX_SPOTS]), RulesError::NothingOffered),
        (with(1, 2, 1), RulesError::TooManyMatches { spots: 1 }),
        (with(9, 10, 10_000), RulesError::TooManyMatches { spots: 9 }),
        // Also in a row that offers nothing else.
        (one_row(3, &[0, 0, 0, 0, 20_000]), RulesError::TooManyMatches { spots: 3 }),
        (one_row(2, &[9_500, 9_999, 9_999]), RulesError::TopPrize { spots: 2 }),
        (with(1, 1, 9_999), RulesError::TopPrize { spots: 1 }),
        (with(1, 1, 0), RulesError::Rtp { spots: 2 }),
        (with(5, 5, 100_000_000), RulesError::Rtp { spots: 5 }),
        (with(10, 5, 0), RulesError::Rtp { spots: 10 }),
        // A sum beyond 64 bits is not wrapped into the band.
        (with(10, 3, u32::MAX), RulesError::Rtp { spots: 10 }),
    ] {
        let narrow = RtpBand { min_bps: 9_200, max_bps: 9_509 };
        let band = if error == (RulesError::Rtp { spots: 2 }) { narrow } else { BAND };
        assert_eq!(validate(&table, band), Err(error));
        assert!(error.to_string().split(' ').count() > 4, "{error}");
    }
    // Two spots, 95.0949 %, pass or fail by the band alone.
    assert_eq!(validate(&one_row(2, &STANDARD[1]), RtpBand { min_bps: 9_200, max_bps: 9_510 }), Ok(()));
}

#[test]
fn fee_and_band_are_checked_first() {
    let none = paytable([&[]; MAX_SPOTS]);
    let rules = KenoRules { band: BAND, fee_bps: 400, paytable: &none };
    assert_eq!(rules.validate(399), Err(RulesError::Band(BandError::Fee)));
    let above = KenoRules { fee_bps: 401, ..rules };
    assert_eq!(above.validate(500), Err(RulesError::Band(BandError::AboveStake)));
    let empty = KenoRules { band: RtpBand { min_bps: 0, max_bps: 9_000 }, ..rules };
    assert_eq!(empty.validate(400), Err(RulesError::Band(BandError::Ends)));
    let message = RulesError::Band(BandError::Ends).to_string();
    assert_eq!(message, BandError::Ends.message());
}

#[test]
fn the_highest_multiplier_is_wherever_it_stands() {
    let highest = [38_000, 95_000, 480_000, 1_700_000, 8_000_000, 28_000_000, 65_000_000];
    assert_eq!(max_multipliers(&STANDARD)[..7], highest);
    assert_eq!(max_multipliers(&STANDARD)[7..], [100_000_000; 3]);
    assert_eq!(max_multipliers(&one_row(4, &[70_000, 0, 10_000])), [0, 0, 0, 70_000, 0, 0, 0, 0, 0, 0]);
    assert_eq!(max_multipliers(&paytable([&[]; MAX_SPOTS])), [0; MAX_SPOTS]);
}

#[test]
fn a_draw_has_its_own_stream() {
    let seed = Software::hashv(&[b"keno"]);
    let from = |domain| sample(&mut Stream::<Software>::new(&seed, domain), DRAWN, NUMBERS);
    assert_eq!(draw::<Software>(&seed), from(Domain::Keno));
    assert_ne!(draw::<Software>(&seed), from(Domain::Draw));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn twenty_different_numbers_of_eighty(seed in any::<[u8; 32]>()) {
        let drawn = draw::<Software>(&seed);
        prop_assert_eq!(check(&drawn, 20, 80), Ok(()));
        prop_assert_eq!(count(&drawn), 20);
        let numbers: Vec<u8> = numbers(drawn).collect();
        prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(numbers.len() == 20 && numbers[0] >= 1 && numbers[19] <= 80);
        prop_assert_eq!(draw::<Software>(&seed), drawn);
    }

    /// Against the definition: the sum of chance times prize, in big fractions.
    #[test]
    fn rtp_equals_its_definition(spots in 1u8..=10, prizes in prop::collection::vec(0u32..=200_000, 11)) {
        let prizes = &prizes[..=spots as usize];
        let mut expected = BigRatio::from(BigUint::ZERO);
        for (matches, prize) in prizes.iter().enumerate() {
            let chance = keno(spots, matches as u8).unwrap();
            expected += BigRatio::new(BigUint::from(chance.numerator), chance.denominator.into())
                * BigRatio::new(BigUint::from(*prize), 10_000u32.into());
        }
        let exact = rtp(&one_row(spots, prizes), spots).unwrap().ratio().unwrap();
        prop_assert_eq!(BigRatio::new(exact.numerator.into(), exact.denominator.into()), expected);
    }
}
