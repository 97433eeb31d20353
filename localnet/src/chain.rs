//! The threads of a chain: surfpool's run loop (transactions, RPC, WebSocket), the block
//! producer, and a drain for its events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use surfpool_core::{
    runloops::start_local_surfnet_runloop,
    surfnet::{GeyserEvent, locker::SurfnetSvmLocker, svm::SurfnetSvm},
};
use surfpool_types::{
    BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig,
};
use tokio::{sync::mpsc, time::Instant};

use crate::ports::{HOST, Ports};

const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// First word of the run loop: started, or why not.
type Started = Result<(), String>;

pub(crate) struct Chain {
    pub(crate) svm: SurfnetSvmLocker,
    pub(crate) commands: Sender<SimnetCommand>,
    pub(crate) paused: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Chain {
    /// Starts the threads and waits until RPC and WebSocket answer.
    pub(crate) async fn start(
        svm: SurfnetSvm,
        events: Receiver<SimnetEvent>,
        geyser: Receiver<GeyserEvent>,
        ports: Ports,
        slot_ms: u64,
    ) -> anyhow::Result<Self> {
        let (commands, commands_rx) = crossbeam_channel::unbounded();
        let (started_tx, mut started) = mpsc::unbounded_channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let mut chain = Self {
            svm: SurfnetSvmLocker::new(svm),
            commands,
            paused: Arc::new(AtomicBool::new(false)),
            stopping: stopping.clone(),
            threads: Vec::new(),
        };

        let drain_started = started_tx.clone();
        chain.spawn("localnet-events", move || drain(events, drain_started, stopping))?;
        let run_loop = RunLoop {
            svm: chain.svm.clone(),
            commands: (chain.commands.clone(), commands_rx),
            geyser,
            config: surfpool_config(ports),
            producer: Producer {
                svm: chain.svm.clone(),
                slot: Duration::from_millis(slot_ms),
                paused: chain.paused.clone(),
                stopping: chain.stopping.clone(),
            },
        };
        chain.spawn("localnet-chain", move || run_loop.run(started_tx))?;

        let first = tokio::time::timeout(START_LIMIT, started.recv()).await;
        first
            .context("the chain did not start in time")?
            .context("the chain ended before it started")?
            .map_err(|why| anyhow!("the chain did not start: {why}"))?;
        Ok(chain)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run)?;
        self.threads.push(thread);
        Ok(())
    }

    /// Makes `count` blocks now, besides those of the producer.
    pub(crate) async fn produce_blocks(&self, count: u64) -> anyhow::Result<()> {
        for _ in 0..count {
            self.svm.confirm_current_block(&None).await?;
        }
        Ok(())
    }

    /// Ends the threads and waits until the ports are closed.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.signal_stop();
        let limit = Instant::now() + STOP_LIMIT;
        for thread in std::mem::take(&mut self.threads) {
            while !thread.is_finished() {
                if Instant::now() > limit {
                    bail!("the chain did not stop within {STOP_LIMIT:?}");
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            thread.join().map_err(|_| anyhow!("a thread of the chain panicked"))?;
        }
        Ok(())
    }

    fn signal_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // An error means that the run loop has ended already, which is what is asked for.
        let _ = self.commands.send(SimnetCommand::Terminate(None));
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.signal_stop();
    }
}

fn surfpool_config(ports: Ports) -> SurfpoolConfig {
    SurfpoolConfig {
        simnets: vec![SimnetConfig {
            offline_mode: true,
            remote_rpc_url: None,
            // Blocks come from `Producer`. surfpool's own clock thread cannot be stopped, so it
            // is given next to nothing to do.
            block_production_mode: BlockProductionMode::Manual,
            slot_time: 3_600_000,
            instruction_profiling_enabled: false,
            max_profiles: 1,
            ..SimnetConfig::default()
        }],
        rpc: RpcConfig {
            bind_host: HOST.to_owned(),
            bind_port: ports.rpc,
            ws_port: ports.ws,
            ..RpcConfig::default()
        },
        ..SurfpoolConfig::default()
    }
}

struct RunLoop {
    svm: SurfnetSvmLocker,
    commands: (Sender<SimnetCommand>, Receiver<SimnetCommand>),
    geyser: Receiver<GeyserEvent>,
    config: SurfpoolConfig,
    producer: Producer,
}

impl RunLoop {
    /// surfpool blocks in place, which only a multi-threaded runtime of its own allows: callers
    /// may be on any kind.
    fn run(self, started: mpsc::UnboundedSender<Started>) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("localnet-blocks")
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = started.send(Err(error.to_string()));
                return;
            }
        };
        runtime.spawn(self.producer.run());
        let (commands_tx, commands_rx) = self.commands;
        let ended = runtime.block_on(start_local_surfnet_runloop(
            self.svm,
            self.config,
            commands_tx,
            commands_rx,
            self.geyser,
        ));
        if let Err(error) = ended {
            tracing::error!("the chain ended: {error}");
            let _ = started.send(Err(error.to_string()));
        }
    }
}

/// Makes a block at each multiple of the slot time.
///
/// surfpool's own clock sleeps a slot between blocks, so it falls behind the wall clock by
/// whatever each block costs. A beacon does not wait, and a chain that lags behind it looks as
/// if values were known before lock. Here late blocks are caught up.
struct Producer {
    svm: SurfnetSvmLocker,
    slot: Duration,
    paused: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

impl Producer {
    async fn run(self) {
        let mut due = Instant::now() + self.slot;
        loop {
            tokio::time::sleep_until(due).await;
            if self.stopping.load(Ordering::Relaxed) {
                return;
            }
            if self.paused.load(Ordering::Relaxed) {
                due = Instant::now() + self.slot.min(Duration::from_millis(20));
                continue;
            }
            due += self.slot;
            if let Err(error) = self.svm.confirm_current_block(&None).await {
                tracing::error!("no more blocks: {error}");
                return;
            }
        }
    }
}

/// Empties the event channel (a full one blocks surfpool) and reports how the start went. Ends
/// when both servers have closed, or a while after the stop if they never opened.
fn drain(events: Receiver<SimnetEvent>, started: mpsc::UnboundedSender<Started>, stopping: Arc<AtomicBool>) {
    const SERVERS: usize = 2;
    let mut closed = 0;
    let mut patience = 20;
    while closed < SERVERS && patience > 0 {
        match events.recv_timeout(Duration::from_millis(100)) {
            Ok(SimnetEvent::CoreStarted(_)) => {
                let _ = started.send(Ok(()));
            }
            Ok(SimnetEvent::Aborted(why)) => {
                let _ = started.send(Err(why));
            }
            Ok(SimnetEvent::Shutdown) => closed += 1,
            Ok(SimnetEvent::ErrorLog(_, message) | SimnetEvent::WarnLog(_, message)) => {
                tracing::debug!("surfpool: {message}");
            }
            Ok(_) => {}
            // surfpool's clock thread keeps the channel open for ever.
            Err(RecvTimeoutError::Timeout) if stopping.load(Ordering::Relaxed) => patience -= 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
