use anchor_lang::{
    prelude::*,
    system_program::{self, Transfer},
};
use anchor_spl::token::{TransferChecked, transfer_checked};
use lottery_interface::kinds::VaultKind;

use crate::{
    errors::{LotteryError, add, sub},
    events::{self, Moved},
    tokens::{self, MoveTokens, held_units},
};

pub fn handler(ctx: &mut Context<MoveTokens>, amount_units: u64) -> Result<()> {
    let MoveTokens { owner, wallet, vault, tokens, vault_tokens, mint, token_program } = &mut ctx.accounts;
    require!(amount_units > 0, LotteryError::ZeroAmount);
    wallet.require_owner(owner.address())?;
    require!(wallet.mint == vault.mint, LotteryError::WrongMint);

    let credited = if vault.kind == VaultKind::Native as u8 {
        let before = vault.account().lamports();
        let transfer = Transfer { from: owner.cpi_handle_mut(), to: vault.cpi_handle_mut() };
        system_program::transfer(CpiContext::new(&System::id(), transfer), amount_units)?;
        sub(vault.account().lamports(), before)?
    } else {
        require!(vault.tokens == *vault_tokens.address(), LotteryError::WrongVault);
        require!(vault.mint == *mint.address(), LotteryError::WrongMint);
        require!(vault.token_program == *token_program.address(), LotteryError::WrongTokenAccount);
        tokens::token_balance(tokens.account(), &vault.mint, &vault.token_program)?;
        let before = held_units(vault, vault_tokens)?;
        let transfer = TransferChecked {
            from: tokens.cpi_handle_mut(),
            mint: mint.cpi_handle(),
            to: vault_tokens.cpi_handle_mut(),
            authority: owner.cpi_handle(),
        };
        let context = CpiContext::new(token_program.address(), transfer);
        transfer_checked(context, amount_units, vault.decimals)?;
        sub(held_units(vault, vault_tokens)?, before)?
    };

    vault.total_units = add(vault.total_units, credited)?;
    wallet.balance_units = add(wallet.balance_units, credited)?;
    events::log(&Moved { wallet: *wallet.address(), mint: vault.mint, amount_units: credited, direction: 1 });
    vault.invariant(held_units(vault, vault_tokens)?)
}
