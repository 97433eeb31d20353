use anchor_lang::prelude::*;

use super::init_registry::apply;
use crate::{args::RegistryArgs, state::Registry};

/// Accounts: `authority` [signer], `registry` [writable].
#[derive(Accounts)]
pub struct UpdateRegistry {
    pub authority: Signer,
    #[account(mut)]
    pub registry: Account<Registry>,
}

pub fn handler(ctx: &mut Context<UpdateRegistry>, args: RegistryArgs) -> Result<()> {
    let UpdateRegistry { authority, registry } = &mut ctx.accounts;
    registry.require_authority(authority.address())?;
    apply(registry, &args)
}
