//! The live view of a terminal: lotteries, winners, throughput, processes.

use std::time::Duration;

use ratatui::{
    Frame,
    crossterm::event::{self, Event, KeyCode, KeyModifiers},
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style, Stylize},
    text::Line,
    widgets::{Block, Cell, Paragraph, Row, Table},
};

use super::live::{Live, LotteryLive, State};

const REDRAW: Duration = Duration::from_millis(250);

/// Draws until `q`, Escape or Ctrl-C is pressed, or `ended` says so. The terminal is put back however it ends.
pub fn run(live: &Live, page: &str, ended: impl Fn() -> bool) -> std::io::Result<()> {
    let mut terminal = ratatui::try_init()?;
    let result = loop {
        if ended() {
            break Ok(());
        }
        if let Err(error) = terminal.draw(|frame| draw(frame, &mut live.lock(), page)) {
            break Err(error);
        }
        match pressed() {
            Ok(false) => {}
            Ok(true) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    ratatui::restore();
    result
}

/// Whether a key that ends the view was pressed within the time between two drawings.
fn pressed() -> std::io::Result<bool> {
    if !event::poll(REDRAW)? {
        return Ok(false);
    }
    let Event::Key(key) = event::read()? else { return Ok(false) };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    Ok(control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}

fn draw(frame: &mut Frame, state: &mut State, page: &str) {
    let lotteries = state.lotteries.len() as u16 + 3;
    let markets = match state.markets.len() as u16 {
        0 => 0,
        count => count * 2 + 2,
    };
    let [head, top, middle, bottom, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(lotteries),
        Constraint::Length(markets),
        Constraint::Min(6),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    draw_head(frame, head, state, page);
    draw_lotteries(frame, top, state);
    draw_markets(frame, middle, state);
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(bottom);
    draw_winners(frame, left, state);
    let [services, notes] =
        Layout::vertical([Constraint::Length(state.processes.len() as u16 + 3), Constraint::Min(3)])
            .areas(right);
    draw_processes(frame, services, state);
    draw_notes(frame, notes, state);
    frame.render_widget(Line::from(" q or Ctrl-C stops everything").dim(), foot);
}

fn draw_head(frame: &mut Frame, area: Rect, state: &mut State, page: &str) {
    let (purchases, tickets) = state.throughput();
    let seconds = state.started.elapsed().as_secs();
    let lines = vec![
        Line::from(format!(
            " lottery_v4   {page}   slot {}   up {}:{:02}",
            state.slot,
            seconds / 60,
            seconds % 60
        ))
        .bold(),
        Line::from(format!(
            " {purchases:.1} purchases/s, {tickets:.1} tickets/s   {} tickets   {} draws   {} prizes   {} live events",
            state.tickets, state.draws, state.prizes, state.events
        )),
    ];
    frame.render_widget(Paragraph::new(lines), area);
}

/// Time left until lock, or what comes after.
pub fn countdown(lottery: &LotteryLive, now: i64) -> String {
    match lottery.locks_at - now {
        left if left > 0 => format!("{}:{:02}", left / 60, left % 60),
        _ if lottery.status != "active" => lottery.status.to_string(),
        _ => "drawing".into(),
    }
}

fn draw_lotteries(frame: &mut Frame, area: Rect, state: &State) {
    let now = state.chain_now();
    let rows = state.lotteries.values().map(|lottery| {
        let time = countdown(lottery, now);
        let soon = lottery.locks_at - now <= 5;
        let time = Cell::from(time).style(if soon { Style::new().fg(Color::Yellow) } else { Style::new() });
        Row::new(vec![
            Cell::from(lottery.id.to_string()),
            Cell::from(lottery.name.clone()),
            Cell::from(lottery.round_index.to_string()),
            time,
            Cell::from(lottery.entries.to_string()),
            Cell::from(lottery.mint.show(lottery.pool_units)),
            Cell::from(if lottery.jackpot_units > 0 {
                lottery.mint.show(lottery.jackpot_units)
            } else {
                "-".into()
            }),
            Cell::from(lottery.last_result.clone()),
        ])
    });
    let widths = [
        Constraint::Length(3),
        Constraint::Length(19),
        Constraint::Length(6),
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Length(15),
        Constraint::Length(17),
        Constraint::Min(18),
    ];
    let header = ["id", "lottery", "round", "locks in", "entries", "pool", "jackpot/bankroll", "last result"];
    let header = Row::new(header).style(Style::new().add_modifier(Modifier::DIM));
    frame.render_widget(
        Table::new(rows, widths).header(header).block(Block::bordered().title(" lotteries ")),
        area,
    );
}

/// Two lines for each: what can be bet on, and who said what.
fn draw_markets(frame: &mut Frame, area: Rect, state: &State) {
    let lines: Vec<_> = state
        .markets
        .iter()
        .flat_map(|(id, market)| {
            let name = state.lotteries.get(id).map_or("", |lottery| &lottery.name);
            [
                Line::from(format!("{name:<18} {}", market.book())),
                Line::from(format!("{:<18} reporters {}", "", market.said())).dim(),
            ]
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" markets ")), area);
}

fn draw_winners(frame: &mut Frame, area: Rect, state: &State) {
    let lines: Vec<_> =
        state.winners.iter().take(area.height.into()).map(|line| Line::from(line.as_str())).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" last winners ")), area);
}

fn draw_processes(frame: &mut Frame, area: Rect, state: &State) {
    let rows = state.processes.iter().map(|process| {
        let (text, color) = if process.running { ("up", Color::Green) } else { ("down", Color::Red) };
        Row::new(vec![
            Cell::from(process.name),
            Cell::from(text).style(Style::new().fg(color)),
            Cell::from(process.pid.to_string()),
            Cell::from(format!("{} s", process.uptime.as_secs())),
            Cell::from(if process.starts > 1 {
                format!("{} restarts", process.starts - 1)
            } else {
                String::new()
            }),
        ])
    });
    let widths = [
        Constraint::Length(9),
        Constraint::Length(5),
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Min(10),
    ];
    let header = Row::new(["process", "", "pid", "for", ""]).style(Style::new().add_modifier(Modifier::DIM));
    frame.render_widget(
        Table::new(rows, widths).header(header).block(Block::bordered().title(" services ")),
        area,
    );
}

fn draw_notes(frame: &mut Frame, area: Rect, state: &State) {
    let refused = state.refused.iter().map(|(why, count)| Line::from(format!("{count} × {why}")).dim());
    let notes = state.notes.iter().map(|note| Line::from(note.as_str()));
    let lines: Vec<_> = notes.take(4).chain(refused).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" came to nothing ")), area);
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::{
        chain::Mint,
        demo::live::{MarketLive, ProcessLive, Said},
        lottery_file::LotteryFile,
    };

    fn lottery(locks_at: i64) -> LotteryLive {
        LotteryLive {
            id: 7,
            name: "Classic 6/49".into(),
            mint: Mint::sol(),
            status: "active",
            round_index: 3,
            locks_at,
            entries: 12,
            pool_units: 120_000_000,
            jackpot_units: 5_000_000_000,
            draws: 3,
            last_result: "#2: 1 2 3 4 5 6".into(),
        }
    }

    fn market() -> MarketLive {
        let text = include_str!("../../../examples/demo/odd-even.toml");
        let file = LotteryFile::parse(text).unwrap();
        let prepared = file.prepare(lottery_client::Pubkey::default(), 9, 1_000, None).unwrap();
        let mut market = MarketLive::new(prepared.market().unwrap());
        (market.pools, market.fee_bps) = (vec![25_000, 75_000], 200);
        for (reporter, facts) in [(0, "3 1 1"), (1, "3 1 1"), (2, "4 1 1")] {
            market.attest(2, reporter, Said { facts: facts.into(), decided: reporter == 1 });
        }
        market
    }

    #[test]
    fn counts_down() {
        assert_eq!(countdown(&lottery(1_075), 1_000), "1:15");
        assert_eq!(countdown(&lottery(1_000), 1_000), "drawing");
        let paused = LotteryLive { status: "paused", ..lottery(900) };
        assert_eq!(countdown(&paused, 1_000), "paused");
    }

    #[test]
    fn shows_what_matters() {
        let live = Live::default();
        {
            let mut state = live.lock();
            let locks_at = state.chain_now() + 42;
            state.lotteries.insert(7, lottery(locks_at));
            state.winner("4Nd1mYQz…  1.5 SOL  Classic 6/49 #2, tier 1".into());
            state.processes = vec![
                ProcessLive { name: "keeper", pid: 4242, running: true, starts: 2, ..Default::default() },
                ProcessLive { name: "indexer", pid: 4243, running: false, starts: 1, ..Default::default() },
            ];
            state.refuse("RoundLocked".into());
            state.markets.insert(7, market());
        }
        let mut terminal = Terminal::new(TestBackend::new(130, 30)).unwrap();
        terminal.draw(|frame| draw(frame, &mut live.lock(), "http://127.0.0.1:8080/")).unwrap();
        let screen: String = terminal.backend().buffer().content().iter().map(|cell| cell.symbol()).collect();
        for shown in [
            "Classic 6/49",
            "0.12 SOL",
            "5 SOL",
            "#2: 1 2 3",
            "4Nd1mYQz",
            "keeper",
            "1 restarts",
            "down",
            "RoundLocked",
            "even 25 % 1.98x | odd 75 % 1.33x",
            "#2: 3 1 1, 3 1 1, a lie: 4 1 1",
            "http://127.0.0.1:8080/",
        ] {
            assert!(screen.contains(shown), "{shown:?} is not on the screen");
        }
    }
}
