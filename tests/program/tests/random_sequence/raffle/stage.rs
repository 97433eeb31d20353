//! A raffle on the chain beside its model.

use std::collections::BTreeMap;

use lottery_rules::raffle::Standing;
use program_tests::{
    Instruction, Live, Player, Pubkey, Spec, World, address, ix,
    ix::Item,
    kinds::{PlaceStatus, RoundStatus},
    raffle::{FEE, List, first_come, places, ticket},
    world::LAMPORTS,
};

use super::model::{CLAIMANTS, Model, Op, PAGE, Place, weight_of};

/// A raffle on the chain, and the model of its round.
pub struct Stage {
    pub live: Live,
    pub people: Vec<Player>,
    pub claimants: Vec<Pubkey>,
    pub list: Option<List>,
    pub model: Model,
}

impl Stage {
    pub fn new(world: &mut World, is_listed: bool) -> Self {
        let (live, people, list) = if is_listed {
            let weights: Vec<u32> = (0..10).map(weight_of).collect();
            let raffle = world.listed(Spec::raffle(places(2, 3)).pages(PAGE, 3), &weights);
            (raffle.live, raffle.players, Some(raffle.list))
        } else {
            let spec = Spec::raffle(first_come(places(3, 2))).pages(PAGE, 2);
            let people = (0..6).map(|_| world.player(spec.money, 10 * FEE)).collect();
            (world.open_raffle(spec), people, None)
        };
        let claimants = (0..CLAIMANTS).map(|_| world.chain.funded("claimant", LAMPORTS)).collect();
        let model = Model {
            is_listed,
            capacity: if is_listed { 2 } else { 3 },
            waiting: if is_listed { 3 } else { 2 },
            pages: Vec::new(),
            room: Vec::new(),
            status: RoundStatus::Open,
            seed: [0; 32],
            attempts: BTreeMap::new(),
            accepted: None,
            is_ranked: false,
            taken: 0,
            lapsed: 0,
            promoted: 0,
            final_at: 0,
            balances: vec![10 * FEE; people.len()],
            fees: 0,
        };
        let mut stage = Self { live, people, claimants, list, model };
        stage.note_pages(world);
        stage
    }

    pub fn note_pages(&mut self, world: &World) {
        for sequence in self.model.pages.len() as u32..world.round(&self.live).page_count {
            self.model.pages.push(Vec::new());
            self.model.room.push(world.page(&self.live, sequence).capacity);
        }
    }

    pub fn ranking(&self, claimant: usize) -> Pubkey {
        address::ranking(&self.live.key, &self.claimants[claimant]).0
    }

    pub fn instruction(&self, world: &World, op: &Op) -> Instruction {
        let (live, cranker) = (&self.live, world.cranker);
        let (lottery, round) = (live.game.key, live.key);
        match op {
            Op::Enter(person, leaf, page) => match &self.list {
                Some(list) => {
                    let bytes = ticket(*leaf, weight_of(*leaf), &list.proof(*leaf));
                    world.enter_instruction(live, &self.people[*person], *page, 0, &bytes)
                }
                None => world.enter_instruction(live, &self.people[*person], *page, *leaf as u8, &[]),
            },
            Op::OpenRanking(claimant, at) => {
                ix::open_ranking(self.claimants[*claimant], round, at.key, at.page, at.index)
            }
            Op::Grow(claimant) => ix::grow_ranking(self.ranking(*claimant)),
            Op::Count(claimant, page, limit) => {
                ix::count_ranking(round, self.ranking(*claimant), *page, *limit)
            }
            Op::Accept(claimant) => {
                ix::accept_ranking(cranker, round, self.ranking(*claimant), self.claimants[*claimant])
            }
            Op::Sort(claimant, swaps) => ix::sort_ranking(cranker, round, self.ranking(*claimant), swaps),
            Op::Finalise => world.finalise_instruction(live),
            Op::Confirm(claimant, person, rank, page) => {
                let Player { owner, wallet, .. } = self.people[*person];
                ix::confirm_place(owner, wallet, lottery, round, self.ranking(*claimant), *page, *rank)
            }
            Op::Resolve(claimant, page, ranks) => {
                ix::resolve_places(cranker, lottery, round, self.ranking(*claimant), *page, ranks)
            }
            Op::Promote(claimant, rank) => ix::promote_place(cranker, round, self.ranking(*claimant), *rank),
            Op::Refund(page, index, person) => {
                let item = Item { index: *index, wallet: self.people[*person].wallet };
                ix::refund(cranker, round, *page, &[item])
            }
            Op::CloseRanking(claimant) => {
                ix::close_ranking(cranker, round, self.ranking(*claimant), self.claimants[*claimant])
            }
        }
    }

    /// Entries, attempts, places and money are what the model says.
    pub fn compare(&self, world: &World) {
        let (live, model) = (&self.live, &self.model);
        for (sequence, entries) in (0..).zip(&model.pages) {
            let on_chain = world.entries(live, sequence);
            assert_eq!(on_chain.len(), entries.len());
            for (index, (chain, said)) in (0..).zip(on_chain.iter().zip(entries)) {
                let key =
                    if model.status == RoundStatus::Open { 0 } else { model.standing(sequence, index).key };
                assert_eq!(chain.picks, [said.leaf as u64 | (said.weight as u64) << 32, key]);
                assert_eq!(chain.wallet, self.people[said.person].wallet.to_bytes());
                assert_eq!(chain.flags, said.paid as u8 | (said.refunded as u8) << 1);
                assert_eq!((chain.tier, chain.stake_units), (said.tier, FEE));
            }
        }
        for (player, units) in self.people.iter().zip(&model.balances) {
            assert_eq!(world.balance(player), *units);
        }
        assert_eq!(world.lottery(&live.game).fees_units, model.fees);
        let (round, state) = (world.round(live), world.raffle_state(live));
        assert_eq!(round.status, model.status as u8);
        let refunded = model.pages.iter().flatten().filter(|entry| entry.refunded).count();
        assert_eq!((round.refunded, round.winners_paid), (refunded as u64, model.taken as u64));
        assert_eq!((state.taken, state.lapsed, state.promoted), (model.taken, model.lapsed, model.promoted));
        assert_eq!(state.is_ranked != 0, model.is_ranked);
        let accepted = model.accepted.map_or(Pubkey::default(), |claimant| self.ranking(claimant));
        assert_eq!(Pubkey::new_from_array(state.ranking), accepted);
        for claimant in 0..CLAIMANTS {
            let key = self.ranking(claimant);
            let Some(said) = model.attempts.get(&claimant) else {
                assert!(!world.chain.exists(key));
                continue;
            };
            let chain = world.ranking(key);
            let counted = said.counts.iter().filter(|count| count.is_none()).count();
            let found = said.found.len() + said.too_many as usize;
            assert_eq!((chain.found as usize, chain.pages_counted as usize), (found, counted));
            assert_eq!(chain.sorted as usize, said.sorted);
            let place = |place: &program_tests::accounts::RankedEntry| Place {
                at: Standing { key: place.key, page: place.page, index: place.index },
                status: PlaceStatus::from_byte(place.status).expect("a known status"),
                until: place.offered_until,
            };
            assert_eq!(world.ranked(key).iter().map(place).collect::<Vec<_>>(), said.found);
        }
    }

    /// Locks and settles a round that somebody entered; ends one that owes nothing and opens the next.
    pub fn move_on(&mut self, world: &mut World) {
        if self.model.status == RoundStatus::Open {
            world.to_settled(&self.live);
            self.model.status = RoundStatus::Drawn;
            self.model.seed = world.round(&self.live).seed;
            return;
        }
        let (live, cranker) = (self.live.clone(), world.cranker);
        for claimant in self.model.attempts.keys() {
            let (key, submitter) = (self.ranking(*claimant), self.claimants[*claimant]);
            world.chain.expect_ok(&ix::close_ranking(cranker, live.key, key, submitter));
        }
        for sequence in 0..self.model.pages.len() as u32 {
            world.chain.expect_ok(&ix::close_page(cranker, live.key, sequence, cranker));
        }
        world.chain.expect_ok(&ix::close_round(cranker, live.game.key, live.key, cranker));
        self.live = world.open_round(&live.game);
        if self.list.is_some() {
            world.open_all_pages(&self.live)
        } else {
            let _ = world.open_page(&self.live);
        }
        for (player, units) in self.people.iter().zip(&mut self.model.balances) {
            if *units < 2 * FEE {
                world.wallet_of(player.owner, player.money, 5 * FEE);
                *units += 5 * FEE;
            }
        }
        let model = &mut self.model;
        (model.pages, model.room, model.attempts) = Default::default();
        (model.status, model.accepted, model.is_ranked) = (RoundStatus::Open, None, false);
        (model.taken, model.lapsed, model.promoted) = (0, 0, 0);
        self.note_pages(world);
    }

    pub fn may_move_on(&self) -> bool {
        let entered = self.model.status == RoundStatus::Open && self.model.count() > 0;
        entered || self.model.owes_nothing()
    }
}
