//! Scratch cards: nine covered cells for an instant ticket, and three alike when it won.
//!
//! The cells are only a picture. What a ticket wins was fixed by the round's seed and the ticket's place before the first
//! cell is uncovered.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use lottery_rules::instant::Prize;

use super::result::Played;
use crate::{chain::Mint, lottery_file::show_multiple};

const CELLS: usize = 9;
const WIDTH: usize = 3;
/// How many alike win.
const ALIKE: usize = 3;
/// Between two cells.
const PACE: Duration = Duration::from_millis(130);
/// A card that wins nothing shows no prize more than twice; what is left over is blank.
const BLANK: &str = "·";

/// The labels of a card: three of the prize won (`row` of the table, `None` lost), the others at most twice. The order
/// follows from `salt`.
fn card(prizes: &[Prize], row: Option<usize>, salt: u64) -> [String; CELLS] {
    let label = |place: usize| show_multiple(prizes[place].multiplier_bps);
    let mut cells = Vec::new();
    if let Some(row) = row {
        cells.extend((0..ALIKE).map(|_| label(row)));
    }
    let others: Vec<usize> =
        (0..prizes.len()).filter(|place| Some(*place) != row && prizes[*place].multiplier_bps > 0).collect();
    // Pairs first: what might have been.
    let mut mix = salt;
    let mut next = |below: usize| {
        mix = mix.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (mix >> 33) as usize % below
    };
    let start = if others.is_empty() { 0 } else { next(others.len()) };
    let decoys = (0..others.len()).flat_map(|step| [others[(start + step) % others.len()]; ALIKE - 1]);
    cells.extend(decoys.take(CELLS - cells.len()).map(label));
    cells.resize(CELLS, BLANK.to_string());
    for place in (1..CELLS).rev() {
        cells.swap(place, next(place + 1));
    }
    cells.try_into().expect("nine cells")
}

/// The card with its first `uncovered` cells shown.
fn picture(cells: &[String; CELLS], uncovered: usize) -> String {
    let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(1).max(4);
    let bar = format!("+{}", format!("{:-<w$}+", "", w = width + 2).repeat(WIDTH));
    let mut text = bar.clone() + "\n";
    for (line, row) in cells.chunks(WIDTH).enumerate() {
        for (column, cell) in row.iter().enumerate() {
            match line * WIDTH + column < uncovered {
                true => text += &format!("| {cell:^width$} "),
                false => text += &format!("|{:░<w$}", "", w = width + 2),
            }
        }
        text += &format!("|\n{bar}\n");
    }
    text
}

fn verdict(ticket: &Played, mint: &Mint) -> String {
    match ticket.prize_units {
        0 => "no prize this time".into(),
        units => {
            format!("{ALIKE} x {}: you win {}", show_multiple(ticket.entry.multiplier_bps), mint.show(units))
        }
    }
}

/// The card of a settled ticket.
fn card_of(prizes: &[Prize], seed: &[u8; 32], page: u32, ticket: &Played) -> [String; CELLS] {
    let row = usize::from(ticket.entry.tier).checked_sub(1).filter(|_| ticket.entry.multiplier_bps > 0);
    let salt = u64::from_le_bytes(seed[..8].try_into().expect("eight bytes"));
    card(prizes, row, salt ^ (u64::from(page) << 32) ^ u64::from(ticket.index))
}

/// Uncovers one card after the other; at once where nobody watches.
pub async fn reveal(prizes: &[Prize], seed: &[u8; 32], page: u32, tickets: &[Played], mint: &Mint) {
    let watched = std::io::stdout().is_terminal();
    for ticket in tickets {
        let cells = card_of(prizes, seed, page, ticket);
        if watched {
            for uncovered in 0..CELLS {
                let text = picture(&cells, uncovered);
                let lines = text.lines().count();
                print!("{text}");
                let _ = std::io::stdout().flush();
                tokio::time::sleep(PACE).await;
                // Back to the card's first line.
                print!("\x1b[{lines}A");
            }
        } else {
            print!("{}", picture(&cells, 0));
        }
        println!("{}{}", picture(&cells, CELLS), verdict(ticket, mint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(multipliers: &[u32]) -> Vec<Prize> {
        multipliers.iter().map(|multiplier_bps| Prize { parts: 1, multiplier_bps: *multiplier_bps }).collect()
    }

    fn counts(cells: &[String; CELLS]) -> std::collections::BTreeMap<&str, usize> {
        let mut counts = std::collections::BTreeMap::new();
        cells.iter().for_each(|cell| *counts.entry(cell.as_str()).or_default() += 1);
        counts
    }

    #[test]
    fn a_card_shows_what_was_won_and_nothing_else() {
        for prizes in
            [table(&[10_000]), table(&[30_000, 0]), table(&[90_000, 80_000, 50_000, 20_000, 10_000, 0])]
        {
            let winning = prizes.iter().filter(|prize| prize.multiplier_bps > 0).count();
            for salt in 0..500 {
                for row in (0..winning).map(Some).chain([None]) {
                    let cells = card(&prizes, row, salt);
                    for (label, count) in counts(&cells) {
                        let is_won =
                            row.is_some_and(|row| label == show_multiple(prizes[row].multiplier_bps));
                        match label {
                            BLANK => {}
                            _ if is_won => assert_eq!(count, ALIKE, "{cells:?}"),
                            _ => assert!(count < ALIKE, "{cells:?}"),
                        }
                    }
                    let label = row.map(|row| show_multiple(prizes[row].multiplier_bps));
                    assert!(label.is_none_or(|label| cells.contains(&label)));
                }
            }
        }
    }

    #[test]
    fn nothing_shows_through_the_cover() {
        let cells = card(&table(&[90_000, 25_000, 10_000, 0]), Some(1), 7);
        let covered = picture(&cells, 0);
        assert!(!covered.contains('x') && covered.contains('░'), "{covered}");
        assert_eq!(picture(&cells, CELLS).matches("2.5x").count(), ALIKE);
        assert!(!picture(&cells, CELLS).contains('░'));
        assert_eq!(
            covered.lines().map(|line| line.chars().count()).collect::<std::collections::BTreeSet<_>>().len(),
            1
        );
    }
}
