//! Raffles: their rules, how the places of a round stand, and the order of those who have a rank.

use lottery_interface::accounts::RaffleRules as StoredRaffle;
use lottery_rules::raffle::{MAX_RANK_PRIZES, Mode, Places};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::units::Units;

/// Rules of a raffle.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RaffleRules {
    /// weighted: a draw in which the weights count; first_come: the order of the chain.
    #[schema(example = "weighted")]
    pub mode: String,
    /// Places, or prizes.
    pub capacity: u32,
    /// Ranks of the waiting list.
    pub waiting: u32,
    /// People on the list; 0: open to everyone, with weight 1.
    pub leaf_count: u32,
    /// Levels of the list's tree: hashes of a proof.
    pub depth: u8,
    /// Of the tree, in hex; zeros without a list.
    pub root: String,
    /// Winners confirm within so many seconds; 0: they need not.
    pub confirm_seconds: u32,
    /// Part of the fee that an offer costs which nobody confirmed.
    pub penalty_bps: u16,
    /// Prize of each rank in parts of 10,000 of the pool after the fee; none: it is for places.
    pub prizes_bps: Vec<u16>,
}

impl RaffleRules {
    /// `None`: bytes that are no rules of a raffle.
    pub fn read(data: &[u8]) -> Option<Self> {
        let stored: StoredRaffle = bytemuck::try_pod_read_unaligned(data).ok()?;
        let prizes = usize::from(stored.prize_count).min(MAX_RANK_PRIZES);
        Some(Self {
            mode: Mode::from_byte(stored.mode)?.name().to_owned(),
            capacity: stored.capacity,
            waiting: stored.waiting,
            leaf_count: stored.leaf_count,
            depth: stored.depth,
            root: stored.root.iter().map(|byte| format!("{byte:02x}")).collect(),
            confirm_seconds: stored.confirm_seconds,
            penalty_bps: stored.penalty_bps,
            prizes_bps: stored.prizes_bps[..prizes].to_vec(),
        })
    }
}

/// How the places of a raffle's round stand.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RoundRaffle {
    /// false: prizes by rank.
    pub places: bool,
    /// weighted or first_come.
    pub mode: String,
    pub capacity: i64,
    pub waiting: i64,
    /// People on the list; 0: open to everyone.
    pub leaf_count: i64,
    pub confirm_seconds: i64,
    pub penalty_bps: i32,
    /// Entries with a rank; 0 before the order is known.
    pub ranked: i64,
    /// The order is sorted.
    pub is_ranked: bool,
    /// Places confirmed; all of them when none need be.
    pub taken: i64,
    /// Offers that nobody confirmed in time.
    pub lapsed: i64,
    /// Waiting entries that were offered a place that fell free.
    pub promoted: i64,
    /// Offers that are neither confirmed nor lapsed, once the round is final.
    pub open_offers: i64,
    /// Until when those with a place at first can confirm; absent before the round is final, or if they need not.
    pub confirm_until: Option<i64>,
    /// The last standing with a rank; absent before the order is known.
    pub threshold: Option<Threshold>,
    /// Address of the accepted ranking; absent before.
    pub ranking: Option<String>,
}

/// A standing: the smallest key wins, ties go to the earlier page, then to the earlier entry.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Threshold {
    /// A u64.
    pub key: Units,
    /// Sequence of the page.
    pub page: i64,
    /// Place on the page.
    pub index: i64,
}

/// The columns of a round that only raffles use.
#[derive(Clone, Debug, Default, FromRow)]
pub struct RaffleColumns {
    raffle_places: bool,
    raffle_mode: String,
    raffle_capacity: i64,
    raffle_waiting: i64,
    raffle_leaf_count: i64,
    raffle_confirm_seconds: i64,
    raffle_penalty_bps: i32,
    raffle_ranked: i64,
    raffle_is_ranked: bool,
    raffle_taken: i64,
    raffle_lapsed: i64,
    raffle_promoted: i64,
    raffle_threshold_key: Option<Units>,
    raffle_threshold_page: i64,
    raffle_threshold_index: i64,
    raffle_ranking: Option<String>,
}

/// Columns of [`RaffleColumns`], of a round `r` with its rules `g`, see [`raffle_rules`]. Until the round's account is read,
/// what it will say of the rules is the config's.
macro_rules! raffle_columns {
    () => {
        "coalesce(r.places, cardinality(g.prizes_bps) = 0, FALSE) AS raffle_places,
         coalesce(r.mode, g.mode, '') AS raffle_mode, coalesce(r.capacity, g.capacity, 0) AS raffle_capacity,
         coalesce(r.waiting, g.waiting, 0) AS raffle_waiting,
         coalesce(r.leaf_count, g.leaf_count, 0) AS raffle_leaf_count,
         coalesce(r.confirm_seconds, g.confirm_seconds, 0) AS raffle_confirm_seconds,
         coalesce(r.penalty_bps, g.penalty_bps, 0) AS raffle_penalty_bps, coalesce(r.ranked, 0) AS raffle_ranked,
         coalesce(r.is_ranked, FALSE) AS raffle_is_ranked, coalesce(r.taken, 0) AS raffle_taken,
         coalesce(r.lapsed, 0) AS raffle_lapsed, coalesce(r.promoted, 0) AS raffle_promoted,
         r.threshold_key::text AS raffle_threshold_key, coalesce(r.threshold_page, 0) AS raffle_threshold_page,
         coalesce(r.threshold_index, 0) AS raffle_threshold_index, r.ranking AS raffle_ranking"
    };
}

/// Joins the rules `g` of a round `r`; none for other kinds.
macro_rules! raffle_rules {
    () => {
        " LEFT JOIN config_raffles g ON g.config = r.config AND r.kind = 'raffle' "
    };
}

/// What became of an entry `e` with a rank, in a round `r` with rules `g`, from what is `stored` of its place.
macro_rules! place_status {
    ($stored:literal, $rank:literal) => {
        concat!(
            "CASE WHEN ",
            $rank,
            " IS NULL THEN NULL
                  WHEN NOT coalesce(r.places, cardinality(g.prizes_bps) = 0, FALSE) THEN 'prize'
                  WHEN coalesce(",
            $stored,
            ", 'initial') <> 'initial' THEN ",
            $stored,
            "
                  WHEN ",
            $rank,
            " >= coalesce(r.capacity, g.capacity, 0) THEN 'waiting'
                  WHEN coalesce(r.confirm_seconds, g.confirm_seconds, 0) = 0 THEN 'taken'
                  ELSE 'offered' END"
        )
    };
}

pub(crate) use {place_status, raffle_columns, raffle_rules};

/// Numbers of rows are within u32, for they come from accounts; what is not counts as the most.
fn small(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

impl RoundRaffle {
    pub fn new(columns: &RaffleColumns, status: &str, final_at: Option<i64>) -> Self {
        let from = columns.clone();
        let confirms = from.raffle_places && from.raffle_confirm_seconds > 0;
        let (first, done) =
            (from.raffle_ranked.min(from.raffle_capacity), from.raffle_taken + from.raffle_lapsed);
        let places = Places {
            ranked: small(from.raffle_ranked),
            capacity: small(from.raffle_capacity),
            taken: small(from.raffle_taken),
            lapsed: small(from.raffle_lapsed),
            promoted: small(from.raffle_promoted),
        };
        // Rows of the record and of the account can be of different slots: never more done than offered.
        let consistent = done <= first + from.raffle_promoted;
        let open = status == "final" && confirms && consistent;
        Self {
            places: from.raffle_places,
            mode: from.raffle_mode,
            capacity: from.raffle_capacity,
            waiting: from.raffle_waiting,
            leaf_count: from.raffle_leaf_count,
            confirm_seconds: from.raffle_confirm_seconds,
            penalty_bps: from.raffle_penalty_bps,
            ranked: from.raffle_ranked,
            is_ranked: from.raffle_is_ranked,
            taken: from.raffle_taken,
            lapsed: from.raffle_lapsed,
            promoted: from.raffle_promoted,
            open_offers: if open { places.open_offers().into() } else { 0 },
            confirm_until: final_at.filter(|_| confirms).map(|at| at + from.raffle_confirm_seconds),
            threshold: from.raffle_threshold_key.filter(|_| from.raffle_ranking.is_some()).map(|key| {
                Threshold { key, page: from.raffle_threshold_page, index: from.raffle_threshold_index }
            }),
            ranking: from.raffle_ranking,
        }
    }
}

/// An entry of a raffle and its place in the order.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Place {
    /// From 0; absent: the entry has none, for it is beyond the threshold or the order is not known yet.
    pub rank: Option<i64>,
    /// offered, waiting, promoted (from the waiting list to a place that fell free), taken, lapsed, released (waited in vain);
    /// prize where there are prizes by rank; absent without a rank.
    #[schema(example = "offered")]
    pub status: Option<String>,
    /// Place on the waiting list, from 1; absent for everyone who does not wait.
    pub waiting_position: Option<i64>,
    /// An offer can be confirmed before this; absent while there is none.
    pub offered_until: Option<i64>,
    pub page_sequence: i64,
    /// Place on the page.
    pub index: i64,
    pub wallet: String,
    pub owner: String,
    /// Place in the list; absent without one.
    pub leaf_index: Option<i64>,
    pub weight: Option<i64>,
    /// The smallest wins; a u64. Absent before the entry is settled.
    pub key: Option<Units>,
    pub refunded: bool,
}

macro_rules! place_query {
    ($from:literal) => {
        concat!(
            "SELECT p.*, CASE WHEN p.status = 'waiting' THEN p.rank - p.next + 1 END AS waiting_position,
                    CASE WHEN p.status = 'promoted' THEN nullif(p.until, 0)
                         WHEN p.status = 'offered' THEN p.final_at + p.confirm END AS offered_until
             FROM (SELECT o.rank, ",
            place_status!("o.status", "o.rank"),
            " AS status, o.until, nullif(r.final_at, 0) AS final_at,
               coalesce(r.confirm_seconds, g.confirm_seconds, 0) AS confirm,
               coalesce(r.capacity, g.capacity, 0) + coalesce(r.promoted, 0) AS next,
               o.page_sequence, o.index, coalesce(e.wallet, '') AS wallet, coalesce(w.owner, '') AS owner,
               CASE WHEN coalesce(r.leaf_count, g.leaf_count, 0) > 0 THEN e.leaf_index END AS leaf_index, e.weight,
               coalesce(e.key, o.key)::text AS key, coalesce(e.refunded, FALSE) AS refunded
             FROM rounds r",
            raffle_rules!(),
            $from,
            " LEFT JOIN wallets w ON w.address = e.wallet WHERE r.address = $1) p "
        )
    };
}

/// Ranked entries of the round at `address` after rank `after`, in their order.
pub async fn places(
    connection: &mut PgConnection,
    address: &str,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    sqlx::query_as(concat!(
        place_query!(
            "CROSS JOIN LATERAL (
                 SELECT rank, status, offered_until AS until, page AS page_sequence, index, key FROM ranked_entries
                 WHERE round = $1 AND rank > $2 ORDER BY rank LIMIT $3
             ) o
             LEFT JOIN pages q ON q.round = r.address AND q.sequence = o.page_sequence
             LEFT JOIN entries e ON e.page = q.address AND e.index = o.index"
        ),
        "ORDER BY p.rank"
    ))
    .bind(address)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// Every entry of a wallet, named by its address or its owner's, in the round at `address`: those with a rank first.
pub async fn of_wallet(
    connection: &mut PgConnection,
    address: &str,
    wallet: &str,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    sqlx::query_as(concat!(
        place_query!(
            "JOIN entries e ON e.round = r.address
                 AND e.wallet IN (SELECT address FROM wallets WHERE address = $2 OR owner = $2)
             LEFT JOIN ranked_entries k ON k.round = r.address AND k.page = e.page_sequence AND k.index = e.index
             CROSS JOIN LATERAL (
                 SELECT coalesce(k.rank, e.rank) AS rank, coalesce(k.status, e.place_status) AS status,
                        coalesce(k.offered_until, 0) AS until, e.page_sequence, e.index, k.key
             ) o"
        ),
        "WHERE coalesce(p.rank > $3, TRUE) ORDER BY p.rank NULLS LAST, p.page_sequence, p.index LIMIT $4"
    ))
    .bind(address)
    .bind(wallet)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// The kind of the round at `address`; `None`: there is none.
pub async fn kind_of(connection: &mut PgConnection, address: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT coalesce(kind, 'unknown') FROM rounds WHERE address = $1")
        .bind(address)
        .fetch_optional(connection)
        .await
}
