//! What the handlers know of rounds and pages: as the record before an instruction left them.

use lottery_interface::{Kind, rewards::worst_case_lamports};
use sqlx::{Row, postgres::PgRow};

use super::{
    kinds::{Rules, prediction},
    work::{Fault, Work, number, poison},
};

/// What the handlers know of a round.
#[derive(Debug, Clone)]
pub struct RoundView {
    pub address: String,
    pub lottery: String,
    pub lottery_id: i64,
    pub index: i64,
    pub status: String,
    /// Where its config says that randomness comes from.
    pub source: String,
    pub stake_units: u64,
    /// Once drawn: see [`Rules::decider`]. `None` then: neither account nor log told.
    pub decider: Option<[u8; 32]>,
    /// The random value, once posted. `None` then: neither account nor record told.
    pub value: Option<[u8; 32]>,
    /// Markets: what came true, once attested.
    pub outcome: Option<u8>,
    pub is_last: bool,
    pub refund_all: bool,
    pub entered_count: i64,
    pub entered_units: u128,
    pub rules: Rules,
    pub fee_bps: u16,
    pub rewards: Rewards,
    /// Entries came or rewards were paid since the last flush.
    pub dirty: bool,
}

/// What cranking a round pays.
#[derive(Debug, Clone, Copy)]
pub struct Rewards {
    pub step_lamports: u64,
    pub item_lamports: u64,
    /// Reserved when the round opened, and deposits of wrong rankings since.
    pub reserve_lamports: u64,
    pub spent_lamports: u64,
}

impl Rewards {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let count = |name: &str| row.try_get::<Option<i64>, _>(name).map(|n| n.unwrap_or(0) as u32);
        let (step, item) = (count("reward_step_lamports")?, count("reward_item_lamports")?);
        let kind = Kind::from_name(row.try_get("kind")?).map_or(0, |kind| kind as u8);
        let reserve = worst_case_lamports(kind, count("max_pages")?, count("max_entries")?, step, item);
        let stored: Option<String> = row.try_get("reserve")?;
        let reserve = stored.and_then(|lamports| lamports.parse().ok()).or(reserve).unwrap_or(u64::MAX);
        Ok(Rewards {
            step_lamports: step as u64,
            item_lamports: item as u64,
            reserve_lamports: reserve.saturating_add(number(row.try_get("lost_deposits")?)),
            spent_lamports: number(row.try_get("crank_spent")?),
        })
    }

    /// What is paid for so much done: no more than is left.
    pub fn pay(&mut self, steps: u64, items: u64) -> u64 {
        let due =
            steps.saturating_mul(self.step_lamports).saturating_add(items.saturating_mul(self.item_lamports));
        let paid = due.min(self.reserve_lamports.saturating_sub(self.spent_lamports));
        self.spent_lamports += paid;
        paid
    }
}

impl RoundView {
    pub fn topic(&self) -> String {
        format!("lottery/{}", self.lottery_id)
    }

    pub fn pool_units(&self) -> u64 {
        u64::try_from(self.entered_units).unwrap_or(u64::MAX)
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
    /// House games: the highest prizes of its entries, together.
    pub liability_units: u64,
    pub dirty: bool,
}

impl Work<'_> {
    /// The round at an address, as the record before this instruction left it.
    pub async fn round(&mut self, address: &str) -> Result<RoundView, Fault> {
        if let Some(round) = self.rounds.get(address) {
            return Ok(round.clone());
        }
        let found = sqlx::query(
            "SELECT r.lottery, r.lottery_id, r.index, r.status, r.result, r.seed, r.value, r.entered_count,
                    r.entered_units::TEXT AS entered_units, COALESCE(r.is_last, FALSE) AS is_last,
                    COALESCE(r.refund_all, FALSE) AS refund_all, r.max_pages, r.max_entries,
                    r.reward_step_lamports, r.reward_item_lamports, r.crank_spent_lamports::TEXT AS crank_spent,
                    r.reserve_lamports::TEXT AS reserve, r.lost_deposits_lamports::TEXT AS lost_deposits,
                    c.kind, c.source, c.stake_units::TEXT AS stake_units, c.rules, c.fee_bps
             FROM rounds r JOIN configs c ON c.address = r.config WHERE r.address = $1",
        )
        .bind(address)
        .fetch_optional(self.conn())
        .await?;
        let Some(row) = found else {
            return poison(format!("round {address} was never opened in the record"));
        };
        let (kind, rules): (String, Vec<u8>) = (row.try_get("kind")?, row.try_get("rules")?);
        let Some(rules) = Rules::read(&kind, &rules) else {
            return poison(format!("round {address} has rules of a kind that this version does not know"));
        };
        let status: String = row.try_get("status")?;
        let drawn = status == "drawn" || status == "final";
        let stored = |bytes: Option<Vec<u8>>| -> Option<[u8; 32]> {
            bytes.filter(|bytes| bytes.iter().any(|byte| *byte != 0))?.try_into().ok()
        };
        let value = stored(row.try_get("value")?).filter(|_| drawn || status == "valued");
        let decider: Option<Vec<u8>> = row.try_get(rules.decider_column())?;
        // Zeros are a market's first outcome: there the value says whether it is known.
        let market = value.filter(|_| rules.market().is_some()).and(decider.as_ref());
        let outcome = market.and_then(|result| result.first().copied());
        let decider = match rules.market() {
            Some(_) => outcome.map(prediction::result),
            None => stored(decider),
        };
        let decider = decider.filter(|_| drawn);
        let view = RoundView {
            address: address.to_string(),
            lottery: row.try_get("lottery")?,
            lottery_id: row.try_get("lottery_id")?,
            index: row.try_get("index")?,
            source: row.try_get("source")?,
            stake_units: number(row.try_get("stake_units")?),
            decider,
            value,
            outcome,
            is_last: row.try_get("is_last")?,
            refund_all: row.try_get("refund_all")?,
            entered_count: row.try_get("entered_count")?,
            entered_units: number(row.try_get("entered_units")?),
            fee_bps: row.try_get::<i32, _>("fee_bps")? as u16,
            rewards: Rewards::read(&row)?,
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
            "SELECT sequence, record_count, record_digest, record_settled,
                    record_liability_units::TEXT AS liability
             FROM pages WHERE address = $1",
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
            liability_units: number(row.try_get("liability")?),
            dirty: false,
        };
        self.pages.insert(address.to_string(), view.clone());
        Ok(view)
    }
}
