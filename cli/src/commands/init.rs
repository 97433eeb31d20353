//! `lottery init`: the registry, vaults and beacons, once per chain. What exists is left as it is.

use anyhow::{Context, bail};
use lottery_client::{Pubkey, Signer};
use lottery_interface::{Kind, Source, address, args::RegistryArgs, instructions};
use serde_json::json;

use super::beacon;
use crate::{
    beacon::LOCAL,
    chain::{Chain, ChainArgs},
    keys, output,
};

/// What a registry allows unless it is told otherwise: a draw's pool has no cap, so nobody may know its value in advance.
pub const ALLOWED: [&str; 4] =
    ["draw:beacon", "keno:commit_reveal", "instant:commit_reveal", "prediction:oracle"];

/// A week for everybody to look at a beacon before anything can be drawn from it.
const BEACON_DELAY_SECONDS: u32 = 604_800;

#[derive(Clone, Debug, clap::Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Owner of the wallets that receive dust, slashed bonds and expired prizes [default: the signer]
    #[arg(long)]
    pub treasury: Option<String>,
    /// No config may unlock a void sooner than this
    #[arg(long, default_value_t = 30)]
    pub min_grace_seconds: u32,
    /// The same in slots
    #[arg(long, default_value_t = 75)]
    pub min_grace_slots: u32,
    /// No prize may expire sooner than this after its round is final
    #[arg(long, default_value_t = 86_400)]
    pub min_claim_seconds: u32,
    /// No config may charge more
    #[arg(long, default_value_t = 1_000)]
    pub fee_cap_bps: u16,
    /// Seconds from adding a beacon until it can be used; never lowered later [default: 0 beside a local chain, else a week]
    #[arg(long)]
    pub beacon_delay_seconds: Option<u32>,
    /// Beacon to add: evmnet or local; may be repeated [default: local beside a local chain, else none]
    #[arg(long = "beacon", value_name = "NAME")]
    pub beacons: Vec<String>,
    /// Switchboard on-demand's program on this cluster; with --switchboard-queue, and never changed once set
    #[arg(long, value_name = "ADDRESS", requires = "switchboard_queue")]
    pub switchboard_program: Option<String>,
    /// Its queue
    #[arg(long, value_name = "ADDRESS", requires = "switchboard_program")]
    pub switchboard_queue: Option<String>,
    /// Pair that configs may use, for example draw:beacon; may be repeated
    #[arg(long = "allow", default_values = ALLOWED, value_name = "KIND:SOURCE")]
    pub allowed: Vec<String>,
    /// Mint to open a vault for: sol, usdc, token_2022 or an address; may be repeated
    #[arg(long = "vault", default_value = "sol", value_name = "MINT")]
    pub vaults: Vec<String>,
}

/// Bits of `Registry::allowed_sources` for pairs like `draw:commit_reveal`.
pub fn allowed_sources<S: AsRef<str>>(pairs: &[S]) -> anyhow::Result<[u8; 8]> {
    let mut allowed = [0; 8];
    for pair in pairs {
        let pair = pair.as_ref();
        let parsed = pair.split_once(':').and_then(|(kind, source)| {
            Some((Kind::from_name(kind)? as usize, Source::from_name(source)? as u8))
        });
        let Some((kind, source)) = parsed else {
            bail!("--allow {pair:?}: write KIND:SOURCE, for example draw:beacon");
        };
        allowed[kind] |= 1 << source;
    }
    Ok(allowed)
}

/// Creates the registry unless there is one. True: it was created.
pub async fn create_registry(
    chain: &Chain,
    args: &RegistryArgs,
    authority: &lottery_client::Keypair,
) -> anyhow::Result<bool> {
    if chain.rpc.registry().await?.is_some() {
        return Ok(false);
    }
    let create = instructions::init_registry(authority.pubkey(), args);
    chain.send("the registry was not created", &[create], &[authority]).await?;
    Ok(true)
}

/// Opens the vault of a mint unless there is one. True: it was opened.
pub async fn open_vault(
    chain: &Chain,
    mint: &crate::chain::Mint,
    payer: &lottery_client::Keypair,
) -> anyhow::Result<bool> {
    if chain.vault(&mint.address).await?.is_some() {
        return Ok(false);
    }
    let open = instructions::open_vault(payer.pubkey(), mint.address, mint.token_program);
    chain.send(&format!("the vault of {} was not opened", mint.symbol), &[open], &[payer]).await?;
    Ok(true)
}

/// The zero address when it is not given.
fn optional_address(name: &str, text: &Option<String>) -> anyhow::Result<[u8; 32]> {
    text.as_ref().map_or(Ok([0; 32]), |text| Ok(keys::parse_address(name, text)?.to_bytes()))
}

pub async fn run(args: InitArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let treasury = match &args.treasury {
        Some(text) => keys::parse_address("--treasury", text)?,
        None => signer.pubkey(),
    };
    let is_local = chain.local_beacon().is_some();
    let default_delay = if is_local { 0 } else { BEACON_DELAY_SECONDS };
    let registry_args = RegistryArgs {
        treasury: treasury.to_bytes(),
        switchboard_program: optional_address("--switchboard-program", &args.switchboard_program)?,
        switchboard_queue: optional_address("--switchboard-queue", &args.switchboard_queue)?,
        min_grace_seconds: args.min_grace_seconds,
        min_grace_slots: args.min_grace_slots,
        min_claim_seconds: args.min_claim_seconds,
        beacon_delay_seconds: args.beacon_delay_seconds.unwrap_or(default_delay),
        fee_cap_bps: args.fee_cap_bps,
        paused: 0,
        reserved: 0,
        allowed_sources: allowed_sources(&args.allowed)?,
    };
    let created = create_registry(&chain, &registry_args, &signer).await?;
    let (mut lines, mut vaults) = (String::new(), Vec::new());
    let registry = address::registry().0;
    lines += &format!("registry {registry} {}\n", if created { "created" } else { "exists" });
    for name in &args.vaults {
        let mint = chain.mint(name).await.with_context(|| format!("--vault {name}"))?;
        let opened = open_vault(&chain, &mint, &signer).await?;
        let vault: Pubkey = address::vault(&mint.address).0;
        lines += &format!("vault of {} {vault} {}\n", mint.symbol, if opened { "opened" } else { "exists" });
        vaults.push(json!({"mint": mint.address.to_string(), "vault": vault.to_string(), "opened": opened}));
    }
    let mut names = args.beacons.clone();
    if names.is_empty() && created && is_local {
        names.push(LOCAL.into());
    }
    let mut beacons = Vec::new();
    for name in &names {
        let added = beacon::add_named(&chain, name, &signer).await?;
        lines += &format!("beacon {name} {}\n", if added { "added" } else { "exists" });
        beacons.push(json!({"name": name, "added": added}));
    }
    let value = json!({
        "registry": registry.to_string(),
        "created": created,
        "vaults": vaults,
        "beacons": beacons,
    });
    output::print(chain.json, &value, &lines);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lottery_interface::accounts::Registry;

    #[test]
    fn pairs_become_bits() {
        let allowed = allowed_sources(&["draw:commit_reveal", "draw:beacon"]).unwrap();
        assert!(Registry::allows(&allowed, Kind::Draw as u8, Source::CommitReveal as u8));
        assert!(Registry::allows(&allowed, Kind::Draw as u8, Source::Beacon as u8));
        assert!(!Registry::allows(&allowed, Kind::Keno as u8, Source::CommitReveal as u8));
        for wrong in ["draw", "draw:", "dice:beacon", "draw:dice"] {
            assert!(allowed_sources(&[wrong]).is_err(), "{wrong} was taken");
        }
    }
}
