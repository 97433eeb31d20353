//! The embedded chain with the real program: markets, bets, and reporters.

use std::{os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use lottery_client::{Fetched, Rpc, SendOptions};
use lottery_interface::{
    Kind, NATIVE_MINT, Source,
    accounts::{Attestation, PredictionRules, Round, Wallet, attestations, entries},
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs},
    instructions::{self as ix, Item, TokenSide},
};
use lottery_localnet::{Localnet, LocalnetConfig};
use lottery_oracle::{Lottery, OracleConfig};
use lottery_rules::prediction::{MappingKind, Mode};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use tempfile::TempDir;

pub const SOL: u64 = 1_000_000_000;
const DELAY_SECONDS: u32 = 30;
const PERIOD_SECONDS: u32 = 60;
/// From opening past the latest lock.
const LOCKED: Duration = Duration::from_secs(PERIOD_SECONDS as u64 + PERIOD_SECONDS as u64 / 16 + 5);

pub struct Play {
    pub localnet: Localnet,
    pub rpc: Rpc,
    pub operator: Keypair,
    pub players: Vec<Keypair>,
    /// Of the oracle set, by name.
    pub reporters: Vec<Keypair>,
    pub oracles: Pubkey,
    pub folder: TempDir,
}

impl Play {
    /// Registry, vault, an oracle set of three.
    pub async fn start() -> Self {
        let keys = |count| (0..count).map(|_| Keypair::new()).collect::<Vec<_>>();
        let (operator, players, reporters) = (Keypair::new(), keys(2), keys(3));
        let all = players.iter().chain(&reporters).chain([&operator]);
        let funded = all.map(|key| (key.pubkey(), 100 * SOL)).collect();
        let config = LocalnetConfig { funded, slot_ms: 100, ..Default::default() };
        let localnet = Localnet::start(config).await.expect("a chain");
        let addresses: Vec<Pubkey> = reporters.iter().map(Keypair::pubkey).collect();
        let play = Self {
            rpc: Rpc::new(localnet.rpc_url.clone()),
            localnet,
            operator,
            players,
            reporters,
            oracles: address::oracle_set(&addresses).0,
            folder: tempfile::tempdir().expect("a folder"),
        };
        let operator = play.operator.pubkey();
        let mut registry =
            RegistryArgs { treasury: operator.to_bytes(), fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        (registry.min_grace_seconds, registry.min_grace_slots, registry.min_claim_seconds) = (1, 1, 1);
        registry.allowed_sources[Kind::Prediction as usize] = 1 << Source::Oracle as u8;
        play.crank(&[
            ix::init_registry(operator, &registry),
            ix::open_vault(operator, NATIVE_MINT.into(), address::SYSTEM_PROGRAM),
            ix::create_oracle_set(operator, &addresses),
        ])
        .await;
        for player in &play.players {
            let owner = player.pubkey();
            let open = ix::open_wallet(owner, owner, NATIVE_MINT.into());
            play.send(player, &[open, ix::deposit(owner, TokenSide::native(owner), SOL)]).await;
        }
        play
    }

    pub async fn send(&self, signer: &Keypair, instructions: &[Instruction]) {
        let sent = self.rpc.send(instructions, &[signer], &SendOptions::default()).await;
        sent.unwrap_or_else(|error| panic!("tag {}: {error}", instructions[0].data[0]));
    }

    pub async fn crank(&self, instructions: &[Instruction]) {
        self.send(&self.operator, instructions).await;
    }

    /// Whether the last of six facts, which is from `minimum` to `maximum`, is odd or even.
    pub async fn create(&self, id: u64, minimum: i64, maximum: i64) {
        let operator = self.operator.pubkey();
        let limits = LimitsArgs {
            max_stake_units: SOL,
            min_stake_units: 1,
            page_entries: 8,
            max_pages: 2,
            max_entries_per_round: 16,
            period_seconds: PERIOD_SECONDS,
            ..Zeroable::zeroed()
        };
        let config = ConfigArgs {
            grace_seconds: 86_400,
            grace_slots: 100,
            claim_seconds: 60,
            fee_bps: 300,
            kind: Kind::Prediction as u8,
            source: Source::Oracle as u8,
            ..Zeroable::zeroed()
        };
        let rules = PredictionRules {
            oracles: self.oracles.to_bytes(),
            minimum,
            maximum,
            event_delay_seconds: DELAY_SECONDS,
            mode: Mode::ProRata as u8,
            outcome_count: 2,
            mapping: MappingKind::Parity as u8,
            fact_count: 6,
            subject: 1 << 5,
            quorum: 2,
            reporter_count: 3,
            ..Zeroable::zeroed()
        };
        let about =
            LotteryArgs { name: [b'm'; 32], pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        self.crank(&[ix::create_lottery(
            operator,
            id,
            NATIVE_MINT.into(),
            &about,
            &limits,
            &config,
            bytes_of(&rules),
        )])
        .await;
        self.crank(&[ix::fund_crank(operator, id, SOL), ix::activate_lottery(operator, id)]).await;
    }

    /// A round with a page; `bets`: stake and outcome, one of each player.
    pub async fn open(&self, id: u64, index: u64, bets: &[(u64, u8)]) -> Pubkey {
        let operator = self.operator.pubkey();
        let lottery = address::lottery(id).0;
        let (round, config) = (address::round(&lottery, index).0, address::config(&lottery, 0).0);
        let open = ix::open_round(operator, lottery, config, index);
        self.crank(&[open, ix::open_page(operator, lottery, round, 0)]).await;
        for (player, (stake, outcome)) in self.players.iter().zip(bets) {
            let owner = player.pubkey();
            let ticket = [&stake.to_le_bytes()[..], &[*outcome]].concat();
            let wallet = address::wallet(&owner, &NATIVE_MINT.into()).0;
            let page = address::page(&round, 0).0;
            self.send(player, &[ix::enter(owner, wallet, round, page, 0, &ticket)]).await;
        }
        round
    }

    pub async fn pass(&self, time: Duration) {
        self.localnet.advance(time).await.expect("time");
        self.localnet.produce_blocks(3).await.expect("blocks");
    }

    pub async fn past_event(&self) {
        self.pass(LOCKED).await;
        self.pass(Duration::from_secs(DELAY_SECONDS as u64 + 2)).await;
    }

    pub async fn round(&self, round: Pubkey) -> Fetched<Round> {
        self.rpc.require(round).await.expect("the round")
    }

    pub async fn balance(&self, player: usize) -> u64 {
        let owner = self.players[player].pubkey();
        let wallet: Option<Fetched<Wallet>> =
            self.rpc.wallet(owner, NATIVE_MINT.into()).await.expect("the wallet");
        wallet.expect("it is open").balance_units
    }

    /// Of the reporter at that place of `reporters`.
    pub async fn attestation(&self, round: Pubkey, reporter: usize) -> Option<Attestation> {
        let mut sorted: Vec<Pubkey> = self.reporters.iter().map(Keypair::pubkey).collect();
        sorted.sort();
        let own = self.reporters[reporter].pubkey();
        let place = sorted.iter().position(|key| *key == own).expect("in the set");
        let data = self.round(round).await.data;
        attestations(&data).nth(place).filter(|attestation| attestation.attested_at != 0)
    }

    /// From valued to paid.
    pub async fn settle(&self, id: u64, round: Pubkey) {
        let operator = self.operator.pubkey();
        let lottery = address::lottery(id).0;
        let config = address::config(&lottery, 0).0;
        self.crank(&[
            ix::seal_page(operator, round, 0),
            ix::draw(operator, round, config),
            ix::settle(operator, round, config, 0, 100),
            ix::finalise(operator, lottery, round, config),
        ])
        .await;
        let page = self.rpc.page(round, 0).await.expect("an answer").expect("the page");
        let won = entries(&page.data, page.count).enumerate().filter(|(_, entry)| entry.tier > 0);
        let items: Vec<Item> =
            won.map(|(index, entry)| Item { index: index as u32, wallet: entry.wallet.into() }).collect();
        self.crank(&[ix::pay(operator, round, 0, &items)]).await;
    }

    /// The file of a reporter with its own folder of evidence; `key`: who it is.
    pub fn config(&self, name: &str, key: &Keypair, lotteries: Vec<Lottery>) -> OracleConfig {
        let keypair = self.folder.path().join(format!("{name}.json"));
        std::fs::write(&keypair, format!("{:?}", key.to_bytes())).expect("written");
        std::fs::set_permissions(&keypair, std::fs::Permissions::from_mode(0o600)).expect("private");
        OracleConfig {
            rpc_urls: vec![self.localnet.rpc_url.clone()],
            keypair,
            evidence_dir: self.evidence_dir(name),
            poll_interval_ms: 100,
            timeout_ms: 2_000,
            max_body_bytes: 100_000,
            retry_first_ms: 100,
            retry_longest_ms: 400,
            compute_unit_price: None,
            webhook_url: None,
            lotteries,
        }
    }

    pub fn evidence_dir(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}-evidence"))
    }

    pub fn evidence_files(&self, name: &str) -> Vec<PathBuf> {
        let Ok(folder) = std::fs::read_dir(self.evidence_dir(name)) else { return Vec::new() };
        folder.map(|file| file.expect("a file").path()).collect()
    }
}
