//! A child that outlives its parent would keep ports and memory for ever. Each child is given a pipe as its standard
//! input, of which only the parent holds the other end: when that closes, for whatever reason (even SIGKILL), the child stops
//! as on SIGTERM.

use std::{io::Read, time::Duration};

use rustix::process::{Signal, getpid, kill_process};

/// Set in the environment of children.
pub const WATCH_ENV: &str = "LOTTERY_WATCH_PARENT";

/// How long a child may take to stop in order.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts watching if this process was started as a child.
pub fn watch_parent() {
    if std::env::var_os(WATCH_ENV).is_none() {
        return;
    }
    std::thread::spawn(|| {
        let mut byte = [0];
        // The parent writes nothing: this returns when the pipe closes.
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        let _ = kill_process(getpid(), Signal::TERM);
        std::thread::sleep(PATIENCE);
        std::process::exit(1);
    });
}
