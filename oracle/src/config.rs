//! The TOML file of a reporter: examples/oracle.toml has every line explained.

use std::{
    collections::{BTreeMap, BTreeSet},
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

use crate::format::{Event, Format, Game, Pointers, ReadError, UtcOffset, date};

/// Sources of one lottery, of which ...
pub const SOURCES: usize = 3;
/// ... so many must say the same.
pub const NEEDED: usize = 2;

/// Decimal places that a fact may be scaled by.
const MAX_SCALE: u8 = 18;

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

/// One place where results are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SourceTable", into = "SourceTable")]
pub struct Source {
    pub name: String,
    /// `{date}` stands for the event's day in the source's offset, `{event_at}` for its unix seconds.
    pub url: String,
    /// Sent by POST as JSON; without it, the request is a GET.
    pub post: Option<String>,
    pub utc_offset: UtcOffset,
    pub format: Format,
}

/// A source as it is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    url: String,
    format: String,
    #[serde(default)]
    utc_offset: UtcOffset,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<Event>,
}

impl TryFrom<SourceTable> for Source {
    type Error = String;

    fn try_from(table: SourceTable) -> Result<Self, String> {
        let name = &table.name;
        let published = |game| match (&table.numbers, &table.event, table.scale) {
            (None, None, None) => Ok(Format::Published(game)),
            _ => Err(format!("source \"{name}\": numbers, event and scale are of format \"json\" alone")),
        };
        let format = match table.format.as_str() {
            "powerball" => published(Game::Powerball)?,
            "mega_millions" => published(Game::MegaMillions)?,
            "json" => {
                let numbers = table.numbers.ok_or_else(|| {
                    format!("source \"{name}\": format \"json\" needs numbers = {{ name = \"/pointer\" }}")
                })?;
                let scale = table.scale.unwrap_or(0);
                if scale > MAX_SCALE {
                    return Err(format!("source \"{name}\": scale is at most {MAX_SCALE}"));
                }
                let pointers = numbers.values().chain(table.event.as_ref().map(|event| &event.pointer));
                for pointer in pointers {
                    if !pointer.is_empty() && !pointer.starts_with('/') {
                        return Err(format!(
                            "source \"{name}\": the pointer \"{pointer}\" does not begin with /"
                        ));
                    }
                }
                Format::Json(Pointers { numbers, scale, event: table.event })
            }
            other => {
                return Err(format!(
                    "source \"{name}\": the format \"{other}\" is none of powerball, mega_millions, json"
                ));
            }
        };
        Ok(Self { name: table.name, url: table.url, post: table.post, utc_offset: table.utc_offset, format })
    }
}

impl From<Source> for SourceTable {
    fn from(source: Source) -> Self {
        let table = Self {
            name: source.name,
            url: source.url,
            utc_offset: source.utc_offset,
            post: source.post,
            ..Self::default()
        };
        match source.format {
            Format::Published(Game::Powerball) => Self { format: "powerball".into(), ..table },
            Format::Published(Game::MegaMillions) => Self { format: "mega_millions".into(), ..table },
            Format::Json(pointers) => Self {
                format: "json".into(),
                scale: Some(pointers.scale),
                numbers: Some(pointers.numbers),
                event: pointers.event,
                ..table
            },
        }
    }
}

impl Source {
    /// The address to fetch for an event.
    pub fn url_for(&self, event_at: i64) -> Result<Url, ReadError> {
        let day = date(event_at, self.utc_offset)?.to_string();
        let text = self.url.replace("{date}", &day).replace("{event_at}", &event_at.to_string());
        Url::parse(&text).map_err(|error| ReadError::Invalid(format!("the url \"{text}\": {error}")))
    }

    /// The facts of an answer.
    pub fn read(&self, body: &[u8], names: &[String], event_at: i64) -> Result<Vec<i64>, ReadError> {
        self.format.read(body, names, event_at, self.utc_offset)
    }

    fn check(&self, facts: &[String]) -> anyhow::Result<()> {
        let url = self.url_for(0)?;
        ensure!(
            matches!(url.scheme(), "https" | "http") && url.host().is_some(),
            "\"{}\" is no http or https address",
            self.url
        );
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "the url holds a password: urls are part of the evidence, which is for publishing"
        );
        if let Format::Json(Pointers { event, .. }) = &self.format {
            let names_event = self.url.contains("{date}") || self.url.contains("{event_at}");
            ensure!(
                event.is_some() || names_event,
                "nothing says which event the document is about: give event = {{ pointer, form }}, or put {{date}} or \
                 {{event_at}} into the url"
            );
            if let Some(event) = event {
                event.form.expected(0, self.utc_offset)?;
            }
        }
        for name in facts {
            ensure!(self.format.has(name), "its format has no fact \"{name}\"");
        }
        Ok(())
    }
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
