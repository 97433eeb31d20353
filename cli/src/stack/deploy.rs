//! The order in which everything starts and stops.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use fs2::FileExt;
use lottery_keeper::SecretsKeyArgs;
use lottery_localnet::LocalnetInfo;
use lottery_oracle::OracleConfig;

use super::{Postgres, Process, Service, free_port};
use crate::secrets::{self, SecretsArgs};

/// How long a service may take to answer after its start.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// The reporters of markets, by the names of their processes.
pub const ORACLES: [&str; 3] = ["oracle-1", "oracle-2", "oracle-3"];

/// Lamports of each funded key, in SOL, and tokens of each mint.
const FUNDED_SOL: u64 = 5_000;
const FUNDED_TOKENS: u64 = 5_000_000;

#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Everything lives here; one stack at a time.
    pub folder: PathBuf,
    /// This program: children are started from it.
    pub binary: PathBuf,
    pub players: usize,
    pub slot_ms: u64,
    /// Seconds that a finished round stays on the chain.
    pub linger_seconds: u32,
    /// Port of the page; a free one if taken or not given.
    pub api_port: Option<u16>,
}

/// Postgres and the chain, and then the services. Dropping it stops all, services first.
pub struct Stack {
    // Fields are dropped in this order.
    pub oracles: Vec<Process>,
    pub keeper: Option<Process>,
    pub api: Option<Process>,
    pub indexer: Option<Process>,
    pub chain: Process,
    pub postgres: Postgres,
    pub info: LocalnetInfo,
    pub api_url: String,
    options: StackOptions,
    _lock: File,
}

impl StackOptions {
    pub fn operator_key(&self) -> PathBuf {
        self.folder.join("operator.json")
    }

    pub fn keeper_key(&self) -> PathBuf {
        self.folder.join("keeper.json")
    }

    /// The key of a reporter.
    pub fn oracle_key(&self, place: usize) -> PathBuf {
        self.folder.join(format!("{}.json", ORACLES[place]))
    }

    /// Every key that is funded and is no player's.
    fn keys(&self) -> Vec<PathBuf> {
        let oracles = (0..ORACLES.len()).map(|place| self.oracle_key(place));
        [self.operator_key(), self.keeper_key()].into_iter().chain(oracles).collect()
    }

    /// Where the operator's hash chain secrets and their key are.
    pub fn secrets(&self) -> SecretsArgs {
        let key = SecretsKeyArgs { secrets_key_file: Some(self.secrets_key()) };
        SecretsArgs { secrets: self.folder.join("secrets"), key }
    }

    fn secrets_key(&self) -> PathBuf {
        self.folder.join("secrets.key")
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    fn service(&self, name: &'static str, args: &[&str]) -> Service {
        Service {
            name,
            binary: self.binary.clone(),
            args: args.iter().map(|arg| arg.to_string()).collect(),
            envs: vec![("RUST_BACKTRACE", "1".into())],
            log: self.log(name),
        }
    }
}

impl Stack {
    /// Starts Postgres and the chain. `say` is told each step.
    pub async fn start(options: StackOptions, say: &dyn Fn(&str)) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&options.folder)
            .with_context(|| format!("cannot make {}", options.folder.display()))?;
        let lock = lock(&options.folder)?;
        clear(&options)?;
        for key in options.keys() {
            crate::keys::read_or_create(&key)?;
        }
        if !options.secrets_key().exists() {
            secrets::new_key(&options.secrets_key())?;
        }

        say("starting Postgres");
        let postgres_folder = options.folder.join("postgres");
        let postgres = tokio::task::spawn_blocking(move || Postgres::start(&postgres_folder)).await??;

        say(&format!("starting the chain: the program, two mints and {} funded players", options.players));
        let out = options.folder.join("chain");
        let out_text = path_text(&out);
        let (players, slot_ms) = (options.players.to_string(), options.slot_ms.to_string());
        let (sol, tokens) = (FUNDED_SOL.to_string(), FUNDED_TOKENS.to_string());
        let keys: Vec<String> = options.keys().iter().map(|key| path_text(key)).collect();
        let mut args = vec!["localnet", "--rpc-port", "0", "--out", &out_text, "--players", &players];
        args.extend(["--slot-ms", &slot_ms, "--sol", &sol, "--tokens", &tokens, "--json"]);
        args.extend(keys.iter().flat_map(|key| ["--keypair", key.as_str()]));
        let mut service = options.service("chain", &args);
        service.envs.extend(postgres.watched_by());
        let mut chain = service.start()?;
        let info = wait_for(&mut chain, || LocalnetInfo::read(&out).ok()).await?;
        Ok(Self {
            oracles: Vec::new(),
            keeper: None,
            api: None,
            indexer: None,
            chain,
            postgres,
            info,
            api_url: String::new(),
            options,
            _lock: lock,
        })
    }

    pub fn options(&self) -> &StackOptions {
        &self.options
    }

    /// Starts indexer, keeper and api, and waits until the api answers.
    pub async fn start_services(&mut self, say: &dyn Fn(&str)) -> anyhow::Result<()> {
        let (rpc, ws, database) =
            (self.info.rpc_url.clone(), self.info.ws_url.clone(), self.postgres.url.clone());
        say("starting the indexer");
        let args = ["indexer", "--rpc-url", &rpc, "--ws-url", &ws, "--database-url", &database];
        self.indexer = Some(self.options.service("indexer", &args).start()?);

        say("starting the keeper");
        let (key, secrets) =
            (path_text(&self.options.keeper_key()), path_text(&self.options.secrets().secrets));
        let secrets_key = path_text(&self.options.secrets_key());
        let linger = self.options.linger_seconds.to_string();
        let mut args = vec!["keeper", "--rpc-url", &rpc, "--keypair", &key, "--reveal-secrets", &secrets];
        args.extend(["--secrets-key-file", &secrets_key, "--beacon-url", &self.info.beacon.url]);
        args.extend(["--linger-seconds", &linger]);
        self.keeper = Some(self.options.service("keeper", &args).start()?);

        say("starting the api");
        let wanted =
            self.options.api_port.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok());
        let port = wanted.map_or_else(free_port, Ok)?;
        let listen = format!("127.0.0.1:{port}");
        let symbol = format!("{}=USDC", self.info.usdc_mint);
        let args =
            ["api", "--listen", &listen, "--database-url", &database, "--rpc-url", &rpc, "--symbol", &symbol];
        let mut api = self.options.service("api", &args).start()?;
        self.api_url = format!("http://{listen}");
        let url = format!("{}/api/health", self.api_url);
        let until = Instant::now() + START_PATIENCE;
        while !reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success()) {
            api.require_running()?;
            if Instant::now() >= until {
                bail!(
                    "the api does not answer; {} says: {}",
                    api.service.log.display(),
                    api.service.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // What answered may be another's, which took the port first.
        api.require_running()?;
        self.api = Some(api);
        Ok(())
    }

    /// Starts a reporter for each of these, in the order of `ORACLES`.
    pub fn start_oracles(&mut self, configs: Vec<OracleConfig>) -> anyhow::Result<()> {
        for (name, config) in ORACLES.into_iter().zip(configs) {
            let path = self.options.folder.join(format!("{name}.toml"));
            std::fs::write(&path, toml::to_string(&config)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
            let args = ["oracle", "--config", &path_text(&path)];
            self.oracles.push(self.options.service(name, &args).start()?);
        }
        Ok(())
    }

    /// Every process by name, in the order of the data's way.
    pub fn processes(&mut self) -> Vec<&mut Process> {
        let services = [self.keeper.as_mut(), self.indexer.as_mut(), self.api.as_mut()];
        let all = std::iter::once(&mut self.chain).chain(services.into_iter().flatten());
        all.chain(&mut self.oracles).collect()
    }

    /// Stops everything in order. Blocks for a few seconds at most.
    pub fn stop(mut self, say: &dyn Fn(&str)) {
        let services = [self.keeper.take(), self.api.take(), self.indexer.take()].into_iter().flatten();
        for mut process in std::mem::take(&mut self.oracles).into_iter().chain(services) {
            say(&format!("stopping the {}", process.service.name));
            process.stop();
        }
        say("stopping the chain");
        self.chain.stop();
        say("stopping Postgres");
        // Dropped here, with the lock last.
    }
}

/// One stack in a folder at a time.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
    if file.try_lock_exclusive().is_err() {
        bail!("{} is in use by another run: end that first", folder.display());
    }
    Ok(file)
}

/// Removes what an earlier run left: its chain is gone. Players' keys stay, since making 300 takes a moment.
fn clear(options: &StackOptions) -> anyhow::Result<()> {
    let folder = &options.folder;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            std::fs::remove_file(path)?;
        }
    }
    let _ = std::fs::remove_file(folder.join("chain/localnet.json"));
    let evidence = ORACLES.map(|name| folder.join(format!("{name}-evidence")));
    for gone in evidence.into_iter().chain([options.secrets().secrets]) {
        if gone.exists() {
            std::fs::remove_dir_all(&gone).with_context(|| format!("cannot remove {}", gone.display()))?;
        }
    }
    Ok(())
}

async fn wait_for<T>(process: &mut Process, probe: impl Fn() -> Option<T>) -> anyhow::Result<T> {
    let until = Instant::now() + START_PATIENCE;
    loop {
        if let Some(found) = probe() {
            return Ok(found);
        }
        process.require_running()?;
        if Instant::now() >= until {
            bail!("{} does not start; its log says: {}", process.service.name, process.service.log_tail());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
