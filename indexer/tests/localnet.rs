//! The RPC source against real endpoints: one round played by the real program on the embedded chain, indexed while
//! it happens block by block, and again afterwards from the program's signatures.

mod common;

use std::{sync::Arc, time::Duration};

use bytemuck::{Zeroable, bytes_of};
use common::{assert_rows_equal, dump, quarantined};
use lottery_indexer::{Indexer, Walk, metrics::Metrics, source::RpcSource, testing::PrivatePostgres};
use lottery_interface::{
    accounts::{self, AccountLayout, DrawRules, DrawTier, Page, Round},
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

const SOL: u64 = 1_000_000_000;
const STAKE: u64 = 1_000_000;

struct Play {
    localnet: Localnet,
    rpc: RpcClient,
    operator: Keypair,
    players: Vec<Keypair>,
    hash_chain: HashChain,
}

impl Play {
    async fn start() -> Self {
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

    async fn send(&self, signer: &Keypair, instructions: &[Instruction]) {
        let blockhash = self.rpc.get_latest_blockhash().await.unwrap();
        let payer = signer.pubkey();
        let transaction =
            Transaction::new_signed_with_payer(instructions, Some(&payer), &[signer], blockhash);
        let sent = self.rpc.send_and_confirm_transaction(&transaction).await;
        sent.unwrap_or_else(|error| panic!("tag {}: {error:?}", instructions[0].data[0]));
    }

    async fn crank(&self, instruction: Instruction) {
        self.send(&self.operator, &[instruction]).await;
    }

    async fn read<T: AccountLayout>(&self, key: Pubkey) -> T {
        T::read(&self.rpc.get_account_data(&key).await.unwrap()).unwrap()
    }

    async fn create(&self) {
        let (operator, native) = (self.operator.pubkey(), Pubkey::default());
        let mut registry =
            RegistryArgs { treasury: operator.to_bytes(), fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        (registry.min_grace_seconds, registry.min_grace_slots, registry.min_claim_seconds) = (1, 1, 1);
        registry.allowed_sources[1] = 1 << 2;
        self.crank(ix::init_registry(operator, &registry)).await;
        self.crank(ix::open_vault(operator, native, address::SYSTEM_PROGRAM)).await;
        let mut name = [0; 32];
        name[..4].copy_from_slice(b"live");
        let about = LotteryArgs { name, pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        let limits = LimitsArgs {
            page_entries: 32,
            max_pages: 3,
            max_entries_per_round: 64,
            max_entries_per_player: 40,
            period_seconds: 20,
            reward_step_lamports: 10,
            reward_item_lamports: 1,
        };
        let config = ConfigArgs {
            stake_units: STAKE,
            grace_seconds: 10,
            grace_slots: 10,
            claim_seconds: 60,
            reveal_delay_slots: 2,
            fee_bps: 500,
            compensation_cap_bps: 1_000,
            kind: 1,
            source: 2,
            ..Zeroable::zeroed()
        };
        let mut rules = DrawRules {
            picks: 2,
            numbers: 6,
            bonus_numbers: 2,
            rollover: 1,
            tier_count: 2,
            ..Zeroable::zeroed()
        };
        rules.tiers[0] = DrawTier { matches: 2, bonus: 1, share_bps: 6_000 };
        rules.tiers[1] = DrawTier { matches: 1, bonus: 0, share_bps: 4_000 };
        self.crank(ix::create_lottery(operator, 1, native, &about, &limits, &config, bytes_of(&rules))).await;
        self.crank(ix::set_chain(operator, 1, &self.hash_chain.commit(), 10)).await;
        let deposit = ix::deposit(operator, TokenSide::native(operator), 10 * SOL);
        self.send(&self.operator, &[ix::open_wallet(operator, operator, native), deposit]).await;
        self.crank(ix::fund_bond(operator, 1, native, 200 * STAKE)).await;
        self.crank(ix::fund_jackpot(operator, 1, native, 12_345)).await;
        self.crank(ix::fund_crank(operator, 1, SOL)).await;
        self.crank(ix::activate_lottery(operator, 1)).await;
    }

    /// Opens a round; every player enters, two of them in one transaction twice.
    async fn enter(&self, round: Pubkey, index: u64) {
        let (operator, native) = (self.operator.pubkey(), Pubkey::default());
        let (lottery, page) = (address::lottery(1).0, address::page(&round, 0).0);
        self.crank(ix::open_round(operator, lottery, address::config(&lottery, 0).0, index)).await;
        self.crank(ix::open_page(operator, round, 0)).await;
        for player in &self.players {
            let owner = player.pubkey();
            let wallet = address::wallet(&owner, &native).0;
            let mut steps = Vec::new();
            if self.rpc.get_account(&wallet).await.is_err() {
                steps.push(ix::open_wallet(owner, owner, native));
                steps.push(ix::deposit(owner, TokenSide::native(owner), SOL));
            }
            steps.push(ix::enter(owner, wallet, round, page, 2, &[1, 2, 1, 3, 6, 2]));
            steps.push(ix::enter(owner, wallet, round, page, 5, &[]));
            self.send(player, &steps).await;
        }
    }

    /// From lock to paid.
    async fn draw(&self, round: Pubkey) {
        let operator = self.operator.pubkey();
        let lottery = address::lottery(1).0;
        let config = address::config(&lottery, 0).0;
        self.localnet.advance(Duration::from_secs(25)).await.unwrap();
        self.localnet.produce_blocks(5).await.unwrap();
        self.crank(ix::seal_page(operator, round, 0)).await;
        self.crank(ix::capture(operator, round)).await;
        let position = self.read::<Round>(round).await.chain_position;
        let reveal = self.hash_chain.link(position as u32).unwrap();
        self.crank(ix::post_value(operator, round, &reveal)).await;
        self.crank(ix::draw(operator, round, config)).await;
        self.crank(ix::settle(operator, round, config, 0, 10)).await;
        self.crank(ix::settle(operator, round, config, 0, 100)).await;
        self.crank(ix::finalise(operator, lottery, round, config)).await;
        let data = self.rpc.get_account_data(&address::page(&round, 0).0).await.unwrap();
        let entries: Vec<_> =
            accounts::entries(&data, Page::read(&data).unwrap().count).enumerate().collect();
        let won = entries.iter().filter(|(_, entry)| entry.tier > 0);
        let items: Vec<Item> = won
            .map(|(index, entry)| Item { index: *index as u32, wallet: Pubkey::new_from_array(entry.wallet) })
            .collect();
        for batch in items.chunks(4) {
            self.crank(ix::pay(operator, round, 0, batch)).await;
        }
    }

    async fn close(&self, round: Pubkey) {
        let operator = self.operator.pubkey();
        self.crank(ix::close_page(operator, round, 0, operator)).await;
        self.crank(ix::close_round(operator, address::lottery(1).0, round, operator)).await;
    }

    fn indexer(&self, db: &PrivatePostgres, walk: Walk) -> Indexer<RpcSource> {
        let source = RpcSource::new(self.localnet.rpc_url.clone(), address::PROGRAM_ID, walk);
        let wait = Duration::from_millis(50);
        Indexer::new(db.pool.clone(), source, Arc::new(Metrics::default()), Arc::default(), wait)
    }

    /// Indexes up to everything that is confirmed now.
    async fn index(&self, db: &PrivatePostgres, walk: Walk) {
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

    async fn assert_equal(&self, db: &PrivatePostgres) {
        let all = self.rpc.get_program_accounts(&address::PROGRAM_ID).await.unwrap();
        assert!(all.len() >= 6, "only {} accounts", all.len());
        let all: Vec<_> = all.into_iter().map(|(key, account)| (key, account.data)).collect();
        assert_rows_equal(&all, &db.pool).await;
        for (key, data) in &all {
            let Some(page) = Page::read(data) else { continue };
            let rows = sqlx::query("SELECT * FROM entries WHERE page = $1 ORDER BY index")
                .bind(key.to_string())
                .fetch_all(&db.pool)
                .await
                .unwrap();
            assert_eq!(rows.len(), page.count as usize);
            for (row, entry) in rows.iter().zip(accounts::entries(data, page.count)) {
                assert_eq!(row.get::<Vec<u8>, _>("picks"), bytes_of(&entry.picks));
                assert_eq!(row.get::<String, _>("wallet"), Pubkey::new_from_array(entry.wallet).to_string());
                assert_eq!(row.get::<i16, _>("bonus"), entry.bonus as i16);
                assert_eq!(row.get::<i16, _>("tier"), entry.tier as i16);
                assert_eq!(row.get::<bool, _>("paid"), entry.flags & accounts::FLAG_PAID != 0);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_of_the_real_program_are_indexed_both_ways() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let play = Play::start().await;
    play.create().await;
    play.index(&live, Walk::Blocks).await;
    let lottery = address::lottery(1).0;
    for index in 0..2 {
        let round = address::round(&lottery, index).0;
        play.enter(round, index).await;
        play.index(&live, Walk::Auto).await;
        play.assert_equal(&live).await;
        play.draw(round).await;
        play.index(&live, Walk::Blocks).await;
        play.assert_equal(&live).await;
        play.close(round).await;
        play.index(&live, Walk::Auto).await;
        play.assert_equal(&live).await;
    }
    assert_eq!(quarantined(&live.pool).await, []);
    let counts =
        "SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM payments) AS payments,
                         (SELECT count(*) FROM rounds WHERE closed_at_slot > 0 AND NOT incomplete) AS rounds";
    let row = sqlx::query(counts).fetch_one(&live.pool).await.unwrap();
    assert_eq!(row.get::<i64, _>("entries"), 54);
    assert!(row.get::<i64, _>("payments") > 0);
    assert_eq!(row.get::<i64, _>("rounds"), 2);

    // From the signatures alone, after everything is closed.
    play.index(&late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    // Two calls of a node may tell the time of a block a second apart.
    let times = ["block_at", "entered_at", "paid_at"];
    for table in
        ["instructions", "wallets", "lotteries", "configs", "config_tiers", "entries", "payments", "jackpots"]
    {
        assert_eq!(dump(&late.pool, table, &times).await, dump(&live.pool, table, &times).await, "{table}");
    }
    let results = "SELECT jsonb_agg(jsonb_build_array(index, status, result, winners, prize_each_units, fee_units,
                       jackpot_in_units, winners_paid, entries, pool_units, sealed_digest) ORDER BY index)::TEXT
                   FROM rounds";
    let known: Vec<String> = vec![
        sqlx::query_scalar(results).fetch_one(&live.pool).await.unwrap(),
        sqlx::query_scalar(results).fetch_one(&late.pool).await.unwrap(),
    ];
    assert_eq!(known[0], known[1]);
    play.localnet.stop().await.unwrap();
}
