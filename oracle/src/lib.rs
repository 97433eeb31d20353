//! A reporter of prediction markets: fetches what happened, and attests it.
//!
//! ```text
//!            event_at                                 two of three agree
//! round ────────┼──> fetch three sources ──> read ──────────┬──────────> evidence on disk ──> attest
//!               │          ^                                │
//!               │          └── wait longer each time <──────┘ not there yet, failing, or all different
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the TOML file, and what is refused in it |
//! | [`format`](mod@format) | numbers out of published results: pure, so that anyone can read evidence again |
//! | [`fetch`] | one answer of one source: limits on time, size and redirects |
//! | [`judge`](mod@judge) | whether two of three agree: pure |
//! | [`evidence`] | the bytes that were fetched, on disk under their hash |
//! | [`chain`] | the rounds that wait for this reporter, and whether it may attest for them |
//! | [`reporter`] | the loop around all of that |
//! | [`alert`] | what a person must know: log, counter, webhook |
//! | [`results_server`] | local test data in the published formats |
//!
//! The chain is its only state: a reporter that is killed at any moment, or started twice, attests once for a round.

pub mod alert;
pub mod chain;
pub mod config;
pub mod counters;
pub mod evidence;
pub mod fetch;
pub mod format;
pub mod judge;
pub mod reporter;
pub mod results_server;
mod source;
mod text;
mod worker;

pub use config::{Lottery, OracleConfig, Source};
pub use format::Format;
pub use reporter::{Pass, Reporter, run};
pub use results_server::ResultsServer;
