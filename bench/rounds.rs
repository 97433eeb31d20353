//! Rounds a day that one keeper process plans, signs and sees confirmed: `make bench-chain`.
//!
//! 1,000 keno lotteries at 5 seconds over 10 simulated minutes, on two threads, each with a LiteSVM of its own and half of
//! the lotteries. Whatever the chain takes to execute is part of the time. `ROUNDS_LOTTERIES` and `ROUNDS_SECONDS` make it
//! shorter.

use std::{env, thread, time::Instant};

use keeper_tests::{Hall, HallSpec, Tally};

const THREADS: usize = 2;
const SLOTS_PER_SECOND_TIMES_TEN: u64 = 25;

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).ok().map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}: a number")))
}

fn main() {
    let lotteries = setting("ROUNDS_LOTTERIES", 1_000) as usize;
    let seconds = setting("ROUNDS_SECONDS", 600);
    let halls: Vec<Hall> = (0..THREADS as u64)
        .map(|seed| Hall::new(HallSpec { lotteries: lotteries / THREADS, seed, ..HallSpec::default() }))
        .collect();
    let started = Instant::now();
    let ends: Vec<(u64, u64, Tally)> = thread::scope(|scope| {
        let threads: Vec<_> = halls.into_iter().map(|hall| scope.spawn(move || run(hall, seconds))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a hall ran to its end")).collect()
    });
    let wall = started.elapsed().as_secs_f64();
    let rounds: u64 = ends.iter().map(|(rounds, ..)| rounds).sum();
    let missed: u64 = ends.iter().map(|(_, missed, _)| missed).sum();
    let confirmed: u64 = ends.iter().map(|(.., tally)| tally.confirmed).sum();
    let entered: u64 = ends.iter().map(|(.., tally)| tally.entered).sum();
    println!("keno_rounds={rounds}");
    println!("keno_rounds_missed={missed}");
    println!("keno_rounds_seconds={wall:.1}");
    println!("keno_rounds_per_day={:.0}", rounds as f64 / wall * 86_400.0);
    println!("keno_keeper_txs_per_round={:.2}", confirmed as f64 / rounds as f64);
    println!("keno_keeper_txs_per_second={:.0}", confirmed as f64 / wall);
    println!("keno_player_txs={entered}");
}

/// Final rounds, missed rounds, and what was done.
fn run(mut hall: Hall, seconds: u64) -> (u64, u64, Tally) {
    let mut tally = Tally::default();
    for _ in 0..seconds * SLOTS_PER_SECOND_TIMES_TEN / 10 {
        hall.step(&mut tally);
    }
    assert!(tally.refused.is_empty(), "refused: {:?}", tally.refused.first());
    hall.audit();
    let (rounds, missed) = hall.score(seconds);
    (rounds, missed, tally)
}
