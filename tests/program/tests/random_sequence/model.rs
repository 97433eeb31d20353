//! A plain model of the program: the same accounts as plain structs, each instruction as a function that checks
//! and changes. What it says must be what the chain says, field by field, after every step.

use std::collections::{BTreeMap, VecDeque};

use lottery_rules::{draw, hash::Software, picks, seed};
use program_tests::{
    Game, LotteryError as E, Pubkey,
    accounts::{Config, DrawRules, Entry, Lottery, Page, Round, RoundUse, Wallet},
    address,
    kinds::{LotteryStatus, PageStatus, RoundStatus, VoidReason},
};

pub type Outcome = Result<(), E>;
/// Game, index.
pub type RoundId = (usize, u64);
/// Person, kind of money.
pub type WalletId = (usize, usize);

pub fn require(condition: bool, error: E) -> Outcome {
    if condition { Ok(()) } else { Err(error) }
}

#[derive(Clone)]
pub struct PageModel {
    pub key: Pubkey,
    pub page: Page,
    pub entries: Vec<Entry>,
}

#[derive(Clone)]
pub struct RoundModel {
    pub key: Pubkey,
    pub round: Round,
    pub rules: DrawRules,
    /// By sequence; `None` once closed.
    pub pages: Vec<Option<PageModel>>,
}

#[derive(Clone)]
pub struct GameModel {
    pub game: Game,
    pub money: usize,
    pub lottery: Lottery,
    pub config: Config,
    pub rules: DrawRules,
    pub rounds: BTreeMap<u64, RoundModel>,
}

#[derive(Clone)]
pub struct Model {
    pub now: i64,
    pub slot: u64,
    /// The 512 slots whose hashes are remembered, oldest first.
    pub produced: VecDeque<u64>,
    /// By person and kind of money.
    pub wallet_keys: Vec<[Pubkey; 3]>,
    pub games: Vec<GameModel>,
    pub wallets: BTreeMap<WalletId, Wallet>,
    /// What people hold outside of the vaults.
    pub outside: BTreeMap<WalletId, u64>,
    /// The vaults' totals.
    pub totals: Vec<u64>,
}

/// Of one `enter`.
pub struct Tickets {
    pub given: Vec<Vec<u8>>,
    pub quick: u8,
}

impl RoundModel {
    pub fn is(&self, status: RoundStatus) -> bool {
        self.round.status == status as u8
    }

    pub fn all_sealed(&self) -> bool {
        self.round.pages_sealed == self.round.page_count
    }

    pub fn refunds(&self) -> bool {
        self.is(RoundStatus::Void) || self.round.refund_all == 1
    }

    pub fn owes_nothing(&self) -> bool {
        let round = &self.round;
        round.expired == 1
            || (self.refunds() && self.all_sealed() && round.refunded == round.entries)
            || (self.is(RoundStatus::Final)
                && round.refund_all == 0
                && round.winners_paid == round.winners_total)
    }

    pub fn reward(&mut self, steps: u64, items: u64) {
        let lamports =
            steps * self.round.reward_step_lamports as u64 + items * self.round.reward_item_lamports as u64;
        self.round.crank_lamports -= lamports.min(self.round.crank_lamports);
    }

    pub fn become_void(&mut self, reason: VoidReason, now: i64) {
        self.round.status = RoundStatus::Void as u8;
        self.round.void_reason = reason as u8;
        self.round.final_at = now;
        self.round.claim_until = now + self.round.claim_seconds as i64;
    }

    pub fn page(&mut self, sequence: u32) -> Option<&mut PageModel> {
        self.pages.get_mut(sequence as usize)?.as_mut()
    }
}

impl Model {
    pub fn round(&mut self, id: RoundId) -> &mut RoundModel {
        self.games[id.0].rounds.get_mut(&id.1).expect("a live round")
    }

    pub fn is_locked(&self, round: &Round) -> bool {
        self.now >= round.locks_at || self.slot >= round.lock_slot
    }

    /// Lets time pass.
    pub fn warp(&mut self, seconds: i64, slots: u64, skipped: &[u64]) {
        for slot in self.slot..self.slot + slots {
            if !skipped.contains(&slot) {
                self.produced.push_back(slot);
            }
        }
        while self.produced.len() > 512 {
            self.produced.pop_front();
        }
        self.slot += slots;
        self.now += seconds;
    }

    /// One period after the newest lock; one period from now when that is less than half a period away.
    pub fn next_lock(&self, lottery: &Lottery) -> i64 {
        let period = lottery.period_seconds as i64;
        let next = lottery.last_locks_at + period;
        if 2 * (next - self.now) < period { self.now + period } else { next }
    }

    pub fn set_lock(&self, round: &mut Round, locks_at: i64, delay: u32) {
        round.locks_at = locks_at;
        round.lock_slot = self.slot + ((locks_at - self.now) as u64 * 1_000).div_ceil(400);
        round.target_slot = round.lock_slot + delay as u64;
    }

    pub fn open_round(&mut self, game: usize, cranker: &Pubkey) -> Outcome {
        let g = &self.games[game];
        let (lottery, config) = (&g.lottery, &g.config);
        require(lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        require(self.now >= lottery.previous_locks_at, E::TooManyOpenRounds)?;
        let distance = lottery.chain_next - lottery.chain_position;
        require(lottery.chain_next <= lottery.chain_length, E::ChainExhausted)?;
        require(distance <= 100, E::ChainTooFar)?;
        let bond = config.stake_units * lottery.max_entries_per_round as u64;
        require(lottery.bond_free_units >= bond, E::BondTooLow)?;
        let reserve = (8 + 4 * lottery.max_pages as u64) * lottery.reward_step_lamports as u64
            + 2 * lottery.max_entries_per_round as u64 * lottery.reward_item_lamports as u64;
        require(lottery.crank_lamports >= reserve, E::CrankDepositTooLow)?;

        let index = lottery.next_round_index;
        let (key, bump) = address::round(&g.game.key, index);
        let mut round: Round = bytemuck::Zeroable::zeroed();
        round.lottery = g.game.key.to_bytes();
        round.config = lottery.config;
        round.mint = lottery.mint;
        round.rent_payer = cranker.to_bytes();
        round.commit = lottery.chain_head;
        round.commit_distance = distance as u8;
        round.chain_position = lottery.chain_next;
        (round.lottery_id, round.index) = (lottery.id, index);
        (round.opened_at, round.opened_slot) = (self.now, self.slot);
        self.set_lock(&mut round, self.next_lock(lottery), config.reveal_delay_slots);
        round.stake_units = config.stake_units;
        round.bond_units = bond;
        round.crank_lamports = reserve;
        round.config_version = config.version;
        round.max_pages = lottery.max_pages;
        round.page_entries = lottery.page_entries;
        round.max_entries = lottery.max_entries_per_round;
        round.max_entries_per_player = lottery.max_entries_per_player;
        (round.grace_seconds, round.grace_slots) = (config.grace_seconds, config.grace_slots);
        round.claim_seconds = config.claim_seconds;
        round.reward_step_lamports = lottery.reward_step_lamports;
        round.reward_item_lamports = lottery.reward_item_lamports;
        (round.fee_bps, round.compensation_cap_bps) = (config.fee_bps, config.compensation_cap_bps);
        (round.kind, round.source) = (config.kind, config.source);
        round.picks = g.rules.picks;
        round.numbers = g.rules.numbers;
        round.bonus_numbers = g.rules.bonus_numbers;
        round.rollover = g.rules.rollover;
        round.bump = bump;
        let mut opened = RoundModel { key, round, rules: g.rules, pages: Vec::new() };
        opened.reward(1, 0);

        let g = &mut self.games[game];
        g.lottery.bond_free_units -= bond;
        g.lottery.bond_reserved_units += bond;
        g.lottery.crank_lamports -= reserve;
        g.lottery.chain_next += 1;
        g.lottery.previous_locks_at = g.lottery.last_locks_at;
        g.lottery.last_locks_at = opened.round.locks_at;
        g.lottery.next_round_index += 1;
        g.lottery.live_rounds += 1;
        g.rounds.insert(index, opened);
        Ok(())
    }

    pub fn open_page(&mut self, id: RoundId, cranker: &Pubkey) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let r = self.round(id);
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(now < r.round.locks_at && slot < r.round.lock_slot, E::RoundLocked)?;
        require(r.round.page_count < r.round.max_pages, E::TooManyPages)?;
        let sequence = r.round.page_count;
        if let Some(Some(last)) = r.pages.last() {
            require(last.page.count * 4 >= last.page.capacity * 3, E::TooEarlyForPage)?;
        }
        let capacity = r.round.page_entries.min(r.round.max_entries - r.round.entries_allotted);
        require(capacity > 0, E::RoundFull)?;
        let mut page: Page = bytemuck::Zeroable::zeroed();
        page.round = r.key.to_bytes();
        page.rent_payer = cranker.to_bytes();
        (page.sequence, page.capacity) = (sequence, capacity);
        page.status = PageStatus::Open as u8;
        let (key, bump) = address::page(&r.key, sequence);
        page.bump = bump;
        r.pages.push(Some(PageModel { key, page, entries: Vec::new() }));
        r.round.page_count += 1;
        r.round.entries_allotted += capacity;
        r.reward(1, 0);
        Ok(())
    }

    /// `signer` is a person, or the session key of one.
    pub fn enter(
        &mut self,
        id: RoundId,
        sequence: u32,
        wallet: WalletId,
        signer: &Pubkey,
        tickets: &Tickets,
    ) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let mint = self.games[id.0].lottery.mint;
        let mut w = *self.wallets.get(&wallet).ok_or(E::WrongWallet)?;
        let wallet_key = self.wallet_keys[wallet.0][wallet.1];
        let r = self.round(id);
        let p = r.pages.get(sequence as usize).and_then(Option::as_ref).ok_or(E::WrongPage)?;
        require(w.mint == mint, E::WrongMint)?;
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(now < r.round.locks_at && slot < r.round.lock_slot, E::RoundLocked)?;
        require(p.page.status == PageStatus::Open as u8, E::PageNotOpen)?;
        let count = tickets.given.len() as u32 + tickets.quick as u32;
        require((1..=20).contains(&count), E::TicketCount)?;
        let first = p.page.count;
        require(count <= p.page.capacity - first, E::PageFull)?;
        let new = entries_of(&r.round, &wallet_key, &p.key, first, tickets)?;
        let cost = r.round.stake_units * count as u64;
        if w.owner != signer.to_bytes() {
            require(w.session_key == signer.to_bytes(), E::Unauthorized)?;
            require(now < w.session_expires_at, E::SessionExpired)?;
            require(w.session_lotteries.contains(&r.round.lottery_id), E::SessionForeign)?;
            w.session_spent_units += cost;
            require(w.session_spent_units <= w.session_limit_units, E::SessionOverspent)?;
        }
        if r.round.max_entries_per_player > 0 {
            count_entries(&mut w, &r.round, now, count)?;
        }
        require(w.balance_units >= cost, E::InsufficientBalance)?;
        w.balance_units -= cost;
        w.busy_until = w.busy_until.max(r.round.locks_at + r.round.grace_seconds as i64);

        let p = r.page(sequence).expect("seen above");
        p.page.digest = seed::page_digest::<Software>(&p.page.digest, bytemuck::cast_slice(&new));
        p.page.count += count;
        p.page.cash_units += cost;
        p.entries.extend(new);
        self.wallets.insert(wallet, w);
        Ok(())
    }

    pub fn pause(&mut self, game: usize) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let g = &mut self.games[game];
        require(g.lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        for back in 1..=2 {
            let index = g.lottery.next_round_index.wrapping_sub(back);
            if let Some(r) = g.rounds.get_mut(&index)
                && r.is(RoundStatus::Open)
                && now < r.round.locks_at
                && slot < r.round.lock_slot
            {
                r.become_void(VoidReason::Paused, now);
            }
        }
        // No round takes entries any more: the next may open as soon as the lottery is active again.
        g.lottery.last_locks_at = g.lottery.last_locks_at.min(now);
        g.lottery.previous_locks_at = g.lottery.previous_locks_at.min(now);
        g.lottery.status = LotteryStatus::Paused as u8;
        Ok(())
    }

    pub fn activate(&mut self, game: usize) -> Outcome {
        let lottery = &mut self.games[game].lottery;
        require(lottery.status == LotteryStatus::Paused as u8, E::WrongStatus)?;
        lottery.status = LotteryStatus::Active as u8;
        Ok(())
    }
}

/// A place of the ring belongs to a round until that is locked.
fn count_entries(wallet: &mut Wallet, round: &Round, now: i64, count: u32) -> Outcome {
    let here = |place: &RoundUse| place.lottery_id == round.lottery_id && place.round_index == round.index;
    let at = wallet
        .ring
        .iter()
        .position(here)
        .or_else(|| wallet.ring.iter().position(|place| place.locks_at <= now));
    let place = &mut wallet.ring[at.ok_or(E::PlayerRingFull)?];
    let before = if here(place) { place.entries } else { 0 };
    let (lottery_id, round_index) = (round.lottery_id, round.index);
    *place =
        RoundUse { lottery_id, round_index, locks_at: round.locks_at, entries: before + count, reserved: 0 };
    require(place.entries <= round.max_entries_per_player, E::PlayerLimit)
}

fn entries_of(
    round: &Round,
    wallet: &Pubkey,
    page: &Pubkey,
    first: u32,
    tickets: &Tickets,
) -> Result<Vec<Entry>, E> {
    let entry = |picks, bonus| Entry {
        wallet: wallet.to_bytes(),
        picks,
        stake_units: round.stake_units,
        bonus,
        tier: 0,
        flags: 0,
        spots: 0,
        multiplier_bps: 0,
    };
    let mut entries = Vec::new();
    for ticket in &tickets.given {
        let (numbers, bonus) = ticket.split_at(round.picks as usize);
        let numbers = picks::from_sorted(numbers, round.numbers).map_err(|error| match error {
            picks::PicksError::OutOfRange => E::NumberOutOfRange,
            picks::PicksError::Unsorted => E::NumbersUnsorted,
            picks::PicksError::Repeated => E::NumbersRepeated,
            picks::PicksError::WrongCount => E::TicketLength,
        })?;
        let bonus = bonus.first().copied();
        require(bonus.is_none_or(|ball| (1..=round.bonus_numbers).contains(&ball)), E::BonusOutOfRange)?;
        entries.push(entry(numbers, bonus.unwrap_or(0)));
    }
    let from = first + entries.len() as u32;
    let mut stream = picks::quick_pick_stream::<Software>(&wallet.to_bytes(), &page.to_bytes(), from);
    for _ in 0..tickets.quick {
        let (numbers, bonus) = draw::quick_pick(&mut stream, round.picks, round.numbers, round.bonus_numbers);
        entries.push(entry(numbers, bonus));
    }
    Ok(entries)
}
