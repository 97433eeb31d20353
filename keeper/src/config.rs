//! How a keeper runs: from the command line, or from code.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use lottery_client::{Keypair, RpcConfig};

use crate::{
    beacon::BeaconClient,
    reveals::{Reveals, SecretsKeyArgs},
};

/// Everything a keeper is told.
#[derive(Clone)]
pub struct KeeperConfig {
    pub rpc: RpcConfig,
    /// Pays fees and rents, and is paid the rewards.
    pub keypair: Arc<Keypair>,
    /// Pause between two looks at the chain.
    pub poll_interval: Duration,
    /// Ids of the lotteries to serve; none: all.
    pub lotteries: Vec<u64>,
    /// Lotteries that pay less for a step are left to others.
    pub min_reward_lamports: u32,
    /// The operator's hash chains, if this is the operator's keeper.
    pub reveals: Arc<Reveals>,
    /// Where beacon signatures come from.
    pub beacons: Arc<BeaconClient>,
    /// Transactions under way at once.
    pub concurrency: usize,
    /// A round stays this long after its end, so that people and indexers can read it.
    pub linger_seconds: i64,
    /// Priority fee per compute unit, in millionths of a lamport.
    pub compute_unit_price: Option<u64>,
}

impl KeeperConfig {
    /// A keeper of every lottery, with no secrets.
    pub fn new(urls: impl IntoIterator<Item = impl Into<String>>, keypair: Arc<Keypair>) -> Self {
        Self {
            rpc: RpcConfig::new(urls),
            keypair,
            poll_interval: Duration::from_millis(400),
            lotteries: Vec::new(),
            min_reward_lamports: 0,
            reveals: Arc::default(),
            beacons: Arc::default(),
            concurrency: 16,
            linger_seconds: 120,
            compute_unit_price: None,
        }
    }
}

/// Command-line arguments, shared by `lottery-keeper` and `lottery keeper`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeeperArgs {
    /// RPC endpoint; give several for failover
    #[arg(
        long = "rpc-url",
        env = "LOTTERY_RPC_URL",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:8899"
    )]
    pub rpc_urls: Vec<String>,
    /// Key file that pays fees and receives rewards
    #[arg(long, env = "LOTTERY_KEYPAIR", value_name = "FILE")]
    pub keypair: PathBuf,
    /// Milliseconds between two looks at the chain
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(50..=60_000))]
    pub poll_interval_ms: u64,
    /// Serve only this lottery; may be repeated
    #[arg(long = "lottery", value_name = "ID")]
    pub lotteries: Vec<u64>,
    /// Leave lotteries that pay less per step to others
    #[arg(long, default_value_t = 0, value_name = "LAMPORTS")]
    pub min_reward_lamports: u32,
    /// Folder with the operator's hash chain secrets
    #[arg(long, value_name = "DIR")]
    pub reveal_secrets: Option<PathBuf>,
    #[command(flatten)]
    pub secrets_key: SecretsKeyArgs,
    /// Endpoint of drand's HTTP API, for beacon signatures; give several for failover
    #[arg(
        long = "beacon-url",
        env = "LOTTERY_BEACON_URL",
        value_delimiter = ',',
        default_value = "https://api.drand.sh,https://api2.drand.sh,https://drand.cloudflare.com"
    )]
    pub beacon_urls: Vec<String>,
    /// Transactions under way at once
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub concurrency: u16,
    /// Seconds that a finished round stays before it is closed
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32))]
    pub linger_seconds: u32,
    /// Priority fee per compute unit, in micro-lamports
    #[arg(long, value_name = "MICROLAMPORTS")]
    pub compute_unit_price: Option<u64>,
}

impl KeeperArgs {
    /// Reads the key and the secrets.
    pub fn load(self) -> anyhow::Result<KeeperConfig> {
        let keypair = solana_keypair::read_keypair_file(&self.keypair)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("cannot read the key file {}", self.keypair.display()))?;
        let reveals = match &self.reveal_secrets {
            Some(folder) => Reveals::load(folder, &self.secrets_key)?,
            None => Reveals::default(),
        };
        Ok(KeeperConfig {
            poll_interval: Duration::from_millis(self.poll_interval_ms),
            lotteries: self.lotteries,
            min_reward_lamports: self.min_reward_lamports,
            reveals: Arc::new(reveals),
            beacons: Arc::new(BeaconClient::new(self.beacon_urls)),
            concurrency: self.concurrency as usize,
            linger_seconds: self.linger_seconds as i64,
            compute_unit_price: self.compute_unit_price,
            ..KeeperConfig::new(self.rpc_urls, Arc::new(keypair))
        })
    }
}
