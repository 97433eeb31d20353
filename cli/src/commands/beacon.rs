//! `lottery beacon`: public randomness chains in the registry, and the program's verification of their signatures.

use anyhow::{Context, bail};
use lottery_client::{Fetched, Keypair, Pubkey, Signer};
use lottery_interface::{accounts::Beacon, instructions};
use lottery_rules::beacon::Schedule;
use serde_json::{Value, json};

use super::source::{duration, title};
use crate::{
    beacon::{self, DrandChain, EVMNET, LOCAL, SignedRound, Verifier},
    chain::{Chain, ChainArgs},
    output,
};

#[derive(Clone, Debug, clap::Args)]
pub struct BeaconCommand {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// Add a chain to the registry; its authority signs
    Add {
        #[command(flatten)]
        chain: ChainArgs,
        #[command(flatten)]
        which: Which,
    },
    /// The registry's chains, and from when they can be used
    Show {
        #[command(flatten)]
        chain: ChainArgs,
        /// evmnet, local or a chain's hash [default: all]
        name: Option<String>,
    },
    /// Take a chain back whose delay is not over; the authority signs
    Remove {
        #[command(flatten)]
        chain: ChainArgs,
        /// evmnet, local or a chain's hash
        name: String,
    },
    /// Verify a signature by the compiled program, in this process; nothing is sent anywhere
    Verify {
        /// The chain's round
        round: u64,
        /// 64 bytes in hex: a point of G1, x and y
        signature: String,
        /// evmnet, or local: the beacon beside the local chain
        #[arg(long = "chain", default_value = EVMNET, value_name = "NAME")]
        name: String,
        /// Another chain, by an endpoint of drand's HTTP API
        #[arg(long, value_name = "URL", conflicts_with = "name")]
        info_url: Option<String>,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
}

/// A chain whose parameters are known, or can be asked for.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// evmnet, or local: the beacon beside the local chain
    pub name: Option<String>,
    /// Endpoint of drand's HTTP API, as https://api.drand.sh/<chain hash>
    #[arg(long, value_name = "URL")]
    pub info_url: Option<String>,
}

/// The parameters of a chain, with one signed round. `local_url`: the beacon beside the local chain.
pub async fn drand_chain(name: &str, local_url: Option<&str>) -> anyhow::Result<DrandChain> {
    match name {
        EVMNET => DrandChain::evmnet(),
        LOCAL => {
            let url =
                local_url.context("beacon \"local\" is the one beside a local chain, and none runs here")?;
            beacon::fetch(url).await
        }
        other => bail!(
            "the parameters of {other:?} are not shipped: give --info-url https://api.drand.sh/<chain hash> instead of a name"
        ),
    }
}

/// Adds a chain unless the registry has it. True: it was added.
pub async fn add(chain: &Chain, drand: &DrandChain, authority: &Keypair) -> anyhow::Result<bool> {
    if chain.beacon(&drand.chain_hash).await?.is_some() {
        return Ok(false);
    }
    drand.check()?;
    let add = instructions::add_beacon(authority.pubkey(), &drand.args(), &drand.signed.proof());
    chain.send(&format!("beacon {} was not added", drand.name), &[add], &[authority]).await?;
    Ok(true)
}

/// As [`add`], by name.
pub async fn add_named(chain: &Chain, name: &str, authority: &Keypair) -> anyhow::Result<bool> {
    let local_url = chain.local_beacon().map(|info| info.url.as_str());
    add(chain, &drand_chain(name, local_url).await?, authority).await
}

pub async fn run(args: BeaconCommand) -> anyhow::Result<()> {
    match args.what {
        What::Add { chain, which } => run_add(chain.connect()?, which).await,
        What::Show { chain, name } => show(chain.connect()?, name.as_deref()).await,
        What::Remove { chain, name } => remove(chain.connect()?, &name).await,
        What::Verify { round, signature, name, info_url, json } => {
            verify(round, &signature, &name, info_url.as_deref(), json).await
        }
    }
}

async fn run_add(chain: Chain, which: Which) -> anyhow::Result<()> {
    let authority = chain.keypair()?;
    chain.registry().await?;
    let drand = match (&which.name, &which.info_url) {
        (Some(name), _) => drand_chain(name, chain.local_beacon().map(|info| info.url.as_str())).await?,
        (None, Some(url)) => beacon::fetch(url).await?,
        (None, None) => bail!("which beacon? give a name, or --info-url URL"),
    };
    let added = add(&chain, &drand, &authority).await?;
    let found = chain.beacon(&drand.chain_hash).await?.context("the beacon is not there")?;
    let now = chain.rpc.clock().await?.unix_timestamp;
    let mut value = json_of(&chain, &found, now);
    value["added"] = added.into();
    let lines = if added { "added\n" } else { "it was there already\n" };
    output::print(chain.json, &value, &(lines.to_string() + &lines_of(&chain, &found, now)));
    Ok(())
}

async fn show(chain: Chain, name: Option<&str>) -> anyhow::Result<()> {
    let mut beacons = match name {
        None => chain.rpc.program_accounts::<Beacon>(&[], None).await?,
        Some(name) => vec![require(&chain, name).await?],
    };
    beacons.sort_by_key(|beacon| beacon.usable_at);
    let now = chain.rpc.clock().await?.unix_timestamp;
    let mut lines: String = beacons.iter().map(|beacon| lines_of(&chain, beacon, now)).collect();
    if beacons.is_empty() {
        lines = "the registry has no beacon: its authority runs `lottery beacon add evmnet`".into();
    }
    let values: Vec<_> = beacons.iter().map(|beacon| json_of(&chain, beacon, now)).collect();
    output::print(chain.json, &json!(values), &lines);
    Ok(())
}

async fn remove(chain: Chain, name: &str) -> anyhow::Result<()> {
    let authority = chain.keypair()?;
    let found = require(&chain, name).await?;
    let rent_payer = Pubkey::from(found.rent_payer);
    let remove = instructions::remove_beacon(authority.pubkey(), found.address, rent_payer);
    let signature = chain.send(&format!("beacon {name} was not removed"), &[remove], &[&authority]).await?;
    let hash = hex::encode(found.chain_hash);
    let value = json!({"chain_hash": hash, "signature": signature.to_string()});
    output::print(
        chain.json,
        &value,
        &format!("beacon {name} was taken back; its rent went to {rent_payer}"),
    );
    Ok(())
}

async fn require(chain: &Chain, name: &str) -> anyhow::Result<Fetched<Beacon>> {
    let hash = beacon::hash_of(name, chain.local_beacon_hash())?;
    let found = chain.beacon(&hash).await?;
    found.with_context(|| format!("the registry has no beacon {name}; `lottery beacon show` lists them"))
}

async fn verify(
    round: u64,
    signature: &str,
    name: &str,
    info_url: Option<&str>,
    json: bool,
) -> anyhow::Result<()> {
    let signature = beacon::fixed("SIGNATURE_HEX", signature)?;
    let drand = match info_url {
        Some(url) => beacon::fetch(url).await?,
        None => {
            let local = crate::chain::local_info().map(|info| info.beacon.url);
            drand_chain(name, local.as_deref()).await?
        }
    };
    let verified = Verifier::new(drand.clone())?.verify(&SignedRound { round, signature })?;
    let randomness = hex::encode(verified.randomness);
    let value = json!({
        "chain": drand.name,
        "chain_hash": hex::encode(drand.chain_hash),
        "round": round.to_string(),
        "randomness": randomness,
        "compute_units": verified.compute_units,
    });
    output::print(json, &value, &randomness);
    Ok(())
}

fn schedule(beacon: &Beacon) -> Schedule {
    Schedule { genesis_at: beacon.genesis_at, period_seconds: beacon.period_seconds }
}

fn lines_of(chain: &Chain, beacon: &Fetched<Beacon>, now: i64) -> String {
    let usable = match beacon.usable_at - now {
        ..=0 => "usable".to_string(),
        left => format!("usable in {}", duration(left)),
    };
    let hash = hex::encode(beacon.chain_hash);
    format!(
        "{}  {usable}\n      chain {hash}\n      account {}\n      round 1 at {}, one every {} s\n",
        title(chain, &beacon.chain_hash),
        beacon.address,
        beacon.genesis_at,
        beacon.period_seconds,
    )
}

fn json_of(chain: &Chain, beacon: &Fetched<Beacon>, now: i64) -> Value {
    json!({
        "name": beacon::name_of(&beacon.chain_hash, chain.local_beacon_hash()),
        "address": beacon.address.to_string(),
        "chain_hash": hex::encode(beacon.chain_hash),
        "public_key": hex::encode(beacon.public_key),
        "genesis_at": beacon.genesis_at,
        "period_seconds": beacon.period_seconds,
        "usable_at": beacon.usable_at,
        "usable": beacon.usable_at <= now,
        "next_round": schedule(beacon).first_round_from(now).map(|round| round.to_string()),
    })
}
