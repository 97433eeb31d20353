//! Paytables and prize tables in everyday shapes, which several test files share.

use lottery_rules::instant::Prize;
use lottery_rules::keno::{MAX_SPOTS, Paytable};

/// Rows of multipliers in basis points, from 1 spot up.
pub const fn paytable(rows: [&[u32]; MAX_SPOTS]) -> Paytable {
    let mut table = [[0; MAX_SPOTS + 1]; MAX_SPOTS];
    let mut spots = 0;
    while spots < MAX_SPOTS {
        let mut matches = 0;
        while matches < rows[spots].len() {
            table[spots][matches] = rows[spots][matches];
            matches += 1;
        }
        spots += 1;
    }
    table
}

/// A paytable that offers one spot count only.
pub const fn one_row(spots: u8, prizes: &[u32]) -> Paytable {
    let mut rows: [&[u32]; MAX_SPOTS] = [&[]; MAX_SPOTS];
    rows[spots as usize - 1] = prizes;
    paytable(rows)
}

const fn prize(parts: u32, multiplier_bps: u32) -> Prize {
    Prize { parts, multiplier_bps }
}

/// All spot counts, prizes up to 10,000 times the stake.
pub const STANDARD: Paytable = paytable([
    &[0, 38_000],
    &[0, 10_000, 95_000],
    &[0, 0, 20_000, 480_000],
    &[0, 0, 10_000, 50_000, 1_700_000],
    &[0, 0, 0, 30_000, 150_000, 8_000_000],
    &[0, 0, 0, 10_000, 70_000, 800_000, 28_000_000],
    &[0, 0, 0, 10_000, 40_000, 250_000, 2_500_000, 65_000_000],
    &[0, 0, 0, 0, 20_000, 140_000, 1_000_000, 15_000_000, 100_000_000],
    &[0, 0, 0, 0, 10_000, 60_000, 500_000, 3_500_000, 40_000_000, 100_000_000],
    &[30_000, 0, 0, 0, 0, 30_000, 200_000, 1_500_000, 10_000_000, 50_000_000, 100_000_000],
]);

/// All spot counts, prizes up to 500 times the stake, which a small bankroll can carry.
pub const DEMO: Paytable = paytable([
    &[0, 38_000],
    &[0, 10_000, 95_000],
    &[0, 0, 20_000, 480_000],
    &[0, 0, 10_000, 50_000, 1_700_000],
    &[0, 0, 0, 40_000, 250_000, 4_800_000],
    &[0, 0, 0, 20_000, 100_000, 1_100_000, 5_000_000],
    &[0, 0, 0, 10_000, 50_000, 400_000, 2_000_000, 5_000_000],
    &[0, 0, 0, 0, 40_000, 200_000, 900_000, 3_000_000, 5_000_000],
    &[0, 0, 0, 0, 20_000, 90_000, 500_000, 2_000_000, 4_000_000, 5_000_000],
    &[30_000, 0, 0, 0, 0, 50_000, 280_000, 1_200_000, 3_000_000, 4_000_000, 5_000_000],
]);

/// An instant game with prizes up to 1,000 times the stake: every chance is one in a power of two.
pub const INSTANT: [Prize; 10] = [
    prize(65_536, 10_000_000),
    prize(262_144, 2_500_000),
    prize(4_194_304, 500_000),
    prize(16_777_216, 200_000),
    prize(33_554_432, 100_000),
    prize(134_217_728, 50_000),
    prize(268_435_456, 30_000),
    prize(536_870_912, 20_000),
    prize(536_870_912, 10_000),
    prize(2_763_718_656, 0),
];

/// The same up to 250 times the stake.
pub const INSTANT_DEMO: [Prize; 9] = [
    prize(524_288, 2_500_000),
    prize(4_194_304, 500_000),
    prize(16_777_216, 200_000),
    prize(33_554_432, 100_000),
    prize(134_217_728, 50_000),
    prize(268_435_456, 30_000),
    prize(536_870_912, 20_000),
    prize(536_870_912, 10_000),
    prize(2_763_522_048, 0),
];
