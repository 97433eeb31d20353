use anchor_lang::prelude::*;
use lottery_interface::{NATIVE_MINT, kinds::VaultKind};

use crate::{
    errors::LotteryError,
    state::{Registry, Vault},
    tokens,
};

/// Accounts: `rent_payer` [writable, signer], `registry` [], `mint` [], `vault` [writable],
/// `vault_tokens` [writable], `token_program` [], `system_program` [].
#[derive(Accounts)]
pub struct OpenVault {
    #[account(mut)]
    pub rent_payer: Signer,
    pub registry: Account<Registry>,
    /// The zero address for native SOL.
    pub mint: UncheckedAccount,
    #[account(init, payer = rent_payer, space = 8 + size_of::<Vault>(),
        seeds = [b"vault", mint.address().as_ref()], bump)]
    pub vault: Account<Vault>,
    /// Created here unless the vault is native.
    #[account(mut, seeds = [b"vault_tokens", mint.address().as_ref()], bump)]
    pub vault_tokens: UncheckedAccount,
    pub token_program: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenVault>) -> Result<()> {
    let (bump, tokens_bump) = (ctx.bumps.vault, ctx.bumps.vault_tokens);
    let OpenVault { rent_payer, registry, mint, vault, vault_tokens, token_program, .. } = &mut ctx.accounts;
    registry.require_running()?;
    vault.mint = *mint.address();
    vault.rent_payer = *rent_payer.address();
    vault.bump = bump;
    vault.tokens_bump = tokens_bump;
    if *mint.address() == Address::new_from_array(NATIVE_MINT) {
        vault.kind = VaultKind::Native as u8;
        vault.decimals = 9;
        return Ok(());
    }
    let (kind, decimals) = tokens::check_mint(mint.account())?;
    require!(mint.account().owned_by(token_program.address()), LotteryError::MintNotSupported);
    vault.kind = kind as u8;
    vault.decimals = decimals;
    vault.token_program = *token_program.address();
    vault.tokens = *vault_tokens.address();
    let seeds: [&[u8]; 3] = [b"vault_tokens", mint.address().as_ref(), &[tokens_bump]];
    tokens::create_token_account(rent_payer, vault_tokens, mint, token_program, vault.cpi_handle(), &seeds)
}
