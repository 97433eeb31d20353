//! The keeper: turns the crank of every lottery. Anyone may run one, any number may run at once, and the chain
//! never trusts them: each step is checked there, paid there, and counts once.
//!
//! When each step of a round acts (time runs down; "lock" is whichever of the two deadlines comes first):
//!
//! ```text
//!              round r - 1 locks
//!                    |
//!   open_round r     |  newest round about to lock with entries, and at most one other takes entries
//!   open_page 0      |  at once                     open_page n: page n - 1 is 75 % full
//!   grow_page        |  until the page has its size
//!        ... players enter ...
//!   ---- lock of r --+---------------------------------------------------------------------------
//!   prove_early      |  the beacon's value is public but chain time is before the lock: void
//!   retime_round     |  nobody entered: a new lock, nothing else happens
//!   seal_page 0..n   |  at once, by sequence
//!   capture          |  target slot passed; before SlotHashes forgets it 512 slots later  -+
//!   post_value       |  by a keeper that has the reveal; same transaction as `capture`     |
//!                    |  beacon: once the round's signature is public, by anyone            |
//!   draw             |  value there and all pages sealed                                   | nothing within
//!   settle           |  pages in parallel, a limited number of entries each                | the grace period,
//!   finalise         |  all pages settled; rollover lotteries by index                     | or hash forgotten
//!   pay              |  batches of winners whose wallet exists                             v
//!                    |                                              void_round -> seal_page -> finalise -> refund
//!   ---- claim period ends ----------------------------------------------------------------------
//!   expire_round     |  prizes or refunds are left whose wallet is closed
//!   close_page       |  nothing owed, and the round has been final for `linger_seconds`
//!   close_round      |  all pages closed: rent back, unused rewards to the lottery
//! ```
//!
//! [`plan`](plan::plan) decides, from what the chain says and nothing else. [`pack`] puts its actions into
//! transactions. [`run`] is the shell: fetch, plan, send, and again. There is no state to lose: a keeper
//! that is killed at any point finds its place when it starts again. No step knows a kind of game.

pub mod action;
pub mod beacon;
pub mod config;
mod counters;
mod fetch;
mod outcome;
pub mod pack;
pub mod plan;
mod reveals;
mod shell;
pub mod state;

pub use action::{Action, Step};
pub use beacon::BeaconClient;
pub use config::{KeeperArgs, KeeperConfig};
pub use counters::Counters;
pub use plan::plan;
pub use reveals::{KEY_ENV, Reveals, SecretError, SecretFile, SecretsKey, SecretsKeyArgs, secret_files};
pub use shell::{Keeper, run};
pub use state::{ChainState, Link, LotteryState, Now, PageState, RankingState, RoundState};
