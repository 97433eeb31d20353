//! Accounts of the program, fetched and decoded.

use std::mem::offset_of;

use futures::{StreamExt, TryStreamExt, stream};
use lottery_interface::{
    accounts::{
        AccountLayout, Config, DISCRIMINATOR_LEN, Lottery, Page, Ranking, Registry, Round, Vault, Wallet,
    },
    address,
};
use serde_json::json;
use solana_client::{
    rpc_config::{RpcAccountInfoConfig, RpcProgramAccountsConfig, UiAccountEncoding, UiDataSliceConfig},
    rpc_filter::{Memcmp, RpcFilterType},
    rpc_request::RpcRequest,
    rpc_response::{OptionalContext, RpcKeyedAccount},
};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;

pub use crate::account::{Clock, Fetched, RawAccount};
use crate::{
    ClientError, Result, Rpc,
    account::{raw, type_name},
};

/// Accounts of one `getMultipleAccounts`.
const CHUNK: usize = 100;
/// `getMultipleAccounts` requests under way at once.
const CHUNKS_AT_ONCE: usize = 4;

pub const CLOCK_SYSVAR: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");

/// Bytes that an account must have at a place of its struct (the discriminator not counted).
#[derive(Clone, Debug)]
pub struct Filter {
    pub offset: usize,
    pub bytes: Vec<u8>,
}

impl Filter {
    pub fn new(field_offset: usize, bytes: impl AsRef<[u8]>) -> Self {
        Self { offset: DISCRIMINATOR_LEN + field_offset, bytes: bytes.as_ref().to_vec() }
    }
}

fn config(data_slice: Option<usize>) -> RpcAccountInfoConfig {
    RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        data_slice: data_slice.map(|length| UiDataSliceConfig { offset: 0, length }),
        commitment: Some(CommitmentConfig::confirmed()),
        min_context_slot: None,
    }
}

fn decode_keyed<T: AccountLayout>(keyed: RpcKeyedAccount, slot: u64) -> Result<Fetched<T>> {
    let address =
        keyed.pubkey.parse().map_err(|_| ClientError::RpcRefused { message: keyed.pubkey.clone() })?;
    let account = keyed.account;
    let account = raw(account.lamports, &account.owner, account.space, account.data.decode())?;
    Fetched::decode(address, account, slot)
}

impl Rpc {
    /// Accounts of any program by address, in the order given, and the lowest slot of the answers.
    /// `data_slice`: only this many first bytes.
    pub async fn raw_accounts(
        &self,
        addresses: &[Pubkey],
        data_slice: Option<usize>,
    ) -> Result<(Vec<Option<RawAccount>>, u64)> {
        // Owned by the tasks: borrows in a stream's closures make futures that cannot be spawned.
        let chunks: Vec<Vec<Pubkey>> = addresses.chunks(CHUNK).map(<[Pubkey]>::to_vec).collect();
        let rpc = self.clone();
        let chunks: Vec<(Vec<Option<RawAccount>>, u64)> = stream::iter(chunks)
            .map(move |chunk| {
                let rpc = rpc.clone();
                async move { rpc.raw_chunk(&chunk, data_slice).await }
            })
            .buffered(CHUNKS_AT_ONCE)
            .try_collect()
            .await?;
        let slot = chunks.iter().map(|(_, slot)| *slot).min().unwrap_or(0);
        Ok((chunks.into_iter().flat_map(|(accounts, _)| accounts).collect(), slot))
    }

    /// Up to 100 of them.
    async fn raw_chunk(
        &self,
        chunk: &[Pubkey],
        data_slice: Option<usize>,
    ) -> Result<(Vec<Option<RawAccount>>, u64)> {
        let answer =
            self.call(|rpc| async move {
                rpc.get_multiple_ui_accounts_with_config(chunk, config(data_slice)).await
            })
            .await?;
        let decoded = answer.value.into_iter().map(|account| {
            account.map(|ui| raw(ui.lamports, &ui.owner, ui.space, ui.data.decode())).transpose()
        });
        Ok((decoded.collect::<Result<Vec<_>>>()?, answer.context.slot))
    }

    /// Accounts of type `T` by address, in the order given; `None` where there is none.
    pub async fn multiple<T: AccountLayout>(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Fetched<T>>>> {
        self.multiple_sliced(addresses, None).await
    }

    /// As [`Rpc::multiple`], only the struct without its tail: page headers without entries.
    pub async fn multiple_headers<T: AccountLayout>(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Fetched<T>>>> {
        self.multiple_sliced(addresses, Some(T::LEN)).await
    }

    async fn multiple_sliced<T: AccountLayout>(
        &self,
        addresses: &[Pubkey],
        data_slice: Option<usize>,
    ) -> Result<Vec<Option<Fetched<T>>>> {
        let (accounts, slot) = self.raw_accounts(addresses, data_slice).await?;
        let decode = |(account, address): (Option<RawAccount>, &Pubkey)| {
            account.filter(exists).map(|raw| Fetched::decode(*address, raw, slot)).transpose()
        };
        accounts.into_iter().zip(addresses).map(decode).collect()
    }

    /// The account of type `T` at `address`, if there is one.
    pub async fn account<T: AccountLayout>(&self, address: Pubkey) -> Result<Option<Fetched<T>>> {
        Ok(self.multiple(&[address]).await?.pop().flatten())
    }

    /// The account of type `T` at `address`, which must exist.
    pub async fn require<T: AccountLayout>(&self, address: Pubkey) -> Result<Fetched<T>> {
        let what = type_name::<T>();
        self.account(address).await?.ok_or(ClientError::NotFound { what, address })
    }

    /// Every account of type `T` that passes all filters. `data_slice`: only this many first bytes.
    pub async fn program_accounts<T: AccountLayout>(
        &self,
        filters: &[Filter],
        data_slice: Option<usize>,
    ) -> Result<Vec<Fetched<T>>> {
        let mut memcmps = vec![RpcFilterType::Memcmp(Memcmp::new_base58_encoded(0, &T::DISCRIMINATOR))];
        memcmps.extend(
            filters.iter().map(|f| RpcFilterType::Memcmp(Memcmp::new_base58_encoded(f.offset, &f.bytes))),
        );
        let config = RpcProgramAccountsConfig {
            filters: Some(memcmps),
            account_config: config(data_slice),
            with_context: Some(true),
            sort_results: None,
        };
        let parameters = json!([address::PROGRAM_ID.to_string(), config]);
        let parameters = &parameters;
        let answer = self
            .call(|rpc| async move {
                let request = RpcRequest::GetProgramAccounts;
                rpc.send::<OptionalContext<Vec<RpcKeyedAccount>>>(request, parameters.clone()).await
            })
            .await?;
        let (slot, accounts) = match answer {
            OptionalContext::Context(answer) => (answer.context.slot, answer.value),
            OptionalContext::NoContext(accounts) => (0, accounts),
        };
        accounts.into_iter().map(|keyed| decode_keyed(keyed, slot)).collect()
    }

    /// Every page whose header passes all filters, without entries.
    pub async fn page_headers(&self, filters: &[Filter]) -> Result<Vec<Fetched<Page>>> {
        self.program_accounts(filters, Some(Page::LEN)).await
    }

    pub async fn registry(&self) -> Result<Option<Fetched<Registry>>> {
        self.account(address::registry().0).await
    }

    /// Every lottery of the program.
    pub async fn lotteries(&self) -> Result<Vec<Fetched<Lottery>>> {
        self.program_accounts(&[], None).await
    }

    pub async fn lottery(&self, id: u64) -> Result<Fetched<Lottery>> {
        self.require(address::lottery(id).0).await
    }

    /// The config at `address`, with the rules of its kind in its tail.
    pub async fn config(&self, address: Pubkey) -> Result<Fetched<Config>> {
        self.require(address).await
    }

    pub async fn round(&self, lottery_id: u64, index: u64) -> Result<Option<Fetched<Round>>> {
        self.account(address::round(&address::lottery(lottery_id).0, index).0).await
    }

    /// The rounds of a lottery that are not closed yet, by index.
    pub async fn rounds(&self, lottery_id: u64) -> Result<Vec<Fetched<Round>>> {
        let lottery = address::lottery(lottery_id).0;
        let filter = Filter::new(offset_of!(Round, lottery), lottery);
        let mut rounds = self.program_accounts::<Round>(&[filter], None).await?;
        rounds.sort_by_key(|round| round.index);
        Ok(rounds)
    }

    /// Every round of the program that is not closed yet.
    pub async fn all_rounds(&self) -> Result<Vec<Fetched<Round>>> {
        self.program_accounts(&[], None).await
    }

    /// Every attempt at the order of a raffle that is not closed yet, by address.
    pub async fn rankings(&self, round: Pubkey) -> Result<Vec<Fetched<Ranking>>> {
        let filter = Filter::new(offset_of!(Ranking, round), round);
        let mut rankings = self.program_accounts::<Ranking>(&[filter], None).await?;
        rankings.sort_by_key(|ranking| ranking.address);
        Ok(rankings)
    }

    /// Headers of a round's pages by sequence; `None` where a page is closed.
    pub async fn pages(&self, round: Pubkey, page_count: u32) -> Result<Vec<Option<Fetched<Page>>>> {
        let addresses: Vec<Pubkey> =
            (0..page_count).map(|sequence| address::page(&round, sequence).0).collect();
        self.multiple_headers(&addresses).await
    }

    /// A page with its entries.
    pub async fn page(&self, round: Pubkey, sequence: u32) -> Result<Option<Fetched<Page>>> {
        self.account(address::page(&round, sequence).0).await
    }

    pub async fn wallet(&self, owner: Pubkey, mint: Pubkey) -> Result<Option<Fetched<Wallet>>> {
        self.account(address::wallet(&owner, &mint).0).await
    }

    pub async fn vault(&self, mint: Pubkey) -> Result<Option<Fetched<Vault>>> {
        self.account(address::vault(&mint).0).await
    }

    /// The chain's slot and time.
    pub async fn clock(&self) -> Result<Clock> {
        let (mut accounts, _) = self.raw_accounts(&[CLOCK_SYSVAR], None).await?;
        let clock = accounts.pop().flatten().and_then(|account| Clock::read(&account.data));
        clock.ok_or(ClientError::Decode { address: CLOCK_SYSVAR, expected: "Clock" })
    }
}

/// An account without lamports is gone; some endpoints still answer it.
fn exists(account: &RawAccount) -> bool {
    account.lamports > 0
}
