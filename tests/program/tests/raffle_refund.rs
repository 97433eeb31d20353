//! Fees that come back, and the end of a raffle: nobody with a place is refunded, and nothing closes while something is owed.

use program_tests::{
    LotteryError as E,
    accounts::RaffleRules,
    ix::{self, Item},
    raffle::{FEE, places},
};

use crate::raffle_places::{PENALTY, scene, scene_of};

#[test]
fn a_winner_is_not_refunded() {
    let mut s = scene();
    // Offered, and waiting.
    for rank in 0..5 {
        s.refund_error(rank, E::HasPlace);
    }
    s.confirm(0);
    s.refund_error(0, E::HasPlace);
    s.world.pass_offers(&s.live);
    s.refund_error(1, E::HasPlace);
    s.world.resolve(&s.live, &[1]);
    s.world.promote(&s.live, 3);
    s.refund_error(3, E::HasPlace);
}

#[test]
fn a_winner_among_others_is_not_refunded_either() {
    let mut s = scene();
    let place = s.world.ranked(s.world.order_of(&s.live))[0];
    let mut items = s.world.owed_fees(&s.live, place.page);
    items.truncate(1);
    items.push(Item { index: place.index, wallet: s.person(0).wallet });
    let refund = ix::refund(s.world.cranker, s.live.key, place.page, &items);
    s.world.chain.expect_error(&refund, E::HasPlace);
}

#[test]
fn everyone_beyond_the_threshold_is_refunded_at_once_and_once() {
    let mut s = scene();
    let page = if s.world.owed_fees(&s.live, 0).is_empty() { 1 } else { 0 };
    let items = s.world.owed_fees(&s.live, page);
    s.world.refund_fees(&s.live);
    assert_eq!(s.world.round(&s.live).refunded, 3);
    assert_eq!(s.world.round(&s.live).cash_units, 5 * FEE);
    let again = ix::refund(s.world.cranker, s.live.key, page, &items);
    s.world.chain.expect_error(&again, E::AlreadyRefunded);
}

#[test]
fn a_place_is_no_prize() {
    let mut s = scene();
    s.confirm(0);
    let (sequence, item) = s.item(0);
    let pay = ix::pay(s.world.cranker, s.live.key, sequence, &[item]);
    s.world.chain.expect_error(&pay, E::NotAWinner);
}

#[test]
fn nothing_is_closed_while_a_place_is_open() {
    let mut s = scene();
    s.world.refund_fees(&s.live);
    for rank in 0..3 {
        s.confirm(rank);
    }
    let live = s.live.clone();
    let ranking = s.world.order_of(&live);
    let close_ranking = s.world.close_ranking_instruction(&live, ranking);
    let close_page = ix::close_page(s.world.cranker, live.key, 0, s.world.cranker);
    // Two wait in vain, and are not told yet.
    s.world.chain.expect_error(&close_ranking, E::RankingInUse);
    s.world.chain.expect_error(&close_page, E::StillOwes);
    s.world.resolve(&live, &[3, 4]);
    s.world.chain.expect_error(&close_ranking, E::RankingInUse);
    s.world.refund_fees(&live);
    s.world.close_raffle(&live);
}

#[test]
fn a_raffle_expires_only_when_its_places_are_settled() {
    // The time to confirm is longer than that to claim.
    let mut s = scene_of(RaffleRules { confirm_seconds: 100_000, ..places(3, 2) });
    let live = s.live.clone();
    s.confirm(0);
    s.world.chain.warp(90_000, 200_000);
    assert!(s.world.chain.now() >= s.world.round(&live).claim_until);
    let expire = ix::expire_round(s.world.cranker, live.game.key, live.key);
    s.world.chain.expect_error(&expire, E::ClaimPeriodOpen);
    s.world.chain.warp(10_000, 20_000);
    s.world.resolve(&live, &[1, 2]);
    s.world.chain.expect_error(&expire, E::ClaimPeriodOpen);
    s.world.promote(&live, 3);
    s.world.promote(&live, 4);
    s.confirm(3);
    s.world.chain.expect_error(&expire, E::ClaimPeriodOpen);
    s.confirm(4);
    // What nobody fetched: three without a rank, and two that lapsed.
    let left = s.world.round(&live).cash_units;
    assert_eq!(left, 5 * FEE - 2 * PENALTY);
    s.world.chain.expect_ok(&expire);
    assert_eq!(s.world.lottery(&live.game).treasury_due_units, left);
    s.world.close_raffle(&live);
}

#[test]
fn an_expired_raffle_offers_nothing() {
    let mut s = scene();
    let live = s.live.clone();
    for rank in 0..3 {
        s.confirm(rank);
    }
    s.world.chain.warp(90_000, 200_000);
    let expire = ix::expire_round(s.world.cranker, live.game.key, live.key);
    s.world.chain.expect_ok(&expire);
    s.resolve_error(3, E::NotFinal);
    s.promote_error(3, E::NotFinal);
    s.world.close_raffle(&live);
}
