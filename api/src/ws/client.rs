//! One connection: commands in, events out.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures::SinkExt;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::{
    hub::Topic,
    protocol::{self, Closing, Command, MAX_TOPICS, Subscribe, TopicName},
    snapshot,
};
use crate::{problem::ApiError, state::AppState};

const PING_EVERY: Duration = Duration::from_secs(20);
/// Nothing heard for this long, not even a pong: the peer is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// Events of one topic sent before other topics and commands have their turn.
const BATCH: usize = 32;
/// Commands in a minute; a frontend needs a handful.
const COMMANDS_PER_MINUTE: u32 = 120;
/// Commands that cannot be followed, in the life of a connection.
const MAX_REFUSALS: u32 = 16;

struct Client<'a> {
    id: u64,
    state: &'a AppState,
    socket: WebSocket,
    wake: Arc<Notify>,
    /// Topics, with the number of the last message sent of each.
    topics: HashMap<TopicName, (Arc<Topic>, u64)>,
    heard_at: Instant,
    minute: Instant,
    commands: u32,
    refusals: u32,
}

/// Why a connection ends.
enum End {
    /// The peer closed it, or it broke.
    Gone,
    Close(Closing),
}

/// Serves a connection until it ends.
pub async fn serve(socket: WebSocket, state: &AppState) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut client = Client {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        state,
        socket,
        wake: Arc::default(),
        topics: HashMap::new(),
        heard_at: Instant::now(),
        minute: Instant::now(),
        commands: 0,
        refusals: 0,
    };
    let end = client.run().await;
    for (topic, _) in client.topics.values() {
        topic.forget(client.id);
    }
    let End::Close(closing) = end else { return };
    metrics::counter!("lottery_api_ws_closed_total", "code" => closing.code().to_string()).increment(1);
    let frame = CloseFrame { code: closing.code(), reason: Utf8Bytes::from_static(closing.reason()) };
    // A peer that does not read does not get to hold us either.
    let _ = timeout(state.config.ws_send_timeout, client.socket.send(Message::Close(Some(frame)))).await;
}

impl Client<'_> {
    async fn run(&mut self) -> End {
        let mut starts = self.state.hub.starts();
        let mut shutdown = self.state.shutdown.clone();
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.tick().await;
        let wake = self.wake.clone();
        loop {
            let step = tokio::select! {
                message = self.socket.recv() => self.receive(message).await,
                () = wake.notified() => self.send_events().await,
                _ = ping.tick() => self.ping().await,
                _ = starts.changed() => Err(End::Close(Closing::Restarted)),
                () = stopped(&mut shutdown) => Err(End::Close(Closing::GoingAway)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.heard_at.elapsed() > SILENCE {
            return Err(End::Close(Closing::Silent));
        }
        self.send(vec![Message::Ping(Default::default())]).await
    }

    /// Sends messages with one flush; a peer that takes too long is slow.
    async fn send(&mut self, messages: Vec<Message>) -> Result<(), End> {
        let socket = &mut self.socket;
        let sending = async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        match timeout(self.state.config.ws_send_timeout, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(self.slow())),
        }
    }

    fn slow(&self) -> Closing {
        metrics::counter!("lottery_api_ws_slow_total").increment(1);
        Closing::Slow
    }

    async fn send_text(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.send(vec![Message::Text(text)]).await
    }

    /// Sends what is new in every topic, a batch of each; comes back when more is left.
    async fn send_events(&mut self) -> Result<(), End> {
        let mut frames = Vec::new();
        let mut more = false;
        let mut lapped = false;
        for (topic, sent) in self.topics.values_mut() {
            let before = frames.len();
            match topic.read(*sent, BATCH, &mut frames) {
                Ok(last) => *sent = last,
                Err(_) => lapped = true,
            }
            more |= frames.len() - before == BATCH;
        }
        if lapped {
            return Err(End::Close(self.slow()));
        }
        metrics::counter!("lottery_api_ws_messages_total").increment(frames.len() as u64);
        if more {
            self.wake.notify_one();
        }
        if frames.is_empty() {
            return Ok(());
        }
        self.send(frames.into_iter().map(Message::Text).collect()).await
    }

    async fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match message {
            None => return Err(End::Gone),
            Some(Err(error)) if error.to_string().contains("too long") => {
                return Err(End::Close(Closing::TooBig));
            }
            Some(Err(_)) => return Err(End::Gone),
            Some(Ok(message)) => message,
        };
        self.heard_at = Instant::now();
        if !matches!(message, Message::Text(_) | Message::Binary(_)) {
            // Pongs; pings are answered and closes are echoed underneath.
            return Ok(());
        }
        if self.minute.elapsed() > Duration::from_secs(60) {
            (self.minute, self.commands) = (Instant::now(), 0);
        }
        self.commands += 1;
        if self.commands > COMMANDS_PER_MINUTE {
            return Err(End::Close(Closing::Policy));
        }
        match serde_json::from_slice::<Command>(&message.into_data()) {
            Ok(command) => self.follow(command).await,
            Err(error) => {
                let detail = format!(
                    "{error}; send {{\"subscribe\":[\"global\"]}} or {{\"unsubscribe\":[\"lottery/1\"]}}"
                );
                self.refuse(None, &ApiError::Malformed(detail)).await
            }
        }
    }

    async fn refuse(&mut self, topic: Option<&str>, error: &ApiError) -> Result<(), End> {
        self.refusals += 1;
        if self.refusals > MAX_REFUSALS {
            return Err(End::Close(Closing::Policy));
        }
        self.send_text(protocol::refusal(topic, &error.problem())).await
    }

    async fn follow(&mut self, command: Command) -> Result<(), End> {
        for name in &command.unsubscribe {
            let held = TopicName::parse(name).and_then(|name| self.topics.remove(&name));
            match held {
                Some((topic, sent)) => {
                    topic.forget(self.id);
                    self.send_text(topic.unsubscribed(sent)).await?;
                }
                None => {
                    let error = ApiError::NotFound("you are not subscribed to this topic".into());
                    self.refuse(Some(name), &error).await?;
                }
            }
        }
        for subscribe in &command.subscribe {
            if let Err(error) = self.subscribe(subscribe).await? {
                self.refuse(Some(subscribe.topic()), &error).await?;
            }
        }
        Ok(())
    }

    /// The inner error is the client's to hear, the outer one ends the connection.
    async fn subscribe(&mut self, wish: &Subscribe) -> Result<Result<(), ApiError>, End> {
        let Some(name) = TopicName::parse(wish.topic()) else {
            let detail = "a topic is `global` or `lottery/` and a lottery's id";
            return Ok(Err(ApiError::invalid("topic", detail)));
        };
        if self.topics.contains_key(&name) {
            return Ok(Err(ApiError::Conflict("you are subscribed to this topic already".into())));
        }
        if self.topics.len() >= MAX_TOPICS {
            let detail = format!("a connection holds {MAX_TOPICS} topics: unsubscribe from one first");
            return Ok(Err(ApiError::Conflict(detail)));
        }
        let (topic, first, sent) = match enter_topic(self.state, name, wish).await {
            Ok(entered) => entered,
            Err(error) => return Ok(Err(error)),
        };
        self.send_text(first).await?;
        topic.wait(self.id, self.wake.clone());
        self.topics.insert(name, (topic, sent));
        // What came between the first message and the wait.
        self.wake.notify_one();
        Ok(Ok(()))
    }
}

/// The topic, the message to begin with, and its number.
async fn enter_topic(
    state: &AppState,
    name: TopicName,
    wish: &Subscribe,
) -> Result<(Arc<Topic>, Utf8Bytes, u64), ApiError> {
    let hub = &state.hub;
    if !hub.knows(name) {
        // A topic lives for ever, so only lotteries that exist have one.
        snapshot::check_exists(&state.pool, name).await?;
    }
    let topic = hub.topic(name)?;
    if let Subscribe::Resume { epoch, after, .. } = wish
        && topic.can_resume(epoch, *after)
    {
        let first = topic.resumed(*after);
        return Ok((topic, first, *after));
    }
    let (first, sent) = hub.snapshot(&topic, || snapshot::load(&state.pool, name, hub.position())).await?;
    Ok((topic, first, sent))
}

/// Resolves when the service stops.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // A dropped sender is a stop as well.
    let _ = shutdown.wait_for(|stop| *stop).await;
}
