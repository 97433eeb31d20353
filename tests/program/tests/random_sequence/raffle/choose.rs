//! What is tried next.

use lottery_rules::raffle::Standing;
use program_tests::{kinds::RoundStatus, raffle::sorting_places};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    model::{CLAIMANTS, Op, PAGE},
    stage::Stage,
};

impl Stage {
    /// Something to do, right or wrong, that fits the moment more or less.
    pub fn choose(&self, random: &mut ChaCha8Rng) -> Op {
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
}
