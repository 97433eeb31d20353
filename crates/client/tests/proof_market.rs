//! Proofs of markets recomputed: whole in both modes and for every ending, and tampered with in every field.

use bytemuck::Zeroable;
use lottery_client::{
    Pubkey,
    market::{Market, MarketRules},
    proof::{
        Attested, Drawn, MarketProof, OracleProof, PageDigest, Proof, Randomness, Rules, Settled,
        entry_payout, first_failed, recompute,
    },
};
use lottery_interface::{
    accounts::{PredictionRange, PredictionRules},
    address,
};
use lottery_rules::{
    hash::Software,
    prediction::{self, MappingKind, Mode, Split},
    seed::{fold_page, round_seed},
};

const NAMES: [&str; 12] = [
    "oracle_set",
    "attestations",
    "quorum",
    "value",
    "sealed_digest",
    "seed",
    "outcome",
    "result",
    "pools",
    "matched",
    "fee",
    "payouts",
];
const EVENT_AT: i64 = 1_700_000_060;

/// Low, middle and high of the sum of two facts from 1 to 100; 3 of 5 reporters decide.
fn rules(mode: Mode, ranges: &[(i64, i64)]) -> MarketRules {
    let mut reporters: Vec<Pubkey> = (1..=5).map(|byte| Pubkey::new_from_array([byte; 32])).collect();
    reporters.sort();
    let ranges: Vec<_> =
        ranges.iter().map(|(low, high)| PredictionRange { low: *low, high: *high }).collect();
    let rules = PredictionRules {
        oracles: address::oracle_set(&reporters).0.to_bytes(),
        minimum: 1,
        maximum: 100,
        event_delay_seconds: 60,
        mode: mode as u8,
        outcome_count: ranges.len() as u8,
        mapping: MappingKind::Ranges as u8,
        fact_count: 2,
        subject: 3,
        quorum: 3,
        reporter_count: 5,
        range_count: ranges.len() as u8,
        ..PredictionRules::zeroed()
    };
    let market = Market::from_tail(&Market { rules, ranges }.to_bytes()).expect("valid rules");
    MarketRules::new(&market, reporters.iter().map(Pubkey::to_string).collect())
}

fn attested(rules: &MarketRules, reporter_index: u8, facts: [i64; 2]) -> Attested {
    Attested {
        reporter: rules.oracles.reporters[usize::from(reporter_index)].clone(),
        reporter_index,
        facts: facts.to_vec(),
        evidence: [reporter_index; 32],
        attested_at: EVENT_AT + i64::from(reporter_index),
        signature: format!("Signature{reporter_index}"),
    }
}

/// Reporters 0, 2 and 3 say 20 and 30, reporter 1 lies.
fn proof(rules: MarketRules, pools: &[u64]) -> Proof {
    let round = Pubkey::new_from_array([9; 32]);
    let market = rules.market().unwrap();
    let facts = [20, 30, 0, 0, 0, 0, 0, 0];
    let outcome = market.outcome(&facts).unwrap();
    let value = prediction::value::<Software>(&facts);
    let attestations = vec![
        attested(&rules, 0, [20, 30]),
        attested(&rules, 1, [30, 20]),
        attested(&rules, 2, [20, 30]),
        attested(&rules, 3, [20, 30]),
    ];
    let pages = vec![PageDigest { sequence: 0, count: 7, digest: [4; 32] }];
    let sealed = fold_page::<Software>(&[0; 32], &[4; 32], 0, 7);
    let (pool, winning) = (pools.iter().sum::<u64>(), pools[usize::from(outcome)]);
    let (matched_units, fee_units, refund_all) =
        match prediction::split(market.mode(), pool, winning, 500).unwrap() {
            Split::Matched { matched, fee } => (matched, fee, false),
            Split::RefundAll => (0, 0, true),
        };
    let mut data = [0; 32];
    data[0] = outcome;
    Proof {
        round: round.to_string(),
        lottery_id: 7,
        index: 3,
        status: "final".into(),
        rules: Rules::Prediction(Box::new(rules)),
        randomness: Randomness::Oracle(OracleProof {
            locks_at: EVENT_AT - 60,
            event_at: EVENT_AT,
            attestations,
        }),
        value,
        pages,
        sealed_digest: Some(sealed),
        seed: Some(round_seed::<Software>(&value, &round.to_bytes(), &sealed)),
        stream: None,
        result: Some(Drawn::outcome(data)),
        market: Some(MarketProof {
            facts: vec![20, 30],
            outcome,
            fee_bps: 500,
            pools: pools.to_vec(),
            settled: Some(Settled {
                pool_units: pool,
                winning_units: winning,
                matched_units,
                fee_units,
                prizes_units: if refund_all { 0 } else { pool - fee_units },
                refund_all,
            }),
        }),
    }
}

const THREE: [(i64, i64); 3] = [(1, 49), (50, 50), (51, 100)];
const TWO: [(i64, i64); 2] = [(1, 49), (50, 100)];

fn parimutuel() -> Proof {
    proof(rules(Mode::Parimutuel, &THREE), &[3_000, 1_000, 2_000])
}

fn pro_rata() -> Proof {
    proof(rules(Mode::ProRata, &TWO), &[3_000, 1_000])
}

fn failed(proof: &Proof) -> Option<&'static str> {
    first_failed(&recompute(proof)).map(|step| step.name)
}

#[test]
fn markets_of_both_modes_are_recomputed_in_order() {
    for proof in [parimutuel(), pro_rata()] {
        let steps = recompute(&proof);
        assert_eq!(first_failed(&steps), None);
        assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), NAMES);
        assert!(steps.iter().all(|step| step.expected.as_deref() == Some(&step.output)));
        assert_eq!(proof.randomness_source(), "oracle");
    }
    let steps = recompute(&parimutuel());
    let output = |name| steps.iter().find(|step| step.name == name).unwrap().output.as_str();
    assert_eq!(output("quorum"), "20 30");
    assert_eq!(output("outcome"), "1 (50)");
    assert_eq!(output("pools"), "6000, of which 1000 on the outcome");
    assert_eq!((output("matched"), output("fee"), output("payouts")), ("5000", "250", "5750 together"));
    let pro_rata = recompute(&pro_rata());
    let ends: Vec<_> = pro_rata.iter().rev().take(3).map(|step| step.output.as_str()).collect();
    assert_eq!(ends, ["3950 together", "50", "1000"], "matched: the smaller side");
}

#[test]
fn what_an_entry_gets_follows_from_the_proof() {
    // 1,000 won against 3,000: matched 1,000, fee 50; losers keep two thirds.
    let proof = pro_rata();
    assert_eq!((entry_payout(&proof, 1, 100), entry_payout(&proof, 0, 100)), (Some(195), Some(66)));
    let proof = parimutuel();
    assert_eq!((entry_payout(&proof, 1, 100), entry_payout(&proof, 0, 100)), (Some(575), Some(0)));
    // Nobody was right: every stake comes back, which is no payout.
    assert_eq!(entry_payout(&self::proof(rules(Mode::Parimutuel, &THREE), &[1, 0, 1]), 0, 1), None);
}

#[test]
fn a_market_without_two_sides_is_refunded() {
    for pools in [[0, 1_000, 0], [500, 0, 700], [0, 0, 0]] {
        let proof = proof(rules(Mode::Parimutuel, &THREE), &pools);
        let steps = recompute(&proof);
        assert_eq!(first_failed(&steps), None);
        assert_eq!(steps.last().unwrap().output, "every stake comes back");
    }
}

/// Facts are fixed before anybody draws, and the outcome with them.
#[test]
fn a_market_that_is_only_valued_is_computed_ahead() {
    let mut valued = pro_rata();
    valued.status = "valued".into();
    (valued.sealed_digest, valued.seed, valued.result) = (None, None, None);
    valued.market.as_mut().unwrap().settled = None;
    let steps = recompute(&valued);
    assert_eq!(first_failed(&steps), None);
    assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), NAMES[..8]);
    assert_eq!(entry_payout(&valued, 1, 100), None);
}

fn oracle(proof: &mut Proof) -> &mut OracleProof {
    match &mut proof.randomness {
        Randomness::Oracle(oracle) => oracle,
        _ => unreachable!("made with oracles"),
    }
}

fn market_rules(proof: &mut Proof) -> &mut MarketRules {
    match &mut proof.rules {
        Rules::Prediction(rules) => rules,
        _ => unreachable!("made for a market"),
    }
}

fn ended(proof: &mut Proof) -> &mut MarketProof {
    proof.market.as_mut().unwrap()
}

fn settled(proof: &mut Proof) -> &mut Settled {
    ended(proof).settled.as_mut().unwrap()
}

type Tamper = fn(&mut Proof);

#[test]
fn every_tampered_field_is_found_by_its_step() {
    let cases: [(&str, Tamper); 45] = [
        ("rules", |p| market_rules(p).mode = "winner_takes_all".into()),
        ("rules", |p| market_rules(p).mapping.kind = "dice".into()),
        ("rules", |p| market_rules(p).mapping.ranges[1].low = 51),
        ("rules", |p| market_rules(p).mapping.subject = vec![2]),
        ("rules", |p| market_rules(p).mapping.subject = vec![8]),
        ("rules", |p| market_rules(p).oracles.quorum = 2),
        ("rules", |p| market_rules(p).oracles.address = "nowhere".into()),
        ("rules", |p| p.market = None),
        ("oracle_set", |p| market_rules(p).oracles.reporters.truncate(4)),
        ("oracle_set", |p| {
            market_rules(p).oracles.reporters[4] = Pubkey::new_from_array([8; 32]).to_string()
        }),
        ("oracle_set", |p| market_rules(p).oracles.reporters[4] = "nobody".into()),
        ("attestations", |p| {
            oracle(p).attestations[0].reporter = Pubkey::new_from_array([8; 32]).to_string()
        }),
        ("attestations", |p| oracle(p).attestations[0].reporter_index = 4),
        ("attestations", |p| oracle(p).attestations[0].reporter_index = 255),
        ("attestations", |p| {
            let twice = oracle(p).attestations[0].clone();
            oracle(p).attestations.push(twice);
        }),
        ("attestations", |p| oracle(p).attestations[3].attested_at = EVENT_AT - 1),
        ("attestations", |p| oracle(p).attestations[0].facts = vec![100, 1]),
        ("attestations", |p| oracle(p).attestations[0].facts = vec![20]),
        ("attestations", |p| oracle(p).attestations[0].facts = vec![1; 9]),
        ("attestations", |p| oracle(p).event_at -= 1),
        ("attestations", |p| oracle(p).locks_at = i64::MAX),
        ("quorum", |p| oracle(p).attestations[2].facts = vec![30, 20]),
        ("quorum", |p| oracle(p).attestations.truncate(3)),
        ("quorum", |p| oracle(p).attestations.clear()),
        ("quorum", |p| market_rules(p).oracles.quorum = 4),
        ("quorum", |p| ended(p).facts = vec![30, 20]),
        ("quorum", |p| ended(p).facts = vec![1; 9]),
        ("value", |p| p.value[31] ^= 1),
        ("sealed_digest", |p| p.pages[0].count += 1),
        ("seed", |p| p.seed = Some([1; 32])),
        ("outcome", |p| ended(p).outcome = 0),
        ("outcome", |p| ended(p).outcome = 200),
        ("outcome", |p| {
            market_rules(p).mapping.ranges[0].high = 50;
            market_rules(p).mapping.ranges[1].low = 51;
        }),
        ("result", |p| p.result.as_mut().unwrap().data[0] ^= 1),
        ("result", |p| p.result.as_mut().unwrap().data[31] = 1),
        ("pools", |p| ended(p).pools[0] += 1),
        ("pools", |p| ended(p).pools[0] = u64::MAX),
        ("pools", |p| ended(p).pools.push(0)),
        ("pools", |p| settled(p).pool_units -= 1),
        ("pools", |p| settled(p).winning_units += 1),
        ("matched", |p| settled(p).matched_units -= 1),
        ("fee", |p| settled(p).fee_units += 1),
        ("fee", |p| ended(p).fee_bps = 499),
        ("payouts", |p| settled(p).prizes_units -= 1),
        ("payouts", |p| settled(p).refund_all = true),
    ];
    for (place, (step, tamper)) in cases.iter().enumerate() {
        let mut proof = pro_rata();
        tamper(&mut proof);
        assert_eq!(failed(&proof), Some(*step), "case {place}");
    }
    let mut other_mode = parimutuel();
    settled(&mut other_mode).matched_units = 1_000;
    assert_eq!(failed(&other_mode), Some("matched"));
}

/// A market cannot pass as decided by a beacon, nor a draw by oracles.
#[test]
fn kinds_and_sources_are_not_mixed() {
    let mut draw = pro_rata();
    draw.rules = Rules::Draw { picks: 1, numbers: 2, bonus_numbers: 0 };
    assert_eq!(failed(&draw), Some("rules"));
    let mut hidden = pro_rata();
    hidden.market = None;
    assert_eq!(failed(&hidden), Some("rules"));
}

#[test]
fn json_keeps_a_proof_whole() {
    for proof in [parimutuel(), pro_rata()] {
        let json = serde_json::to_value(&proof).unwrap();
        assert_eq!(json["rules"]["kind"], "prediction");
        assert_eq!(json["randomness"]["source"], "oracle");
        assert_eq!(json["randomness"]["attestations"][0]["facts"], serde_json::json!(["20", "30"]));
        assert_eq!(json["market"]["settled"]["fee_bps"], serde_json::Value::Null);
        assert_eq!(serde_json::from_value::<Proof>(json).unwrap(), proof);
    }
    let mut json = serde_json::to_value(pro_rata()).unwrap();
    json["market"]["pools"][0] = "-1".into();
    assert!(serde_json::from_value::<Proof>(json).unwrap_err().to_string().contains("no number"));
}
