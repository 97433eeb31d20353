use anchor_lang::prelude::*;

use crate::state::{Vault, Wallet};

/// Accounts: `rent_payer` [writable, signer], `owner` [], `vault` [], `wallet` [writable],
/// `system_program` [].
#[derive(Accounts)]
pub struct OpenWallet {
    #[account(mut, unsafe(dup))]
    pub rent_payer: Signer,
    /// Need not sign: a wallet only ever gives to its owner.
    pub owner: UncheckedAccount,
    pub vault: Account<Vault>,
    #[account(init, payer = rent_payer, space = 8 + size_of::<Wallet>(),
        seeds = [b"wallet", owner.address().as_ref(), vault.mint.as_ref()], bump)]
    pub wallet: Account<Wallet>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenWallet>) -> Result<()> {
    let bump = ctx.bumps.wallet;
    let OpenWallet { rent_payer, owner, vault, wallet, .. } = &mut ctx.accounts;
    wallet.owner = *owner.address();
    wallet.mint = vault.mint;
    wallet.rent_payer = *rent_payer.address();
    wallet.bump = bump;
    Ok(())
}
