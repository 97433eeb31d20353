//! House games in the live feed: short rounds, and what their entries won.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{Client, say, seq};
use serde_json::{Value, json};
use support::Service;

async fn state(service: &Service, lottery: i64, round: i64, status: &str) {
    let sql = format!(
        "INSERT INTO outbox (topic, kind, payload, slot) VALUES ('lottery/{lottery}', 'round:state',
         jsonb_build_object('lottery_id', {lottery}, 'round_index', {round}, 'status', '{status}'), 5000)"
    );
    service.execute(&sql).await;
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
async fn what_instant_tickets_won_follows_their_round_at_once() {
    let service = Service::start_house().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/22"]})).await;
    let snapshot = client.next().await;
    let mut at = seq(&snapshot);
    let recent = snapshot["data"]["recent_settled"].as_array().unwrap();
    let prizes: Vec<_> = recent.iter().map(|entry| &entry["prize_units"]).collect();
    assert_eq!(prizes, ["200", "0", "200", "10000"], "newest first, only what is settled");
    assert_eq!((&recent[0]["round_index"], &recent[3]["round_index"]), (&json!(1), &json!(0)));
    assert_eq!(snapshot["data"]["lottery"]["rules"]["kind"], "instant");
    state(&service, 22, 1, "drawn").await;
    state(&service, 22, 0, "final").await;
    say(&service, "lottery/22", 1..=1).await;
    let kinds = [
        event(&mut client, &mut at).await,
        event(&mut client, &mut at).await,
        event(&mut client, &mut at).await,
        event(&mut client, &mut at).await,
    ];
    let names: Vec<_> = kinds.iter().map(|message| message["kind"].as_str().unwrap()).collect();
    assert_eq!(names, ["round:state", "round:state", "entry:settled", "entry:new"]);
    let settled = &kinds[2]["data"];
    assert_eq!((&settled["lottery_id"], &settled["round_index"]), (&json!(22), &json!(0)));
    let prizes: Vec<_> = settled["entries"].as_array().unwrap().iter().map(|e| &e["prize_units"]).collect();
    assert_eq!(prizes, ["10000", "200", "0"], "the highest prize first");
    assert_eq!(settled["entries"][0]["multiplier_bps"], 1_000_000);
    assert_eq!((&settled["entered_count"], &settled["winners_total"]), (&json!(3), &json!(2)));
}

#[tokio::test]
async fn a_keno_round_is_seen_from_countdown_to_prizes() {
    let service = Service::start_house().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/21"]})).await;
    let snapshot = client.next().await;
    let mut at = seq(&snapshot);
    let countdown = client.next().await;
    at += 1;
    assert_eq!(
        (&countdown["kind"], &countdown["data"]["round_index"]),
        (&json!("draw:countdown"), &json!(5))
    );
    let drawn: Vec<u8> = (1..=10).chain(71..=80).collect();
    let payload = json!({"lottery_id": 21, "round_index": 3, "kind": "keno", "numbers": drawn});
    let sql = "INSERT INTO outbox (topic, kind, payload, slot) VALUES ('lottery/21', 'draw:result', $1::text::jsonb, 1)";
    sqlx::query(sql).bind(payload.to_string()).execute(&service.pool).await.unwrap();
    state(&service, 21, 3, "final").await;
    let result = event(&mut client, &mut at).await;
    assert_eq!((&result["kind"], &result["data"]["numbers"]), (&json!("draw:result"), &json!(drawn)));
    assert_eq!(event(&mut client, &mut at).await["kind"], "round:state");
    let settled = event(&mut client, &mut at).await;
    let entries = settled["data"]["entries"].as_array().unwrap();
    let won: Vec<_> = entries.iter().map(|e| (&e["spots"], &e["prize_units"])).collect();
    assert_eq!(won, [(&json!(4), &json!("1000")), (&json!(1), &json!("380")), (&json!(1), &json!("0"))]);
    // A round without entries has nothing to tell.
    state(&service, 21, 4, "final").await;
    say(&service, "lottery/21", 7..=7).await;
    assert_eq!(event(&mut client, &mut at).await["kind"], "round:state");
    assert_eq!(event(&mut client, &mut at).await["kind"], "entry:new");
}

#[tokio::test]
async fn draws_have_no_settled_entries_in_the_feed() {
    let service = Service::start_house().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/1"]})).await;
    let snapshot = client.next().await;
    let mut at = seq(&snapshot);
    assert_eq!(snapshot["data"]["recent_settled"], json!([]));
    state(&service, 1, 120, "final").await;
    say(&service, "lottery/1", 1..=1).await;
    assert_eq!(event(&mut client, &mut at).await["kind"], "round:state");
    assert_eq!(event(&mut client, &mut at).await["kind"], "entry:new");
}
