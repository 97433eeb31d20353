//! What a command prints: lines for people, or one JSON document.

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

/// Prints `value` as JSON when `json`, else `lines`.
pub fn print(json: bool, value: &Value, lines: &str) {
    let text = if json { value.to_string() } else { lines.trim_end().to_string() };
    // A reader that has seen enough, as `head` has, is no fault of ours.
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// A bar for `length` items on standard error; hidden when that is no terminal or output is JSON.
pub fn progress(json: bool, length: u64, what: &'static str) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{msg:<28} {bar:32} {pos}/{len} {eta}").expect("a valid template");
    ProgressBar::new(length).with_style(style).with_message(what)
}

/// A spinner for work of unknown length; hidden as [`progress`] is.
pub fn spinner(json: bool, what: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// A table of two columns.
pub fn pairs(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:<width$}  {value}\n")).collect()
}
