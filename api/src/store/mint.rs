//! Mints that the program holds, one vault each.

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use super::units::Units;

/// A mint and its vault.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Mint {
    /// The zero address for native SOL.
    pub mint: String,
    /// native, spl_token or token_2022.
    pub token_kind: String,
    /// Base units are 10 to the power of this in one token.
    pub decimals: i16,
    /// What people call it, where this service was told.
    #[sqlx(skip)]
    #[schema(example = "SOL")]
    pub symbol: Option<String>,
    /// Sum of every internal balance in this mint.
    pub total_units: Units,
    /// The vault's address.
    pub vault: String,
}

/// Every mint, in order of its address.
pub async fn list(connection: &mut PgConnection) -> sqlx::Result<Vec<Mint>> {
    sqlx::query_as(
        "SELECT mint, coalesce(kind, 'native') AS token_kind, coalesce(decimals, 9::smallint) AS decimals,
                coalesce(total_units, 0)::text AS total_units, address AS vault
         FROM vaults WHERE mint IS NOT NULL AND closed_at_slot IS NULL ORDER BY mint",
    )
    .fetch_all(connection)
    .await
}
