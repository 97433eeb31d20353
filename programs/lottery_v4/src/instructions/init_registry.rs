use anchor_lang::prelude::*;

use crate::{args::RegistryArgs, errors::LotteryError, state::Registry};

/// Accounts: `authority` [writable, signer], `registry` [writable], `system_program` [].
#[derive(Accounts)]
pub struct InitRegistry {
    #[account(mut)]
    pub authority: Signer,
    #[account(init, payer = authority, space = 8 + size_of::<Registry>(), seeds = [b"registry"], bump)]
    pub registry: Account<Registry>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<InitRegistry>, args: RegistryArgs) -> Result<()> {
    let bump = ctx.bumps.registry;
    let InitRegistry { authority, registry, .. } = &mut ctx.accounts;
    registry.authority = *authority.address();
    registry.next_lottery_id = 1;
    registry.bump = bump;
    apply(registry, &args)
}

/// Stores what the authority decides; refuses what would make no lottery possible or fees unbounded.
pub fn apply(registry: &mut Registry, args: &RegistryArgs) -> Result<()> {
    require!(args.fee_cap_bps < 10_000 && args.paused <= 1, LotteryError::InvalidLimits);
    require!(args.treasury != Address::default(), LotteryError::InvalidLimits);
    require!(
        args.min_grace_seconds > 0 && args.min_grace_slots > 0 && args.min_claim_seconds > 0,
        LotteryError::InvalidLimits
    );
    // Lowering it would let the authority add a chain of its own and use it at once.
    require!(args.beacon_delay_seconds >= registry.beacon_delay_seconds, LotteryError::InvalidLimits);
    pin(&mut registry.switchboard_program, &args.switchboard_program)?;
    pin(&mut registry.switchboard_queue, &args.switchboard_queue)?;
    registry.treasury = args.treasury;
    registry.min_grace_seconds = args.min_grace_seconds;
    registry.min_grace_slots = args.min_grace_slots;
    registry.min_claim_seconds = args.min_claim_seconds;
    registry.beacon_delay_seconds = args.beacon_delay_seconds;
    registry.fee_cap_bps = args.fee_cap_bps;
    registry.paused = args.paused;
    registry.allowed_sources = args.allowed_sources;
    Ok(())
}

/// Sets an address once; from then on it is only repeated.
fn pin(pinned: &mut Address, address: &Address) -> Result<()> {
    require!(*pinned == Address::default() || *pinned == *address, LotteryError::InvalidLimits);
    *pinned = *address;
    Ok(())
}
