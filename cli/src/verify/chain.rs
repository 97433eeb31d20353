//! Every account of the program, in one request.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use lottery_client::{Pubkey, Rpc};
use lottery_interface::{
    accounts::{
        self, AccountLayout, Attestation, Beacon, Config, Entry, Lottery, OracleSet, Page, RaffleState,
        RankedEntry, Ranking, Registry, Round, Vault, Wallet, entries,
    },
    address::PROGRAM_ID,
};
use serde_json::{Value, json};
use solana_client::rpc_request::RpcRequest;

/// An account with what follows its struct.
#[derive(Clone, Debug)]
pub struct Account<T> {
    pub value: T,
    pub lamports: u64,
    pub tail: Vec<u8>,
}

/// All accounts by address, as of one slot.
#[derive(Clone, Debug, Default)]
pub struct ChainState {
    pub slot: u64,
    pub registries: BTreeMap<Pubkey, Account<Registry>>,
    pub beacons: BTreeMap<Pubkey, Account<Beacon>>,
    pub oracle_sets: BTreeMap<Pubkey, Account<OracleSet>>,
    pub vaults: BTreeMap<Pubkey, Account<Vault>>,
    pub wallets: BTreeMap<Pubkey, Account<Wallet>>,
    pub lotteries: BTreeMap<Pubkey, Account<Lottery>>,
    pub configs: BTreeMap<Pubkey, Account<Config>>,
    pub rounds: BTreeMap<Pubkey, Account<Round>>,
    pub pages: BTreeMap<Pubkey, Account<Page>>,
    pub rankings: BTreeMap<Pubkey, Account<Ranking>>,
}

impl<T: AccountLayout> Account<T> {
    fn data(&self) -> Vec<u8> {
        [&T::DISCRIMINATOR, bytemuck::bytes_of(&self.value), &self.tail].concat()
    }
}

impl Account<Page> {
    /// The entries of a page.
    pub fn entries(&self) -> Vec<Entry> {
        entries(&self.data(), self.value.count).collect()
    }

    /// A market's stakes on each outcome.
    pub fn pools(&self) -> Vec<u64> {
        accounts::page_pools(&self.data()).collect()
    }
}

impl Account<Ranking> {
    /// Entries counted on each page.
    pub fn counts(&self) -> Vec<u32> {
        accounts::ranking_counts(&self.data()).collect()
    }

    /// The entries found so far; by rank once they are sorted.
    pub fn ranked(&self) -> Vec<RankedEntry> {
        accounts::ranked_entries(&self.data()).collect()
    }
}

impl Account<Round> {
    /// A raffle's part.
    pub fn raffle(&self) -> Option<RaffleState> {
        accounts::raffle_state(&self.data())
    }

    /// A market's stakes on each outcome, of the pages sealed so far.
    pub fn pools(&self) -> Vec<u64> {
        accounts::round_pools(&self.data()).collect()
    }

    /// The attestations of those reporters who made one, with their places in the oracle set.
    pub fn attestations(&self) -> Vec<(usize, Attestation)> {
        let data = self.data();
        let all = accounts::attestations(&data).enumerate();
        all.filter(|(_, attestation)| attestation.attested_at != 0).collect()
    }
}

impl ChainState {
    /// Reads and decodes everything. An account that is none of ours, or too short, is an error.
    pub async fn read(rpc: &Rpc) -> anyhow::Result<Self> {
        let options = json!({"encoding": "base64", "commitment": "confirmed", "withContext": true});
        let parameters = json!([PROGRAM_ID.to_string(), options]);
        let parameters = &parameters;
        let answer: Value = rpc
            .call(|rpc| async move { rpc.send(RpcRequest::GetProgramAccounts, parameters.clone()).await })
            .await?;
        let mut state = Self { slot: answer["context"]["slot"].as_u64().unwrap_or(0), ..Self::default() };
        let accounts = answer["value"].as_array().context("the endpoint answered no list of accounts")?;
        for account in accounts {
            let address: Pubkey = account["pubkey"].as_str().unwrap_or_default().parse()?;
            let text = account["account"]["data"][0].as_str().context("an account without data")?;
            let lamports = account["account"]["lamports"].as_u64().context("an account without lamports")?;
            state.insert(address, lamports, &STANDARD.decode(text)?)?;
        }
        Ok(state)
    }

    fn insert(&mut self, address: Pubkey, lamports: u64, data: &[u8]) -> anyhow::Result<()> {
        fn put<T: AccountLayout>(
            map: &mut BTreeMap<Pubkey, Account<T>>,
            address: Pubkey,
            lamports: u64,
            data: &[u8],
        ) -> bool {
            let Some(value) = T::read(data) else {
                return false;
            };
            map.insert(address, Account { value, lamports, tail: T::tail(data).to_vec() });
            true
        }
        let known = put(&mut self.registries, address, lamports, data)
            || put(&mut self.beacons, address, lamports, data)
            || put(&mut self.oracle_sets, address, lamports, data)
            || put(&mut self.vaults, address, lamports, data)
            || put(&mut self.wallets, address, lamports, data)
            || put(&mut self.lotteries, address, lamports, data)
            || put(&mut self.configs, address, lamports, data)
            || put(&mut self.rounds, address, lamports, data)
            || put(&mut self.pages, address, lamports, data)
            || put(&mut self.rankings, address, lamports, data);
        if !known {
            bail!("account {address} belongs to the program and is none of its kinds ({} bytes)", data.len());
        }
        Ok(())
    }

    pub fn accounts(&self) -> usize {
        self.registries.len()
            + self.beacons.len()
            + self.oracle_sets.len()
            + self.vaults.len()
            + self.wallets.len()
            + self.lotteries.len()
            + self.configs.len()
            + self.rounds.len()
            + self.pages.len()
            + self.rankings.len()
    }
}
