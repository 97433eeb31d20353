//! The document holds every route, and every operation says how it fails.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

#[test]
fn the_document_contains_every_route() {
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.insert(format!("{method} {path}"));
        }
    }
    let expected = [
        "get /api/health",
        "get /api/lotteries",
        "get /api/lotteries/{id}",
        "get /api/lotteries/{id}/report",
        "get /api/lotteries/{id}/rounds",
        "get /api/lotteries/{id}/rounds/{index}",
        "get /api/lotteries/{id}/rounds/{index}/entries",
        "get /api/lotteries/{id}/rounds/{index}/proof",
        "get /api/lotteries/{id}/rounds/{index}/records",
        "get /api/mints",
        "get /api/openapi.json",
        "get /api/ready",
        "get /api/rounds/{id}/places",
        "get /api/rounds/{id}/proof",
        "get /api/rounds/{id}/records",
        "get /api/wallets/{owner}",
        "get /api/wallets/{owner}/entries",
        "get /metrics",
        "get /ws",
        "post /api/transactions/confirm",
        "post /api/transactions/deposit",
        "post /api/transactions/enter",
        "post /api/transactions/submit",
        "post /api/transactions/withdraw",
    ];
    assert_eq!(operations, expected.map(str::to_owned).into());
}

#[test]
fn operations_are_described_with_their_problems() {
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{path}");
            if path.starts_with("/api/lotteries") || path.contains("wallets") || path.contains("transactions")
            {
                let content = &operation["responses"]["4XX"]["content"]["application/problem+json"];
                assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{path}");
            }
        }
    }
}

/// Every reference leads somewhere, or generated clients do not compile.
#[test]
fn every_schema_that_is_named_exists() {
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    let text = document.to_string();
    let names = text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let missing: BTreeSet<_> =
        names.filter(|name| document["components"]["schemas"].get(name).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The properties of a schema, those of its parts included.
fn properties(document: &Value, schema: &Value) -> Map<String, Value> {
    let mut all = schema["properties"].as_object().cloned().unwrap_or_default();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let named = part["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        let part = named.map_or(part, |name| &document["components"]["schemas"][name]);
        all.extend(properties(document, part));
    }
    all
}

fn assert_described(schemas: &[(&str, &[&str])]) {
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    for (schema, fields) in schemas {
        let properties = properties(&document, &document["components"]["schemas"][schema]);
        for field in *fields {
            assert!(properties.get(*field).is_some(), "{schema} lacks {field}: {properties:?}");
        }
    }
}

#[test]
fn what_house_games_need_is_described() {
    assert_described(&[
        (
            "Lottery",
            &["rules", "min_stake_units", "max_stake_units", "page_budget_units", "max_liability_units"],
        ),
        ("KenoSpots", &["spots", "rtp", "max_stake_units", "win_odds", "prizes"]),
        ("InstantPrize", &["tier", "parts", "multiplier_bps", "odds"]),
        ("Rtp", &["numerator", "denominator", "percent"]),
        ("RoundBrief", &["prizes_units", "budget_units", "liability_units"]),
        ("RoundEntry", &["stake_units", "spots", "multiplier_bps", "prize_units"]),
        ("WalletEntry", &["stake_units", "spots", "multiplier_bps", "prize_units"]),
        ("Enter", &["session_key", "fee_payer", "quick_picks", "tickets"]),
        ("ChosenTicket", &["numbers", "bonus", "outcome", "stake_units"]),
        ("PickedTickets", &["count", "spots", "stake_units"]),
        ("Figures", &["turnover_units", "gross_revenue_units", "realised_rtp", "exact_rtp", "rtp_band"]),
    ]);
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    let quick_picks = &document["components"]["schemas"]["QuickPicksField"]["oneOf"];
    assert_eq!(quick_picks.as_array().unwrap().len(), 2, "a count or an object");
}

#[test]
fn what_markets_need_is_described() {
    assert_described(&[
        ("Lottery", &["rules", "lock_offset_seconds", "min_stake_units"]),
        ("MarketRules", &["mode", "mapping", "outcomes", "event_delay_seconds", "oracles"]),
        ("MarketOracles", &["address", "reporters", "quorum", "reporter_count", "blocking"]),
        (
            "RoundBrief",
            &[
                "event_at",
                "winning_outcome",
                "winning_units",
                "matched_units",
                "pools",
                "attestations",
                "quorum",
                "facts",
            ],
        ),
        ("Round", &["pools", "attestations", "fee_units", "void_reason"]),
        ("OutcomePool", &["outcome", "label", "stake_units", "share", "payout"]),
        ("Attestation", &["reporter", "facts", "evidence", "attested_at", "signature"]),
        ("RoundEntry", &["outcome", "label", "matched_units", "prize_units"]),
        ("WalletEntry", &["outcome", "label", "matched_units", "prize_units"]),
        ("RoundRecord", &["record", "slot", "signature", "at", "stake_units", "amount_units"]),
        ("Proof", &["rules", "randomness", "market"]),
        ("MarketProof", &["facts", "outcome", "pools", "settled"]),
        ("MarketFigures", &["returned_units", "matched_units", "refunded_rounds", "refunded_units"]),
    ]);
    // A round of another kind is a round too.
    let document = serde_json::to_value(lottery_api::routes::openapi()).unwrap();
    let market = &document["components"]["schemas"]["RoundMarket"];
    assert_eq!(market["required"], Value::Null);
}

#[test]
fn what_raffles_need_is_described() {
    assert_described(&[
        ("RaffleRules", &["mode", "capacity", "waiting", "leaf_count", "depth", "root", "prizes_bps"]),
        ("RoundBrief", &["raffle"]),
        ("RoundRaffle", &["ranked", "taken", "lapsed", "promoted", "threshold", "ranking", "confirm_until"]),
        ("RoundEntry", &["leaf_index", "weight", "key", "rank", "place_status"]),
        ("WalletEntry", &["leaf_index", "weight", "key", "rank", "place_status"]),
        ("Place", &["rank", "status", "waiting_position", "offered_until", "owner", "key"]),
        ("ChosenTicket", &["leaf_index", "weight", "proof"]),
        ("Confirm", &["owner", "lottery_id", "round_index", "rank"]),
    ]);
}
