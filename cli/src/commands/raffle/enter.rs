//! `lottery raffle enter`: one place with a proof from the list, or several where everybody may enter.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use lottery_client::{Pubkey, QuickPicks, Ticket, enter_plan};
use lottery_interface::Kind;
use serde_json::json;

use crate::{
    chain::{Chain, ChainArgs},
    commands::{
        enter::{self, EnterArgs},
        tickets::{Table, Tickets},
    },
    lottery_file::read_list,
};

#[derive(Clone, Debug, clap::Args)]
pub struct RaffleEnterArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// The list as it was published; of a raffle that has one
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// Entries, where everybody may enter [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "list")]
    pub count: Option<u8>,
    #[command(flatten)]
    pub enter: EnterArgs,
}

impl RaffleEnterArgs {
    /// What `owner` enters with.
    fn tickets(&self, owner: Pubkey) -> anyhow::Result<Tickets> {
        let Some(path) = &self.list else {
            let quick_picks = QuickPicks { count: self.count.unwrap_or(1), ..QuickPicks::default() };
            return Ok(Tickets { tickets: Vec::new(), quick_picks });
        };
        let list = read_list(path).context("--list")?;
        ensure!(
            list.lottery_id() == self.lottery,
            "InvalidList: --list: {} is of lottery {}, not {}",
            path.display(),
            list.lottery_id(),
            self.lottery
        );
        let leaf = list.membership(&owner);
        let leaf = leaf.with_context(|| {
            format!("ProofMissing: --list: {owner} is not among its {} people", list.people().len())
        })?;
        Ok(Tickets {
            tickets: vec![Ticket { leaf: Some(leaf), ..Ticket::default() }],
            quick_picks: QuickPicks::default(),
        })
    }
}

/// The raffle, which must be one.
pub(super) async fn table(chain: &Chain, id: u64) -> anyhow::Result<Table> {
    let table = Table::load(chain, id).await?;
    ensure!(table.kind == Kind::Raffle, "lottery {id} is of kind {:?}, not a raffle", table.kind.name());
    Ok(table)
}

pub async fn run(args: RaffleEnterArgs) -> anyhow::Result<()> {
    ensure!(!args.enter.wait, "--wait: leave it out, and ask `lottery raffle show {}` later", args.lottery);
    let chain = args.chain.connect()?;
    let signers = args.enter.signers(&chain)?;
    let table = table(&chain, args.lottery).await?;
    let config = chain.rpc.config(table.lottery.config.into()).await?;
    let rules = config.raffle_rules().context("the rules of this raffle are of a version unknown here")?;
    match (&args.list, rules.leaf_count) {
        (None, 1..) => bail!(
            "ProofMissing: lottery {} has a list of {} people: give it with --list FILE",
            args.lottery,
            rules.leaf_count
        ),
        (Some(_), 0) => bail!("--list: lottery {} is open to everybody: leave it out", args.lottery),
        _ => {}
    }
    let tickets = args.tickets(signers.owner())?;
    let leaf = tickets.tickets.first().and_then(|ticket| ticket.leaf.as_ref());
    let value = json!({
        "leaf_index": leaf.map(|leaf| leaf.index),
        "weight": leaf.map_or(1, |leaf| leaf.weight),
    });
    let plan = enter_plan(&chain.rpc, &signers.request(args.lottery, tickets, args.enter.round)).await?;
    enter::enter(&chain, &table, &plan, &signers, false, ("raffle", value)).await
}
