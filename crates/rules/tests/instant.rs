mod common;

use common::tables::{INSTANT, INSTANT_DEMO};
use lottery_rules::hash::{Sha256, Software};
use lottery_rules::house::{BandError, RtpBand};
use lottery_rules::instant::{
    InstantRules, MAX_PRIZES, OUTCOMES_PER_BLOCK, PARTS, Prize, PrizeTable, RulesError, max_multiplier,
    outcome, outcomes, rtp,
};
use lottery_rules::odds::Ratio;
use proptest::prelude::*;

const BAND: RtpBand = RtpBand { min_bps: 9_400, max_bps: 9_600 };

const fn prize(parts: u32, multiplier_bps: u32) -> Prize {
    Prize { parts, multiplier_bps }
}

/// Half of 2^32.
const HALF: u32 = 1 << 31;

fn validate(prizes: &[Prize], band: RtpBand) -> Result<(), RulesError> {
    InstantRules { band, fee_bps: 400, prizes }.validate(400)
}

#[test]
fn good_tables_pass() {
    assert_eq!(validate(&INSTANT, BAND), Ok(()));
    assert_eq!(validate(&INSTANT_DEMO, BAND), Ok(()));
    // No losing row is needed, and no prize but one.
    assert_eq!(validate(&[prize(HALF, 10_000), prize(HALF, 9_000)], BAND), Ok(()));
    assert_eq!(validate(&[prize(HALF, 19_000), prize(HALF, 0)], BAND), Ok(()));
    let sixteen: Vec<Prize> = (0..16).map(|i| prize(1 << 28, 17_000 - i * 1_000)).collect();
    assert_eq!(validate(&sixteen, BAND), Ok(()));
}

#[test]
fn rtp_is_exact() {
    let exact = |prizes| rtp(prizes).unwrap().ratio();
    assert_eq!(exact(&INSTANT), Ratio::new(3_909, 4_096));
    assert_eq!(exact(&INSTANT_DEMO), Ratio::new(3_909, 4_096));
    assert_eq!(exact(&[]), Ratio::new(0, 1));
    // 2^32 chances of the highest multiplier still fit 64 bits, so no valid table is without an answer.
    assert!(rtp(&[prize(u32::MAX, u32::MAX), prize(1, u32::MAX)]).is_some());
    assert_eq!(rtp(&[prize(u32::MAX, u32::MAX), prize(3, u32::MAX)]), None);
}

#[test]
fn chances_are_parts_of_2_to_the_32() {
    assert_eq!(Some(INSTANT[0].odds()), Ratio::new(1, 65_536));
    assert_eq!(Some(prize(HALF, 0).odds()), Ratio::new(1, 2));
    assert_eq!(Some(prize(3, 0).odds()), Ratio::new(3, 1 << 32));
    assert_eq!(Some(prize(0, 0).odds()), Ratio::new(0, 1));
    assert_eq!(INSTANT[0].odds().one_in(), 65_536.0);
}

#[test]
fn bands_include_their_ends_exactly() {
    let band = |min_bps, max_bps| RtpBand { min_bps, max_bps };
    let table = [prize(HALF, 19_000), prize(HALF, 0)];
    for (min, max, outcome) in
        [(9_500, 9_500, Ok(())), (9_501, 9_600, Err(RulesError::Rtp)), (9_400, 9_499, Err(RulesError::Rtp))]
    {
        assert_eq!(validate(&table, band(min, max)), outcome, "{min} to {max}");
    }
    // One part of 2^32 more or less is outside a band of one point.
    let more = [prize(HALF + 1, 19_000), prize(HALF - 1, 0)];
    let less = [prize(HALF - 1, 19_000), prize(HALF + 1, 0)];
    assert_eq!(validate(&more, band(9_500, 9_500)), Err(RulesError::Rtp));
    assert_eq!(validate(&less, band(9_500, 9_500)), Err(RulesError::Rtp));
}

#[test]
fn bad_tables_are_refused() {
    use RulesError::*;
    let seventeen: Vec<Prize> = (0..17).map(|i| prize(1 << 27, 17_000 - i * 1_000)).collect();
    for (prizes, error) in [
        (&[][..], PrizeCount),
        (&seventeen, PrizeCount),
        (&[prize(0, 20_000), prize(HALF, 19_000), prize(HALF, 0)], NoChance),
        (&[prize(HALF, 19_000), prize(HALF, 1), prize(0, 0)], NoChance),
        (&[prize(HALF, 9_000), prize(HALF, 10_000)], Order),
        (&[prize(HALF, 9_500), prize(HALF, 9_500)], Order),
        (&[prize(HALF, 19_000), prize(HALF / 2, 0), prize(HALF / 2, 0)], Order),
        (&[prize(HALF, 9_999), prize(HALF, 9_998)], TopPrize),
        (&[prize(HALF, 19_000), prize(HALF - 1, 0)], Sum),
        (&[prize(HALF, 19_000), prize(HALF, 1), prize(1, 0)], Sum),
        // One row cannot have all 2^32 parts, so nothing is ever certain.
        (&[prize(u32::MAX, 10_000)], Sum),
        // Twice 2^32 is not 2^32.
        (&[prize(u32::MAX, 19_000), prize(u32::MAX, 1), prize(2, 0)], Sum),
        (&[prize(HALF, 20_000), prize(HALF, 0)], Rtp),
        (&[prize(1, u32::MAX), prize(u32::MAX, 0)], Rtp),
        (&[prize(u32::MAX, u32::MAX), prize(1, 0)], Rtp),
    ] {
        assert_eq!(validate(prizes, BAND), Err(error), "{prizes:?}");
        assert_eq!(error.to_string(), error.message());
        assert!(error.message().split(' ').count() > 4, "{error}");
    }
}

#[test]
fn fee_and_band_are_checked_first() {
    let rules = InstantRules { band: BAND, fee_bps: 400, prizes: &[] };
    assert_eq!(rules.validate(399), Err(RulesError::Band(BandError::Fee)));
    let above = InstantRules { fee_bps: 401, ..rules };
    assert_eq!(above.validate(500), Err(RulesError::Band(BandError::AboveStake)));
    let upside_down = InstantRules { band: RtpBand { min_bps: 9_600, max_bps: 9_400 }, ..rules };
    assert_eq!(upside_down.validate(400), Err(RulesError::Band(BandError::Ends)));
    assert_eq!(upside_down.validate(400).unwrap_err().to_string(), BandError::Ends.message());
}

#[test]
fn the_highest_multiplier_is_the_first() {
    assert_eq!(max_multiplier(&INSTANT), 10_000_000);
    assert_eq!(max_multiplier(&[]), 0);
}

/// Where an outcome falls, by adding up the rows from the first.
fn row_by_hand(prizes: &[Prize], outcome: u32) -> usize {
    let mut end = 0u64;
    for (row, prize) in prizes.iter().enumerate() {
        end += prize.parts as u64;
        if (outcome as u64) < end {
            return row;
        }
    }
    panic!("no row for {outcome}");
}

#[test]
fn rows_begin_and_end_where_their_parts_do() {
    let table = PrizeTable::new(&INSTANT);
    let mut first = 0u64;
    for (row, prize) in INSTANT.iter().enumerate() {
        let last = first + prize.parts as u64 - 1;
        assert_eq!((table.row(first as u32), table.row(last as u32)), (row, row));
        first = last + 1;
    }
    assert_eq!(first, PARTS);
    // The narrowest rows there can be, at both ends of the range.
    let narrow = PrizeTable::new(&[prize(1, 20_000), prize(u32::MAX - 1, 10_000), prize(1, 0)]);
    let rows = [0, 1, u32::MAX - 1, u32::MAX].map(|outcome| narrow.row(outcome));
    assert_eq!(rows, [0, 1, 1, 2]);
}

/// Cuts of the line from 0 to 2^32 into 2 to 16 rows.
fn tables() -> impl Strategy<Value = Vec<Prize>> {
    prop::collection::btree_set(1u64..PARTS, 1..MAX_PRIZES).prop_map(|cuts| {
        let mut last = 0;
        let parts = cuts.into_iter().chain([PARTS]).map(|cut| {
            let parts = cut - last;
            last = cut;
            parts as u32
        });
        parts.zip(0..).map(|(parts, row)| prize(parts, 40_000 - 1_000 * row)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn every_outcome_has_its_row(prizes in tables(), outcomes in prop::collection::vec(any::<u32>(), 16)) {
        let table = PrizeTable::new(&prizes);
        for outcome in outcomes.into_iter().chain([0, u32::MAX]) {
            prop_assert_eq!(table.row(outcome), row_by_hand(&prizes, outcome));
        }
        let mut first = 0u64;
        for (row, prize) in prizes.iter().enumerate() {
            prop_assert_eq!(table.row(first as u32), row);
            first += prize.parts as u64;
            prop_assert_eq!(table.row((first - 1) as u32), row);
        }
    }

    /// One entry's outcome, asked for alone or with its block, is the same four bytes of one hash.
    #[test]
    fn an_outcome_is_four_bytes_of_its_block(
        seed in any::<[u8; 32]>(),
        sequence in any::<u32>(),
        index in prop_oneof![0u32..100, any::<u32>()],
    ) {
        let block = index / 8;
        let hash = Software::hashv(&[&seed, &[4], &sequence.to_le_bytes(), &block.to_le_bytes()]);
        let at = (index % 8) as usize * 4;
        let expected = u32::from_le_bytes(hash[at..at + 4].try_into().unwrap());
        prop_assert_eq!(outcome::<Software>(&seed, sequence, index), expected);
        prop_assert_eq!(outcomes::<Software>(&seed, sequence, block)[(index % OUTCOMES_PER_BLOCK) as usize], expected);
    }
}

/// Page and index both count, and neither can stand for the other.
#[test]
fn outcomes_differ_by_page_and_index() {
    let seed = [7; 32];
    let mut seen: Vec<u32> = (0..8)
        .flat_map(|sequence| (0..64).map(move |index| outcome::<Software>(&seed, sequence, index)))
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 512);
    assert_ne!(outcome::<Software>(&seed, 1, 0), outcome::<Software>(&seed, 0, 8));
}
