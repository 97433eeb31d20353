use anchor_lang::prelude::*;
use lottery_interface::kinds::LotteryStatus;

use crate::{errors::LotteryError, state::Lottery};

/// Accounts: `operator` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct RetireLottery {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Cannot be taken back. With a jackpot left, one last round rolls it down to winners.
pub fn handler(ctx: &mut Context<RetireLottery>) -> Result<()> {
    let RetireLottery { operator, lottery } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    require!(lottery.status != LotteryStatus::Completed as u8, LotteryError::WrongStatus);
    require!(lottery.retiring == 0, LotteryError::Retiring);
    lottery.retiring = 1;
    lottery.complete_if_done();
    lottery.invariant()
}
