use bytemuck::Zeroable;

use super::*;

const STAKES: Stakes = Stakes { min_units: 10, max_units: 1_000, page_budget_units: 16_000 };

fn instant() -> Game {
    let row = |parts: u64, multiplier_bps| Prize { parts: parts as u32, multiplier_bps };
    let prizes = vec![row(1 << 28, 80_000), row(1 << 30, 15_000), row((1 << 32) - (1 << 28) - (1 << 30), 0)];
    Game::Instant { band_bps: (8_000, 9_000), prizes }
}

fn keno() -> Game {
    let mut rules = KenoRules::zeroed();
    rules.paytable_bps[0] = [0, 38_000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    rules.paytable_bps[3] = [0, 0, 10_000, 50_000, 1_700_000, 0, 0, 0, 0, 0, 0];
    Game::Keno(Box::new(rules))
}

#[test]
fn odds_as_people_write_them() {
    let ratio = |denominator| Ratio { numerator: 1, denominator };
    assert_eq!(one_in(ratio(4)), "1 in 4");
    assert_eq!(one_in(Ratio { numerator: 100, denominator: 386 }), "1 in 3.86");
    assert_eq!(one_in(ratio(999)), "1 in 999");
    assert_eq!(one_in(ratio(8_911_711)), "1 in 8,911,711");
    assert_eq!(one_in(Ratio { numerator: 0, denominator: 1 }), "never");
}

#[test]
fn keno_rows_say_what_is_published() {
    let game = keno();
    assert_eq!(game.rows().len(), 2);
    assert!(game.row(Some(2)).is_none());
    let one = game.row(Some(1)).unwrap();
    assert_eq!(one.summary(), "1 spot: RTP 95 % exactly, wins 1 in 4, top prize 3.8x (1 in 4)");
    // 4 spots of 80: all four 1 in 326, three 1 in 23.1, two 1 in 4.70.
    let four = game.row(Some(4)).unwrap();
    assert_eq!(
        four.prizes(),
        ["4 of 4 pays 170x     1 in 326", "3 of 4 pays 5x       1 in 23.12", "2 of 4 pays 1x       1 in 4.7"]
    );
    assert!(four.summary().contains("RTP 94.965161 % exactly, wins 1 in 3.86"), "{}", four.summary());
    assert_eq!(game.json(&STAKES)["spots"][1]["prizes"][0]["matches"], 4);
}

#[test]
fn instant_rows_say_their_chances() {
    let row = instant().row(None).unwrap();
    assert_eq!(row.prizes(), ["8x       1 in 16", "1.5x     1 in 4"]);
    assert_eq!(row.summary(), "RTP 87.5 % exactly, wins 1 in 3.2, top prize 8x (1 in 16)");
    assert_eq!(instant().json(&STAKES)["rtp"]["percent"], 87.5);
}

#[test]
fn stakes_stay_within_the_share() {
    let stakes = STAKES;
    assert_eq!(stakes.largest(10_000), 1_000);
    // 20x of 50 is 1,000; of 50.4, rounded down, too.
    assert_eq!(stakes.largest(200_000), 50);
    let text = lines(&instant(), &stakes, &Mint::sol());
    assert!(text.contains("stakes 0.00000001 SOL to 0.000000125 SOL"), "{text}");
}
