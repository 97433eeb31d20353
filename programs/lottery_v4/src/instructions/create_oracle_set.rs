// Anchor binds every `#[instruction]` argument in each function it derives, used there or not.
#![allow(unused_variables)]

use anchor_lang::prelude::*;
use lottery_rules::{hash::Sha256, prediction::MAX_REPORTERS};

use crate::{errors::LotteryError, hash::Syscall, state::OracleSet};

/// Accounts: `rent_payer` [writable, signer], `oracles` [writable], `system_program` [].
#[derive(Accounts)]
#[instruction(reporters: &[u8])]
pub struct CreateOracleSet {
    #[account(mut)]
    pub rent_payer: Signer,
    #[account(init, payer = rent_payer, space = 8 + size_of::<OracleSet>(),
        seeds = [b"oracles", &Syscall::hashv(&[reporters])], bump)]
    pub oracles: Account<OracleSet>,
    pub system_program: Program<System>,
}

/// Anyone may; the set's address is the hash of its reporters, so nobody can put another in its place.
pub fn handler(ctx: &mut Context<CreateOracleSet>, reporters: &[u8]) -> Result<()> {
    let bump = ctx.bumps.oracles;
    let oracles = &mut ctx.accounts.oracles;
    let (keys, rest) = reporters.as_chunks::<32>();
    require!(
        rest.is_empty()
            && (1..=MAX_REPORTERS).contains(&keys.len())
            && keys[0] != [0; 32]
            && keys.is_sorted_by(|a, b| a < b),
        LotteryError::InvalidOracleSet
    );
    for (place, key) in oracles.reporters.iter_mut().zip(keys) {
        *place = Address::from(*key);
    }
    oracles.reporter_count = keys.len() as u8;
    oracles.bump = bump;
    Ok(())
}
