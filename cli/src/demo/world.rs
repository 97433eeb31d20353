//! What a run starts from: a registry, vaults, lotteries from TOML, and players with money in their wallets.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use lottery_client::{Batch, Keypair, SendOptions, Signer};
use lottery_interface::args::RegistryArgs;
use lottery_localnet::LocalnetInfo;

use crate::{
    chain::{Chain, Mint},
    commands::{
        create::{self, Created},
        init,
    },
    keys,
    lottery_file::LotteryFile,
    output,
};

/// The six lotteries of the demo.
pub const LOTTERIES: [&str; 6] = [
    include_str!("../../../examples/demo/classic-6-49.toml"),
    include_str!("../../../examples/demo/power-5-69-1-26.toml"),
    include_str!("../../../examples/demo/five-of-35.toml"),
    include_str!("../../../examples/demo/three-of-10.toml"),
    include_str!("../../../examples/demo/progressive-6-42.toml"),
    include_str!("../../../examples/demo/fast-3-10.toml"),
];

/// What each player pays in at the start, in whole SOL and whole tokens.
const DEPOSIT_SOL: u64 = 20;
const DEPOSIT_TOKENS: u64 = 2_000;

/// Purchases under way at once while players are set up: the chain works on six at a time.
const AT_ONCE: usize = 12;

pub struct Player {
    pub keypair: Keypair,
}

pub struct World {
    pub chain: Chain,
    pub operator: Keypair,
    pub lotteries: Vec<Created>,
    pub players: Vec<Arc<Player>>,
    pub mints: Vec<Mint>,
}

/// Grace and claim periods short enough to watch; production registries set days.
fn registry_args(operator: &Keypair) -> RegistryArgs {
    RegistryArgs {
        treasury: operator.pubkey().to_bytes(),
        min_grace_seconds: 4,
        min_grace_slots: 10,
        min_claim_seconds: 600,
        fee_cap_bps: 1_000,
        paused: 0,
        reserved: 0,
        allowed_sources: init::allowed_sources(&["draw:commit_reveal".to_string()]).expect("a known pair"),
    }
}

impl World {
    /// Registry and vaults, no lottery and no player yet.
    pub async fn new(info: LocalnetInfo, operator: &Path) -> anyhow::Result<Self> {
        let operator = keys::read(operator)?;
        let chain = Chain::at(&info.rpc_url.clone(), Some(info));
        init::create_registry(&chain, &registry_args(&operator), &operator).await?;
        let mut mints = Vec::new();
        for name in ["sol", "usdc", "token_2022"] {
            let mint = chain.mint(name).await?;
            init::open_vault(&chain, &mint, &operator).await?;
            mints.push(mint);
        }
        Ok(Self { chain, operator, lotteries: Vec::new(), players: Vec::new(), mints })
    }

    /// Creates a lottery from TOML. `change` may adapt it first.
    pub async fn create(
        &mut self,
        text: &str,
        secrets: &Path,
        change: impl FnOnce(&mut LotteryFile),
    ) -> anyhow::Result<Created> {
        let mut file = LotteryFile::parse(text)?;
        change(&mut file);
        let created = create::create(&self.chain, &file, &self.operator, secrets, false).await?;
        self.lotteries.push(created.clone());
        Ok(created)
    }

    /// Opens the wallets of `count` players and pays into them.
    pub async fn seat_players(&mut self, info: &LocalnetInfo, count: usize) -> anyhow::Result<()> {
        let paths = info.players.get(..count).context("the chain has fewer players")?;
        for path in paths {
            self.players.push(Arc::new(Player { keypair: keys::read(path)? }));
        }
        let amounts: Vec<(Mint, u64)> = self
            .mints
            .iter()
            .map(|mint| {
                let whole = if mint.is_native() { DEPOSIT_SOL } else { DEPOSIT_TOKENS };
                (mint.clone(), whole * 10u64.pow(mint.decimals.into()))
            })
            .collect();
        let bar = output::progress(self.chain.json, count as u64, "seating players");
        for players in self.players.chunks(AT_ONCE * 4) {
            let batches = players.iter().map(|player| {
                let owner = player.keypair.pubkey();
                let steps = amounts.iter().flat_map(|(mint, units)| mint.deposit(&owner, false, *units));
                Batch {
                    instructions: steps.collect(),
                    signers: vec![&player.keypair],
                    options: SendOptions { skip_preflight: true, ..SendOptions::default() },
                }
            });
            for sent in self.chain.rpc.send_all(batches.collect(), AT_ONCE).await {
                sent.context("a player's wallets were not opened")?;
            }
            bar.inc(players.len() as u64);
        }
        bar.finish_and_clear();
        Ok(())
    }
}
