use anchor_lang::prelude::*;
use anchor_spl::token::{TransferChecked, transfer_checked};
use lottery_interface::kinds::VaultKind;

use crate::{
    errors::{LotteryError, sub},
    events::{self, Moved},
    state::move_lamports,
    tokens::{self, MoveTokens, held_units},
};

/// No pause, no role and no round stands between a player and their balance.
pub fn handler(ctx: &mut Context<MoveTokens>, amount_units: u64) -> Result<()> {
    let MoveTokens { owner, wallet, vault, tokens, vault_tokens, mint, token_program } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    wallet.require_owner(owner.address())?;
    require!(wallet.mint == vault.mint, LotteryError::WrongMint);
    wallet.balance_units =
        wallet.balance_units.checked_sub(amount_units).ok_or(LotteryError::InsufficientBalance)?;
    vault.total_units = sub(vault.total_units, amount_units)?;

    if vault.kind == VaultKind::Native as u8 {
        move_lamports(vault, tokens, amount_units)?;
    } else {
        require!(vault.tokens == *vault_tokens.address(), LotteryError::WrongVault);
        require!(vault.mint == *mint.address(), LotteryError::WrongMint);
        require!(vault.token_program == *token_program.address(), LotteryError::WrongTokenAccount);
        tokens::token_balance(tokens.account(), &vault.mint, &vault.token_program)?;
        let (vault_mint, bump) = (vault.mint, [vault.bump]);
        let seeds: [&[u8]; 3] = [b"vault", vault_mint.as_ref(), &bump];
        let transfer = TransferChecked {
            from: vault_tokens.cpi_handle_mut(),
            mint: mint.cpi_handle(),
            to: tokens.cpi_handle_mut(),
            authority: vault.cpi_handle(),
        };
        let signer_seeds = [seeds.as_slice()];
        let context = CpiContext::new_with_signer(token_program.address(), transfer, &signer_seeds);
        transfer_checked(context, amount_units, vault.decimals)?;
    }
    events::log(&Moved { wallet: *wallet.address(), mint: vault.mint, amount_units, direction: 2 });
    vault.invariant(held_units(vault, vault_tokens)?)
}
