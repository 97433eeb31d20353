//! The live feed over a real socket and a real outbox.

mod support;

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use support::Service;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

const PATIENCE: Duration = Duration::from_secs(10);

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(service: &Service) -> Self {
        Self(connect_async(format!("ws://{}/ws", service.address)).await.unwrap().0)
    }

    async fn send(&mut self, command: Value) {
        self.0.send(Message::text(command.to_string())).await.unwrap();
    }

    /// The next message, without countdowns unless they are wanted.
    async fn next(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a message in time").unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Messages of `topic` until one of `kind` whose data holds `last`; their numbers must be contiguous.
    async fn until(&mut self, topic: &str, mut seq: u64, last: i64) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let message = self.next().await;
            assert_eq!(message["topic"], topic);
            seq += 1;
            assert_eq!(message["seq"], seq, "{message}");
            if message["kind"] != "draw:countdown" {
                let done = message["data"]["n"] == last;
                events.push(message);
                if done {
                    return events;
                }
            }
        }
    }

    /// The code of the close frame, whatever comes before.
    async fn close_code(&mut self) -> Option<u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a close in time") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return None,
            }
        }
    }
}

async fn say(service: &Service, topic: &str, numbers: std::ops::RangeInclusive<i64>) {
    let sql = format!(
        "INSERT INTO outbox (topic, kind, payload, slot)
         SELECT '{topic}', 'entry:new', jsonb_build_object('n', n, 'lottery_id', 1), 5000
         FROM generate_series({}, {}) AS n",
        numbers.start(),
        numbers.end()
    );
    service.execute(&sql).await;
}

fn data(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["data"]["n"].as_i64().unwrap()).collect()
}

fn seq(message: &Value) -> u64 {
    message["seq"].as_u64().unwrap()
}

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
