//! Public randomness chains: what drand says of one, and what a registry takes.
//!
//! | file | what |
//! |---|---|
//! | `evmnet.json` | drand's evmnet: key, genesis, period, and two of its rounds |
//! | `http.rs` | the same of any chain, by drand's HTTP API |
//! | `verify.rs` | the compiled program's own verification, in this process |

mod http;
mod verify;

use anyhow::{Context, bail, ensure};
use lottery_client::Pubkey;
use lottery_interface::{address, args::BeaconArgs};
use lottery_rules::{
    beacon::{self, SoftwareCurve, Witness},
    hash::{Sha256, Software},
};
use serde_json::Value;

pub use http::fetch;
pub use verify::{Verified, Verifier};

/// The one scheme that the program verifies, in drand's words.
pub const SCHEME: &str = "bls-bn254-unchained-on-g1";

/// drand's name for its chain on BN254.
pub const EVMNET: &str = "evmnet";

/// The beacon beside a local chain.
pub const LOCAL: &str = "local";

const EVMNET_JSON: &str = include_str!("evmnet.json");

/// A chain and one round that it has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrandChain {
    /// drand's beacon ID.
    pub name: String,
    pub chain_hash: [u8; 32],
    /// x.c1, x.c0, y.c1, y.c0, big-endian.
    pub public_key: [u8; 128],
    pub genesis_at: i64,
    pub period_seconds: u32,
    pub genesis_seed: Vec<u8>,
    pub signed: SignedRound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedRound {
    pub round: u64,
    /// x and y, big-endian.
    pub signature: [u8; 64],
}

impl SignedRound {
    /// What the program takes as a proof: the signature and the inverses that hashing to the curve needs.
    pub fn proof(&self) -> Vec<u8> {
        beacon::proof(&self.signature, &self.witness()).to_vec()
    }

    fn witness(&self) -> Witness {
        beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(self.round))
    }
}

impl DrandChain {
    /// drand's evmnet, whose parameters never change.
    pub fn evmnet() -> anyhow::Result<Self> {
        let json: Value = serde_json::from_str(EVMNET_JSON)?;
        let text = |name: &str| json[name].as_str().with_context(|| format!("evmnet.json: {name}"));
        let round = &json["rounds"][0];
        let signature = round["signature"].as_str().context("evmnet.json: signature")?;
        Ok(Self {
            name: text("chain")?.into(),
            chain_hash: fixed("chain_hash", text("chain_hash")?)?,
            public_key: fixed("public_key_g2", text("public_key_g2")?)?,
            genesis_at: json["genesis_time"].as_i64().context("evmnet.json: genesis_time")?,
            period_seconds: json["period_seconds"]
                .as_u64()
                .and_then(|period| period.try_into().ok())
                .context("evmnet.json: period_seconds")?,
            genesis_seed: hex::decode(text("genesis_seed")?)?,
            signed: SignedRound {
                round: round["round"].as_u64().context("evmnet.json: round")?,
                signature: fixed("signature", signature)?,
            },
        })
    }

    /// The hash of all parameters, as drand defines it: a chain is called by it.
    pub fn computed_hash(&self) -> [u8; 32] {
        Software::hashv(&[
            &self.period_seconds.to_be_bytes(),
            &self.genesis_at.to_be_bytes(),
            &self.public_key,
            &self.genesis_seed,
            if self.name == "default" { &[][..] } else { self.name.as_bytes() },
        ])
    }

    /// Key and scheme by the signed round, and all parameters by the chain's hash: genesis and period decide which round is
    /// drawn from, and the program cannot check them.
    pub fn check(&self) -> anyhow::Result<()> {
        let (said, computed) = (hex::encode(self.chain_hash), hex::encode(self.computed_hash()));
        ensure!(
            said == computed,
            "these are not the parameters of chain {said}: they hash to {computed}; do not add them"
        );
        let SignedRound { round, signature } = &self.signed;
        beacon::verify::<SoftwareCurve>(&self.public_key, *round, signature, &self.signed.witness())
            .with_context(|| format!("round {round} does not verify under the chain's key"))
    }

    pub fn address(&self) -> Pubkey {
        address::beacon(&self.chain_hash).0
    }

    pub fn args(&self) -> BeaconArgs {
        BeaconArgs {
            public_key: self.public_key,
            chain_hash: self.chain_hash,
            genesis_at: self.genesis_at,
            round: self.signed.round,
            period_seconds: self.period_seconds,
            reserved: 0,
        }
    }
}

/// The chain that a person means: `evmnet`, `local` (the beacon beside the local chain), or a chain's hash.
pub fn hash_of(name: &str, local: Option<[u8; 32]>) -> anyhow::Result<[u8; 32]> {
    match name {
        EVMNET => Ok(DrandChain::evmnet()?.chain_hash),
        LOCAL => local.context("beacon \"local\" is the one beside a local chain, and none runs here"),
        hash if hash.len() == 64 => fixed("beacon", hash),
        other => bail!(
            "beacon {other:?} is unknown: write \"{EVMNET}\", \"{LOCAL}\", or a chain's hash (64 digits)"
        ),
    }
}

/// The name of a chain, if it has one.
pub fn name_of(hash: &[u8; 32], local: Option<[u8; 32]>) -> Option<&'static str> {
    if local == Some(*hash) {
        return Some(LOCAL);
    }
    DrandChain::evmnet().ok().filter(|evmnet| evmnet.chain_hash == *hash).map(|_| EVMNET)
}

/// Bytes in hex, of one length.
pub fn fixed<const N: usize>(what: &str, text: &str) -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    let digits = text.chars().count();
    ensure!(digits == 2 * N, "{what}: needs {N} bytes in hex, {} digits; this has {digits}", 2 * N);
    hex::decode_to_slice(text, &mut bytes).ok().with_context(|| format!("{what}: is not hex"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evmnet_is_what_its_hash_says() {
        let evmnet = DrandChain::evmnet().unwrap();
        evmnet.check().unwrap();
        assert_eq!(hash_of(EVMNET, None).unwrap(), evmnet.chain_hash);
        assert_eq!(name_of(&evmnet.chain_hash, None), Some(EVMNET));
        // Whatever of it is changed is noticed.
        for wrong in [
            DrandChain { genesis_at: evmnet.genesis_at + 1, ..evmnet.clone() },
            DrandChain { period_seconds: 30, ..evmnet.clone() },
            DrandChain { name: "quicknet".into(), ..evmnet.clone() },
            DrandChain { genesis_seed: vec![1; 32], ..evmnet.clone() },
        ] {
            let error = wrong.check().unwrap_err().to_string();
            assert!(error.contains("not the parameters"), "{error}");
        }
        let signed = SignedRound { round: 2, ..evmnet.signed };
        let error = format!("{:#}", DrandChain { signed, ..evmnet }.check().unwrap_err());
        assert!(error.contains("round 2 does not verify"), "{error}");
    }

    #[test]
    fn names_become_hashes() {
        let hash = [7; 32];
        assert_eq!(hash_of(LOCAL, Some(hash)).unwrap(), hash);
        assert_eq!(hash_of(&hex::encode(hash), None).unwrap(), hash);
        assert_eq!(name_of(&hash, Some(hash)), Some(LOCAL));
        assert_eq!(name_of(&hash, None), None);
        for (wrong, words) in
            [(LOCAL, "none runs here"), ("quicknet", "unknown"), (&"zz".repeat(32), "not hex")]
        {
            let error = format!("{:#}", hash_of(wrong, None).unwrap_err());
            assert!(error.contains(words), "{error}");
        }
        let error = fixed::<64>("SIGNATURE_HEX", "abc").unwrap_err().to_string();
        assert_eq!(error, "SIGNATURE_HEX: needs 64 bytes in hex, 128 digits; this has 3");
    }
}
