use anchor_lang::prelude::*;
use lottery_interface::{
    bond::AtStake,
    kinds::{Kind, RoundStatus, VoidReason},
};

use crate::{
    errors::{LotteryError, mul},
    events::{self, RoundChanged},
    state::move_lamports,
};

lottery_interface::round_layout!(#[account]);

impl Round {
    pub fn is(&self, status: RoundStatus) -> bool {
        self.status == status as u8
    }

    pub fn require_lottery(&self, lottery: &Address) -> Result<()> {
        require!(self.lottery == *lottery, LotteryError::WrongLottery);
        Ok(())
    }

    pub fn require_config(&self, config: &Address) -> Result<()> {
        require!(self.config == *config, LotteryError::WrongConfig);
        Ok(())
    }

    /// Entries are over. Both clocks are half-open: an entry needs both to be ahead.
    #[inline(always)]
    pub fn is_locked(&self, clock: &Clock) -> bool {
        clock.unix_timestamp >= self.locks_at || clock.slot >= self.lock_slot
    }

    pub fn require_locked(&self, clock: &Clock) -> Result<()> {
        require!(self.is_locked(clock), LotteryError::RoundNotLocked);
        Ok(())
    }

    pub fn all_sealed(&self) -> bool {
        self.pages_sealed == self.page_count
    }

    /// Stakes come back: of a void round, or when nobody won and nothing rolls over.
    pub fn refunds(&self) -> bool {
        self.is(RoundStatus::Void) || self.refund_all != 0
    }

    /// Nothing more will be paid or refunded.
    pub fn owes_nothing(&self) -> bool {
        self.expired != 0
            || (self.refunds() && self.all_sealed() && self.refunded == self.entries)
            || (self.is(RoundStatus::Final)
                && self.refund_all == 0
                && self.winners_paid == self.winners_total)
    }

    /// Voids this round; `now` starts the claim period.
    pub fn void(&mut self, reason: VoidReason, now: i64) {
        self.status = RoundStatus::Void as u8;
        self.void_reason = reason as u8;
        self.final_at = now;
        self.claim_until = now.saturating_add(self.claim_seconds as i64);
    }

    /// What an entry of a void round, or of one that nobody won, gets back.
    pub fn refund_units(&self, stake_units: u64) -> Result<u64> {
        let is_slashed = self.slashed_units > 0;
        lottery_rules::refund::refund(
            stake_units,
            self.bonus_each_units,
            is_slashed,
            self.compensation_cap_bps,
        )
        .ok_or_else(|| LotteryError::MathOverflow.into())
    }

    /// The most that this round can add to a jackpot: all that it can take in, if what nobody wins rolls over.
    pub fn rolling_pool_units(&self, rollover: u8) -> Result<u64> {
        if rollover == 0 {
            return Ok(0);
        }
        AtStake::pool_units(self.stake_units, self.max_entries)
            .ok_or_else(|| LotteryError::MathOverflow.into())
    }

    pub fn log_change(&self) {
        events::log(&RoundChanged {
            lottery_id: self.lottery_id,
            round_index: self.index,
            entries: self.entries,
            pool_units: self.pool_units,
            // So that logs alone tell what every instant ticket won.
            result: if self.kind == Kind::Instant as u8 { self.seed } else { self.result },
            status: self.status,
            void_reason: self.void_reason,
            reserved: [0; 6],
        });
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.pages_settled <= self.pages_sealed
                && self.pages_sealed <= self.page_count
                && self.page_count <= self.max_pages
                && self.entries <= self.entries_allotted as u64
                && self.entries_allotted <= self.max_entries
                && self.winners_paid <= self.winners_total
                && self.refunded <= self.entries
                && self.budget_units <= self.max_liability_units
                && self.liability_units <= self.budget_units,
            LotteryError::InvariantViolated
        );
        Ok(())
    }
}

/// Pays a cranker for `steps` transitions and `items` entries from what the round reserved. The reserve
/// covers the worst case; should it ever not, the crank goes on unpaid rather than stop.
pub fn pay_reward(round: &mut Account<Round>, cranker: &Signer, steps: u64, items: u64) -> Result<()> {
    let lamports = crate::errors::add(
        mul(steps, round.reward_step_lamports as u64)?,
        mul(items, round.reward_item_lamports as u64)?,
    )?
    .min(round.crank_lamports);
    round.crank_lamports -= lamports;
    move_lamports(round, cranker, lamports)
}
