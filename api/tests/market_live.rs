//! Markets in the live feed: pools and odds as bets come in, attestations, and what bets got back.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{Client, seq};
use serde_json::{Value, json};
use support::{MARKET_ROUND, Service};

async fn say(service: &Service, kind: &str, payload: Value) {
    let sql = "INSERT INTO outbox (topic, kind, payload, slot) VALUES ('lottery/41', $1, $2::text::jsonb, 1)";
    sqlx::query(sql).bind(kind).bind(payload.to_string()).execute(&service.pool).await.unwrap();
}

/// What comes next but countdowns, which are numbered too.
async fn event(client: &mut Client, seq: &mut u64) -> Value {
    loop {
        let message = client.next().await;
        *seq += 1;
        assert_eq!(message["seq"], *seq, "{message}");
        if message["kind"] != "draw:countdown" {
            return message;
        }
    }
}

#[tokio::test]
async fn a_snapshot_holds_pools_odds_and_attestations() {
    let service = Service::start_market().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/41"]})).await;
    let snapshot = client.next().await;
    let lottery = &snapshot["data"]["lottery"];
    assert_eq!(lottery["rules"]["outcomes"][1]["label"], "odd");
    let live: Vec<_> = lottery["live_rounds"].as_array().unwrap().iter().map(|r| &r["index"]).collect();
    assert_eq!(live, [5, 4, 3]);
    assert_eq!(lottery["live_rounds"][0]["pools"][1]["stake_units"], "4000");
    assert_eq!(lottery["live_rounds"][1]["attestations"][0]["facts"], json!(["8"]));
    assert_eq!(snapshot["data"]["rounds"][5]["pools"][1]["payout"], 1.95);
    let entries = snapshot["data"]["recent_entries"].as_array().unwrap();
    let purchases: Vec<_> = entries.iter().map(|e| (&e["stake_units"], &e["outcomes"])).collect();
    assert_eq!(purchases[0], (&json!("4000"), &json!([1])));
    assert_eq!(snapshot["data"]["recent_settled"][0]["label"], "even");
    // The front page has the same.
    client.send(json!({"subscribe": ["global"], "unsubscribe": ["lottery/41"]})).await;
    let global = loop {
        let message = client.next().await;
        if message["topic"] == "global" && message["kind"] == "snapshot" {
            break message;
        }
    };
    let lotteries = global["data"]["lotteries"].as_array().unwrap();
    let market = lotteries.iter().find(|lottery| lottery["id"] == 41).unwrap();
    assert_eq!(market["live_rounds"][0]["pools"], lottery["live_rounds"][0]["pools"]);
    let draw = lotteries.iter().find(|lottery| lottery["id"] == 1).unwrap();
    assert_eq!(draw["live_rounds"][0].get("pools"), None);
}

#[tokio::test]
async fn bets_attestations_and_payouts_come_as_they_happen() {
    let service = Service::start_market().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/41"]})).await;
    let mut at = seq(&client.next().await);
    let pools = json!([{"outcome": 0, "label": "even", "stake_units": "5000", "entries": 3, "share": 0.5, "payout": 1.95}]);
    say(&service, "prize:update", json!({"lottery_id": 41, "round_index": 5, "pools": pools})).await;
    let attested =
        json!({"lottery_id": 41, "round_index": 4, "reporter_index": 0, "facts": ["8"], "decided": true});
    say(&service, "attestation:new", attested.clone()).await;
    say(&service, "round:state", json!({"lottery_id": 41, "round_index": 0, "status": "final"})).await;
    let update = event(&mut client, &mut at).await;
    assert_eq!((&update["kind"], &update["data"]["pools"]), (&json!("prize:update"), &pools));
    let attestation = event(&mut client, &mut at).await;
    assert_eq!((&attestation["kind"], &attestation["data"]), (&json!("attestation:new"), &attested));
    assert_eq!(event(&mut client, &mut at).await["kind"], "round:state");
    let settled = event(&mut client, &mut at).await;
    assert_eq!(settled["kind"], "entry:settled");
    let entries = settled["data"]["entries"].as_array().unwrap();
    let back: Vec<_> =
        entries.iter().map(|e| (&e["label"], &e["prize_units"], &e["matched_units"])).collect();
    let expected = [("odd", "1950", "1000"), ("even", "1333", "667"), ("even", "666", "334")];
    assert_eq!(
        back,
        expected.map(|(a, b, c)| (json!(a), json!(b), json!(c))).each_ref().map(|(a, b, c)| (a, b, c))
    );
    let record = service.ok(&format!("/api/rounds/{MARKET_ROUND}/records?record=BetMatched")).await;
    assert_eq!(record["items"].as_array().unwrap().len(), entries.len());
}
