//! What decides rounds, over seeded rows: in lotteries, rounds and problems.

mod support;

use serde_json::{Value, json};
use support::Service;

const ROUND: &str = "SysvarC1ock11111111111111111111111111111111";

async fn start() -> Service {
    let service = Service::start().await;
    service.execute(include_str!("support/beacon.sql")).await;
    service
}

#[tokio::test]
async fn lotteries_and_rounds_say_what_decides_them() {
    let service = start().await;
    let lottery = service.ok("/api/lotteries/31").await;
    let expected = json!({
        "source": "beacon",
        "beacon": "Beacon31",
        "chain_hash": "be".repeat(32),
        "genesis_at": 1_700_000_000,
        "beacon_period_seconds": 3,
        "margin_seconds": 30,
        "reveal_delay_slots": null,
    });
    assert_eq!(lottery["config"]["randomness"], expected);
    let decided = json!({
        "source": "beacon",
        "beacon": "Beacon31",
        "chain_hash": "be".repeat(32),
        "beacon_round": 1001,
        "signed_at": 1_700_003_000,
        "margin_seconds": 30,
        "target_slot": null,
    });
    assert_eq!(lottery["live_rounds"][0]["randomness"], decided);
    assert_eq!(service.ok("/api/lotteries/31/rounds/3").await["randomness"], decided);
    let rounds = service.ok("/api/lotteries/31/rounds").await;
    assert_eq!(rounds["items"][0]["randomness"], decided);

    let of_slot = json!({
        "source": "commit_reveal",
        "beacon": null,
        "chain_hash": null,
        "beacon_round": null,
        "signed_at": null,
        "margin_seconds": null,
        "target_slot": 5010,
    });
    assert_eq!(service.ok("/api/lotteries/1/rounds/122").await["randomness"], of_slot);
    let config = service.ok("/api/lotteries/1").await["config"]["randomness"].clone();
    assert_eq!((&config["source"], &config["beacon"]), (&json!("commit_reveal"), &Value::Null));
    // Of a lottery whose rules are not known there is no config, and a round of it still says so.
    assert_eq!(service.ok("/api/lotteries/3/rounds/0").await["randomness"]["source"], "unknown");
}

#[tokio::test]
async fn a_round_without_a_value_says_when_it_will_have_one() {
    let service = start().await;
    for path in [format!("/api/rounds/{ROUND}/proof"), "/api/lotteries/31/rounds/3/proof".into()] {
        let problem = service.problem(&path, 409).await;
        assert_eq!(problem["type"], "urn:lottery:problem:no-value-yet");
        assert_eq!(problem["expected_at"], 1_700_003_000);
        let detail = problem["detail"].as_str().unwrap();
        let chain = "be".repeat(32);
        assert!(detail.contains(&format!("round 1001 of the beacon {chain}")), "{detail}");
        assert!(detail.contains("2023-11-14T23:03:20Z"), "{detail}");
    }
    let problem = service.problem("/api/lotteries/1/rounds/122/proof", 409).await;
    assert_eq!(problem["type"], "urn:lottery:problem:no-value-yet");
    // Ten slots after the lock and one more, of 400 ms each.
    assert_eq!(problem["expected_at"], 1_700_007_320 + 5);
    assert!(problem["detail"].as_str().unwrap().contains("the first slot from 5010 on"), "{problem}");
}

#[tokio::test]
async fn rounds_that_cannot_be_proved_say_why() {
    let service = start().await;
    let void = service.problem("/api/lotteries/31/rounds/1/proof", 409).await;
    assert_eq!(void["type"], "urn:lottery:problem:round-void");
    assert!(void["detail"].as_str().unwrap().contains("beacon_early"), "{void}");
    let lost = service.problem("/api/lotteries/31/rounds/0/proof", 410).await;
    assert_eq!(lost["type"], "urn:lottery:problem:proof-lost");
    assert!(lost["detail"].as_str().unwrap().contains("closed before the indexer read its lock"), "{lost}");
    // A slot hash that nobody read, and a kind of a later program.
    let lost = service.problem("/api/lotteries/1/rounds/0/proof", 410).await;
    assert!(lost["detail"].as_str().unwrap().contains("its commit"), "{lost}");
    service.problem("/api/lotteries/3/rounds/0/proof", 410).await;
    service.problem("/api/lotteries/31/rounds/9/proof", 404).await;
    service.problem("/api/rounds/11111111111111111111111111111111/proof", 404).await;
    assert_eq!(service.problem("/api/rounds/nowhere/proof", 400).await["field"], "id");
}
