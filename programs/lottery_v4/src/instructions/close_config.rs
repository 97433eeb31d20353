use anchor_lang::prelude::*;

use crate::{
    errors::LotteryError,
    state::{Config, Lottery, close_account},
};

/// Accounts: `operator` [signer], `lottery` [writable], `config` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct CloseConfig {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub config: Account<Config>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

/// A config can go once no round account exists that may point at it, and it is not the current one of a
/// lottery that still runs.
pub fn handler(ctx: &mut Context<CloseConfig>) -> Result<()> {
    let CloseConfig { operator, lottery, config, rent_payer } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    require!(config.lottery == *lottery.address(), LotteryError::WrongLottery);
    require!(config.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    require!(lottery.live_rounds == 0, LotteryError::RoundsStillLive);
    let completed = lottery.status == lottery_interface::kinds::LotteryStatus::Completed as u8;
    require!(completed || lottery.config != *config.address(), LotteryError::ConfigInUse);
    close_account(config.account(), rent_payer)
}
