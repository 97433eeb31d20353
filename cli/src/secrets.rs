//! The operator's hash chain secrets: one private file per lottery, which `lottery keeper --reveal-secrets` reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lottery_client::Pubkey;
use lottery_rules::commit_reveal::HashChain;
use rand::{TryRngCore, rngs::OsRng};
use serde_json::json;

use crate::keys;

/// Makes the chain of a lottery: a new secret in `folder`, which is never overwritten, and the commit to publish.
pub fn create(folder: &Path, lottery: &Pubkey, length: u32) -> anyhow::Result<(PathBuf, [u8; 32])> {
    let mut secret = [0; 32];
    OsRng.try_fill_bytes(&mut secret).context("the system gives no random bytes")?;
    let Some(chain) = HashChain::new(&secret, length) else {
        bail!("chain.length: must not be zero");
    };
    let path = folder.join(format!("{lottery}.json"));
    let file = json!({"lottery": lottery.to_string(), "secret": hex::encode(secret), "length": length});
    keys::write_private(&path, file.to_string().as_bytes())
        .context("the secret of the hash chain was not saved")?;
    Ok((path, chain.commit()))
}
