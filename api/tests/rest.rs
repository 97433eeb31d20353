//! Every GET endpoint over seeded rows: contents, pages, problems, limits.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{OWNER, Service};

/// Follows `next_cursor` to the end.
async fn all(service: &Service, path: &str, limit: u32) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    let join = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = service.ok(&format!("{path}{join}limit={limit}{cursor}")).await;
        let part = page["items"].as_array().unwrap();
        assert!(part.len() <= limit as usize);
        items.extend(part.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

fn numbers(items: &[Value], field: &str) -> Vec<i64> {
    items.iter().map(|item| item[field].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn lotteries_are_listed_narrowed_and_paged() {
    let service = Service::start().await;
    for limit in [1, 2, 50] {
        assert_eq!(numbers(&all(&service, "/api/lotteries", limit).await, "id"), [1, 2, 3, 9]);
    }
    assert_eq!(numbers(&all(&service, "/api/lotteries?status=active", 50).await, "id"), [1, 3]);
    assert_eq!(numbers(&all(&service, "/api/lotteries?kind=draw&status=paused", 50).await, "id"), [2]);
    assert_eq!(service.problem("/api/lotteries?status=happy", 400).await["field"], "status");
    assert_eq!(service.problem("/api/lotteries?kind=bingo", 400).await["field"], "kind");
    assert_eq!(service.problem("/api/lotteries?limit=0", 400).await["field"], "limit");
    assert_eq!(service.problem("/api/lotteries?limit=201", 400).await["field"], "limit");
    assert_eq!(service.problem("/api/lotteries?cursor=nonsense", 400).await["field"], "cursor");
    service.problem("/api/lotteries?colour=red", 400).await;
}

#[tokio::test]
async fn a_lottery_has_rules_odds_live_rounds_and_its_last_result() {
    let service = Service::start().await;
    let lottery = service.ok("/api/lotteries/1").await;
    assert_eq!(lottery["name"], "Daily 6/49");
    assert_eq!(lottery["jackpot_units"], "123456789012345");
    assert_eq!((&lottery["decimals"], &lottery["token_kind"]), (&json!(9), &json!("native")));
    assert_eq!(lottery["config"]["stake_units"], "10000000");
    let tiers = lottery["config"]["tiers"].as_array().unwrap();
    assert_eq!(tiers.len(), 3);
    assert_eq!(
        tiers[0]["odds"],
        json!({"numerator": "1", "denominator": "13983816", "text": "1 in 13,983,816"})
    );
    assert_eq!(tiers[0].get("winners"), None, "a config has no winners");
    assert_eq!(numbers(lottery["live_rounds"].as_array().unwrap(), "index"), [121]);
    assert_eq!(lottery["last_result"]["index"], 120);
    assert_eq!(lottery["last_result"]["result"]["numbers"], json!([1, 2, 3, 4, 5, 49]));
    // A u64 that no JavaScript number holds.
    let power = service.ok("/api/lotteries/2").await;
    assert_eq!(power["config"]["stake_units"], "18446744073709551615");
    assert_eq!(power["config"]["tiers"][0]["odds"]["text"], "1 in 292,201,338");
    // A kind of a later program, and a row that only the record knows.
    let wheel = service.ok("/api/lotteries/3").await;
    assert_eq!((&wheel["kind"], &wheel["config"]), (&json!("roulette"), &Value::Null));
    assert_eq!(wheel["last_result"]["result"]["data"].as_str().unwrap()[..2], *"ff");
    assert_eq!(service.ok("/api/lotteries/9").await["kind"], "unknown");
    let problem = service.problem("/api/lotteries/4", 404).await;
    assert_eq!(problem["detail"], "there is no lottery 4");
    service.problem("/api/lotteries/18446744073709551615", 404).await;
    service.problem("/api/lotteries/first", 400).await;
}

#[tokio::test]
async fn mints_have_decimals_and_symbols_where_known() {
    let service =
        Service::start_with(|config| config.symbols = vec![("UsdcMint".into(), "USDC".into())]).await;
    let items = service.ok("/api/mints").await["items"].clone();
    let of = |place: usize, field: &str| items[place][field].clone();
    assert_eq!(
        (of(0, "symbol"), of(0, "decimals"), of(0, "total_units")),
        (json!("SOL"), json!(9), json!("500000000000"))
    );
    assert_eq!(
        (of(1, "symbol"), of(1, "decimals"), of(1, "token_kind")),
        (json!("USDC"), json!(6), json!("spl_token"))
    );
}

#[tokio::test]
async fn rounds_are_paged_newest_first_while_new_ones_arrive() {
    let service = Service::start().await;
    let newest_first: Vec<i64> = (0..=121).rev().collect();
    for limit in [7, 61, 200] {
        assert_eq!(numbers(&all(&service, "/api/lotteries/1/rounds", limit).await, "index"), newest_first);
    }
    let first = service.ok("/api/lotteries/1/rounds?limit=2").await;
    service
        .execute("INSERT INTO rounds (address, lottery, lottery_id, index) VALUES ('Round1-122', 'Lottery1', 1, 122)")
        .await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = service.ok(&format!("/api/lotteries/1/rounds?limit=2&cursor={cursor}")).await;
    assert_eq!(numbers(second["items"].as_array().unwrap(), "index"), [119, 118]);
    assert_eq!(service.ok("/api/lotteries/2/rounds").await, json!({"items": [], "next_cursor": null}));
    service.problem("/api/lotteries/4/rounds", 404).await;
    let lotteries = service.ok("/api/lotteries?limit=1").await;
    let foreign = lotteries["next_cursor"].as_str().unwrap();
    service.problem(&format!("/api/lotteries/1/rounds?cursor={foreign}"), 400).await;
}

#[tokio::test]
async fn a_round_has_result_tiers_winners_prizes_and_odds() {
    let service = Service::start().await;
    let round = service.ok("/api/lotteries/1/rounds/120").await;
    assert_eq!(
        (&round["status"], &round["lottery_id"], &round["index"]),
        (&json!("final"), &json!(1), &json!(120))
    );
    assert_eq!(round["result"]["numbers"], json!([1, 2, 3, 4, 5, 49]));
    assert_eq!(round["result"]["bonus"], Value::Null);
    let tiers = round["tiers"].as_array().unwrap();
    assert_eq!(tiers.len(), 3);
    assert_eq!((&tiers[1]["winners"], &tiers[1]["prize_each_units"]), (&json!(1), &json!("19950000")));
    assert_eq!(tiers[1]["odds"]["text"], "1 in 54,200.84");
    assert_eq!(round["value"].as_str().unwrap(), "ab".repeat(32));
    assert_eq!(round["commit"], Value::Null, "a digest of zeros is none");
    assert_eq!((&round["pool_units"], &round["fee_units"]), (&json!("70000000"), &json!("3500000")));
    let void = service.ok("/api/lotteries/1/rounds/3").await;
    assert_eq!((&void["void_reason"], &void["result"]), (&json!("grace_expired"), &Value::Null));
    let open = service.ok("/api/lotteries/1/rounds/121").await;
    assert_eq!(
        (&open["status"], &open["entered_count"], &open["result"]),
        (&json!("open"), &json!(3), &Value::Null)
    );
    let problem = service.problem("/api/lotteries/1/rounds/500", 404).await;
    assert_eq!(problem["detail"], "lottery 1 has no round 500");
    service.problem("/api/lotteries/1/rounds/-1", 400).await;
}

#[tokio::test]
async fn wallets_of_every_mint() {
    let service = Service::start().await;
    let body = service.ok(&format!("/api/wallets/{OWNER}")).await;
    let wallets = body["wallets"].as_array().unwrap();
    assert_eq!(wallets.len(), 2);
    let native = &wallets[0];
    assert_eq!((&native["balance_units"], &native["decimals"]), (&json!("18446744073709551615"), &json!(9)));
    assert_eq!(
        native["session"],
        json!({"key": "SessionKey", "expires_at": 1_800_000_000, "limit_units": "5000", "spent_units": "100", "lottery_ids": [1]})
    );
    assert_eq!((&native["entries"], &native["won_units"]), (&json!(22), &json!("19950000")));
    assert_eq!(native["refunded_units"], "10000000");
    assert_eq!(wallets[1]["session"], Value::Null);
    let nobody = "Vote111111111111111111111111111111111111111";
    assert_eq!(service.ok(&format!("/api/wallets/{nobody}")).await["wallets"], json!([]));
    let problem = service.problem("/api/wallets/nobody", 400).await;
    assert_eq!(problem["field"], "owner");
}

#[tokio::test]
async fn entries_of_a_wallet_are_paged_with_result_prize_and_payment() {
    let service = Service::start().await;
    let path = format!("/api/wallets/{OWNER}/entries");
    let whole = all(&service, &path, 200).await;
    assert_eq!(whole.len(), 23, "every mint");
    assert_eq!(all(&service, &path, 4).await, whole);
    let rounds = numbers(&whole, "round_index");
    assert_eq!((rounds[0], rounds[2], rounds[22]), (0, 121, 119), "newest first: {rounds:?}");
    let of = |index: i64, place: i64| {
        let found =
            whole.iter().find(|e| e["round_index"] == index && e["index"] == place && e["lottery_id"] == 1);
        found.unwrap().clone()
    };
    let winner = of(120, 0);
    assert_eq!((&winner["tier"], &winner["prize_units"]), (&json!(2), &json!("19950000")));
    assert_eq!((&winner["paid"], &winner["paid_units"]), (&json!(true), &json!("19950000")));
    assert_eq!(winner["result"]["numbers"], json!([1, 2, 3, 4, 5, 49]));
    let loser = of(120, 1);
    assert_eq!((&loser["prize_units"], &loser["paid_units"]), (&json!("0"), &Value::Null));
    let waiting = of(121, 0);
    assert_eq!((&waiting["prize_units"], &waiting["result"]), (&Value::Null, &Value::Null));
    let refunded = of(3, 0);
    assert_eq!((&refunded["refunded"], &refunded["paid_units"]), (&json!(true), &json!("10000000")));
    assert_eq!(all(&service, &format!("{path}?lottery_id=3"), 50).await.len(), 1);
    assert_eq!(service.problem(&format!("{path}?cursor=AAAA"), 400).await["field"], "cursor");
    service.problem("/api/wallets/x/entries", 400).await;
}

#[tokio::test]
async fn health_and_readiness() {
    let service = Service::start().await;
    assert_eq!(service.ok("/api/health").await["status"], "ok");
    let ready = service.ok("/api/ready").await;
    assert_eq!((&ready["ready"], &ready["indexer"]["slot"]), (&json!(true), &json!(5000)));
    service.execute("UPDATE cursor SET updated_at = now() - interval '5 minutes'").await;
    let (status, _, ready) = service.get("/api/ready").await;
    assert_eq!((status, &ready["ready"]), (503, &json!(false)));
    assert!(ready["reasons"][0].as_str().unwrap().contains("no progress"), "{ready}");
}

#[tokio::test]
async fn measurements_name_routes_not_paths() {
    let service = Service::start().await;
    service.ok("/api/lotteries/1").await;
    service.problem("/api/lotteries/77", 404).await;
    let (status, kind, body) = service.get("/metrics").await;
    let text = body.as_str().unwrap();
    assert_eq!((status, kind.starts_with("text/plain")), (200, true));
    assert!(text.contains("lottery_api_request_seconds_bucket"), "{text}");
    assert!(text.contains(r#"route="/api/lotteries/{id}",status="404""#), "{text}");
    assert!(!text.contains("/77"), "{text}");
}

#[tokio::test]
async fn wrong_paths_methods_and_bodies_are_problems() {
    let service = Service::start_with(|config| config.body_bytes = 1024).await;
    service.problem("/nothing", 404).await;
    service.problem("/api/nothing", 404).await;
    let (status, kind, _) = service.post("/api/lotteries", json!({})).await;
    assert_eq!((status, kind.as_str()), (405, "application/problem+json"));
    let enter = "/api/transactions/enter";
    let problem = service.post_problem(enter, json!({"owner": OWNER}), 400).await;
    assert!(problem["detail"].as_str().unwrap().contains("lottery_id"), "{problem}");
    let body = json!({"owner": OWNER, "lottery_id": 1, "quick_picks": 21});
    assert_eq!(service.post_problem(enter, body, 422).await["name"], "TicketCount");
    let body = json!({"owner": "0x12", "lottery_id": 1, "quick_picks": 2});
    assert_eq!(service.post_problem(enter, body, 400).await["field"], "owner");
    service.post_problem(enter, json!({"owner": "a".repeat(2000), "lottery_id": 1}), 413).await;
    let body = json!({"owner": OWNER, "amount_units": "0"});
    assert_eq!(service.post_problem("/api/transactions/deposit", body, 422).await["name"], "ZeroAmount");
    let body = json!({"owner": OWNER, "amount_units": "1.5"});
    service.post_problem("/api/transactions/deposit", body, 400).await;
    let body = json!({"owner": OWNER, "mint": "gold"});
    assert_eq!(service.post_problem("/api/transactions/withdraw", body, 400).await["field"], "mint");
    let body = json!({"transaction": "AAAA"});
    assert_eq!(service.post_problem("/api/transactions/submit", body, 400).await["field"], "transaction");
    let text = reqwest::Client::new().post(service.url(enter)).body("owner=me").send().await.unwrap();
    assert_eq!(text.status(), 415);
}

#[tokio::test]
async fn a_missing_cluster_is_said_and_does_not_hang() {
    let service = Service::start().await;
    let body = json!({"owner": OWNER, "lottery_id": 1, "quick_picks": 1});
    let problem = service.post_problem("/api/transactions/enter", body, 502).await;
    assert_eq!(problem["type"], "urn:lottery:problem:chain-unavailable");
}

#[tokio::test]
async fn too_many_requests_are_told_to_come_back() {
    let service = Service::start_with(|config| config.requests = 0).await;
    let response = reqwest::get(service.url("/api/health")).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn silent_connections_end_and_give_their_place_back() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        time::timeout,
    };
    let service = Service::start_with(|config| {
        config.connections = 1;
        config.silence = Duration::from_secs(1);
    })
    .await;
    let mut half = TcpStream::connect(service.address).await.unwrap();
    half.write_all(b"GET /api/health HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = Vec::new();
    // Closed with or without a last word; what counts is that it does not stay.
    let _ = timeout(Duration::from_secs(5), half.read_to_end(&mut rest)).await.expect("closed in time");
    let response = timeout(Duration::from_secs(5), reqwest::get(service.url("/api/health"))).await.unwrap();
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test]
async fn other_origins_may_read_unless_origins_are_named() {
    let asks = async |service: &Service| {
        let request =
            reqwest::Client::new().get(service.url("/api/health")).header("origin", "https://a.example");
        request.send().await.unwrap().headers().get("access-control-allow-origin").cloned()
    };
    let open = Service::start().await;
    assert_eq!(asks(&open).await.unwrap(), "*");
    let closed = Service::start_with(|config| config.cors_origins = vec!["https://b.example".into()]).await;
    assert_eq!(asks(&closed).await, None);
}

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let service = Service::start().await;
    let response = reqwest::get(service.url("/")).await.unwrap();
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    let html = response.text().await.unwrap();
    for file in html.split('"').filter(|text| text.starts_with("/assets/")) {
        assert_eq!(reqwest::get(service.url(file)).await.unwrap().status(), 200, "{file}");
    }
    service.problem("/assets/secret.js", 404).await;
}

#[tokio::test]
async fn a_stop_ends_the_service() {
    let mut service = Service::start().await;
    service.ok("/api/health").await;
    service.stop().await.unwrap();
    assert!(reqwest::get(service.url("/api/health")).await.is_err());
}
