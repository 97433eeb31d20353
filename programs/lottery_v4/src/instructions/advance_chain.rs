use anchor_lang::prelude::*;
use lottery_rules::commit_reveal;

use crate::{errors::LotteryError, hash::Syscall, state::Lottery};

/// Accounts: `lottery` [writable].
#[derive(Accounts)]
pub struct AdvanceChain {
    #[account(mut)]
    pub lottery: Account<Lottery>,
}

/// Rounds that became void never revealed their links, and a round cannot open too far from the last reveal. Once all
/// of them are counted, anyone who knows a later link, which is the operator, may publish it.
pub fn handler(ctx: &mut Context<AdvanceChain>, reveal: [u8; 32], distance: u8) -> Result<()> {
    let lottery = &mut ctx.accounts.lottery;
    // A later link gives away every earlier one: none may still decide a round.
    require!(lottery.unfinalised() == 0, LotteryError::ChainInUse);
    let position = lottery.chain_position.saturating_add(distance as u64);
    require!(position < lottery.chain_next, LotteryError::ChainNotBehind);
    require!(
        commit_reveal::verify::<Syscall>(&reveal, &lottery.chain_head, distance),
        LotteryError::RevealMismatch
    );
    lottery.chain_head = reveal;
    lottery.chain_position = position;
    lottery.invariant()
}
