//! A pool of RPC endpoints behind one handle.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use solana_client::{client_error::ClientError as SolanaError, nonblocking::rpc_client::RpcClient};
use solana_commitment_config::CommitmentConfig;
use solana_message::Hash;

use crate::{
    Result,
    confirm::Statuses,
    error::{ClientError, is_retryable},
};

/// How long a blockhash from the chain is used for new transactions. Short beside the 60 s it is valid.
const BLOCKHASH_AGE: Duration = Duration::from_millis(2_000);

/// Endpoints and patience.
#[derive(Clone, Debug)]
pub struct RpcConfig {
    /// Used in this order: the next one when one fails.
    pub urls: Vec<String>,
    /// Of one request.
    pub timeout: Duration,
    /// Attempts of one request in all, over every endpoint.
    pub attempts: u32,
    /// Wait after every endpoint failed once; doubles with each turn.
    pub backoff: Duration,
    /// Pause between two looks at the fate of sent transactions.
    pub poll_interval: Duration,
}

impl RpcConfig {
    pub fn new<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self {
            urls: urls.into_iter().map(Into::into).collect(),
            timeout: Duration::from_secs(15),
            attempts: 5,
            backoff: Duration::from_millis(150),
            poll_interval: Duration::from_millis(200),
        }
    }
}

/// A pool of endpoints. Cloning is cheap; clones share connections and the choice of endpoint.
#[derive(Clone)]
pub struct Rpc {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub config: RpcConfig,
    clients: Vec<Arc<RpcClient>>,
    /// The endpoint that answered last.
    preferred: AtomicUsize,
    blockhash: Mutex<Option<(Hash, u64, Instant)>>,
    pub statuses: Statuses,
    /// Makes each transaction of this handle different from the one before; see `send`.
    pub sent: AtomicU32,
}

impl Rpc {
    /// A pool of one endpoint with default patience.
    pub fn new(url: impl Into<String>) -> Self {
        Self::with_config(RpcConfig::new([url]))
    }

    /// # Panics
    /// When `config.urls` is empty.
    pub fn with_config(config: RpcConfig) -> Self {
        assert!(!config.urls.is_empty(), "a pool needs an endpoint");
        let client = |url: &String| {
            let commitment = CommitmentConfig::confirmed();
            Arc::new(RpcClient::new_with_timeout_and_commitment(url.clone(), config.timeout, commitment))
        };
        let clients = config.urls.iter().map(client).collect();
        let shared = Shared {
            statuses: Statuses::new(config.poll_interval),
            config,
            clients,
            preferred: AtomicUsize::new(0),
            blockhash: Mutex::new(None),
            sent: AtomicU32::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The endpoint in use, for requests that this crate does not wrap. No failover.
    pub fn inner(&self) -> Arc<RpcClient> {
        let preferred = self.shared.preferred.load(Ordering::Relaxed);
        self.shared.clients[preferred % self.shared.clients.len()].clone()
    }

    /// The address of the endpoint in use.
    pub fn url(&self) -> String {
        self.inner().url()
    }

    /// Runs a request until an endpoint answers, attempts are used up, or the answer is a refusal.
    pub async fn call<T, F>(&self, request: impl Fn(Arc<RpcClient>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T, SolanaError>>,
    {
        self.call_raw(request).await.map_err(ClientError::from)
    }

    /// As [`Rpc::call`], with the endpoint's own error.
    pub(crate) async fn call_raw<T, F>(&self, request: impl Fn(Arc<RpcClient>) -> F) -> Result<T, SolanaError>
    where
        F: Future<Output = Result<T, SolanaError>>,
    {
        let shared = &*self.shared;
        let endpoints = shared.clients.len();
        let mut endpoint = shared.preferred.load(Ordering::Relaxed) % endpoints;
        let mut attempt = 1;
        loop {
            let error = match request(shared.clients[endpoint].clone()).await {
                Ok(answer) => {
                    shared.preferred.store(endpoint, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) if attempt >= shared.config.attempts || !is_retryable(&error) => {
                    return Err(error);
                }
                Err(error) => error,
            };
            tracing::debug!(url = %shared.clients[endpoint].url(), attempt, %error, "an endpoint failed");
            endpoint = (endpoint + 1) % endpoints;
            if (attempt as usize).is_multiple_of(endpoints) {
                let turn = (attempt as usize / endpoints - 1).min(5) as u32;
                tokio::time::sleep(shared.config.backoff * 2u32.pow(turn)).await;
            }
            attempt += 1;
        }
    }

    /// A recent blockhash and the last block height at which it is valid.
    pub async fn latest_blockhash(&self) -> Result<(Hash, u64)> {
        if let Some((hash, last_valid, at)) = *self.shared.blockhash.lock().expect("no panic holds this lock")
            && at.elapsed() < BLOCKHASH_AGE
        {
            return Ok((hash, last_valid));
        }
        let confirmed = CommitmentConfig::confirmed();
        let (hash, last_valid) =
            self.call(|rpc| async move { rpc.get_latest_blockhash_with_commitment(confirmed).await }).await?;
        *self.shared.blockhash.lock().expect("no panic holds this lock") =
            Some((hash, last_valid, Instant::now()));
        Ok((hash, last_valid))
    }

    /// Forgets the remembered blockhash: after it was refused.
    pub(crate) fn forget_blockhash(&self) {
        *self.shared.blockhash.lock().expect("no panic holds this lock") = None;
    }

    pub async fn block_height(&self) -> Result<u64> {
        self.call(|rpc| async move { rpc.get_block_height().await }).await
    }

    /// Lamports that keep an account of `data_len` bytes alive.
    pub async fn minimum_balance(&self, data_len: usize) -> Result<u64> {
        self.call(|rpc| async move { rpc.get_minimum_balance_for_rent_exemption(data_len).await }).await
    }
}
