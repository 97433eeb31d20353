//! A proof recomputed: each step takes what the proof says and gives what should follow from it.

use lottery_rules::{
    beacon::{self, Schedule, SoftwareCurve, message, witness},
    commit_reveal::{self, MAX_DISTANCE},
    hash::{Sha256, Software},
    seed::{self, fold_page, round_seed},
};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::{BeaconProof, CommitReveal, Drawn, PageDigest, Proof, Randomness, Rules, market_steps};

/// What a step takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    pub name: String,
    pub value: String,
}

/// One step of the recomputation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// target, signature, slot, reveal, value, sealed_digest, seed, stream or result; of a market rules, oracle_set,
    /// attestations, quorum, value, sealed_digest, seed, outcome, result, pools, matched, fee or payouts.
    pub name: &'static str,
    /// How the output follows from the inputs.
    pub formula: &'static str,
    pub inputs: Vec<Input>,
    pub output: String,
    /// What the proof says it is; absent where it says nothing yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The output is what the proof says; true where it says nothing yet.
    pub matches: bool,
}

impl Step {
    pub(super) fn new(
        name: &'static str,
        formula: &'static str,
        inputs: &[(&str, String)],
        output: String,
        expected: Option<String>,
    ) -> Self {
        let inputs = inputs.iter().map(|(name, value)| Input { name: (*name).into(), value: value.clone() });
        let matches = expected.as_ref().is_none_or(|expected| *expected == output);
        Self { name, formula, inputs: inputs.collect(), output, expected, matches }
    }
}

/// The first step whose output is not what the proof says.
pub fn first_failed(steps: &[Step]) -> Option<&Step> {
    steps.iter().find(|step| !step.matches)
}

/// Recomputes a round, in order: its value from the source, the digest of its pages, seed, stream and result; of a market the
/// outcome and the split of the stakes. Each step takes what the proof says, so the first one that fails is the one that is
/// wrong.
pub fn recompute(proof: &Proof) -> Vec<Step> {
    let mut steps = Vec::new();
    match &proof.randomness {
        Randomness::Beacon(beacon) => from_beacon(proof, beacon, &mut steps),
        Randomness::CommitReveal(reveal) => from_reveal(proof, reveal, &mut steps),
        Randomness::Oracle(_) => {
            if !market_steps::decided(proof, &mut steps) {
                return steps;
            }
        }
    }
    let Some(folded) = sealed_digest(proof, &mut steps) else { return steps };
    let digest = proof.sealed_digest.unwrap_or(folded);
    let Some(computed) = seed_of(proof, &digest, &mut steps) else { return steps };
    let seed = proof.seed.unwrap_or(computed);
    match proof.rules {
        Rules::Prediction(_) => market_steps::ended(proof, &mut steps),
        _ => drawn(proof, &seed, &mut steps),
    }
    steps
}

fn from_beacon(proof: &Proof, b: &BeaconProof, steps: &mut Vec<Step>) {
    let schedule = Schedule { genesis_at: b.genesis_at, period_seconds: b.period_seconds };
    let target = schedule.first_round_from(b.locks_at.saturating_add(b.margin_seconds as i64));
    steps.push(Step::new(
        "target",
        "the first round of the beacon signed at locks_at + margin_seconds or later",
        &[
            ("locks_at", b.locks_at.to_string()),
            ("margin_seconds", b.margin_seconds.to_string()),
            ("genesis_at", b.genesis_at.to_string()),
            ("period_seconds", b.period_seconds.to_string()),
        ],
        target.map_or("no round of this beacon".into(), |round| round.to_string()),
        Some(b.beacon_round.to_string()),
    ));
    let message = message::<SoftwareCurve>(b.beacon_round);
    let witness = witness::<SoftwareCurve>(&message);
    let verified = beacon::verify::<SoftwareCurve>(&b.public_key, b.beacon_round, &b.signature, &witness);
    steps.push(Step::new(
        "signature",
        "e(signature, -G2) * e(hash_to_curve(message), public_key) == 1, message = keccak256(beacon_round, big-endian)",
        &[
            ("chain_hash", hex::encode(b.chain_hash)),
            ("public_key", hex::encode(b.public_key)),
            ("beacon_round", b.beacon_round.to_string()),
            ("message", hex::encode(message)),
            ("signature", hex::encode(b.signature)),
        ],
        verified.map_or_else(|error| error.message().to_string(), |()| "valid".into()),
        Some("valid".into()),
    ));
    steps.push(Step::new(
        "value",
        "sha256(signature)",
        &[("signature", hex::encode(b.signature))],
        hex::encode(beacon::randomness::<Software>(&b.signature)),
        Some(hex::encode(proof.value)),
    ));
}

fn from_reveal(proof: &Proof, c: &CommitReveal, steps: &mut Vec<Step>) {
    let reached = if c.captured_slot >= c.target_slot { "reached" } else { "not reached" };
    steps.push(Step::new(
        "slot",
        "the slot whose hash was captured is the target or after it",
        &[("target_slot", c.target_slot.to_string()), ("captured_slot", c.captured_slot.to_string())],
        reached.into(),
        Some("reached".into()),
    ));
    let hashed = (1..=MAX_DISTANCE).contains(&c.distance).then(|| {
        let link = (0..c.distance).fold(c.reveal, |link, _| Software::hashv(&[&link]));
        hex::encode(link)
    });
    steps.push(Step::new(
        "reveal",
        "sha256, applied `distance` times to the reveal, is the commit",
        &[("reveal", hex::encode(c.reveal)), ("distance", c.distance.to_string())],
        hashed.unwrap_or_else(|| format!("no distance from 1 to {MAX_DISTANCE}")),
        Some(hex::encode(c.commit)),
    ));
    steps.push(Step::new(
        "value",
        "sha256(domain || reveal || slot_hash)",
        &[
            ("domain", String::from_utf8_lossy(commit_reveal::DOMAIN).into_owned()),
            ("reveal", hex::encode(c.reveal)),
            ("slot_hash", hex::encode(c.slot_hash)),
        ],
        hex::encode(commit_reveal::value::<Software>(&c.reveal, &c.slot_hash)),
        Some(hex::encode(proof.value)),
    ));
}

/// `None`: the pages are not all there.
fn sealed_digest(proof: &Proof, steps: &mut Vec<Step>) -> Option<[u8; 32]> {
    let gap = (0u32..).zip(&proof.pages).find(|(sequence, page)| page.sequence != *sequence);
    let fold = |digest: [u8; 32], page: &PageDigest| {
        fold_page::<Software>(&digest, &page.digest, page.sequence, page.count)
    };
    let folded = gap.is_none().then(|| proof.pages.iter().fold([0; 32], fold));
    let inputs: Vec<(String, String)> = proof
        .pages
        .iter()
        .map(|page| {
            let what = format!("{} of {} entries", hex::encode(page.digest), page.count);
            (format!("page {}", page.sequence), what)
        })
        .collect();
    let inputs: Vec<(&str, String)> =
        inputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let mut step = Step::new(
        "sealed_digest",
        "from 32 zero bytes, by page: sha256(sealed_digest || digest || sequence as u32 || count as u32)",
        &inputs,
        folded.map_or("a page is missing or out of order".into(), hex::encode),
        proof.sealed_digest.map(hex::encode),
    );
    step.matches &= folded.is_some();
    steps.push(step);
    folded
}

/// `None`: the round's address is none.
fn seed_of(proof: &Proof, sealed_digest: &[u8; 32], steps: &mut Vec<Step>) -> Option<[u8; 32]> {
    let round = proof.round.parse::<Pubkey>().ok();
    let computed = round.map(|round| round_seed::<Software>(&proof.value, &round.to_bytes(), sealed_digest));
    let mut step = Step::new(
        "seed",
        "sha256(domain || value || round || sealed_digest)",
        &[
            ("domain", String::from_utf8_lossy(seed::DOMAIN).into_owned()),
            ("value", hex::encode(proof.value)),
            ("round", proof.round.clone()),
            ("sealed_digest", hex::encode(sealed_digest)),
        ],
        computed.map_or("the round's address is none".into(), hex::encode),
        proof.seed.map(hex::encode),
    );
    step.matches &= computed.is_some();
    steps.push(step);
    computed
}

fn drawn(proof: &Proof, seed: &[u8; 32], steps: &mut Vec<Step>) {
    let made = proof.rules.draw(seed, &proof.pages);
    let shown = |used: &super::StreamUse| match used.data.as_str() {
        "" => format!("{} bytes", used.bytes),
        data => format!("{} bytes: {data}", used.bytes),
    };
    let nothing = || "no draw ends under these rules".to_string();
    let mut step = Step::new(
        "stream",
        "block i is sha256(seed || domain || i as u32), taken byte by byte until the draw is complete",
        &[
            ("seed", hex::encode(seed)),
            ("domain", proof.rules.domain().map_or(0, |domain| domain as u8).to_string()),
        ],
        made.as_ref().map_or_else(nothing, |(used, _)| shown(used)),
        proof.stream.as_ref().map(shown),
    );
    let same = |used: &super::StreamUse| made.as_ref().is_some_and(|(made, _)| made == used);
    step.matches &= made.is_some() && proof.stream.as_ref().is_none_or(same);
    steps.push(step);

    let rules = serde_json::to_string(&proof.rules).unwrap_or_default();
    let text = |drawn: &Drawn| {
        let numbers: Vec<String> = drawn.numbers.iter().map(u8::to_string).collect();
        let bonus = drawn.bonus.map(|bonus| format!(" + {bonus}")).unwrap_or_default();
        format!("{} {}{bonus}", hex::encode(drawn.data), numbers.join(" ")).trim_end().to_string()
    };
    let used = made.as_ref().map(|(used, _)| used.data.clone()).unwrap_or_default();
    let mut step = Step::new(
        "result",
        "a byte b is taken for one of n numbers when b < 256 - 256 % n, as b % n + 1; a number drawn before is drawn again",
        &[("rules", rules), ("stream", used)],
        made.as_ref().map_or_else(nothing, |(_, drawn)| text(drawn)),
        proof.result.as_ref().map(text),
    );
    step.matches &= made.is_some();
    steps.push(step);
}
