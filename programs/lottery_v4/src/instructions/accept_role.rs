use anchor_lang::prelude::*;
use lottery_interface::kinds::Role;

use crate::{errors::LotteryError, state::Lottery};

/// Accounts: `next` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct AcceptRole {
    pub next: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

pub fn handler(ctx: &mut Context<AcceptRole>, role: u8) -> Result<()> {
    let AcceptRole { next, lottery } = &mut ctx.accounts;
    let role = Role::from_byte(role).ok_or(LotteryError::NoPendingHandOver)?;
    let (current, pending) = lottery.role(role);
    require!(*pending == *next.address(), LotteryError::NoPendingHandOver);
    *current = *pending;
    *pending = Address::default();
    Ok(())
}
