//! What a source of randomness or facts needs on the chain before a config may name it.

use anyhow::{bail, ensure};
use lottery_client::{Fetched, Keypair, Signer};
use lottery_interface::{
    Kind, Source,
    accounts::{Beacon, OracleSet, Registry},
    address, instructions,
};

use crate::{beacon, chain::Chain, lottery_file::Prepared};

/// Refuses a config that the program would refuse, and says what to do.
pub async fn check(chain: &Chain, registry: &Registry, prepared: &Prepared) -> anyhow::Result<()> {
    let config = &prepared.config;
    let name = |kind: u8, source: u8| {
        let kind = Kind::from_byte(kind).map_or("unknown", Kind::name);
        format!("{kind}:{}", Source::from_byte(source).map_or("unknown", Source::name))
    };
    if !Registry::allows(&registry.allowed_sources, config.kind, config.source) {
        let pairs = Kind::ALL.iter().flat_map(|kind| Source::ALL.iter().map(move |source| (*kind, *source)));
        let allowed: Vec<_> = pairs
            .map(|(kind, source)| (kind as u8, source as u8))
            .filter(|(kind, source)| Registry::allows(&registry.allowed_sources, *kind, *source))
            .map(|(kind, source)| name(kind, source))
            .collect();
        bail!(
            "SourceNotAllowed: this registry does not allow {}; it allows {}",
            name(config.kind, config.source),
            allowed.join(", ")
        );
    }
    for (name, value, least) in [
        ("grace_seconds", config.grace_seconds, registry.min_grace_seconds),
        ("grace_slots", config.grace_slots, registry.min_grace_slots),
        ("claim_seconds", config.claim_seconds, registry.min_claim_seconds),
    ] {
        ensure!(
            value >= least,
            "InvalidConfig: config.{name}: this registry needs at least {least}, this is {value}"
        );
    }
    let Some(hash) = prepared.beacon else { return Ok(()) };
    let found = chain.beacon(&hash).await?;
    let now = chain.rpc.clock().await?.unix_timestamp;
    check_beacon(&title(chain, &hash), found.as_ref(), now)
}

/// Creates the oracle set of a market unless it is there. Anyone may, and nobody can ever change it. In a transaction of its own:
/// sixteen reporters and two dozen ranges do not fit into one.
pub async fn ensure_oracle_set(chain: &Chain, prepared: &Prepared, payer: &Keypair) -> anyhow::Result<()> {
    let address = address::oracle_set(&prepared.reporters).0;
    if prepared.reporters.is_empty() || chain.rpc.account::<OracleSet>(address).await?.is_some() {
        return Ok(());
    }
    let create = instructions::create_oracle_set(payer.pubkey(), &prepared.reporters);
    chain.send("the oracle set was not created", &[create], &[payer]).await?;
    Ok(())
}

fn check_beacon(name: &str, found: Option<&Fetched<Beacon>>, now: i64) -> anyhow::Result<()> {
    match found {
        None => bail!(
            "BeaconNotUsable: this chain has no beacon {name}: the registry's authority runs `lottery beacon add {name}`"
        ),
        Some(beacon) if beacon.usable_at > now => bail!(
            "BeaconNotUsable: beacon {name} can be used in {}: until then anyone may look at it, and the authority take it back",
            duration(beacon.usable_at - now)
        ),
        Some(_) => Ok(()),
    }
}

/// A beacon's name, else its hash.
pub fn title(chain: &Chain, hash: &[u8; 32]) -> String {
    match beacon::name_of(hash, chain.local_beacon_hash()) {
        Some(name) => name.to_string(),
        None => hex::encode(hash),
    }
}

/// "6 d 23 h", "2 h 5 min", "40 s".
pub fn duration(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_client::Pubkey;

    use super::*;

    #[test]
    fn a_beacon_is_usable_after_its_delay() {
        let beacon = |usable_at| Fetched {
            address: Pubkey::default(),
            account: Beacon { usable_at, ..Beacon::zeroed() },
            lamports: 0,
            slot: 0,
            space: 0,
            data: Vec::new(),
        };
        let said = |found: Option<&Fetched<Beacon>>| {
            check_beacon("evmnet", found, 1_000).map_err(|error| error.to_string()).err()
        };
        assert!(said(None).unwrap().contains("`lottery beacon add evmnet`"));
        assert!(said(Some(&beacon(1_000 + 604_000))).unwrap().contains("in 6 d 23 h"));
        assert!(said(Some(&beacon(1_001))).unwrap().contains("in 1 s"));
        assert_eq!(said(Some(&beacon(1_000))), None);
    }

    #[test]
    fn durations_are_short() {
        let all = [40, 119, 120, 7_199, 7_500, 172_799, 172_800].map(duration);
        assert_eq!(all, ["40 s", "119 s", "2 min", "119 min", "2 h 5 min", "47 h 59 min", "2 d 0 h"]);
    }
}
