//! What a run knows about itself now; the view draws it, the smoke run counts with it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use lottery_client::market::Market;

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

/// What is known of a market beyond other lotteries.
#[derive(Clone, Debug)]
pub struct MarketLive {
    pub market: Market,
    /// Stakes on each outcome of the round that takes bets.
    pub pools: Vec<u64>,
    pub fee_bps: u16,
    /// The round attested last, and what each reporter said of it, by place.
    pub attested_round: u64,
    pub attested: BTreeMap<u64, Said>,
}

/// What a reporter attested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub facts: String,
    /// With it the quorum was reached: these facts are true.
    pub decided: bool,
}

impl MarketLive {
    pub fn new(market: Market) -> Self {
        Self { market, pools: Vec::new(), fee_bps: 0, attested_round: 0, attested: BTreeMap::new() }
    }

    /// "even 41 % pays 2.38x | odd 59 % pays 1.66x"
    pub fn book(&self) -> String {
        let total = self.pools.iter().fold(0u64, |sum, pool| sum.saturating_add(*pool)).max(1) as f64;
        let odds = self.market.odds(&self.pools, self.fee_bps);
        let labels = self.market.labels();
        let rows = labels.iter().zip(&self.pools).zip(odds).map(|((label, pool), odds)| {
            let pays = odds.map_or_else(|| "-".to_string(), |odds| format!("{:.2}x", odds.decimal()));
            format!("{label} {:.0} % {pays}", *pool as f64 / total * 100.0)
        });
        rows.collect::<Vec<_>>().join(" | ")
    }

    /// "#3: 4 2 1, 4 2 1, a lie: 5 3 2". What differs from the quorum is a lie; before there is one nobody knows.
    pub fn said(&self) -> String {
        if self.attested.is_empty() {
            return "nobody attested yet".into();
        }
        let truth = self.attested.values().find(|said| said.decided).map(|said| &said.facts);
        let words = self.attested.values().map(|said| match truth {
            Some(truth) if *truth != said.facts => format!("a lie: {}", said.facts),
            _ => said.facts.clone(),
        });
        format!("#{}: {}", self.attested_round, words.collect::<Vec<_>>().join(", "))
    }

    /// A reporter attests in a round.
    pub fn attest(&mut self, round: u64, reporter: u64, said: Said) {
        if round != self.attested_round {
            self.attested.clear();
            self.attested_round = round;
        }
        self.attested.insert(reporter, said);
    }
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
    /// Of those lotteries that are markets.
    pub markets: BTreeMap<u64, MarketLive>,
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
            markets: BTreeMap::new(),
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

    #[test]
    fn a_lie_is_what_the_quorum_does_not_say() {
        let text = include_str!("../../../examples/demo/odd-even.toml");
        let file = crate::lottery_file::LotteryFile::parse(text).unwrap();
        let prepared = file.prepare(lottery_client::Pubkey::default(), 9, 1_000, None).unwrap();
        let mut market = MarketLive::new(prepared.market().unwrap());
        assert_eq!(market.said(), "nobody attested yet");
        let say = |facts: &str, decided| Said { facts: facts.into(), decided };
        market.attest(4, 2, say("5 1 1", false));
        market.attest(4, 0, say("4 1 1", false));
        assert_eq!(market.said(), "#4: 4 1 1, 5 1 1");
        market.attest(4, 1, say("4 1 1", true));
        assert_eq!(market.said(), "#4: 4 1 1, 4 1 1, a lie: 5 1 1");
        market.attest(5, 0, say("6 1 1", false));
        assert_eq!(market.said(), "#5: 6 1 1");
        (market.pools, market.fee_bps) = (vec![40_000, 60_000], 200);
        assert_eq!(market.book(), "even 40 % 1.98x | odd 60 % 1.65x");
    }
}
