//! Unsigned transactions: what is in them, what they say, and what is refused before anybody signs.

#[path = "support/cluster.rs"]
mod cluster;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use cluster::{Cluster, NOW, RENT, SIGNATURE, STAKE};
use lottery_client::{Instruction, Keypair, Pubkey, Signer};
use lottery_interface::{
    Kind,
    accounts::Wallet,
    address,
    instructions::{self, TokenSide},
};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;
use support::Service;

const SOL: u64 = 1_000_000_000;

struct Bench {
    cluster: Cluster,
    service: Service,
    player: Keypair,
}

impl Bench {
    async fn start(lamports: u64, balance: Option<u64>) -> Self {
        let cluster = Cluster::start().await;
        let player = Keypair::new();
        cluster.player(player.pubkey(), lamports, balance);
        let service = Service::start_with(|config| config.rpc_urls = vec![cluster.url()]).await;
        Self { cluster, service, player }
    }

    fn owner(&self) -> Pubkey {
        self.player.pubkey()
    }

    fn body(&self, more: Value) -> Value {
        let mut body = json!({"owner": self.owner().to_string()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    async fn build(&self, verb: &str, more: Value) -> (Value, VersionedTransaction) {
        let path = format!("/api/transactions/{verb}");
        let (status, _, body) = self.service.post(&path, self.body(more)).await;
        assert_eq!(status, 200, "{body}");
        let bytes = STANDARD.decode(body["transaction"].as_str().unwrap()).unwrap();
        (body, bincode::deserialize(&bytes).unwrap())
    }

    /// The name of the program's error that the service foresees.
    async fn refused(&self, verb: &str, more: Value) -> String {
        let problem =
            self.service.post_problem(&format!("/api/transactions/{verb}"), self.body(more), 422).await;
        assert!(problem["code"].as_u64().is_some_and(|code| code >= 6000), "{problem}");
        problem["name"].as_str().unwrap().to_owned()
    }

    fn enter(&self, quick_picks: u8, tickets: &[u8]) -> Instruction {
        let round = address::round(&address::lottery(1).0, 0).0;
        let wallet = address::wallet(&self.owner(), &Pubkey::default()).0;
        instructions::enter(self.owner(), wallet, round, address::page(&round, 0).0, quick_picks, tickets)
    }

    fn open_wallet(&self) -> Instruction {
        instructions::open_wallet(self.owner(), self.owner(), Pubkey::default())
    }

    fn deposit(&self, units: u64) -> Instruction {
        instructions::deposit(self.owner(), TokenSide::native(self.owner()), units)
    }
}

/// Spots 1, 4 and 10, for 3, 100 and 1,000 stakes at most.
const KENO: [u32; 10] = [30_000, 0, 0, 1_000_000, 0, 0, 0, 0, 0, 10_000_000];
/// 50 stakes at most.
const INSTANT: [u32; 10] = [500_000, 0, 0, 0, 0, 0, 0, 0, 0, 0];

async fn house(kind: Kind, max_multiplier_bps: [u32; 10]) -> Bench {
    let bench = Bench::start(SOL, Some(SOL)).await;
    bench.cluster.house(kind, max_multiplier_bps);
    bench
}

fn stake_and(units: u64, rest: &[u8]) -> Vec<u8> {
    [&units.to_le_bytes(), rest].concat()
}

/// The instructions of the program, as the transaction carries them: the first one sets the compute limit.
fn check(transaction: &VersionedTransaction, payer: Pubkey, expected: &[Instruction]) {
    let keys = transaction.message.static_account_keys();
    assert_eq!(keys[0], payer, "who pays comes first");
    assert!(transaction.signatures.iter().all(|signature| *signature == Default::default()));
    let carried: Vec<_> = transaction.message.instructions()[1..]
        .iter()
        .map(|ix| {
            let accounts: Vec<Pubkey> = ix.accounts.iter().map(|place| keys[usize::from(*place)]).collect();
            (keys[usize::from(ix.program_id_index)], accounts, ix.data.clone())
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|ix| {
            (ix.program_id, ix.accounts.iter().map(|meta| meta.pubkey).collect::<Vec<_>>(), ix.data.clone())
        })
        .collect();
    assert_eq!(carried, expected);
}

#[tokio::test]
async fn enter_opens_the_wallet_and_deposits_what_is_short() {
    let bench = Bench::start(SOL, None).await;
    let more = json!({"lottery_id": 1, "tickets": [{"numbers": [1, 2, 3, 4, 5, 49]}], "quick_picks": 2});
    let (body, transaction) = bench.build("enter", more).await;
    let steps = [bench.open_wallet(), bench.deposit(3 * STAKE), bench.enter(2, &[1, 2, 3, 4, 5, 49])];
    check(&transaction, bench.owner(), &steps);
    assert_eq!((&body["cost_units"], &body["deposit_units"]), (&json!("30000000"), &json!("30000000")));
    assert_eq!((&body["opens_wallet"], &body["round_index"]), (&json!(true), &json!(0)));
    assert_eq!((&body["rent_lamports"], &body["fee_lamports"]), (&json!(RENT.to_string()), &json!("5000")));
    assert_eq!((&body["last_valid_block_height"], &body["locks_at"]), (&json!(1_150), &json!(NOW + 60)));
    let summary = body["summary"].as_str().unwrap();
    for part in
        ["Opens your wallet", "Deposits 0.03 SOL", "3 tickets in round 0 of \"Daily 6/49\"", "Network fee"]
    {
        assert!(summary.contains(part), "{summary}");
    }
}

#[tokio::test]
async fn enter_deposits_only_the_difference_or_nothing() {
    let bench = Bench::start(SOL, Some(STAKE / 2)).await;
    let (_, transaction) = bench.build("enter", json!({"lottery_id": 1, "quick_picks": 1})).await;
    check(&transaction, bench.owner(), &[bench.deposit(STAKE / 2), bench.enter(1, &[])]);
    let bench = Bench::start(SOL, Some(20 * STAKE)).await;
    let (body, transaction) = bench.build("enter", json!({"lottery_id": 1, "quick_picks": 20})).await;
    check(&transaction, bench.owner(), &[bench.enter(20, &[])]);
    assert_eq!((&body["deposit_units"], &body["rent_lamports"]), (&json!("0"), &json!("0")));
    // Two equal purchases within a block are two transactions.
    let (_, again) = bench.build("enter", json!({"lottery_id": 1, "quick_picks": 20})).await;
    assert_ne!(transaction.message.serialize(), again.message.serialize());
}

#[tokio::test]
async fn enter_foresees_what_the_program_would_refuse() {
    let bench = Bench::start(SOL, Some(20 * STAKE)).await;
    let ticket = |numbers: &[u8]| json!({"lottery_id": 1, "tickets": [{"numbers": numbers}]});
    for (more, name) in [
        (ticket(&[1, 2, 3, 4, 5]), "TicketLength"),
        (ticket(&[1, 2, 3, 4, 5, 50]), "NumberOutOfRange"),
        (ticket(&[1, 2, 3, 4, 6, 5]), "NumbersUnsorted"),
        (ticket(&[1, 2, 3, 4, 5, 5]), "NumbersRepeated"),
        (
            json!({"lottery_id": 1, "tickets": [{"numbers": [1, 2, 3, 4, 5, 6], "bonus": 1}]}),
            "BonusOutOfRange",
        ),
        (json!({"lottery_id": 1}), "TicketCount"),
        (json!({"lottery_id": 1, "quick_picks": 1, "round_index": 5}), "RoundLocked"),
    ] {
        assert_eq!(bench.refused("enter", more.clone()).await, name, "{more}");
    }
    let body = bench.body(json!({"lottery_id": 2, "quick_picks": 1}));
    bench.service.post_problem("/api/transactions/enter", body, 404).await;
    bench.cluster.round(NOW);
    assert_eq!(bench.refused("enter", json!({"lottery_id": 1, "quick_picks": 1})).await, "RoundLocked");
}

#[tokio::test]
async fn nobody_is_asked_to_sign_what_they_cannot_pay() {
    let bench = Bench::start(STAKE + RENT, None).await;
    // Stake and rent, but no fee; then not even the stake.
    assert_eq!(
        bench.refused("enter", json!({"lottery_id": 1, "quick_picks": 1})).await,
        "InsufficientBalance"
    );
    assert_eq!(
        bench.refused("enter", json!({"lottery_id": 1, "quick_picks": 9})).await,
        "InsufficientBalance"
    );
    let amount = json!({"amount_units": (STAKE + RENT).to_string()});
    assert_eq!(bench.refused("deposit", amount).await, "InsufficientBalance");
    // A session key cannot deposit.
    let session = Keypair::new().pubkey().to_string();
    let more = json!({"lottery_id": 1, "quick_picks": 1, "session_key": session});
    assert_eq!(bench.refused("enter", more).await, "InsufficientBalance");
}

#[tokio::test]
async fn deposit_opens_the_wallet_once() {
    let bench = Bench::start(SOL, None).await;
    let (body, transaction) = bench.build("deposit", json!({"amount_units": "1500000"})).await;
    check(&transaction, bench.owner(), &[bench.open_wallet(), bench.deposit(1_500_000)]);
    assert!(body["summary"].as_str().unwrap().contains("Deposits 0.0015 SOL"), "{body}");
    let bench = Bench::start(SOL, Some(0)).await;
    let (_, transaction) = bench.build("deposit", json!({"amount_units": 7, "mint": "SOL"})).await;
    check(&transaction, bench.owner(), &[bench.deposit(7)]);
    let other = Keypair::new().pubkey().to_string();
    assert_eq!(bench.refused("deposit", json!({"amount_units": "7", "mint": other})).await, "WrongVault");
}

#[tokio::test]
async fn withdraw_takes_what_is_asked_or_everything() {
    let bench = Bench::start(SOL, Some(500)).await;
    let withdraw = |units| instructions::withdraw(bench.owner(), TokenSide::native(bench.owner()), units);
    let (_, transaction) = bench.build("withdraw", json!({"amount_units": "200"})).await;
    check(&transaction, bench.owner(), &[withdraw(200)]);
    let (_, transaction) = bench.build("withdraw", json!({})).await;
    check(&transaction, bench.owner(), &[withdraw(500)]);
    assert_eq!(bench.refused("withdraw", json!({"amount_units": "501"})).await, "InsufficientBalance");
    let bench = Bench::start(SOL, None).await;
    bench.service.post_problem("/api/transactions/withdraw", bench.body(json!({})), 404).await;
}

#[tokio::test]
async fn a_signed_transaction_is_sent_and_refusals_are_typed() {
    let bench = Bench::start(SOL, Some(STAKE)).await;
    let (body, unsigned) = bench.build("enter", json!({"lottery_id": 1, "quick_picks": 1})).await;
    let submit = "/api/transactions/submit";
    let as_built = json!({"transaction": body["transaction"]});
    let problem = bench.service.post_problem(submit, as_built, 400).await;
    assert!(problem["detail"].as_str().unwrap().contains("sign it first"), "{problem}");
    let signed = VersionedTransaction::try_new(unsigned.message, &[&bench.player]).unwrap();
    let signed = json!({"transaction": STANDARD.encode(bincode::serialize(&signed).unwrap())});
    let (status, _, answer) = bench.service.post(submit, signed.clone()).await;
    assert_eq!((status, &answer["signature"]), (200, &json!(SIGNATURE)));
    assert_eq!(json!({"transaction": bench.cluster.sent()[0]}), signed);
    bench.cluster.refuse(json!({"InstructionError": [1, {"Custom": 6000 + 32}]}));
    let problem = bench.service.post_problem(submit, signed.clone(), 422).await;
    assert_eq!((&problem["name"], &problem["code"]), (&json!("RoundLocked"), &json!(6032)));
    bench.cluster.refuse(json!("BlockhashNotFound"));
    let problem = bench.service.post_problem(submit, signed, 422).await;
    assert_eq!(problem["type"], "urn:lottery:problem:transaction-refused");
}

#[tokio::test]
async fn keno_tickets_have_stakes_and_quick_picks_their_own() {
    let bench = house(Kind::Keno, KENO).await;
    let more = json!({"lottery_id": 1, "tickets": [{"numbers": [7, 64, 65, 80], "stake_units": "2000"}],
                      "quick_picks": {"count": 3, "spots": 1, "stake_units": 1_000}});
    let (body, transaction) = bench.build("enter", more).await;
    let tickets = [stake_and(2_000, &[4, 7, 64, 65, 80]), stake_and(1_000, &[1])].concat();
    check(&transaction, bench.owner(), &[bench.enter(3, &tickets)]);
    assert_eq!((&body["tickets"], &body["cost_units"]), (&json!(4), &json!("5000")));
    assert_eq!(body["liability_units"], "209000");
    let summary = body["summary"].as_str().unwrap();
    assert!(summary.contains("They can win 0.000209 SOL at most"), "{summary}");
}

#[tokio::test]
async fn instant_tickets_are_stakes() {
    let bench = house(Kind::Instant, INSTANT).await;
    let more = json!({"lottery_id": 1, "tickets": [{"stake_units": 1_500}],
                      "quick_picks": {"count": 19, "stake_units": "1000"}});
    let (body, transaction) = bench.build("enter", more).await;
    let tickets = [stake_and(1_500, &[]), stake_and(1_000, &[])].concat();
    check(&transaction, bench.owner(), &[bench.enter(19, &tickets)]);
    assert_eq!((&body["cost_units"], &body["liability_units"]), (&json!("20500"), &json!("1025000")));
}

#[tokio::test]
async fn each_fault_of_a_house_ticket_has_its_problem() {
    let keno = house(Kind::Keno, KENO).await;
    let ticket = |numbers: &[u8], stake: u64| json!({"lottery_id": 1, "tickets": [{"numbers": numbers, "stake_units": stake}]});
    let quick = |quick: Value| json!({"lottery_id": 1, "quick_picks": quick});
    let ten: Vec<u8> = (1..=10).collect();
    for (more, name, said) in [
        (ticket(&[1], 999), "StakeOutOfRange", "choose 1000 to 50000"),
        (ticket(&[1], 50_001), "StakeOutOfRange", "choose 1000 to 50000"),
        (ticket(&[1], 0), "StakeOutOfRange", "choose 1000 to 50000"),
        (json!({"lottery_id": 1, "tickets": [{"numbers": [1]}]}), "StakeOutOfRange", "say the stake"),
        (ticket(&[1, 2], 1_000), "SpotsNotOffered", "1, 4, 10"),
        (ticket(&[], 1_000), "SpotsNotOffered", "1, 4, 10"),
        (ticket(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 1_000), "SpotsNotOffered", "1, 4, 10"),
        (ticket(&[81], 1_000), "NumberOutOfRange", "1 to 80"),
        (ticket(&[0], 1_000), "NumberOutOfRange", "1 to 80"),
        (ticket(&[5, 5, 6, 7], 1_000), "NumbersRepeated", "different numbers"),
        (ticket(&[6, 5, 7, 8], 1_000), "NumbersUnsorted", "ascending"),
        // 1,000 stakes: a sixteenth of the page is won with 1,000 units.
        (ticket(&ten, 1_001), "LiabilityAboveShare", "the largest stake possible is 1000 units"),
        (quick(json!({"count": 1, "spots": 4})), "StakeOutOfRange", "say the stake"),
        (quick(json!({"count": 1, "stake_units": "1000"})), "SpotsNotOffered", "1, 4, 10"),
        (quick(json!(1)), "SpotsNotOffered", "1, 4, 10"),
        (quick(json!({"count": 17, "spots": 10, "stake_units": "1000"})), "BudgetExceeded", "enter fewer"),
        (quick(json!({"count": 21, "spots": 1, "stake_units": "1000"})), "TicketCount", "1 to 20"),
        (
            json!({"lottery_id": 1, "tickets": [{"numbers": [1], "bonus": 3, "stake_units": 1_000}]}),
            "BonusOutOfRange",
            "no bonus ball",
        ),
    ] {
        let path = "/api/transactions/enter";
        let problem = keno.service.post_problem(path, keno.body(more.clone()), 422).await;
        assert_eq!(
            (&problem["name"], &problem["type"]),
            (&json!(name), &json!("urn:lottery:problem:program")),
            "{more}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    keno.cluster.covered(15_999_999);
    assert_eq!(keno.refused("enter", ticket(&[1], 1_000)).await, "PageFull");
    let instant = house(Kind::Instant, INSTANT).await;
    assert_eq!(instant.refused("enter", ticket(&[1], 1_000)).await, "TicketLength");
    assert_eq!(
        instant.refused("enter", quick(json!({"count": 1, "spots": 4, "stake_units": 1_000}))).await,
        "SpotsNotOffered"
    );
    assert_eq!(instant.refused("enter", quick(json!(1))).await, "StakeOutOfRange");
    let draw = Bench::start(SOL, Some(SOL)).await;
    let more = json!({"lottery_id": 1, "tickets": [{"numbers": [1, 2, 3, 4, 5, 6], "stake_units": "7"}]});
    assert_eq!(draw.refused("enter", more).await, "StakeOutOfRange");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_bad_request() {
    let bench = house(Kind::Keno, KENO).await;
    for (more, said) in [
        (json!({"lottery_id": 1, "quick_picks": "two"}), "a count, or an object"),
        (json!({"lottery_id": 1, "quick_picks": {"spots": 4}}), "count"),
        (json!({"lottery_id": 1, "quick_picks": {"count": 1, "stake": 4}}), "stake"),
        (json!({"lottery_id": 1, "tickets": [{"numbers": [300]}]}), "300"),
        (json!({"lottery_id": 1, "tickets": [{"numbers": [1], "stake_units": "-5"}]}), "string of digits"),
    ] {
        let problem = bench.service.post_problem("/api/transactions/enter", bench.body(more), 400).await;
        assert_eq!(problem["type"], "urn:lottery:problem:malformed");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    let more = json!({"lottery_id": 1, "quick_picks": {"count": 1, "spots": 1, "stake_units": 1_000}, "fee_payer": "rich"});
    let problem = bench.service.post_problem("/api/transactions/enter", bench.body(more), 400).await;
    assert_eq!(problem["field"], "fee_payer");
}

#[tokio::test]
async fn any_account_may_pay_the_network_fee() {
    let bench = house(Kind::Keno, KENO).await;
    let (session, sponsor) = (Keypair::new(), Keypair::new());
    bench.cluster.session(bench.owner(), session.pubkey(), |_| {});
    let more = |fee_payer: Pubkey| {
        json!({"lottery_id": 1, "quick_picks": {"count": 2, "spots": 4, "stake_units": 1_000},
               "session_key": session.pubkey().to_string(), "fee_payer": fee_payer.to_string()})
    };
    // The sponsor must have the fee of both signatures.
    bench.cluster.player(sponsor.pubkey(), 9_999, None);
    assert_eq!(bench.refused("enter", more(sponsor.pubkey())).await, "InsufficientBalance");
    bench.cluster.player(sponsor.pubkey(), 10_000, None);
    let (body, transaction) = bench.build("enter", more(sponsor.pubkey())).await;
    let round = address::round(&address::lottery(1).0, 0).0;
    let wallet = address::wallet(&bench.owner(), &Pubkey::default()).0;
    let enter = instructions::enter(
        session.pubkey(),
        wallet,
        round,
        address::page(&round, 0).0,
        2,
        &stake_and(1_000, &[4]),
    );
    check(&transaction, sponsor.pubkey(), &[enter]);
    let keys = [sponsor.pubkey().to_string(), session.pubkey().to_string()];
    assert_eq!((&body["fee_payer"], &body["signer"]), (&json!(keys[0]), &json!(keys[1])));
    assert_eq!((&body["signers"], &body["fee_lamports"]), (&json!(keys), &json!("10000")));
    assert!(body["summary"].as_str().unwrap().contains(&format!("paid by {}", keys[0])), "{body}");
    // The owner of the wallet may be the sponsor, and a session key without lamports may not.
    let (body, _) = bench.build("enter", more(bench.owner())).await;
    assert_eq!(body["signers"][0], bench.owner().to_string());
    let own = json!({"lottery_id": 1, "quick_picks": {"count": 1, "spots": 4, "stake_units": 1_000},
                     "session_key": session.pubkey().to_string()});
    assert_eq!(bench.refused("enter", own).await, "InsufficientBalance");
    // Both sign, and the service relays; one signature is not enough.
    let sponsor_only = VersionedTransaction {
        signatures: vec![sponsor.sign_message(&transaction.message.serialize()), Default::default()],
        message: transaction.message.clone(),
    };
    let submit = "/api/transactions/submit";
    let half = json!({"transaction": STANDARD.encode(bincode::serialize(&sponsor_only).unwrap())});
    let problem = bench.service.post_problem(submit, half, 400).await;
    assert!(problem["detail"].as_str().unwrap().contains(&keys[1]), "{problem}");
    let signed = VersionedTransaction::try_new(transaction.message, &[&sponsor, &session]).unwrap();
    let whole = json!({"transaction": STANDARD.encode(bincode::serialize(&signed).unwrap())});
    let (status, _, _) = bench.service.post(submit, whole.clone()).await;
    assert_eq!((status, json!({"transaction": bench.cluster.sent()[0]})), (200, whole));
}

#[tokio::test]
async fn a_session_that_does_not_serve_is_named() {
    let bench = house(Kind::Keno, KENO).await;
    let key = Keypair::new().pubkey();
    bench.cluster.player(key, SOL, None);
    let more = |stake: u64| {
        json!({"lottery_id": 1, "quick_picks": {"count": 1, "spots": 4, "stake_units": stake},
               "session_key": key.to_string()})
    };
    let with = |change: fn(&mut Wallet)| bench.cluster.session(bench.owner(), key, change);
    with(|wallet| wallet.session_key = [0; 32]);
    assert_eq!(bench.refused("enter", more(1_000)).await, "Unauthorized");
    with(|wallet| wallet.session_expires_at = NOW);
    assert_eq!(bench.refused("enter", more(1_000)).await, "SessionExpired");
    with(|wallet| wallet.session_lotteries = [2, 0, 0, 0]);
    assert_eq!(bench.refused("enter", more(1_000)).await, "SessionForeign");
    with(|wallet| wallet.session_spent_units = 9_001);
    assert_eq!(bench.refused("enter", more(1_000)).await, "SessionOverspent");
    with(|wallet| wallet.balance_units = 999);
    assert_eq!(bench.refused("enter", more(1_000)).await, "InsufficientBalance");
    with(|_| {});
    let (body, _) = bench.build("enter", more(10_000)).await;
    assert_eq!((&body["signer"], &body["deposit_units"]), (&json!(key.to_string()), &json!("0")));
}
