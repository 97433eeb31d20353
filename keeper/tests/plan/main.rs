//! `plan`: each state of a round, and what the keeper does about it.

mod after_lock;
mod beacon;
mod closing;
mod market;
mod opening;
mod owed;
mod raffle;
mod support;
