//! Prediction markets over seeded rows: rules, pools with odds, attestations, entries, records and the report.

mod support;

use serde_json::{Value, json};
use support::{MARKET_ROUND, OWNER, Service};

#[tokio::test]
async fn rules_say_what_can_be_bet_on_and_who_decides() {
    let service = Service::start_market().await;
    let lottery = service.ok("/api/lotteries/41").await;
    let rules = json!({
        "kind": "prediction",
        "mode": "pro_rata",
        "mapping": {"kind": "parity", "fact_count": 1, "subject": [0], "other": [], "tie": null,
                    "minimum": "1", "maximum": "69", "ranges": []},
        "outcomes": [{"outcome": 0, "label": "even"}, {"outcome": 1, "label": "odd"}],
        "event_delay_seconds": 60,
        "oracles": {"address": support::oracles(), "reporters": ["ReporterA", "ReporterB", "ReporterC"],
                    "quorum": 2, "reporter_count": 3, "blocking": 2},
    });
    assert_eq!(lottery["rules"], rules);
    assert_eq!(
        (&lottery["period_seconds"], &lottery["lock_offset_seconds"]),
        (&json!(86_400), &json!(72_000))
    );
    assert_eq!(lottery["max_stake_units"], "9007199254740993", "above 2^53");
    let listed = service.ok("/api/lotteries?kind=prediction").await;
    assert_eq!(listed["items"][0]["rules"], rules);
    let number = &listed["items"][1]["rules"];
    assert_eq!((&number["mode"], &number["mapping"]["kind"]), (&json!("parimutuel"), &json!("number")));
    assert_eq!(number["outcomes"][2], json!({"outcome": 2, "label": "3"}));
    assert_eq!(service.ok("/api/lotteries/1").await["lock_offset_seconds"], 0);
}

#[tokio::test]
async fn pools_and_odds_are_live_before_the_lock() {
    let service = Service::start_market().await;
    let round = service.ok("/api/lotteries/41/rounds/5").await;
    assert_eq!(
        (&round["winning_outcome"], &round["facts"], &round["attestations"]),
        (&Value::Null, &Value::Null, &json!([]))
    );
    // Its account was not read yet: quorum and reporters are the config's.
    assert_eq!(
        (&round["quorum"], &round["reporter_count"], &round["blocking"]),
        (&json!(2), &json!(3), &json!(2))
    );
    let (even, odd) = (&round["pools"][0], &round["pools"][1]);
    assert_eq!(
        (&even["label"], &even["stake_units"], &even["entries"]),
        (&json!("even"), &json!("9007199254740993"), &json!(2))
    );
    assert_eq!((&odd["outcome"], &odd["stake_units"]), (&json!(1), &json!("4000")));
    // 4,000 against nearly all: they double, less 5 % of what is lost.
    close(&odd["payout"], 1.95);
    close(&even["payout"], 1.0 + 3_800.0 / 9_007_199_254_740_993.0);
    assert!(odd["share"].as_f64().unwrap() < 1e-9 && even["share"].as_f64().unwrap() > 0.999);
    // The next bet moves them.
    service.execute("UPDATE outcome_pools SET stake_units = 4000 WHERE round = 'Round41-5'").await;
    let moved = service.ok("/api/lotteries/41").await["live_rounds"][0].clone();
    assert_eq!((&moved["index"], &moved["pools"][0]["share"]), (&json!(5), &json!(0.5)));
    close(&moved["pools"][0]["payout"], 1.95);
}

fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[tokio::test]
async fn attestations_are_shown_with_their_evidence() {
    let service = Service::start_market().await;
    let round = service.ok("/api/lotteries/41/rounds/0").await;
    let first = json!({"reporter": "ReporterA", "reporter_index": 0, "facts": ["7"], "evidence": "e0".repeat(32),
                       "attested_at": 1_700_438_300, "decided": false, "slot": 1_100, "signature": "Attest0"});
    assert_eq!(round["attestations"][0], first);
    assert_eq!((&round["facts"], &round["winning_outcome"]), (&json!(["7"]), &json!(1)));
    assert_eq!((&round["winning_units"], &round["matched_units"]), (&json!("1000"), &json!("1000")));
    assert_eq!((&round["fee_units"], &round["prizes_units"]), (&json!("50"), &json!("3950")));
    assert_eq!((&round["result"]["outcome"], &round["result"]["numbers"]), (&json!(1), &json!([])));
    assert_eq!(round["event_at"].as_i64(), round["locks_at"].as_i64().map(|at| at + 60));
    close(&round["pools"][1]["payout"], 1.95);
    // Decided before it is drawn.
    let valued = service.ok("/api/lotteries/41/rounds/3").await;
    assert_eq!((&valued["winning_outcome"], &valued["result"]), (&json!(1), &Value::Null));
    // One said something: nothing is decided, and its zeroed result is not outcome 0.
    let waiting = service.ok("/api/lotteries/41/rounds/4").await;
    assert_eq!(
        (&waiting["winning_outcome"], &waiting["facts"], &waiting["attestations"][0]["facts"]),
        (&Value::Null, &Value::Null, &json!(["8"]))
    );
    assert_eq!((&waiting["pools"][0]["share"], &waiting["pools"][0]["payout"]), (&json!(0.0), &Value::Null));
}

#[tokio::test]
async fn a_round_whose_oracles_split_says_so() {
    let service = Service::start_market().await;
    let round = service.ok("/api/lotteries/41/rounds/1").await;
    assert_eq!((&round["status"], &round["void_reason"]), (&json!("void"), &json!("no_quorum")));
    let facts: Vec<_> = round["attestations"].as_array().unwrap().iter().map(|a| &a["facts"][0]).collect();
    assert_eq!(facts, ["7", "8", "-9223372036854775808"]);
    assert_eq!((&round["winning_outcome"], &round["pools"][0]["payout"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn lists_of_rounds_have_their_markets_and_other_kinds_none() {
    let service = Service::start_market().await;
    let rounds = service.ok("/api/lotteries/41/rounds").await["items"].clone();
    let won: Vec<_> = rounds.as_array().unwrap().iter().map(|round| &round["winning_outcome"]).collect();
    assert_eq!(
        won,
        [&Value::Null, &Value::Null, &json!(1), &json!(1), &Value::Null, &json!(1)],
        "newest first"
    );
    assert_eq!(rounds[5]["pools"][0]["stake_units"], "3000");
    let lottery = service.ok("/api/lotteries/41").await;
    assert_eq!(
        (&lottery["last_result"]["index"], &lottery["last_result"]["refund_all"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(lottery["last_result"]["pools"][0]["stake_units"], "500");
    let draw = service.ok("/api/lotteries/1/rounds/120").await;
    for field in ["pools", "attestations", "event_at", "winning_outcome", "facts", "quorum"] {
        assert_eq!(draw.get(field), None, "{field} is a market's");
    }
    assert_eq!(draw["result"].get("outcome"), None);
}

#[tokio::test]
async fn entries_say_their_outcome_and_all_that_they_get_back() {
    let service = Service::start_market().await;
    let entries = service.ok("/api/lotteries/41/rounds/0/entries").await["items"].clone();
    let of = |place: usize| {
        let entry = &entries[place];
        [&entry["label"], &entry["stake_units"], &entry["matched_units"], &entry["prize_units"]]
            .map(Value::clone)
    };
    assert_eq!(
        of(2),
        ["even", "2000", "667", "1333"].map(Value::from),
        "a loser whose stake was matched in part"
    );
    assert_eq!(of(1), ["odd", "1000", "1000", "1950"].map(Value::from));
    assert_eq!((&entries[1]["outcome"], &entries[1]["tier"]), (&json!(1), &json!(1)));
    let own = service.ok(&format!("/api/wallets/{OWNER}/entries?lottery_id=41")).await["items"].clone();
    let back: Vec<_> = own.as_array().unwrap().iter().map(|entry| entry["prize_units"].clone()).collect();
    // Open; nobody was right; void; and the three above.
    let expected = [Value::Null, json!("500"), json!("700"), json!("666"), json!("1950"), json!("1333")];
    assert_eq!(back, expected);
    assert_eq!((&own[0]["label"], &own[0]["matched_units"]), (&json!("odd"), &Value::Null));
    assert_eq!((&own[4]["paid_units"], &own[4]["result"]["outcome"]), (&json!("1950"), &json!(1)));
    let draw = service.ok("/api/lotteries/1/rounds/120/entries?limit=1").await;
    assert_eq!((&draw["items"][0]["outcome"], &draw["items"][0]["label"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_steps_of_a_round_are_records_in_order() {
    let service = Service::start_market().await;
    let path = format!("/api/rounds/{MARKET_ROUND}/records");
    let records = service.ok(&path).await["items"].as_array().unwrap().clone();
    let names: Vec<_> = records.iter().map(|record| record["record"].as_str().unwrap()).collect();
    let expected = [
        "BetPlaced",
        "BetPlaced",
        "BetPlaced",
        "RoundLocked",
        "BetMatched",
        "BetMatched",
        "BetMatched",
        "RoundFinalized",
        "RefundIssued",
        "WinningsClaimed",
    ];
    assert_eq!(names, expected);
    let bet = json!({"record": "BetPlaced", "slot": 1_000, "signature": "Bet0", "path": "0", "at": 1_700_438_110,
                     "wallet": "WalletUsd", "outcome": 0, "label": "even", "stake_units": "2000", "entries": 1});
    assert_eq!(records[0], bet);
    assert_eq!((&records[3]["stake_units"], &records[3]["entries"]), (&json!("4000"), &json!(3)));
    assert_eq!((&records[4]["matched_units"], &records[4]["signature"]), (&json!("667"), &json!("Settle")));
    let last = &records[7];
    assert_eq!(
        (&last["label"], &last["matched_units"], &last["amount_units"]),
        (&json!("odd"), &json!("1000"), &json!("3950"))
    );
    assert_eq!((&records[8]["amount_units"], &records[9]["amount_units"]), (&json!("1333"), &json!("1950")));
    assert_eq!(service.ok("/api/lotteries/41/rounds/0/records").await["items"], json!(records));

    // In parts, none twice.
    let mut parts = Vec::new();
    let mut cursor = String::new();
    loop {
        let part = service.ok(&format!("{path}?limit=3{cursor}")).await;
        parts.extend(part["items"].as_array().unwrap().clone());
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(parts, records);
    let claimed = service.ok(&format!("{path}?record=WinningsClaimed")).await;
    assert_eq!(claimed["items"], json!([records[9]]));
}

#[tokio::test]
async fn records_refuse_what_they_cannot_read() {
    let service = Service::start_market().await;
    let path = format!("/api/rounds/{MARKET_ROUND}/records");
    assert_eq!(service.problem(&format!("{path}?record=Bet"), 400).await["field"], "record");
    assert_eq!(service.problem(&format!("{path}?limit=201"), 400).await["field"], "limit");
    let foreign = service.ok("/api/lotteries/41/rounds?limit=1").await["next_cursor"].clone();
    let problem = service.problem(&format!("{path}?cursor={}", foreign.as_str().unwrap()), 400).await;
    assert_eq!(problem["field"], "cursor");
    service.problem(&format!("/api/rounds/{OWNER}/records"), 404).await;
    assert_eq!(service.problem("/api/rounds/nowhere/records", 400).await["field"], "id");
    service.problem("/api/lotteries/41/rounds/77/records", 404).await;
    // A round in which nothing happened has none.
    assert_eq!(service.ok("/api/lotteries/41/rounds/4/records").await["items"], json!([]));
}

#[tokio::test]
async fn a_report_of_markets_has_turnover_returns_and_fees_but_no_rtp() {
    let service = Service::start_market().await;
    let report = service.ok("/api/lotteries/41/report?from=2023-11-20&to=2023-11-21").await;
    let (first, second) = (&report["days"][0], &report["days"][1]);
    assert_eq!(
        (&first["rounds"], &first["turnover_units"], &first["fees_units"]),
        (&json!(1), &json!("4000"), &json!("50"))
    );
    let market = json!({"returned_units": "3950", "matched_units": "1000", "refunded_rounds": 0, "refunded_units": "0"});
    assert_eq!(first["market"], market);
    for day in [first, second, &report["total"]] {
        for field in ["realised_rtp", "exact_rtp", "rtp_band"] {
            assert_eq!(day[field], Value::Null, "{field}");
        }
    }
    // A void round, and one in which nobody was right.
    let refunded =
        json!({"returned_units": "0", "matched_units": "0", "refunded_rounds": 2, "refunded_units": "1200"});
    assert_eq!((&second["market"], &second["turnover_units"]), (&refunded, &json!("0")));
    let total = json!({"returned_units": "3950", "matched_units": "1000", "refunded_rounds": 2, "refunded_units": "1200"});
    assert_eq!(report["total"]["market"], total);
    let draw = service.ok("/api/lotteries/1/report?from=2023-11-15&to=2023-11-15").await;
    assert_eq!(draw["total"].get("market"), None);
}

#[tokio::test]
async fn a_proof_before_the_quorum_says_who_is_missing() {
    let service = Service::start_market().await;
    let problem = service.problem("/api/lotteries/41/rounds/4/proof", 409).await;
    assert_eq!(problem["type"], "urn:lottery:problem:no-value-yet");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("2 of 3 reporters") && detail.contains("1 have attested"), "{detail}");
    assert_eq!(problem["expected_at"], 1_700_697_460);
    let split = service.problem("/api/lotteries/41/rounds/1/proof", 409).await;
    assert_eq!(split["type"], "urn:lottery:problem:round-void");
    assert!(split["detail"].as_str().unwrap().contains("no_quorum"), "{split}");
    // Without its oracle set nobody could check who attested.
    service.execute("DELETE FROM oracle_sets").await;
    let lost = service.problem(&format!("/api/rounds/{MARKET_ROUND}/proof"), 410).await;
    assert!(lost["detail"].as_str().unwrap().contains("its oracle set"), "{lost}");
}
