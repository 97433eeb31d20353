mod common;

use common::magnitude;
use lottery_rules::house::{BUDGET_SHARES, BandError, HouseSplit, Rtp, RtpBand, max_prize, prize, split};
use num_bigint::BigUint;
use proptest::prelude::*;

#[test]
fn prizes_by_hand() {
    assert_eq!(prize(1_000_000, 25_000), Some(2_500_000));
    assert_eq!(prize(1_000_000, 0), Some(0));
    assert_eq!(prize(0, u32::MAX), Some(0));
    // Rounded down, also below one unit.
    assert_eq!(prize(3, 5_000), Some(1));
    assert_eq!(prize(1, 9_999), Some(0));
    assert_eq!(prize(1_000_003, 38_000), Some(3_800_011));
}

#[test]
fn huge_prizes_are_exact_or_none() {
    assert_eq!(prize(u64::MAX, 10_000), Some(u64::MAX));
    assert_eq!(prize(u64::MAX, 9_999), Some((u64::MAX as u128 * 9_999 / 10_000) as u64));
    assert_eq!(prize(u64::MAX, 10_001), None);
    // 42,949,672,960,000 = 2^32 * 10^4: where the whole stakes no longer fit 32 bits.
    let edge = 10_000u64 << 32;
    for stake in [edge - 10_000, edge - 1, edge, edge + 1, edge + 9_999, edge + 20_000, 2 * edge - 1] {
        let exact = stake as u128 * u32::MAX as u128 / 10_000;
        assert_eq!(prize(stake, u32::MAX), u64::try_from(exact).ok(), "{stake}");
    }
    // The last stake that the highest multiplier can pay, and the next.
    let last = (u64::MAX as u128 * 10_000 / u32::MAX as u128) as u64;
    assert!(prize(last, u32::MAX).is_some());
    assert_eq!(prize(last + 2, u32::MAX), None);
}

#[test]
fn one_entry_may_win_a_sixteenth() {
    assert_eq!(BUDGET_SHARES, 16);
    for (budget, most) in [(0, 0), (15, 0), (16, 1), (31, 1), (32, 2), (u64::MAX, u64::MAX / 16)] {
        assert_eq!(max_prize(budget), most);
    }
}

#[test]
fn splits_by_hand() {
    let go = |pool, fee_bps, budget, prizes| split(pool, fee_bps, budget, prizes);
    let is = |fee, to_bankroll| Some(HouseSplit { fee, to_bankroll });
    // Nobody won: the budget comes home with the pool less the fee.
    assert_eq!(go(1_000, 400, 50_000, 0), is(40, 50_960));
    // One prize: the round lost money, and the fee is taken all the same.
    assert_eq!(go(1_000, 400, 50_000, 3_000), is(40, 47_960));
    // Everything that was reserved is won.
    assert_eq!(go(1_000, 400, 50_000, 50_000), is(40, 960));
    // The fee is rounded down; the rest of the unit is the bankroll's.
    assert_eq!(go(1_003, 333, 16, 5), is(33, 981));
    assert_eq!(go(0, 400, 50_000, 0), is(0, 50_000));
    assert_eq!(go(1_000, 10_000, 0, 0), is(1_000, 0));
}

#[test]
fn impossible_splits_are_refused() {
    assert_eq!(split(1_000, 10_001, 50_000, 0), None);
    assert_eq!(split(1_000, 0, 50_000, 50_001), None);
    assert_eq!(split(u64::MAX, 0, 1, 0), None);
    // What does not go through the bankroll need not fit beside it.
    assert!(split(u64::MAX, 0, 1, 1).is_some());
    assert!(split(u64::MAX, 10_000, u64::MAX, 0).is_some());
}

#[test]
fn bands_are_checked_against_fee_and_cap() {
    let band = |min_bps, max_bps| RtpBand { min_bps, max_bps };
    for (band, fee_bps, cap, outcome) in [
        (band(9_200, 9_600), 400, 400, Ok(())),
        (band(1, 1), 0, 0, Ok(())),
        (band(10_000, 10_000), 0, 0, Ok(())),
        (band(1, 1), 9_999, u16::MAX, Ok(())),
        (band(9_200, 9_600), 401, 400, Err(BandError::Fee)),
        (band(9_200, 9_600), 10_000, u16::MAX, Err(BandError::Fee)),
        (band(9_200, 9_600), u16::MAX, u16::MAX, Err(BandError::Fee)),
        (band(0, 9_600), 400, 400, Err(BandError::Ends)),
        (band(9_601, 9_600), 400, 400, Err(BandError::Ends)),
        (band(9_200, 9_601), 400, 400, Err(BandError::AboveStake)),
        (band(1, 10_001), 0, 0, Err(BandError::AboveStake)),
        (band(u16::MAX, u16::MAX), 9_999, u16::MAX, Err(BandError::AboveStake)),
    ] {
        assert_eq!(band.validate(fee_bps, cap), outcome, "{band:?} fee {fee_bps} cap {cap}");
    }
}

#[test]
fn both_ends_of_a_band_are_in_it() {
    let band = RtpBand { min_bps: 9_200, max_bps: 9_600 };
    // Of 1,000 ways, whole basis points are multiples of 1,000: one way's worth beyond an end is out.
    let at = |weighted_bps| band.contains(Rtp { weighted_bps, ways: 1_000 });
    assert!(at(9_200_000) && at(9_600_000));
    assert!(!at(9_199_999) && !at(9_600_001));
}

/// The outcome of a round whose pages took only what their budget carries: each ticket (stake, highest multiplier,
/// multiplier that was won) is entered when its highest prize fits its share and what is left of the budget.
fn play(budget: u64, tickets: &[(u64, u32, u32)]) -> (u64, u64, u64, u64) {
    let (mut pool, mut liability, mut prizes, mut won) = (0, 0, 0, 0);
    for &(stake, highest, multiplier) in tickets {
        let Some(worst) = prize(stake, highest).filter(|worst| *worst <= max_prize(budget)) else { continue };
        if worst > budget - liability {
            continue;
        }
        liability += worst;
        pool += stake;
        let prize = prize(stake, multiplier.min(highest)).unwrap();
        prizes += prize;
        won += u64::from(prize > 0);
    }
    (pool, liability, prizes, won)
}

#[derive(Clone, Copy, Debug)]
enum Luck {
    Nobody,
    One,
    Some,
    Everyone,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn prizes_are_exact(stake in magnitude(), multiplier in any::<u32>(), shift in 0u32..32) {
        let multiplier = multiplier >> shift;
        let exact = BigUint::from(stake) * multiplier / 10_000u32;
        prop_assert_eq!(prize(stake, multiplier), u64::try_from(exact).ok());
    }

    /// Cutting a stake into two never wins more, so nobody gains by it.
    #[test]
    fn rounding_favours_the_bankroll(a in 0u64..1 << 40, b in 0u64..1 << 40, multiplier in 0u32..1 << 23) {
        let parts = prize(a, multiplier).unwrap() + prize(b, multiplier).unwrap();
        let whole = prize(a + b, multiplier).unwrap();
        prop_assert!(parts <= whole && whole <= parts + 1);
    }

    #[test]
    fn splits_conserve_money(
        pool in magnitude(),
        fee_bps in 0u16..=10_000,
        budget in magnitude(),
        part in magnitude(),
    ) {
        let prizes = part.min(budget);
        let fee = pool as u128 * fee_bps as u128 / 10_000;
        let rest = pool as u128 - fee + budget as u128 - prizes as u128;
        let Some(out) = split(pool, fee_bps, budget, prizes) else {
            // The only reason that these inputs can give.
            prop_assert!(rest > u64::MAX as u128);
            return Ok(());
        };
        let wide = |x: u64| x as u128;
        prop_assert_eq!(wide(pool) + wide(budget), wide(out.fee) + wide(prizes) + wide(out.to_bankroll));
        prop_assert_eq!((wide(out.fee), wide(out.to_bankroll)), (fee, rest));
    }

    #[test]
    fn contains_is_exact(min in 1u16..=10_000, span in 0u16..10_000, ways in 1u64..=1 << 42, near in -2i64..=2) {
        let band = RtpBand { min_bps: min, max_bps: (min + span).min(10_000) };
        for end in [band.min_bps, band.max_bps] {
            let weighted_bps = (end as u64 * ways).saturating_add_signed(near);
            let big = |bps: u16| bps as u128 * ways as u128;
            let inside = (big(band.min_bps)..=big(band.max_bps)).contains(&(weighted_bps as u128));
            prop_assert_eq!(band.contains(Rtp { weighted_bps, ways }), inside);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// Whoever wins, a round that was entered within its budgets can pay, and its money adds up.
    #[test]
    fn accepted_rounds_can_always_pay(
        budget in 16u64..1 << 50,
        fee_bps in 0u16..=1_000,
        mut tickets in prop::collection::vec((0u64..1 << 44, 10_000u32..=100_000_000, any::<u32>()), 0..40),
        luck in prop::sample::select(vec![Luck::Nobody, Luck::One, Luck::Some, Luck::Everyone]),
    ) {
        for (i, (stake, highest, won)) in tickets.iter_mut().enumerate() {
            // Stakes around what fits a share, so that many are just in and some just out; dust in most prizes.
            let fits = (max_prize(budget) as u128 * 10_000 / *highest as u128) as u64;
            *stake %= fits + fits / 8 + 2;
            *won = match luck {
                Luck::Nobody => 0,
                Luck::One if i > 0 => 0,
                Luck::One | Luck::Everyone => *highest,
                Luck::Some => *won % (*highest + 1),
            };
        }
        let (pool, liability, prizes, won) = play(budget, &tickets);
        prop_assert!(prizes <= liability && liability <= budget);
        let out = split(pool, fee_bps, budget, prizes).unwrap();
        prop_assert_eq!(pool + budget, out.fee + prizes + out.to_bankroll);
        match luck {
            Luck::Nobody => prop_assert_eq!(prizes, 0),
            Luck::One => prop_assert!(won <= 1),
            Luck::Some => {}
            Luck::Everyone => prop_assert_eq!(prizes, liability),
        }
    }
}

#[test]
fn errors_read_as_sentences() {
    for error in [BandError::Fee, BandError::Ends, BandError::AboveStake] {
        assert_eq!(error.to_string(), error.message());
        assert!(error.message().split(' ').count() > 5);
    }
}
