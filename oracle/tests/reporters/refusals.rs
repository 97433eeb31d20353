//! What must keep a reporter from attesting, each with its alert.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, routing::post};
use lottery_oracle::{OracleConfig, Pass, ResultsServer, alert, results_server::Results};
use serde_json::Value;
use solana_keypair::Keypair;
use tokio::net::TcpListener;

use crate::{config, once, play::Play};

/// Takes alerts.
pub struct Webhook {
    pub url: String,
    posted: Arc<Mutex<Vec<Value>>>,
}

impl Webhook {
    pub async fn start() -> Self {
        let posted: Arc<Mutex<Vec<Value>>> = Arc::default();
        let taken = posted.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/alerts", listener.local_addr().expect("bound"));
        let router = Router::new().route(
            "/alerts",
            post(async move |Json(alert): Json<Value>| taken.lock().expect("not poisoned").push(alert)),
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, posted }
    }

    pub fn posted(&self) -> Vec<Value> {
        self.posted.lock().expect("not poisoned").clone()
    }
}

/// One pass that is refused, and what the webhook got.
async fn refused(file: OracleConfig) -> (Pass, Vec<(String, String)>) {
    let webhook = Webhook::start().await;
    let pass = once(OracleConfig { webhook_url: Some(webhook.url.clone()), ..file }).await;
    assert_eq!(pass.attested, 0);
    let said = |alert: &Value| {
        let text = |name: &str| alert[name].as_str().expect("a text").to_string();
        (text("code"), text("message"))
    };
    (pass, webhook.posted().iter().map(said).collect())
}

/// The only alert.
fn only(alerts: Vec<(String, String)>, code: &str, part: &str) {
    let [(said, message)] = &alerts[..] else { panic!("one alert, not {alerts:?}") };
    assert_eq!(said, code);
    assert!(message.contains(part), "{message}");
}

pub async fn nothing_is_attested(play: &Play, results: &ResultsServer) {
    // No Powerball has such a number.
    play.create(2, 27, 60).await;
    let round = play.open(2, 0, &[(5_000, 0), (6_000, 1)]).await;
    play.past_event().await;

    // The key is nobody's.
    let stranger = Keypair::new();
    let file = play.config("stranger", &stranger, vec![results.lottery(2, Results::Powerball, "x")]);
    let (pass, alerts) = refused(file).await;
    assert_eq!((pass.due, pass.problems), (0, 1));
    only(alerts, alert::NOT_A_REPORTER, "not one of the 3 reporters");

    // The file names other facts, or no lottery that there is.
    let bob = &play.reporters[1];
    let file = play.config("bob", bob, vec![results.lottery(2, Results::Numbers(3), "bob")]);
    let (pass, alerts) = refused(file).await;
    assert_eq!((pass.due, pass.problems), (0, 1));
    only(alerts, alert::WRONG_LOTTERY, "wants 6 facts");
    let file = play.config("bob", bob, vec![results.lottery(99, Results::Powerball, "bob")]);
    only(refused(file).await.1, alert::WRONG_LOTTERY, "does not exist");

    // All three differ: the first source is right, the second lies, the third is about other results.
    let mut file = config(play, results, 2, "bob");
    file.lotteries[0].sources[2].url = results.lottery(2, Results::Powerball, "bob").sources[2]
        .url
        .replace(&results.url, &other_results(results).await);
    results.lie("bob-2", true);
    let (pass, alerts) = refused(file).await;
    results.lie("bob-2", false);
    assert_eq!((pass.due, pass.left), (1, 1));
    only(alerts, alert::SOURCES_DISAGREE, "bob-3");

    // They agree on what the market was not made for.
    let (pass, alerts) = refused(config(play, results, 2, "bob")).await;
    assert_eq!((pass.due, pass.left), (1, 1));
    only(alerts, alert::FACTS_REFUSED, "outside the range");

    // Evidence cannot be kept.
    let blocked = play.folder.path().join("blocked");
    std::fs::write(&blocked, "a file, not a folder").expect("written");
    let carol = &play.reporters[2];
    play.create(3, 1, 26).await;
    let other = play.open(3, 0, &[(5_000, 0), (6_000, 1)]).await;
    play.past_event().await;
    results.lie("carol", false);
    let file = play.config("carol", carol, vec![results.lottery(3, Results::Powerball, "carol")]);
    let (pass, alerts) = refused(OracleConfig { evidence_dir: blocked, ..file }).await;
    assert_eq!((pass.due, pass.left), (1, 1));
    only(alerts, alert::EVIDENCE_NOT_KEPT, "blocked");

    // Nobody bet: the round gets another time.
    play.create(4, 1, 26).await;
    let empty = play.open(4, 0, &[]).await;
    play.past_event().await;
    let file = play.config("carol", carol, vec![results.lottery(4, Results::Powerball, "carol")]);
    assert_eq!(refused(file).await, (Pass::default(), vec![]));
    for round in [round, other, empty] {
        for reporter in 0..3 {
            assert!(play.attestation(round, reporter).await.is_none());
        }
    }
}

/// A server with another seed; it runs to the end of the test.
async fn other_results(results: &ResultsServer) -> String {
    let other = ResultsServer::start(0, 8).await.expect("a server");
    let url = other.url.clone();
    assert_ne!(url, results.url);
    std::mem::forget(other);
    url
}
