//! A plain model of the program: the same accounts as plain structs, each instruction as a function that checks
//! and changes. What it says must be what the chain says, field by field, after every step.

use std::collections::{BTreeMap, VecDeque};

use lottery_rules::{
    commit_reveal,
    draw::{self, SplitInput, TierTable},
    hash::Software,
    math, picks, seed,
};
use program_tests::{
    Game, LotteryError as E, Pubkey,
    accounts::{Config, DrawRules, Entry, FLAG_PAID, FLAG_REFUNDED, Lottery, Page, Round, RoundUse, Wallet},
    address,
    chain::slot_hash,
    kinds::{LotteryStatus, PageStatus, RoundStatus, VoidReason},
    replay,
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
    pub page: Page,
    pub entries: Vec<Entry>,
}

#[derive(Clone)]
pub struct RoundModel {
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
    /// Owners, by person.
    pub people: Vec<Pubkey>,
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

    fn all_sealed(&self) -> bool {
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

    fn reward(&mut self, steps: u64, items: u64) {
        let lamports =
            steps * self.round.reward_step_lamports as u64 + items * self.round.reward_item_lamports as u64;
        self.round.crank_lamports -= lamports.min(self.round.crank_lamports);
    }

    /// The share of a slashed bond, known with the last seal.
    fn share_bond(&mut self) {
        let round = &mut self.round;
        if round.status == RoundStatus::Void as u8
            && round.pages_sealed == round.page_count
            && round.entries > 0
        {
            let cap = math::bps(round.pool_units, round.compensation_cap_bps).expect("fits");
            round.bonus_each_units = round.slashed_units.min(cap) / round.entries;
        }
    }

    fn void(&mut self, reason: VoidReason, now: i64) {
        self.round.status = RoundStatus::Void as u8;
        self.round.void_reason = reason as u8;
        self.round.final_at = now;
        self.round.claim_until = now + self.round.claim_seconds as i64;
        self.share_bond();
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
    fn next_lock(&self, lottery: &Lottery) -> i64 {
        let period = lottery.period_seconds as i64;
        let next = lottery.last_locks_at + period;
        if next - self.now < period / 2 { self.now + period } else { next }
    }

    fn set_lock(&self, round: &mut Round, locks_at: i64, delay: u32) {
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
        let bump = address::round(&g.game.key, index).1;
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
        let mut opened = RoundModel { round, rules: g.rules, pages: Vec::new() };
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

    pub fn open_page(&mut self, id: RoundId, key: &Pubkey, cranker: &Pubkey) -> Outcome {
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
        page.round = address::round(&Pubkey::new_from_array(r.round.lottery), r.round.index).0.to_bytes();
        page.rent_payer = cranker.to_bytes();
        (page.sequence, page.capacity) = (sequence, capacity);
        page.status = PageStatus::Open as u8;
        page.bump = address::page(&Pubkey::new_from_array(page.round), sequence).1;
        assert_eq!(address::page(&Pubkey::new_from_array(page.round), sequence).0, *key);
        r.pages.push(Some(PageModel { page, entries: Vec::new() }));
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
        let wallet_key = address::wallet(&w.owner.into(), &w.mint.into()).0;
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

        let page_key = address::page(&Pubkey::new_from_array(p.page.round), sequence).0;
        let new = entries_of(&r.round, &wallet_key, &page_key, first, tickets)?;
        let p = r.page(sequence).expect("seen above");
        p.page.digest = seed::page_digest::<Software>(&p.page.digest, bytemuck::cast_slice(&new));
        p.page.count += count;
        p.page.cash_units += cost;
        p.entries.extend(new);
        self.wallets.insert(wallet, w);
        Ok(())
    }

    pub fn seal(&mut self, id: RoundId, sequence: u32) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let r = self.round(id);
        let locked = now >= r.round.locks_at || slot >= r.round.lock_slot;
        let (void, next) = (r.is(RoundStatus::Void), r.round.pages_sealed);
        let p = r.page(sequence).ok_or(E::WrongPage)?;
        require(p.page.status <= PageStatus::Open as u8, E::PageAlreadySealed)?;
        require(sequence == next, E::WrongPage)?;
        require(void || locked, E::RoundNotLocked)?;
        let (cash, count, digest) = (p.page.cash_units, p.page.count, p.page.digest);
        p.page.cash_units = 0;
        p.page.status = if count == 0 { PageStatus::Settled } else { PageStatus::Sealed } as u8;
        r.round.cash_units += cash;
        r.round.pool_units += cash;
        r.round.entries += count as u64;
        r.round.sealed_digest = seed::fold_page::<Software>(&r.round.sealed_digest, &digest, sequence, count);
        r.round.pages_sealed += 1;
        if count == 0 {
            r.round.pages_settled += 1;
        } else {
            r.reward(1, 0);
        }
        r.share_bond();
        Ok(())
    }

    /// The first produced slot at or after a target, while the chain surely knows it.
    fn first_from(&self, target: u64) -> Result<u64, E> {
        let found = self.produced.iter().find(|slot| **slot >= target && self.slot > target);
        let found = *found.ok_or(E::SlotNotReached)?;
        require(self.produced[0] <= target, E::SlotHashLost)?;
        Ok(found)
    }

    pub fn capture(&mut self, id: RoundId) -> Outcome {
        let target = self.round(id).round.target_slot;
        let found = self.first_from(target);
        let r = self.round(id);
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(r.round.captured_slot == 0, E::SlotHashAlreadyCaptured)?;
        r.round.captured_slot = found?;
        r.round.slot_hash = slot_hash(r.round.captured_slot);
        if r.round.retimes == 0 {
            r.reward(1, 0);
        }
        Ok(())
    }

    pub fn reveal(&mut self, id: RoundId, proof: &[u8; 32]) -> Outcome {
        let locked = self.is_locked(&self.games[id.0].rounds[&id.1].round);
        let reveals = self.games[id.0].game.reveals.clone();
        let r = self.round(id);
        require(!r.is(RoundStatus::Void), E::RoundNotOpen)?;
        require(r.is(RoundStatus::Open), E::ValueAlreadyPosted)?;
        require(locked, E::RoundNotLocked)?;
        require(r.round.captured_slot != 0, E::SlotHashMissing)?;
        // Not the program's way of checking: the operator knows which link it must be.
        require(reveals.link(r.round.chain_position as u32) == Some(*proof), E::RevealMismatch)?;
        r.round.reveal = *proof;
        r.round.value = commit_reveal::value::<Software>(proof, &r.round.slot_hash);
        r.round.status = RoundStatus::Valued as u8;
        r.reward(1, 0);
        Ok(())
    }

    pub fn draw(&mut self, id: RoundId) -> Outcome {
        let r = self.round(id);
        require(!r.is(RoundStatus::Open), E::ValueMissing)?;
        require(!r.is(RoundStatus::Void), E::RoundNotOpen)?;
        require(r.is(RoundStatus::Valued), E::AlreadyDrawn)?;
        require(r.all_sealed(), E::PagesNotSealed)?;
        let key = address::round(&Pubkey::new_from_array(r.round.lottery), r.round.index).0;
        r.round.seed = seed::round_seed::<Software>(&r.round.value, &key.to_bytes(), &r.round.sealed_digest);
        let drawn =
            draw::draw::<Software>(&r.round.seed, r.rules.picks, r.rules.numbers, r.rules.bonus_numbers);
        r.round.result = replay::result_bytes(&drawn);
        r.round.status = RoundStatus::Drawn as u8;
        r.reward(1, 0);
        Ok(())
    }

    pub fn settle(&mut self, id: RoundId, sequence: u32, limit: u32) -> Outcome {
        let r = self.round(id);
        let drawn =
            draw::draw::<Software>(&r.round.seed, r.rules.picks, r.rules.numbers, r.rules.bonus_numbers);
        let (is_drawn, table) = (r.is(RoundStatus::Drawn), TierTable::new(&replay::tiers_of(&r.rules)));
        let p = r.page(sequence).ok_or(E::WrongPage)?;
        require(is_drawn, E::NotDrawn)?;
        require(p.page.status != PageStatus::Settled as u8, E::PageAlreadySettled)?;
        require(limit > 0, E::ZeroAmount)?;
        let from = p.page.settle_cursor as usize;
        let to = (from + limit as usize).min(p.entries.len());
        for entry in &mut p.entries[from..to] {
            let hit = drawn.bonus > 0 && entry.bonus == drawn.bonus;
            entry.tier = table.tier(picks::matches(&entry.picks, &drawn.picks), hit);
            if entry.tier > 0 {
                p.page.tier_winners[entry.tier as usize - 1] += 1;
                p.page.winners += 1;
            }
        }
        p.page.settle_cursor = to as u32;
        let done = to == p.entries.len();
        if done {
            p.page.status = PageStatus::Settled as u8;
            let page = p.page;
            for (total, winners) in r.round.winners.iter_mut().zip(page.tier_winners) {
                *total += winners as u64;
            }
            r.round.winners_total += page.winners as u64;
            r.round.pages_settled += 1;
        }
        r.reward(done as u64, (to - from) as u64);
        Ok(())
    }

    pub fn finalise(&mut self, id: RoundId) -> Outcome {
        let now = self.now;
        let g = &mut self.games[id.0];
        let (lottery, r) = (&mut g.lottery, g.rounds.get_mut(&id.1).expect("a live round"));
        require(r.round.finalised == 0, E::AlreadyFinal)?;
        let void = r.is(RoundStatus::Void);
        require(void || r.is(RoundStatus::Drawn), E::NotDrawn)?;
        require(void || r.round.pages_settled == r.round.page_count, E::PagesNotSettled)?;
        require(lottery.rollover == 0 || r.round.index == lottery.next_final_index, E::FinaliseOutOfOrder)?;
        if !void {
            split(lottery, r);
            r.round.status = RoundStatus::Final as u8;
            r.round.final_at = now;
            r.round.claim_until = now + r.round.claim_seconds as i64;
            if r.round.chain_position > lottery.chain_position {
                lottery.chain_position = r.round.chain_position;
                lottery.chain_head = r.round.reveal;
            }
        }
        r.round.finalised = 1;
        lottery.bond_reserved_units -= r.round.bond_units;
        lottery.bond_free_units += r.round.bond_units;
        r.round.bond_units = 0;
        lottery.next_final_index += 1;
        lottery.history_head = seed::history_head::<Software>(
            &lottery.history_head,
            r.round.index,
            &r.round.seed,
            &r.round.result,
        );
        r.reward(1, 0);
        Ok(())
    }

    /// `pay` or `refund`: items are (index, person).
    pub fn credit(&mut self, id: RoundId, sequence: u32, items: &[(u32, usize)], refund: bool) -> Outcome {
        let money = self.games[id.0].money;
        let (mut wallets, people) = (self.wallets.clone(), self.people.clone());
        let r = self.round(id);
        require(r.pages.get(sequence as usize).is_some_and(Option::is_some), E::WrongPage)?;
        if refund {
            require(r.refunds(), E::NotVoid)?;
            require(r.all_sealed(), E::PagesNotSealed)?;
        } else {
            require(r.is(RoundStatus::Final) && r.round.refund_all == 0, E::NotFinal)?;
        }
        require(r.round.expired == 0, E::NothingToPay)?;
        require(!items.is_empty(), E::ItemsMalformed)?;
        let round = r.round;
        let flag = if refund { FLAG_REFUNDED } else { FLAG_PAID };
        let mut p = r.page(sequence).expect("seen above").clone();
        let (mut credited, mut count, mut again) = (0, 0, false);
        for (index, person) in items {
            let entry = p.entries.get_mut(*index as usize).ok_or(E::ItemOutOfRange)?;
            require(refund || entry.tier > 0, E::NotAWinner)?;
            let units = match refund {
                true => entry.stake_units + round.bonus_each_units,
                false => round.prize_each_units[entry.tier as usize - 1],
            };
            require(key_of(&people[*person], &round.mint) == entry.wallet, E::WrongWallet)?;
            if entry.flags & flag != 0 {
                again = true;
                continue;
            }
            let Some(wallet) = wallets.get_mut(&(*person, money)) else { continue };
            wallet.balance_units += units;
            entry.flags |= flag;
            credited += units;
            count += 1;
        }
        require(
            count > 0,
            if again { if refund { E::AlreadyRefunded } else { E::AlreadyPaid } } else { E::NothingToPay },
        )?;
        if refund {
            p.page.refunded += count;
            r.round.refunded += count as u64;
        } else {
            p.page.paid += count;
            r.round.winners_paid += count as u64;
        }
        r.round.cash_units -= credited;
        r.reward(0, count as u64);
        r.pages[sequence as usize] = Some(p);
        self.wallets = wallets;
        Ok(())
    }

    pub fn void(&mut self, id: RoundId) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let round = self.round(id).round;
        require(round.status != RoundStatus::Void as u8, E::RoundNotOpen)?;
        require(round.status == RoundStatus::Open as u8, E::ValueAlreadyPosted)?;
        require(self.is_locked(&round), E::RoundNotLocked)?;
        let lost = round.captured_slot == 0 && self.first_from(round.target_slot) == Err(E::SlotHashLost);
        let over = now >= round.locks_at + round.grace_seconds as i64
            && slot >= round.target_slot + round.grace_slots as u64;
        require(lost || over, E::GraceNotOver)?;
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).expect("a live round");
        g.lottery.bond_reserved_units -= r.round.bond_units;
        r.round.cash_units += r.round.bond_units;
        r.round.slashed_units = r.round.bond_units;
        r.round.bond_units = 0;
        r.void(if lost { VoidReason::SlotHashLost } else { VoidReason::GraceExpired }, now);
        r.reward(1, 0);
        Ok(())
    }

    pub fn retime(&mut self, id: RoundId) -> Outcome {
        let round = self.round(id).round;
        let lottery = self.games[id.0].lottery;
        require(round.status == RoundStatus::Open as u8, E::RoundNotOpen)?;
        require(self.is_locked(&round), E::RoundNotLocked)?;
        require(lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        require(self.round(id).pages.iter().flatten().all(|p| p.page.count == 0), E::RoundNotEmpty)?;
        let mut again = round;
        let locks_at = match lottery.next_round_index - round.index {
            1 => self.next_lock(&lottery),
            2 => self.now + lottery.period_seconds as i64,
            _ => return Err(E::WrongRound),
        };
        let delay = self.games[id.0].config.reveal_delay_slots;
        self.set_lock(&mut again, locks_at, delay);
        (again.captured_slot, again.slot_hash, again.sealed_digest) = (0, [0; 32], [0; 32]);
        (again.pages_sealed, again.pages_settled) = (0, 0);
        again.retimes += 1;
        let g = &mut self.games[id.0];
        match lottery.next_round_index - round.index {
            1 => g.lottery.last_locks_at = locks_at,
            _ => g.lottery.previous_locks_at = locks_at,
        }
        let r = self.round(id);
        r.round = again;
        for p in r.pages.iter_mut().flatten() {
            p.page.status = PageStatus::Open as u8;
        }
        Ok(())
    }

    pub fn expire(&mut self, id: RoundId) -> Outcome {
        let now = self.now;
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).expect("a live round");
        require(r.round.finalised == 1, E::NotFinal)?;
        require(r.all_sealed(), E::PagesNotSealed)?;
        require(!r.owes_nothing(), E::NothingToPay)?;
        require(now >= r.round.claim_until, E::ClaimPeriodOpen)?;
        let prizes = r.is(RoundStatus::Final) && r.round.refund_all == 0;
        let to = match prizes && g.lottery.rollover == 1 {
            true => &mut g.lottery.jackpot_units,
            false => &mut g.lottery.treasury_due_units,
        };
        *to += r.round.cash_units;
        r.round.cash_units = 0;
        r.round.expired = 1;
        r.reward(1, 0);
        Ok(())
    }

    pub fn close_page(&mut self, id: RoundId, sequence: u32) -> Outcome {
        let r = self.round(id);
        let (ended, refunds) = (r.is(RoundStatus::Final) || r.is(RoundStatus::Void), r.refunds());
        let expired = r.round.expired == 1;
        let p = r.page(sequence).ok_or(E::WrongPage)?.page;
        require(ended, E::NotFinal)?;
        require(p.status >= PageStatus::Sealed as u8, E::PagesNotSealed)?;
        let done = if refunds { p.refunded == p.count } else { p.paid == p.winners };
        require(done || expired, E::StillOwes)?;
        r.round.pages_closed += 1;
        r.reward(1, 0);
        r.pages[sequence as usize] = None;
        Ok(())
    }

    pub fn close_round(&mut self, id: RoundId) -> Outcome {
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).expect("a live round");
        require(r.round.finalised == 1, E::NotFinal)?;
        require(r.owes_nothing(), E::StillOwes)?;
        require(r.round.pages_closed == r.round.page_count, E::PagesNotClosed)?;
        let to = match r.round.entries {
            0 => &mut g.lottery.bond_free_units,
            _ => &mut g.lottery.treasury_due_units,
        };
        *to += r.round.cash_units;
        r.reward(1, 0);
        g.lottery.crank_lamports += r.round.crank_lamports;
        g.lottery.live_rounds -= 1;
        g.rounds.remove(&id.1);
        Ok(())
    }

    pub fn pause(&mut self, game: usize) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let g = &mut self.games[game];
        require(g.lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        for back in 1..=2 {
            let index = g.lottery.next_round_index.wrapping_sub(back);
            if let Some(r) = g.rounds.get_mut(&index) {
                if r.is(RoundStatus::Open) && now < r.round.locks_at && slot < r.round.lock_slot {
                    r.void(VoidReason::Paused, now);
                }
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

fn key_of(owner: &Pubkey, mint: &[u8; 32]) -> [u8; 32] {
    address::wallet(owner, &Pubkey::new_from_array(*mint)).0.to_bytes()
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
        reserved: [0; 5],
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
    let mut stream = draw::quick_pick_stream::<Software>(&wallet.to_bytes(), &page.to_bytes(), from);
    for _ in 0..tickets.quick {
        let (numbers, bonus) = draw::quick_pick(&mut stream, round.picks, round.numbers, round.bonus_numbers);
        entries.push(entry(numbers, bonus));
    }
    Ok(entries)
}

fn split(lottery: &mut Lottery, r: &mut RoundModel) {
    let count = r.rules.tier_count as usize;
    let shares: Vec<u16> = r.rules.tiers[..count].iter().map(|tier| tier.share_bps).collect();
    let jackpot = lottery.jackpot_units;
    let split = draw::split(&SplitInput {
        pool: r.round.pool_units,
        jackpot,
        entries: r.round.entries,
        fee_bps: r.round.fee_bps,
        shares_bps: &shares,
        winners: &r.round.winners[..count],
        rollover: r.round.rollover == 1,
        last_round: false,
    })
    .expect("amounts fit");
    let prizes: u64 =
        split.prize_each.iter().zip(r.round.winners).map(|(prize, winners)| prize * winners).sum();
    let refunds = (r.round.stake_units + split.bonus_each) * r.round.entries;
    r.round.cash_units = if split.refund_all { refunds } else { prizes };
    r.round.fee_units = split.fee;
    let rolls_on = r.round.rollover == 1 && r.round.winners[0] == 0;
    r.round.jackpot_in_units = if rolls_on || r.round.entries == 0 { 0 } else { jackpot };
    r.round.prize_each_units = split.prize_each;
    r.round.refund_all = split.refund_all as u8;
    r.round.bonus_each_units = split.bonus_each;
    lottery.jackpot_units = split.jackpot_next;
    lottery.fees_units += split.fee;
    lottery.treasury_due_units += split.to_treasury;
}
