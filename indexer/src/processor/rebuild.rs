//! A page as the entries that are left make it.

use lottery_interface::accounts::Entry;
use lottery_rules::{hash::Software, seed::page_digest};
use solana_pubkey::Pubkey;
use sqlx::{Postgres, Row, Transaction};

use super::settle::picks_of;

/// Count, digest, liability and settle cursor of a page from the entries that are left.
pub async fn rebuild_page(tx: &mut Transaction<'static, Postgres>, page: &str) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT wallet, picks, bonus, spots, stake_units::TEXT AS stake_units, signature, path, settled_slot
         FROM entries WHERE page = $1 ORDER BY index",
    )
    .bind(page)
    .fetch_all(&mut **tx)
    .await?;
    let mut settled = 0i64;
    // The digest folds the entries of one instruction at a time.
    let mut groups: Vec<((String, String), Vec<Entry>)> = Vec::new();
    for row in &rows {
        settled += row.try_get::<Option<i64>, _>("settled_slot")?.is_some() as i64;
        let source = (row.try_get("signature")?, row.try_get("path")?);
        let wallet: String = row.try_get("wallet")?;
        let entry = Entry {
            wallet: wallet.parse::<Pubkey>().map(|key| key.to_bytes()).unwrap_or_default(),
            picks: picks_of(&row.try_get::<Vec<u8>, _>("picks")?),
            stake_units: super::work::number(row.try_get("stake_units")?),
            bonus: row.try_get::<i16, _>("bonus")? as u8,
            tier: 0,
            flags: 0,
            spots: row.try_get::<i16, _>("spots")? as u8,
            multiplier_bps: 0,
        };
        match groups.last_mut() {
            Some((last, entries)) if *last == source => entries.push(entry),
            _ => groups.push((source, vec![entry])),
        }
    }
    let fold = |digest, (_, entries): &(_, Vec<Entry>)| {
        page_digest::<Software>(&digest, bytemuck::cast_slice(entries))
    };
    let digest = groups.iter().fold([0; 32], fold);
    sqlx::query(
        "UPDATE pages SET record_count = $2, record_digest = $3, record_settled = $4,
                record_liability_units = (
                    SELECT COALESCE(sum(div(e.stake_units * r.max_multiplier_bps[GREATEST(e.spots, 1)], 10000)), 0)
                    FROM entries e JOIN rounds r ON r.address = e.round WHERE e.page = $1)
         WHERE address = $1",
    )
    .bind(page)
    .bind(rows.len() as i64)
    .bind(digest.as_slice())
    .bind(settled)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
