//! The loop: look at the tip, read the record up to it, read the accounts it touched, write, repeat.

use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use lottery_interface::address::PROGRAM_ID;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{sync::Notify, task::JoinSet};

use crate::{
    config::Config,
    metrics::Metrics,
    processor::{Processor, Undo, place, touched},
    rows::PAGE_PREFIX,
    same_chain::OtherChain,
    source::{AccountRead, RpcSource, Source, wake_on_slots},
};

const LOG_EVERY: Duration = Duration::from_secs(10);
const CHECK_FINAL_EVERY: Duration = Duration::from_secs(5);
const PRUNE_EVERY: Duration = Duration::from_secs(600);
/// Rows of the feed that stay for clients that were away; older ones they get from the snapshot.
const FEED_KEEPS_HOURS: i32 = 24;
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// How often a hole is read again before a person has to look.
const REREADS: u32 = 2;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// Brings the schema up to date. Safe to call from every service at once.
pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    MIGRATIONS.run(pool).await.context("migrating the database")
}

/// Indexes until `shutdown` is ready. Chain and database may come and go meanwhile.
pub async fn run(config: Config, shutdown: impl Future<Output = ()> + Send) -> anyhow::Result<()> {
    run_with_metrics(config, Arc::default(), shutdown).await
}

/// As [`run`], with the counters of the caller.
pub async fn run_with_metrics(
    config: Config,
    metrics: Arc<Metrics>,
    shutdown: impl Future<Output = ()> + Send,
) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect(&config.database_url)
        .await
        .context("connecting to Postgres")?;
    migrate(&pool).await?;
    let source = RpcSource::new(config.rpc_url.clone(), PROGRAM_ID, config.walk);
    let wake = Arc::new(Notify::new());
    // Dropped with this function, and its tasks with it.
    let mut tasks = JoinSet::new();
    if let Some(ws_url) = config.ws_url.clone() {
        tasks.spawn(wake_on_slots(ws_url, wake.clone()));
    }
    tracing::info!(rpc_url = config.rpc_url, ws_url = config.ws_url, "indexing");
    let mut indexer = Indexer::new(pool, source, metrics, wake, config.poll);
    tokio::select! {
        ended = indexer.run() => ended,
        () = shutdown => {
            tracing::info!("stopped");
            Ok(())
        }
    }
}

/// A source and a processor, and what the loop remembers between batches.
pub struct Indexer<S> {
    pub(crate) source: S,
    pub(crate) processor: Processor,
    pool: PgPool,
    metrics: Arc<Metrics>,
    wake: Arc<Notify>,
    poll: Duration,
    /// Rows without a valid account read may exist: after a start and after an undo.
    unread: bool,
    pub(crate) same_chain: bool,
    rereads: HashMap<u64, u32>,
    checked_final: Instant,
    pruned: Instant,
    logged: Instant,
}

impl<S: Source> Indexer<S> {
    pub fn new(pool: PgPool, source: S, metrics: Arc<Metrics>, wake: Arc<Notify>, poll: Duration) -> Self {
        let now = Instant::now();
        Indexer {
            processor: Processor::new(pool.clone(), metrics.clone()),
            source,
            pool,
            metrics,
            wake,
            poll,
            unread: true,
            same_chain: false,
            rereads: HashMap::new(),
            checked_final: now,
            pruned: now,
            logged: now,
        }
    }

    /// Ends only when the database belongs to another chain.
    async fn run(&mut self) -> anyhow::Result<()> {
        let mut failures = 0u32;
        loop {
            match self.step().await {
                Ok(true) => failures = 0,
                Ok(false) => {
                    failures = 0;
                    let _ = tokio::time::timeout(self.poll, self.wake.notified()).await;
                }
                Err(error) if error.is::<OtherChain>() => return Err(error),
                Err(error) => {
                    failures += 1;
                    self.metrics.failed();
                    let backoff = LONGEST_BACKOFF.min(Duration::from_millis(100) * 2u32.pow(failures.min(7)));
                    tracing::warn!(error = format!("{error:#}"), failures, ?backoff, "trying again");
                    tokio::time::sleep(backoff).await;
                }
            }
            self.chores().await;
        }
    }

    /// Indexes one batch; `false` when there was nothing new.
    pub async fn step(&mut self) -> anyhow::Result<bool> {
        let tip = self.source.tip().await?;
        let cursor = self.processor.cursor().await?;
        self.metrics.at(cursor.slot, tip.confirmed);
        if !self.same_chain {
            self.processor.rent_lamports_per_byte = self.source.rent_lamports_per_byte().await?;
        }
        self.check_same_chain(cursor, tip).await?;
        if tip.confirmed <= cursor.slot {
            return Ok(false);
        }
        let batch = self.source.record(cursor.slot, tip.confirmed).await?;
        if batch.through_slot <= cursor.slot {
            bail!("the node gave nothing after slot {}", cursor.slot);
        }
        let placed = place(&batch);
        let (mut pages, mut others) = touched(&placed);
        if self.unread {
            let (more_pages, more) = self.processor.unread().await?;
            pages.extend(more_pages);
            others.extend(more);
        }
        let reads = self.read(pages, others, batch.through_slot).await?;
        let applied = self.processor.apply(&batch, &reads, tip).await?;
        self.unread = false;
        self.metrics.at(batch.through_slot, tip.confirmed);
        tracing::debug!(
            through_slot = batch.through_slot,
            transactions = batch.transactions.len(),
            rows = applied.rows,
            "applied"
        );
        if let Some(from) = applied.reread_from {
            self.reread(from).await?;
        }
        Ok(true)
    }

    async fn read(
        &self,
        mut pages: Vec<solana_pubkey::Pubkey>,
        mut others: Vec<solana_pubkey::Pubkey>,
        min_slot: u64,
    ) -> anyhow::Result<Vec<AccountRead>> {
        for list in [&mut pages, &mut others] {
            list.sort();
            list.dedup();
        }
        let mut reads = Vec::new();
        if !pages.is_empty() {
            reads.extend(self.source.accounts(&pages, Some(PAGE_PREFIX), min_slot).await?);
        }
        if !others.is_empty() {
            reads.extend(self.source.accounts(&others, None, min_slot).await?);
        }
        Ok(reads)
    }

    async fn reread(&mut self, from: u64) -> anyhow::Result<()> {
        let tries = self.rereads.entry(from).or_default();
        *tries += 1;
        if *tries > REREADS {
            tracing::error!(from, "the hole in the record does not close: see table quarantine");
            return Ok(());
        }
        self.unread = true;
        self.processor.undo(from, Undo::Hole).await
    }

    /// What is not about the newest slots. Its failures only wait for the next time.
    async fn chores(&mut self) {
        if self.checked_final.elapsed() >= CHECK_FINAL_EVERY {
            self.checked_final = Instant::now();
            if let Err(error) = self.check_final().await {
                tracing::warn!(error = format!("{error:#}"), "could not check what became final");
            }
        }
        if self.pruned.elapsed() >= PRUNE_EVERY {
            self.pruned = Instant::now();
            let pruned =
                sqlx::query("DELETE FROM outbox WHERE created_at < now() - make_interval(hours => $1)")
                    .bind(FEED_KEEPS_HOURS)
                    .execute(&self.pool)
                    .await;
            if let Err(error) = pruned {
                tracing::warn!(%error, "could not prune the feed");
            }
        }
        if self.logged.elapsed() >= LOG_EVERY {
            self.logged = Instant::now();
            let m = self.metrics.snapshot();
            tracing::info!(
                cursor_slot = m.cursor_slot,
                lag_slots = m.lag_slots,
                rows = m.rows_total,
                rows_per_second = format!("{:.1}", m.rows_per_second),
                quarantined = m.quarantined,
                errors = m.errors_total,
                "progress"
            );
        }
    }

    pub async fn check_final(&mut self) -> anyhow::Result<()> {
        let tip = self.source.tip().await?;
        if self.processor.check_finalised(&self.source, tip.finalised).await?.is_some() {
            self.unread = true;
        }
        Ok(())
    }
}
