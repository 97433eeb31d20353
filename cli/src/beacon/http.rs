//! A chain's parameters and its latest round, by drand's HTTP API.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use super::{DrandChain, SCHEME, SignedRound, fixed};

const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Info {
    public_key: String,
    period: u32,
    genesis_time: i64,
    hash: String,
    #[serde(rename = "groupHash", alias = "genesis_seed")]
    genesis_seed: String,
    #[serde(rename = "schemeID", alias = "scheme")]
    scheme: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "beaconID")]
    beacon_id: String,
}

#[derive(Deserialize)]
struct Signed {
    round: u64,
    signature: String,
}

/// Asks an endpoint: `https://api.drand.sh/<chain hash>`, with or without `/info` at its end. What it answers is checked
/// whole: see [`DrandChain::check`].
pub async fn fetch(url: &str) -> anyhow::Result<DrandChain> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        bail!("--info-url {url:?} is not an address: it starts with http:// or https://");
    }
    let base = url.trim_end_matches('/');
    let base = base.strip_suffix("/info").unwrap_or(base);
    let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
    let info: Info = get(&http, &format!("{base}/info")).await?;
    ensure!(
        info.scheme == SCHEME,
        "this chain signs by {}; the program verifies {SCHEME} only, as drand's evmnet does",
        info.scheme
    );
    let signed: Signed = get(&http, &format!("{base}/public/latest")).await?;
    let chain = DrandChain {
        name: info.metadata.map_or_else(|| "default".into(), |metadata| metadata.beacon_id),
        chain_hash: fixed("hash", &info.hash)?,
        public_key: fixed("public_key", &info.public_key)?,
        genesis_at: info.genesis_time,
        period_seconds: info.period,
        genesis_seed: hex::decode(&info.genesis_seed).context("groupHash is not hex")?,
        signed: SignedRound { round: signed.round, signature: fixed("signature", &signed.signature)? },
    };
    chain.check()?;
    Ok(chain)
}

async fn get<T: DeserializeOwned>(http: &reqwest::Client, url: &str) -> anyhow::Result<T> {
    let answer = http.get(url).send().await.with_context(|| format!("no beacon answers at {url}"))?;
    let status = answer.status();
    ensure!(status.is_success(), "{url} answers {status}");
    let text = answer.text().await.with_context(|| format!("{url} was cut off"))?;
    serde_json::from_str(&text).with_context(|| format!("{url} does not answer as drand does"))
}
