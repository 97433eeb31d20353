//! A market for which nobody attests: after its grace anyone voids it, and every stake comes back to the unit, without fee.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use lottery_client::{Keypair, QuickPicks, Signer, Ticket};

use super::{
    play::Play,
    rounds,
    withheld::{balance, enter},
};
use crate::{
    commands::create::Created,
    demo::world::{LOTTERIES, Player},
    lottery_file::LotteryFile,
};

/// Entrants of the round; others than those of the withheld one, whose wallets of the same mint it counts.
const ENTRANTS: std::ops::Range<usize> = 8..12;
/// Place of the market among the ten.
const MARKET: usize = 8;
/// Stake in whole tokens.
const STAKE: &str = "3";
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Silent {
    lottery: Created,
    round_index: u64,
    /// Of each entrant's wallet before the bets.
    before: Vec<u64>,
}

impl Silent {
    /// Creates the market and bets on both outcomes of its first round.
    pub async fn start(play: &mut Play, say: &dyn Fn(&str)) -> anyhow::Result<Self> {
        say("creating a market whose reporters stay silent, and betting on it");
        // Keys that nobody keeps.
        let nobody: Vec<_> = (0..3).map(|_| Keypair::new().pubkey().to_string()).collect();
        let change = |file: &mut LotteryFile| {
            file.name = "Silent market".into();
            file.mint = "token_2022".into();
            file.config.grace_seconds = Some(4);
            file.config.grace_slots = Some(10);
            file.limits.period_seconds = Some(12);
            file.limits.min_stake = Some(STAKE.into());
            file.limits.max_stake = Some(STAKE.into());
            if let Some(market) = &mut file.market {
                market.event_delay_seconds = 1;
            }
            if let Some(oracles) = &mut file.oracles {
                oracles.reporters = nobody;
            }
        };
        let secrets = play.stack.options().secrets();
        let lottery = play.world.create(LOTTERIES[MARKET], &secrets, change).await?;
        let mut before = Vec::new();
        for player in &play.world.players[ENTRANTS] {
            before.push(balance(&play.world, &lottery, &player.keypair.pubkey()).await?);
        }
        let stake_units = Some(lottery.prepared.limits.min_stake_units);
        let bets = [0, 1].map(|outcome| Ticket { outcome: Some(outcome), stake_units, ..Ticket::default() });
        let chosen = (bets.to_vec(), QuickPicks::default());
        let round_index = enter(&play.world, &lottery, &play.world.players[ENTRANTS], &chosen).await?;
        Ok(Self { lottery, round_index, before })
    }

    /// Waits until the round is void and refunded; how many bets came back.
    pub async fn finish(&self, play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<u64> {
        say("waiting until the silent market is void and refunded");
        let until = Instant::now() + PATIENCE;
        let bets = (ENTRANTS.len() * 2) as u64;
        loop {
            let found = rounds::rounds(&play.stack.api_url, self.lottery.id).await?;
            let round = found.into_iter().find(|round| round.index == self.round_index);
            match round {
                Some(round) if round.status == "void" && round.refunded == bets => {
                    ensure!(
                        round.entered_count == bets,
                        "{} bets were entered, not {bets}",
                        round.entered_count
                    );
                    let reason = round.void_reason.as_deref();
                    ensure!(reason == Some("grace_expired"), "it is void by {reason:?}");
                    break;
                }
                found if Instant::now() >= until => bail!("the silent market was not refunded: {found:?}"),
                _ => tokio::time::sleep(Duration::from_millis(400)).await,
            }
        }
        for (player, before) in play.world.players[ENTRANTS].iter().zip(&self.before) {
            let player: &Player = player;
            let after = balance(&play.world, &self.lottery, &player.keypair.pubkey()).await?;
            ensure!(after == *before, "a bettor of the void market has {after} units, not {before}");
        }
        let fees = play.world.chain.lottery(self.lottery.id).await.context("the silent market")?.fees_units;
        ensure!(fees == 0, "a void market charged {fees} units");
        Ok(bets)
    }
}
