//! The `lottery-localnet` command: arguments, keypairs, the file that tells others where the
//! chain is, and the wait for a signal.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use solana_keypair::{Keypair, read_keypair_file, write_keypair_file};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    BeaconInfo, DEFAULT_SLOT_MS, LocalBeacon, Localnet, LocalnetConfig, MINT_DECIMALS, PROGRAM_ID,
    program_artifact,
};

/// Players that the printed lines name; the file names all.
const LISTED: usize = 5;
const LAMPORTS_PER_SOL: u64 = 1_000_000_000;
const TOKEN_UNITS: u64 = 10u64.pow(MINT_DECIMALS as u32);

/// What to start.
#[derive(Clone, Debug, clap::Args)]
pub struct LocalnetArgs {
    /// Address that the program runs at
    #[arg(long, default_value_t = PROGRAM_ID)]
    pub program_id: Pubkey,
    /// Binary of the program [default: artifacts/lottery_v4.so]
    #[arg(long, env = "LOTTERY_PROGRAM_SO")]
    pub program_so: Option<PathBuf>,
    /// RPC port; 0 takes a free one
    #[arg(long, default_value_t = 8899)]
    pub rpc_port: u16,
    /// WebSocket port [default: the one after the RPC port]
    #[arg(long)]
    pub ws_port: Option<u16>,
    /// Port of the beacon; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub beacon_port: u16,
    /// Seconds between two values of the beacon
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub beacon_period_seconds: u32,
    /// Milliseconds between blocks
    #[arg(long, default_value_t = DEFAULT_SLOT_MS)]
    pub slot_ms: u64,
    /// Players to make keypairs for, in <out>/players
    #[arg(long, default_value_t = 3)]
    pub players: usize,
    /// Keypair files to fund like players; may be repeated
    #[arg(long)]
    pub keypair: Vec<PathBuf>,
    /// Addresses to fund like players; may be repeated
    #[arg(long)]
    pub fund: Vec<Pubkey>,
    /// Whole SOL for each player
    #[arg(long, default_value_t = 1_000)]
    pub sol: u64,
    /// Whole tokens of each mint for each player
    #[arg(long, default_value_t = 1_000_000)]
    pub tokens: u64,
    /// Folder for localnet.json and the keypairs; those that exist are used again
    #[arg(long, default_value = ".run/localnet")]
    pub out: PathBuf,
    /// Print JSON instead of lines
    #[arg(long)]
    pub json: bool,
}

/// What `localnet.json` says: where a running chain is, and what it holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LocalnetInfo {
    pub rpc_url: String,
    pub ws_url: String,
    pub program_id: String,
    pub usdc_mint: String,
    pub token_2022_mint: String,
    /// Keypair file that may mint both tokens.
    pub mint_authority: PathBuf,
    /// Keypair files of the players.
    pub players: Vec<PathBuf>,
    pub slot_ms: u64,
    /// The beacon that runs beside the chain.
    pub beacon: BeaconInfo,
    /// Process that runs the chain, and the beacon.
    pub pid: u32,
}

impl LocalnetInfo {
    /// Reads `localnet.json` in `folder`, which exists while a chain runs.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = Self::path(folder);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("no localnet runs: {} is missing", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not valid", path.display()))
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join("localnet.json")
    }

    /// Writes the file whole or not at all: others wait for it to appear.
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let (path, partial) = (Self::path(folder), folder.join("localnet.json.partial"));
        std::fs::write(&partial, serde_json::to_string_pretty(self)?)?;
        Ok(std::fs::rename(partial, path)?)
    }

    fn lines(&self) -> String {
        let mut lines = format!(
            "RPC              {}\nWebSocket        {}\nprogram          {}\n\
             beacon           {}\nUSDC mint        {}\nToken-2022 mint  {}\nmint authority   {}\n",
            self.rpc_url,
            self.ws_url,
            self.program_id,
            self.beacon.url,
            self.usdc_mint,
            self.token_2022_mint,
            self.mint_authority.display(),
        );
        for player in self.players.iter().take(LISTED) {
            lines.push_str(&format!("player           {}\n", player.display()));
        }
        if self.players.len() > LISTED {
            lines.push_str(&format!("                 and {} more\n", self.players.len() - LISTED));
        }
        lines + "Ctrl-C ends the chain."
    }
}

/// Starts a chain, says where it is, and runs it until Ctrl-C or SIGTERM.
pub async fn run(args: LocalnetArgs) -> anyhow::Result<()> {
    // Before the chain: a signal while it starts must not be lost.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    // The beacon lives as long as this function.
    let (localnet, _beacon, info) = start(&args).await?;
    info.write(&args.out)?;
    if args.json {
        println!("{}", serde_json::to_string(&info)?);
    } else {
        println!("{}", info.lines());
    }

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // First the file, so that nobody finds a chain that is going away.
    let _ = std::fs::remove_file(LocalnetInfo::path(&args.out));
    localnet.stop().await
}

async fn start(args: &LocalnetArgs) -> anyhow::Result<(Localnet, LocalBeacon, LocalnetInfo)> {
    let players_folder = args.out.join("players");
    std::fs::create_dir_all(&players_folder)
        .with_context(|| format!("cannot make {}", players_folder.display()))?;
    let mint_authority = args.out.join("mint-authority.json");
    let mint_authority_key = load_or_make_keypair(&mint_authority)?.pubkey();

    let mut players: Vec<_> =
        (0..args.players).map(|n| players_folder.join(format!("{n:03}.json"))).collect();
    let mut addresses = args.fund.clone();
    for path in &players {
        addresses.push(load_or_make_keypair(path)?.pubkey());
    }
    for path in &args.keypair {
        addresses.push(read_keypair(path)?.pubkey());
    }
    players.extend_from_slice(&args.keypair);

    let lamports = args.sol.checked_mul(LAMPORTS_PER_SOL).context("--sol is too large")?;
    let units = args.tokens.checked_mul(TOKEN_UNITS).context("--tokens is too large")?;
    let funded = addresses.iter().chain([&mint_authority_key]).map(|key| (*key, lamports));
    let localnet = Localnet::start(LocalnetConfig {
        program_id: args.program_id,
        program_so: Some(args.program_so.clone().unwrap_or_else(program_artifact)),
        upgrade_authority: Some(mint_authority_key),
        rpc_port: (args.rpc_port != 0).then_some(args.rpc_port),
        ws_port: args.ws_port,
        slot_ms: args.slot_ms,
        funded: funded.collect(),
        mint_authority: Some(mint_authority_key),
    })
    .await?;
    let tokens: Vec<_> = addresses.iter().map(|owner| (*owner, units)).collect();
    for mint in [localnet.usdc_mint, localnet.token_2022_mint] {
        localnet.fund_tokens(mint, &tokens).await?;
    }

    // A key of its own for each chain: nothing outlives it.
    let secret = *Keypair::new().secret_bytes();
    let beacon = LocalBeacon::start(secret, args.beacon_period_seconds, args.beacon_port).await?;

    let info = LocalnetInfo {
        beacon: beacon.info.clone(),
        rpc_url: localnet.rpc_url.clone(),
        ws_url: localnet.ws_url.clone(),
        program_id: localnet.program_id.to_string(),
        usdc_mint: localnet.usdc_mint.to_string(),
        token_2022_mint: localnet.token_2022_mint.to_string(),
        mint_authority,
        players,
        slot_ms: args.slot_ms,
        pid: std::process::id(),
    };
    Ok((localnet, beacon, info))
}

fn read_keypair(path: &Path) -> anyhow::Result<Keypair> {
    read_keypair_file(path).map_err(|error| anyhow!("no keypair in {}: {error}", path.display()))
}

fn load_or_make_keypair(path: &Path) -> anyhow::Result<Keypair> {
    if path.exists() {
        return read_keypair(path);
    }
    let keypair = Keypair::new();
    write_keypair_file(&keypair, path)
        .map_err(|error| anyhow!("cannot write {}: {error}", path.display()))?;
    Ok(keypair)
}
