//! What a reporter did since it started, in the words of Prometheus.

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
    /// Rounds whose sources were asked.
    pub attempts: AtomicU64,
    pub attested: AtomicU64,
    /// Attestations that did not reach the chain, or were refused.
    pub attestations_failed: AtomicU64,
    alerts: Mutex<BTreeMap<&'static str, u64>>,
    /// Answers of sources: read, not there yet, or broken; by the source's name.
    answers: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn alert(&self, code: &'static str) {
        *self.alerts.lock().expect("no panic holds this lock").entry(code).or_default() += 1;
    }

    pub(crate) fn answer(&self, source: &str, outcome: &'static str) {
        let mut answers = self.answers.lock().expect("no panic holds this lock");
        *answers.entry((source.to_string(), outcome)).or_default() += 1;
    }

    /// Alerts of one code.
    pub fn alerts(&self, code: &str) -> u64 {
        self.alerts.lock().expect("no panic holds this lock").get(code).copied().unwrap_or(0)
    }

    /// Every counter, one a line.
    pub fn render(&self) -> String {
        let plain = [
            ("oracle_looks_total", &self.looks),
            ("oracle_looks_failed_total", &self.looks_failed),
            ("oracle_attempts_total", &self.attempts),
            ("oracle_attested_total", &self.attested),
            ("oracle_attestations_failed_total", &self.attestations_failed),
        ];
        let mut text = String::new();
        for (name, counter) in plain {
            let _ = writeln!(text, "{name} {}", counter.load(Relaxed));
        }
        for (code, count) in self.alerts.lock().expect("no panic holds this lock").iter() {
            let _ = writeln!(text, "oracle_alerts_total{{code=\"{code}\"}} {count}");
        }
        for ((source, outcome), count) in self.answers.lock().expect("no panic holds this lock").iter() {
            // Quotes and backslashes end a label.
            let source = source.replace('\\', "\\\\").replace('"', "\\\"");
            let _ =
                writeln!(text, "oracle_answers_total{{source=\"{source}\",outcome=\"{outcome}\"}} {count}");
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
        Counters::add(&counters.attested);
        counters.alert("sources_disagree");
        counters.answer("a \"b\"", "read");
        let text = counters.render();
        assert!(text.contains("oracle_attested_total 1\n"), "{text}");
        assert!(text.contains("oracle_alerts_total{code=\"sources_disagree\"} 1\n"), "{text}");
        assert!(text.contains("oracle_answers_total{source=\"a \\\"b\\\"\",outcome=\"read\"} 1\n"), "{text}");
        assert_eq!((counters.alerts("sources_disagree"), counters.alerts("other")), (1, 0));
    }
}
