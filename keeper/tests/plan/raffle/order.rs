//! From settled to ranked.

use lottery_client::{
    send::MAX_COMPUTE_UNITS,
    unsigned::{PACKET_BYTES, transaction_len},
};
use lottery_interface::{
    accounts::{RankedEntry, ranking_space},
    args::MAX_GROWTH,
    kinds::{PageStatus, RankingStatus, RoundStatus},
};
use lottery_keeper::{
    RoundState, Step,
    pack::{Job, pack},
    plan,
    plan::{
        COUNT_LIMIT, MAX_GROWTHS, RAFFLE_SETTLE_UNITS_PER_ENTRY, RANKS, SETTLE_UNITS, needs_entries,
        needs_rankings,
    },
};
use lottery_rules::raffle::Standing;
use solana_pubkey::Pubkey;

use super::*;

const CRANKER: Pubkey = Pubkey::new_from_array([55; 32]);
const CLOSE: Step = Step::CloseRanking { ranking: OTHER, submitter: SUBMITTER };

/// Four of six have a rank: those with 10, 20, 30 and 40, the last at index 2 of page 0.
fn six() -> RoundState {
    drawn(&[vec![50, 10, 40], vec![20, 60, 30]], 2, 2)
}

fn last_of_six() -> Standing {
    Standing { key: 40, page: 0, index: 2 }
}

fn count(ranking: Option<Pubkey>, sequence: u32, limit: u32) -> Step {
    Step::CountRanking { ranking, sequence, limit }
}

fn accept_other() -> Step {
    Step::AcceptRanking { ranking: Some((OTHER, SUBMITTER)) }
}

fn own_attempt() -> Vec<Step> {
    vec![
        Step::OpenRanking { threshold: last_of_six(), growths: 0 },
        count(None, 0, 3),
        count(None, 1, 3),
        Step::AcceptRanking { ranking: None },
        Step::SortRanking { ranking: None, places: vec![0, 2, 3, 3] },
        Step::Finalise,
    ]
}

/// Swaps as the program does, which refuses what is not after the rank before it.
fn swap(found: &mut [RankedEntry], from: usize, steps: &[Step]) {
    let mut rank = from;
    for step in steps {
        let Step::SortRanking { places, .. } = step else { continue };
        for place in places {
            assert!(rank <= *place as usize);
            found.swap(rank, *place as usize);
            assert!(rank == 0 || standing(&found[rank - 1]) < standing(&found[rank]), "rank {rank}");
            rank += 1;
        }
    }
    assert_eq!(rank, found.len());
}

#[test]
fn entries_are_settled_first_within_the_budget_of_a_logarithm() {
    let most = SETTLE_UNITS / RAFFLE_SETTLE_UNITS_PER_ENTRY;
    let mut round = six();
    round.account.pages_settled = 1;
    let page = &mut round.pages.get_mut(&1).expect("two pages").account;
    (page.status, page.count, page.settle_cursor) = (PageStatus::Sealed as u8, most + 9, 2);
    let units_per_entry = RAFFLE_SETTLE_UNITS_PER_ENTRY;
    let settle = |limit| Step::Settle { sequence: 1, limit, units_per_entry };
    // Keys are read again before an order is claimed.
    assert!(!needs_rankings(&round) && !needs_entries(&round, &round.pages[&0]));
    assert_eq!(steps(&of(round), later()), [settle(most), settle(7)]);
}

#[test]
fn an_attempt_is_planned_whole() {
    let round = six();
    assert!(needs_rankings(&round) && round.pages.values().all(|page| needs_entries(&round, page)));
    assert_eq!(steps(&of(round), later()), own_attempt());
}

#[test]
fn nothing_is_claimed_while_a_page_is_not_read() {
    let mut unread = six();
    unread.pages.get_mut(&1).expect("two pages").entries = None;
    assert_eq!(steps(&of(unread), later()), []);
    let mut unknown = six();
    unknown.pages.remove(&1);
    assert_eq!(steps(&of(unknown), later()), []);
}

#[test]
fn everybody_has_a_rank_when_few_entered_and_ties_go_to_the_earlier_page_and_entry() {
    let round = drawn(&[vec![7, 7], vec![], vec![7]], 5, 1);
    assert!(!needs_entries(&round, &round.pages[&1]), "an empty page");
    let planned = [
        Step::OpenRanking { threshold: Standing { key: 7, page: 2, index: 0 }, growths: 0 },
        count(None, 0, 2),
        // One that counts nothing marks the page.
        count(None, 1, 1),
        count(None, 2, 1),
        Step::AcceptRanking { ranking: None },
        Step::SortRanking { ranking: None, places: vec![0, 1, 2] },
        Step::Finalise,
    ];
    assert_eq!(steps(&of(round), later()), planned);
}

#[test]
fn a_raffle_that_nobody_entered_needs_no_order() {
    let empty = drawn(&[vec![], vec![]], 2, 2);
    assert_eq!(steps(&of(empty), later()), [Step::Finalise]);
}

#[test]
fn somebody_elses_right_attempt_is_gone_on_with() {
    let mut round = six();
    round.rankings.push(attempt(&round, last_of_six()));
    let planned = [count(Some(OTHER), 0, 3), count(Some(OTHER), 1, 3), accept_other()];
    assert_eq!(steps(&of(round.clone()), later()), planned);

    // A threshold need not be an entry's place: any between the last rank and the one after it counts the same.
    let between = Standing { key: 49, page: u32::MAX, index: 5 };
    round.rankings[0] = attempt(&round, between);
    assert_eq!(steps(&of(round.clone()), later()), planned);

    // Counted in another order than one's own: what was found is sorted as it lies there.
    round.rankings[0] = counted(&round, between);
    let planned = steps(&of(round.clone()), later());
    let mut found = round.rankings[0].ranked.clone();
    assert_eq!(found.iter().map(|entry| entry.key).collect::<Vec<_>>(), [20, 30, 10, 40]);
    swap(&mut found, 0, &planned);
    assert_eq!(planned[0], accept_other());
    assert_eq!(planned[2], Step::Finalise);
    assert!(matches!(&planned[1], Step::SortRanking { ranking: Some(OTHER), .. }));
}

#[test]
fn counts_are_resumed() {
    let mut round = six();
    let mut ranking = attempt(&round, last_of_six());
    (ranking.counts[0], ranking.counts[1]) = (COUNTED, 1);
    ranking.account.pages_counted = 1;
    round.rankings.push(ranking);
    assert_eq!(steps(&of(round.clone()), later()), [count(Some(OTHER), 1, 2), accept_other()]);
    // Every entry was counted, but the page was not marked: one more counts nothing and marks it.
    round.rankings[0].counts[1] = 3;
    assert_eq!(steps(&of(round), later()), [count(Some(OTHER), 1, 1), accept_other()]);
}

#[test]
fn an_account_that_is_not_grown_is_grown_first() {
    let keys: Vec<u64> = (0..2_000).collect();
    let mut round = drawn(&[keys], 1_000, 500);
    let threshold = order(&round)[1_499];
    let mut ranking = attempt(&round, threshold);
    ranking.account.status = RankingStatus::Growing as u8;
    ranking.space = 2 * MAX_GROWTH;
    let full = ranking_space(1, 1_500);
    let growths = (full - 2 * MAX_GROWTH).div_ceil(MAX_GROWTH) as u32;
    assert_eq!(growths, 3);
    round.rankings.push(ranking);
    let grow = Step::GrowRanking { ranking: Some(OTHER), growths };
    assert_eq!(steps(&of(round), later()), [grow, count(Some(OTHER), 0, 2_000), accept_other()]);
}

#[test]
fn wrong_attempts_are_in_nobodys_way_and_closed_once_they_counted() {
    let low = Standing { key: 39, page: 0, index: 0 };
    let high = Standing { key: 50, page: 0, index: 0 };
    for threshold in [low, high, Standing::default(), Standing { key: u64::MAX, ..high }] {
        let mut round = six();
        round.rankings.push(attempt(&round, threshold));
        assert_eq!(steps(&of(round.clone()), later()), own_attempt(), "{threshold:?}: it did not count yet");
        round.rankings[0] = counted(&round, threshold);
        assert!(round.rankings[0].is_wrong());
        let mut planned = own_attempt();
        planned.push(CLOSE);
        assert_eq!(steps(&of(round.clone()), later()), planned, "{threshold:?}");

        // The right one among them is found.
        let mut right = attempt(&round, last_of_six());
        right.address = Pubkey::new_from_array([41; 32]);
        round.rankings.push(right);
        let planned = steps(&of(round), later());
        assert_eq!(planned[0], count(Some(Pubkey::new_from_array([41; 32])), 0, 3));
        assert_eq!(planned.last(), Some(&CLOSE));
        assert!(!planned.iter().any(|step| matches!(step, Step::OpenRanking { .. })));
    }
    // One that found too many is wrong before its last page.
    let mut round = six();
    let mut ranking = attempt(&round, high);
    (ranking.counts[0], ranking.account.pages_counted, ranking.account.found) = (COUNTED, 1, 5);
    round.rankings.push(ranking);
    assert_eq!(steps(&of(round), later()).last(), Some(&CLOSE));
}

#[test]
fn an_accepted_order_is_sorted_from_where_it_stands() {
    let round = accepted(six());
    assert!(round.pages.values().all(|page| !needs_entries(&round, page)), "the ranking has all");
    let planned = steps(&of(round.clone()), later());
    assert_eq!(planned.len(), 2);
    swap(&mut round.rankings[0].ranked.clone(), 0, &planned);
    assert_eq!(planned[1], Step::Finalise);

    let mut midway = round;
    let ranking = &mut midway.rankings[0];
    let first = ranking.ranked.iter().position(|entry| entry.key == 10).expect("it has a rank");
    ranking.ranked.swap(0, first);
    ranking.account.sorted = 1;
    let planned = steps(&of(midway.clone()), later());
    let Step::SortRanking { ranking: Some(OTHER), places } = &planned[0] else { panic!("{planned:?}") };
    assert_eq!(places.len(), 3);
    swap(&mut midway.rankings[0].ranked.clone(), 1, &planned);

    // An accepted ranking that was not read is awaited.
    midway.rankings.clear();
    assert_eq!(steps(&of(midway), later()), []);
}

#[test]
fn a_ranked_raffle_is_final_next_in_its_order() {
    let round = sorted(six());
    assert_eq!(steps(&of(round.clone()), later()), [Step::Finalise]);
    let mut rollover = lottery();
    rollover.account.rollover = 1;
    rollover.account.next_final_index = 2;
    assert_eq!(steps(&state(rollover, vec![round]), later()), []);
}

/// Every bundle fits a transaction as it will be sent.
fn check_bundles(jobs: &[Job]) {
    for bundle in jobs.iter().flat_map(|job| job.stages.iter().flatten()) {
        assert!(bundle.compute_units <= MAX_COMPUTE_UNITS, "{}", bundle.steps());
        // The budget's two instructions and its program come on top.
        let len = transaction_len(&CRANKER, &bundle.instructions) + 52;
        assert!(len <= PACKET_BYTES, "{}: {len} bytes", bundle.steps());
        assert!(bundle.instructions.len() <= 60, "{}", bundle.steps());
    }
}

#[test]
fn sixty_thousand_ranks_take_many_transactions_that_all_fit() {
    let key = |n: u64| (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let pages: Vec<Vec<u64>> =
        (0..3).map(|page| (0..40_001).map(|n| key(page * 50_000 + n)).collect()).collect();
    let round = drawn(&pages, 50_000, 10_000);
    let all = order(&round);
    let planned = steps(&of(round.clone()), later());
    let Step::OpenRanking { threshold, growths } = planned[0] else { panic!("{:?}", planned[0]) };
    assert_eq!((threshold, growths), (all[59_999], MAX_GROWTHS));

    let grown: u32 = planned
        .iter()
        .map(|step| match step {
            Step::OpenRanking { growths, .. } | Step::GrowRanking { growths, .. } => *growths,
            _ => 0,
        })
        .sum();
    let space = ranking_space(3, 60_000);
    assert_eq!((1 + grown) as usize, space.div_ceil(MAX_GROWTH), "grown to exactly its size");

    let limits: Vec<(u32, u32)> = planned
        .iter()
        .filter_map(|step| match step {
            Step::CountRanking { ranking: None, sequence, limit } => Some((*sequence, *limit)),
            _ => None,
        })
        .collect();
    let page = |sequence| [(sequence, COUNT_LIMIT), (sequence, COUNT_LIMIT), (sequence, 1)];
    assert_eq!(limits, [page(0), page(1), page(2)].concat());

    let sorts = planned.iter().filter(|step| matches!(step, Step::SortRanking { .. })).count();
    assert_eq!(sorts, 60_000usize.div_ceil(RANKS));
    // As counting finds them: page by page.
    let mut found: Vec<RankedEntry> = all[..60_000].iter().copied().map(place).collect();
    found.sort_by_key(|entry| (entry.page, entry.index));
    swap(&mut found, 0, &planned);
    assert!(found.iter().map(standing).eq(all[..60_000].iter().copied()));
    assert_eq!(planned.last(), Some(&Step::Finalise));
    check_bundles(&pack(plan(&of(round), later()), CRANKER));
}

#[test]
fn small_raffles_are_ranked_and_final_in_one_transaction() {
    let jobs = pack(plan(&of(six()), later()), CRANKER);
    check_bundles(&jobs);
    // The next round is another job.
    let own = jobs.iter().filter(|job| job.round == six().address);
    let bundles: Vec<_> = own.flat_map(|job| job.stages.iter().flatten()).collect();
    assert_eq!(bundles.len(), 1);
    assert_eq!(
        bundles[0].steps(),
        "open_ranking+count_ranking+accept_ranking+sort_ranking+finalise",
        "all or nothing"
    );
}

#[test]
fn a_void_raffle_has_no_order() {
    let mut void = drawn(&[vec![5, 6]], 1, 0);
    void.account.status = RoundStatus::Void as u8;
    assert!(!needs_rankings(&void));
    assert_eq!(void.owed(), 2);
    assert_eq!(steps(&of(void), later()), [Step::Finalise]);
}

/// Where somebody may buy many tickets at once a page is as good as full before it is; a person of a list enters once.
#[test]
fn the_next_raffle_opens_early_only_when_everyone_on_the_list_entered() {
    let with = |leaf_count, entered| {
        let mut round = drawn(&[vec![0; 30]], 2, 2);
        round.account.status = RoundStatus::Open as u8;
        round.account.max_pages = 1;
        round.raffle.as_mut().expect("a raffle").leaf_count = leaf_count;
        let page = &mut round.pages.get_mut(&0).expect("one page").account;
        (page.capacity, page.count, page.status) = (30, entered, PageStatus::Open as u8);
        names(&of(round), before_lock()).contains(&(4, "open_round"))
    };
    assert!(!with(30, 29));
    assert!(with(30, 30));
    assert!(with(0, 11) && !with(0, 10), "open to all: up to 20 at once");
}
