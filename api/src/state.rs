//! What every handler shares.

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicUsize},
};

use lottery_client::{Rpc, RpcConfig};
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio::sync::{Semaphore, watch};

use crate::{
    config::ApiConfig,
    ws::hub::{Hub, HubLimits},
};

/// Topics in memory: `global` and the lotteries that somebody watches.
const MAX_TOPICS: usize = 10_000;
/// Bytes of the messages kept per topic.
const RING_BYTES: usize = 1 << 20;

#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub config: ApiConfig,
    pub pool: PgPool,
    pub rpc: Rpc,
    pub hub: Hub,
    pub metrics: PrometheusHandle,
    /// Places for requests.
    pub requests: Semaphore,
    pub ws_clients: AtomicUsize,
    /// Turns true when the service stops.
    pub shutdown: watch::Receiver<bool>,
}

impl AppState {
    pub fn new(
        config: ApiConfig,
        pool: PgPool,
        metrics: PrometheusHandle,
        shutdown: watch::Receiver<bool>,
    ) -> Self {
        let ring = crate::ws::hub::RingLimits { messages: config.ws_ring_messages, bytes: RING_BYTES };
        let mut rpc = RpcConfig::new(config.rpc_urls.clone());
        // A request waits for the cluster at most half its time, so that it can still say what happened.
        rpc.timeout = config.request_timeout / 2;
        rpc.attempts = 2;
        Self(Arc::new(Shared {
            pool,
            rpc: Rpc::with_config(rpc),
            hub: Hub::new(HubLimits { ring, topics: MAX_TOPICS }),
            metrics,
            requests: Semaphore::new(config.requests),
            ws_clients: AtomicUsize::new(0),
            shutdown,
            config,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
