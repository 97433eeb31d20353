use anchor_lang::{
    AnchorAccount, Discriminator,
    prelude::*,
    system_program::{self, Transfer},
};
use lottery_interface::{
    args::MAX_GROWTH,
    kinds::{PageStatus, RoundStatus},
    paging::{NextPage, is_full_enough, page_space},
};

use lottery_rules::house::max_prize;

use crate::{
    errors::{LotteryError, add, sub},
    kinds,
    state::{Lottery, Page, Round, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `lottery` [writable], `round` [writable], `previous` [], `page` [writable],
/// `system_program` [].
#[derive(Accounts)]
pub struct OpenPage {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub lottery: Account<Lottery>,
    #[account(mut)]
    pub round: Account<Round>,
    /// The page before this one; for the first page any account.
    pub previous: UncheckedAccount,
    #[account(mut, seeds = [b"page", round.address().as_ref(), &round.page_count.to_le_bytes()], bump)]
    pub page: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn handler(ctx: &mut Context<OpenPage>) -> Result<()> {
    let bump = ctx.bumps.page;
    let OpenPage { cranker, lottery, round, previous, page, .. } = &mut ctx.accounts;
    round.require_lottery(lottery.address())?;
    let clock = Clock::get()?;
    require!(round.is(RoundStatus::Open), LotteryError::RoundNotOpen);
    require!(!round.is_locked(&clock), LotteryError::RoundLocked);
    require!(round.page_count < round.max_pages, LotteryError::TooManyPages);
    let sequence = round.page_count;
    if sequence > 0 {
        require_full_enough(previous, round, sequence - 1)?;
    }
    let capacity = round.page_entries.min(round.max_entries - round.entries_allotted);
    require!(capacity > 0, LotteryError::RoundFull);

    let budget_units = reserve_budget(lottery, round)?;

    let tail_words = kinds::page_tail_words(round, capacity)?;
    let space = page_space(capacity, tail_words);
    let mut page = create(cranker, page, round.address(), sequence, bump, space)?;
    page.round = *round.address();
    page.rent_payer = *cranker.address();
    page.sequence = sequence;
    page.capacity = capacity;
    page.budget_units = budget_units;
    page.tail_words = tail_words;
    page.status = if space <= MAX_GROWTH { PageStatus::Open } else { PageStatus::Growing } as u8;
    page.bump = bump;

    round.page_count += 1;
    round.entries_allotted += capacity;
    pay_reward(round, cranker, 1, 0)?;
    page.invariant()?;
    lottery.invariant()?;
    round.invariant()
}

/// A house game's page takes its budget from the free bankroll, and from what the round may risk in all.
fn reserve_budget(lottery: &mut Lottery, round: &mut Round) -> Result<u64> {
    if round.max_liability_units == 0 {
        return Ok(0);
    }
    let left = sub(round.max_liability_units, round.budget_units)?;
    let budget = round.page_budget_units.min(left);
    // What is left may be too little for even one ticket.
    require!(budget > 0 && max_prize(budget) >= round.min_stake_units, LotteryError::LiabilityCapReached);
    lottery.bankroll_free_units =
        lottery.bankroll_free_units.checked_sub(budget).ok_or(LotteryError::BankrollTooLow)?;
    lottery.bankroll_reserved_units = add(lottery.bankroll_reserved_units, budget)?;
    round.budget_units += budget;
    Ok(budget)
}

/// Pages are opened in order, each when the one before is at least 75 % full; so all open ones are. Raffles have rules of their
/// own.
fn require_full_enough(previous: &UncheckedAccount, round: &Account<Round>, sequence: u32) -> Result<()> {
    let previous = Account::<Page>::load(*previous.account())?;
    require!(previous.round == *round.address() && previous.sequence == sequence, LotteryError::WrongPage);
    let (count, capacity) = (previous.count, previous.capacity);
    let is_enough = match kinds::next_page(round)? {
        NextPage::MostlyFull => {
            is_full_enough(count, capacity, previous.liability_units, previous.budget_units)
        }
        NextPage::Full => count == capacity,
        NextPage::AtOnce => true,
    };
    require!(is_enough, LotteryError::TooEarlyForPage);
    Ok(())
}

/// Creates the page account with the rent of its full size but at most `MAX_GROWTH` bytes, the most that one
/// instruction may add. `grow_page` adds the rest.
fn create(
    cranker: &mut Signer,
    page: &mut UncheckedAccount,
    round: &Address,
    sequence: u32,
    bump: u8,
    space: usize,
) -> Result<Account<Page>> {
    let first = space.min(MAX_GROWTH);
    let seeds: [&[u8]; 4] = [b"page", round.as_ref(), &sequence.to_le_bytes(), &[bump]];
    anchor_lang::create_account_signed(cranker.account(), page.account(), first, &crate::ID, &seeds)?;
    let rent = anchor_lang::cpi::rent_exempt_lamports(space)?;
    let missing = rent.saturating_sub(page.account().lamports());
    if missing > 0 {
        let transfer = Transfer { from: cranker.cpi_handle_mut(), to: page.cpi_handle_mut() };
        system_program::transfer(CpiContext::new(&System::id(), transfer), missing)?;
    }
    let mut view = *page.account();
    // SAFETY: created above; nothing else points into it.
    unsafe {
        view.borrow_unchecked_mut()[..8].copy_from_slice(Page::DISCRIMINATOR);
        Account::<Page>::load_mut(view)
    }
}
