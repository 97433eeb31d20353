//! What a run starts from: a registry, vaults, lotteries from TOML, and players with money in their wallets.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context;
use lottery_client::{Batch, Keypair, Pubkey, SendOptions, Signer};
use lottery_interface::{
    Kind,
    accounts::SESSION_LOTTERIES,
    args::{RegistryArgs, SessionArgs},
    instructions,
};
use lottery_localnet::LocalnetInfo;

use crate::{
    beacon::LOCAL,
    chain::{Chain, Mint},
    commands::{
        beacon,
        create::{self, Created},
        fund, init, source,
    },
    keys,
    lottery_file::LotteryFile,
    output,
    secrets::SecretsArgs,
    stack::{ORACLES, Stack},
};

/// The ten lotteries of the demo: six draws, then keno and instant, then a market of each mode.
pub const LOTTERIES: [&str; 10] = [
    include_str!("../../../examples/demo/classic-6-49.toml"),
    include_str!("../../../examples/demo/power-5-69-1-26.toml"),
    include_str!("../../../examples/demo/five-of-35.toml"),
    include_str!("../../../examples/demo/three-of-10.toml"),
    include_str!("../../../examples/demo/progressive-6-42.toml"),
    include_str!("../../../examples/demo/fast-3-10.toml"),
    include_str!("../../../examples/demo/keno-5s.toml"),
    include_str!("../../../examples/demo/instant-6s.toml"),
    include_str!("../../../examples/demo/odd-even.toml"),
    include_str!("../../../examples/demo/sum-of-three.toml"),
];

/// How long a session for the fast games lasts, in seconds.
const SESSION_SECONDS: i64 = 86_400;

/// What each player pays in at the start, in whole SOL and whole tokens.
const DEPOSIT_SOL: u64 = 20;
const DEPOSIT_TOKENS: u64 = 2_000;

/// Purchases under way at once while players are set up: the chain works on six at a time.
const AT_ONCE: usize = 12;

pub struct Player {
    pub keypair: Keypair,
    /// May enter the keno lotteries: the player signs once, when seated.
    pub session: Keypair,
    pub path: PathBuf,
}

pub struct World {
    pub chain: Chain,
    pub operator: Keypair,
    /// Who attests in markets, in the order of `stack::ORACLES`.
    pub reporters: Vec<Pubkey>,
    pub lotteries: Vec<Created>,
    pub players: Vec<Arc<Player>>,
    pub mints: Vec<Mint>,
}

/// Grace and claim periods short enough to watch; production registries set days.
fn registry_args(operator: &Keypair) -> RegistryArgs {
    RegistryArgs {
        treasury: operator.pubkey().to_bytes(),
        switchboard_program: [0; 32],
        switchboard_queue: [0; 32],
        min_grace_seconds: 4,
        min_grace_slots: 10,
        min_claim_seconds: 600,
        // The beacon beside this chain has no other users who would look at it first.
        beacon_delay_seconds: 0,
        fee_cap_bps: 1_000,
        paused: 0,
        reserved: 0,
        allowed_sources: init::allowed_sources(&init::ALLOWED).expect("known pairs"),
    }
}

impl World {
    /// Registry, beacon and vaults, no lottery and no player yet.
    pub async fn new(stack: &Stack) -> anyhow::Result<Self> {
        let (info, options) = (stack.info.clone(), stack.options());
        let operator = keys::read(&options.operator_key())?;
        let oracles = (0..ORACLES.len()).map(|place| keys::read(&options.oracle_key(place)));
        let reporters = oracles.map(|key| Ok(key?.pubkey())).collect::<anyhow::Result<_>>()?;
        let chain = Chain::at(&info.rpc_url.clone(), Some(info));
        init::create_registry(&chain, &registry_args(&operator), &operator).await?;
        beacon::add_named(&chain, LOCAL, &operator).await?;
        let mut mints = Vec::new();
        for name in ["sol", "usdc", "token_2022"] {
            let mint = chain.mint(name).await?;
            init::open_vault(&chain, &mint, &operator).await?;
            mints.push(mint);
        }
        Ok(Self { chain, operator, reporters, lotteries: Vec::new(), players: Vec::new(), mints })
    }

    /// Reads a lottery's file; markets get the reporters of this run.
    fn read(&self, text: &str) -> anyhow::Result<LotteryFile> {
        let mut file = LotteryFile::parse(text)?;
        if let Some(oracles) = &mut file.oracles {
            oracles.reporters = self.reporters.iter().map(Pubkey::to_string).collect();
        }
        Ok(file)
    }

    /// Creates a lottery from TOML. `change` may adapt it first.
    pub async fn create(
        &mut self,
        text: &str,
        secrets: &SecretsArgs,
        change: impl FnOnce(&mut LotteryFile),
    ) -> anyhow::Result<Created> {
        let mut file = self.read(text)?;
        change(&mut file);
        let created = create::create(&self.chain, &file, &self.operator, secrets, false).await?;
        self.lotteries.push(created.clone());
        Ok(created)
    }

    /// Creates many lotteries from TOML: one after the other, because each takes the registry's next id, but paid in
    /// and activated all at once. `change` may adapt each first; it is told its place.
    pub async fn create_all(
        &mut self,
        texts: &[&str],
        secrets: &SecretsArgs,
        change: impl Fn(usize, &mut LotteryFile),
    ) -> anyhow::Result<()> {
        let mut registry = self.chain.registry().await?.account;
        let (mut drafts, mut funds_units) = (Vec::new(), vec![0u64; self.mints.len()]);
        for (place, text) in texts.iter().enumerate() {
            let mut file = self.read(text)?;
            change(place, &mut file);
            let mint = self.chain.mint(&file.mint).await?;
            let prepared = file.prepare(
                self.operator.pubkey(),
                mint.decimals,
                registry.fee_cap_bps,
                self.chain.local_beacon_hash(),
            )?;
            prepared.check_funds(&mint)?;
            source::check(&self.chain, &registry, &prepared).await?;
            let known = self.mints.iter().position(|known| *known == mint);
            funds_units[known.context("a mint without a vault")?] += prepared.funds_units()?;
            let id = registry.next_lottery_id;
            let draft =
                create::draft(&self.chain, &file, prepared, mint, &self.operator, secrets, id).await?;
            drafts.push(draft);
            registry.next_lottery_id += 1;
        }
        // One deposit for all in a mint: those below then find what they need in the wallet.
        let owner = self.operator.pubkey();
        let mut deposits = Vec::new();
        for (mint, units) in self.mints.iter().zip(funds_units) {
            deposits.extend(fund::top_up(&self.chain, mint, &owner, units).await?);
        }
        if !deposits.is_empty() {
            self.chain.send("nothing was deposited", &deposits, &[&self.operator]).await?;
        }
        let (chain, operator) = (&self.chain, &self.operator);
        let finished = drafts.into_iter().map(|draft| draft.finish(chain, operator, false));
        self.lotteries.extend(futures::future::try_join_all(finished).await?);
        Ok(())
    }

    /// A session in each mint that keno is played with, still without a key.
    async fn sessions(&self) -> anyhow::Result<Vec<(Mint, SessionArgs)>> {
        let expires_at = self.chain.rpc.clock().await?.unix_timestamp + SESSION_SECONDS;
        let keno: Vec<_> =
            self.lotteries.iter().filter(|lottery| lottery.kind() == Some(Kind::Keno)).collect();
        let mut sessions = Vec::new();
        for mint in &self.mints {
            let mut lotteries = [0; SESSION_LOTTERIES];
            let ids = keno.iter().filter(|lottery| lottery.mint == *mint).map(|lottery| lottery.id);
            lotteries.iter_mut().zip(ids).for_each(|(place, id)| *place = id);
            if lotteries[0] != 0 {
                let session = SessionArgs { key: [0; 32], lotteries, expires_at, limit_units: u64::MAX };
                sessions.push((mint.clone(), session));
            }
        }
        Ok(sessions)
    }

    /// Opens the wallets of `count` players, pays into them, and starts their sessions.
    pub async fn seat_players(&mut self, info: &LocalnetInfo, count: usize) -> anyhow::Result<()> {
        let paths = info.players.get(..count).context("the chain has fewer players")?;
        for path in paths {
            let player = Player { keypair: keys::read(path)?, session: Keypair::new(), path: path.clone() };
            self.players.push(Arc::new(player));
        }
        let amounts: Vec<(Mint, u64)> = self
            .mints
            .iter()
            .map(|mint| {
                let whole = if mint.is_native() { DEPOSIT_SOL } else { DEPOSIT_TOKENS };
                (mint.clone(), whole * 10u64.pow(mint.decimals.into()))
            })
            .collect();
        let sessions = self.sessions().await?;
        let bar = output::progress(self.chain.json, count as u64, "seating players");
        for players in self.players.chunks(AT_ONCE * 4) {
            let batches = players.iter().map(|player| {
                let owner = player.keypair.pubkey();
                let steps = amounts.iter().flat_map(|(mint, units)| mint.deposit(&owner, false, *units));
                let key = player.session.pubkey().to_bytes();
                let sessions = sessions.iter().map(|(mint, args)| {
                    instructions::set_session(owner, mint.address, &SessionArgs { key, ..*args })
                });
                Batch {
                    instructions: steps.chain(sessions).collect(),
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
