use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    state::{Beacon, Registry, close_account},
};

/// Accounts: `authority` [signer], `registry` [], `beacon` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct RemoveBeacon {
    pub authority: Signer,
    pub registry: Account<Registry>,
    #[account(mut)]
    pub beacon: Account<Beacon>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

/// Only before any config can name it: afterwards it stays for ever.
pub fn handler(ctx: &mut Context<RemoveBeacon>) -> Result<()> {
    let RemoveBeacon { authority, registry, beacon, rent_payer } = &mut ctx.accounts;
    registry.require_authority(authority.address())?;
    require!(beacon.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    require!(Clock::get()?.unix_timestamp < beacon.usable_at, LotteryError::BeaconUsable);
    close_account(beacon.account(), rent_payer)
}
