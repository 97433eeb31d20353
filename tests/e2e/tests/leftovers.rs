//! However a demo ends, no process of it is left: neither after SIGTERM, nor when it is killed without a chance to
//! clean up.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A demo, killed when a test fails.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every process: number, parent, command line.
fn processes() -> Vec<(u32, u32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        // After the name in parentheses: state, parent.
        let rest = stat.rsplit(')').next().unwrap_or_default();
        let mut fields = rest.split_whitespace();
        let (state, parent) = (fields.next(), fields.next().and_then(|text| text.parse().ok()));
        if let (Some(parent), true) = (parent, state != Some("Z")) {
            found.push((pid, parent, String::from_utf8_lossy(&line).replace('\0', " ")));
        }
    }
    found
}

/// What belongs to a demo: its children, and whatever names one of its folders, as Postgres does.
fn processes_of(demo: u32, folders: &[PathBuf]) -> Vec<(u32, String)> {
    let names = |line: &str| folders.iter().any(|folder| line.contains(&*folder.to_string_lossy()));
    let belongs = |(pid, parent, line): &(u32, u32, String)| *parent == demo || (*pid != demo && names(line));
    processes().into_iter().filter(belongs).map(|(pid, _, line)| (pid, line)).collect()
}

/// Not the default one: tests run beside each other.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// Starts a small demo and waits until everything of it runs.
fn start(folder: &Path) -> Demo {
    let demo = Command::new(env!("CARGO_BIN_EXE_e2e-lottery"))
        .args(["demo", "--plain", "--players", "4", "--port", &free_port(), "--folder"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut demo = Demo(demo);
    let lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    let said: Vec<String> =
        lines.map_while(Result::ok).take_while(|line| !line.contains("ready: open")).collect();
    if let Some(status) = demo.0.try_wait().unwrap() {
        let error = std::io::read_to_string(demo.0.stderr.take().unwrap()).unwrap_or_default();
        panic!("the demo ended with {status} after {said:?}: {error}");
    }
    demo
}

fn ends_without_leftovers(name: &str, signal: &str) {
    let folder = std::path::absolute(e2e_tests::run_folder(name)).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let mut demo = start(&folder);
    // A link to another place when the user of Postgres may not read the checkout.
    let folders = [folder.join("postgres").canonicalize().unwrap(), folder];
    let running = processes_of(demo.0.id(), &folders);
    assert_eq!(running.iter().filter(|(_, line)| line.contains(" oracle ")).count(), 3, "{running:?}");
    for part in [" localnet ", " keeper ", " indexer ", " api ", " oracle ", "postgres -D"] {
        assert!(running.iter().any(|(_, line)| line.contains(part)), "{part} does not run: {running:?}");
    }
    let sent = Command::new("kill").args([signal, &demo.0.id().to_string()]).status().unwrap();
    assert!(sent.success());
    demo.0.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let now = processes();
        let left: Vec<_> =
            running.iter().filter(|(pid, line)| now.iter().any(|(p, _, l)| p == pid && l == line)).collect();
        let of_folder = processes_of(demo.0.id(), &folders);
        if left.is_empty() && of_folder.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "left after {signal}: {left:?} {of_folder:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_terminated_demo_leaves_no_process() {
    ends_without_leftovers("terminated", "-TERM");
}

#[test]
fn a_killed_demo_leaves_no_process() {
    ends_without_leftovers("killed", "-KILL");
}
