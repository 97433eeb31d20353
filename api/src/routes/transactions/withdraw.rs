//! `POST /api/transactions/withdraw`

use axum::extract::State;
use lottery_client::{Pubkey, enter::token_side};
use lottery_interface::{LotteryError, accounts::Vault, instructions, kinds::VaultKind};
use serde::Deserialize;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Draft, Problems, Unsigned, finish, money, vault};
use crate::{
    extract::Json,
    fields::{self, Amount},
    problem::ApiError,
    state::AppState,
};

/// Bytes of a token account; one of Token-2022 marks its owner as immutable.
const TOKEN_ACCOUNT_LEN: usize = 165;
const TOKEN_2022_ACCOUNT_LEN: usize = 170;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(withdraw))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    /// Base58 address of the player, who signs and receives.
    owner: String,
    /// The mint; absent or `SOL` for native SOL.
    mint: Option<String>,
    /// Absent: everything.
    amount_units: Option<Amount>,
}

/// A withdrawal from the owner's wallet to the owner. Tokens go to the associated token account, which is
/// opened if it does not exist.
#[utoipa::path(post, path = "/transactions/withdraw", tag = "transactions", request_body = Withdraw,
    responses((status = 200, body = Unsigned), Problems))]
async fn withdraw(State(state): State<AppState>, Json(body): Json<Withdraw>) -> Answer<Unsigned> {
    let owner = fields::address("owner", &body.owner)?;
    let mint = fields::mint(body.mint.as_deref())?;
    let asked = body.amount_units.map(Amount::nonzero).transpose()?;
    let vault = vault(&state, mint).await?;
    let wallet = state.rpc.wallet(owner, mint).await?;
    let wallet = wallet.ok_or_else(|| {
        ApiError::NotFound(format!("{owner} has no wallet in this mint: there is nothing to withdraw"))
    })?;
    let amount = asked.unwrap_or(wallet.balance_units);
    if amount == 0 || amount > wallet.balance_units {
        let balance = money(&vault, wallet.balance_units);
        return Err(ApiError::program(
            LotteryError::InsufficientBalance,
            format!("the wallet holds {balance}: withdraw no more than that"),
        ));
    }
    let side = token_side(&vault, owner);
    let mut steps = Vec::new();
    let rent_lamports = token_account_rent(&state, &vault, side.tokens).await?;
    if rent_lamports > 0 {
        let open = create_associated_token_account_idempotent(&owner, &owner, &mint, &side.token_program);
        steps.push(open);
    }
    steps.push(instructions::withdraw(owner, side, amount));
    let summary = format!("Withdraws {} from your wallet to {owner}.", money(&vault, amount));
    let draft = Draft { signer: owner, fee_payer: None, instructions: steps, summary, rent_lamports };
    Ok(Json(finish(&state, draft).await?))
}

/// Rent of the owner's token account when it must be opened, else 0.
async fn token_account_rent(state: &AppState, vault: &Vault, tokens: Pubkey) -> Result<u64, ApiError> {
    let len = match VaultKind::from_byte(vault.kind) {
        Some(VaultKind::SplToken) => TOKEN_ACCOUNT_LEN,
        Some(VaultKind::Token2022) => TOKEN_2022_ACCOUNT_LEN,
        _ => return Ok(0),
    };
    let (accounts, _) = state.rpc.raw_accounts(&[tokens], None).await?;
    match accounts.first() {
        Some(Some(account)) if account.lamports > 0 => Ok(0),
        _ => Ok(state.rpc.minimum_balance(len).await?),
    }
}
