use anchor_lang::prelude::*;

use crate::errors::LotteryError;

lottery_interface::oracle_set_layout!(#[account]);

impl OracleSet {
    /// The place of a reporter in the set.
    pub fn place(&self, reporter: &Address) -> Result<usize> {
        let taken = self.reporters.iter().take(self.reporter_count as usize);
        taken
            .enumerate()
            .find(|(_, other)| anchor_lang::address_eq(other, reporter))
            .map(|(place, _)| place)
            .ok_or_else(|| LotteryError::NotAReporter.into())
    }
}
