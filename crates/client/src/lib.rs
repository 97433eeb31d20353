//! The client side of the chain, shared by keeper, indexer, api and cli.
//!
//! | module | what |
//! |---|---|
//! | [`rpc`] | a pool of RPC endpoints: failover, retries with backoff, timeouts |
//! | [`fetch`] | accounts of the program, fetched and decoded |
//! | [`send`] | sign, send, confirm and resend until the blockhash expires |
//! | [`error`] | one error type, with the program's errors by name |
//! | [`enter`] | what one purchase of tickets needs: wallet, deposit, page, `enter` |
//! | [`market`] | a prediction market: its outcomes by name, and what each would pay |
//! | [`raffle`] | who may enter a raffle, with proofs, and how its places stand |
//! | [`unsigned`] | transactions for somebody else to sign |
//! | [`proof`] | what decides a round, and its recomputation |
//!
//! Everything reads and confirms at commitment `confirmed`.

mod account;
mod confirm;
pub mod enter;
mod enter_error;
pub mod error;
pub mod fetch;
pub mod market;
pub mod proof;
pub mod raffle;
pub mod rpc;
pub mod send;
mod submit;
mod text;
mod tickets;
mod units;
pub mod unsigned;

pub use enter::{EnterContext, EnterPlan, EnterRequest, PlayerState, QuickPicks, Ticket, enter_plan};
pub use error::ClientError;
pub use fetch::{Clock, Fetched, Filter, RawAccount};
pub use rpc::{Rpc, RpcConfig};
pub use send::{Batch, SendOptions, Simulation};
pub use unsigned::{UnsignedTransaction, unsigned_transaction};

pub use solana_instruction::Instruction;
pub use solana_keypair::{Keypair, Signature};
pub use solana_message::{AddressLookupTableAccount, Hash};
pub use solana_pubkey::Pubkey;
pub use solana_signer::Signer;

pub type Result<T, E = ClientError> = std::result::Result<T, E>;
