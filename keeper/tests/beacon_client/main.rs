//! The beacon's client against endpoints that are dead, lie, hang, fall silent and come back.

mod endpoint;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bytemuck::Zeroable;
use lottery_interface::accounts::Beacon;
use lottery_keeper::beacon::{BeaconClient, BeaconRound, prove};
use lottery_rules::beacon;
use tokio::time::sleep;

use endpoint::{Endpoint, Manner};

const SECRET: [u8; 32] = [5; 32];
/// Another chain, whose signatures are none of ours.
const OTHER_SECRET: [u8; 32] = [6; 32];
/// An address where nobody listens.
const DEAD: &str = "http://127.0.0.1:1";
/// The client's pause before it asks again.
const RETRY: Duration = Duration::from_secs(1);
/// Longer than any answer of a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

fn chain() -> Beacon {
    Beacon {
        public_key: beacon::public_key(&SECRET),
        chain_hash: [9; 32],
        genesis_at: 1_000,
        period_seconds: 3,
        ..Beacon::zeroed()
    }
}

fn client(urls: impl IntoIterator<Item = String>) -> Arc<BeaconClient> {
    Arc::new(BeaconClient::new(urls))
}

fn key(round: u64) -> BeaconRound {
    (chain().chain_hash, round)
}

fn wanted(rounds: impl IntoIterator<Item = u64>) -> HashMap<BeaconRound, Beacon> {
    rounds.into_iter().map(|round| (key(round), chain())).collect()
}

/// Asks as the keeper does, again and again, until all that is wanted is there.
async fn all(
    client: &Arc<BeaconClient>,
    wanted: &HashMap<BeaconRound, Beacon>,
) -> HashMap<BeaconRound, Vec<u8>> {
    let started = Instant::now();
    loop {
        let found = client.proofs(wanted);
        if found.len() == wanted.len() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{} of {} proofs came", found.len(), wanted.len());
        sleep(Duration::from_millis(10)).await;
    }
}

/// Asks for as long as said, and finds nothing.
async fn nothing(client: &Arc<BeaconClient>, wanted: &HashMap<BeaconRound, Beacon>, time: Duration) {
    let started = Instant::now();
    while started.elapsed() < time {
        assert!(client.proofs(wanted).is_empty(), "nothing can be known");
        sleep(Duration::from_millis(10)).await;
    }
}

fn proof(round: u64) -> Vec<u8> {
    prove(&chain().public_key, round, &beacon::sign(&SECRET, round)).expect("our own signature")
}

#[tokio::test]
async fn the_first_endpoint_that_tells_the_truth_is_believed() {
    let [liar, right] = [Endpoint::start(Manner::OtherKey).await, Endpoint::start(Manner::Honest).await];
    let urls = [DEAD.to_string(), format!("{}/", liar.url), right.url.clone()];
    let client = client(urls);
    let found = all(&client, &wanted([77])).await;
    assert_eq!(found[&key(77)], proof(77));
    assert_eq!((liar.asked(), right.asked()), (1, 1));
    // From now on the one that answered is asked first.
    assert_eq!(all(&client, &wanted([78])).await[&key(78)], proof(78));
    assert_eq!((liar.asked(), right.asked()), (1, 2));
}

#[tokio::test]
async fn no_lie_is_believed() {
    for manner in [
        Manner::OtherKey,
        Manner::NextRound,
        Manner::OtherRound,
        Manner::NoHex,
        Manner::TooShort,
        Manner::OffTheCurve,
        Manner::Infinity,
        Manner::NoJson,
    ] {
        let liar = Endpoint::start(manner).await;
        let alone = client([liar.url.clone()]);
        nothing(&alone, &wanted([5]), Duration::from_millis(300)).await;
        assert_eq!(liar.asked(), 1, "asked, and not again at once");
        let right = Endpoint::start(Manner::Honest).await;
        let both = client([liar.url.clone(), right.url.clone()]);
        assert_eq!(all(&both, &wanted([5])).await[&key(5)], proof(5));
    }
}

#[tokio::test]
async fn each_round_is_asked_for_once() {
    let right = Endpoint::start(Manner::Honest).await;
    let client = client([right.url.clone()]);
    for _ in 0..3 {
        all(&client, &wanted([1, 2, 3])).await;
    }
    for _ in 0..50 {
        assert_eq!(client.proofs(&wanted([2])).len(), 1, "known");
    }
    assert_eq!(right.asked(), 3);
    all(&client, &wanted([4])).await;
    assert_eq!(right.asked(), 4);
}

#[tokio::test]
async fn a_silence_is_asked_about_once_a_second_and_then_caught_up() {
    let right = Endpoint::start(Manner::Honest).await;
    right.set_silent(true);
    let client = client([right.url.clone()]);
    let started = Instant::now();
    nothing(&client, &wanted([10]), RETRY * 5 / 2).await;
    let most = 1 + (started.elapsed().as_millis() / RETRY.as_millis()) as u64;
    assert!((2..=most).contains(&right.asked()), "{} requests in {:?}", right.asked(), started.elapsed());
    right.set_silent(false);
    let rounds = 10..40;
    let found = all(&client, &wanted(rounds.clone())).await;
    for round in rounds {
        assert_eq!(found[&key(round)], proof(round));
    }
}

#[tokio::test]
async fn many_rounds_are_asked_for_a_few_at_a_time() {
    let right = Endpoint::start(Manner::Honest).await;
    let client = client([right.url.clone()]);
    assert_eq!(all(&client, &wanted(1..=60)).await.len(), 60);
    assert_eq!(right.asked(), 60);
    let most = right.most_at_once();
    assert!(most <= 8, "{most} at once");
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_nobody_up() {
    let hanging = Endpoint::start(Manner::HangsFrom100).await;
    let client = client([hanging.url.clone()]);
    let mut slowest = Duration::ZERO;
    let mut ask = |rounds: &[u64]| {
        let started = Instant::now();
        let found = client.proofs(&wanted(rounds.iter().copied()));
        slowest = slowest.max(started.elapsed());
        found
    };
    assert!(ask(&[100, 101]).is_empty());
    let started = Instant::now();
    while ask(&[100, 101, 7]).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(3), "round 7 waits for others");
        sleep(Duration::from_millis(10)).await;
    }
    assert!(slowest < Duration::from_millis(200), "a look took {slowest:?}");
}

#[tokio::test]
async fn behind_an_endpoint_that_hangs_the_next_is_asked() {
    let (hanging, right) = (Endpoint::start(Manner::Hangs).await, Endpoint::start(Manner::Honest).await);
    let client = client([hanging.url.clone(), right.url.clone()]);
    all(&client, &wanted([1])).await;
    let started = Instant::now();
    all(&client, &wanted([2])).await;
    assert!(started.elapsed() < Duration::from_secs(3), "the one that hangs costs its timeout once");
    assert_eq!((hanging.asked(), right.asked()), (1, 2));
}

#[tokio::test]
async fn without_endpoints_nothing_is_known_and_nothing_breaks() {
    let none = client([]);
    assert!(none.is_empty());
    nothing(&none, &wanted([1]), Duration::from_millis(50)).await;
    assert!(!client([DEAD.to_string()]).is_empty());
}

#[test]
fn a_proof_is_made_only_of_a_valid_signature() {
    let key = chain().public_key;
    let good = beacon::sign(&SECRET, 3);
    let proof = prove(&key, 3, &good).expect("valid");
    assert_eq!((proof.len(), &proof[..64]), (beacon::PROOF_LEN, &good[..]));
    for (round, signature) in [(4, good), (3, beacon::sign(&OTHER_SECRET, 3)), (3, [0; 64]), (3, [255; 64])] {
        assert!(prove(&key, round, &signature).is_err());
    }
}
