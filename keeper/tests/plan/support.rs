//! Fabricated states: a lottery in the middle of its life, bent by each test.

use std::collections::BTreeMap;

use bytemuck::Zeroable;
use lottery_interface::{
    Source,
    accounts::{AccountLayout, Config, Entry, Lottery, Page, Round},
    address,
    kinds::{Kind, LotteryStatus, PageStatus, RoundStatus},
};
use lottery_keeper::{ChainState, LotteryState, Now, PageState, RoundState, Step, plan};

pub const CAPACITY: u32 = 1_000;
pub const LOCKS_AT: i64 = 10_000;
pub const LOCK_SLOT: u64 = 5_000;
pub const TARGET_SLOT: u64 = 5_004;
pub const GRACE_SECONDS: u32 = 600;
pub const GRACE_SLOTS: u32 = 1_500;
pub const PERIOD: u32 = 100;

pub fn at(unix: i64, slot: u64) -> Now {
    Now { unix, slot }
}

/// In the middle of the newest round.
pub fn before_lock() -> Now {
    at(LOCKS_AT - 50, LOCK_SLOT - 125)
}

/// Locked, the slot that decides still ahead.
pub fn just_locked() -> Now {
    at(LOCKS_AT, LOCK_SLOT)
}

/// The slot that decides has passed.
pub fn after_target() -> Now {
    at(LOCKS_AT + 2, TARGET_SLOT + 1)
}

pub fn after_grace() -> Now {
    at(LOCKS_AT + GRACE_SECONDS as i64, TARGET_SLOT + GRACE_SLOTS as u64)
}

pub fn lottery() -> LotteryState {
    let account = Lottery {
        id: 7,
        kind: Kind::Draw as u8,
        status: LotteryStatus::Active as u8,
        next_round_index: 4,
        next_final_index: 3,
        last_locks_at: LOCKS_AT,
        previous_locks_at: LOCKS_AT - PERIOD as i64,
        period_seconds: PERIOD,
        page_entries: CAPACITY,
        max_pages: 3,
        max_entries_per_round: 2_500,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        crank_lamports: 1_000_000,
        chain_position: 3,
        chain_next: 5,
        chain_length: 1_000,
        bond_free_units: 1_000_000,
        config: [77; 32],
        ..Lottery::zeroed()
    };
    let config = Config { source: Source::CommitReveal as u8, stake_units: 100, ..Config::zeroed() };
    LotteryState { address: address::lottery(7).0, account, config: Some(config), rounds: vec![] }
}

/// Round 3, the newest, open and without pages.
pub fn round() -> RoundState {
    let lottery = address::lottery(7).0;
    let account = Round {
        lottery: lottery.to_bytes(),
        config: [77; 32],
        rent_payer: [88; 32],
        lottery_id: 7,
        index: 3,
        locks_at: LOCKS_AT,
        lock_slot: LOCK_SLOT,
        target_slot: TARGET_SLOT,
        grace_seconds: GRACE_SECONDS,
        grace_slots: GRACE_SLOTS,
        stake_units: 100,
        page_entries: CAPACITY,
        max_pages: 3,
        max_entries: 2_500,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        source: Source::CommitReveal as u8,
        status: RoundStatus::Open as u8,
        ..Round::zeroed()
    };
    RoundState {
        address: address::round(&lottery, 3).0,
        account,
        pages: BTreeMap::new(),
        is_split: false,
        raffle: None,
        rankings: Vec::new(),
    }
}

/// Adds the next page, with `count` entries, in the state that the round's counts of sealed and settled pages ask for.
pub fn with_page(mut round: RoundState, count: u32, status: PageStatus) -> RoundState {
    let sequence = round.account.page_count;
    let account = Page {
        round: round.address.to_bytes(),
        rent_payer: [99; 32],
        sequence,
        capacity: CAPACITY,
        count,
        status: status as u8,
        ..Page::zeroed()
    };
    round.account.page_count += 1;
    round.account.entries_allotted += CAPACITY;
    if status >= PageStatus::Sealed {
        round.account.pages_sealed += 1;
        round.account.entries += count as u64;
    }
    if status == PageStatus::Settled {
        round.account.pages_settled += 1;
    }
    let space = Page::LEN + CAPACITY as usize * size_of::<Entry>();
    round.pages.insert(sequence, PageState { account, space, entries: None });
    round
}

/// A round with one page of 10 entries.
pub fn entered() -> RoundState {
    with_page(round(), 10, PageStatus::Open)
}

/// The same, in a later state, its page sealed or settled.
pub fn ended(status: RoundStatus, page: PageStatus) -> RoundState {
    let mut round = with_page(round(), 10, page);
    round.account.status = status as u8;
    if matches!(status, RoundStatus::Final | RoundStatus::Void) {
        round.account.final_at = LOCKS_AT + 10;
        round.account.claim_until = LOCKS_AT + 10_000;
        round.account.finalised = (status == RoundStatus::Final) as u8;
    }
    round
}

pub fn state(lottery: LotteryState, rounds: Vec<RoundState>) -> ChainState {
    let lottery = LotteryState { rounds, ..lottery };
    ChainState { lotteries: vec![lottery], linger_seconds: 60, ..ChainState::default() }
}

/// The state of round 3 in an ordinary lottery.
pub fn of(round: RoundState) -> ChainState {
    state(lottery(), vec![round])
}

/// The steps planned for round 3.
pub fn steps(state: &ChainState, now: Now) -> Vec<Step> {
    let actions = plan(state, now);
    actions.into_iter().filter(|action| action.round_index == 3).map(|action| action.step).collect()
}

/// The names of all steps planned, with their rounds.
pub fn names(state: &ChainState, now: Now) -> Vec<(u64, &'static str)> {
    plan(state, now).into_iter().map(|action| (action.round_index, action.step.name())).collect()
}

/// With a reveal for round 3.
pub fn with_reveal(mut state: ChainState) -> ChainState {
    let round = state.lotteries[0].rounds[0].address;
    state.reveals.insert(round, [5; 32]);
    state
}
