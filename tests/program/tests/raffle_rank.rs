//! The order of a raffle: whoever claims a threshold that counts right is believed, and nobody else.

use program_tests::{
    Live, LotteryError as E, Pubkey, Spec, World, address, ix,
    raffle::{places, sorting_places},
};

/// Twelve people on three pages of four, three places and two who wait: five have a rank.
pub fn scene() -> (World, Live) {
    let mut world = World::new();
    let (live, _) = world.settled_raffle(Spec::raffle(places(3, 2)).pages(4, 4), 12);
    (world, live)
}

/// An attempt of the cranker that counts so many of the twelve, all pages counted.
pub fn counted(ranked: usize) -> (World, Live, Pubkey) {
    let (mut world, live) = scene();
    let threshold = world.standings(&live)[ranked - 1];
    let ranking = world.attempt(&live, world.cranker, threshold);
    world.count_all(&live, ranking);
    (world, live, ranking)
}

/// The right one, accepted.
fn accepted() -> (World, Live, Pubkey) {
    let (mut world, live, ranking) = counted(5);
    world.accept(&live, ranking);
    (world, live, ranking)
}

#[test]
fn an_honest_order_is_the_one_that_the_record_gives() {
    let (mut world, live, ranking) = accepted();
    world.sort_all(&live, ranking);
    let order = world.replay_order(&live);
    let ranked: Vec<_> = world.ranked(ranking).iter().map(|r| (r.key, r.page, r.index)).collect();
    assert_eq!(ranked, order[..5].iter().map(|s| (s.key, s.page, s.index)).collect::<Vec<_>>());
    let state = world.raffle_state(&live);
    let last = (state.threshold_key, state.threshold_page, state.threshold_index);
    assert_eq!(last, ranked[4]);
    let result = world.round(&live).result;
    assert_eq!(result[..8], ranked[4].0.to_le_bytes());
    assert_eq!(result[8..12], ranked[4].1.to_le_bytes());
    assert_eq!(result[12..16], ranked[4].2.to_le_bytes());
}

#[test]
fn a_threshold_that_counts_one_too_few_is_refused() {
    let (mut world, live, ranking) = counted(4);
    let accept = world.accept_instruction(&live, ranking);
    world.chain.expect_error(&accept, E::ThresholdTooLow);
}

#[test]
fn a_threshold_that_counts_one_too_many_is_refused() {
    let (mut world, live, ranking) = counted(6);
    let accept = world.accept_instruction(&live, ranking);
    world.chain.expect_error(&accept, E::ThresholdTooHigh);
}

#[test]
fn thresholds_that_count_none_or_all_are_refused() {
    let (mut world, live, ranking) = counted(12);
    let accept = world.accept_instruction(&live, ranking);
    world.chain.expect_error(&accept, E::ThresholdTooHigh);
    let (mut world, live) = scene();
    let ranking = world.attempt(&live, world.cranker, Default::default());
    world.count_all(&live, ranking);
    let accept = world.accept_instruction(&live, ranking);
    world.chain.expect_error(&accept, E::ThresholdTooLow);
}

#[test]
fn a_threshold_between_two_entries_is_right_too() {
    let (mut world, live) = scene();
    let mut threshold = world.threshold(&live);
    threshold.key += 1;
    assert!(threshold < world.standings(&live)[5]);
    let ranking = world.attempt(&live, world.cranker, threshold);
    world.count_all(&live, ranking);
    world.accept(&live, ranking);
    world.sort_all(&live, ranking);
    // What counts is where the last rank stands.
    assert_eq!(world.raffle_state(&live).threshold_key, world.threshold(&live).key);
}

#[test]
fn a_page_is_counted_once() {
    let (mut world, live) = scene();
    let ranking = world.attempt(&live, world.cranker, world.threshold(&live));
    let count = ix::count_ranking(live.key, ranking, 1, u32::MAX);
    world.chain.expect_ok(&count);
    world.chain.expect_error(&count, E::PageAlreadyCounted);
    let none = ix::count_ranking(live.key, ranking, 0, 0);
    world.chain.expect_error(&none, E::ZeroAmount);
}

#[test]
fn pages_are_counted_in_any_order_and_in_parts() {
    let (mut world, live) = scene();
    let ranking = world.attempt(&live, world.cranker, world.threshold(&live));
    for limit in [1, 2, 5] {
        for page in [2, 0, 1] {
            // A page of four is counted after the third part.
            world.chain.expect_ok(&ix::count_ranking(live.key, ranking, page, limit));
        }
    }
    assert_eq!(world.ranking(ranking).pages_counted, 3);
    world.accept(&live, ranking);
    world.sort_all(&live, ranking);
    let order = world.replay_order(&live);
    assert!(world.ranked(ranking).iter().zip(order).all(|(ranked, at)| ranked.key == at.key));
}

#[test]
fn nothing_is_accepted_before_all_pages_are_counted() {
    let (mut world, live) = scene();
    let ranking = world.attempt(&live, world.cranker, world.threshold(&live));
    for page in 0..3 {
        let accept = world.accept_instruction(&live, ranking);
        world.chain.expect_error(&accept, E::PagesNotCounted);
        world.chain.expect_ok(&ix::count_ranking(live.key, ranking, page, 3));
        let accept = world.accept_instruction(&live, ranking);
        world.chain.expect_error(&accept, E::PagesNotCounted);
        world.chain.expect_ok(&ix::count_ranking(live.key, ranking, page, 1));
    }
    world.accept(&live, ranking);
}

#[test]
fn a_raffle_is_ranked_once_it_is_settled() {
    let mut world = World::new();
    let live = world.open_raffle(Spec::raffle(places(1, 0)));
    world.enter_people(&live, 3);
    let open = ix::open_ranking(world.cranker, live.key, 5, 0, 0);
    world.chain.expect_error(&open, E::NotDrawn);
    world.to_drawn(&live);
    world.chain.expect_error(&open, E::PagesNotSettled);
    world.settle_all(&live);
    world.chain.expect_ok(&open);
}

#[test]
fn only_raffles_with_entries_are_ranked() {
    let mut world = World::new();
    let (live, _) = world.settled_raffle(Spec::raffle(places(1, 0)), 0);
    let open = ix::open_ranking(world.cranker, live.key, 5, 0, 0);
    world.chain.expect_error(&open, E::RankUnknown);
    let game = world.create(Spec::coin());
    let live = world.open(&game);
    let open = ix::open_ranking(world.cranker, live.key, 5, 0, 0);
    world.chain.expect_error(&open, E::NotRaffle);
}

#[test]
fn a_ranking_that_grows_counts_nothing() {
    let mut world = World::new();
    let mut spec = Spec::raffle(places(400, 0)).pages(500, 1);
    spec.config.stake_units = 1_000;
    let live = world.open_raffle(spec);
    let player = world.player(program_tests::Money::Sol, 1_000_000);
    for _ in 0..21 {
        world.enter_quick(&live, &player, 0, 20);
    }
    world.to_settled(&live);
    let steps = world.open_ranking_instructions(&live, world.cranker, world.threshold(&live));
    assert_eq!(steps.len(), 2);
    world.chain.expect_ok(&steps[0]);
    let ranking = address::ranking(&live.key, &world.cranker).0;
    let count = ix::count_ranking(live.key, ranking, 0, 10);
    world.chain.expect_error(&count, E::RankingGrowing);
    let accept = world.accept_instruction(&live, ranking);
    world.chain.expect_error(&accept, E::PagesNotCounted);
    let close = world.close_ranking_instruction(&live, ranking);
    world.chain.expect_error(&close, E::RankingInUse);
    world.chain.expect_ok(&steps[1]);
    world.chain.expect_error(&steps[1], E::RankingSizeReached);
    world.count_all(&live, ranking);
    world.accept(&live, ranking);
    world.sort_all(&live, ranking);
    assert_eq!(world.raffle_state(&live).is_ranked, 1);
}

#[test]
fn a_wrong_order_is_refused() {
    let (mut world, live, ranking) = accepted();
    let found: Vec<_> = world.ranked(ranking).iter().map(|r| (r.key, r.page, r.index)).collect();
    let mut order = found.clone();
    order.sort();
    let at = |rank: usize| found.iter().position(|place| *place == order[rank]).expect("found") as u16;
    let sort = |places: &[u16]| ix::sort_ranking(world.cranker, live.key, ranking, places);
    // The second before the first; then what cannot be a rank.
    let first = at(1);
    let after = if at(0) == 0 { first } else { at(0) };
    let cases = [
        (sort(&[first, after]), E::OrderWrong),
        (sort(&[5]), E::RankUnknown),
        (sort(&[u16::MAX]), E::RankUnknown),
        (sort(&[at(0), 0]), E::RankUnknown),
        (sort(&[]), E::ItemsMalformed),
    ];
    for (sort, error) in cases {
        world.chain.expect_error(&sort, error);
    }
}

#[test]
fn an_order_is_sorted_in_parts_and_once() {
    let (mut world, live, ranking) = accepted();
    let found: Vec<_> = world
        .ranked(ranking)
        .iter()
        .map(|r| lottery_rules::raffle::Standing { key: r.key, page: r.page, index: r.index })
        .collect();
    let places = sorting_places(&found, 0);
    for (rank, place) in places.iter().enumerate() {
        assert_eq!(world.ranking(ranking).sorted, rank as u32);
        let finalise = world.finalise_instruction(&live);
        world.chain.expect_error(&finalise, E::NotRanked);
        world.chain.expect_ok(&ix::sort_ranking(world.cranker, live.key, ranking, &[*place]));
    }
    let again = ix::sort_ranking(world.cranker, live.key, ranking, &[4]);
    world.chain.expect_error(&again, E::AlreadyRanked);
    world.finalise(&live);
}

#[test]
fn only_the_accepted_ranking_is_sorted() {
    let (mut world, live, ranking) = counted(5);
    let sort = ix::sort_ranking(world.cranker, live.key, ranking, &[0]);
    world.chain.expect_error(&sort, E::WrongRanking);
}
