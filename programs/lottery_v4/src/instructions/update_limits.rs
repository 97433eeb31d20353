use anchor_lang::prelude::*;

use super::create_lottery::{apply_limits, check_limits};
use crate::{args::LimitsArgs, kinds, state::Lottery};

/// Accounts: `operator` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct UpdateLimits {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

pub fn handler(ctx: &mut Context<UpdateLimits>, limits: LimitsArgs) -> Result<()> {
    let UpdateLimits { operator, lottery } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    check_limits(&limits, kinds::kind(lottery.kind)?)?;
    apply_limits(lottery, &limits);
    lottery.invariant()
}
