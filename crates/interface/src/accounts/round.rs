//! Rounds.

use crate::Address;

crate::layout! {$ round_layout:
    /// One round of a lottery, read-only in `enter`. Address: `["round", lottery, index as u64]`. A round of kind
    /// `Prediction` is followed by the stakes on each outcome (u64, of the pages sealed so far) and the `Attestation` of
    /// each reporter; one of kind `Raffle` by its `RaffleState`.
    pub struct Round {
        pub lottery: Address,
        pub config: Address,
        pub mint: Address,
        pub rent_payer: Address,
        /// Commit-reveal: `sha256` applied `commit_distance` times to the reveal gives this.
        pub commit: [u8; 32],
        pub reveal: [u8; 32],
        pub slot_hash: [u8; 32],
        /// The random value; final once stored.
        pub value: [u8; 32],
        /// `rules::seed::round_seed`, once drawn.
        pub seed: [u8; 32],
        /// Folds the pages by sequence: `rules::seed::fold_page`.
        pub sealed_digest: [u8; 32],
        /// Kinds `Draw` and `Keno`: 16 bytes of picks, then the bonus ball. `Prediction`: the outcome in the first byte,
        /// from 0. `Raffle`, once ranked: the last standing with a rank, as key (u64), page and index (u32 each). `Instant` has a result for each entry and none here.
        pub result: [u8; 32],
        /// Beacon: the chain; zero for other sources.
        pub beacon: Address,
        /// Switchboard: the randomness account, from its commit on; zero before.
        pub randomness: Address,
        pub lottery_id: u64,
        pub index: u64,
        pub opened_at: i64,
        pub opened_slot: u64,
        /// Entries need `now < locks_at` and `slot < lock_slot`.
        pub locks_at: i64,
        pub lock_slot: u64,
        /// Commit-reveal: the first produced slot from here on is captured.
        pub target_slot: u64,
        /// Beacon: the round of the chain whose signature is the value.
        pub beacon_round: u64,
        /// The slot whose hash was captured, or that Switchboard's oracle signs over; 0 before.
        pub captured_slot: u64,
        /// Kind `Prediction`: reporters attest from then on; 0 for other kinds.
        pub event_at: i64,
        /// When the round became final or void, 0 before.
        pub final_at: i64,
        /// Prizes and refunds expire.
        pub claim_until: i64,
        pub stake_units: u64,
        /// Money in this round's box: sealed stakes, then unpaid prizes or refunds.
        pub cash_units: u64,
        /// All stakes sealed.
        pub pool_units: u64,
        pub fee_units: u64,
        /// Jackpot that was added to the top tier, or carried in by a round without any winner.
        pub jackpot_in_units: u64,
        /// Reserved from the lottery's bond when the round opened.
        pub bond_units: u64,
        /// Part of `cash_units` that came from a slashed bond.
        pub slashed_units: u64,
        /// Refunds pay this beyond the stake: a share of a last jackpot.
        pub bonus_each_units: u64,
        /// House games: limits of a ticket's stake.
        pub min_stake_units: u64,
        pub max_stake_units: u64,
        pub page_budget_units: u64,
        pub max_liability_units: u64,
        /// House games: reserved from the bankroll by the pages opened so far, until the round is finalised.
        pub budget_units: u64,
        /// All liability sealed.
        pub liability_units: u64,
        /// All prizes of settled pages; once final, all prizes of the round.
        pub prizes_units: u64,
        /// Kind `Prediction`: stakes on the outcome that came true.
        pub winning_units: u64,
        /// Kind `Prediction`: what the losers lose together; the fee is taken out of it.
        pub matched_units: u64,
        /// Rewards reserved for this round, held by this account above its rent.
        pub crank_lamports: u64,
        /// Kind `Draw`: prize of one winner of each tier.
        pub prize_each_units: [u64; 16],
        /// Winning entries of each tier.
        pub winners: [u64; 16],
        /// Entries sealed.
        pub entries: u64,
        /// Winning entries in all.
        pub winners_total: u64,
        pub winners_paid: u64,
        pub refunded: u64,
        /// Position in the operator's hash chain.
        pub chain_position: u64,
        pub config_version: u32,
        pub page_count: u32,
        pub pages_sealed: u32,
        pub pages_settled: u32,
        pub pages_closed: u32,
        pub max_pages: u32,
        pub page_entries: u32,
        /// Entries allotted to pages so far, at most `max_entries`.
        pub entries_allotted: u32,
        pub max_entries: u32,
        pub max_entries_per_player: u32,
        pub grace_seconds: u32,
        pub grace_slots: u32,
        pub claim_seconds: u32,
        pub reward_step_lamports: u32,
        pub reward_item_lamports: u32,
        /// How often an empty round was re-timed.
        pub retimes: u32,
        /// House games, copied from the rules: highest prize in parts of 10,000 of the stake, by spots (`Keno`) or
        /// in the first place (`Instant`); 0: not offered.
        pub max_multiplier_bps: [u32; 10],
        pub fee_bps: u16,
        pub compensation_cap_bps: u16,
        pub kind: u8,
        pub source: u8,
        pub status: u8,
        pub void_reason: u8,
        pub commit_distance: u8,
        /// Kind `Draw`: rules copied from the config, so that `enter` need not read it.
        pub picks: u8,
        pub numbers: u8,
        pub bonus_numbers: u8,
        pub rollover: u8,
        /// 1: the lottery's last round; its jackpot rolls down.
        pub is_last: u8,
        /// 1: nobody won and nothing rolls over: stakes are refunded.
        pub refund_all: u8,
        /// 1: counted in the lottery's order and history.
        pub finalised: u8,
        /// 1: the claim period is over and what was left is gone.
        pub expired: u8,
        pub bump: u8,
        /// Kind `Prediction`, copied from the rules.
        pub outcome_count: u8,
        pub reporter_count: u8,
        pub quorum: u8,
        /// Kind `Raffle`. 1: for places; who has none is refunded once the round is final.
        pub places: u8,
        pub reserved: [u8; 2],
    }
}

crate::layout! {$ attestation_layout:
    /// What one reporter attests.
    pub struct Attestation {
        /// `rules::prediction::Facts`.
        pub facts: [i64; 8],
        /// SHA-256 of what the reporter fetched and keeps.
        pub evidence: [u8; 32],
        /// 0: not yet.
        pub attested_at: i64,
    }
}

crate::layout! {$ raffle_state_layout:
    /// A raffle's part of its round: rules copied from the config, and how its places stand.
    pub struct RaffleState {
        pub root: [u8; 32],
        /// The accepted ranking; zero before.
        pub ranking: Address,
        /// The last standing with a rank, once ranked: `rules::raffle::Standing`.
        pub threshold_key: u64,
        pub threshold_page: u32,
        pub threshold_index: u32,
        pub capacity: u32,
        pub waiting: u32,
        pub leaf_count: u32,
        pub confirm_seconds: u32,
        /// Entries with a rank.
        pub ranked: u32,
        /// Places confirmed; all of them when none need be.
        pub taken: u32,
        /// Offers that nobody confirmed in time.
        pub lapsed: u32,
        /// Waiting entries that were offered a place.
        pub promoted: u32,
        pub penalty_bps: u16,
        pub depth: u8,
        pub mode: u8,
        pub prize_count: u8,
        /// 1: the accepted ranking is sorted.
        pub is_ranked: u8,
        pub reserved: [u8; 2],
    }
}
