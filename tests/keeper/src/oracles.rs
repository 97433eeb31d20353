//! Reporters of markets: three keys that watch every round, in agreement or not. Two of them decide.

use lottery_interface::{
    accounts::{self, AccountLayout, Round},
    address,
    args::AttestArgs,
    instructions as ix,
    kinds::RoundStatus,
};
use program_tests::market::{EVIDENCE, facts, reporters};
use solana_account::ReadableAccount;

use crate::Hall;

/// What the reporters do once an event is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reporting {
    /// All see the same.
    #[default]
    Agree,
    /// The first of them says something else.
    OneLies,
    /// Each sees something else.
    Differ,
    /// One alone speaks.
    OneSpeaks,
    /// Nobody does.
    Silent,
}

/// What happened in the event of a round: a number from 0 to 2.
pub fn facts_of(round_index: u64) -> i64 {
    (round_index * 5 % 3) as i64
}

impl Reporting {
    /// What the reporter at this place of the set says.
    fn fact(self, reporter: u8, truth: i64) -> Option<i64> {
        match (self, reporter) {
            (Self::Silent, _) | (Self::OneSpeaks, 1..) => None,
            (Self::OneLies, 0) => Some((truth + 1) % 3),
            (Self::Differ, _) => Some(reporter as i64),
            _ => Some(truth),
        }
    }
}

impl Hall {
    /// Every reporter attests for every round whose event is over, once.
    pub(crate) fn report(&mut self) {
        if !self.spec.game.is_market() {
            return;
        }
        let (now, all) = (self.now(), reporters(3));
        let oracles = address::oracle_set(&all).0;
        let mut attests = Vec::new();
        for (key, account) in self.world.chain.program_accounts() {
            let Some(round) = Round::read(account.data()) else { continue };
            let is_locked = now.unix >= round.locks_at || now.slot >= round.lock_slot;
            if round.status != RoundStatus::Open as u8 || !is_locked || now.unix < round.event_at {
                continue;
            }
            let given: Vec<_> = accounts::attestations(account.data()).collect();
            for (place, reporter) in
                all.iter().enumerate().filter(|(place, _)| given[*place].attested_at == 0)
            {
                let Some(fact) = self.reporting.fact(place as u8, facts_of(round.index)) else { continue };
                let args = AttestArgs { facts: facts(&[fact]), evidence: EVIDENCE, event_at: round.event_at };
                attests.push((key, ix::attest(*reporter, key, round.config.into(), oracles, &args)));
            }
        }
        for (round, attest) in attests {
            // The last of three comes too late where two agreed.
            if self.world.chain.account::<Round>(round).status == RoundStatus::Open as u8 {
                self.world.chain.expect_ok(&attest);
            }
        }
    }
}
