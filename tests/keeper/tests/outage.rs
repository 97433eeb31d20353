//! Nobody cranks for a while: what was entered is drawn or refunded, what was empty is re-timed, and the rounds go on.

use std::sync::Arc;

use keeper_tests::{Hall, HallSpec, Tally};
use lottery_interface::kinds::{RoundStatus, VoidReason};
use lottery_keeper::{LotteryState, Reveals};
use program_tests::LotteryError;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn hall(lotteries: usize) -> Hall {
    let mut hall = Hall::new(HallSpec { lotteries, ..HallSpec::default() });
    // Rounds stay, so that each can be looked at in the end.
    hall.linger_seconds = i64::MAX / 2;
    hall
}

fn run(hall: &mut Hall, seconds: u64, tally: &mut Tally) {
    for _ in 0..seconds * 5 / 2 {
        hall.step(tally);
    }
}

/// Every round that was opened is there, ended rounds owe nothing and were entered, and at most three are on their way.
fn check_all_ended(hall: &Hall) -> Vec<LotteryState> {
    hall.audit();
    let lotteries = hall.look().lotteries;
    for lottery in &lotteries {
        let indexes: Vec<u64> = lottery.rounds.iter().map(|round| round.account.index).collect();
        assert_eq!(indexes, (0..lottery.account.next_round_index).collect::<Vec<_>>(), "each index, once");
        let on_their_way = lottery.account.next_round_index - lottery.account.next_final_index;
        assert!(on_their_way <= 3, "{on_their_way} rounds are not final");
        for round in &lottery.rounds[..lottery.rounds.len() - on_their_way as usize] {
            let account = &round.account;
            assert!(account.entries > 0, "an empty round was drawn");
            assert!(matches!(round.status(), Some(RoundStatus::Final | RoundStatus::Void)), "{account:?}");
            assert!(round.owes_nothing(), "round {} owes {}", account.index, round.owed());
        }
    }
    lotteries
}

fn voids(lotteries: &[LotteryState], reason: VoidReason) -> usize {
    let rounds = lotteries.iter().flat_map(|lottery| &lottery.rounds);
    rounds.filter(|round| round.account.void_reason == reason as u8).count()
}

#[test]
fn an_outage_of_any_length_needs_no_person() {
    for outage in [3, 10, MINUTE, 3 * MINUTE, 4 * MINUTE, HOUR, 3 * DAY, 400 * DAY] {
        let mut hall = hall(6);
        let mut tally = Tally::default();
        run(&mut hall, 14, &mut tally);
        let before: Vec<u64> =
            hall.look().lotteries.iter().map(|lottery| lottery.account.next_round_index).collect();
        hall.pass_outage(outage);
        run(&mut hall, 60, &mut tally);
        assert_eq!(tally.refused, Vec::<String>::new(), "after {outage} s");
        let lotteries = check_all_ended(&hall);
        for (lottery, before) in lotteries.iter().zip(before) {
            let since = lottery.account.next_round_index - before;
            assert!(since >= 10, "only {since} rounds in the minute after {outage} s");
        }
        // 512 slots are 205 s: until then the hash is known and the rounds are drawn.
        let lost = voids(&lotteries, VoidReason::SlotHashLost) + voids(&lotteries, VoidReason::GraceExpired);
        assert_eq!(lost > 0, outage > 205, "{lost} void rounds after {outage} s");
        assert!(lost <= 2 * lotteries.len(), "at most two rounds take entries");
    }
}

#[test]
fn empty_rounds_are_retimed_and_keep_their_index() {
    let mut hall = hall(4);
    hall.deserted = true;
    let mut tally = Tally::default();
    run(&mut hall, 10, &mut tally);
    hall.pass_outage(DAY);
    run(&mut hall, 60, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    for lottery in hall.look().lotteries {
        assert_eq!(lottery.account.next_round_index, 1, "the first round is still the only one");
        let round = &lottery.rounds[0];
        assert!(round.account.retimes >= 10, "{} times", round.account.retimes);
        assert!(!round.is_locked(hall.now()));
        assert_eq!(lottery.account.bankroll_reserved_units, round.account.budget_units);
    }
    hall.deserted = false;
    run(&mut hall, 30, &mut tally);
    check_all_ended(&hall);
}

/// The operator's keeper, which alone has the reveals, is away, and another one cranks.
#[test]
fn rounds_wait_for_the_operators_keeper_within_grace_and_are_refunded_after() {
    let mut hall = hall(3);
    let mut tally = Tally::default();
    run(&mut hall, 14, &mut tally);
    let secrets = std::mem::replace(&mut hall.reveals, Arc::new(Reveals::default()));
    run(&mut hall, 30, &mut tally);
    let lotteries = hall.look().lotteries;
    assert!(lotteries.iter().all(|l| l.account.next_round_index - l.account.next_final_index >= 6));
    hall.reveals = secrets.clone();
    run(&mut hall, 10, &mut tally);
    assert_eq!(voids(&check_all_ended(&hall), VoidReason::GraceExpired), 0, "all were drawn");

    hall.reveals = Arc::new(Reveals::default());
    run(&mut hall, 150, &mut tally);
    hall.reveals = secrets;
    run(&mut hall, 60, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = check_all_ended(&hall);
    let void = voids(&lotteries, VoidReason::GraceExpired);
    assert!(void >= 3 * 3, "{void} rounds were void");
    for round in lotteries.iter().flat_map(|lottery| &lottery.rounds) {
        let is_void = round.status() == Some(RoundStatus::Void);
        assert_eq!(round.account.slashed_units > 0, is_void, "the bond pays for what was not revealed");
    }
}

#[test]
fn after_a_hundred_void_rounds_the_chain_is_advanced() {
    let mut hall = hall(2);
    hall.fund(300);
    let mut tally = Tally::default();
    let secrets = std::mem::replace(&mut hall.reveals, Arc::new(Reveals::default()));
    run(&mut hall, 700, &mut tally);
    for lottery in hall.look().lotteries {
        assert_eq!(lottery.account.next_round_index, 100, "one more would be too far from the last reveal");
        assert_eq!(lottery_keeper::plan::blocker(&lottery), Some(LotteryError::ChainTooFar));
    }
    // By now grace is over for all of them: none can reveal its link any more.
    run(&mut hall, 200, &mut tally);
    hall.reveals = secrets;
    run(&mut hall, 60, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    assert_eq!(tally.steps("advance_chain"), 2, "once for each lottery");
    for lottery in check_all_ended(&hall) {
        assert!(lottery.account.next_round_index >= 110);
        assert_eq!(lottery.rounds[105].status(), Some(RoundStatus::Final));
    }
}
