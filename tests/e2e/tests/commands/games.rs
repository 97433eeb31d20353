//! Lotteries and house games, from their files to the last withdrawal.

use std::time::{Duration, Instant};

use crate::chain::{Chain, sample, units};
use serde_json::Value;

#[test]
fn an_operator_and_a_player_get_along() {
    let chain = Chain::start();
    let error = chain.refusal(&["create", &sample("draw-6-49.toml")]);
    assert!(error.contains("lottery init"), "{error}");

    let created = chain.json(&["init", "--vault", "sol", "--vault", "usdc"]);
    assert_eq!(created["created"], true);
    assert_eq!(chain.json(&["init"])["created"], false);
    assert_eq!(chain.json(&["show", "registry"])["fee_cap_bps"], 1_000);

    let lottery = chain.json(&["create", &sample("draw-progressive.toml")]);
    assert_eq!((&lottery["id"], &lottery["status"]), (&Value::from(1), &Value::from("active")));
    assert_eq!(
        (&lottery["secret"], &lottery["beacon"]),
        (&Value::Null, &chain.info()["beacon"]["chain_hash"])
    );
    let shown = chain.json(&["show", "lottery", "1"]);
    assert_eq!(shown["jackpot_units"], "25000000000");
    assert_eq!(shown["current_config"]["stake_units"], "1000000");

    // Nobody cranks here: no round is open.
    let player = chain.player(1);
    let error = chain.refusal(&["buy", "1", "--quick", "3", "--keypair", &player]);
    assert!(error.contains("no round"), "{error}");
    let deposit = chain.json(&["deposit", "12.5", "--mint", "usdc", "--keypair", &player]);
    assert_eq!(deposit["balance_units"], "12500000");
    let withdrawal = chain.json(&["withdraw", "2.5", "--mint", "usdc", "--keypair", &player]);
    assert_eq!(withdrawal["balance_units"], "10000000");
    let rest = chain.json(&["withdraw", "all", "--mint", "usdc", "--keypair", &player]);
    assert_eq!(
        (&rest["amount_units"], &rest["balance_units"]),
        (&Value::from("10000000"), &Value::from("0"))
    );

    let funded = chain.json(&["fund", "jackpot", "1", "3", "--keypair", &player]);
    assert_eq!(funded["amount_units"], "3000000");
    assert_eq!(chain.json(&["show", "lottery", "1"])["jackpot_units"], "25003000000");
    chain.json(&["fund", "crank", "1", "0.5"]);

    let key = "SysvarC1ock11111111111111111111111111111111";
    let session = [
        "session",
        "start",
        "--mint",
        "usdc",
        "--keypair",
        &player,
        "--key",
        key,
        "--lottery",
        "1",
        "--limit",
        "1",
    ];
    let started = chain.json(&session);
    assert_eq!(started["session"]["limit_units"], "1000000");
    let wallets = chain.json(&["show", "wallet", "--keypair", &player]);
    assert_eq!(wallets[0]["session_key"], key);
    chain.json(&["session", "end", "--mint", "usdc", "--keypair", &player]);

    assert_eq!(chain.json(&["pause", "1"])["status"], "paused");
    assert_eq!(chain.json(&["activate", "1"])["status"], "active");
    assert_eq!(chain.json(&["retire", "1"])["retiring"], true);
    let audit = chain.json(&["verify"]);
    assert_eq!(audit["mints"].as_array().unwrap().len(), 2);
}

#[test]
fn an_operator_runs_a_bankroll() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc"]);
    let keno = chain.json(&["create", &sample("keno.toml")]);
    assert_eq!((&keno["id"], &keno["bond_each_round_units"]), (&Value::from(1), &Value::from("32000000000")));
    assert_eq!(keno["rtp"].as_array().unwrap().len(), 10);
    let shown = chain.json(&["show", "lottery", "1"]);
    assert_eq!(shown["bankroll_free_units"], "40000000000");
    assert_eq!(shown["rules"]["spots"][3]["prizes"][0]["multiplier_bps"], 1_700_000);
    assert_eq!(shown["rules"]["spots"][0]["rtp"]["percent"], 95.0);

    let player = chain.player(1);
    chain.json(&["fund", "bankroll", "1", "1000", "--keypair", &player]);
    assert_eq!(chain.json(&["show", "lottery", "1"])["bankroll_free_units"], "41000000000");
    let error = chain.refusal(&["take", "bankroll", "1", "--keypair", &player]);
    assert!(error.contains("Unauthorized"), "{error}");
    let error = chain.refusal(&["take", "bankroll", "1", "41001"]);
    assert!(error.contains("BankrollTooLow"), "{error}");
    assert_eq!(chain.json(&["take", "bankroll", "1", "1000"])["amount_units"], "1000000000");

    let same = chain.json(&["update", "1", &sample("keno.toml")]);
    assert_eq!(same["changed"], Value::Array(Vec::new()));
    let changes = [("period_seconds = 5 ", "period_seconds = 7 "), ("1 = [0, 3.8]", "1 = [0, 3.75]")];
    let file = chain.changed("keno.toml", &changes);
    let would = chain.json(&["update", "1", &file, "--dry-run"]);
    assert_eq!(
        (&would["changed"][0], &would["changed"][1]),
        (&Value::from("limits"), &Value::from("config"))
    );
    assert_eq!(chain.json(&["show", "lottery", "1"])["period_seconds"], 5);
    assert_eq!(chain.json(&["update", "1", &file])["config_version"], 1);
    let shown = chain.json(&["show", "lottery", "1"]);
    assert_eq!((&shown["period_seconds"], &shown["config_version"]), (&Value::from(7), &Value::from(1)));
    assert_eq!(shown["rules"]["spots"][0]["rtp"]["percent"], 93.75);

    let draw = chain.json(&["create", &sample("draw-fast.toml")]);
    let error = chain.refusal(&["take", "bankroll", &draw["id"].to_string()]);
    assert!(error.contains("NoBankroll"), "{error}");
    let error = chain.refusal(&["fund", "bankroll", &draw["id"].to_string(), "1"]);
    assert!(error.contains("NoBankroll"), "{error}");
    let error = chain.refusal(&["update", "1", &sample("instant.toml")]);
    assert!(error.contains("kind: lottery 1"), "{error}");

    let secret = |value: &Value| chain.path(value["secret"].as_str().unwrap());
    let renewed = chain.json(&["renew", "1", "--length", "50"]);
    assert!(secret(&renewed).exists() && secret(&keno).exists() && secret(&renewed) != secret(&keno));
    assert_eq!(chain.json(&["show", "lottery", "1"])["chain_length"], 50);
    let secrets = || std::fs::read_dir(chain.path(".secrets")).unwrap().count();
    let before = secrets();
    let error = chain.refusal(&["renew", "1", "--keypair", &player]);
    assert!(error.contains("Unauthorized") && secrets() == before, "{error}");
    assert_eq!(chain.json(&["verify"])["mints"].as_array().unwrap().len(), 2);
}

#[test]
fn a_player_gets_along_with_house_games() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc"]);
    chain.json(&["create", &sample("keno.toml")]);
    chain.json(&["create", &sample("instant.toml")]);
    let _keeper = chain.keeper();
    let player = chain.player(1);
    let until = Instant::now() + Duration::from_secs(30);
    while chain.json(&["show", "lottery", "2"])["live_round_indexes"] == Value::Array(Vec::new()) {
        assert!(Instant::now() < until, "no round opens");
    }
    let deposited =
        units(&chain.json(&["deposit", "100", "--mint", "usdc", "--keypair", &player])["amount_units"]);
    let (mut staked, mut won) = (0, 0);

    let keno = ["buy", "1", "--numbers", "7", "--numbers", "3,17,42", "--quick", "2", "--spots", "10"];
    let bought = chain.json(&[&keno[..], &["--stake", "0.1", "--wait", "--keypair", &player]].concat());
    assert_eq!((&bought["tickets"], &bought["odds"][2]["spots"]), (&Value::from(4), &Value::from(10)));
    let result = &bought["result"];
    assert_eq!((&result["status"], result["numbers"].as_array().unwrap().len()), (&Value::from("final"), 20));
    let tickets = result["tickets"].as_array().unwrap();
    assert_eq!(tickets.iter().map(|t| t["spots"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3, 10, 10]);
    (staked, won) = (staked + units(&bought["cost_units"]), won + units(&result["prizes_units"]));

    let instant = ["buy", "2", "--stake", "0.5", "--count", "3", "--wait", "--keypair", &player];
    let bought = chain.json(&instant);
    assert_eq!(bought["result"]["tickets"].as_array().unwrap().len(), 3);
    (staked, won) = (staked + units(&bought["cost_units"]), won + units(&bought["result"]["prizes_units"]));
    // For a person: odds first, then the covered card, then what is under it.
    let shown = chain.run(&["buy", "2", "--stake", "0.1", "--wait", "--keypair", &player]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let places = ["exactly, wins 1 in", "1 in 65,536", "░", "won "].map(|part| text.find(part));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in: {text}");
    let last = text.lines().rev().find_map(|line| line.strip_prefix("won ")?.strip_suffix(" USDC")).unwrap();
    (staked, won) = (staked + 100_000, won + (last.parse::<f64>().unwrap() * 1e6).round() as u64);

    // Signed once; somebody else pays the fees; the limit ends it after two rounds.
    let (fees, balance) = (chain.player(0), || {
        units(&chain.json(&["show", "wallet", "--keypair", &player])[0]["balance_units"])
    });
    let session =
        ["session", "play", "1", "--spots", "2", "--quick", "3", "--stake", "0.1", "--limit", "0.6"];
    let played = chain.json(&[&session[..], &["--fee-payer", &fees, "--keypair", &player]].concat());
    assert_eq!((&played["rounds"], &played["ended"]), (&Value::from(2), &Value::from("the limit is spent")));
    assert_eq!((&played["results"], &played["staked_units"]), (&Value::from(2), &Value::from("600000")));
    (staked, won) = (staked + 600_000, won + units(&played["won_units"]));

    // A session key of one's own enters until it is revoked, and not a moment longer.
    let (key, owner) = (chain.player(0), chain.address(1));
    let start = ["session", "start", "--mint", "usdc", "--lottery", "2", "--limit", "1", "--key"];
    chain.json(&[&start[..], &[&chain.address(0), "--keypair", &player]].concat());
    let buy = ["buy", "2", "--stake", "0.4", "--wait", "--session-key", &key, "--owner", &owner];
    let bought = chain.json(&buy);
    (staked, won) = (staked + 400_000, won + units(&bought["result"]["prizes_units"]));
    let error = chain.refusal(&["buy", "2", "--stake", "0.7", "--session-key", &key, "--owner", &owner]);
    assert!(error.contains("600000 units more"), "{error}");
    chain.json(&["session", "end", "--mint", "usdc", "--keypair", &player]);
    let error = chain.refusal(&buy);
    assert!(error.contains("no session"), "{error}");

    let until = Instant::now() + Duration::from_secs(20);
    while balance() != deposited - staked + won {
        assert!(Instant::now() < until, "{deposited} - {staked} + {won} are not {}", balance());
        std::thread::sleep(Duration::from_millis(200));
    }
    let withdrawn = chain.json(&["withdraw", "all", "--mint", "usdc", "--keypair", &player]);
    assert_eq!(units(&withdrawn["amount_units"]), deposited - staked + won);
}

#[test]
fn bad_house_input_is_told_what_to_do() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc"]);
    let band = chain.changed("keno.toml", &[("4 = [0, 0, 1, 5, 170]", "4 = [0, 0, 1, 5, 180]")]);
    let error = chain.refusal(&["create", &band]);
    assert!(error.contains("4 spots: exact RTP 98.028554 % is outside 92 %..96 %"), "{error}");
    let sum = chain.changed("instant.toml", &[("parts = \"rest\"", "parts = 5")]);
    assert!(chain.refusal(&["create", &sum]).contains("2^32"));
    let bond = chain.changed("keno.toml", &[("bond = \"128000\"", "bond = \"100\"")]);
    let error = chain.refusal(&["create", &bond]);
    assert!(error.contains("put in 128000 USDC for 4 rounds at once"), "{error}");
    assert_eq!(chain.json(&["show", "lotteries"]), Value::Array(Vec::new()), "something was created");

    chain.json(&["create", &sample("keno.toml")]);
    chain.json(&["create", &sample("instant.toml")]);
    let no_api = ["report", "1", "--api", "http://127.0.0.1:1"];
    for (args, words) in [
        (&["buy", "1"][..], "no ticket"),
        (&["buy", "1", "1,2"], "--stake AMOUNT is missing: 0.1 USDC to 5 USDC"),
        (&["buy", "1", "1,2", "--stake", "0"], "zero"),
        (&["buy", "1", "1,2", "--stake", "5.1"], "StakeOutOfRange"),
        (&["buy", "1", "1,2", "--stake=-1"], "not an amount"),
        (&["buy", "1", "--quick", "1", "--spots", "11", "--stake", "1"], "SpotsNotOffered"),
        (&["buy", "1", "--quick", "1", "--stake", "1"], "--spots N is missing"),
        (&["buy", "1", "--spots", "10", "--stake", "1.1"], "may stake 1 USDC at most"),
        (&["buy", "2", "1,2", "--stake", "1"], "no numbers"),
        (&["buy", "2", "--spots", "3", "--stake", "1"], "--spots"),
        (&["buy", "2", "--stake", "1.5"], "StakeOutOfRange"),
        (&["session", "play", "1", "--spots", "4", "--stake", "0.1", "--limit", "0"], "--limit"),
        (
            &["session", "play", "1", "--spots", "4", "--stake", "0.1", "--limit", "1", "--lasts", "soon"],
            "--lasts",
        ),
        (
            &["session", "play", "1", "--spots", "4", "--stake", "0.1", "--limit", "1", "--api", "here"],
            "--api",
        ),
        (&["take", "bankroll", "2", "80001"], "BankrollTooLow"),
        (&["fund", "jackpot", "1", "1"], "jackpot"),
        (&["update", "9", &sample("keno.toml")], "no lottery 9"),
        (&["update", "1", &sample("draw-fast.toml")], "kind: lottery 1"),
        (&no_api, "no api answers"),
        (&["report", "1", "--api", "here"], "--api"),
    ] {
        let error = chain.refusal(args);
        assert!(error.contains(words), "{args:?} says: {error}");
    }
}

#[test]
fn bad_input_is_told_what_to_do() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "sol", "--vault", "usdc"]);
    let player = chain.player(1);
    for (args, words) in [
        (&["buy", "1"][..], "--quick"),
        (&["buy", "9", "--quick", "1"], "no lottery 9"),
        (&["buy", "1", "1,2,x"], "no ticket"),
        (&["deposit", "1,5"], "not an amount"),
        (&["deposit", "0"], "zero"),
        (&["deposit", "1", "--mint", "gold"], "not an address"),
        (&["withdraw", "1"], "nothing to withdraw"),
        (&["session", "end"], "deposit"),
        (&["show", "wallet", "me"], "not an address"),
        (&["show", "registry", "--rpc", "localhost"], "http"),
        (&["show", "registry", "--rpc", "http://127.0.0.1:1"], "no RPC endpoint answers"),
        (&["pause", "4"], "no lottery 4"),
        (&["create", "nowhere.toml"], "nowhere.toml"),
        (&["deposit", "1", "--keypair", "nowhere.json"], "--keypair"),
        (&["refund", "1", "0"], "nothing is owed"),
    ] {
        let error = chain.refusal(args);
        assert!(error.contains(words), "{args:?} says: {error}");
    }
    let error = chain.refusal(&["create", &sample("instant.toml"), "--secrets", "/proc/no"]);
    assert!(error.contains("was not saved"), "{error}");
    // Somebody else's lottery.
    chain.json(&["create", &sample("draw-fast.toml")]);
    let error = chain.refusal(&["retire", "1", "--keypair", &player]);
    assert!(error.contains("role"), "{error}");
    let output = chain.run(&["buy", "9", "--quick", "1", "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).expect("an error in JSON");
    assert!(error["error"].as_str().unwrap().contains("no lottery 9"));
}
