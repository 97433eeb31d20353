//! Beacons, and what the signature of one tells of the round that it decided.

use lottery_interface::{accounts::Beacon, address};
use lottery_rules::beacon::{Schedule, SoftwareCurve, Witness, hash_to_curve, message};
use sqlx::Row;

use super::work::{Fault, Ix, Work, key, poison};
use crate::{
    decoder::{Args, Decoded, decode_data},
    rows::beacon_columns,
};

/// Rounds of a beacon that are looked through at most for the one that a signature is of.
const MAX_SEARCH: u64 = 1_000_000;
/// The chain's clock may be this much behind that of the beacon.
const CLOCK_LAG_SECONDS: i64 = 3_600;

impl Work<'_> {
    /// A beacon is whole in the record but for the exact second from which it can be used.
    pub async fn add_beacon(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::AddBeacon { args, .. } = &decoded.args else {
            return poison("add_beacon without its arguments");
        };
        let address = key(decoded, "beacon")?;
        let Some(authority) = decoded.account("authority") else { return poison("add_beacon by nobody") };
        let account = Beacon {
            public_key: args.public_key,
            chain_hash: args.chain_hash,
            rent_payer: authority.to_bytes(),
            genesis_at: args.genesis_at,
            usable_at: ix.block_at.unwrap_or_default().saturating_add(self.beacon_delay(ix).await?),
            period_seconds: args.period_seconds,
            bump: address::beacon(&args.chain_hash).1,
            reserved: [0; 3],
        };
        let columns = beacon_columns(&account);
        let mut row = columns.clone();
        row.insert("address".into(), address.clone().into());
        for (guard, value) in [("first_slot", ix.slot), ("account_slot", 0), ("account_order", 0)] {
            row.insert(guard.into(), value.into());
        }
        self.insert_row("beacons", row).await?;
        // It may have been removed before: the address is the same.
        self.update_row("beacons", &address, columns, ix).await?;
        sqlx::query("UPDATE beacons SET closed_at_slot = NULL WHERE address = $1")
            .bind(address)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    /// The registry's delay as the last instruction before this one left it.
    async fn beacon_delay(&mut self, ix: &Ix) -> Result<i64, Fault> {
        let data: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT data FROM instructions WHERE name IN ('init_registry', 'update_registry')
               AND (slot, tx_index, ix_index) < ($1, $2, $3)
             ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1",
        )
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_optional(self.conn())
        .await?;
        Ok(match data.map(|data| decode_data(&data)) {
            Some(Ok(Args::Registry(registry))) => registry.beacon_delay_seconds as i64,
            _ => 0,
        })
    }

    /// When the rounds of a beacon are signed.
    pub async fn schedule(&mut self, beacon: &str) -> Result<Schedule, Fault> {
        let row = sqlx::query("SELECT genesis_at, period_seconds FROM beacons WHERE address = $1")
            .bind(beacon)
            .fetch_optional(self.conn())
            .await?;
        let Some(row) = row else { return poison(format!("beacon {beacon} was never added in the record")) };
        Ok(Schedule {
            genesis_at: row.try_get("genesis_at")?,
            period_seconds: row.try_get::<i64, _>("period_seconds")? as u32,
        })
    }

    /// Which round of its beacon decided a round, and its lock, by what was posted: the witness fits one message only. What the
    /// row holds may be from before the round was re-timed. The lock is NULL where the row's own fits.
    pub async fn decided_by(
        &mut self,
        round: &str,
        witness: &Witness,
        ix: &Ix,
    ) -> Result<Option<(u64, Option<i64>)>, Fault> {
        let row = sqlx::query(
            "SELECT r.beacon_round, r.locks_at, COALESCE(r.opened_at, 0) AS opened_at, c.beacon_genesis_at,
                    c.beacon_period_seconds, c.beacon_margin_seconds
             FROM rounds r JOIN configs c ON c.address = r.config WHERE r.address = $1",
        )
        .bind(round)
        .fetch_one(self.conn())
        .await?;
        let schedule = Schedule {
            genesis_at: row.try_get("beacon_genesis_at")?,
            period_seconds: row.try_get::<i64, _>("beacon_period_seconds")? as u32,
        };
        let margin: i64 = row.try_get("beacon_margin_seconds")?;
        let known: Option<i64> = row.try_get("beacon_round")?;
        let at = ix.block_at.unwrap_or_default().saturating_add(CLOCK_LAG_SECONDS);
        let newest = schedule.first_round_from(at).unwrap_or_default();
        let oldest = schedule.first_round_from(row.try_get("opened_at")?).unwrap_or_default();
        let known = known.map(|round| round as u64).filter(|round| is_of(*round, witness));
        let Some(found) = known.or_else(|| search(oldest, newest, witness)) else { return Ok(None) };
        let locks_at: Option<i64> = row.try_get("locks_at")?;
        let fits = locks_at.is_some_and(|at| schedule.first_round_from(at + margin) == Some(found));
        // Exact up to the beacon's period: the latest lock that this round of it decides.
        let latest = schedule.signed_at(found).map(|signed_at| signed_at - margin);
        Ok(Some((found, if fits { None } else { latest })))
    }
}

/// Whether a witness is that of a round of any beacon.
fn is_of(round: u64, witness: &Witness) -> bool {
    hash_to_curve::<SoftwareCurve>(&message::<SoftwareCurve>(round), witness).is_ok()
}

/// From the newest down: a value is posted soon after it is signed.
fn search(oldest: u64, newest: u64, witness: &Witness) -> Option<u64> {
    let oldest = oldest.max(newest.saturating_sub(MAX_SEARCH));
    (oldest..=newest).rev().find(|round| is_of(*round, witness))
}

#[cfg(test)]
mod tests {
    use lottery_rules::beacon;

    use super::*;

    #[test]
    fn a_witness_tells_its_round() {
        let witness = beacon::witness::<SoftwareCurve>(&message::<SoftwareCurve>(9_337_227));
        assert_eq!(search(9_337_000, 9_338_427, &witness), Some(9_337_227));
        assert_eq!(search(9_337_228, 9_338_000, &witness), None);
        let wrong = Witness { inverses: [witness.inverses[0], [1; 32]] };
        assert_eq!(search(9_337_000, 9_338_000, &wrong), None);
    }
}
