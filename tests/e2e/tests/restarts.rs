//! Keeper and indexer are killed and started again at random points, and everything ends equal: every round settled, every
//! account equal to its row, every unit of every mint in its place.
//!
//! `E2E_SEED=n` repeats a run; without it the seed is random, and printed. `make drill` runs this again and again.

use std::time::Duration;

use lottery_cli::smoke::play::{Play, PlayOptions};
use rand::{Rng, SeedableRng, rngs::StdRng};

const KILLS: usize = 6;

fn seed() -> u64 {
    match std::env::var("E2E_SEED") {
        Ok(text) => text.parse().expect("E2E_SEED is a number"),
        Err(_) => rand::rng().random_range(0..1_000_000),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_killed_at_random_points_end_equal() -> anyhow::Result<()> {
    let seed = seed();
    println!("seed {seed} (E2E_SEED={seed} repeats it)");
    let mut rng = StdRng::seed_from_u64(seed);
    let say = |text: &str| println!("{text}");
    let options = PlayOptions {
        folder: e2e_tests::run_folder("restarts"),
        binary: env!("CARGO_BIN_EXE_e2e-lottery").into(),
        players: 24,
        pace: Duration::from_millis(1_500),
    };
    let mut play = Play::start(options, &say).await?;
    play.start_crowd()?;

    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(rng.random_range(500..6_000))).await;
        let name = if rng.random_bool(0.5) { "keeper" } else { "indexer" };
        let down = Duration::from_millis(rng.random_range(0..4_000));
        println!("killing the {name} for {down:?}");
        play.kill(name, down).await?;
    }

    play.settle().await?;
    let verified = play.stop_and_verify(&say).await?;
    let totals = play.totals().await?;
    println!("{totals:?} {:?}", verified.compared);
    assert!(totals.entries > 0, "nobody entered");
    assert!(totals.rounds_drawn > 0, "nothing was drawn");
    assert_eq!(verified.mints.len(), 3, "a mint was not counted");
    // The record has every entry that a purchase was confirmed for.
    let bought = play.live.lock().tickets;
    assert!(
        totals.entries as u64 >= bought,
        "{bought} tickets were confirmed, {} are recorded",
        totals.entries
    );
    play.stop(&say);
    Ok(())
}
