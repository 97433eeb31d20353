use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::errors::LotteryError;

lottery_interface::page_layout!(#[account]);
lottery_interface::entry_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

/// Bytes before the first entry.
pub const PAGE_LEN: usize = 8 + size_of::<Page>();

/// Bytes before entry `index`.
#[inline(always)]
fn entry_offset(index: u32) -> usize {
    PAGE_LEN + index as usize * size_of::<Entry>()
}

/// Entries `from..to` of a page, which is the account's own memory.
#[inline(always)]
pub fn page_entries(page: &mut Account<Page>, from: u32, to: u32) -> Result<&mut [Entry]> {
    let mut view = *page.account();
    require!(from <= to && entry_offset(to) <= view.data_len(), LotteryError::ItemOutOfRange);
    // SAFETY: in bounds by the check above; account data is 8-aligned and both PAGE_LEN and the size of
    // an entry are multiples of 8; `page` stays borrowed mutably as long as the slice lives, and its
    // own pointer covers only the bytes before PAGE_LEN.
    Ok(unsafe {
        core::slice::from_raw_parts_mut(
            view.data_mut_ptr().add(entry_offset(from)).cast::<Entry>(),
            (to - from) as usize,
        )
    })
}

/// What follows the entries: a market's stakes on each outcome, a list's used leaves.
#[inline(always)]
pub fn page_tail(page: &mut Account<Page>) -> Result<&mut [u64]> {
    let (from, count) = (entry_offset(page.capacity), page.tail_words as usize);
    let mut view = *page.account();
    require!(from + count * size_of::<u64>() <= view.data_len(), LotteryError::ItemOutOfRange);
    // SAFETY: as for `page_entries`; the tail begins where the last entry ends.
    Ok(unsafe { core::slice::from_raw_parts_mut(view.data_mut_ptr().add(from).cast::<u64>(), count) })
}

/// Entries `from..to` of a page, and what follows the entries: two parts of the account's own memory.
#[inline(always)]
pub fn page_free(page: &mut Account<Page>, from: u32, to: u32) -> Result<(&mut [Entry], &mut [u64])> {
    let tail: *mut [u64] = page_tail(page)?;
    let entries = page_entries(page, from, to.min(page.capacity))?;
    // SAFETY: the tail begins where the last entry of the page's capacity ends, so the two do not overlap; both live as
    // long as the borrow of `page`.
    Ok((entries, unsafe { &mut *tail }))
}

impl Page {
    pub fn require_round(&self, round: &Address) -> Result<()> {
        require!(self.round == *round, LotteryError::WrongPage);
        Ok(())
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.count <= self.capacity
                && self.settle_cursor <= self.count
                && self.winners <= self.settle_cursor
                && self.paid <= self.winners
                && self.refunded <= self.count
                && self.liability_units <= self.budget_units
                && self.prizes_units <= self.liability_units,
            LotteryError::InvariantViolated
        );
        Ok(())
    }
}
