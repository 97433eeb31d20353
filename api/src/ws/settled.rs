//! `entry:settled`, right after a round of a house game or a market is final: what its entries won, the highest prizes first. The
//! outbox only says that the round is final; its entries were settled in the same transaction or before, so they are
//! read here, and only for topics that somebody watches.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgPool;

use super::{
    hub::{Event, Hub},
    protocol::TopicName,
};
use crate::store::{SettledEntry, round_entry};

/// Entries of one message; all of them are at `/api/lotteries/{id}/rounds/{index}/entries`.
const ENTRIES: i64 = 50;
/// Rounds of one read: after an outage the latest of them are enough.
const ROUNDS: usize = 200;

/// What a message says.
#[derive(Serialize)]
struct Settled<'a> {
    lottery_id: i64,
    round_index: i64,
    /// Of the whole round, like the next.
    entered_count: i64,
    winners_total: i64,
    /// Those that won most.
    entries: &'a [SettledEntry],
}

/// Puts what entries won behind the events that make their rounds final.
pub async fn add(pool: &PgPool, hub: &Hub, events: Vec<Event>) -> sqlx::Result<Vec<Event>> {
    let mut ended: Vec<(i64, i64)> = events.iter().filter_map(|event| ended(hub, event)).collect();
    if ended.is_empty() {
        return Ok(events);
    }
    ended.drain(..ended.len().saturating_sub(ROUNDS));
    let mut connection = pool.acquire().await?;
    let settled = round_entry::settled_of_rounds(&mut connection, &ended, ENTRIES).await?;
    let mut all = Vec::with_capacity(events.len() + ended.len());
    for event in events {
        let message = self::ended(hub, &event).and_then(|round| message(event.topic, round, &settled));
        all.push(event);
        all.extend(message);
    }
    Ok(all)
}

/// The round that an event makes final, if its lottery is watched.
fn ended(hub: &Hub, event: &Event) -> Option<(i64, i64)> {
    if event.kind != "round:state" || event.topic == TopicName::Global || !hub.knows(event.topic) {
        return None;
    }
    let data: Value = serde_json::from_str(&event.data).ok()?;
    let is_final = data["status"] == "final";
    is_final.then_some((data["lottery_id"].as_i64()?, data["round_index"].as_i64()?))
}

/// `settled` is in the order of its rounds.
fn message(
    topic: TopicName,
    (lottery_id, round_index): (i64, i64),
    settled: &[SettledEntry],
) -> Option<Event> {
    let place = |entry: &SettledEntry| (entry.lottery_id, entry.round_index);
    let first = settled.partition_point(|entry| place(entry) < (lottery_id, round_index));
    let count = settled[first..].partition_point(|entry| place(entry) == (lottery_id, round_index));
    let entries = &settled[first..first + count];
    let &SettledEntry { entered_count, winners_total, .. } = entries.first()?;
    let settled = Settled { lottery_id, round_index, entered_count, winners_total, entries };
    let data = serde_json::to_string(&settled).ok()?;
    Some(Event { topic, kind: "entry:settled".into(), data, position: None })
}
