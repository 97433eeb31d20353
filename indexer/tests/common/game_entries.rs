//! Rounds, pages and entries of a [`Game`].

use super::*;

impl Game {
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

    /// What a round can add to the jackpot.
    pub fn rolling_units(&self) -> u64 {
        if self.kind == Kind::Draw { 30 * STAKE } else { 0 }
    }

    pub fn open_round(&mut self) {
        let index = self.lottery.next_round_index;
        let (key, bump) = address::round(&self.lottery_key, index);
        self.round_key = key;
        self.pages.clear();
        let slot = self.chain.state().slot + 1;
        let at = 1_700_000_000 + slot as i64;
        let limits = self.limits();
        let (house, drawn) = (self.kind.is_house(), self.kind == Kind::Draw);
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
            target_slot: slot + if self.from_beacon { 150 } else { 152 },
            beacon: self.beacon_key().to_bytes(),
            beacon_round: if self.from_beacon {
                Self::schedule().first_round_from(at + 60 + MARGIN_SECONDS as i64).unwrap()
            } else {
                0
            },
            stake_units: self.stake(),
            bond_units: match (self.from_beacon, house) {
                (true, _) => 0,
                (_, true) => 2 * MAX_LIABILITY,
                // All stakes, a tenth of them, the jackpot, and what other rounds may still add to it.
                _ => 33 * STAKE + self.lottery.jackpot_units + self.lottery.unfinalised_pools_units,
            },
            min_stake_units: limits.min_stake_units,
            max_stake_units: limits.max_stake_units,
            page_budget_units: limits.page_budget_units,
            max_liability_units: limits.max_liability_units,
            max_multiplier_bps: self.max_multipliers(),
            crank_lamports: worst_case_lamports(self.kind as u8, 4, 30, 10, 3).unwrap(),
            reward_step_lamports: 10,
            reward_item_lamports: 3,
            chain_position: if self.from_beacon { 0 } else { 1 + index },
            max_pages: 4,
            page_entries: 8,
            max_entries: 30,
            claim_seconds: 1_000,
            fee_bps: self.fee_bps(),
            compensation_cap_bps: 1_000,
            kind: self.kind as u8,
            source: self.config.source,
            picks: if drawn { 3 } else { 0 },
            numbers: if drawn { 10 } else { 0 },
            bonus_numbers: if drawn { 4 } else { 0 },
            rollover: drawn as u8,
            bump,
            ..Zeroable::zeroed()
        };
        if self.kind == Kind::Raffle {
            self.open_raffle();
        }
        self.reward(1, 0);
        self.lottery.next_round_index += 1;
        self.lottery.live_rounds += 1;
        self.lottery.unfinalised_pools_units += self.rolling_units();
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
            capacity: 8.min(self.round.max_entries - self.round.entries_allotted),
            tail_words: (self.kind == Kind::Raffle) as u16,
            status: PageStatus::Open as u8,
            bump,
            ..Zeroable::zeroed()
        };
        self.round.page_count += 1;
        self.round.entries_allotted += page.capacity;
        self.pages.push((key, page, Vec::new()));
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
        if self.kind == Kind::Raffle {
            return self.play_raffle();
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
