//! What tests of chance share: how often, from which seed, and when a result is too unlikely to be an accident.

use std::fmt;

use lottery_rules::hash::{Sha256, Software};
use lottery_rules::seed;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// A test fails below this chance. With the fixed seed of `make test` a result is always the same, so a sound generator
/// either passes for ever or, once in a million, was unlucky from the start. A campaign over other seeds that fails
/// should be repeated with yet another: chance alone fails one comparison in a million.
pub const TOO_UNLIKELY: f64 = 1e-6;

/// The expected count below which a cell joins its neighbour: Pearson's statistic needs about 5.
const LEAST_EXPECTED: f64 = 10.0;

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Err(_) => default,
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, not {text:?}")),
    }
}

/// Simulated draws of each kind: `LOTTERY_FAIRNESS_DRAWS`, or a million.
pub fn draws() -> u64 {
    setting("LOTTERY_FAIRNESS_DRAWS", 1_000_000)
}

/// Seeds of rounds as the chain makes them, each from a random value of its own. `LOTTERY_SEED` changes all of them.
pub fn round_seeds(game: &str) -> impl Iterator<Item = [u8; 32]> {
    let seed = setting("LOTTERY_SEED", 1).to_le_bytes();
    let round = Software::hashv(&[b"round", game.as_bytes()]);
    let sealed = Software::hashv(&[b"sealed", game.as_bytes()]);
    (0u64..).map(move |i| {
        let value = Software::hashv(&[&seed, &i.to_le_bytes()]);
        seed::round_seed::<Software>(&value, &round, &sealed)
    })
}

/// How unlikely a deviation as large as this is.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    statistic: f64,
    degrees: f64,
    pub p: f64,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "chi-square {:.2} of {} degrees, p = {:.3e}", self.statistic, self.degrees, self.p)
    }
}

impl Verdict {
    fn new(statistic: f64, degrees: usize) -> Self {
        let degrees = degrees as f64;
        let p = ChiSquared::new(degrees).unwrap().sf(statistic);
        Verdict { statistic, degrees, p }
    }

    pub fn is_fair(&self) -> bool {
        self.p >= TOO_UNLIKELY
    }

    /// Fails the test when this is too unlikely; else prints it, for those who run with `--nocapture`.
    #[track_caller]
    pub fn check(self, what: &str) {
        println!("{what}: {self}");
        assert!(self.is_fair(), "{what}: {self}; the bound is p = {TOO_UNLIKELY:e}");
    }
}

/// Pearson's test: `counts` against the exact chance of each cell. A count in a cell without chance is infinitely unlikely.
pub fn pearson(counts: &[u64], chances: &[f64]) -> Verdict {
    assert_eq!(counts.len(), chances.len());
    assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9, "chances do not sum to 1");
    let total = counts.iter().sum::<u64>() as f64;
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (&count, &chance) in counts.iter().zip(chances) {
        if chance == 0.0 && count > 0 {
            return Verdict { statistic: f64::INFINITY, degrees: 1.0, p: 0.0 };
        }
        open = (open.0 + count as f64, open.1 + chance * total);
        if open.1 >= LEAST_EXPECTED {
            cells.push(std::mem::take(&mut open));
        }
    }
    // What is left at the end joins the last full cell.
    let last = cells.last_mut().expect("too few draws for any cell");
    *last = (last.0 + open.0, last.1 + open.1);
    let statistic = cells.iter().map(|(count, expected)| (count - expected).powi(2) / expected).sum();
    Verdict::new(statistic, cells.len() - 1)
}

/// Pearson's test of equal chances.
pub fn even(counts: &[u64]) -> Verdict {
    pearson(counts, &vec![1.0 / counts.len() as f64; counts.len()])
}

/// How often each number came in draws of `drawn` without putting back.
///
/// Numbers of one draw exclude each other. With p = drawn / n each count has variance N p (1 - p), and two of them have
/// covariance -N p (1 - p) / (n - 1). Pearson's statistic is then (n - drawn) / (n - 1) times a chi-square of n - 1 degrees.
pub fn even_without_putting_back(counts: &[u64], drawn: impl Into<f64>) -> Verdict {
    let n = counts.len() as f64;
    let expected = counts.iter().sum::<u64>() as f64 / n;
    let pearson: f64 = counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum();
    Verdict::new(pearson * (n - 1.0) / (n - drawn.into()), counts.len() - 1)
}

/// Whether two samples of the same size come from one distribution: their counts in the same cells.
pub fn same(a: &[u64], b: &[u64]) -> Verdict {
    assert_eq!((a.len(), a.iter().sum::<u64>()), (b.len(), b.iter().sum()));
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        open = (open.0 + a as f64, open.1 + b as f64);
        if open.0 + open.1 >= 2.0 * LEAST_EXPECTED {
            cells.push(std::mem::take(&mut open));
        }
    }
    let last = cells.last_mut().expect("too few draws for any cell");
    *last = (last.0 + open.0, last.1 + open.1);
    let statistic = cells.iter().map(|(a, b)| (a - b).powi(2) / (a + b)).sum();
    Verdict::new(statistic, cells.len() - 1)
}
