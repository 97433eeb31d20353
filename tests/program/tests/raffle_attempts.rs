//! Attempts at the order of a raffle: several at once, their deposits, and when they are closed.

use program_tests::{
    LotteryError as E, Spec, World, args::RANKING_DEPOSIT_LAMPORTS, ix, kinds::RankingStatus, raffle::places,
};

use crate::raffle_rank::{counted, scene};

#[test]
fn of_two_right_attempts_the_first_is_accepted() {
    let (mut world, live, first) = counted(5);
    let rival = world.chain.funded("rival", 1_000_000_000);
    let before = world.chain.lamports(rival);
    let second = world.attempt(&live, rival, world.threshold(&live));
    world.count_all(&live, second);
    world.accept(&live, first);
    let accept = world.accept_instruction(&live, second);
    world.chain.expect_error(&accept, E::AlreadyRanked);
    let accept = world.accept_instruction(&live, first);
    world.chain.expect_error(&accept, E::AlreadyRanked);
    // It was not wrong: nothing is lost.
    let close = world.close_ranking_instruction(&live, second);
    world.chain.expect_ok(&close);
    assert_eq!(world.chain.lamports(rival), before);
    let late = ix::open_ranking(rival, live.key, 5, 0, 0);
    world.chain.expect_error(&late, E::AlreadyRanked);
}

#[test]
fn a_wrong_attempt_is_in_nobodys_way_and_loses_its_deposit() {
    for ranked in [4, 6] {
        let (mut world, live) = scene();
        let vandal = world.chain.funded("vandal", 1_000_000_000);
        let before = world.chain.lamports(vandal);
        let threshold = world.standings(&live)[ranked - 1];
        let wrong = world.attempt(&live, vandal, threshold);
        world.count_all(&live, wrong);
        // Another takes no notice.
        let ranking = world.rank(&live);
        assert_eq!(world.ranking(ranking).status, RankingStatus::Accepted as u8);
        let rewards = world.round(&live).crank_lamports;
        let close = world.close_ranking_instruction(&live, wrong);
        world.chain.expect_ok(&close);
        assert_eq!(world.chain.lamports(vandal), before - RANKING_DEPOSIT_LAMPORTS);
        assert_eq!(world.round(&live).crank_lamports, rewards + RANKING_DEPOSIT_LAMPORTS);
        world.finalise(&live);
    }
}

#[test]
fn a_wrong_attempt_can_be_closed_at_once_and_tried_again() {
    let (mut world, live, wrong) = counted(6);
    let again = world.open_ranking_instructions(&live, world.cranker, world.threshold(&live));
    world.chain.expect_refused(&again);
    let close = world.close_ranking_instruction(&live, wrong);
    world.chain.expect_ok(&close);
    world.rank(&live);
    assert_eq!(world.raffle_state(&live).is_ranked, 1);
}

#[test]
fn the_deposit_returns_when_the_count_was_right() {
    let (mut world, live) = scene();
    let honest = world.chain.funded("honest", 1_000_000_000);
    let before = world.chain.lamports(honest);
    let ranking = world.attempt(&live, honest, world.threshold(&live));
    let rent = world.chain.rent(world.chain.data(ranking).len());
    assert_eq!(world.chain.lamports(honest), before - rent - RANKING_DEPOSIT_LAMPORTS);
    world.count_all(&live, ranking);
    world.accept(&live, ranking);
    assert_eq!(world.chain.lamports(honest), before - rent);
    assert_eq!(world.ranking(ranking).deposit_lamports, 0);
}

#[test]
fn deposits_and_rent_go_to_who_paid_them() {
    let (mut world, live, ranking) = counted(5);
    let thief = world.chain.funded("thief", 1_000_000_000);
    let accept = ix::accept_ranking(world.cranker, live.key, ranking, thief);
    world.chain.expect_error(&accept, E::WrongRentPayer);
    let close = ix::close_ranking(thief, live.key, ranking, thief);
    world.chain.expect_error(&close, E::WrongRentPayer);
}

#[test]
fn an_attempt_in_use_is_not_closed() {
    let (mut world, live, ranking) = counted(5);
    let close = world.close_ranking_instruction(&live, ranking);
    world.chain.expect_error(&close, E::RankingInUse);
    world.accept(&live, ranking);
    world.chain.expect_error(&close, E::RankingInUse);
    world.sort_all(&live, ranking);
    world.chain.expect_error(&close, E::RankingInUse);
    world.finalise(&live);
    world.chain.expect_error(&close, E::RankingInUse);
}

#[test]
fn an_attempt_outlives_its_round() {
    let mut world = World::new();
    let (live, people) = world.settled_raffle(Spec::raffle(places(2, 0)), 2);
    let late = world.chain.funded("late", 1_000_000_000);
    let before = world.chain.lamports(late);
    let threshold = world.threshold(&live);
    let attempt = world.attempt(&live, late, threshold);
    world.rank(&live);
    world.finalise(&live);
    for rank in 0..2 {
        let winner = world.person_of_rank(&live, &people, rank);
        world.confirm(&live, &winner, rank);
    }
    world.close_raffle(&live);
    let close = ix::close_ranking(world.cranker, live.key, attempt, late);
    world.chain.expect_ok(&close);
    assert_eq!(world.chain.lamports(late), before);
}
