//! Rounds that end without a result.

use lottery_interface::{
    accounts::Round,
    kinds::{RoundStatus, VoidReason},
};
use serde_json::json;

use super::{
    rounds::names,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key},
};
use crate::decoder::Decoded;

impl Work<'_> {
    pub async fn void_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        let logged =
            ix.rounds_changed().into_iter().next().and_then(|e| VoidReason::from_byte(e.void_reason));
        let read =
            self.read::<Round>(&round.address).and_then(|account| VoidReason::from_byte(account.void_reason));
        let told = read.filter(|reason| *reason != VoidReason::None).or(logged);
        let reason = match told {
            Some(reason) => Some(reason),
            None => self.attested_void(&round).await?,
        };
        self.void(round, reason, true, ix).await
    }

    /// The beacon's value was public too early. No bond is slashed: beacon rounds have none.
    pub async fn prove_early(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        self.void(round, Some(VoidReason::BeaconEarly), false, ix).await
    }

    /// Voids the rounds that still took entries: the program logged which, and their accounts say so.
    pub async fn pause_lottery(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        for nth in 0..2 {
            let Some(address) = decoded.nth_account("round", nth).map(|key| key.to_string()) else {
                continue;
            };
            let known: Option<i32> = sqlx::query_scalar("SELECT 1 FROM rounds WHERE address = $1")
                .bind(&address)
                .fetch_optional(self.conn())
                .await?;
            if known.is_none() {
                continue; // it was never opened
            }
            let round = self.round(&address).await?;
            let paused = |status: u8, reason: u8| {
                status == RoundStatus::Void as u8 && reason == VoidReason::Paused as u8
            };
            let events = ix.rounds_changed();
            let voided = if events.is_empty() {
                // The log was cut off, or nothing was open: only the account tells.
                let read = self.read::<Round>(&address).is_some_and(|r| paused(r.status, r.void_reason));
                read && round.status == RoundStatus::Open.name()
            } else {
                events.iter().any(|e| names(e, &round) && paused(e.status, e.void_reason))
            };
            if voided {
                self.void(round, Some(VoidReason::Paused), false, ix).await?;
            }
        }
        Ok(())
    }

    /// `slashed`: the operator loses the bond.
    pub async fn void(
        &mut self,
        mut round: RoundView,
        reason: Option<VoidReason>,
        slashed: bool,
        ix: &Ix,
    ) -> Result<(), Fault> {
        let mut change = columns(json!({ "status": RoundStatus::Void.name(), "final_at": ix.block_at }));
        if let Some(reason) = reason {
            change.insert("void_reason".into(), reason.name().into());
        }
        let from_record = self.update_row("rounds", &round.address, change, ix).await?;
        if slashed && from_record {
            sqlx::query("UPDATE rounds SET slashed_units = bond_units, bond_units = 0 WHERE address = $1")
                .bind(&round.address)
                .execute(self.conn())
                .await?;
        }
        self.count("rounds_void", 1);
        self.feed_void(&round, reason, ix);
        self.pools.insert(round.lottery.clone(), round.lottery_id);
        round.status = RoundStatus::Void.name().into();
        self.rounds.insert(round.address.clone(), round);
        Ok(())
    }
}
