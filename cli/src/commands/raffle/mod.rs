//! `lottery raffle`: the list of those who may enter, entering, confirming a place, and the result.

mod confirm;
mod enter;
mod entries;
mod export;
mod people;
mod prepare;
mod show;

#[derive(Clone, Debug, clap::Args)]
pub struct RaffleCommand {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum What {
    /// Make the list of those who may enter, with everyone's proof, from a CSV file
    Prepare(prepare::PrepareArgs),
    /// Enter the signer
    Enter(enter::RaffleEnterArgs),
    /// Take the place that the signer is offered
    Confirm(confirm::ConfirmArgs),
    /// Where an owner stands [default: the signer]
    Show(show::RaffleShowArgs),
    /// Write a round's result to a file, every key computed again
    Export(export::ExportArgs),
}

pub use people::{parse_groups, parse_people};

pub async fn run(args: RaffleCommand) -> anyhow::Result<()> {
    match args.what {
        What::Prepare(args) => prepare::run(args),
        What::Enter(args) => enter::run(args).await,
        What::Confirm(args) => confirm::run(args).await,
        What::Show(args) => show::run(args).await,
        What::Export(args) => export::run(args).await,
    }
}
