//! Entries of a round: what everybody played and won.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    market,
    raffle::{place_status, raffle_rules},
    units::Units,
};

/// An entry as everyone sees it.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct RoundEntry {
    /// Order of indexing: the key of cursors.
    #[serde(skip)]
    pub id: i64,
    pub page_sequence: i64,
    /// Place on the page.
    pub index: i64,
    pub wallet: String,
    pub owner: String,
    /// The numbers played; none for instant games.
    pub numbers: Vec<i16>,
    /// Absent when the game has no bonus drum.
    pub bonus: Option<i16>,
    /// Keno: how many numbers are picked; 0 for other kinds.
    pub spots: i16,
    pub quick_pick: bool,
    pub stake_units: Units,
    /// Whether its outcome is known.
    pub settled: bool,
    /// Tier won, from 1; 0: none, or not settled yet. Keno: matches and one more; instant: row of the prize table;
    /// prediction: 1 won, 2 lost and a part of the stake was not matched.
    pub tier: i16,
    /// House games: the prize won, in parts of 10,000 of the stake.
    pub multiplier_bps: i64,
    /// What it won; absent before it is known. Prediction: all that it gets back, its stake or the part of it included;
    /// also when every stake comes back.
    pub prize_units: Option<Units>,
    /// Prediction: the outcome that it is on, from 0; absent for other kinds, as the two after it.
    pub outcome: Option<i16>,
    #[sqlx(skip)]
    pub label: Option<String>,
    /// The part of the stake that others' stakes stood against; absent before the round is final.
    pub matched_units: Option<Units>,
    /// Rules of a market, from which `label` follows.
    #[serde(skip)]
    pub rules_data: Option<Vec<u8>>,
    /// Raffle: place in the list, if there is one; absent for other kinds, as those after it.
    pub leaf_index: Option<i64>,
    pub weight: Option<i64>,
    /// Raffle: the smallest wins; a u64. Absent before it is settled.
    pub key: Option<Units>,
    /// Raffle: from 0; absent before the order is known, and for who is beyond the threshold.
    pub rank: Option<i64>,
    /// Raffle: offered, waiting, promoted, taken, lapsed or released; prize where there are prizes by rank.
    pub place_status: Option<String>,
    pub paid: bool,
    pub refunded: bool,
    pub signature: String,
    pub entered_at: Option<i64>,
}

/// A settled entry of a house game or a market, with the round that it was in.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct SettledEntry {
    pub lottery_id: i64,
    pub round_index: i64,
    /// Of the whole round.
    #[serde(skip)]
    pub entered_count: i64,
    #[serde(skip)]
    pub winners_total: i64,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub entry: RoundEntry,
}

impl RoundEntry {
    /// Names the outcome that it is on.
    fn complete(mut self) -> Self {
        self.label = market::label(self.rules_data.as_deref(), self.outcome);
        self
    }
}

impl SettledEntry {
    fn complete(mut self) -> Self {
        self.entry = self.entry.complete();
        self
    }
}

macro_rules! entry_columns {
    () => {
        concat!(
            "e.id, e.page_sequence, e.index, e.wallet, coalesce(w.owner, '') AS owner, e.numbers,
         nullif(e.bonus, 0) AS bonus, e.spots, e.quick_pick, e.stake_units::text AS stake_units,
         e.settled_slot IS NOT NULL AS settled, e.tier, e.multiplier_bps,
         CASE WHEN r.kind = 'prediction' AND (r.status = 'void' OR r.refund_all) THEN e.stake_units ELSE
             coalesce(e.prize_units, CASE WHEN r.status = 'final' AND r.kind = 'draw' THEN
                 CASE WHEN e.tier > 0 THEN r.prize_each_units[e.tier] ELSE 0 END
             END)
         END::text AS prize_units,
         e.outcome, e.matched_units::text AS matched_units,
         CASE WHEN r.kind = 'prediction' THEN (SELECT rules FROM configs WHERE address = r.config) END AS rules_data,
         CASE WHEN coalesce(r.leaf_count, g.leaf_count, 0) > 0 THEN e.leaf_index END AS leaf_index,
         e.weight, e.key::text AS key, e.rank, ",
            place_status!("e.place_status", "e.rank"),
            " AS place_status, e.paid, e.refunded, e.signature, e.entered_at"
        )
    };
}

/// Entries of the round at `address` before id `before`, newest first; `winners`: only those.
pub async fn of_round(
    connection: &mut PgConnection,
    address: &str,
    winners: bool,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<RoundEntry>> {
    let entries: Vec<RoundEntry> = sqlx::query_as(concat!(
        "SELECT ",
        entry_columns!(),
        " FROM entries e
         JOIN rounds r ON r.address = e.round",
        raffle_rules!(),
        "LEFT JOIN wallets w ON w.address = e.wallet
         WHERE e.round = $1 AND e.id < $2 AND (NOT $3 OR e.tier > 0)
         ORDER BY e.id DESC LIMIT $4"
    ))
    .bind(address)
    .bind(before)
    .bind(winners)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(entries.into_iter().map(RoundEntry::complete).collect())
}

/// Of each of these rounds (lottery and index), if it is one of a house game or a market: the settled entries that won most, at most
/// `limit`.
pub async fn settled_of_rounds(
    connection: &mut PgConnection,
    rounds: &[(i64, i64)],
    limit: i64,
) -> sqlx::Result<Vec<SettledEntry>> {
    let (lotteries, indexes): (Vec<i64>, Vec<i64>) = rounds.iter().copied().unzip();
    let entries: Vec<SettledEntry> = sqlx::query_as(concat!(
        "SELECT r.lottery_id, r.index AS round_index, r.entered_count,
         coalesce(r.winners_total, 0) AS winners_total, ",
        entry_columns!(),
        " FROM unnest($1::bigint[], $2::bigint[]) AS asked(lottery_id, index)
         JOIN rounds r ON r.lottery_id = asked.lottery_id AND r.index = asked.index
              AND r.kind IN ('keno', 'instant', 'prediction')
         CROSS JOIN LATERAL (
             SELECT * FROM entries o WHERE o.round = r.address AND o.settled_slot IS NOT NULL
             ORDER BY o.prize_units DESC NULLS LAST, o.id DESC LIMIT $3
         ) e",
        raffle_rules!(),
        "LEFT JOIN wallets w ON w.address = e.wallet
         ORDER BY r.lottery_id, r.index, e.prize_units DESC NULLS LAST, e.id DESC"
    ))
    .bind(lotteries)
    .bind(indexes)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(entries.into_iter().map(SettledEntry::complete).collect())
}

/// The newest settled entries of a house game or a market, in its newest rounds.
pub async fn newest_settled(
    connection: &mut PgConnection,
    lottery_id: i64,
    limit: i64,
) -> sqlx::Result<Vec<SettledEntry>> {
    let entries: Vec<SettledEntry> = sqlx::query_as(concat!(
        "SELECT r.lottery_id, r.index AS round_index, r.entered_count,
         coalesce(r.winners_total, 0) AS winners_total, ",
        entry_columns!(),
        " FROM (
             SELECT * FROM rounds n WHERE n.lottery_id = $1 AND n.kind IN ('keno', 'instant', 'prediction')
             ORDER BY n.index DESC LIMIT 12
         ) r
         CROSS JOIN LATERAL (
             SELECT * FROM entries o WHERE o.round = r.address AND o.settled_slot IS NOT NULL
             ORDER BY o.id DESC LIMIT $2
         ) e",
        raffle_rules!(),
        "LEFT JOIN wallets w ON w.address = e.wallet
         ORDER BY e.id DESC LIMIT $2"
    ))
    .bind(lottery_id)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(entries.into_iter().map(SettledEntry::complete).collect())
}

/// Address of a round.
pub async fn address_of(
    connection: &mut PgConnection,
    lottery_id: i64,
    index: i64,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT address FROM rounds WHERE lottery_id = $1 AND index = $2")
        .bind(lottery_id)
        .bind(index)
        .fetch_optional(connection)
        .await
}
