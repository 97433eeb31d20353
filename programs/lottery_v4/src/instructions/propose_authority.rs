use anchor_lang::prelude::*;

use crate::state::Registry;

/// Accounts: `authority` [signer], `registry` [writable].
#[derive(Accounts)]
pub struct ProposeAuthority {
    pub authority: Signer,
    #[account(mut)]
    pub registry: Account<Registry>,
}

pub fn handler(ctx: &mut Context<ProposeAuthority>, next: Address) -> Result<()> {
    let ProposeAuthority { authority, registry } = &mut ctx.accounts;
    registry.require_authority(authority.address())?;
    registry.pending_authority = next;
    Ok(())
}
