//! The program beside an embedded chain, without any other service.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// A local chain, ended when dropped.
pub struct Chain {
    process: Child,
    pub folder: tempfile::TempDir,
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The key of the operator's secrets, in the chain's folder.
pub const KEY: &str = "secrets.key";

pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_e2e-lottery"))
}

impl Chain {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut start = program();
        start.args(["localnet", "--rpc-port", "0", "--players", "3", "--out", ".run/localnet"]);
        let process = start.current_dir(folder.path()).stdout(Stdio::null()).spawn().unwrap();
        let chain = Self { process, folder };
        chain.json(&["secrets", "key", KEY]);
        let until = Instant::now() + Duration::from_secs(60);
        while !chain.path(".run/localnet/localnet.json").exists() {
            assert!(Instant::now() < until, "the chain does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        chain
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn player(&self, n: usize) -> String {
        self.path(&format!(".run/localnet/players/{n:03}.json")).to_string_lossy().into_owned()
    }

    /// The address of a player.
    pub fn address(&self, n: usize) -> String {
        let key = lottery_cli::keys::read(Path::new(&self.player(n))).unwrap();
        lottery_client::Signer::pubkey(&key).to_string()
    }

    /// Runs the program in the chain's folder, where it finds the chain by itself.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = program();
        command.env("LOTTERY_SECRETS_KEY_FILE", self.path(KEY)).current_dir(self.folder.path());
        command.args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// The JSON of a command that must succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?} printed no JSON"))
    }

    /// The one line that a command that must fail says.
    pub fn refusal(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let error = String::from_utf8_lossy(&output.stderr).trim_end().to_string();
        assert!(!output.status.success(), "{args:?} was taken");
        assert!(error.starts_with("error: ") && !error.contains('\n'), "{args:?} says: {error}");
        error
    }
}

pub fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    path.canonicalize().unwrap().to_string_lossy().into_owned()
}

/// A keeper of a chain's lotteries, ended when dropped.
pub struct Keeper(Child);

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Chain {
    pub fn keeper(&self) -> Keeper {
        let info = self.info();
        // Lotteries without a hash chain leave none.
        std::fs::create_dir_all(self.path(".secrets")).unwrap();
        let mut start = program();
        start.args([
            "keeper",
            "--rpc-url",
            info["rpc_url"].as_str().unwrap(),
            "--reveal-secrets",
            ".secrets",
            "--secrets-key-file",
            KEY,
            "--beacon-url",
            info["beacon"]["url"].as_str().unwrap(),
        ]);
        start.args(["--keypair", &self.player(2)]).current_dir(self.folder.path());
        Keeper(start.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// What the chain says of itself.
    pub fn info(&self) -> Value {
        let info = std::fs::read(self.path(".run/localnet/localnet.json")).unwrap();
        serde_json::from_slice(&info).unwrap()
    }

    /// A sample with changes, in the chain's folder.
    pub fn changed(&self, name: &str, changes: &[(&str, &str)]) -> String {
        let mut text = std::fs::read_to_string(sample(name)).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from:?} is not in {name}");
            text = text.replacen(from, to, 1);
        }
        let path = self.path(&format!("changed-{}", name.replace('/', "-")));
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }
}

pub fn units(value: &Value) -> u64 {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}
