//! The live feed at `/ws`.
//!
//! A client sends `{"subscribe": ["global", "lottery/1"]}` and gets, per topic, a `snapshot` and then every
//! event, each `{topic, epoch, seq, kind, data}` with `seq` counting up by one. After a broken connection
//! it sends `{"subscribe": [{"topic": ..., "epoch": ..., "after": seq}]}` and gets what it missed, or a new
//! snapshot when that is no longer in memory.
//!
//! ```text
//! outbox ──tail──> hub: one ring per topic ──cursor per client──> socket
//!                   ^
//! countdown timer ──┘
//! ```
//!
//! There is no queue per client: a client is a cursor into the rings, so a message is encoded and kept once,
//! and a client that is slow costs nothing until the ring laps it; then it is closed with 4008.

mod client;
pub mod countdown;
pub mod hub;
pub mod protocol;
mod ring;
mod settled;
pub mod snapshot;
pub mod tail;

use std::sync::atomic::Ordering;

use axum::{
    extract::{State, WebSocketUpgrade},
    response::{IntoResponse, Response},
};

use crate::{problem::ApiError, state::AppState};

/// Largest message a client may send.
const MAX_COMMAND_BYTES: usize = 4096;
/// Buffers decide the memory of a quiet connection; commands are short and rare.
const READ_BUFFER_BYTES: usize = 1024;
const WRITE_BUFFER_BYTES: usize = 4096;
/// A snapshot and a batch of events fit; more than this unsent is a client that does not read.
const MAX_WRITE_BUFFER_BYTES: usize = 4 << 20;

/// A place among the clients, given back when it is dropped.
struct Place(AppState);

impl Place {
    fn take(state: &AppState) -> Option<Self> {
        let limit = state.config.ws_clients;
        let taken = state
            .ws_clients
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| (now < limit).then_some(now + 1));
        let now = taken.ok()? + 1;
        metrics::gauge!("lottery_api_ws_clients").set(now as f64);
        Some(Self(state.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let before = self.0.ws_clients.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("lottery_api_ws_clients").set((before - 1) as f64);
    }
}

/// The live feed.
///
/// Send `{"subscribe": ["global", "lottery/1"]}`. Each topic begins with `snapshot`; then come `lottery:created`,
/// `lottery:completed`, `stats:update`, `entry:new`, `prize:update`, `draw:countdown`, `draw:result`, `round:state`, for
/// house games and markets `entry:settled`, and for markets `attestation:new`; `prize:update` of a market holds its pools
/// with odds, each `{topic, epoch, seq, kind, data}` with `seq` counting up by one per topic. To resume after a broken
/// connection send `{"subscribe": [{"topic": "lottery/1", "epoch": "...", "after": 41}]}`: the answer is `resumed` and
/// what was missed, or a new `snapshot`. `{"unsubscribe": ["lottery/1"]}` ends a topic. Closed with 4008: too slow, with
/// 4000: silent, with 1008: too many commands, with 1012: the feed started anew.
#[utoipa::path(get, path = "/ws", tag = "service",
    responses((status = 101, description = "Switches to a WebSocket"), crate::routes::Problems))]
pub async fn connect(State(state): State<AppState>, upgrade: WebSocketUpgrade) -> Response {
    let Some(place) = Place::take(&state) else {
        metrics::counter!("lottery_api_ws_refused_total").increment(1);
        return ApiError::Busy.into_response();
    };
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_message_size(MAX_COMMAND_BYTES)
        .max_frame_size(MAX_COMMAND_BYTES)
        .on_upgrade(async move |socket| {
            client::serve(socket, &place.0).await;
        })
}
