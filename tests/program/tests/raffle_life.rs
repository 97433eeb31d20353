//! Raffles from the first entry to closed accounts.

use program_tests::{
    LotteryError as E, Spec, World,
    kinds::PlaceStatus::{Lapsed, Promoted, Released, Taken},
    raffle::{FEE, places},
};

const PENALTY: u64 = FEE / 10;

#[test]
fn ten_people_three_places_two_who_wait() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(3, 2)), &[1, 1, 1, 3, 3, 3, 3, 10, 10, 10]);
    let (live, people) = (raffle.live.clone(), raffle.players.clone());
    world.enter_list(&raffle);
    world.to_settled(&live);
    assert_eq!(world.raffle_state(&live).ranked, 5);
    assert_eq!(world.standings(&live), world.replay_order(&live), "keys come from the record");
    let finalise = world.finalise_instruction(&live);
    world.chain.expect_error(&finalise, E::NotRanked);

    let ranking = world.rank(&live);
    world.finalise(&live);
    let order = world.replay_order(&live);
    for (rank, ranked) in world.ranked(ranking).iter().enumerate() {
        assert_eq!((ranked.key, ranked.page, ranked.index), (order[rank].key, 0, order[rank].index));
    }
    let at = |rank: usize| people[order[rank].index as usize];
    assert_eq!(world.person_of_rank(&live, &people, 4), at(4));

    // Five have no rank, and are refunded at once.
    assert_eq!(world.owed_fees(&live, 0).len(), 5);
    world.refund_fees(&live);
    // Rank 1 lets the offer lapse, rank 3 takes the place, and rank 4 waits in vain.
    world.confirm(&live, &at(0), 0);
    world.confirm(&live, &at(2), 2);
    assert_eq!(world.lottery(&live.game).fees_units, 2 * FEE);
    world.pass_offers(&live);
    world.resolve(&live, &[1]);
    world.promote(&live, 3);
    assert_eq!(world.place_statuses(&live)[3], Promoted);
    world.confirm(&live, &at(3), 3);
    world.resolve(&live, &[4]);
    assert_eq!(world.place_statuses(&live), [Taken, Lapsed, Taken, Taken, Released]);
    world.refund_fees(&live);

    let balance = |rank: usize| world.balance(&at(rank));
    let expected = [9 * FEE, 10 * FEE - PENALTY, 9 * FEE, 9 * FEE, 10 * FEE];
    assert_eq!([0, 1, 2, 3, 4].map(balance), expected);
    assert!((5..10).all(|rank| balance(rank) == 10 * FEE));
    assert_eq!(world.round(&live).cash_units, 0);
    world.close_raffle(&live);
    assert!(!world.chain.exists(ranking) && !world.chain.exists(live.key));
    assert_eq!(world.take_fees(&live), 3 * FEE + PENALTY);
}
