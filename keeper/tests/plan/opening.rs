//! Rounds and pages, before lock.

use lottery_interface::{
    LotteryError,
    accounts::{AccountLayout, Page},
    kinds::{Kind, LotteryStatus, PageStatus, RoundStatus},
};
use lottery_keeper::{ChainState, Link, LotteryState, Step, plan::blocker};

use crate::support::*;

/// Growths of a page of 1,000 entries: 64,000 bytes and the header, 10,240 at a time, the first with `open_page`.
const GROWTHS: u32 = 6;

const OPENS: [(u64, &str); 2] = [(4, "open_round"), (4, "open_page")];

fn bent(bend: impl FnOnce(&mut LotteryState)) -> ChainState {
    let mut lottery = lottery();
    bend(&mut lottery);
    state(lottery, vec![ended(RoundStatus::Final, PageStatus::Settled)])
}

#[test]
fn the_first_round_opens_with_its_first_page() {
    let mut fresh = lottery();
    fresh.account.next_round_index = 0;
    fresh.account.next_final_index = 0;
    (fresh.account.last_locks_at, fresh.account.previous_locks_at) = (0, 0);
    let state = state(fresh, vec![]);
    let actions = lottery_keeper::plan(&state, before_lock());
    let steps: Vec<&Step> = actions.iter().map(|action| &action.step).collect();
    assert_eq!(steps, [&Step::OpenRound, &Step::OpenPage { sequence: 0, growths: GROWTHS }]);
    assert_eq!(actions[0].config.to_bytes(), [77; 32]);
    assert_eq!(actions[0].round, lottery_interface::address::round(&state.lotteries[0].address, 0).0);
}

#[test]
fn the_next_round_opens_shortly_before_the_newest_locks() {
    let state = of(entered());
    assert_eq!(names(&state, at(LOCKS_AT - 26, 0)), []);
    assert_eq!(names(&state, at(LOCKS_AT - 25, 0)), OPENS, "a quarter of the period is left");
}

#[test]
fn a_sold_out_round_is_followed_early() {
    let sold = |last| {
        let two = with_page(with_page(round(), 1_000, PageStatus::Open), 990, PageStatus::Open);
        with_page(two, last, PageStatus::Open)
    };
    let early = before_lock();
    assert_eq!(names(&of(sold(981)), early), OPENS);
    assert_eq!(names(&of(sold(980)), early), [], "twenty tickets still fit");
    let mut more = sold(990);
    more.account.max_pages = 4;
    more.account.max_entries = 4_000;
    assert_eq!(names(&of(more), early), [(3, "open_page")]);
    let mut unknown = sold(990);
    unknown.pages.remove(&1);
    assert_eq!(names(&of(unknown), early), []);
    let mut third = lottery();
    third.account.previous_locks_at = early.unix + 1;
    assert_eq!(names(&state(third, vec![sold(990)]), early), [], "two rounds take entries already");
}

#[test]
fn nothing_opens_for_a_round_that_nobody_entered() {
    let state = of(with_page(round(), 0, PageStatus::Open));
    assert_eq!(names(&state, at(LOCKS_AT - 1, 0)), []);
    assert_eq!(names(&state, just_locked()), [(3, "retime_round")]);
}

#[test]
fn a_round_that_ended_is_followed_at_once() {
    for status in [RoundStatus::Valued, RoundStatus::Drawn, RoundStatus::Final, RoundStatus::Void] {
        let planned = names(&of(ended(status, PageStatus::Settled)), after_target());
        assert!(planned.starts_with(&OPENS), "{status:?}: {planned:?}");
    }
}

#[test]
fn at_most_two_rounds_take_entries() {
    let open = bent(|lottery| lottery.account.previous_locks_at = LOCKS_AT + 20);
    assert_eq!(names(&open, at(LOCKS_AT + 19, 0)), []);
    assert_eq!(names(&open, at(LOCKS_AT + 20, 0)), OPENS);
}

#[test]
fn what_is_not_running_opens_nothing() {
    let paused = bent(|lottery| lottery.account.status = LotteryStatus::Paused as u8);
    let pending = bent(|lottery| lottery.account.status = LotteryStatus::Pending as u8);
    let completed = bent(|lottery| lottery.account.status = LotteryStatus::Completed as u8);
    let registry = ChainState { registry_paused: true, ..bent(|_| {}) };
    for state in [paused, pending, completed, registry] {
        assert_eq!(names(&state, after_target()), []);
    }
    let cheap = ChainState { min_reward_lamports: 11, ..bent(|_| {}) };
    assert_eq!(names(&cheap, after_target()), [], "left to keepers who work for less");
    let fair = ChainState { min_reward_lamports: 10, ..bent(|_| {}) };
    assert_eq!(names(&fair, after_target()), OPENS);
}

#[test]
fn a_retiring_lottery_opens_one_last_round_for_its_jackpot() {
    let retiring = |retiring, next_final_index, jackpot_units| {
        bent(|lottery| {
            lottery.account.retiring = retiring;
            lottery.account.next_final_index = next_final_index;
            lottery.account.jackpot_units = jackpot_units;
        })
    };
    assert_eq!(names(&retiring(1, 4, 1), after_target()), OPENS);
    assert_eq!(names(&retiring(1, 3, 1), after_target()), [], "an earlier round may still win it");
    assert_eq!(names(&retiring(1, 4, 0), after_target()), []);
    assert_eq!(names(&retiring(2, 4, 1), after_target()), [], "the last round is open already");
}

#[test]
fn what_the_chain_would_refuse_is_named_instead() {
    let refused = |bend: fn(&mut LotteryState)| {
        let state = bent(bend);
        assert_eq!(names(&state, after_target()), []);
        blocker(&state.lotteries[0])
    };
    // 8 + 4 x 3 steps at 10 lamports, and 2 x 2,500 items at 1.
    let enough = bent(|lottery| lottery.account.crank_lamports = 5_200);
    assert_eq!(names(&enough, after_target()), OPENS);
    assert_eq!(refused(|l| l.account.crank_lamports = 5_199), Some(LotteryError::CrankDepositTooLow));
    // 2,500 x 100.
    assert_eq!(refused(|l| l.account.bond_free_units = 249_999), Some(LotteryError::BondTooLow));
    // Bonds of 1,000,000: 750,000 are left for compensation, the jackpot, and what may still roll into it.
    let stretched = |over: u64| {
        bent(move |l| {
            l.config.as_mut().unwrap().compensation_cap_bps = 4_000;
            l.account.jackpot_units = 400_000;
            l.account.unfinalised_pools_units = 250_000 + over;
        })
    };
    assert_eq!(names(&stretched(0), after_target()), OPENS);
    assert_eq!(names(&stretched(1), after_target()), []);
    assert_eq!(blocker(&stretched(1).lotteries[0]), Some(LotteryError::BondTooLow));
    assert_eq!(refused(|l| l.account.chain_next = 1_001), Some(LotteryError::ChainExhausted));
    assert_eq!(refused(|l| l.account.chain_next = 0), Some(LotteryError::ChainExhausted));
    assert_eq!(refused(|l| l.account.chain_next = 104), Some(LotteryError::ChainTooFar));
    let other_source = bent(|lottery| {
        lottery.account.bond_free_units = 0;
        lottery.account.chain_next = 0;
        lottery.config.as_mut().unwrap().source = lottery_interface::Source::Beacon as u8;
    });
    assert_eq!(names(&other_source, after_target()), OPENS, "bond and chain are for commit-reveal");
}

#[test]
fn the_first_page_opens_at_once_and_the_next_when_the_last_is_three_quarters_full() {
    let opens = |sequence| vec![Step::OpenPage { sequence, growths: GROWTHS }];
    assert_eq!(steps(&of(round()), before_lock()), opens(0));
    assert_eq!(steps(&of(with_page(round(), 749, PageStatus::Open)), before_lock()), []);
    let one = with_page(round(), 750, PageStatus::Open);
    assert_eq!(steps(&of(one.clone()), before_lock()), opens(1));
    let two = with_page(one.clone(), 0, PageStatus::Open);
    assert_eq!(steps(&of(two), before_lock()), [], "the newest page counts");
    assert_eq!(steps(&of(one.clone()), just_locked()), [], "not after lock");
    let budget = |liability_units| {
        let mut page = with_page(round(), 1, PageStatus::Open);
        let header = &mut page.pages.get_mut(&0).unwrap().account;
        (header.budget_units, header.liability_units) = (1_000, liability_units);
        page
    };
    assert_eq!(steps(&of(budget(749)), before_lock()), []);
    assert_eq!(steps(&of(budget(750)), before_lock()), opens(1), "full by its liability");
}

/// A keno lottery: pages reserve 1,000 units of a free bankroll of 2,500, and a round may risk 2,500.
fn house(bend: impl FnOnce(&mut LotteryState)) -> LotteryState {
    let mut house = lottery();
    house.account.kind = Kind::Keno as u8;
    house.account.page_budget_units = 1_000;
    house.account.max_liability_units = 2_500;
    house.account.bankroll_free_units = 2_500;
    house.config.as_mut().unwrap().stake_units = 0;
    bend(&mut house);
    house
}

#[test]
fn a_house_game_opens_when_bankroll_and_bond_cover_it() {
    let over = || vec![ended(RoundStatus::Final, PageStatus::Settled)];
    assert_eq!(names(&state(house(|_| {}), over()), after_target()), OPENS);
    let refused = |bend: fn(&mut LotteryState)| {
        let state = state(house(bend), over());
        assert_eq!(names(&state, after_target()), []);
        blocker(&state.lotteries[0])
    };
    assert_eq!(refused(|l| l.account.bankroll_free_units = 999), Some(LotteryError::BankrollTooLow));
    assert_eq!(refused(|l| l.account.bond_free_units = 4_999), Some(LotteryError::BondTooLow));
}

#[test]
fn a_further_page_needs_free_bankroll_and_liability_left() {
    let round = |budget_units| {
        let mut round = with_page(round(), 900, PageStatus::Open);
        round.account.page_budget_units = 1_000;
        round.account.max_liability_units = 2_500;
        round.account.budget_units = budget_units;
        round
    };
    let opens = |budget_units, free| {
        let house = house(|house| house.account.bankroll_free_units = free);
        !steps(&state(house, vec![round(budget_units)]), before_lock()).is_empty()
    };
    assert!(opens(1_000, 1_000));
    assert!(!opens(1_000, 999), "the chain would refuse it");
    assert!(opens(2_000, 500), "only 500 are left to risk");
    assert!(!opens(2_500, 5_000));
}

#[test]
fn a_house_round_whose_liability_is_used_up_is_followed_early() {
    let sold = |liability_units| {
        let mut round = with_page(round(), 30, PageStatus::Open);
        round.account.max_liability_units = 1_000;
        round.account.budget_units = 1_000;
        let page = &mut round.pages.get_mut(&0).unwrap().account;
        (page.budget_units, page.liability_units) = (1_000, liability_units);
        names(&state(house(|_| {}), vec![round]), before_lock())
    };
    assert_eq!(sold(749), []);
    assert_eq!(sold(750), OPENS);
}

#[test]
fn a_chain_left_behind_by_void_rounds_is_advanced_by_who_knows_it() {
    let behind = || {
        bent(|lottery| {
            lottery.account.chain_next = 104;
            lottery.account.next_final_index = lottery.account.next_round_index;
        })
    };
    assert_eq!(names(&behind(), after_target()), []);
    let link = Link { reveal: [6; 32], distance: 100 };
    let mut known = behind();
    known.links.insert(known.lotteries[0].address, link);
    assert_eq!(names(&known, after_target()), [(4, "advance_chain")], "then it opens");
    known.lotteries[0].account.next_final_index -= 1;
    assert_eq!(names(&known, after_target()), [], "an earlier link may still decide a round");
    let mut near = bent(|_| {});
    near.links.insert(near.lotteries[0].address, link);
    assert_eq!(names(&near, after_target()), OPENS);
}

#[test]
fn pages_end_with_the_rounds_limits() {
    let full = || with_page(with_page(round(), 900, PageStatus::Open), 900, PageStatus::Open);
    // 500 entries are left to allot: 32,000 bytes and the header.
    assert_eq!(steps(&of(full()), before_lock()), [Step::OpenPage { sequence: 2, growths: 3 }]);
    let mut allotted = full();
    allotted.account.max_entries = 2_000;
    assert_eq!(steps(&of(allotted), before_lock()), []);
    let mut counted = full();
    counted.account.max_pages = 2;
    assert_eq!(steps(&of(counted), before_lock()), []);
}

#[test]
fn a_growing_page_grows_to_its_size_and_no_further() {
    let mut round = with_page(round(), 0, PageStatus::Growing);
    round.pages.get_mut(&0).unwrap().space = 10_240;
    assert_eq!(steps(&of(round.clone()), before_lock()), [Step::GrowPage { sequence: 0, growths: 6 }]);
    let full_size = Page::LEN + 64_000;
    round.pages.get_mut(&0).unwrap().space = full_size - 1;
    assert_eq!(steps(&of(round), before_lock()), [Step::GrowPage { sequence: 0, growths: 1 }]);
}

#[test]
fn a_page_of_megabytes_grows_in_several_transactions() {
    let mut round = round();
    round.account.page_entries = 65_000;
    round.account.max_entries = 65_000;
    let steps = steps(&of(round), before_lock());
    let growths = |step: &Step| match step {
        Step::OpenPage { growths, .. } | Step::GrowPage { growths, .. } => *growths,
        other => panic!("{other:?}"),
    };
    let total: u32 = steps.iter().map(growths).sum();
    assert_eq!(total as usize, (Page::LEN + 65_000 * 64).div_ceil(10_240) - 1);
    assert!(steps.iter().all(|step| growths(step) <= 40), "{steps:?}");
}
