//! The whole life of rounds, from ticket to payout, in each kind of money.

use program_tests::{
    AccountLayout, Live, Money, Player, Spec, World, accounts::Page, address, audit, ix, kinds::RoundStatus,
};

/// Enters players, some of them on a second page, and plays the round to its end. Everything that chance and the
/// rules decide is computed again off chain.
fn play(world: &mut World, live: &Live, players: &[Player]) {
    for (i, player) in players.iter().enumerate() {
        world.enter_quick(live, player, 0, 10 + i as u8);
    }
    if world.page(live, 0).count * 4 >= world.page(live, 0).capacity * 3 {
        world.open_page(live);
        world.enter_quick(live, &players[0], 1, 7);
    }
    world.to_drawn(live);

    let expected = world.replay(live);
    let round = world.round(live);
    assert_eq!(round.value, expected.value);
    assert_eq!(round.sealed_digest, expected.sealed_digest);
    assert_eq!(round.seed, expected.seed);
    assert_eq!(round.result, expected.result);

    world.settle_all(live);
    for (sequence, tiers) in expected.tiers.iter().enumerate() {
        let settled: Vec<u8> = world.entries(live, sequence as u32).iter().map(|entry| entry.tier).collect();
        assert_eq!(&settled, tiers);
    }

    let jackpot = world.lottery(&live.game).jackpot_units;
    let split = world.replay_split(live, jackpot);
    let fees = world.lottery(&live.game).fees_units;
    world.finalise(live);
    let round = world.round(live);
    let lottery = world.lottery(&live.game);
    assert_eq!(round.winners, expected.winners);
    assert_eq!(round.prize_each_units, split.prize_each);
    assert_eq!(round.fee_units, split.fee);
    assert_eq!(lottery.fees_units, fees + split.fee);
    assert_eq!(lottery.jackpot_units, split.jackpot_next);
    assert_eq!(round.refund_all, split.refund_all as u8);

    world.pay_or_refund_all(live);
    assert_eq!(world.round(live).cash_units, 0, "everything owed is paid");
}

#[test]
fn a_round_is_played_in_each_kind_of_money() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::coin().money(money));
        let players: Vec<Player> = (0..4).map(|_| world.player(money, 100_000_000)).collect();
        let live = world.open(&game);
        play(&mut world, &live, &players);
        world.close_all(&live);
        assert!(!world.chain.exists(live.key));
        let held: u128 = audit::balances(&world.chain)[&game.mint.to_bytes()].wallets;
        let lottery = world.lottery(&game);
        assert_eq!(lottery.bond_free_units, game.spec.bond_units);
        let others = lottery.fees_units + lottery.treasury_due_units + game.spec.bond_units;
        assert_eq!(held + others as u128, audit::vault(&world.chain, &game.mint).total_units as u128);
    }
}

#[test]
fn a_progressive_lottery_rolls_over_for_many_rounds() {
    let mut world = World::new();
    let mut spec = Spec::progressive();
    spec.jackpot_units = 500_000_000;
    let game = world.create(spec);
    let players: Vec<Player> = (0..4).map(|_| world.player(Money::Sol, 1_000_000_000)).collect();
    for index in 0..12 {
        let live = world.open(&game);
        assert_eq!(live.index, index);
        play(&mut world, &live, &players);
        world.close_all(&live);
    }
}

#[test]
fn all_rent_returns_to_who_paid_it() {
    let mut world = World::new();
    let mut spec = Spec::coin();
    (spec.limits.reward_step_lamports, spec.limits.reward_item_lamports) = (0, 0);
    let game = world.create(spec);
    let player = world.player(Money::Sol, 100_000_000);
    let before = world.chain.lamports(world.cranker);
    let live = world.open(&game);
    assert!(before - world.chain.lamports(world.cranker) >= world.chain.rent(Page::LEN));
    world.enter_quick(&live, &player, 0, 20);
    world.to_final(&live);
    world.pay_all(&live);
    world.close_all(&live);
    assert_eq!(world.chain.lamports(world.cranker), before);
}

#[test]
fn a_round_is_void_after_grace_and_refunded_in_full() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::default().money(money));
        let player = world.player(money, 100_000_000);
        let live = world.open(&game);
        world.enter_quick(&live, &player, 0, 20);
        world.to_void(&live);
        assert_eq!(world.status(&live), RoundStatus::Void);
        world.refund_all(&live);
        assert!(world.balance(&player) >= 100_000_000);
        world.finalise(&live);
        world.close_all(&live);
    }
}

#[test]
fn a_newcomer_opens_a_wallet_deposits_and_enters_in_one_transaction() {
    for money in Money::ALL {
        let mut world = World::new();
        let game = world.create(Spec::default().money(money));
        let live = world.open(&game);
        let owner = world.chain.funded("newcomer", program_tests::world::LAMPORTS);
        world.grant(owner, money, 20_000_000);
        let player = Player { owner, wallet: address::wallet(&owner, &game.mint).0, money };
        let meta = world.chain.expect_ok(&[
            ix::open_wallet(owner, owner, game.mint),
            ix::deposit(owner, world.side(owner, money), 20_000_000),
            world.enter_instruction(&live, &player, 0, 20, &[]),
        ]);
        assert!(meta.wire_len <= 1_232, "{} bytes", meta.wire_len);
        assert_eq!((world.balance(&player), world.page(&live, 0).count), (0, 20));
    }
}
