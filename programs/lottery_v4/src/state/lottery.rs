use anchor_lang::prelude::*;
use lottery_interface::kinds::{LotteryStatus, Role};

use crate::errors::LotteryError;

lottery_interface::lottery_layout!(#[account]);

impl Lottery {
    pub fn require_status(&self, status: LotteryStatus) -> Result<()> {
        require!(self.status == status as u8, LotteryError::WrongStatus);
        Ok(())
    }

    pub fn require_operator(&self, signer: &Address) -> Result<()> {
        require!(self.operator == *signer, LotteryError::Unauthorized);
        Ok(())
    }

    /// The holder of a role, and who was proposed to be the next.
    pub fn role(&mut self, role: Role) -> (&mut Address, &mut Address) {
        match role {
            Role::Operator => (&mut self.operator, &mut self.pending_operator),
            Role::Pauser => (&mut self.pauser, &mut self.pending_pauser),
            Role::Treasurer => (&mut self.treasurer, &mut self.pending_treasurer),
        }
    }

    /// Rounds that were opened but are not yet in the history.
    pub fn unfinalised(&self) -> u64 {
        self.next_round_index.saturating_sub(self.next_final_index)
    }

    /// A retiring lottery is completed once every round is final and no jackpot is left to win.
    pub fn complete_if_done(&mut self) {
        if self.retiring != 0 && self.unfinalised() == 0 && self.jackpot_units == 0 {
            self.status = LotteryStatus::Completed as u8;
        }
    }

    /// Money that is not a player's but would be lost if this account were closed.
    pub fn is_empty(&self) -> bool {
        self.jackpot_units == 0
            && self.bankroll_free_units == 0
            && self.bankroll_reserved_units == 0
            && self.bond_free_units == 0
            && self.bond_reserved_units == 0
            && self.fees_units == 0
            && self.treasury_due_units == 0
    }

    /// The most that one round can cost in rewards.
    pub fn worst_case_rewards(&self) -> Result<u64> {
        lottery_interface::rewards::worst_case_lamports(
            self.kind,
            self.max_pages,
            self.max_entries_per_round,
            self.reward_step_lamports,
            self.reward_item_lamports,
        )
        .ok_or_else(|| LotteryError::MathOverflow.into())
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.next_final_index <= self.next_round_index
                && self.chain_position <= self.chain_next
                && (self.status != LotteryStatus::Completed as u8 || self.jackpot_units == 0),
            LotteryError::InvariantViolated
        );
        Ok(())
    }
}
