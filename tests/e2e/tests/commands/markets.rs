//! Markets, from their files to the last payout: reporters attest by hand here, one of them a lie.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use lottery_cli::keys;
use lottery_client::{Fetched, Keypair, Rpc, SendOptions, Signer};
use lottery_interface::{
    accounts::{Round, attestations},
    address,
    args::AttestArgs,
    instructions,
    kinds::RoundStatus,
};
use serde_json::Value;

use crate::chain::{Chain, sample, units};

/// Three reporters who attest in every round of lottery 1 as soon as they may: the last one first, and a lie.
struct Reporters {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

const TRUTH: [i64; 8] = [5, 14, 27, 33, 68, 7, 0, 0];
const LIE: [i64; 8] = [5, 14, 27, 33, 68, 8, 0, 0];

impl Reporters {
    fn start(chain: &Chain) -> Self {
        let url = chain.info()["rpc_url"].as_str().unwrap().to_string();
        let keys: Vec<_> = (0..3).map(|n| keys::read(Path::new(&chain.player(n))).unwrap()).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let rpc = Rpc::new(url);
            while !stopped.load(Ordering::Relaxed) {
                runtime.block_on(async {
                    for round in rpc.rounds(1).await.unwrap_or_default() {
                        attest(&rpc, &round, &keys).await;
                    }
                });
                std::thread::sleep(Duration::from_millis(300));
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Reporters {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn attest(rpc: &Rpc, round: &Fetched<Round>, keys: &[Keypair]) {
    let is_open = round.status == RoundStatus::Open as u8;
    let is_attested = attestations(&round.data).any(|attestation| attestation.attested_at != 0);
    let now = rpc.clock().await.map_or(0, |clock| clock.unix_timestamp);
    if !is_open || is_attested || now < round.event_at || round.page_count == 0 {
        return;
    }
    let oracles = address::oracle_set(&keys.iter().map(Signer::pubkey).collect::<Vec<_>>()).0;
    for (key, facts) in [(&keys[2], LIE), (&keys[0], TRUTH), (&keys[1], TRUTH)] {
        let args = AttestArgs { facts, evidence: [7; 32], event_at: round.event_at };
        let step = instructions::attest(key.pubkey(), round.address, round.config.into(), oracles, &args);
        // Too early by the chain's clock, or re-timed meanwhile: the next look tries again.
        if rpc.send(&[step], &[key], &SendOptions::default()).await.is_err() {
            return;
        }
    }
}

/// `create` with three players as reporters.
fn create(chain: &Chain, file: &str) -> Value {
    let (a, b, c) = (chain.player(0), chain.address(1), chain.player(2));
    chain.json(&["create", file, "--reporter", &a, "--reporter", &b, "--reporter", &c])
}

fn wait_for_a_round(chain: &Chain) {
    let until = Instant::now() + Duration::from_secs(30);
    while chain.json(&["show", "lottery", "1"])["live_round_indexes"] == Value::Array(Vec::new()) {
        assert!(Instant::now() < until, "no round opens");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_market_is_decided_in_spite_of_a_lie() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "sol"]);
    let changes = [
        ("period_seconds = 40", "period_seconds = 15"),
        ("event_delay_seconds = 3", "event_delay_seconds = 1"),
    ];
    let created = create(&chain, &chain.changed("demo/odd-even.toml", &changes));
    let market = &created["market"];
    assert_eq!((&market["mode"], &market["oracles"]["quorum"]), (&Value::from("pro_rata"), &Value::from(2)));
    assert_eq!(market["outcomes"][1]["label"], "odd");
    let shown = chain.json(&["show", "lottery", "1"]);
    assert_eq!(shown["rules"]["mapping"]["subject"], serde_json::json!([5]));
    let mut reporters: Vec<_> = (0..3).map(|n| chain.address(n)).collect();
    let mut set: Vec<String> =
        serde_json::from_value(shown["rules"]["oracles"]["reporters"].clone()).unwrap();
    reporters.sort();
    set.sort();
    assert_eq!(set, reporters);

    let _keeper = chain.keeper();
    let _reporters = Reporters::start(&chain);
    wait_for_a_round(&chain);
    let (one, two) = (chain.player(0), chain.player(1));
    let error = chain.refusal(&["buy", "1", "--quick", "1", "--keypair", &one]);
    assert!(error.contains("lottery 1 is a market") && error.contains("even, odd"), "{error}");
    let bet = chain.json(&["bet", "1", "--outcome", "odd", "--stake", "0.03", "--keypair", &one]);
    assert_eq!(bet["market"]["bets"][0]["outcome"], 1);
    let round = bet["round_index"].to_string();
    // The label in any case, and the number of an outcome.
    let both = ["bet", "1", "--outcome", "EVEN", "--outcome", "#1", "--stake", "0.01", "--round", &round];
    let bets = chain.json(&[&both[..], &["--wait", "--keypair", &two]].concat());
    assert_eq!((&bets["tickets"], &bets["cost_units"]), (&Value::from(2), &Value::from("20000000")));
    let before = &bets["market"]["pools_before"];
    assert_eq!(
        (&before[1]["stake_units"], &before[1]["payout"]),
        (&Value::from("30000000"), &Value::from(1.0))
    );

    // 0.04 were right and win the 0.01 others, less 2 %.
    let result = &bets["result"];
    assert_eq!((&result["status"], &result["winning_label"]), (&Value::from("final"), &Value::from("odd")));
    let back = |n: usize| (&result["tickets"][n]["label"], units(&result["tickets"][n]["prize_units"]));
    assert_eq!(back(0), (&Value::from("even"), 0));
    assert_eq!(back(1), (&Value::from("odd"), 10_000_000 + 2_450_000));
    let shown = chain.json(&["show", "round", "1", &round]);
    assert_eq!(
        (&shown["winning_outcome"], &shown["facts"]),
        (&Value::from(1), &serde_json::json!(["5", "14", "27", "33", "68", "7"]))
    );
    assert_eq!(
        (&shown["winning_units"], &shown["matched_units"]),
        (&Value::from("40000000"), &Value::from("10000000"))
    );
    let attested = shown["attestations"].as_array().unwrap();
    let lies: Vec<_> = attested.iter().filter(|made| made["facts"][5] == "8").collect();
    assert_eq!((attested.len(), lies.len(), &lies[0]["reporter"]), (3, 1, &Value::from(chain.address(2))));
    assert_eq!(attested[0]["evidence"], "07".repeat(32));
    let entries = chain.json(&["show", "entries", "1", &round, "--keypair", &two]);
    assert_eq!((&entries[0]["label"], &entries[1]["label"]), (&Value::from("even"), &Value::from("odd")));

    let balance = |key: &str| units(&chain.json(&["show", "wallet", "--keypair", key])[0]["balance_units"]);
    let until = Instant::now() + Duration::from_secs(20);
    while (balance(&one), balance(&two)) != (37_350_000, 12_450_000) {
        assert!(Instant::now() < until, "{} {}", balance(&one), balance(&two));
        std::thread::sleep(Duration::from_millis(200));
    }
    a_session_bets_alone(&chain, &two);
    let text = String::from_utf8(chain.run(&["show", "round", "1", &round]).stdout).unwrap();
    for words in [
        "odd (5 14 27 33 68 7)",
        "attests 5 14 27 33 68 8 (even)",
        "2 of 3 equal attestations decide",
        "pays",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

/// Nobody bets against it: the stake comes back, without fee.
fn a_session_bets_alone(chain: &Chain, player: &str) {
    let session =
        ["session", "play", "1", "--outcome", "odd", "--stake", "0.01", "--limit", "0.05", "--rounds", "1"];
    let played = chain.json(&[&session[..], &["--keypair", player]].concat());
    assert_eq!((&played["rounds"], &played["results"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(
        (&played["staked_units"], &played["refunded_units"]),
        (&Value::from("10000000"), &Value::from("10000000"))
    );
}

#[test]
fn other_reporters_are_for_rounds_not_yet_opened() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc"]);
    let weekly = sample("prediction_pro_rata.toml");
    create(&chain, &weekly);
    let first = chain.json(&["show", "lottery", "1"]);
    assert_eq!(
        (&first["period_seconds"], &first["lock_offset_seconds"]),
        (&Value::from(604_800), &Value::from(266_400))
    );

    // The same set may serve many lotteries.
    create(&chain, &sample("prediction_parimutuel.toml"));
    let second = chain.json(&["show", "lottery", "2"]);
    assert_eq!(second["rules"]["oracles"]["address"], first["rules"]["oracles"]["address"]);
    assert_eq!(second["rules"]["outcomes"].as_array().unwrap().len(), 26);

    let (a, b, c) = (chain.player(0), chain.player(1), chain.player(2));
    let same = ["update", "1", &weekly, "--reporter", &c, "--reporter", &b, "--reporter", &a];
    assert_eq!(chain.json(&same)["changed"], Value::Array(Vec::new()));
    let other = chain
        .changed("prediction_pro_rata.toml", &[("event_delay_seconds = 9000", "event_delay_seconds = 60")]);
    let two = ["update", "1", &other, "--reporter", &a, "--reporter", &b];
    let would = chain.json(&[&two[..], &["--dry-run"]].concat());
    assert_eq!(
        (&would["changed"], &would["config_version"]),
        (&serde_json::json!(["config"]), &Value::from(0))
    );
    assert_eq!(chain.json(&two)["config_version"], 1);
    let shown = chain.json(&["show", "lottery", "1"]);
    let oracles = &shown["rules"]["oracles"];
    assert_eq!((&oracles["reporter_count"], &oracles["blocking"]), (&Value::from(2), &Value::from(1)));
    assert_eq!(shown["rules"]["event_delay_seconds"], 60);
    assert_ne!(oracles["address"], first["rules"]["oracles"]["address"]);
    assert_eq!(chain.json(&["verify"])["mints"].as_array().unwrap().len(), 1);
}

#[test]
fn bad_market_input_is_told_what_to_do() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc", "--vault", "sol"]);
    let changed = |from: &str, to: &str| {
        let file = chain.changed("demo/sum-of-three.toml", &[(from, to)]);
        chain.refusal(&["create", &file])
    };
    let ranges = "ranges = [[0, 99], [100, 148], [149, 197], [198, 297]]";
    for (from, to, words) in [
        (
            ranges,
            "ranges = [[0, 99], [100, 148], [150, 197], [198, 297]]",
            "MappingGap: market.ranges: 149 belongs to no outcome",
        ),
        (
            ranges,
            "ranges = [[0, 99], [99, 148], [149, 197], [198, 297]]",
            "MappingOverlap: market.ranges: [99, 148]",
        ),
        ("quorum = 2", "quorum = 1", "InvalidQuorum: oracles.quorum: 1 of 3"),
        ("mode = \"parimutuel\"", "mode = \"pro_rata\"", "this mapping has 4 outcomes; use parimutuel"),
        ("facts = 3", "facts = 2", "market.subject: there is no fact 2"),
        (
            "grace_seconds = 60",
            "grace_seconds = 5",
            "config.grace_seconds: this registry needs at least 30, this is 5",
        ),
        ("fee_bps = 300", "fee_bps = 1001", "FeeAboveCap"),
    ] {
        let error = changed(from, to);
        assert!(error.contains(words), "{to:?} says: {error}");
    }
    let sums = sample("demo/sum-of-three.toml");
    for (args, words) in [
        (&["--reporter", "nobody"][..], "--reporter: \"nobody\" is not an address"),
        (&["--reporter", &chain.address(0)], "write 1 to 1"),
        (&["--reporter", &chain.address(0), "--reporter", &chain.player(0)], "is named twice"),
    ] {
        let error = chain.refusal(&[&["create", &sums], args].concat());
        assert!(error.contains(words), "{args:?} says: {error}");
    }
    let error = chain.refusal(&["create", &sample("keno.toml"), "--reporter", &chain.address(0)]);
    assert!(error.contains("kind \"keno\" has no reporters"), "{error}");
    assert_eq!(chain.json(&["show", "lotteries"]), Value::Array(Vec::new()), "something was created");

    create(&chain, &sums);
    chain.json(&["create", &sample("keno.toml")]);
    let clap = String::from_utf8(chain.run(&["bet", "1", "--stake", "1"]).stderr).unwrap();
    assert!(clap.contains("--outcome"), "{clap}");
    for (args, words) in [
        (
            &["bet", "1", "--outcome", "odd", "--stake", "1"][..],
            "OutcomeUnknown: --outcome: \"odd\" is none of 0-99, 100-148, 149-197, 198-297",
        ),
        (&["bet", "1", "--outcome", "4", "--stake", "1"], "OutcomeUnknown"),
        (
            &["bet", "1", "--outcome", "100-148", "--stake", "0.1"],
            "StakeOutOfRange: --stake: 0.1 USDC is not within 0.5 USDC to 20 USDC",
        ),
        (&["bet", "1", "--outcome", "100-148", "--stake", "0"], "zero"),
        (&["bet", "1", "--outcome", "100-148", "--stake", "one"], "not an amount"),
        (&["bet", "1", "--outcome", "100-148", "--stake", "1"], "no round"),
        (&["bet", "2", "--outcome", "odd", "--stake", "1"], "use `lottery buy 2`"),
        (&["bet", "9", "--outcome", "odd", "--stake", "1"], "no lottery 9"),
        (&["buy", "1", "1,2", "--stake", "1"], "bet on an outcome with `lottery bet 1 --outcome OUTCOME"),
        (&["session", "play", "1", "--stake", "1", "--limit", "5"], "--outcome is missing: one of 0-99"),
        (
            &["session", "play", "1", "--stake", "1", "--limit", "5", "--outcome", "0", "--spots", "3"],
            "no numbers to pick",
        ),
        (
            &["session", "play", "2", "--stake", "1", "--limit", "5", "--spots", "3", "--outcome", "0"],
            "only markets have outcomes",
        ),
        (&["update", "1", &sample("demo/odd-even.toml")], "mint: lottery 1 keeps its mint"),
        (&["fund", "bankroll", "1", "1"], "NoBankroll"),
        (&["fund", "jackpot", "1", "1"], "jackpot"),
    ] {
        let error = chain.refusal(args);
        assert!(error.contains(words), "{args:?} says: {error}");
    }
}
