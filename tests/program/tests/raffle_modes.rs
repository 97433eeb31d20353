//! Raffles of every shape, from the first entry to closed accounts: whoever enters, nobody's money appears or gets lost.

use program_tests::{
    Live, LotteryError as E, Money, Player, Spec, World,
    accounts::RaffleRules,
    ix::{self, Item},
    kinds::PlaceStatus,
    raffle::{FEE, first_come, places, prizes, unconfirmed},
};

const PENALTY: u64 = FEE / 10;

/// Plays a final raffle for places to its end: ranks that `confirms` names take the place that they are offered, others let it
/// lapse. How many took a place, and how many lapsed.
fn play(world: &mut World, live: &Live, people: &[Player], confirms: impl Fn(u32) -> bool) -> (u64, u64) {
    loop {
        let statuses = world.place_statuses(live);
        let state = world.raffle_state(live);
        let offered = |rank: u32| match statuses[rank as usize] {
            PlaceStatus::Initial => rank < state.capacity,
            status => status == PlaceStatus::Promoted,
        };
        let open: Vec<u32> = (0..state.ranked).filter(|rank| offered(*rank)).collect();
        for rank in open.iter().copied().filter(|rank| confirms(*rank)) {
            let person = world.person_of_rank(live, people, rank);
            world.confirm(live, &person, rank);
        }
        world.chain.warp(state.confirm_seconds as i64, 100);
        let late: Vec<u16> = open.iter().filter(|rank| !confirms(**rank)).map(|rank| *rank as u16).collect();
        world.resolve(live, &late);
        let mut waiting =
            (state.capacity..state.ranked).filter(|rank| statuses[*rank as usize] == PlaceStatus::Initial);
        let promoted: Vec<u32> = waiting.by_ref().take(late.len()).collect();
        for rank in &promoted {
            world.promote(live, *rank);
        }
        if promoted.is_empty() {
            let vain: Vec<u16> = waiting.map(|rank| rank as u16).collect();
            world.resolve(live, &vain);
            break;
        }
    }
    world.refund_fees(live);
    let state = world.raffle_state(live);
    assert_eq!(world.round(live).cash_units, 0, "everyone has what they are owed");
    (state.taken as u64, state.lapsed as u64)
}

/// A raffle of `n` people from start to end. Every rank for which `confirms` says so takes its place.
#[track_caller]
fn life(capacity: u32, waiting: u32, n: u32, confirms: impl Fn(u32) -> bool) -> (u64, u64) {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(places(capacity, waiting)).pages(4, 8), n);
    let (taken, lapsed) = if n > 0 { play(&mut world, &live, &people, confirms) } else { Default::default() };
    let held: u64 = people.iter().map(|player| world.balance(player)).sum();
    world.close_raffle(&live);
    let fees = world.take_fees(&live);
    assert_eq!(fees, taken * FEE + lapsed * PENALTY, "the organiser's");
    assert_eq!(held + fees, n as u64 * 10 * FEE, "nothing appeared or got lost");
    (taken, lapsed)
}

#[test]
fn fewer_people_than_places() {
    assert_eq!(life(5, 2, 3, |_| true), (3, 0));
    assert_eq!(life(5, 2, 3, |rank| rank != 1), (2, 1));
}

#[test]
fn as_many_people_as_places() {
    assert_eq!(life(5, 2, 5, |_| true), (5, 0));
    assert_eq!(life(5, 2, 5, |_| false), (0, 5));
}

#[test]
fn as_many_people_as_places_and_ranks_that_wait() {
    assert_eq!(life(3, 2, 5, |rank| rank > 0), (3, 1));
    assert_eq!(life(3, 2, 5, |rank| rank == 2 || rank == 4), (2, 3));
}

#[test]
fn no_waiting_list() {
    assert_eq!(life(3, 0, 9, |rank| rank == 1), (1, 2));
}

#[test]
fn a_long_waiting_list() {
    assert_eq!(life(1, 6, 9, |rank| rank == 5), (1, 5));
    assert_eq!(life(1, 6, 9, |_| false), (0, 7));
}

#[test]
fn nobody_at_all() {
    assert_eq!(life(3, 2, 0, |_| true), (0, 0));
}

#[test]
fn places_that_nobody_need_confirm_are_taken_at_once() {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(unconfirmed(3)), 8);
    assert_eq!(world.raffle_state(&live).taken, 3);
    assert_eq!(world.round(&live).cash_units, 5 * FEE);
    let winner = world.person_of_rank(&live, &people, 0);
    let confirm = world.confirm_instruction(&live, &winner, 0);
    world.chain.expect_error(&confirm, E::PlaceTaken);
    let resolve = world.resolve_instruction(&live, &[0]);
    world.chain.expect_error(&resolve, E::NothingToResolve);
    let promote = world.promote_instruction(&live, 1);
    world.chain.expect_error(&promote, E::PromotionOutOfOrder);
    let index = world.ranked(world.order_of(&live))[0].index;
    let refund = ix::refund(world.cranker, live.key, 0, &[Item { index, wallet: winner.wallet }]);
    world.chain.expect_error(&refund, E::HasPlace);
    world.refund_fees(&live);
    world.close_raffle(&live);
    assert_eq!(world.take_fees(&live), 3 * FEE);
    assert_eq!(people.iter().filter(|player| world.balance(player) == 10 * FEE).count(), 5);
}

/// A raffle for prizes from start to end: what each rank won.
#[track_caller]
fn prizes_of(shares_bps: &[u16], n: u32) -> Vec<u64> {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(prizes(shares_bps)).pages(4, 4), n);
    let ranks: Vec<u16> = (0..world.raffle_state(&live).ranked as u16).collect();
    let winners: Vec<Player> =
        ranks.iter().map(|rank| world.person_of_rank(&live, &people, *rank as u32)).collect();
    let confirm = world.confirm_instruction(&live, &winners[0], 0);
    world.chain.expect_error(&confirm, E::PlaceNotOffered);
    let refund = ix::refund(world.cranker, live.key, 0, &[Item { index: 0, wallet: people[0].wallet }]);
    world.chain.expect_error(&refund, E::NotVoid);
    let close = world.close_ranking_instruction(&live, world.order_of(&live));
    world.chain.expect_error(&close, E::RankingInUse);
    world.resolve(&live, &ranks);
    let again = world.resolve_instruction(&live, &ranks[..1]);
    world.chain.expect_error(&again, E::NothingToResolve);
    world.pay_all(&live);
    let won: Vec<u64> = winners.iter().map(|winner| world.balance(winner) - 9 * FEE).collect();
    assert_eq!(world.round(&live).cash_units, 0);
    world.close_raffle(&live);
    let pool = n as u64 * FEE;
    let fee = pool * 500 / 10_000;
    assert_eq!(world.take_fees(&live), fee);
    let dust = world.lottery(&live.game).treasury_due_units;
    assert_eq!(won.iter().sum::<u64>() + fee + dust, pool);
    assert!(dust < shares_bps.len() as u64, "{dust} units");
    won
}

#[test]
fn prizes_by_rank() {
    let net = 9 * FEE - 9 * FEE * 500 / 10_000;
    let expected = [5_000, 3_000, 2_000].map(|share| net * share / 10_000);
    assert_eq!(prizes_of(&[5_000, 3_000, 2_000], 9), expected);
}

#[test]
fn prizes_that_nobody_has_are_the_firsts() {
    let net = 2 * FEE - 2 * FEE * 500 / 10_000;
    let [first, second, third] = [5_000, 3_000, 2_000].map(|share| net * share / 10_000);
    assert_eq!(prizes_of(&[5_000, 3_000, 2_000], 2), [first + third, second]);
}

#[test]
fn first_come_first_served_without_a_list() {
    let mut world = World::new();
    let live = world.open_raffle(Spec::raffle(first_come(places(5, 2))).pages(4, 3));
    let mut people = world.enter_people(&live, 3);
    // Three of four is enough elsewhere, but not where the order of entries decides.
    let early = ix::open_page(world.cranker, live.game.key, live.key, 1);
    world.chain.expect_error(&early, E::TooEarlyForPage);
    people.extend(world.enter_people(&live, 6));
    assert_eq!(world.round(&live).page_count, 3);
    world.to_settled(&live);
    world.rank(&live);
    world.finalise(&live);
    for rank in 0..7 {
        assert_eq!(world.person_of_rank(&live, &people, rank), people[rank as usize]);
    }
    assert_eq!(play(&mut world, &live, &people, |rank| rank != 2), (5, 1));
}

#[test]
fn first_come_first_served_with_a_list() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(first_come(places(2, 1))), &[1, 9, 1, 5, 1]);
    // Weights do not matter, nor do places in the list.
    let order = [4, 2, 0, 1, 3];
    for index in order {
        world.enter_leaf(&raffle, index);
    }
    let live = raffle.live;
    world.to_settled(&live);
    assert!(world.entries(&live, 0).iter().all(|entry| entry.picks[1] == 0));
    world.rank(&live);
    world.finalise(&live);
    for rank in 0..3 {
        let expected = raffle.players[order[rank as usize] as usize];
        assert_eq!(world.person_of_rank(&live, &raffle.players, rank), expected);
    }
    assert_eq!(play(&mut world, &live, &raffle.players, |_| true), (2, 0));
}

#[test]
fn a_list_on_several_pages_of_which_one_stays_empty() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(3, 3)).pages(4, 3), &[1, 3, 10, 1, 1, 1, 1, 1, 3, 10]);
    let live = raffle.live.clone();
    assert_eq!(world.round(&live).page_count, 3);
    for index in [9, 0, 8, 3, 2] {
        world.enter_leaf(&raffle, index);
    }
    world.to_settled(&live);
    assert_eq!(world.standings(&live), world.replay_order(&live));
    world.rank(&live);
    world.finalise(&live);
    assert_eq!(world.raffle_state(&live).ranked, 5);
    assert_eq!(play(&mut world, &live, &raffle.players, |rank| rank >= 2), (3, 2));
    world.close_raffle(&live);
}

#[test]
fn one_person_may_take_several_places_of_an_open_raffle() {
    let mut world = World::new();
    let live = world.open_raffle(Spec::raffle(places(4, 2)));
    let player = world.player(Money::Sol, 10 * FEE);
    world.enter_quick(&live, &player, 0, 8);
    world.to_settled(&live);
    world.rank(&live);
    world.finalise(&live);
    assert_eq!(play(&mut world, &live, &[player], |rank| rank != 0), (4, 1));
    assert_eq!(world.balance(&player), 6 * FEE - PENALTY);
}

#[test]
fn raffles_take_tokens_and_may_be_free() {
    for (money, fee) in [(Money::Spl, FEE), (Money::Token2022, FEE), (Money::Sol, 0)] {
        let mut spec = Spec::raffle(places(2, 1)).money(money);
        spec.config.stake_units = fee;
        let mut world = World::new();
        let raffle = world.listed(spec, &[1, 2, 3, 4, 5]);
        world.enter_list(&raffle);
        let live = raffle.live;
        world.to_settled(&live);
        world.rank(&live);
        world.finalise(&live);
        assert_eq!(play(&mut world, &live, &raffle.players, |rank| rank != 1), (2, 1));
        world.close_raffle(&live);
        assert_eq!(world.take_fees(&live), 2 * fee + fee / 10);
    }
}

#[test]
fn a_void_raffle_refunds_everyone() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(2, 1)).pages(4, 2), &[1, 2, 3, 4, 5]);
    world.enter_list(&raffle);
    let live = raffle.live;
    world.to_void(&live);
    let open = ix::open_ranking(world.cranker, live.key, 5, 0, 0);
    world.chain.expect_error(&open, E::NotDrawn);
    world.refund_all(&live);
    world.finalise(&live);
    assert_eq!(world.round(&live).refunded, 5);
    // The operator did not reveal: each has a fifth of the fee on top, from the bond.
    assert!(raffle.players.iter().all(|player| world.balance(player) == 10 * FEE + FEE / 5));
    world.close_raffle(&live);
}

#[test]
fn rules_of_the_next_round_do_not_change_this_one() {
    let mut world = World::new();
    let live = world.open_raffle(Spec::raffle(places(2, 1)));
    let people = world.enter_people(&live, 5);
    let game = live.game.clone();
    let rules = RaffleRules { penalty_bps: 10_000, ..places(1, 0) };
    let update =
        ix::update_config(game.operator.owner, game.id, 1, &game.spec.config, bytemuck::bytes_of(&rules));
    world.chain.expect_ok(&update);
    world.to_settled(&live);
    world.rank(&live);
    world.finalise(&live);
    assert_eq!(play(&mut world, &live, &people, |rank| rank > 0), (2, 1));
    assert_eq!(world.take_fees(&live), 2 * FEE + PENALTY);
}
