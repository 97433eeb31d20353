//! The quorum: which attestations decide a round, and what they leave on the chain.

use lottery_interface::events::{Attested, RoundChanged};
use lottery_rules::{hash::Software, prediction::value};
use program_tests::{
    LotteryError, Spec,
    args::AttestArgs,
    events::parse,
    ix,
    kinds::RoundStatus,
    market::{EVIDENCE, facts, pro_rata, reporters},
};

use crate::prediction_attest::{after_event, attest_with};

#[test]
fn the_last_equal_attestation_that_the_quorum_needs_decides() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()).oracles(5, 3));
    for (reporter, fact) in [(4, 7), (0, 8), (2, 7), (1, 9)] {
        world.attest(&live, reporter, &[fact]);
        assert_eq!(world.status(&live), RoundStatus::Open);
        assert_eq!(world.round(&live).value, [0; 32]);
    }
    let now = world.chain.now();
    world.attest(&live, 3, &[7]);
    let round = world.round(&live);
    assert_eq!(world.status(&live), RoundStatus::Valued);
    assert_eq!(round.value, value::<Software>(&facts(&[7])));
    // Odd is outcome 1.
    assert_eq!((round.result[0], &round.result[1..]), (1, &[0; 31][..]));
    let attested = world.attestations(&live);
    assert_eq!(attested.iter().map(|a| a.facts[0]).collect::<Vec<_>>(), [8, 9, 7, 7, 7]);
    assert!(attested.iter().all(|a| a.evidence == EVIDENCE && a.attested_at == now));
}

#[test]
fn equal_outcomes_of_different_facts_are_no_quorum() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    // Both odd.
    world.attest(&live, 0, &[7]);
    world.attest(&live, 1, &[9]);
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.attest(&live, 2, &[9]);
    assert_eq!(world.round(&live).value, value::<Software>(&facts(&[9])));
}

#[test]
fn facts_that_the_mapping_does_not_look_at_count_too() {
    let rules = pro_rata().with(|rules| rules.fact_count = 2);
    let (mut world, _, live, _) = after_event(Spec::market(rules));
    world.attest(&live, 0, &[7, 100]);
    world.attest(&live, 1, &[7, 101]);
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.attest(&live, 2, &[7, 100]);
    assert_eq!(world.status(&live), RoundStatus::Valued);
}

#[test]
fn evidence_need_not_be_the_same() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    for (reporter, byte) in [(0, 1), (1, 2)] {
        let args = AttestArgs { evidence: [byte; 32], ..world.attest_args(&live, &[4]) };
        let attest = attest_with(&world, &live, reporters(3)[reporter], &args);
        world.chain.expect_ok(&attest);
    }
    assert_eq!(world.status(&live), RoundStatus::Valued);
    assert_eq!(world.attestations(&live).iter().map(|a| a.evidence[0]).collect::<Vec<_>>(), [1, 2, 0]);
}

#[test]
fn one_reporter_alone_can_be_a_quorum_of_one() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()).oracles(1, 1));
    world.attest(&live, 0, &[4]);
    assert_eq!((world.status(&live), world.round(&live).result[0]), (RoundStatus::Valued, 0));
}

#[test]
fn all_of_sixteen_can_be_needed() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()).oracles(16, 16));
    for reporter in 0..15 {
        world.attest(&live, reporter, &[4]);
        assert_eq!(world.status(&live), RoundStatus::Open);
    }
    world.attest(&live, 15, &[4]);
    assert_eq!(world.status(&live), RoundStatus::Valued);
}

#[test]
fn whoever_decides_is_paid_a_step_and_the_others_nothing() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    let all = reporters(3);
    let before: Vec<u64> = all.iter().map(|key| world.chain.lamports(*key)).collect();
    world.attest(&live, 2, &[4]);
    world.attest(&live, 0, &[4]);
    let after: Vec<u64> = all.iter().map(|key| world.chain.lamports(*key)).collect();
    assert_eq!(after, [before[0] + 5_000, before[1], before[2]]);
}

#[test]
fn attestations_are_told_in_events() {
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    let all = reporters(3);
    let first = world.attest(&live, 1, &[-0, 0]).events();
    let second = world.attest(&live, 2, &[0]).events();
    assert_eq!(first.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["Attested"]);
    assert_eq!(second.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["RoundChanged", "Attested"]);
    let told: Attested = parse(&first[0].1);
    assert_eq!((told.reporter, told.reporter_index, told.decided), (all[1].to_bytes(), 1, 0));
    assert_eq!((told.facts, told.evidence), (facts(&[0]), EVIDENCE));
    assert_eq!((told.lottery_id, told.round_index), (live.game.id, live.index));
    let told: Attested = parse(&second[1].1);
    assert_eq!((told.reporter_index, told.decided), (2, 1));
    let changed: RoundChanged = parse(&second[0].1);
    assert_eq!((changed.status, changed.result[0]), (RoundStatus::Valued as u8, 0));
}

#[test]
fn attestations_wait_for_neither_pages_nor_keepers() {
    // Pages are not sealed: the value does not depend on them, only the draw does.
    let (mut world, _, live, _) = after_event(Spec::market(pro_rata()));
    world.decide(&live, &[7]);
    let draw = ix::draw(world.cranker, live.key, live.config);
    world.chain.expect_error(&draw, LotteryError::PagesNotSealed);
    world.seal_all(&live);
    world.draw(&live);
}
