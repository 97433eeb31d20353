mod common;

use common::magnitude;
use lottery_rules::math::{bps, mul_div};
use num_bigint::BigUint;
use proptest::prelude::*;

fn exact(a: u64, b: u64, d: u64) -> Option<u64> {
    if d == 0 {
        return None;
    }
    u64::try_from(BigUint::from(a) * b / d).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn mul_div_is_exact(a in magnitude(), b in magnitude(), d in magnitude()) {
        prop_assert_eq!(mul_div(a, b, d), exact(a, b, d));
    }

    #[test]
    fn bps_is_mul_div_by_ten_thousand(amount in magnitude(), part in any::<u16>()) {
        prop_assert_eq!(bps(amount, part), exact(amount, part as u64, 10_000));
    }
}

#[test]
fn edges() {
    assert_eq!(mul_div(1, 1, 0), None);
    assert_eq!(mul_div(0, 0, 0), None);
    assert_eq!(mul_div(u64::MAX, u64::MAX, u64::MAX), Some(u64::MAX));
    assert_eq!(mul_div(u64::MAX, u64::MAX, u64::MAX - 1), None);
    assert_eq!(mul_div(u64::MAX, 2, 2), Some(u64::MAX));
    assert_eq!(mul_div(u64::MAX, 2, 1), None);
    assert_eq!(mul_div(1 << 32, 1 << 32, 1), None);
    assert_eq!(mul_div(7, 3, 2), Some(10));
    assert_eq!(bps(u64::MAX, 10_000), Some(u64::MAX));
    assert_eq!(bps(u64::MAX, 10_001), None);
    assert_eq!(bps((1 << 48) - 1, u16::MAX), exact((1 << 48) - 1, u16::MAX as u64, 10_000));
    assert_eq!(bps(9_999, 1), Some(0));
    assert_eq!(bps(10_000, 1), Some(1));
}
