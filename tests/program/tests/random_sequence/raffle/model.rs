//! A plain model of one round of a raffle.

use std::collections::BTreeMap;

use lottery_rules::{
    hash::Software,
    raffle::{DRAWS_PER_BLOCK, Places, Standing, draws, key},
};
use program_tests::{
    LotteryError as E,
    kinds::{PlaceStatus, RoundStatus},
    raffle::{CONFIRM_SECONDS, FEE},
};

pub const PENALTY: u64 = FEE / 10;
pub const PAGE: u32 = 4;
/// Those who claim an order.
pub const CLAIMANTS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub person: usize,
    pub leaf: u32,
    pub weight: u32,
    pub tier: u8,
    pub paid: bool,
    pub refunded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: Standing,
    pub status: PlaceStatus,
    pub until: i64,
}

#[derive(Clone, Debug)]
pub struct Attempt {
    pub threshold: Standing,
    /// Entries counted on each page; `None` once it is counted.
    pub counts: Vec<Option<u32>>,
    pub found: Vec<Place>,
    pub too_many: bool,
    pub sorted: usize,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub is_listed: bool,
    pub capacity: u32,
    pub waiting: u32,
    pub pages: Vec<Vec<Entered>>,
    /// Places of each page.
    pub room: Vec<u32>,
    pub status: RoundStatus,
    pub seed: [u8; 32],
    pub attempts: BTreeMap<usize, Attempt>,
    pub accepted: Option<usize>,
    pub is_ranked: bool,
    pub taken: u32,
    pub lapsed: u32,
    pub promoted: u32,
    pub final_at: i64,
    pub balances: Vec<u64>,
    pub fees: u64,
}

#[derive(Clone, Debug)]
pub enum Op {
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

pub fn require(condition: bool, error: E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(error) }
}

impl Model {
    pub fn count(&self) -> u32 {
        self.pages.iter().map(|page| page.len() as u32).sum()
    }

    pub fn ranked(&self) -> u32 {
        self.count().min(self.capacity + self.waiting)
    }

    pub fn standing(&self, page: u32, index: u32) -> Standing {
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

    pub fn order(&self) -> Vec<Standing> {
        let pages = (0..).zip(&self.pages);
        let mut all: Vec<Standing> = pages
            .flat_map(|(page, entries)| (0..entries.len() as u32).map(move |index| (page, index)))
            .map(|(page, index)| self.standing(page, index))
            .collect();
        all.sort();
        all
    }

    pub fn places(&self) -> Places {
        let Self { capacity, taken, lapsed, promoted, .. } = *self;
        Places { ranked: self.ranked(), capacity, taken, lapsed, promoted }
    }

    pub fn is_wrong(&self, attempt: &Attempt) -> bool {
        let all = attempt.counts.iter().all(Option::is_none);
        attempt.too_many || (all && (attempt.found.len() as u32) < self.ranked())
    }

    pub fn owes_nothing(&self) -> bool {
        let is_done = |entry: &Entered| entry.paid || entry.refunded;
        self.status == RoundStatus::Final && self.pages.iter().flatten().all(is_done)
    }

    /// The accepted ranking of a final raffle.
    pub fn book(&mut self, claimant: usize) -> Result<&mut Attempt, E> {
        require(self.accepted == Some(claimant), E::WrongRanking)?;
        require(self.status == RoundStatus::Final, E::NotFinal)?;
        Ok(self.attempts.get_mut(&claimant).expect("it was accepted"))
    }

    pub fn until(&self, rank: u32, place: &Place) -> Option<i64> {
        match place.status {
            PlaceStatus::Promoted => Some(place.until),
            PlaceStatus::Initial if rank < self.places().offered_at_first() => {
                Some(self.final_at + CONFIRM_SECONDS as i64)
            }
            _ => None,
        }
    }

    /// The place of a rank, whose entry must be on this page.
    pub fn place(&mut self, claimant: usize, rank: u32, page: u32) -> Result<Place, E> {
        let place = self.book(claimant)?.found.get(rank as usize).cloned().ok_or(E::RankUnknown)?;
        require(place.at.page == page, E::WrongPage)?;
        Ok(place)
    }

    pub fn set(&mut self, claimant: usize, rank: u32, status: PlaceStatus) -> &mut Entered {
        let place = &mut self.attempts.get_mut(&claimant).expect("accepted").found[rank as usize];
        place.status = status;
        &mut self.pages[place.at.page as usize][place.at.index as usize]
    }

    pub fn enter(&mut self, person: usize, leaf: u32, page: u32) -> Result<(), E> {
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

    pub fn count_page(&mut self, claimant: usize, page: u32, limit: u32) -> Result<(), E> {
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

    pub fn sort(&mut self, claimant: usize, swaps: &[u16]) -> Result<(), E> {
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

    pub fn resolve(&mut self, claimant: usize, rank: u32, page: u32, now: i64) -> Result<(), E> {
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

    pub fn confirm(
        &mut self,
        claimant: usize,
        person: usize,
        rank: u32,
        page: u32,
        now: i64,
    ) -> Result<(), E> {
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

    pub fn refund(&mut self, page: u32, index: u32, person: usize) -> Result<(), E> {
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

    pub fn close_ranking(&mut self, claimant: usize) -> Result<(), E> {
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

    pub fn accept(&mut self, claimant: usize) -> Result<(), E> {
        require(self.status == RoundStatus::Drawn, E::NotDrawn)?;
        require(self.accepted.is_none(), E::AlreadyRanked)?;
        let attempt = &self.attempts[&claimant];
        require(!attempt.too_many, E::ThresholdTooHigh)?;
        require(attempt.counts.iter().all(Option::is_none), E::PagesNotCounted)?;
        require(attempt.found.len() as u32 == self.ranked(), E::ThresholdTooLow)?;
        self.accepted = Some(claimant);
        Ok(())
    }

    pub fn apply(&mut self, op: &Op, now: i64) -> Result<(), E> {
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

pub fn weight_of(leaf: u32) -> u32 {
    [1, 3, 10][leaf as usize % 3]
}
