use anchor_lang::prelude::*;
use lottery_interface::kinds::Role;

use crate::{errors::LotteryError, state::Lottery};

/// Accounts: `holder` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct ProposeRole {
    pub holder: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// The zero address takes a proposal back.
pub fn handler(ctx: &mut Context<ProposeRole>, role: u8, next: Address) -> Result<()> {
    let ProposeRole { holder, lottery } = &mut ctx.accounts;
    let role = Role::from_byte(role).ok_or(LotteryError::Unauthorized)?;
    let (current, pending) = lottery.role(role);
    require!(*current == *holder.address(), LotteryError::Unauthorized);
    *pending = next;
    Ok(())
}
