//! No gap, no repeat: the feed under concurrency, laps, resumes and fresh starts.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

fn hub(messages: usize) -> Arc<Hub> {
    Arc::new(Hub::new(HubLimits { ring: RingLimits { messages, bytes: 1 << 24 }, topics: 3 }))
}

fn event(topic: TopicName, position: i64) -> Event {
    Event { topic, kind: "entry:new".into(), data: position.to_string(), position: Some(position) }
}

fn json(frame: &Utf8Bytes) -> serde_json::Value {
    serde_json::from_str(frame).unwrap()
}

/// Reads everything after `after` and checks that the numbers count up by one.
fn drain(topic: &Topic, after: u64) -> Vec<serde_json::Value> {
    let mut frames = Vec::new();
    let last = topic.read(after, usize::MAX, &mut frames).unwrap();
    let messages: Vec<_> = frames.iter().map(json).collect();
    for (seq, message) in (after + 1..).zip(&messages) {
        assert_eq!(message["seq"], seq);
    }
    assert_eq!(last, after + messages.len() as u64);
    messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sequences_have_no_gap_while_many_publish() {
    let hub = hub(100_000);
    let topic = hub.topic(TopicName::Global).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let hub = hub.clone();
            tokio::spawn(async move {
                for _ in 0..1_000 {
                    let event = Event { position: None, ..event(TopicName::Global, 0) };
                    hub.publish(&[event], None);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut after = 0;
    while after < 8_000 {
        after += drain(&topic, after).len() as u64;
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(topic.last(), 8_000);
}

/// A snapshot that is a counter of the events it contains: counter and later events must always make
/// the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn snapshot_and_events_make_the_whole_at_any_moment() {
    const ROWS: i64 = 5_000;
    let hub = hub(100_000);
    let committed = Arc::new(AtomicI64::new(0));
    let topic = hub.topic(TopicName::Lottery(1)).unwrap();
    let writer = tokio::spawn({
        let (hub, committed) = (hub.clone(), committed.clone());
        async move {
            for row in 1..=ROWS {
                // The tail is behind the database, by a varying distance.
                committed.store(row, Ordering::SeqCst);
                if row % 7 == 0 {
                    tokio::task::yield_now().await;
                }
                hub.publish(&[event(TopicName::Lottery(1), row)], Some(row));
            }
        }
    });
    let mut joined = Vec::new();
    while !writer.is_finished() {
        let load = || async {
            let position = committed.load(Ordering::SeqCst);
            Ok(Snapshot { data: position.to_string(), position })
        };
        *topic.snapshot.lock().await = None;
        let (frame, seq) = hub.snapshot(&topic, load).await.unwrap();
        joined.push((json(&frame)["data"].as_i64().unwrap(), seq));
    }
    writer.await.unwrap();
    assert!(joined.len() > 10, "only {} snapshots were taken", joined.len());
    // Reading a few is enough, reading all takes long.
    let step = joined.len() / 20 + 1;
    for (contained, seq) in joined.into_iter().step_by(step) {
        let events = drain(&topic, seq);
        let rows: Vec<_> = events.iter().map(|event| event["data"].as_i64().unwrap()).collect();
        assert_eq!(rows, (contained + 1..=ROWS).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_snapshot_is_loaded_once_for_a_crowd() {
    let hub = hub(10);
    let topic = hub.topic(TopicName::Global).unwrap();
    let loads = AtomicI64::new(0);
    let load = || async {
        loads.fetch_add(1, Ordering::SeqCst);
        Ok(Snapshot { data: "{}".into(), position: 0 })
    };
    let first = hub.snapshot(&topic, load).await.unwrap();
    hub.publish(&[event(TopicName::Global, 1)], Some(1));
    let second = hub.snapshot(&topic, load).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(drain(&topic, second.1).len(), 1, "what came since follows the shared snapshot");
    // Once the ring has lapped it, it is of no use.
    for row in 2..=20 {
        hub.publish(&[event(TopicName::Global, row)], Some(row));
    }
    let fresh = || async { Ok(Snapshot { data: "{}".into(), position: 20 }) };
    assert_eq!(hub.snapshot(&topic, fresh).await.unwrap().1, 20);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_rows_that_never_arrive_times_out() {
    let hub = hub(10);
    let topic = hub.topic(TopicName::Global).unwrap();
    let ahead = || async { Ok(Snapshot { data: "{}".into(), position: 5 }) };
    let error = hub.snapshot(&topic, ahead).await.unwrap_err();
    assert!(matches!(error, ApiError::Timeout));
}

#[tokio::test]
async fn a_client_resumes_where_it_left_off_or_not_at_all() {
    let hub = hub(4);
    let topic = hub.topic(TopicName::Global).unwrap();
    for row in 1..=6 {
        hub.publish(&[event(TopicName::Global, row)], Some(row));
    }
    let epoch = hub.epoch();
    assert!(topic.can_resume(&epoch, 2));
    assert_eq!(drain(&topic, 2).len(), 4);
    assert!(topic.can_resume(&epoch, 6));
    assert!(!topic.can_resume(&epoch, 1), "lapped");
    assert!(!topic.can_resume(&epoch, 7), "ahead of what was ever said");
    assert!(!topic.can_resume("another", 6), "numbers of another epoch mean nothing here");
}

#[tokio::test]
async fn a_fresh_start_has_a_new_epoch_and_counts_from_one() {
    let hub = hub(10);
    let (old, mut starts) = (hub.epoch(), hub.starts());
    hub.topic(TopicName::Global).unwrap();
    hub.publish(&[event(TopicName::Global, 50)], Some(50));
    hub.restart(3);
    assert!(starts.has_changed().unwrap());
    starts.mark_unchanged();
    assert_ne!(hub.epoch(), old);
    assert_eq!(hub.position(), 3);
    let topic = hub.topic(TopicName::Global).unwrap();
    hub.publish(&[event(TopicName::Global, 4)], Some(4));
    let messages = drain(&topic, 0);
    assert_eq!((messages.len(), &messages[0]["data"]), (1, &4.into()));
    assert_eq!(messages[0]["epoch"], *hub.epoch());
}

#[tokio::test]
async fn only_waiting_clients_wake_and_only_for_their_topics() {
    let hub = hub(10);
    let (one, two) = (hub.topic(TopicName::Lottery(1)).unwrap(), hub.topic(TopicName::Lottery(2)).unwrap());
    let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    one.wait(1, first.clone());
    two.wait(2, second.clone());
    hub.publish(&[event(TopicName::Lottery(1), 1)], Some(1));
    tokio::time::timeout(Duration::from_secs(1), first.notified()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), second.notified()).await.is_err());
    one.forget(1);
    hub.publish(&[event(TopicName::Lottery(1), 2)], Some(2));
    assert!(tokio::time::timeout(Duration::from_millis(20), first.notified()).await.is_err());
}

#[tokio::test]
async fn topics_are_bounded() {
    let hub = hub(10);
    for id in 0..3 {
        hub.topic(TopicName::Lottery(id)).unwrap();
    }
    assert!(matches!(hub.topic(TopicName::Lottery(3)), Err(ApiError::Busy)));
    assert!(hub.topic(TopicName::Lottery(2)).is_ok(), "one that exists stays reachable");
}
