//! The operator's hash chains. Only a keeper that has them can post values; all others wait for it.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use lottery_interface::accounts::{Lottery, Round};
use lottery_rules::{
    commit_reveal::{HashChain, MAX_DISTANCE, verify},
    hash::Software,
};
use solana_pubkey::Pubkey;
use tracing::warn;

use crate::state::Link;

/// A file of the secrets folder, `*.json`. `secret`: 32 bytes in hex.
#[derive(serde::Deserialize)]
pub struct SecretFile {
    /// Address of the lottery.
    pub lottery: String,
    pub secret: String,
    pub length: u32,
}

/// Pause between two looks for new files.
const LOOK: Duration = Duration::from_secs(3);

/// Chains by lottery, and the folder they come from. A lottery that was given a new chain has more than one; the
/// commit tells which fits.
#[derive(Default)]
pub struct Reveals {
    folder: Option<PathBuf>,
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
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let reveals = Self { folder: Some(folder.to_path_buf()), known: Mutex::default() };
        for path in secret_files(folder)? {
            let mut known = reveals.known();
            known.read(&path).with_context(|| format!("secret file {}", path.display()))?;
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
            known.read_new_files(self.folder.as_deref()?);
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
        let mut reveals = known.chains.get(&address)?.iter().filter_map(|chain| chain.link(position));
        let reveal = reveals.find(|reveal| verify::<Software>(reveal, &lottery.chain_head, distance))?;
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
        chains
            .iter()
            .filter_map(|chain| chain.link(position))
            .find(|reveal| verify::<Software>(reveal, &round.commit, round.commit_distance))
    }

    /// A file that cannot be read is said once and does not stop the keeper.
    fn read_new_files(&mut self, folder: &Path) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return;
        }
        self.looked = Some(Instant::now());
        let Ok(files) = secret_files(folder) else { return };
        for path in files {
            if !self.files.contains(&path)
                && let Err(error) = self.read(&path)
                && self.bad.insert(path.clone())
            {
                warn!(path = %path.display(), error = format!("{error:#}"), "a secret file cannot be read");
            }
        }
    }

    fn read(&mut self, path: &Path) -> anyhow::Result<()> {
        let file: SecretFile = serde_json::from_str(&fs::read_to_string(path)?)?;
        let lottery: Pubkey = file.lottery.parse().ok().context("`lottery` is not an address")?;
        let mut secret = [0; 32];
        ensure!(hex::decode_to_slice(&file.secret, &mut secret).is_ok(), "`secret` is not 32 bytes in hex");
        let Some(chain) = HashChain::new(&secret, file.length) else { bail!("`length` must not be zero") };
        self.chains.entry(lottery).or_default().push(chain);
        self.files.insert(path.to_path_buf());
        Ok(())
    }
}

fn secret_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
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
        let reveals = Reveals::load(folder.path()).unwrap();
        assert_eq!(reveals.find(&round(&chain, 2, 1)), chain.link(2));

        fs::write(folder.path().join("b.json"), good.replace(&secret, "abc")).unwrap();
        let error = Reveals::load(folder.path()).err().unwrap();
        assert!(format!("{error:#}").contains("b.json"), "{error:#}");
        assert!(Reveals::load(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn a_file_that_appears_later_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let reveals = Reveals::load(folder.path()).unwrap();
        let chain = HashChain::new(&[1; 32], 50).unwrap();
        assert!(!reveals.is_empty());
        fs::write(folder.path().join("bad.json"), "{").unwrap();
        let (lottery, secret) = (Pubkey::new_from_array([4; 32]), "01".repeat(32));
        let file = format!(r#"{{"lottery":"{lottery}","secret":"{secret}","length":50}}"#);
        fs::write(folder.path().join("new.json"), file).unwrap();
        assert_eq!(reveals.find(&round(&chain, 2, 1)), chain.link(2));
    }
}
