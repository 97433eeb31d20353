use super::*;

const PRO_RATA: &str = include_str!("../../../../examples/prediction_pro_rata.toml");
const PARIMUTUEL: &str = include_str!("../../../../examples/prediction_parimutuel.toml");

/// The quoted lines of a sample between two of its sections.
fn reporters(sample: &str) -> Vec<&str> {
    sample.lines().map(str::trim).filter_map(|line| line.strip_prefix('"')?.strip_suffix("\",")).collect()
}

#[test]
fn says_what_is_wrong_with_a_market() {
    let mapping = |lines: &str| format!("{lines}\n# ");
    let two = "ranges\"\nranges = ";
    refused(
        PARIMUTUEL,
        &[
            (
                "mode = \"parimutuel\"",
                "mode = \"fixed\"",
                "market.mode: \"fixed\" is unknown; use pro_rata or parimutuel",
            ),
            (
                "mode = \"parimutuel\"",
                "mode = \"pro_rata\"",
                "pro_rata matches two sides, and this mapping has 26 outcomes",
            ),
            (
                "mapping = \"number\"",
                "mapping = \"colour\"",
                "market.mapping: \"colour\" is unknown; use parity",
            ),
            ("maximum = 26", "maximum = 129", "1 to 129 are 129 outcomes, and a market has 2 to 128"),
            (
                "maximum = 26",
                "maximum = 1",
                "InvalidMapping: market.maximum: 1 is not above market.minimum, 1",
            ),
            ("facts = 6", "facts = 0", "market.facts: 1 to 8 whole numbers, this is 0"),
            ("facts = 6", "facts = 9", "market.facts: 1 to 8 whole numbers, this is 9"),
            ("facts = 6", "facts = 5", "market.subject: there is no fact 5; the facts are 0 to 4"),
            ("subject = [5]", "# ", "market.subject: say which of the 6 facts are summed"),
            ("subject = [5]", "subject = []", "market.subject: name at least one fact"),
            ("subject = [5]", "subject = [5, 5]", "market.subject: fact 5 is named twice"),
            ("subject = [5]", "subject = [5]\nother = [4]", "market.other: only mapping \"compare\" has it"),
            (
                "subject = [5]",
                "subject = [5]\nranges = [[1, 26]]",
                "market.ranges: only mapping \"ranges\" has it",
            ),
            ("event_delay_seconds = 9000", "event_delay_seconds = 2592001", "at most 2592000 (30 days)"),
            ("mapping = \"number\"", "mapping = \"ranges\"", "market.ranges: mapping \"ranges\" needs it"),
            ("number\"\n", &format!("{two}[[1, 26]]\n"), "2 to 24 ranges, one for each outcome; this has 1"),
            (
                "number\"\n",
                &format!("{two}[[1, 8], [10, 26]]\n"),
                "MappingGap: market.ranges: 9 belongs to no outcome; let [10, 26] begin at 9",
            ),
            (
                "number\"\n",
                &format!("{two}[[2, 8], [9, 26]]\n"),
                "MappingGap: market.ranges: 1 belongs to no outcome",
            ),
            (
                "number\"\n",
                &format!("{two}[[1, 8], [9, 20]]\n"),
                "21 to 26 belong to no outcome; let the last range end at market.maximum, 26",
            ),
            (
                "number\"\n",
                &format!("{two}[[1, 8], [8, 26]]\n"),
                "MappingOverlap: market.ranges: [8, 26] begins before [1, 8] has ended",
            ),
            (
                "number\"\n",
                &format!("{two}[[9, 26], [1, 8]]\n"),
                "MappingOverlap: market.ranges: [1, 8] begins before",
            ),
            ("number\"\n", &format!("{two}[[8, 1], [9, 26]]\n"), "[8, 1] ends before it begins"),
            (
                "number\"\n",
                &format!("{two}[[1, 8], [9, 27]]\n"),
                "[9, 27] is not within market.minimum and market.maximum, 1 and 26",
            ),
            ("number\"\n", "exact\"\nnumbers = [7, 7]\n", "MappingOverlap: market.numbers: 7 is named twice"),
            ("number\"\n", "exact\"\nnumbers = [13, 7]\n", "write them ascending, 7 before 13"),
            ("number\"\n", "exact\"\nnumbers = [27]\n", "27 is not within 1 to 26, and can never come"),
            ("number\"\n", "exact\"\nnumbers = []\n", "market.numbers: 1 to 24 numbers"),
            ("number\"\n", "compare\"\nother = [5]\n", "market.other: is the same sum as market.subject"),
            ("number\"\n", "compare\"\nother = [4]\ntie = \"draw\"\n", "market.tie: \"draw\" is unknown"),
            ("number\"\n", "compare\"\ntie = \"less\"\n", "market.other: mapping \"compare\" needs it"),
            (
                "fee_bps = 300",
                "fee_bps = 1001",
                "FeeAboveCap: config.fee_bps: 1001 is above the registry's cap, 1000",
            ),
            ("min_stake = \"0.1\"", "# ", "limits.min_stake: kind \"prediction\" needs it"),
            (
                "min_stake = \"0.1\"",
                "min_stake = \"1001\"",
                "limits.max_stake: 1000 is less than limits.min_stake, 1001",
            ),
            ("[limits]", "[limits]\nmax_liability = \"1\"", "limits.max_liability: only house games"),
            ("[config]", "[config]\nstake = \"1\"", "config.stake: players choose it"),
            (
                "source = \"oracle\"",
                "source = \"beacon\"",
                "\"beacon\" does not decide kind \"prediction\"; use oracle",
            ),
            ("[config]", "[config]\nbeacon = \"evmnet\"", "config.beacon: only source \"beacon\" has it"),
            ("[config]", "[config]\ncompensation_cap_bps = 1", "config.compensation_cap_bps: only source"),
            ("[fund]", "[fund]\njackpot = \"1\"", "fund.jackpot: kind \"prediction\" has no jackpot"),
            ("[fund]", "[fund]\nbankroll = \"1\"", "fund.bankroll"),
            ("[fund]", "[fund]\nbond = \"1\"", "fund.bond: only source"),
            (
                "[market]",
                &mapping("[draw]\npicks = 1\nnumbers = 2\ntiers = []\n[market]"),
                "[draw]: kind \"prediction\" has no such section",
            ),
        ],
    );
    let (begins, ends) = (PARIMUTUEL.find("[market]").unwrap(), PARIMUTUEL.find("[oracles]").unwrap());
    let none = format!("{}{}", &PARIMUTUEL[..begins], &PARIMUTUEL[ends..]);
    assert!(format!("{:#}", prepare(&none).unwrap_err()).contains("needs a [market] section"));
}

#[test]
fn says_what_is_wrong_with_reporters() {
    let keys = reporters(PRO_RATA);
    assert_eq!(keys.len(), 3);
    let many: String = (0..17).map(|_| format!("\"{}\",\n", Pubkey::new_unique())).collect();
    let zero = Pubkey::default().to_string();
    refused(
        PRO_RATA,
        &[
            (
                "quorum = 2 ",
                "quorum = 1 ",
                "InvalidQuorum: oracles.quorum: 1 of 3: the quorum must be more than half",
            ),
            ("quorum = 2 ", "quorum = 1 ", "write 2 to 3"),
            ("quorum = 2 ", "quorum = 4 ", "InvalidQuorum: oracles.quorum: 4 of 3: the quorum is larger"),
            ("quorum = 2 ", "quorum = 0 ", "InvalidQuorum"),
            (keys[1], keys[0], "is named twice; each reporter has one voice"),
            (keys[1], &zero, "is nobody's address"),
            (keys[1], "me", "oracles.reporters: \"me\" is not an address"),
            ("reporters = [", &format!("reporters = [\n{many}"), "name 1 to 16 addresses, this has 20"),
        ],
    );
    // In any order it is the same set; and a range is as good as a number.
    let swapped =
        PRO_RATA.replacen(keys[0], "@@", 1).replacen(keys[2], keys[0], 1).replacen("@@", keys[2], 1);
    let (a, b) = (prepare(PRO_RATA).unwrap(), prepare(&swapped).unwrap());
    assert_eq!((a.rules, &a.reporters), (b.rules, &b.reporters));
    assert!(a.reporters.is_sorted());
}

#[test]
fn a_market_is_what_its_file_says() {
    let market = |text: &str| prepare(text).unwrap().market().unwrap();
    let number = |lines: &str| market(&PARIMUTUEL.replacen("number\"\n", lines, 1)).labels();
    let odd = prepare(PRO_RATA).unwrap();
    let rules = odd.market().unwrap().rules;
    assert_eq!((rules.subject, rules.fact_count, rules.minimum, rules.maximum), (1 << 5, 6, 1, 26));
    assert_eq!((rules.quorum, rules.reporter_count, rules.event_delay_seconds), (2, 3, 9_000));
    assert_eq!(rules.oracles, address::oracle_set(&odd.reporters).0.to_bytes());
    assert_eq!(odd.market().unwrap().labels(), ["even", "odd"]);
    assert_eq!(
        (odd.config.grace_seconds, odd.config.grace_slots, odd.config.stake_units),
        (86_400, 216_000, 0)
    );
    assert_eq!((odd.limits.min_stake_units, odd.limits.max_stake_units), (100_000, 1_000_000_000));
    assert_eq!((odd.limits.period_seconds, odd.limits.lock_offset_seconds), (604_800, 266_400));
    assert_eq!((odd.rounds_at_once(), odd.bond_each_units().unwrap()), (3, 0));
    assert_eq!(market(PARIMUTUEL).labels().len(), 26);
    assert_eq!(number("ranges\"\nranges = [[1, 8], [9, 25], [26, 26]]\n"), ["1-8", "9-25", "26"]);
    assert_eq!(number("exact\"\nnumbers = [7, 13]\n"), ["7", "13", "other"]);
    assert_eq!(number("compare\"\nother = [4]\n"), ["greater", "less", "equal"]);
    assert_eq!(number("compare\"\nother = [4]\ntie = \"less\"\n"), ["greater", "less or equal"]);
    assert_eq!(number("parity\"\n"), ["even", "odd"]);
}

#[test]
fn a_timetable_is_for_any_kind() {
    let offset = |sample: &str, seconds: &str| {
        let text = sample.replacen("[limits]", &format!("[limits]\nlock_offset_seconds = {seconds}"), 1);
        prepare(&text).unwrap().limits.lock_offset_seconds
    };
    assert_eq!(prepare(DRAW).unwrap().limits.lock_offset_seconds, 0);
    assert_eq!((offset(DRAW, "120"), offset(KENO, "4")), (120, 4));
    // Exactly at the multiples: the program's 0 is no timetable.
    assert_eq!(offset(DRAW, "0"), 300);
}
