use anchor_lang::prelude::*;

use crate::{
    errors::{LotteryError, add},
    state::{Lottery, Round, close_account, move_lamports, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable], `rent_payer` [writable].
#[derive(Accounts)]
pub struct CloseRound {
    #[account(mut, unsafe(dup))]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut, unsafe(dup))]
    pub rent_payer: UncheckedAccount,
}

/// What is left of a slashed bond goes to the treasury; back to the bond if nobody had entered.
pub fn handler(ctx: &mut Context<CloseRound>) -> Result<()> {
    let CloseRound { cranker, lottery, round, rent_payer } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    require!(round.rent_payer == *rent_payer.address(), LotteryError::WrongRentPayer);
    require!(round.finalised != 0, LotteryError::NotFinal);
    require!(round.owes_nothing(), LotteryError::StillOwes);
    require!(round.pages_closed == round.page_count, LotteryError::PagesNotClosed);
    if round.entries == 0 {
        lottery.bond_free_units = add(lottery.bond_free_units, round.cash_units)?;
    } else {
        lottery.treasury_due_units = add(lottery.treasury_due_units, round.cash_units)?;
    }
    round.cash_units = 0;
    pay_reward(round, cranker, 1, 0)?;
    lottery.crank_lamports = add(lottery.crank_lamports, round.crank_lamports)?;
    move_lamports(round, lottery, round.crank_lamports)?;
    lottery.live_rounds -= 1;
    lottery.invariant()?;
    close_account(round.account(), rent_payer)
}
