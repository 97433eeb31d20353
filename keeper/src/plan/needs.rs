//! What must be fetched before planning, and what can be left alone.

use lottery_interface::{Source, accounts::NO_ADDRESS, kinds::RoundStatus};

use lottery_rules::beacon::Schedule;

use crate::state::{Now, PageState, RoundState, SLOT_HASHES};

/// Page headers: while the round lives, and again when it can be closed.
pub fn needs_pages(round: &RoundState, now: Now, linger_seconds: i64) -> bool {
    let ended = round.account.finalised != 0 && round.owes_nothing();
    round.account.pages_closed < round.account.page_count
        && (!ended || round.has_lingered(now, linger_seconds))
}

/// Entries: of pages that owe prizes or refunds, or whose order is looked for.
pub fn needs_entries(round: &RoundState, page: &PageState) -> bool {
    if needs_ranking(round) {
        return page.account.count > 0;
    }
    let ended = matches!(round.status(), Some(RoundStatus::Final | RoundStatus::Void));
    let owes = match round.has_places() {
        true => round.owed() > 0 && page.account.count > page.account.refunded + page.account.paid,
        false => page.owed(round.refunds()) > 0,
    };
    ended && round.account.expired == 0 && owes
}

/// A raffle that is settled and has no accepted ranking: its order is looked for.
fn needs_ranking(round: &RoundState) -> bool {
    round.status() == Some(RoundStatus::Drawn)
        && round.all_settled()
        && round.account.entries > 0
        && round.raffle.is_some_and(|raffle| raffle.ranking == NO_ADDRESS)
}

/// Rankings of a raffle, from when it is settled until it is closed.
pub fn needs_rankings(round: &RoundState) -> bool {
    let status = round.status();
    let is_settled = status == Some(RoundStatus::Drawn) && round.all_settled();
    round.raffle.is_some() && (is_settled || status == Some(RoundStatus::Final))
}

/// Waits for a random value of the operator's hash chain.
fn waits_for_reveal(round: &RoundState, now: Now) -> bool {
    round.account.source == Source::CommitReveal as u8
        && round.status() == Some(RoundStatus::Open)
        && round.is_locked(now)
}

/// The reveal of the round, if this keeper has it.
pub fn needs_reveal(round: &RoundState, now: Now) -> bool {
    waits_for_reveal(round, now) && now.slot > round.account.target_slot
}

/// The oldest known slot hash: when the wanted one may be forgotten.
pub fn needs_slot_hashes(round: &RoundState, now: Now) -> bool {
    waits_for_reveal(round, now)
        && round.account.captured_slot == 0
        && now.slot.saturating_sub(round.account.target_slot) > SLOT_HASHES
}

/// The beacon's proof: of a round without a value, from when its signature is public by either clock. `wall_unix`: this
/// machine's clock, which may be ahead of a chain whose own clock lags.
pub fn needs_proof(round: &RoundState, schedule: Schedule, now: Now, wall_unix: i64) -> bool {
    let account = &round.account;
    account.source == Source::Beacon as u8
        && round.status() == Some(RoundStatus::Open)
        && schedule.signed_at(account.beacon_round).is_some_and(|at| at <= now.unix.max(wall_unix))
}
