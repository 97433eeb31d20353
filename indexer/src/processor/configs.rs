//! Configs: immutable, and whole in the record.

use bytemuck::Zeroable;
use lottery_interface::{Kind, Source, accounts::Config, address, args::ConfigArgs};
use lottery_rules::beacon::Schedule;
use serde_json::Value;
use solana_pubkey::Pubkey;
use sqlx::AssertSqlSafe;

use super::{
    entries::parse,
    kinds::Rules,
    work::{Fault, Ix, Work, key, poison},
};
use crate::{
    decoder::{Args, Decoded},
    rows,
};

impl Work<'_> {
    pub async fn update_config(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::UpdateConfig { config, rules } = &decoded.args else {
            return poison("update_config without its arguments");
        };
        let lottery = key(decoded, "lottery")?;
        let version: i64 = sqlx::query_scalar("SELECT count(*) FROM configs WHERE lottery = $1")
            .bind(&lottery)
            .fetch_one(self.conn())
            .await?;
        let (address, operator) = (key(decoded, "config")?, key(decoded, "operator")?);
        self.insert_config(&lottery, &address, &operator, version as u32, config, rules, ix).await
    }

    /// A config is whole in the record.
    #[allow(clippy::too_many_arguments)]
    pub async fn insert_config(
        &mut self,
        lottery: &str,
        address: &str,
        rent_payer: &str,
        version: u32,
        args: &ConfigArgs,
        rules: &[u8],
        ix: &Ix,
    ) -> Result<(), Fault> {
        let (expected, bump) = address::config(&parse(lottery)?, version);
        if expected.to_string() != address {
            return poison(format!(
                "config {address} is not version {version}: an update is missing in the record"
            ));
        }
        let schedule = match Source::from_byte(args.source) {
            Some(Source::Beacon) => self.schedule(&Pubkey::new_from_array(args.beacon).to_string()).await?,
            _ => Schedule { genesis_at: 0, period_seconds: 0 },
        };
        let account = Config {
            lottery: parse(lottery)?.to_bytes(),
            rent_payer: parse(rent_payer)?.to_bytes(),
            beacon: args.beacon,
            beacon_genesis_at: schedule.genesis_at,
            beacon_period_seconds: schedule.period_seconds,
            beacon_margin_seconds: args.beacon_margin_seconds,
            stake_units: args.stake_units,
            created_slot: ix.slot as u64,
            version,
            grace_seconds: args.grace_seconds,
            grace_slots: args.grace_slots,
            claim_seconds: args.claim_seconds,
            reveal_delay_slots: args.reveal_delay_slots,
            fee_bps: args.fee_bps,
            compensation_cap_bps: args.compensation_cap_bps,
            kind: args.kind,
            source: args.source,
            bump,
            ..Config::zeroed()
        };
        let mut row =
            rows::config_columns(&account, rules).map_err(|error| Fault::Poison(error.to_string()))?;
        row.insert("address".into(), address.into());
        for (guard, value) in [("first_slot", ix.slot), ("account_slot", 0), ("account_order", 0)] {
            row.insert(guard.into(), value.into());
        }
        self.insert_row("configs", row).await?;
        let kind = Kind::from_byte(args.kind).map(Kind::name).unwrap_or_default();
        let Some(rules) = Rules::read(kind, rules) else { return Ok(()) };
        for (table, rows) in rules.tables(address) {
            // The names of the tables are this crate's own.
            let sql = format!(
                "INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1::TEXT::JSONB)
                 ON CONFLICT DO NOTHING"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(Value::from(rows).to_string()).execute(self.conn()).await?;
        }
        Ok(())
    }
}
