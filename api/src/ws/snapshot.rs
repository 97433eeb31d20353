//! The state that a topic begins with, as of one moment of the outbox.

use serde::Serialize;
use sqlx::{PgPool, Postgres, Transaction};

use super::{hub::Snapshot, protocol::TopicName};
use crate::{
    problem::ApiError,
    store::{
        self, EntryFeedItem, Lottery, RoundBrief, SettledEntry, Totals, entry, lottery, round, round_entry,
    },
};

/// Lotteries of the global snapshot; further ones are in `/api/lotteries`.
const LOTTERIES: i64 = 100;
const ROUNDS: i64 = 10;
const ENTRIES: i64 = 20;

/// Snapshot of `global`.
#[derive(Serialize)]
struct Global {
    lotteries: Vec<Lottery>,
    recent_entries: Vec<EntryFeedItem>,
    totals: Totals,
}

/// Snapshot of `lottery/{id}`.
#[derive(Serialize)]
struct OfLottery {
    lottery: Lottery,
    rounds: Vec<RoundBrief>,
    recent_entries: Vec<EntryFeedItem>,
    /// House games and markets: what entries won lately.
    recent_settled: Vec<SettledEntry>,
}

fn no_lottery(id: u64) -> ApiError {
    ApiError::NotFound(format!("there is no lottery {id}"))
}

/// Refuses topics of lotteries that do not exist.
pub async fn check_exists(pool: &PgPool, name: TopicName) -> Result<(), ApiError> {
    let TopicName::Lottery(id) = name else { return Ok(()) };
    let row_id = i64::try_from(id).map_err(|_| no_lottery(id))?;
    let mut connection = pool.acquire().await?;
    if lottery::exists(&mut connection, row_id).await? { Ok(()) } else { Err(no_lottery(id)) }
}

/// Reads a snapshot and the outbox position that it goes with from one view of the database: rows and outbox
/// are written by one transaction, so the snapshot contains exactly the events up to that position.
///
/// `seen`: a position that was read before; it counts when rows up to it were pruned meanwhile.
pub async fn load(pool: &PgPool, name: TopicName, seen: i64) -> Result<Snapshot, ApiError> {
    let mut view = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT max(sequence) FROM outbox").fetch_one(&mut *view).await?;
    let position = newest.map_or(seen, |newest| newest.max(seen));
    let data = match name {
        TopicName::Global => to_json(&global(&mut view).await?)?,
        TopicName::Lottery(id) => to_json(&of_lottery(&mut view, id).await?)?,
    };
    view.commit().await?;
    Ok(Snapshot { data, position })
}

fn to_json<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))
}

async fn global(view: &mut Transaction<'_, Postgres>) -> Result<Global, ApiError> {
    Ok(Global {
        lotteries: lottery::front_page(view, LOTTERIES).await?,
        recent_entries: entry::newest(view, ENTRIES).await?,
        totals: store::totals(view).await?,
    })
}

async fn of_lottery(view: &mut Transaction<'_, Postgres>, id: u64) -> Result<OfLottery, ApiError> {
    let row_id = i64::try_from(id).map_err(|_| no_lottery(id))?;
    Ok(OfLottery {
        lottery: lottery::get(view, row_id).await?.ok_or_else(|| no_lottery(id))?,
        rounds: round::list(view, row_id, i64::MAX, ROUNDS).await?,
        recent_entries: entry::newest_of_lottery(view, row_id, ENTRIES).await?,
        recent_settled: round_entry::newest_settled(view, row_id, ENTRIES).await?,
    })
}
