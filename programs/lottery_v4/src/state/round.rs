use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
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
lottery_interface::attestation_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);
lottery_interface::raffle_state_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

/// Bytes before the stakes on each outcome.
pub const ROUND_LEN: usize = 8 + size_of::<Round>();

/// A raffle's part of its round.
#[inline(always)]
pub fn raffle_state(round: &Account<Round>) -> Result<&RaffleState> {
    // SAFETY: only `store_raffle_state` writes there, and it borrows the round mutably.
    let data = unsafe { round.account().borrow_unchecked() };
    let bytes = data.get(ROUND_LEN..ROUND_LEN + size_of::<RaffleState>()).ok_or(LotteryError::NotRaffle)?;
    require!(round.kind == Kind::Raffle as u8, LotteryError::NotRaffle);
    bytemuck::try_from_bytes(bytes).map_err(|_| LotteryError::NotRaffle.into())
}

/// Writes a raffle's part of its round.
pub fn store_raffle_state(round: &mut Account<Round>, state: &RaffleState) -> Result<()> {
    raffle_state(round)?;
    let mut view = *round.account();
    // SAFETY: in bounds and of the right kind by the check above; nothing else points behind ROUND_LEN.
    unsafe {
        view.borrow_unchecked_mut()[ROUND_LEN..ROUND_LEN + size_of::<RaffleState>()]
            .copy_from_slice(bytemuck::bytes_of(state));
    }
    Ok(())
}

/// Bytes of a market's tail: the stakes on each outcome, and the attestation of each reporter.
pub fn market_tail_len(outcomes: u8, reporters: u8) -> usize {
    outcomes as usize * size_of::<u64>() + reporters as usize * size_of::<Attestation>()
}

/// Stakes on each outcome of a market, of the pages sealed so far, and what each reporter attested; both empty for other
/// kinds.
pub fn market_tail(round: &mut Account<Round>) -> Result<(&mut [u64], &mut [Attestation])> {
    let (outcomes, reporters) = (round.outcome_count, round.reporter_count);
    let mut view = *round.account();
    let end = ROUND_LEN + market_tail_len(outcomes, reporters);
    require!(end <= view.data_len(), LotteryError::ItemOutOfRange);
    // SAFETY: in bounds by the check above; account data is 8-aligned, and ROUND_LEN and the sizes of both items are
    // multiples of 8; `round` stays borrowed mutably as long as the slices live, and its own pointer covers only the
    // bytes before ROUND_LEN.
    unsafe {
        let pools = view.data_mut_ptr().add(ROUND_LEN).cast::<u64>();
        let attestations = pools.add(outcomes as usize).cast::<Attestation>();
        Ok((
            core::slice::from_raw_parts_mut(pools, outcomes as usize),
            core::slice::from_raw_parts_mut(attestations, reporters as usize),
        ))
    }
}

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

    /// A final raffle for places: an entry either has one, or is refunded.
    pub fn has_places(&self) -> bool {
        self.places != 0 && self.is(RoundStatus::Final)
    }

    /// Nothing more will be paid or refunded.
    pub fn owes_nothing(&self) -> bool {
        if self.expired != 0 {
            return true;
        }
        if self.refunds() {
            return self.all_sealed() && self.refunded == self.entries;
        }
        if self.has_places() {
            return self.refunded + self.winners_paid == self.entries;
        }
        self.is(RoundStatus::Final) && self.winners_paid == self.winners_total
    }

    /// Without a value the round may be voided from then on: after its grace, which an event delays.
    #[inline(always)]
    pub fn grace_until(&self) -> i64 {
        self.locks_at.max(self.event_at).saturating_add(self.grace_seconds as i64)
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
