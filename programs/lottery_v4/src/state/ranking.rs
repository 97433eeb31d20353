use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use lottery_interface::{accounts::ranking_counts_len, kinds::RankingStatus};

use crate::errors::LotteryError;

lottery_interface::ranking_layout!(#[account]);
lottery_interface::ranked_entry_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

/// Bytes before the counts.
const RANKING_LEN: usize = 8 + size_of::<Ranking>();

/// What a page's count is once the page is counted.
pub const COUNTED: u32 = u32::MAX;

/// Entries counted on each page, and the entries found: two parts of the account's own memory.
pub fn ranking_parts(ranking: &mut Account<Ranking>) -> Result<(&mut [u32], &mut [RankedEntry])> {
    require!(ranking.status != RankingStatus::Growing as u8, LotteryError::RankingGrowing);
    let (pages, slots) = (ranking.page_count as usize, ranking.slots as usize);
    let from = RANKING_LEN + ranking_counts_len(ranking.page_count);
    let mut view = *ranking.account();
    require!(from + slots * size_of::<RankedEntry>() <= view.data_len(), LotteryError::InvariantViolated);
    // SAFETY: in bounds by the check above; account data is 8-aligned, and both offsets are multiples of 8; the two parts do
    // not overlap; `ranking` stays borrowed mutably as long as the slices live, and its own pointer covers only the bytes
    // before RANKING_LEN.
    unsafe {
        let start = view.data_mut_ptr();
        Ok((
            core::slice::from_raw_parts_mut(start.add(RANKING_LEN).cast::<u32>(), pages),
            core::slice::from_raw_parts_mut(start.add(from).cast::<RankedEntry>(), slots),
        ))
    }
}

impl Ranking {
    pub fn require_round(&self, round: &Address) -> Result<()> {
        require!(self.round == *round, LotteryError::WrongRanking);
        Ok(())
    }

    /// Too many entries, or too few on all pages.
    pub fn is_wrong(&self) -> bool {
        self.found > self.slots || (self.pages_counted == self.page_count && self.found < self.slots)
    }
}
