//! Reporters against the real program on the embedded chain: one that lies, one that is killed, sources that are late, disagree, or
//! say what the market does not take.

mod play;
mod refusals;

use std::{sync::Arc, time::Duration};

use lottery_interface::kinds::RoundStatus;
use lottery_oracle::{
    OracleConfig, Pass, Reporter, ResultsServer, alert, counters::Counters, evidence, results_server::Results,
};
use solana_keypair::Keypair;
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep},
};

use play::Play;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A reporter that runs until it is stopped, or killed.
struct Running {
    counters: Arc<Counters>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(config: OracleConfig) -> Self {
        let reporter = Reporter::new(config).expect("a reporter");
        let counters = reporter.counters();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(reporter.run(async move {
            let _ = stopped.await;
        }));
        Self { counters, stop: Some(stop), task }
    }

    async fn stop(mut self) {
        let _ = self.stop.take().expect("stopped once").send(());
        self.task.await.expect("it ends by itself");
    }

    /// At whatever it does.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// The number on a counter's line.
    fn count(&self, line: &str) -> u64 {
        let text = self.counters.render();
        let found = text.lines().filter_map(|other| other.strip_prefix(line)?.trim().parse::<u64>().ok());
        found.sum()
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "it never came: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn once(config: OracleConfig) -> Pass {
    Reporter::new(config).expect("a reporter").once().await.expect("a pass")
}

const NAMES: [&str; 3] = ["alice", "bob", "carol"];

fn key(play: &Play, name: &str) -> usize {
    let place = NAMES.iter().position(|other| *other == name).expect("a name");
    assert!(place < play.reporters.len());
    place
}

fn config(play: &Play, results: &ResultsServer, id: u64, name: &str) -> OracleConfig {
    let lottery = results.lottery(id, Results::Powerball, name);
    play.config(name, &play.reporters[key(play, name)], vec![lottery])
}

/// The file of what `name` attested is there, and the facts follow from it.
async fn assert_evidence(play: &Play, round: solana_pubkey::Pubkey, name: &str, facts: &[i64]) {
    let attested = play.attestation(round, key(play, name)).await.expect("it attested");
    assert_eq!(attested.facts[..facts.len()], *facts);
    let path = evidence::path(&play.evidence_dir(name), &attested.evidence);
    let check = evidence::check(&path).expect("the file is there");
    assert_eq!(check.hash, attested.evidence);
    assert!(check.holds(), "{:?}", check.judgement);
    assert_eq!(check.evidence.round, round.to_string());
}

/// Late results, a liar who attests first, a reporter that is killed: the round is decided by what is true.
async fn one_of_three_lies(play: &Play, results: &ResultsServer) {
    let round = play.open(1, 0, &[(10_000_000, 0), (4_000_000, 1)]).await;
    results.silence("", true);
    results.lie("carol", true);
    let carol = Running::start(config(play, results, 1, "carol"));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(carol.count("oracle_attempts_total"), 0, "nobody is asked before the event");
    play.past_event().await;
    until("three attempts", async || carol.count("oracle_attempts_total") >= 3).await;
    assert!(play.attestation(round, 2).await.is_none(), "there is no result yet");
    assert!(play.evidence_files("carol").is_empty());
    results.silence("", false);
    until("the lie", async || play.attestation(round, 2).await.is_some()).await;

    // Alice is killed while her transaction is under way.
    play.localnet.pause();
    let alice = Running::start(config(play, results, 1, "alice"));
    until("her evidence", async || !play.evidence_files("alice").is_empty()).await;
    alice.kill().await;
    let kept = play.evidence_files("alice");
    let bytes = std::fs::read(&kept[0]).expect("kept");
    play.localnet.resume();
    let alice = Running::start(config(play, results, 1, "alice"));
    until("her attestation", async || play.attestation(round, 0).await.is_some()).await;
    assert_eq!(std::fs::read(&kept[0]).expect("still kept"), bytes);
    assert_eq!(play.round(round).await.status, RoundStatus::Open as u8, "two that differ decide nothing");
    until("her alert", async || alice.counters.alerts(alert::REPORTERS_DISAGREE) == 1).await;

    let pass = once(config(play, results, 1, "bob")).await;
    assert_eq!(pass, Pass { due: 1, attested: 1, ..Pass::default() });
    assert_eq!(once(config(play, results, 1, "bob")).await, Pass::default(), "never twice");
    assert_eq!(play.evidence_files("bob").len(), 1);

    let decided = play.round(round).await;
    let truth = results.facts(Results::Powerball, decided.event_at);
    assert_eq!(decided.status, RoundStatus::Valued as u8);
    assert_eq!(i64::from(decided.result[0]), truth[5] % 2);
    for name in ["alice", "bob"] {
        assert_evidence(play, round, name, &truth).await;
    }
    let lie = play.attestation(round, 2).await.expect("it lied");
    assert_ne!(lie.facts[..6], truth[..], "the liar said something else");
    assert_evidence(play, round, "carol", &lie.facts[..6]).await;
    for running in [alice, carol] {
        running.stop().await;
    }

    let before = [play.balance(0).await, play.balance(1).await];
    play.settle(1, round).await;
    let gained = [play.balance(0).await - before[0], play.balance(1).await - before[1]];
    // 4,000,000 is matched, and 3 % of it is the fee.
    let expected = match truth[5] % 2 {
        0 => [10_000_000 + 3_880_000, 0],
        _ => [6_000_000, 4_000_000 + 3_880_000],
    };
    assert_eq!(gained, expected);
}

/// One of a reporter's own three sources lies: the other two are attested, and a person is told.
async fn one_of_its_sources_lies(play: &Play, results: &ResultsServer) {
    let round = play.open(1, 1, &[(5_000, 0), (6_000, 1)]).await;
    play.past_event().await;
    results.lie("alice-2", true);
    let webhook = refusals::Webhook::start().await;
    let alice = OracleConfig { webhook_url: Some(webhook.url.clone()), ..config(play, results, 1, "alice") };
    let pass = once(alice).await;
    assert_eq!((pass.due, pass.attested), (1, 1));
    results.lie("alice-2", false);
    let event_at = play.round(round).await.event_at;
    assert_evidence(play, round, "alice", &results.facts(Results::Powerball, event_at)).await;
    // Each start says again what it finds in rounds that are still there.
    let (lies, posted): (Vec<_>, Vec<_>) =
        webhook.posted().into_iter().partition(|alert| alert["round_index"] == 0);
    assert_eq!((lies.len(), posted.len()), (1, 1), "{lies:?} {posted:?}");
    assert_eq!(lies[0]["code"], alert::REPORTERS_DISAGREE);
    assert_eq!(posted[0]["code"], alert::SOURCES_DISAGREE);
    assert_eq!((&posted[0]["lottery_id"], &posted[0]["round_index"]), (&1.into(), &1.into()));
    let message = posted[0]["message"].as_str().expect("a message");
    assert!(message.contains("alice-2"), "{message}");
}

/// A reporter whose sources have nothing tries until the round is decided without it, and then leaves it alone.
async fn one_is_too_late(play: &Play, results: &ResultsServer) {
    let round = play.open(1, 2, &[(5_000, 0), (6_000, 1)]).await;
    play.past_event().await;
    results.silence("bob", true);
    let bob = Running::start(config(play, results, 1, "bob"));
    until("his attempts", async || bob.count("oracle_attempts_total") >= 3).await;
    results.lie("carol", false);
    // Carol finds the round before it as well, for which only Alice has attested.
    for (name, rounds) in [("alice", 1), ("carol", 2)] {
        assert_eq!(once(config(play, results, 1, name)).await.attested, rounds);
    }
    assert_eq!(play.round(round).await.status, RoundStatus::Valued as u8);
    sleep(Duration::from_secs(1)).await;
    let tried = bob.count("oracle_attempts_total");
    results.silence("bob", false);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(bob.count("oracle_attempts_total"), tried, "the round has ended");
    assert_eq!(bob.count("oracle_attestations_failed_total"), 0);
    assert!(play.attestation(round, 1).await.is_none());
    bob.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reporters_attest_what_is_true_and_nothing_else() {
    let play = Play::start().await;
    let results = ResultsServer::start(0, 7).await.expect("a server");
    play.create(1, 1, 26).await;
    one_of_three_lies(&play, &results).await;
    one_of_its_sources_lies(&play, &results).await;
    one_is_too_late(&play, &results).await;
    refusals::nothing_is_attested(&play, &results).await;
    play.localnet.stop().await.expect("stopped");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.json");
    std::fs::write(&path, format!("{:?}", Keypair::new().to_bytes())).expect("written");
    let toml = std::fs::read_to_string("../examples/oracle.toml").expect("the example");
    let mut config: OracleConfig = toml::from_str(&toml).expect("valid");
    config.keypair = path.clone();
    for (mode, is_private) in [(0o644, false), (0o640, false), (0o604, false), (0o600, true), (0o400, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("changed");
        match config.read_keypair() {
            Ok(_) => assert!(is_private, "{mode:o}"),
            Err(error) => {
                assert!(!is_private && format!("{error:#}").contains("chmod 600"), "{mode:o}: {error:#}")
            }
        }
    }
    config.keypair = folder.path().join("missing.json");
    assert!(format!("{:#}", config.read_keypair().unwrap_err()).contains("missing.json"));
}
