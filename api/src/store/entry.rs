//! Entries: those of a wallet, and the newest ones for the live feed.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::{
    market,
    raffle::{place_status, raffle_rules},
    result::RoundResult,
    units::Units,
};

/// An entry as its owner sees it.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct WalletEntry {
    /// Order of indexing: the key of cursors.
    #[serde(skip)]
    pub id: i64,
    pub lottery_id: i64,
    pub lottery_name: String,
    pub round_index: i64,
    pub page_sequence: i64,
    /// Place on the page.
    pub index: i64,
    pub wallet: String,
    pub mint: String,
    pub decimals: i16,
    pub numbers: Vec<i16>,
    /// Absent when the game has no bonus drum.
    pub bonus: Option<i16>,
    pub quick_pick: bool,
    pub stake_units: Units,
    /// Keno: how many numbers are picked; 0 for other kinds.
    pub spots: i16,
    /// House games: the prize won, in parts of 10,000 of the stake; 0 before settling, or lost.
    pub multiplier_bps: i64,
    pub signature: String,
    pub entered_at: Option<i64>,
    pub entered_slot: i64,
    pub locks_at: i64,
    /// State of its round.
    pub round_status: String,
    /// Kind of game.
    pub kind: String,
    #[sqlx(skip)]
    pub result: Option<RoundResult>,
    /// The column that `result` is read from.
    #[serde(skip)]
    pub result_data: Vec<u8>,
    /// Tier won, from 1; 0: none, or not settled yet. Keno: matches and one more; instant: row of the prize table;
    /// prediction: 1 won, 2 lost and a part of the stake was not matched.
    pub tier: i16,
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
    /// What was credited, prize or refund; absent before.
    pub paid_units: Option<Units>,
}

/// Entries of every wallet of `owner` before id `before`, newest first. Each wallet is read by its index, so the
/// cost follows the page wanted, not how much others play.
pub async fn of_owner(
    connection: &mut PgConnection,
    owner: &str,
    lottery_id: Option<i64>,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<WalletEntry>> {
    let mut entries: Vec<WalletEntry> = sqlx::query_as(concat!(
        "SELECT e.id, e.lottery_id, coalesce(l.name, '') AS lottery_name, e.round_index, e.page_sequence,
                e.index, e.wallet, coalesce(w.mint, '') AS mint, coalesce(v.decimals, 9::smallint) AS decimals,
                e.numbers, nullif(e.bonus, 0) AS bonus, e.quick_pick, e.stake_units::text AS stake_units,
                e.spots, e.multiplier_bps, e.signature,
                e.entered_at, e.entered_slot, coalesce(r.locks_at, 0) AS locks_at,
                coalesce(r.status, 'open') AS round_status, coalesce(r.kind, 'unknown') AS kind,
                coalesce(r.result, '') AS result_data, e.tier,
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
        " AS place_status, e.paid, e.refunded, p.amount_units::text AS paid_units
         FROM wallets w
         CROSS JOIN LATERAL (
             SELECT * FROM entries o
             WHERE o.wallet = w.address AND o.id < $2 AND ($3::bigint IS NULL OR o.lottery_id = $3)
             ORDER BY o.id DESC LIMIT $4
         ) e
         LEFT JOIN rounds r ON r.address = e.round",
        raffle_rules!(),
        "LEFT JOIN lotteries l ON l.id = e.lottery_id
         LEFT JOIN vaults v ON v.mint = w.mint
         LEFT JOIN payments p ON p.page = e.page AND p.index = e.index
         WHERE w.owner = $1
         ORDER BY e.id DESC LIMIT $4",
    ))
    .bind(owner)
    .bind(before)
    .bind(lottery_id)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    for entry in &mut entries {
        entry.label = market::label(entry.rules_data.as_deref(), entry.outcome);
        entry.result = RoundResult::new(&entry.kind, &entry.round_status, &entry.result_data);
    }
    Ok(entries)
}

/// One `enter` in the live feed: who bought how many tickets, and the first of them.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct EntryFeedItem {
    pub lottery_id: i64,
    pub round_index: i64,
    pub page_sequence: i64,
    /// Place of the first ticket on its page.
    pub first_index: i64,
    pub count: i64,
    pub stake_units: Units,
    /// Prediction: the outcomes that they are on, ascending; none for other kinds.
    pub outcomes: Vec<i16>,
    pub wallet: String,
    pub owner: String,
    pub signature: String,
    pub entered_at: Option<i64>,
}

macro_rules! purchases {
    ($entries:literal) => {
        concat!(
            "SELECT e.lottery_id, e.round_index, e.page_sequence, min(e.index) AS first_index, count(*) AS count,
                    sum(e.stake_units)::text AS stake_units,
                    coalesce(array_agg(DISTINCT e.outcome) FILTER (WHERE e.outcome IS NOT NULL), '{}') AS outcomes,
                    e.wallet, coalesce(w.owner, '') AS owner,
                    e.signature, max(e.entered_at) AS entered_at
             FROM (",
            $entries,
            ") e
             LEFT JOIN wallets w ON w.address = e.wallet
             GROUP BY e.lottery_id, e.round_index, e.page_sequence, e.wallet, w.owner, e.signature, e.path
             ORDER BY max(e.id) DESC LIMIT $1"
        )
    };
}

/// The newest purchases, newest first. A purchase has 20 tickets at most: 20 times as many entries hold enough.
pub async fn newest(connection: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<EntryFeedItem>> {
    sqlx::query_as(purchases!("SELECT * FROM entries ORDER BY id DESC LIMIT $1 * 20"))
        .bind(limit)
        .fetch_all(connection)
        .await
}

/// The newest purchases of a lottery, in its newest rounds.
pub async fn newest_of_lottery(
    connection: &mut PgConnection,
    lottery_id: i64,
    limit: i64,
) -> sqlx::Result<Vec<EntryFeedItem>> {
    sqlx::query_as(purchases!(
        "SELECT n.* FROM (
             SELECT address FROM rounds WHERE lottery_id = $2 ORDER BY index DESC LIMIT 4
         ) r CROSS JOIN LATERAL (
             SELECT * FROM entries o WHERE o.round = r.address ORDER BY o.id DESC LIMIT $1 * 20
         ) n"
    ))
    .bind(limit)
    .bind(lottery_id)
    .fetch_all(connection)
    .await
}
