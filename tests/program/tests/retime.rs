//! Re-timing: a round that nobody entered locks later instead of being drawn.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Spec, World, ix, kinds::PageStatus,
};

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    (world, game, live, player)
}

fn retime(world: &World, live: &Live) -> Instruction {
    let pages = world.round(live).page_count;
    ix::retime_round(world.cranker, live.game.key, live.config, live.key, pages)
}

#[test]
fn an_empty_round_locks_later_and_keeps_index_and_pages() {
    let (mut world, game, live, player) = scene(Spec::coin());
    let before = world.round(&live);
    world.lock(&live);
    let again = retime(&world, &live);
    world.chain.expect_ok(&again);
    let round = world.round(&live);
    assert_eq!((round.index, round.page_count, round.retimes), (0, 1, 1));
    assert_eq!(round.locks_at, before.locks_at + 60);
    assert_eq!(round.lock_slot, world.chain.slot() + 150);
    assert_eq!(round.target_slot, round.lock_slot + 4);
    assert_eq!((round.commit, round.chain_position), (before.commit, before.chain_position));
    assert_eq!(world.lottery(&game).last_locks_at, round.locks_at);
    world.enter_quick(&live, &player, 0, 5);
    world.to_final(&live);
}

#[test]
fn pages_sealed_too_soon_open_again_and_the_hash_is_forgotten() {
    let (mut world, _, live, player) = scene(Spec::coin());
    world.reach_target(&live);
    world.seal_all(&live);
    world.capture(&live);
    let first = world.round(&live);
    let again = retime(&world, &live);
    world.chain.expect_ok(&again);
    let round = world.round(&live);
    assert_eq!(
        (round.captured_slot, round.slot_hash, round.pages_sealed, round.pages_settled),
        (0, [0; 32], 0, 0)
    );
    assert_eq!(world.page(&live, 0).status, PageStatus::Open as u8);
    world.enter_quick(&live, &player, 0, 5);
    world.to_drawn(&live);
    let round = world.round(&live);
    assert_ne!(round.captured_slot, first.captured_slot);
    assert_eq!(round.result, world.replay(&live).result);
}

#[test]
fn a_page_still_growing_goes_on_growing() {
    let (mut world, live, player) = {
        let mut world = World::new();
        let game = world.create(Spec::coin().pages(300, 1));
        let live = world.open_round(&game);
        let player = world.player(Money::Sol, 1_000_000_000);
        (world, live, player)
    };
    world.chain.expect_ok(&[ix::open_page(world.cranker, live.game.key, live.key, 0)]);
    world.lock(&live);
    world.seal_all(&live);
    let again = retime(&world, &live);
    world.chain.expect_ok(&again);
    assert_eq!(world.page(&live, 0).status, PageStatus::Growing as u8);
    world.chain.expect_ok(&[ix::grow_page(live.key, 0)]);
    for _ in 0..15 {
        world.enter_quick(&live, &player, 0, 20);
    }
    assert_eq!(world.page(&live, 0).count, 300);
}

#[test]
fn a_round_with_an_entry_is_not_retimed() {
    let (mut world, _, live, player) = scene(Spec::coin());
    world.enter_quick(&live, &player, 0, 1);
    world.lock(&live);
    let again = retime(&world, &live);
    world.chain.expect_error(&again, LotteryError::RoundNotEmpty);
    world.seal_all(&live);
    world.chain.expect_error(&again, LotteryError::RoundNotEmpty);
}

#[test]
fn a_round_that_takes_entries_is_not_retimed() {
    let (mut world, _, live, _) = scene(Spec::coin());
    let again = retime(&world, &live);
    world.chain.expect_error(&again, LotteryError::RoundNotLocked);
}

#[test]
fn every_page_must_be_given_in_order() {
    let (mut world, _, live, player) = scene(Spec::coin().pages(20, 2));
    let other = world.create(Spec::coin());
    let other = world.open(&other);
    world.enter_quick(&live, &player, 0, 15);
    world.open_page(&live);
    world.lock(&live);
    let good = retime(&world, &live);
    // Hiding the page with entries does not help.
    let mut without = good.clone();
    without.accounts.remove(4);
    world.chain.expect_error(&without, LotteryError::PagesMissing);
    let mut swapped = good.clone();
    swapped.accounts.swap(4, 5);
    world.chain.expect_error(&swapped, LotteryError::PagesMissing);
    let mut twice = good.clone();
    twice.accounts[4] = twice.accounts[5].clone();
    world.chain.expect_error(&twice, LotteryError::PagesMissing);
    let mut foreign = good.clone();
    foreign.accounts[4].pubkey = other.page(0);
    world.chain.expect_error(&foreign, LotteryError::WrongPage);
    let mut more = good.clone();
    more.accounts.push(program_tests::AccountMeta::new(other.page(0), false));
    world.chain.expect_error(&more, LotteryError::PagesMissing);
    world.chain.expect_error(&good, LotteryError::RoundNotEmpty);
}

#[test]
fn a_round_with_a_value_or_void_is_not_retimed() {
    let (mut world, _, live, _) = scene(Spec::coin());
    let mut void = world.clone();
    void.to_void(&live);
    let again = retime(&void, &live);
    void.chain.expect_error(&again, LotteryError::RoundNotOpen);
    world.value(&live);
    world.chain.expect_error(&again, LotteryError::RoundNotOpen);
}

#[test]
fn a_paused_or_retiring_lottery_retimes_nothing() {
    let (mut world, game, live, _) = scene(Spec::coin());
    world.lock(&live);
    let again = retime(&world, &live);
    let mut paused = world.clone();
    paused.chain.expect_ok(&[ix::pause_lottery(game.pauser, game.id, 1)]);
    paused.chain.expect_error(&again, LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::retire_lottery(game.operator.owner, game.id)]);
    world.chain.expect_error(&again, LotteryError::Retiring);
    // It ends without entries instead, and the lottery with it.
    world.to_final(&live);
    assert_eq!(world.lottery(&game).status, program_tests::kinds::LotteryStatus::Completed as u8);
}

#[test]
fn never_more_than_two_rounds_take_entries() {
    let (mut world, game, first, _) = scene(Spec::coin());
    let second = world.open(&game);
    world.lock(&first);
    let third = world.open(&game);
    // The second is still open; the first is the third newest now and stays locked.
    let again = retime(&world, &first);
    world.chain.expect_error(&again, LotteryError::WrongRound);
    world.lock(&second);
    let again = retime(&world, &second);
    world.chain.expect_ok(&again);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::TooManyOpenRounds);
    world.lock(&second);
    world.lock(&third);
    world.open(&game);
}
