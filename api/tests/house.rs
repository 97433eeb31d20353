//! House games over seeded rows: rules before a bet, limits, outcomes of entries, and the operator's report.

mod support;

use serde_json::{Value, json};
use support::{OWNER, Service};

#[tokio::test]
async fn keno_rules_say_odds_and_rtp_before_a_bet() {
    let service = Service::start_house().await;
    let lottery = service.ok("/api/lotteries/21").await;
    let rules = &lottery["rules"];
    assert_eq!(
        (&rules["kind"], &rules["numbers"], &rules["drawn"]),
        (&json!("keno"), &json!(80), &json!(20))
    );
    assert_eq!((&rules["rtp_min_bps"], &rules["rtp_max_bps"]), (&json!(7_000), &json!(9_600)));
    let one = json!({
        "spots": 1,
        "rtp": {"numerator": "19", "denominator": "20", "percent": 95.0},
        "max_stake_units": "5000",
        "win_odds": {"numerator": "1", "denominator": "4", "text": "1 in 4"},
        "prizes": [{"matches": 1, "multiplier_bps": 38_000,
                    "odds": {"numerator": "1", "denominator": "4", "text": "1 in 4"}}],
    });
    assert_eq!(rules["spots"][0], one);
    let four = &rules["spots"][1];
    assert_eq!((&four["spots"], &four["rtp"]["percent"]), (&json!(4), &json!(73.5214)));
    // One ticket may win 100,000: 1,000 at 100 stakes.
    assert_eq!(four["max_stake_units"], "1000");
    let prizes: Vec<_> =
        four["prizes"].as_array().unwrap().iter().map(|prize| &prize["odds"]["text"]).collect();
    assert_eq!(prizes, ["1 in 326.44", "1 in 23.12", "1 in 4.70"]);
    assert_eq!(rules["spots"].as_array().unwrap().len(), 2, "what is not offered is not shown");
}

#[tokio::test]
async fn instant_rules_are_the_prize_table_with_chances() {
    let service = Service::start_house().await;
    let lottery = service.ok("/api/lotteries/22").await;
    let rules = &lottery["rules"];
    assert_eq!((&rules["kind"], &rules["rtp"]["percent"]), (&json!("instant"), &json!(59.7656)));
    assert_eq!((&rules["rtp"]["numerator"], &rules["rtp"]["denominator"]), (&json!("153"), &json!("256")));
    let first = json!({"tier": 1, "parts": 4_194_304, "multiplier_bps": 1_000_000,
                       "odds": {"numerator": "1", "denominator": "1024", "text": "1 in 1,024"}});
    assert_eq!(rules["prizes"][0], first);
    assert_eq!(rules["prizes"][2]["multiplier_bps"], 0, "the losing row");
    assert_eq!(
        (&rules["win_odds"]["text"], &rules["max_stake_units"]),
        (&json!("1 in 3.98"), &json!("1000"))
    );
    // A draw has its tiers instead.
    assert_eq!(service.ok("/api/lotteries/1").await["rules"], Value::Null);
}

#[tokio::test]
async fn house_games_have_limits_and_a_bankroll() {
    let service = Service::start_house().await;
    for path in ["/api/lotteries/21", "/api/lotteries?kind=keno"] {
        let body = service.ok(path).await;
        let lottery = if path.contains('?') { &body["items"][0] } else { &body };
        for (field, units) in [
            ("min_stake_units", "100"),
            ("max_stake_units", "5000"),
            ("page_budget_units", "1600000"),
            ("max_liability_units", "3200000"),
            // Above 2^53.
            ("bankroll_free_units", "9007199254740993"),
            ("bankroll_reserved_units", "1600000"),
        ] {
            assert_eq!(lottery[field], units, "{field} at {path}");
        }
        assert_eq!(lottery["config"]["stake_units"], "0");
    }
    assert_eq!(service.ok("/api/lotteries/1").await["max_stake_units"], "0");
}

#[tokio::test]
async fn keno_rounds_have_twenty_numbers_and_instant_rounds_none() {
    let service = Service::start_house().await;
    let round = service.ok("/api/lotteries/21/rounds/3").await;
    let drawn: Vec<u8> = (1..=10).chain(71..=80).collect();
    assert_eq!((&round["result"]["numbers"], &round["result"]["bonus"]), (&json!(drawn), &Value::Null));
    for (field, units) in [
        ("prizes_units", "9000"),
        ("budget_units", "1600000"),
        ("liability_units", "70000"),
        ("pool_units", "10000"),
        ("min_stake_units", "100"),
        ("max_stake_units", "5000"),
        ("page_budget_units", "1600000"),
        ("max_liability_units", "3200000"),
    ] {
        assert_eq!(round[field], units, "{field}");
    }
    let lottery = service.ok("/api/lotteries/21").await;
    assert_eq!(
        (&lottery["last_result"]["index"], &lottery["live_rounds"][0]["index"]),
        (&json!(4), &json!(5))
    );
    let instant = service.ok("/api/lotteries/22").await;
    assert_eq!(
        (&instant["last_result"]["index"], &instant["last_result"]["result"]),
        (&json!(1), &Value::Null)
    );
    let listed = service.ok("/api/lotteries/22/rounds").await;
    assert_eq!(listed["items"][1]["prizes_units"], "10200");
}

#[tokio::test]
async fn entries_of_a_round_show_what_each_won() {
    let service = Service::start_house().await;
    let path = "/api/lotteries/22/rounds/0/entries";
    let entries = service.ok(path).await["items"].clone();
    let won: Vec<_> = entries.as_array().unwrap().iter().map(|entry| &entry["prize_units"]).collect();
    assert_eq!(won, ["0", "200", "10000"], "newest first");
    let top = &entries[2];
    assert_eq!(
        (&top["tier"], &top["multiplier_bps"], &top["settled"]),
        (&json!(1), &json!(1_000_000), &json!(true))
    );
    assert_eq!((&top["owner"], &top["numbers"], &top["spots"]), (&json!(OWNER), &json!([]), &json!(0)));
    let winners = service.ok(&format!("{path}?winners=true")).await;
    assert_eq!(winners["items"].as_array().unwrap().len(), 2);
    let first = service.ok(&format!("{path}?limit=2")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = service.ok(&format!("{path}?limit=2&cursor={cursor}")).await;
    assert_eq!((&rest["items"][0], &rest["next_cursor"]), (top, &Value::Null));
    // Settled in part: what is not yet known is absent, not zero.
    let part = service.ok("/api/lotteries/22/rounds/1/entries").await["items"].clone();
    assert_eq!((&part[0]["settled"], &part[0]["prize_units"]), (&json!(false), &Value::Null));
    assert_eq!((&part[1]["settled"], &part[1]["prize_units"]), (&json!(true), &json!("200")));
    // A draw's entries have their tier's prize.
    let draw = service.ok("/api/lotteries/1/rounds/120/entries?winners=true").await["items"].clone();
    assert_eq!((&draw[0]["tier"], &draw[0]["prize_units"]), (&json!(2), &json!("19950000")));
}

#[tokio::test]
async fn entries_of_a_round_refuse_what_they_cannot_read() {
    let service = Service::start_house().await;
    let problem = service.problem("/api/lotteries/22/rounds/7/entries", 404).await;
    assert_eq!(problem["detail"], "lottery 22 has no round 7");
    service.problem("/api/lotteries/22/rounds/x/entries", 400).await;
    service.problem("/api/lotteries/22/rounds/0/entries?winners=maybe", 400).await;
    assert_eq!(service.problem("/api/lotteries/22/rounds/0/entries?limit=0", 400).await["field"], "limit");
    let of_wallet = service.ok(&format!("/api/wallets/{OWNER}/entries?limit=1")).await;
    let foreign = of_wallet["next_cursor"].as_str().unwrap();
    let problem = service.problem(&format!("/api/lotteries/22/rounds/0/entries?cursor={foreign}"), 400).await;
    assert_eq!(problem["field"], "cursor");
}

#[tokio::test]
async fn a_players_entries_have_stake_spots_and_prize() {
    let service = Service::start_house().await;
    let entries = service.ok(&format!("/api/wallets/{OWNER}/entries?lottery_id=21")).await["items"].clone();
    let (won, lost) = (&entries[2], &entries[1]);
    assert_eq!(
        (&won["kind"], &won["spots"], &won["stake_units"]),
        (&json!("keno"), &json!(4), &json!("200"))
    );
    assert_eq!(
        (&won["tier"], &won["multiplier_bps"], &won["prize_units"]),
        (&json!(4), &json!(50_000), &json!("1000"))
    );
    assert_eq!(won["result"]["numbers"].as_array().unwrap().len(), 20);
    assert_eq!(
        (&lost["spots"], &lost["quick_pick"], &lost["prize_units"]),
        (&json!(1), &json!(true), &json!("0"))
    );
    // Known as soon as it is settled, before the round is final.
    let instant = service.ok(&format!("/api/wallets/{OWNER}/entries?lottery_id=22")).await["items"].clone();
    assert_eq!((&instant[1]["round_status"], &instant[1]["prize_units"]), (&json!("drawn"), &json!("200")));
    assert_eq!(instant[0]["prize_units"], Value::Null);
}

fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[tokio::test]
async fn the_report_agrees_with_numbers_worked_out_by_hand() {
    let service = Service::start_house().await;
    let report = service.ok("/api/lotteries/21/report?from=2023-11-20&to=2023-11-22").await;
    assert_eq!(
        (&report["lottery_id"], &report["kind"], &report["decimals"]),
        (&json!(21), &json!("keno"), &json!(6))
    );
    let days = report["days"].as_array().unwrap();
    assert_eq!(
        days.iter().map(|day| day["day"].as_str().unwrap()).collect::<Vec<_>>(),
        ["2023-11-20", "2023-11-21", "2023-11-22"]
    );
    let first = &days[0];
    assert_eq!((&first["rounds"], &first["entries"]), (&json!(2), &json!(10_050)));
    assert_eq!((&first["turnover_units"], &first["prizes_units"]), (&json!("30000"), &json!("41000")));
    assert_eq!((&first["gross_revenue_units"], &first["fees_units"]), (&json!("-11000"), &json!("150")));
    close(&first["realised_rtp"], 41.0 / 30.0);
    // 20,000 on one spot at 0.95, 10,000 on four spots at 1,162,800 / 1,581,580; variances 2.7075 and 31.387215937838363
    // with squares of 40,000 and 2,000,000.
    close(&first["exact_rtp"], 0.878404717645224);
    close(&first["rtp_band"]["low"], 0.3603203157122745);
    close(&first["rtp_band"]["high"], 1.3964891195781735);
    assert_eq!(first["crank_cost_lamports"], "1000");
    // The void round's crank was paid, and no money was at risk.
    let second = &days[1];
    assert_eq!((&second["rounds"], &second["turnover_units"]), (&json!(0), &json!("0")));
    assert_eq!(
        (&second["realised_rtp"], &second["exact_rtp"], &second["rtp_band"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(second["crank_cost_lamports"], "40");
    let third = &days[2];
    assert_eq!((&third["rounds"], &third["gross_revenue_units"]), (&json!(2), &json!("1000")));
    close(&third["exact_rtp"], 0.95);
    close(&third["rtp_band"]["low"], 0.9043905009893772);
    close(&third["rtp_band"]["high"], 0.9956094990106227);
    let total = &report["total"];
    assert_eq!((&total["turnover_units"], &total["crank_cost_lamports"]), (&json!("40000"), &json!("1565")));
    close(&total["realised_rtp"], 1.25);
    close(&total["exact_rtp"], 0.896303538233918);
    close(&total["rtp_band"]["high"], 1.2850341048009166);
}

#[tokio::test]
async fn the_report_says_what_rent_is_locked_at_the_end_of_each_day() {
    let service = Service::start_house().await;
    let report = service.ok("/api/lotteries/21/report?from=2023-11-19&to=2023-11-23").await;
    let rent: Vec<_> = report["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["rent_locked_lamports"].as_str().unwrap())
        .collect();
    // Rounds open 15 s before they end. 19th: round 0. 20th: round 1 with its page, and round 2. 21st: round 1 with its
    // page, round 3 with two, and round 4. From the 22nd: round 3 and its open page.
    assert_eq!(rent, ["1000", "42000", "93000", "31000", "31000"]);
    assert_eq!(report["total"]["rent_locked_lamports"], "31000");
}

#[tokio::test]
async fn instant_games_and_draws_have_their_reports() {
    let service = Service::start_house().await;
    let instant = service.ok("/api/lotteries/22/report?from=2023-11-20&to=2023-11-20").await;
    let day = &instant["days"][0];
    assert_eq!(
        (&day["rounds"], &day["turnover_units"], &day["prizes_units"]),
        (&json!(1), &json!("500"), &json!("10200"))
    );
    close(&day["exact_rtp"], 0.59765625);
    // sqrt(90,000 * 10.408432006835938) / 500 is 1.9357; the band is cut at nothing.
    close(&day["rtp_band"]["low"], 0.0);
    assert!((day["rtp_band"]["high"].as_f64().unwrap() - 4.391_6).abs() < 1e-3, "{day}");
    service
        .execute("UPDATE rounds SET refund_all = FALSE, prizes_units = 19950000 WHERE lottery_id = 1")
        .await;
    let draw = service.ok("/api/lotteries/1/report?from=2023-11-15&to=2023-11-15").await;
    let day = &draw["days"][0];
    assert_eq!((&day["exact_rtp"], &day["rtp_band"]), (&Value::Null, &Value::Null));
    close(&day["realised_rtp"], 0.285);
}

#[tokio::test]
async fn a_report_begins_with_the_lottery_and_ends_today() {
    let service = Service::start_house().await;
    let report = service.ok("/api/lotteries/21/report?from=2023-11-01&to=2023-11-16").await;
    let days: Vec<_> =
        report["days"].as_array().unwrap().iter().map(|day| day["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2023-11-14", "2023-11-15", "2023-11-16"]);
    assert_eq!(report["total"]["rounds"], 0);
    assert_eq!(service.ok("/api/lotteries/21/report").await["days"].as_array().unwrap().len(), 7);
    assert_eq!(service.ok("/api/lotteries/21/report?from=2999-01-01&to=2999-12-31").await["days"], json!([]));
}

#[tokio::test]
async fn a_report_names_the_day_it_cannot_read() {
    let service = Service::start_house().await;
    let report = "/api/lotteries/21/report";
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2023-02-29", "to"),
        ("from=2023-11-21&to=2023-11-20", "from"),
        ("from=2020-01-01&to=2023-11-20", "from"),
    ] {
        let problem = service.problem(&format!("{report}?{query}"), 400).await;
        assert_eq!(
            (&problem["field"], &problem["type"]),
            (&json!(field), &json!("urn:lottery:problem:invalid"))
        );
    }
    service.problem(&format!("{report}?day=2023-11-20"), 400).await;
    service.problem("/api/lotteries/77/report", 404).await;
    service.problem("/api/lotteries/x/report", 400).await;
}
