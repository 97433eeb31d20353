//! The end: expiry, rent back, and how actions travel.

use lottery_interface::kinds::{PageStatus, RoundStatus};
use lottery_keeper::{Now, RoundState, Step, pack::pack, plan, plan::needs_pages};
use solana_pubkey::Pubkey;

use crate::support::*;

const CLOSE_PAGE: Step = Step::ClosePage { sequence: 0, rent_payer: Pubkey::new_from_array([99; 32]) };
const CLOSE_ROUND: Step = Step::CloseRound { rent_payer: Pubkey::new_from_array([88; 32]) };

/// `final_at` is `LOCKS_AT + 10`, and rounds linger for 60 s.
fn lingered() -> Now {
    at(LOCKS_AT + 70, TARGET_SLOT + 100)
}

fn claims_over() -> Now {
    at(LOCKS_AT + 10_000, TARGET_SLOT + 20_000)
}

fn paid() -> RoundState {
    ended(RoundStatus::Final, PageStatus::Settled)
}

/// Owes one prize, and no wallet is there to take it.
fn unclaimed() -> RoundState {
    let mut round = paid();
    round.account.winners_total = 1;
    round.pages.get_mut(&0).unwrap().account.winners = 1;
    round
}

#[test]
fn a_round_that_owes_nothing_is_closed_when_it_has_lingered() {
    assert_eq!(steps(&of(paid()), at(LOCKS_AT + 69, TARGET_SLOT + 100)), []);
    assert_eq!(steps(&of(paid()), lingered()), [CLOSE_PAGE, CLOSE_ROUND]);
    assert!(!needs_pages(&paid(), at(LOCKS_AT + 69, 0), 60));
    assert!(needs_pages(&paid(), lingered(), 60));
}

#[test]
fn closing_goes_on_where_it_stopped() {
    let mut begun = with_page(paid(), 5, PageStatus::Settled);
    begun.account.pages_closed = 1;
    begun.pages.remove(&0);
    let second = Step::ClosePage { sequence: 1, rent_payer: Pubkey::new_from_array([99; 32]) };
    assert_eq!(steps(&of(begun.clone()), lingered()), [second, CLOSE_ROUND]);
    begun.account.pages_closed = 2;
    begun.pages.clear();
    assert_eq!(steps(&of(begun.clone()), lingered()), [CLOSE_ROUND]);
    begun.account.pages_closed = 1;
    assert_eq!(steps(&of(begun), lingered()), [], "a page that was not fetched may still be there");
}

#[test]
fn what_is_owed_keeps_a_round_until_claims_end() {
    assert_eq!(steps(&of(unclaimed()), lingered()), []);
    let just_before = at(claims_over().unix - 1, claims_over().slot);
    assert_eq!(steps(&of(unclaimed()), just_before), []);
    assert_eq!(steps(&of(unclaimed()), claims_over()), [Step::ExpireRound]);
    let mut expired = unclaimed();
    expired.account.expired = 1;
    assert_eq!(steps(&of(expired), claims_over()), [CLOSE_PAGE, CLOSE_ROUND]);
}

#[test]
fn a_void_round_is_closed_only_when_counted_and_refunded() {
    let mut void = ended(RoundStatus::Void, PageStatus::Sealed);
    void.account.finalised = 1;
    assert_eq!(steps(&of(void.clone()), lingered()), [], "ten refunds are due");
    assert_eq!(steps(&of(void.clone()), claims_over()), [Step::ExpireRound]);
    void.account.refunded = 10;
    void.pages.get_mut(&0).unwrap().account.refunded = 10;
    assert_eq!(steps(&of(void.clone()), lingered()), [CLOSE_PAGE, CLOSE_ROUND]);
    void.account.finalised = 0;
    assert_eq!(steps(&of(void), lingered()), [Step::Finalise]);
}

#[test]
fn planning_changes_nothing_and_repeats_itself() {
    let rounds = [entered(), ended(RoundStatus::Drawn, PageStatus::Sealed), paid(), unclaimed()];
    for round in rounds {
        let state = of(round);
        for now in [before_lock(), just_locked(), after_target(), after_grace(), claims_over()] {
            assert_eq!(plan(&state, now), plan(&state, now));
        }
    }
}

#[test]
fn a_small_round_travels_in_one_transaction() {
    let cranker = Pubkey::new_from_array([42; 32]);
    let state = with_reveal(of(entered()));
    let jobs = pack(plan(&state, after_target()), cranker);
    let job = jobs.iter().find(|job| job.round == state.lotteries[0].rounds[0].address).unwrap();
    assert_eq!((job.stages.len(), job.stages[0].len()), (1, 1));
    let bundle = &job.stages[0][0];
    assert_eq!(bundle.steps(), "seal_page+capture+post_value+draw+settle+finalise");
    assert!(bundle.compute_units <= 1_400_000);
    assert_eq!(job.priority(), 0, "the slot hash cannot wait");
}

#[test]
fn a_new_round_opens_with_its_page_in_one_transaction() {
    let jobs = pack(plan(&of(paid()), after_target()), Pubkey::new_from_array([42; 32]));
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].stages.len(), 1);
    assert_eq!(jobs[0].stages[0][0].steps(), "open_round+open_page");
}

#[test]
fn what_depends_on_all_pages_waits_for_all_of_them() {
    let mut round = ended(RoundStatus::Drawn, PageStatus::Sealed);
    round = with_page(round, 0, PageStatus::Sealed);
    for page in round.pages.values_mut() {
        page.account.count = 30_000;
    }
    let jobs = pack(plan(&of(round.clone()), after_target()), Pubkey::new_from_array([42; 32]));
    let job = jobs.iter().find(|job| job.round == round.address).unwrap();
    let stages: Vec<Vec<String>> =
        job.stages.iter().map(|stage| stage.iter().map(|bundle| bundle.steps()).collect()).collect();
    assert_eq!(stages.len(), 2, "{stages:?}");
    assert!(stages[0].len() >= 3 && stages[0].iter().all(|steps| steps == "settle"), "{stages:?}");
    assert_eq!(stages[1], ["finalise"]);
    for bundle in job.stages.iter().flatten() {
        assert!(bundle.compute_units <= 1_400_000 - 1_000, "{}", bundle.compute_units);
    }
}

#[test]
fn rounds_do_not_wait_for_each_other() {
    let mut other = entered();
    other.address = Pubkey::new_from_array([55; 32]);
    other.account.index = 2;
    let jobs = pack(
        plan(&state(lottery(), vec![other, entered()]), after_target()),
        Pubkey::new_from_array([42; 32]),
    );
    let rounds: std::collections::HashSet<_> = jobs.iter().map(|job| job.round).collect();
    assert_eq!(rounds.len(), jobs.len());
    assert_eq!(jobs.len(), 3, "round 2, round 3, and the next");
}
