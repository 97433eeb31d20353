//! Closing: only what owes nothing, and all rent returns to exactly who paid it.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Pubkey, Spec, World, address, ix,
    kinds::LotteryStatus, world::LAMPORTS,
};

/// A lottery without rewards, and a round whose parts two different people paid for.
fn scene() -> (World, Game, Live, Player, Pubkey) {
    let mut world = World::new();
    let mut spec = Spec::coin().pages(20, 2);
    (spec.limits.reward_step_lamports, spec.limits.reward_item_lamports) = (0, 0);
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    world.enter_quick(&live, &player, 0, 15);
    let other = world.chain.funded("page payer", LAMPORTS);
    world.chain.expect_ok(&[ix::open_page(other, live.game.key, live.key, 1)]);
    world.enter_quick(&live, &player, 1, 2);
    (world, game, live, player, other)
}

fn close_page(world: &World, live: &Live, sequence: u32, payer: Pubkey) -> Instruction {
    ix::close_page(world.cranker, live.key, sequence, payer)
}

fn close_round(world: &World, live: &Live, payer: Pubkey) -> Instruction {
    ix::close_round(world.cranker, live.game.key, live.key, payer)
}

#[test]
fn rent_returns_to_who_paid_it_whoever_closes() {
    let (mut world, _, live, _, other) = scene();
    world.to_final(&live);
    world.pay_all(&live);
    let (cranker, stranger) = (world.cranker, world.chain.funded("stranger", LAMPORTS));
    for wrong in [stranger, cranker] {
        let close = close_page(&world, &live, 1, wrong);
        world.chain.expect_error(&close, LotteryError::WrongRentPayer);
    }
    let pages = [world.chain.lamports(live.page(0)), world.chain.lamports(live.page(1))];
    let round = world.chain.lamports(live.key);
    let before = world.chain.lamports(cranker);
    world.chain.expect_ok(&[ix::close_page(stranger, live.key, 1, other)]);
    assert_eq!(world.chain.lamports(other), LAMPORTS, "exactly what it paid");
    world.chain.expect_ok(&[ix::close_page(stranger, live.key, 0, cranker)]);
    let close = close_round(&world, &live, stranger);
    world.chain.expect_error(&close, LotteryError::WrongRentPayer);
    world.chain.expect_ok(&[ix::close_round(stranger, live.game.key, live.key, cranker)]);
    assert_eq!(world.chain.lamports(cranker), before + pages[0] + round);
    assert_eq!(world.chain.lamports(stranger), LAMPORTS);
    assert!(!world.chain.exists(live.key) && !world.chain.exists(live.page(0)));
}

#[test]
fn what_is_not_final_is_not_closed() {
    let (mut world, _, live, _, _) = scene();
    let cranker = world.cranker;
    let (page, round) = (close_page(&world, &live, 0, cranker), close_round(&world, &live, cranker));
    let refused = |world: &mut World| {
        world.chain.expect_error(&page, LotteryError::NotFinal);
        world.chain.expect_error(&round, LotteryError::NotFinal);
    };
    refused(&mut world);
    world.value(&live);
    refused(&mut world);
    world.draw(&live);
    refused(&mut world);
    world.settle_all(&live);
    refused(&mut world);
}

#[test]
fn what_still_owes_is_not_closed() {
    let (mut world, _, live, _, other) = scene();
    world.to_final(&live);
    let cranker = world.cranker;
    let close = close_page(&world, &live, 0, cranker);
    world.chain.expect_error(&close, LotteryError::StillOwes);
    let round = close_round(&world, &live, cranker);
    world.chain.expect_error(&round, LotteryError::StillOwes);
    let items = world.owed_prizes(&live, 0);
    if items.len() > 1 {
        world.chain.expect_ok(&[ix::pay(cranker, live.key, 0, &items[1..])]);
        world.chain.expect_error(&close, LotteryError::StillOwes);
    }
    world.pay_all(&live);
    world.chain.expect_error(&round, LotteryError::PagesNotClosed);
    world.chain.expect_ok(&close);
    world.chain.expect_error(&round, LotteryError::PagesNotClosed);
    let last = close_page(&world, &live, 1, other);
    world.chain.expect_ok(&last);
    world.chain.expect_ok(&round);
}

#[test]
fn a_void_round_is_closed_after_its_refunds() {
    let (mut world, _, live, _, other) = scene();
    world.lock(&live);
    world.pass_grace(&live);
    let void = world.void_instruction(&live);
    world.chain.expect_ok(&void);
    let cranker = world.cranker;
    let close = close_page(&world, &live, 0, cranker);
    world.chain.expect_error(&close, LotteryError::PagesNotSealed);
    world.seal_all(&live);
    world.chain.expect_error(&close, LotteryError::StillOwes);
    let round = close_round(&world, &live, cranker);
    world.refund_all(&live);
    world.chain.expect_ok(&close);
    let last = close_page(&world, &live, 1, other);
    world.chain.expect_ok(&last);
    world.chain.expect_error(&round, LotteryError::NotFinal);
    world.finalise(&live);
    world.chain.expect_ok(&round);
}

#[test]
fn a_lottery_is_closed_when_it_is_completed_and_empty() {
    let (mut world, game, live, player, _) = scene();
    let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
    let close = ix::close_lottery(operator, id, operator);
    world.chain.expect_error(&close, LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::retire_lottery(operator, id)]);
    world.to_final(&live);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
    world.chain.expect_error(&close, LotteryError::RoundsStillLive);
    let config = ix::close_config(operator, id, 0, operator);
    world.chain.expect_error(&config, LotteryError::RoundsStillLive);
    world.pay_all(&live);
    world.close_all(&live);
    world.chain.expect_error(&close, LotteryError::LotteryNotEmpty);
    let lottery = world.lottery(&game);
    world.wallet_of(game.treasurer, Money::Sol, 0);
    world.wallet_of(world.treasury, Money::Sol, 0);
    world.chain.expect_ok(&[ix::withdraw_bond(operator, id, mint, lottery.bond_free_units)]);
    world.chain.expect_ok(&[ix::withdraw_fees(game.treasurer, id, mint, lottery.fees_units)]);
    if lottery.treasury_due_units > 0 {
        world.chain.expect_error(&close, LotteryError::LotteryNotEmpty);
        world.chain.expect_ok(&[ix::withdraw_treasury(world.treasury, id, mint)]);
    }
    let player_end = world.balance(&player);
    let before = world.chain.lamports(operator);
    let held = world.chain.lamports(game.key) + world.chain.lamports(address::config(&game.key, 0).0);
    let stranger = world.chain.funded("stranger", LAMPORTS);
    world.chain.expect_error(&[ix::close_lottery(operator, id, stranger)], LotteryError::WrongRentPayer);
    world.chain.expect_error(&[ix::close_config(operator, id, 0, stranger)], LotteryError::WrongRentPayer);
    world.chain.expect_ok(&[config, close]);
    // Rent of both and the crank deposit.
    assert_eq!(world.chain.lamports(operator), before + held);
    assert_eq!(world.balance(&player), player_end);
    world.withdraw(&player, player_end);
}

#[test]
fn the_current_config_of_a_lottery_that_runs_is_not_closed() {
    let (mut world, game, live, _, _) = scene();
    let operator = game.operator.owner;
    let update = ix::update_config(operator, game.id, 1, &game.spec.config, game.spec.rules_bytes());
    world.chain.expect_ok(&update);
    let (old, current) =
        (ix::close_config(operator, game.id, 0, operator), ix::close_config(operator, game.id, 1, operator));
    world.chain.expect_error(&old, LotteryError::RoundsStillLive);
    world.to_final(&live);
    world.pay_all(&live);
    world.close_all(&live);
    world.chain.expect_error(&current, LotteryError::ConfigInUse);
    let before = world.chain.lamports(operator);
    let held = world.chain.lamports(address::config(&game.key, 0).0);
    world.chain.expect_ok(&old);
    assert_eq!(world.chain.lamports(operator), before + held);
}

#[test]
fn unused_rewards_return_to_the_lottery() {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let before = world.lottery(&game).crank_lamports;
    let cranker = world.chain.lamports(world.cranker);
    let live = world.open(&game);
    world.to_final(&live);
    world.close_all(&live);
    let earned = world.chain.lamports(world.cranker) - cranker;
    assert_eq!(world.lottery(&game).crank_lamports, before - earned);
    // Open round and page, capture, value, draw, finalise, close page and round; an empty page earns no seal.
    assert_eq!(earned, 8 * 5_000);
}

#[test]
fn a_closed_account_is_not_revived_in_the_same_transaction() {
    let mut world = World::new();
    let player = world.player(Money::Sol, 1_000);
    let (owner, mint) = (player.owner, world.mint(Money::Sol));
    let side = world.side(owner, Money::Sol);
    // The system program's `Transfer` of enough lamports to keep the account alive.
    let mut data = vec![2, 0, 0, 0];
    data.extend_from_slice(&10_000_000u64.to_le_bytes());
    let accounts = vec![
        program_tests::AccountMeta::new(owner, true),
        program_tests::AccountMeta::new(player.wallet, false),
    ];
    let revive = Instruction { program_id: address::SYSTEM_PROGRAM, accounts, data };
    let end = [ix::withdraw(owner, side, 1_000), ix::close_wallet(owner, mint, owner), revive];
    let mut again = end.to_vec();
    again.push(ix::deposit(owner, side, 5));
    world.chain.expect_refused(&again);
    // Without the deposit it is an account of the system program with some lamports, and nothing else.
    world.chain.expect_ok(&end);
    assert!(world.chain.data(player.wallet).is_empty());
    world.chain.expect_ok(&ix::open_wallet(owner, owner, mint));
    assert_eq!(world.balance(&player), 0);
}
