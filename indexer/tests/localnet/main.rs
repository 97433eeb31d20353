//! The RPC source against real endpoints: rounds played by the real program on the embedded chain, indexed while they
//! happen block by block, and again afterwards from the program's signatures.

mod beacon;
#[path = "../common/mod.rs"]
mod common;
mod draws;
mod house;
mod house_checks;
mod market_checks;
mod market_play;
mod market_replay;
mod markets;
mod play;
mod raffles;
