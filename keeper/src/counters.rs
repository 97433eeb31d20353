//! What a keeper did since it started, in the words of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

#[derive(Default)]
pub struct Counters {
    pub looks: AtomicU64,
    pub looks_failed: AtomicU64,
    pub transactions_confirmed: AtomicU64,
    pub transactions_failed: AtomicU64,
    /// Somebody else was faster, or the chain's time a little behind.
    pub transactions_outrun: AtomicU64,
    steps: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counters {
    pub(crate) fn add(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn step(&self, name: &'static str) {
        *self.steps.lock().expect("no panic holds this lock").entry(name).or_default() += 1;
    }

    /// Confirmed steps of one name.
    pub fn steps(&self, name: &str) -> u64 {
        self.steps.lock().expect("no panic holds this lock").get(name).copied().unwrap_or(0)
    }

    /// Every counter, one a line.
    pub fn render(&self) -> String {
        let plain = [
            ("keeper_looks_total", &self.looks),
            ("keeper_looks_failed_total", &self.looks_failed),
            ("keeper_transactions_confirmed_total", &self.transactions_confirmed),
            ("keeper_transactions_failed_total", &self.transactions_failed),
            ("keeper_transactions_outrun_total", &self.transactions_outrun),
        ];
        let mut text = String::new();
        for (name, counter) in plain {
            let _ = writeln!(text, "{name} {}", counter.load(Relaxed));
        }
        for (step, count) in self.steps.lock().expect("no panic holds this lock").iter() {
            let _ = writeln!(text, "keeper_steps_total{{step=\"{step}\"}} {count}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_one_counter_a_line() {
        let counters = Counters::default();
        counters.add(&counters.looks);
        counters.step("draw");
        counters.step("draw");
        let text = counters.render();
        assert!(text.contains("keeper_looks_total 1\n"), "{text}");
        assert!(text.contains("keeper_steps_total{step=\"draw\"} 2\n"), "{text}");
        assert_eq!(counters.steps("draw"), 2);
        assert_eq!(counters.steps("pay"), 0);
    }
}
