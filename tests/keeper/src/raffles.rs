//! Who takes part in raffles: crowds that enter, winners who confirm or do not, and others who claim an order.

use lottery_interface::{
    accounts::{self, AccountLayout, Page, Round, raffle_state},
    instructions as ix,
    kinds::{PageStatus, PlaceStatus, RankingStatus, RoundStatus},
};
use lottery_keeper::{RankingState, RoundState};
use lottery_rules::raffle::Standing;
use program_tests::{
    Money, Player, Pubkey, World, address,
    raffle::{List, depth_of},
};

use crate::{Hall, Tally};

/// People who enter a raffle, each once a round.
pub struct Crowd {
    pub players: Vec<Player>,
    /// In their order, with weights of 1, 3 and 10.
    pub list: List,
}

impl Crowd {
    pub fn new(world: &mut World, lottery: &Pubkey, people: usize) -> Self {
        let players: Vec<Player> = (0..people).map(|_| world.player(Money::Sol, 1_000_000_000)).collect();
        let weights = [1, 1, 3, 1, 10];
        let people: Vec<(Pubkey, u32)> = players
            .iter()
            .zip(weights.into_iter().cycle())
            .map(|(player, weight)| (player.owner, weight))
            .collect();
        let list = List::new(lottery, &people, depth_of(people.len().max(1)));
        Self { players, list }
    }
}

/// Who confirms when a place is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirming {
    All,
    Nobody,
    /// Every third rank, from 0, does not.
    TwoOfThree,
}

impl Confirming {
    pub fn confirms(self, rank: u32) -> bool {
        match self {
            Self::All => true,
            Self::Nobody => false,
            Self::TwoOfThree => !rank.is_multiple_of(3),
        }
    }
}

/// What others do about the order, before the keeper looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddling {
    None,
    /// Claims that are too low and too high: counted, counted in part and not at all.
    Wrong,
    /// A right claim, of which only the last page is counted.
    Begun,
    /// A right claim, all counted, not accepted.
    Counted,
}

impl Hall {
    /// Rounds of raffles as the keeper sees them.
    fn raffles(&self) -> Vec<(Pubkey, RoundState)> {
        let lotteries = self.look().lotteries.into_iter();
        lotteries
            .flat_map(|lottery| lottery.rounds.into_iter().map(move |round| (lottery.address, round)))
            .collect()
    }

    /// Everybody enters each page of each round that is open, once.
    pub fn enter_crowds(&mut self, tally: &mut Tally) {
        let now = self.now();
        let mut enters = Vec::new();
        for (lottery, crowd) in &self.crowds {
            let next = self.lottery(lottery).next_round_index;
            for index in next.saturating_sub(2)..next {
                let round = address::round(lottery, index).0;
                let Some(open) = self.world.chain.try_account::<Round>(round) else { continue };
                let state = raffle_state(self.world.chain.data(round)).expect("a raffle");
                let takes = open.status == RoundStatus::Open as u8
                    && now.unix < open.locks_at
                    && now.slot < open.lock_slot;
                for sequence in (0..open.page_count).filter(|_| takes) {
                    let page = address::page(&round, sequence).0;
                    let account = Page::read(self.world.chain.data(page)).expect("a page of the round");
                    if account.status != PageStatus::Open as u8 || account.count != 0 {
                        continue;
                    }
                    let first = sequence * open.page_entries;
                    for leaf in first..first + account.capacity {
                        let player = crowd.players[leaf as usize];
                        let (quick, ticket) = match state.leaf_count {
                            0 => (1, Vec::new()),
                            _ => (0, crowd.list.ticket(leaf)),
                        };
                        enters.push(ix::enter(player.owner, player.wallet, round, page, quick, &ticket));
                    }
                }
            }
        }
        for enter in enters {
            self.world.chain.expect_ok(&enter);
            tally.entered += 1;
        }
    }

    /// Those who confirm do so as soon as a place is offered.
    pub fn confirm_places(&mut self, tally: &mut Tally) {
        if !self.spec.game.is_raffle() || self.confirming == Confirming::Nobody {
            return;
        }
        let now = self.now().unix;
        let mut confirms = Vec::new();
        for (lottery, round) in self.raffles() {
            let (Some(raffle), Some(ranking)) = (round.raffle, round.ranking()) else { continue };
            if !round.has_places() || raffle.confirm_seconds == 0 || round.account.expired != 0 {
                continue;
            }
            for (rank, place) in (0..).zip(&ranking.ranked) {
                let until = match PlaceStatus::from_byte(place.status) {
                    Some(PlaceStatus::Promoted) => place.offered_until,
                    Some(PlaceStatus::Initial) if rank < raffle.capacity.min(raffle.ranked) => {
                        round.account.final_at + raffle.confirm_seconds as i64
                    }
                    _ => continue,
                };
                if now >= until || !self.confirming.confirms(rank) {
                    continue;
                }
                let page = address::page(&round.address, place.page).0;
                let wallet = wallet_of(self.world.chain.data(page), place.index);
                let crowd = &self.crowds[&lottery];
                let player =
                    crowd.players.iter().find(|player| player.wallet == wallet).expect("one of the crowd");
                confirms.push(ix::confirm_place(
                    player.owner,
                    player.wallet,
                    lottery,
                    round.address,
                    ranking.address,
                    place.page,
                    rank,
                ));
            }
        }
        for confirm in confirms {
            self.world.chain.expect_ok(&confirm);
            *tally.steps.entry("confirm_place").or_default() += 1;
        }
    }

    /// Others claim an order of each raffle that is settled and has none.
    pub fn meddle(&mut self) {
        if self.meddling == Meddling::None {
            return;
        }
        for (_, round) in self.raffles() {
            let settled = round.status() == Some(RoundStatus::Drawn) && round.all_settled();
            let Some(raffle) = round.raffle.filter(|raffle| settled && raffle.is_ranked == 0) else {
                continue;
            };
            if !round.rankings.is_empty() || round.account.entries == 0 {
                continue;
            }
            let order = order_of(&round);
            let last = raffle.ranked as usize - 1;
            match self.meddling {
                Meddling::None => {}
                Meddling::Begun => self.claim(&round, order[last], 1),
                Meddling::Counted => self.claim(&round, order[last], round.account.page_count),
                Meddling::Wrong => {
                    for counted in 0..=round.account.page_count {
                        self.claim(&round, order[last - 1], counted);
                        self.claim(&round, order[last + 1], counted);
                        self.claim(&round, Standing::default(), counted);
                    }
                }
            }
        }
    }

    /// An attempt with a key of its own, with so many pages counted, the last one first.
    fn claim(&mut self, round: &RoundState, threshold: Standing, counted: u32) {
        let submitter = self.world.chain.funded("claimant", 10_000_000_000);
        let (pages, slots) = (round.account.page_count, round.raffle.expect("a raffle").ranked);
        let Standing { key, page, index } = threshold;
        let mut steps = ix::open_ranking_steps(submitter, round.address, (key, page, index), pages, slots);
        let ranking = address::ranking(&round.address, &submitter).0;
        for sequence in (0..pages).rev().take(counted as usize) {
            steps.push(ix::count_ranking(round.address, ranking, sequence, u32::MAX));
        }
        for step in steps {
            self.world.chain.expect_ok_big(&step);
        }
    }
}

/// The wallet of one entry of a page.
fn wallet_of(data: &[u8], index: u32) -> Pubkey {
    let entry = accounts::entries(data, index + 1).nth(index as usize);
    entry.expect("an entry of the page").wallet.into()
}

/// Every entry where it stands, the first first; of a round whose entries were read.
pub fn order_of(round: &RoundState) -> Vec<Standing> {
    let mut all = Vec::new();
    for (page, state) in &round.pages {
        let entries = (0..).zip(state.entries.iter().flatten());
        all.extend(entries.map(|(index, entry)| Standing { key: entry.picks[1], page: *page, index }));
    }
    all.sort();
    all
}

/// Attempts that were not accepted.
pub fn others(round: &RoundState) -> impl Iterator<Item = &RankingState> {
    round.rankings.iter().filter(|ranking| ranking.account.status != RankingStatus::Accepted as u8)
}
