//! Rounds and pages, ahead of need.

use lottery_interface::{
    LotteryError, Source,
    accounts::{Lottery, Page},
    address,
    args::{MAX_GROWTH, MAX_TICKETS},
    bond::AtStake,
    kinds::{PageStatus, RoundStatus},
    paging::{self, NextPage, leaf_words, page_space},
};
use lottery_rules::{commit_reveal::MAX_DISTANCE, house::max_prize};

use super::{MAX_GROWTHS, action};
use crate::{
    action::{Action, Step},
    state::{ChainState, LotteryState, Now, PageState, RoundState},
};

/// The next round opens when the newest has this part of a period left, within bounds.
const LEAD_PART: i64 = 4;
const LEAD_SECONDS: std::ops::RangeInclusive<i64> = 5..=60;

/// Opens the next round with its first page when it will be needed soon.
pub fn plan(state: &ChainState, lottery: &LotteryState, now: Now, actions: &mut Vec<Action>) {
    let account = &lottery.account;
    if account.reward_step_lamports < state.min_reward_lamports
        || !may_open(state, lottery, now)
        || !is_needed(lottery, now)
    {
        return;
    }
    let index = account.next_round_index;
    let round = address::round(&lottery.address, index).0;
    let blocker = blocker(lottery);
    let step = |step| Action {
        lottery_id: account.id,
        lottery: lottery.address,
        config: account.config.into(),
        round,
        round_index: index,
        step,
    };
    if blocker == Some(LotteryError::ChainTooFar)
        && may_advance(account)
        && let Some(link) = state.links.get(&lottery.address)
    {
        actions.push(step(Step::AdvanceChain { reveal: link.reveal, distance: link.distance }));
    }
    if blocker.is_some() {
        return;
    }
    actions.push(step(Step::OpenRound));
    let capacity = account.page_entries.min(account.max_entries_per_round);
    // What follows the entries is in the round, which is not there yet: it may need one growth more, later.
    actions.extend(open_page_steps(0, capacity, 0).into_iter().map(step));
}

/// The chain's own conditions, but for money.
fn may_open(state: &ChainState, lottery: &LotteryState, now: Now) -> bool {
    let account = &lottery.account;
    let unfinalised = account.next_round_index.saturating_sub(account.next_final_index);
    let not_retired = match account.retiring {
        0 => true,
        // The last round waits for all before it.
        1 => unfinalised == 0 && account.jackpot_units > 0,
        _ => false,
    };
    !state.registry_paused && lottery.is_active() && not_retired && now.unix >= account.previous_locks_at
}

/// The newest round takes entries no more, or only for a while, or has no room. An empty one is re-timed instead.
fn is_needed(lottery: &LotteryState, now: Now) -> bool {
    let Some(newest) = lottery.newest() else { return true };
    if newest.status() != Some(RoundStatus::Open) {
        return true;
    }
    let period = lottery.account.period_seconds as i64;
    let lead = (period / LEAD_PART).clamp(*LEAD_SECONDS.start(), *LEAD_SECONDS.end()).min(period / 2);
    let left = newest.account.locks_at - now.unix;
    newest.has_entries() && (newest.is_locked(now) || left <= lead || is_sold_out(newest))
}

/// No page has room for a full purchase, or little of its budget left, and no further page can open.
fn is_sold_out(round: &RoundState) -> bool {
    let account = &round.account;
    let all_risked = account.max_liability_units > 0 && account.budget_units >= account.max_liability_units;
    let last_page = account.page_count >= account.max_pages
        || account.entries_allotted >= account.max_entries
        || all_risked;
    // A person of a list enters once.
    let is_listed = round.raffle.is_some_and(|raffle| raffle.leaf_count != 0);
    let purchase = if is_listed { 1 } else { MAX_TICKETS };
    let full = |page: &PageState| {
        let page = &page.account;
        let by_liability = page.budget_units > 0 && is_full_enough(page);
        ((page.capacity - page.count) as usize) < purchase || by_liability
    };
    last_page && round.pages.len() == account.page_count as usize && round.pages.values().all(full)
}

/// Why the chain would refuse the lottery's next round, as its own error.
pub fn blocker(lottery: &LotteryState) -> Option<LotteryError> {
    let account = &lottery.account;
    if worst_case_rewards(account).is_none_or(|reserve| account.crank_lamports < reserve) {
        return Some(LotteryError::CrankDepositTooLow);
    }
    if page_budget(account, account.max_liability_units, account.page_budget_units, 0).is_none() {
        return Some(LotteryError::BankrollTooLow);
    }
    let config = lottery.config.as_ref()?;
    if config.source != Source::CommitReveal as u8 {
        return None;
    }
    let position = account.chain_next;
    if position == 0 || position > account.chain_length {
        return Some(LotteryError::ChainExhausted);
    }
    if is_too_far(account) {
        return Some(LotteryError::ChainTooFar);
    }
    let at_stake = AtStake {
        kind: account.kind,
        stake_units: config.stake_units,
        max_entries: account.max_entries_per_round,
        compensation_cap_bps: config.compensation_cap_bps,
        max_liability_units: account.max_liability_units,
        jackpot_units: account.jackpot_units,
        unfinalised_pools_units: account.unfinalised_pools_units,
    };
    if at_stake.bond_units().is_none_or(|bond| account.bond_free_units < bond) {
        return Some(LotteryError::BondTooLow);
    }
    None
}

/// Too many rounds were void, and never revealed, for the next one to open; and all of them are counted, so that a later
/// link gives nothing away.
pub fn may_advance(lottery: &Lottery) -> bool {
    is_too_far(lottery) && lottery.next_final_index == lottery.next_round_index
}

/// Too many rounds were void, and never revealed, for the next one to open.
fn is_too_far(lottery: &Lottery) -> bool {
    lottery.chain_next.saturating_sub(lottery.chain_position) > MAX_DISTANCE as u64
}

/// What the next page of a round would reserve from the bankroll; 0 in games without one. `None`: the chain would refuse
/// it, because the round's liability is all allotted or the free bankroll is too small.
fn page_budget(lottery: &Lottery, max_liability: u64, page_budget: u64, reserved: u64) -> Option<u64> {
    if max_liability == 0 {
        return Some(0);
    }
    let budget = page_budget.min(max_liability.saturating_sub(reserved));
    let fits_one = budget > 0 && max_prize(budget) >= lottery.min_stake_units;
    (fits_one && budget <= lottery.bankroll_free_units).then_some(budget)
}

/// What `open_round` reserves, by the same formula as the program.
pub fn worst_case_rewards(lottery: &Lottery) -> Option<u64> {
    lottery_interface::rewards::worst_case_lamports(
        lottery.kind,
        lottery.max_pages,
        lottery.max_entries_per_round,
        lottery.reward_step_lamports,
        lottery.reward_item_lamports,
    )
}

/// The first page at once, the next one when the last is at least 75 % full; and growing ones grow.
pub fn pages(lottery: &LotteryState, round: &RoundState, actions: &mut Vec<Action>) {
    let account = &round.account;
    for page in round.pages.values().filter(|page| page.account.status == PageStatus::Growing as u8) {
        let missing = page_space(page.account.capacity, page.account.tail_words).saturating_sub(page.space);
        let growths = missing.div_ceil(MAX_GROWTH) as u32;
        actions.extend(grow_steps(page.account.sequence, growths).map(|step| action(lottery, round, step)));
    }
    let capacity = account.page_entries.min(account.max_entries.saturating_sub(account.entries_allotted));
    let budget = page_budget(
        &lottery.account,
        account.max_liability_units,
        account.page_budget_units,
        account.budget_units,
    );
    if account.page_count >= account.max_pages || capacity == 0 || budget.is_none() {
        return;
    }
    let sequence = account.page_count;
    let is_next = match sequence.checked_sub(1).map(|last| round.pages.get(&last)) {
        None => true,
        Some(last) => last.is_some_and(|last| match next_page(round) {
            NextPage::AtOnce => true,
            NextPage::Full => last.account.count == last.account.capacity,
            NextPage::MostlyFull => {
                last.account.status == PageStatus::Open as u8 && is_full_enough(&last.account)
            }
        }),
    };
    if is_next {
        let steps = open_page_steps(sequence, capacity, tail_words(round, capacity));
        actions.extend(steps.into_iter().map(|step| action(lottery, round, step)));
    }
}

/// When the round may open its next page.
fn next_page(round: &RoundState) -> NextPage {
    round.raffle.map_or(NextPage::MostlyFull, |raffle| paging::next_page(raffle.leaf_count, raffle.mode))
}

/// Words that follow the entries of a new page: a market's outcomes, the leaves of a list.
fn tail_words(round: &RoundState, capacity: u32) -> u16 {
    match round.raffle {
        Some(raffle) if raffle.leaf_count != 0 => leaf_words(capacity),
        _ => round.account.outcome_count as u16,
    }
}

fn is_full_enough(page: &Page) -> bool {
    paging::is_full_enough(page.count, page.capacity, page.liability_units, page.budget_units)
}

/// Opening a page of `capacity` entries, and all its growth.
fn open_page_steps(sequence: u32, capacity: u32, tail_words: u16) -> Vec<Step> {
    let growths = page_space(capacity, tail_words).div_ceil(MAX_GROWTH) as u32 - 1;
    let first = growths.min(MAX_GROWTHS);
    let mut steps = vec![Step::OpenPage { sequence, growths: first }];
    steps.extend(grow_steps(sequence, growths - first));
    steps
}

fn grow_steps(sequence: u32, growths: u32) -> impl Iterator<Item = Step> {
    let transactions = growths.div_ceil(MAX_GROWTHS);
    (0..transactions).map(move |i| {
        let growths = (growths - i * MAX_GROWTHS).min(MAX_GROWTHS);
        Step::GrowPage { sequence, growths }
    })
}
