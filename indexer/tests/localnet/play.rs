//! What both tests do with the embedded chain.

use std::{sync::Arc, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{Indexer, Walk, metrics::Metrics, source::RpcSource, testing::PrivatePostgres};
use lottery_interface::{
    Kind, Source,
    accounts::{self, AccountLayout, Entry, Page, Round},
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs},
    instructions::{self as ix, Item, TokenSide},
};
use lottery_localnet::{Localnet, LocalnetConfig};
use lottery_rules::commit_reveal::HashChain;
use solana_client::nonblocking::rpc_client::RpcClient;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;
use sqlx::Row;

use crate::common::assert_rows_equal;

pub const SOL: u64 = 1_000_000_000;

/// The embedded chain with the real program, an operator and three players.
pub struct Play {
    pub localnet: Localnet,
    pub rpc: RpcClient,
    pub operator: Keypair,
    pub players: Vec<Keypair>,
    pub hash_chain: HashChain,
}

impl Play {
    pub async fn start() -> Self {
        let operator = Keypair::new();
        let players: Vec<Keypair> = (0..3).map(|_| Keypair::new()).collect();
        let keys = players.iter().chain([&operator]);
        let funded = keys.map(|key| (key.pubkey(), 100 * SOL)).collect();
        let localnet =
            Localnet::start(LocalnetConfig { funded, slot_ms: 100, ..Default::default() }).await.unwrap();
        let rpc = localnet.rpc();
        let hash_chain = HashChain::new(&[3; 32], 10).unwrap();
        Play { localnet, rpc, operator, players, hash_chain }
    }

    pub async fn send(&self, signer: &Keypair, instructions: &[Instruction]) {
        let blockhash = self.rpc.get_latest_blockhash().await.unwrap();
        let payer = signer.pubkey();
        let transaction =
            Transaction::new_signed_with_payer(instructions, Some(&payer), &[signer], blockhash);
        let sent = self.rpc.send_and_confirm_transaction(&transaction).await;
        sent.unwrap_or_else(|error| panic!("tag {}: {error:?}", instructions[0].data[0]));
    }

    pub async fn crank(&self, instruction: Instruction) {
        self.send(&self.operator, &[instruction]).await;
    }

    pub async fn read<T: AccountLayout>(&self, key: Pubkey) -> T {
        T::read(&self.rpc.get_account_data(&key).await.unwrap()).unwrap()
    }

    fn indexer(&self, db: &PrivatePostgres, walk: Walk) -> Indexer<RpcSource> {
        let source = RpcSource::new(self.localnet.rpc_url.clone(), address::PROGRAM_ID, walk);
        let wait = Duration::from_millis(50);
        Indexer::new(db.pool.clone(), source, Arc::new(Metrics::default()), Arc::default(), wait)
    }

    /// Indexes up to everything that is confirmed now.
    pub async fn index(&self, db: &PrivatePostgres, walk: Walk) {
        let slot = self.rpc.get_slot().await.unwrap();
        let mut indexer = self.indexer(db, walk);
        loop {
            let more = indexer.step().await.unwrap();
            let row = sqlx::query("SELECT slot FROM cursor").fetch_one(&db.pool).await.unwrap();
            if row.get::<i64, _>("slot") as u64 >= slot && !more {
                break;
            }
        }
        indexer.check_final().await.unwrap();
    }

    /// Every account equals its row, by the conversion of this crate and by that of the auditor, who knows none of it.
    pub async fn assert_equal(&self, db: &PrivatePostgres) {
        let rpc = lottery_client::Rpc::new(self.localnet.rpc_url.clone());
        let patience = Duration::from_secs(5);
        lottery_cli::verify::verify_within(&rpc, &db.pool, patience).await.unwrap();
        let all = self.rpc.get_program_accounts(&address::PROGRAM_ID).await.unwrap();
        assert!(all.len() >= 6, "only {} accounts", all.len());
        let all: Vec<_> = all.into_iter().map(|(key, account)| (key, account.data)).collect();
        assert_rows_equal(&all, &db.pool).await;
        for (key, data) in &all {
            let Some(page) = Page::read(data) else { continue };
            let rows =
                sqlx::query("SELECT *, key::TEXT AS key_text FROM entries WHERE page = $1 ORDER BY index")
                    .bind(key.to_string())
                    .fetch_all(&db.pool)
                    .await
                    .unwrap();
            assert_eq!(rows.len(), page.count as usize);
            for (row, entry) in rows.iter().zip(accounts::entries(data, page.count)) {
                assert_eq!(row.get::<i16, _>("spots"), entry.spots as i16);
                assert_eq!(row.get::<i64, _>("multiplier_bps"), entry.multiplier_bps as i64);
                let mut picks = entry.picks;
                if row.get::<Option<i64>, _>("weight").is_some() {
                    // A raffle's key is not what was entered.
                    let key: Option<String> = row.get("key_text");
                    assert_eq!(key.map_or(0, |key| key.parse().unwrap()), picks[1]);
                    picks[1] = 0;
                }
                assert_eq!(row.get::<Vec<u8>, _>("picks"), bytes_of(&picks));
                assert_eq!(row.get::<String, _>("wallet"), Pubkey::new_from_array(entry.wallet).to_string());
                assert_eq!(row.get::<i16, _>("bonus"), entry.bonus as i16);
                assert_eq!(row.get::<i16, _>("tier"), entry.tier as i16);
                assert_eq!(row.get::<bool, _>("refunded"), entry.flags & accounts::FLAG_REFUNDED != 0);
                assert_eq!(row.get::<bool, _>("paid"), entry.flags & accounts::FLAG_PAID != 0);
            }
        }
    }

    /// Registry and native vault; `kinds` may draw from commit-reveal and from beacons, markets from oracles. The operator has a wallet with 50 SOL.
    pub async fn set_up(&self, kinds: &[Kind]) {
        let (operator, native) = (self.operator.pubkey(), Pubkey::default());
        let mut registry =
            RegistryArgs { treasury: operator.to_bytes(), fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        (registry.min_grace_seconds, registry.min_grace_slots, registry.min_claim_seconds) = (1, 1, 1);
        for kind in kinds {
            registry.allowed_sources[*kind as usize] = match kind {
                Kind::Prediction => 1 << Source::Oracle as u8,
                _ => 1 << Source::CommitReveal as u8 | 1 << Source::Beacon as u8,
            };
        }
        self.crank(ix::init_registry(operator, &registry)).await;
        self.crank(ix::open_vault(operator, native, address::SYSTEM_PROGRAM)).await;
        let deposit = ix::deposit(operator, TokenSide::native(operator), 50 * SOL);
        self.send(&self.operator, &[ix::open_wallet(operator, operator, native), deposit]).await;
    }

    /// Creates lottery `id`, with a hash chain of its own copy if it draws from one, and rewards for its cranks.
    pub async fn create(&self, id: u64, limits: &LimitsArgs, config: &ConfigArgs, rules: &[u8]) {
        let operator = self.operator.pubkey();
        let mut name = [0; 32];
        name[..4].copy_from_slice(b"live");
        let about = LotteryArgs { name, pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        self.crank(ix::create_lottery(operator, id, Pubkey::default(), &about, limits, config, rules)).await;
        if config.source != Source::CommitReveal as u8 {
            return self.crank(ix::fund_crank(operator, id, SOL)).await;
        }
        let chain = ix::set_chain(operator, id, &self.hash_chain.commit(), 10);
        self.send(&self.operator, &[chain, ix::fund_crank(operator, id, SOL)]).await;
    }

    /// A player's wallet, opened with 1 SOL in it if there is none.
    pub async fn wallet(&self, player: &Keypair) -> Pubkey {
        let owner = player.pubkey();
        let wallet = address::wallet(&owner, &Pubkey::default()).0;
        if self.rpc.get_account(&wallet).await.is_err() {
            let open = ix::open_wallet(owner, owner, Pubkey::default());
            self.send(player, &[open, ix::deposit(owner, TokenSide::native(owner), SOL)]).await;
        }
        wallet
    }

    /// The steps from past the lock to drawn: seals `pages` pages, captures, reveals and draws.
    pub async fn draw(&self, round: Pubkey, config: Pubkey, pages: u32) -> Vec<Instruction> {
        let operator = self.operator.pubkey();
        let position = self.read::<Round>(round).await.chain_position;
        let reveal = self.hash_chain.link(position as u32).unwrap();
        let mut steps: Vec<_> = (0..pages).map(|sequence| ix::seal_page(operator, round, sequence)).collect();
        steps.push(ix::capture(operator, round));
        steps.push(ix::post_value(operator, round, Pubkey::default(), &reveal));
        steps.push(ix::draw(operator, round, config));
        steps
    }

    /// Every entry of a page.
    pub async fn entries(&self, round: Pubkey, sequence: u32) -> Vec<Entry> {
        let data = self.rpc.get_account_data(&address::page(&round, sequence).0).await.unwrap();
        accounts::entries(&data, Page::read(&data).unwrap().count).collect()
    }

    /// Pays the winners of a page, eight at a time.
    pub async fn pay(&self, round: Pubkey, sequence: u32) {
        let entries = self.entries(round, sequence).await;
        let won = entries.iter().enumerate().filter(|(_, entry)| entry.tier > 0);
        let items: Vec<Item> = won.map(|(index, entry)| item(index, entry)).collect();
        for batch in items.chunks(8) {
            self.crank(ix::pay(self.operator.pubkey(), round, sequence, batch)).await;
        }
    }

    /// Closes a round of lottery `id` and its pages.
    pub async fn close(&self, id: u64, round: Pubkey, pages: u32) {
        let operator = self.operator.pubkey();
        let pages = (0..pages).map(|sequence| ix::close_page(operator, round, sequence, operator));
        let mut steps: Vec<_> = pages.collect();
        steps.push(ix::close_round(operator, address::lottery(id).0, round, operator));
        self.send(&self.operator, &steps).await;
    }
}

pub fn item(index: usize, entry: &Entry) -> Item {
    Item { index: index as u32, wallet: Pubkey::new_from_array(entry.wallet) }
}
