//! Endpoints of a beacon, good and bad.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use lottery_rules::beacon;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{OTHER_SECRET, SECRET, chain};

/// What an endpoint answers when it is asked for a round.
#[derive(Clone, Copy)]
pub enum Manner {
    Honest,
    /// Signs with another key.
    OtherKey,
    /// The signature of the round after it.
    NextRound,
    /// Says that it is another round.
    OtherRound,
    NoHex,
    TooShort,
    /// A point that is not on the curve.
    OffTheCurve,
    Infinity,
    NoJson,
    /// Never answers.
    Hangs,
    /// Answers rounds below 100 and hangs on the others.
    HangsFrom100,
}

/// An endpoint of drand's HTTP API.
pub struct Endpoint {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    manner: Manner,
    is_silent: AtomicBool,
    asked: AtomicU64,
    /// Requests under way, and the most at once.
    under_way: AtomicU64,
    most_at_once: AtomicU64,
}

impl Endpoint {
    pub async fn start(manner: Manner) -> Self {
        let shared = Arc::new(Shared {
            manner,
            is_silent: AtomicBool::new(false),
            asked: AtomicU64::new(0),
            under_way: AtomicU64::new(0),
            most_at_once: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let path = format!("/{}/public/{{round}}", hex::encode(chain().chain_hash));
        let router = Router::new().route(&path, get(public)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// The most requests that were under way at once.
    pub fn most_at_once(&self) -> u64 {
        self.shared.most_at_once.load(Ordering::Relaxed)
    }

    /// Answers nothing but errors, or answers again.
    pub fn set_silent(&self, is_silent: bool) {
        self.shared.is_silent.store(is_silent, Ordering::Relaxed);
    }
}

async fn public(
    State(shared): State<Arc<Shared>>,
    Path(round): Path<u64>,
) -> Result<Json<Value>, StatusCode> {
    shared.asked.fetch_add(1, Ordering::Relaxed);
    let under_way = shared.under_way.fetch_add(1, Ordering::Relaxed) + 1;
    shared.most_at_once.fetch_max(under_way, Ordering::Relaxed);
    let answer = answer(&shared, round).await;
    shared.under_way.fetch_sub(1, Ordering::Relaxed);
    answer
}

async fn answer(shared: &Shared, round: u64) -> Result<Json<Value>, StatusCode> {
    if shared.is_silent.load(Ordering::Relaxed) {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let signed = |secret: &[u8; 32], signed: u64| {
        // The client reads the signature alone and computes the randomness itself.
        json!({ "round": round, "randomness": "00", "signature": hex::encode(beacon::sign(secret, signed)) })
    };
    let with = |signature: String| json!({ "round": round, "signature": signature });
    Ok(Json(match shared.manner {
        Manner::Honest => signed(&SECRET, round),
        Manner::OtherKey => signed(&OTHER_SECRET, round),
        Manner::NextRound => signed(&SECRET, round + 1),
        Manner::OtherRound => {
            json!({ "round": round + 1, "signature": hex::encode(beacon::sign(&SECRET, round + 1)) })
        }
        Manner::NoHex => with("x".repeat(128)),
        Manner::TooShort => with(hex::encode(&beacon::sign(&SECRET, round)[..63])),
        Manner::OffTheCurve => with("01".repeat(64)),
        Manner::Infinity => with("00".repeat(64)),
        Manner::NoJson => json!("no round"),
        Manner::Hangs => std::future::pending().await,
        Manner::HangsFrom100 if round >= 100 => std::future::pending().await,
        Manner::HangsFrom100 => signed(&SECRET, round),
    }))
}
