//! Results that depend on a seed and an event alone.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{MAX_NUMBER, NUMBERS, Results};
use crate::format::Game;

/// A few bytes that depend on everything given. Good enough for test data, and for nothing else.
struct Bytes {
    key: [u8; 32],
    count: u64,
}

impl Bytes {
    fn next(&mut self, from: i64, to: i64) -> i64 {
        self.count += 1;
        let hash = Sha256::new().chain_update(self.key).chain_update(self.count.to_le_bytes()).finalize();
        let number = hash[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        from + (number % (to - from + 1) as u64) as i64
    }
}

fn bytes(seed: u64, what: &str, event_at: i64, lies: bool) -> Bytes {
    let key = Sha256::new()
        .chain_update(b"lottery_v4/local test results/1")
        .chain_update(seed.to_le_bytes())
        .chain_update(what.as_bytes())
        .chain_update(event_at.to_le_bytes())
        .chain_update([u8::from(lies)])
        .finalize();
    Bytes { key: key.into(), count: 0 }
}

pub fn facts(seed: u64, results: Results, event_at: i64, lies: bool) -> Vec<i64> {
    match results {
        Results::Powerball => drawing(seed, Game::Powerball, event_at, lies)[..6].to_vec(),
        Results::MegaMillions => drawing(seed, Game::MegaMillions, event_at, lies)[..6].to_vec(),
        Results::Numbers(count) => {
            let mut all = numbers(seed, event_at, lies);
            all.truncate(count.into());
            all
        }
    }
}

/// A lie differs from the truth in its last ball, or in every number, so that each market with two outcomes sees it.
pub fn numbers(seed: u64, event_at: i64, lies: bool) -> Vec<i64> {
    let mut bytes = bytes(seed, "numbers", event_at, false);
    let shift = i64::from(lies);
    (0..NUMBERS).map(|_| (bytes.next(0, MAX_NUMBER) + shift) % (MAX_NUMBER + 1)).collect()
}

/// Five white balls that ascend, the last ball, and the multiplier.
pub fn drawing(seed: u64, game: Game, event_at: i64, lies: bool) -> [i64; 7] {
    let (what, most_white, most_bonus) = match game {
        Game::Powerball => ("powerball", 69, 26),
        Game::MegaMillions => ("mega_millions", 70, 24),
    };
    let mut bytes = bytes(seed, what, event_at, false);
    let mut whites = BTreeSet::new();
    while whites.len() < 5 {
        whites.insert(bytes.next(1, most_white));
    }
    let mut all = [0; 7];
    for (place, white) in all.iter_mut().zip(whites) {
        *place = white;
    }
    all[5] = (bytes.next(1, most_bonus) - 1 + i64::from(lies)) % most_bonus + 1;
    all[6] = bytes.next(2, 5);
    all
}
