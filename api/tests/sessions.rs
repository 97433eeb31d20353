//! Session play on the embedded chain: the player signs once, a session key plays, and somebody else pays the network fee.

mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytemuck::{Zeroable, bytes_of};
use lottery_client::{Instruction, Keypair, Pubkey, Rpc, RpcConfig, SendOptions, Signer};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, Entry, Page, Wallet, entries},
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs, SessionArgs},
    instructions::{self as ix, TokenSide},
    kinds::Source,
};
use lottery_localnet::{Localnet, LocalnetConfig};
use lottery_rules::commit_reveal::HashChain;
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;
use support::Service;

const SOL: u64 = 1_000_000_000;
const STAKE: u64 = 10_000;
const NATIVE: Pubkey = Pubkey::new_from_array([0; 32]);
const SUBMIT: &str = "/api/transactions/submit";

struct Play {
    localnet: Localnet,
    rpc: Rpc,
    service: Service,
    operator: Keypair,
    player: Keypair,
    session: Keypair,
    sponsor: Keypair,
}

impl Play {
    /// A keno lottery with round 0 on sale, a player with a wallet and a session, a sponsor with lamports, and a session key
    /// without any.
    async fn start() -> Self {
        let [operator, player, session, sponsor] = std::array::from_fn(|_| Keypair::new());
        let funded = [&operator, &player, &sponsor].map(|key| (key.pubkey(), 100 * SOL)).to_vec();
        let localnet = Localnet::start(LocalnetConfig { funded, ..Default::default() }).await.unwrap();
        let rpc = Rpc::with_config(RpcConfig::new(vec![localnet.rpc_url.clone()]));
        let url = localnet.rpc_url.clone();
        let service = Service::start_with(|config| config.rpc_urls = vec![url]).await;
        let play = Self { localnet, rpc, service, operator, player, session, sponsor };
        play.create().await;
        play.begin_session(50 * STAKE).await;
        play
    }

    async fn send(&self, signer: &Keypair, instructions: &[Instruction]) {
        let sent = self.rpc.send(instructions, &[signer], &SendOptions::default()).await;
        sent.unwrap_or_else(|error| panic!("tag {}: {error}", instructions[0].data[0]));
    }

    async fn create(&self) {
        let operator = self.operator.pubkey();
        let mut registry =
            RegistryArgs { treasury: operator.to_bytes(), fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        (registry.min_grace_seconds, registry.min_grace_slots, registry.min_claim_seconds) = (1, 1, 1);
        registry.allowed_sources[Kind::Keno as usize] = 1 << Source::CommitReveal as u8;
        let open_vault = ix::open_vault(operator, NATIVE, address::SYSTEM_PROGRAM);
        self.send(&self.operator, &[ix::init_registry(operator, &registry), open_vault]).await;
        let mut name = [0; 32];
        name[..4].copy_from_slice(b"Keno");
        let about = LotteryArgs { name, pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        let limits = LimitsArgs {
            max_stake_units: 5 * STAKE,
            min_stake_units: STAKE,
            page_budget_units: 3_200 * STAKE,
            max_liability_units: 3_200 * STAKE,
            page_entries: 64,
            max_pages: 1,
            max_entries_per_round: 64,
            period_seconds: 60,
            reward_step_lamports: 10,
            reward_item_lamports: 1,
            ..Zeroable::zeroed()
        };
        let config = ConfigArgs {
            grace_seconds: 10,
            grace_slots: 10,
            claim_seconds: 60,
            reveal_delay_slots: 2,
            fee_bps: 100,
            compensation_cap_bps: 1_000,
            kind: Kind::Keno as u8,
            source: Source::CommitReveal as u8,
            ..Zeroable::zeroed()
        };
        let rules = support::keno_rules();
        let create = ix::create_lottery(operator, 1, NATIVE, &about, &limits, &config, bytes_of(&rules));
        let commit = HashChain::new(&[3; 32], 10).unwrap().commit();
        self.send(&self.operator, &[create, ix::set_chain(operator, 1, &commit, 10)]).await;
        let money = [
            ix::open_wallet(operator, operator, NATIVE),
            ix::deposit(operator, TokenSide::native(operator), 10 * SOL),
            ix::fund_bond(operator, 1, NATIVE, SOL),
            ix::fund_bankroll(operator, 1, NATIVE, SOL),
            ix::fund_crank(operator, 1, SOL),
            ix::activate_lottery(operator, 1),
        ];
        self.send(&self.operator, &money).await;
        let lottery = address::lottery(1).0;
        let open = ix::open_round(operator, lottery, address::config(&lottery, 0).0, 0);
        self.send(&self.operator, &[open, ix::open_page(operator, lottery, round(), 0)]).await;
    }

    /// The one transaction that the player signs.
    async fn begin_session(&self, limit_units: u64) {
        let owner = self.player.pubkey();
        let session = SessionArgs {
            key: self.session.pubkey().to_bytes(),
            lotteries: [1, 0, 0, 0],
            expires_at: self.localnet.clock().await.unix_timestamp + 3_600,
            limit_units,
        };
        let deposit = ix::deposit(owner, TokenSide::native(owner), SOL);
        let steps =
            [ix::open_wallet(owner, owner, NATIVE), deposit, ix::set_session(owner, NATIVE, &session)];
        self.send(&self.player, &steps).await;
    }

    fn wallet(&self) -> Pubkey {
        address::wallet(&self.player.pubkey(), &NATIVE).0
    }

    async fn lamports(&self, key: Pubkey) -> u64 {
        self.localnet.account(key).await.unwrap().map_or(0, |account| account.lamports)
    }

    async fn account<T: AccountLayout>(&self, key: Pubkey) -> (T, Vec<u8>) {
        let data = self.localnet.account(key).await.unwrap().unwrap().data;
        (T::read(&data).unwrap(), data)
    }

    async fn entries(&self) -> Vec<Entry> {
        let (page, data) = self.account::<Page>(address::page(&round(), 0).0).await;
        entries(&data, page.count).collect()
    }

    fn body(&self, more: Value) -> Value {
        let mut body = json!({
            "owner": self.player.pubkey().to_string(),
            "lottery_id": 1,
            "session_key": self.session.pubkey().to_string(),
            "fee_payer": self.sponsor.pubkey().to_string(),
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    /// Built by the service, signed by the sponsor and the session key.
    async fn signed(&self, more: Value) -> Value {
        let (status, _, body) = self.service.post("/api/transactions/enter", self.body(more)).await;
        assert_eq!(status, 200, "{body}");
        let bytes = STANDARD.decode(body["transaction"].as_str().unwrap()).unwrap();
        let unsigned: VersionedTransaction = bincode::deserialize(&bytes).unwrap();
        let keys = [&self.sponsor, &self.session];
        let signed = VersionedTransaction::try_new(unsigned.message, &keys).unwrap();
        json!({"transaction": STANDARD.encode(bincode::serialize(&signed).unwrap())})
    }

    /// Relayed by the service; waits until the page has it.
    async fn relay(&self, transaction: Value, entries: usize) {
        let (status, _, body) = self.service.post(SUBMIT, transaction).await;
        assert_eq!(status, 200, "{body}");
        for _ in 0..100 {
            if self.entries().await.len() == entries {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{} entries instead of {entries}", self.entries().await.len());
    }
}

fn round() -> Pubkey {
    address::round(&address::lottery(1).0, 0).0
}

fn quick(count: u8) -> Value {
    json!({"quick_picks": {"count": count, "spots": 4, "stake_units": STAKE.to_string()}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_key_plays_while_a_third_party_pays() {
    let play = Play::start().await;
    let (owner_before, sponsor_before) =
        (play.lamports(play.player.pubkey()).await, play.lamports(play.sponsor.pubkey()).await);
    let more = json!({"tickets": [{"numbers": [1, 17, 64, 80], "stake_units": (2 * STAKE).to_string()}],
                      "quick_picks": {"count": 2, "spots": 1, "stake_units": STAKE.to_string()}});
    play.relay(play.signed(more).await, 3).await;
    play.relay(play.signed(quick(1)).await, 4).await;
    let entries = play.entries().await;
    let played: Vec<_> = entries.iter().map(|entry| (entry.spots, entry.stake_units)).collect();
    assert_eq!(played, [(4, 2 * STAKE), (1, STAKE), (1, STAKE), (4, STAKE)]);
    assert_eq!(entries[0].picks, [1 | 1 << 16 | 1 << 63, 1 << 15]);
    assert!(entries.iter().all(|entry| entry.wallet == play.wallet().to_bytes()));
    let (wallet, _) = play.account::<Wallet>(play.wallet()).await;
    assert_eq!((wallet.balance_units, wallet.session_spent_units), (SOL - 5 * STAKE, 5 * STAKE));
    // Two transactions of two signatures each, paid by the sponsor alone.
    assert_eq!(play.lamports(play.sponsor.pubkey()).await, sponsor_before - 2 * 10_000);
    assert_eq!(play.lamports(play.player.pubkey()).await, owner_before);
    assert_eq!(play.lamports(play.session.pubkey()).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_session_stops_what_is_already_signed() {
    let play = Play::start().await;
    let in_flight = play.signed(quick(1)).await;
    let none = SessionArgs::zeroed();
    play.send(&play.player, &[ix::set_session(play.player.pubkey(), NATIVE, &none)]).await;
    let problem = play.service.post_problem(SUBMIT, in_flight, 422).await;
    assert_eq!(problem["name"], "Unauthorized", "{problem}");
    let problem = play.service.post_problem("/api/transactions/enter", play.body(quick(1)), 422).await;
    assert_eq!(problem["name"], "Unauthorized");
    assert!(problem["detail"].as_str().unwrap().contains("no session with this key"), "{problem}");
    assert!(play.entries().await.is_empty());
    let (wallet, _) = play.account::<Wallet>(play.wallet()).await;
    assert_eq!(wallet.balance_units, SOL, "nothing was spent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_spend_limit_holds_for_what_was_built_before_it_was_reached() {
    let play = Play::start().await;
    // 50 stakes may be spent: three times 20 are too many, whenever they were built.
    let one_spot =
        |count: u8| json!({"quick_picks": {"count": count, "spots": 1, "stake_units": STAKE.to_string()}});
    let [first, second, third] =
        [play.signed(one_spot(20)).await, play.signed(one_spot(20)).await, play.signed(one_spot(20)).await];
    play.relay(first, 20).await;
    play.relay(second, 40).await;
    let problem = play.service.post_problem(SUBMIT, third, 422).await;
    assert_eq!(problem["name"], "SessionOverspent", "{problem}");
    let problem = play.service.post_problem("/api/transactions/enter", play.body(one_spot(11)), 422).await;
    assert_eq!(problem["name"], "SessionOverspent");
    assert!(problem["detail"].as_str().unwrap().contains("100000 units more"), "{problem}");
    play.relay(play.signed(one_spot(10)).await, 50).await;
}
