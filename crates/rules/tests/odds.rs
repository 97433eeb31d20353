use lottery_rules::draw::{DrawRules, Drum, MAX_PICKS, Ratio, Tier, odds};
use lottery_rules::odds::{binomial, hypergeometric};
use num_bigint::BigUint;

/// Whether "1 in `odds`" is printed as `published` with so many decimals.
fn prints(odds: Ratio, published: &str) -> bool {
    let decimals = published.split_once('.').map_or(0, |(_, d)| d.len());
    format!("{:.*}", decimals, odds.one_in()) == published.replace(',', "")
}

#[test]
fn binomials_are_exact() {
    let factorial = |n: u8| (1..=n).map(BigUint::from).product::<BigUint>();
    for n in 0..=128u8 {
        for k in 0..=n.min(MAX_PICKS) {
            let exact = factorial(n) / factorial(k) / factorial(n - k);
            assert_eq!(BigUint::from(binomial(n, k).unwrap()), exact, "C({n}, {k})");
        }
    }
    assert_eq!(binomial(5, 6), Some(0));
    assert_eq!(binomial(49, 6), Some(13_983_816));
    // About 1.2e23: far inside 128 bits.
    assert_eq!(binomial(128, 20), Some(119_656_698_232_656_998_274_400));
    assert_eq!(binomial(255, 127), None);
}

/// 5 of 69 and 1 of 26, as the lottery publishes them.
#[test]
fn powerball() {
    let rules =
        DrawRules { picks: 5, numbers: 69, bonus_numbers: 26, rollover: true, fee_bps: 0, tiers: &[] };
    for (matches, bonus, published) in [
        (5, 1, "292,201,338.00"),
        (5, 0, "11,688,053.52"),
        (4, 1, "913,129.18"),
        (4, 0, "36,525.17"),
        (3, 1, "14,494.11"),
        (3, 0, "579.76"),
        (2, 1, "701.33"),
        (1, 1, "91.98"),
        (0, 1, "38.32"),
    ] {
        let odds = rules.odds(&Tier { matches, bonus, share_bps: 0 }).unwrap();
        assert!(prints(odds, published), "{matches}+{bonus}: {}", odds.one_in());
    }
}

/// 5 of 50 and 2 of 12, as the lottery publishes them.
#[test]
fn euromillions() {
    for (matches, stars, published) in [
        (5, 2, "139,838,160"),
        (5, 1, "6,991,908"),
        (5, 0, "3,107,515"),
        (4, 2, "621,503"),
        (4, 1, "31,075"),
        (3, 2, "14,125"),
        (4, 0, "13,811"),
        (2, 2, "985"),
        (3, 1, "706"),
        (3, 0, "314"),
        (1, 2, "188"),
        (2, 1, "49"),
        (2, 0, "22"),
    ] {
        let main = Drum { picks: 5, numbers: 50, matches };
        let odds = odds(main, Some(Drum { picks: 2, numbers: 12, matches: stars })).unwrap();
        assert!(prints(odds, published), "{matches}+{stars}: {}", odds.one_in());
    }
}

#[test]
fn six_of_forty_nine() {
    for (matches, published) in [(6, "13,983,816"), (5, "54,201"), (4, "1,032"), (3, "57")] {
        let odds = odds(Drum { picks: 6, numbers: 49, matches }, None).unwrap();
        assert!(prints(odds, published), "{matches}: {}", odds.one_in());
    }
}

/// Ten spots of 80 with 20 drawn: all ten is 1 in 8,911,711.
#[test]
fn drawing_more_than_was_picked() {
    assert!(prints(hypergeometric(80, 10, 20, 10).unwrap(), "8,911,711"));
    assert_eq!(hypergeometric(80, 10, 20, 10), hypergeometric(80, 20, 10, 10));
    assert_eq!(hypergeometric(80, 81, 20, 10), None);
    assert_eq!(hypergeometric(80, 10, 81, 10), None);
    assert_eq!(hypergeometric(80, 10, 20, 21), Ratio::new(0, 1));
}

/// All outcomes together are certain, for every game there can be.
#[test]
fn probabilities_add_up_to_one() {
    for numbers in 1..=128u8 {
        for picks in 1..=numbers.min(MAX_PICKS) {
            let total = binomial(numbers, picks).unwrap();
            let sum: u128 = (0..=picks)
                .map(|matches| Drum { picks, numbers, matches }.odds().unwrap())
                .map(|odds| odds.numerator * (total / odds.denominator))
                .sum();
            assert_eq!(sum, total, "{picks} of {numbers}");
        }
    }
}

#[test]
fn ratios_are_reduced() {
    assert_eq!(Ratio::new(6, 4), Some(Ratio { numerator: 3, denominator: 2 }));
    assert_eq!(Ratio::new(0, 7), Some(Ratio { numerator: 0, denominator: 1 }));
    assert_eq!(Ratio::new(1, 0), None);
    let huge = Ratio::new(1, u128::MAX).unwrap();
    assert_eq!(huge.and(huge), None);
    let (a, b) = (Ratio::new(1, u128::MAX - 1).unwrap(), Ratio::new(u128::MAX - 1, 3).unwrap());
    assert_eq!(a.and(b), Ratio::new(1, 3));
    assert_eq!(odds(Drum { picks: 6, numbers: 5, matches: 1 }, None), None);
}
