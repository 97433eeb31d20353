//! An embedded chain: real JSON-RPC and WebSocket endpoints on 127.0.0.1, the real program,
//! funded players, two mints, and a clock that tests can move. Nothing here uses the network.
//!
//! ```no_run
//! # async fn f() -> anyhow::Result<()> {
//! use lottery_localnet::{Localnet, LocalnetConfig};
//! let player = solana_pubkey::Pubkey::new_unique();
//! let localnet = Localnet::start(LocalnetConfig {
//!     funded: vec![(player, 10_000_000_000)],
//!     ..LocalnetConfig::default()
//! })
//! .await?;
//! localnet.fund_tokens(localnet.usdc_mint, &[(player, 1_000_000)]).await?;
//! let slot = localnet.rpc().get_slot().await?;
//! localnet.stop().await?;
//! # Ok(()) }
//! ```
//!
//! | file | what |
//! |---|---|
//! | `config.rs` | what a chain is started with |
//! | `chain.rs` | the threads: run loop, block producer, event drain |
//! | `localnet.rs` | [`Localnet`]: start, write accounts, move the clock, stop |
//! | `beacon.rs` | [`LocalBeacon`]: a signer that speaks drand's HTTP API |
//! | `ports.rs` | where it listens |
//! | `accounts.rs` | bytes of program, mint and token accounts |
//! | `owner_index.rs` | keeps the chain quick with many players |
//! | `command.rs` | the `lottery-localnet` command |

mod accounts;
mod beacon;
mod chain;
mod command;
mod config;
mod localnet;
mod owner_index;
mod ports;

pub use accounts::{associated_token_address, default_token_2022_mint, default_usdc_mint};
pub use beacon::{BeaconInfo, LocalBeacon};
pub use command::{LocalnetArgs, LocalnetInfo, run};
pub use config::{LocalnetConfig, PROGRAM_ID, program_artifact};
pub use localnet::{ChainClock, Localnet};

/// Decimals of both mints.
pub const MINT_DECIMALS: u8 = 6;
/// Milliseconds between blocks unless configured otherwise: a cluster's pace.
pub const DEFAULT_SLOT_MS: u64 = 400;
