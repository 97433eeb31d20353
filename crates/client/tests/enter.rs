//! What one purchase plans: wallet, deposit, round, page.

use bytemuck::Zeroable;
use lottery_client::{
    Clock, EnterContext, EnterRequest, Fetched, PlayerState, Pubkey, QuickPicks, enter::EnterError,
};
use lottery_interface::{
    Kind,
    accounts::{Lottery, Page, Round, Vault, Wallet},
    address,
    kinds::{LotteryStatus, PageStatus, RoundStatus, VaultKind},
    tags,
};

const NOW: i64 = 1_000;
const OWNER: Pubkey = Pubkey::new_from_array([5; 32]);

fn fetched<T>(address: Pubkey, account: T) -> Fetched<T> {
    Fetched { address, account, lamports: 1, slot: 1, space: 0, data: vec![] }
}

fn round(index: u64, locks_at: i64) -> Round {
    Round {
        index,
        locks_at,
        lock_slot: 10_000,
        stake_units: 100,
        kind: Kind::Draw as u8,
        status: RoundStatus::Open as u8,
        picks: 3,
        numbers: 10,
        ..Round::zeroed()
    }
}

fn page(sequence: u32, count: u32) -> Fetched<Page> {
    let page = Page { sequence, count, capacity: 10, status: PageStatus::Open as u8, ..Page::zeroed() };
    fetched(Pubkey::new_from_array([100 + sequence as u8; 32]), page)
}

fn context(rounds: Vec<(Round, Vec<Fetched<Page>>)>) -> EnterContext {
    let lottery = Lottery { id: 1, status: LotteryStatus::Active as u8, ..Lottery::zeroed() };
    let vault = Vault { kind: VaultKind::Native as u8, ..Vault::zeroed() };
    let lottery_address = address::lottery(1).0;
    let rounds = rounds
        .into_iter()
        .map(|(round, pages)| (fetched(address::round(&lottery_address, round.index).0, round), pages))
        .collect();
    EnterContext {
        lottery: fetched(lottery_address, lottery),
        vault: fetched(address::vault(&Pubkey::default()).0, vault),
        rounds,
        clock: Clock { slot: 1, unix_timestamp: NOW },
    }
}

fn request(count: u8) -> EnterRequest {
    let quick_picks = QuickPicks { count, ..QuickPicks::default() };
    let (session_key, round_index) = (None, None);
    EnterRequest { lottery_id: 1, owner: OWNER, session_key, tickets: vec![], quick_picks, round_index }
}

fn player(balance_units: Option<u64>, outside_units: u64) -> PlayerState {
    let wallet = balance_units
        .map(|balance_units| fetched(Pubkey::default(), Wallet { balance_units, ..Wallet::zeroed() }));
    PlayerState { wallet, outside_units }
}

fn tags_of(plan: &lottery_client::EnterPlan) -> Vec<u8> {
    plan.instructions.iter().map(|instruction| instruction.data[0]).collect()
}

#[test]
fn a_newcomer_opens_deposits_and_enters_at_once() {
    let context = context(vec![(round(7, NOW + 60), vec![page(0, 0)])]);
    let plan = context.plan(&player(None, 1_000), &request(2)).unwrap();
    assert_eq!(tags_of(&plan), [tags::OPEN_WALLET, tags::DEPOSIT, tags::ENTER]);
    assert_eq!((plan.cost_units, plan.deposit_units, plan.opens_wallet), (200, 200, true));
    assert_eq!((plan.round_index, plan.page_sequence, plan.tickets), (7, 0, 2));
}

#[test]
fn only_the_shortfall_is_deposited() {
    let context = context(vec![(round(7, NOW + 60), vec![page(0, 0)])]);
    let plan = context.plan(&player(Some(150), 1_000), &request(2)).unwrap();
    assert_eq!(tags_of(&plan), [tags::DEPOSIT, tags::ENTER]);
    assert_eq!(plan.deposit_units, 50);
    assert_eq!(plan.instructions[0].data[1..9], 50u64.to_le_bytes());
    let rich = context.plan(&player(Some(200), 0), &request(2)).unwrap();
    assert_eq!(tags_of(&rich), [tags::ENTER]);
}

#[test]
fn the_poor_are_told_how_much_is_missing() {
    let context = context(vec![(round(7, NOW + 60), vec![page(0, 0)])]);
    let poor = context.plan(&player(Some(150), 49), &request(2)).unwrap_err();
    assert_eq!(poor, EnterError::TooPoor { needed_units: 50, available_units: 49 });
}

#[test]
fn a_session_is_checked_before_anyone_signs() {
    let context = context(vec![(round(7, NOW + 60), vec![page(0, 0)])]);
    let key = Pubkey::new_from_array([6; 32]);
    let by_session = EnterRequest { session_key: Some(key), ..request(2) };
    let session = |change: &dyn Fn(&mut Wallet)| {
        let mut wallet = Wallet {
            balance_units: 200,
            session_key: [6; 32],
            session_lotteries: [9, 1, 0, 0],
            session_expires_at: NOW + 1,
            session_limit_units: 250,
            session_spent_units: 50,
            ..Wallet::zeroed()
        };
        change(&mut wallet);
        PlayerState { wallet: Some(fetched(Pubkey::default(), wallet)), outside_units: 1_000 }
    };
    let refused = |change: &dyn Fn(&mut Wallet)| context.plan(&session(change), &by_session).unwrap_err();
    let plan = context.plan(&session(&|_| {}), &by_session).unwrap();
    assert_eq!((plan.signer, tags_of(&plan)), (key, vec![tags::ENTER]));
    assert_eq!(refused(&|wallet| wallet.session_key = [0; 32]), EnterError::NoSession);
    assert_eq!(refused(&|wallet| wallet.session_key = [7; 32]), EnterError::NoSession);
    let expired = EnterError::SessionExpired { expires_at: NOW };
    assert_eq!(refused(&|wallet| wallet.session_expires_at = NOW), expired);
    assert_eq!(refused(&|wallet| wallet.session_lotteries = [2; 4]), EnterError::SessionForeign(1));
    let overspent = EnterError::SessionOverspent { needed_units: 200, left_units: 199 };
    assert_eq!(refused(&|wallet| wallet.session_spent_units = 51), overspent);
    let deposit = EnterError::DepositFirst { needed_units: 200, available_units: 150 };
    assert_eq!(refused(&|wallet| wallet.balance_units = 150), deposit);
    let no_wallet = context.plan(&player(None, 1_000), &by_session).unwrap_err();
    assert_eq!(no_wallet, EnterError::DepositFirst { needed_units: 200, available_units: 0 });
}

#[test]
fn a_round_about_to_lock_yields_to_the_next() {
    let both = |first_locks_at| {
        context(vec![(round(7, first_locks_at), vec![page(0, 0)]), (round(8, NOW + 90), vec![page(1, 0)])])
    };
    let index = |context: EnterContext| context.plan(&player(Some(500), 0), &request(1)).unwrap().round_index;
    assert_eq!(index(both(NOW + 30)), 7);
    assert_eq!(index(both(NOW + 2)), 8);
    assert_eq!(index(both(NOW)), 8);
    let alone = context(vec![(round(7, NOW + 1), vec![page(0, 0)])]);
    assert_eq!(index(alone), 7, "late is better than not at all");
}

#[test]
fn a_full_page_is_passed_over() {
    let context = |pages| context(vec![(round(7, NOW + 60), pages)]);
    let mixed = context(vec![page(0, 9), page(1, 0)]);
    for _ in 0..50 {
        assert_eq!(mixed.plan(&player(Some(500), 0), &request(2)).unwrap().page_sequence, 1);
    }
    let mut growing = page(0, 0);
    growing.account.status = PageStatus::Growing as u8;
    for pages in [vec![], vec![page(0, 9)], vec![growing]] {
        let error = context(pages).plan(&player(Some(500), 0), &request(2)).unwrap_err();
        assert_eq!(error, EnterError::NoRoom { round_index: 7 });
    }
}

#[test]
fn what_takes_no_entries_is_named() {
    let locked = context(vec![(round(7, NOW), vec![page(0, 0)])]);
    let plan = |context: &EnterContext, n| context.plan(&player(Some(9_999), 0), &request(n)).unwrap_err();
    assert_eq!(plan(&locked, 1), EnterError::NoOpenRound(1));
    assert_eq!(plan(&locked, 0), EnterError::TicketCount(0));
    assert_eq!(plan(&locked, 21), EnterError::TicketCount(21));
    let mut late = context(vec![(round(7, NOW + 60), vec![page(0, 0)])]);
    late.clock.slot = 10_000;
    assert_eq!(plan(&late, 1), EnterError::NoOpenRound(1));
    late.lottery.account.status = LotteryStatus::Paused as u8;
    assert_eq!(plan(&late, 1), EnterError::NotActive(1));
}

/// A keno round whose pages cover 16,000 units each: 1,000 a ticket, 10 stakes at most.
fn keno_round(index: u64, locks_at: i64) -> Round {
    Round {
        kind: Kind::Keno as u8,
        min_stake_units: 1,
        max_stake_units: 1_000,
        page_budget_units: 16_000,
        max_liability_units: 32_000,
        max_multiplier_bps: [0, 0, 0, 100_000, 0, 0, 0, 0, 0, 0],
        ..round(index, locks_at)
    }
}

fn covered(sequence: u32, liability_units: u64) -> Fetched<Page> {
    let mut page = page(sequence, 0);
    page.account.budget_units = 16_000;
    page.account.liability_units = liability_units;
    page
}

fn quick(count: u8, stake_units: u64) -> EnterRequest {
    let quick_picks = QuickPicks { count, spots: Some(4), stake_units: Some(stake_units) };
    EnterRequest { quick_picks, ..request(0) }
}

#[test]
fn a_page_whose_budget_is_used_up_is_passed_over() {
    let context = |pages| context(vec![(keno_round(7, NOW + 60), pages)]);
    let rich = player(Some(10_000), 0);
    let mixed = context(vec![covered(0, 14_001), covered(1, 14_000), covered(2, 16_000)]);
    for _ in 0..50 {
        let plan = mixed.plan(&rich, &quick(2, 100)).unwrap();
        assert_eq!((plan.page_sequence, plan.cost_units, plan.liability_units), (1, 200, 2_000));
    }
    let error = context(vec![covered(0, 14_001)]).plan(&rich, &quick(2, 100)).unwrap_err();
    assert_eq!(error, EnterError::NoRoom { round_index: 7 });
    let error = context(vec![covered(0, 0)]).plan(&rich, &quick(1, 101)).unwrap_err();
    assert!(matches!(error, EnterError::PrizeAboveShare { largest_units: 100, .. }), "{error}");
}

#[test]
fn the_next_round_takes_what_the_first_has_no_cover_for() {
    let rounds = vec![
        (keno_round(7, NOW + 30), vec![covered(0, 16_000)]),
        (keno_round(8, NOW + 35), vec![covered(0, 0)]),
    ];
    let plan = context(rounds).plan(&player(None, 50_000), &quick(3, 7)).unwrap();
    assert_eq!((plan.round_index, plan.cost_units, plan.deposit_units), (8, 21, 21));
    assert_eq!(tags_of(&plan), [tags::OPEN_WALLET, tags::DEPOSIT, tags::ENTER]);
    // Tag, quick picks, length of what follows, stake, spots.
    let enter = &plan.instructions[2].data;
    assert_eq!(enter[1..], [3, 9, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 4]);
}
