use anchor_lang::prelude::*;

use crate::errors::LotteryError;

lottery_interface::vault_layout!(#[account]);

impl Vault {
    /// `held_units` is what the vault holds right now.
    pub fn invariant(&self, held_units: u64) -> Result<()> {
        require!(held_units >= self.total_units, LotteryError::InvariantViolated);
        Ok(())
    }
}
