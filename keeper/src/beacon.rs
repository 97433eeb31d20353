//! The beacon's client: signatures by drand's HTTP API, from several endpoints, verified before they are used.
//!
//! One client serves public chains and a local one alike. What it returns is never trusted: a signature that does not verify
//! under the chain's key is an endpoint's failure, and the next endpoint is asked.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use lottery_interface::accounts::Beacon;
use lottery_rules::beacon::{self, SoftwareCurve};
use tracing::{debug, warn};

/// An endpoint that takes longer is as good as none.
const TIMEOUT: Duration = Duration::from_secs(4);

/// A round that no endpoint had is asked for again after this.
const RETRY: Duration = Duration::from_secs(1);

/// Rounds asked for at the same time: after an outage many wait.
const AT_ONCE: usize = 8;

/// Proofs kept. A round needs one proof, and rounds that lock together share it.
const KEPT: usize = 4_096;

/// A round of a chain.
pub type BeaconRound = ([u8; 32], u64);

/// Fetches and verifies.
#[derive(Default)]
pub struct BeaconClient {
    http: reqwest::Client,
    /// Base URLs, without a slash at the end.
    endpoints: Vec<String>,
    /// The endpoint that answered last, which is asked first: one that is dead costs its timeout once.
    first: AtomicUsize,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    proofs: HashMap<BeaconRound, Vec<u8>>,
    /// Being asked for.
    asked: HashSet<BeaconRound>,
    /// No endpoint had it, and when.
    missing: HashMap<BeaconRound, Instant>,
    /// Whether the last round of all endpoints failed, to say it once.
    is_silent: bool,
}

#[derive(serde::Deserialize)]
struct Signed {
    round: u64,
    /// Hex.
    signature: String,
}

impl BeaconClient {
    /// `endpoints`: base URLs such as `https://api.drand.sh`; the chain's hash follows in the path.
    pub fn new(endpoints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let trim = |url: String| url.trim_end_matches('/').to_string();
        Self { endpoints: endpoints.into_iter().map(|url| trim(url.into())).collect(), ..Self::default() }
    }

    /// Whether this client can never fetch anything.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// The proofs that are known by now, of those wanted: `signature || witness`, 128 bytes, verified. The others are asked for
    /// meanwhile: a silent beacon must not hold up rounds that do not need it.
    pub fn proofs(self: &Arc<Self>, wanted: &HashMap<BeaconRound, Beacon>) -> HashMap<BeaconRound, Vec<u8>> {
        let mut known = self.known();
        known.missing.retain(|_, since| since.elapsed() < RETRY);
        let mut found = HashMap::new();
        for (key, chain) in wanted {
            if let Some(proof) = known.proofs.get(key) {
                found.insert(*key, proof.clone());
            } else if !known.missing.contains_key(key)
                && known.asked.len() < AT_ONCE
                && known.asked.insert(*key)
            {
                let (client, chain, key) = (self.clone(), *chain, *key);
                tokio::spawn(async move { client.ask(chain, key).await });
            }
        }
        if known.proofs.len() > KEPT {
            known.proofs.retain(|key, _| wanted.contains_key(key));
        }
        found
    }

    async fn ask(&self, chain: Beacon, key: BeaconRound) {
        let proof = self.fetch(&chain, key.1).await;
        let mut known = self.known();
        known.asked.remove(&key);
        match proof {
            Some(proof) => {
                known.proofs.insert(key, proof);
            }
            None => {
                known.missing.insert(key, Instant::now());
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no panic holds this lock")
    }

    /// From the first endpoint that has a valid signature.
    async fn fetch(&self, chain: &Beacon, round: u64) -> Option<Vec<u8>> {
        let (first, count) = (self.first.load(Ordering::Relaxed), self.endpoints.len());
        for at in (first..first + count).map(|at| at % count) {
            let endpoint = &self.endpoints[at];
            match self.fetch_from(endpoint, chain, round).await {
                Ok(proof) => {
                    self.first.store(at, Ordering::Relaxed);
                    self.known().is_silent = false;
                    return Some(proof);
                }
                Err(error) => debug!(endpoint, round, error = format!("{error:#}"), "no signature"),
            }
        }
        let mut known = self.known();
        if !std::mem::replace(&mut known.is_silent, true) {
            warn!(round, endpoints = ?self.endpoints, "no endpoint has the beacon's round yet; trying on");
        }
        None
    }

    async fn fetch_from(&self, endpoint: &str, chain: &Beacon, round: u64) -> anyhow::Result<Vec<u8>> {
        let url = format!("{endpoint}/{}/public/{round}", hex::encode(chain.chain_hash));
        let answer = self.http.get(url).timeout(TIMEOUT).send().await?.error_for_status()?;
        let signed: Signed = answer.json().await?;
        ensure!(signed.round == round, "asked for round {round}, got {}", signed.round);
        let mut signature = [0; 64];
        hex::decode_to_slice(&signed.signature, &mut signature)
            .context("the signature is not 64 bytes in hex")?;
        let key = chain.public_key;
        tokio::task::spawn_blocking(move || prove(&key, round, &signature)).await?
    }
}

/// Verifies a signature and makes its proof.
pub fn prove(public_key: &[u8; 128], round: u64, signature: &[u8; 64]) -> anyhow::Result<Vec<u8>> {
    let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
    beacon::verify::<SoftwareCurve>(public_key, round, signature, &witness)?;
    Ok(beacon::proof(signature, &witness).to_vec())
}
