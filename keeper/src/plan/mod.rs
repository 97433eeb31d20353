//! What to do now: a pure function of the chain and the time.
//!
//! Actions for one round come in order, and each may rely on those before it: a round is planned as far
//! ahead as what is known allows, so that small rounds need one transaction. Whoever was faster makes an
//! action fail harmlessly; the next plan sees what is left. Nothing is planned that is done.

mod needs;
mod open;
mod owed;
mod raffle;
mod round;

pub use needs::{needs_entries, needs_pages, needs_proof, needs_rankings, needs_reveal, needs_slot_hashes};
pub use open::{blocker, may_advance, worst_case_rewards};
pub use owed::owed_items;
pub use raffle::{COUNT_LIMIT, RANKS};

use crate::{
    action::{Action, Step},
    state::{ChainState, LotteryState, Now, RoundState},
};

/// Compute units of settling one entry, all of them winners, with room to spare; `make bench-chain` prints what it takes. A market
/// only compares outcomes; a raffle computes a logarithm.
pub const SETTLE_UNITS_PER_ENTRY: u32 = 130;
pub const MARKET_SETTLE_UNITS_PER_ENTRY: u32 = 40;
pub const RAFFLE_SETTLE_UNITS_PER_ENTRY: u32 = 400;

/// Compute units of the 1.4 million of a transaction that one `settle` may take.
pub const SETTLE_UNITS: u32 = 1_300_000;

/// Growths that travel in one transaction.
pub const MAX_GROWTHS: u32 = 40;

/// Every step that can be done now.
pub fn plan(state: &ChainState, now: Now) -> Vec<Action> {
    let mut actions = Vec::new();
    for lottery in &state.lotteries {
        open::plan(state, lottery, now, &mut actions);
        for round in &lottery.rounds {
            if round.account.reward_step_lamports >= state.min_reward_lamports {
                round::plan(state, lottery, round, now, &mut actions);
            }
        }
    }
    actions
}

fn action(lottery: &LotteryState, round: &RoundState, step: Step) -> Action {
    Action {
        lottery_id: lottery.account.id,
        lottery: lottery.address,
        config: round.account.config.into(),
        round: round.address,
        round_index: round.account.index,
        step,
    }
}
