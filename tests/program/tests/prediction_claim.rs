//! Claiming: each prize and each stake once, by whoever pushes it, and not for ever.

use program_tests::{LotteryError, Spec, audit, ix, ix::Item, market::pro_rata};

use crate::prediction_play::{BALANCE, Played, SIDES, play};

#[test]
fn nothing_is_claimed_twice() {
    let mut played = play(Spec::market(pro_rata()), &SIDES, &[4]);
    let Played { world, live, players, .. } = &mut played;
    // A winner, and a loser whose stake was not matched in full, each by themselves.
    for (index, back) in [(0, 1_950_000), (2, 1_875_000)] {
        let player = players[index];
        let before = world.balance(&player);
        let claim =
            ix::pay(player.owner, live.key, 0, &[Item { index: index as u32, wallet: player.wallet }]);
        world.chain.expect_ok(&claim);
        assert_eq!(world.balance(&player), before + back);
        world.chain.expect_error(&claim, LotteryError::AlreadyPaid);
    }
    let refund = ix::refund(world.cranker, live.key, 0, &world.owed_refunds(live, 0));
    world.chain.expect_error(&refund, LotteryError::NotVoid);
    world.pay_all(live);
    assert_eq!(world.round(live).winners_paid, 4);
}

#[test]
fn no_stake_comes_back_twice() {
    let mut played = play(Spec::market(pro_rata()), &[(5_000, 0), (7_777, 0)], &[2]);
    let Played { world, live, players, .. } = &mut played;
    let item = Item { index: 1, wallet: players[1].wallet };
    let refund = ix::refund(players[1].owner, live.key, 0, &[item, item]);
    world.chain.expect_ok(&refund);
    assert_eq!(world.balance(&players[1]), BALANCE);
    world.chain.expect_error(&refund, LotteryError::AlreadyRefunded);
}

#[test]
fn a_loser_whose_stake_was_matched_in_full_is_paid_nothing() {
    let mut played = play(Spec::market(pro_rata()), &SIDES, &[5]);
    let Played { world, live, players, .. } = &mut played;
    let claim = ix::pay(players[0].owner, live.key, 0, &[Item { index: 0, wallet: players[0].wallet }]);
    world.chain.expect_error(&claim, LotteryError::NotAWinner);
}

#[test]
fn prizes_that_nobody_claims_go_to_the_treasury() {
    let mut played = play(Spec::market(pro_rata()), &SIDES, &[4]);
    let Played { world, live, game, players } = &mut played;
    let claim = ix::pay(world.cranker, live.key, 0, &[Item { index: 0, wallet: players[0].wallet }]);
    world.chain.expect_ok(&claim);
    world.chain.warp(86_400, 216_000);
    world.chain.expect_ok(&ix::expire_round(world.cranker, game.key, live.key));
    world.close_all(live);
    let lottery = world.lottery(game);
    assert_eq!(lottery.fees_units, 75_000);
    assert_eq!(lottery.treasury_due_units, 975_001 + 1_875_000 + 625_001 + 2);
    assert_eq!(audit::lottery_units(&lottery), 5_500_004 - 1_950_000);
}
