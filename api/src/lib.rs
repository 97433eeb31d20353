//! The service that frontends talk to: REST with an OpenAPI document, a live feed over WebSocket, unsigned transactions
//! for a wallet to sign, and one page that shows it all.
//!
//! It reads Postgres, which the indexer writes, and builds transactions from what the cluster says. It keeps
//! nothing and never signs: any number of instances may run, and any may be killed.
//!
//! | module | what |
//! |---|---|
//! | [`routes`] | one file per resource, each with its `router()` |
//! | [`ws`] | the live feed: hub, rings, snapshots, clients |
//! | [`store`] | every query of Postgres |
//! | [`page`] | the page at `/` |
//! | [`problem`] | the one error type |
//! | `limits`, `connections` | time, number and size of requests; connections at once |

pub mod config;
mod connections;
pub mod cursor;
mod extract;
mod fields;
mod limits;
pub mod page;
pub mod problem;
pub mod routes;
pub mod state;
pub mod store;
pub mod ws;

pub use config::ApiConfig;

use std::{net::SocketAddr, sync::OnceLock, time::Duration};

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sqlx::postgres::PgPoolOptions;
use tokio::{net::TcpListener, sync::watch};

use connections::Connections;
use state::AppState;

/// How long open requests and clients have to end after a stop.
const GRACE: Duration = Duration::from_secs(5);
/// Bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0];

/// A service that listens and is about to answer.
pub struct Server {
    listener: TcpListener,
    state: AppState,
    stop: watch::Sender<bool>,
}

/// The process's measurements. A process has one recorder, however many services it runs.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = INSTALLING.lock();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another service of this process measures: /metrics here stays empty");
    }
    Ok(HANDLE.get_or_init(|| handle).clone())
}

impl Server {
    /// Connects and listens. The database must answer; the cluster need not yet.
    pub async fn bind(config: ApiConfig) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(config.database_connections)
            .acquire_timeout(config.request_timeout / 2)
            .connect(&config.database_url)
            .await
            .context("cannot connect to Postgres: is it running, and is the address right?")?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}: is it in use?", config.listen))?;
        let (stop, shutdown) = watch::channel(false);
        let state = AppState::new(config, pool, recorder()?, shutdown);
        Ok(Self { listener, state, stop })
    }

    pub fn local_addr(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers until `shutdown` resolves, then lets open requests end.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { listener, state, stop } = self;
        let address = listener.local_addr()?;
        let app = routes::router(state.clone())?;
        let background = [
            tokio::spawn(ws::tail::run(state.clone())),
            tokio::spawn(ws::countdown::run(state.clone())),
            tokio::spawn(upkeep(state.clone())),
        ];
        tracing::info!(%address, "listening");
        let config = &state.config;
        let listener = Connections::new(listener, config.connections, config.silence);
        let mut stopping = stop.subscribe();
        let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
            shutdown.await;
            tracing::info!("stopping");
            stop.send_replace(true);
        });
        let patience = async {
            let _ = stopping.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = async { serving.await } => result?,
            () = patience => tracing::warn!("some connections did not end in time"),
        }
        for task in background {
            task.abort();
        }
        state.pool.close().await;
        Ok(())
    }
}

/// Old samples are folded, or they would gather for ever.
async fn upkeep(state: AppState) {
    let mut tick = tokio::time::interval(Duration::from_secs(5));
    loop {
        tick.tick().await;
        state.metrics.run_upkeep();
    }
}

/// Runs the service until `shutdown` resolves.
pub async fn run(
    config: ApiConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    Server::bind(config).await?.run(shutdown).await
}
