//! The beacon as the keeper sees it: by a wall clock that the chain's may lag behind, silent or not.

use std::{cell::RefCell, collections::HashMap};

use lottery_keeper::{Now, RoundState, plan::needs_proof};
use program_tests::beacon::{SCHEDULE, own_proof};

use crate::Hall;

/// A beacon that signs on time and whose key the tests have.
#[derive(Default)]
pub struct BeaconState {
    /// No endpoint answers.
    pub is_silent: bool,
    /// How far the chain's clock is behind the wall's; negative: ahead of it.
    pub lag_seconds: i64,
    /// Proofs made so far: many rounds share one.
    proofs: RefCell<HashMap<u64, Vec<u8>>>,
}

impl Hall {
    /// Seconds of the wall's clock.
    fn wall(&self) -> i64 {
        self.world.chain.now() + self.beacon.lag_seconds
    }

    /// The proof that decides a round, if it is wanted and public.
    pub(crate) fn proof(&self, round: &RoundState, now: Now) -> Option<Vec<u8>> {
        let target = round.account.beacon_round;
        let wanted = needs_proof(round, SCHEDULE, now, self.wall());
        let is_signed = SCHEDULE.signed_at(target).is_some_and(|at| at <= self.wall());
        if !wanted || !is_signed || self.beacon.is_silent {
            return None;
        }
        let mut proofs = self.beacon.proofs.borrow_mut();
        Some(proofs.entry(target).or_insert_with(|| own_proof(target)).clone())
    }

    /// The chain's clock stands still while slots and the wall's clock go on.
    pub fn halt_clock(&mut self, seconds: i64) {
        self.world.chain.warp(0, seconds as u64 * 5 / 2);
        self.beacon.lag_seconds += seconds;
    }

    /// The chain's clock catches up with the wall's.
    pub fn set_clock_right(&mut self) {
        let lag = std::mem::take(&mut self.beacon.lag_seconds);
        self.world.chain.warp(lag, 1);
    }

    /// The cluster is restarted at the current slot.
    pub fn restart_cluster(&mut self) {
        self.last_restart_slot = self.world.chain.slot();
        self.world.chain.set_last_restart_slot(self.last_restart_slot);
    }
}
