//! `lottery session play`: signs once, then plays every round with a session key until the time, the limit or the rounds
//! are over. Somebody else may pay the network fees.

mod player;

use std::{
    collections::VecDeque,
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use lottery_client::{Keypair, Signer};
use lottery_interface::{
    LotteryError, accounts::SESSION_LOTTERIES, address, args::SessionArgs, instructions,
};
use serde_json::json;

use super::{
    fund,
    result::Purchase,
    session::parse_duration,
    tickets::{Choice, Table},
};
use crate::{amount, api::Api, chain::ChainArgs, keys, output};
use player::{Bought, Player, passes};

pub use player::program_error;

/// Pause between two looks for a round.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// How long results may take after the last purchase.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, clap::Args)]
pub struct PlayArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    #[command(flatten)]
    pub choice: Choice,
    /// Markets: what to bet on in each round, by name or number; may be repeated
    #[arg(long = "outcome", value_name = "OUTCOME")]
    pub outcomes: Vec<String>,
    /// Whole tokens it may spend in all; what the wallet lacks is deposited
    #[arg(long)]
    pub limit: String,
    /// How long to play: for example 90s, 30m, 12h
    #[arg(long, default_value = "1h")]
    pub lasts: String,
    /// End after so many rounds
    #[arg(long, value_name = "N")]
    pub rounds: Option<u64>,
    /// Who pays the network fees [default: the owner]
    #[arg(long, value_name = "FILE")]
    pub fee_payer: Option<PathBuf>,
    /// Build and relay through this api instead of the RPC address
    #[arg(long, value_name = "URL")]
    pub api: Option<String>,
}

/// What was played so far.
#[derive(Default)]
struct Score {
    rounds: u64,
    tickets: u64,
    staked_units: u64,
    won_units: u64,
    refunded_units: u64,
    /// Rounds whose result is known.
    results: u64,
}

pub async fn run(args: PlayArgs) -> anyhow::Result<()> {
    let api = args.api.as_deref().map(Api::new).transpose()?;
    let lasts = parse_duration(&args.lasts).context("--lasts")?;
    let chain = args.chain.connect()?;
    let owner = chain.keypair()?;
    let fee_payer = match &args.fee_payer {
        Some(path) => keys::read(path).context("--fee-payer")?,
        None => owner.insecure_clone(),
    };
    let table = Table::load(&chain, args.lottery).await?;
    let tickets = table.tickets(&args.choice, &[], &args.outcomes)?;
    let odds = table.odds(&tickets)?;
    let limit_units = amount::parse_positive(&args.limit, table.mint.decimals).context("--limit")?;
    let player = Player {
        chain: &chain,
        table: &table,
        tickets,
        owner: owner.pubkey(),
        session: Keypair::new(),
        fee_payer,
        api,
    };
    let expires_at = player.sign_once(&owner, lasts, limit_units).await?;
    if !chain.json {
        odds.iter().for_each(|row| println!("{}", row.summary()));
        println!(
            "session key {} may spend {} until {expires_at} (unix time); {} pays the fees",
            player.session.pubkey(),
            table.mint.show(limit_units),
            player.fee_payer.pubkey(),
        );
    }
    let (score, ended) = player.play(&args, lasts, limit_units).await?;
    let value = json!({
        "lottery_id": args.lottery,
        "session_key": player.session.pubkey().to_string(),
        "rounds": score.rounds,
        "tickets": score.tickets,
        "staked_units": score.staked_units.to_string(),
        "won_units": score.won_units.to_string(),
        "refunded_units": score.refunded_units.to_string(),
        "results": score.results,
        "ended": ended,
    });
    let mut line = format!(
        "{ended}: {} rounds, {} tickets, {} staked, {} won",
        score.rounds,
        score.tickets,
        table.mint.show(score.staked_units),
        table.mint.show(score.won_units)
    );
    if score.refunded_units > 0 {
        line += &format!(", {} refunded", table.mint.show(score.refunded_units));
    }
    output::print(chain.json, &value, &line);
    Ok(())
}

impl Player<'_> {
    /// Everything that the owner signs: the wallet, what is short of the limit, and the session.
    async fn sign_once(&self, owner: &Keypair, lasts: i64, limit_units: u64) -> anyhow::Result<i64> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
        let chain_now = self.chain.rpc.clock().await?.unix_timestamp;
        let mut lotteries = [0; SESSION_LOTTERIES];
        lotteries[0] = self.table.lottery.id;
        // The chain's clock decides, and may lag.
        let expires_at = now.max(chain_now) + lasts;
        let key = self.session.pubkey().to_bytes();
        let session = SessionArgs { key, lotteries, expires_at, limit_units };
        let mint = &self.table.mint;
        let mut steps = fund::top_up(self.chain, mint, &owner.pubkey(), limit_units).await?;
        steps.push(instructions::set_session(owner.pubkey(), mint.address, &session));
        self.chain.send("the session was not started", &steps, &[owner]).await?;
        Ok(expires_at)
    }

    /// Plays until something is over, and says what.
    async fn play(
        &self,
        args: &PlayArgs,
        lasts: i64,
        limit_units: u64,
    ) -> anyhow::Result<(Score, &'static str)> {
        let until = Instant::now() + Duration::from_secs(lasts as u64);
        let (mut score, mut last, mut waiting) = (Score::default(), None, VecDeque::new());
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        let ended = loop {
            if args.rounds.is_some_and(|rounds| score.rounds >= rounds) {
                break "all rounds are played";
            }
            if Instant::now() >= until {
                break "the time is over";
            }
            match self.enter(last).await {
                Ok(Some(bought)) => {
                    last = Some(bought.place.round_index);
                    score.rounds += 1;
                    score.tickets += u64::from(bought.tickets);
                    score.staked_units += bought.cost_units;
                    waiting.push_back(self.find(&bought).await?);
                    if score.staked_units.saturating_add(bought.cost_units) > limit_units {
                        break "the limit is spent";
                    }
                }
                Ok(None) => {}
                Err(error) => match program_error(&error) {
                    Some(LotteryError::SessionOverspent) => break "the limit is spent",
                    Some(LotteryError::SessionExpired) => break "the session has expired",
                    Some(LotteryError::Unauthorized) => break "the session was ended",
                    Some(error) if passes(error) => {}
                    _ => return Err(error),
                },
            }
            self.collect(&mut waiting, &mut score).await?;
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = &mut interrupted => break "interrupted",
            }
        };
        let patience = Instant::now() + PATIENCE;
        while !waiting.is_empty() && Instant::now() < patience {
            self.collect(&mut waiting, &mut score).await?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
        if score.rounds == 0 {
            bail!("{ended}, and no round took a ticket: see `lottery show lottery {}`", args.lottery);
        }
        Ok((score, ended))
    }

    async fn find(&self, bought: &Bought) -> anyhow::Result<Purchase> {
        let wallet = address::wallet(&self.owner, &self.table.mint.address).0;
        Purchase::find(self.chain, bought.place, wallet, bought.tickets).await
    }

    /// Takes the results that are known by now, and tells them.
    async fn collect(&self, waiting: &mut VecDeque<Purchase>, score: &mut Score) -> anyhow::Result<()> {
        while let Some(purchase) = waiting.front() {
            let Some(ended) = purchase.ended(self.chain).await? else { break };
            waiting.pop_front();
            score.results += 1;
            score.won_units += ended.prizes_units();
            score.refunded_units += ended.refunds_units();
            if !self.chain.json {
                print!("{}", ended.lines(self.table));
            }
        }
        Ok(())
    }
}
