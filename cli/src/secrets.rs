//! The operator's hash chain secrets: one private file per lottery, which `lottery keeper --reveal-secrets` reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lottery_client::Pubkey;
use lottery_rules::commit_reveal::HashChain;
use rand::{TryRngCore, rngs::OsRng};
use serde_json::json;

use crate::keys;

/// Makes a chain of a lottery: a new secret in `folder`, beside those of its earlier chains, which are never overwritten,
/// and the commit to publish.
pub fn create(folder: &Path, lottery: &Pubkey, length: u32) -> anyhow::Result<(PathBuf, [u8; 32])> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).context("the system gives no random bytes")?;
    let Some(chain) = HashChain::new(&secret, length) else {
        bail!("chain.length: must not be zero");
    };
    let first = folder.join(format!("{lottery}.json"));
    let path = match first.exists() {
        true => folder.join(format!("{lottery}-{}.json", &hex::encode(chain.commit())[..16])),
        false => first,
    };
    let file = json!({"lottery": lottery.to_string(), "secret": hex::encode(secret), "length": length});
    keys::write_private(&path, file.to_string().as_bytes())
        .context("the secret of the hash chain was not saved")?;
    Ok((path, chain.commit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_chain_is_kept_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let lottery = Pubkey::new_unique();
        let (first, commit) = create(folder.path(), &lottery, 3).unwrap();
        let before = std::fs::read(&first).unwrap();
        let (second, other) = create(folder.path(), &lottery, 3).unwrap();
        assert_ne!((&first, commit), (&second, other));
        assert_eq!(std::fs::read(&first).unwrap(), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(create(folder.path(), &lottery, 0).is_err());
    }
}
