//! A child of this program: the same binary with another subcommand.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use super::orphan::WATCH_ENV;

/// How long a child may take to stop in order before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(6);

/// What to run, and where its output goes.
#[derive(Clone, Debug)]
pub struct Service {
    pub name: &'static str,
    pub binary: PathBuf,
    pub args: Vec<String>,
    pub envs: Vec<(&'static str, String)>,
    /// Standard output and error are appended here.
    pub log: PathBuf,
}

/// A service that was started. In a process group of its own, so that Ctrl-C reaches only the parent, which
/// stops children in order; dropping it kills the group.
pub struct Process {
    pub service: Service,
    child: Child,
    /// Closing it tells the child to stop; see `orphan`.
    pipe: Option<ChildStdin>,
    pub started: Instant,
    pub starts: u32,
}

impl Service {
    pub fn start(self) -> anyhow::Result<Process> {
        let (child, pipe) = self.spawn()?;
        Ok(Process { service: self, child, pipe, started: Instant::now(), starts: 1 })
    }

    fn spawn(&self) -> anyhow::Result<(Child, Option<ChildStdin>)> {
        use std::os::unix::process::CommandExt;
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut child = Command::new(&self.binary)
            .args(&self.args)
            .envs(self.envs.iter().map(|(name, value)| (name, value)))
            .env(WATCH_ENV, "1")
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {} ({})", self.name, self.binary.display()))?;
        let pipe = child.stdin.take();
        Ok((child, pipe))
    }

    /// The last lines of the log, for an error message.
    pub fn log_tail(&self) -> String {
        const BYTES: u64 = 2_000;
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(4).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

impl Process {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// An error with the end of its log when it has ended.
    pub fn require_running(&mut self) -> anyhow::Result<()> {
        match self.exited() {
            None => Ok(()),
            Some(status) => bail!(
                "{} ended by itself ({status}); {} says: {}",
                self.service.name,
                self.service.log.display(),
                self.service.log_tail()
            ),
        }
    }

    /// SIGKILL, as a crash or a lost machine would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
        self.pipe = None;
    }

    /// Starts it again after it ended.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        if self.exited().is_none() {
            self.kill();
        }
        (self.child, self.pipe) = self.service.spawn()?;
        self.started = Instant::now();
        self.starts += 1;
        Ok(())
    }

    /// SIGTERM, then SIGKILL for one that does not stop.
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        let until = Instant::now() + STOP_PATIENCE;
        while self.exited().is_none() {
            if Instant::now() >= until {
                tracing::warn!("{} does not stop: killed", self.service.name);
                return self.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.pipe = None;
    }

    fn signal(&mut self, signal: Signal) {
        // Once waited for, the number may belong to somebody else.
        if self.exited().is_none()
            && let Some(group) = Pid::from_raw(self.child.id() as i32)
        {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &std::path::Path, script: &str) -> Service {
        Service {
            name: "sleeper",
            binary: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            envs: vec![],
            log: folder.join("log"),
        }
    }

    #[test]
    fn is_killed_and_restarted() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path(), "echo up; sleep 60").start().unwrap();
        process.require_running().unwrap();
        let first = process.pid();
        process.kill();
        assert!(process.exited().is_some());
        process.restart().unwrap();
        assert_ne!(process.pid(), first);
        assert_eq!(process.starts, 2);
        process.require_running().unwrap();
        process.stop();
        assert!(process.exited().is_some());
    }

    #[test]
    fn says_why_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path(), "echo the disk is full; exit 3").start().unwrap();
        while process.exited().is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let error = process.require_running().unwrap_err().to_string();
        assert!(error.contains("the disk is full") && error.contains('3'), "{error}");
    }

    #[test]
    fn takes_its_own_children_along() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path(), "sleep 61 & echo $!; wait").start().unwrap();
        let log = folder.path().join("log");
        let mut child = String::new();
        while !child.ends_with('\n') {
            std::thread::sleep(Duration::from_millis(10));
            child = std::fs::read_to_string(&log).unwrap();
        }
        process.kill();
        let stat = format!("/proc/{}/stat", child.trim());
        let until = Instant::now() + Duration::from_secs(5);
        // Gone, or a zombie that nobody has waited for yet.
        while std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z ")) {
            assert!(Instant::now() < until, "the grandchild lives on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
