//! A client of the live feed, and events for it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::support::Service;

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn connect(service: &Service) -> Self {
        Self(connect_async(format!("ws://{}/ws", service.address)).await.unwrap().0)
    }

    pub async fn send(&mut self, command: Value) {
        self.0.send(Message::text(command.to_string())).await.unwrap();
    }

    /// The next message, without countdowns unless they are wanted.
    pub async fn next(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a message in time").unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Messages of `topic` until one of `kind` whose data holds `last`; their numbers must be contiguous.
    pub async fn until(&mut self, topic: &str, mut seq: u64, last: i64) -> Vec<Value> {
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
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a close in time") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return None,
            }
        }
    }
}

pub async fn say(service: &Service, topic: &str, numbers: std::ops::RangeInclusive<i64>) {
    let sql = format!(
        "INSERT INTO outbox (topic, kind, payload, slot)
         SELECT '{topic}', 'entry:new', jsonb_build_object('n', n, 'lottery_id', 1), 5000
         FROM generate_series({}, {}) AS n",
        numbers.start(),
        numbers.end()
    );
    service.execute(&sql).await;
}

pub fn data(events: &[Value]) -> Vec<i64> {
    events.iter().map(|event| event["data"]["n"].as_i64().unwrap()).collect()
}

pub fn seq(message: &Value) -> u64 {
    message["seq"].as_u64().unwrap()
}
