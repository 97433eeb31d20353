use anchor_lang::prelude::*;
use lottery_interface::{args::MAX_GROWTH, kinds::PageStatus, paging::page_space};

use crate::{errors::LotteryError, state::Page};

/// Accounts: `page` [writable].
#[derive(Accounts)]
pub struct GrowPage {
    #[account(mut)]
    pub page: Account<Page>,
}

/// Anyone may; the rent is already there.
pub fn handler(ctx: &mut Context<GrowPage>) -> Result<()> {
    let page = &mut ctx.accounts.page;
    require!(page.status == PageStatus::Growing as u8, LotteryError::PageSizeReached);
    let size = page_space(page.capacity, page.tail_words);
    let next = size.min(page.current_space() + MAX_GROWTH);
    let mut view = *page.account();
    let payer = *page.account();
    anchor_lang::realloc_account(&mut view, next, &payer, false)?;
    if next == size {
        page.status = PageStatus::Open as u8;
    }
    page.invariant()
}
