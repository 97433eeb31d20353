//! `lottery show`: accounts of the program, as they are on the chain now.

use std::mem::offset_of;

use anyhow::{Context, bail};
use lottery_client::{Filter, Pubkey};
use lottery_interface::{
    accounts::{AccountLayout, Config, Entry, Lottery, Round, Wallet},
    address,
    kinds::{Kind, LotteryStatus, RoundStatus, VoidReason},
};
use lottery_rules::picks;
use serde_json::{Map, Value, json};

use crate::{
    amount,
    chain::{Chain, ChainArgs, Mint, name_of},
    game::{self, Game, Stakes},
    lottery_file::show_multiple,
    output,
    verify::{
        chain::Account,
        columns::{self, Columns},
    },
};

#[derive(Clone, Debug, clap::Args)]
pub struct ShowArgs {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// The registry
    Registry {
        #[command(flatten)]
        chain: ChainArgs,
    },
    /// Every lottery
    Lotteries {
        #[command(flatten)]
        chain: ChainArgs,
    },
    /// One lottery, its rules and its live rounds
    Lottery {
        #[command(flatten)]
        chain: ChainArgs,
        id: u64,
    },
    /// One round
    Round {
        #[command(flatten)]
        chain: ChainArgs,
        lottery: u64,
        index: u64,
    },
    /// The wallets of an owner [default: the signer]
    Wallet {
        #[command(flatten)]
        chain: ChainArgs,
        owner: Option<String>,
    },
    /// Entries of an owner in a live round [default: the signer]
    Entries {
        #[command(flatten)]
        chain: ChainArgs,
        lottery: u64,
        round: u64,
        owner: Option<String>,
    },
    /// One entry, by its place
    Entry {
        #[command(flatten)]
        chain: ChainArgs,
        lottery: u64,
        round: u64,
        page: u32,
        index: u32,
    },
}

pub async fn run(args: ShowArgs) -> anyhow::Result<()> {
    match args.what {
        What::Registry { chain } => registry(chain.connect()?).await,
        What::Lotteries { chain } => lotteries(chain.connect()?).await,
        What::Lottery { chain, id } => lottery(chain.connect()?, id).await,
        What::Round { chain, lottery, index } => round(chain.connect()?, lottery, index).await,
        What::Wallet { chain, owner } => wallets(chain.connect()?, owner).await,
        What::Entries { chain, lottery, round, owner } => {
            entries(chain.connect()?, lottery, round, owner).await
        }
        What::Entry { chain, lottery, round, page, index } => {
            entry(chain.connect()?, lottery, round, page, index).await
        }
    }
}

/// The fields of an account as JSON: amounts are strings, because a u64 does not fit JavaScript's numbers.
fn to_json(address: Pubkey, columns: Columns) -> Value {
    let mut map = Map::from_iter([("address".to_string(), json!(address.to_string()))]);
    for (name, value) in columns {
        let is_amount = name.ends_with("_units") || name.ends_with("_lamports");
        let text = |value: Value| if value.is_number() { json!(value.to_string()) } else { value };
        let value = match value {
            Value::Array(values) if is_amount => values.into_iter().map(text).collect(),
            Value::String(hex) => json!(hex.strip_prefix("\\x").unwrap_or(&hex)),
            value if is_amount => text(value),
            value => value,
        };
        map.insert(name.to_string(), value);
    }
    Value::Object(map)
}

fn account<T: AccountLayout>(fetched: &lottery_client::Fetched<T>) -> Account<T> {
    Account { value: fetched.account, lamports: fetched.lamports, tail: fetched.tail().to_vec() }
}

/// Every field as a line.
fn lines(value: &Value) -> String {
    let Value::Object(map) = value else { return value.to_string() };
    let rows: Vec<_> = map
        .iter()
        .map(|(name, value)| {
            (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_string))
        })
        .collect();
    output::pairs(&rows)
}

async fn registry(chain: Chain) -> anyhow::Result<()> {
    let registry = chain.registry().await?;
    let value = to_json(registry.address, columns::registry(&account(&registry)));
    output::print(chain.json, &value, &lines(&value));
    Ok(())
}

fn lottery_line(lottery: &Lottery, mint: &Mint) -> String {
    let status = LotteryStatus::from_byte(lottery.status).map_or("unknown", LotteryStatus::name);
    let kind = Kind::from_byte(lottery.kind).map_or("unknown", Kind::name);
    let money = match Kind::from_byte(lottery.kind).is_some_and(Kind::is_house) {
        true => format!("bankroll {}", mint.show(lottery.bankroll_free_units)),
        false => format!("jackpot {}", mint.show(lottery.jackpot_units)),
    };
    format!(
        "{:>4}  {:<24} {:<8} {:<9} round {:<6} every {:>6} s  {money}\n",
        lottery.id,
        name_of(&lottery.name),
        kind,
        status,
        lottery.next_round_index,
        lottery.period_seconds,
    )
}

async fn lotteries(chain: Chain) -> anyhow::Result<()> {
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

async fn lottery(chain: Chain, id: u64) -> anyhow::Result<()> {
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
    text += &format!(
        "      bond {} free, {} reserved; crank deposit {}\n",
        mint.show(lottery.bond_free_units),
        mint.show(lottery.bond_reserved_units),
        Mint::sol().show(lottery.crank_lamports),
    );
    for round in &rounds {
        text += &round_line(round, &mint);
    }
    output::print(chain.json, &value, &text);
    Ok(())
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

fn round_line(round: &Round, mint: &Mint) -> String {
    let status = RoundStatus::from_byte(round.status).map_or("unknown", RoundStatus::name);
    let mut text = format!("      round {:<6} {status:<7} locks at {}", round.index, round.locks_at);
    match RoundStatus::from_byte(round.status) {
        Some(RoundStatus::Void) => {
            text += &format!(
                ", {}",
                VoidReason::from_byte(round.void_reason).map_or("unknown", VoidReason::name)
            );
            text += &format!(", {} of {} refunded", round.refunded, round.entries);
        }
        Some(RoundStatus::Drawn | RoundStatus::Final) => {
            if round.kind != Kind::Instant as u8 {
                text += &format!(", {}", result_text(round));
            }
            text += &format!(", pool {}", mint.show(round.pool_units));
            if round.budget_units > 0 {
                text += &format!(", prizes {}", mint.show(round.prizes_units));
            }
            text += &format!(", {} of {} winners paid", round.winners_paid, round.winners_total);
        }
        _ => {}
    }
    text + "\n"
}

/// Numbers drawn, and the bonus ball after a plus.
pub fn result_text(round: &Round) -> String {
    let word = |at: usize| u64::from_le_bytes(round.result[at..at + 8].try_into().expect("eight bytes"));
    let numbers: Vec<_> = picks::numbers([word(0), word(8)]).map(|number| number.to_string()).collect();
    let bonus = match round.result[16] {
        0 => String::new(),
        bonus => format!(" + {bonus}"),
    };
    numbers.join(" ") + &bonus
}

async fn round(chain: Chain, id: u64, index: u64) -> anyhow::Result<()> {
    let lottery = chain.lottery(id).await?;
    let mint = chain.mint_of(&lottery.mint).await?;
    let round =
        chain.rpc.round(id, index).await?.with_context(|| match index < lottery.next_round_index {
            true => {
                format!("round {index} is closed; the api still knows it: /api/lotteries/{id}/rounds/{index}")
            }
            false => format!("round {index} is not open yet; the next one is {}", lottery.next_round_index),
        })?;
    let value = to_json(round.address, columns::round(&account(&round)));
    let text = round_line(&round, &mint).trim_start().to_string() + &lines(&value);
    output::print(chain.json, &value, &text);
    Ok(())
}

async fn wallets(chain: Chain, owner: Option<String>) -> anyhow::Result<()> {
    let owner = chain.owner_or_signer(owner.as_deref())?;
    let filter = Filter::new(offset_of!(Wallet, owner), owner);
    let wallets = chain.rpc.program_accounts::<Wallet>(&[filter], None).await?;
    let (mut values, mut text) = (Vec::new(), String::new());
    for wallet in &wallets {
        let mint = chain.mint_of(&wallet.mint).await?;
        text += &format!("{}  {}\n", wallet.address, mint.show(wallet.balance_units));
        if wallet.session_key != [0; 32] {
            text += &format!(
                "    session key {} until {}: {} of {} spent\n",
                Pubkey::from(wallet.session_key),
                wallet.session_expires_at,
                mint.show(wallet.session_spent_units),
                mint.show(wallet.session_limit_units),
            );
        }
        values.push(to_json(wallet.address, columns::wallet(&account(wallet))));
    }
    if wallets.is_empty() {
        text = format!("{owner} has no wallet yet: `lottery deposit` opens one");
    }
    output::print(chain.json, &json!(values), &text);
    Ok(())
}

fn entry_json(page: u32, index: u32, entry: &Entry) -> Value {
    let mut value = to_json(Pubkey::from(entry.wallet), columns::entry(entry));
    if let Value::Object(map) = &mut value {
        map.remove("address");
    }
    value["page_sequence"] = json!(page);
    value["index"] = json!(index);
    value
}

fn entry_line(page: u32, index: u32, entry: &Entry) -> String {
    let numbers: Vec<_> = picks::numbers(entry.picks).map(|number| number.to_string()).collect();
    let bonus = if entry.bonus > 0 { format!(" + {}", entry.bonus) } else { String::new() };
    let won = match entry.multiplier_bps {
        0 => format!("tier {}", entry.tier),
        multiplier => show_multiple(multiplier),
    };
    let state = match (entry.tier, entry.flags) {
        (_, flags) if flags & lottery_interface::accounts::FLAG_REFUNDED != 0 => "refunded".to_string(),
        (0, _) => "no prize yet".to_string(),
        (_, flags) if flags & lottery_interface::accounts::FLAG_PAID != 0 => format!("{won}, paid"),
        _ => format!("{won}, to be paid"),
    };
    format!("page {page} entry {index:<6} {}{bonus}  {state}\n", numbers.join(" "))
}

async fn entries(chain: Chain, lottery: u64, round: u64, owner: Option<String>) -> anyhow::Result<()> {
    let owner = chain.owner_or_signer(owner.as_deref())?;
    let mint = Pubkey::from(chain.lottery(lottery).await?.mint);
    let wallet = address::wallet(&owner, &mint).0;
    let address = address::round(&address::lottery(lottery).0, round).0;
    let Some(found) = chain.rpc.round(lottery, round).await? else {
        bail!("round {round} is closed or not open yet; the api knows entries of closed rounds");
    };
    let (mut values, mut text) = (Vec::new(), String::new());
    for sequence in 0..found.page_count {
        let Some(page) = chain.rpc.page(address, sequence).await? else { continue };
        for (index, entry) in (0u32..).zip(page.entries()) {
            if entry.wallet == wallet.to_bytes() {
                values.push(entry_json(sequence, index, &entry));
                text += &entry_line(sequence, index, &entry);
            }
        }
    }
    if values.is_empty() {
        text = format!("{owner} has no entry in round {round}");
    }
    output::print(chain.json, &json!(values), &text);
    Ok(())
}

async fn entry(chain: Chain, lottery: u64, round: u64, page: u32, index: u32) -> anyhow::Result<()> {
    let address = address::round(&address::lottery(lottery).0, round).0;
    let found = chain.rpc.page(address, page).await?;
    let found = found.with_context(|| format!("page {page} of round {round} is closed or not open yet"))?;
    let entry = found.entries().get(index as usize).copied();
    let entry = entry
        .with_context(|| format!("page {page} has {} entries: there is no entry {index}", found.count))?;
    output::print(chain.json, &entry_json(page, index, &entry), &entry_line(page, index, &entry));
    Ok(())
}
