use anchor_lang::prelude::*;
use lottery_interface::kinds::LotteryStatus;

use crate::{errors::LotteryError, state::Lottery};

/// Accounts: `operator` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct ActivateLottery {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// From pending, or after a pause. A completed lottery stays so.
pub fn handler(ctx: &mut Context<ActivateLottery>) -> Result<()> {
    let ActivateLottery { operator, lottery } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    require!(
        lottery.status == LotteryStatus::Pending as u8 || lottery.status == LotteryStatus::Paused as u8,
        LotteryError::WrongStatus
    );
    lottery.status = LotteryStatus::Active as u8;
    lottery.complete_if_done();
    lottery.invariant()
}
