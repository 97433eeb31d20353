//! The key that an operator's secrets are encrypted with: from a file, from the environment, or from a person.

use std::{
    fs,
    io::IsTerminal,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use zeroize::Zeroizing;

/// Environment variable that holds the key itself.
pub const KEY_ENV: &str = "LOTTERY_SECRETS_KEY";

/// The shortest key that is taken, in bytes.
const SHORTEST: usize = 16;

/// A key as it was given. There is no `Debug`; dropping it overwrites it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretsKey(Zeroizing<Vec<u8>>);

/// Where the key comes from: the file, else `LOTTERY_SECRETS_KEY`, else a prompt when there is a terminal.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SecretsKeyArgs {
    /// File with the key of encrypted secrets [or the key in LOTTERY_SECRETS_KEY; else it is asked for]
    #[arg(long, env = "LOTTERY_SECRETS_KEY_FILE", value_name = "FILE")]
    pub secrets_key_file: Option<PathBuf>,
}

impl SecretsKey {
    /// Space around it is not part of it. Errors: shorter than 16 bytes.
    pub fn new(text: &str) -> anyhow::Result<Self> {
        let key = text.trim().as_bytes();
        ensure!(key.len() >= SHORTEST, "the secrets key is too short: give at least {SHORTEST} characters");
        Ok(Self(Zeroizing::new(key.to_vec())))
    }

    /// Errors: unreadable, too short, or readable by others than its owner.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("secrets key file {}", path.display());
        let mode = fs::metadata(path).with_context(what)?.permissions().mode();
        ensure!(
            mode & 0o077 == 0,
            "{} can be read by others: `chmod 600` it, and consider the key known",
            what()
        );
        let text = Zeroizing::new(fs::read_to_string(path).with_context(what)?);
        Self::new(&text).with_context(what)
    }

    /// Asks a person, twice with `again`. `otherwise`: what to do where there is no terminal.
    pub fn ask(what: &str, again: bool, otherwise: &str) -> anyhow::Result<Self> {
        if !std::io::stdin().is_terminal() {
            bail!("the {what} is missing: {otherwise}");
        }
        let ask = |prompt: String| anyhow::Ok(Zeroizing::new(rpassword::prompt_password(prompt)?));
        let text = ask(format!("{what}: "))?;
        if again && *ask(format!("{what}, again: "))? != *text {
            bail!("the two differ: nothing was done");
        }
        Self::new(&text)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl SecretsKeyArgs {
    /// The key of the file or the environment; nobody is asked.
    pub fn find(&self) -> anyhow::Result<Option<SecretsKey>> {
        if let Some(path) = &self.secrets_key_file {
            return SecretsKey::read(path).map(Some);
        }
        match std::env::var(KEY_ENV).map(Zeroizing::new) {
            Ok(text) => SecretsKey::new(&text).context(KEY_ENV).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => bail!("{KEY_ENV} is not text"),
        }
    }

    /// The same, else from the terminal; `again` asks twice, as for a new key.
    pub fn require(&self, what: &str, again: bool) -> anyhow::Result<SecretsKey> {
        if let Some(key) = self.find()? {
            return Ok(key);
        }
        let otherwise =
            "give --secrets-key-file FILE (`lottery secrets key FILE` makes one) or set LOTTERY_SECRETS_KEY";
        SecretsKey::ask(what, again, otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_long_enough() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let write = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            SecretsKey::read(&path)
        };
        let said = |result: anyhow::Result<SecretsKey>| format!("{:#}", result.err().unwrap());
        assert!(said(SecretsKey::read(&path)).contains("No such file"));
        assert!(said(write("0123456789abcdef", 0o644)).contains("chmod 600"));
        assert!(said(write("0123456789abcde\n", 0o600)).contains("too short"));
        assert_eq!(write("0123456789abcdef\n", 0o600).unwrap().bytes(), b"0123456789abcdef");
    }
}
