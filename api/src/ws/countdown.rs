//! `draw:countdown`, once a second for open rounds that lock soon. It comes from the clock, not from the chain, so it
//! is made here and not written to the outbox.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sqlx::{FromRow, PgPool};
use tokio::time::{MissedTickBehavior, interval};

use super::{hub::Event, protocol::TopicName};
use crate::state::AppState;

/// Rounds that lock within this many seconds count down.
const NEAR_SECONDS: i64 = 60;
/// Rounds counted down at once; each is two messages a second.
const MAX_ROUNDS: i64 = 200;

/// What a countdown says.
#[derive(Debug, Serialize, FromRow)]
struct Countdown {
    lottery_id: i64,
    round_index: i64,
    locks_at: i64,
    #[sqlx(skip)]
    seconds_left: i64,
}

/// Runs until the service stops.
pub async fn run(state: AppState) {
    let mut shutdown = state.shutdown.clone();
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = shutdown.wait_for(|stop| *stop) => return,
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        match near_rounds(&state.pool, now).await {
            Ok(rounds) => state.hub.publish(&events(rounds, now), None),
            Err(error) => tracing::debug!(%error, "no countdown this second"),
        }
    }
}

async fn near_rounds(pool: &PgPool, now: i64) -> sqlx::Result<Vec<Countdown>> {
    sqlx::query_as(
        "SELECT lottery_id, index AS round_index, locks_at FROM rounds
         WHERE status = 'open' AND closed_at_slot IS NULL AND locks_at > $1 AND locks_at <= $1 + $2
           AND lottery_id IS NOT NULL AND index IS NOT NULL
         ORDER BY locks_at LIMIT $3",
    )
    .bind(now)
    .bind(NEAR_SECONDS)
    .bind(MAX_ROUNDS)
    .fetch_all(pool)
    .await
}

/// One message for `global` and one for the lottery, each round.
fn events(rounds: Vec<Countdown>, now: i64) -> Vec<Event> {
    let mut events = Vec::with_capacity(rounds.len() * 2);
    for mut round in rounds {
        round.seconds_left = round.locks_at - now;
        let (Ok(data), Ok(id)) = (serde_json::to_string(&round), u64::try_from(round.lottery_id)) else {
            continue;
        };
        for topic in [TopicName::Global, TopicName::Lottery(id)] {
            events.push(Event { topic, kind: "draw:countdown".into(), data: data.clone(), position: None });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_goes_to_both_topics() {
        let round = Countdown { lottery_id: 7, round_index: 3, locks_at: 1_010, seconds_left: 0 };
        let events = events(vec![round], 1_000);
        let topics: Vec<_> = events.iter().map(|event| event.topic.to_string()).collect();
        assert_eq!(topics, ["global", "lottery/7"]);
        assert!(events.iter().all(|event| event.kind == "draw:countdown" && event.position.is_none()));
        let data: serde_json::Value = serde_json::from_str(&events[0].data).unwrap();
        assert_eq!(
            data,
            serde_json::json!({"lottery_id": 7, "round_index": 3, "locks_at": 1_010, "seconds_left": 10})
        );
    }
}
