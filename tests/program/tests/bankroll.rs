//! The bankroll of a house game: anyone funds it, pages reserve from it, rounds give it back, and only what is free
//! leaves.

use program_tests::{
    Game, Instruction, Live, LotteryError, Money, Player, Spec, World,
    house::{keno_rules, paytable_of},
    ix,
    kinds::{LotteryStatus, RoundStatus},
};

use crate::house_play::play_out;

const BUDGET: u64 = 16_000;
const BANKROLL: u64 = 200_000;
/// Its highest prize is one sixteenth of a page's budget.
const STAKE: u64 = 500;

/// One spot that pays double, 16,000 units of budget a page, three pages but no more than 40,000 units a round.
fn small() -> Spec {
    let rules = keno_rules(paytable_of(&[&[(1, 20_000)]]));
    let spec = Spec::house_with(rules).pages(40, 4).budgets(BUDGET, 40_000).stakes(1, 1_000);
    Spec { bankroll_units: BANKROLL, bond_units: 1_000_000, ..spec }
}

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open_round(&game);
    let player = world.player(Money::Sol, 1_000_000);
    (world, game, live, player)
}

fn open_page(world: &World, live: &Live) -> Instruction {
    ix::open_page(world.cranker, live.game.key, live.key, world.round(live).page_count)
}

/// Free and reserved.
fn bankroll(world: &World, game: &Game) -> (u64, u64) {
    let lottery = world.lottery(game);
    (lottery.bankroll_free_units, lottery.bankroll_reserved_units)
}

/// `count` tickets of `stake_units`.
fn enter(world: &mut World, live: &Live, player: &Player, page: u32, count: u8, stake_units: u64) {
    world.enter_keno_quick(live, player, page, count, stake_units, 1);
}

#[test]
fn anyone_funds_it_in_each_kind_of_money() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(small().money(money));
        let fan = world.player(money, 1_000);
        let fund = |units| ix::fund_bankroll(fan.owner, game.id, game.mint, units);
        world.chain.expect_error(&[fund(0)], LotteryError::ZeroAmount);
        world.chain.expect_error(&[fund(1_001)], LotteryError::InsufficientBalance);
        world.chain.expect_error(&[fund(u64::MAX)], LotteryError::InsufficientBalance);
        world.chain.expect_ok(&[fund(1_000)]);
        assert_eq!(bankroll(&world, &game), (BANKROLL + 1_000, 0));
        assert_eq!(world.balance(&fan), 0);
    }
}

#[test]
fn a_draw_has_none() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let fan = world.player(Money::Sol, 1_000);
    world
        .chain
        .expect_error(&[ix::fund_bankroll(fan.owner, game.id, game.mint, 5)], LotteryError::NoBankroll);
    let operator = game.operator.owner;
    let take = ix::withdraw_bankroll(operator, game.id, game.mint, 1);
    world.chain.expect_error(&take, LotteryError::BankrollTooLow);
    let live = world.open(&game);
    assert_eq!((world.round(&live).budget_units, world.page(&live, 0).budget_units), (0, 0));
}

#[test]
fn a_house_game_has_no_jackpot() {
    for spec in [Spec::keno(), Spec::instant()] {
        let mut world = World::new();
        let game = world.create(spec);
        let fan = world.player(Money::Sol, 1_000);
        // Nothing could ever win it, and a lottery with a jackpot never completes.
        let fund = ix::fund_jackpot(fan.owner, game.id, game.mint, 1);
        world.chain.expect_error(&fund, LotteryError::WrongKind);
    }
}

#[test]
fn only_the_operator_takes_it_back_and_only_what_is_free() {
    for money in Money::ALL {
        let (mut world, game, live, _) = {
            let mut world = World::new();
            let game = world.create(small().money(money));
            let live = world.open(&game);
            (world, game, live, ())
        };
        let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
        assert_eq!(bankroll(&world, &game), (BANKROLL - BUDGET, BUDGET));
        let take = |units| ix::withdraw_bankroll(operator, id, mint, units);
        world.chain.expect_error(&[take(0)], LotteryError::ZeroAmount);
        // What the page reserved does not leave, not even one unit of it.
        world.chain.expect_error(&[take(BANKROLL - BUDGET + 1)], LotteryError::BankrollTooLow);
        world.chain.expect_error(&[take(BANKROLL)], LotteryError::BankrollTooLow);
        world.chain.expect_error(&[take(u64::MAX)], LotteryError::BankrollTooLow);
        let stranger = world.player(money, 1_000);
        let theft = ix::withdraw_bankroll(stranger.owner, id, mint, 1);
        world.chain.expect_error(&theft, LotteryError::Unauthorized);
        for role in [game.pauser, game.treasurer] {
            world.wallet_of(role, money, 0);
            world.chain.expect_error(&[ix::withdraw_bankroll(role, id, mint, 1)], LotteryError::Unauthorized);
        }
        // Into nobody's wallet but the operator's own.
        let mut theft = take(1);
        theft.accounts[1].pubkey = stranger.wallet;
        world.chain.expect_error(&theft, LotteryError::WrongWallet);

        let before = world.balance(&game.operator);
        world.chain.expect_ok(&[take(BANKROLL - BUDGET)]);
        assert_eq!(world.balance(&game.operator), before + BANKROLL - BUDGET);
        assert_eq!(bankroll(&world, &game), (0, BUDGET));
        world.chain.expect_error(&[take(1)], LotteryError::BankrollTooLow);
        world.to_final(&live);
        world.chain.expect_ok(&[take(BUDGET)]);
        assert_eq!(bankroll(&world, &game), (0, 0));
    }
}

#[test]
fn a_page_that_would_exceed_the_free_bankroll_is_refused() {
    let (mut world, game, live, player) = scene(Spec { bankroll_units: BUDGET - 1, ..small() });
    let open = open_page(&world, &live);
    world.chain.expect_error(&open, LotteryError::BankrollTooLow);
    world.chain.expect_ok(&[ix::fund_bankroll(player.owner, game.id, game.mint, 1)]);
    world.chain.expect_ok(&open);
    assert_eq!(bankroll(&world, &game), (0, BUDGET));
    // The next page of this round and the first of the next round need their own.
    enter(&mut world, &live, &player, 0, 16, STAKE);
    let second = open_page(&world, &live);
    world.chain.expect_error(&second, LotteryError::BankrollTooLow);
    let next = world.open_round(&game);
    let first = open_page(&world, &next);
    world.chain.expect_error(&first, LotteryError::BankrollTooLow);
    // Entries go on where there is a page.
    play_out(&mut world, &live);
    let (free, reserved) = bankroll(&world, &game);
    let round = world.round(&live);
    assert_eq!((free, reserved), (BUDGET + round.pool_units - round.fee_units - round.prizes_units, 0));
}

#[test]
fn pages_are_allotted_budgets_up_to_the_cap_of_their_round() {
    let (mut world, game, live, player) = scene(small());
    for (page, budget) in [(0, BUDGET), (1, BUDGET), (2, 8_000)] {
        world.open_page(&live);
        assert_eq!(world.page(&live, page).budget_units, budget);
        // One ticket takes a sixteenth of what its own page has.
        let stake = budget / 16 / 2;
        let above =
            world.enter_instruction(&live, &player, page, 1, &program_tests::house::keno_quick(stake + 1, 1));
        world.chain.expect_error(&above, LotteryError::LiabilityAboveShare);
        enter(&mut world, &live, &player, page, 16, stake);
    }
    assert_eq!(world.round(&live).budget_units, 40_000);
    let open = open_page(&world, &live);
    world.chain.expect_error(&open, LotteryError::LiabilityCapReached);
    assert_eq!(bankroll(&world, &game), (BANKROLL - 40_000, 40_000));
    play_out(&mut world, &live);
    assert_eq!(world.round(&live).liability_units, 40_000);
}

#[test]
fn a_page_that_no_ticket_would_fit_is_not_opened() {
    // What the first page leaves of the cap; the least stake is 10.
    for (left, opens) in [(1, false), (159, false), (160, true)] {
        let spec = small().budgets(BUDGET, BUDGET + left).stakes(10, 1_000);
        let (mut world, game, live, player) = scene(spec);
        world.open_page(&live);
        enter(&mut world, &live, &player, 0, 16, STAKE);
        let open = open_page(&world, &live);
        if opens {
            world.chain.expect_ok(&open);
            assert_eq!(bankroll(&world, &game).1, BUDGET + left);
        } else {
            world.chain.expect_error(&open, LotteryError::LiabilityCapReached);
        }
        play_out(&mut world, &live);
    }
}

#[test]
fn the_next_page_opens_at_three_quarters_of_the_liability() {
    let (mut world, _, live, player) = scene(small());
    world.open_page(&live);
    // Eleven of sixteen, and far from three quarters of the 40 places.
    enter(&mut world, &live, &player, 0, 11, STAKE);
    let open = open_page(&world, &live);
    world.chain.expect_error(&open, LotteryError::TooEarlyForPage);
    enter(&mut world, &live, &player, 0, 1, STAKE - 1);
    assert_eq!(world.page(&live, 0).liability_units, BUDGET / 4 * 3 - 2);
    world.chain.expect_error(&open, LotteryError::TooEarlyForPage);
    enter(&mut world, &live, &player, 0, 1, 1);
    assert_eq!(world.page(&live, 0).liability_units, BUDGET / 4 * 3);
    world.chain.expect_ok(&open);
    // Or of the entries, whatever the liability: 30 tickets of one unit.
    enter(&mut world, &live, &player, 1, 20, 1);
    enter(&mut world, &live, &player, 1, 9, 1);
    let open = open_page(&world, &live);
    world.chain.expect_error(&open, LotteryError::TooEarlyForPage);
    enter(&mut world, &live, &player, 1, 1, 1);
    assert_eq!(world.page(&live, 1).liability_units, 60);
    world.chain.expect_ok(&open);
}

#[test]
fn a_final_round_releases_its_budget_with_what_it_won_or_lost() {
    let (mut world, game, live, player) = scene(small());
    world.open_page(&live);
    enter(&mut world, &live, &player, 0, 15, STAKE);
    world.open_page(&live);
    enter(&mut world, &live, &player, 1, 9, 333);
    play_out(&mut world, &live);
    world.close_all(&live);
    // And a round that nobody entered releases all of it.
    let (free, reserved) = bankroll(&world, &game);
    assert_eq!(reserved, 0);
    let empty = world.open(&game);
    world.to_final(&empty);
    assert_eq!(bankroll(&world, &game), (free, 0));
}

#[test]
fn a_void_round_releases_its_budget_when_it_is_counted() {
    let (mut world, game, live, player) = scene(small());
    world.open_page(&live);
    enter(&mut world, &live, &player, 0, 15, STAKE);
    world.open_page(&live);
    world.to_void(&live);
    assert_eq!(bankroll(&world, &game), (BANKROLL - 2 * BUDGET, 2 * BUDGET));
    let take = ix::withdraw_bankroll(game.operator.owner, game.id, game.mint, BANKROLL);
    world.chain.expect_error(&take, LotteryError::BankrollTooLow);
    world.finalise(&live);
    assert_eq!(bankroll(&world, &game), (BANKROLL, 0));
    // Refunds do not touch it.
    world.refund_all(&live);
    world.close_all(&live);
    assert_eq!(bankroll(&world, &game), (BANKROLL, 0));
    world.chain.expect_ok(&take);
}

#[test]
fn a_pause_releases_the_budgets_of_the_rounds_that_it_voids() {
    let (mut world, game, live, player) = scene(small());
    world.open_page(&live);
    enter(&mut world, &live, &player, 0, 5, STAKE);
    let next = world.open(&game);
    assert_eq!(bankroll(&world, &game), (BANKROLL - 2 * BUDGET, 2 * BUDGET));
    world.chain.expect_ok(&[ix::pause_lottery(game.pauser, game.id, 2)]);
    for (live, left) in [(&next, BUDGET), (&live, 0)] {
        assert_eq!(world.status(live), RoundStatus::Void);
        world.finalise(live);
        assert_eq!(bankroll(&world, &game), (BANKROLL - left, left));
    }
    world.seal_all(&live);
    world.refund_all(&live);
    assert_eq!(world.balance(&player), 1_000_000);
}

#[test]
fn new_budgets_hold_for_rounds_not_yet_opened() {
    let (mut world, game, old, player) = scene(small());
    let limits = game.spec.clone().budgets(3_200, 4_000).stakes(2, 90).limits;
    world.chain.expect_ok(&[ix::update_limits(game.operator.owner, game.id, &limits)]);
    let new = world.open_round(&game);
    world.open_page(&old);
    world.open_page(&new);
    assert_eq!((world.page(&old, 0).budget_units, world.page(&new, 0).budget_units), (BUDGET, 3_200));
    enter(&mut world, &old, &player, 0, 1, STAKE);
    let dear = world.enter_instruction(&new, &player, 0, 1, &program_tests::house::keno_quick(91, 1));
    world.chain.expect_error(&dear, LotteryError::StakeOutOfRange);
    enter(&mut world, &new, &player, 0, 1, 90);
    assert_eq!(bankroll(&world, &game), (BANKROLL - BUDGET - 3_200, BUDGET + 3_200));
    play_out(&mut world, &old);
}

#[test]
fn a_lottery_is_not_closed_with_a_bankroll() {
    let (mut world, game, live, _) = scene(small());
    world.open_page(&live);
    let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
    world.chain.expect_ok(&[ix::retire_lottery(operator, id)]);
    world.to_final(&live);
    world.close_all(&live);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
    let bond = world.lottery(&game).bond_free_units;
    world.chain.expect_ok(&[ix::withdraw_bond(operator, id, mint, bond)]);
    let close = ix::close_lottery(operator, id, operator);
    world.chain.expect_error(&close, LotteryError::LotteryNotEmpty);
    world.chain.expect_ok(&[ix::withdraw_bankroll(operator, id, mint, BANKROLL - 1)]);
    world.chain.expect_error(&close, LotteryError::LotteryNotEmpty);
    world.chain.expect_ok(&[ix::withdraw_bankroll(operator, id, mint, 1)]);
    world.chain.expect_ok(&close);
}

#[test]
fn the_bond_of_a_round_is_twice_its_liability() {
    let mut world = World::new();
    let game = world.create(Spec { bond_units: 80_000 - 1, ..small() });
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::BondTooLow);
    let donor = world.player(Money::Sol, 1);
    world.chain.expect_ok(&[ix::fund_bond(donor.owner, game.id, game.mint, 1)]);
    world.chain.expect_ok(&open);
    let lottery = world.lottery(&game);
    assert_eq!((lottery.bond_free_units, lottery.bond_reserved_units), (0, 80_000));
}
