//! Draws on a beacon: rounds end on time, and whatever fails for however long, nobody is needed to put it right.

use keeper_tests::{Hall, HallGame, HallSpec, Tally};
use lottery_interface::kinds::{RoundStatus, VoidReason};
use lottery_keeper::{LotteryState, RoundState};

const PERIOD: u32 = 60;
const MARGIN: i64 = 30;
const BEACON_PERIOD: i64 = 3;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn hall(lotteries: usize) -> Hall {
    let game = HallGame::BeaconDraw;
    let mut hall = Hall::new(HallSpec { game, lotteries, period_seconds: PERIOD, ..HallSpec::default() });
    // Rounds stay, so that each can be looked at in the end.
    hall.linger_seconds = i64::MAX / 2;
    hall
}

fn run(hall: &mut Hall, seconds: i64, tally: &mut Tally) {
    for _ in 0..seconds * 5 / 2 {
        hall.step(tally);
    }
}

fn rounds(lotteries: &[LotteryState]) -> impl Iterator<Item = &RoundState> {
    lotteries.iter().flat_map(|lottery| &lottery.rounds)
}

fn voids(lotteries: &[LotteryState], reason: VoidReason) -> usize {
    rounds(lotteries).filter(|round| round.account.void_reason == reason as u8).count()
}

/// Every index once; rounds that ended were entered and owe nothing; the others are on their way: those that still take
/// entries, and those whose value is not public yet.
fn check_all_ended(hall: &Hall) -> Vec<LotteryState> {
    hall.audit();
    let now = hall.now();
    let lotteries = hall.look().lotteries;
    for lottery in &lotteries {
        let indexes: Vec<u64> = lottery.rounds.iter().map(|round| round.account.index).collect();
        assert_eq!(indexes, (0..lottery.account.next_round_index).collect::<Vec<_>>(), "each index, once");
        for round in &lottery.rounds {
            let account = &round.account;
            match round.status() {
                Some(RoundStatus::Final | RoundStatus::Void) => {
                    assert!(account.entries > 0, "an empty round ended");
                    assert!(round.owes_nothing(), "round {} owes {}", account.index, round.owed());
                }
                status => {
                    let public_at = account.locks_at + MARGIN + BEACON_PERIOD;
                    assert!(now.unix <= public_at, "round {} is {status:?}", account.index);
                }
            }
        }
    }
    lotteries
}

fn indexes(hall: &Hall) -> Vec<u64> {
    hall.look().lotteries.iter().map(|lottery| lottery.account.next_round_index).collect()
}

#[test]
fn rounds_follow_each_other_and_end_half_a_minute_after_their_lock() {
    let mut hall = hall(6);
    let mut tally = Tally::default();
    run(&mut hall, 15 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    assert_eq!(tally.steps("retime_round") + tally.steps("void_round") + tally.steps("prove_early"), 0);
    for lottery in check_all_ended(&hall) {
        assert!(lottery.account.next_final_index >= 13, "{} rounds", lottery.account.next_final_index);
        assert_eq!(lottery.account.bond_reserved_units + lottery.account.bond_free_units, 0, "no bond");
        let first = lottery.rounds[0].account.locks_at;
        for round in &lottery.rounds {
            let account = &round.account;
            assert_eq!(account.locks_at, first + account.index as i64 * PERIOD as i64);
            if account.final_at != 0 {
                let after = account.final_at - account.locks_at;
                // The signature is at most one beacon period after the margin, and then it is a slot.
                assert!((MARGIN..=MARGIN + BEACON_PERIOD).contains(&after), "final {after} s after lock");
            }
        }
    }
}

#[test]
fn a_round_takes_three_transactions() {
    let game = HallGame::BeaconDraw;
    let mut hall = Hall::new(HallSpec { game, lotteries: 3, period_seconds: PERIOD, ..HallSpec::default() });
    let mut tally = Tally::default();
    run(&mut hall, 10 * PERIOD as i64, &mut tally);
    let (opened, ended) = (tally.steps("open_round"), tally.steps("finalise"));
    assert_eq!(tally.refused, Vec::<String>::new());
    assert!(ended >= 3 * 8, "{ended} rounds ended");
    assert!(tally.confirmed <= 3 * opened, "{} transactions for {opened} rounds", tally.confirmed);
    assert!(tally.steps("pay") > 0 && tally.steps("close_round") > 0);
}

#[test]
fn from_the_signature_to_final_it_is_one_transaction() {
    let mut hall = hall(1);
    let mut tally = Tally::default();
    while tally.steps("post_value") == 0 {
        let before = (tally.confirmed, tally.steps("seal_page"));
        hall.step(&mut tally);
        if tally.steps("post_value") == 1 {
            assert_eq!(before.1, 0, "nothing was done for the round before");
            let names = ["seal_page", "draw", "settle", "finalise"];
            assert_eq!(names.map(|name| tally.steps(name)), [1; 4]);
            assert!(tally.confirmed <= before.0 + 2, "the round, and the next that opens");
        }
    }
    assert_eq!(hall.look().lotteries[0].rounds[0].status(), Some(RoundStatus::Final));
}

/// A beacon's signatures are there for ever, so that no length of absence costs a round.
#[test]
fn whatever_was_entered_before_an_outage_of_the_keeper_is_drawn() {
    for outage in [3, 45, 5 * 60, HOUR, 23 * HOUR, 26 * HOUR, 400 * DAY] {
        let mut hall = hall(3);
        let mut tally = Tally::default();
        run(&mut hall, 100, &mut tally);
        let before = indexes(&hall);
        hall.pass_outage(outage);
        run(&mut hall, 5 * PERIOD as i64, &mut tally);
        assert_eq!(tally.refused, Vec::<String>::new(), "after {outage} s");
        let lotteries = check_all_ended(&hall);
        for (lottery, before) in lotteries.iter().zip(before) {
            assert!(lottery.account.next_round_index >= before + 4, "after {outage} s");
        }
        assert_eq!(rounds(&lotteries).filter(|round| round.account.void_reason != 0).count(), 0);
    }
}

#[test]
fn a_silent_beacon_is_waited_for_and_every_round_keeps_its_value() {
    let mut hall = hall(3);
    let mut tally = Tally::default();
    run(&mut hall, 100, &mut tally);
    hall.beacon.is_silent = true;
    run(&mut hall, 20 * PERIOD as i64, &mut tally);
    for lottery in hall.look().lotteries {
        let waiting = lottery.account.next_round_index - lottery.account.next_final_index;
        assert!(waiting >= 19, "{waiting} rounds wait, and the game goes on");
    }
    hall.beacon.is_silent = false;
    run(&mut hall, PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = check_all_ended(&hall);
    assert_eq!(rounds(&lotteries).filter(|round| round.account.void_reason != 0).count(), 0);
    let values: std::collections::HashSet<[u8; 32]> = rounds(&lotteries)
        .filter(|round| round.status() == Some(RoundStatus::Final))
        .map(|round| round.account.seed)
        .collect();
    assert!(values.len() >= 3 * 20, "{} different draws", values.len());
}

#[test]
fn a_beacon_that_is_silent_for_more_than_a_day_costs_the_open_rounds_and_no_more() {
    let mut hall = hall(3);
    let mut tally = Tally::default();
    run(&mut hall, 100, &mut tally);
    hall.beacon.is_silent = true;
    hall.pass_outage(25 * HOUR);
    run(&mut hall, 2 * PERIOD as i64, &mut tally);
    hall.beacon.is_silent = false;
    run(&mut hall, 4 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = check_all_ended(&hall);
    let lost = voids(&lotteries, VoidReason::GraceExpired);
    assert!((3..=2 * 3).contains(&lost), "{lost} rounds were void");
    for round in rounds(&lotteries).filter(|round| round.status() == Some(RoundStatus::Void)) {
        assert_eq!(round.account.refunded, round.account.entries, "every stake came back");
    }
}

#[test]
fn a_clock_that_lags_less_than_the_margin_changes_nothing() {
    for lag in [-20, 10, 29] {
        let mut hall = hall(3);
        let mut tally = Tally::default();
        hall.beacon.lag_seconds = lag;
        run(&mut hall, 6 * PERIOD as i64, &mut tally);
        assert_eq!(tally.refused, Vec::<String>::new());
        assert_eq!(tally.steps("prove_early") + tally.steps("void_round"), 0, "a lag of {lag} s");
        assert!(tally.steps("finalise") >= 3 * 4);
        hall.audit();
    }
}

#[test]
fn a_clock_that_stands_still_voids_what_could_be_foreseen_and_the_game_goes_on() {
    let mut hall = hall(3);
    let mut tally = Tally::default();
    run(&mut hall, 100, &mut tally);
    let entered = tally.entered;
    hall.halt_clock(200);
    let before = tally.steps("post_value");
    for _ in 0..20 {
        hall.turn(&mut tally);
    }
    assert!(tally.steps("prove_early") >= 3, "one round of each lottery was open");
    // What was locked by the chain's clock before it stopped is drawn.
    let decided = tally.steps("post_value") - before;
    assert!(decided <= 3, "{decided} rounds");
    hall.set_clock_right();
    run(&mut hall, 5 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = hall.look().lotteries;
    let early = voids(&lotteries, VoidReason::BeaconEarly);
    assert!(early >= 3);
    assert!(tally.entered >= entered + 3 * 4, "players went on");
    for round in rounds(&lotteries).filter(|round| round.account.void_reason != 0) {
        assert!(round.owes_nothing(), "every stake came back");
    }
    hall.audit();
}

#[test]
fn a_restarted_cluster_voids_what_has_no_value_and_the_game_goes_on() {
    let mut hall = hall(3);
    let mut tally = Tally::default();
    // One round of each lottery waits for its signature, two take entries.
    run(&mut hall, PERIOD as i64 + 15, &mut tally);
    hall.restart_cluster();
    run(&mut hall, 5 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = check_all_ended(&hall);
    assert_eq!(voids(&lotteries, VoidReason::ClusterRestarted), 3 * 3);
    for lottery in &lotteries {
        assert!(lottery.account.next_final_index >= 5);
        assert_eq!(lottery.rounds[3].status(), Some(RoundStatus::Final), "the first after the restart");
    }
}

#[test]
fn empty_rounds_are_retimed_and_never_voided_by_a_silent_beacon() {
    let mut hall = hall(3);
    hall.deserted = true;
    hall.beacon.is_silent = true;
    let mut tally = Tally::default();
    run(&mut hall, 90, &mut tally);
    hall.pass_outage(3 * DAY);
    run(&mut hall, 2 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    for lottery in hall.look().lotteries {
        assert_eq!(lottery.account.next_round_index, 1, "the first round is still the only one");
        assert!(lottery.rounds[0].account.retimes >= 2);
    }
    (hall.deserted, hall.beacon.is_silent) = (false, false);
    run(&mut hall, 4 * PERIOD as i64, &mut tally);
    let lotteries = check_all_ended(&hall);
    assert!(lotteries.iter().all(|lottery| lottery.account.next_final_index >= 2));
}
