//! A keno round whose operator does not reveal: after its grace anyone voids it, the bond is slashed, and every entrant has their
//! stake back and more. Made by keeping the lottery's secret out of the keeper's folder.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use lottery_client::{EnterRequest, QuickPicks, Signer, Ticket, enter_plan};

use super::{
    play::Play,
    rounds::{self, ApiRound},
};
use crate::{
    commands::create::Created,
    demo::world::{LOTTERIES, Player, World},
    secrets::SecretsArgs,
};

/// Entrants of the withheld round, and tickets of each.
const ENTRANTS: usize = 8;
const TICKETS: u8 = 3;
const SPOTS: u8 = 2;
const PATIENCE: Duration = Duration::from_secs(90);
/// Seconds before lock that the purchases may need.
const TIME_TO_ENTER: i64 = 6;
/// Place of the keno among the ten: draws draw from the beacon, which nobody can withhold.
const KENO: usize = 6;
/// Stake in whole tokens of the Token-2022 mint, which no other lottery uses: so every unit of it is accounted for.
const STAKE: &str = "2";

pub struct Withheld {
    lottery: Created,
    round_index: u64,
    /// Balance of each entrant's wallet before the purchase.
    before: Vec<u64>,
}

/// How the round ended.
#[derive(Clone, Copy, Debug)]
pub struct Refunded {
    pub entries: u64,
    /// What entrants got beyond their stakes, from the bond.
    pub compensation_units: u64,
}

impl Withheld {
    /// Creates the lottery and enters its first round.
    pub async fn start(play: &mut Play, say: &dyn Fn(&str)) -> anyhow::Result<Self> {
        say("creating a lottery whose reveals are withheld, and entering it");
        let options = play.stack.options();
        let elsewhere = SecretsArgs { secrets: options.folder.join("withheld"), ..options.secrets() };
        if elsewhere.secrets.exists() {
            std::fs::remove_dir_all(&elsewhere.secrets)?;
        }
        let change = |file: &mut crate::lottery_file::LotteryFile| {
            file.name = "Withheld keno".into();
            file.mint = "token_2022".into();
            file.config.grace_seconds = Some(4);
            file.config.grace_slots = Some(10);
            file.limits.period_seconds = Some(12);
            file.limits.max_pages = 2;
            file.limits.max_entries_per_round = 256;
            file.limits.min_stake = Some(STAKE.into());
            file.limits.max_stake = Some(STAKE.into());
            file.limits.page_budget = Some("32000".into());
            file.limits.max_liability = Some("64000".into());
            file.fund.bond = Some("1280000".into());
            file.fund.bankroll = Some("400000".into());
        };
        let lottery = play.world.create(LOTTERIES[KENO], &elsewhere, change).await?;
        let mut before = Vec::new();
        for player in play.world.players.iter().take(ENTRANTS) {
            before.push(balance(&play.world, &lottery, &player.keypair.pubkey()).await?);
        }
        let stake_units = Some(lottery.prepared.limits.min_stake_units);
        let chosen = (Vec::new(), QuickPicks { count: TICKETS, spots: Some(SPOTS), stake_units });
        let round_index = enter(&play.world, &lottery, &play.world.players[..ENTRANTS], &chosen).await?;
        Ok(Self { lottery, round_index, before })
    }

    /// Waits until the round is void and refunded, by the api, the rows and the wallets.
    pub async fn finish(&self, play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<Refunded> {
        say("waiting until the withheld round is void and refunded");
        let until = Instant::now() + PATIENCE;
        let round = loop {
            let found = rounds::rounds(&play.stack.api_url, self.lottery.id).await?;
            let round = found.into_iter().find(|round| round.index == self.round_index);
            match round {
                Some(round) if is_refunded(&round) => break round,
                found if Instant::now() >= until => bail!("the withheld round was not refunded: {found:?}"),
                _ => tokio::time::sleep(Duration::from_millis(400)).await,
            }
        };
        self.check(play, &round).await
    }

    async fn check(&self, play: &Play, round: &ApiRound) -> anyhow::Result<Refunded> {
        let query =
            "SELECT count(*), coalesce(sum(p.amount_units), 0)::TEXT, coalesce(sum(e.stake_units), 0)::TEXT
                     FROM payments p JOIN entries e ON e.page = p.page AND e.index = p.index
                     WHERE p.kind = 'refund' AND p.lottery_id = $1 AND p.round_index = $2";
        let (count, paid, staked): (i64, String, String) = sqlx::query_as(query)
            .bind(self.lottery.id as i64)
            .bind(self.round_index as i64)
            .fetch_one(&play.pool)
            .await?;
        let (paid, staked): (u64, u64) = (paid.parse()?, staked.parse()?);
        let entries = (ENTRANTS * TICKETS as usize) as u64;
        if round.entered_count != entries || count as u64 != entries {
            bail!(
                "{entries} entries were withheld, the api says {}, the rows refund {count}",
                round.entered_count
            );
        }
        let compensation = paid.checked_sub(staked).context("refunds are less than the stakes")?;
        if compensation == 0 {
            bail!("the bond was not slashed: nobody was compensated");
        }
        // Nothing else plays in this mint, so wallets show it to the unit.
        let mut gained = 0;
        for (player, before) in play.world.players.iter().zip(&self.before) {
            let after = balance(&play.world, &self.lottery, &player.keypair.pubkey()).await?;
            gained += after.checked_sub(*before).context("an entrant of the void round lost money")?;
        }
        if gained != compensation {
            bail!("wallets gained {gained} units, the rows say {compensation}");
        }
        Ok(Refunded { entries, compensation_units: compensation })
    }
}

fn is_refunded(round: &ApiRound) -> bool {
    round.status == "void" && round.entered_count > 0 && round.refunded == round.entered_count
}

pub(super) async fn balance(
    world: &World,
    lottery: &Created,
    owner: &lottery_client::Pubkey,
) -> anyhow::Result<u64> {
    let wallet = world.chain.wallet(owner, &lottery.mint.address).await?;
    Ok(wallet.context("an entrant has no wallet")?.balance_units)
}

/// Every entrant buys the same tickets in the same round; its index.
pub(super) async fn enter(
    world: &World,
    lottery: &Created,
    entrants: &[Arc<Player>],
    chosen: &(Vec<Ticket>, QuickPicks),
) -> anyhow::Result<u64> {
    let request = |player: &Player, round_index| EnterRequest {
        lottery_id: lottery.id,
        owner: player.keypair.pubkey(),
        session_key: None,
        tickets: chosen.0.clone(),
        quick_picks: chosen.1.clone(),
        round_index,
    };
    let rpc = &world.chain.rpc;
    let until = Instant::now() + PATIENCE;
    // The keeper has to open the round, and there has to be time for everyone.
    let index = loop {
        let plan = enter_plan(rpc, &request(&entrants[0], None)).await;
        let now = rpc.clock().await?.unix_timestamp;
        match plan {
            Ok(plan) if plan.locks_at - now >= TIME_TO_ENTER => break plan.round_index,
            Err(error) if Instant::now() >= until => {
                return Err(error).with_context(|| format!("no round of {:?} to enter", lottery.name));
            }
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    let purchases = entrants.iter().map(|player| async move {
        let plan = enter_plan(rpc, &request(player, Some(index))).await?;
        world.chain.send("the round was not entered", &plan.instructions, &[&player.keypair]).await
    });
    futures::future::try_join_all(purchases).await?;
    Ok(index)
}
