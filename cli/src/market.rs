//! A market as people are told of it: what can be bet on, what each outcome pays now, who attested what, and how it ended. Names in
//! JSON are those of the api.

use lottery_client::{
    Fetched, Pubkey, Rpc,
    market::{Market, MarketRules},
};
use lottery_interface::{
    Kind,
    accounts::{Attestation, OracleSet, Page, Round, attestations, page_pools, round_pools},
    kinds::{PageStatus, RoundStatus},
};
use lottery_rules::{
    hash::Software,
    prediction::{Facts, value},
};
use serde_json::{Value, json};

use crate::chain::Mint;

/// Outcomes that an error names; a market may have 128.
const NAMED: usize = 12;

/// The outcome of an entry's picks, which have one bit.
pub fn picked(picks: [u64; 2]) -> Option<u8> {
    let place = match picks {
        [0, 0] => return None,
        [0, high] => 64 + high.trailing_zeros(),
        [low, _] => low.trailing_zeros(),
    };
    u8::try_from(place).ok()
}

/// "even, odd"; of many only the first.
pub fn outcomes(market: &Market) -> String {
    let mut labels = market.labels();
    let count = labels.len();
    if count > NAMED {
        labels.truncate(NAMED);
        labels.push(format!("… ({count} in all)"));
    }
    labels.join(", ")
}

/// The rules of a market, as the api says them.
pub fn rules_json(market: &Market, reporters: &[Pubkey]) -> Value {
    let rules = MarketRules::new(market, reporters.iter().map(Pubkey::to_string).collect());
    let mut value = serde_json::to_value(rules).unwrap_or_default();
    value["kind"] = json!(Kind::Prediction.name());
    value
}

/// The facts with the quorum, once a round has its value.
fn decided(round: &Fetched<Round>) -> Option<Facts> {
    match RoundStatus::from_byte(round.status)? {
        RoundStatus::Valued | RoundStatus::Drawn | RoundStatus::Final => attestations(&round.data)
            .find(|attestation| {
                attestation.attested_at != 0 && value::<Software>(&attestation.facts) == round.value
            })
            .map(|attestation| attestation.facts),
        RoundStatus::Open | RoundStatus::Void => None,
    }
}

/// "odd (7)": the outcome that came true and the facts that it follows from.
pub fn result_text(market: &Market, round: &Fetched<Round>) -> String {
    let Some(facts) = decided(round) else { return String::new() };
    let facts: Vec<_> = facts.iter().take(market.rules.fact_count.into()).map(i64::to_string).collect();
    format!("{} ({})", market.label(round.result[0]), facts.join(" "))
}

/// The stakes on each outcome of one round, as they are on the chain now.
#[derive(Clone, Debug)]
pub struct Book {
    market: Market,
    pub pools: Vec<u64>,
    fee_bps: u16,
}

impl Book {
    /// Sealed pages count in the round, the others by themselves.
    pub async fn of(rpc: &Rpc, market: &Market, round: &Fetched<Round>) -> anyhow::Result<Self> {
        let mut pools: Vec<u64> = round_pools(&round.data).collect();
        for sequence in 0..round.page_count {
            let page: Option<Fetched<Page>> = rpc.page(round.address, sequence).await?;
            let Some(page) = page.filter(|page| page.status < PageStatus::Sealed as u8) else { continue };
            for (pool, units) in pools.iter_mut().zip(page_pools(&page.data)) {
                *pool = pool.saturating_add(units);
            }
        }
        Ok(Self { market: market.clone(), pools, fee_bps: round.fee_bps })
    }

    fn total(&self) -> u64 {
        self.pools.iter().fold(0, |sum, pool| sum.saturating_add(*pool))
    }

    /// Stakes, shares, and what one unit gets back if the outcome comes true.
    pub fn pools_json(&self) -> Value {
        let total = self.total().max(1) as f64;
        let odds = self.market.odds(&self.pools, self.fee_bps);
        let rows = (0u8..).zip(&self.pools).zip(odds).map(|((outcome, units), odds)| {
            json!({
                "outcome": outcome,
                "label": self.market.label(outcome),
                "stake_units": units.to_string(),
                "share": *units as f64 / total,
                "payout": odds.map(|odds| odds.decimal()),
            })
        });
        rows.collect()
    }

    /// A line for each outcome that somebody bet on, else for the first few.
    pub fn lines(&self, mint: &Mint, indent: &str) -> String {
        let odds = self.market.odds(&self.pools, self.fee_bps);
        let labels = self.market.labels();
        let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
        let total = self.total().max(1) as f64;
        let few = labels.len() <= NAMED;
        let mut text = String::new();
        for ((label, units), odds) in labels.iter().zip(&self.pools).zip(odds) {
            if !few && *units == 0 {
                continue;
            }
            let pays = odds
                .map_or_else(|| "nobody yet".to_string(), |odds| format!("pays {:.4}x now", odds.decimal()));
            let share = *units as f64 / total * 100.0;
            text += &format!("{indent}{label:<width$}  {:>14}  {share:>5.1} %  {pays}\n", mint.show(*units));
        }
        if !few {
            text += &format!("{indent}{} outcomes in all\n", labels.len());
        }
        text
    }
}

/// The reporters of a set, in its order.
pub fn reporters(oracles: &OracleSet) -> Vec<Pubkey> {
    oracles
        .reporters
        .iter()
        .take(oracles.reporter_count.into())
        .map(|reporter| Pubkey::from(*reporter))
        .collect()
}

/// What each reporter attested, in the order of the oracle set, with what the round needs.
pub fn attested(round: &Fetched<Round>) -> Vec<(u8, Attestation)> {
    (0u8..).zip(attestations(&round.data)).filter(|(_, attestation)| attestation.attested_at != 0).collect()
}

/// A round of a market beyond its account's own fields; `reporters` are those of the oracle set.
pub fn round_json(market: &Market, round: &Fetched<Round>, book: &Book, reporters: &[Pubkey]) -> Value {
    let count = usize::from(market.rules.fact_count);
    let texts = |facts: &Facts| facts.iter().take(count).map(i64::to_string).collect::<Vec<_>>();
    let facts = decided(round);
    let rows = attested(round).into_iter().map(|(index, attestation)| {
        json!({
            "reporter": reporters.get(usize::from(index)).map(Pubkey::to_string),
            "reporter_index": index,
            "facts": texts(&attestation.facts),
            "evidence": hex::encode(attestation.evidence),
            "attested_at": attestation.attested_at,
        })
    });
    json!({
        "pools": book.pools_json(),
        "attestations": rows.collect::<Vec<_>>(),
        "quorum": market.rules.quorum,
        "reporter_count": market.rules.reporter_count,
        "blocking": market.quorum().blocking(),
        "facts": facts.as_ref().map(texts),
        "winning_outcome": facts.map(|_| round.result[0]),
        "winning_label": facts.map(|_| market.label(round.result[0])),
    })
}

/// The same for people.
pub fn round_lines(
    market: &Market,
    round: &Fetched<Round>,
    book: &Book,
    reporters: &[Pubkey],
    mint: &Mint,
) -> String {
    let mut text = book.lines(mint, "  ");
    let count = usize::from(market.rules.fact_count);
    for (index, attestation) in attested(round) {
        let facts: Vec<_> = attestation.facts.iter().take(count).map(i64::to_string).collect();
        let reporter = reporters.get(usize::from(index)).map_or_else(|| index.to_string(), Pubkey::to_string);
        let means = market
            .outcome(&attestation.facts)
            .map_or_else(|_| "?".to_string(), |outcome| market.label(outcome));
        text += &format!(
            "  {reporter} attests {} ({means}), evidence {}\n",
            facts.join(" "),
            hex::encode(attestation.evidence)
        );
    }
    let quorum = market.quorum();
    text + &format!(
        "  {} of {} equal attestations decide, from {} on; {} reporters together can block\n",
        quorum.needed,
        quorum.reporters,
        round.event_at,
        quorum.blocking()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_one_bit() {
        assert_eq!(picked([1, 0]), Some(0));
        assert_eq!(picked([1 << 63, 0]), Some(63));
        assert_eq!(picked([0, 1]), Some(64));
        assert_eq!(picked([0, 1 << 63]), Some(127));
        assert_eq!(picked([0, 0]), None);
    }
}
