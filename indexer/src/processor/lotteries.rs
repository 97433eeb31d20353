//! Wallets, lotteries, and the jackpot that the record tells of.

use lottery_interface::{
    accounts::{Lottery, Vault},
    address,
};
use serde_json::json;
use solana_pubkey::Pubkey;
use sqlx::Row;

use super::{
    feed::GLOBAL,
    upsert::columns,
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::{
    decoder::{Args, Decoded, text},
    rows::bytea,
};

impl Work<'_> {
    /// The mint of a vault: read in this batch, or known from an earlier one.
    async fn mint_of(&mut self, vault: &str) -> Result<Option<String>, Fault> {
        if let Some(vault) = self.read::<Vault>(vault) {
            return Ok(Some(Pubkey::new_from_array(vault.mint).to_string()));
        }
        Ok(sqlx::query_scalar("SELECT mint FROM vaults WHERE address = $1")
            .bind(vault)
            .fetch_optional(self.conn())
            .await?
            .flatten())
    }

    pub async fn open_wallet(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let wallet = key(decoded, "wallet")?;
        let mint = self.mint_of(&key(decoded, "vault")?).await?;
        let row = json!({
            "address": wallet,
            "owner": key(decoded, "owner")?,
            "mint": mint,
            "rent_payer": key(decoded, "rent_payer")?,
            "first_slot": ix.slot,
            "account_slot": 0,
            "account_order": 0,
        });
        self.insert_row("wallets", columns(row)).await?;
        // It may have been closed before: the address is the same.
        sqlx::query("UPDATE wallets SET closed_at_slot = NULL WHERE address = $1")
            .bind(wallet)
            .execute(self.conn())
            .await?;
        Ok(())
    }

    pub async fn close_wallet(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        // Only an empty wallet can be closed.
        let wallet = key(decoded, "wallet")?;
        self.update_row("wallets", &wallet, columns(json!({ "balance_units": 0 })), ix).await?;
        self.close_row("wallets", decoded, "wallet", ix).await
    }

    pub async fn create_lottery(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::CreateLottery { lottery, limits, config, rules } = &decoded.args else {
            return poison("create_lottery without its arguments");
        };
        let (address, operator) = (key(decoded, "lottery")?, key(decoded, "operator")?);
        let id = self.lottery_id(&address).await?;
        let mint = self.mint_of(&key(decoded, "vault")?).await?;
        let config_address = key(decoded, "config")?;
        let kind = lottery_interface::Kind::from_byte(config.kind).map(|kind| kind.name());
        let row = json!({
            "address": address,
            "id": id,
            "operator": operator,
            "pauser": Pubkey::new_from_array(lottery.pauser).to_string(),
            "treasurer": Pubkey::new_from_array(lottery.treasurer).to_string(),
            "mint": mint,
            "config": config_address,
            "rent_payer": operator,
            "name": text(&lottery.name),
            "name_data": bytea(&lottery.name),
            "created_at": ix.block_at,
            "max_stake_units": limits.max_stake_units,
            "min_stake_units": limits.min_stake_units,
            "page_budget_units": limits.page_budget_units,
            "max_liability_units": limits.max_liability_units,
            "page_entries": limits.page_entries,
            "max_pages": limits.max_pages,
            "max_entries_per_round": limits.max_entries_per_round,
            "max_entries_per_player": limits.max_entries_per_player,
            "period_seconds": limits.period_seconds,
            "reward_step_lamports": limits.reward_step_lamports,
            "reward_item_lamports": limits.reward_item_lamports,
            "lock_offset_seconds": limits.lock_offset_seconds,
            "kind": kind,
            "status": "pending",
            "first_slot": ix.slot,
            "account_slot": 0,
            "account_order": 0,
        });
        self.insert_row("lotteries", columns(row)).await?;
        self.insert_config(&address, &config_address, &operator, 0, config, rules, ix).await?;
        let created = json!({
            "lottery_id": id,
            "address": address,
            "name": text(&lottery.name),
            "kind": kind,
            "mint": mint,
            "operator": operator,
            "stake_units": config.stake_units.to_string(),
        });
        self.feed(GLOBAL, "lottery:created", created.clone(), ix.slot);
        self.feed(&format!("lottery/{id}"), "lottery:created", created, ix.slot);
        Ok(())
    }

    /// Ids start at 1 and are given in order; an account that was read says it itself.
    async fn lottery_id(&mut self, lottery: &str) -> Result<i64, Fault> {
        if let Some(account) = self.read::<Lottery>(lottery) {
            return Ok(account.id as i64);
        }
        let known: i64 =
            sqlx::query_scalar("SELECT COALESCE(max(id), 0) FROM lotteries").fetch_one(self.conn()).await?;
        let next = known + 1;
        if address::lottery(next as u64).0.to_string() != lottery {
            return poison(format!(
                "lottery {lottery} is not lottery {next}: a creation is missing in the record"
            ));
        }
        Ok(next)
    }

    pub async fn close_lottery(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let address = key(decoded, "lottery")?;
        let row = sqlx::query("SELECT id, status FROM lotteries WHERE address = $1")
            .bind(&address)
            .fetch_optional(self.conn())
            .await?;
        if let Some(row) = row {
            // It was completed and closed between two reads.
            if row.try_get::<Option<String>, _>("status")?.as_deref() != Some("completed") {
                let (id, empty) = (
                    row.try_get("id")?,
                    json!({ "status": "completed", "live_rounds": 0,
                    "jackpot_units": 0, "fees_units": 0, "treasury_due_units": 0,
                    "bankroll_free_units": 0, "bankroll_reserved_units": 0 }),
                );
                self.update_row("lotteries", &address, columns(empty), ix).await?;
                self.feed_lottery_completed(id, ix.slot);
            }
        }
        self.close_row("lotteries", decoded, "lottery", ix).await
    }

    pub async fn fund_jackpot(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let Args::AmountUnits(amount) = decoded.args else { return poison("fund_jackpot without an amount") };
        let lottery = key(decoded, "lottery")?;
        let jackpot = self.jackpot(&lottery).await?.saturating_add(amount);
        self.set_jackpot(&lottery, jackpot, ix).await?;
        let id: Option<i64> = sqlx::query_scalar(
            "SELECT lottery_id FROM rounds WHERE lottery = $1 ORDER BY index DESC LIMIT 1",
        )
        .bind(&lottery)
        .fetch_optional(self.conn())
        .await?;
        if let Some(id) = id {
            self.pools.insert(lottery, id);
        }
        Ok(())
    }

    /// A lottery's jackpot as the record tells it.
    pub async fn jackpot(&mut self, lottery: &str) -> Result<u64, Fault> {
        let units: Option<String> = sqlx::query_scalar(
            "SELECT jackpot_units::TEXT FROM jackpots WHERE lottery = $1
             ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1",
        )
        .bind(lottery)
        .fetch_optional(self.conn())
        .await?;
        Ok(number(units))
    }

    pub async fn set_jackpot(&mut self, lottery: &str, units: u64, ix: &Ix) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO jackpots (signature, path, lottery, slot, tx_index, ix_index, jackpot_units)
             VALUES ($1, $2, $3, $4, $5, $6, $7::NUMERIC) ON CONFLICT DO NOTHING",
        )
        .bind(&ix.signature)
        .bind(&ix.path)
        .bind(lottery)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .bind(units.to_string())
        .execute(self.conn())
        .await?;
        Ok(())
    }
}
