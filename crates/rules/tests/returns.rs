mod common;

use common::tables::one_row;
use lottery_rules::instant::Prize;
use lottery_rules::keno::{MAX_SPOTS, TOTAL_WAYS, WAYS};
use lottery_rules::odds::{Band, Ratio, ReturnStats, Returns, Turnover, Z_95, band};
use num_bigint::BigUint;
use num_rational::Ratio as BigRatio;
use proptest::prelude::*;

type Exact = BigRatio<BigUint>;

fn big(ratio: Ratio) -> Exact {
    Exact::new(ratio.numerator.into(), ratio.denominator.into())
}

/// Mean and variance by their definition, in big fractions: E[M] and E[M^2] - E[M]^2.
fn moments(rows: &[(u64, u32)], total: u64) -> (Exact, Exact) {
    let mut mean = Exact::from(BigUint::ZERO);
    let mut square = mean.clone();
    for &(ways, bps) in rows {
        let chance = Exact::new(ways.into(), total.into());
        let multiplier = Exact::new(bps.into(), 10_000u32.into());
        mean += &chance * &multiplier;
        square += chance * &multiplier * multiplier;
    }
    let variance = square - &mean * &mean;
    (mean, variance)
}

/// One spot hits in 1 of 4 draws. At 3.8 times the stake: mean 0.95, variance 3.8^2 / 4 - 0.95^2 = 2.7075.
#[test]
fn one_spot_by_hand() {
    let returns = Returns::keno(&one_row(1, &[0, 38_000]), 1).unwrap();
    assert_eq!(returns.mean, Ratio::new(19, 20).unwrap());
    assert_eq!(returns.variance, Ratio::new(27_075, 10_000).unwrap());
    assert_eq!(returns.stats(), ReturnStats { mean: 0.95, variance: 2.7075 });
}

#[test]
fn what_is_not_offered_returns_nothing() {
    let paytable = one_row(4, &[0, 0, 10_000, 40_000, 1_000_000]);
    for spots in [0, 1, 3, 5, 10, 11, 255] {
        assert_eq!(Returns::keno(&paytable, spots), None, "{spots}");
    }
    assert!(Returns::keno(&paytable, 4).is_some());
    // A prize that is always won has no variance.
    let sure = Returns::instant(&[Prize { parts: u32::MAX, multiplier_bps: 0 }]).unwrap();
    assert_eq!((sure.mean, sure.variance), (Ratio::new(0, 1).unwrap(), Ratio::new(0, 1).unwrap()));
}

/// The highest multiplier there can be, as often as an RTP of 100 % allows, still fits.
#[test]
fn no_table_within_100_percent_overflows() {
    for spots in 1..=MAX_SPOTS {
        for matches in 0..=spots {
            let most = TOTAL_WAYS[spots - 1] * 10_000 / WAYS[spots - 1][matches];
            let mut prizes = [0; MAX_SPOTS + 1];
            prizes[matches] = u32::try_from(most).unwrap_or(u32::MAX);
            let returns = Returns::keno(&one_row(spots as u8, &prizes), spots as u8).unwrap();
            assert!(returns.mean.numerator <= returns.mean.denominator);
        }
    }
    let dearest =
        [Prize { parts: u32::MAX, multiplier_bps: u32::MAX }, Prize { parts: 1, multiplier_bps: 0 }];
    assert!(Returns::instant(&dearest).is_some());
    // Absurd tables are refused, not wrapped.
    assert_eq!(Returns::keno(&[[u32::MAX; MAX_SPOTS + 1]; MAX_SPOTS], 10), None);
}

proptest! {
    #[test]
    fn keno_moments_are_exact(spots in 1u8..=10, prizes in prop::collection::vec(0u32..=1_000_000, 11)) {
        let prizes = &prizes[..=spots as usize];
        prop_assume!(prizes.iter().any(|p| *p > 0));
        let rows: Vec<_> = WAYS[spots as usize - 1].into_iter().zip(prizes.iter().copied()).collect();
        let (mean, variance) = moments(&rows, TOTAL_WAYS[spots as usize - 1]);
        let returns = Returns::keno(&one_row(spots, prizes), spots).unwrap();
        prop_assert_eq!(big(returns.mean), mean);
        prop_assert_eq!(big(returns.variance), variance);
    }

    #[test]
    fn instant_moments_are_exact(
        rows in prop::collection::vec((any::<u32>(), any::<u32>()), 1..=16),
    ) {
        // Chances that together fit 2^32.
        let rows: Vec<_> = rows.iter().map(|(p, m)| (p / 16, *m)).collect();
        let prizes: Vec<_> =
            rows.iter().map(|&(parts, multiplier_bps)| Prize { parts, multiplier_bps }).collect();
        let wide: Vec<_> = rows.iter().map(|&(parts, m)| (parts as u64, m)).collect();
        let (mean, variance) = moments(&wide, 1 << 32);
        let returns = Returns::instant(&prizes).unwrap();
        prop_assert_eq!(big(returns.mean), mean);
        prop_assert_eq!(big(returns.variance), variance);
    }

    /// Groups of alike tickets say the same as the tickets one by one.
    #[test]
    fn a_band_needs_only_sums(stakes in prop::collection::vec(1u32..1_000_000, 1..50)) {
        let stats = ReturnStats { mean: 0.94, variance: 30.0 };
        let each = stakes.iter().map(|&s| {
            let stake = s as f64;
            Turnover { stats, stakes: stake, squares: stake * stake }
        });
        let sum = |f: fn(f64) -> f64| stakes.iter().map(|&s| f(s as f64)).sum::<f64>();
        let group = Turnover { stats, stakes: sum(|s| s), squares: sum(|s| s * s) };
        let (one, many) = (band([group], Z_95).unwrap(), band(each, Z_95).unwrap());
        prop_assert!((one.high - many.high).abs() < 1e-9 * one.high);
        prop_assert!((one.low - many.low).abs() < 1e-9);
    }
}

#[test]
fn a_band_by_hand() {
    // 10,000 tickets of stake 2: standard error sqrt(10,000 * 4 * 2.7075) / 20,000 = sqrt(2.7075) / 100.
    let stats = ReturnStats { mean: 0.95, variance: 2.7075 };
    let alike = Turnover { stats, stakes: 20_000.0, squares: 40_000.0 };
    let Band { exact, low, high } = band([alike], 2.0).unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(near(exact, 0.95) && near(high, 0.95 + 0.02 * 2.7075f64.sqrt()) && near(low + high, 1.9));
    // Weighted by stakes, whatever the counts; a group without stakes says nothing.
    let sure = ReturnStats { mean: 0.5, variance: 0.0 };
    let mixed = [
        Turnover { stats: sure, stakes: 60_000.0, squares: 1.0 },
        alike,
        Turnover { stats, stakes: 0.0, squares: 0.0 },
    ];
    assert!(near(band(mixed, 2.0).unwrap().exact, (0.5 * 6.0 + 0.95 * 2.0) / 8.0));
    // One ticket: the band is cut at nothing, which is the least one can get.
    assert_eq!(band([Turnover { stats, stakes: 1.0, squares: 1.0 }], Z_95).unwrap().low, 0.0);
    assert_eq!(band([], Z_95), None);
    assert_eq!(band([Turnover { stats, stakes: 0.0, squares: 0.0 }], Z_95), None);
}
