//! From instruction data to names: tag, arguments, accounts. Pure; no chain, no database.

mod json;
mod layout;

pub use layout::{account_names, rest_name};

use lottery_interface::{
    Address,
    args::{
        AttestArgs, BeaconArgs, ConfigArgs, ITEM_LEN, LimitsArgs, LotteryArgs, RegistryArgs, SessionArgs,
    },
    kinds::Role,
    tags,
};
use serde_json::Value;
use solana_pubkey::Pubkey;

/// Why an instruction is poison.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the instruction has no data")]
    Empty,
    #[error("tag {0} is unknown to this version: is the program newer than the indexer?")]
    UnknownTag(u8),
    #[error("{name} needs {need} bytes of data at {at}, {have} are left")]
    TooShort { name: &'static str, at: usize, need: usize, have: usize },
    #[error("{name} takes at least {need} accounts, {have} were given")]
    MissingAccounts { name: &'static str, need: usize, have: usize },
    #[error("{name}: role {role} is unknown to this version")]
    UnknownRole { name: &'static str, role: u8 },
}

/// One place in the list of `pay` or `refund`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchItem {
    /// Index of the entry on its page.
    pub index: u32,
    /// Place of its wallet among the accounts after the named ones.
    pub wallet: u8,
}

/// The arguments of an instruction.
#[derive(Debug, Clone, PartialEq)]
pub enum Args {
    None,
    Registry(RegistryArgs),
    NextAuthority(Address),
    AddBeacon {
        args: BeaconArgs,
        proof: Vec<u8>,
    },
    /// A signature of a beacon's round: of `verify_beacon` and `prove_early`.
    BeaconProof {
        round: u64,
        proof: Vec<u8>,
    },
    InitRandomness {
        recent_slot: u64,
    },
    /// What Switchboard's oracle signed.
    RevealRandomness {
        signature: [u8; 64],
        recovery_id: u8,
        value: [u8; 32],
    },
    /// Ascending, as the set stores them.
    OracleSet {
        reporters: Vec<Address>,
    },
    Attest(AttestArgs),
    AmountUnits(u64),
    AmountLamports(u64),
    Session(SessionArgs),
    CreateLottery {
        lottery: LotteryArgs,
        limits: LimitsArgs,
        config: ConfigArgs,
        rules: Vec<u8>,
    },
    UpdateConfig {
        config: ConfigArgs,
        rules: Vec<u8>,
    },
    Limits(LimitsArgs),
    ProposeRole {
        role: Role,
        next: Address,
    },
    AcceptRole {
        role: Role,
    },
    Chain {
        commit: [u8; 32],
        length: u64,
    },
    AdvanceChain {
        reveal: [u8; 32],
        distance: u8,
    },
    Enter {
        quick_picks: u8,
        tickets: Vec<u8>,
    },
    PostValue {
        proof: Vec<u8>,
    },
    Settle {
        limit: u32,
    },
    Items(Vec<BatchItem>),
    /// The threshold of a ranking.
    OpenRanking {
        key: u64,
        page: u32,
        index: u32,
    },
    CountRanking {
        limit: u32,
    },
    /// Which entry is swapped into each next rank.
    SortRanking {
        places: Vec<u16>,
    },
    /// From 0, as the next.
    Rank(u32),
    Ranks(Vec<u16>),
}

/// A decoded instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub tag: u8,
    pub name: &'static str,
    pub args: Args,
    pub accounts: Vec<Pubkey>,
}

impl Decoded {
    /// The account called `name` in the layout, the `nth` of that name from 0.
    pub fn nth_account(&self, name: &str, nth: usize) -> Option<Pubkey> {
        let mut places =
            account_names(self.tag).iter().enumerate().filter(|(_, n)| n.trim_end_matches('*') == name);
        places.nth(nth).and_then(|(place, _)| self.accounts.get(place)).copied()
    }

    /// The account called `name` in the layout.
    pub fn account(&self, name: &str) -> Option<Pubkey> {
        self.nth_account(name, 0)
    }

    /// The accounts after the named ones.
    pub fn rest(&self) -> &[Pubkey] {
        self.accounts.get(account_names(self.tag).len()..).unwrap_or_default()
    }

    /// Accounts of the program that this may have changed; `true` marks a page.
    pub fn touched(&self) -> impl Iterator<Item = (Pubkey, bool)> + '_ {
        let names = account_names(self.tag)
            .iter()
            .copied()
            .chain(std::iter::repeat(rest_name(self.tag).unwrap_or("")));
        let written = names.zip(&self.accounts).filter(|(name, _)| name.ends_with('*'));
        written.map(|(name, key)| (*key, name == "page*"))
    }

    /// The arguments by name, as the API shows them: amounts as strings.
    pub fn args_json(&self) -> Value {
        json::args(&self.args)
    }
}

/// Decodes an instruction of the program. Bytes after the arguments are ignored, as the program does.
pub fn decode(data: &[u8], accounts: &[Pubkey]) -> Result<Decoded, DecodeError> {
    let tag = *data.first().ok_or(DecodeError::Empty)?;
    let name = tags::name(tag).ok_or(DecodeError::UnknownTag(tag))?;
    let need = account_names(tag).len();
    if accounts.len() < need {
        return Err(DecodeError::MissingAccounts { name, need, have: accounts.len() });
    }
    let args = decode_args(tag, &mut Bytes { name, data, at: 1 })?;
    Ok(Decoded { tag, name, args, accounts: accounts.to_vec() })
}

/// The arguments of an instruction whose accounts do not matter.
pub fn decode_data(data: &[u8]) -> Result<Args, DecodeError> {
    let tag = *data.first().ok_or(DecodeError::Empty)?;
    let name = tags::name(tag).ok_or(DecodeError::UnknownTag(tag))?;
    decode_args(tag, &mut Bytes { name, data, at: 1 })
}

fn decode_args(tag: u8, bytes: &mut Bytes) -> Result<Args, DecodeError> {
    Ok(match tag {
        tags::INIT_REGISTRY | tags::UPDATE_REGISTRY => Args::Registry(bytes.pod()?),
        tags::PROPOSE_AUTHORITY => Args::NextAuthority(bytes.pod()?),
        tags::ADD_BEACON => Args::AddBeacon { args: bytes.pod()?, proof: bytes.sized()?.to_vec() },
        tags::VERIFY_BEACON | tags::PROVE_EARLY => {
            Args::BeaconProof { round: bytes.pod()?, proof: bytes.sized()?.to_vec() }
        }
        tags::CREATE_ORACLE_SET => Args::OracleSet {
            reporters: bytes.sized()?.chunks_exact(32).map(bytemuck::pod_read_unaligned).collect(),
        },
        tags::ATTEST => Args::Attest(bytes.pod()?),
        tags::DEPOSIT
        | tags::WITHDRAW
        | tags::FUND_JACKPOT
        | tags::FUND_BOND
        | tags::WITHDRAW_BOND
        | tags::FUND_BANKROLL
        | tags::WITHDRAW_BANKROLL
        | tags::WITHDRAW_FEES => Args::AmountUnits(bytes.pod()?),
        tags::FUND_CRANK | tags::WITHDRAW_CRANK => Args::AmountLamports(bytes.pod()?),
        tags::SET_SESSION => Args::Session(bytes.pod()?),
        tags::CREATE_LOTTERY => Args::CreateLottery {
            lottery: bytes.pod()?,
            limits: bytes.pod()?,
            config: bytes.pod()?,
            rules: bytes.sized()?.to_vec(),
        },
        tags::UPDATE_CONFIG => Args::UpdateConfig { config: bytes.pod()?, rules: bytes.sized()?.to_vec() },
        tags::UPDATE_LIMITS => Args::Limits(bytes.pod()?),
        tags::PROPOSE_ROLE => Args::ProposeRole { role: bytes.role()?, next: bytes.pod()? },
        tags::ACCEPT_ROLE => Args::AcceptRole { role: bytes.role()? },
        tags::SET_CHAIN => Args::Chain { commit: bytes.pod()?, length: bytes.pod()? },
        tags::ADVANCE_CHAIN => Args::AdvanceChain { reveal: bytes.pod()?, distance: bytes.pod()? },
        tags::ENTER => Args::Enter { quick_picks: bytes.pod()?, tickets: bytes.sized()?.to_vec() },
        tags::POST_VALUE => Args::PostValue { proof: bytes.sized()?.to_vec() },
        tags::INIT_RANDOMNESS => Args::InitRandomness { recent_slot: bytes.pod()? },
        tags::REVEAL_RANDOMNESS => {
            Args::RevealRandomness { signature: bytes.pod()?, recovery_id: bytes.pod()?, value: bytes.pod()? }
        }
        tags::SETTLE => Args::Settle { limit: bytes.pod()? },
        tags::PAY | tags::REFUND => {
            let items = bytes.sized()?.chunks_exact(ITEM_LEN);
            Args::Items(
                items
                    .map(|i| BatchItem { index: bytemuck::pod_read_unaligned(&i[..4]), wallet: i[4] })
                    .collect(),
            )
        }
        tags::OPEN_RANKING => {
            Args::OpenRanking { key: bytes.pod()?, page: bytes.pod()?, index: bytes.pod()? }
        }
        tags::COUNT_RANKING => Args::CountRanking { limit: bytes.pod()? },
        tags::SORT_RANKING => Args::SortRanking { places: bytes.numbers()? },
        tags::CONFIRM_PLACE | tags::PROMOTE_PLACE => Args::Rank(bytes.pod()?),
        tags::RESOLVE_PLACES => Args::Ranks(bytes.numbers()?),
        _ => Args::None,
    })
}

/// Reads one field after the other.
struct Bytes<'a> {
    name: &'static str,
    data: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, need: usize) -> Result<&'a [u8], DecodeError> {
        let left = self.data.get(self.at..).unwrap_or_default();
        let taken = left.get(..need).ok_or(DecodeError::TooShort {
            name: self.name,
            at: self.at,
            need,
            have: left.len(),
        })?;
        self.at += need;
        Ok(taken)
    }

    fn pod<T: bytemuck::AnyBitPattern>(&mut self) -> Result<T, DecodeError> {
        Ok(bytemuck::pod_read_unaligned(self.take(size_of::<T>())?))
    }

    /// Bytes after their length.
    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let length: u32 = self.pod()?;
        self.take(length as usize)
    }

    /// Numbers of two bytes after the length of all of them.
    fn numbers(&mut self) -> Result<Vec<u16>, DecodeError> {
        Ok(self.sized()?.chunks_exact(2).map(bytemuck::pod_read_unaligned).collect())
    }

    fn role(&mut self) -> Result<Role, DecodeError> {
        let role: u8 = self.pod()?;
        Role::from_byte(role).ok_or(DecodeError::UnknownRole { name: self.name, role })
    }
}

/// The text in a zero-padded field.
pub fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    // Postgres stores no NUL inside a text.
    text.trim_end_matches('\0').replace('\0', "\u{fffd}")
}
