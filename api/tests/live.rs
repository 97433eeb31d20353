//! The live feed over a real socket and a real outbox.

#[path = "support/client.rs"]
mod client;
mod support;

use std::time::Duration;

use client::{Client, data, say, seq};
use serde_json::{Value, json};
use support::Service;
use tokio_tungstenite::connect_async;

#[tokio::test]
async fn a_topic_begins_with_its_snapshot_and_goes_on_without_gap() {
    let service = Service::start().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/1"]})).await;
    let snapshot = client.next().await;
    assert_eq!((&snapshot["topic"], &snapshot["kind"]), (&json!("lottery/1"), &json!("snapshot")));
    assert_eq!(snapshot["data"]["lottery"]["name"], "Daily 6/49");
    assert_eq!(snapshot["data"]["rounds"][0]["index"], 121);
    let recent = snapshot["data"]["recent_entries"].as_array().unwrap();
    assert_eq!((&recent[0]["round_index"], &recent[0]["count"]), (&json!(121), &json!(3)), "{:?}", recent[0]);
    assert_eq!((&recent[1]["first_index"], &recent[1]["stake_units"]), (&json!(0), &json!("40000000")));
    for batch in [1..=1, 2..=500, 501..=503] {
        say(&service, "lottery/1", batch).await;
    }
    let events = client.until("lottery/1", seq(&snapshot), 503).await;
    assert_eq!(data(&events), (1..=503).collect::<Vec<_>>());
    assert!(events.iter().all(|event| event["epoch"] == snapshot["epoch"] && event["kind"] == "entry:new"));
}

#[tokio::test]
async fn the_global_snapshot_has_lotteries_totals_and_the_newest_entries() {
    let service = Service::start().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["global"]})).await;
    let data = client.next().await["data"].clone();
    let ids: Vec<_> =
        data["lotteries"].as_array().unwrap().iter().map(|l| l["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 9]);
    // What the page shows of each round before and after the draw.
    let of_config = &data["lotteries"][0]["config"]["randomness"];
    assert_eq!((&of_config["source"], &of_config["chain_hash"]), (&json!("commit_reveal"), &Value::Null));
    for round in [&data["lotteries"][0]["live_rounds"][0], &data["lotteries"][0]["last_result"]] {
        assert_eq!(round["randomness"]["source"], "commit_reveal", "{round}");
    }
    assert_eq!(data["totals"]["entries"], 23);
    assert_eq!(data["recent_entries"][0]["wallet"], "WalletUsd");
}

/// Snapshots taken while rows are being written: what one lacks must follow it, what it has must not.
#[tokio::test]
async fn joining_amid_writes_neither_loses_nor_repeats() {
    let service = Service::start().await;
    service.execute("CREATE TABLE marks (n BIGINT)").await;
    let writer = tokio::spawn({
        let pool = service.pool.clone();
        async move {
            for n in 1..=300_i64 {
                // As the indexer does: rows and outbox in one transaction.
                let mut together = pool.begin().await.unwrap();
                sqlx::query("UPDATE totals SET entries = $1").bind(n).execute(&mut *together).await.unwrap();
                let sql = "INSERT INTO outbox (topic, kind, payload, slot) VALUES ('global', 'stats:update', $1::text::jsonb, 1)";
                let payload = json!({ "n": n }).to_string();
                sqlx::query(sql).bind(payload).execute(&mut *together).await.unwrap();
                together.commit().await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut contained = Vec::new();
    for _ in 0..3 {
        let mut client = Client::connect(&service).await;
        client.send(json!({"subscribe": ["global"]})).await;
        let snapshot = client.next().await;
        let entries = snapshot["data"]["totals"]["entries"].as_i64().unwrap();
        let events = client.until("global", seq(&snapshot), entries + 40).await;
        assert_eq!(data(&events), (entries + 1..=entries + 40).collect::<Vec<_>>());
        contained.push(entries);
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        if writer.is_finished() {
            break;
        }
    }
    assert!(
        contained.iter().any(|entries| (1..300).contains(entries)),
        "no snapshot amid the writes: {contained:?}"
    );
    writer.await.unwrap();
}

#[tokio::test]
async fn a_broken_connection_resumes_without_gap_or_repeat() {
    let service = Service::start().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/2"]})).await;
    let snapshot = client.next().await;
    say(&service, "lottery/2", 1..=5).await;
    let events = client.until("lottery/2", seq(&snapshot), 5).await;
    let (epoch, after) = (snapshot["epoch"].clone(), seq(events.last().unwrap()));
    drop(client);
    say(&service, "lottery/2", 6..=9).await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": [{"topic": "lottery/2", "epoch": epoch, "after": after}]})).await;
    let resumed = client.next().await;
    assert_eq!((&resumed["kind"], seq(&resumed)), (&json!("resumed"), after));
    let events = client.until("lottery/2", after, 9).await;
    assert_eq!(data(&events), [6, 7, 8, 9]);
    // Another epoch's numbers, or ones from ahead, begin anew.
    for (epoch, after) in [(json!("elsewhere"), after), (epoch, after + 1_000)] {
        let mut client = Client::connect(&service).await;
        client.send(json!({"subscribe": [{"topic": "lottery/2", "epoch": epoch, "after": after}]})).await;
        assert_eq!(client.next().await["kind"], "snapshot");
    }
}

#[tokio::test]
async fn a_slow_client_is_closed_with_its_code_and_counted() {
    let service = Service::start_with(|config| {
        config.ws_ring_messages = 64;
        config.ws_send_timeout = Duration::from_secs(1);
    })
    .await;
    let mut slow = Client::connect(&service).await;
    slow.send(json!({"subscribe": ["lottery/1"]})).await;
    slow.next().await;
    // Far more than sockets buffer, and the client reads none of it.
    for _ in 0..20 {
        service
            .execute(
                "INSERT INTO outbox (topic, kind, payload, slot)
                 SELECT 'lottery/1', 'entry:new', jsonb_build_object('text', repeat('x', 8000)), 1 FROM generate_series(1, 200)",
            )
            .await;
    }
    let mut code = None;
    for _ in 0..100 {
        let metrics = service.get("/metrics").await.2;
        if metrics.as_str().unwrap().contains("lottery_api_ws_slow_total") {
            code = slow.close_code().await;
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A client whose socket is full may be cut off before the frame gets through.
    assert!(matches!(code, Some(4008) | None), "{code:?}");
    let metrics = service.get("/metrics").await.2;
    assert!(metrics.as_str().unwrap().contains(r#"lottery_api_ws_closed_total{code="4008"}"#), "{metrics}");
    // Others are none the worse.
    let mut quick = Client::connect(&service).await;
    quick.send(json!({"subscribe": ["lottery/1"]})).await;
    assert_eq!(quick.next().await["kind"], "snapshot");
}

#[tokio::test]
async fn rounds_near_their_lock_count_down() {
    let service = Service::start().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["lottery/1"]})).await;
    client.next().await;
    let (first, second) = (client.next().await, client.next().await);
    assert_eq!(first["kind"], "draw:countdown");
    assert_eq!((&first["data"]["lottery_id"], &first["data"]["round_index"]), (&json!(1), &json!(121)));
    let left = |message: &Value| message["data"]["seconds_left"].as_i64().unwrap();
    assert!((1..=30).contains(&left(&first)), "{first}");
    assert!(left(&second) < left(&first));
}

#[tokio::test]
async fn what_cannot_be_followed_is_said_and_limited() {
    let service = Service::start().await;
    let mut client = Client::connect(&service).await;
    for (command, status) in [
        (json!({"subscribe": ["lottery/77"]}), 404),
        (json!({"subscribe": ["weather"]}), 400),
        (json!({"unsubscribe": ["lottery/1"]}), 404),
        (json!({"publish": ["global"]}), 400),
        (json!("hello"), 400),
    ] {
        client.send(command.clone()).await;
        let answer = client.next().await;
        assert_eq!(
            (&answer["kind"], &answer["data"]["status"]),
            (&json!("error"), &json!(status)),
            "{command}"
        );
    }
    client.send(json!({"subscribe": ["lottery/2", "lottery/2"]})).await;
    assert_eq!(client.next().await["kind"], "snapshot");
    assert_eq!(client.next().await["data"]["status"], 409, "subscribed twice");
    client.send(json!({"unsubscribe": ["lottery/2"]})).await;
    assert_eq!(client.next().await["kind"], "unsubscribed");
    say(&service, "lottery/2", 1..=1).await;
    for _ in 0..20 {
        client.send(json!({"subscribe": ["weather"]})).await;
    }
    assert_eq!(client.close_code().await, Some(1008), "after too many refusals, and no event came");
}

#[tokio::test]
async fn big_messages_and_too_many_clients_are_refused() {
    let service = Service::start_with(|config| config.ws_clients = 1).await;
    let mut client = Client::connect(&service).await;
    assert!(connect_async(format!("ws://{}/ws", service.address)).await.is_err(), "one place only");
    client.send(json!({"subscribe": ["x".repeat(10_000)]})).await;
    assert_eq!(client.close_code().await, Some(1009));
    drop(client);
    for _ in 0..50 {
        if connect_async(format!("ws://{}/ws", service.address)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place was not given back");
}

#[tokio::test]
async fn an_outbox_that_starts_anew_sends_clients_back_for_snapshots() {
    let service = Service::start().await;
    say(&service, "global", 1..=20).await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["global"]})).await;
    let old = client.next().await["epoch"].clone();
    service.execute("TRUNCATE outbox RESTART IDENTITY").await;
    assert_eq!(client.close_code().await, Some(1012));
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": [{"topic": "global", "epoch": old, "after": 1}]})).await;
    let fresh = client.next().await;
    assert_eq!(fresh["kind"], "snapshot");
    assert_ne!(fresh["epoch"], old);
}

#[tokio::test]
async fn rows_that_were_only_pruned_change_nothing() {
    let service = Service::start().await;
    say(&service, "global", 1..=20).await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["global"]})).await;
    let snapshot = client.next().await;
    service.execute("DELETE FROM outbox").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    say(&service, "global", 21..=21).await;
    assert_eq!(data(&client.until("global", seq(&snapshot), 21).await), [21]);
}

#[tokio::test]
async fn a_stop_closes_clients_with_going_away() {
    let mut service = Service::start().await;
    let mut client = Client::connect(&service).await;
    client.send(json!({"subscribe": ["global"]})).await;
    client.next().await;
    let (stopped, code) = tokio::join!(service.stop(), client.close_code());
    stopped.unwrap();
    assert_eq!(code, Some(1001));
}
