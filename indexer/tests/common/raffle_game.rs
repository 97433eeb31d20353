//! A raffle for [`Game`]: ten people on a list, three places, two who wait. What the program does, with the published rules.

use super::*;

pub const CAPACITY: u32 = 3;
pub const WAITING: u32 = 2;
pub const LEAVES: u32 = 10;
pub const CONFIRM_SECONDS: u32 = 100;
pub const PENALTY_BPS: u16 = 2_500;
const DEPTH: u8 = 4;

pub fn raffle_rules() -> RaffleRules {
    RaffleRules {
        root: [0x77; 32],
        capacity: CAPACITY,
        waiting: WAITING,
        leaf_count: LEAVES,
        confirm_seconds: CONFIRM_SECONDS,
        penalty_bps: PENALTY_BPS,
        depth: DEPTH,
        mode: 1,
        ..Zeroable::zeroed()
    }
}

/// A ranking with what follows it.
pub struct Attempt {
    pub ranking: Ranking,
    pub counts: Vec<u32>,
    pub ranked: Vec<RankedEntry>,
}

impl Attempt {
    pub fn tail(&self) -> Vec<u8> {
        let mut tail: Vec<u8> = bytemuck::cast_slice(&self.counts).to_vec();
        tail.resize(accounts::ranking_counts_len(self.counts.len() as u32), 0);
        tail.extend_from_slice(bytemuck::cast_slice(&self.ranked));
        tail
    }
}

/// Key, page and index.
type Standing = (u64, u32, u32);

impl Game {
    /// A raffle that draws from a beacon.
    pub fn raffle() -> Self {
        Self::new_with(Kind::Raffle, true)
    }

    pub fn open_raffle(&mut self) {
        let RaffleRules {
            root,
            capacity,
            waiting,
            leaf_count,
            confirm_seconds,
            penalty_bps,
            depth,
            mode,
            ..
        } = raffle_rules();
        self.raffle = RaffleState {
            root,
            capacity,
            waiting,
            leaf_count,
            confirm_seconds,
            penalty_bps,
            depth,
            mode,
            ..Zeroable::zeroed()
        };
        self.round.max_entries = LEAVES;
        self.round.places = 1;
    }

    /// Everyone on the list enters, one after the other; leaf 8 and 9 have the second page.
    pub fn play_raffle(&mut self) {
        let players = self.players();
        self.open_round();
        self.open_page();
        self.open_page();
        for leaf in 0..LEAVES {
            let owner = players[leaf as usize % 3];
            let wallet = address::wallet(&owner, &Pubkey::default()).0;
            let weight = [1, 3, 10][leaf as usize % 3];
            let entry = Entry {
                wallet: wallet.to_bytes(),
                picks: [leaf as u64 | (weight as u64) << 32, 0],
                stake_units: STAKE,
                ..Zeroable::zeroed()
            };
            let mut ticket = [leaf.to_le_bytes(), u32::to_le_bytes(weight)].concat();
            ticket.resize(8 + 32 * DEPTH as usize, 0xaa);
            let (ix, events) = self.write_entries(owner, leaf as usize / 8, vec![entry], 0, &ticket);
            self.chain.send_one(ix, events);
        }
        self.seal();
    }

    pub fn settle_keys(&mut self, page: usize, from: u32, to: u32) {
        for index in from..to {
            let draws = raffle::draws::<Software>(&self.round.seed, page as u32, index / 4);
            let entry = &mut self.pages[page].2[index as usize];
            entry.picks[1] = raffle::key(draws[index as usize % 4], (entry.picks[0] >> 32) as u32);
        }
    }

    /// All entries in their order.
    pub fn order(&self) -> Vec<Standing> {
        let entries = self.pages.iter().flat_map(|(_, page, entries)| {
            (0..).zip(entries).map(|(index, entry)| (entry.picks[1], page.sequence, index))
        });
        let mut order: Vec<Standing> = entries.collect();
        order.sort_unstable();
        order
    }

    fn submitter(n: u8) -> Pubkey {
        Pubkey::new_from_array([0x50 + n; 32])
    }

    /// An attempt of the nth submitter with the threshold at this rank.
    pub fn open_ranking(&mut self, n: u8, rank: usize) -> Pubkey {
        let (key, page, index) = self.order()[rank];
        let (address, bump) = address::ranking(&self.round_key, &Self::submitter(n));
        let slots = self.raffle.ranked;
        let ranking = Ranking {
            round: self.round_key.to_bytes(),
            submitter: Self::submitter(n).to_bytes(),
            threshold_key: key,
            threshold_page: page,
            threshold_index: index,
            deposit_lamports: RANKING_DEPOSIT_LAMPORTS,
            slots,
            page_count: self.round.page_count,
            status: RankingStatus::Counting as u8,
            bump,
            ..Zeroable::zeroed()
        };
        let attempt = Attempt {
            ranking,
            counts: vec![0; self.round.page_count as usize],
            ranked: vec![Zeroable::zeroed(); slots as usize],
        };
        self.rankings.insert(address, attempt);
        self.store();
        self.chain.send_one(ix::open_ranking(Self::submitter(n), self.round_key, key, page, index), vec![]);
        address
    }

    pub fn count_ranking(&mut self, address: Pubkey, page: u32, limit: u32) {
        let (_, account, entries) = &self.pages[page as usize];
        let Attempt { ranking, counts, ranked } = self.rankings.get_mut(&address).unwrap();
        let from = counts[page as usize];
        let to = account.count.min(from + limit);
        let threshold = (ranking.threshold_key, ranking.threshold_page, ranking.threshold_index);
        for index in from..to {
            let key = entries[index as usize].picks[1];
            if (key, page, index) > threshold {
                continue;
            }
            match ranked.get_mut(ranking.found as usize) {
                Some(place) => *place = RankedEntry { key, page, index, ..*place },
                None => {
                    ranking.found = ranking.slots + 1;
                    break;
                }
            }
            ranking.found += 1;
        }
        let done = to == account.count;
        counts[page as usize] = if done { u32::MAX } else { to };
        ranking.pages_counted += done as u32;
        self.store();
        self.chain.send_one(ix::count_ranking(self.round_key, address, page, limit), vec![]);
    }

    pub fn accept_ranking(&mut self, n: u8, address: Pubkey) {
        let ranking = &mut self.rankings.get_mut(&address).unwrap().ranking;
        ranking.status = RankingStatus::Accepted as u8;
        ranking.deposit_lamports = 0;
        self.raffle.ranking = address.to_bytes();
        self.reward(1 + self.round.page_count as u64, 0);
        self.store();
        self.chain
            .send_one(ix::accept_ranking(self.operator, self.round_key, address, Self::submitter(n)), vec![]);
    }

    /// Sorts `count` further ranks.
    pub fn sort_ranking(&mut self, address: Pubkey, count: usize) {
        let order = self.order();
        let Attempt { ranking, ranked, .. } = self.rankings.get_mut(&address).unwrap();
        let first = ranking.sorted as usize;
        let mut places = Vec::new();
        for (rank, (key, page, index)) in order.into_iter().enumerate().skip(first).take(count) {
            let from = ranked.iter().position(|r| (r.key, r.page, r.index) == (key, page, index)).unwrap();
            ranked.swap(rank, from);
            places.push(from as u16);
        }
        ranking.sorted += count as u32;
        let done = ranking.sorted == ranking.slots;
        if done {
            let last = *ranked.last().unwrap();
            (self.raffle.threshold_key, self.raffle.threshold_page) = (last.key, last.page);
            (self.raffle.threshold_index, self.raffle.is_ranked) = (last.index, 1);
            self.round.result[..8].copy_from_slice(&last.key.to_le_bytes());
            self.round.result[8..12].copy_from_slice(&last.page.to_le_bytes());
            self.round.result[12..16].copy_from_slice(&last.index.to_le_bytes());
        }
        self.reward(done as u64, count as u64);
        self.store();
        let events = if done { self.changed() } else { vec![] };
        self.chain.send_one(ix::sort_ranking(self.operator, self.round_key, address, &places), events);
    }

    /// `wrong`: its deposit goes to the round's rewards.
    pub fn close_ranking(&mut self, n: u8, address: Pubkey, wrong: bool) {
        self.rankings.remove(&address);
        self.chain.state().accounts.remove(&address);
        if wrong {
            self.round.crank_lamports += RANKING_DEPOSIT_LAMPORTS;
        }
        self.store();
        self.chain
            .send_one(ix::close_ranking(self.operator, self.round_key, address, Self::submitter(n)), vec![]);
    }

    fn set_place(&mut self, address: Pubkey, rank: u32, status: PlaceStatus) -> Vec<u8> {
        let place = &mut self.rankings.get_mut(&address).unwrap().ranked[rank as usize];
        place.status = status as u8;
        let changed = PlaceChanged {
            lottery_id: 1,
            round_index: self.round.index,
            rank,
            page_sequence: place.page,
            index: place.index,
            status: status as u8,
            reserved: [0; 3],
        };
        event("PlaceChanged", &changed)
    }

    fn ranked_entry(&mut self, address: Pubkey, rank: u32) -> (u32, &mut Page, &mut Entry) {
        let place = self.rankings[&address].ranked[rank as usize];
        let (_, page, entries) = &mut self.pages[place.page as usize];
        (place.page, page, &mut entries[place.index as usize])
    }

    pub fn confirm_place(&mut self, address: Pubkey, rank: u32) {
        let event = self.set_place(address, rank, PlaceStatus::Taken);
        let (sequence, page, entry) = self.ranked_entry(address, rank);
        (entry.tier, entry.flags) = (1, entry.flags | FLAG_PAID);
        page.winners += 1;
        page.paid += 1;
        let wallet = Pubkey::new_from_array(entry.wallet);
        let owner = Pubkey::new_from_array(self.wallets[&wallet].owner);
        self.raffle.taken += 1;
        self.round.winners_total += 1;
        self.round.winners_paid += 1;
        self.round.cash_units -= STAKE;
        self.lottery.fees_units += STAKE;
        self.store();
        let ix = ix::confirm_place(owner, wallet, self.lottery_key, self.round_key, address, sequence, rank);
        self.chain.send_one(ix, vec![event]);
    }

    /// An offer that lapsed, or who waited in vain.
    pub fn resolve_place(&mut self, address: Pubkey, rank: u32, status: PlaceStatus) {
        let event = self.set_place(address, rank, status);
        let (sequence, _, entry) = self.ranked_entry(address, rank);
        entry.tier = if status == PlaceStatus::Lapsed { 2 } else { 3 };
        if status == PlaceStatus::Lapsed {
            self.raffle.lapsed += 1;
            self.round.cash_units -= STAKE / 4;
            self.lottery.fees_units += STAKE / 4;
        }
        self.reward(0, 1);
        self.store();
        let ranks = [rank as u16];
        let ix =
            ix::resolve_places(self.operator, self.lottery_key, self.round_key, address, sequence, &ranks);
        self.chain.send_one(ix, vec![event]);
    }

    pub fn promote_place(&mut self, address: Pubkey, rank: u32) {
        let event = self.set_place(address, rank, PlaceStatus::Promoted);
        // The chain's clock is a second behind the block's time.
        let until = 1_700_000_000 + self.chain.state().slot as i64 + CONFIRM_SECONDS as i64;
        self.rankings.get_mut(&address).unwrap().ranked[rank as usize].offered_until = until;
        self.raffle.promoted += 1;
        self.reward(0, 1);
        self.store();
        self.chain.send_one(ix::promote_place(self.operator, self.round_key, address, rank), vec![event]);
    }

    /// Gives back what is due to everyone without a place who can have it by now.
    pub fn refund_places(&mut self) {
        let ranked = &self.order()[..self.raffle.ranked as usize];
        let ranked: HashSet<(u32, u32)> = ranked.iter().map(|(_, page, index)| (*page, *index)).collect();
        for place in 0..self.pages.len() {
            let (_, page, entries) = &mut self.pages[place];
            let mut list = Vec::new();
            let mut amount_units = 0;
            for (index, entry) in (0..).zip(entries) {
                let is_due = !ranked.contains(&(page.sequence, index)) || entry.tier > 1;
                if !is_due || entry.flags & FLAG_REFUNDED != 0 {
                    continue;
                }
                entry.flags |= FLAG_REFUNDED;
                let wallet = Pubkey::new_from_array(entry.wallet);
                let units = if entry.tier == 2 { STAKE - STAKE / 4 } else { STAKE };
                self.wallets.get_mut(&wallet).unwrap().balance_units += units;
                amount_units += units;
                list.push(Item { index, wallet });
            }
            if list.is_empty() {
                continue;
            }
            page.refunded += list.len() as u32;
            self.round.refunded += list.len() as u64;
            self.round.cash_units -= amount_units;
            self.reward(0, list.len() as u64);
            let paid = Paid {
                lottery_id: 1,
                round_index: self.round.index,
                amount_units,
                page_sequence: place as u32,
                items: list.len() as u32,
                refund: 1,
            };
            self.store();
            let ix = ix::refund(self.operator, self.round_key, place as u32, &list);
            self.chain.send_one(ix, vec![event("Paid", &paid)]);
        }
    }
}
