use anchor_lang::prelude::*;

use crate::{errors::LotteryError, state::Lottery};

/// Accounts: `operator` [signer], `lottery` [writable].
#[derive(Accounts)]
pub struct SetChain {
    pub operator: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Commits to a chain before any round uses it: never while a round is not final.
pub fn handler(ctx: &mut Context<SetChain>, commit: [u8; 32], length: u64) -> Result<()> {
    let SetChain { operator, lottery } = &mut ctx.accounts;
    lottery.require_operator(operator.address())?;
    require!(length > 0 && commit != [0; 32], LotteryError::InvalidLimits);
    require!(lottery.unfinalised() == 0, LotteryError::ChainInUse);
    lottery.chain_head = commit;
    lottery.chain_position = 0;
    lottery.chain_next = 1;
    lottery.chain_length = length;
    lottery.invariant()
}
