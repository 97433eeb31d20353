//! Markets whose reporters are three processes, one of which lies: every payout of a round of each mode is computed again by plain
//! arithmetic from its bets, and compared with what was paid.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use lottery_client::{
    market::Market,
    proof::{Proof, first_failed, recompute},
};
use lottery_interface::address;
use lottery_rules::prediction::Mode;
use serde_json::Value;

use super::{
    play::Play,
    rounds::{self, ApiRound},
};
use crate::{api::Api, commands::create::Created, demo::oracles::results_of};

/// How long until a market has a round with bets on both sides, decided and paid.
const PATIENCE: Duration = Duration::from_secs(90);

/// What was checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct MarketsChecked {
    pub rounds: usize,
    pub bets: usize,
    /// Payouts and returned parts of stakes, compared to the unit.
    pub payouts: usize,
    /// Attestations of the liar that the chain holds.
    pub lies: usize,
}

/// One bet as it was recorded, and what it got.
#[derive(sqlx::FromRow)]
struct Bet {
    page: String,
    index: i64,
    outcome: i16,
    stake_units: String,
    paid_units: Option<String>,
}

/// A round decided.
struct Decided {
    event_at: i64,
    facts: Vec<i64>,
    winning: u8,
    fee_units: u64,
    matched_units: u64,
    winning_units: u64,
}

/// Checks a round of each market.
pub async fn check(play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<MarketsChecked> {
    say("computing a round of each market again: right in spite of the liar, and every unit in its place");
    let markets = play.played.iter().filter_map(|lottery| Some((lottery, lottery.prepared.market()?)));
    let mut checked = MarketsChecked::default();
    let mut modes = BTreeSet::new();
    for (lottery, market) in markets {
        let round = decided_round(play, lottery).await?;
        let what = || format!("round {} of market {:?}", round.index, lottery.name);
        check_round(play, lottery, &market, &round, &mut checked).await.with_context(what)?;
        modes.insert(market.mode().name());
    }
    ensure!(modes.len() == 2, "only markets of {modes:?} were played");
    ensure!(checked.lies > 0, "the liar attested nothing");
    Ok(checked)
}

/// A round that was bet on from more than one side, and that is paid.
async fn decided_round(play: &Play, lottery: &Created) -> anyhow::Result<ApiRound> {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = rounds::rounds(&play.stack.api_url, lottery.id).await?;
        if let Some(round) = found.into_iter().find(|round| round.is_complete() && !round.refund_all) {
            return Ok(round);
        }
        if Instant::now() >= until {
            bail!("no round of market {:?} was decided and paid", lottery.name);
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
}

async fn check_round(
    play: &Play,
    lottery: &Created,
    market: &Market,
    round: &ApiRound,
    checked: &mut MarketsChecked,
) -> anyhow::Result<()> {
    let address = address::round(&lottery.address, round.index).0.to_string();
    let decided = decided(play, lottery.id, round.index).await?;
    let truth = play.results.facts(results_of(market), decided.event_at);
    ensure!(decided.facts == truth, "decided as {:?}, and {truth:?} was published", decided.facts);
    ensure!(decided.winning == plain_outcome(lottery, &truth)?, "outcome {} of {truth:?}", decided.winning);
    let bets = bets(play, &address).await?;
    checked.rounds += 1;
    checked.bets += bets.len();
    checked.payouts += check_payouts(market, lottery, &decided, &bets)?;
    checked.lies += check_attestations(play, lottery, market).await?;
    check_records(play, &address, &bets).await?;
    check_proof(play, &address).await
}

/// What the api says of the round.
async fn decided(play: &Play, lottery_id: u64, index: u64) -> anyhow::Result<Decided> {
    let path = format!("/api/lotteries/{lottery_id}/rounds/{index}");
    let round: Value = Api::new(&play.stack.api_url)?.get(&path).await?;
    let what = |name: &'static str| move || format!("the api says no {name}");
    let units = |name: &'static str| -> anyhow::Result<u64> {
        Ok(round[name].as_str().with_context(what(name))?.parse()?)
    };
    let facts = round["facts"].as_array().with_context(what("facts"))?;
    let facts = facts.iter().map(|fact| Ok(fact.as_str().unwrap_or_default().parse()?));
    let winning = round["winning_outcome"].as_u64().with_context(what("winning_outcome"))?;
    Ok(Decided {
        event_at: round["event_at"].as_i64().with_context(what("event_at"))?,
        facts: facts.collect::<anyhow::Result<_>>()?,
        winning: u8::try_from(winning)?,
        fee_units: units("fee_units")?,
        matched_units: units("matched_units")?,
        winning_units: units("winning_units")?,
    })
}

/// What the files of the two markets say in words.
fn plain_outcome(lottery: &Created, facts: &[i64]) -> anyhow::Result<u8> {
    let sum: i64 = facts.iter().sum();
    Ok(match lottery.name.as_str() {
        "Odd or even" => (facts.last().context("no facts")? % 2) as u8,
        "Sum of three" => match sum {
            ..100 => 0,
            100..149 => 1,
            149..198 => 2,
            _ => 3,
        },
        other => bail!("nobody knows what {other:?} is about"),
    })
}

async fn bets(play: &Play, address: &str) -> anyhow::Result<Vec<Bet>> {
    let query = "SELECT e.page, e.index::BIGINT AS index, e.outcome, e.stake_units::TEXT AS stake_units,
                        (SELECT sum(p.amount_units)::TEXT FROM payments p WHERE p.page = e.page AND p.index = e.index) AS paid_units
                 FROM entries e WHERE e.round = $1";
    Ok(sqlx::query_as(query).bind(address).fetch_all(&play.pool).await?)
}

/// Every payout by arithmetic of 128 bits; how many there were.
fn check_payouts(
    market: &Market,
    lottery: &Created,
    decided: &Decided,
    bets: &[Bet],
) -> anyhow::Result<usize> {
    let units = |bet: &Bet| -> anyhow::Result<u128> { Ok(bet.stake_units.parse()?) };
    let mut pools = BTreeMap::new();
    for bet in bets {
        *pools.entry(bet.outcome).or_insert(0u128) += units(bet)?;
    }
    let pool: u128 = pools.values().sum();
    let winning = pools.get(&i16::from(decided.winning)).copied().unwrap_or(0);
    let lost = pool - winning;
    let matched = match market.mode() {
        Mode::ProRata => winning.min(lost),
        Mode::Parimutuel => lost,
    };
    let fee = matched * u128::from(lottery.prepared.config.fee_bps) / 10_000;
    let said = (decided.winning_units.into(), decided.matched_units.into(), decided.fee_units.into());
    ensure!((winning, matched, fee) == said, "{winning}, {matched} and {fee} units, the api says {said:?}");
    let (mut paid, mut payouts) = (0, 0);
    for bet in bets {
        let stake = units(bet)?;
        let due = match bet.outcome == i16::from(decided.winning) {
            true => stake + stake * (matched - fee) / winning,
            false => stake * (lost - matched) / lost,
        };
        let got: u128 = bet.paid_units.as_deref().map_or(Ok(0), str::parse)?;
        ensure!(due == got, "bet {} on page {} got {got} units, not {due}", bet.index, bet.page);
        paid += got;
        payouts += usize::from(got > 0);
    }
    let dust = pool.checked_sub(paid + fee).context("more was paid than there was")?;
    ensure!(dust <= payouts as u128, "{dust} units are nobody's");
    Ok(payouts)
}

/// In every round that is decided, the quorum told the truth; how many attestations did not.
async fn check_attestations(play: &Play, lottery: &Created, market: &Market) -> anyhow::Result<usize> {
    let query = "SELECT r.index, r.event_at, a.facts FROM attestations a JOIN rounds r ON r.address = a.round
                 WHERE r.lottery_id = $1 AND r.status = 'final'";
    let rows: Vec<(i64, i64, Vec<i64>)> =
        sqlx::query_as(query).bind(lottery.id as i64).fetch_all(&play.pool).await?;
    let mut right = BTreeMap::new();
    let mut lies = 0;
    for (index, event_at, facts) in rows {
        let truth = play.results.facts(results_of(market), event_at);
        *right.entry(index).or_insert(0) += usize::from(facts == truth);
        lies += usize::from(facts != truth);
    }
    for (index, right) in right {
        ensure!(right == 2, "{right} reporters attested the truth in round {index}");
    }
    Ok(lies)
}

/// Each step is there as a record.
async fn check_records(play: &Play, address: &str, bets: &[Bet]) -> anyhow::Result<()> {
    let api = Api::new(&play.stack.api_url)?;
    let mut counts = BTreeMap::new();
    let mut path = format!("/api/rounds/{address}/records?limit=200");
    loop {
        let listing: Value = api.get(&path).await?;
        for record in listing["items"].as_array().into_iter().flatten() {
            *counts.entry(record["record"].as_str().unwrap_or("?").to_string()).or_insert(0usize) += 1;
        }
        match listing["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/rounds/{address}/records?limit=200&cursor={cursor}"),
            None => break,
        }
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let paid = bets.iter().filter(|bet| bet.paid_units.is_some()).count();
    let is_whole = count("BetPlaced") == bets.len()
        && count("BetMatched") == bets.len()
        && (count("RoundLocked"), count("RoundFinalized")) == (1, 1)
        && count("WinningsClaimed") + count("RefundIssued") == paid;
    ensure!(is_whole, "{} bets of which {paid} were paid, and these records: {counts:?}", bets.len());
    Ok(())
}

/// The api's proof follows, down to the split.
async fn check_proof(play: &Play, address: &str) -> anyhow::Result<()> {
    let proof: Proof = Api::new(&play.stack.api_url)?.get(&format!("/api/rounds/{address}/proof")).await?;
    let steps = recompute(&proof);
    ensure!(!steps.is_empty() && proof.result.is_some(), "its proof is empty");
    match first_failed(&steps) {
        None => Ok(()),
        Some(step) => bail!("step {:?} of its proof does not match", step.name),
    }
}
