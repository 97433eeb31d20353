//! `lottery activate`, `pause` and `retire`: what roles decide about a whole lottery.

use lottery_client::Signer;
use lottery_interface::{accounts::Lottery, instructions, kinds::LotteryStatus};
use serde_json::json;

use crate::{chain::ChainArgs, output};

#[derive(Clone, Debug, clap::Args)]
pub struct LotteryIdArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Activate,
    Pause,
    Retire,
}

impl Verb {
    fn refused(self) -> &'static str {
        match self {
            Self::Activate => "the lottery was not activated",
            Self::Pause => "the lottery was not paused",
            Self::Retire => "the lottery was not retired",
        }
    }
}

/// The state in words, with what follows from it.
fn line(lottery: &Lottery) -> String {
    let status = LotteryStatus::from_byte(lottery.status).map_or("unknown", LotteryStatus::name);
    let then = match LotteryStatus::from_byte(lottery.status) {
        Some(LotteryStatus::Paused) => "; rounds that were open are void and will be refunded",
        Some(LotteryStatus::Active) if lottery.retiring != 0 => "; the next round is its last",
        _ => "",
    };
    format!("lottery {} is {status}{then}", lottery.id)
}

pub async fn run(args: LotteryIdArgs, verb: Verb) -> anyhow::Result<()> {
    let chain = args.chain.connect()?;
    let signer = chain.keypair()?;
    let lottery = chain.lottery(args.lottery).await?;
    let step = match verb {
        Verb::Activate => instructions::activate_lottery(signer.pubkey(), args.lottery),
        Verb::Pause => instructions::pause_lottery(signer.pubkey(), args.lottery, lottery.next_round_index),
        Verb::Retire => instructions::retire_lottery(signer.pubkey(), args.lottery),
    };
    let signature = chain.send(verb.refused(), &[step], &[&signer]).await?;
    let lottery = chain.lottery(args.lottery).await?;
    let value = json!({
        "id": lottery.id,
        "status": LotteryStatus::from_byte(lottery.status).map(LotteryStatus::name),
        "retiring": lottery.retiring != 0,
        "signature": signature.to_string(),
    });
    output::print(chain.json, &value, &line(&lottery));
    Ok(())
}
