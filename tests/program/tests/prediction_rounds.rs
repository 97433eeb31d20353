//! From one round of a market to the next: other reporters, and rounds that nobody entered.

use program_tests::{
    Game, Instruction, Live, LotteryError, MarketRules, Money, Spec, World, address, ix,
    kinds::{PageStatus, RoundStatus},
    market::{pro_rata, reporters},
};

use crate::prediction_void::{BALANCE, scene};

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
