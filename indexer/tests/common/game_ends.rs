//! From lock to close: how rounds of a [`Game`] end.

use super::*;

impl Game {
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
        if self.from_beacon {
            return self.post_signature();
        }
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
        let ix = ix::post_value(self.operator, self.round_key, Pubkey::default(), &self.round.reveal);
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
            Kind::Raffle => self.raffle.ranked = self.round.entries.min(5) as u32,
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
                if self.kind == Kind::Raffle {
                    self.settle_keys(place, from, to);
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
        if self.kind == Kind::Raffle {
            return (0, 0);
        }
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
        } else if self.kind == Kind::Draw {
            self.split_draw();
        }
        self.round.status = RoundStatus::Final as u8;
        self.round.finalised = 1;
        self.round.bond_units = 0;
        self.reward(1, 0);
        self.round.final_at = 1_700_000_000 + self.chain.state().slot as i64 + 1;
        self.round.claim_until = self.round.final_at + 1_000;
        self.lottery.next_final_index += 1;
        self.lottery.unfinalised_pools_units -= self.rolling_units();
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
        self.lottery.unfinalised_pools_units -= self.rolling_units();
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
}
