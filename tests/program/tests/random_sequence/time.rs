//! The model's clock: when rounds lock, and what follows from it.

use program_tests::{
    accounts::{Config, Lottery, Round},
    kinds::Source,
};

use super::{beacon::first_round_from, market::Market, model::Model};

impl Model {
    pub fn is_locked(&self, round: &Round) -> bool {
        self.now >= round.locks_at || self.slot >= round.lock_slot
    }

    /// Without a value a round may be voided from then on.
    pub fn grace_until(round: &Round) -> i64 {
        round.locks_at.max(round.event_at) + round.grace_seconds as i64
    }

    pub fn is_grace_over(&self, round: &Round) -> bool {
        self.now >= Self::grace_until(round) && self.slot >= round.target_slot + round.grace_slots as u64
    }

    /// Lets time pass.
    pub fn warp(&mut self, seconds: i64, slots: u64, skipped: &[u64]) {
        for slot in self.slot..self.slot + slots {
            if !skipped.contains(&slot) {
                self.produced.push_back(slot);
            }
        }
        while self.produced.len() > 512 {
            self.produced.pop_front();
        }
        self.slot += slots;
        self.now += seconds;
    }

    /// The timetable's first time after `newest` that is more than a sixteenth of a period away, found by trying
    /// one second after the other.
    fn next_on_timetable(&self, lottery: &Lottery, newest: i64) -> i64 {
        let period = lottery.period_seconds as i64;
        let mut at = newest.max(self.now + period / 16) + 1;
        while (at - lottery.lock_offset_seconds as i64) % period != 0 {
            at += 1;
        }
        at
    }

    /// One period after the newest lock; one period from now when that is less than half a period away.
    pub fn next_lock(&self, lottery: &Lottery) -> i64 {
        if lottery.lock_offset_seconds > 0 {
            return self.next_on_timetable(lottery, lottery.last_locks_at.max(lottery.previous_locks_at));
        }
        let period = lottery.period_seconds as i64;
        let next = lottery.last_locks_at + period;
        if 2 * (next - self.now) < period { self.now + period } else { next }
    }

    /// When the older of the two rounds that may take entries locks after it was re-timed.
    pub fn previous_lock(&self, lottery: &Lottery) -> i64 {
        match lottery.lock_offset_seconds {
            0 => self.now + lottery.period_seconds as i64,
            _ => self.next_on_timetable(lottery, lottery.last_locks_at),
        }
    }

    /// `market`: the rules of the round, if it is one.
    pub fn set_lock(&self, round: &mut Round, locks_at: i64, config: &Config, market: Option<&Market>) {
        let slots = |seconds: i64| (seconds as u64 * 1_000).div_ceil(400);
        round.locks_at = locks_at;
        round.lock_slot = self.slot + slots(locks_at - self.now);
        round.target_slot = round.lock_slot + config.reveal_delay_slots as u64;
        if let Some(market) = market {
            let delay = market.rules.event_delay_seconds as i64;
            round.event_at = locks_at + delay;
            round.target_slot = round.lock_slot + slots(delay);
        }
        if config.source == Source::Beacon as u8 {
            round.beacon_round = first_round_from(locks_at + config.beacon_margin_seconds as i64);
        }
    }
}
