//! Rows whose columns are known by name only. Names of tables and columns come from this crate, never from outside.

use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;

use super::work::{Fault, Ix, Work, key};
use crate::{decoder::Decoded, rows::Columns};

impl Work<'_> {
    pub async fn upsert(&mut self, table: &'static str, rows: Vec<Value>) -> Result<(), Fault> {
        let Some(Value::Object(first)) = rows.first() else { return Ok(()) };
        let columns: Vec<String> = first.keys().map(|column| format!("\"{column}\"")).collect();
        let changes = columns.iter().filter(|column| *column != "\"address\"" && *column != "\"first_slot\"");
        let changes: Vec<String> = changes.map(|column| format!("{column} = EXCLUDED.{column}")).collect();
        let (columns, changes) = (columns.join(", "), changes.join(", "));
        // Names of tables and columns come from this crate, never from outside.
        let sql = format!(
            "INSERT INTO {table} AS old ({columns})
             SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1::TEXT::JSONB)
             ON CONFLICT (address) DO UPDATE SET {changes}
             WHERE (old.account_slot, old.account_order) < (EXCLUDED.account_slot, EXCLUDED.account_order)
               AND (old.closed_at_slot IS NULL OR old.closed_at_slot < EXCLUDED.account_slot)",
        );
        let written =
            sqlx::query(AssertSqlSafe(sql)).bind(Value::from(rows).to_string()).execute(self.conn()).await?;
        self.rows += written.rows_affected();
        Ok(())
    }

    /// Inserts a row that the record alone tells, unless it is there.
    pub async fn insert_row(&mut self, table: &'static str, columns: Columns) -> Result<(), Fault> {
        let names: Vec<String> = columns.keys().map(|column| format!("\"{column}\"")).collect();
        let names = names.join(", ");
        let sql = format!(
            "INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, $1::TEXT::JSONB)
             ON CONFLICT (address) DO NOTHING",
        );
        let written = sqlx::query(AssertSqlSafe(sql))
            .bind(Value::Object(columns).to_string())
            .execute(self.conn())
            .await?;
        self.rows += written.rows_affected();
        Ok(())
    }

    /// Changes columns of a row from the record, unless the account was read at this slot or later.
    pub async fn update_row(
        &mut self,
        table: &'static str,
        address: &str,
        columns: Columns,
        ix: &Ix,
    ) -> Result<bool, Fault> {
        let sets: Vec<String> =
            columns.keys().map(|column| format!("\"{column}\" = n.\"{column}\"")).collect();
        let sql = format!(
            "UPDATE {table} t SET {} FROM jsonb_populate_record(NULL::{table}, $1::TEXT::JSONB) n
             WHERE t.address = $2 AND t.account_slot < $3",
            sets.join(", "),
        );
        let written = sqlx::query(AssertSqlSafe(sql))
            .bind(Value::Object(columns).to_string())
            .bind(address)
            .bind(ix.slot)
            .execute(self.conn())
            .await?;
        self.rows += written.rows_affected();
        Ok(written.rows_affected() > 0)
    }

    /// Marks an account as closed; its row stays.
    pub async fn close_row(
        &mut self,
        table: &'static str,
        decoded: &Decoded,
        name: &'static str,
        ix: &Ix,
    ) -> Result<(), Fault> {
        let address = key(decoded, name)?;
        let sql = format!("UPDATE {table} SET closed_at_slot = $1 WHERE address = $2");
        sqlx::query(AssertSqlSafe(sql)).bind(ix.slot).bind(&address).execute(self.conn()).await?;
        if ["rounds", "pages"].contains(&table) {
            let sql = format!("UPDATE {table} SET closed_at = $1 WHERE address = $2");
            sqlx::query(AssertSqlSafe(sql)).bind(ix.block_at).bind(&address).execute(self.conn()).await?;
        }
        Ok(())
    }
}

/// Columns from `json!({...})`.
pub fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Map::new(),
    }
}
