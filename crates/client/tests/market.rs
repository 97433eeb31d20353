//! What the outcomes of a market are called, what people may call them, and the odds of every book.

use bytemuck::Zeroable;
use lottery_client::market::{Market, Odds};
use lottery_interface::accounts::{PredictionRange, PredictionRules};
use lottery_rules::prediction::{MappingKind, Mode, payout};

fn rules(mapping: MappingKind, outcome_count: u8) -> PredictionRules {
    PredictionRules {
        oracles: [7; 32],
        minimum: 1,
        maximum: 100,
        event_delay_seconds: 60,
        mode: Mode::Parimutuel as u8,
        outcome_count,
        mapping: mapping as u8,
        fact_count: 2,
        subject: 1,
        quorum: 2,
        reporter_count: 3,
        ..PredictionRules::zeroed()
    }
}

fn market(rules: PredictionRules, ranges: &[(i64, i64)]) -> Market {
    let ranges: Vec<_> =
        ranges.iter().map(|(low, high)| PredictionRange { low: *low, high: *high }).collect();
    let rules = PredictionRules { range_count: ranges.len() as u8, ..rules };
    let market = Market { rules, ranges };
    assert_eq!(Market::from_tail(&market.to_bytes()).as_ref(), Some(&market), "it is valid, and reads back");
    market
}

fn parity() -> Market {
    market(rules(MappingKind::Parity, 2), &[])
}

fn ranges() -> Market {
    market(rules(MappingKind::Ranges, 3), &[(1, 34), (35, 35), (36, 100)])
}

fn number() -> Market {
    market(PredictionRules { minimum: -1, maximum: 8, ..rules(MappingKind::Number, 10) }, &[])
}

fn compare(outcomes: u8, tie: u8) -> Market {
    market(PredictionRules { other: 2, tie, ..rules(MappingKind::Compare, outcomes) }, &[])
}

#[test]
fn outcomes_have_names() {
    assert_eq!(parity().labels(), ["even", "odd"]);
    assert_eq!(ranges().labels(), ["1-34", "35", "36-100"]);
    assert_eq!(market(rules(MappingKind::Exact, 3), &[(7, 7), (12, 12)]).labels(), ["7", "12", "other"]);
    assert_eq!(number().labels(), ["-1", "0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert_eq!(compare(2, 0).labels(), ["greater or equal", "less"]);
    assert_eq!(compare(2, 1).labels(), ["greater", "less or equal"]);
    assert_eq!(compare(3, 2).labels(), ["greater", "less", "equal"]);
    let low = PredictionRules { minimum: -5, maximum: 5, ..rules(MappingKind::Ranges, 2) };
    assert_eq!(market(low, &[(-5, -1), (0, 5)]).labels(), ["-5 to -1", "0-5"]);
}

#[test]
fn outcomes_are_found_by_name_or_number() {
    assert_eq!(parity().outcome_of(" ODD "), Some(1));
    assert_eq!(parity().outcome_of("1"), Some(1));
    assert_eq!(parity().outcome_of("#1"), Some(1));
    for unknown in ["2", "#2", "-1", "", "#", "prime", "256"] {
        assert_eq!(parity().outcome_of(unknown), None, "{unknown}");
    }
    assert_eq!(compare(2, 0).outcome_of("Greater or equal"), Some(0));
    // Where an outcome is called by a number, a number is what comes, never a place in the list.
    assert_eq!((number().outcome_of("0"), number().outcome_of("#0")), (Some(1), Some(0)));
    assert_eq!(number().outcome_of("9"), None);
    assert_eq!(
        (ranges().outcome_of("35"), ranges().outcome_of("1"), ranges().outcome_of("#2")),
        (Some(1), None, Some(2))
    );
}

#[test]
fn facts_are_outcomes() {
    let facts = |first, second| [first, second, 0, 0, 0, 0, 0, 0];
    assert_eq!(parity().outcome(&facts(7, 0)), Ok(1));
    assert_eq!(ranges().outcome(&facts(36, 0)), Ok(2));
    assert_eq!(compare(3, 2).outcome(&facts(5, 5)), Ok(2));
    assert!(ranges().outcome(&facts(101, 0)).is_err());
    assert!(parity().outcome(&[7, 0, 1, 0, 0, 0, 0, 0]).is_err(), "two facts were asked for");
}

#[test]
fn what_no_program_accepts_is_no_market() {
    let whole = ranges().to_bytes();
    for cut in [0, 63, whole.len() - 1] {
        assert_eq!(Market::from_tail(&whole[..cut]), None, "{cut} bytes");
    }
    // An account's tail may be longer than its rules.
    assert_eq!(Market::from_tail(&[whole, vec![0; 16]].concat()), Some(ranges()));
    let valid = rules(MappingKind::Parity, 2);
    for broken in [
        PredictionRules { mapping: 9, ..valid },
        PredictionRules { mode: 0, ..valid },
        PredictionRules { outcome_count: 3, ..valid },
        PredictionRules { quorum: 1, ..valid },
        PredictionRules { mapping: MappingKind::Compare as u8, mode: Mode::ProRata as u8, ..valid },
    ] {
        assert_eq!(Market::from_tail(&Market { rules: broken, ranges: vec![] }.to_bytes()), None);
    }
}

#[test]
fn odds_are_what_a_unit_gets_back() {
    let pro_rata = market(PredictionRules { mode: Mode::ProRata as u8, ..parity().rules }, &[]);
    let odds = |payout_units, stake_units| Some(Odds { payout_units, stake_units });
    // 100 against 300, 5 % of what is lost: the smaller side doubles, less the fee; the larger wins a third of its stake.
    assert_eq!(pro_rata.odds(&[100, 300], 500), [odds(195, 100), odds(395, 300)]);
    assert_eq!(parity().odds(&[100, 300], 500), [odds(385, 100), odds(395, 300)]);
    assert_eq!(odds(385, 100).map(|odds| odds.decimal()), Some(3.85));
    // One-sided: refunded, without fee. Nobody: nothing to say.
    assert_eq!(parity().odds(&[100, 0], 500), [odds(100, 100), None]);
    assert_eq!(parity().odds(&[0, 0], 500), [None, None]);
    assert_eq!(ranges().odds(&[0, 50, 50], 0), [None, odds(100, 50), odds(100, 50)]);
    assert_eq!(parity().odds(&[u64::MAX, 1], 0), [None, None], "more than there can be");
    let largest = parity().odds(&[u64::MAX - 1, 1], 0);
    assert_eq!(largest, [odds(u64::MAX, u64::MAX - 1), odds(u64::MAX, 1)]);
}

/// The odds of an outcome are what `payout` gives to somebody who holds all of it.
#[test]
fn odds_agree_with_what_is_paid() {
    for (winning, lost, fee_bps) in [(100, 300, 500), (300, 100, 250), (1, 999, 9_999), (7, 7, 333)] {
        for mode in [Mode::ProRata, Mode::Parimutuel] {
            let market = market(PredictionRules { mode: mode as u8, ..parity().rules }, &[]);
            let odds = market.odds(&[winning, lost], fee_bps)[0].unwrap();
            let matched = if mode == Mode::ProRata { lost.min(winning) } else { lost };
            let fee = matched * u64::from(fee_bps) / 10_000;
            assert_eq!(Some(odds.payout_units), payout(winning, matched, fee, winning));
        }
    }
}
