//! Lotteries, with the rules and odds of their games.

use lottery_client::{Fetched, Pubkey, market::Market};
use lottery_interface::{
    Source,
    accounts::{Beacon, Config, Lottery, OracleSet},
    kinds::{Kind, LotteryStatus},
};
use lottery_rules::prediction::Mode;
use serde_json::json;

use super::{account, round::round_line, to_json};
use crate::{
    amount,
    chain::{Chain, Mint, name_of},
    commands::source::title,
    game::{self, Game, Stakes},
    market, output, raffle,
    verify::columns,
};

fn lottery_line(lottery: &Lottery, mint: &Mint) -> String {
    let status = LotteryStatus::from_byte(lottery.status).map_or("unknown", LotteryStatus::name);
    let kind = Kind::from_byte(lottery.kind).map_or("unknown", Kind::name);
    let money = match Kind::from_byte(lottery.kind) {
        Some(kind) if kind.is_house() => format!("bankroll {}", mint.show(lottery.bankroll_free_units)),
        Some(Kind::Raffle) => String::new(),
        Some(kind) if kind.has_jackpot() => format!("jackpot {}", mint.show(lottery.jackpot_units)),
        _ => {
            format!("stakes {} to {}", mint.show(lottery.min_stake_units), mint.show(lottery.max_stake_units))
        }
    };
    format!(
        "{:>4}  {:<24} {:<10} {:<9} round {:<6} every {:>6} s  {money}\n",
        lottery.id,
        name_of(&lottery.name),
        kind,
        status,
        lottery.next_round_index,
        lottery.period_seconds,
    )
}

pub(super) async fn lotteries(chain: Chain) -> anyhow::Result<()> {
    let mut lotteries = chain.rpc.lotteries().await?;
    lotteries.sort_by_key(|lottery| lottery.id);
    let mut text = String::new();
    for lottery in &lotteries {
        text += &lottery_line(lottery, &chain.mint_of(&lottery.mint).await?);
    }
    if lotteries.is_empty() {
        text = "there is no lottery yet: `lottery create FILE.toml` makes one".into();
    }
    let values: Vec<_> = lotteries
        .iter()
        .map(|lottery| to_json(lottery.address, columns::lottery(&account(lottery))))
        .collect();
    output::print(chain.json, &json!(values), &text);
    Ok(())
}

pub(super) async fn lottery(chain: Chain, id: u64) -> anyhow::Result<()> {
    let lottery = chain.lottery(id).await?;
    let mint = chain.mint_of(&lottery.mint).await?;
    let config = chain.rpc.config(lottery.config.into()).await?;
    let rounds = chain.rpc.rounds(id).await?;
    let mut value = to_json(lottery.address, columns::lottery(&account(&lottery)));
    value["current_config"] = to_json(config.address, columns::config(&account(&config)));
    value["live_round_indexes"] = rounds.iter().map(|round| round.index).collect();
    let mut text = lottery_line(&lottery, &mint);
    if let Some(game) = Game::read(&config)? {
        let stakes = Stakes::of_lottery(&lottery);
        value["rules"] = game.json(&stakes);
        text += &house_lines(&lottery, &config, &game, &mint);
    }
    if let Some(market) = Market::of(&config) {
        let oracles: Option<Fetched<OracleSet>> = chain.rpc.account(market.rules.oracles.into()).await?;
        let reporters = oracles.map_or_else(Vec::new, |oracles| market::reporters(&oracles));
        value["rules"] = market::rules_json(&market, &reporters);
        text += &market_lines(&config, &market, &reporters);
    }
    if let Some(rules) = config.raffle_rules() {
        value["rules"] = raffle::rules_json(&rules);
        text += &format!("      {}", raffle::rules_line(&rules, &mint.show(config.stake_units)));
    }
    if lottery.lock_offset_seconds != 0 {
        let (period, offset) = (lottery.period_seconds, lottery.lock_offset_seconds);
        text += &format!(
            "      timetable: locks {} s past each multiple of {period} s of unix time\n",
            offset % period
        );
    }
    if let Some(rules) = config.draw_rules() {
        text += &format!("      {} of {}", rules.picks, rules.numbers);
        if rules.bonus_numbers > 0 {
            text += &format!(" + 1 of {}", rules.bonus_numbers);
        }
        text += &format!(", {} a ticket, fee {} bps\n", mint.show(config.stake_units), config.fee_bps);
        for (place, tier) in (1..).zip(&rules.tiers[..rules.tier_count as usize]) {
            let bonus = if tier.bonus == 1 { " + bonus" } else { "" };
            text += &format!(
                "      tier {place:>2}: {} right{bonus}, {} bps of the pool\n",
                tier.matches, tier.share_bps
            );
        }
    }
    text += &source_line(&chain, &config).await?;
    text += &format!(
        "      bond {} free, {} reserved; crank deposit {}\n",
        mint.show(lottery.bond_free_units),
        mint.show(lottery.bond_reserved_units),
        Mint::sol().show(lottery.crank_lamports),
    );
    for round in &rounds {
        // Rounds that are still open may have been opened under earlier rules.
        let market = match round.kind == Kind::Prediction as u8 {
            true => Market::of(&chain.rpc.config(round.config.into()).await?),
            false => None,
        };
        text += &round_line(round, &mint, market.as_ref());
    }
    output::print(chain.json, &value, &text);
    Ok(())
}

/// Where values come from.
async fn source_line(chain: &Chain, config: &Config) -> anyhow::Result<String> {
    let source = Source::from_byte(config.source).map_or("unknown", Source::name);
    if config.source != Source::Beacon as u8 {
        return Ok(format!("      values by {source}\n"));
    }
    let beacon: Fetched<Beacon> = chain.rpc.require(config.beacon.into()).await?;
    Ok(format!(
        "      values by {source} {}, the first signed {} s after the lock or later\n",
        title(chain, &beacon.chain_hash),
        config.beacon_margin_seconds
    ))
}

/// What can be bet on, what it costs, and who decides.
fn market_lines(config: &Config, market: &Market, reporters: &[Pubkey]) -> String {
    let (rules, quorum) = (&market.rules, market.quorum());
    let mode = match market.mode() {
        Mode::ProRata => "two sides, the larger one matched pro rata",
        Mode::Parimutuel => "winners share what all others staked",
    };
    let mut text = format!(
        "      {mode}; fee {} % of what losers lose\n      outcomes by {}: {}\n",
        amount::format(config.fee_bps.into(), 2),
        market.mapping_kind().name(),
        market::outcomes(market),
    );
    text += &format!(
        "      {} of {} reporters decide, {} s after the lock or later; {} together can block a round\n",
        quorum.needed,
        quorum.reporters,
        rules.event_delay_seconds,
        quorum.blocking(),
    );
    text + &reporters.iter().map(|reporter| format!("          reporter {reporter}\n")).collect::<String>()
}

/// Terms, limits and bankroll of a house game, and what every ticket can win.
fn house_lines(lottery: &Lottery, config: &Config, game: &Game, mint: &Mint) -> String {
    let stakes = Stakes::of_lottery(lottery);
    let (band, what) = match game {
        Game::Keno(rules) => ((rules.rtp_min_bps, rules.rtp_max_bps), "20 of 80 are drawn"),
        Game::Instant { band_bps, .. } => (*band_bps, "each ticket has its own outcome"),
    };
    let percent = |bps: u16| amount::format(bps.into(), 2);
    let mut text = format!(
        "      {what}; stakes {} to {}; RTP declared {} to {} %; fee {} % of all stakes\n",
        mint.show(stakes.min_units),
        mint.show(stakes.max_units),
        percent(band.0),
        percent(band.1),
        percent(config.fee_bps),
    );
    text += &game::lines(game, &stakes, mint);
    text + &format!(
        "      bankroll {} free, {} reserved; a page reserves {}, a round {} at most\n",
        mint.show(lottery.bankroll_free_units),
        mint.show(lottery.bankroll_reserved_units),
        mint.show(lottery.page_budget_units),
        mint.show(lottery.max_liability_units),
    )
}
