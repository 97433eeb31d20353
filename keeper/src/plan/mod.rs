//! What to do now: a pure function of the chain and the time.
//!
//! Actions for one round come in order, and each may rely on those before it: a round is planned as far
//! ahead as what is known allows, so that small rounds need one transaction. Whoever was faster makes an
//! action fail harmlessly; the next plan sees what is left. Nothing is planned that is done.

mod needs;
mod open;
mod owed;
mod round;

pub use needs::{needs_entries, needs_pages, needs_proof, needs_reveal, needs_slot_hashes};
pub use open::{blocker, may_advance, worst_case_rewards};
pub use owed::unsettled_items;

use crate::{
    action::{Action, Step},
    state::{ChainState, LotteryState, Now, RoundState},
};

/// Entries settled by one `settle`: 10,000 at 130 compute units are 1.3 of the 1.4 million that fit.
pub const SETTLE_LIMIT: u32 = 10_000;

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
