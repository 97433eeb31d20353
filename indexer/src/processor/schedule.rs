//! When rounds lock, where the record alone tells: on a timetable. Elsewhere the account tells and, in a market, every
//! attestation.

use lottery_interface::args::LimitsArgs;
use serde_json::json;

use super::{
    kinds::Rules,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work},
};
use crate::rows::Columns;

/// The timetable's first time after `newest` that is at least a sixteenth of a period after `now`, as the program has it.
/// `None`: rounds follow each other instead.
fn lock_after(limits: &LimitsArgs, now: i64, newest: i64) -> Option<i64> {
    let period = limits.period_seconds as i64;
    if limits.lock_offset_seconds == 0 || period == 0 {
        return None;
    }
    let offset = limits.lock_offset_seconds as i64 % period;
    let from = newest.saturating_add(1).max(now.saturating_add(period / 16).saturating_add(1));
    Some(from.saturating_add((offset - from).rem_euclid(period)))
}

/// The times of a round that locks then; other kinds than markets wait for no event.
fn lock_columns(rules: &Rules, locks_at: Option<i64>) -> Columns {
    let delay = rules.market().map(|market| market.rules.event_delay_seconds as i64);
    let event_at = delay.map_or(Some(0), |delay| locks_at.map(|at| at.saturating_add(delay)));
    columns(json!({ "locks_at": locks_at, "event_at": event_at }))
}

impl Work<'_> {
    /// When a round locks that opens under these limits. `index`: the round's.
    pub async fn opened_lock(
        &mut self,
        rules: &Rules,
        limits: &LimitsArgs,
        lottery: &str,
        index: i64,
        ix: &Ix,
    ) -> Result<Columns, Fault> {
        let newest = self.newest_lock(lottery, index - 1).await?;
        let times = newest.zip(ix.block_at);
        Ok(lock_columns(rules, times.and_then(|(newest, now)| lock_after(limits, now, newest))))
    }

    /// The new lock of a round that was empty. What the row says is from before, so what the record does not tell is
    /// forgotten, if an event depends on it.
    pub async fn retimed_lock(&mut self, round: &RoundView, ix: &Ix) -> Result<Option<Columns>, Fault> {
        let Some(limits) = self.limits(&round.lottery, ix).await? else { return Ok(None) };
        let next: Option<i32> = sqlx::query_scalar("SELECT 1 FROM rounds WHERE lottery = $1 AND index = $2")
            .bind(&round.lottery)
            .bind(round.index + 1)
            .fetch_optional(self.conn())
            .await?;
        // Of the newest two, the older goes after the newer, and the newer after both.
        let newest = match next {
            Some(_) => self.locks_at(&round.lottery, round.index + 1).await?,
            None => self.newest_lock(&round.lottery, round.index).await?,
        };
        let times = newest.zip(ix.block_at);
        let locks_at = times.and_then(|(newest, now)| lock_after(&limits, now, newest));
        let known = locks_at.is_some() || round.rules.market().is_some();
        Ok(known.then(|| lock_columns(&round.rules, locks_at)))
    }

    /// The later lock of a round and of the one before it; 0 before there was any.
    async fn newest_lock(&mut self, lottery: &str, index: i64) -> Result<Option<i64>, Fault> {
        let mut newest = Some(0);
        for index in (index - 1).max(0)..=index {
            let locks_at = self.locks_at(lottery, index).await?;
            newest = newest.zip(locks_at).map(|(newest, locks_at)| newest.max(locks_at));
        }
        Ok(newest)
    }

    /// When a round locks, as far as the record has told; a pause cut it short.
    async fn locks_at(&mut self, lottery: &str, index: i64) -> Result<Option<i64>, Fault> {
        let locks_at: Option<Option<i64>> = sqlx::query_scalar(
            "SELECT CASE WHEN void_reason = 'paused' THEN LEAST(locks_at, final_at) ELSE locks_at END
             FROM rounds WHERE lottery = $1 AND index = $2",
        )
        .bind(lottery)
        .bind(index)
        .fetch_optional(self.conn())
        .await?;
        Ok(locks_at.flatten())
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    fn limits(period_seconds: u32, lock_offset_seconds: u32) -> LimitsArgs {
        LimitsArgs { period_seconds, lock_offset_seconds, ..Zeroable::zeroed() }
    }

    #[test]
    fn a_timetable_names_the_next_lock() {
        let daily = limits(86_400, 75_600); // at 21:00
        let day = 19_675 * 86_400;
        assert_eq!(lock_after(&daily, day, 0), Some(day + 75_600));
        // Too near: tomorrow. A sixteenth of a day is an hour and a half.
        assert_eq!(lock_after(&daily, day + 75_600 - 5_400, 0), Some(day + 86_400 + 75_600));
        assert_eq!(lock_after(&daily, day + 75_600 - 5_401, 0), Some(day + 75_600));
        // After the one that is open.
        assert_eq!(lock_after(&daily, day, day + 75_600), Some(day + 86_400 + 75_600));
        // An offset of a whole period: multiples of it.
        assert_eq!(lock_after(&limits(60, 60), 1_000, 0), Some(1_020));
        assert_eq!(lock_after(&limits(60, 0), 1_000, 0), None);
    }
}
