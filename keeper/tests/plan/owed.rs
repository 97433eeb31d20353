//! Prizes and refunds.

use std::collections::HashSet;

use bytemuck::Zeroable;
use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED},
    instructions::Item,
    kinds::{PageStatus, RoundStatus},
};
use lottery_keeper::{ChainState, RoundState, Step, pack::pack, plan, plan::needs_entries};
use solana_pubkey::Pubkey;

use crate::support::*;

fn wallet(n: u16) -> [u8; 32] {
    let mut wallet = [1; 32];
    wallet[..2].copy_from_slice(&n.to_le_bytes());
    wallet
}

/// One entry for each (wallet, tier, flags).
fn with_entries(mut round: RoundState, entries: &[(u16, u8, u8)]) -> RoundState {
    let page = round.pages.get_mut(&0).unwrap();
    let entry =
        |&(n, tier, flags): &(u16, u8, u8)| Entry { wallet: wallet(n), tier, flags, ..Entry::zeroed() };
    page.entries = Some(entries.iter().map(entry).collect());
    let count = |test: fn(&(u16, u8, u8)) -> bool| entries.iter().filter(|entry| test(entry)).count() as u32;
    page.account.count = entries.len() as u32;
    page.account.winners = count(|(_, tier, _)| *tier != 0);
    page.account.paid = count(|(_, _, flags)| flags & FLAG_PAID != 0);
    page.account.refunded = count(|(_, _, flags)| flags & FLAG_REFUNDED != 0);
    round.account.entries = page.account.count.into();
    round.account.winners_total = page.account.winners.into();
    round.account.winners_paid = page.account.paid.into();
    round.account.refunded = page.account.refunded.into();
    round
}

fn knowing(round: RoundState, wallets: impl IntoIterator<Item = u16>) -> ChainState {
    let wallets: HashSet<_> = wallets.into_iter().map(wallet).collect();
    ChainState { wallets, ..of(round) }
}

fn items(pairs: &[(u32, u16)]) -> Vec<Item> {
    pairs.iter().map(|&(index, n)| Item { index, wallet: wallet(n).into() }).collect()
}

fn final_round(entries: &[(u16, u8, u8)]) -> RoundState {
    with_entries(ended(RoundStatus::Final, PageStatus::Settled), entries)
}

fn void_round(entries: &[(u16, u8, u8)]) -> RoundState {
    let mut round = with_entries(ended(RoundStatus::Void, PageStatus::Sealed), entries);
    round.account.finalised = 1;
    round
}

#[test]
fn winners_are_paid_and_nobody_else() {
    let round = final_round(&[(1, 0, 0), (2, 1, 0), (3, 2, FLAG_PAID), (4, 16, 0)]);
    let pays = Step::Pay { sequence: 0, items: items(&[(1, 2), (3, 4)]) };
    assert_eq!(steps(&knowing(round, 1..=4), after_target()), [pays]);
}

#[test]
fn a_closed_wallet_does_not_hold_up_the_others() {
    let round = final_round(&[(1, 1, 0), (2, 1, 0)]);
    let pays = Step::Pay { sequence: 0, items: items(&[(1, 2)]) };
    assert_eq!(steps(&knowing(round.clone(), [2]), after_target()), [pays]);
    assert_eq!(steps(&knowing(round, []), after_target()), []);
}

#[test]
fn a_void_round_refunds_everyone_once() {
    let round = void_round(&[(1, 0, FLAG_REFUNDED), (2, 0, 0), (2, 0, 0)]);
    let refunds = Step::Refund { sequence: 0, items: items(&[(1, 2), (2, 2)]) };
    assert_eq!(steps(&knowing(round, 1..=2), after_target()), [refunds]);
}

#[test]
fn a_void_round_is_sealed_and_counted_before_it_refunds() {
    let mut round = with_entries(ended(RoundStatus::Void, PageStatus::Open), &[(1, 0, 0)]);
    round.account.finalised = 0;
    let refunds = Step::Refund { sequence: 0, items: items(&[(0, 1)]) };
    let all = [Step::SealPage { sequence: 0 }, Step::Finalise, refunds];
    assert_eq!(steps(&knowing(round, [1]), after_target()), all);
}

#[test]
fn a_final_round_that_nobody_won_refunds_instead_of_paying() {
    let mut round = final_round(&[(1, 0, 0), (2, 0, 0)]);
    round.account.refund_all = 1;
    let refunds = Step::Refund { sequence: 0, items: items(&[(0, 1), (1, 2)]) };
    assert_eq!(steps(&knowing(round, 1..=2), after_target()), [refunds]);
}

#[test]
fn nothing_is_paid_before_the_round_is_final() {
    for status in [RoundStatus::Open, RoundStatus::Valued, RoundStatus::Drawn] {
        let round = with_entries(ended(status, PageStatus::Settled), &[(1, 1, 0)]);
        assert!(!needs_entries(&round, &round.pages[&0]));
        let planned = names(&knowing(round, [1]), after_target());
        assert!(!planned.contains(&(3, "pay")), "{status:?}: {planned:?}");
    }
    let mut expired = final_round(&[(1, 1, 0)]);
    expired.account.expired = 1;
    assert!(!needs_entries(&expired, &expired.pages[&0]));
    assert!(!names(&knowing(expired, [1]), after_target()).contains(&(3, "pay")));
}

#[test]
fn entries_are_asked_for_only_while_something_is_owed() {
    let owes = final_round(&[(1, 1, 0), (2, 0, 0)]);
    assert!(needs_entries(&owes, &owes.pages[&0]));
    let paid = final_round(&[(1, 1, FLAG_PAID), (2, 0, 0)]);
    assert!(!needs_entries(&paid, &paid.pages[&0]));
    let void = void_round(&[(1, 0, 0)]);
    assert!(needs_entries(&void, &void.pages[&0]));
}

#[test]
fn many_winners_are_split_into_transactions_that_fit() {
    // 300 winners, every third wallet with three prizes.
    let entries: Vec<_> = (0..300u16).map(|i| (if i % 3 == 0 { 1_000 + i / 9 } else { i }, 1, 0)).collect();
    let wallets: HashSet<u16> = entries.iter().map(|entry| entry.0).collect();
    let state = knowing(final_round(&entries), wallets);
    let actions = plan(&state, after_target());
    let mut seen = HashSet::new();
    let mut batches = 0;
    for action in actions.iter().filter(|action| action.round_index == 3) {
        let Step::Pay { items, .. } = &action.step else { panic!("{action:?}") };
        batches += 1;
        items.iter().for_each(|item| assert!(seen.insert(item.index), "{item:?} twice"));
    }
    assert_eq!(seen.len(), 300);
    assert!((10..=16).contains(&batches), "{batches} batches");

    let cranker = Pubkey::new_from_array([42; 32]);
    let jobs = pack(actions, cranker);
    let job = jobs.iter().find(|job| job.round == state.lotteries[0].rounds[0].address).unwrap();
    assert_eq!(job.stages.len(), 1, "batches do not wait for each other");
    for bundle in &job.stages[0] {
        let len = lottery_client::unsigned::transaction_len(&cranker, &bundle.instructions);
        assert!(len <= 1_232 - 52, "{len} bytes");
    }
}

#[test]
fn without_lingering_a_round_is_paid_and_closed_in_one_transaction() {
    let round = final_round(&[(1, 0, 0), (2, 1, 0), (3, 2, 0)]);
    let close = |wallets| {
        let state = ChainState { linger_seconds: 0, ..knowing(round.clone(), wallets) };
        steps(&state, after_grace()).iter().map(Step::name).collect::<Vec<_>>()
    };
    assert_eq!(close(1..=3), ["pay", "close_page", "close_round"]);
    assert_eq!(close(1..=2), ["pay"], "a prize is left");
    let state = ChainState { linger_seconds: 0, ..knowing(round, 1..=3) };
    let jobs = pack(plan(&state, after_grace()), Pubkey::new_from_array([42; 32]));
    let job = jobs.iter().find(|job| job.round == state.lotteries[0].rounds[0].address).unwrap();
    let bundles: Vec<String> = job.stages.iter().flatten().map(|bundle| bundle.steps()).collect();
    assert_eq!(bundles, ["pay+close_page+close_round"]);
}
