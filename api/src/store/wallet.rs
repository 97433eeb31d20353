//! Wallets of an owner.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::units::Units;

/// A key that may enter for the owner, and nothing else.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    pub key: String,
    pub expires_at: i64,
    pub limit_units: Units,
    pub spent_units: Units,
    /// Ids of the lotteries it may enter.
    pub lottery_ids: Vec<i64>,
}

/// A player's balance in one mint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Wallet {
    pub address: String,
    pub owner: String,
    /// The zero address for native SOL.
    pub mint: String,
    pub decimals: i16,
    /// native, spl_token or token_2022.
    pub token_kind: String,
    pub balance_units: Units,
    /// The wallet cannot be closed before: a round it entered may still pay or refund.
    pub busy_until: i64,
    pub session: Option<Session>,
    /// Entries ever made from this wallet.
    pub entries: i64,
    /// Prizes and refunds ever credited.
    pub won_units: Units,
    pub refunded_units: Units,
    pub closed: bool,
}

#[derive(FromRow)]
struct Row {
    address: String,
    owner: String,
    mint: String,
    decimals: i16,
    token_kind: String,
    balance_units: Units,
    busy_until: i64,
    session_key: Option<String>,
    session_expires_at: i64,
    session_limit_units: Units,
    session_spent_units: Units,
    session_lotteries: Vec<i64>,
    entries: i64,
    won_units: Units,
    refunded_units: Units,
    closed: bool,
}

/// Every wallet of `owner`, open ones first.
pub async fn of_owner(connection: &mut PgConnection, owner: &str) -> sqlx::Result<Vec<Wallet>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT w.address, w.owner, coalesce(w.mint, '') AS mint, coalesce(v.decimals, 9::smallint) AS decimals,
                coalesce(v.kind, 'native') AS token_kind, coalesce(w.balance_units, 0)::text AS balance_units,
                coalesce(w.busy_until, 0) AS busy_until,
                nullif(w.session_key, '11111111111111111111111111111111') AS session_key,
                coalesce(w.session_expires_at, 0) AS session_expires_at,
                coalesce(w.session_limit_units, 0)::text AS session_limit_units,
                coalesce(w.session_spent_units, 0)::text AS session_spent_units,
                array_remove(coalesce(w.session_lotteries, '{}'), 0)::bigint[] AS session_lotteries,
                (SELECT count(*) FROM entries e WHERE e.wallet = w.address) AS entries,
                coalesce(p.won, 0)::text AS won_units, coalesce(p.refunded, 0)::text AS refunded_units,
                w.closed_at_slot IS NOT NULL AS closed
         FROM wallets w
         LEFT JOIN vaults v ON v.mint = w.mint
         LEFT JOIN LATERAL (
             SELECT sum(amount_units) FILTER (WHERE kind = 'prize') AS won,
                    sum(amount_units) FILTER (WHERE kind = 'refund') AS refunded
             FROM payments WHERE wallet = w.address
         ) p ON TRUE
         WHERE w.owner = $1 ORDER BY closed, w.mint",
    )
    .bind(owner)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Wallet::from).collect())
}

impl From<Row> for Wallet {
    fn from(row: Row) -> Self {
        let session = row.session_key.map(|key| Session {
            key,
            expires_at: row.session_expires_at,
            limit_units: row.session_limit_units,
            spent_units: row.session_spent_units,
            lottery_ids: row.session_lotteries,
        });
        Self {
            address: row.address,
            owner: row.owner,
            mint: row.mint,
            decimals: row.decimals,
            token_kind: row.token_kind,
            balance_units: row.balance_units,
            busy_until: row.busy_until,
            session,
            entries: row.entries,
            won_units: row.won_units,
            refunded_units: row.refunded_units,
            closed: row.closed,
        }
    }
}
