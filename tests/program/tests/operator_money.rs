//! Money that is not a player's: bond, crank deposit, jackpot, fees, and what is owed to the treasury.

use program_tests::{LotteryError, Money, Spec, World, ix, world::LAMPORTS};

#[test]
fn the_bond_is_taken_back_except_what_open_rounds_reserve() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::default().money(money));
        let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
        let live = world.open_round(&game);
        let reserved = 256 * 1_200_000;
        assert_eq!(world.round(&live).bond_units, reserved);
        let lottery = world.lottery(&game);
        assert_eq!(
            (lottery.bond_reserved_units, lottery.bond_free_units),
            (reserved, 4_000_000_000 - reserved)
        );
        let take = |units| ix::withdraw_bond(operator, id, mint, units);
        world.chain.expect_error(&[take(lottery.bond_free_units + 1)], LotteryError::BondTooLow);
        world.chain.expect_error(&[take(0)], LotteryError::ZeroAmount);
        world.chain.expect_ok(&[take(lottery.bond_free_units)]);
        assert_eq!(world.balance(&game.operator), 4_000_000_000 - reserved);
        world.chain.expect_error(&[take(1)], LotteryError::BondTooLow);
        world.chain.expect_error(&[ix::fund_bond(operator, id, mint, 0)], LotteryError::ZeroAmount);
        let too_much = world.balance(&game.operator) + 1;
        world
            .chain
            .expect_error(&[ix::fund_bond(operator, id, mint, too_much)], LotteryError::InsufficientBalance);
    }
}

#[test]
fn the_crank_deposit_is_paid_by_anyone_and_taken_back_by_the_operator() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let donor = world.chain.funded("donor", LAMPORTS);
    world.chain.expect_ok(&[ix::fund_crank(donor, game.id, 777)]);
    assert_eq!(world.lottery(&game).crank_lamports, 10_000_000_777);
    assert_eq!(world.chain.lamports(donor), LAMPORTS - 777);
    world.chain.expect_error(&[ix::fund_crank(donor, game.id, 0)], LotteryError::ZeroAmount);

    let operator = game.operator.owner;
    let before = world.chain.lamports(operator);
    let take = |lamports| ix::withdraw_crank(operator, game.id, lamports);
    world.chain.expect_error(&[take(0)], LotteryError::ZeroAmount);
    world.chain.expect_error(&[take(10_000_000_778)], LotteryError::CrankDepositTooLow);
    world.chain.expect_ok(&[take(10_000_000_777)]);
    assert_eq!(world.chain.lamports(operator), before + 10_000_000_777);
    assert_eq!(world.lottery(&game).crank_lamports, 0);
}

#[test]
fn crankers_are_paid_from_the_deposit_and_the_rest_returns() {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let (step, item) = (5_000, 10);
    let player = world.player(Money::Sol, 100_000_000);
    let before = (world.chain.lamports(world.cranker), world.lottery(&game).crank_lamports);
    let live = world.open(&game);
    // Worst case: eight steps of the round, four of each page, each entry settled and then paid or refunded.
    let reserve = (8 + 4 * 4) * step + 2 * 256 * item;
    assert_eq!(world.lottery(&game).crank_lamports, before.1 - reserve);
    assert_eq!(world.round(&live).crank_lamports, reserve - 2 * step, "opening was paid");
    world.enter_quick(&live, &player, 0, 20);
    world.to_final(&live);
    let winners = world.round(&live).winners_total;
    world.pay_all(&live);
    world.close_all(&live);
    // Open round and page, seal, capture, value, draw, settle, finalise, close page and round; 20 settled.
    let earned = 10 * step + (20 + winners) * item;
    assert_eq!(world.chain.lamports(world.cranker), before.0 + earned);
    assert_eq!(world.lottery(&game).crank_lamports, before.1 - earned);
}

#[test]
fn anyone_raises_the_jackpot() {
    let mut world = World::new();
    let game = world.create(Spec::progressive());
    let fan = world.player(Money::Sol, 1_000);
    let fund = |units| ix::fund_jackpot(fan.owner, game.id, game.mint, units);
    world.chain.expect_error(&[fund(0)], LotteryError::ZeroAmount);
    world.chain.expect_error(&[fund(1_001)], LotteryError::InsufficientBalance);
    world.chain.expect_ok(&[fund(1_000)]);
    assert_eq!(world.lottery(&game).jackpot_units, 1_000);
    assert_eq!(world.balance(&fan), 0);
}

#[test]
fn the_jackpot_stays_within_what_bonds_cover() {
    let mut world = World::new();
    let game = world.create(Spec::progressive());
    let fan = world.player(Money::Sol, 3_000);
    let fund = [ix::fund_jackpot(fan.owner, game.id, game.mint, 1_000)];
    world.chain.expect_ok(&fund);
    let pool = 256 * 1_000_000;
    let first = world.open(&game);
    assert_eq!(world.round(&first).bond_units, pool + pool / 5 + 1_000);
    assert_eq!(world.lottery(&game).unfinalised_pools_units, pool);
    world.chain.expect_error(&fund, LotteryError::JackpotBeyondBond);
    // A round that opens while another may still roll over covers that too, whatever the config has become since.
    let second = world.open(&game);
    assert_eq!(world.round(&second).bond_units, pool + pool / 5 + 1_000 + pool);
    let mut config = game.spec.config;
    config.stake_units = 10;
    let update = ix::update_config(game.operator.owner, game.id, 1, &config, game.spec.rules_bytes());
    world.chain.expect_ok(&update);
    world.lock(&first);
    let third = world.open(&game);
    assert_eq!(world.round(&third).bond_units, 2_560 + 512 + 1_000 + 2 * pool);
    for live in [&first, &second] {
        world.to_void(live);
        world.finalise(live);
        world.chain.expect_error(&fund, LotteryError::JackpotBeyondBond);
    }
    assert_eq!(world.lottery(&game).unfinalised_pools_units, 2_560);
    world.to_void(&third);
    world.finalise(&third);
    assert_eq!(world.lottery(&game).unfinalised_pools_units, 0);
    world.chain.expect_ok(&fund);
    assert_eq!(world.lottery(&game).jackpot_units, 2_000);
}

#[test]
fn money_of_another_mint_does_not_reach_a_lottery() {
    let mut world = World::new();
    let game = world.create(Spec::default().money(Money::Spl));
    let fan = world.player(Money::Token2022, 1_000);
    let mint = world.mint(Money::Token2022);
    for fund in [ix::fund_jackpot, ix::fund_bond] {
        world.chain.expect_error(&[fund(fan.owner, game.id, mint, 10)], LotteryError::WrongMint);
    }
    let (operator, treasurer) = (game.operator.owner, game.treasurer);
    for take in
        [ix::withdraw_bond(operator, game.id, mint, 1), ix::withdraw_fees(treasurer, game.id, mint, 1)]
    {
        world.wallet_of(take.accounts[0].pubkey, Money::Token2022, 0);
        world.chain.expect_error(&take, LotteryError::WrongMint);
    }
}

#[test]
fn fees_go_to_the_treasurer() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::coin().money(money));
        let player = world.player(money, 100_000_000);
        let treasurer = world.wallet_of(game.treasurer, money, 0);
        let live = world.open(&game);
        world.enter(&live, &player, 0, &[&[1], &[2]]);
        world.to_final(&live);
        let fees = world.lottery(&game).fees_units;
        // 5 % of two stakes: with both sides of the coin there is always a winner.
        assert_eq!(fees, 100_000);
        let take = |units| ix::withdraw_fees(game.treasurer, game.id, game.mint, units);
        world.chain.expect_error(&[take(0)], LotteryError::ZeroAmount);
        world.chain.expect_error(&[take(fees + 1)], LotteryError::InsufficientBalance);
        world.chain.expect_ok(&[take(fees - 1), take(1)]);
        assert_eq!(world.balance(&treasurer), fees);
    }
}

#[test]
fn the_treasury_gets_dust_and_nobody_else_does() {
    let mut world = World::new();
    let mut spec = Spec::coin();
    // Three stakes of one unit and no fee: two winners share three units, or three share three.
    (spec.config.stake_units, spec.config.fee_bps) = (1, 0);
    let game = world.create(spec);
    let player = world.player(Money::Sol, 100);
    let treasury = world.wallet_of(world.treasury, Money::Sol, 0);
    let mut due = 0;
    for _ in 0..4 {
        let live = world.open(&game);
        world.enter(&live, &player, 0, &[&[1], &[1], &[2]]);
        world.to_final(&live);
        let winners = world.round(&live).winners_total;
        due += 3 % winners;
        world.pay_all(&live);
        world.close_all(&live);
        assert_eq!(world.lottery(&game).treasury_due_units, due);
    }
    assert!(due > 0, "with these seeds the two winners came at least once");
    let mut stolen = ix::withdraw_treasury(world.treasury, game.id, game.mint);
    stolen.accounts[1].pubkey = player.wallet;
    world.chain.expect_error(&stolen, LotteryError::WrongWallet);
    let take = ix::withdraw_treasury(world.treasury, game.id, game.mint);
    world.chain.expect_ok(&take);
    assert_eq!(world.balance(&treasury), due);
    world.chain.expect_error(&take, LotteryError::ZeroAmount);
}
