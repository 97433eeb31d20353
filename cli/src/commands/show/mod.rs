//! `lottery show`: accounts of the program, as they are on the chain now.

mod entries;
mod lottery;
mod round;

use std::mem::offset_of;

use lottery_client::{Filter, Pubkey};
use lottery_interface::accounts::{AccountLayout, Wallet};
use serde_json::{Map, Value, json};

pub use round::result_text;

use crate::{
    chain::{Chain, ChainArgs},
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
        What::Lotteries { chain } => lottery::lotteries(chain.connect()?).await,
        What::Lottery { chain, id } => lottery::lottery(chain.connect()?, id).await,
        What::Round { chain, lottery, index } => round::round(chain.connect()?, lottery, index).await,
        What::Wallet { chain, owner } => wallets(chain.connect()?, owner).await,
        What::Entries { chain, lottery, round, owner } => {
            entries::entries(chain.connect()?, lottery, round, owner).await
        }
        What::Entry { chain, lottery, round, page, index } => {
            entries::entry(chain.connect()?, lottery, round, page, index).await
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
