//! A cluster of a few accounts that answers the RPC methods which building transactions needs.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytemuck::Zeroable;
use lottery_client::Pubkey;
use lottery_interface::{
    Kind,
    accounts::{
        AccountLayout, Config, Entry, Lottery, Page, PredictionRules, RaffleState, RankedEntry, Ranking,
        Round, Vault, Wallet,
    },
    address,
    kinds::{LotteryStatus, PageStatus, RoundStatus, VaultKind},
};
use serde_json::{Value, json};

/// The cluster's time.
pub const NOW: i64 = 1_700_000_000;
const SLOT: u64 = 1_000;
pub const RENT: u64 = 3_000_000;
pub const STAKE: u64 = 10_000_000;
pub const SIGNATURE: &str =
    "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW";

struct Account {
    owner: Pubkey,
    lamports: u64,
    data: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    accounts: HashMap<String, Account>,
    /// What `sendTransaction` fails with.
    refusal: Option<Value>,
    sent: Vec<String>,
}

#[derive(Clone)]
pub struct Cluster {
    pub address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Cluster {
    /// A cluster with lottery 1 (6 of 49 in SOL), which sells round 0.
    pub async fn start() -> Self {
        let shared = Arc::<Mutex<Shared>>::default();
        let app = Router::new().route("/", post(answer)).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let cluster = Self { address, shared };
        cluster.open_lottery();
        cluster
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn open_lottery(&self) {
        let lottery = address::lottery(1).0;
        let mut name = [0; 32];
        name[..10].copy_from_slice(b"Daily 6/49");
        let status = LotteryStatus::Active as u8;
        let row = Lottery { id: 1, name, status, next_round_index: 1, ..Zeroable::zeroed() };
        self.put(lottery, &row, 0);
        let vault = Vault { kind: VaultKind::Native as u8, decimals: 9, ..Zeroable::zeroed() };
        self.put(address::vault(&Pubkey::default()).0, &vault, 0);
        let round = address::round(&lottery, 0).0;
        self.round(NOW + 60);
        let page = Page {
            round: round.to_bytes(),
            capacity: 100,
            status: PageStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        self.put(address::page(&round, 0).0, &page, 100 * size_of::<Entry>());
        let mut clock = vec![0; 40];
        clock[..8].copy_from_slice(&SLOT.to_le_bytes());
        clock[32..].copy_from_slice(&NOW.to_le_bytes());
        let sysvar = Account { owner: Pubkey::default(), lamports: 1, data: clock };
        self.insert(lottery_client::fetch::CLOCK_SYSVAR, sysvar);
    }

    /// Round 0, which locks at `locks_at`.
    pub fn round(&self, locks_at: i64) {
        let lottery = address::lottery(1).0;
        let round = Round {
            lottery: lottery.to_bytes(),
            lottery_id: 1,
            kind: Kind::Draw as u8,
            locks_at,
            lock_slot: SLOT + 150,
            stake_units: STAKE,
            page_count: 1,
            page_entries: 100,
            picks: 6,
            numbers: 49,
            status: RoundStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        self.put(address::round(&lottery, 0).0, &round, 0);
    }

    /// Makes lottery 1 a house game, with round 0 on sale: stakes of 1,000 to 50,000 units, pages that cover 16,000,000.
    pub fn house(&self, kind: Kind, max_multiplier_bps: [u32; 10]) {
        let lottery = address::lottery(1).0;
        let round = Round {
            lottery: lottery.to_bytes(),
            lottery_id: 1,
            kind: kind as u8,
            locks_at: NOW + 5,
            lock_slot: SLOT + 12,
            page_count: 1,
            page_entries: 100,
            min_stake_units: 1_000,
            max_stake_units: 50_000,
            page_budget_units: 16_000_000,
            max_liability_units: 16_000_000,
            max_multiplier_bps,
            status: RoundStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        self.put(address::round(&lottery, 0).0, &round, 0);
        self.covered(0);
    }

    /// Makes lottery 1 a market of these rules, with round 0 on sale: stakes of 1,000 to 50,000 units.
    pub fn market(&self, rules: &PredictionRules) {
        let lottery = address::lottery(1).0;
        let config = address::config(&lottery, 0).0;
        let round = Round {
            lottery: lottery.to_bytes(),
            config: config.to_bytes(),
            lottery_id: 1,
            kind: Kind::Prediction as u8,
            locks_at: NOW + 5,
            lock_slot: SLOT + 12,
            event_at: NOW + 65,
            page_count: 1,
            page_entries: 100,
            min_stake_units: 1_000,
            max_stake_units: 50_000,
            outcome_count: rules.outcome_count,
            reporter_count: rules.reporter_count,
            quorum: rules.quorum,
            status: RoundStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        self.put(address::round(&lottery, 0).0, &round, 0);
        let round = address::round(&lottery, 0).0;
        let page = Page {
            round: round.to_bytes(),
            capacity: 100,
            tail_words: rules.outcome_count.into(),
            status: PageStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        let tail = 100 * size_of::<Entry>() + 8 * usize::from(rules.outcome_count);
        self.put(address::page(&round, 0).0, &page, tail);
        let stored = Config { kind: Kind::Prediction as u8, ..Zeroable::zeroed() };
        self.put_with(config, &stored, bytemuck::bytes_of(rules));
    }

    /// Makes lottery 1 a raffle in this state, with round 0 in `status`: places cost [`STAKE`], and page 0 has these entries.
    /// `ranked` is the order of the accepted ranking.
    pub fn raffle(
        &self,
        status: RoundStatus,
        state: &RaffleState,
        entries: &[(Pubkey, u64)],
        ranked: &[RankedEntry],
    ) {
        let lottery = address::lottery(1).0;
        let address = address::round(&lottery, 0).0;
        let round = Round {
            lottery: lottery.to_bytes(),
            lottery_id: 1,
            kind: Kind::Raffle as u8,
            locks_at: NOW + 5,
            lock_slot: SLOT + 12,
            final_at: if status == RoundStatus::Final { NOW - 10 } else { 0 },
            stake_units: STAKE,
            page_count: 1,
            page_entries: 100,
            status: status as u8,
            ..Zeroable::zeroed()
        };
        let ranking = address::ranking(&address, &Pubkey::default()).0;
        let is_ranked = u8::from(!ranked.is_empty());
        let state = RaffleState { ranking: ranking.to_bytes(), is_ranked, ..*state };
        self.put_with(address, &round, bytemuck::bytes_of(&state));
        let page = Page {
            round: address.to_bytes(),
            capacity: 100,
            count: entries.len() as u32,
            tail_words: 2,
            status: PageStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        let mut tail = vec![0; 100 * size_of::<Entry>() + 16];
        for (place, (wallet, key)) in tail.chunks_exact_mut(size_of::<Entry>()).zip(entries) {
            let entry = Entry { wallet: wallet.to_bytes(), picks: [1 << 32, *key], ..Zeroable::zeroed() };
            place.copy_from_slice(bytemuck::bytes_of(&entry));
        }
        self.put_with(address::page(&address, 0).0, &page, &tail);
        let count = ranked.len() as u32;
        let row = Ranking {
            round: address.to_bytes(),
            slots: count,
            found: count,
            sorted: count,
            page_count: 1,
            ..Zeroable::zeroed()
        };
        self.put_with(ranking, &row, &[&[0; 8], bytemuck::cast_slice(ranked)].concat());
    }

    /// The house game's page, with so much of its budget used.
    pub fn covered(&self, liability_units: u64) {
        let round = address::round(&address::lottery(1).0, 0).0;
        let page = Page {
            round: round.to_bytes(),
            capacity: 100,
            budget_units: 16_000_000,
            liability_units,
            status: PageStatus::Open as u8,
            ..Zeroable::zeroed()
        };
        self.put(address::page(&round, 0).0, &page, 100 * size_of::<Entry>());
    }

    /// Gives `owner` a wallet whose session lets `key` spend 10,000 units on lottery 1.
    pub fn session(&self, owner: Pubkey, key: Pubkey, change: impl FnOnce(&mut Wallet)) {
        let mut wallet = Wallet {
            owner: owner.to_bytes(),
            balance_units: 1_000_000,
            session_key: key.to_bytes(),
            session_lotteries: [1, 0, 0, 0],
            session_expires_at: NOW + 3_600,
            session_limit_units: 10_000,
            ..Zeroable::zeroed()
        };
        change(&mut wallet);
        self.put(address::wallet(&owner, &Pubkey::default()).0, &wallet, 0);
    }

    /// Gives `owner` lamports outside, and a wallet with a balance if one is named.
    pub fn player(&self, owner: Pubkey, lamports: u64, balance: Option<u64>) {
        self.insert(owner, Account { owner: Pubkey::default(), lamports, data: Vec::new() });
        if let Some(balance_units) = balance {
            let wallet = Wallet { owner: owner.to_bytes(), balance_units, ..Zeroable::zeroed() };
            self.put(address::wallet(&owner, &Pubkey::default()).0, &wallet, 0);
        }
    }

    /// Makes `sendTransaction` fail as a preflight that ends with this error.
    pub fn refuse(&self, error: Value) {
        let data =
            json!({"err": error, "logs": [], "accounts": null, "unitsConsumed": 0, "returnData": null});
        let refusal = json!({"code": -32002, "message": "Transaction simulation failed", "data": data});
        self.shared.lock().unwrap().refusal = Some(refusal);
    }

    pub fn sent(&self) -> Vec<String> {
        self.shared.lock().unwrap().sent.clone()
    }

    fn put<T: AccountLayout>(&self, key: Pubkey, row: &T, tail: usize) {
        self.put_with(key, row, &vec![0; tail]);
    }

    fn put_with<T: AccountLayout>(&self, key: Pubkey, row: &T, tail: &[u8]) {
        let data = [&T::DISCRIMINATOR, bytemuck::bytes_of(row), tail].concat();
        self.insert(key, Account { owner: address::PROGRAM_ID, lamports: RENT, data });
    }

    fn insert(&self, key: Pubkey, account: Account) {
        self.shared.lock().unwrap().accounts.insert(key.to_string(), account);
    }
}

async fn answer(State(shared): State<Arc<Mutex<Shared>>>, Json(request): Json<Value>) -> Json<Value> {
    let mut shared = shared.lock().unwrap();
    let context = json!({"slot": SLOT, "apiVersion": "4.0.0"});
    let parameters = &request["params"];
    let result = match request["method"].as_str().unwrap() {
        "getLatestBlockhash" => {
            let value = json!({"blockhash": Pubkey::new_from_array([7; 32]).to_string(), "lastValidBlockHeight": 1_150});
            json!({"context": context, "value": value})
        }
        "getMinimumBalanceForRentExemption" => json!(RENT),
        "getMultipleAccounts" => {
            let slice =
                parameters[1]["dataSlice"]["length"].as_u64().map_or(usize::MAX, |length| length as usize);
            let keys = parameters[0].as_array().unwrap();
            let value: Vec<Value> =
                keys.iter().map(|key| account(&shared, key.as_str().unwrap(), slice)).collect();
            json!({"context": context, "value": value})
        }
        "sendTransaction" => match &shared.refusal {
            Some(refusal) => return Json(json!({"jsonrpc": "2.0", "id": request["id"], "error": refusal})),
            None => {
                shared.sent.push(parameters[0].as_str().unwrap().to_owned());
                json!(SIGNATURE)
            }
        },
        other => panic!("the service asks for {other}"),
    };
    Json(json!({"jsonrpc": "2.0", "id": request["id"], "result": result}))
}

fn account(shared: &Shared, key: &str, slice: usize) -> Value {
    let Some(account) = shared.accounts.get(key) else { return Value::Null };
    let data = &account.data[..account.data.len().min(slice)];
    json!({
        "lamports": account.lamports,
        "owner": account.owner.to_string(),
        "data": [STANDARD.encode(data), "base64"],
        "executable": false,
        "rentEpoch": 0,
        "space": account.data.len(),
    })
}
