//! The TOML file of a reporter: examples/oracle.toml has every line explained.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use lottery_client::{Keypair, RpcConfig};
use lottery_rules::prediction::MAX_FACTS;
use reqwest::Url;
use serde::{Deserialize, Serialize};

pub use crate::source::Source;

/// Sources of one lottery, of which ...
pub const SOURCES: usize = 3;
/// ... so many must say the same.
pub const NEEDED: usize = 2;

/// Everything a reporter is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OracleConfig {
    /// RPC endpoints, used in this order.
    pub rpc_urls: Vec<String>,
    /// Key file of the reporter: it signs and pays fees. Relative to the TOML file.
    pub keypair: PathBuf,
    /// Where evidence is kept. Relative to the TOML file.
    pub evidence_dir: PathBuf,
    /// Pause between two looks at the chain.
    #[serde(default = "defaults::poll_interval_ms")]
    pub poll_interval_ms: u64,
    /// Of one request to a source, from the first byte sent to the last received.
    #[serde(default = "defaults::timeout_ms")]
    pub timeout_ms: u64,
    /// The longest answer that is read.
    #[serde(default = "defaults::max_body_bytes")]
    pub max_body_bytes: usize,
    /// Pause after the first attempt at a round that failed; it doubles with each ...
    #[serde(default = "defaults::retry_first_ms")]
    pub retry_first_ms: u64,
    /// ... up to this.
    #[serde(default = "defaults::retry_longest_ms")]
    pub retry_longest_ms: u64,
    /// Priority fee per compute unit, in millionths of a lamport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_unit_price: Option<u64>,
    /// Alerts are posted here as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
    /// The lotteries to serve.
    #[serde(rename = "lottery")]
    pub lotteries: Vec<Lottery>,
}

mod defaults {
    pub fn poll_interval_ms() -> u64 {
        2_000
    }
    pub fn timeout_ms() -> u64 {
        10_000
    }
    pub fn max_body_bytes() -> usize {
        1 << 20
    }
    pub fn retry_first_ms() -> u64 {
        2_000
    }
    pub fn retry_longest_ms() -> u64 {
        300_000
    }
}

/// A lottery, and where its facts come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lottery {
    pub id: u64,
    /// Names of the facts, in the order in which the market wants them.
    pub facts: Vec<String>,
    /// Exactly three.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

impl Lottery {
    /// What the types alone do not say.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            (1..=MAX_FACTS).contains(&self.facts.len()),
            "{} facts are named, and a market has 1 to {MAX_FACTS}",
            self.facts.len()
        );
        let names: BTreeSet<&String> = self.facts.iter().collect();
        ensure!(names.len() == self.facts.len(), "a fact is named twice");
        ensure!(
            self.sources.len() == SOURCES,
            "{} sources are given: give {SOURCES}, of which {NEEDED} must agree",
            self.sources.len()
        );
        for source in &self.sources {
            source.check(&self.facts).with_context(|| format!("source \"{}\"", source.name))?;
        }
        // One place asked twice would agree with itself.
        let places: BTreeSet<(&String, &Option<String>)> =
            self.sources.iter().map(|source| (&source.url, &source.post)).collect();
        let names: BTreeSet<&String> = self.sources.iter().map(|source| &source.name).collect();
        ensure!(places.len() == SOURCES, "two sources have the same url: one source alone could then decide");
        ensure!(names.len() == SOURCES, "two sources have the same name");
        Ok(())
    }
}

impl OracleConfig {
    /// Reads a TOML file. Paths in it are relative to its folder.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("oracle file {}", path.display());
        let text = fs::read_to_string(path).with_context(what)?;
        let mut config: Self = toml::from_str(&text).with_context(what)?;
        config.check().with_context(what)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.keypair = folder.join(&config.keypair);
        config.evidence_dir = folder.join(&config.evidence_dir);
        Ok(config)
    }

    /// What the types alone do not say.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.rpc_urls.is_empty(), "rpc_urls is empty");
        ensure!(!self.lotteries.is_empty(), "no [[lottery]] is given");
        ensure!((50..=600_000).contains(&self.poll_interval_ms), "poll_interval_ms is 50 to 600000");
        ensure!((100..=120_000).contains(&self.timeout_ms), "timeout_ms is 100 to 120000");
        ensure!((1_024..=64 << 20).contains(&self.max_body_bytes), "max_body_bytes is 1024 to 67108864");
        ensure!(
            (50..=self.retry_longest_ms).contains(&self.retry_first_ms),
            "retry_first_ms is at least 50 and at most retry_longest_ms"
        );
        if let Some(url) = &self.webhook_url {
            let url = Url::parse(url).with_context(|| format!("webhook_url \"{url}\""))?;
            ensure!(matches!(url.scheme(), "https" | "http"), "webhook_url is no http or https address");
        }
        let mut ids = BTreeSet::new();
        for lottery in &self.lotteries {
            lottery.check().with_context(|| format!("lottery {}", lottery.id))?;
            ensure!(ids.insert(lottery.id), "lottery {} is given twice", lottery.id);
        }
        Ok(())
    }

    pub fn rpc(&self) -> RpcConfig {
        RpcConfig::new(self.rpc_urls.iter().cloned())
    }

    pub fn poll_interval(&self) -> Duration {
        Duration::from_millis(self.poll_interval_ms)
    }

    /// The reporter's key, from a file that nobody else may read.
    pub fn read_keypair(&self) -> anyhow::Result<Keypair> {
        let what = || format!("key file {}", self.keypair.display());
        let mode = fs::metadata(&self.keypair).with_context(what)?.permissions().mode();
        ensure!(
            mode & 0o077 == 0,
            "{} can be read by others: `chmod 600` it, and consider the key known",
            what()
        );
        solana_keypair::read_keypair_file(&self.keypair)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(what)
    }
}
