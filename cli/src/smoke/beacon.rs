//! Values of beacon rounds, checked by another way than the one they came: the signature straight from the beacon's HTTP API,
//! the target by plain arithmetic, and then the whole result by the api's proof.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use lottery_client::proof::{first_failed, recompute};
use lottery_interface::{Source, accounts::Round, kinds::RoundStatus};
use lottery_rules::{
    beacon::{self, SoftwareCurve},
    hash::Software,
};
use serde::Deserialize;

use super::play::Play;
use crate::{api::Api, beacon as drand};

/// How long until a round of a beacon lottery has its value: its period, the margin and a keeper that was killed meanwhile.
const PATIENCE: Duration = Duration::from_secs(90);
/// Rounds to check.
const ROUNDS: usize = 3;

#[derive(Deserialize)]
struct Signed {
    round: u64,
    randomness: String,
    signature: String,
}

/// Checks rounds that have a value and are still on the chain; how many.
pub async fn check(play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<usize> {
    say("recomputing rounds that drew from the beacon");
    let until = Instant::now() + PATIENCE;
    let mut checked = Vec::new();
    while checked.len() < ROUNDS {
        for lottery in play.played.iter().filter(|lottery| lottery.prepared.beacon.is_some()) {
            for round in play.world.chain.rpc.rounds(lottery.id).await? {
                let place = (round.lottery_id, round.index);
                let is_final = round.status == RoundStatus::Final as u8 && round.entries > 0;
                if is_final && !checked.contains(&place) && checked.len() < ROUNDS {
                    let what = || format!("round {} of lottery {}", round.index, round.lottery_id);
                    check_value(play, &round).await.with_context(what)?;
                    check_proof(play, &round, round.address.to_string()).await.with_context(what)?;
                    checked.push(place);
                }
            }
        }
        if Instant::now() >= until {
            bail!("only {} rounds of {ROUNDS} drew from the beacon", checked.len());
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(checked.len())
}

async fn check_value(play: &Play, round: &Round) -> anyhow::Result<()> {
    ensure!(round.source == Source::Beacon as u8, "it does not draw from a beacon");
    let info = &play.stack.info.beacon;
    // The first round signed at lock + 30 s or later, counted up from the first.
    let earliest = round.locks_at + 30;
    let mut target = 1 + ((earliest - info.genesis_at) / i64::from(info.period_seconds)) as u64;
    if (earliest - info.genesis_at) % i64::from(info.period_seconds) != 0 {
        target += 1;
    }
    ensure!(round.beacon_round == target, "the chain says beacon round {}, not {target}", round.beacon_round);
    let url = format!("{}/{}/public/{target}", info.url, info.chain_hash);
    let signed: Signed = reqwest::get(&url).await?.error_for_status()?.json().await?;
    ensure!(signed.round == target, "the beacon answers round {}", signed.round);
    let signature: [u8; 64] = drand::fixed("signature", &signed.signature)?;
    let public_key: [u8; 128] = drand::fixed("public_key", &info.public_key)?;
    let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(target));
    beacon::verify::<SoftwareCurve>(&public_key, target, &signature, &witness)?;
    let value = beacon::randomness::<Software>(&signature);
    ensure!(hex::encode(value) == signed.randomness, "the beacon's randomness is not sha256(signature)");
    ensure!(round.value == value, "the chain's value is another");
    Ok(())
}

/// The api knows it a moment later.
async fn check_proof(play: &Play, round: &Round, address: String) -> anyhow::Result<()> {
    let api = Api::new(&play.stack.api_url)?;
    let path = format!("/api/rounds/{address}/proof");
    let until = Instant::now() + PATIENCE;
    loop {
        match api.get::<lottery_client::proof::Proof>(&path).await {
            Ok(proof) if proof.result.is_some() => {
                let steps = recompute(&proof);
                ensure!(
                    proof.value == round.value && proof.seed == Some(round.seed),
                    "the api's proof is of another draw"
                );
                let drawn = proof.result.context("no result")?.data;
                ensure!(drawn == round.result, "the api's proof has another result");
                return match first_failed(&steps) {
                    None => Ok(()),
                    Some(step) => bail!("step {:?} of its proof does not match", step.name),
                };
            }
            Err(error) if Instant::now() >= until => return Err(error),
            Ok(_) if Instant::now() >= until => bail!("its proof has no result"),
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }
}
