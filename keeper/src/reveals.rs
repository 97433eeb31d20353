//! The operator's hash chains. Only a keeper that has them can post values; all others wait for it.

mod file;
mod key;

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use lottery_interface::accounts::{Lottery, Round};
use lottery_rules::commit_reveal::{HashChain, MAX_DISTANCE};
use solana_pubkey::Pubkey;
use tracing::warn;

pub use file::{SecretError, SecretFile};
pub use key::{KEY_ENV, SecretsKey, SecretsKeyArgs};

use crate::state::Link;

/// Pause between two looks for new files.
const LOOK: Duration = Duration::from_secs(3);

/// Chains by lottery, and the folder they come from. A lottery that was given a new chain has more than one; the
/// commit tells which fits.
#[derive(Default)]
pub struct Reveals {
    folder: Option<PathBuf>,
    key: Option<SecretsKey>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    chains: HashMap<Pubkey, Vec<HashChain>>,
    /// Read already.
    files: HashSet<PathBuf>,
    /// Found to be unreadable: perhaps only half written yet, so they are tried again.
    bad: HashSet<PathBuf>,
    looked: Option<Instant>,
}

impl Reveals {
    /// Reads every `*.json` of a folder. A long chain takes a moment: `length` hashes. Files that appear later are
    /// read when a round needs them.
    ///
    /// The key is asked for when it is needed and neither in a file nor in the environment. Errors: a file that cannot be
    /// read, a missing or wrong key.
    pub fn load(folder: &Path, key: &SecretsKeyArgs) -> anyhow::Result<Self> {
        let paths = secret_files(folder)?;
        let mut key_found = key.find()?;
        if key_found.is_none() && paths.iter().any(|path| is_encrypted(path)) {
            key_found = Some(key.require("key of the encrypted secrets", false)?);
        }
        let reveals = Self { folder: Some(folder.to_path_buf()), key: key_found, known: Mutex::default() };
        for path in paths {
            let mut known = reveals.known();
            known
                .read(&path, reveals.key.as_ref())
                .with_context(|| format!("secret file {}", path.display()))?;
            known.looked = Some(Instant::now());
        }
        Ok(reveals)
    }

    pub fn insert(&self, lottery: Pubkey, chain: HashChain) {
        self.known().chains.entry(lottery).or_default().push(chain);
    }

    /// Whether this keeper can never post a value.
    pub fn is_empty(&self) -> bool {
        self.folder.is_none() && self.known().chains.is_empty()
    }

    /// The reveal that a round's commit accepts.
    pub fn find(&self, round: &Round) -> Option<[u8; 32]> {
        let mut known = self.known();
        known.find(round).or_else(|| {
            known.read_new_files(self.folder.as_deref()?, self.key.as_ref());
            known.find(round)
        })
    }

    /// The latest link that may be published although its round was void: of the last position before the next
    /// round's, or as far as one instruction can hash.
    pub fn find_later(&self, address: Pubkey, lottery: &Lottery) -> Option<Link> {
        let behind = lottery.chain_next.checked_sub(1)?.checked_sub(lottery.chain_position)?;
        let distance = behind.min(MAX_DISTANCE as u64) as u8;
        let position = u32::try_from(lottery.chain_position + distance as u64).ok()?;
        let known = self.known();
        let mut chains = known.chains.get(&address)?.iter();
        let reveal = chains.find_map(|chain| chain.opening(&lottery.chain_head, position, distance))?;
        Some(Link { reveal, distance })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no panic holds this lock")
    }
}

impl Known {
    fn find(&self, round: &Round) -> Option<[u8; 32]> {
        let position = u32::try_from(round.chain_position).ok()?;
        let chains = self.chains.get(&Pubkey::from(round.lottery))?;
        chains.iter().find_map(|chain| chain.opening(&round.commit, position, round.commit_distance))
    }

    /// A file that cannot be read is said once and does not stop the keeper.
    fn read_new_files(&mut self, folder: &Path, key: Option<&SecretsKey>) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return;
        }
        self.looked = Some(Instant::now());
        let Ok(files) = secret_files(folder) else { return };
        for path in files {
            if !self.files.contains(&path)
                && let Err(error) = self.read(&path, key)
                && self.bad.insert(path.clone())
            {
                warn!(path = %path.display(), error = format!("{error:#}"), "a secret file cannot be read");
            }
        }
    }

    fn read(&mut self, path: &Path, key: Option<&SecretsKey>) -> anyhow::Result<()> {
        let file = SecretFile::read(path)?;
        let lottery: Pubkey = file.lottery.parse().ok().context("`lottery` is not an address")?;
        let secret = file.open(key)?;
        if !file.is_encrypted() {
            warn!(path = %path.display(), "a secret is not encrypted: run `lottery secrets encrypt`");
        }
        let Some(chain) = HashChain::new(&secret, file.length) else { bail!("`length` must not be zero") };
        self.chains.entry(lottery).or_default().push(chain);
        self.files.insert(path.to_path_buf());
        Ok(())
    }
}

/// False for what cannot be read: reading it says why.
fn is_encrypted(path: &Path) -> bool {
    SecretFile::read(path).is_ok_and(|file| file.is_encrypted())
}

/// Every `*.json` of a folder.
pub fn secret_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let paths = files.map(|file| Ok(file?.path())).collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    Ok(paths.into_iter().filter(is_json).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn round(chain: &HashChain, position: u32, distance: u8) -> Round {
        Round {
            lottery: [4; 32],
            chain_position: position.into(),
            commit_distance: distance,
            commit: chain.link(position - distance as u32).unwrap(),
            ..Round::zeroed()
        }
    }

    #[test]
    fn finds_the_chain_that_the_commit_accepts() {
        let (old, new) = (HashChain::new(&[1; 32], 50).unwrap(), HashChain::new(&[2; 32], 50).unwrap());
        let reveals = Reveals::default();
        reveals.insert([4; 32].into(), old.clone());
        reveals.insert([4; 32].into(), new.clone());
        assert_eq!(reveals.find(&round(&new, 7, 3)), new.link(7));
        assert_eq!(reveals.find(&round(&old, 50, 1)), old.link(50));
        let foreign = HashChain::new(&[3; 32], 50).unwrap();
        assert_eq!(reveals.find(&round(&foreign, 7, 3)), None);
        assert_eq!(reveals.find(&Round { lottery: [5; 32], ..round(&new, 7, 3) }), None);
    }

    #[test]
    fn finds_a_later_link_when_the_last_reveal_is_far_back() {
        let chain = HashChain::new(&[1; 32], 500).unwrap();
        let reveals = Reveals::default();
        reveals.insert([4; 32].into(), chain.clone());
        let address = Pubkey::new_from_array([4; 32]);
        let lottery = |chain_position: u64, chain_next| Lottery {
            chain_head: chain.link(chain_position as u32).unwrap(),
            chain_position,
            chain_next,
            ..Lottery::zeroed()
        };
        let later = |at| Link { reveal: chain.link(at).unwrap(), distance: (at - 7) as u8 };
        assert_eq!(
            reveals.find_later(address, &lottery(7, 109)),
            Some(later(107)),
            "as far as one instruction hashes"
        );
        assert_eq!(
            reveals.find_later(address, &lottery(7, 20)),
            Some(later(19)),
            "not that of the next round"
        );
        let foreign = Lottery { chain_head: [9; 32], ..lottery(7, 109) };
        assert_eq!(reveals.find_later(address, &foreign), None);
    }

    #[test]
    fn reads_secret_files_and_names_bad_ones() {
        let folder = tempfile::tempdir().unwrap();
        let lottery = Pubkey::new_from_array([4; 32]);
        let secret = "01".repeat(32);
        let good = format!(r#"{{"lottery":"{lottery}","secret":"{secret}","length":50}}"#);
        fs::write(folder.path().join("a.json"), &good).unwrap();
        fs::write(folder.path().join("notes.txt"), "not a secret").unwrap();
        let chain = HashChain::new(&[1; 32], 50).unwrap();
        let reveals = Reveals::load(folder.path(), &SecretsKeyArgs::default()).unwrap();
        assert_eq!(reveals.find(&round(&chain, 2, 1)), chain.link(2));

        fs::write(folder.path().join("b.json"), good.replace(&secret, "abc")).unwrap();
        let error = Reveals::load(folder.path(), &SecretsKeyArgs::default()).err().unwrap();
        assert!(format!("{error:#}").contains("b.json"), "{error:#}");
        assert!(Reveals::load(&folder.path().join("missing"), &SecretsKeyArgs::default()).is_err());
    }

    #[test]
    fn a_file_that_appears_later_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let reveals = Reveals::load(folder.path(), &SecretsKeyArgs::default()).unwrap();
        let chain = HashChain::new(&[1; 32], 50).unwrap();
        assert!(!reveals.is_empty());
        fs::write(folder.path().join("bad.json"), "{").unwrap();
        let (lottery, secret) = (Pubkey::new_from_array([4; 32]), "01".repeat(32));
        let file = format!(r#"{{"lottery":"{lottery}","secret":"{secret}","length":50}}"#);
        fs::write(folder.path().join("new.json"), file).unwrap();
        assert_eq!(reveals.find(&round(&chain, 2, 1)), chain.link(2));
    }
    #[test]
    fn reads_encrypted_files_with_their_key() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).unwrap();
        let key_file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            SecretsKeyArgs { secrets_key_file: Some(path) }
        };
        let (right, wrong) = (key_file("right", &"r".repeat(32)), key_file("wrong", &"w".repeat(32)));
        let lottery = Pubkey::new_from_array([4; 32]);
        let write = |name: &str, secret: [u8; 32]| {
            let key = right.find().unwrap().unwrap();
            let file = SecretFile::seal(&lottery.to_string(), 50, &secret, &key).unwrap();
            fs::write(secrets.join(name), file.to_json().unwrap()).unwrap();
        };
        write("a.json", [1; 32]);
        let chain = HashChain::new(&[1; 32], 50).unwrap();
        let reveals = Reveals::load(&secrets, &right).unwrap();
        assert_eq!(reveals.find(&round(&chain, 2, 1)), chain.link(2));
        // Later files, too.
        let later = HashChain::new(&[2; 32], 50).unwrap();
        write("b.json", [2; 32]);
        reveals.known().looked = None;
        assert_eq!(reveals.find(&round(&later, 9, 4)), later.link(9));

        let error = format!("{:#}", Reveals::load(&secrets, &wrong).err().unwrap());
        assert!(error.contains("json: it was encrypted with another secrets key"), "{error}");
        // Without a terminal nobody can be asked.
        let error = format!("{:#}", Reveals::load(&secrets, &SecretsKeyArgs::default()).err().unwrap());
        assert!(error.contains("is missing: give --secrets-key-file"), "{error}");
    }
}
