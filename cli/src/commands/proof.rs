//! `lottery proof`: everything that decided a round, and its result recomputed from that, step by step.

use std::path::PathBuf;

use anyhow::{Context, bail};
use lottery_client::{
    Pubkey,
    proof::{Proof, Step, first_failed, recompute},
};
use lottery_interface::address;
use serde_json::{Value, json};

use crate::{api::Api, keys, output};

#[derive(Clone, Debug, clap::Args)]
pub struct ProofArgs {
    /// Address of the round
    #[arg(value_name = "ROUND", required_unless_present_any = ["lottery", "file"], conflicts_with = "file")]
    pub address: Option<String>,
    /// The round by its lottery's id, and `--round`
    #[arg(long, value_name = "ID", requires = "round", conflicts_with_all = ["address", "file"])]
    pub lottery: Option<u64>,
    /// Index of the round
    #[arg(long, value_name = "N", requires = "lottery")]
    pub round: Option<u64>,
    /// A proof that was saved, instead of the api's; needs no network
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The api that has the proof
    #[arg(long, env = "LOTTERY_API", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub api: String,
    /// Print one JSON document instead of lines: the proof and its steps
    #[arg(long)]
    pub json: bool,
}

impl ProofArgs {
    /// The round that is meant; `None` for a saved proof, which names its own.
    fn round(&self) -> anyhow::Result<Option<Pubkey>> {
        match (&self.address, self.lottery, self.round) {
            (Some(text), ..) => keys::parse_address("ROUND", text).map(Some),
            (None, Some(lottery), Some(round)) => {
                Ok(Some(address::round(&address::lottery(lottery).0, round).0))
            }
            _ => Ok(None),
        }
    }

    async fn proof(&self) -> anyhow::Result<Proof> {
        if let Some(path) = &self.file {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let what = || format!("{} is no proof", path.display());
            let mut value: Value = serde_json::from_str(&text).with_context(what)?;
            // As `--json` prints it, or as the api answers.
            let proof = value.get_mut("proof").map(Value::take).unwrap_or(value);
            return serde_json::from_value(proof).with_context(what);
        }
        let round = self.round()?.context("which round? give its address, or --lottery ID --round N")?;
        let proof: Proof = Api::new(&self.api)?.get(&format!("/api/rounds/{round}/proof")).await?;
        if proof.round != round.to_string() {
            bail!("the api answers the proof of round {}, not of {round}", proof.round);
        }
        Ok(proof)
    }
}

/// The address is that of the lottery's round: it is part of the seed.
fn check_address(proof: &Proof) -> anyhow::Result<()> {
    let expected = address::round(&address::lottery(proof.lottery_id).0, proof.index).0.to_string();
    if proof.round != expected {
        bail!(
            "round {} of lottery {} is at {expected}, not at {}",
            proof.index,
            proof.lottery_id,
            proof.round
        );
    }
    Ok(())
}

fn lines(proof: &Proof, steps: &[Step]) -> String {
    let mut text = format!("round {} of lottery {}, {}\n", proof.index, proof.lottery_id, proof.status);
    for (number, step) in (1..).zip(steps) {
        text += &format!("\n{number}. {}: {}\n", step.name, step.formula);
        let rows: Vec<_> =
            step.inputs.iter().map(|input| (input.name.as_str(), input.value.clone())).collect();
        for row in output::pairs(&rows).lines() {
            text += &format!("     {row}\n");
        }
        text += &format!("   = {}\n", step.output);
        text += &match (step.matches, &step.expected) {
            (true, Some(_)) => "   as the proof says\n".to_string(),
            (true, None) => "   the proof does not say yet\n".to_string(),
            (false, Some(expected)) => format!("   NOT what the proof says: {expected}\n"),
            (false, None) => "   does NOT follow\n".to_string(),
        };
    }
    text
}

pub async fn run(args: ProofArgs) -> anyhow::Result<()> {
    let proof = args.proof().await?;
    check_address(&proof)?;
    let steps = recompute(&proof);
    let failed = first_failed(&steps);
    let verdict = match (failed, proof.result.is_some()) {
        (Some(_), _) => String::new(),
        (None, true) => format!("\nall {} steps match: the result is what it had to be\n", steps.len()),
        (None, false) => {
            format!("\nall {} steps match; round {} is not drawn yet\n", steps.len(), proof.index)
        }
    };
    let value = json!({ "ok": failed.is_none(), "proof": proof, "steps": steps });
    output::print(args.json, &value, &(lines(&proof, &steps) + &verdict));
    match failed {
        None => Ok(()),
        Some(step) => bail!(
            "step {:?} does not match: it gives {}, and the proof says {}",
            step.name,
            step.output,
            step.expected.as_deref().unwrap_or("otherwise")
        ),
    }
}
