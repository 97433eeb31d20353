//! `/api/transactions`: transactions for a wallet to sign, and sending what it signed.
//!
//! Nothing is kept: who loses a transaction asks for another one. Everything is read from the cluster, not from
//! Postgres, so that what is built fits the chain as it is now.

mod confirm;
mod deposit;
mod enter;
mod submit;
mod tickets;
mod withdraw;

use std::sync::atomic::{AtomicU32, Ordering};

use lottery_client::{Fetched, Instruction, Pubkey, unsigned_transaction};
use lottery_interface::{
    LotteryError,
    accounts::{AccountLayout, Vault, Wallet},
    kinds::VaultKind,
};
use serde::Serialize;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::{Answer, Problems};
use crate::{fields::decimal, problem::ApiError, state::AppState, store::Units};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(confirm::router())
        .merge(deposit::router())
        .merge(enter::router())
        .merge(withdraw::router())
        .merge(submit::router())
}

/// Charged by the cluster for each signature.
const SIGNATURE_LAMPORTS: u64 = 5_000;
/// Room for the dearest of our instructions; what is not used costs nothing.
const COMPUTE_UNITS_EACH: u32 = 100_000;

/// A transaction to sign.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unsigned {
    /// As it travels, base64, with signatures of zeros: what wallets deserialise and sign.
    pub transaction: String,
    pub blockhash: String,
    /// After this block height it can no longer be sent: ask for another.
    pub last_valid_block_height: u64,
    /// Who plays: the owner, or the session key.
    pub signer: String,
    /// Who pays the network fee: the signer, unless another account was named.
    pub fee_payer: String,
    /// Everyone who has to sign, in the order of the signatures.
    pub signers: Vec<String>,
    /// What it does and costs, for a person.
    #[schema(example = "Enters 2 tickets in round 7 of \"Daily 6/49\" for 0.02 SOL.")]
    pub summary: String,
    pub fee_lamports: Units,
    /// Rent of accounts that it opens; it returns when they are closed.
    pub rent_lamports: Units,
}

/// What a transaction does, before it has a blockhash.
struct Draft {
    signer: Pubkey,
    /// `None`: the signer.
    fee_payer: Option<Pubkey>,
    instructions: Vec<Instruction>,
    summary: String,
    rent_lamports: u64,
}

/// Gives a draft its blockhash.
async fn finish(state: &AppState, draft: Draft) -> Result<Unsigned, ApiError> {
    // Two equal purchases within a block must be two transactions, so the limit differs a little each time.
    static BUILT: AtomicU32 = AtomicU32::new(0);
    let nonce = BUILT.fetch_add(1, Ordering::Relaxed) % 1_000;
    let limit = draft.instructions.len() as u32 * COMPUTE_UNITS_EACH + nonce;
    let mut instructions = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
    instructions.extend(draft.instructions);
    let (blockhash, last_valid_block_height) = state.rpc.latest_blockhash().await?;
    let fee_payer = draft.fee_payer.unwrap_or(draft.signer);
    let unsigned = unsigned_transaction(&fee_payer, &instructions, &blockhash)?;
    metrics::counter!("lottery_api_transactions_built_total").increment(1);
    let mut summary = draft.summary;
    if draft.rent_lamports > 0 {
        let rent = decimal(draft.rent_lamports, 9);
        summary.push_str(&format!(
            " Opening accounts locks {rent} SOL of rent, which returns when they are closed."
        ));
    }
    let signatures = unsigned.transaction.signatures.len();
    let signers = &unsigned.transaction.message.static_account_keys()[..signatures];
    let fee = SIGNATURE_LAMPORTS * signatures as u64;
    summary.push_str(&format!(" Network fee: {} SOL", decimal(fee, 9)));
    if fee_payer != draft.signer {
        summary.push_str(&format!(", paid by {fee_payer}"));
    }
    summary.push('.');
    Ok(Unsigned {
        transaction: unsigned.base64(),
        blockhash: blockhash.to_string(),
        last_valid_block_height,
        signer: draft.signer.to_string(),
        fee_payer: fee_payer.to_string(),
        signers: signers.iter().map(Pubkey::to_string).collect(),
        summary,
        fee_lamports: fee.into(),
        rent_lamports: draft.rent_lamports.into(),
    })
}

/// The vault of a mint.
async fn vault(state: &AppState, mint: Pubkey) -> Result<Fetched<Vault>, ApiError> {
    state.rpc.vault(mint).await?.ok_or_else(|| {
        ApiError::program(
            LotteryError::WrongVault,
            format!("no vault holds mint {mint}: choose a mint that a lottery uses"),
        )
    })
}

/// An amount of a vault's mint, for people.
fn money(vault: &Vault, units: u64) -> String {
    let amount = decimal(units, vault.decimals);
    if vault.kind == VaultKind::Native as u8 {
        return format!("{amount} SOL");
    }
    format!("{amount} of {}", Pubkey::from(vault.mint))
}

/// Rent of a wallet.
async fn wallet_rent(state: &AppState) -> Result<u64, ApiError> {
    Ok(state.rpc.minimum_balance(Wallet::LEN).await?)
}
