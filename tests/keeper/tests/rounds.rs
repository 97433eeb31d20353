//! Keno rounds without end: on time, one after the other, in three transactions each.

use std::collections::BTreeMap;

use keeper_tests::{Hall, HallSpec, Tally};
use lottery_interface::kinds::RoundStatus;

#[test]
fn keno_rounds_follow_each_other_without_a_gap() {
    for period_seconds in [2, 5, 60] {
        let mut hall = Hall::new(HallSpec { lotteries: 8, period_seconds, ..HallSpec::default() });
        hall.linger_seconds = i64::MAX / 2;
        let mut tally = Tally::default();
        let seconds = 12 * period_seconds as u64;
        for _ in 0..seconds * 5 / 2 {
            hall.step(&mut tally);
        }
        assert_eq!(tally.refused, Vec::<String>::new());
        assert_eq!(hall.score(seconds).1, 0, "a round was missed");
        assert_eq!(tally.steps("retime_round") + tally.steps("void_round"), 0);
        for lottery in hall.look().lotteries {
            let locks: BTreeMap<u64, i64> =
                lottery.rounds.iter().map(|round| (round.account.index, round.account.locks_at)).collect();
            assert_eq!(locks.len() as u64, lottery.account.next_round_index, "every index, once");
            for (index, locks_at) in &locks {
                assert_eq!(*locks_at, locks[&0] + *index as i64 * period_seconds as i64);
            }
        }
        hall.audit();
    }
}

#[test]
fn a_round_takes_three_transactions() {
    let mut hall = Hall::new(HallSpec { lotteries: 4, tickets: 20, ..HallSpec::default() });
    let mut tally = Tally::default();
    for _ in 0..250 {
        hall.step(&mut tally);
    }
    let opened = tally.steps("open_round");
    assert!(opened >= 4 * 19, "{opened} rounds in 100 seconds");
    assert!(tally.confirmed <= 3 * opened, "{} transactions for {opened} rounds", tally.confirmed);
    assert!(tally.steps("pay") > 0 && tally.steps("close_round") > 0);
}

#[test]
fn from_the_end_of_entries_to_final_it_is_one_transaction_and_the_next_round_is_open() {
    let mut hall = Hall::new(HallSpec { lotteries: 1, ..HallSpec::default() });
    hall.linger_seconds = 1_000_000;
    let mut tally = Tally::default();
    while tally.steps("finalise") == 0 {
        let before = tally.confirmed;
        let sealed = tally.steps("seal_page");
        hall.step(&mut tally);
        if tally.steps("finalise") == 1 {
            assert_eq!(sealed, 0, "nothing was done for the round before");
            assert_eq!(tally.confirmed, before + 1);
        }
    }
    let lottery = hall.look().lotteries.remove(0);
    assert_eq!(lottery.rounds[0].status(), Some(RoundStatus::Final));
    assert_eq!(lottery.rounds[1].status(), Some(RoundStatus::Open));
    assert!(!lottery.rounds[1].is_locked(hall.now()) && lottery.rounds[1].has_entries());
}
