//! Markets: rounds that oracles decide.

use lottery_client::send::MAX_COMPUTE_UNITS;
use lottery_interface::{
    Source,
    kinds::{PageStatus, RoundStatus, VoidReason},
};
use lottery_keeper::{
    Now, RoundState, Step,
    pack::pack,
    plan,
    plan::{MARKET_SETTLE_UNITS_PER_ENTRY, SETTLE_UNITS, needs_entries, needs_reveal, needs_slot_hashes},
};
use solana_pubkey::Pubkey;

use crate::support::*;

/// The event is over so long after lock.
const DELAY: i64 = 3_600;
const SEAL: Step = Step::SealPage { sequence: 0 };
const SETTLE: Step = Step::Settle { sequence: 0, limit: 10, units_per_entry: MARKET_SETTLE_UNITS_PER_ENTRY };

fn market(mut round: RoundState) -> RoundState {
    let account = &mut round.account;
    account.source = Source::Oracle as u8;
    account.event_at = LOCKS_AT + DELAY;
    account.target_slot = LOCK_SLOT + DELAY as u64 * 5 / 2;
    (account.outcome_count, account.reporter_count, account.quorum) = (2, 3, 2);
    round
}

fn sealed() -> RoundState {
    market(with_page(round(), 10, PageStatus::Sealed))
}

fn split(round: RoundState) -> RoundState {
    RoundState { is_split: true, ..round }
}

/// In seconds and slots after the lock.
fn after(seconds: i64) -> Now {
    at(LOCKS_AT + seconds, LOCK_SLOT + seconds as u64 * 5 / 2)
}

#[test]
fn pages_are_sealed_at_lock_and_then_the_reporters_are_awaited() {
    assert_eq!(steps(&of(market(entered())), before_lock()), []);
    // A single page too: the odds are final.
    assert_eq!(steps(&of(market(entered())), just_locked()), [SEAL]);
    let two = market(with_page(entered(), 10, PageStatus::Open));
    assert_eq!(steps(&of(two), just_locked()), [SEAL, Step::SealPage { sequence: 1 }]);
    for seconds in [0, 1, DELAY - 1, DELAY, DELAY + GRACE_SECONDS as i64 - 1] {
        assert_eq!(steps(&of(sealed()), after(seconds)), [], "{seconds} s after lock");
    }
}

#[test]
fn no_reveal_and_no_slot_hash_is_a_markets_business() {
    for now in [just_locked(), after(DELAY), after(10 * DELAY)] {
        assert!(!needs_reveal(&sealed(), now));
        assert!(!needs_slot_hashes(&sealed(), now));
    }
    let mut known = with_reveal(of(sealed()));
    known.oldest_slot_hash = Some(LOCK_SLOT + 10);
    assert_eq!(steps(&known, after(DELAY)), []);
    // A restart of the cluster says nothing about an event outside.
    known.last_restart_slot = LOCK_SLOT;
    assert_eq!(steps(&known, after(DELAY)), []);
}

#[test]
fn what_reporters_decided_goes_on_to_final() {
    let valued = market(ended(RoundStatus::Valued, PageStatus::Sealed));
    assert_eq!(steps(&of(valued), after(DELAY)), [Step::Draw, SETTLE, Step::Finalise]);
    // Also when nobody sealed before.
    let open = market(ended(RoundStatus::Valued, PageStatus::Open));
    assert_eq!(steps(&of(open), after(DELAY)), [SEAL, Step::Draw, SETTLE, Step::Finalise]);
    let drawn = market(ended(RoundStatus::Drawn, PageStatus::Sealed));
    assert_eq!(steps(&of(drawn), after(DELAY)), [SETTLE, Step::Finalise]);
    // However late: grace is for rounds without a value.
    let late = market(ended(RoundStatus::Valued, PageStatus::Sealed));
    assert_eq!(steps(&of(late), after(100 * DELAY)), [Step::Draw, SETTLE, Step::Finalise]);
}

#[test]
fn silence_ends_in_a_void_after_grace_of_both_clocks_counted_from_the_event() {
    let voids = [Step::VoidRound, Step::Finalise];
    let unix = LOCKS_AT + DELAY + GRACE_SECONDS as i64;
    let slot = LOCK_SLOT + DELAY as u64 * 5 / 2 + GRACE_SLOTS as u64;
    assert_eq!(steps(&of(sealed()), at(unix - 1, slot)), []);
    assert_eq!(steps(&of(sealed()), at(unix, slot - 1)), []);
    assert_eq!(steps(&of(sealed()), at(unix, slot)), voids);
    // Grace counted from the lock is over long before.
    assert_eq!(steps(&of(sealed()), after(GRACE_SECONDS as i64 + 10)), []);
    assert_eq!(steps(&of(market(entered())), at(unix, slot)), [SEAL, Step::VoidRound, Step::Finalise]);
}

#[test]
fn a_split_is_voided_at_once_but_not_what_was_decided() {
    let voids = [Step::VoidRound, Step::Finalise];
    assert_eq!(steps(&of(split(sealed())), after(DELAY)), voids);
    assert_eq!(steps(&of(split(market(entered()))), after(DELAY)), [SEAL, Step::VoidRound, Step::Finalise]);
    let valued = split(market(ended(RoundStatus::Valued, PageStatus::Sealed)));
    assert_eq!(steps(&of(valued), after(DELAY)), [Step::Draw, SETTLE, Step::Finalise]);
    let void = split(market(ended(RoundStatus::Void, PageStatus::Sealed)));
    assert_eq!(steps(&of(void), after(DELAY)), [Step::Finalise]);
}

#[test]
fn an_empty_market_is_retimed_whatever_was_attested() {
    let empty = || market(with_page(round(), 0, PageStatus::Open));
    let retime = [Step::RetimeRound { page_count: 1 }];
    assert_eq!(steps(&of(empty()), just_locked()), retime);
    assert_eq!(steps(&of(split(empty())), after(DELAY)), retime);
    assert_eq!(steps(&of(empty()), after(100 * DELAY)), retime);
}

#[test]
fn winners_and_losers_whose_stake_was_not_matched_are_paid_alike() {
    let mut last = market(ended(RoundStatus::Final, PageStatus::Settled));
    last.account.winners_total = 7;
    (last.account.winners[0], last.account.winners[1]) = (3, 4);
    last.pages.get_mut(&0).expect("one page").account.winners = 7;
    assert!(needs_entries(&last, &last.pages[&0]));
    assert_eq!(last.owed(), 7);
    last.account.winners_paid = 7;
    assert!(last.owes_nothing());
}

#[test]
fn a_market_without_a_loser_or_a_winner_is_refunded() {
    let mut last = market(ended(RoundStatus::Final, PageStatus::Settled));
    last.account.refund_all = 1;
    assert!(needs_entries(&last, &last.pages[&0]));
    assert_eq!(last.owed(), 10);
    let mut void = market(ended(RoundStatus::Void, PageStatus::Sealed));
    void.account.void_reason = VoidReason::NoQuorum as u8;
    assert_eq!(void.owed(), 10);
}

#[test]
fn every_bundle_of_a_large_market_fits_a_transaction() {
    let cranker = Pubkey::new_from_array([55; 32]);
    for count in [CAPACITY, 32_499, 32_500, 32_501, 65_000] {
        let mut valued = market(with_page(round(), count, PageStatus::Sealed));
        valued.account.status = RoundStatus::Valued as u8;
        let jobs = pack(plan(&of(valued), after(DELAY)), cranker);
        let bundles: Vec<_> = jobs.iter().flat_map(|job| job.stages.iter().flatten()).collect();
        assert!(bundles.iter().all(|bundle| bundle.compute_units <= MAX_COMPUTE_UNITS));
        let settles =
            bundles.iter().flat_map(|bundle| &bundle.actions).filter(|a| a.step.name() == "settle").count();
        assert_eq!(settles, count.div_ceil(SETTLE_UNITS / MARKET_SETTLE_UNITS_PER_ENTRY) as usize);
    }
}
