//! Amounts as JSON carries them.

use serde::Serialize;
use utoipa::ToSchema;

/// A u64 amount in base units, as a string: JavaScript's numbers end at 2^53.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::Type, ToSchema)]
#[sqlx(transparent)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[0-9]{1,20}$", example = "1000000000")]
pub struct Units(pub String);

impl From<u64> for Units {
    fn from(units: u64) -> Self {
        Self(units.to_string())
    }
}

impl Units {
    /// The amount; 0 when the database holds what is none.
    pub fn number(&self) -> u64 {
        self.0.parse().unwrap_or(0)
    }
}
