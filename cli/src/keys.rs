//! Keypair files, in the format of Solana's tools: a JSON list of 64 bytes.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use lottery_client::{Keypair, Pubkey};
use solana_keypair::read_keypair_file;

/// Reads a keypair file.
pub fn read(path: &Path) -> anyhow::Result<Keypair> {
    read_keypair_file(path).map_err(|error| {
        anyhow!(
            "no keypair in {}: {error}; pass --keypair FILE (solana-keygen or `lottery localnet` make one)",
            path.display()
        )
    })
}

/// Where Solana's tools keep a person's keypair.
pub fn default_path() -> Option<PathBuf> {
    let home = std::env::var_os("HOME")?;
    Some(PathBuf::from(home).join(".config/solana/id.json"))
}

/// Reads the keypair at `path`, or makes one there that only its owner can read.
pub fn read_or_create(path: &Path) -> anyhow::Result<Keypair> {
    if path.exists() {
        return read(path);
    }
    let keypair = Keypair::new();
    write_private(path, serde_json::to_string(&keypair.to_bytes().to_vec())?.as_bytes())?;
    Ok(keypair)
}

/// Writes a new file that only its owner can read. An existing file is never overwritten: it may hold the
/// only copy of a secret.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

/// Parses an address, and says which one is wrong.
pub fn parse_address(what: &str, text: &str) -> anyhow::Result<Pubkey> {
    text.parse().map_err(|_| anyhow!("{what}: {text:?} is not an address (32 bytes in base58)"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use lottery_client::Signer;

    use super::*;

    #[test]
    fn a_new_keypair_is_private_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/key.json");
        let made = read_or_create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_or_create(&path).unwrap().pubkey(), made.pubkey());
        assert!(write_private(&path, b"other").is_err());
        assert_eq!(read(&path).unwrap().pubkey(), made.pubkey());
    }
}
