//! The hub: one ring per topic, clients that wait, and snapshots that fit the rings exactly.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, watch};

use super::{
    protocol::{self, TopicName},
    ring::{Lapped, Ring},
};
use crate::problem::ApiError;

pub use super::ring::RingLimits;

/// A snapshot is shared by everyone who asks within this time.
const SNAPSHOT_AGE: Duration = Duration::from_secs(1);
/// The tail reads what a snapshot saw within milliseconds, unless the database is gone.
const CATCH_UP: Duration = Duration::from_secs(5);
/// A ring that laps a snapshot while it is taken: tried again this often.
const SNAPSHOT_TRIES: usize = 3;

#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    pub ring: RingLimits,
    pub topics: usize,
}

/// An event to send; `data` is JSON.
#[derive(Clone, Debug)]
pub struct Event {
    pub topic: TopicName,
    pub kind: String,
    pub data: String,
    /// Its row of the outbox, if that is where it comes from.
    pub position: Option<i64>,
}

/// The state of a topic as of an outbox position: rows up to it are contained, later ones are not.
pub struct Snapshot {
    pub data: String,
    pub position: i64,
}

struct CachedSnapshot {
    frame: Utf8Bytes,
    seq: u64,
    taken: Instant,
}

/// One topic. It exists from its first subscription on; what was said before is in the snapshot.
pub struct Topic {
    pub name: TopicName,
    epoch: Arc<str>,
    ring: Mutex<Ring>,
    /// Who to wake, by client.
    waiting: Mutex<HashMap<u64, Arc<Notify>>>,
    snapshot: tokio::sync::Mutex<Option<CachedSnapshot>>,
}

/// Everything that a fresh start of the feed throws away.
struct Feed {
    epoch: Arc<str>,
    topics: HashMap<TopicName, Arc<Topic>>,
}

pub struct Hub {
    limits: HubLimits,
    feed: RwLock<Feed>,
    /// Every row of the outbox up to here is in the rings.
    position: watch::Sender<i64>,
    /// Counts fresh starts, for clients to notice.
    starts: watch::Sender<u64>,
}

/// A lock is never held across code that can fail, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that no other run of the feed has: sequence numbers count from its start.
fn new_epoch() -> Arc<str> {
    static STARTS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let start = STARTS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{:x}-{:x}-{start}", now.as_millis(), std::process::id()).into()
}

impl Hub {
    pub fn new(limits: HubLimits) -> Self {
        Self {
            limits,
            feed: RwLock::new(Feed { epoch: new_epoch(), topics: HashMap::new() }),
            position: watch::Sender::new(0),
            starts: watch::Sender::new(0),
        }
    }

    pub fn epoch(&self) -> Arc<str> {
        self.read_feed().epoch.clone()
    }

    fn read_feed(&self) -> std::sync::RwLockReadGuard<'_, Feed> {
        self.feed.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn position(&self) -> i64 {
        *self.position.borrow()
    }

    /// Says where the tail begins: what lies before is found in snapshots only.
    pub fn begin_at(&self, position: i64) {
        self.position.send_replace(position);
    }

    /// The outbox is not the one that was followed: sequence numbers start again under a new epoch.
    pub fn restart(&self, position: i64) {
        {
            let mut feed = self.feed.write().unwrap_or_else(PoisonError::into_inner);
            *feed = Feed { epoch: new_epoch(), topics: HashMap::new() };
        }
        self.position.send_replace(position);
        self.starts.send_modify(|starts| *starts += 1);
    }

    /// Changes when the feed starts anew.
    pub fn starts(&self) -> watch::Receiver<u64> {
        self.starts.subscribe()
    }

    /// Whether someone asked for this topic before.
    pub fn knows(&self, name: TopicName) -> bool {
        self.read_feed().topics.contains_key(&name)
    }

    /// The topic, made on first use.
    pub fn topic(&self, name: TopicName) -> Result<Arc<Topic>, ApiError> {
        if let Some(topic) = self.read_feed().topics.get(&name) {
            return Ok(topic.clone());
        }
        let mut feed = self.feed.write().unwrap_or_else(PoisonError::into_inner);
        if feed.topics.len() >= self.limits.topics && !feed.topics.contains_key(&name) {
            return Err(ApiError::Busy);
        }
        let epoch = feed.epoch.clone();
        let topic = feed.topics.entry(name).or_insert_with(|| {
            Arc::new(Topic {
                name,
                epoch,
                ring: Mutex::new(Ring::new(self.limits.ring)),
                waiting: Mutex::default(),
                snapshot: tokio::sync::Mutex::new(None),
            })
        });
        Ok(topic.clone())
    }

    /// Puts events into their rings, in order, and wakes who waits. `position`: every row of the outbox up
    /// to it is now contained.
    pub fn publish(&self, events: &[Event], position: Option<i64>) {
        let mut touched: Vec<Arc<Topic>> = Vec::new();
        {
            let feed = self.read_feed();
            for event in events {
                // Nobody ever asked for this topic: its first snapshot will contain the event.
                let Some(topic) = feed.topics.get(&event.topic) else { continue };
                lock(&topic.ring).push(event.position, |seq| {
                    protocol::message(&topic.name, &topic.epoch, seq, &event.kind, &event.data)
                });
                if !touched.iter().any(|other| other.name == topic.name) {
                    touched.push(topic.clone());
                }
            }
        }
        metrics::counter!("lottery_api_ws_events_total").increment(events.len() as u64);
        if let Some(position) = position {
            self.position.send_replace(position);
        }
        for topic in touched {
            for waiting in lock(&topic.waiting).values() {
                waiting.notify_one();
            }
        }
    }

    /// The snapshot to begin with and its sequence number: the next message is that number plus one.
    pub async fn snapshot<L>(&self, topic: &Topic, load: impl Fn() -> L) -> Result<(Utf8Bytes, u64), ApiError>
    where
        L: Future<Output = Result<Snapshot, ApiError>>,
    {
        // One load at a time per topic: a crowd that reconnects asks the database once.
        let mut cached = topic.snapshot.lock().await;
        if let Some(cached) = &*cached
            && cached.taken.elapsed() < SNAPSHOT_AGE
            && topic.reaches(cached.seq)
        {
            return Ok((cached.frame.clone(), cached.seq));
        }
        for _ in 0..SNAPSHOT_TRIES {
            let snapshot = load().await?;
            let mut position = self.position.subscribe();
            let caught_up = position.wait_for(|position| *position >= snapshot.position);
            if tokio::time::timeout(CATCH_UP, caught_up).await.is_err() {
                return Err(ApiError::Timeout);
            }
            let place = lock(&topic.ring).place_of(snapshot.position);
            if let Ok(seq) = place {
                let frame = protocol::message(&topic.name, &topic.epoch, seq, "snapshot", &snapshot.data);
                *cached = Some(CachedSnapshot { frame: frame.clone(), seq, taken: Instant::now() });
                return Ok((frame, seq));
            }
        }
        Err(ApiError::Busy)
    }
}

impl Topic {
    /// Whether a client that has everything up to `after`, in this epoch, can continue from the ring.
    pub fn can_resume(&self, epoch: &str, after: u64) -> bool {
        *self.epoch == *epoch && self.reaches(after)
    }

    fn reaches(&self, after: u64) -> bool {
        lock(&self.ring).read(after, 0, &mut Vec::new()).is_ok()
    }

    /// Says that the client continues after `after`; no event, so it repeats that number.
    pub fn resumed(&self, after: u64) -> Utf8Bytes {
        protocol::message(&self.name, &self.epoch, after, "resumed", "{}")
    }

    pub fn unsubscribed(&self, after: u64) -> Utf8Bytes {
        protocol::message(&self.name, &self.epoch, after, "unsubscribed", "{}")
    }

    pub fn read(&self, after: u64, max: usize, out: &mut Vec<Utf8Bytes>) -> Result<u64, Lapped> {
        lock(&self.ring).read(after, max, out)
    }

    pub fn last(&self) -> u64 {
        lock(&self.ring).last()
    }

    /// Wakes `wake` at each event until [`Self::forget`].
    pub fn wait(&self, client: u64, wake: Arc<Notify>) {
        lock(&self.waiting).insert(client, wake);
    }

    pub fn forget(&self, client: u64) {
        lock(&self.waiting).remove(&client);
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
