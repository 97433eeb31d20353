//! The document holds every route, and every operation says how it fails.

use std::collections::BTreeSet;

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
        "get /api/lotteries/{id}/rounds",
        "get /api/lotteries/{id}/rounds/{index}",
        "get /api/mints",
        "get /api/openapi.json",
        "get /api/ready",
        "get /api/wallets/{owner}",
        "get /api/wallets/{owner}/entries",
        "get /metrics",
        "get /ws",
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
