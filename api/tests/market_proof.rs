//! A market of the real program, played through the api alone: bet, attested by three reporters of whom one lies, settled, paid, and
//! proved to whoever asks.

mod support;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytemuck::{Zeroable, bytes_of};
use lottery_client::{
    Instruction, Keypair, Pubkey, Rpc, RpcConfig, SendOptions, Signer,
    proof::{Proof, Randomness, entry_payout, first_failed, recompute},
};
use lottery_indexer::{Indexer, Walk, metrics::Metrics, source::RpcSource};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, PredictionRules, Round},
    address,
    args::{AttestArgs, ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs},
    instructions::{self as ix, Item, TokenSide},
    kinds::{RoundStatus, Source},
};
use lottery_localnet::{Localnet, LocalnetConfig};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;
use support::Service;

const SOL: u64 = 1_000_000_000;
const NATIVE: Pubkey = Pubkey::new_from_array([0; 32]);
const ID: u64 = 1;
const EVENT_DELAY: u32 = 60;

struct Play {
    localnet: Localnet,
    rpc: Rpc,
    service: Service,
    operator: Keypair,
    players: Vec<Keypair>,
    reporters: Vec<Keypair>,
}

fn lottery() -> Pubkey {
    address::lottery(ID).0
}

fn config() -> Pubkey {
    address::config(&lottery(), 0).0
}

fn round() -> Pubkey {
    address::round(&lottery(), 0).0
}

fn keys(of: &[Keypair]) -> Vec<Pubkey> {
    of.iter().map(Keypair::pubkey).collect()
}

fn limits() -> LimitsArgs {
    LimitsArgs {
        min_stake_units: 1_000,
        max_stake_units: SOL,
        page_entries: 4,
        max_pages: 2,
        max_entries_per_round: 8,
        period_seconds: 60,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        ..Zeroable::zeroed()
    }
}

impl Play {
    async fn start() -> Self {
        let operator = Keypair::new();
        let players: Vec<_> = (0..2).map(|_| Keypair::new()).collect();
        let reporters: Vec<_> = (0..3).map(|_| Keypair::new()).collect();
        let mut funded = vec![(operator.pubkey(), 200 * SOL)];
        funded.extend(keys(&players).into_iter().chain(keys(&reporters)).map(|key| (key, 5 * SOL)));
        let config = LocalnetConfig { funded, slot_ms: 100, ..Default::default() };
        let localnet = Localnet::start(config).await.unwrap();
        let url = localnet.rpc_url.clone();
        let rpc = Rpc::with_config(RpcConfig::new(vec![url.clone()]));
        let service = Service::start_empty(|config| config.rpc_urls = vec![url]).await;
        let play = Self { localnet, rpc, service, operator, players, reporters };
        play.create().await;
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
        registry.allowed_sources[Kind::Prediction as usize] = 1 << Source::Oracle as u8;
        self.send(&self.operator, &[ix::init_registry(operator, &registry)]).await;
        self.send(&self.operator, &[ix::open_vault(operator, NATIVE, address::SYSTEM_PROGRAM)]).await;
        let deposit = ix::deposit(operator, TokenSide::native(operator), SOL);
        self.send(&self.operator, &[ix::open_wallet(operator, operator, NATIVE), deposit]).await;
        let reporters = keys(&self.reporters);
        self.send(&self.operator, &[ix::create_oracle_set(operator, &reporters)]).await;
        let about =
            LotteryArgs { name: [0; 32], pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
        let config = ConfigArgs {
            grace_seconds: 86_400,
            grace_slots: 216_000,
            claim_seconds: 60,
            fee_bps: 500,
            kind: Kind::Prediction as u8,
            source: Source::Oracle as u8,
            ..Zeroable::zeroed()
        };
        let rules = PredictionRules {
            oracles: address::oracle_set(&reporters).0.to_bytes(),
            event_delay_seconds: EVENT_DELAY,
            ..support::parity_rules()
        };
        let create = ix::create_lottery(operator, ID, NATIVE, &about, &limits(), &config, bytes_of(&rules));
        self.send(&self.operator, &[create]).await;
        self.send(&self.operator, &[ix::fund_crank(operator, ID, SOL), ix::activate_lottery(operator, ID)])
            .await;
        self.send(
            &self.operator,
            &[
                ix::open_round(operator, lottery(), self::config(), 0),
                ix::open_page(operator, lottery(), round(), 0),
            ],
        )
        .await;
    }

    /// As any frontend does it: asks for the transaction, signs it, has it relayed.
    async fn bet(&self, player: &Keypair, bets: &[(u8, u64)]) {
        let tickets: Vec<Value> = bets
            .iter()
            .map(|(outcome, stake)| json!({"outcome": outcome, "stake_units": stake.to_string()}))
            .collect();
        let body = json!({"owner": player.pubkey().to_string(), "lottery_id": ID, "tickets": tickets});
        let (status, _, built) = self.service.post("/api/transactions/enter", body).await;
        assert_eq!(status, 200, "{built}");
        let bytes = STANDARD.decode(built["transaction"].as_str().unwrap()).unwrap();
        let mut transaction: VersionedTransaction = bincode::deserialize(&bytes).unwrap();
        transaction.signatures[0] = player.sign_message(&transaction.message.serialize());
        let signed = STANDARD.encode(bincode::serialize(&transaction).unwrap());
        let (status, _, sent) =
            self.service.post("/api/transactions/submit", json!({"transaction": signed})).await;
        assert_eq!(status, 200, "{sent}");
        self.localnet.produce_blocks(2).await.unwrap();
    }

    async fn attest(&self, reporter: &Keypair, fact: i64, event_at: i64) {
        let mut args = AttestArgs { facts: [0; 8], evidence: [fact as u8; 32], event_at };
        args.facts[0] = fact;
        let oracles = address::oracle_set(&keys(&self.reporters)).0;
        self.send(reporter, &[ix::attest(reporter.pubkey(), round(), config(), oracles, &args)]).await;
    }

    async fn round(&self) -> Round {
        Round::read(&self.localnet.account(round()).await.unwrap().unwrap().data).unwrap()
    }

    async fn index(&self) {
        let pool = self.service.pool.clone();
        let source = RpcSource::new(self.localnet.rpc_url.clone(), address::PROGRAM_ID, Walk::Auto);
        let tip = self.localnet.clock().await.slot as i64;
        let mut indexer = Indexer::new(
            pool.clone(),
            source,
            Arc::<Metrics>::default(),
            Arc::default(),
            Duration::from_millis(50),
        );
        loop {
            let more = indexer.step().await.unwrap();
            let slot: i64 = sqlx::query_scalar("SELECT slot FROM cursor").fetch_one(&pool).await.unwrap();
            if slot >= tip && !more {
                break;
            }
        }
        let open = "SELECT count(*) FROM quarantine";
        assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&pool).await.unwrap(), 0);
    }

    async fn shown(&self) -> Value {
        self.service.ok(&format!("/api/lotteries/{ID}/rounds/0")).await
    }

    async fn proof(&self) -> Proof {
        let by_address = self.service.ok(&format!("/api/rounds/{}/proof", round())).await;
        assert_eq!(self.service.ok(&format!("/api/lotteries/{ID}/rounds/0/proof")).await, by_address);
        serde_json::from_value(by_address).unwrap()
    }

    async fn unknown_outcome(&self) {
        let owner = self.players[0].pubkey().to_string();
        let body =
            json!({"owner": owner, "lottery_id": ID, "tickets": [{"outcome": 2, "stake_units": "1000"}]});
        let problem = self.service.post_problem("/api/transactions/enter", body, 422).await;
        assert_eq!(problem["name"], "OutcomeUnknown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_is_played_through_the_api_and_proved() {
    let play = Play::start().await;
    play.unknown_outcome().await;
    play.bet(&play.players[0], &[(0, 2_000_001), (0, 1_000_000)]).await;
    play.index().await;
    assert_eq!(play.shown().await["pools"][0]["payout"], 1.0, "nobody bet against it yet");
    play.bet(&play.players[1], &[(1, 1_000_000)]).await;
    play.index().await;
    let open = play.shown().await;
    assert_eq!(
        (&open["pools"][0]["stake_units"], &open["pools"][1]["entries"]),
        (&json!("3000001"), &json!(1))
    );
    assert_eq!(open["pools"][1]["payout"], 1.95);
    let early = play.service.problem(&format!("/api/rounds/{}/proof", round()), 409).await;
    assert_eq!(early["expected_at"], open["event_at"]);

    play.localnet.advance(Duration::from_secs(60 + u64::from(EVENT_DELAY) + 5)).await.unwrap();
    play.localnet.produce_blocks(3).await.unwrap();
    let event_at = play.round().await.event_at;
    assert_eq!(open["event_at"], event_at);
    // The liar first; then two who tell the truth decide.
    for (reporter, fact) in play.reporters.iter().zip([8, 7, 7]) {
        play.attest(reporter, fact, event_at).await;
    }
    play.index().await;
    let valued = play.proof().await;
    assert_eq!(valued.status, "valued");
    assert_eq!(first_failed(&recompute(&valued)), None);
    let shown = play.shown().await;
    assert_eq!((&shown["winning_outcome"], &shown["facts"]), (&json!(1), &json!(["7"])));
    assert_eq!(shown["attestations"].as_array().unwrap().len(), 3);

    let operator = play.operator.pubkey();
    let steps = [
        ix::seal_page(operator, round(), 0),
        ix::draw(operator, round(), config()),
        ix::settle(operator, round(), config(), 0, 10),
        ix::finalise(operator, lottery(), round(), config()),
    ];
    for step in steps {
        play.send(&play.operator, &[step]).await;
    }
    pay(&play).await;
    play.index().await;
    let settled = play.round().await;
    assert_eq!(settled.status, RoundStatus::Final as u8);
    check_proof(&play.proof().await, &settled);
    check_shown(&play).await;
    play.localnet.stop().await.unwrap();
}

async fn pay(play: &Play) {
    let operator = play.operator.pubkey();
    let wallets: Vec<Pubkey> =
        keys(&play.players).iter().map(|player| address::wallet(player, &NATIVE).0).collect();
    let items =
        [(0, 0), (1, 0), (2, 1)].map(|(index, player): (u32, usize)| Item { index, wallet: wallets[player] });
    play.send(&play.operator, &[ix::pay(operator, round(), 0, &items)]).await;
}

/// The proof agrees with the chain, and finds whatever is changed in it.
fn check_proof(proof: &Proof, chain: &Round) {
    let steps = recompute(proof);
    assert_eq!(first_failed(&steps), None);
    assert!(steps.iter().all(|step| step.expected.is_some()), "everything is compared");
    assert_eq!((proof.value, proof.seed), (chain.value, Some(chain.seed)));
    let market = proof.market.as_ref().unwrap();
    let money = market.settled.as_ref().unwrap();
    assert_eq!(
        (money.pool_units, money.winning_units, money.matched_units, money.fee_units, money.prizes_units),
        (chain.pool_units, chain.winning_units, chain.matched_units, chain.fee_units, chain.prizes_units)
    );
    assert_eq!((money.matched_units, money.fee_units), (1_000_000, 50_000));
    let failed = |tamper: &dyn Fn(&mut Proof)| {
        let mut proof = proof.clone();
        tamper(&mut proof);
        first_failed(&recompute(&proof)).map(|step| step.name)
    };
    let oracle =
        |proof: &mut Proof, change: &dyn Fn(&mut lottery_client::proof::OracleProof)| match &mut proof
            .randomness
        {
            Randomness::Oracle(oracle) => change(oracle),
            _ => unreachable!("oracles decided"),
        };
    assert_eq!(failed(&|p| oracle(p, &|o| o.attestations[0].reporter_index = 9)), Some("attestations"));
    assert_eq!(
        failed(&|p| oracle(p, &|o| o.attestations.iter_mut().for_each(|a| a.facts = vec![8]))),
        Some("quorum")
    );
    assert_eq!(failed(&|p| p.market.as_mut().unwrap().pools[0] -= 1), Some("pools"));
    assert_eq!(failed(&|p| p.value[0] ^= 1), Some("value"));
}

/// What the api shows of each entry is what the proof's formulas give, and what was paid.
async fn check_shown(play: &Play) {
    let proof = play.proof().await;
    let entries = play.service.ok(&format!("/api/lotteries/{ID}/rounds/0/entries")).await["items"].clone();
    let entries = entries.as_array().unwrap();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        let stake = entry["stake_units"].as_str().unwrap().parse().unwrap();
        let outcome = entry["outcome"].as_u64().unwrap() as u8;
        let payout = entry_payout(&proof, outcome, stake).unwrap();
        assert_eq!(entry["prize_units"], payout.to_string(), "{entry}");
        assert_eq!(entry["paid"], true);
    }
    assert_eq!(entries[0]["prize_units"], "1950000");
    let records = play.service.ok(&format!("/api/rounds/{}/records", round())).await["items"].clone();
    let names: Vec<_> = records.as_array().unwrap().iter().map(|r| r["record"].as_str().unwrap()).collect();
    let expected = [
        "BetPlaced",
        "BetPlaced",
        "BetPlaced",
        "RoundLocked",
        "BetMatched",
        "BetMatched",
        "BetMatched",
        "RoundFinalized",
        "RefundIssued",
        "RefundIssued",
        "WinningsClaimed",
    ];
    assert_eq!(names, expected);
}
