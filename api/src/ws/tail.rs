//! Follows the outbox: wakes on NOTIFY, looks every second all the same, because notifications are lost
//! with their connection.

use std::time::Duration;

use sqlx::{FromRow, PgPool, postgres::PgListener};
use tokio::{sync::watch, time::sleep};

use super::{hub::Event, protocol::TopicName, settled};
use crate::state::AppState;

const CHANNEL: &str = "outbox";
const POLL: Duration = Duration::from_secs(1);
/// Waits after an error of the database.
const RETRY: Duration = Duration::from_secs(1);
/// Rows of one read.
const BATCH: i64 = 1_000;

#[derive(FromRow)]
struct Row {
    sequence: i64,
    topic: String,
    kind: String,
    payload: String,
}

/// Runs until the service stops; the database may come and go.
pub async fn run(state: AppState) {
    let mut shutdown = state.shutdown.clone();
    let mut listener = None;
    let mut begun = false;
    loop {
        let step = async {
            if !begun {
                state.hub.begin_at(newest(&state.pool).await?);
                begun = true;
            }
            follow(&state, &mut listener).await
        };
        let result = tokio::select! {
            result = step => result,
            () = stopped(&mut shutdown) => return,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "cannot read the outbox, trying again");
            metrics::counter!("lottery_api_outbox_errors_total").increment(1);
            listener = None;
            tokio::select! {
                () = sleep(RETRY) => {}
                () = stopped(&mut shutdown) => return,
            }
        }
    }
}

async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

async fn newest(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT coalesce(max(sequence), 0) FROM outbox").fetch_one(pool).await
}

/// One turn: publishes what is new, then waits for more. Listening begins before reading, so nothing falls between.
async fn follow(state: &AppState, listener: &mut Option<PgListener>) -> sqlx::Result<()> {
    if listener.is_none() {
        let mut fresh = PgListener::connect_with(&state.pool).await?;
        fresh.listen(CHANNEL).await?;
        *listener = Some(fresh);
    }
    while publish_batch(state).await? {}
    if let Some(listener) = listener
        && let Ok(notification) = tokio::time::timeout(POLL, listener.try_recv()).await
    {
        notification?;
        // One read serves every notification that came meanwhile.
        while listener.next_buffered().is_some() {}
    }
    Ok(())
}

/// Publishes the next rows; true when there may be more.
async fn publish_batch(state: &AppState) -> sqlx::Result<bool> {
    let position = state.hub.position();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT sequence, topic, kind, payload::text AS payload FROM outbox WHERE sequence > $1 ORDER BY sequence LIMIT $2",
    )
    .bind(position)
    .bind(BATCH)
    .fetch_all(&state.pool)
    .await?;
    let Some(last) = rows.last().map(|row| row.sequence) else {
        return check_same_outbox(state, position).await;
    };
    let full = rows.len() as i64 == BATCH;
    let events: Vec<Event> = rows.into_iter().filter_map(into_event).collect();
    let events = settled::add(&state.pool, &state.hub, events).await?;
    state.hub.publish(&events, Some(last));
    metrics::gauge!("lottery_api_outbox_position").set(last as f64);
    Ok(full)
}

/// A sequence that went back is another database: numbers and snapshots of the old one mean nothing now.
async fn check_same_outbox(state: &AppState, position: i64) -> sqlx::Result<bool> {
    let newest = newest(&state.pool).await?;
    if newest < position && !pruned(&state.pool, position).await? {
        tracing::warn!(position, newest, "the outbox started anew");
        state.hub.restart(newest);
    }
    Ok(false)
}

/// Whether the outbox only lost old rows: its numbers are still ahead of `position`.
async fn pruned(pool: &PgPool, position: i64) -> sqlx::Result<bool> {
    let given: Option<i64> = sqlx::query_scalar(
        "SELECT pg_sequence_last_value(pg_get_serial_sequence('outbox', 'sequence')::regclass)",
    )
    .fetch_one(pool)
    .await?;
    Ok(given.is_some_and(|given| given >= position))
}

fn into_event(row: Row) -> Option<Event> {
    let Some(topic) = TopicName::parse(&row.topic) else {
        tracing::error!(sequence = row.sequence, topic = row.topic, "an event of an unknown topic");
        return None;
    };
    Some(Event { topic, kind: row.kind, data: row.payload, position: Some(row.sequence) })
}
