//! Where SHA-256 comes from. The program implements [`Sha256`] with the runtime's syscall, everyone else uses
//! `Software` (feature `sha2`); nothing else in this crate knows the difference.

/// A SHA-256 implementation (FIPS 180-4).
pub trait Sha256 {
    /// The digest of all `parts` one after the other, as if they were one message.
    fn hashv(parts: &[&[u8]]) -> [u8; 32];
}

/// SHA-256 computed in software, by the `sha2` crate.
#[cfg(feature = "sha2")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Software;

#[cfg(feature = "sha2")]
impl Sha256 for Software {
    fn hashv(parts: &[&[u8]]) -> [u8; 32] {
        use sha2::Digest;
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}
