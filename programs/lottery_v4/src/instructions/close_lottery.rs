use anchor_lang::prelude::*;
use lottery_interface::kinds::LotteryStatus;

use crate::{
    errors::LotteryError,
    state::{Lottery, close_account},
};

/// Accounts: `operator` [signer], `lottery` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct CloseLottery {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

pub fn handler(ctx: &mut Context<CloseLottery>) -> Result<()> {
    let CloseLottery { operator, lottery, rent_payer } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    require!(lottery.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    lottery.require_status(LotteryStatus::Completed)?;
    require!(lottery.live_rounds == 0, LotteryError::RoundsStillLive);
    require!(lottery.is_empty(), LotteryError::LotteryNotEmpty);
    close_account(lottery.account(), rent_payer)
}
