//! What the handlers know of rounds and pages: as the record before an instruction left them.

use lottery_interface::accounts::DrawRules;
use lottery_rules::draw::Tier;
use sqlx::Row;

use super::work::{Fault, Work, number, poison};

/// What the handlers know of a round.
#[derive(Debug, Clone)]
pub struct RoundView {
    pub address: String,
    pub lottery: String,
    pub lottery_id: i64,
    pub index: i64,
    pub status: String,
    pub stake_units: u64,
    pub result: Option<[u8; 32]>,
    pub is_last: bool,
    pub refund_all: bool,
    pub entered_count: i64,
    pub entered_units: u128,
    pub rules: DrawRules,
    pub fee_bps: u16,
    /// Entries came since the last flush.
    pub dirty: bool,
}

impl RoundView {
    pub fn tiers(&self) -> Vec<Tier> {
        let stored = self.rules.tiers.iter().take(self.rules.tier_count as usize);
        stored.map(|t| Tier { matches: t.matches, bonus: t.bonus, share_bps: t.share_bps }).collect()
    }

    pub fn topic(&self) -> String {
        format!("lottery/{}", self.lottery_id)
    }
}

/// What the handlers know of a page.
#[derive(Debug, Clone)]
pub struct PageView {
    pub address: String,
    pub sequence: i64,
    pub count: i64,
    pub digest: [u8; 32],
    pub settled: i64,
    pub dirty: bool,
}

impl Work<'_> {
    /// The round at an address, as the record before this instruction left it.
    pub async fn round(&mut self, address: &str) -> Result<RoundView, Fault> {
        if let Some(round) = self.rounds.get(address) {
            return Ok(round.clone());
        }
        let found = sqlx::query(
            "SELECT r.lottery, r.lottery_id, r.index, r.status, r.result, r.entered_count,
                    r.entered_units::TEXT AS entered_units, COALESCE(r.is_last, FALSE) AS is_last,
                    COALESCE(r.refund_all, FALSE) AS refund_all,
                    c.stake_units::TEXT AS stake_units, c.rules, c.fee_bps
             FROM rounds r JOIN configs c ON c.address = r.config WHERE r.address = $1",
        )
        .bind(address)
        .fetch_optional(self.conn())
        .await?;
        let Some(row) = found else {
            return poison(format!("round {address} was never opened in the record"));
        };
        let status: String = row.try_get("status")?;
        let rules: Vec<u8> = row.try_get("rules")?;
        let Some(rules) = rules.get(..size_of::<DrawRules>()).map(bytemuck::pod_read_unaligned) else {
            return poison(format!("round {address} has rules of a kind that this version does not know"));
        };
        let drawn = status == "drawn" || status == "final";
        let result: Option<Vec<u8>> = row.try_get("result")?;
        let view = RoundView {
            address: address.to_string(),
            lottery: row.try_get("lottery")?,
            lottery_id: row.try_get("lottery_id")?,
            index: row.try_get("index")?,
            stake_units: number(row.try_get("stake_units")?),
            result: result.filter(|_| drawn).and_then(|bytes| bytes.try_into().ok()),
            is_last: row.try_get("is_last")?,
            refund_all: row.try_get("refund_all")?,
            entered_count: row.try_get("entered_count")?,
            entered_units: number(row.try_get("entered_units")?),
            fee_bps: row.try_get::<i32, _>("fee_bps")? as u16,
            status,
            rules,
            dirty: false,
        };
        self.rounds.insert(address.to_string(), view.clone());
        Ok(view)
    }

    /// The page at an address, as the record before this instruction left it.
    pub async fn page(&mut self, address: &str) -> Result<PageView, Fault> {
        if let Some(page) = self.pages.get(address) {
            return Ok(page.clone());
        }
        let found = sqlx::query(
            "SELECT sequence, record_count, record_digest, record_settled FROM pages WHERE address = $1",
        )
        .bind(address)
        .fetch_optional(self.conn())
        .await?;
        let Some(row) = found else {
            return poison(format!("page {address} was never opened in the record"));
        };
        let digest: Vec<u8> = row.try_get("record_digest")?;
        let view = PageView {
            address: address.to_string(),
            sequence: row.try_get("sequence")?,
            count: row.try_get("record_count")?,
            digest: digest.try_into().unwrap_or_default(),
            settled: row.try_get("record_settled")?,
            dirty: false,
        };
        self.pages.insert(address.to_string(), view.clone());
        Ok(view)
    }
}
