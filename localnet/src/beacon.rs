//! A beacon of one's own: a BLS signer on BN254 that speaks drand's HTTP API.
//!
//! Rounds are signed by this machine's clock, as a public chain's are. The paths are drand's, with and without the chain's
//! hash: `/info`, `/public/latest`, `/public/{round}`. It holds its key alone, so it is for local chains only: whoever runs
//! it knows every value in advance.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use lottery_rules::{
    beacon::{self, Schedule},
    hash::{Sha256, Software},
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, task::JoinHandle};

/// drand's name of the scheme.
const SCHEME: &str = "bls-bn254-unchained-on-g1";
/// drand's kind of name for a chain; part of its hash.
const BEACON_ID: &str = "local";

/// Where a running beacon is, and what a registry needs to add it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeaconInfo {
    pub url: String,
    /// Hex, 32 bytes.
    pub chain_hash: String,
    /// Hex, 128 bytes: x.c1, x.c0, y.c1, y.c0.
    pub public_key: String,
    pub genesis_at: i64,
    pub period_seconds: u32,
}

/// A running beacon. Dropping it ends it.
pub struct LocalBeacon {
    pub info: BeaconInfo,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    secret: [u8; 32],
    public_key: [u8; 128],
    chain_hash: [u8; 32],
    genesis_seed: [u8; 32],
    schedule: Schedule,
    is_silent: AtomicBool,
    /// Requests for rounds, to see that nobody asks too often.
    asked: AtomicU64,
    /// The round signed last, which most ask for.
    latest: Mutex<Option<Signed>>,
}

/// A round, as drand answers it.
#[derive(Clone, Debug, Serialize)]
struct Signed {
    round: u64,
    randomness: String,
    signature: String,
}

#[derive(Serialize)]
struct Metadata {
    #[serde(rename = "beaconID")]
    beacon_id: &'static str,
}

/// drand's answer to `/info`.
#[derive(Serialize)]
struct Info {
    public_key: String,
    period: u32,
    genesis_time: i64,
    hash: String,
    #[serde(rename = "groupHash")]
    group_hash: String,
    #[serde(rename = "schemeID")]
    scheme_id: &'static str,
    metadata: Metadata,
}

impl LocalBeacon {
    /// Starts a beacon on 127.0.0.1 whose first round was signed an hour ago, so that a registry can add it at once.
    ///
    /// `secret`: its key, 32 bytes. `port`: 0 takes a free one. Errors: the port is in use.
    pub async fn start(secret: [u8; 32], period_seconds: u32, port: u16) -> anyhow::Result<Self> {
        let genesis_at = unix_now() - 3_600;
        let public_key = beacon::public_key(&secret);
        let genesis_seed = Software::hashv(&[b"lottery_v4 local beacon", &public_key]);
        // As drand calls its chains: by the hash of all their parameters.
        let chain_hash = Software::hashv(&[
            &period_seconds.to_be_bytes(),
            &genesis_at.to_be_bytes(),
            &public_key,
            &genesis_seed,
            BEACON_ID.as_bytes(),
        ]);
        let shared = Arc::new(Shared {
            secret,
            public_key,
            chain_hash,
            genesis_seed,
            schedule: Schedule { genesis_at, period_seconds },
            is_silent: AtomicBool::new(false),
            asked: AtomicU64::new(0),
            latest: Mutex::new(None),
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("the beacon cannot listen on {address}"))?;
        let info = BeaconInfo {
            url: format!("http://{}", listener.local_addr()?),
            chain_hash: hex::encode(chain_hash),
            public_key: hex::encode(public_key),
            genesis_at,
            period_seconds,
        };
        let router = router(shared.clone());
        let server = tokio::spawn(async move {
            // Ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { info, shared, server })
    }

    /// Answers nothing but errors, or answers again.
    pub fn set_silent(&self, is_silent: bool) {
        self.shared.is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// Requests for rounds so far.
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// The signature of any round, of the future too: whoever holds the key can.
    pub fn sign(&self, round: u64) -> [u8; 64] {
        beacon::sign(&self.shared.secret, round)
    }

    /// The round signed last.
    pub fn latest_round(&self) -> u64 {
        self.shared.latest_round()
    }
}

impl Drop for LocalBeacon {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/info", get(info))
        .route("/public/latest", get(latest))
        .route("/public/{round}", get(public));
    let chain = format!("/{}", hex::encode(shared.chain_hash));
    Router::new().merge(api.clone()).nest(&chain, api).with_state(shared)
}

impl Shared {
    fn latest_round(&self) -> u64 {
        let after = unix_now() - self.schedule.genesis_at;
        after.max(0) as u64 / self.schedule.period_seconds as u64 + 1
    }

    /// Signs a round whose time has come.
    fn signed(&self, round: u64) -> Result<Signed, StatusCode> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_silent.load(Ordering::Relaxed) {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        if round == 0 || round > self.latest_round() {
            return Err(StatusCode::NOT_FOUND);
        }
        let mut latest = self.latest.lock().expect("no panic holds this lock");
        if let Some(signed) = latest.as_ref().filter(|signed| signed.round == round) {
            return Ok(signed.clone());
        }
        let signature = beacon::sign(&self.secret, round);
        let randomness = hex::encode(beacon::randomness::<Software>(&signature));
        let signed = Signed { round, randomness, signature: hex::encode(signature) };
        *latest = Some(signed.clone());
        Ok(signed)
    }
}

async fn info(State(shared): State<Arc<Shared>>) -> Json<Info> {
    Json(Info {
        public_key: hex::encode(shared.public_key),
        period: shared.schedule.period_seconds,
        genesis_time: shared.schedule.genesis_at,
        hash: hex::encode(shared.chain_hash),
        group_hash: hex::encode(shared.genesis_seed),
        scheme_id: SCHEME,
        metadata: Metadata { beacon_id: BEACON_ID },
    })
}

async fn latest(State(shared): State<Arc<Shared>>) -> Result<Json<Signed>, StatusCode> {
    shared.signed(shared.latest_round()).map(Json)
}

async fn public(
    State(shared): State<Arc<Shared>>,
    Path(round): Path<u64>,
) -> Result<Json<Signed>, StatusCode> {
    shared.signed(round).map(Json)
}
