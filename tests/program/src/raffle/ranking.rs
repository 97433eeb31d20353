//! The order of a raffle as an honest submitter makes it, and what becomes of places.

use std::collections::BTreeMap;

use lottery_interface::{
    accounts::{RankedEntry, Ranking, ranked_entries, ranking_space},
    address,
    args::MAX_GROWTH,
    instructions::{self as ix, Item},
    kinds::PlaceStatus,
};
use lottery_rules::raffle::Standing;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Live, Meta, Player, World, crank::BATCH};

/// Ranks that fit one transaction.
pub const RANKS: usize = 420;

/// Where an entry of a ranking stands.
pub fn standing(ranked: &RankedEntry) -> Standing {
    Standing { key: ranked.key, page: ranked.page, index: ranked.index }
}

/// The swaps that bring entries into their order from rank `sorted` on, as `sort_ranking` takes them.
pub fn sorting_places(found: &[Standing], sorted: usize) -> Vec<u16> {
    let mut now = found.to_vec();
    let mut places = Vec::with_capacity(found.len() - sorted);
    let mut at: BTreeMap<Standing, usize> = now.iter().enumerate().map(|(place, s)| (*s, place)).collect();
    let mut order = found[sorted..].to_vec();
    order.sort();
    for (rank, next) in (sorted..).zip(order) {
        let place = at[&next];
        places.push(place as u16);
        now.swap(rank, place);
        at.insert(now[place], place);
    }
    places
}

impl World {
    // Reading.

    /// Where every entry of a settled raffle stands, in order.
    pub fn standings(&self, live: &Live) -> Vec<Standing> {
        let mut all = Vec::new();
        for page in 0..self.round(live).page_count {
            let entries = self.entries(live, page).into_iter().enumerate();
            all.extend(entries.map(|(index, entry)| Standing {
                key: entry.picks[1],
                page,
                index: index as u32,
            }));
        }
        all.sort();
        all
    }

    /// The last standing that has a rank.
    pub fn threshold(&self, live: &Live) -> Standing {
        self.standings(live)[self.raffle_state(live).ranked as usize - 1]
    }

    #[track_caller]
    pub fn ranking(&self, ranking: Pubkey) -> Ranking {
        self.chain.account(ranking)
    }

    /// The entries that a ranking found; by rank, once sorted.
    pub fn ranked(&self, ranking: Pubkey) -> Vec<RankedEntry> {
        ranked_entries(self.chain.data(ranking)).collect()
    }

    /// The raffle's order.
    #[track_caller]
    pub fn order_of(&self, live: &Live) -> Pubkey {
        let ranking = Pubkey::new_from_array(self.raffle_state(live).ranking);
        assert!(self.chain.exists(ranking), "the raffle is ranked");
        ranking
    }

    /// What became of each rank.
    pub fn place_statuses(&self, live: &Live) -> Vec<PlaceStatus> {
        let ranked = self.ranked(self.order_of(live));
        ranked.iter().map(|place| PlaceStatus::from_byte(place.status).expect("a known status")).collect()
    }

    /// The wallet that has a rank.
    pub fn wallet_of_rank(&self, live: &Live, rank: u32) -> Pubkey {
        let place = self.ranked(self.order_of(live))[rank as usize];
        Pubkey::new_from_array(self.entries(live, place.page)[place.index as usize].wallet)
    }

    /// Who of `people` has a rank.
    #[track_caller]
    pub fn person_of_rank(&self, live: &Live, people: &[Player], rank: u32) -> Player {
        let wallet = self.wallet_of_rank(live, rank);
        *people.iter().find(|player| player.wallet == wallet).expect("one of these people")
    }

    // Ranking.

    pub fn open_ranking_instructions(
        &self,
        live: &Live,
        submitter: Pubkey,
        threshold: Standing,
    ) -> Vec<Instruction> {
        let Standing { key, page, index } = threshold;
        let (pages, slots) = (self.round(live).page_count, self.raffle_state(live).ranked);
        ix::open_ranking_steps(submitter, live.key, (key, page, index), pages, slots)
    }

    /// An attempt with this threshold, grown to its size.
    #[track_caller]
    pub fn attempt(&mut self, live: &Live, submitter: Pubkey, threshold: Standing) -> Pubkey {
        let steps = self.open_ranking_instructions(live, submitter, threshold);
        for some in steps.chunks(50) {
            self.chain.expect_ok_big(some);
        }
        let ranking = address::ranking(&live.key, &submitter).0;
        let account = self.ranking(ranking);
        let space = ranking_space(account.page_count, account.slots);
        assert_eq!((self.chain.data(ranking).len(), steps.len()), (space, space.div_ceil(MAX_GROWTH)));
        ranking
    }

    /// Counts every page.
    #[track_caller]
    pub fn count_all(&mut self, live: &Live, ranking: Pubkey) {
        for sequence in 0..self.round(live).page_count {
            self.chain.expect_ok_big(&ix::count_ranking(live.key, ranking, sequence, u32::MAX));
        }
    }

    pub fn accept_instruction(&self, live: &Live, ranking: Pubkey) -> Instruction {
        let submitter = Pubkey::new_from_array(self.ranking(ranking).submitter);
        ix::accept_ranking(self.cranker, live.key, ranking, submitter)
    }

    #[track_caller]
    pub fn accept(&mut self, live: &Live, ranking: Pubkey) -> Meta {
        let accept = self.accept_instruction(live, ranking);
        self.chain.expect_ok(&accept)
    }

    /// The swaps that an accepted ranking still needs.
    pub fn sort_instructions(&self, live: &Live, ranking: Pubkey) -> Vec<Instruction> {
        let found: Vec<Standing> = self.ranked(ranking).iter().map(standing).collect();
        let places = sorting_places(&found, self.ranking(ranking).sorted as usize);
        let sort = |some: &[u16]| ix::sort_ranking(self.cranker, live.key, ranking, some);
        places.chunks(RANKS).map(sort).collect()
    }

    #[track_caller]
    pub fn sort_all(&mut self, live: &Live, ranking: Pubkey) {
        for sort in self.sort_instructions(live, ranking) {
            self.chain.expect_ok_big(&sort);
        }
    }

    /// Opens, counts, accepts and sorts the right ranking; its submitter is the cranker.
    #[track_caller]
    pub fn rank(&mut self, live: &Live) -> Pubkey {
        let ranking = self.attempt(live, self.cranker, self.threshold(live));
        self.count_all(live, ranking);
        self.accept(live, ranking);
        self.sort_all(live, ranking);
        ranking
    }

    pub fn close_ranking_instruction(&self, live: &Live, ranking: Pubkey) -> Instruction {
        let submitter = Pubkey::new_from_array(self.ranking(ranking).submitter);
        ix::close_ranking(self.cranker, live.key, ranking, submitter)
    }

    // Places.

    pub fn confirm_instruction(&self, live: &Live, player: &Player, rank: u32) -> Instruction {
        let ranking = self.order_of(live);
        let page = self.ranked(ranking).get(rank as usize).map_or(0, |place| place.page);
        ix::confirm_place(player.owner, player.wallet, live.game.key, live.key, ranking, page, rank)
    }

    #[track_caller]
    pub fn confirm(&mut self, live: &Live, player: &Player, rank: u32) -> Meta {
        let confirm = self.confirm_instruction(live, player, rank);
        self.chain.expect_ok(&confirm)
    }

    /// Ranks of one page.
    pub fn resolve_instruction(&self, live: &Live, ranks: &[u16]) -> Instruction {
        let ranking = self.order_of(live);
        let page = self.ranked(ranking)[ranks[0] as usize].page;
        ix::resolve_places(self.cranker, live.game.key, live.key, ranking, page, ranks)
    }

    /// Says what became of ranks, on whatever pages they are.
    #[track_caller]
    pub fn resolve(&mut self, live: &Live, ranks: &[u16]) {
        let ranked = self.ranked(self.order_of(live));
        let mut by_page: BTreeMap<u32, Vec<u16>> = BTreeMap::new();
        for rank in ranks {
            by_page.entry(ranked[*rank as usize].page).or_default().push(*rank);
        }
        for ranks in by_page.into_values() {
            let resolve = self.resolve_instruction(live, &ranks);
            self.chain.expect_ok_big(&resolve);
        }
    }

    pub fn promote_instruction(&self, live: &Live, rank: u32) -> Instruction {
        ix::promote_place(self.cranker, live.key, self.order_of(live), rank)
    }

    #[track_caller]
    pub fn promote(&mut self, live: &Live, rank: u32) -> Meta {
        let promote = self.promote_instruction(live, rank);
        self.chain.expect_ok(&promote)
    }

    /// Lets the first offers of a final raffle lapse.
    pub fn pass_offers(&mut self, live: &Live) {
        let until = self.round(live).final_at + self.raffle_state(live).confirm_seconds as i64;
        let seconds = (until - self.chain.now()).max(0);
        self.chain.warp(seconds, 2 * seconds as u64);
    }

    // Refunds.

    /// Entries of a page that are owed their fee, or what is left of it: no rank, lapsed, waited in vain.
    pub fn owed_fees(&self, live: &Live, sequence: u32) -> Vec<Item> {
        let state = self.raffle_state(live);
        let threshold =
            Standing { key: state.threshold_key, page: state.threshold_page, index: state.threshold_index };
        let entries = self.entries(live, sequence).into_iter().zip(0..);
        entries
            .filter(|(entry, index)| {
                let at = Standing { key: entry.picks[1], page: sequence, index: *index };
                entry.flags == 0 && (at > threshold || entry.tier > 1)
            })
            .map(|(entry, index)| Item { index, wallet: Pubkey::new_from_array(entry.wallet) })
            .collect()
    }

    #[track_caller]
    pub fn refund_fees(&mut self, live: &Live) {
        for sequence in 0..self.round(live).page_count {
            for some in self.owed_fees(live, sequence).chunks(BATCH) {
                self.chain.expect_ok_big(&ix::refund(self.cranker, live.key, sequence, some));
            }
        }
    }

    /// Closes the raffle's order, its pages and its round.
    #[track_caller]
    pub fn close_raffle(&mut self, live: &Live) {
        if self.raffle_state(live).ranking != [0; 32] {
            let close = self.close_ranking_instruction(live, self.order_of(live));
            self.chain.expect_ok(&close);
        }
        self.close_all(live);
    }
}
