//! Markets without a result: silence, attestations that cannot agree, pauses, other reporters, and rounds that nobody entered.

use program_tests::{
    Game, Instruction, Live, LotteryError, MarketRules, Money, Player, Spec, World, address, ix,
    kinds::{PageStatus, RoundStatus, VoidReason},
    market::{parimutuel, pro_rata, reporters},
};

const BALANCE: u64 = 1_000_000;

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, BALANCE);
    world.bet(&live, &player, 0, &[(10_000, 0), (20_001, 1), (5_000, 0)]);
    (world, game, live, player)
}

/// Voids, and checks that every stake comes back: no fee, no bond to slash, nothing left.
#[track_caller]
fn is_voided(world: &mut World, live: &Live, player: &Player, reason: VoidReason) {
    let void = world.void_instruction(live);
    world.chain.expect_ok(&void);
    let round = world.round(live);
    assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, reason as u8));
    assert_eq!((round.slashed_units, round.fee_units, round.value), (0, 0, [0; 32]));
    world.chain.expect_error(&void, LotteryError::RoundNotOpen);
    world.seal_all(live);
    world.refund_all(live);
    assert_eq!(world.balance(player), BALANCE);
    world.finalise(live);
    world.close_all(live);
    let lottery = world.lottery(&live.game);
    assert_eq!((lottery.fees_units, lottery.treasury_due_units, lottery.next_final_index), (0, 0, 1));
}

#[test]
fn silence_voids_after_grace_in_seconds_counted_from_the_event() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).event_delay(1_000));
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::RoundNotLocked);
    world.lock(&live);
    // All slots are long past.
    world.chain.warp(0, 1_000_000);
    let grace_until = world.round(&live).event_at + 120;
    assert_eq!(grace_until, world.round(&live).locks_at + 1_120);
    // Grace counted from the lock would be over.
    world.chain.warp(world.round(&live).locks_at + 120 - world.chain.now(), 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(grace_until - 1 - world.chain.now(), 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(1, 0);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn silence_voids_after_grace_in_slots_counted_from_the_event() {
    let (mut world, _, live, player) = scene(Spec::market(parimutuel()).event_delay(1_000));
    let void = world.void_instruction(&live);
    let round = world.round(&live);
    // A cluster whose clock runs ahead of its slots.
    world.chain.warp(1_000_000, 0);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    assert_eq!(round.target_slot, round.lock_slot + 2_500, "slots of 400 ms until the event");
    world.chain.warp(0, round.target_slot + 299 - world.chain.slot());
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.chain.warp(0, 1);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn attestations_short_of_a_quorum_do_not_keep_a_round_from_being_voided() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(5, 3));
    world.reach_event(&live);
    world.attest(&live, 0, &[7]);
    world.attest(&live, 1, &[7]);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::GraceNotOver);
    world.pass_grace(&live);
    is_voided(&mut world, &live, &player, VoidReason::GraceExpired);
}

#[test]
fn a_late_quorum_still_decides_while_nobody_voided() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    world.reach_event(&live);
    world.pass_grace(&live);
    world.chain.warp(10_000, 25_000);
    world.seal_all(&live);
    world.decide(&live, &[7]);
    let void = world.void_instruction(&live);
    world.chain.expect_error(&void, LotteryError::ValueAlreadyPosted);
    world.draw(&live);
    world.settle_all(&live);
    world.finalise(&live);
    world.chain.expect_error(&void, LotteryError::ValueAlreadyPosted);
}

/// Reporters attest one after the other; the round may be voided after the last of them, and not before.
#[track_caller]
fn splits(count: u8, quorum: u8, facts: &[i64]) {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(count, quorum));
    world.reach_event(&live);
    let void = world.void_instruction(&live);
    for (reporter, fact) in facts.iter().enumerate() {
        // What is missing could still agree with somebody.
        world.chain.expect_error(&void, LotteryError::GraceNotOver);
        world.attest(&live, reporter as u8, &[*fact]);
    }
    assert_eq!(world.status(&live), RoundStatus::Open);
    is_voided(&mut world, &live, &player, VoidReason::NoQuorum);
}

#[test]
fn no_quorum_voids_at_once_and_not_before_it_is_certain() {
    splits(2, 2, &[1, 2]);
    splits(3, 2, &[1, 2, 3]);
    splits(3, 3, &[1, 2]);
    splits(4, 3, &[1, 2, 1, 2]);
    splits(5, 3, &[1, 2, 3, 4]);
    splits(5, 3, &[1, 2, 1, 2, 3]);
    splits(5, 4, &[1, 1, 2, 2]);
    // N - M + 1 of them alone.
    splits(16, 16, &[1, 2]);
    splits(16, 9, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    splits(16, 9, &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
}

#[test]
fn equal_outcomes_of_different_facts_split_too() {
    // All odd, but no two saw the same.
    splits(3, 2, &[1, 3, 5]);
}

#[test]
fn a_split_that_was_not_voided_waits_for_no_clock() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).oracles(3, 3));
    world.reach_event(&live);
    world.attest(&live, 2, &[1]);
    world.attest(&live, 0, &[2]);
    // The third may still say what it saw; it changes nothing.
    world.attest(&live, 1, &[2]);
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.pass_grace(&live);
    is_voided(&mut world, &live, &player, VoidReason::NoQuorum);
}

/// Config `version` with other reporters.
fn rotate(world: &mut World, game: &Game, version: u32, count: u8, quorum: u8) {
    world.add_oracles(count);
    let spec = game.spec.clone().oracles(count, quorum);
    let update = ix::update_config(game.operator.owner, game.id, version, &spec.config, spec.rules_bytes());
    world.chain.expect_ok(&update);
}

fn attest_by(world: &World, live: &Live, count: u8, reporter: usize, fact: i64) -> Instruction {
    let all = reporters(count);
    let args = world.attest_args(live, &[fact]);
    ix::attest(all[reporter], live.key, live.config, address::oracle_set(&all).0, &args)
}

#[test]
fn other_reporters_are_for_rounds_not_yet_opened() {
    let (mut world, game, old, _) = scene(Spec::market(pro_rata()));
    rotate(&mut world, &game, 1, 4, 3);
    let new = world.open(&game);
    assert_ne!(old.config, new.config);
    let shape = |world: &World, live: &Live| {
        let round = world.round(live);
        (round.reporter_count, round.quorum, world.attestations(live).len())
    };
    assert_eq!((shape(&world, &old), shape(&world, &new)), ((3, 2, 3), (4, 3, 4)));
    world.reach_event(&new);

    // The newcomer has no say in the old round, by neither set.
    let newcomer = (0..4).find(|nth| !reporters(3).contains(&reporters(4)[*nth])).expect("one more");
    let foreign = attest_by(&world, &old, 4, newcomer, 7);
    world.chain.expect_error(&foreign, LotteryError::WrongOracleSet);
    let mut stranger = foreign.clone();
    stranger.accounts[3].pubkey = address::oracle_set(&reporters(3)).0;
    world.chain.expect_error(&stranger, LotteryError::NotAReporter);
    let stale = attest_by(&world, &new, 3, 0, 7);
    world.chain.expect_error(&stale, LotteryError::WrongOracleSet);

    // The old ones still decide it, with their own quorum.
    world.decide(&old, &[7]);
    for reporter in 0..3 {
        assert_eq!(world.status(&new), RoundStatus::Open);
        world.attest(&new, reporter, &[7]);
    }
    assert_eq!(world.status(&new), RoundStatus::Valued);
}

#[test]
fn rotating_in_the_middle_of_a_round_changes_nothing_about_it() {
    let (mut world, game, live, _) = scene(Spec::market(pro_rata()));
    world.reach_event(&live);
    world.attest(&live, 1, &[7]);
    rotate(&mut world, &game, 1, 5, 4);
    world.attest(&live, 2, &[7]);
    assert_eq!(world.status(&live), RoundStatus::Valued);
}

fn retime(world: &World, live: &Live) -> Instruction {
    let pages = world.round(live).page_count;
    ix::retime_round(world.cranker, live.game.key, live.config, live.key, pages)
}

/// A market that nobody entered.
fn empty(rules: MarketRules) -> (World, Game, Live) {
    let mut world = World::new();
    let game = world.create(Spec::market(rules));
    let live = world.open(&game);
    (world, game, live)
}

#[test]
fn retiming_an_empty_round_forgets_attestations_of_the_event_before() {
    let (mut world, _, live) = empty(pro_rata());
    world.reach_event(&live);
    world.seal_all(&live);
    world.attest(&live, 0, &[7]);
    let signed = world.attest_instruction(&live, 1, &[7]);
    let before = world.round(&live);
    let again = retime(&world, &live);
    world.chain.expect_ok(&again);
    let round = world.round(&live);
    assert_eq!((round.retimes, round.pages_sealed, round.status), (1, 0, RoundStatus::Open as u8));
    assert_eq!(round.event_at, round.locks_at + 30);
    assert!(round.event_at > before.event_at);
    assert_eq!(round.target_slot, round.lock_slot + 75);
    assert!(world.attestations(&live).iter().all(|a| *a == bytemuck::Zeroable::zeroed()));
    assert_eq!(world.page(&live, 0).status, PageStatus::Open as u8);

    // It takes bets, and what was signed for the event before is not of this one.
    let player = world.player(Money::Sol, BALANCE);
    world.bet(&live, &player, 0, &[(10_000, 0), (20_001, 1)]);
    world.reach_event(&live);
    world.chain.expect_error(&signed, LotteryError::WrongEvent);
    world.seal_all(&live);
    assert_eq!(world.round_pools(&live), [10_000, 20_001]);
    // The first reporter says something else this time.
    world.decide(&live, &[8]);
    assert_eq!(world.round(&live).result[0], 0);
}

#[test]
fn a_round_with_bets_or_a_result_is_not_retimed() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    world.reach_event(&live);
    let again = retime(&world, &live);
    world.chain.expect_error(&again, LotteryError::RoundNotEmpty);
    let (mut world, _, live) = empty(pro_rata());
    world.reach_event(&live);
    world.decide(&live, &[7]);
    let again = retime(&world, &live);
    world.chain.expect_error(&again, LotteryError::RoundNotOpen);
}

#[test]
fn a_pause_voids_markets_that_take_bets_and_refunds_them() {
    let (mut world, game, live, player) = scene(Spec::market(pro_rata()));
    world.chain.expect_ok(&ix::pause_lottery(game.pauser, game.id, 1));
    let round = world.round(&live);
    assert_eq!((round.status, round.void_reason), (RoundStatus::Void as u8, VoidReason::Paused as u8));
    world.seal_all(&live);
    world.refund_all(&live);
    assert_eq!(world.balance(&player), BALANCE);
    world.finalise(&live);
    world.close_all(&live);
}

#[test]
fn a_locked_market_is_decided_under_pause() {
    let (mut world, game, live, _) = scene(Spec::market(pro_rata()));
    world.lock(&live);
    world.chain.expect_ok(&ix::pause_lottery(game.pauser, game.id, 1));
    assert_eq!(world.status(&live), RoundStatus::Open);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
    world.close_all(&live);
}

#[test]
fn a_paused_registry_does_not_hold_up_reporters() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    world.set_registry_paused(true);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
}

#[test]
fn a_market_retires_with_its_last_round() {
    let (mut world, game, live, _) = scene(Spec::market(pro_rata()));
    world.chain.expect_ok(&ix::retire_lottery(game.operator.owner, game.id));
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::Retiring);
    world.market_to_final(&live, &[7]);
    world.pay_all(&live);
    world.close_all(&live);
    let lottery = world.lottery(&game);
    assert_eq!(lottery.status, program_tests::kinds::LotteryStatus::Completed as u8);
}
