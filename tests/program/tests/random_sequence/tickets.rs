//! The tickets of a random `enter`: mostly valid ones, and for house games often as dear as a page lets them be.

use program_tests::{Rules, house::top_multiplier};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{
    enter::Tickets,
    market::Market,
    model::{RoundId, RoundModel},
    reporters::Event,
};

/// What makes the tickets of one `enter`.
struct Maker<'a> {
    r: &'a RoundModel,
    /// Of the page that they are meant for.
    budget_units: u64,
    /// Any of its tickets may be wrong.
    careless: bool,
    /// Markets: mostly bet on.
    outcomes: Vec<u8>,
}

/// The outcomes of a market that one `enter` bets on: what will be, or what everybody thinks.
fn outcomes(random: &mut ChaCha8Rng, id: RoundId, r: &RoundModel) -> Vec<u8> {
    let Some(market) = Market::of(&r.rules) else { return Vec::new() };
    let event = Event::of(id, r);
    let truth = market.outcome(event.truth()).expect("within the bounds");
    match event.favourite {
        Some(favourite) if random.random_bool(0.99) => vec![favourite],
        // Of many outcomes hardly one would be right otherwise.
        _ if market.rules.outcome_count > 2 && random.random_bool(0.3) => vec![truth],
        _ => (0..r.round.outcome_count).collect(),
    }
}

/// Tickets for page `sequence` of a round.
pub fn tickets(random: &mut ChaCha8Rng, id: RoundId, r: &RoundModel, sequence: u32) -> Tickets {
    let page = r.pages.get(sequence as usize).and_then(Option::as_ref);
    let budget_units = page.map_or(r.round.page_budget_units, |page| page.page.budget_units);
    let careless = random.random_bool(0.3);
    let outcomes = outcomes(random, id, r);
    let maker = Maker { r, budget_units, careless, outcomes };
    // Stakes of house games are small, and the budgets of their pages must be reached.
    let (most_given, most_quick) = if matches!(r.rules, Rules::Draw(_)) { (4, 4) } else { (7, 14) };
    let given = (0..random.random_range(0..most_given)).map(|_| maker.ticket(random)).collect();
    let most_quick = if random.random_bool(0.05) { 40 } else { most_quick };
    // Nobody bets by chance.
    let is_market = matches!(r.rules, Rules::Prediction(_));
    let quick = if is_market && random.random_bool(0.98) { 0 } else { random.random_range(0..most_quick) };
    let quick_ticket = if quick > 0 { maker.quick_ticket(random) } else { Vec::new() };
    Tickets { given, quick, quick_ticket }
}

impl Maker<'_> {
    fn ticket(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        match self.r.rules {
            Rules::Draw(_) => self.draw_ticket(random),
            Rules::Keno(_) => self.keno_ticket(random),
            Rules::Prediction(_) => self.bet(random),
            Rules::Instant(_) => self.stake(random, 0).to_vec(),
        }
    }

    /// What follows the tickets of a house game when there are quick picks.
    fn quick_ticket(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        match self.r.rules {
            Rules::Draw(_) => Vec::new(),
            Rules::Keno(_) => {
                let spots = self.spots(random);
                [&self.stake(random, spots)[..], &[spots]].concat()
            }
            Rules::Instant(_) | Rules::Prediction(_) => self.stake(random, 0).to_vec(),
        }
    }

    /// A stake of any size on one of the outcomes; if careless, on one that does not exist.
    fn bet(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let (min, max) = (self.r.round.min_stake_units, self.r.round.max_stake_units);
        let stake = match random.random_range(0..if self.careless { 40 } else { 30 }) {
            0..4 => min,
            4..8 => max,
            30 => 0,
            31 => min - 1,
            32 => max + 1,
            33 => u64::MAX,
            _ => random.random_range(min..=max),
        };
        let outcome = match self.careless && random.random_bool(0.05) {
            true => self.r.round.outcome_count.saturating_add(random.random_range(0..2)),
            false => self.outcomes[random.random_range(0..self.outcomes.len())],
        };
        [&stake.to_le_bytes()[..], &[outcome]].concat()
    }

    /// What takes all that one ticket of so many spots may take of the page, or less. If careless, at the edges of every
    /// limit and beyond.
    fn stake(&self, random: &mut ChaCha8Rng, spots: u8) -> [u8; 8] {
        let (min, max) = (self.r.round.min_stake_units, self.r.round.max_stake_units);
        let top = top_multiplier(&self.r.rules, spots.clamp(1, 10)).max(1) as u64;
        let share = (self.budget_units / 16 * 10_000 / top).clamp(min, max);
        let choices = if self.careless { 20 } else { 12 };
        let stake = match random.random_range(0..choices) {
            0..6 => share,
            6..8 => min,
            8..12 => random.random_range(min..=share),
            12 => 0,
            13 => min - 1,
            14 => max + 1,
            15 => u64::MAX - random.random_range(0..2),
            16 => max,
            _ => share + 1,
        };
        stake.to_le_bytes()
    }

    fn spots(&self, random: &mut ChaCha8Rng) -> u8 {
        loop {
            let spots = if self.careless { random.random_range(0..14) } else { random.random_range(1..=10) };
            if self.careless || top_multiplier(&self.r.rules, spots) > 0 {
                return spots;
            }
        }
    }

    fn keno_ticket(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let spots = self.spots(random);
        let numbers = self.numbers(random, spots, 80);
        [&self.stake(random, spots)[..], &[spots], &numbers].concat()
    }

    fn draw_ticket(&self, random: &mut ChaCha8Rng) -> Vec<u8> {
        let round = &self.r.round;
        let mut ticket = self.numbers(random, round.picks, round.numbers);
        if round.bonus_numbers > 0 {
            let beyond = self.careless as u8;
            ticket.push(random.random_range(1 - beyond..=round.bonus_numbers + beyond));
        }
        ticket
    }

    /// `count` numbers of a drum, ascending unless careless.
    fn numbers(&self, random: &mut ChaCha8Rng, count: u8, drum: u8) -> Vec<u8> {
        let mut numbers: Vec<u8> = (1..=drum).collect();
        while numbers.len() > count as usize {
            numbers.remove(random.random_range(0..numbers.len()));
        }
        if count > 0 && self.careless && random.random_bool(0.1) {
            let place = random.random_range(0..numbers.len());
            numbers[place] = random.random_range(0..=drum + 2);
        }
        numbers
    }
}
