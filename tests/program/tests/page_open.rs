//! Opening pages: in order, before lock, when the one before is at least 75 % full.

use program_tests::{
    AccountLayout, InstructionError, Live, LotteryError, Money, Player, Pubkey, Spec, World, accounts::Page,
    address, ix, kinds::PageStatus,
};

fn scene(spec: Spec) -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open_round(&game);
    let player = world.player(Money::Sol, 5_000_000_000);
    (world, live, player)
}

#[track_caller]
fn refused(world: &mut World, live: &Live, sequence: u32, error: LotteryError) {
    let open = ix::open_page(world.cranker, live.game.key, live.key, sequence);
    world.chain.expect_error(&open, error);
}

#[test]
fn the_next_page_opens_at_three_quarters() {
    let (mut world, live, player) = scene(Spec::default().pages(20, 3));
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 14);
    refused(&mut world, &live, 1, LotteryError::TooEarlyForPage);
    world.enter_quick(&live, &player, 0, 1);
    world.open_page(&live);
    // The next looks at page 1, which is empty.
    refused(&mut world, &live, 2, LotteryError::TooEarlyForPage);
    world.enter_quick(&live, &player, 1, 15);
    world.open_page(&live);
    assert_eq!(world.round(&live).page_count, 3);
}

#[test]
fn what_cannot_be_halved_is_rounded_against_the_page() {
    let (mut world, live, player) = scene(Spec::default().pages(5, 2));
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 3);
    refused(&mut world, &live, 1, LotteryError::TooEarlyForPage);
    world.enter_quick(&live, &player, 0, 1);
    world.open_page(&live);
}

#[test]
fn another_page_is_not_taken_for_the_one_before() {
    let (mut world, live, player) = scene(Spec::default().pages(20, 3));
    let other = world.create(Spec::default().pages(20, 3));
    let other = world.open(&other);
    world.enter_quick(&other, &player, 0, 20);
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 20);
    world.open_page(&live);
    let with_previous = |world: &World, previous: Pubkey| {
        let mut open = ix::open_page(world.cranker, live.game.key, live.key, 2);
        open.accounts[3].pubkey = previous;
        open
    };
    // A full page of another round, and a full page of this round that is not the one before.
    for previous in [other.page(0), live.page(0)] {
        let open = with_previous(&world, previous);
        world.chain.expect_error(&open, LotteryError::WrongPage);
    }
    let open = with_previous(&world, address::SYSTEM_PROGRAM);
    world.chain.expect_refused(&open);
}

#[test]
fn pages_and_entries_end_with_their_caps() {
    let mut spec = Spec::default().pages(20, 3);
    spec.limits.max_entries_per_round = 30;
    let (mut world, live, player) = scene(spec);
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 20);
    world.open_page(&live);
    assert_eq!(world.page(&live, 1).capacity, 10, "the second page takes what is left of the cap");
    world.enter_quick(&live, &player, 1, 10);
    refused(&mut world, &live, 2, LotteryError::RoundFull);

    let (mut world, live, player) = scene(Spec::default().pages(20, 1));
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 20);
    refused(&mut world, &live, 1, LotteryError::TooManyPages);
}

#[test]
fn no_page_opens_after_lock_or_end() {
    let (mut world, live, player) = scene(Spec::default());
    world.open_page(&live);
    for _ in 0..3 {
        world.enter_quick(&live, &player, 0, 20);
    }
    let round = world.round(&live);
    let mut by_second = world.clone();
    by_second.chain.warp(round.locks_at - world.chain.now(), 0);
    refused(&mut by_second, &live, 1, LotteryError::RoundLocked);
    let mut by_slot = world.clone();
    by_slot.chain.warp(0, round.lock_slot - world.chain.slot());
    refused(&mut by_slot, &live, 1, LotteryError::RoundLocked);
    let mut valued = world.clone();
    valued.value(&live);
    refused(&mut valued, &live, 1, LotteryError::RoundNotOpen);
    world.to_void(&live);
    refused(&mut world, &live, 1, LotteryError::RoundNotOpen);
}

#[test]
fn pages_are_taken_in_order() {
    let (mut world, live, _) = scene(Spec::default());
    let skip = ix::open_page(world.cranker, live.game.key, live.key, 1);
    world.chain.expect_instruction_error(&skip, InstructionError::InvalidSeeds);
    world.open_page(&live);
    let again = ix::open_page(world.cranker, live.game.key, live.key, 0);
    world.chain.expect_refused(&again);
}

#[test]
fn a_big_page_grows_to_its_size_and_no_further() {
    let (mut world, live, player) = scene(Spec::default().pages(1_024, 1));
    let steps = ix::open_page_steps(world.cranker, live.game.key, live.key, 0, 1_024, 0);
    assert_eq!(steps.len(), 7);
    let grow = ix::grow_page(live.key, 0);
    world.chain.expect_ok(&steps[..1]);
    assert_eq!(world.page(&live, 0).status, PageStatus::Growing as u8);
    // The rent of the full size is there from the start: growing needs no payer.
    let size = Page::LEN + 1_024 * 64;
    assert_eq!(world.chain.lamports(live.page(0)), world.chain.rent(size));
    world.chain.expect_ok(&steps[1..]);
    assert_eq!(world.page(&live, 0).status, PageStatus::Open as u8);
    assert_eq!(world.chain.data(live.page(0)).len(), size);
    world.chain.expect_error(&grow, LotteryError::PageSizeReached);
    for _ in 0..51 {
        world.enter_quick(&live, &player, 0, 20);
    }
    world.enter_quick(&live, &player, 0, 4);
    assert_eq!(world.page(&live, 0).count, 1_024);
    world.to_final(&live);
}

#[test]
fn a_page_still_growing_at_lock_holds_nothing_up() {
    let (mut world, live, player) = scene(Spec::default().pages(300, 2));
    world.open_page(&live);
    for _ in 0..12 {
        world.enter_quick(&live, &player, 0, 20);
    }
    let open = ix::open_page(world.cranker, live.game.key, live.key, 1);
    world.chain.expect_ok(&open);
    world.to_final(&live);
    world.pay_or_refund_all(&live);
    world.close_all(&live);
}

#[test]
fn lamports_sent_ahead_do_not_stop_a_page() {
    let (mut world, live, _) = scene(Spec::default());
    world.chain.set_lamports(live.page(0), 5);
    world.open_page(&live);
    assert_eq!(world.page(&live, 0).rent_payer, world.cranker.to_bytes());
}

#[test]
fn two_pages_are_open_side_by_side() {
    let (mut world, live, player) = scene(Spec::default().pages(20, 2));
    world.open_page(&live);
    world.enter_quick(&live, &player, 0, 15);
    world.open_page(&live);
    world.enter_quick(&live, &player, 1, 3);
    world.enter_quick(&live, &player, 0, 5);
    world.enter_quick(&live, &player, 1, 3);
    world.to_final(&live);
    assert_eq!(world.round(&live).entries, 26);
}
