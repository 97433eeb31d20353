//! Sources on this machine that are late, wrong, missing, slow, truncated, endless or redirecting, alone and against two others.

#[path = "sources/server.rs"]
mod server;

use std::time::{Duration, Instant};

use lottery_oracle::{
    Source,
    fetch::{Answer, Fetcher},
    format::ReadError,
    judge::{Judgement, Reading, judge, read},
};

use server::{Manner, Server};

const EVENT: i64 = 1_795_321_800;
const TIMEOUT: Duration = Duration::from_millis(800);
const MAX_BODY: usize = 4_096;

fn fetcher() -> Fetcher {
    Fetcher::new(TIMEOUT, MAX_BODY).expect("a client")
}

fn facts() -> Vec<String> {
    vec!["n".into()]
}

fn source(name: &str, url: &str) -> Source {
    let toml = format!(
        "name = \"{name}\"\nurl = \"{url}\"\nformat = \"json\"\nnumbers = {{ n = \"/n\" }}\n\
         event = {{ pointer = \"/at\", form = \"%s\" }}"
    );
    toml::from_str(&toml).expect("a source")
}

async fn one(manner: Manner) -> (Answer, Reading, Server) {
    let server = Server::start(manner).await;
    let source = source("a", &server.url);
    let answer = fetcher().one(&source, EVENT).await;
    let reading = read(&source, &answer, &facts(), EVENT);
    (answer, reading, server)
}

fn why(reading: &Reading) -> String {
    reading.as_ref().expect_err("it gives no facts").to_string()
}

/// A document about the event with this number.
fn says(number: &str) -> String {
    format!("{{\"at\":{EVENT},\"n\":{number}}}")
}

#[tokio::test]
async fn an_answer_is_kept_as_it_came() {
    let body = format!(" {}\r\n", says("\"7\""));
    let (answer, reading, server) = one(Manner::Says(body.clone())).await;
    assert_eq!((answer.status, answer.body, answer.failure), (Some(200), body.into_bytes(), None));
    assert_eq!(reading, Ok(vec![7]));
    assert_eq!(server.asked(), 1);
    let request = server.last_request();
    assert!(request.starts_with("GET / "), "{request}");
    assert!(!request.to_lowercase().contains("accept-encoding"), "nothing may be compressed: {request}");
}

#[tokio::test]
async fn the_event_is_in_the_url_and_a_body_is_posted() {
    let server = Server::start(Manner::Says(says("7"))).await;
    let mut source = source("a", &format!("{}/{{date}}?at={{event_at}}", server.url));
    source.post = Some("{\"x\":1}".into());
    let answer = fetcher().one(&source, EVENT).await;
    assert_eq!(answer.url, format!("{}/2026-11-22?at={EVENT}", server.url));
    let request = server.last_request();
    assert!(request.starts_with(&format!("POST /2026-11-22?at={EVENT} ")), "{request}");
    assert!(request.ends_with("{\"x\":1}"), "{request}");
}

#[tokio::test]
async fn a_result_that_is_not_there_yet_is_waited_for() {
    for manner in [
        Manner::Status(404),
        Manner::Status(410),
        Manner::Status(204),
        Manner::Says("{}".into()),
        Manner::Says(format!("{{\"at\":{EVENT},\"n\":null}}")),
        Manner::Says(format!("{{\"at\":{},\"n\":7}}", EVENT - 60)),
        Manner::Says(format!("{{\"at\":{},\"n\":7}}", EVENT + 60)),
    ] {
        let (_, reading, _server) = one(manner.clone()).await;
        assert!(matches!(reading, Err(ReadError::NotYet(_))), "{manner:?}: {reading:?}");
    }
}

#[tokio::test]
async fn a_broken_answer_is_no_result() {
    let long = format!("{{\"at\":{EVENT},\"n\":7,\"x\":\"{}\"}}", "x".repeat(MAX_BODY));
    for (manner, says_why) in [
        (Manner::Status(500), "500"),
        (Manner::Status(401), "401"),
        (Manner::Says(says("7")[..20].into()), "no JSON"),
        (Manner::Says("<html>sorry</html>".into()), "no JSON"),
        (Manner::Says(String::new()), "no JSON"),
        (Manner::Says(says("7.5")), "scale"),
        (Manner::Says(says("1e2")), "digits"),
        (Manner::Says(says("[7]")), "a number or a text"),
        (Manner::Says(format!("{{\"at\":{EVENT},\"n\":7,\"n\":7}}")), "twice"),
        (Manner::Truncated(says("7")), "body"),
        (Manner::Says(long.clone()), "longer than 4096"),
        (Manner::Chunked(long), "longer than 4096"),
        (Manner::Endless, "longer than 4096"),
        (Manner::NoHttp, ""),
        (Manner::Closes, ""),
    ] {
        let (answer, reading, _server) = one(manner.clone()).await;
        assert!(matches!(reading, Err(ReadError::Invalid(_))), "{manner:?}: {reading:?}");
        assert!(why(&reading).contains(says_why), "{manner:?}: {}", why(&reading));
        assert!(answer.failure.is_none() || answer.body.is_empty(), "half a body is no evidence");
    }
    let nobody = source("a", "http://127.0.0.1:1/");
    let answer = fetcher().one(&nobody, EVENT).await;
    assert!(answer.status.is_none() && answer.failure.is_some());
}

#[tokio::test]
async fn a_slow_answer_ends_at_the_timeout() {
    for manner in [Manner::Hangs, Manner::HangsInside(says("7")), Manner::Drips] {
        let started = Instant::now();
        let (answer, reading, _server) = one(manner.clone()).await;
        assert!(answer.failure.is_some(), "{manner:?}");
        assert!(matches!(reading, Err(ReadError::Invalid(_))), "{manner:?}");
        let took = started.elapsed();
        assert!(took >= TIMEOUT / 2 && took < TIMEOUT * 4, "{manner:?} took {took:?}");
    }
}

#[tokio::test]
async fn redirects_stay_where_they_are_and_end() {
    let (answer, reading, server) = one(Manner::RedirectsOnce(says("7"))).await;
    assert_eq!((answer.status, reading), (Some(200), Ok(vec![7])));
    assert_eq!(server.asked(), 2);

    let (_, reading, server) = one(Manner::RedirectsForEver).await;
    assert!(why(&reading).contains("more than 3 redirects"), "{}", why(&reading));
    assert!(server.asked() <= 4, "{} requests", server.asked());

    // To another source, which would count twice; and to another scheme.
    let right = Server::start(Manner::Says(says("7"))).await;
    let port = right.url.rsplit(':').next().expect("a port");
    for target in [
        right.url.clone(),
        format!("http://localhost:{port}/"),
        right.url.replace("http", "https"),
        "file:///etc/passwd".into(),
    ] {
        let (_, reading, _server) = one(Manner::RedirectsTo(target.clone())).await;
        let why = why(&reading);
        assert!(why.contains("redirected elsewhere") || why.contains("HTTP status 302"), "{target}: {why}");
    }
    assert_eq!(right.asked(), 0, "nobody was sent there");
}

/// Three sources together.
async fn three(manners: [Manner; 3]) -> (Judgement, Vec<Reading>) {
    let mut servers = Vec::new();
    for manner in manners {
        servers.push(Server::start(manner).await);
    }
    let sources: Vec<Source> =
        servers.iter().zip(["a", "b", "c"]).map(|(server, name)| source(name, &server.url)).collect();
    let answers = fetcher().all(&sources, EVENT).await;
    let readings: Vec<Reading> =
        sources.iter().zip(&answers).map(|(source, answer)| read(source, answer, &facts(), EVENT)).collect();
    (judge(&readings), readings)
}

fn agreed(number: i64, dissent: &[usize]) -> Judgement {
    Judgement::Agreed { facts: vec![number], dissent: dissent.to_vec() }
}

#[tokio::test]
async fn two_that_agree_do_not_need_the_third() {
    let right = || Manner::Says(says("7"));
    for third in [
        Manner::Status(404),
        Manner::Status(500),
        Manner::Hangs,
        Manner::Endless,
        Manner::NoHttp,
        Manner::RedirectsForEver,
        Manner::Truncated(says("7")),
        Manner::Says(format!("{{\"at\":{},\"n\":8}}", EVENT - 86_400)),
    ] {
        let started = Instant::now();
        assert_eq!(three([right(), third.clone(), right()]).await.0, agreed(7, &[]), "{third:?}");
        assert!(started.elapsed() < TIMEOUT * 4, "{third:?} held the others up");
    }
    // One that lies is named.
    let lie = Manner::Says(says("8"));
    assert_eq!(three([right(), right(), lie.clone()]).await.0, agreed(7, &[2]));
    assert_eq!(three([lie, right(), right()]).await.0, agreed(7, &[0]));
    // The same number in other words.
    assert_eq!(
        three([right(), Manner::Says(says("\"07\"")), Manner::Says(says("7.0"))]).await.0,
        agreed(7, &[])
    );
}

#[tokio::test]
async fn nothing_follows_from_less_than_two() {
    let number = |number: &str| Manner::Says(says(number));
    let other_event = |number: &str| Manner::Says(format!("{{\"at\":{},\"n\":{number}}}", EVENT - 86_400));
    assert_eq!(three([number("7"), number("8"), number("9")]).await.0, Judgement::Disagreed);
    assert_eq!(three([number("7"), number("8"), Manner::Hangs]).await.0, Judgement::Disagreed);
    // Two that agree on another event agree on nothing.
    let (judgement, readings) = three([other_event("7"), other_event("7"), number("8")]).await;
    assert_eq!(judgement, Judgement::Waiting);
    assert!(matches!(readings[0], Err(ReadError::NotYet(_))));
    assert_eq!(readings[2], Ok(vec![8]));
    let missing = [Manner::Status(404), Manner::Status(500), Manner::Hangs];
    assert_eq!(three(missing).await.0, Judgement::Waiting);
    assert_eq!(
        three([number("7"), Manner::Status(404), Manner::Truncated(says("7"))]).await.0,
        Judgement::Waiting
    );
}
