//! Raffles: the order, and who has a place by it.

mod order;
mod places;

use bytemuck::Zeroable;
use lottery_interface::{
    accounts::{Entry, RaffleState, RankedEntry, Ranking, ranking_space},
    kinds::{Kind, PageStatus, RankingStatus, RoundStatus},
};
use lottery_keeper::{Now, RankingState, RoundState};
use lottery_rules::raffle::{Standing, ranked};
use solana_pubkey::Pubkey;

use crate::support::*;

/// What the program notes for a page that is counted.
const COUNTED: u32 = u32::MAX;
/// An attempt by somebody else.
const OTHER: Pubkey = Pubkey::new_from_array([31; 32]);
const SUBMITTER: Pubkey = Pubkey::new_from_array([32; 32]);
const CONFIRM_SECONDS: u32 = 100;

fn later() -> Now {
    after_target()
}

/// Drawn and settled, with these keys on each page.
fn drawn(keys: &[Vec<u64>], capacity: u32, waiting: u32) -> RoundState {
    let mut round = round();
    for (page, keys) in keys.iter().enumerate() {
        round = with_page(round, keys.len() as u32, PageStatus::Settled);
        let entry = |key: &u64| Entry { picks: [0, *key], ..Entry::zeroed() };
        round.pages.get_mut(&(page as u32)).expect("just added").entries =
            Some(keys.iter().map(entry).collect());
    }
    round.account.status = RoundStatus::Drawn as u8;
    round.account.kind = Kind::Raffle as u8;
    round.account.places = 1;
    let ranked = ranked(round.account.entries, capacity, waiting) as u32;
    let confirm_seconds = CONFIRM_SECONDS;
    round.raffle = Some(RaffleState { capacity, waiting, ranked, confirm_seconds, ..RaffleState::zeroed() });
    round
}

/// Every entry of the round where it stands, the first in order first.
fn order(round: &RoundState) -> Vec<Standing> {
    let mut all = Vec::new();
    for (page, state) in &round.pages {
        let entries = state.entries.iter().flatten().enumerate();
        let standing = |(index, entry): (usize, &Entry)| Standing {
            key: entry.picks[1],
            page: *page,
            index: index as u32,
        };
        all.extend(entries.map(standing));
    }
    all.sort();
    all
}

fn place(standing: Standing) -> RankedEntry {
    let Standing { key, page, index } = standing;
    RankedEntry { key, page, index, ..RankedEntry::zeroed() }
}

fn standing(entry: &RankedEntry) -> Standing {
    Standing { key: entry.key, page: entry.page, index: entry.index }
}

/// An attempt that counted nothing yet.
fn attempt(round: &RoundState, threshold: Standing) -> RankingState {
    let slots = round.raffle.expect("a raffle").ranked;
    let page_count = round.account.page_count;
    let account = Ranking {
        round: round.address.to_bytes(),
        submitter: SUBMITTER.to_bytes(),
        threshold_key: threshold.key,
        threshold_page: threshold.page,
        threshold_index: threshold.index,
        slots,
        page_count,
        status: RankingStatus::Counting as u8,
        ..Ranking::zeroed()
    };
    let counts = vec![0; page_count as usize];
    let space = ranking_space(page_count, slots);
    RankingState { address: OTHER, account, space, counts, ranked: Vec::new() }
}

/// The same, with all pages counted, last page first.
fn counted(round: &RoundState, threshold: Standing) -> RankingState {
    let mut ranking = attempt(round, threshold);
    ranking.counts.fill(COUNTED);
    ranking.account.pages_counted = ranking.account.page_count;
    let mut found = order(round);
    found.retain(|standing| *standing <= threshold);
    found.sort_by_key(|standing| (std::cmp::Reverse(standing.page), standing.index));
    ranking.account.found = found.len().min(ranking.account.slots as usize + 1) as u32;
    found.truncate(ranking.account.slots as usize);
    ranking.ranked = found.into_iter().map(place).collect();
    ranking
}

/// The same, accepted.
fn accepted(mut round: RoundState) -> RoundState {
    let last = round.raffle.expect("a raffle").ranked as usize - 1;
    let mut ranking = counted(&round, order(&round)[last]);
    ranking.account.status = RankingStatus::Accepted as u8;
    round.rankings.push(ranking);
    round.raffle.as_mut().expect("a raffle").ranking = OTHER.to_bytes();
    round
}

/// The same, sorted.
fn sorted(round: RoundState) -> RoundState {
    let mut round = accepted(round);
    let ranking = &mut round.rankings[0];
    ranking.ranked.sort_by_key(standing);
    ranking.account.sorted = ranking.account.slots;
    let last = standing(ranking.ranked.last().expect("somebody has a rank"));
    let raffle = round.raffle.as_mut().expect("a raffle");
    (raffle.threshold_key, raffle.threshold_page, raffle.threshold_index) = (last.key, last.page, last.index);
    raffle.is_ranked = 1;
    round
}
