//! What must hold of raffles: leaves are used once, ranks are in order, and the round holds exactly what it owes.

use lottery_interface::{
    accounts::{
        self, AccountLayout, FLAG_PAID, Page, RaffleState, RankedEntry, Ranking, Round, raffle_state,
        ranked_entries, ranking_counts,
    },
    kinds::{Kind, PlaceStatus, RankingStatus, RoundStatus},
};
use lottery_rules::raffle::Standing;
use solana_account::ReadableAccount;
use solana_pubkey::Pubkey;

use super::MOST_READ;
use crate::Chain;

/// What a page's count is once the page is counted.
const COUNTED: u32 = u32::MAX;

fn standing(ranked: &RankedEntry) -> Standing {
    Standing { key: ranked.key, page: ranked.page, index: ranked.index }
}

/// Winners that a page's entries show: prizes, or places taken. And each leaf that was used has its bit, and no other.
#[track_caller]
pub fn winners_of_page(key: Pubkey, round: &Round, page: &Page, data: &[u8]) -> u32 {
    let (mut won, mut leaves) = (0, vec![0u64; page.tail_words as usize]);
    for entry in accounts::entries(data, page.count) {
        won += if round.places != 0 { entry.flags & FLAG_PAID != 0 } else { entry.tier > 0 } as u32;
        if page.tail_words > 0 {
            let leaf = entry.picks[0] as u32;
            assert_eq!(leaf / round.page_entries, page.sequence, "page {key}: leaf {leaf} is elsewhere");
            let bit = leaf % round.page_entries;
            leaves[(bit / 64) as usize] |= 1 << (bit % 64);
        }
    }
    if page.tail_words > 0 && page.count > 0 {
        assert!(accounts::page_pools(data).eq(leaves.iter().copied()), "page {key}: bits of leaves");
        let used: u32 = leaves.iter().map(|word| word.count_ones()).sum();
        assert_eq!(used, page.count, "page {key}: a leaf entered twice");
    }
    won
}

/// A ranking holds its deposit, counted what it says, and is in order as far as it is sorted.
#[track_caller]
pub fn ranking_agrees(chain: &Chain, key: Pubkey, ranking: &Ranking, data: &[u8], above_rent: u64) {
    if ranking.status == RankingStatus::Growing as u8 {
        return;
    }
    assert!(above_rent >= ranking.deposit_lamports, "ranking {key}: its deposit is not there");
    assert!(ranking.found <= ranking.slots + 1, "ranking {key}: found > slots + 1");
    let counted = ranking_counts(data).filter(|count| *count == COUNTED).count();
    assert_eq!(counted as u32, ranking.pages_counted, "ranking {key}: pages counted");
    let ranked: Vec<RankedEntry> = ranked_entries(data).collect();
    let sorted = &ranked[..ranking.sorted as usize];
    assert!(sorted.is_sorted_by(|a, b| standing(a) < standing(b)), "ranking {key}: order");
    let Some(round) = chain.raw(Pubkey::new_from_array(ranking.round)) else { return };
    let Some(state) = raffle_state(round.data()) else { return };
    if state.ranking == key.to_bytes() {
        assert_eq!(ranking.status, RankingStatus::Accepted as u8, "ranking {key}: status");
        assert_eq!(state.is_ranked, (ranking.sorted == ranking.slots) as u8, "ranking {key}: sorted");
        places_agree(key, &state, &ranked);
    }
}

/// The round's counts are those of the ranks.
#[track_caller]
fn places_agree(key: Pubkey, state: &RaffleState, ranked: &[RankedEntry]) {
    if state.prize_count != 0 || state.confirm_seconds == 0 {
        return;
    }
    let count = |status: PlaceStatus| ranked.iter().filter(|r| r.status == status as u8).count() as u32;
    let offered_later = ranked
        .iter()
        .skip(state.capacity as usize)
        .filter(|ranked| ![PlaceStatus::Initial as u8, PlaceStatus::Released as u8].contains(&ranked.status));
    let seen = (count(PlaceStatus::Taken), count(PlaceStatus::Lapsed), offered_later.count() as u32);
    assert_eq!(seen, (state.taken, state.lapsed, state.promoted), "ranking {key}: places");
    assert!(state.taken <= state.capacity, "ranking {key}: more places than there are");
}

/// A final raffle for places holds the fees of all whose fate is open, and what is owed to the others; nothing else.
#[track_caller]
pub fn round_agrees(chain: &Chain, key: Pubkey, round: &Round, data: &[u8]) {
    let Some(state) = raffle_state(data) else { return };
    let is_final = round.kind == Kind::Raffle as u8 && round.status == RoundStatus::Final as u8;
    if !is_final || round.places == 0 || round.expired != 0 || round.pages_closed != 0 {
        return;
    }
    let last =
        Standing { key: state.threshold_key, page: state.threshold_page, index: state.threshold_index };
    let mut owed = 0;
    for sequence in 0..round.page_count {
        let page = lottery_interface::address::page(&key, sequence).0;
        let data = chain.data(page);
        let page = Page::read(data).expect("a page");
        if page.capacity > MOST_READ {
            return;
        }
        for (entry, index) in accounts::entries(data, page.count).zip(0..) {
            let at = Standing { key: entry.picks[1], page: sequence, index };
            owed += match entry.tier {
                _ if entry.flags != 0 => 0,
                _ if state.confirm_seconds == 0 && at <= last => 0,
                2 => entry.stake_units - entry.stake_units * state.penalty_bps as u64 / 10_000,
                _ => entry.stake_units,
            };
        }
    }
    assert_eq!(round.cash_units, owed, "round {}: what a raffle owes", round.index);
}
