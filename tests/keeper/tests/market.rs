//! Prediction markets: the keeper has no case for them. Bets are matched, lost, paid or refunded by what the reporters say, or
//! by their silence, and whatever fails for however long, nobody is needed to put it right.

use keeper_tests::{EVENT_DELAY_SECONDS, Hall, HallGame, HallSpec, Reporting, Tally, facts_of};
use lottery_interface::kinds::{RoundStatus, VoidReason};
use lottery_keeper::{LotteryState, RoundState};

const PERIOD: u32 = 60;
const DELAY: i64 = EVENT_DELAY_SECONDS as i64;
const GRACE: i64 = 120;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const GAMES: [HallGame; 2] = [HallGame::ProRataMarket, HallGame::ParimutuelMarket];

/// Three bets on each page, of which there are three.
fn hall(game: HallGame, lotteries: usize) -> Hall {
    let spec = HallSpec { game, lotteries, period_seconds: PERIOD, tickets: 3, ..HallSpec::default() };
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

fn rounds(lotteries: &[LotteryState]) -> impl Iterator<Item = &RoundState> {
    lotteries.iter().flat_map(|lottery| &lottery.rounds)
}

fn voids(lotteries: &[LotteryState], reason: VoidReason) -> usize {
    rounds(lotteries).filter(|round| round.account.void_reason == reason as u8).count()
}

/// Every index once; rounds that ended owe nothing.
fn check(hall: &Hall, tally: &Tally) -> Vec<LotteryState> {
    hall.audit();
    assert_eq!(tally.refused, Vec::<String>::new());
    let lotteries = hall.look().lotteries;
    for lottery in &lotteries {
        let indexes: Vec<u64> = lottery.rounds.iter().map(|round| round.account.index).collect();
        assert_eq!(indexes, (0..lottery.account.next_round_index).collect::<Vec<_>>(), "each index, once");
        for round in &lottery.rounds {
            if matches!(round.status(), Some(RoundStatus::Final | RoundStatus::Void)) {
                assert!(round.account.entries > 0, "an empty round ended");
                assert!(round.owes_nothing(), "round {} owes {}", round.account.index, round.owed());
            }
        }
    }
    lotteries
}

/// The outcome that a round must have.
fn outcome(game: HallGame, round_index: u64) -> u8 {
    let fact = facts_of(round_index) as u8;
    if game == HallGame::ProRataMarket { fact % 2 } else { fact }
}

#[test]
fn markets_end_with_the_attestation_that_decides() {
    for game in GAMES {
        for reporting in [Reporting::Agree, Reporting::OneLies] {
            let mut hall = hall(game, 3);
            hall.reporting = reporting;
            let mut tally = Tally::default();
            run(&mut hall, 10 * PERIOD as i64, &mut tally);
            assert_eq!(tally.steps("retime_round") + tally.steps("void_round"), 0);
            assert!(tally.steps("pay") > 0 && tally.steps("refund") == 0);
            for lottery in check(&hall, &tally) {
                assert!(lottery.account.next_final_index >= 8, "{} rounds", lottery.account.next_final_index);
                let first = lottery.rounds[0].account.locks_at;
                for round in &lottery.rounds {
                    let account = &round.account;
                    assert_eq!(account.locks_at, first + account.index as i64 * PERIOD as i64);
                    if account.final_at != 0 {
                        assert_eq!(account.result[0], outcome(game, account.index));
                        assert_eq!((account.page_count, account.entries), (3, 9));
                        assert!(account.fee_units > 0 && account.winners_total > 0);
                        let after = account.final_at - account.event_at;
                        assert!((0..=1).contains(&after), "final {after} s after the event");
                    }
                }
            }
        }
    }
}

#[test]
fn pages_are_sealed_at_lock_so_that_odds_are_known_before_the_event() {
    let mut hall = hall(HallGame::ParimutuelMarket, 1);
    let mut tally = Tally::default();
    run(&mut hall, PERIOD as i64 + 2, &mut tally);
    let lotteries = check(&hall, &tally);
    let round = &lotteries[0].rounds[0];
    assert!(hall.now().unix < round.account.event_at && round.is_locked(hall.now()));
    assert_eq!((round.account.pages_sealed, round.account.entries), (3, 9));
    assert_eq!(round.status(), Some(RoundStatus::Open));
    // Nothing more is done until reporters speak.
    let confirmed = tally.steps("seal_page");
    run(&mut hall, DELAY - 4, &mut tally);
    assert_eq!((tally.steps("seal_page"), tally.steps("draw")), (confirmed, 0));
    run(&mut hall, 4, &mut tally);
    assert_eq!((tally.steps("draw"), tally.steps("finalise")), (1, 1));
}

#[test]
fn reporters_that_cannot_agree_void_at_once_and_stakes_come_back() {
    for game in GAMES {
        let mut hall = hall(game, 2);
        hall.reporting = Reporting::Differ;
        let mut tally = Tally::default();
        run(&mut hall, 6 * PERIOD as i64, &mut tally);
        assert_eq!(tally.steps("pay"), 0);
        let lotteries = check(&hall, &tally);
        assert!(voids(&lotteries, VoidReason::NoQuorum) >= 2 * 4);
        for round in rounds(&lotteries).filter(|round| round.status() == Some(RoundStatus::Void)) {
            assert_eq!(round.account.void_reason, VoidReason::NoQuorum as u8);
            assert_eq!((round.account.refunded, round.account.cash_units), (9, 0));
            let after = round.account.final_at - round.account.event_at;
            assert!((0..=1).contains(&after), "void {after} s after the event");
        }
        assert!(lotteries.iter().all(|lottery| lottery.account.fees_units == 0));
    }
}

#[test]
fn silence_voids_after_grace_and_the_market_goes_on() {
    for reporting in [Reporting::Silent, Reporting::OneSpeaks] {
        let mut hall = hall(HallGame::ProRataMarket, 2);
        hall.reporting = reporting;
        let mut tally = Tally::default();
        run(&mut hall, 8 * PERIOD as i64, &mut tally);
        let lotteries = check(&hall, &tally);
        assert!(voids(&lotteries, VoidReason::GraceExpired) >= 2 * 3);
        for round in rounds(&lotteries).filter(|round| round.status() == Some(RoundStatus::Void)) {
            let after = round.account.final_at - round.account.event_at;
            assert!((GRACE..=GRACE + 1).contains(&after), "void {after} s after the event");
            assert_eq!((round.account.refunded, round.account.cash_units), (9, 0));
        }
        // They speak again: what waits within grace is decided, and nothing more is void.
        let before = voids(&lotteries, VoidReason::GraceExpired);
        hall.reporting = Reporting::Agree;
        run(&mut hall, 5 * PERIOD as i64, &mut tally);
        let lotteries = check(&hall, &tally);
        assert_eq!(voids(&lotteries, VoidReason::GraceExpired), before);
        for lottery in &lotteries {
            let open = lottery.account.next_round_index - lottery.account.next_final_index;
            assert!(open <= 3, "{open} rounds are not final");
        }
    }
}

#[test]
fn an_outage_of_any_length_needs_no_person() {
    for game in GAMES {
        for outage in [3, 30, MINUTE, 3 * MINUTE, HOUR, 3 * DAY, 400 * DAY] {
            let mut hall = hall(game, 2);
            let mut tally = Tally::default();
            run(&mut hall, 130, &mut tally);
            let before: Vec<u64> =
                hall.look().lotteries.iter().map(|lottery| lottery.account.next_round_index).collect();
            hall.pass_outage(outage);
            run(&mut hall, 6 * PERIOD as i64, &mut tally);
            let lotteries = check(&hall, &tally);
            for (lottery, before) in lotteries.iter().zip(before) {
                let since = lottery.account.next_round_index - before;
                assert!(since >= 4, "only {since} rounds in the six periods after {outage} s");
                let open = lottery.account.next_round_index - lottery.account.next_final_index;
                assert!(open <= 3, "{open} rounds are not final after {outage} s");
            }
            // Reporters who come back within grace decide; after it, whoever is first voids.
            let void = voids(&lotteries, VoidReason::GraceExpired);
            assert_eq!(void > 0, outage > GRACE, "{void} void rounds after {outage} s");
            assert!(void <= 3 * lotteries.len());
        }
    }
}

#[test]
fn empty_markets_are_retimed_and_keep_their_index() {
    let mut hall = hall(HallGame::ProRataMarket, 2);
    hall.deserted = true;
    let mut tally = Tally::default();
    run(&mut hall, 70, &mut tally);
    hall.pass_outage(DAY);
    run(&mut hall, 4 * PERIOD as i64, &mut tally);
    for lottery in hall.look().lotteries {
        assert_eq!(lottery.account.next_round_index, 1, "the first round is still the only one");
        let round = &lottery.rounds[0];
        assert!(round.account.retimes >= 4, "{} times", round.account.retimes);
        assert!(!round.is_locked(hall.now()));
    }
    hall.deserted = false;
    run(&mut hall, 3 * PERIOD as i64, &mut tally);
    let lotteries = check(&hall, &tally);
    for round in rounds(&lotteries).filter(|round| round.status() == Some(RoundStatus::Final)) {
        assert_eq!(round.account.result[0], outcome(HallGame::ProRataMarket, round.account.index));
    }
    assert!(lotteries.iter().all(|lottery| lottery.account.next_final_index >= 1));
}

#[test]
fn what_lingered_is_closed() {
    let mut hall = hall(HallGame::ParimutuelMarket, 2);
    hall.linger_seconds = 0;
    let mut tally = Tally::default();
    run(&mut hall, 6 * PERIOD as i64, &mut tally);
    assert_eq!(tally.refused, Vec::<String>::new());
    assert!(
        tally.steps("close_round") >= 2 * 4 && tally.steps("close_page") == 3 * tally.steps("close_round")
    );
    hall.audit();
}
