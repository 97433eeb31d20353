//! Tickets of house games: chosen stakes, spots, sessions, and fees that others pay.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/cluster.rs"]
mod cluster;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use bench::{Bench, check};
use cluster::NOW;
use lottery_client::{Keypair, Pubkey, Signer};
use lottery_interface::{Kind, accounts::Wallet, address, instructions};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;

const SOL: u64 = 1_000_000_000;

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
