//! The local beacon speaks drand's HTTP API, signs as drand's evmnet does, and says nothing of the future.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lottery_localnet::LocalBeacon;
use lottery_rules::{
    beacon::{self, Schedule, SoftwareCurve},
    hash::{Sha256, Software},
};
use serde_json::Value;

const SECRET: [u8; 32] = [3; 32];

/// Status and body, by the smallest client there is.
async fn get(url: &str) -> (u16, String) {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_string())
}

async fn json(url: &str) -> Value {
    let (status, body) = get(url).await;
    assert_eq!(status, 200, "{url}");
    serde_json::from_str(&body).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A round as drand answers it, verified under the beacon's key.
fn check_round(beacon: &LocalBeacon, answer: &Value) -> u64 {
    let names: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["randomness", "round", "signature"]);
    let round = answer["round"].as_u64().expect("a number, as in drand's answers");
    let signature: [u8; 64] = bytes(&answer["signature"]);
    let key = hex::decode(&beacon.info.public_key).unwrap().try_into().unwrap();
    let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
    beacon::verify::<SoftwareCurve>(&key, round, &signature, &witness).unwrap();
    assert_eq!(bytes::<32>(&answer["randomness"]), Software::hashv(&[&signature]));
    assert_eq!(signature, beacon.sign(round));
    round
}

#[tokio::test]
async fn info_is_drands_and_hashes_to_the_chains_name() {
    let beacon = LocalBeacon::start(SECRET, 3, 0).await.unwrap();
    let info = json(&format!("{}/info", beacon.info.url)).await;
    let names: Vec<_> = info.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["genesis_time", "groupHash", "hash", "metadata", "period", "public_key", "schemeID"]);
    assert_eq!(info["schemeID"], "bls-bn254-unchained-on-g1");
    assert_eq!(info["period"], 3);
    assert_eq!(info["genesis_time"], beacon.info.genesis_at);
    assert_eq!(bytes::<128>(&info["public_key"]), beacon::public_key(&SECRET));
    // As drand computes it.
    let hash = Software::hashv(&[
        &3u32.to_be_bytes(),
        &beacon.info.genesis_at.to_be_bytes(),
        &bytes::<128>(&info["public_key"]),
        &bytes::<32>(&info["groupHash"]),
        info["metadata"]["beaconID"].as_str().unwrap().as_bytes(),
    ]);
    assert_eq!(bytes::<32>(&info["hash"]), hash);
    assert_eq!(beacon.info.chain_hash, hex::encode(hash));
    // A registry can add it at once: rounds of an hour are signed.
    assert!(beacon.info.genesis_at <= now() - 3_600);
}

#[tokio::test]
async fn only_past_rounds_are_told_under_both_paths() {
    let beacon = LocalBeacon::start(SECRET, 3, 0).await.unwrap();
    let schedule = Schedule { genesis_at: beacon.info.genesis_at, period_seconds: 3 };
    for base in [beacon.info.url.clone(), format!("{}/{}", beacon.info.url, beacon.info.chain_hash)] {
        let latest = check_round(&beacon, &json(&format!("{base}/public/latest")).await);
        let signed_at = schedule.signed_at(latest).unwrap();
        assert!((now() - 6..=now()).contains(&signed_at), "{latest} is of {signed_at}, now is {}", now());
        for round in [1, latest / 2, latest] {
            assert_eq!(check_round(&beacon, &json(&format!("{base}/public/{round}")).await), round);
        }
        for (wrong, status) in [
            (0.to_string(), 404),
            ((latest + 10).to_string(), 404),
            (u64::MAX.to_string(), 404),
            ("abc".to_string(), 400),
            ("-1".to_string(), 400),
        ] {
            assert_eq!(get(&format!("{base}/public/{wrong}")).await.0, status, "{wrong}");
        }
    }
    let (status, _) = get(&format!("{}/{}/info", beacon.info.url, "00".repeat(32))).await;
    assert_eq!(status, 404, "another chain");
}

#[tokio::test]
async fn the_next_round_comes_when_its_time_has_come() {
    let beacon = LocalBeacon::start(SECRET, 1, 0).await.unwrap();
    let schedule = Schedule { genesis_at: beacon.info.genesis_at, period_seconds: 1 };
    let next = beacon.latest_round() + 2;
    let url = format!("{}/public/{next}", beacon.info.url);
    loop {
        let before = now();
        let (status, _) = get(&url).await;
        let due = schedule.signed_at(next).unwrap();
        match status {
            200 => {
                assert!(now() >= due, "it was told before {due}");
                break;
            }
            404 => assert!(before <= due, "it is late at {before}"),
            other => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    check_round(&beacon, &json(&url).await);
}

#[tokio::test]
async fn a_silent_beacon_answers_errors_and_then_again() {
    let beacon = LocalBeacon::start(SECRET, 3, 0).await.unwrap();
    let asked = beacon.asked();
    beacon.set_silent(true);
    for path in ["public/latest", "public/1"] {
        assert_eq!(get(&format!("{}/{path}", beacon.info.url)).await.0, 503);
    }
    assert_eq!(beacon.asked(), asked + 2);
    beacon.set_silent(false);
    check_round(&beacon, &json(&format!("{}/public/1", beacon.info.url)).await);
}

#[tokio::test]
async fn two_beacons_are_two_chains_and_a_dropped_one_is_gone() {
    let (first, second) = tokio::join!(LocalBeacon::start(SECRET, 3, 0), LocalBeacon::start([4; 32], 3, 0));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first.info.chain_hash, second.info.chain_hash);
    assert_ne!(first.sign(1), second.sign(1));
    let port = first.info.url.rsplit(':').next().unwrap().parse().unwrap();
    let error = LocalBeacon::start(SECRET, 3, port).await.err().expect("the port is in use");
    assert!(format!("{error:#}").contains("cannot listen"), "{error:#}");
    drop(first);
    let until = tokio::time::Instant::now() + Duration::from_secs(5);
    while LocalBeacon::start(SECRET, 3, port).await.is_err() {
        assert!(tokio::time::Instant::now() < until, "the port stays taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
