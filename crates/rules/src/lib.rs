//! The game arithmetic: every formula that decides who wins and how much.
//!
//! Pure, `no_std`, no allocation, no I/O, no panics. The on-chain program, the keeper, the auditor and a browser run
//! this same code, so that a replay of the chain can prove each draw. `docs/RULES.md` says each formula in
//! prose, with worked examples that `tests/vectors.rs` asserts.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`hash`] | where SHA-256 comes from: a syscall on chain, software elsewhere |
//! | [`math`] | the one multiply-divide that all money goes through |
//! | [`seed`] | digests of what was sold, the seed of a round, and the stream of random numbers grown from it |
//! | [`commit_reveal`] | the operator's hash chain |
//! | [`picks`] | sets of numbers as bit masks |
//! | [`draw`] | the `Draw` kind: its rules, its result, its tiers, who is paid what |
//! | [`house`] | what games against a bankroll share: prizes by multiplier, exact RTP, the split |
//! | [`keno`] | the `Keno` kind: its paytable, exact RTP, the 20 numbers |
//! | [`instant`] | the `Instant` kind: its prize table, exact RTP, the outcome of an entry |
//! | [`prediction`] | the `Prediction` kind: outcomes of facts, the quorum, who is paid what |
//! | [`raffle`] | the `Raffle` kind: who may enter, the order, places, waiting list, prizes by rank |
//! | [`refund`] | what comes back when a round ends without prizes |
//! | `odds` | exact winning probabilities, the mean and spread of what players get back (feature `odds`) |
//!
//! Each kind of game is one module; those that draw have a tag of their own in [`seed::Domain`].
//!
//! What is absent on purpose: signed 128-bit arithmetic (the chain's linker refuses its library calls), 128-bit
//! arithmetic outside [`math`] in code the program calls, floating point, and any modulo of a random
//! number that was not first accepted by rejection.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod beacon;
pub mod commit_reveal;
pub mod draw;
pub mod hash;
pub mod house;
pub mod instant;
pub mod keno;
pub mod math;
#[cfg(feature = "odds")]
pub mod odds;
pub mod picks;
pub mod prediction;
pub mod raffle;
pub mod refund;
pub mod seed;
