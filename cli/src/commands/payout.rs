//! `lottery pay` and `lottery refund`: credits what a round owes. The keeper does so by itself; these are for whoever
//! does not want to wait for one. Anyone may, and money only ever goes to the wallets that entered.

use std::collections::HashSet;

use anyhow::bail;
use lottery_client::{Keypair, Pubkey, Signer};
use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED, Round},
    address,
    instructions::{self, Item},
    kinds::{PageStatus, RoundStatus},
};
use serde_json::json;

use crate::{
    chain::{Chain, ChainArgs},
    output,
};

/// Items of one transaction: up to 16 wallets of 32 bytes fit beside the rest.
const ITEMS: usize = 16;

#[derive(Clone, Debug, clap::Args)]
pub struct RoundArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// Index of the round
    pub round: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Pay,
    Refund,
}

impl Verb {
    /// Whether `entry` is owed something.
    fn owes(self, entry: &Entry) -> bool {
        match self {
            Self::Pay => entry.tier > 0 && entry.flags & FLAG_PAID == 0,
            Self::Refund => entry.flags & FLAG_REFUNDED == 0,
        }
    }

    fn check(self, round: &Round) -> anyhow::Result<()> {
        let status = RoundStatus::from_byte(round.status);
        let refunds = status == Some(RoundStatus::Void) || round.refund_all != 0;
        match self {
            Self::Pay if status == Some(RoundStatus::Final) && !refunds => Ok(()),
            Self::Pay if refunds => bail!("round {} refunds its stakes: use `lottery refund`", round.index),
            Self::Pay => bail!("round {} is not final yet: wait for the keeper", round.index),
            Self::Refund if refunds => Ok(()),
            Self::Refund => bail!("round {} is not void: only a void round refunds its stakes", round.index),
        }
    }
}

/// Credits everything that is owed; the number of entries credited.
pub async fn credit(
    chain: &Chain,
    verb: Verb,
    lottery: u64,
    index: u64,
    cranker: &Keypair,
) -> anyhow::Result<u64> {
    let address = address::round(&address::lottery(lottery).0, index).0;
    let Some(round) = chain.rpc.round(lottery, index).await? else {
        bail!("round {index} of lottery {lottery} is closed or was never opened: nothing is owed");
    };
    verb.check(&round)?;
    let mut credited = 0;
    for sequence in 0..round.page_count {
        let Some(header) = chain.rpc.pages(address, round.page_count).await?.swap_remove(sequence as usize)
        else {
            continue;
        };
        if header.status < PageStatus::Sealed as u8 {
            let seal = instructions::seal_page(cranker.pubkey(), address, sequence);
            chain.send("the page was not sealed", &[seal], &[cranker]).await?;
        }
        let Some(page) = chain.rpc.page(address, sequence).await? else { continue };
        let entries = page.entries();
        let owed: Vec<Item> = (0u32..)
            .zip(&entries)
            .filter(|(_, entry)| verb.owes(entry))
            .map(|(index, entry)| Item { index, wallet: Pubkey::from(entry.wallet) })
            .collect();
        let wallets: HashSet<_> = owed.iter().map(|item| item.wallet).collect();
        let bar = output::progress(chain.json, owed.len() as u64, "crediting");
        tracing::debug!(sequence, owed = owed.len(), wallets = wallets.len(), "a page");
        for items in owed.chunks(ITEMS) {
            let build = if verb == Verb::Pay { instructions::pay } else { instructions::refund };
            let step = build(cranker.pubkey(), address, sequence, items);
            chain.send("nothing was credited", &[step], &[cranker]).await?;
            credited += items.len() as u64;
            bar.inc(items.len() as u64);
        }
        bar.finish_and_clear();
    }
    Ok(credited)
}

pub async fn run(args: RoundArgs, verb: Verb) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let credited = credit(&chain, verb, args.lottery, args.round, &signer).await?;
    let value = json!({"lottery_id": args.lottery, "round_index": args.round, "entries": credited});
    let line = match credited {
        0 => "nothing was left to credit".to_string(),
        n => format!("{n} entries credited"),
    };
    output::print(chain.json, &value, &line);
    Ok(())
}

/// `lottery void`: anyone, once the grace of a round without a value is over.
pub async fn run_void(args: RoundArgs) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let lottery = chain.lottery(args.lottery).await?;
    let Some(round) = chain.rpc.round(args.lottery, args.round).await? else {
        bail!("round {} of lottery {} is closed or was never opened", args.round, args.lottery);
    };
    let step = instructions::void_round(signer.pubkey(), lottery.address, round.address);
    let signature = chain.send("the round was not voided", &[step], &[&signer]).await?;
    let value =
        json!({"lottery_id": args.lottery, "round_index": args.round, "signature": signature.to_string()});
    let line = format!(
        "round {} is void; `lottery refund {} {}` credits the stakes",
        args.round, args.lottery, args.round
    );
    output::print(chain.json, &value, &line);
    Ok(())
}
