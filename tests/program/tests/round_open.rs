//! Opening rounds: who may, when, what must be covered, and what the round copies.

use program_tests::{LotteryError, Money, Spec, World, ix, kinds::RoundStatus};

#[test]
fn a_round_copies_what_it_needs_and_anyone_opens_it() {
    let mut world = World::new();
    let mut spec = Spec::progressive();
    spec.limits.max_entries_per_player = 9;
    let game = world.create(spec.clone());
    let (now, slot) = (world.chain.now(), world.chain.slot());
    let live = world.open_round(&game);
    let round = world.round(&live);
    assert_eq!(world.status(&live), RoundStatus::Open);
    assert_eq!((round.lottery, round.lottery_id, round.index), (game.key.to_bytes(), game.id, 0));
    assert_eq!((round.opened_at, round.opened_slot), (now, slot));
    assert_eq!((round.locks_at, round.lock_slot, round.target_slot), (now + 60, slot + 150, slot + 154));
    assert_eq!((round.stake_units, round.fee_bps), (1_000_000, 500));
    assert_eq!((round.grace_seconds, round.grace_slots, round.claim_seconds), (120, 300, 86_400));
    assert_eq!((round.picks, round.numbers, round.bonus_numbers, round.rollover), (3, 10, 3, 1));
    assert_eq!((round.max_entries, round.max_entries_per_player, round.page_entries), (256, 9, 64));
    assert_eq!((round.commit, round.commit_distance, round.chain_position), (game.reveals.commit(), 1, 1));
    assert_eq!(round.rent_payer, world.cranker.to_bytes());
    let lottery = world.lottery(&game);
    assert_eq!((lottery.next_round_index, lottery.live_rounds, lottery.last_locks_at), (1, 1, now + 60));
}

#[test]
fn a_third_open_round_is_refused() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let first = world.open_round(&game);
    world.open_round(&game);
    let third = world.open_round_instruction(&game);
    world.chain.expect_error(&third, LotteryError::TooManyOpenRounds);
    let locks_at = world.round(&first).locks_at;
    world.chain.warp(locks_at - 1 - world.chain.now(), 0);
    world.chain.expect_error(&third, LotteryError::TooManyOpenRounds);
    world.chain.warp(1, 0);
    world.chain.expect_ok(&third);
}

#[test]
fn rounds_follow_each_other_by_one_period() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let opened_at = world.chain.now();
    let first = world.open_round(&game);
    let second = world.open_round(&game);
    assert_eq!(world.round(&first).locks_at, opened_at + 60);
    assert_eq!(world.round(&second).locks_at, opened_at + 120);
    // Half a period before its lock a round may still be opened on time, later it is moved.
    world.chain.warp(150, 375);
    let third = world.open_round(&game);
    assert_eq!(world.round(&third).locks_at, opened_at + 180);
    world.chain.warp(61, 0);
    let fourth = world.open_round(&game);
    assert_eq!(world.round(&fourth).locks_at, world.chain.now() + 60);
}

#[test]
fn an_index_is_taken_once() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let open = world.open_round_instruction(&game);
    world.chain.expect_ok(&open);
    world.chain.expect_refused(&open);
    // Skipping one is refused too.
    let config = program_tests::address::config(&game.key, 0).0;
    let skip = ix::open_round(world.cranker, game.key, config, 5);
    world.chain.expect_refused(&skip);
}

#[test]
fn the_crank_deposit_must_cover_the_worst_case() {
    let mut world = World::new();
    let worst = (8 + 4 * 4) * 5_000 + 2 * 256 * 10;
    let game = world.create(Spec { crank_lamports: worst - 1, ..Spec::default() });
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::CrankDepositTooLow);
    world.chain.expect_ok(&[ix::fund_crank(world.authority, game.id, 1)]);
    world.chain.expect_ok(&open);
    assert_eq!(world.lottery(&game).crank_lamports, 0);
}

#[test]
fn the_bond_must_cover_all_that_a_round_can_take_in_and_its_compensation() {
    for money in Money::ALL {
        let mut world = World::new();
        // 256 entries and a fifth.
        let game = world.create(Spec { bond_units: 307_200_000 - 1, ..Spec::default().money(money) });
        let open = world.open_round_instruction(&game);
        world.chain.expect_error(&open, LotteryError::BondTooLow);
        let donor = world.player(money, 1);
        world.chain.expect_ok(&[ix::fund_bond(donor.owner, game.id, game.mint, 1)]);
        world.chain.expect_ok(&open);
    }
}

#[test]
fn without_a_chain_or_with_a_used_up_one_no_round_opens() {
    let mut world = World::new();
    let game = world.create_only(Spec { chain_length: 2, ..Spec::default() });
    let (operator, id) = (game.operator.owner, game.id);
    let bond = ix::fund_bond(operator, id, game.mint, 4_000_000_000);
    world.chain.expect_ok(&[
        bond,
        ix::fund_crank(operator, id, 1_000_000_000),
        ix::activate_lottery(operator, id),
    ]);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::ChainExhausted);

    let set = |commit: &[u8; 32], length| ix::set_chain(operator, id, commit, length);
    world.chain.expect_error(&[set(&[0; 32], 2)], LotteryError::InvalidLimits);
    world.chain.expect_error(&[set(&game.reveals.commit(), 0)], LotteryError::InvalidLimits);
    world.chain.expect_ok(&[set(&game.reveals.commit(), 2)]);
    let first = world.open(&game);
    world.chain.expect_error(&[set(&[1; 32], 2)], LotteryError::ChainInUse);
    let second = world.open(&game);
    world.to_final(&first);
    world.chain.expect_error(&[set(&[1; 32], 2)], LotteryError::ChainInUse);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::ChainExhausted);
    world.to_final(&second);
    assert_eq!(world.lottery(&game).chain_position, 2);
    world.chain.expect_ok(&[set(&game.reveals.commit(), 2)]);
    world.open_round(&game);
}

#[test]
fn a_lottery_that_never_reveals_stops_after_a_hundred_rounds() {
    let mut world = World::new();
    let mut spec = Spec { bond_units: 2_000_000, ..Spec::default().pages(1, 1) };
    spec.config.stake_units = 1;
    let game = world.create(spec);
    for distance in 1..=100 {
        let live = world.open_round(&game);
        assert_eq!(world.round(&live).commit_distance as u64, distance);
        world.to_void(&live);
        world.finalise(&live);
        world.close_all(&live);
    }
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::ChainTooFar);
}

#[test]
fn only_the_current_config_opens_rounds() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let (operator, spec) = (game.operator.owner, game.spec.clone());
    world.chain.expect_ok(&[ix::update_config(operator, game.id, 1, &spec.config, spec.rules_bytes())]);
    let old = program_tests::address::config(&game.key, 0).0;
    world.chain.expect_error(&[ix::open_round(world.cranker, game.key, old, 0)], LotteryError::WrongConfig);
}

#[test]
fn retiring_lets_no_further_round_open() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    world.chain.expect_ok(&[ix::retire_lottery(game.operator.owner, game.id)]);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::Retiring);
    let retire = ix::retire_lottery(game.operator.owner, game.id);
    world.chain.expect_error(&retire, LotteryError::Retiring);
    let player = world.player(Money::Sol, 5_000_000);
    world.enter_quick(&live, &player, 0, 1);
    world.to_final(&live);
    // Nothing is left to win: the lottery is completed.
    world.chain.expect_error(&open, LotteryError::WrongStatus);
    world.chain.expect_error(&retire, LotteryError::WrongStatus);
    world
        .chain
        .expect_error(&[ix::activate_lottery(game.operator.owner, game.id)], LotteryError::WrongStatus);
}
