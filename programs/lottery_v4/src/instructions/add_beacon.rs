// Anchor binds every `#[instruction]` argument in each function it derives, used there or not.
#![allow(unused_variables)]

use anchor_lang::prelude::*;

use crate::{
    args::BeaconArgs,
    errors::LotteryError,
    state::{Beacon, Registry},
};

/// Accounts: `authority` [writable, signer], `registry` [], `beacon` [writable], `system_program` [].
#[derive(Accounts)]
#[instruction(args: BeaconArgs)]
pub struct AddBeacon {
    #[account(mut)]
    pub authority: Signer,
    pub registry: Account<Registry>,
    #[account(init, payer = authority, space = 8 + size_of::<Beacon>(),
        seeds = [b"beacon", args.chain_hash.as_ref()], bump)]
    pub beacon: Account<Beacon>,
    pub system_program: Program<System>,
}

/// One signed round proves that key and scheme are what they should be. Usable after the registry's delay, so that
/// everybody can look at it first.
pub fn handler(ctx: &mut Context<AddBeacon>, args: BeaconArgs, proof: &[u8]) -> Result<()> {
    let bump = ctx.bumps.beacon;
    let AddBeacon { authority, registry, beacon, .. } = &mut ctx.accounts;
    registry.require_authority(authority.address())?;
    require!(args.period_seconds > 0 && args.genesis_at > 0, LotteryError::InvalidLimits);
    beacon.public_key = args.public_key;
    beacon.chain_hash = args.chain_hash;
    beacon.rent_payer = *authority.address();
    beacon.genesis_at = args.genesis_at;
    beacon.usable_at = Clock::get()?.unix_timestamp.saturating_add(registry.beacon_delay_seconds as i64);
    beacon.period_seconds = args.period_seconds;
    beacon.bump = bump;
    beacon.verify(args.round, proof).map(|_| ())
}
