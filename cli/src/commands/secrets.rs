//! `lottery secrets`: the key that secrets of hash chains are encrypted with.

use std::path::PathBuf;

use anyhow::Context;
use lottery_keeper::{SecretsKey, SecretsKeyArgs};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    output,
    secrets::{self, Rewritten, SecretsArgs},
};

/// Environment variable that holds the key to change to.
const NEW_KEY_ENV: &str = "LOTTERY_NEW_SECRETS_KEY";

#[derive(Clone, Debug, clap::Args)]
pub struct SecretsCommand {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// Make a key file: 32 random bytes
    Key {
        /// A file that does not exist yet
        file: PathBuf,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Which chains there are secrets of, and whether they are encrypted and open
    List {
        #[command(flatten)]
        secrets: SecretsArgs,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Encrypt what earlier versions left plain
    Encrypt {
        #[command(flatten)]
        secrets: SecretsArgs,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Encrypt everything with another key
    Rotate {
        #[command(flatten)]
        secrets: SecretsArgs,
        /// File with the key to change to [or the key in LOTTERY_NEW_SECRETS_KEY; else it is asked for]
        #[arg(long, value_name = "FILE")]
        new_secrets_key_file: Option<PathBuf>,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
}

fn new_key(file: Option<PathBuf>) -> anyhow::Result<SecretsKey> {
    if let Some(path) = file {
        return SecretsKey::read(&path);
    }
    match std::env::var(NEW_KEY_ENV).map(Zeroizing::new) {
        Ok(text) => SecretsKey::new(&text).context(NEW_KEY_ENV),
        Err(_) => {
            let otherwise = format!(
                "give --new-secrets-key-file FILE (`lottery secrets key FILE` makes one) or set {NEW_KEY_ENV}"
            );
            SecretsKey::ask("new secrets key", true, &otherwise)
        }
    }
}

fn require(key: &SecretsKeyArgs) -> anyhow::Result<SecretsKey> {
    key.require("secrets key", false)
}

fn say(json: bool, done: Rewritten, verb: &str) {
    let Rewritten { changed, kept } = done;
    let line = format!("{changed} files {verb}, {kept} were already; the keeper reads them when it starts");
    output::print(json, &json!({ "changed": changed, "kept": kept }), &line);
}

pub fn run(args: SecretsCommand) -> anyhow::Result<()> {
    match args.what {
        What::Key { file, json } => {
            secrets::new_key(&file)?;
            let line = format!(
                "a new key is in {}: back it up apart from the secrets; without it they are lost, and the bonds with them",
                file.display()
            );
            output::print(json, &json!({ "file": file }), &line);
        }
        What::List { secrets, json } => list(&secrets, json)?,
        What::Encrypt { secrets, json } => {
            say(json, secrets::encrypt(&secrets.secrets, &require(&secrets.key)?)?, "encrypted");
        }
        What::Rotate { secrets, new_secrets_key_file, json } => {
            let (old, new) = (require(&secrets.key)?, new_key(new_secrets_key_file)?);
            say(json, secrets::rotate(&secrets.secrets, &old, &new)?, "encrypted with the new key");
        }
    }
    Ok(())
}

fn list(args: &SecretsArgs, json: bool) -> anyhow::Result<()> {
    let key = args.key.find()?;
    let (mut values, mut lines) = (Vec::new(), String::new());
    for (path, file) in secrets::files(&args.secrets)? {
        let state = match (file.is_encrypted(), file.open(key.as_ref())) {
            (true, Ok(_)) => "encrypted, opens".to_string(),
            (false, Ok(_)) => "plain: run `lottery secrets encrypt`".to_string(),
            (_, Err(error)) => error.to_string(),
        };
        lines += &format!("{}  {} links  {}  {state}\n", file.lottery, file.length, path.display());
        values.push(json!({
            "lottery": file.lottery,
            "length": file.length,
            "file": path,
            "encrypted": file.is_encrypted(),
            "state": state,
        }));
    }
    if values.is_empty() {
        lines = format!("{} holds no secrets", args.secrets.display());
    }
    output::print(json, &json!(values), &lines);
    Ok(())
}
