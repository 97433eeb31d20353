//! One look at the chain, as the keeper's fetcher takes it: accounts by their discriminators, grouped.

use std::collections::{BTreeMap, HashMap, HashSet};

use lottery_interface::accounts::{self, AccountLayout, Entry, Lottery, Page, Ranking, Round};
use lottery_keeper::{
    ChainState, LotteryState, Now, PageState, RankingState, RoundState,
    plan::{may_advance, needs_entries, needs_rankings, needs_reveal, needs_slot_hashes},
};
use program_tests::address;
use solana_pubkey::Pubkey;

use crate::Hall;

impl Hall {
    pub fn now(&self) -> Now {
        Now { slot: self.world.chain.slot(), unix: self.world.chain.now() }
    }

    /// Everything the plan needs, decoded from the accounts' bytes.
    pub fn look(&self) -> ChainState {
        let now = self.now();
        let mut lotteries: Vec<LotteryState> = Vec::new();
        let mut rounds: HashMap<[u8; 32], Vec<RoundState>> = HashMap::new();
        let mut pages: HashMap<[u8; 32], BTreeMap<u32, PageState>> = HashMap::new();
        let mut rankings: HashMap<[u8; 32], Vec<RankingState>> = HashMap::new();
        for (key, account) in self.world.chain.program_accounts() {
            let data = solana_account::ReadableAccount::data(account);
            if let Some(lottery) = Lottery::read(data) {
                let config = self.configs.get(&Pubkey::new_from_array(lottery.config)).copied();
                lotteries.push(LotteryState { address: key, account: lottery, config, rounds: Vec::new() });
            } else if let Some(round) = Round::read(data) {
                let state = RoundState::new(key, round, data);
                rounds.entry(round.lottery).or_default().push(state);
            } else if let Some(ranking) = Ranking::read(data) {
                let state = RankingState::new(key, ranking, data);
                rankings.entry(ranking.round).or_default().push(state);
            } else if let Some(page) = Page::read(data) {
                let state = PageState { account: page, space: data.len(), entries: None };
                pages.entry(page.round).or_default().insert(page.sequence, state);
            }
        }
        lotteries.sort_by_key(|lottery| lottery.account.id);
        let mut state = ChainState {
            linger_seconds: self.linger_seconds,
            last_restart_slot: self.last_restart_slot,
            ..ChainState::default()
        };
        for mut lottery in lotteries {
            lottery.rounds = rounds.remove(&lottery.address.to_bytes()).unwrap_or_default();
            lottery.rounds.sort_by_key(|round| round.account.index);
            for round in &mut lottery.rounds {
                round.pages = pages.remove(&round.address.to_bytes()).unwrap_or_default();
                if needs_rankings(round) {
                    round.rankings = rankings.remove(&round.address.to_bytes()).unwrap_or_default();
                }
                self.look_closer(round, now, &mut state);
            }
            if may_advance(&lottery.account)
                && let Some(link) = self.reveals.find_later(lottery.address, &lottery.account)
            {
                state.links.insert(lottery.address, link);
            }
            state.lotteries.push(lottery);
        }
        state
    }

    /// Entries and wallets of what is owed; the reveal; the beacon's proof; slot hashes.
    fn look_closer(&self, round: &mut RoundState, now: Now, state: &mut ChainState) {
        for sequence in 0..round.account.page_count {
            let Some(page) = round.pages.get(&sequence) else { continue };
            if !needs_entries(round, page) {
                continue;
            }
            let key = address::page(&round.address, sequence).0;
            let entries: Vec<Entry> =
                accounts::entries(self.world.chain.data(key), page.account.count).collect();
            let wallets: HashSet<_> = entries.iter().map(|entry| entry.wallet).collect();
            let exists = |wallet: &[u8; 32]| self.world.chain.exists(Pubkey::new_from_array(*wallet));
            state.wallets.extend(wallets.into_iter().filter(exists));
            round.pages.get_mut(&sequence).expect("it was just there").entries = Some(entries);
        }
        if needs_reveal(round, now)
            && let Some(reveal) = self.reveals.find(&round.account)
        {
            state.reveals.insert(round.address, reveal);
        }
        if let Some(proof) = self.proof(round, now) {
            state.proofs.insert(round.address, proof);
        }
        if needs_slot_hashes(round, now) {
            state.oldest_slot_hash = self.world.chain.oldest_slot_hash();
        }
    }
}
