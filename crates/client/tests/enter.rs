//! What one purchase plans: wallet, deposit, round, page.

use bytemuck::Zeroable;
use lottery_client::{
    Clock, EnterContext, EnterRequest, Fetched, PlayerState, Pubkey, Ticket,
    enter::{EnterError, encode_tickets},
};
use lottery_interface::{
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

fn request(quick_picks: u8) -> EnterRequest {
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
    let by_session = EnterRequest { session_key: Some(Pubkey::new_from_array([6; 32])), ..request(2) };
    let error = context.plan(&player(Some(150), 1_000), &by_session).unwrap_err();
    assert_eq!(error, EnterError::DepositFirst { needed_units: 200, available_units: 150 });
    let plan = context.plan(&player(Some(200), 0), &by_session).unwrap();
    assert_eq!(plan.signer, Pubkey::new_from_array([6; 32]));
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

#[test]
fn tickets_are_checked_before_anyone_signs() {
    let ticket = |numbers: &[u8], bonus| Ticket { numbers: numbers.to_vec(), bonus };
    let plain = round(0, 0);
    assert_eq!(encode_tickets(&[ticket(&[9, 1, 4], None)], &plain).unwrap(), [1, 4, 9]);
    for bad in
        [ticket(&[1, 1, 2], None), ticket(&[0, 1, 2], None), ticket(&[1, 2], None), ticket(&[1, 2, 11], None)]
    {
        let error = encode_tickets(&[bad], &plain).unwrap_err();
        assert!(matches!(error, EnterError::Numbers { ticket: 1, picks: 3, numbers: 10, .. }), "{error}");
    }
    let error = encode_tickets(&[ticket(&[1, 2, 3], Some(1))], &plain).unwrap_err();
    assert_eq!(error, EnterError::NoBonusDrum { ticket: 1 });
    let bonus = Round { bonus_numbers: 4, ..plain };
    assert_eq!(encode_tickets(&[ticket(&[1, 2, 3], Some(4))], &bonus).unwrap(), [1, 2, 3, 4]);
    for wrong in [None, Some(0), Some(5)] {
        let error = encode_tickets(&[ticket(&[1, 2, 3], wrong)], &bonus).unwrap_err();
        assert_eq!(error, EnterError::Bonus { ticket: 1, bonus_numbers: 4 });
    }
}
