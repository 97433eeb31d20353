//! Lotteries.

use crate::Address;

crate::layout! {$ lottery_layout:
    /// A game that runs round after round. Address: `["lottery", id as u64]`.
    pub struct Lottery {
        pub operator: Address,
        pub pauser: Address,
        pub treasurer: Address,
        pub pending_operator: Address,
        pub pending_pauser: Address,
        pub pending_treasurer: Address,
        pub mint: Address,
        /// The current config, used by rounds that open from now on.
        pub config: Address,
        pub rent_payer: Address,
        /// UTF-8, padded with zeros.
        pub name: [u8; 32],
        /// Folds every final or void round: `rules::seed::history_head`.
        pub history_head: [u8; 32],
        /// Commit-reveal: the last revealed link of the operator's hash chain.
        pub chain_head: [u8; 32],
        /// Position of `chain_head` in the chain; the public commit is position 0.
        pub chain_position: u64,
        /// Position whose reveal the next round will use.
        pub chain_next: u64,
        /// Last position of the chain.
        pub chain_length: u64,
        pub id: u64,
        /// Index of the next round to open; indexes start at 0 and are never reused.
        pub next_round_index: u64,
        /// Rounds finalised, voids counted. A rollover lottery finalises strictly by index, so there
        /// it is also the only index that can be finalised next.
        pub next_final_index: u64,
        pub created_at: i64,
        /// When the newest round locks.
        pub last_locks_at: i64,
        /// When the newest round but one locks.
        pub previous_locks_at: i64,
        pub jackpot_units: u64,
        /// House games: the operator's money that no page has reserved.
        pub bankroll_free_units: u64,
        /// Budgets of pages, until their round is final or counted as void.
        pub bankroll_reserved_units: u64,
        pub bond_free_units: u64,
        pub bond_reserved_units: u64,
        /// Rollover lotteries: the most that the rounds not finalised yet take in together, and so could still add to the
        /// jackpot.
        pub unfinalised_pools_units: u64,
        pub fees_units: u64,
        /// Owed to the treasury: dust, slashed bonds, expired prizes.
        pub treasury_due_units: u64,
        /// Prepaid rewards, held by this account above its rent.
        pub crank_lamports: u64,
        /// House games: the most that one ticket may stake, and the least.
        pub max_stake_units: u64,
        pub min_stake_units: u64,
        /// House games: what one page reserves from the bankroll; its worst case stays within it.
        pub page_budget_units: u64,
        /// House games: budgets of one round's pages together.
        pub max_liability_units: u64,
        pub config_version: u32,
        pub config_count: u32,
        /// Entries of one page.
        pub page_entries: u32,
        /// Pages of one round.
        pub max_pages: u32,
        pub max_entries_per_round: u32,
        /// 0: no limit.
        pub max_entries_per_player: u32,
        pub period_seconds: u32,
        /// 0: rounds follow each other. Else they lock when unix time is so many seconds past a multiple of the period.
        pub lock_offset_seconds: u32,
        /// Reward of one transition (open, seal, draw, ...).
        pub reward_step_lamports: u32,
        /// Reward of one entry settled, paid or refunded.
        pub reward_item_lamports: u32,
        /// Round accounts that exist.
        pub live_rounds: u32,
        pub kind: u8,
        pub status: u8,
        /// 1: the next round to open is the last; 2: it is open.
        pub retiring: u8,
        pub rollover: u8,
        pub bump: u8,
        pub reserved: [u8; 7],
    }
}
