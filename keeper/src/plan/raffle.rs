//! The order of a raffle, its places and its waiting list.

use std::collections::{BTreeMap, HashMap};

use lottery_interface::{
    accounts::{NO_ADDRESS, RaffleState, RankedEntry, ranking_space},
    args::MAX_GROWTH,
    kinds::{PlaceStatus, RankingStatus, RoundStatus},
};
use lottery_rules::raffle::{Places, Standing};
use solana_pubkey::Pubkey;

use super::MAX_GROWTHS;
use crate::{
    action::Step,
    state::{Now, RankingState, RoundState},
};

/// Entries counted by one instruction: 20,000 at 60 compute units are 1.2 of the 1.4 million that fit.
pub const COUNT_LIMIT: u32 = 20_000;
/// Ranks in one instruction: two bytes each.
pub const RANKS: usize = 420;
/// What a page's count is once the page is counted.
const COUNTED: u32 = u32::MAX;

/// Plans what is missing of the order. Whether the round can be finalised after that.
pub fn is_ranked(round: &RoundState, push: &mut impl FnMut(Step)) -> bool {
    let Some(raffle) = round.raffle else { return true };
    // Nobody entered, or nothing is missing.
    if raffle.is_ranked != 0 || (round.all_sealed() && round.account.entries == 0) {
        return true;
    }
    // Entries are read again once they have their keys.
    if round.status() != Some(RoundStatus::Drawn) || !round.all_settled() {
        return false;
    }
    if raffle.ranking != NO_ADDRESS {
        let Some(ranking) = round.ranking() else { return false };
        sort(Some(ranking.address), &ranking.ranked, ranking.account.sorted, push);
        return true;
    }
    let Some(mut all) = standings(round) else { return false };
    all.sort_unstable();
    let Some(threshold) = (raffle.ranked as usize).checked_sub(1).and_then(|last| all.get(last).copied())
    else {
        return false;
    };
    let right = |ranking: &&RankingState| {
        let claimed = all.partition_point(|standing| *standing <= ranking.threshold());
        claimed == raffle.ranked as usize && !ranking.is_wrong()
    };
    match round.rankings.iter().find(right) {
        Some(ranking) => go_on(ranking, round, push),
        None => attempt(threshold, &raffle, round, push),
    }
}

/// Where every entry stands, once all are known.
fn standings(round: &RoundState) -> Option<Vec<Standing>> {
    let mut all = Vec::new();
    for sequence in 0..round.account.page_count {
        let page = round.pages.get(&sequence)?;
        if page.account.count == 0 {
            continue;
        }
        let entries = page.entries.as_ref()?.iter().enumerate();
        all.extend(entries.map(|(index, entry)| Standing {
            key: entry.picks[1],
            page: sequence,
            index: index as u32,
        }));
    }
    Some(all)
}

/// A new attempt. Everything that follows is known: pages are counted in order.
fn attempt(
    threshold: Standing,
    raffle: &RaffleState,
    round: &RoundState,
    push: &mut impl FnMut(Step),
) -> bool {
    let page_count = round.account.page_count;
    let growths = ranking_space(page_count, raffle.ranked).div_ceil(MAX_GROWTH) as u32 - 1;
    let first = growths.min(MAX_GROWTHS);
    push(Step::OpenRanking { threshold, growths: first });
    grow(None, growths - first, push);
    count(None, &vec![0; page_count as usize], round, push);
    push(Step::AcceptRanking { ranking: None });
    let Some(mut found) = standings(round) else { return false };
    found.retain(|standing| *standing <= threshold);
    let found: Vec<RankedEntry> = found.into_iter().map(initial).collect();
    sort(None, &found, 0, push);
    true
}

fn initial(standing: Standing) -> RankedEntry {
    let Standing { key, page, index } = standing;
    RankedEntry { key, page, index, offered_until: 0, status: 0, reserved: [0; 7] }
}

/// An attempt that is right, whoever made it.
fn go_on(ranking: &RankingState, round: &RoundState, push: &mut impl FnMut(Step)) -> bool {
    let account = &ranking.account;
    let address = Some(ranking.address);
    if account.status == RankingStatus::Growing as u8 {
        let missing = ranking_space(account.page_count, account.slots).saturating_sub(ranking.space);
        grow(address, missing.div_ceil(MAX_GROWTH) as u32, push);
    }
    count(address, &ranking.counts, round, push);
    push(Step::AcceptRanking { ranking: Some((ranking.address, account.submitter.into())) });
    let is_counted = account.pages_counted == account.page_count;
    if is_counted {
        sort(address, &ranking.ranked, account.sorted, push);
    }
    is_counted
}

fn grow(ranking: Option<Pubkey>, growths: u32, push: &mut impl FnMut(Step)) {
    let mut left = growths;
    while left > 0 {
        let growths = left.min(MAX_GROWTHS);
        push(Step::GrowRanking { ranking, growths });
        left -= growths;
    }
}

/// `counts`: entries counted on each page so far.
fn count(ranking: Option<Pubkey>, counts: &[u32], round: &RoundState, push: &mut impl FnMut(Step)) {
    for (sequence, counted) in counts.iter().enumerate().filter(|(_, counted)| **counted != COUNTED) {
        let sequence = sequence as u32;
        let all = round.pages.get(&sequence).map_or(0, |page| page.account.count);
        let mut left = all.saturating_sub(*counted);
        loop {
            let limit = left.min(COUNT_LIMIT);
            // At least one for each page: the last one marks it, even with nothing left.
            push(Step::CountRanking { ranking, sequence, limit: limit.max(1) });
            left -= limit;
            if left == 0 {
                break;
            }
        }
    }
}

/// Names, for each rank not sorted yet, the place of its entry at that moment: each is swapped into its rank.
fn sort(ranking: Option<Pubkey>, found: &[RankedEntry], sorted: u32, push: &mut impl FnMut(Step)) {
    let standing = |entry: &RankedEntry| Standing { key: entry.key, page: entry.page, index: entry.index };
    let mut now: Vec<Standing> = found.iter().map(standing).collect();
    let mut order = now.clone();
    order[sorted as usize..].sort_unstable();
    let mut place_of: HashMap<Standing, usize> =
        now.iter().enumerate().map(|(place, standing)| (*standing, place)).collect();
    let mut places = Vec::with_capacity(order.len());
    for rank in sorted as usize..order.len() {
        let place = place_of[&order[rank]];
        places.push(place as u16);
        now.swap(rank, place);
        place_of.insert(now[place], place);
    }
    for places in places.chunks(RANKS) {
        push(Step::SortRanking { ranking, places: places.to_vec() });
    }
}

/// Attempts that were counted and are wrong.
pub fn close_wrong(round: &RoundState, push: &mut impl FnMut(Step)) {
    for ranking in round.rankings.iter().filter(|ranking| ranking.is_wrong()) {
        let (ranking, submitter) = (ranking.address, ranking.account.submitter.into());
        push(Step::CloseRanking { ranking, submitter });
    }
}

fn places_of(raffle: &RaffleState) -> Places {
    Places {
        ranked: raffle.ranked,
        capacity: raffle.capacity,
        taken: raffle.taken,
        lapsed: raffle.lapsed,
        promoted: raffle.promoted,
    }
}

/// A place may still be taken, or fall free.
pub fn has_open_places(round: &RoundState) -> bool {
    round.has_places() && round.raffle.is_some_and(|raffle| !places_of(&raffle).are_settled())
}

/// Prizes by rank; offers that lapsed, and the next in the waiting list; those who waited in vain. Whether there was anything to do.
pub fn places(round: &RoundState, now: Now, push: &mut impl FnMut(Step)) -> bool {
    let (Some(raffle), Some(ranking)) = (round.raffle, round.ranking()) else { return false };
    if round.status() != Some(RoundStatus::Final) || round.account.expired != 0 {
        return false;
    }
    let mut steps = Vec::new();
    if raffle.prize_count != 0 {
        let is_new = |entry: &RankedEntry| entry.status == PlaceStatus::Initial as u8;
        resolve(ranking, &ranks(ranking, |_, entry| is_new(entry)), &mut steps);
    } else if raffle.confirm_seconds != 0 {
        offers(round, &raffle, ranking, now, &mut steps);
    }
    let is_any = !steps.is_empty();
    steps.into_iter().for_each(push);
    is_any
}

/// Ranks whose entries are so.
fn ranks(ranking: &RankingState, is: impl Fn(u32, &RankedEntry) -> bool) -> Vec<u32> {
    let all = (0..).zip(&ranking.ranked);
    all.filter(|(rank, entry)| is(*rank, entry)).map(|(rank, _)| rank).collect()
}

/// Offers lapse, the next are promoted, and when that is over the others have waited in vain.
fn offers(round: &RoundState, raffle: &RaffleState, ranking: &RankingState, now: Now, steps: &mut Vec<Step>) {
    let mut places = places_of(raffle);
    let at_first = places.offered_at_first();
    let until = |rank: u32, entry: &RankedEntry| match PlaceStatus::from_byte(entry.status) {
        Some(PlaceStatus::Promoted) => Some(entry.offered_until),
        Some(PlaceStatus::Initial) if rank < at_first => {
            Some(round.account.final_at.saturating_add(raffle.confirm_seconds as i64))
        }
        _ => None,
    };
    let late = ranks(ranking, |rank, entry| until(rank, entry).is_some_and(|until| now.unix >= until));
    resolve(ranking, &late, steps);
    places.lapsed += late.len() as u32;
    while let Some(rank) = places.next_promoted() {
        steps.push(Step::PromotePlace { ranking: ranking.address, rank });
        places.promoted += 1;
    }
    if places.are_settled() {
        let waits =
            |rank: u32, entry: &RankedEntry| rank >= at_first && entry.status == PlaceStatus::Initial as u8;
        resolve(ranking, &ranks(ranking, waits), steps);
    }
}

/// By page, as many ranks at once as fit.
fn resolve(ranking: &RankingState, ranks: &[u32], steps: &mut Vec<Step>) {
    let mut by_page: BTreeMap<u32, Vec<u16>> = BTreeMap::new();
    for rank in ranks {
        by_page.entry(ranking.ranked[*rank as usize].page).or_default().push(*rank as u16);
    }
    for (sequence, ranks) in by_page {
        for ranks in ranks.chunks(RANKS) {
            let ranks = ranks.to_vec();
            steps.push(Step::ResolvePlaces { ranking: ranking.address, sequence, ranks });
        }
    }
}
