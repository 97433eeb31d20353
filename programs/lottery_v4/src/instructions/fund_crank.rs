use anchor_lang::{
    prelude::*,
    system_program::{self, Transfer},
};

use crate::{
    errors::{LotteryError, add},
    state::Lottery,
};

/// Accounts: `from` [writable, signer], `lottery` [writable], `system_program` [].
#[derive(Accounts)]
pub struct FundCrank {
    #[account(mut)]
    pub from: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    pub system_program: Program<System>,
}

/// Anyone may; only the operator can take back what no round has reserved.
pub fn handler(ctx: &mut Context<FundCrank>, amount_lamports: u64) -> Result<()> {
    let FundCrank { from, lottery, system_program } = &mut ctx.accounts;
    require!(amount_lamports > 0, LotteryError::ZeroAmount);
    let transfer = Transfer { from: from.cpi_handle_mut(), to: lottery.cpi_handle_mut() };
    system_program::transfer(CpiContext::new(system_program.address(), transfer), amount_lamports)?;
    lottery.crank_lamports = add(lottery.crank_lamports, amount_lamports)?;
    lottery.invariant()
}
