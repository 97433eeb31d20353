//! Numbers about the indexer itself: logged every ten seconds, and read by whoever serves them.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use serde::Serialize;

/// Counters of this process.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    cursor_slot: AtomicU64,
    tip_slot: AtomicU64,
    instructions: AtomicU64,
    rows: AtomicU64,
    quarantined: AtomicU64,
    undone: AtomicU64,
    errors: AtomicU64,
}

/// [`Metrics`] at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Snapshot {
    pub cursor_slot: u64,
    pub tip_slot: u64,
    /// Slots of the chain that are not indexed yet.
    pub lag_slots: u64,
    pub instructions_total: u64,
    pub rows_total: u64,
    /// Since the start of the process.
    pub rows_per_second: f64,
    /// Waiting for a person, in the whole database.
    pub quarantined: u64,
    /// How often slots were taken back.
    pub undone_total: u64,
    /// Failed attempts to read the chain or write the database.
    pub errors_total: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let zero = AtomicU64::default;
        Metrics {
            started: Instant::now(),
            cursor_slot: zero(),
            tip_slot: zero(),
            instructions: zero(),
            rows: zero(),
            quarantined: zero(),
            undone: zero(),
            errors: zero(),
        }
    }
}

impl Metrics {
    pub fn at(&self, cursor_slot: u64, tip_slot: u64) {
        self.cursor_slot.store(cursor_slot, Relaxed);
        self.tip_slot.store(tip_slot, Relaxed);
    }

    pub fn wrote(&self, instructions: u64, rows: u64, quarantined: u64) {
        self.instructions.fetch_add(instructions, Relaxed);
        self.rows.fetch_add(rows, Relaxed);
        self.quarantined.store(quarantined, Relaxed);
    }

    pub fn undid(&self) {
        self.undone.fetch_add(1, Relaxed);
    }

    pub fn failed(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    pub fn snapshot(&self) -> Snapshot {
        let (cursor_slot, tip_slot) = (self.cursor_slot.load(Relaxed), self.tip_slot.load(Relaxed));
        let rows_total = self.rows.load(Relaxed);
        Snapshot {
            cursor_slot,
            tip_slot,
            lag_slots: tip_slot.saturating_sub(cursor_slot),
            instructions_total: self.instructions.load(Relaxed),
            rows_total,
            rows_per_second: rows_total as f64 / self.started.elapsed().as_secs_f64().max(0.001),
            quarantined: self.quarantined.load(Relaxed),
            undone_total: self.undone.load(Relaxed),
            errors_total: self.errors.load(Relaxed),
        }
    }
}
