//! Rounds that draw from a beacon.

use lottery_client::{
    send::MAX_COMPUTE_UNITS,
    unsigned::{PACKET_BYTES, transaction_len},
};
use lottery_interface::{
    Source,
    kinds::{PageStatus, RoundStatus, VoidReason},
};
use lottery_keeper::{
    ChainState, RoundState, Step,
    pack::{Job, pack},
    plan,
    plan::{SETTLE_UNITS_PER_ENTRY, needs_proof, needs_reveal, needs_slot_hashes},
};
use lottery_rules::beacon::{PROOF_LEN, Schedule};
use solana_pubkey::Pubkey;

use crate::support::*;

const SCHEDULE: Schedule = Schedule { genesis_at: 4_000, period_seconds: 3 };
const BEACON: Pubkey = Pubkey::new_from_array([66; 32]);
const CRANKER: Pubkey = Pubkey::new_from_array([55; 32]);
const OPENED_SLOT: u64 = 4_000;
const SEAL: Step = Step::SealPage { sequence: 0 };
const SETTLE: Step = Step::Settle { sequence: 0, limit: 10, units_per_entry: SETTLE_UNITS_PER_ENTRY };

/// The round of the beacon that decides, 30 seconds after the lock.
fn target() -> u64 {
    SCHEDULE.first_round_from(LOCKS_AT + 30).expect("in range")
}

fn on_beacon(mut round: RoundState) -> RoundState {
    round.account.source = Source::Beacon as u8;
    round.account.beacon = BEACON.to_bytes();
    round.account.beacon_round = target();
    round.account.opened_slot = OPENED_SLOT;
    // Without a reveal delay the target is the lock.
    round.account.target_slot = LOCK_SLOT;
    round
}

/// With the proof of what decides round 3.
fn with_proof(mut state: ChainState) -> ChainState {
    let round = state.lotteries[0].rounds[0].address;
    state.proofs.insert(round, vec![7; PROOF_LEN]);
    state
}

fn restarted(state: ChainState, slot: u64) -> ChainState {
    ChainState { last_restart_slot: slot, ..state }
}

fn post() -> Step {
    Step::PostValue { beacon: BEACON, proof: vec![7; PROOF_LEN] }
}

fn prove() -> Step {
    Step::ProveEarly { beacon: BEACON, beacon_round: target(), proof: vec![7; PROOF_LEN] }
}

fn after_lock() -> lottery_keeper::Now {
    at(LOCKS_AT + 31, LOCK_SLOT + 78)
}

#[test]
fn nothing_is_done_before_the_signature() {
    let one = || of(on_beacon(entered()));
    assert_eq!(steps(&one(), before_lock()), []);
    assert_eq!(steps(&one(), just_locked()), [], "one page waits, to go in one transaction");
    assert_eq!(steps(&one(), after_lock()), []);
    let two = of(on_beacon(with_page(entered(), 10, PageStatus::Open)));
    let seals = [SEAL, Step::SealPage { sequence: 1 }];
    assert_eq!(steps(&two, just_locked()), seals, "several pages are sealed meanwhile");
    // A reveal of some hash chain is not this round's business, nor are slot hashes.
    let mut other = with_reveal(one());
    other.oldest_slot_hash = Some(LOCK_SLOT + 1);
    assert_eq!(steps(&other, at(LOCKS_AT + 400, LOCK_SLOT + 1_000)), []);
    let round = on_beacon(entered());
    assert!(!needs_reveal(&round, after_lock()));
    assert!(!needs_slot_hashes(&round, at(LOCKS_AT + 400, LOCK_SLOT + 1_000)));
}

#[test]
fn with_the_signature_a_small_round_is_done_in_one_go() {
    let all = [SEAL, post(), Step::Draw, SETTLE, Step::Finalise];
    let known = with_proof(of(on_beacon(entered())));
    assert_eq!(steps(&known, after_lock()), all);
    // By the chain's time the lock is enough: the signature is there, whatever made it so.
    assert_eq!(steps(&known, just_locked()), all);
    let mut sealed = on_beacon(with_page(round(), 10, PageStatus::Sealed));
    sealed.account.pool_units = 1_000;
    assert_eq!(steps(&with_proof(of(sealed)), after_lock()), [post(), Step::Draw, SETTLE, Step::Finalise]);
    let grace = at(LOCKS_AT + GRACE_SECONDS as i64, LOCK_SLOT + GRACE_SLOTS as u64);
    assert_eq!(steps(&known, grace), all, "a late value is better than none");
}

#[test]
fn a_value_that_is_public_before_the_lock_voids() {
    let known = with_proof(of(on_beacon(entered())));
    assert_eq!(steps(&known, before_lock()), [prove()]);
    // Locked by its slot, while the clock stands still: only the time decides between a value and a void.
    assert_eq!(steps(&known, at(LOCKS_AT - 1, LOCK_SLOT + 9)), [prove()]);
    assert_eq!(steps(&known, at(LOCKS_AT - 1, LOCK_SLOT - 1)), [prove()]);
    // An empty one too: nobody may enter it any more.
    let empty = with_proof(of(on_beacon(with_page(round(), 0, PageStatus::Open))));
    assert_eq!(steps(&empty, before_lock()), [prove()]);
    for status in [RoundStatus::Valued, RoundStatus::Drawn, RoundStatus::Final, RoundStatus::Void] {
        let decided = with_proof(of(on_beacon(ended(status, PageStatus::Sealed))));
        assert!(!steps(&decided, before_lock()).contains(&prove()), "{status:?}");
    }
    // A proof under another source's round would be a mistake of the fetcher: nothing is proven with it.
    assert_eq!(steps(&with_proof(of(entered())), before_lock()), []);
}

#[test]
fn a_restart_since_opening_voids_whatever_else_is_known() {
    let voids = [Step::VoidRound, Step::Finalise];
    for slot in [OPENED_SLOT, OPENED_SLOT + 1, LOCK_SLOT + 5] {
        for now in [before_lock(), just_locked(), after_lock()] {
            assert_eq!(steps(&restarted(of(on_beacon(entered())), slot), now), voids);
            assert_eq!(steps(&restarted(with_proof(of(on_beacon(entered()))), slot), now), voids);
        }
    }
    let before = restarted(with_proof(of(on_beacon(entered()))), OPENED_SLOT - 1);
    assert_eq!(steps(&before, after_lock())[1], post());
    // Commit-reveal has its slot hash, which a restart does not give anybody again.
    assert_eq!(steps(&restarted(of(entered()), LOCK_SLOT), before_lock()), []);
    let valued = on_beacon(ended(RoundStatus::Valued, PageStatus::Sealed));
    assert_eq!(
        steps(&restarted(of(valued), LOCK_SLOT), after_lock()),
        [Step::Draw, SETTLE, Step::Finalise],
        "what has its value keeps it"
    );
}

#[test]
fn a_void_round_is_counted_and_refunded() {
    let mut void = on_beacon(ended(RoundStatus::Void, PageStatus::Open));
    void.account.void_reason = VoidReason::BeaconEarly as u8;
    assert_eq!(steps(&of(void), before_lock()), [SEAL, Step::Finalise]);
}

#[test]
fn a_silent_beacon_ends_in_a_void_after_grace_in_seconds_and_slots() {
    let waits = |unix, slot| steps(&of(on_beacon(entered())), at(unix, slot));
    let (unix, slot) = (LOCKS_AT + GRACE_SECONDS as i64, LOCK_SLOT + GRACE_SLOTS as u64);
    assert_eq!(waits(unix - 1, slot), []);
    assert_eq!(waits(unix, slot - 1), []);
    assert_eq!(waits(unix, slot), [SEAL, Step::VoidRound, Step::Finalise]);
    let empty = of(on_beacon(with_page(round(), 0, PageStatus::Open)));
    assert_eq!(
        steps(&empty, at(unix, slot)),
        [Step::RetimeRound { page_count: 1 }],
        "an empty one is re-timed"
    );
}

#[test]
fn a_proof_is_needed_when_it_is_public_by_either_clock() {
    let signed_at = SCHEDULE.signed_at(target()).expect("in range");
    assert!((LOCKS_AT + 30..LOCKS_AT + 33).contains(&signed_at));
    let needs =
        |round: &RoundState, chain: i64, wall: i64| needs_proof(round, SCHEDULE, at(chain, LOCK_SLOT), wall);
    let open = on_beacon(entered());
    assert!(!needs(&open, signed_at - 1, signed_at - 1));
    assert!(needs(&open, signed_at, signed_at));
    assert!(needs(&open, signed_at, 0), "this machine's clock is behind");
    assert!(needs(&open, LOCKS_AT - 300, signed_at), "the chain's clock is behind");
    for status in [RoundStatus::Valued, RoundStatus::Drawn, RoundStatus::Final, RoundStatus::Void] {
        assert!(!needs(&on_beacon(ended(status, PageStatus::Sealed)), signed_at + 9, signed_at + 9));
    }
    assert!(!needs(&entered(), signed_at + 9, signed_at + 9), "commit-reveal needs none");
    let mut far = open.clone();
    far.account.beacon_round = u64::MAX;
    assert!(!needs(&far, i64::MAX, i64::MAX), "never signed");
    far.account.beacon_round = 0;
    assert!(!needs(&far, i64::MAX, i64::MAX), "there is no round 0");
}

fn packed(state: &ChainState, now: lottery_keeper::Now) -> Vec<Job> {
    pack(plan(state, now), CRANKER)
        .into_iter()
        .filter(|job| job.round == state.lotteries[0].rounds[0].address)
        .collect()
}

#[test]
fn from_proof_to_final_it_is_one_transaction() {
    for count in [1, 10, 200, CAPACITY, 8_000] {
        let state = with_proof(of(on_beacon(with_page(round(), count, PageStatus::Open))));
        let jobs = packed(&state, after_lock());
        assert_eq!(jobs.len(), 1);
        assert_eq!(jobs[0].priority(), 0, "before anything that can wait");
        assert_eq!(jobs[0].stages.len(), 1, "{count} entries");
        let bundle = &jobs[0].stages[0][0];
        assert_eq!(bundle.steps(), "seal_page+post_value+draw+settle+finalise");
        assert!(bundle.compute_units <= MAX_COMPUTE_UNITS, "{} units", bundle.compute_units);
        assert!(transaction_len(&CRANKER, &bundle.instructions) <= PACKET_BYTES);
    }
}

#[test]
fn proving_early_fits_a_transaction_and_cannot_wait() {
    let jobs = packed(&with_proof(of(on_beacon(entered()))), before_lock());
    assert_eq!((jobs.len(), jobs[0].stages.len(), jobs[0].priority()), (1, 1, 0));
    let bundle = &jobs[0].stages[0][0];
    assert_eq!(bundle.steps(), "prove_early");
    // What the program's budget for verifying allows at most.
    assert!((200_000..=MAX_COMPUTE_UNITS).contains(&bundle.compute_units), "{}", bundle.compute_units);
    assert!(transaction_len(&CRANKER, &bundle.instructions) <= PACKET_BYTES);
}
