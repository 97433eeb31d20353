//! Unsigned transactions: what is in them, what they say, and what is refused before anybody signs.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/cluster.rs"]
mod cluster;
mod support;

use base64::{Engine, engine::general_purpose::STANDARD};
use bench::{Bench, check};
use cluster::{NOW, RENT, SIGNATURE, STAKE};
use lottery_client::{Keypair, Signer};
use lottery_interface::instructions::{self, TokenSide};
use serde_json::json;
use solana_transaction::versioned::VersionedTransaction;

const SOL: u64 = 1_000_000_000;

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
