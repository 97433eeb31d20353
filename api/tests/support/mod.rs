//! A service over a private Postgres with seeded rows, and what tests need to talk to it.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::await_holding_lock, reason = "a test has a thread of its own")]

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use bytemuck::Zeroable;
use lottery_api::{ApiConfig, Server};
use lottery_client::Pubkey;
use lottery_indexer::testing::PrivatePostgres;
use lottery_interface::accounts::{InstantPrize, InstantRules, KenoRules, PredictionRules, RaffleRules};
use lottery_rules::prediction::{MappingKind, Mode};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::oneshot;

pub const OWNER: &str = "SysvarC1ock11111111111111111111111111111111";

pub struct Service {
    pub address: SocketAddr,
    pub pool: PgPool,
    stop: Option<oneshot::Sender<()>>,
    running: Option<tokio::task::JoinHandle<anyhow::Result<()>>>,
    _database: Database,
}

/// Tests of a process share one cluster, which goes with its last user: ends and beginnings must not overlap.
static GATE: Mutex<()> = Mutex::new(());

struct Database(Option<PrivatePostgres>);

impl Database {
    async fn start() -> Self {
        // Every test has a runtime and a thread of its own, so the gate may be held across the wait.
        let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Some(PrivatePostgres::start().await.expect("a private Postgres")))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.take());
    }
}

/// One spot pays 3.8 stakes and returns 95 % exactly; four spots pay 1, 5 and 100 and return 73.52 %.
pub fn keno_rules() -> KenoRules {
    let mut rules = KenoRules { rtp_min_bps: 7_000, rtp_max_bps: 9_600, ..Zeroable::zeroed() };
    rules.paytable_bps[0][1] = 38_000;
    rules.paytable_bps[3][2..=4].copy_from_slice(&[10_000, 50_000, 1_000_000]);
    rules
}

/// 100 stakes in one of 1,024 tickets, 2 in one of 4: 59.77 %.
pub fn instant_rules() -> InstantRules {
    let mut rules =
        InstantRules { rtp_min_bps: 5_000, rtp_max_bps: 6_000, prize_count: 3, ..Zeroable::zeroed() };
    let rows = [(1 << 22, 1_000_000), (1 << 30, 20_000), ((3 << 30) - (1 << 22), 0)];
    for (row, (parts, multiplier_bps)) in rules.prizes.iter_mut().zip(rows) {
        *row = InstantPrize { parts, multiplier_bps };
    }
    rules
}

/// Round 0 of market 41.
pub const MARKET_ROUND: &str = "SysvarRent111111111111111111111111111111111";

/// Round 0 of raffle 51.
pub const RAFFLE_ROUND: &str = MARKET_ROUND;

/// Two places and two who wait, for five people on a list.
pub fn places_rules() -> RaffleRules {
    RaffleRules {
        root: [0xab; 32],
        capacity: 2,
        waiting: 2,
        leaf_count: 5,
        confirm_seconds: 3_600,
        penalty_bps: 2_500,
        depth: 3,
        mode: 1,
        ..Zeroable::zeroed()
    }
}

/// 70 and 30 %, open to everyone.
pub fn prizes_rules() -> RaffleRules {
    let mut rules = RaffleRules { capacity: 2, mode: 1, prize_count: 2, ..Zeroable::zeroed() };
    rules.prizes_bps[..2].copy_from_slice(&[7_000, 3_000]);
    rules
}

/// The oracle set of the seeded markets.
pub fn oracles() -> String {
    Pubkey::new_from_array([0x0a; 32]).to_string()
}

/// Even or odd, pro rata; 2 of 3 reporters decide a minute after the lock.
pub fn parity_rules() -> PredictionRules {
    PredictionRules {
        oracles: [0x0a; 32],
        minimum: 1,
        maximum: 69,
        event_delay_seconds: 60,
        mode: Mode::ProRata as u8,
        outcome_count: 2,
        mapping: MappingKind::Parity as u8,
        fact_count: 1,
        subject: 1,
        quorum: 2,
        reporter_count: 3,
        ..Zeroable::zeroed()
    }
}

/// 1, 2 or 3, parimutuel.
pub fn number_rules() -> PredictionRules {
    PredictionRules {
        maximum: 3,
        outcome_count: 3,
        mode: Mode::Parimutuel as u8,
        mapping: MappingKind::Number as u8,
        ..parity_rules()
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\\x{digits}")
}

/// A cluster that nobody runs: whatever needs it must say so, not hang.
const NO_CLUSTER: &str = "http://127.0.0.1:9";

impl Service {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self::start_over(include_str!("seed.sql"), change).await
    }

    /// With no rows at all, for a chain to be indexed.
    pub async fn start_empty(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self::start_over("", change).await
    }

    async fn start_over(rows: &'static str, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let database = Database::start().await;
        let (pool, url) =
            database.0.as_ref().map(|postgres| (postgres.pool.clone(), postgres.url.clone())).unwrap();
        sqlx::raw_sql(rows).execute(&pool).await.unwrap();
        let mut config = ApiConfig::new(([127, 0, 0, 1], 0).into(), url, NO_CLUSTER);
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        let address = server.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { address, pool, stop: Some(stop), running: Some(running), _database: database }
    }

    /// With the rows of house.sql: keno lottery 21, instant lottery 22.
    pub async fn start_house() -> Self {
        let service = Self::start().await;
        let sql = include_str!("house.sql")
            .replace("{keno}", &hex(bytemuck::bytes_of(&keno_rules())))
            .replace("{instant}", &hex(bytemuck::bytes_of(&instant_rules())));
        service.execute(&sql).await;
        service
    }

    /// With the rows of market.sql: markets 41 and 42.
    pub async fn start_market() -> Self {
        let service = Self::start().await;
        let sql = include_str!("market.sql")
            .replace("{parity}", &hex(bytemuck::bytes_of(&parity_rules())))
            .replace("{number}", &hex(bytemuck::bytes_of(&number_rules())))
            .replace("{oracles}", &oracles())
            .replace("{round}", MARKET_ROUND);
        service.execute(&sql).await;
        service
    }

    /// With the rows of raffle.sql: raffles 51 and 52.
    pub async fn start_raffle() -> Self {
        let service = Self::start().await;
        let sql = include_str!("raffle.sql")
            .replace("{places}", &hex(bytemuck::bytes_of(&places_rules())))
            .replace("{prizes}", &hex(bytemuck::bytes_of(&prizes_rules())))
            .replace("{round}", RAFFLE_ROUND);
        service.execute(&sql).await;
        service
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Status, content type and JSON.
    pub async fn get(&self, path: &str) -> (u16, String, Value) {
        answer(reqwest::get(self.url(path)).await.unwrap()).await
    }

    /// JSON of a request that must succeed.
    pub async fn ok(&self, path: &str) -> Value {
        let (status, _, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A problem of a request that must fail with `status`.
    pub async fn problem(&self, path: &str, status: u16) -> Value {
        let (got, kind, body) = self.get(path).await;
        check_problem(got, &kind, &body, status);
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, String, Value) {
        answer(reqwest::Client::new().post(self.url(path)).json(&body).send().await.unwrap()).await
    }

    pub async fn post_problem(&self, path: &str, body: Value, status: u16) -> Value {
        let (got, kind, body) = self.post(path, body).await;
        check_problem(got, &kind, &body, status);
        body
    }

    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await.unwrap();
    }

    /// Stops the service and says how it ended.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let _ = self.stop.take().expect("stopped once").send(());
        self.running.take().expect("stopped once").await?
    }
}

fn check_problem(got: u16, kind: &str, body: &Value, status: u16) {
    assert_eq!(got, status, "{body}");
    assert_eq!(kind, "application/problem+json");
    assert_eq!(body["status"], status);
    for member in ["type", "title", "detail"] {
        assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "no {member} in {body}");
    }
}

async fn answer(response: reqwest::Response) -> (u16, String, Value) {
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, kind.unwrap_or_default(), json)
}
