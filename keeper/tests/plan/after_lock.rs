//! From lock to final.

use lottery_interface::{
    Source,
    kinds::{LotteryStatus, PageStatus, RoundStatus},
};
use lottery_keeper::{
    ChainState, Step,
    plan::{SETTLE_UNITS, SETTLE_UNITS_PER_ENTRY},
};

use crate::support::*;

const SEAL: Step = Step::SealPage { sequence: 0 };
const SETTLE: Step = Step::Settle { sequence: 0, limit: 10, units_per_entry: SETTLE_UNITS_PER_ENTRY };

/// The reveal of [`with_reveal`].
fn post() -> Step {
    Step::PostValue { beacon: Default::default(), proof: vec![5; 32] }
}

#[test]
fn nothing_happens_to_a_round_that_takes_entries() {
    assert_eq!(steps(&of(entered()), before_lock()), []);
    assert_eq!(steps(&of(entered()), at(LOCKS_AT - 1, LOCK_SLOT - 1)), []);
}

#[test]
fn either_deadline_locks() {
    let two = || with_page(entered(), 10, PageStatus::Open);
    let seals = [SEAL, Step::SealPage { sequence: 1 }];
    assert_eq!(steps(&of(two()), at(LOCKS_AT, LOCK_SLOT - 1)), seals);
    assert_eq!(steps(&of(two()), at(LOCKS_AT - 1, LOCK_SLOT)), seals);
}

#[test]
fn pages_are_sealed_by_sequence_from_the_first_unsealed() {
    let three = with_page(with_page(entered(), 10, PageStatus::Open), 0, PageStatus::Growing);
    let seals = |from: u32| (from..3).map(|sequence| Step::SealPage { sequence }).collect::<Vec<_>>();
    assert_eq!(steps(&of(three.clone()), just_locked()), seals(0));
    let mut begun = three;
    begun.account.pages_sealed = 2;
    begun.pages.get_mut(&0).unwrap().account.status = PageStatus::Sealed as u8;
    begun.pages.get_mut(&1).unwrap().account.status = PageStatus::Sealed as u8;
    assert_eq!(steps(&of(begun), just_locked()), seals(2));
}

#[test]
fn an_empty_round_is_retimed_and_nothing_else() {
    let retime = |page_count| vec![Step::RetimeRound { page_count }];
    assert_eq!(steps(&of(round()), just_locked()), retime(0));
    assert_eq!(steps(&of(with_page(round(), 0, PageStatus::Open)), just_locked()), retime(1));
    let sealed_too_soon = with_page(round(), 0, PageStatus::Settled);
    let late = with_reveal(of(sealed_too_soon));
    assert_eq!(steps(&late, after_grace()), retime(1), "even when it could be drawn or voided");
}

#[test]
fn an_empty_round_that_may_not_be_retimed_goes_the_way_of_all_others() {
    let empty = || with_page(round(), 0, PageStatus::Open);
    let mut paused = lottery();
    paused.account.status = LotteryStatus::Paused as u8;
    let mut retiring = lottery();
    retiring.account.retiring = 1;
    let mut old = lottery();
    old.account.next_round_index = 6;
    for lottery in [paused, retiring.clone(), old] {
        let state = with_reveal(state(lottery, vec![empty()]));
        // It may not even be known to be empty: seal, value, draw, final.
        assert_eq!(steps(&state, just_locked()), []);
        assert_eq!(steps(&state, after_target()), [SEAL, Step::Capture, post(), Step::Draw, Step::Finalise]);
    }
    let mut last = empty();
    last.account.is_last = 1;
    retiring.account.retiring = 2;
    assert_eq!(steps(&state(retiring, vec![last]), just_locked()), [Step::RetimeRound { page_count: 1 }]);
}

#[test]
fn a_round_whose_pages_are_not_known_waits() {
    let mut unknown = with_page(with_page(round(), 0, PageStatus::Open), 10, PageStatus::Open);
    unknown.pages.remove(&1);
    assert_eq!(steps(&of(unknown), after_target()), []);
}

#[test]
fn the_slot_hash_is_captured_after_its_slot_and_by_anyone() {
    assert_eq!(
        steps(&of(entered()), at(LOCKS_AT, TARGET_SLOT)),
        [],
        "one page waits, to go in one transaction"
    );
    assert_eq!(steps(&of(entered()), at(LOCKS_AT, TARGET_SLOT + 1)), [SEAL, Step::Capture]);
    assert_eq!(steps(&of(entered()), at(LOCKS_AT, TARGET_SLOT + 512)), [SEAL, Step::Capture]);
}

#[test]
fn a_slot_hash_that_may_be_forgotten_is_looked_up_first() {
    let late = at(LOCKS_AT, TARGET_SLOT + 513);
    let known = |oldest_slot_hash| ChainState { oldest_slot_hash, ..of(entered()) };
    assert_eq!(steps(&known(None), late), [], "not looked up yet");
    assert_eq!(steps(&known(Some(TARGET_SLOT)), late), [SEAL, Step::Capture]);
    let voids = [SEAL, Step::VoidRound, Step::Finalise];
    assert_eq!(steps(&known(Some(TARGET_SLOT + 1)), late), voids);
    let mine = with_reveal(known(Some(TARGET_SLOT + 1)));
    assert_eq!(steps(&mine, late), voids, "a reveal does not help any more");
}

#[test]
fn with_the_reveal_a_small_round_is_done_in_one_go() {
    let state = with_reveal(of(entered()));
    let all = [SEAL, Step::Capture, post(), Step::Draw, SETTLE, Step::Finalise];
    assert_eq!(steps(&state, after_target()), all);
    let mut captured = entered();
    captured.account.captured_slot = TARGET_SLOT;
    assert_eq!(steps(&of(captured.clone()), after_target()), [], "no reveal: wait for one that has it");
    assert_eq!(
        steps(&with_reveal(of(captured)), after_target()),
        [SEAL, post(), Step::Draw, SETTLE, Step::Finalise]
    );
}

#[test]
fn each_later_state_goes_on_where_it_is() {
    let valued = ended(RoundStatus::Valued, PageStatus::Open);
    assert_eq!(steps(&of(valued), after_target()), [SEAL, Step::Draw, SETTLE, Step::Finalise]);
    let sealed = ended(RoundStatus::Valued, PageStatus::Sealed);
    assert_eq!(steps(&of(sealed), after_target()), [Step::Draw, SETTLE, Step::Finalise]);
    let drawn = ended(RoundStatus::Drawn, PageStatus::Sealed);
    assert_eq!(steps(&of(drawn.clone()), after_target()), [SETTLE, Step::Finalise]);
    let mut midway = drawn;
    midway.pages.get_mut(&0).unwrap().account.settle_cursor = 7;
    let rest = Step::Settle { sequence: 0, limit: 3, units_per_entry: SETTLE_UNITS_PER_ENTRY };
    assert_eq!(steps(&of(midway), after_target()), [rest, Step::Finalise]);
    let settled = ended(RoundStatus::Drawn, PageStatus::Settled);
    assert_eq!(steps(&of(settled), after_target()), [Step::Finalise]);
}

#[test]
fn big_pages_settle_in_limited_steps() {
    let most = SETTLE_UNITS / SETTLE_UNITS_PER_ENTRY;
    let mut round = ended(RoundStatus::Drawn, PageStatus::Sealed);
    round.pages.get_mut(&0).unwrap().account.count = 2 * most + 5;
    let settle = |limit| Step::Settle { sequence: 0, limit, units_per_entry: SETTLE_UNITS_PER_ENTRY };
    let all = [settle(most), settle(most), settle(5), Step::Finalise];
    assert_eq!(steps(&of(round), after_target()), all);
}

#[test]
fn rollover_lotteries_finalise_by_index() {
    let mut rollover = lottery();
    rollover.account.rollover = 1;
    let drawn = ended(RoundStatus::Drawn, PageStatus::Settled);
    assert_eq!(steps(&state(rollover.clone(), vec![drawn.clone()]), after_target()), [Step::Finalise]);
    rollover.account.next_final_index = 2;
    assert_eq!(steps(&state(rollover.clone(), vec![drawn]), after_target()), []);
    let mut void = ended(RoundStatus::Void, PageStatus::Settled);
    void.account.refunded = 10;
    void.pages.get_mut(&0).unwrap().account.refunded = 10;
    assert_eq!(steps(&state(rollover.clone(), vec![void.clone()]), after_target()), []);
    rollover.account.next_final_index = 3;
    assert_eq!(steps(&state(rollover, vec![void]), after_target()), [Step::Finalise], "a void counts");
}

#[test]
fn a_round_without_a_value_is_void_after_grace_in_seconds_and_slots() {
    let mut captured = entered();
    captured.account.captured_slot = TARGET_SLOT;
    let grace = after_grace();
    let waits = |round, now| steps(&of(round), now);
    assert_eq!(waits(captured.clone(), at(grace.unix - 1, grace.slot)), []);
    assert_eq!(waits(captured.clone(), at(grace.unix, grace.slot - 1)), []);
    let voids = [SEAL, Step::VoidRound, Step::Finalise];
    assert_eq!(waits(captured.clone(), grace), voids);
    let posts = [SEAL, post(), Step::Draw, SETTLE, Step::Finalise];
    assert_eq!(steps(&with_reveal(of(captured)), grace), posts, "a late value is better than none");
}

#[test]
fn every_source_is_void_after_grace_and_none_is_captured_but_commit_reveal() {
    for source in [Source::Beacon as u8, Source::Switchboard as u8, Source::Oracle as u8, 9] {
        let mut round = entered();
        round.account.source = source;
        let state = with_reveal(of(round));
        let sealed: &[Step] = if source == Source::Oracle as u8 { &[SEAL] } else { &[] };
        assert_eq!(steps(&state, after_target()), sealed);
        assert_eq!(steps(&state, after_grace()), [SEAL, Step::VoidRound, Step::Finalise]);
    }
}

#[test]
fn a_state_of_a_later_program_is_left_alone() {
    let mut round = entered();
    round.account.status = 200;
    assert_eq!(steps(&of(round), after_grace()), []);
}
