//! One account, decoded.

use std::ops::Deref;

use bytemuck::pod_read_unaligned;
use lottery_interface::{
    accounts::{
        AccountLayout, Config, DrawRules, Entry, Page, RaffleRules, RaffleState, Round, entries, raffle_state,
    },
    address,
};
use solana_pubkey::Pubkey;

use crate::{ClientError, Result};

/// An account of any program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawAccount {
    pub lamports: u64,
    pub owner: Pubkey,
    /// Bytes of the account: more than `data` holds when only a slice was asked for.
    pub space: usize,
    pub data: Vec<u8>,
}

/// An account of the program. Reads as its struct.
#[derive(Clone, Debug)]
pub struct Fetched<T> {
    pub address: Pubkey,
    pub account: T,
    pub lamports: u64,
    /// The slot of the answer; 0 when the endpoint does not say.
    pub slot: u64,
    /// Bytes of the account.
    pub space: usize,
    /// Its bytes, as far as they were asked for.
    pub data: Vec<u8>,
}

impl<T> Deref for Fetched<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.account
    }
}

impl<T: AccountLayout> Fetched<T> {
    /// Decodes an account that the program must own.
    pub fn decode(address: Pubkey, raw: RawAccount, slot: u64) -> Result<Self> {
        let wrong = ClientError::Decode { address, expected: type_name::<T>() };
        if raw.owner != address::PROGRAM_ID {
            return Err(wrong);
        }
        let account = T::read(&raw.data).ok_or(wrong)?;
        Ok(Self { address, account, lamports: raw.lamports, slot, space: raw.space, data: raw.data })
    }

    /// The bytes after the struct.
    pub fn tail(&self) -> &[u8] {
        T::tail(&self.data)
    }
}

impl Fetched<Config> {
    /// The rules of a `Draw` config.
    pub fn draw_rules(&self) -> Option<DrawRules> {
        let bytes = self.tail().get(..size_of::<DrawRules>())?;
        (self.kind == lottery_interface::Kind::Draw as u8).then(|| pod_read_unaligned(bytes))
    }

    /// The rules of a `Raffle` config.
    pub fn raffle_rules(&self) -> Option<RaffleRules> {
        let bytes = self.tail().get(..size_of::<RaffleRules>())?;
        (self.kind == lottery_interface::Kind::Raffle as u8).then(|| pod_read_unaligned(bytes))
    }
}

impl Fetched<Round> {
    /// A raffle's part of the round.
    pub fn raffle_state(&self) -> Option<RaffleState> {
        raffle_state(&self.data)
    }
}

impl Fetched<Page> {
    /// The entries, when the page was fetched with them.
    pub fn entries(&self) -> Vec<Entry> {
        entries(&self.data, self.count).collect()
    }
}

pub(crate) fn type_name<T>() -> &'static str {
    std::any::type_name::<T>().rsplit("::").next().unwrap_or("account")
}

/// The chain's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub slot: u64,
    pub unix_timestamp: i64,
}

impl Clock {
    /// Reads the Clock sysvar: slot, epoch start, epoch, leader schedule epoch, unix time.
    pub fn read(data: &[u8]) -> Option<Self> {
        Some(Self {
            slot: u64::from_le_bytes(data.get(..8)?.try_into().ok()?),
            unix_timestamp: i64::from_le_bytes(data.get(32..40)?.try_into().ok()?),
        })
    }
}

/// An account as an endpoint sends it.
pub(crate) fn raw(
    lamports: u64,
    owner: &str,
    space: Option<u64>,
    data: Option<Vec<u8>>,
) -> Result<RawAccount> {
    let unreadable = || ClientError::RpcRefused { message: "an account that cannot be read".into() };
    let owner = owner.parse().map_err(|_| unreadable())?;
    let data = data.ok_or_else(unreadable)?;
    Ok(RawAccount { lamports, owner, space: space.map_or(data.len(), |space| space as usize), data })
}
