//! Raffles over seeded rows: rules, how places stand, the order, and a wallet's own place.

mod support;

use serde_json::{Value, json};
use support::{OWNER, RAFFLE_ROUND, Service};

#[tokio::test]
async fn rules_say_how_many_places_there_are_and_who_may_enter() {
    let service = Service::start_raffle().await;
    let lottery = service.ok("/api/lotteries/51").await;
    let rules = json!({
        "kind": "raffle", "mode": "weighted", "capacity": 2, "waiting": 2, "leaf_count": 5, "depth": 3,
        "root": "ab".repeat(32), "confirm_seconds": 3600, "penalty_bps": 2500, "prizes_bps": [],
    });
    assert_eq!(lottery["rules"], rules);
    let listed = service.ok("/api/lotteries?kind=raffle").await;
    assert_eq!(listed["items"][0]["rules"], rules);
    assert_eq!(listed["items"][1]["rules"]["prizes_bps"], json!([7000, 3000]));
}

#[tokio::test]
async fn rounds_say_how_their_places_stand() {
    let service = Service::start_raffle().await;
    let raffle = service.ok("/api/lotteries/51/rounds/0").await["raffle"].clone();
    assert_eq!(
        raffle,
        json!({
            "places": true, "mode": "weighted", "capacity": 2, "waiting": 2, "leaf_count": 5, "confirm_seconds": 3600,
            "penalty_bps": 2500, "ranked": 4, "is_ranked": true, "taken": 1, "lapsed": 1, "promoted": 1,
            "open_offers": 1, "confirm_until": 1_700_003_800,
            "threshold": {"key": "18446744073709551615", "page": 0, "index": 4}, "ranking": "Ranking51",
        })
    );
    // Its account was not read yet: the rules are the config's.
    let open = service.ok("/api/lotteries/51/rounds").await["items"][0]["raffle"].clone();
    assert_eq!(
        (&open["places"], &open["capacity"], &open["mode"]),
        (&json!(true), &json!(2), &json!("weighted"))
    );
    assert_eq!(
        (&open["ranked"], &open["threshold"], &open["confirm_until"], &open["open_offers"]),
        (&json!(0), &Value::Null, &Value::Null, &json!(0))
    );
    let prizes = service.ok("/api/lotteries/52/rounds/0").await["raffle"].clone();
    assert_eq!((&prizes["places"], &prizes["open_offers"]), (&json!(false), &json!(0)));
    let other = service.ok("/api/lotteries/1").await["live_rounds"][0].clone();
    assert!(other.is_object() && other.get("raffle").is_none(), "{other}");
}

#[tokio::test]
async fn entries_say_their_key_rank_and_place() {
    let service = Service::start_raffle().await;
    let entries = service.ok("/api/lotteries/51/rounds/0/entries").await["items"].clone();
    let seen: Vec<Value> = entries
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|e| json!([e["leaf_index"], e["weight"], e["key"], e["rank"], e["place_status"]]))
        .collect();
    assert_eq!(
        seen,
        [
            json!([4, 1, "20", 1, "lapsed"]),
            json!([3, 3, "10", 0, "taken"]),
            json!([0, 3, "30", 2, "promoted"]),
            json!([1, 1, "18446744073709551615", null, null]),
            json!([2, 1, "9007199254740993", 3, "waiting"]),
        ]
    );
    let own = service.ok(&format!("/api/wallets/{OWNER}/entries?lottery_id=51")).await;
    let own = own["items"].as_array().unwrap();
    assert_eq!((own.len(), &own[0]["key"], &own[0]["leaf_index"]), (3, &Value::Null, &json!(0)));
    assert_eq!((&own[2]["rank"], &own[2]["place_status"]), (&json!(2), &json!("promoted")));
}

#[tokio::test]
async fn the_order_is_read_in_parts_and_by_wallet() {
    let service = Service::start_raffle().await;
    let path = format!("/api/rounds/{RAFFLE_ROUND}/places");
    let first = service.ok(&format!("{path}?limit=2")).await;
    let items = first["items"].as_array().unwrap();
    assert_eq!((items.len(), &first["next_after"]), (2, &json!(1)));
    assert_eq!(
        (&items[0]["rank"], &items[0]["status"], &items[0]["wallet"]),
        (&json!(0), &json!("taken"), &json!("WalletY"))
    );
    assert_eq!((&items[1]["status"], &items[1]["offered_until"]), (&json!("lapsed"), &Value::Null));
    let rest = service.ok(&format!("{path}?after=1&limit=2")).await;
    let items = rest["items"].as_array().unwrap();
    assert_eq!((items.len(), &rest["next_after"]), (2, &Value::Null));
    assert_eq!(
        (&items[0]["status"], &items[0]["offered_until"], &items[0]["owner"], &items[0]["leaf_index"]),
        (&json!("promoted"), &json!(1_700_007_400), &json!(OWNER), &json!(0))
    );
    assert_eq!(
        (&items[1]["status"], &items[1]["waiting_position"], &items[1]["key"]),
        (&json!("waiting"), &json!(1), &json!("9007199254740993"))
    );
    // One's own: the promoted one, and the one beyond the threshold.
    let own = service.ok(&format!("{path}?wallet={OWNER}")).await;
    let own = own["items"].as_array().unwrap();
    assert_eq!((own.len(), &own[0]["rank"], &own[0]["offered_until"]), (2, &json!(2), &json!(1_700_007_400)));
    assert_eq!(
        (&own[1]["rank"], &own[1]["status"], &own[1]["refunded"], &own[1]["key"]),
        (&Value::Null, &Value::Null, &json!(true), &json!("18446744073709551615"))
    );
    // An offer from the start lapses with the time to confirm.
    service.execute("UPDATE ranked_entries SET status = 'initial' WHERE rank = 0").await;
    let first = service.ok(&format!("{path}?limit=1")).await["items"][0].clone();
    assert_eq!((&first["status"], &first["offered_until"]), (&json!("offered"), &json!(1_700_003_800)));
}

#[tokio::test]
async fn places_refuse_what_they_cannot_read() {
    let service = Service::start_raffle().await;
    let path = format!("/api/rounds/{RAFFLE_ROUND}/places");
    assert_eq!(service.problem(&format!("{path}?limit=0"), 400).await["field"], "limit");
    assert_eq!(service.problem(&format!("{path}?wallet=me"), 400).await["field"], "wallet");
    service.problem(&format!("{path}?after=-1"), 400).await;
    let absent = service.problem(&format!("/api/rounds/{OWNER}/places"), 404).await;
    assert!(absent["detail"].as_str().unwrap().contains("there is no round"), "{absent}");
    service.execute(&format!("UPDATE rounds SET kind = 'draw' WHERE address = '{RAFFLE_ROUND}'")).await;
    let other = service.problem(&path, 404).await;
    assert!(other["detail"].as_str().unwrap().contains("is not a raffle's"), "{other}");
}

#[tokio::test]
async fn whatever_is_asked_of_a_raffle_has_an_answer() {
    let service = Service::start_raffle().await;
    let report = service.ok("/api/lotteries/51/report?from=2023-11-14&to=2023-11-15").await;
    assert!(report["total"].is_object(), "{report}");
    let records = service.ok(&format!("/api/rounds/{RAFFLE_ROUND}/records")).await;
    assert!(records["items"].is_array(), "{records}");
    let (status, kind, proof) = service.get(&format!("/api/rounds/{RAFFLE_ROUND}/proof")).await;
    assert_eq!((status, kind.as_str()), (410, "application/problem+json"), "{proof}");
}
