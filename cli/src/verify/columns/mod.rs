//! What the row of each account must say, field by field, in the words of Postgres' `to_jsonb`.
//!
//! The small structs are taken apart without `..`, so that a new field does not compile until it has its column; the test
//! looks for every field of the big ones. And `tables` complains of each column that is compared with nothing.

mod lottery;
mod round;

use lottery_client::Pubkey;
use lottery_interface::{
    accounts::{Beacon, OracleSet, Registry, RoundUse, Vault, Wallet},
    kinds::VaultKind,
};
use serde_json::{Value, json};

use super::chain::Account;
pub use super::entries::entry;
pub use lottery::{Rules, config, lottery, rules};
pub use round::{page, ranking, round};

/// Column and value, for every field.
pub type Columns = Vec<(&'static str, Value)>;

pub(super) fn key(bytes: &[u8; 32]) -> Value {
    json!(Pubkey::from(*bytes).to_string())
}

pub(super) fn hex(bytes: &[u8]) -> Value {
    json!(format!("\\x{}", hex::encode(bytes)))
}

fn flag(byte: u8) -> Value {
    json!(byte != 0)
}

/// The name of a kind, state or reason.
fn named(name: Option<&'static str>) -> Value {
    json!(name.unwrap_or("unknown"))
}

pub fn registry(account: &Account<Registry>) -> Columns {
    let Registry {
        authority,
        pending_authority,
        treasury,
        switchboard_program,
        switchboard_queue,
        next_lottery_id,
        min_grace_seconds,
        min_grace_slots,
        min_claim_seconds,
        beacon_delay_seconds,
        fee_cap_bps,
        paused,
        bump,
        reserved: _,
        allowed_sources,
    } = account.value;
    vec![
        ("authority", key(&authority)),
        ("pending_authority", key(&pending_authority)),
        ("treasury", key(&treasury)),
        ("switchboard_program", key(&switchboard_program)),
        ("switchboard_queue", key(&switchboard_queue)),
        ("next_lottery_id", json!(next_lottery_id)),
        ("min_grace_seconds", json!(min_grace_seconds)),
        ("min_grace_slots", json!(min_grace_slots)),
        ("min_claim_seconds", json!(min_claim_seconds)),
        ("beacon_delay_seconds", json!(beacon_delay_seconds)),
        ("fee_cap_bps", json!(fee_cap_bps)),
        ("paused", flag(paused)),
        ("bump", json!(bump)),
        ("allowed_sources", hex(&allowed_sources)),
    ]
}

pub fn beacon(account: &Account<Beacon>) -> Columns {
    let Beacon {
        public_key,
        chain_hash,
        rent_payer,
        genesis_at,
        usable_at,
        period_seconds,
        bump,
        reserved: _,
    } = account.value;
    vec![
        ("public_key", hex(&public_key)),
        ("chain_hash", hex(&chain_hash)),
        ("rent_payer", key(&rent_payer)),
        ("genesis_at", json!(genesis_at)),
        ("usable_at", json!(usable_at)),
        ("period_seconds", json!(period_seconds)),
        ("bump", json!(bump)),
    ]
}

pub fn oracle_set(account: &Account<OracleSet>) -> Columns {
    let OracleSet { reporters, reporter_count, bump, reserved: _ } = account.value;
    let reporters: Vec<_> = reporters.iter().take(reporter_count as usize).map(key).collect();
    vec![("reporters", json!(reporters)), ("reporter_count", json!(reporter_count)), ("bump", json!(bump))]
}

pub fn vault(account: &Account<Vault>) -> Columns {
    let Vault {
        mint,
        token_program,
        tokens,
        rent_payer,
        total_units,
        kind,
        decimals,
        bump,
        tokens_bump,
        reserved: _,
    } = account.value;
    vec![
        ("mint", key(&mint)),
        ("token_program", key(&token_program)),
        ("tokens", key(&tokens)),
        ("rent_payer", key(&rent_payer)),
        ("total_units", json!(total_units)),
        ("kind", named(VaultKind::from_byte(kind).map(VaultKind::name))),
        ("decimals", json!(decimals)),
        ("bump", json!(bump)),
        ("tokens_bump", json!(tokens_bump)),
    ]
}

pub fn wallet(account: &Account<Wallet>) -> Columns {
    let Wallet {
        owner,
        mint,
        rent_payer,
        session_key,
        session_lotteries,
        session_expires_at,
        session_limit_units,
        session_spent_units,
        balance_units,
        busy_until,
        ring,
        bump,
        reserved: _,
    } = account.value;
    let ring: Vec<_> = ring
        .iter()
        .map(|RoundUse { lottery_id, round_index, locks_at, entries, reserved: _ }| {
            json!({"lottery_id": lottery_id, "round_index": round_index, "locks_at": locks_at, "entries": entries})
        })
        .collect();
    vec![
        ("owner", key(&owner)),
        ("mint", key(&mint)),
        ("rent_payer", key(&rent_payer)),
        ("session_key", key(&session_key)),
        ("session_lotteries", json!(session_lotteries)),
        ("session_expires_at", json!(session_expires_at)),
        ("session_limit_units", json!(session_limit_units)),
        ("session_spent_units", json!(session_spent_units)),
        ("balance_units", json!(balance_units)),
        ("busy_until", json!(busy_until)),
        ("ring", json!(ring)),
        ("bump", json!(bump)),
    ]
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_interface::accounts::{Config, Lottery, Page, Ranking, Round};

    use super::*;

    /// Field names as `{:#?}` prints them, one level deep.
    fn fields(debug: &str) -> Vec<String> {
        let lines = debug.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
        let names = lines.filter_map(|line| line.trim().split_once(": ").map(|(name, _)| name.to_string()));
        names.filter(|name| name != "reserved").collect()
    }

    fn check<T: Zeroable + std::fmt::Debug>(columns: fn(&Account<T>) -> Columns) {
        check_at_least(columns, 7);
    }

    fn check_at_least<T: Zeroable + std::fmt::Debug>(columns: fn(&Account<T>) -> Columns, least: usize) {
        let account = Account { value: T::zeroed(), lamports: 0, tail: Vec::new() };
        let named: Vec<&str> = columns(&account).iter().map(|(column, _)| *column).collect();
        let fields = fields(&format!("{:#?}", account.value));
        assert!(fields.len() >= least);
        for field in fields {
            assert!(named.contains(&field.as_str()), "{field} is compared with no column");
        }
        let mut unique = named.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), named.len(), "a column is compared twice");
    }

    #[test]
    fn every_field_of_every_account_is_compared() {
        check::<Registry>(registry);
        check::<Beacon>(beacon);
        check_at_least::<OracleSet>(oracle_set, 3);
        check::<Vault>(vault);
        check::<Wallet>(wallet);
        check::<Lottery>(lottery);
        check::<Config>(config);
        check::<Round>(round);
        check::<Page>(page);
        check::<Ranking>(ranking);
    }
}
