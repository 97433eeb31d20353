//! A file of the secrets folder: the secret of one hash chain, encrypted.
//!
//! XChaCha20-Poly1305 under a key that Argon2id derives from the operator's; lottery, length and parameters are
//! authenticated with it. Earlier versions wrote the secret plainly, in `secret`; such files are still read.

use std::{fmt, fs, path::Path};

use anyhow::{Context, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand::{TryRngCore, rngs::OsRng};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::SecretsKey;

/// Opens what is authenticated. The last part is the version of the construction.
const DOMAIN: &[u8] = b"lottery_v4/operator-secret/1";

/// OWASP's least for Argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// A changed file must not take more than this to refuse.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 16;

/// Why a secret cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    MissingKey,
    WrongKey,
    Changed,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingKey => {
                "it is encrypted and no key was given: --secrets-key-file FILE or LOTTERY_SECRETS_KEY"
            }
            Self::WrongKey => "it was encrypted with another secrets key than the one given",
            Self::Changed => "it was changed or damaged since it was written: restore it from a backup",
        })
    }
}

impl std::error::Error for SecretError {}

/// What is in a file. There is no `Debug`; dropping it overwrites a plain secret.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    /// Address of the lottery.
    pub lottery: String,
    pub length: u32,
    /// 32 bytes in hex, in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encrypted: Option<Encrypted>,
}

/// Bytes are in hex.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encrypted {
    kdf: Kdf,
    cipher: Cipher,
    memory_kib: u32,
    passes: u32,
    salt: String,
    /// Derived beside the key: tells a wrong key from a changed file.
    key_check: String,
    nonce: String,
    secret: String,
}

#[derive(Serialize, Deserialize)]
enum Kdf {
    #[serde(rename = "argon2id")]
    Argon2id,
}

#[derive(Serialize, Deserialize)]
enum Cipher {
    #[serde(rename = "xchacha20poly1305")]
    XChaCha20Poly1305,
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl SecretFile {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        // An error of serde_json may quote what it read.
        let file = serde_json::from_str::<Self>(&text).map_err(|error| {
            anyhow::anyhow!("not a secret file (line {}, column {})", error.line(), error.column())
        })?;
        ensure!(
            file.secret.is_some() != file.encrypted.is_some(),
            "not a secret file: it needs either `encrypted` or `secret`"
        );
        Ok(file)
    }

    pub fn is_encrypted(&self) -> bool {
        self.encrypted.is_some()
    }

    /// Encrypts a secret for a file.
    pub fn seal(lottery: &str, length: u32, secret: &[u8; 32], key: &SecretsKey) -> anyhow::Result<Self> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        for bytes in [&mut salt[..], &mut nonce[..]] {
            OsRng.try_fill_bytes(bytes).context("the system gives no random bytes")?;
        }
        let derived = derive(key, &salt, MEMORY_KIB, PASSES).context("the secrets key was not derived")?;
        let mut encrypted = Encrypted {
            kdf: Kdf::Argon2id,
            cipher: Cipher::XChaCha20Poly1305,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt: hex::encode(salt),
            key_check: hex::encode(&derived[32..]),
            nonce: hex::encode(nonce),
            secret: String::new(),
        };
        let aad = encrypted.authenticated(lottery, length);
        let cipher = XChaCha20Poly1305::new_from_slice(&derived[..32])?;
        let payload = Payload { msg: secret, aad: &aad };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).ok().context("not encrypted")?;
        encrypted.secret = hex::encode(sealed);
        Ok(Self { lottery: lottery.to_string(), length, secret: None, encrypted: Some(encrypted) })
    }

    /// The secret. `key` is needed when it is encrypted. Errors: [`SecretError`], or what a plain file lacks.
    pub fn open(&self, key: Option<&SecretsKey>) -> anyhow::Result<Zeroizing<[u8; 32]>> {
        if let Some(encrypted) = &self.encrypted {
            let key = key.ok_or(SecretError::MissingKey)?;
            return Ok(encrypted.open(&self.lottery, self.length, key)?);
        }
        let mut secret = Zeroizing::new([0; 32]);
        let hex = self.secret.as_deref().unwrap_or_default();
        ensure!(hex::decode_to_slice(hex, &mut *secret).is_ok(), "`secret` is not 32 bytes in hex");
        Ok(secret)
    }

    pub fn to_json(&self) -> anyhow::Result<Zeroizing<String>> {
        Ok(Zeroizing::new(serde_json::to_string(self)?))
    }
}

impl Encrypted {
    fn open(&self, lottery: &str, length: u32, key: &SecretsKey) -> Result<Zeroizing<[u8; 32]>, SecretError> {
        let changed = SecretError::Changed;
        let salt = hex::decode(&self.salt).map_err(|_| changed)?;
        let nonce: [u8; 24] = bytes(&self.nonce).ok_or(changed)?;
        let key_check: [u8; 16] = bytes(&self.key_check).ok_or(changed)?;
        let sealed = hex::decode(&self.secret).map_err(|_| changed)?;
        if self.memory_kib > MOST_MEMORY_KIB || self.passes > MOST_PASSES {
            return Err(changed);
        }
        let derived = derive(key, &salt, self.memory_kib, self.passes).ok_or(changed)?;
        if derived[32..] != key_check {
            return Err(SecretError::WrongKey);
        }
        let aad = self.authenticated(lottery, length);
        let cipher = XChaCha20Poly1305::new_from_slice(&derived[..32]).map_err(|_| changed)?;
        let payload = Payload { msg: &sealed, aad: &aad };
        let opened = cipher.decrypt(XNonce::from_slice(&nonce), payload).map_err(|_| changed)?;
        let opened = Zeroizing::new(opened);
        let mut secret = Zeroizing::new([0; 32]);
        if opened.len() != secret.len() {
            return Err(changed);
        }
        secret.copy_from_slice(&opened);
        Ok(secret)
    }

    /// Each part ends where the next begins whatever it holds: by a line break, which none contains.
    fn authenticated(&self, lottery: &str, length: u32) -> Vec<u8> {
        let parts = format!(
            "\n{lottery}\n{length}\n{}\n{}\n{}\n{}\n",
            self.memory_kib, self.passes, self.salt, self.key_check
        );
        [DOMAIN, parts.as_bytes()].concat()
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// 32 bytes of key, then 16 to recognise it by. `None`: the parameters are none.
fn derive(key: &SecretsKey, salt: &[u8], memory_kib: u32, passes: u32) -> Option<Zeroizing<[u8; 48]>> {
    let params = Params::new(memory_kib, passes, 1, Some(48)).ok()?;
    let mut derived = Zeroizing::new([0; 48]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(key.bytes(), salt, &mut *derived).ok()?;
    Some(derived)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SecretsKey {
        SecretsKey::new(text).unwrap()
    }

    fn why(file: &SecretFile, key: Option<&SecretsKey>) -> SecretError {
        *file.open(key).expect_err("it opened").downcast_ref::<SecretError>().expect("a typed error")
    }

    #[test]
    fn only_the_key_opens_it() {
        let (right, wrong) = (key("a key of some length"), key("another key of some length"));
        let file = SecretFile::seal("lottery", 50, &[7; 32], &right).unwrap();
        assert_eq!(*file.open(Some(&right)).unwrap(), [7; 32]);
        assert_eq!(why(&file, Some(&wrong)), SecretError::WrongKey);
        assert_eq!(why(&file, None), SecretError::MissingKey);
        let text = file.to_json().unwrap();
        assert!(!text.contains(&hex::encode([7; 32])), "the secret is readable");
        // The same secret never looks the same.
        let again = SecretFile::seal("lottery", 50, &[7; 32], &right).unwrap().to_json().unwrap();
        assert_ne!(*text, *again);
    }

    #[test]
    fn every_change_is_noticed() {
        let key = key("a key of some length");
        let text = SecretFile::seal("lottery", 50, &[7; 32], &key).unwrap().to_json().unwrap();
        let file = |text: &str| serde_json::from_str::<SecretFile>(text).unwrap();
        let encrypted = file(&text).encrypted.take().unwrap();
        let flip = |hex: &str| format!("{}{}", if hex.starts_with('0') { '1' } else { '0' }, &hex[1..]);
        for (from, to) in [
            ("\"lottery\":\"lottery\"".into(), "\"lottery\":\"other\"".into()),
            ("\"length\":50".into(), "\"length\":51".into()),
            (encrypted.secret.clone(), flip(&encrypted.secret)),
            (encrypted.secret.clone(), encrypted.secret[2..].to_string()),
            (encrypted.secret.clone(), String::new()),
            (encrypted.nonce.clone(), flip(&encrypted.nonce)),
            (encrypted.nonce.clone(), "not hex".into()),
            ("\"memory_kib\":19456".into(), "\"memory_kib\":4000000000".into()),
            ("\"memory_kib\":19456".into(), "\"memory_kib\":0".into()),
            ("\"passes\":2".into(), "\"passes\":4000000000".into()),
        ] {
            assert!(text.contains(&from), "{from}");
            let changed: String = text.replacen(&from, &to, 1);
            assert_eq!(why(&file(&changed), Some(&key)), SecretError::Changed, "{from} to {to}");
        }
        // These look as if another key had been used; they open nothing either.
        for (from, to) in [
            (encrypted.salt.clone(), flip(&encrypted.salt)),
            (encrypted.key_check.clone(), flip(&encrypted.key_check)),
            ("\"passes\":2".into(), "\"passes\":3".into()),
        ] {
            let changed: String = text.replacen(&from, &to, 1);
            assert_eq!(why(&file(&changed), Some(&key)), SecretError::WrongKey, "{from} to {to}");
        }
    }

    #[test]
    fn says_nothing_of_what_it_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let secret = "ab".repeat(32);
        for text in [
            format!(r#"{{"lottery":"x","length":"{secret}","secret":"{secret}"}}"#),
            format!(r#"{{"lottery":"x","length":5,"secret":"{secret}","encrypted":5}}"#),
            format!(r#"{{"lottery":"x","length":5,"{secret}":1}}"#),
            format!(r#"{{"lottery":"x","length":5,"secret":["{secret}"]}}"#),
            r#"{"lottery":"x","length":5}"#.to_string(),
        ] {
            fs::write(&path, &text).unwrap();
            let error = format!("{:#}", SecretFile::read(&path).err().unwrap());
            assert!(error.contains("not a secret file") && !error.contains(&secret), "{error}");
        }
    }
}
