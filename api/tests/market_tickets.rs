//! Bets: the transaction that places them, and what is said of those that cannot be placed.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/cluster.rs"]
mod cluster;
mod support;

use bench::{Bench, check};
use lottery_client::{Keypair, Signer};
use serde_json::{Value, json};

const SOL: u64 = 1_000_000_000;

async fn market() -> Bench {
    let bench = Bench::start(SOL, Some(SOL)).await;
    bench.cluster.market(&support::number_rules());
    bench
}

fn bet(outcome: u64, stake_units: u64) -> Value {
    json!({"lottery_id": 1, "tickets": [{"outcome": outcome, "stake_units": stake_units.to_string()}]})
}

fn ticket(units: u64, outcome: u8) -> Vec<u8> {
    [&units.to_le_bytes()[..], &[outcome]].concat()
}

#[tokio::test]
async fn bets_are_a_stake_and_an_outcome() {
    let bench = market().await;
    let more = json!({"lottery_id": 1, "tickets": [{"outcome": 2, "stake_units": "1000"}, {"outcome": 0, "stake_units": 50_000}]});
    let (body, transaction) = bench.build("enter", more).await;
    check(&transaction, bench.owner(), &[bench.enter(0, &[ticket(1_000, 2), ticket(50_000, 0)].concat())]);
    assert_eq!(
        (&body["tickets"], &body["cost_units"], &body["liability_units"]),
        (&json!(2), &json!("51000"), &json!("0"))
    );
    let summary = body["summary"].as_str().unwrap();
    assert!(summary.contains("Enters 2 tickets on \"1\" and \"3\" in round 0"), "{summary}");
}

#[tokio::test]
async fn a_newcomer_opens_deposits_and_bets_at_once() {
    let bench = Bench::start(SOL, None).await;
    bench.cluster.market(&support::parity_rules());
    let (body, transaction) = bench.build("enter", bet(1, 2_000)).await;
    check(
        &transaction,
        bench.owner(),
        &[bench.open_wallet(), bench.deposit(2_000), bench.enter(0, &ticket(2_000, 1))],
    );
    assert!(body["summary"].as_str().unwrap().contains("on \"odd\""), "{body}");
}

#[tokio::test]
async fn a_session_key_bets_for_its_owner() {
    let bench = market().await;
    let key = Keypair::new().pubkey();
    bench.cluster.player(key, SOL, None);
    bench.cluster.session(bench.owner(), key, |_| {});
    let mut more = bet(0, 10_000);
    more["session_key"] = key.to_string().into();
    let (body, _) = bench.build("enter", more.clone()).await;
    assert_eq!(body["signer"], key.to_string());
    more["tickets"][0]["stake_units"] = "10001".into();
    assert_eq!(bench.refused("enter", more).await, "SessionOverspent");
}

#[tokio::test]
async fn each_fault_of_a_bet_has_its_problem() {
    let bench = market().await;
    let one = |ticket: Value| json!({"lottery_id": 1, "tickets": [ticket]});
    for (more, name, said) in [
        (bet(3, 1_000), "OutcomeUnknown", "the market has no outcome 3, choose 0 to 2"),
        (bet(255, 1_000), "OutcomeUnknown", "choose 0 to 2"),
        (one(json!({"stake_units": "1000"})), "OutcomeUnknown", "say the outcome, from 0 to 2"),
        (bet(0, 999), "StakeOutOfRange", "choose 1000 to 50000"),
        (bet(0, 50_001), "StakeOutOfRange", "choose 1000 to 50000"),
        (one(json!({"outcome": 0})), "StakeOutOfRange", "say the stake"),
        (
            one(json!({"outcome": 0, "stake_units": "1000", "numbers": [1]})),
            "TicketLength",
            "leave its numbers out",
        ),
        (
            json!({"lottery_id": 1, "quick_picks": {"count": 1, "stake_units": "1000"}}),
            "NoQuickPicks",
            "no quick picks",
        ),
        (json!({"lottery_id": 1, "quick_picks": 1}), "NoQuickPicks", "say the outcome and the stake"),
    ] {
        let problem =
            bench.service.post_problem("/api/transactions/enter", bench.body(more.clone()), 422).await;
        assert_eq!(
            (&problem["name"], &problem["type"]),
            (&json!(name), &json!("urn:lottery:problem:program")),
            "{more}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    for unreadable in [one(json!({"outcome": 256, "stake_units": "1000"})), one(json!({"outcome": "even"}))] {
        let (status, _, body) = bench.service.post("/api/transactions/enter", bench.body(unreadable)).await;
        assert_eq!((status, &body["type"]), (400, &json!("urn:lottery:problem:malformed")));
    }
    let draw = Bench::start(SOL, Some(SOL)).await;
    let more = json!({"lottery_id": 1, "tickets": [{"numbers": [1, 2, 3, 4, 5, 6], "outcome": 1}]});
    assert_eq!(draw.refused("enter", more).await, "TicketLength");
}
