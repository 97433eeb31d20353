//! [`Localnet`]: a running chain.

use std::{sync::atomic::Ordering, time::Duration};

use anyhow::{Context, bail};
use solana_account::Account;
use solana_client::nonblocking::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use surfpool_core::{
    surfnet::svm::{SurfnetSvm, SurfnetSvmConfig},
    types::TimeTravelConfig,
};

use crate::{
    LocalnetConfig, accounts, chain::Chain, default_token_2022_mint, default_usdc_mint,
    owner_index::OwnerIndex, ports::Ports,
};

/// Attempts at finding free ports: another process may take one between choosing and binding.
const PORT_ATTEMPTS: usize = 5;

/// A running chain. Dropping it ends it without waiting; [`Localnet::stop`] waits.
///
/// Methods are `async` and work on any kind of tokio runtime.
pub struct Localnet {
    pub rpc_url: String,
    pub ws_url: String,
    pub program_id: Pubkey,
    /// SPL Token mint, 6 decimals.
    pub usdc_mint: Pubkey,
    /// Token-2022 mint, 6 decimals, with a metadata pointer.
    pub token_2022_mint: Pubkey,
    chain: Chain,
}

/// What programs read from the Clock sysvar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainClock {
    pub slot: u64,
    pub unix_timestamp: i64,
}

impl Localnet {
    /// Starts a chain and waits until it answers.
    ///
    /// Errors: an unreadable program, a port in use, or a configuration out of range.
    pub async fn start(config: LocalnetConfig) -> anyhow::Result<Self> {
        config.validate()?;
        let elf = config.read_program()?;
        let attempts = if config.rpc_port.is_none() { PORT_ATTEMPTS } else { 1 };
        let mut attempt = 1;
        loop {
            match Self::start_once(&config, elf.as_deref()).await {
                Err(error) if attempt < attempts && error.to_string().contains("in use") => {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    async fn start_once(config: &LocalnetConfig, elf: Option<&[u8]>) -> anyhow::Result<Self> {
        let (mut svm, events, geyser) = SurfnetSvm::new(SurfnetSvmConfig {
            slot_time: config.slot_ms,
            // On, every instruction runs again on a copy of the whole chain.
            instruction_profiling_enabled: false,
            // Each kept profile holds copies of all accounts that a transaction touched.
            max_profiles: 1,
            ..SurfnetSvmConfig::default()
        })?;
        svm.accounts_by_owner = Box::new(OwnerIndex::copy_of(&*svm.accounts_by_owner)?);
        write_genesis(&mut svm, config, elf)?;
        let ports = Ports::choose(config.rpc_port, config.ws_port)?;
        let chain = Chain::start(svm, events, geyser, ports, config.slot_ms).await?;
        // surfpool corrects its block height with the first block: blockhashes handed out before
        // would claim to be valid for 30 blocks too long.
        chain.produce_blocks(2).await?;
        Ok(Self {
            rpc_url: ports.rpc_url(),
            ws_url: ports.ws_url(),
            program_id: config.program_id,
            usdc_mint: default_usdc_mint(),
            token_2022_mint: default_token_2022_mint(),
            chain,
        })
    }

    /// An RPC client at `confirmed`: waiting for `finalized` takes 31 slots.
    pub fn rpc(&self) -> RpcClient {
        RpcClient::new_with_commitment(self.rpc_url.clone(), CommitmentConfig::confirmed())
    }

    /// Replaces an account and tells its subscribers. Zero lamports remove it.
    pub async fn set_account(&self, address: Pubkey, account: Account) -> anyhow::Result<()> {
        let mut svm = self.chain.svm.0.write().await;
        Ok(svm.set_account(&address, account)?)
    }

    /// Reads an account as the next transaction will see it.
    pub async fn account(&self, address: Pubkey) -> anyhow::Result<Option<Account>> {
        let svm = self.chain.svm.0.read().await;
        Ok(svm.get_account(&address)?)
    }

    /// Adds lamports to accounts, without a transaction.
    pub async fn fund(&self, amounts: &[(Pubkey, u64)]) -> anyhow::Result<()> {
        let mut svm = self.chain.svm.0.write().await;
        add_lamports(&mut svm, amounts)
    }

    /// Adds `amount` base units of `mint` to the associated token account of each owner, which
    /// is made if missing, and the sum to the mint's supply. No transaction is involved.
    pub async fn fund_tokens(&self, mint: Pubkey, amounts: &[(Pubkey, u64)]) -> anyhow::Result<()> {
        let mut svm = self.chain.svm.0.write().await;
        let mint_account = svm.get_account(&mint)?.with_context(|| format!("no mint {mint}"))?;
        accounts::check_fundable_mint(&mint_account)?;
        let token_program = mint_account.owner;
        let mut total = 0u64;
        for &(owner, amount) in amounts {
            let address = accounts::associated_token_address(&owner, &mint, &token_program);
            let existing = svm.get_account(&address)?.filter(|found| found.owner == token_program);
            let account = accounts::add_tokens(existing, owner, mint, token_program, amount)?;
            write_rent_exempt(&mut svm, address, account)?;
            total = total.checked_add(amount).context("the amounts overflow")?;
        }
        write_rent_exempt(&mut svm, mint, accounts::add_supply(mint_account, total)?)
    }

    /// The clock that the next transaction will see.
    pub async fn clock(&self) -> ChainClock {
        let svm = self.chain.svm.0.read().await;
        ChainClock { slot: svm.get_latest_absolute_slot(), unix_timestamp: (svm.updated_at / 1_000) as i64 }
    }

    /// Makes `count` blocks at once, each a slot of time: blockhashes expire after 150 of them,
    /// SlotHashes forgets after 512.
    pub async fn produce_blocks(&self, count: u64) -> anyhow::Result<()> {
        self.chain.produce_blocks(count).await
    }

    /// Moves the clock forward as if the cluster had skipped every slot of `by` (whole seconds,
    /// at least one). SlotHashes and blockhashes stay as they are: only blocks age those.
    pub async fn advance(&self, by: Duration) -> anyhow::Result<ChainClock> {
        if by.as_secs() == 0 {
            bail!("advance by at least one second, or use produce_blocks");
        }
        let svm = self.chain.svm.clone();
        let commands = self.chain.commands.clone();
        let target_ms = svm.0.read().await.updated_at + by.as_secs() * 1_000;
        // Blocks its thread until the run loop has answered.
        tokio::task::spawn_blocking(move || {
            svm.time_travel(None, commands, TimeTravelConfig::AbsoluteTimestamp(target_ms))
        })
        .await??;
        Ok(self.clock().await)
    }

    /// Stops making blocks: slot and clock stand still, transactions are still processed, and
    /// stay unconfirmed.
    pub fn pause(&self) {
        self.chain.paused.store(true, Ordering::Relaxed);
    }

    /// Makes blocks again. The time that passed is not caught up.
    pub fn resume(&self) {
        self.chain.paused.store(false, Ordering::Relaxed);
    }

    /// Ends the chain and waits until its threads and ports are gone.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.chain.stop().await
    }
}

fn write_genesis(svm: &mut SurfnetSvm, config: &LocalnetConfig, elf: Option<&[u8]>) -> anyhow::Result<()> {
    if let Some(elf) = elf {
        let authority = config.upgrade_authority;
        for (address, account) in accounts::program_accounts(config.program_id, elf, authority) {
            write_rent_exempt(svm, address, account).context("the program was refused")?;
        }
    }
    let authority = config.mint_authority;
    write_rent_exempt(svm, default_usdc_mint(), accounts::spl_mint(authority)?)?;
    let mint = default_token_2022_mint();
    write_rent_exempt(svm, mint, accounts::token_2022_mint(mint, authority)?)?;
    add_lamports(svm, &config.funded)
}

fn write_rent_exempt(svm: &mut SurfnetSvm, address: Pubkey, mut account: Account) -> anyhow::Result<()> {
    let minimum = svm.inner.minimum_balance_for_rent_exemption(account.data.len());
    account.lamports = account.lamports.max(minimum);
    Ok(svm.set_account(&address, account)?)
}

fn add_lamports(svm: &mut SurfnetSvm, amounts: &[(Pubkey, u64)]) -> anyhow::Result<()> {
    for (address, lamports) in amounts {
        let mut account = svm.get_account(address)?.unwrap_or_default();
        let balance = account.lamports.checked_add(*lamports);
        account.lamports = balance.context("the lamports overflow")?;
        svm.set_account(address, account)?;
    }
    Ok(())
}
