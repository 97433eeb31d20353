//! Rounds.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    market::{self, MarketColumns, RoundMarket, market_columns},
    raffle::{RaffleColumns, RoundRaffle, raffle_columns, raffle_rules},
    randomness::{RoundRandomness, round_randomness, round_sources},
    result::RoundResult,
    tier::{self, Shape, Tier},
    units::Units,
};

/// A round in a list.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct RoundBrief {
    pub lottery_id: i64,
    pub index: i64,
    pub address: String,
    pub kind: String,
    /// open, valued, drawn, final or void. An open round is locked once `locks_at` has passed.
    #[schema(example = "open")]
    pub status: String,
    /// Why it is void; none otherwise.
    pub void_reason: String,
    pub mint: String,
    /// What decides it.
    #[sqlx(flatten)]
    pub randomness: RoundRandomness,
    /// Entries need a time before this, in unix seconds.
    pub locks_at: i64,
    /// Entries need a slot before this.
    pub lock_slot: i64,
    pub opened_at: i64,
    pub drawn_at: Option<i64>,
    pub final_at: Option<i64>,
    /// Price of one entry; 0 where players choose their stake ...
    pub stake_units: Units,
    /// ... between these two.
    pub min_stake_units: Units,
    pub max_stake_units: Units,
    /// Entries so far, by the record; `entries` counts only those on sealed pages.
    pub entered_count: i64,
    pub entered_units: Units,
    /// Jackpot that this round's top tier won or carried.
    pub jackpot_in_units: Units,
    /// Prizes of settled pages; once final, all prizes of the round.
    pub prizes_units: Units,
    /// House games: reserved from the bankroll by this round's pages.
    pub budget_units: Units,
    /// House games: highest prizes of the entries on sealed pages, together.
    pub liability_units: Units,
    /// What it drew; absent before, and for instant games, whose entries have an outcome each.
    #[sqlx(skip)]
    pub result: Option<RoundResult>,
    /// The column that `result` is read from.
    #[serde(skip)]
    pub result_data: Vec<u8>,
    pub winners_total: i64,
    pub winners_paid: i64,
    pub refunded: i64,
    /// Nobody won and nothing rolls over: stakes are refunded. In a market: nobody was right, or nobody wrong.
    pub refund_all: bool,
    /// Kind prediction only.
    #[sqlx(skip)]
    #[serde(flatten)]
    #[schema(value_type = RoundMarket)]
    pub market: Option<RoundMarket>,
    /// What `market` is made from.
    #[serde(skip)]
    #[sqlx(flatten)]
    pub columns: MarketColumns,
    /// Kind raffle only.
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raffle: Option<RoundRaffle>,
    /// What `raffle` is made from.
    #[serde(skip)]
    #[sqlx(flatten)]
    pub raffle_columns: RaffleColumns,
}

/// A round with everything that it takes to check it.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Round {
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub brief: RoundBrief,
    pub config_version: i64,
    pub source: String,
    pub opened_slot: i64,
    /// Commit-reveal: the first produced slot from here on is captured.
    pub target_slot: i64,
    pub captured_slot: Option<i64>,
    /// Prizes and refunds expire.
    pub claim_until: Option<i64>,
    /// Money in the round's box now.
    pub cash_units: Units,
    /// Stakes on sealed pages.
    pub pool_units: Units,
    pub fee_units: Units,
    pub bond_units: Units,
    /// Part of `cash_units` that came from a slashed bond.
    pub slashed_units: Units,
    /// Refunds pay this beyond the stake.
    pub bonus_each_units: Units,
    /// Entries on sealed pages.
    pub entries: i64,
    pub max_entries: i64,
    /// 0: no limit.
    pub max_entries_per_player: i64,
    pub page_count: i64,
    pub pages_sealed: i64,
    pub pages_settled: i64,
    pub pages_closed: i64,
    /// House games: what each page reserves, and all pages together at most.
    pub page_budget_units: Units,
    pub max_liability_units: Units,
    pub fee_bps: i32,
    pub is_last: bool,
    /// Numbers picked of `numbers`, and balls in the bonus drum; 0 for other kinds.
    pub picks: i16,
    pub numbers: i16,
    pub bonus_numbers: i16,
    /// Digests in hex; absent until they exist.
    pub commit: Option<String>,
    pub reveal: Option<String>,
    pub slot_hash: Option<String>,
    pub value: Option<String>,
    pub seed: Option<String>,
    pub sealed_digest: Option<String>,
    #[sqlx(skip)]
    pub tiers: Vec<Tier>,
    /// The account is closed: its rent is returned and nothing is owed.
    pub closed: bool,
    /// The account was gone before it could be read in its last state: some fields may be missing.
    pub incomplete: bool,
}

macro_rules! brief_columns {
    () => {
        concat!(
            round_randomness!(),
            ", ",
            market_columns!(),
            ", ",
            raffle_columns!(),
            ", r.address, coalesce(r.lottery_id, 0) AS lottery_id, coalesce(r.index, 0) AS index,
         coalesce(r.kind, 'unknown') AS kind, coalesce(r.status, 'open') AS status,
         coalesce(r.void_reason, 'none') AS void_reason, coalesce(r.mint, '') AS mint,
         coalesce(r.locks_at, 0) AS locks_at, coalesce(r.lock_slot, 0) AS lock_slot,
         coalesce(r.opened_at, 0) AS opened_at, r.drawn_at, nullif(r.final_at, 0) AS final_at,
         coalesce(r.stake_units, 0)::text AS stake_units,
         coalesce(r.min_stake_units, 0)::text AS min_stake_units,
         coalesce(r.max_stake_units, 0)::text AS max_stake_units,
         coalesce(r.prizes_units, 0)::text AS prizes_units, coalesce(r.budget_units, 0)::text AS budget_units,
         coalesce(r.liability_units, 0)::text AS liability_units, r.entered_count,
         r.entered_units::text AS entered_units, coalesce(r.jackpot_in_units, 0)::text AS jackpot_in_units,
         coalesce(r.result, '') AS result_data, coalesce(r.winners_total, 0) AS winners_total,
         coalesce(r.winners_paid, 0) AS winners_paid, coalesce(r.refunded, 0) AS refunded,
         coalesce(r.refund_all, FALSE) AS refund_all"
        )
    };
}

impl RoundBrief {
    /// Reads the result from its column.
    fn complete(mut self) -> Self {
        self.result = RoundResult::new(&self.kind, &self.status, &self.result_data);
        if self.kind == "raffle" {
            self.raffle = Some(RoundRaffle::new(&self.raffle_columns, &self.status, self.final_at));
        }
        self
    }

    pub fn is_market(&self) -> bool {
        self.kind == "prediction"
    }

    /// The outcome that came true, as soon as a quorum attested it.
    pub fn winning_outcome(&self) -> Option<u8> {
        let decided = matches!(self.status.as_str(), "valued" | "drawn" | "final");
        let known = self.is_market() && decided && self.columns.has_value;
        self.result_data.first().copied().filter(|_| known)
    }

    /// Whether there is something to see: numbers, or the outcomes of instant entries.
    pub fn is_drawn(&self) -> bool {
        self.result.is_some() || (self.kind == "instant" && matches!(self.status.as_str(), "drawn" | "final"))
    }
}

/// Rounds of a lottery below index `before`, newest first.
pub async fn list(
    connection: &mut PgConnection,
    lottery_id: i64,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<RoundBrief>> {
    let rows: Vec<RoundBrief> = sqlx::query_as(concat!(
        "SELECT ",
        brief_columns!(),
        " FROM rounds r",
        round_sources!(),
        raffle_rules!(),
        "WHERE r.lottery_id = $1 AND r.index < $2 ORDER BY r.index DESC LIMIT $3"
    ))
    .bind(lottery_id)
    .bind(before)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let mut rounds: Vec<RoundBrief> = rows.into_iter().map(RoundBrief::complete).collect();
    market::complete(connection, rounds.iter_mut().collect()).await?;
    Ok(rounds)
}

/// The newest dozen rounds of each lottery: they hold every live one, for two take entries and the keeper
/// finishes the rest in turn. Markets are without their pools.
pub async fn newest_of_each(
    connection: &mut PgConnection,
    lottery_ids: &[i64],
) -> sqlx::Result<Vec<RoundBrief>> {
    let rows: Vec<RoundBrief> = sqlx::query_as(concat!(
        "SELECT ",
        brief_columns!(),
        " FROM unnest($1::bigint[]) AS l(id)
          CROSS JOIN LATERAL (
              SELECT * FROM rounds n WHERE n.lottery_id = l.id ORDER BY n.index DESC LIMIT 12
          ) AS r",
        round_sources!(),
        raffle_rules!(),
        "ORDER BY r.lottery_id, r.index DESC"
    ))
    .bind(lottery_ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(RoundBrief::complete).collect())
}

/// One round in full.
pub async fn get(connection: &mut PgConnection, lottery_id: i64, index: i64) -> sqlx::Result<Option<Round>> {
    let round: Option<Round> = sqlx::query_as(concat!(
        "SELECT ",
        brief_columns!(),
        ", coalesce(r.config_version, 0) AS config_version, coalesce(r.source, 'unknown') AS source,
           coalesce(r.opened_slot, 0) AS opened_slot, coalesce(r.target_slot, 0) AS target_slot,
           nullif(r.captured_slot, 0) AS captured_slot, nullif(r.claim_until, 0) AS claim_until,
           coalesce(r.cash_units, 0)::text AS cash_units, coalesce(r.pool_units, 0)::text AS pool_units,
           coalesce(r.fee_units, 0)::text AS fee_units, coalesce(r.bond_units, 0)::text AS bond_units,
           coalesce(r.slashed_units, 0)::text AS slashed_units,
           coalesce(r.bonus_each_units, 0)::text AS bonus_each_units,
           coalesce(r.entries, 0) AS entries, coalesce(r.max_entries, 0) AS max_entries,
           coalesce(r.max_entries_per_player, 0) AS max_entries_per_player,
           coalesce(r.page_count, 0) AS page_count, coalesce(r.pages_sealed, 0) AS pages_sealed,
           coalesce(r.pages_settled, 0) AS pages_settled, coalesce(r.pages_closed, 0) AS pages_closed,
           coalesce(r.page_budget_units, 0)::text AS page_budget_units,
           coalesce(r.max_liability_units, 0)::text AS max_liability_units,
           coalesce(r.fee_bps, 0) AS fee_bps, coalesce(r.is_last, FALSE) AS is_last,
           coalesce(r.picks, 0::smallint) AS picks, coalesce(r.numbers, 0::smallint) AS numbers,
           coalesce(r.bonus_numbers, 0::smallint) AS bonus_numbers,
           nullif(encode(r.commit, 'hex'), repeat('00', 32)) AS commit,
           nullif(encode(r.reveal, 'hex'), repeat('00', 32)) AS reveal,
           nullif(encode(r.slot_hash, 'hex'), repeat('00', 32)) AS slot_hash,
           nullif(encode(r.value, 'hex'), repeat('00', 32)) AS value,
           nullif(encode(r.seed, 'hex'), repeat('00', 32)) AS seed,
           nullif(encode(r.sealed_digest, 'hex'), repeat('00', 32)) AS sealed_digest,
           r.closed_at_slot IS NOT NULL AS closed, r.incomplete
         FROM rounds r",
        round_sources!(),
        raffle_rules!(),
        "WHERE r.lottery_id = $1 AND r.index = $2"
    ))
    .bind(lottery_id)
    .bind(index)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(mut round) = round else { return Ok(None) };
    round.brief = round.brief.complete();
    market::complete(connection, vec![&mut round.brief]).await?;
    let shape = Shape::new(round.picks, round.numbers, round.bonus_numbers);
    round.tiers = tier::of_round(connection, &round.brief.address, shape).await?;
    Ok(Some(round))
}
