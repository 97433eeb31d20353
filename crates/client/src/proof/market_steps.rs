//! A market recomputed: from who attested to what each entry gets.

use lottery_rules::{
    hash::Software,
    prediction::{self, Facts, MAX_FACTS, Split, Verdict},
};

use super::{MarketProof, OracleProof, Proof, Randomness, Rules, Settled, recompute::Step};
use crate::market::{Market, MarketRules};

/// Facts as the chain holds them, with the zeros that follow. `None`: more than there can be.
fn padded(facts: &[i64]) -> Option<Facts> {
    let mut all = [0; MAX_FACTS];
    all.get_mut(..facts.len())?.copy_from_slice(facts);
    Some(all)
}

fn shown(facts: &[i64]) -> String {
    facts.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

/// The part of a proof that is a market's. `None`: it is another kind's, or the rules are those of no market.
struct Parts<'a> {
    rules: &'a MarketRules,
    market: Market,
    oracle: &'a OracleProof,
    ended: &'a MarketProof,
}

impl<'a> Parts<'a> {
    fn of(proof: &'a Proof) -> Option<Self> {
        let (Rules::Prediction(rules), Randomness::Oracle(oracle)) = (&proof.rules, &proof.randomness) else {
            return None;
        };
        Some(Self { rules, market: rules.market()?, oracle, ended: proof.market.as_ref()? })
    }
}

fn no_market() -> Step {
    Step::new(
        "rules",
        "a market that the program accepts, with what its oracles attested",
        &[],
        "no such market".into(),
        Some("valid".into()),
    )
}

/// From the oracle set to the value, as far as nothing is missing.
pub(super) fn decided(proof: &Proof, steps: &mut Vec<Step>) -> bool {
    let Some(parts) = Parts::of(proof) else {
        steps.push(no_market());
        return false;
    };
    steps.push(oracle_set(parts.rules));
    steps.push(attestations(&parts));
    steps.push(quorum(&parts));
    let value = padded(&parts.ended.facts).map(|facts| hex::encode(prediction::value::<Software>(&facts)));
    steps.push(Step::new(
        "value",
        "sha256(domain || facts), eight signed 64-bit numbers, little-endian",
        &[
            ("domain", String::from_utf8_lossy(prediction::DOMAIN).into_owned()),
            ("facts", shown(&parts.ended.facts)),
        ],
        value.unwrap_or_else(|| "more facts than there can be".into()),
        Some(hex::encode(proof.value)),
    ));
    true
}

fn oracle_set(rules: &MarketRules) -> Step {
    let reporters = (0..).zip(&rules.oracles.reporters);
    let inputs: Vec<(String, String)> =
        reporters.map(|(i, reporter): (usize, _)| (format!("reporter {i}"), reporter.clone())).collect();
    let inputs: Vec<(&str, String)> =
        inputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let counted = rules.oracles.reporters.len() == usize::from(rules.oracles.reporter_count);
    let address = rules.oracle_set().filter(|_| counted).map(|address| address.to_string());
    Step::new(
        "oracle_set",
        "the program's address of [\"oracles\", sha256 of the reporters, ascending], which the config names",
        &inputs,
        address.unwrap_or_else(|| "not as many reporters as the config says".into()),
        Some(rules.oracles.address.clone()),
    )
}

/// Each reporter attested once, for itself, after the event, facts that the market was made for.
fn attestations(parts: &Parts) -> Step {
    let given = &parts.oracle.attestations;
    let lines: Vec<(String, String)> = given
        .iter()
        .map(|a| {
            let name = format!("reporter {} at {}", a.reporter_index, a.attested_at);
            let (evidence, signature) = (hex::encode(a.evidence), &a.signature);
            (name, format!("{}, evidence {evidence}, transaction {signature}", shown(&a.facts)))
        })
        .collect();
    let mut inputs: Vec<(&str, String)> = vec![
        ("locks_at", parts.oracle.locks_at.to_string()),
        ("event_at", parts.oracle.event_at.to_string()),
    ];
    inputs.extend(lines.iter().map(|(name, value)| (name.as_str(), value.clone())));
    Step::new(
        "attestations",
        "reporters of the set, each once, at or after event_at = locks_at + event_delay_seconds, within the mapping",
        &inputs,
        fault(parts).unwrap_or_else(|| "valid".into()),
        Some("valid".into()),
    )
}

/// The first thing that the program would have refused.
fn fault(parts: &Parts) -> Option<String> {
    let oracle = parts.oracle;
    if oracle.event_at != oracle.locks_at.saturating_add(parts.rules.event_delay_seconds.into()) {
        return Some("event_at is not locks_at + event_delay_seconds".into());
    }
    let mut seen = [false; 1 << u8::BITS];
    for a in &oracle.attestations {
        let who = format!("reporter {}", a.reporter_index);
        if parts.rules.oracles.reporters.get(usize::from(a.reporter_index)) != Some(&a.reporter) {
            return Some(format!("{} is not {who} of the set", a.reporter));
        }
        if std::mem::replace(&mut seen[usize::from(a.reporter_index)], true) {
            return Some(format!("{who} attested twice"));
        }
        if a.attested_at < oracle.event_at {
            return Some(format!("{who} attested before the event was over"));
        }
        let outcome = padded(&a.facts).map(|facts| parts.market.outcome(&facts));
        if a.facts.len() != usize::from(parts.market.rules.fact_count) || !matches!(outcome, Some(Ok(_))) {
            return Some(format!("{who} attested facts that the market was not made for"));
        }
    }
    None
}

fn quorum(parts: &Parts) -> Step {
    let given: Vec<Facts> = parts.oracle.attestations.iter().filter_map(|a| padded(&a.facts)).collect();
    let verdict = parts.market.quorum().verdict(given.iter());
    let count = usize::from(parts.market.rules.fact_count);
    let output = match &verdict {
        Verdict::Decided(facts) => shown(&facts[..count.min(MAX_FACTS)]),
        Verdict::Waiting => "not enough equal attestations".into(),
        Verdict::Split => "the attestations cannot reach the quorum".into(),
    };
    let groups = given.iter().enumerate().filter(|(i, facts)| !given[..*i].contains(facts));
    let said: Vec<String> = groups
        .map(|(_, facts)| {
            let equal = given.iter().filter(|other| *other == facts).count();
            format!("{} by {equal}", shown(&facts[..count.min(MAX_FACTS)]))
        })
        .collect();
    let of = format!("{} of {}", parts.rules.oracles.quorum, parts.rules.oracles.reporter_count);
    Step::new(
        "quorum",
        "the facts that so many reporters attest equally; with 2M > N there is one at most",
        &[("quorum", of), ("attested", said.join(", "))],
        output,
        Some(shown(&parts.ended.facts)),
    )
}

/// From facts to the outcome and, of a final market, to what each entry gets.
pub(super) fn ended(proof: &Proof, steps: &mut Vec<Step>) {
    let Some(parts) = Parts::of(proof) else { return steps.push(no_market()) };
    let mapping = &parts.rules.mapping;
    let sum = |places: &[u8]| {
        let facts = places.iter().filter_map(|place| parts.ended.facts.get(usize::from(*place)));
        facts.map(|fact| i128::from(*fact)).sum::<i128>().to_string()
    };
    let mut inputs = vec![("facts", shown(&parts.ended.facts)), ("subject", sum(&mapping.subject))];
    if !mapping.other.is_empty() {
        inputs.push(("other", sum(&mapping.other)));
    }
    inputs.push(("mapping", serde_json::to_string(mapping).unwrap_or_default()));
    let outcome = padded(&parts.ended.facts).and_then(|facts| parts.market.outcome(&facts).ok());
    let named = |outcome: u8| format!("{outcome} ({})", parts.market.label(outcome));
    steps.push(Step::new(
        "outcome",
        "subject and other are sums of facts; the mapping says which outcome they are",
        &inputs,
        outcome.map_or_else(|| "the facts are no outcome".into(), named),
        Some(named(parts.ended.outcome)),
    ));
    let mut stored = [0; 32];
    stored[0] = parts.ended.outcome;
    steps.push(Step::new(
        "result",
        "the outcome in the first byte",
        &[("outcome", parts.ended.outcome.to_string())],
        hex::encode(stored),
        proof.result.as_ref().map(|result| hex::encode(result.data)),
    ));
    if let Some(settled) = &parts.ended.settled {
        money(&parts, settled, steps);
    }
}

fn money(parts: &Parts, settled: &Settled, steps: &mut Vec<Step>) {
    let ended = parts.ended;
    let pools: Vec<(String, String)> = (0..)
        .zip(&ended.pools)
        .map(|(outcome, units): (u8, &u64)| (parts.market.label(outcome), units.to_string()))
        .collect();
    let inputs: Vec<(&str, String)> =
        pools.iter().map(|(name, units)| (name.as_str(), units.clone())).collect();
    let pool = ended.pools.iter().try_fold(0u64, |sum, units| sum.checked_add(*units));
    let winning = ended.pools.get(usize::from(ended.outcome)).copied();
    let both = |pool: Option<u64>, winning: Option<u64>| match (pool, winning) {
        (Some(pool), Some(winning)) => format!("{pool}, of which {winning} on the outcome"),
        _ => "the pools are of no market".into(),
    };
    steps.push(Step::new(
        "pools",
        "stakes on each outcome, together and on the one that came true",
        &inputs,
        both(pool.filter(|_| ended.pools.len() == parts.rules.outcomes.len()), winning),
        Some(both(Some(settled.pool_units), Some(settled.winning_units))),
    ));
    let split =
        prediction::split(parts.market.mode(), settled.pool_units, settled.winning_units, ended.fee_bps);
    let none = || "no such market exists".to_string();
    let lost = settled.pool_units.saturating_sub(settled.winning_units);
    let matched = split.map(|split| match split {
        Split::Matched { matched, .. } => matched,
        Split::RefundAll => 0,
    });
    steps.push(Step::new(
        "matched",
        "pro_rata: the smaller of winning and lost; parimutuel: lost; 0 when either is 0, for then every stake comes back",
        &[("mode", parts.rules.mode.clone()), ("winning", settled.winning_units.to_string()), ("lost", lost.to_string())],
        matched.map_or_else(none, |matched| matched.to_string()),
        Some(settled.matched_units.to_string()),
    ));
    let fee = split.map(|split| match split {
        Split::Matched { fee, .. } => fee,
        Split::RefundAll => 0,
    });
    steps.push(Step::new(
        "fee",
        "floor(matched * fee_bps / 10000): only of what losers lose",
        &[("matched", settled.matched_units.to_string()), ("fee_bps", ended.fee_bps.to_string())],
        fee.map_or_else(none, |fee| fee.to_string()),
        Some(settled.fee_units.to_string()),
    ));
    let paid = |units: u64, refund_all: bool| match refund_all {
        true => "every stake comes back".to_string(),
        false => format!("{units} together"),
    };
    let refund_all = matches!(split, Some(Split::RefundAll));
    steps.push(Step::new(
        "payouts",
        "a winner gets stake + floor(stake * (matched - fee) / winning), a loser floor(stake * (lost - matched) / lost)",
        &[
            ("matched", settled.matched_units.to_string()),
            ("fee", settled.fee_units.to_string()),
            ("winning", settled.winning_units.to_string()),
            ("lost", lost.to_string()),
        ],
        settled.pool_units.checked_sub(settled.fee_units).map_or_else(none, |units| paid(units, refund_all)),
        Some(paid(settled.prizes_units, settled.refund_all)),
    ));
}

/// What an entry of a final market gets back, by the formulas of step `payouts`. `None`: the market is not final, or every
/// stake comes back, or no such entry can be.
pub fn entry_payout(proof: &Proof, outcome: u8, stake_units: u64) -> Option<u64> {
    let ended = proof.market.as_ref()?;
    let settled = ended.settled.as_ref().filter(|settled| !settled.refund_all)?;
    if outcome == ended.outcome {
        return prediction::payout(
            stake_units,
            settled.matched_units,
            settled.fee_units,
            settled.winning_units,
        );
    }
    let lost = settled.pool_units.checked_sub(settled.winning_units)?;
    prediction::unmatched(stake_units, settled.matched_units, lost)
}
