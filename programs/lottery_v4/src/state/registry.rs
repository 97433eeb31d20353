use anchor_lang::prelude::*;

use crate::errors::LotteryError;

lottery_interface::registry_layout!(#[account]);

impl Registry {
    pub fn require_running(&self) -> Result<()> {
        require!(self.paused == 0, LotteryError::RegistryPaused);
        Ok(())
    }

    pub fn require_authority(&self, signer: &Address) -> Result<()> {
        require!(self.authority == *signer, LotteryError::Unauthorized);
        Ok(())
    }
}
