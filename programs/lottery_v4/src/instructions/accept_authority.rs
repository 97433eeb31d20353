use anchor_lang::prelude::*;

use crate::{errors::LotteryError, state::Registry};

/// Accounts: `next` [signer], `registry` [writable].
#[derive(Accounts)]
pub struct AcceptAuthority {
    pub next: Signer,
    #[account(mut)]
    pub registry: Account<Registry>,
}

pub fn handler(ctx: &mut Context<AcceptAuthority>) -> Result<()> {
    let AcceptAuthority { next, registry } = &mut ctx.accounts;
    require!(registry.pending_authority == *next.address(), LotteryError::NoPendingHandOver);
    registry.authority = registry.pending_authority;
    registry.pending_authority = Address::default();
    Ok(())
}
