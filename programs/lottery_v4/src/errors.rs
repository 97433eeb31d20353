//! Errors, as `lottery_interface::errors` lists them.

use anchor_lang::prelude::*;

macro_rules! define {
    ($($name:ident = $message:literal,)*) => {
        #[error_code]
        #[derive(PartialEq, Eq)]
        pub enum LotteryError { $(#[msg($message)] $name,)* }
    };
}
lottery_interface::lottery_errors!(define);

/// `checked_add` that fails by name.
pub fn add(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b).ok_or_else(|| LotteryError::MathOverflow.into())
}

/// `checked_sub` of an internal balance; that it would go below zero is a broken invariant.
pub fn sub(a: u64, b: u64) -> Result<u64> {
    a.checked_sub(b).ok_or_else(|| LotteryError::InvariantViolated.into())
}

/// `checked_mul` that fails by name.
pub fn mul(a: u64, b: u64) -> Result<u64> {
    a.checked_mul(b).ok_or_else(|| LotteryError::MathOverflow.into())
}
