use anchor_lang::{address_eq, prelude::*};
use lottery_interface::{
    args::MAX_TICKETS,
    kinds::{PageStatus, RoundStatus},
};
use lottery_rules::{house::max_prize, seed::page_digest};

use crate::{
    errors::{LotteryError, add},
    events::{self, Entered},
    hash::Syscall,
    kinds::{self, Place},
    state::{Page, Round, Wallet, page_free},
};

/// Accounts: `authority` [signer], `wallet` [writable], `page` [writable], `round` [].
#[derive(Accounts)]
pub struct Enter {
    /// The wallet's owner or its session key.
    pub authority: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub page: Account<Page>,
    pub round: Account<Round>,
}

/// Writes only the player's wallet and one page. Tickets as numbers come first, then quick picks. A refusal after the
/// first change undoes all, since the instruction fails.
#[inline(always)]
pub fn handler(ctx: &mut Context<Enter>, quick_picks: u8, tickets: &[u8]) -> Result<()> {
    let Enter { authority, wallet, page, round } = &mut ctx.accounts;
    let clock = Clock::get()?;
    require!(address_eq(&page.round, round.address()), LotteryError::WrongPage);
    require!(address_eq(&wallet.mint, &round.mint), LotteryError::WrongMint);
    require!(round.status == RoundStatus::Open as u8, LotteryError::RoundNotOpen);
    require!(!round.is_locked(&clock), LotteryError::RoundLocked);
    require!(page.status == PageStatus::Open as u8, LotteryError::PageNotOpen);

    let (first, last) = (page.count, page.capacity.min(page.count + MAX_TICKETS as u32));
    let before = page.digest;
    let page_key = *page.address();
    let max_prize_units = max_prize(page.budget_units);
    let place = Place {
        wallet: wallet.address(),
        owner: &wallet.owner,
        page: &page_key,
        sequence: page.sequence,
        first,
        max_prize_units,
    };
    let (free, tail) = page_free(page, first, last)?;
    let bought = kinds::write_entries(round, &place, quick_picks, tickets, free, tail)?;
    let (count, cost) = (bought.count, bought.cost_units);
    let entries = &free[..count as usize];
    page.digest = page_digest::<Syscall>(&before, bytemuck::cast_slice(entries));
    page.count = first + count;
    page.cash_units = add(page.cash_units, cost)?;
    page.liability_units = add(page.liability_units, bought.liability_units)?;
    require!(page.liability_units <= page.budget_units, LotteryError::BudgetExceeded);

    let now = clock.unix_timestamp;
    wallet.authorise(authority.address(), round.lottery_id, now, cost)?;
    if round.max_entries_per_player != 0 {
        let limit = round.max_entries_per_player;
        wallet.count_entries(round.lottery_id, round.index, round.locks_at, now, count, limit)?;
    }
    wallet.balance_units = wallet.balance_units.checked_sub(cost).ok_or(LotteryError::InsufficientBalance)?;
    let busy_until = round.grace_until();
    if wallet.busy_until < busy_until {
        wallet.busy_until = busy_until;
    }

    events::log(&Entered {
        wallet: *wallet.address(),
        lottery_id: round.lottery_id,
        round_index: round.index,
        stake_units: cost,
        page_sequence: page.sequence,
        first_index: first,
        count,
        reserved: 0,
    });
    Ok(())
}
