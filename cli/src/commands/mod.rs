//! One file per subcommand.

pub mod beacon;
pub mod bet;
pub mod buy;
pub mod create;
pub mod deposit;
pub mod enter;
pub mod fund;
pub mod init;
pub mod operate;
pub mod payout;
pub mod play;
pub mod proof;
pub mod renew;
pub mod report;
pub mod result;
pub mod scratch;
pub mod secrets;
pub mod services;
pub mod session;
pub mod show;
pub mod source;
pub mod take;
pub mod tickets;
pub mod update;
pub mod verify;
pub mod withdraw;
