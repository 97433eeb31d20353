//! Void rounds of house games: every stake comes back, with its own part of a slashed bond.

use program_tests::{
    Game, Live, LotteryError, Money, Player, Spec, World, house::keno_ticket, ix, kinds::VoidReason,
};

const BALANCE: u64 = 1_000_000_000;
/// Compensation of the specs: a fifth.
const CAP_BPS: u64 = 2_000;

/// Two players with stakes that differ, on two pages.
fn scene(spec: Spec) -> (World, Game, Live, [(Player, Vec<u64>); 2]) {
    let mut world = World::new();
    let money = spec.money;
    let game = world.create(spec.pages(8, 2));
    let live = world.open(&game);
    let players = [
        (world.player(money, BALANCE), vec![1_000, 1_001, 1_004, 5_000_000, 77_777]),
        (world.player(money, BALANCE), vec![999_999, 1_003]),
    ];
    for (player, stakes) in &players {
        for stake in stakes {
            enter(&mut world, &live, player, 0, *stake);
        }
    }
    world.open_page(&live);
    enter(&mut world, &live, &players[1].0, 1, 123_456);
    let [one, (player, mut stakes)] = players;
    stakes.push(123_456);
    (world, game, live, [one, (player, stakes)])
}

fn enter(world: &mut World, live: &Live, player: &Player, page: u32, stake: u64) {
    let is_keno = live.game.spec.config.kind == program_tests::kinds::Kind::Keno as u8;
    let ticket = if is_keno { keno_ticket(stake, &[4, 70]) } else { stake.to_le_bytes().to_vec() };
    world.enter_bytes(live, player, page, 0, &ticket, 1);
}

#[test]
fn compensation_is_by_stake() {
    for money in Money::ALL {
        for spec in [Spec::keno(), Spec::instant()] {
            let (mut world, game, live, players) = scene(spec.money(money));
            let bond = world.round(&live).bond_units;
            world.to_void(&live);
            let round = world.round(&live);
            assert_eq!((round.slashed_units, round.bonus_each_units), (bond, 0));
            world.refund_all(&live);
            let mut compensated = 0;
            for (player, stakes) in &players {
                // Each ticket is rounded down by itself.
                let own: u64 = stakes.iter().map(|stake| stake * CAP_BPS / 10_000).sum();
                assert_eq!(world.balance(player), BALANCE + own);
                compensated += own;
            }
            assert_eq!(world.round(&live).cash_units, bond - compensated);
            world.finalise(&live);
            world.close_all(&live);
            let lottery = world.lottery(&game);
            assert_eq!(lottery.treasury_due_units, bond - compensated);
            assert_eq!(
                (lottery.bankroll_free_units, lottery.bankroll_reserved_units),
                (game.spec.bankroll_units, 0)
            );
            assert_eq!((lottery.fees_units, lottery.bond_reserved_units), (0, 0));
        }
    }
}

#[test]
fn a_full_compensation_is_covered_even_if_every_page_is_full_of_risk() {
    // Every ticket wins its stake at most: the pool is as large as the liability, and the bond is twice that.
    let rules = program_tests::house::keno_rules(program_tests::house::paytable_of(&[&[(1, 10_000)]]));
    let mut spec = Spec::house_with(rules).budgets(16_000, 32_000).stakes(1, 1_000).pages(16, 2);
    spec.config.compensation_cap_bps = 10_000;
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100_000);
    world.enter_keno_quick(&live, &player, 0, 16, 1_000, 1);
    world.open_page(&live);
    world.enter_keno_quick(&live, &player, 1, 16, 1_000, 1);
    assert_eq!(world.round(&live).bond_units, 64_000);
    world.to_void(&live);
    assert_eq!(world.round(&live).liability_units, 32_000);
    world.refund_all(&live);
    assert_eq!(world.balance(&player), 100_000 + 32_000);
    assert_eq!(world.round(&live).cash_units, 32_000);
}

#[test]
fn a_pause_slashes_nothing_and_compensates_nothing() {
    let (mut world, game, live, players) = scene(Spec::keno());
    world.chain.expect_ok(&[ix::pause_lottery(game.pauser, game.id, 1)]);
    assert_eq!(world.round(&live).void_reason, VoidReason::Paused as u8);
    world.seal_all(&live);
    world.refund_all(&live);
    for (player, _) in &players {
        assert_eq!(world.balance(player), BALANCE);
    }
    world.finalise(&live);
    world.close_all(&live);
    assert_eq!(world.lottery(&game).treasury_due_units, 0);
}

#[test]
fn a_lost_slot_hash_compensates_too() {
    let (mut world, _, live, players) = scene(Spec::instant());
    world.lock(&live);
    world.seal_all(&live);
    let target = world.round(&live).target_slot;
    let slots = target + 513 - world.chain.slot();
    world.chain.warp(60, slots);
    let void = world.void_instruction(&live);
    world.chain.expect_ok(&void);
    assert_eq!(world.round(&live).void_reason, VoidReason::SlotHashLost as u8);
    world.refund_all(&live);
    for (player, stakes) in &players {
        let own: u64 = stakes.iter().map(|stake| stake * CAP_BPS / 10_000).sum();
        assert_eq!(world.balance(player), BALANCE + own);
    }
}

#[test]
fn nothing_of_a_void_round_is_paid_as_a_prize() {
    let (mut world, _, live, players) = scene(Spec::keno());
    world.to_void(&live);
    let item = ix::Item { index: 0, wallet: players[0].0.wallet };
    world.chain.expect_error(&[ix::pay(world.cranker, live.key, 0, &[item])], LotteryError::NotFinal);
    world.finalise(&live);
    world.chain.expect_error(&[ix::pay(world.cranker, live.key, 0, &[item])], LotteryError::NotFinal);
}
