//! Places, the waiting list and prizes by rank.

use std::collections::HashSet;

use lottery_interface::{
    accounts::FLAG_REFUNDED,
    instructions::Item,
    kinds::{PlaceStatus, RoundStatus},
};
use lottery_keeper::{
    ChainState, RoundState, Step,
    pack::pack,
    plan,
    plan::{RANKS, needs_entries},
};

use super::*;

const FINAL_AT: i64 = LOCKS_AT + 10;

/// Ranks 0 to 5 have the keys 10 to 60, the even ones on page 0, the odd ones on page 1; two places, four wait; one entry on each
/// page has no rank.
fn final_raffle() -> RoundState {
    let mut round = sorted(drawn(&[vec![10, 30, 50, 70], vec![20, 40, 60, 80]], 2, 4));
    round.account.status = RoundStatus::Final as u8;
    round.account.final_at = FINAL_AT;
    round.account.claim_until = LOCKS_AT + 10_000;
    round.account.finalised = 1;
    round.account.winners_total = 0;
    for (sequence, page) in &mut round.pages {
        for (index, entry) in page.entries.iter_mut().flatten().enumerate() {
            entry.wallet = [1 + *sequence as u8 * 4 + index as u8; 32];
        }
    }
    round
}

fn set(round: &mut RoundState, rank: usize, status: PlaceStatus) {
    let place = &mut round.rankings[0].ranked[rank];
    place.status = status as u8;
    let entry = &mut round.pages.get_mut(&place.page).expect("its page").entries.as_mut().expect("read")
        [place.index as usize];
    let raffle = round.raffle.as_mut().expect("a raffle");
    match status {
        PlaceStatus::Taken => {
            entry.tier = 1;
            raffle.taken += 1;
            round.account.winners_total += 1;
            round.account.winners_paid += 1;
        }
        PlaceStatus::Lapsed => {
            entry.tier = 2;
            raffle.lapsed += 1;
        }
        PlaceStatus::Released => entry.tier = 3,
        PlaceStatus::Promoted => raffle.promoted += 1,
        PlaceStatus::Initial => {}
    }
}

fn promoted(round: &mut RoundState, rank: usize, offered_until: i64) {
    set(round, rank, PlaceStatus::Promoted);
    round.rankings[0].ranked[rank].offered_until = offered_until;
}

fn resolve(sequence: u32, ranks: &[u16]) -> Step {
    Step::ResolvePlaces { ranking: OTHER, sequence, ranks: ranks.to_vec() }
}

fn promote(rank: u32) -> Step {
    Step::PromotePlace { ranking: OTHER, rank }
}

fn knowing(round: &RoundState) -> ChainState {
    let wallets: HashSet<[u8; 32]> = (1..=8).map(|n| [n; 32]).collect();
    ChainState { wallets, linger_seconds: i64::MAX / 2, ..of(round.clone()) }
}

fn refund(sequence: u32, items: &[(u32, u8)]) -> Step {
    let items = items.iter().map(|&(index, n)| Item { index, wallet: [n; 32].into() }).collect();
    Step::Refund { sequence, items }
}

fn seconds(seconds: i64) -> lottery_keeper::Now {
    at(FINAL_AT + seconds, TARGET_SLOT + 100)
}

const LAPSE: i64 = CONFIRM_SECONDS as i64;

#[test]
fn those_without_a_rank_are_refunded_at_once_and_those_with_one_are_not() {
    let round = final_raffle();
    assert!(round.pages.values().all(|page| needs_entries(&round, page)));
    assert_eq!(steps(&knowing(&round), seconds(0)), [refund(0, &[(3, 4)]), refund(1, &[(3, 8)])]);
    let mut refunded = round;
    for page in refunded.pages.values_mut() {
        page.account.refunded = 1;
        page.entries.as_mut().expect("read")[3].flags = FLAG_REFUNDED;
    }
    refunded.account.refunded = 2;
    assert_eq!(steps(&knowing(&refunded), seconds(LAPSE - 1)), [], "offers stand");
}

#[test]
fn offers_lapse_to_the_second_and_the_next_are_promoted_in_order() {
    let quiet = |round: &RoundState, now| steps(&of(round.clone()), now);
    let mut round = final_raffle();
    assert_eq!(quiet(&round, seconds(LAPSE - 1)), []);
    let both = [resolve(0, &[0]), resolve(1, &[1]), promote(2), promote(3)];
    assert_eq!(quiet(&round, seconds(LAPSE)), both);

    set(&mut round, 0, PlaceStatus::Taken);
    assert_eq!(quiet(&round, seconds(LAPSE)), [resolve(1, &[1]), promote(2)]);
    set(&mut round, 1, PlaceStatus::Lapsed);
    assert_eq!(quiet(&round, seconds(LAPSE)), [promote(2)], "recorded, and not again");
    promoted(&mut round, 2, FINAL_AT + 2 * LAPSE);
    assert_eq!(quiet(&round, seconds(2 * LAPSE - 1)), []);
    assert_eq!(quiet(&round, seconds(2 * LAPSE)), [resolve(0, &[2]), promote(3)]);
}

#[test]
fn who_waited_in_vain_is_released_when_no_place_can_fall_free() {
    let mut round = final_raffle();
    set(&mut round, 0, PlaceStatus::Taken);
    assert_eq!(steps(&of(round.clone()), seconds(1)), [], "one offer is open");
    set(&mut round, 1, PlaceStatus::Taken);
    let released = [resolve(0, &[2, 4]), resolve(1, &[3, 5])];
    assert_eq!(steps(&of(round.clone()), seconds(1)), released);
    set(&mut round, 2, PlaceStatus::Released);
    set(&mut round, 5, PlaceStatus::Released);
    assert_eq!(steps(&of(round.clone()), seconds(1)), [resolve(0, &[4]), resolve(1, &[3])]);
    set(&mut round, 3, PlaceStatus::Released);
    set(&mut round, 4, PlaceStatus::Released);
    let refunds = [refund(0, &[(1, 2), (2, 3), (3, 4)]), refund(1, &[(1, 6), (2, 7), (3, 8)])];
    assert_eq!(steps(&knowing(&round), seconds(1)), refunds);
}

#[test]
fn the_end_of_the_waiting_list_is_the_end_of_offers() {
    let mut round = final_raffle();
    for rank in 0..2 {
        set(&mut round, rank, PlaceStatus::Lapsed);
    }
    for rank in 2..6 {
        promoted(&mut round, rank, FINAL_AT + 2 * LAPSE);
    }
    // Four promotions for four lapses: the first two and two that were promoted.
    set(&mut round, 2, PlaceStatus::Lapsed);
    set(&mut round, 3, PlaceStatus::Lapsed);
    assert_eq!(steps(&of(round.clone()), seconds(2 * LAPSE)), [resolve(0, &[4]), resolve(1, &[5])]);
    set(&mut round, 4, PlaceStatus::Lapsed);
    set(&mut round, 5, PlaceStatus::Lapsed);
    assert_eq!(round.owed(), 8);
    let refunds =
        [refund(0, &[(0, 1), (1, 2), (2, 3), (3, 4)]), refund(1, &[(0, 5), (1, 6), (2, 7), (3, 8)])];
    assert_eq!(steps(&knowing(&round), seconds(2 * LAPSE)), refunds);
}

#[test]
fn nobody_confirms_where_nobody_need() {
    let mut round = final_raffle();
    let raffle = round.raffle.as_mut().expect("a raffle");
    (raffle.confirm_seconds, raffle.taken) = (0, raffle.ranked);
    (round.account.winners_total, round.account.winners_paid) = (6, 6);
    assert_eq!(round.owed(), 2);
    let refunds = [refund(0, &[(3, 4)]), refund(1, &[(3, 8)])];
    assert_eq!(steps(&knowing(&round), seconds(10 * LAPSE)), refunds);
}

#[test]
fn prizes_are_given_by_rank_before_they_are_paid() {
    let mut round = final_raffle();
    round.account.places = 0;
    let raffle = round.raffle.as_mut().expect("a raffle");
    (raffle.prize_count, raffle.confirm_seconds) = (6, 0);
    round.account.winners_total = 6;
    let all = [resolve(0, &[0, 2, 4]), resolve(1, &[1, 3, 5])];
    assert_eq!(steps(&of(round.clone()), seconds(0)), all);
    // After an outage they are given all the same: what a rank has won does not expire before it was given.
    assert_eq!(steps(&of(round.clone()), seconds(100_000)), all);
    set(&mut round, 0, PlaceStatus::Taken);
    assert_eq!(steps(&of(round), seconds(0)), [resolve(0, &[2, 4]), resolve(1, &[1, 3, 5])]);
}

#[test]
fn nothing_expires_while_a_place_may_be_taken_or_fall_free() {
    let mut round = final_raffle();
    let late = seconds(20_000);
    set(&mut round, 0, PlaceStatus::Taken);
    set(&mut round, 1, PlaceStatus::Lapsed);
    promoted(&mut round, 2, late.unix + 1);
    // Nobody's wallet is known, so nothing can be credited.
    assert_eq!(steps(&of(round.clone()), late), []);
    set(&mut round, 2, PlaceStatus::Taken);
    let released = [resolve(0, &[4]), resolve(1, &[3, 5])];
    assert_eq!(steps(&of(round.clone()), late), released);
    for rank in 3..6 {
        set(&mut round, rank, PlaceStatus::Released);
    }
    assert_eq!(steps(&of(round.clone()), late), [Step::ExpireRound]);
    round.account.expired = 1;
    assert_eq!(steps(&of(round), late).last().map(Step::name), Some("close_round"));
}

#[test]
fn rankings_are_closed_with_their_round() {
    let mut round = final_raffle();
    let raffle = round.raffle.as_mut().expect("a raffle");
    (raffle.confirm_seconds, raffle.taken) = (0, raffle.ranked);
    (round.account.winners_total, round.account.winners_paid, round.account.refunded) = (6, 6, 2);
    let mut late = attempt(&round, Standing::default());
    late.address = [77; 32].into();
    round.rankings.push(late);
    assert_eq!(steps(&of(round.clone()), seconds(59)), []);
    let names: Vec<&str> = steps(&of(round), seconds(60)).iter().map(Step::name).collect();
    assert_eq!(names, ["close_page", "close_page", "close_ranking", "close_ranking", "close_round"]);
}

#[test]
fn many_ranks_are_resolved_in_transactions_that_fit() {
    let keys: Vec<u64> = (0..1_500).collect();
    let mut round = sorted(drawn(&[keys], 1_000, 400));
    round.account.status = RoundStatus::Final as u8;
    (round.account.final_at, round.account.finalised) = (FINAL_AT, 1);
    round.account.claim_until = FINAL_AT + 10_000;
    let planned = steps(&of(round.clone()), seconds(LAPSE));
    let of_name = |name: &str| planned.iter().filter(|step| step.name() == name).count();
    assert_eq!(of_name("resolve_places"), 1_000usize.div_ceil(RANKS));
    let next: Vec<Step> = (1_000..1_400).map(promote).collect();
    assert!(planned.ends_with(&next), "as many as wait, in their order");
    let cranker = solana_pubkey::Pubkey::new_from_array([55; 32]);
    for job in pack(plan(&of(round), seconds(LAPSE)), cranker) {
        for bundle in job.stages.iter().flatten() {
            let len = lottery_client::unsigned::transaction_len(&cranker, &bundle.instructions) + 52;
            assert!(len <= lottery_client::unsigned::PACKET_BYTES, "{}: {len} bytes", bundle.steps());
            assert!(bundle.compute_units <= lottery_client::send::MAX_COMPUTE_UNITS);
        }
    }
}
