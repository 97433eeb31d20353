//! Evidence on disk: under its hash, never written twice, and read again with everything in it.

use std::{fs, path::Path};

use lottery_oracle::{
    ResultsServer,
    evidence::{self, Evidence, SourceEvidence},
    fetch::Fetcher,
    judge::Judgement,
    results_server::Results,
};

const EVENT: i64 = 1_795_321_800;

/// What a reporter named `prefix` would keep of an event.
async fn evidence(server: &ResultsServer, prefix: &str) -> Evidence {
    let lottery = server.lottery(3, Results::MegaMillions, prefix);
    let fetcher = Fetcher::new(std::time::Duration::from_secs(5), 100_000).expect("a client");
    let answers = fetcher.all(&lottery.sources, EVENT).await;
    Evidence {
        version: Evidence::VERSION,
        lottery_id: 3,
        lottery: "lottery".into(),
        round: "round".into(),
        round_index: 9,
        reporter: "reporter".into(),
        event_at: EVENT,
        names: lottery.facts.clone(),
        facts: server.facts(Results::MegaMillions, EVENT),
        sources: lottery.sources.iter().zip(&answers).map(|(s, a)| SourceEvidence::new(s, a)).collect(),
    }
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

#[tokio::test]
async fn the_facts_follow_from_the_file() {
    let server = ResultsServer::start(0, 1).await.expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let deep = folder.path().join("a/b");
    let kept = evidence(&server, "a").await;
    let hash = evidence::write(&deep, &kept).expect("written");
    let path = evidence::path(&deep, &hash);
    assert_eq!(
        path.file_name().and_then(|name| name.to_str()),
        Some(&*format!("{}.json", hex::encode(hash)))
    );
    let check = evidence::check(&path).expect("read");
    assert!(check.holds() && check.is_named_by_hash);
    assert_eq!((check.hash, &check.evidence), (hash, &kept));
    assert_eq!(check.judgement, Judgement::Agreed { facts: kept.facts.clone(), dissent: vec![] });
    // No other file is left behind, and the same evidence again is the same file.
    assert_eq!(evidence::write(&deep, &kept).expect("again"), hash);
    assert_eq!(files(&deep), 1);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    assert_eq!(json["facts"][0], kept.facts[0].to_string());
    assert_eq!((&json["event_at"], &json["sources"][0]["status"]), (&EVENT.into(), &200.into()));
}

#[tokio::test]
async fn a_damaged_file_is_neither_trusted_nor_overwritten() {
    let server = ResultsServer::start(0, 1).await.expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let kept = evidence(&server, "a").await;
    let hash = evidence::write(folder.path(), &kept).expect("written");
    let path = evidence::path(folder.path(), &hash);
    let good = fs::read_to_string(&path).expect("read");

    let changed = good.replace("\"round_index\": 9", "\"round_index\": 8");
    fs::write(&path, &changed).expect("changed");
    let check = evidence::check(&path).expect("still JSON");
    assert!(!check.is_named_by_hash && !check.holds());
    let error = evidence::write(folder.path(), &kept).expect_err("it is not ours to mend");
    assert!(format!("{error:#}").contains("does not hold what its name says"), "{error:#}");
    assert_eq!(fs::read_to_string(&path).expect("read"), changed);

    let renamed = folder.path().join("mine.json");
    fs::write(&renamed, &good).expect("written");
    assert!(!evidence::check(&renamed).expect("read").holds());
    fs::write(&renamed, "{}").expect("written");
    assert!(evidence::check(&renamed).is_err());
    assert!(evidence::check(&folder.path().join("none.json")).is_err());
}

/// Whoever writes such files by hand does not get through.
#[tokio::test]
async fn facts_that_do_not_follow_are_found() {
    let server = ResultsServer::start(0, 1).await.expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let good = evidence(&server, "a").await;
    let check = |evidence: &Evidence| {
        let hash = evidence::write(folder.path(), evidence).expect("written");
        evidence::check(&evidence::path(folder.path(), &hash))
    };
    assert!(check(&good).expect("read").holds());

    let mut other = good.clone();
    other.facts[5] += 1;
    assert!(!check(&other).expect("read").holds(), "the sources say something else");
    let mut other = good.clone();
    other.facts.pop();
    assert!(!check(&other).expect("read").holds(), "a fact is missing");

    // The same answers for another event.
    let mut other = good.clone();
    other.event_at += 86_400;
    assert!(format!("{:#}", check(&other).expect_err("another url")).contains("was asked for"));
    // One source three times.
    let mut other = good.clone();
    other.sources = vec![good.sources[0].clone(); 3];
    assert!(format!("{:#}", check(&other).expect_err("one source")).contains("same url"));
    let mut other = good.clone();
    other.sources.pop();
    assert!(format!("{:#}", check(&other).expect_err("two sources")).contains("give 3"));
    let mut other = good.clone();
    other.sources[0].body = "not base64!".into();
    assert!(format!("{:#}", check(&other).expect_err("no bytes")).contains("base64"));
    let mut other = good.clone();
    other.version += 1;
    assert!(format!("{:#}", check(&other).expect_err("the future")).contains("version"));

    // Two lie and agree: their facts are what follows.
    server.lie("b-1", true);
    server.lie("b-3", true);
    let lied = evidence(&server, "b").await;
    let found = check(&lied).expect("read");
    assert!(!found.holds());
    assert!(matches!(found.judgement, Judgement::Agreed { dissent, .. } if dissent == [1]));
}
