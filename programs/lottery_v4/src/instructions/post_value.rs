use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};
use lottery_rules::commit_reveal;

use crate::{
    errors::LotteryError,
    hash::Syscall,
    state::{Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable].
#[derive(Accounts)]
pub struct PostValue {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
}

/// Stores the random value. It needs only the round: one cheap transaction by anyone ends every option to
/// void, and everything after is arithmetic.
pub fn handler(ctx: &mut Context<PostValue>, proof: &[u8]) -> Result<()> {
    let PostValue { cranker, round } = &mut ctx.accounts;
    require!(!round.is(RoundStatus::Void), LotteryError::RoundNotOpen);
    require!(round.is(RoundStatus::Open), LotteryError::ValueAlreadyPosted);
    round.require_locked(&Clock::get()?)?;
    match Source::from_byte(round.source) {
        Some(Source::CommitReveal) => reveal(round, proof)?,
        _ => return Err(LotteryError::SourceNotAllowed.into()),
    }
    round.status = RoundStatus::Valued as u8;
    pay_reward(round, cranker, 1, 0)?;
    round.log_change();
    round.invariant()
}

/// The operator's reveal, which the commit binds, mixed with a slot hash that nobody knew before lock.
fn reveal(round: &mut Round, proof: &[u8]) -> Result<()> {
    require!(round.captured_slot != 0, LotteryError::SlotHashMissing);
    let reveal: [u8; 32] = proof.try_into().map_err(|_| LotteryError::RevealMismatch)?;
    require!(
        commit_reveal::verify::<Syscall>(&reveal, &round.commit, round.commit_distance),
        LotteryError::RevealMismatch
    );
    round.reveal = reveal;
    round.value = commit_reveal::value::<Syscall>(&reveal, &round.slot_hash);
    Ok(())
}
