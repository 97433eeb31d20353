//! `POST /api/transactions/deposit`

use axum::extract::State;
use lottery_client::{Pubkey, enter::token_side};
use lottery_interface::{LotteryError, accounts::Vault, instructions, kinds::VaultKind};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Draft, Problems, Unsigned, finish, money, vault, wallet_rent};
use crate::{
    chain,
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
    let (wallet, outside) = tokio::try_join!(
        chain::ask(&state, move |rpc| async move { rpc.wallet(owner, mint).await }),
        outside_units(&state, &vault, owner),
    )?;
    if outside < amount {
        return Err(ApiError::program(
            LotteryError::InsufficientBalance,
            format!("the owner holds {}: deposit no more than that", money(&vault, outside)),
        ));
    }
    let mut steps = Vec::new();
    let mut rent_lamports = 0;
    let mut summary = String::new();
    if wallet.is_none() {
        steps.push(instructions::open_wallet(owner, owner, mint));
        rent_lamports = wallet_rent(&state).await?;
        summary.push_str("Opens your wallet. ");
    }
    steps.push(instructions::deposit(owner, token_side(&vault, owner), amount));
    summary.push_str(&format!("Deposits {} into your wallet.", money(&vault, amount)));
    let draft = Draft { signer: owner, instructions: steps, summary, rent_lamports };
    Ok(Json(finish(&state, draft).await?))
}

/// What the owner holds outside the wallet: lamports, or units in the associated token account.
async fn outside_units(state: &AppState, vault: &Vault, owner: Pubkey) -> Result<u64, ApiError> {
    let tokens = token_side(vault, owner).tokens;
    let (accounts, _) =
        chain::ask(state, move |rpc| async move { rpc.raw_accounts(&[tokens], None).await }).await?;
    let Some(Some(account)) = accounts.into_iter().next() else { return Ok(0) };
    if vault.kind == VaultKind::Native as u8 {
        return Ok(account.lamports);
    }
    // Both token programs keep the amount in bytes 64 to 72.
    let amount = account.data.get(64..72).and_then(|bytes| bytes.try_into().ok());
    Ok(amount.map_or(0, u64::from_le_bytes))
}
