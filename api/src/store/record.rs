//! The steps of a round as records: who did what, in the order in which the chain ran it.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{market, units::Units};

/// The names of steps.
pub const RECORDS: [&str; 6] =
    ["BetPlaced", "RoundLocked", "BetMatched", "RoundFinalized", "WinningsClaimed", "RefundIssued"];

/// One step. What a step does not have is left out.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct RoundRecord {
    /// BetPlaced, BetMatched, WinningsClaimed and RefundIssued: one for each entry. RoundLocked: the first instruction that only
    /// a locked round takes. RoundFinalized: the round is final.
    #[schema(example = "BetPlaced")]
    pub record: String,
    pub slot: i64,
    /// Of its transaction.
    pub signature: String,
    /// Place of the instruction in its transaction.
    pub path: String,
    /// Time of the block.
    pub at: Option<i64>,
    /// Places that order it within its slot.
    #[serde(skip)]
    pub tx_index: i32,
    #[serde(skip)]
    pub ix_index: i32,
    #[serde(skip)]
    pub item: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wallet: Option<String>,
    /// Prediction: the outcome that the entry is on; of RoundFinalized the one that came true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<i16>,
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The entry's stake; of RoundLocked and RoundFinalized all stakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stake_units: Option<Units>,
    /// What others' stakes stood against; of RoundFinalized what the losers lose together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_units: Option<Units>,
    /// What was credited; of RoundFinalized what all winners get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_units: Option<Units>,
    /// Entries that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<i64>,
    /// Rules of a market, from which `label` follows.
    #[serde(skip)]
    pub rules_data: Option<Vec<u8>>,
}

/// The place of a record within its round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub slot: i64,
    pub tx_index: i32,
    pub ix_index: i32,
    /// -1 for steps of the whole round.
    pub item: i64,
}

impl RoundRecord {
    pub fn place(&self) -> Place {
        Place { slot: self.slot, tx_index: self.tx_index, ix_index: self.ix_index, item: self.item }
    }
}

impl Place {
    /// Before every record.
    pub const FIRST: Self = Self { slot: -1, tx_index: -1, ix_index: -1, item: -2 };

    /// As the key of a cursor.
    pub fn key(self) -> [u64; 3] {
        let both = (self.tx_index as u32 as u64) << 32 | self.ix_index as u32 as u64;
        [self.slot as u64, both, (self.item + 2) as u64]
    }

    /// From the key of a cursor.
    pub fn of_key([slot, both, item]: [u64; 3]) -> Self {
        Self {
            slot: i64::try_from(slot).unwrap_or(i64::MAX),
            tx_index: (both >> 32) as u32 as i32,
            ix_index: both as u32 as i32,
            item: i64::try_from(item).unwrap_or(i64::MAX) - 2,
        }
    }
}

/// Records of the round at `address` after a place, in order, reading its instructions from that place on; `record`: only those of this name.
pub async fn of_round(
    connection: &mut PgConnection,
    address: &str,
    record: Option<&str>,
    after: Place,
    limit: i64,
) -> sqlx::Result<Vec<RoundRecord>> {
    let records: Vec<RoundRecord> = sqlx::query_as(
        "SELECT v.record, v.slot, v.signature, v.path, v.at, v.tx_index, v.ix_index, v.item::bigint AS item, v.wallet,
                v.outcome::smallint AS outcome, v.stake_units::text AS stake_units,
                v.matched_units::text AS matched_units, v.amount_units::text AS amount_units,
                v.entries::bigint AS entries,
                CASE WHEN r.kind = 'prediction' THEN (SELECT rules FROM configs WHERE address = r.config) END AS rules_data
         FROM round_records v JOIN rounds r ON r.address = v.round
         WHERE v.round = $1 AND ($2::text IS NULL OR v.record = $2)
           AND (v.slot, v.tx_index, v.ix_index) >= ($3, $4, $5)
           AND (v.slot, v.tx_index, v.ix_index, v.item) > ($3, $4, $5, $6)
         ORDER BY v.slot, v.tx_index, v.ix_index, v.item LIMIT $7",
    )
    .bind(address)
    .bind(record)
    .bind(after.slot)
    .bind(after.tx_index)
    .bind(after.ix_index)
    .bind(after.item)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let named = |mut record: RoundRecord| {
        record.label = market::label(record.rules_data.as_deref(), record.outcome);
        record
    };
    Ok(records.into_iter().map(named).collect())
}

/// Whether there is a round at this address.
pub async fn round_exists(connection: &mut PgConnection, address: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM rounds WHERE address = $1)")
        .bind(address)
        .fetch_one(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_key() {
        for place in [
            Place { slot: 0, tx_index: 0, ix_index: 0, item: -1 },
            Place { slot: i64::MAX, tx_index: i32::MAX, ix_index: 7, item: 1_000_000 },
        ] {
            assert_eq!(Place::of_key(place.key()), place);
        }
    }
}
