//! A harness for tests of the compiled program: LiteSVM with time in the test's hands, a small world of
//! mints, players and lotteries, and a vocabulary of checks.
//!
//! Every transaction that succeeds is followed by [`audit::check`]: conservation of every mint, lamports behind
//! every reward, and counters that agree. Every transaction that must be refused is checked to change nothing.
//!
//! | module | what |
//! |---|---|
//! | [`chain`] | the virtual machine, clock, slots and slot hashes; accounts |
//! | [`transaction`] | sending, and what is expected of it |
//! | [`events`] | what the logs of a transaction say |
//! | [`beacon`] | drand's evmnet, and a chain of our own |
//! | [`audit`] | what must hold after every instruction |
//! | [`tokens`] | mints and token accounts, as bytes |
//! | [`world`] | registry, vaults, players |
//! | [`game`] | lotteries from a builder with defaults |
//! | [`rules`] | the rules struct of each kind |
//! | [`house`] | keno and instant games: their lotteries, tickets and paytables |
//! | [`market`] | prediction markets: their lotteries, bets and reporters |
//! | [`raffle`] | raffles: their lists, an honest order, places and the waiting list |
//! | [`steps`] | opening, entering, time |
//! | [`crank`] | from lock to closed accounts |
//! | [`lookup`] | transactions with an address lookup table |
//! | [`replay`] | what a round must come to, computed off chain |
//! | [`switchboard`] | a stand-in for Switchboard on-demand |
//! | [`measure`] | compute units and rent, for the budgets and `make bench-chain` |

pub mod audit;
pub mod beacon;
pub mod chain;
pub mod crank;
pub mod events;
pub mod game;
pub mod house;
pub mod lookup;
pub mod market;
pub mod measure;
pub mod raffle;
pub mod replay;
pub mod rules;
pub mod steps;
pub mod switchboard;
pub mod tokens;
pub mod transaction;
pub mod world;

pub use chain::Chain;
pub use game::{Game, Spec};
pub use lottery_interface::{
    accounts::{self, AccountLayout},
    address, args,
    errors::LotteryError,
    instructions as ix, kinds,
};
pub use market::MarketRules;
pub use raffle::Raffle;
pub use rules::Rules;
pub use solana_instruction::{AccountMeta, Instruction};
pub use solana_pubkey::Pubkey;
pub use solana_transaction::InstructionError;
pub use steps::Live;
pub use transaction::{Batch, Meta, Refusal};
pub use world::{Money, Player, World};
