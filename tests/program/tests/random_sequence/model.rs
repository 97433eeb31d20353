//! A plain model of the program: the same accounts as plain structs, each instruction as a function that checks
//! and changes. What it says must be what the chain says, field by field, after every step.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

use program_tests::{
    Game, LotteryError as E, Pubkey, Rules,
    accounts::{Attestation, Config, Entry, Lottery, Page, Round, Wallet},
    address,
    house::top_multiplier,
    kinds::{Kind, LotteryStatus, PageStatus, RoundStatus, Source, VoidReason},
};

use super::market::Market;

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
    /// Markets: stakes on each outcome.
    pub pools: Vec<u64>,
}

#[derive(Clone)]
pub struct RoundModel {
    pub key: Pubkey,
    pub round: Round,
    pub rules: Rules,
    /// By sequence; `None` once closed.
    pub pages: Vec<Option<PageModel>>,
    /// Markets: stakes on each outcome, of sealed pages.
    pub pools: Vec<u64>,
    /// Markets: by place in the oracle set; all zero until its reporter attested.
    pub attestations: Vec<Attestation>,
}

#[derive(Clone)]
pub struct GameModel {
    pub game: Rc<Game>,
    pub money: usize,
    pub lottery: Lottery,
    pub config: Config,
    pub rules: Rules,
    /// Shared with the model as it was before, until they change: each step has its own model.
    pub rounds: BTreeMap<u64, Rc<RoundModel>>,
}

#[derive(Clone)]
pub struct Model {
    pub now: i64,
    pub slot: u64,
    /// The slot at which the cluster was last restarted, 0 if never.
    pub restart_slot: u64,
    /// The 512 slots whose hashes are remembered, oldest first.
    pub produced: VecDeque<u64>,
    /// By person and kind of money.
    pub wallet_keys: Rc<[[Pubkey; 3]]>,
    pub games: Vec<GameModel>,
    pub wallets: BTreeMap<WalletId, Wallet>,
    /// What people hold outside of the vaults.
    pub outside: BTreeMap<WalletId, u64>,
    /// The vaults' totals.
    pub totals: Vec<u64>,
}

impl GameModel {
    /// The kind; games on a beacon are told apart from all others.
    pub fn kind_name(&self) -> &'static str {
        if self.is_on_beacon() {
            return "beacon";
        }
        Kind::from_byte(self.lottery.kind).expect("a known kind").name()
    }
}

impl GameModel {
    pub fn is_on_beacon(&self) -> bool {
        self.config.source == Source::Beacon as u8
    }

    pub fn is_commit_reveal(&self) -> bool {
        self.config.source == Source::CommitReveal as u8
    }

    /// Of an operator's hash chain only. Draws: all that a round can take in, compensation for it, and what the jackpot can
    /// become until its turn; house games: twice what one may have to pay.
    pub fn round_bond_units(&self) -> u64 {
        match self.rules {
            _ if !self.is_commit_reveal() => 0,
            Rules::Prediction(_) => unreachable!("markets have no hash chain"),
            Rules::Draw(_) => {
                let pool = self.config.stake_units * self.lottery.max_entries_per_round as u64;
                let compensation = (pool * self.config.compensation_cap_bps as u64).div_ceil(10_000);
                pool + compensation + self.lottery.jackpot_units + self.lottery.unfinalised_pools_units
            }
            Rules::Keno(_) | Rules::Instant(_) => 2 * self.lottery.max_liability_units,
        }
    }

    /// What a round can add to the jackpot.
    pub fn rolling_pool_units(&self) -> u64 {
        let pool = self.config.stake_units * self.lottery.max_entries_per_round as u64;
        pool * self.lottery.rollover as u64
    }

    /// Links that were never revealed, and no round that still waits for one.
    pub fn may_advance(&self) -> bool {
        let skipped = self.lottery.chain_next - self.lottery.chain_position > 1;
        skipped && self.rounds.values().all(|r| r.round.finalised == 1)
    }

    /// One of the two rounds that may take entries.
    pub fn is_among_newest(&self, round: &Round) -> bool {
        self.lottery.next_round_index - round.index <= 2
    }
}

impl PageModel {
    /// Three quarters, by entries or by liability.
    pub fn is_full_enough(&self) -> bool {
        let page = &self.page;
        page.count * 4 >= page.capacity * 3
            || (page.budget_units > 0 && page.liability_units as u128 * 4 >= page.budget_units as u128 * 3)
    }
}

/// Kinds that players play against a bankroll.
pub fn is_house(rules: &Rules) -> bool {
    matches!(rules, Rules::Keno(_) | Rules::Instant(_))
}

/// What `enter` needs of the rules.
fn copy_rules(round: &mut Round, rules: &Rules) {
    match rules {
        Rules::Draw(draw) => {
            round.picks = draw.picks;
            round.numbers = draw.numbers;
            round.bonus_numbers = draw.bonus_numbers;
            round.rollover = draw.rollover;
        }
        Rules::Keno(_) => {
            let tops = (1..=10).map(|spots| top_multiplier(rules, spots));
            round.max_multiplier_bps.iter_mut().zip(tops).for_each(|(place, top)| *place = top);
        }
        Rules::Instant(_) => round.max_multiplier_bps[0] = top_multiplier(rules, 0),
        Rules::Prediction(_) => {
            let market = Market::of(rules).expect("a market").rules;
            round.outcome_count = market.outcome_count;
            round.reporter_count = market.reporter_count;
            round.quorum = market.quorum;
        }
    }
}

impl RoundModel {
    pub fn is(&self, status: RoundStatus) -> bool {
        self.round.status == status as u8
    }

    pub fn is_empty(&self) -> bool {
        self.pages.iter().flatten().all(|page| page.page.count == 0)
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
        self.games[id.0].rounds.get_mut(&id.1).map(Rc::make_mut).expect("a live round")
    }

    pub fn open_round(&mut self, game: usize, cranker: &Pubkey) -> Outcome {
        let g = &self.games[game];
        let (lottery, config) = (&g.lottery, &g.config);
        require(lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        require(self.now >= lottery.previous_locks_at, E::TooManyOpenRounds)?;
        let distance = lottery.chain_next - lottery.chain_position;
        let has_chain = g.is_commit_reveal();
        require(!has_chain || lottery.chain_next <= lottery.chain_length, E::ChainExhausted)?;
        require(!has_chain || distance <= 100, E::ChainTooFar)?;
        let bond = g.round_bond_units();
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
        if has_chain {
            round.commit = lottery.chain_head;
            round.commit_distance = distance as u8;
            round.chain_position = lottery.chain_next;
        }
        round.beacon = config.beacon;
        (round.lottery_id, round.index) = (lottery.id, index);
        (round.opened_at, round.opened_slot) = (self.now, self.slot);
        let market = Market::of(&g.rules);
        self.set_lock(&mut round, self.next_lock(lottery), config, market.as_ref());
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
        round.min_stake_units = lottery.min_stake_units;
        round.max_stake_units = lottery.max_stake_units;
        round.page_budget_units = lottery.page_budget_units;
        round.max_liability_units = lottery.max_liability_units;
        copy_rules(&mut round, &g.rules);
        round.bump = bump;
        let pools = vec![0; round.outcome_count as usize];
        let attestations = vec![bytemuck::Zeroable::zeroed(); round.reporter_count as usize];
        let mut opened = RoundModel { key, round, rules: g.rules, pages: Vec::new(), pools, attestations };
        opened.reward(1, 0);

        let g = &mut self.games[game];
        g.lottery.bond_free_units -= bond;
        g.lottery.bond_reserved_units += bond;
        g.lottery.unfinalised_pools_units += g.rolling_pool_units();
        g.lottery.crank_lamports -= reserve;
        g.lottery.chain_next += has_chain as u64;
        g.lottery.previous_locks_at = g.lottery.last_locks_at;
        g.lottery.last_locks_at = opened.round.locks_at;
        g.lottery.next_round_index += 1;
        g.lottery.live_rounds += 1;
        g.rounds.insert(index, Rc::new(opened));
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
            require(last.is_full_enough(), E::TooEarlyForPage)?;
        }
        let capacity = r.round.page_entries.min(r.round.max_entries - r.round.entries_allotted);
        require(capacity > 0, E::RoundFull)?;
        let budget = r.round.page_budget_units.min(r.round.max_liability_units - r.round.budget_units);
        let is_house = is_house(&r.rules);
        let is_enough = budget >= 16 * r.round.min_stake_units.max(1);
        require(!is_house || is_enough, E::LiabilityCapReached)?;
        let lottery = &mut self.games[id.0].lottery;
        require(lottery.bankroll_free_units >= budget, E::BankrollTooLow)?;
        lottery.bankroll_free_units -= budget;
        lottery.bankroll_reserved_units += budget;

        let r = self.round(id);
        r.round.budget_units += budget;
        let mut page: Page = bytemuck::Zeroable::zeroed();
        page.round = r.key.to_bytes();
        page.rent_payer = cranker.to_bytes();
        (page.sequence, page.capacity) = (sequence, capacity);
        page.budget_units = budget;
        page.tail_words = r.round.outcome_count as u16;
        page.status = PageStatus::Open as u8;
        let (key, bump) = address::page(&r.key, sequence);
        page.bump = bump;
        let pools = vec![0; r.pools.len()];
        r.pages.push(Some(PageModel { key, page, entries: Vec::new(), pools }));
        r.round.page_count += 1;
        r.round.entries_allotted += capacity;
        r.reward(1, 0);
        Ok(())
    }

    pub fn pause(&mut self, game: usize) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let g = &mut self.games[game];
        require(g.lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        for back in 1..=2 {
            let index = g.lottery.next_round_index.wrapping_sub(back);
            if let Some(r) = g.rounds.get_mut(&index).map(Rc::make_mut)
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
