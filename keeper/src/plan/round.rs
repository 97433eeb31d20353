//! From lock to close.

use lottery_interface::{
    Source,
    kinds::{PageStatus, RoundStatus},
};

use solana_pubkey::Pubkey;

use super::{
    MARKET_SETTLE_UNITS_PER_ENTRY, RAFFLE_SETTLE_UNITS_PER_ENTRY, SETTLE_UNITS, SETTLE_UNITS_PER_ENTRY,
    action, needs_slot_hashes, open, owed, raffle,
};
use crate::{
    action::{Action, Step},
    state::{ChainState, LotteryState, Now, RoundState},
};

/// What can be done for one round.
pub fn plan(
    state: &ChainState,
    lottery: &LotteryState,
    round: &RoundState,
    now: Now,
    actions: &mut Vec<Action>,
) {
    let mut push = |step| actions.push(action(lottery, round, step));
    match round.status() {
        Some(RoundStatus::Open) if is_restarted(state, round) => void(lottery, round, &mut push),
        Some(RoundStatus::Open) if is_early(state, round, now) => {
            if let Some(proof) = state.proofs.get(&round.address) {
                let beacon_round = round.account.beacon_round;
                push(Step::ProveEarly { beacon: beacon(round), beacon_round, proof: proof.clone() });
            }
        }
        Some(RoundStatus::Open) if !round.is_locked(now) => open::pages(lottery, round, actions),
        Some(RoundStatus::Open) => locked(state, lottery, round, now, &mut push),
        Some(RoundStatus::Valued) => {
            seal(round, &mut push);
            push(Step::Draw);
            settle(lottery, round, &mut push);
        }
        Some(RoundStatus::Drawn) => {
            settle(lottery, round, &mut push);
            raffle::close_wrong(round, &mut push);
        }
        Some(RoundStatus::Final | RoundStatus::Void) => {
            end(lottery, round, &mut push);
            let are_places_moving = raffle::places(round, now, &mut push);
            let owed = owed::plan(state, round);
            let credited: usize = owed.iter().map(Step::items).sum();
            owed.into_iter().for_each(&mut push);
            // What is owed because of these moves is read from the entries after them: nothing may expire before.
            if !are_places_moving {
                close(state, round, now, credited as u64, &mut push);
            }
        }
        // A state of a later version of the program.
        None => {}
    }
}

/// Entries are over, and there is no value yet.
fn locked(
    state: &ChainState,
    lottery: &LotteryState,
    round: &RoundState,
    now: Now,
    push: &mut impl FnMut(Step),
) {
    if round.is_empty() && may_retime(lottery, round) {
        return push(Step::RetimeRound { page_count: round.account.page_count });
    }
    if !round.is_empty() && !round.has_entries() {
        // Some pages are not known: it may be empty, and then sealing would be in vain.
        return;
    }
    let value = value(state, round, now);
    // One page waits for the value, and all goes in one transaction; many pages are sealed meanwhile, and those of a market,
    // which waits for an event, so that its odds are known.
    if round.account.page_count > 1 || is_market(round) || !matches!(value, Value::Wait) {
        seal(round, push);
    }
    match value {
        Value::Known(steps) => {
            steps.into_iter().for_each(&mut *push);
            push(Step::Draw);
            settle(lottery, round, push);
        }
        Value::Void => void(lottery, round, push),
        Value::Capture => push(Step::Capture),
        Value::Wait => {}
    }
}

/// Voids the round, and counts it if it is its turn.
fn void(lottery: &LotteryState, round: &RoundState, push: &mut impl FnMut(Step)) {
    push(Step::VoidRound);
    if in_order(lottery, round) {
        push(Step::Finalise);
    }
}

fn beacon(round: &RoundState) -> Pubkey {
    round.account.beacon.into()
}

/// Decided by an event, hours or days after lock.
fn is_market(round: &RoundState) -> bool {
    round.account.source == Source::Oracle as u8
}

/// The cluster was restarted while the round waits for its beacon: time may have been set back.
fn is_restarted(state: &ChainState, round: &RoundState) -> bool {
    round.account.source == Source::Beacon as u8
        && state.last_restart_slot >= round.account.opened_slot.max(1)
}

/// The beacon's value is public, and by the chain's clock the round has not reached its lock.
fn is_early(state: &ChainState, round: &RoundState, now: Now) -> bool {
    round.account.source == Source::Beacon as u8
        && now.unix < round.account.locks_at
        && state.proofs.contains_key(&round.address)
}

/// Only the newest two rounds; and a lottery that retires waits for its rounds to end.
fn may_retime(lottery: &LotteryState, round: &RoundState) -> bool {
    let newest_two = round.account.index + 2 >= lottery.account.next_round_index;
    let goes_on = lottery.account.retiring == 0 || round.account.is_last != 0;
    lottery.is_active() && newest_two && goes_on
}

/// How a locked round gets its value.
enum Value {
    /// These steps give it.
    Known(Vec<Step>),
    Capture,
    Void,
    Wait,
}

/// Each source of randomness has its own way to a value; without one, all are void after grace.
fn value(state: &ChainState, round: &RoundState, now: Now) -> Value {
    let own = match Source::from_byte(round.account.source) {
        Some(Source::CommitReveal) => commit_reveal(state, round, now),
        Some(Source::Beacon) => match state.proofs.get(&round.address) {
            Some(proof) if now.unix >= round.account.locks_at => {
                Value::Known(vec![Step::PostValue { beacon: beacon(round), proof: proof.clone() }])
            }
            _ => Value::Wait,
        },
        // The attestation that the quorum needs stores the value.
        Some(Source::Oracle) if round.is_split => Value::Void,
        Some(Source::Switchboard | Source::Oracle) | None => Value::Wait,
    };
    match own {
        Value::Capture | Value::Wait if grace_is_over(round, now) => Value::Void,
        own => own,
    }
}

fn commit_reveal(state: &ChainState, round: &RoundState, now: Now) -> Value {
    let account = &round.account;
    let reveal = state
        .reveals
        .get(&round.address)
        .map(|reveal| Step::PostValue { beacon: Pubkey::default(), proof: reveal.to_vec() });
    if account.captured_slot != 0 {
        return reveal.map_or(Value::Wait, |step| Value::Known(vec![step]));
    }
    if now.slot <= account.target_slot {
        return Value::Wait;
    }
    if needs_slot_hashes(round, now) {
        match state.oldest_slot_hash {
            // Something at or before the target is still known, so the first slot after it is.
            Some(oldest) if oldest <= account.target_slot => {}
            Some(_) => return Value::Void,
            None => return Value::Wait,
        }
    }
    reveal.map_or(Value::Capture, |step| Value::Known(vec![Step::Capture, step]))
}

fn grace_is_over(round: &RoundState, now: Now) -> bool {
    let account = &round.account;
    now.unix >= account.locks_at.max(account.event_at).saturating_add(account.grace_seconds as i64)
        && now.slot >= account.target_slot.saturating_add(account.grace_slots as u64)
}

/// Pages not sealed yet, by sequence.
fn seal(round: &RoundState, push: &mut impl FnMut(Step)) {
    let unsealed = round.account.pages_sealed..round.account.page_count;
    unsealed.for_each(|sequence| push(Step::SealPage { sequence }));
}

/// Settles a drawn round (or one that is drawn by the actions before), and splits the pool.
fn settle(lottery: &LotteryState, round: &RoundState, push: &mut impl FnMut(Step)) {
    if round.pages.len() != round.account.page_count as usize {
        return;
    }
    let units_per_entry = match round.raffle {
        Some(_) => RAFFLE_SETTLE_UNITS_PER_ENTRY,
        None if is_market(round) => MARKET_SETTLE_UNITS_PER_ENTRY,
        None => SETTLE_UNITS_PER_ENTRY,
    };
    for (sequence, page) in &round.pages {
        // Empty pages are settled by sealing them.
        if page.account.status == PageStatus::Settled as u8 || page.account.count == 0 {
            continue;
        }
        let mut left = page.account.count - page.account.settle_cursor;
        loop {
            let limit = left.min(SETTLE_UNITS / units_per_entry);
            // At least one settle a page: the last one marks it, even with nothing left.
            push(Step::Settle { sequence: *sequence, limit: limit.max(1), units_per_entry });
            left -= limit;
            if left == 0 {
                break;
            }
        }
    }
    if raffle::is_ranked(round, push) && in_order(lottery, round) {
        push(Step::Finalise);
    }
}

/// Rollover lotteries finalise by index.
fn in_order(lottery: &LotteryState, round: &RoundState) -> bool {
    lottery.account.rollover == 0 || round.account.index == lottery.account.next_final_index
}

/// A void round is counted in its order, and sealed so that it can refund.
fn end(lottery: &LotteryState, round: &RoundState, push: &mut impl FnMut(Step)) {
    seal(round, push);
    if round.account.finalised == 0 && in_order(lottery, round) {
        push(Step::Finalise);
    }
}

/// What is left after the claim period, and then the accounts. `credited`: items that the steps before credit.
fn close(state: &ChainState, round: &RoundState, now: Now, credited: u64, push: &mut impl FnMut(Step)) {
    let account = &round.account;
    if account.finalised == 0 || !round.all_sealed() {
        return;
    }
    if round.owed() != credited {
        if credited == 0 && now.unix >= account.claim_until && !raffle::has_open_places(round) {
            push(Step::ExpireRound);
        }
        return;
    }
    if !round.has_lingered(now, state.linger_seconds) {
        return;
    }
    let mut closed = account.pages_closed;
    for (sequence, page) in &round.pages {
        push(Step::ClosePage { sequence: *sequence, rent_payer: page.account.rent_payer.into() });
        closed += 1;
    }
    for ranking in &round.rankings {
        let (ranking, submitter) = (ranking.address, ranking.account.submitter.into());
        push(Step::CloseRanking { ranking, submitter });
    }
    if closed == account.page_count {
        push(Step::CloseRound { rent_payer: account.rent_payer.into() });
    }
}
