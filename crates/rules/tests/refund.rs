mod common;

use common::magnitude;
use lottery_rules::refund::refund;
use num_bigint::BigUint;
use proptest::prelude::*;

#[test]
fn refunds_by_hand() {
    assert_eq!(refund(1_000, 0, false, 1_000), Some(1_000));
    assert_eq!(refund(1_000, 0, true, 1_000), Some(1_100));
    assert_eq!(refund(1_000, 7, false, 1_000), Some(1_007));
    // 10 % of 1,009 is 100.9: rounded down.
    assert_eq!(refund(1_009, 0, true, 1_000), Some(1_109));
    assert_eq!(refund(9, 0, true, 1_000), Some(9));
    assert_eq!(refund(1_000, 0, true, 10_000), Some(2_000));
    assert_eq!(refund(u64::MAX, 0, false, 10_000), Some(u64::MAX));
    assert_eq!(refund(u64::MAX, 1, false, 0), None);
    assert_eq!(refund(u64::MAX, 0, true, 1), None);
    assert_eq!(refund(u64::MAX - 1, 1, true, 0), Some(u64::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn refunds_are_exact(
        stake in magnitude(),
        bonus in magnitude(),
        is_slashed in any::<bool>(),
        cap_bps in 0u16..=10_000,
    ) {
        let compensation = if is_slashed { BigUint::from(stake) * cap_bps / 10_000u32 } else { 0u32.into() };
        let exact = BigUint::from(stake) + bonus + compensation;
        prop_assert_eq!(refund(stake, bonus, is_slashed, cap_bps), u64::try_from(exact).ok());
    }

    /// Every stake comes back in full, more of it for more stake, and never less for being slashed.
    #[test]
    fn nobody_gets_back_less_than_the_stake(stake in 0u64..1 << 62, more in 0u64..1 << 61, cap_bps in 0u16..=10_000) {
        let slashed = refund(stake, 0, true, cap_bps).unwrap();
        prop_assert!(slashed >= stake);
        prop_assert_eq!(refund(stake, 0, false, cap_bps), Some(stake));
        prop_assert!(refund(stake + more, 0, true, cap_bps).unwrap() >= slashed + more);
    }

    /// What a slashed round pays beyond the stakes fits a bond of all stakes, however they were cut into entries.
    #[test]
    fn a_bond_of_all_stakes_covers_all_compensation(
        stakes in prop::collection::vec(0u64..1 << 50, 0..64),
        cap_bps in 0u16..=10_000,
    ) {
        let pool: u64 = stakes.iter().sum();
        let back: u64 = stakes.iter().map(|stake| refund(*stake, 0, true, cap_bps).unwrap()).sum();
        let whole = refund(pool, 0, true, cap_bps).unwrap();
        prop_assert!(back <= whole && whole <= back + stakes.len() as u64);
        prop_assert!(back - pool <= pool);
    }
}
