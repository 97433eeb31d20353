//! Raffles at random: a list with weights on three pages, and whoever comes first on two. Good and bad instructions from the first
//! entry to the last place, with a plain model beside the chain: each refusal by name, and after every step entries, attempts,
//! places and money as the model says. `LOTTERY_SEED` repeats a sequence, `LOTTERY_STEPS` changes its length.

use std::collections::BTreeMap;

use lottery_rules::{
    hash::Software,
    raffle::{DRAWS_PER_BLOCK, Places, Standing, draws, key},
};
use program_tests::{
    Instruction, Live, LotteryError as E, Player, Pubkey, Spec, World, address, ix,
    ix::Item,
    kinds::{PlaceStatus, RoundStatus},
    raffle::{CONFIRM_SECONDS, FEE, List, first_come, places, sorting_places, ticket},
    world::LAMPORTS,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PENALTY: u64 = FEE / 10;
const PAGE: u32 = 4;
/// Those who claim an order.
const CLAIMANTS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entered {
    person: usize,
    leaf: u32,
    weight: u32,
    tier: u8,
    paid: bool,
    refunded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    at: Standing,
    status: PlaceStatus,
    until: i64,
}

#[derive(Clone, Debug)]
struct Attempt {
    threshold: Standing,
    /// Entries counted on each page; `None` once it is counted.
    counts: Vec<Option<u32>>,
    found: Vec<Place>,
    too_many: bool,
    sorted: usize,
}

#[derive(Clone, Debug)]
struct Model {
    is_listed: bool,
    capacity: u32,
    waiting: u32,
    pages: Vec<Vec<Entered>>,
    /// Places of each page.
    room: Vec<u32>,
    status: RoundStatus,
    seed: [u8; 32],
    attempts: BTreeMap<usize, Attempt>,
    accepted: Option<usize>,
    is_ranked: bool,
    taken: u32,
    lapsed: u32,
    promoted: u32,
    final_at: i64,
    balances: Vec<u64>,
    fees: u64,
}

#[derive(Clone, Debug)]
enum Op {
    /// A person with a leaf that may be another's; without a list: a person and how many places.
    Enter(usize, u32, u32),
    OpenRanking(usize, Standing),
    Grow(usize),
    Count(usize, u32, u32),
    Accept(usize),
    Sort(usize, Vec<u16>),
    Finalise,
    Confirm(usize, usize, u32, u32),
    Resolve(usize, u32, Vec<u16>),
    Promote(usize, u32),
    Refund(u32, u32, usize),
    CloseRanking(usize),
}

fn require(condition: bool, error: E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(error) }
}

impl Model {
    fn count(&self) -> u32 {
        self.pages.iter().map(|page| page.len() as u32).sum()
    }

    fn ranked(&self) -> u32 {
        self.count().min(self.capacity + self.waiting)
    }

    fn standing(&self, page: u32, index: u32) -> Standing {
        let weight = self.pages[page as usize][index as usize].weight;
        let key = match self.is_listed {
            true => {
                let block = draws::<Software>(&self.seed, page, index / DRAWS_PER_BLOCK);
                key(block[(index % DRAWS_PER_BLOCK) as usize], weight)
            }
            false => 0,
        };
        Standing { key, page, index }
    }

    fn order(&self) -> Vec<Standing> {
        let pages = (0..).zip(&self.pages);
        let mut all: Vec<Standing> = pages
            .flat_map(|(page, entries)| (0..entries.len() as u32).map(move |index| (page, index)))
            .map(|(page, index)| self.standing(page, index))
            .collect();
        all.sort();
        all
    }

    fn places(&self) -> Places {
        let Self { capacity, taken, lapsed, promoted, .. } = *self;
        Places { ranked: self.ranked(), capacity, taken, lapsed, promoted }
    }

    fn is_wrong(&self, attempt: &Attempt) -> bool {
        let all = attempt.counts.iter().all(Option::is_none);
        attempt.too_many || (all && (attempt.found.len() as u32) < self.ranked())
    }

    fn owes_nothing(&self) -> bool {
        let is_done = |entry: &Entered| entry.paid || entry.refunded;
        self.status == RoundStatus::Final && self.pages.iter().flatten().all(is_done)
    }

    /// The accepted ranking of a final raffle.
    fn book(&mut self, claimant: usize) -> Result<&mut Attempt, E> {
        require(self.accepted == Some(claimant), E::WrongRanking)?;
        require(self.status == RoundStatus::Final, E::NotFinal)?;
        Ok(self.attempts.get_mut(&claimant).expect("it was accepted"))
    }

    fn until(&self, rank: u32, place: &Place) -> Option<i64> {
        match place.status {
            PlaceStatus::Promoted => Some(place.until),
            PlaceStatus::Initial if rank < self.places().offered_at_first() => {
                Some(self.final_at + CONFIRM_SECONDS as i64)
            }
            _ => None,
        }
    }

    /// The place of a rank, whose entry must be on this page.
    fn place(&mut self, claimant: usize, rank: u32, page: u32) -> Result<Place, E> {
        let place = self.book(claimant)?.found.get(rank as usize).cloned().ok_or(E::RankUnknown)?;
        require(place.at.page == page, E::WrongPage)?;
        Ok(place)
    }

    fn set(&mut self, claimant: usize, rank: u32, status: PlaceStatus) -> &mut Entered {
        let place = &mut self.attempts.get_mut(&claimant).expect("accepted").found[rank as usize];
        place.status = status;
        &mut self.pages[place.at.page as usize][place.at.index as usize]
    }

    fn enter(&mut self, person: usize, leaf: u32, page: u32) -> Result<(), E> {
        let sequence = page as usize;
        let new = |leaf, weight| Entered { person, leaf, weight, tier: 0, paid: false, refunded: false };
        if !self.is_listed {
            require(self.pages[sequence].len() as u32 + leaf <= self.room[sequence], E::PageFull)?;
            for _ in 0..leaf {
                self.pages[sequence].push(new(0, 1));
            }
        } else {
            require(leaf as usize == person, E::ProofInvalid)?;
            require(leaf / PAGE == page, E::LeafWrongPage)?;
            require(self.pages[sequence].iter().all(|entry| entry.leaf != leaf), E::LeafUsed)?;
            self.pages[sequence].push(new(leaf, weight_of(leaf)));
        }
        let cost = if self.is_listed { FEE } else { FEE * leaf as u64 };
        self.balances[person] = self.balances[person].checked_sub(cost).ok_or(E::InsufficientBalance)?;
        Ok(())
    }

    fn count_page(&mut self, claimant: usize, page: u32, limit: u32) -> Result<(), E> {
        require(limit > 0, E::ZeroAmount)?;
        let all = self.pages[page as usize].len() as u32;
        let slots = self.ranked() as usize;
        let standings: Vec<Standing> = (0..all).map(|index| self.standing(page, index)).collect();
        let attempt = self.attempts.get_mut(&claimant).expect("it is open");
        let from = attempt.counts[page as usize].ok_or(E::PageAlreadyCounted)?;
        let to = all.min(from + limit);
        for at in standings.into_iter().take(to as usize).skip(from as usize) {
            if at <= attempt.threshold && !attempt.too_many {
                match attempt.found.len() == slots {
                    true => attempt.too_many = true,
                    false => attempt.found.push(Place { at, status: PlaceStatus::Initial, until: 0 }),
                }
            }
        }
        attempt.counts[page as usize] = (to < all).then_some(to);
        Ok(())
    }

    fn sort(&mut self, claimant: usize, swaps: &[u16]) -> Result<(), E> {
        require(self.accepted == Some(claimant), E::WrongRanking)?;
        require(self.status == RoundStatus::Drawn && !self.is_ranked, E::AlreadyRanked)?;
        require(!swaps.is_empty(), E::ItemsMalformed)?;
        let attempt = self.attempts.get_mut(&claimant).expect("accepted");
        for from in swaps.iter().map(|from| *from as usize) {
            let rank = attempt.sorted;
            require(rank <= from && from < attempt.found.len(), E::RankUnknown)?;
            attempt.found.swap(rank, from);
            let is_after = rank == 0 || attempt.found[rank - 1].at < attempt.found[rank].at;
            require(is_after, E::OrderWrong)?;
            attempt.sorted += 1;
        }
        self.is_ranked = attempt.sorted == attempt.found.len();
        Ok(())
    }

    fn resolve(&mut self, claimant: usize, rank: u32, page: u32, now: i64) -> Result<(), E> {
        let place = self.place(claimant, rank, page)?;
        match self.until(rank, &place) {
            Some(until) => {
                require(now >= until, E::NothingToResolve)?;
                self.set(claimant, rank, PlaceStatus::Lapsed).tier = 2;
                self.lapsed += 1;
                self.fees += PENALTY;
            }
            None => {
                let waits = place.status == PlaceStatus::Initial && self.places().are_settled();
                require(waits, E::NothingToResolve)?;
                self.set(claimant, rank, PlaceStatus::Released).tier = 3;
            }
        }
        Ok(())
    }

    fn confirm(&mut self, claimant: usize, person: usize, rank: u32, page: u32, now: i64) -> Result<(), E> {
        let place = self.place(claimant, rank, page)?;
        let entry = self.pages[page as usize][place.at.index as usize];
        require(entry.person == person, E::WrongWallet)?;
        require(place.status != PlaceStatus::Taken, E::PlaceTaken)?;
        require(place.status != PlaceStatus::Lapsed, E::ConfirmTooLate)?;
        let until = self.until(rank, &place).ok_or(E::PlaceNotOffered)?;
        require(now < until, E::ConfirmTooLate)?;
        let entry = self.set(claimant, rank, PlaceStatus::Taken);
        (entry.tier, entry.paid) = (1, true);
        self.taken += 1;
        self.fees += FEE;
        Ok(())
    }

    fn refund(&mut self, page: u32, index: u32, person: usize) -> Result<(), E> {
        require(self.status == RoundStatus::Final, E::NotVoid)?;
        let entry = *self.pages[page as usize].get(index as usize).ok_or(E::ItemOutOfRange)?;
        let is_beyond = self.standing(page, index) > self.order()[self.ranked() as usize - 1];
        let units = match entry.tier {
            _ if is_beyond => FEE,
            2 => FEE - PENALTY,
            3 => FEE,
            _ => return Err(E::HasPlace),
        };
        require(entry.person == person, E::WrongWallet)?;
        require(!entry.refunded, E::AlreadyRefunded)?;
        self.pages[page as usize][index as usize].refunded = true;
        self.balances[person] += units;
        Ok(())
    }

    fn close_ranking(&mut self, claimant: usize) -> Result<(), E> {
        let attempt = &self.attempts[&claimant];
        if self.accepted == Some(claimant) {
            require(self.owes_nothing(), E::RankingInUse)?;
        } else if !self.is_wrong(attempt) {
            let is_late = self.accepted.is_some() || self.status != RoundStatus::Drawn;
            require(is_late, E::RankingInUse)?;
        }
        self.attempts.remove(&claimant);
        Ok(())
    }

    fn accept(&mut self, claimant: usize) -> Result<(), E> {
        require(self.status == RoundStatus::Drawn, E::NotDrawn)?;
        require(self.accepted.is_none(), E::AlreadyRanked)?;
        let attempt = &self.attempts[&claimant];
        require(!attempt.too_many, E::ThresholdTooHigh)?;
        require(attempt.counts.iter().all(Option::is_none), E::PagesNotCounted)?;
        require(attempt.found.len() as u32 == self.ranked(), E::ThresholdTooLow)?;
        self.accepted = Some(claimant);
        Ok(())
    }

    fn apply(&mut self, op: &Op, now: i64) -> Result<(), E> {
        match *op {
            Op::Enter(person, leaf, page) => self.enter(person, leaf, page),
            Op::OpenRanking(claimant, threshold) => {
                require(self.status == RoundStatus::Drawn, E::NotDrawn)?;
                require(self.accepted.is_none(), E::AlreadyRanked)?;
                let counts = vec![Some(0); self.pages.len()];
                let attempt = Attempt { threshold, counts, found: Vec::new(), too_many: false, sorted: 0 };
                self.attempts.insert(claimant, attempt);
                Ok(())
            }
            Op::Grow(_) => Err(E::RankingSizeReached),
            Op::Count(claimant, page, limit) => self.count_page(claimant, page, limit),
            Op::Accept(claimant) => self.accept(claimant),
            Op::Sort(claimant, ref swaps) => self.sort(claimant, swaps),
            Op::Finalise => {
                require(self.status != RoundStatus::Final, E::AlreadyFinal)?;
                require(self.is_ranked, E::NotRanked)?;
                (self.status, self.final_at) = (RoundStatus::Final, now);
                Ok(())
            }
            Op::Confirm(claimant, person, rank, page) => self.confirm(claimant, person, rank, page, now),
            Op::Resolve(claimant, page, ref ranks) => {
                ranks.iter().try_for_each(|rank| self.resolve(claimant, *rank as u32, page, now))
            }
            Op::Promote(claimant, rank) => {
                self.book(claimant)?;
                require(rank < self.ranked(), E::RankUnknown)?;
                require(self.places().next_promoted() == Some(rank), E::PromotionOutOfOrder)?;
                self.set(claimant, rank, PlaceStatus::Promoted);
                let attempt = self.attempts.get_mut(&claimant).expect("accepted");
                attempt.found[rank as usize].until = now + CONFIRM_SECONDS as i64;
                self.promoted += 1;
                Ok(())
            }
            Op::Refund(page, index, person) => self.refund(page, index, person),
            Op::CloseRanking(claimant) => self.close_ranking(claimant),
        }
    }
}

fn weight_of(leaf: u32) -> u32 {
    [1, 3, 10][leaf as usize % 3]
}

/// A raffle on the chain, and the model of its round.
struct Stage {
    live: Live,
    people: Vec<Player>,
    claimants: Vec<Pubkey>,
    list: Option<List>,
    model: Model,
}

impl Stage {
    fn new(world: &mut World, is_listed: bool) -> Self {
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

    fn note_pages(&mut self, world: &World) {
        for sequence in self.model.pages.len() as u32..world.round(&self.live).page_count {
            self.model.pages.push(Vec::new());
            self.model.room.push(world.page(&self.live, sequence).capacity);
        }
    }

    fn ranking(&self, claimant: usize) -> Pubkey {
        address::ranking(&self.live.key, &self.claimants[claimant]).0
    }

    fn instruction(&self, world: &World, op: &Op) -> Instruction {
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

    /// Something to do, right or wrong, that fits the moment more or less.
    fn choose(&self, random: &mut ChaCha8Rng) -> Op {
        let model = &self.model;
        let person = random.random_range(0..self.people.len());
        let page = random.random_range(0..model.pages.len() as u32);
        if model.status == RoundStatus::Open {
            if !model.is_listed {
                return Op::Enter(person, random.random_range(1..4), model.pages.len() as u32 - 1);
            }
            let leaf = if random.random_bool(0.85) { person as u32 } else { random.random_range(0..10) };
            let page = if random.random_bool(0.85) { leaf / PAGE } else { page };
            return Op::Enter(person, leaf, page);
        }
        let index = random.random_range(0..=PAGE);
        let free = (0..CLAIMANTS).find(|claimant| !model.attempts.contains_key(claimant));
        let (what, order) = (random.random_range(0..12), model.order());
        if let (0, Some(claimant)) | (1, Some(claimant)) = (what, free.filter(|_| model.accepted.is_none())) {
            let right = order[model.ranked() as usize - 1];
            // Rather too many than too few.
            let any = random.random_range(0..order.len());
            let other = order[any.max(random.random_range(0..order.len()))];
            let threshold = if random.random_bool(0.5) { right } else { other };
            return Op::OpenRanking(claimant, threshold);
        }
        if what == 2 && random.random_bool(0.3) {
            return Op::Finalise;
        }
        let open: Vec<usize> = model.attempts.keys().copied().collect();
        let late = free.map(|claimant| Op::OpenRanking(claimant, order[0]));
        let Some(any) = open.get(random.random_range(0..open.len().max(1))) else {
            return late.unwrap_or(Op::Finalise);
        };
        let claimant = model.accepted.filter(|_| random.random_bool(0.8)).unwrap_or(*any);
        let claimant = if model.attempts.contains_key(&claimant) { claimant } else { *any };
        let attempt = &model.attempts[&claimant];
        let beyond = random.random_bool(0.1) as u32;
        let rank = random.random_range(0..model.ranked() + beyond);
        let of_rank = attempt.found.get(rank as usize).map(|place| place.at);
        let page = of_rank.filter(|_| random.random_bool(0.9)).map_or(page, |at| at.page);
        let owner = of_rank.map_or(person, |at| model.pages[at.page as usize][at.index as usize].person);
        let owner = if random.random_bool(0.9) { owner } else { person };
        match what {
            0 if random.random_bool(0.1) => late.unwrap_or(Op::Grow(claimant)),
            0 => Op::Grow(claimant),
            3 | 4 if model.accepted.is_none() || random.random_bool(0.1) => Op::Count(
                claimant,
                random.random_range(0..model.pages.len() as u32),
                random.random_range(0..6),
            ),
            5 | 1 if !model.is_ranked => Op::Accept(claimant),
            6 | 7 | 2 if !model.is_ranked => {
                let found: Vec<Standing> = attempt.found.iter().map(|place| place.at).collect();
                let mut swaps = sorting_places(&found, attempt.sorted);
                swaps.truncate(random.random_range(1..=5));
                // The last of what is left, and another after it. Refused as a whole: a wrong rank that nothing contradicts within its
                // own instruction is accepted by the program, and then no later one can follow.
                let last = (attempt.sorted..found.len()).max_by_key(|place| found[*place]);
                if let (0, true, Some(last)) =
                    (random.random_range(0..5), attempt.sorted + 1 < found.len(), last)
                {
                    swaps = vec![last as u16, attempt.sorted as u16 + 1];
                } else if random.random_bool(0.1) {
                    swaps.push(7);
                }
                if swaps.is_empty() { Op::Finalise } else { Op::Sort(claimant, swaps) }
            }
            3 | 8 => Op::Confirm(claimant, owner, rank, page),
            4 | 9 => Op::Resolve(claimant, page, vec![rank as u16]),
            5 | 10 => {
                let next = model.places().next_promoted().filter(|_| random.random_bool(0.8));
                Op::Promote(claimant, next.unwrap_or(rank))
            }
            6 | 7 | 1 => {
                let page = random.random_range(0..model.pages.len() as u32);
                let entry = model.pages[page as usize].get(index as usize);
                let owner = entry.filter(|_| random.random_bool(0.95)).map_or(person, |entry| entry.person);
                Op::Refund(page, index, owner)
            }
            _ => Op::CloseRanking(claimant),
        }
    }

    /// Entries, attempts, places and money are what the model says.
    fn compare(&self, world: &World) {
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
    fn move_on(&mut self, world: &mut World) {
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

    fn may_move_on(&self) -> bool {
        let entered = self.model.status == RoundStatus::Open && self.model.count() > 0;
        entered || self.model.owes_nothing()
    }
}

/// What must have happened, and every refusal by name.
const REFUSALS: [E; 23] = [
    E::ProofInvalid,
    E::LeafWrongPage,
    E::LeafUsed,
    E::PageFull,
    E::AlreadyRanked,
    E::RankingSizeReached,
    E::ZeroAmount,
    E::PageAlreadyCounted,
    E::ThresholdTooHigh,
    E::ThresholdTooLow,
    E::PagesNotCounted,
    E::WrongRanking,
    E::RankUnknown,
    E::OrderWrong,
    E::NotRanked,
    E::ConfirmTooLate,
    E::PlaceTaken,
    E::PlaceNotOffered,
    E::NothingToResolve,
    E::PromotionOutOfOrder,
    E::HasPlace,
    E::AlreadyRefunded,
    E::RankingInUse,
];

#[test]
fn raffles_do_what_their_model_says() {
    let seed = super::setting("LOTTERY_SEED", rand::rng().random());
    let steps = super::setting("LOTTERY_STEPS", 12_000);
    println!("LOTTERY_SEED={seed} LOTTERY_STEPS={steps}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World::new();
    let mut stages = [Stage::new(&mut world, true), Stage::new(&mut world, false)];
    let mut refusals: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut rounds, mut promoted, mut released) = (0, 0, 0);
    for step in 0..steps {
        let stage = &mut stages[random.random_range(0..2)];
        if stage.model.status == RoundStatus::Final && random.random_bool(0.04) {
            world.chain.warp(random.random_range(1..CONFIRM_SECONDS as i64 * 3 / 2), 100);
        }
        let is_open = stage.model.status == RoundStatus::Open;
        if stage.may_move_on() && random.random_bool(if is_open { 0.04 } else { 0.2 }) {
            rounds += !is_open as u64;
            promoted += stage.model.promoted as u64;
            released += stage.model.pages.iter().flatten().filter(|entry| entry.tier == 3).count();
            stage.move_on(&mut world);
            stage.compare(&world);
            continue;
        }
        let open = stage.model.pages.len();
        // Other raffles let time pass; a round of this one takes entries only before its lock.
        let round = world.round(&stage.live);
        if is_open && (world.chain.now() >= round.locks_at || world.chain.slot() >= round.lock_slot) {
            match stage.model.count() {
                0 => {
                    let retime = ix::retime_round(
                        world.cranker,
                        stage.live.game.key,
                        stage.live.config,
                        stage.live.key,
                        open as u32,
                    );
                    world.chain.expect_ok(&retime);
                }
                _ => stage.move_on(&mut world),
            }
            stage.compare(&world);
            continue;
        }
        if is_open && open < 2 && stage.model.pages[open - 1].len() as u32 == PAGE {
            world.open_page(&stage.live);
            stage.note_pages(&world);
        }
        let op = stage.choose(&mut random);
        let instruction = stage.instruction(&world, &op);
        let mut after = stage.model.clone();
        let said = after.apply(&op, world.chain.now());
        let before = world.chain.snapshot();
        let at = || format!("LOTTERY_SEED={seed}, step {step}: {op:?}");
        match (world.chain.send(&instruction), said) {
            (Ok(_), Ok(())) => stage.model = after,
            (Err(refusal), Err(reason)) => {
                assert_eq!(refusal.lottery(), Some(reason), "{}: {}", at(), refusal.describe());
                assert!(world.chain.snapshot() == before, "{}: refused, but an account changed", at());
                *refusals.entry(reason.name()).or_default() += 1;
            }
            (Ok(_), Err(reason)) => panic!("{}: the model refuses with {reason:?}", at()),
            (Err(refusal), Ok(())) => panic!("{}: refused: {}", at(), refusal.describe()),
        }
        stage.compare(&world);
    }
    println!("{rounds} rounds, {promoted} promoted, {released} in vain; refused: {refusals:?}");
    if steps >= 12_000 {
        assert!(rounds >= 10 && promoted >= 5 && released >= 1);
        for error in REFUSALS {
            assert!(refusals.contains_key(error.name()), "never {}", error.name());
        }
    }
}
