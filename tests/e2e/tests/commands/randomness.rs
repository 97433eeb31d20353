//! Where random values come from, by the program itself: beacons, the compiled program's verification of their signatures, and
//! the operator's secrets.

use std::{os::unix::fs::MetadataExt, path::Path};

use crate::chain::{Chain, KEY, program, sample};
use serde_json::Value;

/// A round of drand's evmnet, and its randomness as drand published it.
const ROUND: &str = "9337227";
const SIGNATURE: &str = "01d65d6128f4b2df3d08de85543d8efe06b0281d0770246ae3672e8ddd3efda0269373123458f0b5c0073eeed1c816a06809e127421513e34ee07df6987910b3";
const RANDOMNESS: &str = "a1e645cd6193837f626716851f5c42ad4bf63ad75193b2cae40f88c08c8f3bd8";

/// Standard output, standard error and success, in an empty folder: no chain is needed.
fn verify(args: &[&str]) -> (String, String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let output = program().args(["beacon", "verify"]).args(args).current_dir(folder.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_string();
    (text(output.stdout), text(output.stderr), output.status.success())
}

#[test]
fn a_signature_of_evmnet_is_verified_by_the_compiled_program() {
    assert_eq!(verify(&[ROUND, SIGNATURE]), (RANDOMNESS.into(), String::new(), true));
    assert_eq!(verify(&[ROUND, &SIGNATURE.to_uppercase(), "--chain", "evmnet"]).0, RANDOMNESS);
    let (json, _, _) = verify(&[ROUND, SIGNATURE, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["randomness"], &json["round"]), (&Value::from(RANDOMNESS), &Value::from(ROUND)));
    let units = json["compute_units"].as_u64().unwrap();
    assert!((10_000..=200_000).contains(&units), "{units} compute units");

    let flipped = format!("{}4", &SIGNATURE[..127]);
    let (beyond, infinity) = ("f".repeat(128), "0".repeat(128));
    for (args, words) in [
        (&["9337228", SIGNATURE][..], "BeaconWrongSignature"),
        (&["0", SIGNATURE], "BeaconWrongSignature"),
        (&[ROUND, &flipped], "BeaconNotOnCurve"),
        (&[ROUND, &beyond], "BeaconNotCanonical"),
        (&[ROUND, &infinity], "BeaconInfinity"),
        (&[ROUND, "abc"], "SIGNATURE_HEX: needs 64 bytes in hex, 128 digits; this has 3"),
        (&[ROUND, &"z".repeat(128)], "SIGNATURE_HEX: is not hex"),
        (&[ROUND, SIGNATURE, "--chain", "quicknet"], "are not shipped"),
        (&[ROUND, SIGNATURE, "--chain", "local"], "none runs here"),
        (&[ROUND, SIGNATURE, "--info-url", "http://127.0.0.1:1"], "no beacon answers"),
    ] {
        let (stdout, stderr, success) = verify(args);
        assert!(!success && stdout.is_empty(), "{args:?} was taken: {stdout}");
        assert!(stderr.starts_with("error: ") && stderr.contains(words), "{args:?} says: {stderr}");
        assert!(!stderr.contains('\n'), "more than a line: {stderr}");
    }
    let (_, stderr, _) = verify(&["9337228", SIGNATURE, "--json"]);
    let error: Value = serde_json::from_str(&stderr).unwrap();
    assert!(error["error"].as_str().unwrap().starts_with("BeaconWrongSignature: "));
}

#[test]
fn beacons_are_added_shown_and_taken_back() {
    let chain = Chain::start();
    let error = chain.refusal(&["beacon", "add", "evmnet"]);
    assert!(error.contains("lottery init"), "{error}");
    // Beside a local chain its beacon is added, usable at once.
    let created = chain.json(&["init", "--vault", "sol", "--vault", "usdc"]);
    assert_eq!(created["beacons"][0]["name"], "local");
    let local = chain.json(&["beacon", "show", "local"]);
    assert_eq!((&local[0]["usable"], &local[0]["period_seconds"]), (&Value::from(true), &Value::from(3)));
    assert_eq!(local[0]["chain_hash"], chain.info()["beacon"]["chain_hash"]);
    assert_eq!(chain.json(&["beacon", "add", "local"])["added"], false);
    let error = chain.refusal(&["beacon", "remove", "local"]);
    assert!(error.contains("BeaconUsable"), "{error}");

    // A file that names a beacon which is not there yet is refused, with what to do.
    let evmnet = [("# beacon = \"evmnet\" ", "beacon = \"evmnet\" ")];
    let file = chain.changed("draw-6-49.toml", &evmnet);
    let error = chain.refusal(&["create", &file]);
    assert!(error.contains("BeaconNotUsable") && error.contains("`lottery beacon add evmnet`"), "{error}");
    let error = chain.refusal(&["beacon", "add", "evmnet", "--keypair", &chain.player(1)]);
    assert!(error.contains("Unauthorized"), "{error}");
    let added = chain.json(&["beacon", "add", "evmnet"]);
    assert_eq!((&added["added"], &added["name"]), (&Value::from(true), &Value::from("evmnet")));
    assert_eq!(added["chain_hash"], "04f1e9062b8a81f848fded9c12306733282b2727ecced50032187751166ec8c3");
    assert_eq!(chain.json(&["beacon", "show"]).as_array().unwrap().len(), 2);
    let lottery = chain.json(&["create", &file]);
    assert_eq!(lottery["beacon"], added["chain_hash"]);
    let shown = chain.json(&["show", "lottery", "1"]);
    assert_eq!(shown["current_config"]["beacon"], added["address"]);
    assert_eq!(shown["current_config"]["beacon_margin_seconds"], 30);
    assert_eq!(shown["current_config"]["source"], "beacon");

    // The chain's own address speaks drand's API, with and without /info.
    let url = chain.info()["beacon"]["url"].as_str().unwrap().to_string();
    assert_eq!(chain.json(&["beacon", "add", "--info-url", &url])["added"], false);
    let info = format!("{url}/{}/info", chain.info()["beacon"]["chain_hash"].as_str().unwrap());
    assert_eq!(chain.json(&["beacon", "add", "--info-url", &info])["name"], "local");
    for (args, words) in [
        (&["beacon", "add", "quicknet"][..], "--info-url"),
        (&["beacon", "add", "--info-url", "drand.sh"], "http"),
        (&["beacon", "show", "quicknet"], "unknown"),
        (&["beacon", "remove", &"00".repeat(32)], "has no beacon"),
        (&["init", "--allow", "draw:dice"], "--allow"),
    ] {
        let error = chain.refusal(args);
        assert!(error.contains(words), "{args:?} says: {error}");
    }
}

#[test]
fn a_production_registry_waits_for_its_beacons() {
    let chain = Chain::start();
    let init = [
        "init",
        "--vault",
        "sol",
        "--vault",
        "usdc",
        "--beacon",
        "evmnet",
        "--beacon-delay-seconds",
        "604800",
    ];
    chain.json(&init);
    let shown = chain.json(&["beacon", "show", "evmnet"]);
    assert_eq!(shown[0]["usable"], false);
    let file = chain.changed("draw-6-49.toml", &[("# beacon = \"evmnet\" ", "beacon = \"evmnet\" ")]);
    let error = chain.refusal(&["create", &file]);
    assert!(error.contains("can be used in 6 d 23 h") || error.contains("can be used in 7 d 0 h"), "{error}");
    // Draws draw from beacons only: who reveals would know a pool without a cap.
    let commit_reveal = [
        ("source = \"beacon\" ", "source = \"commit_reveal\" # "),
        ("margin_seconds = 30 ", "reveal_delay_slots = 2 # "),
        ("[fund]", "[fund]\nbond = \"100\""),
    ];
    let file = chain.changed("draw-6-49.toml", &commit_reveal);
    let error = chain.refusal(&["create", &file]);
    assert!(error.contains("SourceNotAllowed: this registry does not allow draw:commit_reveal"), "{error}");
    let allowed = "draw:beacon, keno:commit_reveal, instant:commit_reveal, prediction:oracle";
    assert!(error.contains(allowed), "{error}");
    assert_eq!(chain.json(&["show", "lotteries"]), Value::Array(Vec::new()), "something was created");

    let removed = chain.json(&["beacon", "remove", "evmnet"]);
    assert_eq!(removed["chain_hash"], shown[0]["chain_hash"]);
    assert_eq!(chain.json(&["beacon", "show"]), Value::Array(Vec::new()));
}

/// Runs the program with no key but what `args` say.
fn without_key(chain: &Chain, args: &[&str]) -> String {
    let output =
        program().args(args).current_dir(chain.folder.path()).stdin(std::process::Stdio::null()).output();
    let output = output.unwrap();
    assert!(!output.status.success(), "{args:?} was taken");
    let error = String::from_utf8(output.stderr).unwrap().trim_end().to_string();
    assert!(error.starts_with("error: ") && !error.contains('\n'), "{args:?} says: {error}");
    error
}

#[test]
fn secrets_are_encrypted_and_their_key_is_exchanged() {
    let chain = Chain::start();
    chain.json(&["init", "--vault", "usdc"]);
    let error = without_key(&chain, &["create", &sample("instant.toml")]);
    assert!(error.contains("--secrets-key-file") && error.contains("LOTTERY_SECRETS_KEY"), "{error}");
    assert_eq!(chain.json(&["show", "lotteries"]), Value::Array(Vec::new()), "something was created");
    let created = chain.json(&["create", &sample("instant.toml")]);
    let path = chain.path(created["secret"].as_str().unwrap());
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o600, "the secret is not private");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"argon2id\"") && text.contains("\"xchacha20poly1305\""), "{text}");

    let state = |key: &str| {
        let listed = chain.json(&["secrets", "list", "--secrets-key-file", key]);
        listed[0]["state"].as_str().unwrap().to_string()
    };
    assert_eq!(state(KEY), "encrypted, opens");
    chain.json(&["secrets", "key", "new.key"]);
    assert!(state("new.key").contains("another secrets key"));
    let keeper = |key: &str| {
        let rpc = chain.info()["rpc_url"].as_str().unwrap().to_string();
        let player = chain.player(2);
        let keeper = ["keeper", "--rpc-url", &rpc, "--keypair", &player, "--reveal-secrets", ".secrets"];
        let option = ["--secrets-key-file", key];
        let option = if key.is_empty() { &option[..0] } else { &option[..] };
        without_key(&chain, &[&keeper[..], option].concat())
    };
    assert!(keeper("").contains("key of the encrypted secrets is missing"));
    assert!(keeper("new.key").contains("encrypted with another secrets key"));

    let error = chain.refusal(&["secrets", "rotate", "--new-secrets-key-file", KEY]);
    assert!(error.contains("the new key is the old one"), "{error}");
    let error = chain.refusal(&["secrets", "rotate"]);
    assert!(error.contains("new secrets key is missing: give --new-secrets-key-file"), "{error}");
    assert_eq!(chain.json(&["secrets", "rotate", "--new-secrets-key-file", "new.key"])["changed"], 1);
    assert_eq!((state("new.key").as_str(), state(KEY).contains("another")), ("encrypted, opens", true));

    // A changed file is named, and so is a key that others can read.
    let changed =
        std::fs::read_to_string(&path).unwrap().replacen("\"length\":1000000", "\"length\":1000001", 1);
    std::fs::write(&path, changed).unwrap();
    let error = keeper("new.key");
    assert!(error.contains("changed or damaged") && error.contains(".json"), "{error}");
    chmod(&chain.path("new.key"), "644");
    assert!(keeper("new.key").contains("chmod 600"));
}

fn chmod(path: &Path, mode: &str) {
    assert!(std::process::Command::new("chmod").arg(mode).arg(path).status().unwrap().success());
}

#[test]
fn plain_secrets_of_earlier_versions_are_read_with_a_warning_and_encrypted() {
    let chain = Chain::start();
    chain.json(&["init"]);
    std::fs::create_dir(chain.path(".secrets")).unwrap();
    let plain = format!(r#"{{"lottery":"{}","secret":"{}","length":5}}"#, chain.address(0), "07".repeat(32));
    std::fs::write(chain.path(".secrets/old.json"), plain).unwrap();
    let info = chain.info();
    let mut keeper = program();
    keeper.args(["keeper", "--rpc-url", info["rpc_url"].as_str().unwrap(), "--reveal-secrets", ".secrets"]);
    keeper.args(["--keypair", &chain.player(2)]).current_dir(chain.folder.path());
    let mut keeper = keeper.stderr(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(keeper.stderr.take().unwrap()));
    let warning = lines.map_while(Result::ok).find(|line| line.contains("lottery secrets encrypt"));
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    let warning = warning.expect("no warning");
    assert!(warning.contains("old.json") && !warning.contains("0707"), "{warning}");

    assert_eq!(chain.json(&["secrets", "encrypt"])["changed"], 1);
    let text = std::fs::read_to_string(chain.path(".secrets/old.json")).unwrap();
    assert!(!text.contains("0707"), "{text}");
    let listed = chain.json(&["secrets", "list"]);
    assert_eq!(
        (&listed[0]["length"], &listed[0]["state"]),
        (&Value::from(5), &Value::from("encrypted, opens"))
    );
    assert_eq!(chain.json(&["secrets", "encrypt"])["kept"], 1);
}
