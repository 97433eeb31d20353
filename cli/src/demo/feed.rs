//! The api's WebSocket, read as any frontend would: what it says of results and prizes is what the view shows.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::{connect_async, tungstenite::Message};

use super::live::{Live, Said};

/// Pause before a lost connection is made again.
const RECONNECT: Duration = Duration::from_millis(500);

/// How often each kind of event was seen, by lottery and round; lottery 0 for what is about none.
pub type Seen = BTreeMap<(u64, u64), BTreeMap<String, u64>>;

/// A subscription to every lottery. Dropping it ends it.
pub struct Feed {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

#[derive(Deserialize)]
struct Event {
    topic: Option<String>,
    seq: Option<u64>,
    kind: String,
    #[serde(default)]
    data: Value,
}

impl Feed {
    /// Subscribes to `global` and each of `lotteries`.
    pub fn start(api_url: &str, lotteries: &[u64], live: &Live) -> Self {
        let url = format!("{}/ws", api_url.replacen("http", "ws", 1));
        let topics: Vec<_> = std::iter::once("global".to_string())
            .chain(lotteries.iter().map(|id| format!("lottery/{id}")))
            .collect();
        let seen = Arc::default();
        let reader = Reader { url, topics, live: live.clone(), seen: Arc::clone(&seen) };
        Self { seen, task: tokio::spawn(reader.run()) }
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.seen.lock().expect("no panic holds this lock").clone()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Reader {
    url: String,
    topics: Vec<String>,
    live: Live,
    seen: Arc<Mutex<Seen>>,
}

impl Reader {
    async fn run(self) {
        loop {
            if let Err(error) = self.connection().await {
                tracing::debug!(%error, "the feed was lost");
            }
            tokio::time::sleep(RECONNECT).await;
        }
    }

    async fn connection(&self) -> anyhow::Result<()> {
        let (mut socket, _) = connect_async(&self.url).await?;
        let subscribe = json!({"subscribe": self.topics}).to_string();
        socket.send(Message::text(subscribe)).await?;
        while let Some(message) = socket.next().await {
            if let Message::Text(text) = message? {
                let event: Event =
                    serde_json::from_str(&text).with_context(|| format!("not an event: {text}"))?;
                self.event(event);
            }
        }
        Ok(())
    }

    fn event(&self, event: Event) {
        if event.kind == "error" {
            return self.live.lock().note(format!("the feed refuses: {}", event.data));
        }
        let lottery = event.topic.as_deref().and_then(|topic| topic.strip_prefix("lottery/")?.parse().ok());
        let round = number(&event.data, "round_index").or_else(|| number(&event.data, "index"));
        self.live.lock().events += 1;
        if event.kind == "stats:update" {
            self.totals(&event.data);
        }
        // What is sent on both topics is counted on the lottery's.
        let (Some(lottery), Some(_)) = (lottery, event.seq) else { return };
        if event.kind != "snapshot" {
            let mut seen = self.seen.lock().expect("no panic holds this lock");
            *seen.entry((lottery, round.unwrap_or(0))).or_default().entry(event.kind.clone()).or_default() +=
                1;
        }
        if event.kind == "attestation:new" {
            self.attestation(lottery, round.unwrap_or(0), &event.data);
        }
        if event.kind == "draw:result" {
            self.result(lottery, round.unwrap_or(0), &event.data);
        }
    }

    fn result(&self, lottery: u64, round: u64, data: &Value) {
        let result = if data["result"].is_object() { &data["result"] } else { data };
        let numbers: Vec<_> =
            result["numbers"].as_array().into_iter().flatten().map(Value::to_string).collect();
        let mut text = match numbers.is_empty() {
            // Instant tickets have a result each.
            true => format!("{} tickets drawn", number(data, "entries").unwrap_or(0)),
            false => numbers.join(" "),
        };
        if let Some(bonus) = number(result, "bonus").filter(|bonus| *bonus > 0) {
            text += &format!(" + {bonus}");
        }
        let mut state = self.live.lock();
        let winning = number(data, "winning_outcome").and_then(|outcome| u8::try_from(outcome).ok());
        if let (Some(market), Some(outcome)) = (state.markets.get(&lottery), winning) {
            text = market.market.label(outcome);
        }
        state.draws += 1;
        if let Some(place) = state.lotteries.get_mut(&lottery) {
            place.draws += 1;
            place.last_result = format!("#{round}: {text}");
        }
    }

    fn attestation(&self, lottery: u64, round: u64, data: &Value) {
        let Some(reporter) = number(data, "reporter_index") else { return };
        let facts: Vec<_> =
            data["facts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let said = Said { facts: facts.join(" "), decided: data["decided"] == true };
        if let Some(market) = self.live.lock().markets.get_mut(&lottery) {
            market.attest(round, reporter, said);
        }
    }

    fn totals(&self, data: &Value) {
        let mut state = self.live.lock();
        state.prizes = number(data, "prizes_paid").unwrap_or(state.prizes);
    }
}

/// A number, or a number written as a string.
fn number(data: &Value, name: &str) -> Option<u64> {
    let value = data.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
