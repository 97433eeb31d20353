//! Raffles from opening to closing by the keeper alone: an order that anyone may claim, offers that lapse, a waiting list that moves
//! up. Whoever claims what, and whatever fails for however long, nobody is needed to put it right.

use keeper_tests::{
    Confirming, FIRST_COME_PLACES, Hall, HallGame, HallSpec, Meddling, OFFER_SECONDS, Tally, others,
};
use lottery_interface::{
    accounts::{AccountLayout, Entry, Page, RankedEntry, Ranking, entries},
    kinds::{PlaceStatus, RoundStatus},
};
use lottery_keeper::{Now, RoundState};
use lottery_rules::{
    hash::Software,
    raffle::{DRAWS_PER_BLOCK, Standing, draws, key},
};
use program_tests::address;

const PERIOD: u32 = 60;
const STAKE: u64 = 1_000;
const PENALTY: u64 = 100;
const DAY: i64 = 86_400;

fn hall(game: HallGame, people: usize) -> Hall {
    let spec =
        HallSpec { game, lotteries: 1, period_seconds: PERIOD, people, seed: 6, ..HallSpec::default() };
    let mut hall = Hall::new(spec);
    // Rounds stay, so that each can be looked at in the end.
    hall.linger_seconds = i64::MAX / 2;
    hall
}

fn run(hall: &mut Hall, seconds: i64, tally: &mut Tally) {
    for _ in 0..seconds * 5 / 2 {
        hall.step(tally);
    }
}

/// Round 0 of the one lottery.
fn first(hall: &Hall) -> RoundState {
    hall.look().lotteries[0].rounds[0].clone()
}

/// Runs until round 0 is so.
fn run_until(hall: &mut Hall, tally: &mut Tally, what: &str, is: impl Fn(&RoundState, Now) -> bool) {
    for _ in 0..1_000 {
        hall.step(tally);
        let state = hall.look();
        if state.lotteries[0].rounds.first().is_some_and(|round| is(round, hall.now())) {
            return;
        }
    }
    panic!("never {what}; refused: {:?}", tally.refused);
}

/// Every round that has ended.
fn ended(hall: &Hall) -> Vec<RoundState> {
    let rounds = hall.look().lotteries.remove(0).rounds;
    rounds.into_iter().filter(|round| round.account.final_at != 0 && round.owes_nothing()).collect()
}

/// Every entry where it stands by the round's seed, computed anew, the first first.
fn order(hall: &Hall, round: &RoundState) -> Vec<(Standing, Entry)> {
    let mut all = Vec::new();
    for page in 0..round.account.page_count {
        let data = hall.world.chain.data(address::page(&round.address, page).0);
        let count = Page::read(data).expect("a page of the round").count;
        for (index, entry) in (0..).zip(entries(data, count)) {
            let key = if hall.spec.game == HallGame::FirstComeRaffle {
                0
            } else {
                let block = draws::<Software>(&round.account.seed, page, index / DRAWS_PER_BLOCK);
                key(block[(index % DRAWS_PER_BLOCK) as usize], (entry.picks[0] >> 32) as u32)
            };
            assert_eq!(entry.picks[1], key, "page {page}, entry {index}");
            all.push((Standing { key, page, index }, entry));
        }
    }
    all.sort_by_key(|(standing, _)| *standing);
    assert_eq!(all.len() as u64, round.account.entries);
    all
}

/// A final raffle for places has the one order there is, and everyone has what that order and their own answer say. How many places
/// were taken, and how many offers lapsed.
fn check_places(hall: &Hall, round: &RoundState) -> (u32, u32) {
    let raffle = round.raffle.expect("a raffle");
    let order = order(hall, round);
    let ranking = round.ranking().expect("it is ranked");
    let standing = |place: &RankedEntry| Standing { key: place.key, page: place.page, index: place.index };
    let ranked: Vec<Standing> = ranking.ranked.iter().map(standing).collect();
    let expected: Vec<Standing> =
        order[..raffle.ranked as usize].iter().map(|(standing, _)| *standing).collect();
    assert_eq!(ranked, expected, "one order");
    let (mut taken, mut lapsed) = (0, 0);
    for (rank, place) in (0..).zip(&ranking.ranked) {
        let is_offered = taken < raffle.capacity;
        let confirms = raffle.confirm_seconds == 0 || hall.confirming.confirms(rank);
        let (status, tier) = match (is_offered, confirms) {
            _ if raffle.confirm_seconds == 0 => (PlaceStatus::Initial, 0),
            (true, true) => (PlaceStatus::Taken, 1),
            (true, false) => (PlaceStatus::Lapsed, 2),
            (false, _) => (PlaceStatus::Released, 3),
        };
        assert_eq!(PlaceStatus::from_byte(place.status), Some(status), "rank {rank}");
        assert_eq!(order[rank as usize].1.tier, tier, "rank {rank}");
        taken += (is_offered && confirms) as u32;
        lapsed += (is_offered && !confirms) as u32;
    }
    assert_eq!((raffle.taken, raffle.lapsed), (taken, lapsed));
    check_money(round);
    (taken, lapsed)
}

/// Whoever has no place was refunded, and nothing is left.
fn check_money(round: &RoundState) {
    let account = &round.account;
    assert_eq!(account.expired, 0, "round {}", account.index);
    // A bond that was slashed stays in part until the round closes.
    assert!(account.cash_units == 0 || account.slashed_units > 0, "round {}", account.index);
    assert_eq!(account.refunded + account.winners_paid, account.entries, "round {}", account.index);
}

#[test]
fn a_list_is_drawn_offered_and_promoted_by_time_until_all_places_are_taken() {
    let mut hall = hall(HallGame::ListRaffle, 300);
    hall.confirming = Confirming::TwoOfThree;
    let mut tally = Tally::default();
    run(&mut hall, 4 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    hall.audit();
    let rounds = ended(&hall);
    assert!(rounds.len() >= 2, "{} rounds ended", rounds.len());
    let mut fees = 0;
    for round in &rounds {
        assert_eq!((round.account.page_count, round.account.entries), (3, 300));
        let (taken, lapsed) = check_places(&hall, round);
        // Of ranks 0 to 44 every third lets its offer lapse: 30 confirm.
        assert_eq!((taken, lapsed), (30, 15));
        assert_eq!(round.raffle.expect("a raffle").promoted, 15);
        fees += taken as u64 * STAKE + lapsed as u64 * PENALTY;
    }
    let promotions = tally.steps("promote_place");
    assert!(promotions >= 15 * rounds.len() as u64);
    assert!(hall.look().lotteries[0].account.fees_units >= fees);
    // Offers that lapsed are recorded with the second in which they did.
    assert!(tally.steps("confirm_place") >= 30 * rounds.len() as u64);
}

#[test]
fn nobody_confirms_and_the_waiting_list_comes_to_its_end() {
    let mut hall = hall(HallGame::ListRaffle, 40);
    hall.confirming = Confirming::Nobody;
    let mut tally = Tally::default();
    // Four places and sixteen who wait: five times four offers.
    run(&mut hall, PERIOD as i64 + 6 * (OFFER_SECONDS as i64 + 1) + 5, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let round = first(&hall);
    assert!(round.owes_nothing());
    assert_eq!(check_places(&hall, &round), (0, 20));
    assert_eq!(round.account.refunded, 40);
    hall.audit();
}

#[test]
fn first_come_is_first_served_on_one_page_after_the_other() {
    let mut hall = hall(HallGame::FirstComeRaffle, 24);
    let mut tally = Tally::default();
    run_until(&mut hall, &mut tally, "entered", |round, _| round.has_entries());
    let round = first(&hall);
    assert_eq!((round.pages.len(), round.pages[&0].account.count), (1, 8), "the next page awaits the last");
    run(&mut hall, 2 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let rounds = ended(&hall);
    assert!(!rounds.is_empty());
    for round in rounds {
        assert_eq!((round.account.page_count, round.account.entries), (3, 24));
        check_places(&hall, &round);
        let ranking = round.ranking().expect("it is ranked");
        let places: Vec<(u32, u32)> = ranking.ranked.iter().map(|place| (place.page, place.index)).collect();
        let come: Vec<(u32, u32)> = (0..FIRST_COME_PLACES).map(|nth| (nth / 8, nth % 8)).collect();
        assert_eq!(places, come);
        assert_eq!((round.account.refunded, round.account.winners_paid), (14, 10));
    }
    hall.audit();
}

#[test]
fn wrong_claims_are_in_nobodys_way_and_lose_their_deposits() {
    let mut hall = hall(HallGame::ListRaffle, 150);
    hall.meddling = Meddling::Wrong;
    let mut tally = Tally::default();
    run(&mut hall, 3 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let rounds = ended(&hall);
    assert!(!rounds.is_empty());
    for round in &rounds {
        check_places(&hall, round);
        assert!(others(round).all(|ranking| !ranking.is_wrong()), "what is wrong is closed");
        assert!(others(round).count() >= 3, "what was not counted stays till the end");
    }
    let started = tally.steps("open_ranking");
    assert!(started >= rounds.len() as u64, "the keeper made the right claim");
    assert!(tally.steps("close_ranking") >= 3 * rounds.len() as u64);
    hall.audit();
}

#[test]
fn a_right_claim_of_somebody_else_is_gone_on_with() {
    for meddling in [Meddling::Begun, Meddling::Counted] {
        let mut hall = hall(HallGame::ListRaffle, 150);
        hall.meddling = meddling;
        let mut tally = Tally::default();
        run(&mut hall, 3 * PERIOD as i64, &mut tally);
        assert_eq!(tally.refused, Vec::<String>::new());
        let rounds = ended(&hall);
        assert!(!rounds.is_empty());
        for round in &rounds {
            check_places(&hall, round);
            assert_eq!(round.rankings.len(), 1);
        }
        assert_eq!(tally.steps("open_ranking"), 0, "nobody claims what was claimed");
        hall.audit();
    }
}

#[test]
fn a_keeper_killed_after_each_transaction_loses_and_repeats_nothing() {
    let mut hall = hall(HallGame::ListRaffle, 3_000);
    (hall.one_transaction, hall.confirming) = (true, Confirming::TwoOfThree);
    let mut tally = Tally::default();
    run_until(&mut hall, &mut tally, "owing nothing", |round, _| {
        round.account.final_at != 0 && round.owes_nothing()
    });
    assert_eq!(tally.refused, Vec::<String>::new());
    let round = first(&hall);
    assert_eq!((round.account.page_count, round.account.entries), (2, 3_000));
    let raffle = round.raffle.expect("a raffle");
    assert_eq!(check_places(&hall, &round), (300, 150));
    // 1,500 ranks do not fit one transaction, nor an account made at once.
    assert_eq!((raffle.ranked, raffle.promoted), (1_500, 150));
    hall.audit();
}

/// A moment of a raffle's life.
type Moment = (&'static str, fn(&RoundState, Now) -> bool);

const MOMENTS: [Moment; 7] = [
    ("entered", |round, _| round.has_entries()),
    ("locked", |round, now| round.is_locked(now)),
    ("settled", |round, _| {
        round.status() == Some(RoundStatus::Drawn) && round.all_settled() && round.rankings.is_empty()
    }),
    ("ranked", |round, _| {
        round.status() == Some(RoundStatus::Drawn) && round.raffle.is_some_and(|raffle| raffle.is_ranked != 0)
            || round.status() == Some(RoundStatus::Final)
    }),
    ("offered", |round, _| round.status() == Some(RoundStatus::Final)),
    ("lapsing", |round, _| round.raffle.is_some_and(|raffle| raffle.lapsed > 0)),
    ("promoted", |round, _| round.raffle.is_some_and(|raffle| raffle.promoted > 1)),
];

#[test]
fn an_outage_of_any_length_at_any_moment_needs_no_person() {
    for (what, is) in MOMENTS {
        for outage in [5, 150, DAY, 400 * DAY] {
            let mut hall = hall(HallGame::ListRaffle, 60);
            // Winners are away with the keeper, and come back with it.
            (hall.confirming, hall.one_transaction) = (Confirming::TwoOfThree, true);
            let mut tally = Tally::default();
            run_until(&mut hall, &mut tally, what, is);
            hall.pass_outage(outage);
            hall.one_transaction = false;
            run_until(&mut hall, &mut tally, "owing nothing", |round, _| {
                round.account.final_at != 0 && round.owes_nothing()
            });
            let at = || format!("{what}, {outage} s");
            assert_eq!(tally.refused, Vec::<String>::new(), "{}", at());
            let round = first(&hall);
            check_money(&round);
            let raffle = round.raffle.expect("a raffle");
            match round.status() {
                Some(RoundStatus::Void) => {
                    assert_eq!(round.account.refunded, 60, "{}", at());
                    assert!(outage > 120 && ["entered", "locked"].contains(&what), "{} is void", at());
                }
                _ => {
                    assert!(raffle.taken + raffle.lapsed >= 6, "{}", at());
                    assert_eq!(raffle.taken as u64, round.account.winners_paid, "{}", at());
                    let order = order(&hall, &round);
                    let ranking = round.ranking().expect("it is ranked");
                    for (place, (standing, _)) in ranking.ranked.iter().zip(&order) {
                        assert_eq!((place.page, place.index), (standing.page, standing.index), "{}", at());
                    }
                }
            }
            // And the raffle goes on.
            run(&mut hall, 3 * PERIOD as i64, &mut tally);
            assert_eq!(tally.refused, Vec::<String>::new(), "{}", at());
            assert!(ended(&hall).len() >= 2, "{}", at());
            hall.audit();
        }
    }
}

#[test]
fn what_lingered_is_closed_with_every_claim() {
    let mut hall = hall(HallGame::ListRaffle, 60);
    hall.linger_seconds = 0;
    hall.meddling = Meddling::Wrong;
    let mut tally = Tally::default();
    run(&mut hall, 6 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let closed = tally.steps("close_round");
    assert!(closed >= 3, "{closed} rounds were closed");
    assert!(tally.steps("close_page") >= closed);
    let lottery = hall.look().lotteries.remove(0);
    for (key, account) in hall.world.chain.program_accounts() {
        let Some(ranking) = Ranking::read(solana_account::ReadableAccount::data(account)) else { continue };
        let is_live = lottery.rounds.iter().any(|round| round.address.to_bytes() == ranking.round);
        assert!(is_live, "{key} is left of a round that is gone");
    }
    hall.audit();
}

#[test]
fn an_empty_raffle_is_retimed_and_keeps_its_index() {
    let mut hall = hall(HallGame::ListRaffle, 60);
    hall.deserted = true;
    let mut tally = Tally::default();
    run(&mut hall, 3 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lottery = hall.look().lotteries.remove(0);
    assert_eq!(lottery.account.next_round_index, 1);
    assert!(lottery.rounds[0].account.retimes >= 2);
    hall.deserted = false;
    run_until(&mut hall, &mut tally, "owing nothing", |round, _| {
        round.account.final_at != 0 && round.owes_nothing()
    });
    check_places(&hall, &first(&hall));
    hall.audit();
}
