use lottery_rules::draw::{DrawRules, RulesError, Tier, TierTable};
use proptest::prelude::*;

const fn tier(matches: u8, bonus: u8, share_bps: u16) -> Tier {
    Tier { matches, bonus, share_bps }
}

const CLASSIC: [Tier; 3] = [tier(6, 0, 6_000), tier(5, 0, 2_500), tier(4, 0, 1_500)];
const BONUS: [Tier; 3] = [tier(5, 1, 7_000), tier(5, 0, 2_000), tier(0, 1, 1_000)];

fn classic() -> DrawRules<'static> {
    DrawRules { picks: 6, numbers: 49, bonus_numbers: 0, rollover: true, fee_bps: 500, tiers: &CLASSIC }
}

fn bonus() -> DrawRules<'static> {
    DrawRules { picks: 5, numbers: 69, bonus_numbers: 26, rollover: true, fee_bps: 500, tiers: &BONUS }
}

#[test]
fn good_rules_pass() {
    assert_eq!(classic().validate(1_000), Ok(()));
    assert_eq!(bonus().validate(500), Ok(()));
    let one = [tier(1, 0, 10_000)];
    let smallest = DrawRules { picks: 1, numbers: 1, fee_bps: 0, tiers: &one, ..classic() };
    assert_eq!(smallest.validate(0), Ok(()));
    let largest =
        DrawRules { picks: 20, numbers: 128, bonus_numbers: 128, fee_bps: 9_999, tiers: &one, ..classic() };
    assert_eq!(largest.validate(u16::MAX), Ok(()));
}

#[test]
fn drums_are_bounded() {
    for (picks, numbers, bonus_numbers, error) in [
        (6, 0, 0, RulesError::Numbers),
        (6, 129, 0, RulesError::Numbers),
        (0, 49, 0, RulesError::Picks),
        (21, 49, 0, RulesError::Picks),
        (6, 5, 0, RulesError::Picks),
        (6, 49, 129, RulesError::BonusNumbers),
    ] {
        let rules = DrawRules { picks, numbers, bonus_numbers, ..classic() };
        assert_eq!(rules.validate(1_000), Err(error), "{picks} of {numbers} + {bonus_numbers}");
    }
}

#[test]
fn the_fee_is_capped_and_leaves_something() {
    assert_eq!(classic().validate(499), Err(RulesError::Fee));
    assert_eq!(DrawRules { fee_bps: 10_000, ..classic() }.validate(u16::MAX), Err(RulesError::Fee));
}

#[test]
fn bad_tiers_are_refused() {
    use RulesError::*;
    let seventeen: Vec<Tier> = (1..=17).map(|i| tier(i, 0, 588)).collect();
    let many = DrawRules { picks: 20, numbers: 80, tiers: &seventeen, ..classic() };
    assert_eq!(many.validate(1_000), Err(TierCount));
    for (base, tiers, error) in [
        (classic(), &[][..], TierCount),
        (classic(), &[tier(6, 1, 10_000)], TierBonus),
        (bonus(), &[tier(5, 2, 10_000)], TierBonus),
        (classic(), &[tier(7, 0, 10_000)], TierImpossible),
        (classic(), &[tier(255, 0, 10_000)], TierImpossible),
        (classic(), &[tier(0, 0, 10_000)], TierForNothing),
        (bonus(), &[tier(0, 0, 10_000)], TierForNothing),
        (classic(), &[tier(6, 0, 5_000), tier(6, 0, 5_000)], TierRepeated),
        (classic(), &[tier(6, 0, 10_000), tier(5, 0, 0)], ShareZero),
        (classic(), &[tier(6, 0, 9_999)], ShareSum),
        (classic(), &[tier(6, 0, 10_000), tier(5, 0, 1)], ShareSum),
        // 65,535 + 10,001 would be 10,000 in 16 bits.
        (classic(), &[tier(6, 0, 65_535), tier(5, 0, 10_001)], ShareSum),
    ] {
        assert_eq!(DrawRules { tiers, ..base }.validate(1_000), Err(error), "{tiers:?}");
    }
}

#[test]
fn tiers_that_no_ticket_can_win_are_refused() {
    // 6 of 8: at most two numbers are not drawn, so at least four match.
    let at = |matches| [tier(matches, 0, 10_000)];
    let (three, four) = (at(3), at(4));
    let narrow = DrawRules { numbers: 8, ..classic() };
    assert_eq!(DrawRules { tiers: &three, ..narrow }.validate(1_000), Err(RulesError::TierImpossible));
    assert_eq!(DrawRules { tiers: &four, ..narrow }.validate(1_000), Ok(()));
    // A bonus drum of one ball is never missed.
    let missed = DrawRules { bonus_numbers: 1, tiers: &four, ..classic() };
    assert_eq!(missed.validate(1_000), Err(RulesError::TierImpossible));
}

proptest! {
    /// A tier counts as impossible exactly when its odds are zero.
    #[test]
    fn impossible_means_zero_odds(picks in 1u8..=20, extra in 0u8..=30, bonus_numbers in 0u8..=3, matches in 0u8..=22, bonus in 0u8..=1) {
        prop_assume!(bonus == 0 || bonus_numbers > 0);
        prop_assume!(matches > 0 || bonus > 0);
        let tiers = [tier(matches, bonus, 10_000)];
        let rules = DrawRules { picks, numbers: picks + extra, bonus_numbers, rollover: false, fee_bps: 0, tiers: &tiers };
        let possible = rules.odds(&tiers[0]).unwrap().numerator > 0;
        prop_assert_eq!(rules.validate(0), if possible { Ok(()) } else { Err(RulesError::TierImpossible) });
    }
}

#[test]
fn the_table_finds_each_tier_and_nothing_else() {
    for tiers in [&CLASSIC[..], &BONUS[..]] {
        let table = TierTable::new(tiers);
        for matches in 0..=200u32 {
            for hit in [false, true] {
                let found = tiers.iter().position(|t| t.matches as u32 == matches && (t.bonus == 1) == hit);
                let expected = found.map_or(0, |i| i as u8 + 1);
                assert_eq!(table.tier(matches, hit), expected, "{matches} {hit}");
            }
        }
        assert_eq!(table.tier(u32::MAX, true), 0);
        // Twice this is a valid index in 32 bits.
        assert_eq!(table.tier((1 << 31) + 5, false), 0);
    }
}

#[test]
fn errors_read_as_sentences() {
    assert_eq!(RulesError::ShareSum.to_string(), "shares must add up to 10,000 basis points");
}
