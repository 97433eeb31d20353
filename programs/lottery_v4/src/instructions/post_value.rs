use anchor_lang::prelude::*;
use lottery_interface::{Source, kinds::RoundStatus};
use lottery_rules::commit_reveal;

use crate::{
    errors::LotteryError,
    hash::Syscall,
    restart,
    state::{Round, load_beacon, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `beacon` [] (the zero address for commit-reveal).
#[derive(Accounts)]
pub struct PostValue {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub beacon: UncheckedAccount,
}

/// Stores the random value. It needs only the round: one cheap transaction by anyone ends every option to
/// void, and everything after is arithmetic.
pub fn handler(ctx: &mut Context<PostValue>, proof: &[u8]) -> Result<()> {
    let PostValue { cranker, round, beacon } = &mut ctx.accounts;
    require!(!round.is(RoundStatus::Void), LotteryError::RoundNotOpen);
    require!(round.is(RoundStatus::Open), LotteryError::ValueAlreadyPosted);
    let clock = Clock::get()?;
    round.require_locked(&clock)?;
    match Source::from_byte(round.source) {
        Some(Source::CommitReveal) => reveal(round, proof)?,
        Some(Source::Beacon) => signature(round, beacon, proof, &clock)?,
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

/// The beacon's signature of the round that was fixed when this one opened. Not while chain time is before the lock, when it
/// would be early (`prove_early`), nor after a restart of the cluster, which may have set time back: so that nobody can choose
/// between a value and a void.
fn signature(round: &mut Round, beacon: &UncheckedAccount, proof: &[u8], clock: &Clock) -> Result<()> {
    require!(clock.unix_timestamp >= round.locks_at, LotteryError::RoundNotLocked);
    require!(!restart::is_since(round.opened_slot)?, LotteryError::ClusterRestarted);
    round.value = load_beacon(beacon, &round.beacon)?.verify(round.beacon_round, proof)?;
    Ok(())
}
