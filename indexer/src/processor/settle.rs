//! What entries won.

use lottery_interface::{accounts::Round, kinds::RoundStatus};
use lottery_rules::picks::Picks;
use serde_json::{Value, json};
use sqlx::Row;

use super::{
    kinds::Unsettled,
    rewards::Done,
    view::{PageView, RoundView},
    work::{Fault, Ix, Work, key, number, poison},
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
        self.done = Done { steps: (to == page.count) as u64, items: (to - from) as u64 };
        self.pages.insert(page.address.clone(), page.clone());
        self.settled(&round, &page, (from, to), ix).await?;
        // Without a result, `finalise` settles once it brings one.
        self.settle_entries(&round, &page, from, to, ix).await
    }

    /// Gives entries `from..to` of a page what they won.
    pub async fn settle_entries(
        &mut self,
        round: &RoundView,
        page: &PageView,
        from: i64,
        to: i64,
        ix: &Ix,
    ) -> Result<(), Fault> {
        if let Some(rules) = round.rules.raffle() {
            return self.settle_keys(round, rules, page, (from, to), ix).await;
        }
        let Some(decider) = round.decider else { return Ok(()) };
        self.flush_entries().await?;
        let book = self.book(round, Some(decider)).await?;
        let entries = self.unsettled(&page.address, from, to).await?;
        let winners: Vec<Value> = {
            let settler = round.rules.settler(&decider, page.sequence as u32, &book);
            let won = entries.iter().filter_map(|entry| Some((entry.index, settler(entry)?)));
            let rows = won.map(|(index, won)| {
                json!({
                    "index": index,
                    "tier": won.tier,
                    "multiplier_bps": won.multiplier_bps,
                    "prize_units": won.prize_units,
                })
            });
            rows.collect()
        };
        sqlx::query(
            "UPDATE entries SET settled_slot = $4, prize_units = 0 WHERE page = $1 AND index >= $2 AND index < $3",
        )
        .bind(&page.address)
        .bind(from)
        .bind(to)
        .bind(ix.slot)
        .execute(self.conn())
        .await?;
        if !winners.is_empty() {
            sqlx::query(
                "UPDATE entries e SET tier = n.tier, multiplier_bps = n.multiplier_bps, prize_units = n.prize_units
                 FROM jsonb_populate_recordset(NULL::entries, $1::TEXT::JSONB) n
                 WHERE e.page = $2 AND e.index = n.index",
            )
            .bind(Value::from(winners).to_string())
            .bind(&page.address)
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    /// Which entries an instruction settled.
    async fn settled(
        &mut self,
        round: &RoundView,
        page: &PageView,
        (first, end): (i64, i64),
        ix: &Ix,
    ) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO settlements (signature, path, round, page, first_index, end_index, slot)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&ix.signature)
        .bind(&ix.path)
        .bind(&round.address)
        .bind(&page.address)
        .bind(first)
        .bind(end)
        .bind(ix.slot)
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Entries `from..to` of a page.
    pub async fn unsettled(&mut self, page: &str, from: i64, to: i64) -> Result<Vec<Unsettled>, Fault> {
        let rows = sqlx::query(
            "SELECT index, picks, bonus, spots, stake_units::TEXT AS stake_units
             FROM entries WHERE page = $1 AND index >= $2 AND index < $3 ORDER BY index",
        )
        .bind(page)
        .bind(from)
        .bind(to)
        .fetch_all(self.conn())
        .await?;
        let entries = rows.iter().map(|row| {
            Ok(Unsettled {
                index: row.try_get("index")?,
                picks: picks_of(&row.try_get::<Vec<u8>, _>("picks")?),
                bonus: row.try_get::<i16, _>("bonus")? as u8,
                spots: row.try_get::<i16, _>("spots")? as u8,
                stake_units: number(row.try_get("stake_units")?),
            })
        });
        entries.collect()
    }

    /// What decides a round's entries as its account says, when it was read after the draw.
    pub fn read_decider(&self, round: &RoundView) -> Option<[u8; 32]> {
        let account = self.read::<Round>(&round.address)?;
        let drawn = [RoundStatus::Drawn as u8, RoundStatus::Final as u8].contains(&account.status);
        drawn.then(|| round.rules.decider(&account))
    }
}

/// Picks from the 16 bytes of an entry.
pub fn picks_of(bytes: &[u8]) -> Picks {
    bytes.get(..16).map(bytemuck::pod_read_unaligned).unwrap_or_default()
}
