//! Proofs recomputed: with a real signature of drand's evmnet, with a hash chain, and tampered with in every field.

use lottery_client::{
    Pubkey,
    proof::{
        BeaconProof, CommitReveal, Drawn, PageDigest, Prize, Proof, Randomness, Rules, StreamUse,
        first_failed, recompute,
    },
};
use lottery_rules::{
    beacon::Schedule,
    commit_reveal::{self, HashChain},
    hash::{Sha256, Software},
    seed::{fold_page, round_seed},
};

const DRAND: &str = include_str!("../../rules/tests/drand-evmnet.json");
const DRAW: Rules = Rules::Draw { picks: 6, numbers: 49, bonus_numbers: 10 };
const KENO: Rules = Rules::Keno { drawn: 20, numbers: 80 };

fn bytes<const N: usize>(text: &serde_json::Value) -> [u8; N] {
    hex::decode(text.as_str().unwrap()).unwrap().try_into().unwrap()
}

/// Decided by round 9337227 of evmnet, as drand published it.
fn beacon() -> (Randomness, [u8; 32]) {
    let drand: serde_json::Value = serde_json::from_str(DRAND).unwrap();
    let round = &drand["rounds"][1];
    let schedule = Schedule { genesis_at: drand["genesis_time"].as_i64().unwrap(), period_seconds: 3 };
    let signed_at = schedule.signed_at(9_337_227).unwrap();
    let proof = BeaconProof {
        beacon: Pubkey::new_from_array([4; 32]).to_string(),
        chain_hash: bytes(&drand["chain_hash"]),
        public_key: bytes(&drand["public_key_g2"]),
        genesis_at: schedule.genesis_at,
        period_seconds: 3,
        margin_seconds: 30,
        locks_at: signed_at - 32,
        beacon_round: 9_337_227,
        signed_at,
        signature: bytes(&round["signature"]),
    };
    (Randomness::Beacon(Box::new(proof)), bytes(&round["randomness"]))
}

fn reveal() -> (Randomness, [u8; 32]) {
    let chain = HashChain::new(&[3; 32], 100).unwrap();
    let proof = CommitReveal {
        commit: chain.link(5).unwrap(),
        distance: 7,
        target_slot: 1_000,
        captured_slot: 1_002,
        slot_hash: [0x5a; 32],
        reveal: chain.link(12).unwrap(),
    };
    let value = commit_reveal::value::<Software>(&proof.reveal, &proof.slot_hash);
    (Randomness::CommitReveal(proof), value)
}

fn proof(rules: Rules, (randomness, value): (Randomness, [u8; 32])) -> Proof {
    let round = Pubkey::new_from_array([9; 32]);
    let pages: Vec<PageDigest> = (0..3)
        .map(|sequence| PageDigest { sequence, count: 7 + sequence, digest: [sequence as u8; 32] })
        .collect();
    let sealed = pages.iter().fold([0; 32], |digest, page| {
        fold_page::<Software>(&digest, &page.digest, page.sequence, page.count)
    });
    let seed = round_seed::<Software>(&value, &round.to_bytes(), &sealed);
    let (stream, result) = rules.draw(&seed, &pages).unwrap();
    Proof {
        round: round.to_string(),
        lottery_id: u64::MAX,
        index: 12,
        status: "final".into(),
        rules,
        randomness,
        value,
        pages,
        sealed_digest: Some(sealed),
        seed: Some(seed),
        stream: Some(stream),
        result: Some(result),
        market: None,
    }
}

fn instant() -> Rules {
    Rules::Instant {
        prizes: vec![
            Prize { parts: 1 << 31, multiplier_bps: 19_000 },
            Prize { parts: 1 << 31, multiplier_bps: 0 },
        ],
    }
}

#[test]
fn every_kind_and_source_is_recomputed_in_order() {
    let of_beacon = ["target", "signature", "value", "sealed_digest", "seed", "stream", "result"];
    let of_reveal = ["slot", "reveal", "value", "sealed_digest", "seed", "stream", "result"];
    for rules in [DRAW, KENO, instant()] {
        for (source, names) in [(beacon(), of_beacon), (reveal(), of_reveal)] {
            let steps = recompute(&proof(rules.clone(), source));
            assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), names);
            assert_eq!(first_failed(&steps), None);
            assert!(steps.iter().all(|step| step.expected.as_deref() == Some(&step.output)));
        }
    }
}

/// What a draw took of its stream is what a reader of the rules takes: rejected bytes too, and none more.
#[test]
fn the_stream_is_that_of_the_rules() {
    let proof = proof(DRAW, beacon());
    let (stream, result) = (proof.stream.unwrap(), proof.result.unwrap());
    assert_eq!((stream.domain, stream.from), (1, 0));
    let data = hex::decode(&stream.data).unwrap();
    assert_eq!(data.len() as u64, stream.bytes);
    let block = Software::hashv(&[&proof.seed.unwrap(), &[1], &0u32.to_le_bytes()]);
    assert_eq!(data, block[..data.len()], "it fits one block");
    // 6 of 49 by hand: bytes below 245, each number once; then 1 of 10 of bytes below 250.
    let mut left = data.into_iter();
    let mut numbers = std::collections::BTreeSet::new();
    while numbers.len() < 6 {
        let byte = left.next().unwrap();
        if byte < 245 {
            numbers.insert(byte % 49 + 1);
        }
    }
    let bonus = left.by_ref().find(|byte| *byte < 250).unwrap() % 10 + 1;
    assert_eq!((numbers.into_iter().collect(), Some(bonus)), (result.numbers, result.bonus));
    assert_eq!(left.next(), None);
}

#[test]
fn instant_rounds_draw_nothing_and_each_entry_takes_four_bytes() {
    let proof = proof(instant(), beacon());
    let expected = StreamUse { domain: 4, from: 0, bytes: 4 * (7 + 8 + 9), data: String::new() };
    assert_eq!(proof.stream, Some(expected));
    assert_eq!(proof.result, Some(Drawn { data: [0; 32], numbers: vec![], bonus: None }));
}

type Tamper = fn(&mut Proof);

fn check(source: (Randomness, [u8; 32]), cases: &[(&str, Tamper)]) {
    for (place, (step, tamper)) in cases.iter().enumerate() {
        let mut proof = proof(DRAW, source.clone());
        tamper(&mut proof);
        let steps = recompute(&proof);
        assert_eq!(first_failed(&steps).map(|step| step.name), Some(*step), "case {place}");
    }
}

fn of_beacon(proof: &mut Proof) -> &mut BeaconProof {
    match &mut proof.randomness {
        Randomness::Beacon(beacon) => beacon,
        _ => unreachable!("made with a beacon"),
    }
}

fn of_reveal(proof: &mut Proof) -> &mut CommitReveal {
    match &mut proof.randomness {
        Randomness::CommitReveal(reveal) => reveal,
        _ => unreachable!("made without a beacon"),
    }
}

#[test]
fn a_tampered_beacon_proof_fails_where_it_is_wrong() {
    check(
        beacon(),
        &[
            ("target", |p| of_beacon(p).locks_at += 3),
            ("target", |p| of_beacon(p).margin_seconds = 60),
            ("target", |p| of_beacon(p).genesis_at -= 3),
            ("target", |p| of_beacon(p).period_seconds = 0),
            ("target", |p| of_beacon(p).beacon_round -= 1),
            ("signature", |p| of_beacon(p).signature[63] ^= 1),
            ("signature", |p| of_beacon(p).signature = [0; 64]),
            ("signature", |p| of_beacon(p).public_key[127] ^= 1),
            // A real round of the chain, but not the target.
            ("signature", |p| {
                of_beacon(p).beacon_round += 1;
                of_beacon(p).locks_at += 3;
            }),
        ],
    );
}

#[test]
fn a_tampered_commit_reveal_proof_fails_where_it_is_wrong() {
    check(
        reveal(),
        &[
            ("slot", |p| of_reveal(p).captured_slot = 999),
            ("reveal", |p| of_reveal(p).commit[0] ^= 1),
            ("reveal", |p| of_reveal(p).reveal[31] ^= 1),
            ("reveal", |p| of_reveal(p).distance = 6),
            ("reveal", |p| of_reveal(p).distance = 0),
            ("reveal", |p| of_reveal(p).distance = 101),
            ("value", |p| of_reveal(p).slot_hash[7] ^= 1),
        ],
    );
}

#[test]
fn what_every_proof_has_fails_where_it_is_wrong() {
    let cases: [(&str, Tamper); 15] = [
        ("value", |p| p.value[0] ^= 1),
        ("sealed_digest", |p| p.pages[1].digest[0] ^= 1),
        ("sealed_digest", |p| p.pages[2].count += 1),
        ("sealed_digest", |p| p.pages.swap(0, 1)),
        ("sealed_digest", |p| p.pages[1].sequence = 5),
        ("sealed_digest", |p| p.pages.truncate(2)),
        ("sealed_digest", |p| p.sealed_digest = Some([1; 32])),
        ("seed", |p| p.round = Pubkey::new_from_array([8; 32]).to_string()),
        ("seed", |p| p.round = "nowhere".into()),
        ("seed", |p| p.seed = Some([1; 32])),
        ("stream", |p| p.stream.as_mut().unwrap().bytes += 1),
        ("stream", |p| p.stream.as_mut().unwrap().domain = 3),
        ("stream", |p| p.rules = KENO),
        ("result", |p| p.result.as_mut().unwrap().data[0] ^= 1),
        ("result", |p| p.result.as_mut().unwrap().numbers[0] += 1),
    ];
    check(beacon(), &cases);
    check(reveal(), &cases);
}

#[test]
fn rules_under_which_no_draw_ends_are_no_proof() {
    let mut proof = proof(KENO, beacon());
    proof.rules = Rules::Keno { drawn: 20, numbers: 90 };
    assert_eq!(first_failed(&recompute(&proof)).map(|step| step.name), Some("stream"));
    for (picks, numbers, bonus_numbers) in [(0, 0, 0), (255, 255, 255), (20, 128, 128), (6, 3, 0)] {
        proof.rules = Rules::Draw { picks, numbers, bonus_numbers };
        assert!(first_failed(&recompute(&proof)).is_some(), "{picks} of {numbers}");
    }
}

/// Between value and draw the result is fixed already, and can be computed.
#[test]
fn a_round_that_is_only_valued_is_computed_ahead() {
    let whole = proof(DRAW, beacon());
    let mut valued = whole.clone();
    valued.status = "valued".into();
    (valued.sealed_digest, valued.seed, valued.stream, valued.result) = (None, None, None, None);
    let steps = recompute(&valued);
    assert_eq!(first_failed(&steps), None);
    let expected: Vec<String> = recompute(&whole).into_iter().map(|step| step.output).collect();
    assert_eq!(steps.iter().map(|step| step.output.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(steps[3].expected, None);
    assert!(!serde_json::to_value(&valued).unwrap().as_object().unwrap().contains_key("seed"));
}

#[test]
fn json_keeps_a_proof_whole_and_refuses_what_is_none() {
    for rules in [DRAW, KENO, instant()] {
        for source in [beacon(), reveal()] {
            let proof = proof(rules.clone(), source);
            let json = serde_json::to_value(&proof).unwrap();
            assert_eq!(json["lottery_id"], "18446744073709551615");
            assert_eq!(serde_json::from_value::<Proof>(json).unwrap(), proof);
        }
    }
    let json = serde_json::to_value(proof(DRAW, beacon())).unwrap();
    assert_eq!(json["randomness"]["source"], "beacon");
    assert_eq!(json["randomness"]["beacon_round"], "9337227");
    assert_eq!(json["rules"]["kind"], "draw");
    for (field, wrong, why) in [
        ("value", "abc", "no hex"),
        ("value", "abcd", "32 bytes are needed, 2 were given"),
        ("index", "-1", "no number"),
        ("index", "18446744073709551616", "no number"),
    ] {
        let mut json = json.clone();
        json[field] = wrong.into();
        let error = serde_json::from_value::<Proof>(json).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}
