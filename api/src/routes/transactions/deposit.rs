//! `POST /api/transactions/deposit`

use axum::extract::State;
use lottery_client::{Pubkey, enter::token_side};
use lottery_interface::{LotteryError, accounts::Vault, instructions, kinds::VaultKind};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Draft, Problems, SIGNATURE_LAMPORTS, Unsigned, finish, money, vault, wallet_rent};
use crate::{
    extract::Json,
    fields::{self, Amount},
    problem::ApiError,
    state::AppState,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(deposit))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Deposit {
    /// Base58 address of the player, who signs.
    owner: String,
    /// The mint; absent or `SOL` for native SOL.
    mint: Option<String>,
    amount_units: Amount,
}

/// A deposit into the owner's wallet, which is opened first if it does not exist.
#[utoipa::path(post, path = "/transactions/deposit", tag = "transactions", request_body = Deposit,
    responses((status = 200, body = Unsigned), Problems))]
async fn deposit(State(state): State<AppState>, Json(body): Json<Deposit>) -> Answer<Unsigned> {
    let owner = fields::address("owner", &body.owner)?;
    let mint = fields::mint(body.mint.as_deref())?;
    let amount = body.amount_units.nonzero()?;
    let vault = vault(&state, mint).await?;
    let wallet = state.rpc.wallet(owner, mint).await?;
    let rent_lamports = if wallet.is_none() { wallet_rent(&state).await? } else { 0 };
    let spendable = spendable_units(&state, &vault, owner, rent_lamports).await?;
    if spendable < amount {
        return Err(ApiError::program(
            LotteryError::InsufficientBalance,
            format!("the owner can deposit {} at most: give a smaller amount", money(&vault, spendable)),
        ));
    }
    let mut steps = Vec::new();
    let mut summary = String::new();
    if wallet.is_none() {
        steps.push(instructions::open_wallet(owner, owner, mint));
        summary.push_str("Opens your wallet. ");
    }
    steps.push(instructions::deposit(owner, token_side(&vault, owner), amount));
    summary.push_str(&format!("Deposits {} into your wallet.", money(&vault, amount)));
    let draft = Draft { signer: owner, fee_payer: None, instructions: steps, summary, rent_lamports };
    Ok(Json(finish(&state, draft).await?))
}

/// What the owner can deposit: lamports less rent and fee, or units in the associated token account.
async fn spendable_units(
    state: &AppState,
    vault: &Vault,
    owner: Pubkey,
    rent_lamports: u64,
) -> Result<u64, ApiError> {
    let tokens = token_side(vault, owner).tokens;
    let (accounts, _) = state.rpc.raw_accounts(&[tokens], None).await?;
    let Some(Some(account)) = accounts.into_iter().next() else { return Ok(0) };
    if vault.kind == VaultKind::Native as u8 {
        return Ok(account.lamports.saturating_sub(rent_lamports + SIGNATURE_LAMPORTS));
    }
    // Both token programs keep the amount in bytes 64 to 72.
    let amount = account.data.get(64..72).and_then(|bytes| bytes.try_into().ok());
    Ok(amount.map_or(0, u64::from_le_bytes))
}
