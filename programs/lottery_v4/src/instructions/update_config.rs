// Anchor binds every `#[instruction]` argument in each function it derives, used there or not.
#![allow(unused_variables)]

use anchor_lang::prelude::*;
use lottery_interface::kinds::LotteryStatus;

use super::create_lottery::{check_config, check_source_account, write_config};
use crate::{
    args::ConfigArgs,
    errors::LotteryError,
    state::{CONFIG_LEN, Config, Lottery, Registry},
};

/// Accounts: `operator` [writable, signer], `registry` [], `source` [] (the beacon, or the oracle set; the zero address for other
/// sources), `lottery`
/// [writable], `config` [writable], `system_program` [].
#[derive(Accounts)]
#[instruction(args: ConfigArgs, rules: &[u8])]
pub struct UpdateConfig {
    #[account(mut)]
    pub operator: Signer,
    pub registry: Account<Registry>,
    /// The account of the source of randomness or facts.
    pub source: UncheckedAccount,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(init, payer = operator, space = CONFIG_LEN + rules.len(),
        seeds = [b"config", lottery.address().as_ref(), &lottery.config_count.to_le_bytes()], bump)]
    pub config: Account<Config>,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<UpdateConfig>, args: ConfigArgs, rules: &[u8]) -> Result<()> {
    let bump = ctx.bumps.config;
    let UpdateConfig { operator, registry, source, lottery, config, .. } = &mut ctx.accounts;
    registry.require_running()?;
    lottery.require_operator(operator.address())?;
    require!(lottery.status != LotteryStatus::Completed as u8, LotteryError::WrongStatus);
    require!(args.kind == lottery.kind, LotteryError::WrongKind);
    // Rollover decides the order in which rounds are finalised: fixed for life.
    let rollover = check_config(registry, &args, rules)?;
    require!(rollover as u8 == lottery.rollover, LotteryError::InvalidConfig);
    let version = lottery.config_count;
    let clock = Clock::get()?;
    let schedule = check_source_account(source, &args, rules, &clock)?;
    let (key, payer) = (lottery.address(), operator.address());
    write_config(config, key, payer, version, bump, &args, schedule, rules, clock.slot);
    lottery.config = *config.address();
    lottery.config_version = version;
    lottery.config_count = version.checked_add(1).ok_or(LotteryError::MathOverflow)?;
    lottery.invariant()
}
