//! The tiers that entries won.

use std::collections::BTreeMap;

use lottery_interface::{accounts::Round, kinds::RoundStatus};
use lottery_rules::{
    draw::TierTable,
    picks::{self, Picks},
};
use sqlx::Row;

use super::{
    feed::drawn,
    view::RoundView,
    work::{Fault, Ix, Work, key, poison},
};
use crate::decoder::{Args, Decoded};

impl Work<'_> {
    pub async fn settle(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::Settle { limit } = decoded.args else { return poison("settle without a limit") };
        let round = self.round(&key(decoded, "round")?).await?;
        let mut page = self.page(&key(decoded, "page")?).await?;
        let (from, to) = (page.settled, page.count.min(page.settled + limit as i64));
        page.settled = to;
        page.dirty = true;
        self.pages.insert(page.address.clone(), page.clone());
        // Without a result, `finalise` settles once it brings one.
        self.settle_entries(&round, &page.address, from, to, ix).await
    }

    /// Gives entries `from..to` of a page their tiers.
    pub async fn settle_entries(
        &mut self,
        round: &RoundView,
        page: &str,
        from: i64,
        to: i64,
        ix: &Ix,
    ) -> Result<(), Fault> {
        let Some(result) = round.result else { return Ok(()) };
        self.flush_entries().await?;
        let rows = sqlx::query(
            "SELECT index, picks, bonus FROM entries WHERE page = $1 AND index >= $2 AND index < $3",
        )
        .bind(page)
        .bind(from)
        .bind(to)
        .fetch_all(self.conn())
        .await?;
        let table = TierTable::new(&round.tiers());
        let (drawn, bonus) = drawn(&result);
        let mut winners: BTreeMap<u8, Vec<i64>> = BTreeMap::new();
        for row in rows {
            let entry_bonus: i16 = row.try_get("bonus")?;
            let matches = picks::matches(&picks_of(&row.try_get::<Vec<u8>, _>("picks")?), &drawn);
            let tier = table.tier(matches, bonus != 0 && entry_bonus == bonus as i16);
            if tier != 0 {
                winners.entry(tier).or_default().push(row.try_get("index")?);
            }
        }
        sqlx::query("UPDATE entries SET settled_slot = $4 WHERE page = $1 AND index >= $2 AND index < $3")
            .bind(page)
            .bind(from)
            .bind(to)
            .bind(ix.slot)
            .execute(self.conn())
            .await?;
        for (tier, indexes) in winners {
            sqlx::query("UPDATE entries SET tier = $1 WHERE page = $2 AND index = ANY($3)")
                .bind(tier as i16)
                .bind(page)
                .bind(indexes)
                .execute(self.conn())
                .await?;
        }
        Ok(())
    }

    /// The result of a round as its account says, when it was read after the draw.
    pub fn read_result(&self, round: &str) -> Option<[u8; 32]> {
        let account = self.read::<Round>(round)?;
        let drawn = [RoundStatus::Drawn as u8, RoundStatus::Final as u8].contains(&account.status);
        drawn.then_some(account.result)
    }
}

/// Picks from the 16 bytes of an entry.
pub fn picks_of(bytes: &[u8]) -> Picks {
    bytes.get(..16).map(bytemuck::pod_read_unaligned).unwrap_or_default()
}
