use anchor_lang::{AnchorAccount, prelude::*};
use bytemuck::Zeroable;
use lottery_interface::{
    kinds::{LotteryStatus, PageStatus, RoundStatus},
    paging::page_space,
};

use super::open_round::{lock_after, next_lock, set_lock};
use crate::{
    errors::LotteryError,
    state::{Attestation, Config, Lottery, Page, Round, market_tail},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `config` [], `round` [writable], then every
/// page of the round [writable], by sequence.
#[derive(Accounts)]
pub struct RetimeRound {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    pub config: Account<Config>,
    #[account(mut)]
    pub round: Account<Round>,
}

/// An empty round is not drawn: it locks later. Unpaid, because it can be repeated without end.
pub fn handler(ctx: &mut Context<RetimeRound>) -> Result<()> {
    let pages = ctx.remaining_accounts()?;
    let RetimeRound { lottery, config, round, .. } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    round.require_config(config.address())?;
    let clock = Clock::get()?;
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    round.require_locked(&clock)?;
    lottery.require_status(LotteryStatus::Active)?;
    // A lottery that retires waits for its rounds: they end, if only without entries.
    require!(lottery.retiring == 0 || round.is_last != 0, LotteryError::Retiring);
    require_empty(round, &pages)?;

    // Only the newest two rounds may take entries: `pause_lottery` relies on it.
    let locks_at = match lottery.next_round_index - round.index {
        1 => {
            lottery.last_locks_at = next_lock(lottery, &clock)?;
            lottery.last_locks_at
        }
        2 => {
            lottery.previous_locks_at = lock_after(lottery, &clock, lottery.last_locks_at)?;
            lottery.previous_locks_at
        }
        _ => return Err(LotteryError::WrongRound.into()),
    };
    set_lock(round, locks_at, config, &clock)?;
    round.captured_slot = 0;
    round.slot_hash = [0; 32];
    round.sealed_digest = [0; 32];
    round.pages_sealed = 0;
    round.pages_settled = 0;
    // What was attested is of the event that nobody bet on.
    let (pools, attestations) = market_tail(round)?;
    pools.fill(0);
    attestations.fill(Attestation::zeroed());
    round.retimes = round.retimes.saturating_add(1);
    round.log_change();
    lottery.invariant()?;
    round.invariant()
}

/// Every page is here, by sequence, and has no entry. Pages sealed too soon open again.
fn require_empty(round: &Account<Round>, views: &[AccountView]) -> Result<()> {
    require!(views.len() == round.page_count as usize, LotteryError::PagesMissing);
    for (sequence, view) in views.iter().enumerate() {
        // SAFETY: each page can match only its own sequence, so none is loaded twice.
        let mut page = unsafe { Account::<Page>::load_mut(*view)? };
        page.require_round(round.address())?;
        require!(page.sequence as usize == sequence, LotteryError::PagesMissing);
        require!(page.count == 0, LotteryError::RoundNotEmpty);
        if page.status > PageStatus::Open as u8 {
            let grown = page.current_space() == page_space(page.capacity, page.tail_words);
            page.status = if grown { PageStatus::Open } else { PageStatus::Growing } as u8;
        }
    }
    Ok(())
}
