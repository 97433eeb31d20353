use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::errors::LotteryError;

lottery_interface::page_layout!(#[account]);
lottery_interface::entry_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

/// Bytes before the first entry.
pub const PAGE_LEN: usize = 8 + size_of::<Page>();

/// Length of a page account of this capacity.
pub fn page_space(capacity: u32) -> usize {
    PAGE_LEN + capacity as usize * size_of::<Entry>()
}

/// Entries `from..to` of a page, which is the account's own memory.
#[inline(always)]
pub fn page_entries(page: &mut Account<Page>, from: u32, to: u32) -> Result<&mut [Entry]> {
    let mut view = *page.account();
    require!(from <= to && page_space(to) <= view.data_len(), LotteryError::ItemOutOfRange);
    // SAFETY: in bounds by the check above; account data is 8-aligned and both PAGE_LEN and the size of
    // an entry are multiples of 8; `page` stays borrowed mutably as long as the slice lives, and its
    // own pointer covers only the bytes before PAGE_LEN.
    Ok(unsafe {
        core::slice::from_raw_parts_mut(
            view.data_mut_ptr().add(page_space(from)).cast::<Entry>(),
            (to - from) as usize,
        )
    })
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
