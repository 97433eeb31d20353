//! Compares what was derived with what the chain holds. A difference is a bug or a hole in the record: a hole is read
//! again, everything else goes before a person.

use lottery_interface::{
    accounts::{Page, Round},
    tags,
};
use sqlx::Row;

use super::{
    Placed,
    work::{Fault, Work, key},
};

impl Work<'_> {
    /// Every page that was read against its entries. Gives the slot to read again from, if entries are missing.
    pub async fn check_pages(&mut self, placed: &[Placed]) -> Result<Option<u64>, Fault> {
        let read: Vec<String> =
            self.reads.keys().filter(|address| self.pages.contains_key(*address)).cloned().collect();
        for address in read {
            let (Some(account), Some(page)) = (self.read::<Page>(&address), self.pages.get(&address)) else {
                continue;
            };
            // The account may be ahead of the record, never behind.
            let (count, same_digest) = (page.count, account.digest == page.digest);
            let same_liability = account.liability_units == page.liability_units;
            let slot = self.reads.get(&address).map_or(0, |read| read.slot as i64);
            if (account.count as i64) < count {
                let reason = format!("the page holds {} entries, the record {count}", account.count);
                self.mismatch(None, &address, slot, reason);
            } else if account.count as i64 == count && !same_digest {
                self.mismatch(None, &address, slot, "the entries of the record have another digest".into());
            } else if account.count as i64 == count && !same_liability {
                self.mismatch(
                    None,
                    &address,
                    slot,
                    "the entries of the record have another liability".into(),
                );
            }
        }
        self.find_gap(placed).await
    }

    /// Rewards paid out of every round that was read. The account may be ahead of the record, never behind.
    pub fn check_rewards(&mut self) {
        let mut behind = Vec::new();
        for (address, round) in &self.rounds {
            let Some(account) = self.read::<Round>(address) else { continue };
            let left = round.rewards.reserve_lamports.saturating_sub(round.rewards.spent_lamports);
            if account.crank_lamports > left {
                behind.push((address.clone(), account.crank_lamports, left));
            }
        }
        for (address, held, left) in behind {
            let slot = self.reads.get(&address).map_or(0, |read| read.slot as i64);
            let reason = format!("the round holds {held} lamports of rewards, by the record {left} are left");
            self.mismatch(None, &address, slot, reason);
        }
    }

    /// Once a round is drawn nobody can enter it: a page that then has more entries than the record shows that the
    /// record has a hole.
    async fn find_gap(&mut self, placed: &[Placed]) -> Result<Option<u64>, Fault> {
        let drawn = placed.iter().filter_map(|placed| placed.decoded.as_ref().ok());
        let drawn: Vec<String> =
            drawn.filter(|d| d.tag == tags::DRAW).map(|d| key(d, "round")).collect::<Result<_, _>>()?;
        if drawn.is_empty() {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT min(first_slot) AS from_slot, sum(count - record_count)::BIGINT AS missing FROM pages
             WHERE round = ANY($1) AND count > record_count AND closed_at_slot IS NULL",
        )
        .bind(drawn)
        .fetch_one(self.conn())
        .await?;
        let from: Option<i64> = row.try_get("from_slot")?;
        if let Some(from) = from {
            let missing: Option<i64> = row.try_get("missing")?;
            tracing::error!(from, missing, "entries are missing in the record: reading it again");
        }
        Ok(from.map(|slot| slot as u64))
    }
}
