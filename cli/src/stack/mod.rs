//! A whole deployment on this machine: Postgres, chain, keeper, indexer, api and the reporters of markets, each a process of its
//! own on free ports of 127.0.0.1, everything in one folder. Stopping it, however that happens, leaves no process.
//!
//! | file | what |
//! |---|---|
//! | `process.rs` | a child of this program: started, killed, stopped, watched |
//! | `postgres.rs` | the private cluster |
//! | `deploy.rs` | the order in which everything starts and stops |
//! | `orphan.rs` | the child's side: ends when its parent is gone |

mod deploy;
pub mod orphan;
mod postgres;
mod process;

use std::net::TcpListener;

use anyhow::Context;

pub use deploy::{ORACLES, Stack, StackOptions};
pub use postgres::Postgres;
pub use process::{Process, Service};

/// A port of 127.0.0.1 that nobody listens on now.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}
