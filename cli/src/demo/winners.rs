//! Who was paid a prize lately, by the indexer's rows.

use std::{collections::HashMap, time::Duration};

use anyhow::Context;
use lottery_interface::Kind;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinHandle;

use super::live::Live;
use crate::commands::create::Created;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Prizes that one look takes over; a big round pays more, and nobody could read them.
const MOST: i64 = 40;

/// A reader of prizes. Dropping it ends it.
pub struct Winners(JoinHandle<()>);

#[derive(sqlx::FromRow)]
struct Prize {
    wallet: String,
    lottery_id: i64,
    round_index: i64,
    tier: i16,
    amount_units: Option<String>,
    slot: i64,
}

impl Winners {
    pub async fn start(database_url: &str, lotteries: &[Created], live: &Live) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new().max_connections(1).connect(database_url).await;
        let pool = pool.context("cannot connect to Postgres")?;
        let lotteries = lotteries.iter().map(|lottery| (lottery.id, lottery.clone())).collect();
        Ok(Self(tokio::spawn(look(pool, lotteries, live.clone()))))
    }
}

impl Drop for Winners {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn look(pool: PgPool, lotteries: HashMap<u64, Created>, live: Live) {
    let mut newest = 0;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let prizes: Result<Vec<Prize>, _> = sqlx::query_as(
            "SELECT wallet, lottery_id, round_index, tier, amount_units::TEXT AS amount_units, slot FROM payments
             WHERE kind = 'prize' AND slot > $1 ORDER BY slot DESC, amount_units DESC NULLS LAST LIMIT $2",
        )
        .bind(newest)
        .bind(MOST)
        .fetch_all(&pool)
        .await;
        // The indexer may be down for a moment, or not have made its tables yet.
        let Ok(prizes) = prizes else { continue };
        let mut state = live.lock();
        for prize in prizes.iter().rev() {
            let Some(lottery) = lotteries.get(&(prize.lottery_id as u64)) else { continue };
            let units = prize.amount_units.as_deref().and_then(|text| text.parse().ok());
            let amount = units.map_or_else(|| "a prize".to_string(), |units| lottery.mint.show(units));
            let wallet: String = prize.wallet.chars().take(8).collect();
            let how = match lottery.kind() {
                Some(Kind::Keno) => format!("{} right", prize.tier - 1),
                Some(Kind::Instant) => "scratched".into(),
                Some(Kind::Prediction) if prize.tier == 1 => "was right".into(),
                Some(Kind::Prediction) => "not matched, back".into(),
                _ => format!("tier {}", prize.tier),
            };
            state.winner(format!("{wallet}…  {amount:<16} {} #{}, {how}", lottery.name, prize.round_index));
            newest = newest.max(prize.slot);
        }
    }
}
