//! A lottery that is played: every step as the program would do it.

use super::*;

/// The lottery of these tests: 3 of 10 with a bonus ball of 4; progressive.
pub fn rules() -> DrawRules {
    let mut rules = DrawRules {
        picks: 3,
        numbers: 10,
        bonus_numbers: 4,
        rollover: 1,
        tier_count: 3,
        ..Zeroable::zeroed()
    };
    rules.tiers[0] = DrawTier { matches: 3, bonus: 1, share_bps: 5_000 };
    rules.tiers[1] = DrawTier { matches: 2, bonus: 0, share_bps: 3_000 };
    rules.tiers[2] = DrawTier { matches: 1, bonus: 0, share_bps: 2_000 };
    rules
}

pub const STAKE: u64 = 1_000_000;

pub struct Game {
    pub kind: Kind,
    pub chain: Chain,
    pub operator: Pubkey,
    pub registry: Registry,
    pub vault: Vault,
    pub lottery: Lottery,
    pub lottery_key: Pubkey,
    pub config: Config,
    pub config_key: Pubkey,
    pub round: Round,
    pub round_key: Pubkey,
    pub pages: Vec<(Pubkey, Page, Vec<Entry>)>,
    pub wallets: BTreeMap<Pubkey, Wallet>,
}

impl Game {
    /// Registry, vault and lottery 1, a draw.
    pub fn new() -> Self {
        Self::of_kind(Kind::Draw)
    }

    pub fn of_kind(kind: Kind) -> Self {
        let state = State { slot: START_SLOT, slots_per_batch: 1_000, ..State::default() };
        let operator = Pubkey::new_from_array([9; 32]);
        let lottery_key = address::lottery(1).0;
        let mut game = Game {
            kind,
            chain: Chain(Arc::new(Mutex::new(state))),
            operator,
            registry: Zeroable::zeroed(),
            vault: Zeroable::zeroed(),
            lottery: Zeroable::zeroed(),
            lottery_key,
            config: Zeroable::zeroed(),
            config_key: address::config(&lottery_key, 0).0,
            round: Zeroable::zeroed(),
            round_key: Pubkey::default(),
            pages: Vec::new(),
            wallets: BTreeMap::new(),
        };
        game.create();
        game
    }

    fn create(&mut self) {
        let args = RegistryArgs { treasury: [8; 32], fee_cap_bps: 1_000, ..Zeroable::zeroed() };
        self.registry.treasury = args.treasury;
        self.registry.fee_cap_bps = 1_000;
        self.registry.next_lottery_id = 2;
        self.chain.put(address::registry().0, &self.registry, &[]);
        self.chain.send_one(ix::init_registry(self.operator, &args), vec![]);
        self.chain.put(address::vault(&Pubkey::default()).0, &self.vault, &[]);
        let native = address::SYSTEM_PROGRAM;
        self.chain.send_one(ix::open_vault(self.operator, Pubkey::default(), native), vec![]);

        let mut name = [0; 32];
        name[..9].copy_from_slice(b"3 of ten ");
        let args = LotteryArgs { name, pauser: [7; 32], treasurer: [6; 32] };
        let limits = self.limits();
        let config = ConfigArgs {
            stake_units: self.stake(),
            claim_seconds: 1_000,
            reveal_delay_slots: 2,
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: 2,
            ..Zeroable::zeroed()
        };
        self.lottery = Lottery {
            operator: self.operator.to_bytes(),
            config: self.config_key.to_bytes(),
            name,
            id: 1,
            page_entries: 8,
            max_pages: 4,
            max_entries_per_round: 30,
            period_seconds: limits.period_seconds,
            reward_step_lamports: limits.reward_step_lamports,
            reward_item_lamports: limits.reward_item_lamports,
            max_stake_units: limits.max_stake_units,
            min_stake_units: limits.min_stake_units,
            page_budget_units: limits.page_budget_units,
            max_liability_units: limits.max_liability_units,
            kind: self.kind as u8,
            status: LotteryStatus::Pending as u8,
            rollover: (self.kind == Kind::Draw) as u8,
            ..Zeroable::zeroed()
        };
        let slot = self.chain.state().slot + 1;
        self.config = Config {
            lottery: self.lottery_key.to_bytes(),
            rent_payer: self.operator.to_bytes(),
            stake_units: self.stake(),
            created_slot: slot,
            claim_seconds: 1_000,
            reveal_delay_slots: 2,
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: 2,
            bump: address::config(&self.lottery_key, 0).1,
            ..Zeroable::zeroed()
        };
        let rules = self.rule_bytes();
        self.chain.put(self.config_key, &self.config, &rules);
        self.store();
        self.chain.send_one(
            ix::create_lottery(self.operator, 1, Pubkey::default(), &args, &limits, &config, &rules),
            vec![],
        );
    }

    pub fn limits(&self) -> LimitsArgs {
        if self.kind.is_house() {
            return house_limits();
        }
        LimitsArgs {
            page_entries: 8,
            max_pages: 4,
            max_entries_per_round: 30,
            period_seconds: 60,
            reward_step_lamports: 10,
            reward_item_lamports: 3,
            ..Zeroable::zeroed()
        }
    }

    fn stake(&self) -> u64 {
        if self.kind.is_house() { 0 } else { STAKE }
    }

    fn fee_bps(&self) -> u16 {
        if self.kind.is_house() { HOUSE_FEE_BPS } else { 500 }
    }

    fn rule_bytes(&self) -> Vec<u8> {
        match self.kind {
            Kind::Keno => bytes_of(&keno_rules()).to_vec(),
            Kind::Instant => bytes_of(&instant_rules()).to_vec(),
            _ => bytes_of(&rules()).to_vec(),
        }
    }

    /// Pays a cranker out of the round's reserve.
    fn reward(&mut self, steps: u64, items: u64) {
        self.round.crank_lamports -= 10 * steps + 3 * items;
    }

    /// Puts what changes with almost every step.
    pub fn store(&self) {
        self.chain.put(self.lottery_key, &self.lottery, &[]);
        if self.round_key != Pubkey::default() {
            self.chain.put(self.round_key, &self.round, &[]);
        }
        for (key, page, entries) in &self.pages {
            self.chain.put(*key, page, bytemuck::cast_slice(entries));
        }
        for (key, wallet) in &self.wallets {
            self.chain.put(*key, wallet, &[]);
        }
    }

    fn changed(&self) -> Vec<Vec<u8>> {
        vec![event(
            "RoundChanged",
            &RoundChanged {
                lottery_id: 1,
                round_index: self.round.index,
                entries: self.round.entries,
                pool_units: self.round.pool_units,
                result: self.round.result,
                status: self.round.status,
                void_reason: self.round.void_reason,
                reserved: [0; 6],
            },
        )]
    }

    pub fn open_wallet(&mut self, owner: Pubkey) -> Pubkey {
        let (key, bump) = address::wallet(&owner, &Pubkey::default());
        let wallet =
            Wallet { owner: owner.to_bytes(), rent_payer: owner.to_bytes(), bump, ..Zeroable::zeroed() };
        self.wallets.insert(key, Wallet { balance_units: 100 * STAKE, ..wallet });
        self.store();
        self.chain.send_one(ix::open_wallet(owner, owner, Pubkey::default()), vec![]);
        key
    }

    pub fn fund_jackpot(&mut self, units: u64) {
        self.lottery.jackpot_units += units;
        self.store();
        self.chain.send_one(ix::fund_jackpot(self.operator, 1, Pubkey::default(), units), vec![]);
    }

    pub fn open_round(&mut self) {
        let index = self.lottery.next_round_index;
        let (key, bump) = address::round(&self.lottery_key, index);
        self.round_key = key;
        self.pages.clear();
        let slot = self.chain.state().slot + 1;
        let at = 1_700_000_000 + slot as i64;
        let limits = self.limits();
        let house = self.kind.is_house();
        self.round = Round {
            lottery: self.lottery_key.to_bytes(),
            config: self.config_key.to_bytes(),
            rent_payer: self.operator.to_bytes(),
            lottery_id: 1,
            index,
            opened_at: at,
            opened_slot: slot,
            locks_at: at + 60,
            lock_slot: slot + 150,
            target_slot: slot + 152,
            stake_units: self.stake(),
            bond_units: if house { 2 * MAX_LIABILITY } else { 30 * STAKE },
            min_stake_units: limits.min_stake_units,
            max_stake_units: limits.max_stake_units,
            page_budget_units: limits.page_budget_units,
            max_liability_units: limits.max_liability_units,
            max_multiplier_bps: self.max_multipliers(),
            crank_lamports: worst_case_lamports(4, 30, 10, 3).unwrap(),
            reward_step_lamports: 10,
            reward_item_lamports: 3,
            chain_position: 1 + index,
            max_pages: 4,
            page_entries: 8,
            max_entries: 30,
            claim_seconds: 1_000,
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: 2,
            picks: if house { 0 } else { 3 },
            numbers: if house { 0 } else { 10 },
            bonus_numbers: if house { 0 } else { 4 },
            rollover: !house as u8,
            bump,
            ..Zeroable::zeroed()
        };
        self.reward(1, 0);
        self.lottery.next_round_index += 1;
        self.lottery.live_rounds += 1;
        self.store();
        let ix = ix::open_round(self.operator, self.lottery_key, self.config_key, index);
        self.chain.send_one(ix, self.changed());
    }

    pub fn open_page(&mut self) {
        let sequence = self.pages.len() as u32;
        let (key, bump) = address::page(&self.round_key, sequence);
        let budget_units = self.reserve_budget();
        let page = Page {
            budget_units,
            round: self.round_key.to_bytes(),
            rent_payer: self.operator.to_bytes(),
            sequence,
            capacity: 8,
            status: PageStatus::Open as u8,
            bump,
            ..Zeroable::zeroed()
        };
        self.pages.push((key, page, Vec::new()));
        self.round.page_count += 1;
        self.round.entries_allotted += 8;
        self.reward(1, 0);
        self.store();
        let ix = ix::open_page(self.operator, self.lottery_key, self.round_key, sequence);
        self.chain.send_one(ix, vec![]);
    }

    /// The instruction that enters, its effect done.
    pub fn entering(
        &mut self,
        owner: Pubkey,
        page: usize,
        tickets: &[[u8; 4]],
        quick: u8,
    ) -> (Instruction, Vec<Vec<u8>>) {
        let wallet = address::wallet(&owner, &Pubkey::default()).0;
        let (page_key, account, _) = &self.pages[page];
        let first = account.count;
        let entry = |picks, bonus| Entry {
            wallet: wallet.to_bytes(),
            picks,
            stake_units: STAKE,
            bonus,
            ..Zeroable::zeroed()
        };
        let mut new: Vec<Entry> =
            tickets.iter().map(|t| entry(picks::from_sorted(&t[..3], 10).unwrap(), t[3])).collect();
        let start = first + new.len() as u32;
        let mut stream =
            picks::quick_pick_stream::<Software>(&wallet.to_bytes(), &page_key.to_bytes(), start);
        for _ in 0..quick {
            let (picks, bonus) = draw::quick_pick(&mut stream, 3, 10, 4);
            new.push(entry(picks, bonus));
        }
        self.write_entries(owner, page, new, quick, tickets.as_flattened())
    }

    /// Writes entries to a page as `enter` does; gives the instruction that did.
    pub fn write_entries(
        &mut self,
        owner: Pubkey,
        page: usize,
        new: Vec<Entry>,
        quick: u8,
        tickets: &[u8],
    ) -> (Instruction, Vec<Vec<u8>>) {
        let wallet = address::wallet(&owner, &Pubkey::default()).0;
        let multipliers = self.max_multipliers();
        let (page_key, account, entries) = &mut self.pages[page];
        let first = account.count;
        account.digest = seed::page_digest::<Software>(&account.digest, bytemuck::cast_slice(&new));
        account.count += new.len() as u32;
        let cost: u64 = new.iter().map(|entry| entry.stake_units).sum();
        account.cash_units += cost;
        for entry in &new {
            let multiplier = multipliers[(entry.spots as usize).max(1) - 1];
            account.liability_units += house::prize(entry.stake_units, multiplier).unwrap();
        }
        assert!(account.liability_units <= account.budget_units || !self.kind.is_house());
        let count = new.len() as u32;
        entries.extend(new);
        self.wallets.get_mut(&wallet).unwrap().balance_units -= cost;
        let instruction = ix::enter(owner, wallet, self.round_key, *page_key, quick, tickets);
        let entered = Entered {
            wallet: wallet.to_bytes(),
            lottery_id: 1,
            round_index: self.round.index,
            stake_units: cost,
            page_sequence: account.sequence,
            first_index: first,
            count,
            reserved: 0,
        };
        self.store();
        (instruction, vec![event("Entered", &entered)])
    }

    pub fn enter(&mut self, owner: Pubkey, page: usize, tickets: &[[u8; 4]], quick: u8) -> String {
        let (instruction, events) = self.entering(owner, page, tickets, quick);
        self.chain.send_one(instruction, events)
    }

    pub fn seal(&mut self) {
        for place in 0..self.pages.len() {
            let (_, page, _) = &mut self.pages[place];
            self.round.cash_units += page.cash_units;
            self.round.pool_units += page.cash_units;
            page.cash_units = 0;
            self.round.liability_units += page.liability_units;
            self.round.entries += page.count as u64;
            let digest = &self.round.sealed_digest;
            self.round.sealed_digest =
                seed::fold_page::<Software>(digest, &page.digest, page.sequence, page.count);
            self.round.pages_sealed += 1;
            page.status = PageStatus::Sealed as u8;
            self.reward(1, 0);
            self.store();
            self.chain.send_one(ix::seal_page(self.operator, self.round_key, place as u32), vec![]);
        }
    }

    pub fn value(&mut self) {
        self.round.slot_hash = [0x5a; 32];
        self.round.captured_slot = self.round.target_slot;
        self.reward(1, 0);
        self.store();
        self.chain.send_one(ix::capture(self.operator, self.round_key), vec![]);
        self.round.reveal = [self.round.index as u8 + 1; 32];
        self.round.value = commit_reveal::value::<Software>(&self.round.reveal, &self.round.slot_hash);
        self.round.status = RoundStatus::Valued as u8;
        self.reward(1, 0);
        self.store();
        let ix = ix::post_value(self.operator, self.round_key, &self.round.reveal);
        self.chain.send_one(ix, self.changed());
    }

    pub fn draw(&mut self) {
        let key = self.round_key.to_bytes();
        self.round.seed = seed::round_seed::<Software>(&self.round.value, &key, &self.round.sealed_digest);
        match self.kind {
            Kind::Keno => {
                let drawn = keno::draw::<Software>(&self.round.seed);
                self.round.result[..16].copy_from_slice(bytes_of(&drawn));
            }
            Kind::Instant => {}
            _ => {
                let drawn = draw::draw::<Software>(&self.round.seed, 3, 10, 4);
                self.round.result[..16].copy_from_slice(bytes_of(&drawn.picks));
                self.round.result[16] = drawn.bonus;
            }
        }
        self.round.status = RoundStatus::Drawn as u8;
        self.reward(1, 0);
        self.store();
        self.chain.send_one(ix::draw(self.operator, self.round_key, self.config_key), self.changed());
    }

    fn tiers() -> Vec<Tier> {
        let stored = rules().tiers[..3].to_vec();
        stored.iter().map(|t| Tier { matches: t.matches, bonus: t.bonus, share_bps: t.share_bps }).collect()
    }

    /// Settles every page, `limit` entries at a time.
    pub fn settle(&mut self, limit: u32) {
        for place in 0..self.pages.len() {
            loop {
                let (from, to) = {
                    let page = &self.pages[place].1;
                    (page.settle_cursor, page.count.min(page.settle_cursor + limit))
                };
                for index in from..to {
                    let (tier, multiplier_bps) = self.won(place as u32, index);
                    let (_, page, entries) = &mut self.pages[place];
                    let entry = &mut entries[index as usize];
                    (entry.tier, entry.multiplier_bps) = (tier, multiplier_bps);
                    if tier > 0 {
                        page.tier_winners[tier as usize - 1] += 1;
                        page.winners += 1;
                        page.prizes_units += house::prize(entry.stake_units, multiplier_bps).unwrap();
                    }
                }
                let (_, page, _) = &mut self.pages[place];
                page.settle_cursor = to;
                let done = to == page.count;
                if done {
                    page.status = PageStatus::Settled as u8;
                    self.round.pages_settled += 1;
                    self.round.winners_total += page.winners as u64;
                    self.round.prizes_units += page.prizes_units;
                    for tier in 0..16 {
                        self.round.winners[tier] += page.tier_winners[tier] as u64;
                    }
                }
                self.reward(done as u64, (to - from) as u64);
                self.store();
                let ix = ix::settle(self.operator, self.round_key, self.config_key, place as u32, limit);
                self.chain.send_one(ix, vec![]);
                if done {
                    break;
                }
            }
        }
    }

    /// Tier and multiplier of an entry.
    fn won(&self, place: u32, index: u32) -> (u8, u32) {
        let entry = &self.pages[place as usize].2[index as usize];
        if self.kind.is_house() {
            return self.house_won(place, index, entry);
        }
        let drawn: [u64; 2] = bytemuck::pod_read_unaligned(&self.round.result[..16]);
        let hit = entry.bonus == self.round.result[16];
        (TierTable::new(&Self::tiers()).tier(picks::matches(&entry.picks, &drawn), hit), 0)
    }

    fn split_draw(&mut self) {
        let shares: Vec<u16> = Self::tiers().iter().map(|tier| tier.share_bps).collect();
        let jackpot = self.lottery.jackpot_units;
        let split = draw::split(&SplitInput {
            pool: self.round.pool_units,
            jackpot,
            entries: self.round.entries,
            fee_bps: 500,
            shares_bps: &shares,
            winners: &self.round.winners[..3],
            rollover: true,
            last_round: false,
        })
        .unwrap();
        self.round.fee_units = split.fee;
        self.round.prize_each_units = split.prize_each;
        self.round.jackpot_in_units = if self.round.winners[0] == 0 { 0 } else { jackpot };
        self.round.cash_units = (0..16).map(|t| split.prize_each[t] * self.round.winners[t]).sum();
        self.round.prizes_units = self.round.cash_units;
        self.lottery.jackpot_units = split.jackpot_next;
        self.lottery.fees_units += split.fee;
    }

    pub fn finalise(&mut self) {
        if self.kind.is_house() {
            self.split_house();
        } else {
            self.split_draw();
        }
        self.round.status = RoundStatus::Final as u8;
        self.round.finalised = 1;
        self.round.bond_units = 0;
        self.reward(1, 0);
        self.round.final_at = 1_700_000_000 + self.chain.state().slot as i64 + 1;
        self.round.claim_until = self.round.final_at + 1_000;
        self.lottery.next_final_index += 1;
        self.store();
        let ix = ix::finalise(self.operator, self.lottery_key, self.round_key, self.config_key);
        self.chain.send_one(ix, self.changed());
    }

    /// Voids after grace: the bond is slashed.
    pub fn void(&mut self) {
        self.round.status = RoundStatus::Void as u8;
        self.round.void_reason = VoidReason::GraceExpired as u8;
        self.round.slashed_units = self.round.bond_units;
        self.round.cash_units += self.round.bond_units;
        self.round.bond_units = 0;
        self.round.final_at = 1_700_000_000 + self.chain.state().slot as i64 + 1;
        self.round.claim_until = self.round.final_at + 1_000;
        self.reward(1, 0);
        self.store();
        let ix = ix::void_round(self.operator, self.lottery_key, self.round_key);
        self.chain.send_one(ix, self.changed());
        self.round.finalised = 1;
        self.lottery.next_final_index += 1;
        self.lottery.bankroll_free_units += self.round.budget_units;
        self.lottery.bankroll_reserved_units -= self.round.budget_units;
        self.reward(1, 0);
        self.store();
        let ix = ix::finalise(self.operator, self.lottery_key, self.round_key, self.config_key);
        self.chain.send_one(ix, self.changed());
    }

    /// Pays or refunds all that is due on every page, in batches, with one item that is done already in each later
    /// batch.
    pub fn credit(&mut self, refund: bool, batch: usize) {
        let flag = if refund { FLAG_REFUNDED } else { FLAG_PAID };
        for place in 0..self.pages.len() {
            let (_, _, entries) = &self.pages[place];
            let due: Vec<usize> = (0..entries.len()).filter(|i| refund || entries[*i].tier > 0).collect();
            for (n, chunk) in due.chunks(batch).enumerate() {
                let mut items = chunk.to_vec();
                if n > 0 {
                    items.push(due[0]);
                }
                self.credit_batch(place, &items, refund, flag);
            }
        }
    }

    fn credit_batch(&mut self, place: usize, items: &[usize], refund: bool, flag: u8) {
        let (mut amount_units, mut count) = (0, 0);
        let (_, page, entries) = &mut self.pages[place];
        let mut list = Vec::new();
        for index in items {
            let entry = &mut entries[*index];
            let wallet = Pubkey::new_from_array(entry.wallet);
            list.push(Item { index: *index as u32, wallet });
            if entry.flags & flag != 0 {
                continue;
            }
            entry.flags |= flag;
            let amount = match refund {
                true => {
                    let slashed = self.round.slashed_units > 0;
                    refund::refund(entry.stake_units, self.round.bonus_each_units, slashed, 1_000).unwrap()
                }
                false if entry.multiplier_bps > 0 => {
                    house::prize(entry.stake_units, entry.multiplier_bps).unwrap()
                }
                false => self.round.prize_each_units[entry.tier as usize - 1],
            };
            self.wallets.get_mut(&wallet).unwrap().balance_units += amount;
            amount_units += amount;
            count += 1;
        }
        if refund {
            page.refunded += count;
            self.round.refunded += count as u64;
        } else {
            page.paid += count;
            self.round.winners_paid += count as u64;
        }
        self.round.cash_units -= amount_units;
        self.reward(0, count as u64);
        let paid = Paid {
            lottery_id: 1,
            round_index: self.round.index,
            amount_units,
            page_sequence: place as u32,
            items: count,
            refund: refund as u64,
        };
        self.store();
        let ix = match refund {
            true => ix::refund(self.operator, self.round_key, place as u32, &list),
            false => ix::pay(self.operator, self.round_key, place as u32, &list),
        };
        self.chain.send_one(ix, vec![event("Paid", &paid)]);
    }

    pub fn close(&mut self) {
        for sequence in 0..self.pages.len() as u32 {
            let (key, _, _) = self.pages.remove(0);
            self.round.pages_closed += 1;
            self.reward(1, 0);
            self.store();
            self.chain.state().accounts.remove(&key);
            self.chain
                .send_one(ix::close_page(self.operator, self.round_key, sequence, self.operator), vec![]);
        }
        self.lottery.live_rounds -= 1;
        self.lottery.treasury_due_units += self.round.cash_units;
        self.store();
        self.chain.state().accounts.remove(&self.round_key);
        let ix = ix::close_round(self.operator, self.lottery_key, self.round_key, self.operator);
        self.chain.send_one(ix, vec![]);
        self.round_key = Pubkey::default();
    }

    /// Owners of wallets.
    pub fn players(&mut self) -> Vec<Pubkey> {
        let players: Vec<Pubkey> = (1..=3).map(|p| Pubkey::new_from_array([p; 32])).collect();
        for player in &players {
            if !self.wallets.contains_key(&address::wallet(player, &Pubkey::default()).0) {
                self.open_wallet(*player);
            }
        }
        players
    }

    /// Three players, two pages, every kind of ticket.
    pub fn play(&mut self) {
        let players = self.players();
        if self.kind.is_house() {
            return self.play_house();
        }
        self.open_round();
        self.open_page();
        self.enter(players[0], 0, &[[1, 2, 3, 1], [4, 5, 6, 2]], 1);
        self.enter(players[1], 0, &[], 4);
        self.open_page();
        self.enter(players[2], 1, &[[2, 5, 10, 4]], 0);
        self.enter(players[0], 1, &[], 5);
        self.seal();
    }

    /// A whole round, up to what is paid.
    pub fn play_to_the_end(&mut self) {
        self.play();
        self.value();
        self.draw();
        self.settle(3);
        self.finalise();
        self.credit(false, 2);
    }
}
