//! The operator's hash chain secrets: one private, encrypted file per chain, which `lottery keeper --reveal-secrets` reads.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use lottery_client::Pubkey;
use lottery_keeper::{SecretFile, SecretsKey, SecretsKeyArgs, secret_files};
use lottery_rules::commit_reveal::{HashChain, MAX_LENGTH};
use rand::{TryRngCore, rngs::OsRng};
use zeroize::Zeroizing;

use crate::keys;

/// Where secrets are, and the key they are encrypted with.
#[derive(Clone, Debug, clap::Args)]
pub struct SecretsArgs {
    /// Folder for secrets of hash chains, which `lottery keeper --reveal-secrets` reads
    #[arg(long, default_value = ".secrets", value_name = "FOLDER")]
    pub secrets: PathBuf,
    #[command(flatten)]
    pub key: SecretsKeyArgs,
}

/// What happened to the files of a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    pub changed: usize,
    /// Already as they should be.
    pub kept: usize,
}

fn random() -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(&mut *bytes).context("the system gives no random bytes")?;
    Ok(bytes)
}

/// Makes a key file: 32 random bytes in hex, mode 0600. An existing file is never overwritten.
pub fn new_key(path: &Path) -> anyhow::Result<()> {
    let text = Zeroizing::new(hex::encode(*random()?) + "\n");
    keys::write_private(path, text.as_bytes()).context("no key was made")
}

/// Refuses a length that no chain may have.
pub fn check_length(length: u32) -> anyhow::Result<()> {
    ensure!(
        (1..=MAX_LENGTH).contains(&length),
        "a hash chain lasts for 1 to {MAX_LENGTH} rounds, not {length}; `lottery renew` commits to the next one"
    );
    Ok(())
}

/// Makes a chain of a lottery: a new secret in the folder, beside those of its earlier chains, which are never overwritten,
/// and the commit to publish.
pub fn create(args: &SecretsArgs, lottery: &Pubkey, length: u32) -> anyhow::Result<(PathBuf, [u8; 32])> {
    check_length(length)?;
    let key = args.key.require("secrets key", true)?;
    let secret = random()?;
    let Some(chain) = HashChain::new(&secret, length) else {
        bail!("chain.length: must not be zero");
    };
    let first = args.secrets.join(format!("{lottery}.json"));
    let path = match first.exists() {
        true => args.secrets.join(format!("{lottery}-{}.json", &hex::encode(chain.commit())[..16])),
        false => first,
    };
    let file = SecretFile::seal(&lottery.to_string(), length, &secret, &key)?;
    keys::write_private(&path, file.to_json()?.as_bytes())
        .context("the secret of the hash chain was not saved")?;
    Ok((path, chain.commit()))
}

/// Every file of a folder, by name.
pub fn files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, SecretFile)>> {
    let mut paths = secret_files(folder)?;
    paths.sort();
    let read = |path: PathBuf| {
        let file = SecretFile::read(&path).with_context(|| format!("secret file {}", path.display()))?;
        Ok((path, file))
    };
    paths.into_iter().map(read).collect()
}

/// Encrypts what earlier versions left plain. Files that are encrypted must open with the same key: two keys in one folder
/// would stop a keeper.
pub fn encrypt(folder: &Path, key: &SecretsKey) -> anyhow::Result<Rewritten> {
    rewrite(
        folder,
        |file| {
            let secret = file.open(Some(key))?;
            if file.is_encrypted() {
                return Ok(None);
            }
            SecretFile::seal(&file.lottery, file.length, &secret, key).map(Some)
        },
        key,
    )
}

/// Encrypts everything with another key. Files that already open with it are left, so that a run that was
/// interrupted can be repeated.
pub fn rotate(folder: &Path, old: &SecretsKey, new: &SecretsKey) -> anyhow::Result<Rewritten> {
    ensure!(old != new, "the new key is the old one: nothing was done");
    rewrite(
        folder,
        |file| {
            if file.is_encrypted() && file.open(Some(new)).is_ok() {
                return Ok(None);
            }
            SecretFile::seal(&file.lottery, file.length, &*file.open(Some(old))?, new).map(Some)
        },
        new,
    )
}

/// All files are made before the first is replaced: a wrong key changes nothing.
fn rewrite(
    folder: &Path,
    change: impl Fn(&SecretFile) -> anyhow::Result<Option<SecretFile>>,
    key: &SecretsKey,
) -> anyhow::Result<Rewritten> {
    let (mut rewritten, mut partials) = (Rewritten::default(), Vec::new());
    for (path, file) in files(folder)? {
        let what = || format!("secret file {}", path.display());
        let Some(changed) = change(&file).with_context(what)? else {
            rewritten.kept += 1;
            continue;
        };
        let partial = path.with_extension("json.partial");
        write_over(&partial, changed.to_json()?.as_bytes()).with_context(what)?;
        SecretFile::read(&partial)?.open(Some(key)).with_context(what)?;
        partials.push((partial, path));
    }
    for (partial, path) in partials {
        std::fs::rename(&partial, &path)?;
        rewritten.changed += 1;
    }
    // The names, too, are to survive a loss of power.
    std::fs::File::open(folder)?.sync_all()?;
    Ok(rewritten)
}

fn write_over(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder {
        folder: tempfile::TempDir,
    }

    impl Folder {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        /// Options with the key of this name, which is made at first.
        fn args(&self, key: &str) -> SecretsArgs {
            let path = self.folder.path().join(key);
            if !path.exists() {
                new_key(&path).unwrap();
            }
            let key = SecretsKeyArgs { secrets_key_file: Some(path) };
            SecretsArgs { secrets: self.folder.path().join("secrets"), key }
        }

        fn key(&self, name: &str) -> SecretsKey {
            self.args(name).key.find().unwrap().unwrap()
        }

        fn secret(&self, path: &Path, key: &str) -> anyhow::Result<[u8; 32]> {
            Ok(*SecretFile::read(path)?.open(Some(&self.key(key)))?)
        }
    }

    #[test]
    fn a_second_chain_is_kept_beside_the_first() {
        let folder = Folder::new();
        let args = folder.args("key");
        let lottery = Pubkey::new_unique();
        let (first, commit) = create(&args, &lottery, 3).unwrap();
        let before = std::fs::read(&first).unwrap();
        let (second, other) = create(&args, &lottery, 3).unwrap();
        assert_ne!((&first, commit), (&second, other));
        assert_eq!(std::fs::read(&first).unwrap(), before);
        assert_eq!(files(&args.secrets).unwrap().len(), 2);
        for length in [0, MAX_LENGTH + 1] {
            let error = create(&args, &lottery, length).unwrap_err().to_string();
            assert!(error.contains("1 to 10000000 rounds"), "{error}");
        }
        // What was written is the chain that was committed to.
        let secret = folder.secret(&first, "key").unwrap();
        assert_eq!(HashChain::new(&secret, 3).unwrap().commit(), commit);
    }

    #[test]
    fn a_key_file_is_made_once() {
        let folder = Folder::new();
        let key = folder.key("key");
        let path = folder.folder.path().join("key");
        assert_eq!(std::fs::read_to_string(&path).unwrap().trim().len(), 64);
        let error = format!("{:#}", new_key(&path).unwrap_err());
        assert!(error.contains("no key was made"), "{error}");
        assert!(folder.key("key") == key && folder.key("other") != key);
    }

    #[test]
    fn plain_files_are_encrypted_in_place() {
        let folder = Folder::new();
        let args = folder.args("key");
        let (encrypted, _) = create(&args, &Pubkey::new_unique(), 3).unwrap();
        let before = std::fs::read(&encrypted).unwrap();
        let plain = args.secrets.join("plain.json");
        let text =
            format!(r#"{{"lottery":"{}","secret":"{}","length":9}}"#, Pubkey::new_unique(), "07".repeat(32));
        std::fs::write(&plain, &text).unwrap();

        // With another key nothing changes: the folder would hold two.
        let error = format!("{:#}", encrypt(&args.secrets, &folder.key("other")).unwrap_err());
        assert!(error.contains("another secrets key"), "{error}");
        assert_eq!(std::fs::read_to_string(&plain).unwrap(), text);

        let done = encrypt(&args.secrets, &folder.key("key")).unwrap();
        assert_eq!(done, Rewritten { changed: 1, kept: 1 });
        assert!(!std::fs::read_to_string(&plain).unwrap().contains("0707"));
        assert_eq!(folder.secret(&plain, "key").unwrap(), [7; 32]);
        assert_eq!(std::fs::read(&encrypted).unwrap(), before);
        assert_eq!(encrypt(&args.secrets, &folder.key("key")).unwrap(), Rewritten { changed: 0, kept: 2 });
        assert_eq!(std::fs::read_dir(&args.secrets).unwrap().count(), 2, "something was left behind");
    }

    #[test]
    fn a_key_is_exchanged_and_the_secrets_stay() {
        let folder = Folder::new();
        let args = folder.args("old");
        let paths: Vec<_> = (0..3).map(|_| create(&args, &Pubkey::new_unique(), 3).unwrap().0).collect();
        let secrets: Vec<_> = paths.iter().map(|path| folder.secret(path, "old").unwrap()).collect();
        let (old, new) = (folder.key("old"), folder.key("new"));
        assert!(rotate(&args.secrets, &old, &old).is_err());
        assert!(rotate(&args.secrets, &folder.key("wrong"), &new).is_err());
        assert_eq!(folder.secret(&paths[0], "old").unwrap(), secrets[0]);

        // Interrupted after the first file, and repeated.
        let first = SecretFile::read(&paths[0]).unwrap();
        let sealed = SecretFile::seal(&first.lottery, first.length, &secrets[0], &new).unwrap();
        std::fs::write(&paths[0], sealed.to_json().unwrap()).unwrap();
        assert_eq!(rotate(&args.secrets, &old, &new).unwrap(), Rewritten { changed: 2, kept: 1 });
        for (path, secret) in paths.iter().zip(secrets) {
            assert_eq!(folder.secret(path, "new").unwrap(), secret);
            assert!(folder.secret(path, "old").is_err());
        }
    }
}
