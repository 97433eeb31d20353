//! What a run knows about itself now; the view draws it, the smoke run counts with it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::chain::Mint;

/// Lines kept of winners and of notes.
const KEPT: usize = 64;
/// Throughput is that of the last so many seconds.
const WINDOW: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub struct LotteryLive {
    pub id: u64,
    pub name: String,
    pub mint: Mint,
    pub status: &'static str,
    /// The round that locks next.
    pub round_index: u64,
    pub locks_at: i64,
    pub entries: u64,
    pub pool_units: u64,
    /// What is there to win from besides the pool: the jackpot, or a house game's bankroll.
    pub jackpot_units: u64,
    pub draws: u64,
    pub last_result: String,
}

#[derive(Clone, Debug, Default)]
pub struct ProcessLive {
    pub name: &'static str,
    pub pid: u32,
    pub running: bool,
    pub starts: u32,
    pub uptime: Duration,
}

pub struct State {
    pub started: Instant,
    pub lotteries: BTreeMap<u64, LotteryLive>,
    pub winners: VecDeque<String>,
    pub notes: VecDeque<String>,
    pub processes: Vec<ProcessLive>,
    pub purchases: u64,
    pub tickets: u64,
    /// Purchases that came to nothing, by why.
    pub refused: BTreeMap<String, u64>,
    /// Messages of the api's WebSocket.
    pub events: u64,
    pub draws: u64,
    pub prizes: u64,
    /// Chain time minus this machine's, in seconds.
    pub clock_offset: i64,
    pub slot: u64,
    recent: VecDeque<(Instant, u64)>,
}

/// Shared by everything that runs.
#[derive(Clone)]
pub struct Live(Arc<Mutex<State>>);

impl Default for Live {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            started: Instant::now(),
            lotteries: BTreeMap::new(),
            winners: VecDeque::new(),
            notes: VecDeque::new(),
            processes: Vec::new(),
            purchases: 0,
            tickets: 0,
            refused: BTreeMap::new(),
            events: 0,
            draws: 0,
            prizes: 0,
            clock_offset: 0,
            slot: 0,
            recent: VecDeque::new(),
        })))
    }
}

impl Live {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn push(lines: &mut VecDeque<String>, line: String) {
    lines.push_front(line);
    lines.truncate(KEPT);
}

impl State {
    pub fn bought(&mut self, tickets: u64) {
        self.purchases += 1;
        self.tickets += tickets;
        self.recent.push_back((Instant::now(), tickets));
    }

    pub fn refuse(&mut self, why: String) {
        *self.refused.entry(why).or_default() += 1;
    }

    pub fn winner(&mut self, line: String) {
        push(&mut self.winners, line);
    }

    pub fn note(&mut self, line: String) {
        push(&mut self.notes, line);
    }

    /// Purchases and tickets a second, lately.
    pub fn throughput(&mut self) -> (f64, f64) {
        let now = Instant::now();
        while self.recent.front().is_some_and(|(at, _)| now - *at > WINDOW) {
            self.recent.pop_front();
        }
        let seconds = WINDOW.min(now - self.started).as_secs_f64().max(1.0);
        let tickets: u64 = self.recent.iter().map(|(_, tickets)| tickets).sum();
        (self.recent.len() as f64 / seconds, tickets as f64 / seconds)
    }

    /// Unix seconds on the chain.
    pub fn chain_now(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        now.as_secs() as i64 + self.clock_offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_forgets() {
        let live = Live::default();
        let mut state = live.lock();
        state.bought(5);
        state.bought(1);
        assert_eq!((state.purchases, state.tickets), (2, 6));
        let (purchases, tickets) = state.throughput();
        assert!(purchases > 0.0 && tickets > purchases);
        state.recent.iter_mut().for_each(|(at, _)| *at -= WINDOW * 2);
        assert_eq!(state.throughput(), (0.0, 0.0));
        for n in 0..KEPT + 5 {
            state.winner(n.to_string());
        }
        assert_eq!(state.winners.len(), KEPT);
        assert_eq!(state.winners[0], (KEPT + 4).to_string());
    }
}
