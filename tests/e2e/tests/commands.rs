//! The commands of operators and players, by the program itself, against an embedded chain without any other service.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// A local chain, ended when dropped.
struct Chain {
    process: Child,
    folder: tempfile::TempDir,
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_e2e-lottery"))
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut start = program();
        start.args(["localnet", "--rpc-port", "0", "--players", "3", "--out", ".run/localnet"]);
        let process = start.current_dir(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        let chain = Self { process, folder };
        let until = Instant::now() + Duration::from_secs(60);
        while !chain.path(".run/localnet/localnet.json").exists() {
            assert!(Instant::now() < until, "the chain does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        chain
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn player(&self, n: usize) -> String {
        self.path(&format!(".run/localnet/players/{n:03}.json")).to_string_lossy().into_owned()
    }

    /// Runs the program in the chain's folder, where it finds the chain by itself.
    fn run(&self, args: &[&str]) -> Output {
        program().args(args).current_dir(self.folder.path()).output().unwrap()
    }

    /// The JSON of a command that must succeed.
    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?} printed no JSON"))
    }

    /// The one line that a command that must fail says.
    fn refusal(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let error = String::from_utf8_lossy(&output.stderr).trim_end().to_string();
        assert!(!output.status.success(), "{args:?} was taken");
        assert!(error.starts_with("error: ") && !error.contains('\n'), "{args:?} says: {error}");
        error
    }
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    path.canonicalize().unwrap().to_string_lossy().into_owned()
}

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
    let secret = chain.path(lottery["secret"].as_str().unwrap());
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(secret).unwrap());
    assert_eq!(mode & 0o777, 0o600, "the secret is not private");
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
fn bad_input_is_told_what_to_do() {
    let chain = Chain::start();
    chain.json(&["init"]);
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
    let error = chain.refusal(&["create", &sample("draw-6-49.toml"), "--secrets", "/proc/no"]);
    assert!(error.contains("was not saved"), "{error}");
    // Somebody else's lottery.
    chain.json(&["create", &sample("draw-fast.toml")]);
    let error = chain.refusal(&["retire", "1", "--keypair", &player]);
    assert!(error.contains("role"), "{error}");
    let output = chain.run(&["buy", "9", "--quick", "1", "--json"]);
    let error: Value = serde_json::from_slice(&output.stderr).expect("an error in JSON");
    assert!(error["error"].as_str().unwrap().contains("no lottery 9"));
}
