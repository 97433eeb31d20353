//! A child that outlives its parent would keep ports and memory for ever. Each child is given a pipe as its standard
//! input, of which only the parent holds the other end: when that closes, for whatever reason (even SIGKILL), the child stops
//! as on SIGTERM.

use std::{io::Read, time::Duration};

use rustix::process::{Signal, getpid, kill_process};

/// Set in the environment of children.
pub const WATCH_ENV: &str = "LOTTERY_WATCH_PARENT";

/// Set for the one child that also removes the parent's Postgres, which is nobody's child.
pub const POSTGRES_SCRIPT_ENV: &str = "LOTTERY_WATCH_POSTGRES_SCRIPT";
pub const POSTGRES_ENV: &str = "LOTTERY_WATCH_POSTGRES";

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
        if let (Some(script), Some(folder)) =
            (std::env::var_os(POSTGRES_SCRIPT_ENV), std::env::var_os(POSTGRES_ENV))
        {
            let _ = std::process::Command::new(script).arg("remove").arg(folder).output();
        }
        let _ = kill_process(getpid(), Signal::TERM);
        std::thread::sleep(PATIENCE);
        std::process::exit(1);
    });
}
