//! Places, offers and the waiting list: every history of a small raffle.

use std::collections::HashSet;

use lottery_rules::raffle::Places;

/// A plain model: what became of each rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rank {
    Offered,
    Waiting,
    Taken,
    Lapsed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Model {
    ranks: Vec<Rank>,
    capacity: usize,
}

impl Model {
    fn new(entries: usize, capacity: usize, waiting: usize) -> Self {
        let ranks = entries.min(capacity + waiting);
        let rank = |rank| if rank < capacity { Rank::Offered } else { Rank::Waiting };
        Self { ranks: (0..ranks).map(rank).collect(), capacity }
    }

    fn count(&self, what: Rank) -> u32 {
        self.ranks.iter().filter(|rank| **rank == what).count() as u32
    }

    /// Ranks that can have been offered a place: the first waiting one is next, if fewer places are offered or taken than
    /// there are.
    fn next(&self) -> Option<u32> {
        let used = self.count(Rank::Offered) + self.count(Rank::Taken);
        let first = self.ranks.iter().position(|rank| *rank == Rank::Waiting)?;
        (used < self.capacity as u32).then_some(first as u32)
    }

    fn places(&self) -> Places {
        let at_first = self.ranks.len().min(self.capacity);
        let left = self.ranks.len() - at_first;
        Places {
            ranked: self.ranks.len() as u32,
            capacity: self.capacity as u32,
            taken: self.count(Rank::Taken),
            lapsed: self.count(Rank::Lapsed),
            promoted: left as u32 - self.count(Rank::Waiting),
        }
    }

    /// What the rules say of this state, against the plain model.
    fn check(&self) {
        let places = self.places();
        assert_eq!(places.open_offers(), self.count(Rank::Offered), "{self:?}");
        assert_eq!(places.next_promoted(), self.next(), "{self:?}");
        let settled = self.count(Rank::Offered) == 0 && self.next().is_none();
        assert_eq!(places.are_settled(), settled, "{self:?}");
        assert!(self.count(Rank::Taken) + self.count(Rank::Offered) <= self.capacity as u32, "{self:?}");
        // Nobody waits before somebody who was passed over.
        let last = self.ranks.iter().rposition(|rank| *rank != Rank::Waiting);
        let first = self.ranks.iter().position(|rank| *rank == Rank::Waiting);
        assert!(last.zip(first).is_none_or(|(last, first)| last < first), "{self:?}");
    }

    fn with(&self, rank: usize, what: Rank) -> Self {
        let mut next = self.clone();
        next.ranks[rank] = what;
        next
    }

    fn steps(&self) -> Vec<Self> {
        let offered = (0..self.ranks.len()).filter(|rank| self.ranks[*rank] == Rank::Offered);
        let mut next: Vec<Self> =
            offered.flat_map(|rank| [self.with(rank, Rank::Taken), self.with(rank, Rank::Lapsed)]).collect();
        next.extend(self.next().map(|rank| self.with(rank as usize, Rank::Offered)));
        next
    }
}

/// All raffles of up to 6 entries, 4 places and 4 in the waiting list, in every order of confirming, lapsing and promoting.
#[test]
fn every_history_fills_the_places_in_order() {
    let (mut states, mut ends) = (0, 0);
    for entries in 0..=6 {
        for capacity in 1..=4 {
            for waiting in 0..=4 {
                let mut seen = HashSet::new();
                let mut open = vec![Model::new(entries, capacity, waiting)];
                while let Some(state) = open.pop() {
                    if !seen.insert(state.clone()) {
                        continue;
                    }
                    state.check();
                    let steps = state.steps();
                    if steps.is_empty() {
                        ends += 1;
                        assert!(state.places().are_settled());
                        // A place stays empty only when nobody is left who could take it.
                        let taken = state.count(Rank::Taken) as usize;
                        assert!(taken == capacity || state.count(Rank::Waiting) == 0);
                    }
                    open.extend(steps);
                }
                states += seen.len();
            }
        }
    }
    println!("{states} states, {ends} ends");
    assert!(states > 5_000 && ends > 500, "{states} states, {ends} ends");
}
