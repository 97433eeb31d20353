use lottery_interface::{
    Source,
    accounts::{DrawRules, InstantRules, KenoRules, RaffleRules},
};

use super::*;
use crate::chain::Mint;

mod market;
mod raffle;

const DRAW: &str = include_str!("../../../../examples/draw-6-49.toml");
const KENO: &str = include_str!("../../../../examples/keno.toml");
const INSTANT: &str = include_str!("../../../../examples/instant.toml");

/// Chain hash of the beacon beside the local chain.
const LOCAL: [u8; 32] = [9; 32];

fn samples() -> Vec<(std::path::PathBuf, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut found = Vec::new();
    for folder in [root.clone(), root.join("demo")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // An oracle's own file describes no lottery.
            if path.extension().is_some_and(|extension| extension == "toml") && !path.ends_with("oracle.toml")
            {
                found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn prepare(text: &str) -> anyhow::Result<Prepared> {
    let mut file = LotteryFile::parse(text)?;
    if file.raffle.as_ref().is_some_and(|raffle| raffle.list.is_some()) {
        file.list = Some(raffle::list());
    }
    file.prepare(Pubkey::new_unique(), 6, 1_000, Some(LOCAL))
}

#[test]
fn every_sample_is_valid_and_funded() {
    let samples = samples();
    assert!(samples.len() >= 19, "samples are missing");
    for (path, text) in samples {
        let prepared = prepare(&text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        let rules = match Kind::from_byte(prepared.config.kind) {
            Some(Kind::Keno) => size_of::<KenoRules>(),
            Some(Kind::Instant) => size_of::<InstantRules>(),
            Some(Kind::Raffle) => size_of::<RaffleRules>(),
            Some(Kind::Prediction) => prepared.market().expect("a market").to_bytes().len(),
            _ => size_of::<DrawRules>(),
        };
        assert_eq!(prepared.rules.len(), rules);
        prepared.check_funds(&Mint::sol()).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        let each = prepared.bond_each_units().unwrap();
        assert_eq!(each > 0, prepared.config.source == Source::CommitReveal as u8);
        assert!(
            prepared.bond_units >= prepared.bond_for_units(prepared.rounds_at_once()).unwrap(),
            "{}: the bond is low",
            path.display()
        );
    }
}

#[test]
fn a_draw_on_commit_reveal_puts_up_its_jackpot_too() {
    let mut prepared = prepare(include_str!("../../../../examples/draw-progressive.toml")).unwrap();
    prepared.config.source = Source::CommitReveal as u8;
    prepared.config.compensation_cap_bps = 1_000;
    prepared.beacon = None;
    let pool = prepared.config.stake_units * u64::from(prepared.limits.max_entries_per_round);
    let first = pool + pool / 10 + prepared.jackpot_units;
    assert_eq!(prepared.bond_each_units().unwrap(), first);
    // The second also covers what the first may roll into its jackpot.
    assert_eq!(prepared.bond_for_units(2).unwrap(), 2 * first + pool);
    prepared.bond_units = 2 * first + pool - 1;
    assert_eq!(prepared.bonded_rounds().unwrap(), 1);
    prepared.bond_units += 1;
    assert_eq!(prepared.bonded_rounds().unwrap(), 2);
    prepared.bond_units = first - 1;
    let said = format!("{:#}", prepared.check_funds(&Mint::sol()).unwrap_err());
    assert!(said.contains("compensation_cap_bps of it, and the jackpot"), "{said}");
}

/// What is said of a sample with one change.
fn with(sample: &str, from: &str, to: &str) -> String {
    assert!(sample.contains(from), "{from:?} is not in the sample");
    let changed = sample.replacen(from, to, 1);
    let funded = prepare(&changed).and_then(|prepared| prepared.check_funds(&Mint::sol()));
    let Err(error) = funded else { return "nothing: it was taken".into() };
    let error = format!("{error:#}");
    // What TOML itself refuses is shown with its place, over several lines.
    assert!(error.starts_with("TOML") || !error.contains('\n'), "more than a line: {error}");
    error
}

fn refused(sample: &str, cases: &[(&str, &str, &str)]) {
    let wrong = cases.iter().filter_map(|(from, to, words)| {
        let error = with(sample, from, to);
        (!error.contains(words)).then(|| format!("{to:?} should say {words:?}, says: {error}\n"))
    });
    let wrong: String = wrong.collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn says_what_is_wrong_with_any_kind() {
    for kind in ["tombola", "bingo"] {
        let error = with(DRAW, "kind = \"draw\"", &format!("kind = {kind:?}"));
        assert!(error.contains("KindNotSupported") && error.contains(kind), "{error}");
    }
    let long = format!("name = {:?}\n# ", "x".repeat(33));
    refused(
        DRAW,
        &[
            ("share_bps = 4000", "share_bps = 4001", "10,000"),
            ("picks = 6", "picks = 60", "picks"),
            ("stake = ", "stakes = ", "stake"),
            ("stake = ", "# ", "config.stake"),
            ("fee_bps = 500", "fee_bps = 5000", "fee"),
            ("source = \"beacon\"", "source = \"dice\"", "dice"),
            ("source = \"beacon\"", "source = \"switchboard\"", "use beacon or commit_reveal"),
            ("source = \"beacon\"", "source = \"oracle\"", "\"oracle\" does not decide kind \"draw\""),
            ("page_entries = 256", "page_entries = 0", "page_entries"),
            ("max_entries_per_round = 4096", "max_entries_per_round = 4097", "page_entries x max_pages"),
            ("period_seconds = 300 ", "# ", "limits.period_seconds"),
            ("period_seconds = 300 ", "period_seconds = 1 ", "limits.period_seconds"),
            ("name = ", &long, "name"),
            ("kind = \"draw\"", "kind = \"keno\"", "[draw]: kind \"keno\" has no such section"),
            ("[limits]", "[limits]\nmin_stake = \"1\"", "limits.min_stake: only kinds whose players choose"),
            ("[limits]", "[limits]\npage_budget = \"1\"", "limits.page_budget: only house games"),
            (
                "[limits]",
                "[limits]\nlock_offset_seconds = 300",
                "300 is not below limits.period_seconds, 300",
            ),
            ("[limits]", "[limits]\nlock_offset_seconds = -1", "lock_offset_seconds"),
            (
                "[fund]",
                "[oracles]\nreporters = []\nquorum = 1\n[fund]",
                "[oracles]: kind \"draw\" has no such section",
            ),
            ("[fund]", "[fund]\nbankroll = \"1\"", "fund.bankroll"),
            ("crank_sol = \"2\"", "crank_sol = \"0.001\"", "fund.crank_sol"),
        ],
    );
}

#[test]
fn says_what_is_wrong_with_a_house_game() {
    refused(
        KENO,
        &[
            ("[config]", "[config]\nstake = \"1\"", "config.stake: players choose it"),
            ("period_seconds = 5 ", "period_seconds = 61 ", "2 to 60 seconds, not 61"),
            ("period_seconds = 5 ", "period_seconds = 1 ", "2 to 60 seconds, not 1"),
            ("min_stake = \"0.1\"", "# ", "limits.min_stake: kind \"keno\" needs it"),
            ("min_stake = \"0.1\"", "min_stake = \"0\"", "limits.min_stake"),
            ("min_stake = \"0.1\"", "min_stake = \"6\"", "limits.max_stake: 5 is less than"),
            ("max_stake = \"5\"", "max_stake = \"five\"", "limits.max_stake"),
            ("max_liability = \"16000\"", "max_liability = \"7999\"", "does not cover one page"),
            (
                "page_budget = \"8000\"",
                "page_budget = \"700\"",
                "5 spots: the least stake can win 48, and one ticket",
            ),
            (
                "bond = \"128000\"",
                "bond = \"31999\"",
                "each open round reserves 32 SOL (2 x limits.max_liability); put in 128 SOL",
            ),
            ("bond = \"128000\"", "# ", "2 x limits.max_liability"),
            ("bankroll = \"40000\"", "bankroll = \"7999\"", "fund.bankroll"),
            ("[fund]", "[fund]\njackpot = \"1\"", "fund.jackpot"),
            (
                "[chain]",
                "[instant]\nrtp_min_bps = 1\nrtp_max_bps = 2\nprizes = []\n[chain]",
                "[instant]: kind \"keno\"",
            ),
            ("rtp_max_bps = 9600", "rtp_max_bps = 9901", "10,000 basis points together"),
            ("rtp_min_bps = 9200", "rtp_min_bps = 0", "lower end"),
            ("rtp_min_bps = 9200", "rtp_min_bps = 9601", "lower end"),
        ],
    );
    let (begins, ends) = (KENO.find("[keno]").unwrap(), KENO.find("[chain]").unwrap());
    let error = format!("{:#}", prepare(&format!("{}{}", &KENO[..begins], &KENO[ends..])).unwrap_err());
    assert!(error.contains("kind \"keno\" needs a [keno] section"), "{error}");
    // The limits are amounts of the mint, here with six decimals.
    let limits = prepare(KENO).unwrap().limits;
    assert_eq!(
        (limits.min_stake_units, limits.max_liability_units, limits.period_seconds),
        (100_000, 16_000_000_000, 5)
    );
    let without = KENO.replacen("period_seconds = 5 ", "# ", 1);
    assert_eq!(prepare(&without).unwrap().limits.period_seconds, 5);
}

#[test]
fn says_what_is_wrong_with_a_paytable() {
    refused(
        KENO,
        &[
            (
                "4 = [0, 0, 1, 5, 170]",
                "4 = [0, 0, 1, 5, 180]",
                "4 spots: exact RTP 98.028554 % is outside 92 %..96 %",
            ),
            (
                "4 = [0, 0, 1, 5, 170]",
                "4 = [0, 0, 1, 5, 160]",
                "4 spots: exact RTP 91.901769 % is outside 92 %..96 %",
            ),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5]", "needs 5 numbers"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5, 170, 0]", "this has 6"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 0, 0, 0]", "pays nothing"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5, 170.00001]", "at most 4 decimals"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5, -1]", "no multiple"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5, 500000]", "too much"),
            ("4 = [0, 0, 1, 5, 170]", "4 = [0.9, 0.9, 0.9, 0.9, 0.9]", "at least the stake"),
            ("4 = [0, 0, 1, 5, 170]", "11 = [0, 0, 1, 5, 170]", "\"11\" is no count of spots"),
            ("4 = [0, 0, 1, 5, 170]", "04 = [0, 0, 1, 5, 170]", "\"04\" is no count of spots"),
            ("4 = [0, 0, 1, 5, 170]", "four = [0, 0, 1, 5, 170]", "\"four\" is no count of spots"),
        ],
    );
    let begins = KENO.find("[keno.paytable]").unwrap();
    let ends = KENO.find("[chain]").unwrap();
    let none = format!("{}[keno.paytable]\n{}", &KENO[..begins], &KENO[ends..]);
    let error = format!("{:#}", prepare(&none).unwrap_err());
    assert!(error.contains("the paytable has no prize"), "{error}");
    // A row may be left out, and "3.8" is as good as 3.8.
    let fewer = KENO.replacen("4 = [0, 0, 1, 5, 170]", "# ", 1).replacen("[0, 3.8]", "[0, \"3.8\"]", 1);
    let rules: KenoRules = bytemuck::pod_read_unaligned(&prepare(&fewer).unwrap().rules);
    assert_eq!((rules.paytable_bps[0][1], rules.paytable_bps[3]), (38_000, [0; 11]));
}

#[test]
fn says_what_is_wrong_with_a_prize_table() {
    refused(
        INSTANT,
        &[
            ("parts = 65536", "parts = 0", "row 1: 0 parts are no chance"),
            ("parts = 65536", "parts = -3", "row 1: -3 parts"),
            ("parts = 65536", "parts = 4294967296", "row 1: 4294967296 parts"),
            ("parts = 65536", "parts = \"some\"", "row 1: \"some\" is no chance"),
            ("parts = 65536", "parts = 4294967295", "nothing fit for the rest is left"),
            ("parts = 65536", "parts = \"rest\"", "only one row takes the rest"),
            ("parts = 65536", "parts = 6.5", "whole number of parts"),
            ("parts = \"rest\"", "parts = 2763718655", "these make 4294967295"),
            ("pays = 1000 ", "pays = 1500 ", "instant: exact RTP 96.19751 % is outside"),
            ("rtp_max_bps = 9600", "rtp_max_bps = 9500", "exact RTP 95.434571 % is outside 94 %..95 %"),
            ("pays = 250 ", "pays = 1000 ", "from the highest prize down"),
            ("pays = 1000 ", "pays = 0.00001 ", "at most 4 decimals"),
            ("page_budget = \"16000\"", "page_budget = \"1599\"", "the least stake can win 100"),
        ],
    );
    let rules: InstantRules = bytemuck::pod_read_unaligned(&prepare(INSTANT).unwrap().rules);
    let sum: u64 = rules.prizes.iter().map(|prize| u64::from(prize.parts)).sum();
    assert_eq!((sum, rules.prize_count), (1 << 32, 10));
}

#[test]
fn creation_says_each_rows_exact_rtp() {
    let rtps = prepare(KENO).unwrap().rtps();
    assert_eq!(rtps.len(), 10);
    let lines: Vec<_> = rtps.iter().map(|(row, rtp)| format!("{row}: {}", show_rtp(*rtp))).collect();
    assert_eq!((lines[0].as_str(), lines[3].as_str()), (" of 1 spot: 95 %", " of 4 spots: 94.965161 %"));
    let instant = prepare(INSTANT).unwrap().rtps();
    assert_eq!(instant.iter().map(|(_, rtp)| show_rtp(*rtp)).collect::<Vec<_>>(), ["95.43457 %"]);
    assert!(prepare(DRAW).unwrap().rtps().is_empty());
}

#[test]
fn says_what_is_wrong_with_a_beacon() {
    let source = "source = \"beacon\"";
    let more = |line: &str| format!("{source}\n{line}\n# ");
    refused(
        DRAW,
        &[
            (source, &more("beacon = \"quicknet\""), "config.beacon: beacon \"quicknet\" is unknown"),
            (source, &more("beacon = \"04f1\""), "a chain's hash (64 digits)"),
            (
                "margin_seconds = 30 ",
                "margin_seconds = 29 ",
                "config.margin_seconds: a beacon needs at least 30",
            ),
            ("margin_seconds = 30 ", "margin_seconds = 86401 ", "config.margin_seconds: at most 86400"),
            (
                "grace_seconds = 86400 ",
                "grace_seconds = 86399 ",
                "config.grace_seconds: a beacon needs at least 86400",
            ),
            ("grace_slots = 216000 ", "grace_slots = 215999 ", "config.grace_slots"),
            (source, &more("reveal_delay_slots = 2"), "config.reveal_delay_slots: only source"),
            (source, &more("compensation_cap_bps = 1"), "config.compensation_cap_bps: only source"),
            ("[fund]", "[fund]\nbond = \"1\"", "fund.bond: only source"),
            ("[fund]", "[chain]\nlength = 5\n[fund]", "[chain]: only source"),
        ],
    );
    refused(
        KENO,
        &[
            ("source = \"commit_reveal\"", source, "config.reveal_delay_slots: only source"),
            ("[config]", "[config]\nbeacon = \"evmnet\"", "config.beacon: only source"),
            ("[config]", "[config]\nmargin_seconds = 30", "config.margin_seconds: only source"),
            ("reveal_delay_slots = 1 ", "# ", "config.reveal_delay_slots: source"),
            ("reveal_delay_slots = 1 ", "reveal_delay_slots = 151 ", "must be 1 to 150"),
            ("grace_seconds = 60 ", "# ", "config.grace_seconds: source"),
            ("grace_slots = 150 ", "# ", "config.grace_slots: source"),
            ("length = 1000000 ", "length = 10000001 ", "chain.length: a hash chain lasts for 1 to 10000000"),
            ("length = 1000000 ", "length = 0 ", "chain.length"),
        ],
    );
}

#[test]
fn a_beacon_is_named_or_follows_from_the_chain() {
    let beacon = |text: &str, local| {
        let prepared = LotteryFile::parse(text).unwrap().prepare(Pubkey::new_unique(), 6, 1_000, local);
        let prepared = prepared.unwrap();
        let config = prepared.config;
        assert_eq!(config.beacon, address::beacon(&prepared.beacon.unwrap()).0.to_bytes());
        assert_eq!(
            (config.beacon_margin_seconds, config.grace_seconds, config.grace_slots),
            (30, 86_400, 216_000)
        );
        assert_eq!((config.reveal_delay_slots, prepared.chain_length), (0, 0));
        prepared.beacon.unwrap()
    };
    let evmnet = crate::beacon::DrandChain::evmnet().unwrap().chain_hash;
    let named = |name: &str| {
        let text =
            DRAW.replacen("source = \"beacon\"", &format!("source = \"beacon\"\nbeacon = {name:?} # "), 1);
        assert_ne!(text, DRAW);
        text
    };
    assert_eq!(beacon(DRAW, Some(LOCAL)), LOCAL);
    assert_eq!(beacon(DRAW, None), evmnet);
    assert_eq!(beacon(&named("evmnet"), Some(LOCAL)), evmnet);
    assert_eq!(beacon(&named("local"), Some(LOCAL)), LOCAL);
    assert_eq!(beacon(&named(&"05".repeat(32)), Some(LOCAL)), [5; 32]);
    let error = LotteryFile::parse(&named("local")).unwrap().prepare(Pubkey::new_unique(), 6, 1_000, None);
    assert!(format!("{:#}", error.unwrap_err()).contains("none runs here"));
}

/// Rounds wait for the beacon while later ones take entries.
#[test]
fn more_rounds_are_under_way_than_take_entries() {
    let prepared = prepare(DRAW).unwrap();
    assert_eq!((prepared.limits.period_seconds, prepared.rounds_at_once()), (300, 3));
    let short = DRAW.replacen("period_seconds = 300 ", "period_seconds = 12 ", 1);
    assert_eq!(prepare(&short).unwrap().rounds_at_once(), 5);
}
