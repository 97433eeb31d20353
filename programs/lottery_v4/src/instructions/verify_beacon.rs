use anchor_lang::prelude::*;

use crate::state::Beacon;

/// Accounts: `beacon` [].
#[derive(Accounts)]
pub struct VerifyBeacon {
    pub beacon: Account<Beacon>,
}

/// Returns the randomness of a round, or says why its proof is none. Changes nothing.
pub fn handler(ctx: &mut Context<VerifyBeacon>, round: u64, proof: &[u8]) -> Result<()> {
    let randomness = ctx.accounts.beacon.verify(round, proof)?;
    anchor_lang::pinocchio::cpi::set_return_data(&randomness);
    Ok(())
}
