use anchor_lang::prelude::*;
use lottery_interface::kinds::RoundStatus;
use lottery_rules::seed::round_seed;

use crate::{
    errors::LotteryError,
    hash::Syscall,
    kinds,
    state::{Config, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `config` [].
#[derive(Accounts)]
pub struct Draw {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub config: Account<Config>,
}

pub fn handler(ctx: &mut Context<Draw>) -> Result<()> {
    let Draw { cranker, round, config } = &mut ctx.accounts;
    round.require_config(config.address())?;
    match RoundStatus::from_byte(round.status) {
        Some(RoundStatus::Valued) => {}
        Some(RoundStatus::Open) => return Err(LotteryError::ValueMissing.into()),
        Some(RoundStatus::Void) => return Err(LotteryError::RoundNotOpen.into()),
        _ => return Err(LotteryError::AlreadyDrawn.into()),
    }
    require!(round.all_sealed(), LotteryError::PagesNotSealed);
    round.seed = round_seed::<Syscall>(&round.value, round.address().as_array(), &round.sealed_digest);
    kinds::draw_result(round)?;
    round.status = RoundStatus::Drawn as u8;
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    round.invariant()
}
