//! What came of a transaction, and how long to leave a lottery alone after a failure.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use lottery_client::{ClientError, Signature};
use lottery_interface::LotteryError;
use solana_instruction::error::InstructionError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Another keeper did it, or the chain's clock is a moment behind. Nothing is wrong.
    Outrun,
    Failed,
}

/// Custom codes of Anchor and the system program that mean: an account that we want to create is there,
/// one that we want to change is closed, or the round or page that we want to open is no longer the next.
const ACCOUNT_MOVED_ON: [u32; 6] = [0, 2006, 3001, 3002, 3007, 3012];

impl Outcome {
    pub fn of(sent: &Result<Signature, ClientError>) -> Self {
        match sent {
            Ok(_) => Self::Done,
            Err(ClientError::Program { error, .. }) if is_outrun(*error) => Self::Outrun,
            Err(ClientError::Instruction { error, .. }) if account_moved_on(error) => Self::Outrun,
            // What was not confirmed is looked at again, and planned again if it did not happen.
            Err(ClientError::Expired { .. } | ClientError::Unconfirmed { .. }) => Self::Outrun,
            Err(_) => Self::Failed,
        }
    }
}

fn account_moved_on(error: &InstructionError) -> bool {
    match error {
        InstructionError::Custom(code) => ACCOUNT_MOVED_ON.contains(code),
        InstructionError::AccountAlreadyInitialized
        | InstructionError::UninitializedAccount
        | InstructionError::InvalidSeeds
        | InstructionError::InvalidAccountOwner
        | InstructionError::IllegalOwner
        | InstructionError::InvalidAccountData
        | InstructionError::AccountDataTooSmall => true,
        _ => false,
    }
}

/// Refusals that only say that the step is done, or not due yet.
fn is_outrun(error: LotteryError) -> bool {
    use LotteryError::*;
    matches!(
        error,
        TooManyOpenRounds
            | WrongPage
            | TooEarlyForPage
            | TooManyPages
            | RoundFull
            | LiabilityCapReached
            | ChainNotBehind
            | PageSizeReached
            | RoundLocked
            | RoundNotLocked
            | RoundNotOpen
            | RoundNotEmpty
            | PageAlreadySealed
            | SlotNotReached
            | SlotHashAlreadyCaptured
            | SlotHashLost
            | SlotHashMissing
            | ValueAlreadyPosted
            | NotEarly
            | ClusterRestarted
            | ValueMissing
            | PagesNotSealed
            | NotDrawn
            | AlreadyDrawn
            | PageAlreadySettled
            | PagesNotSettled
            | FinaliseOutOfOrder
            | NotFinal
            | AlreadyFinal
            | NotVoid
            | GraceNotOver
            | NothingToPay
            | AlreadyPaid
            | AlreadyRefunded
            | ClaimPeriodOpen
            | StillOwes
            | PagesNotClosed
    )
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Refusals in a row that are taken for somebody faster. After more of them something else is wrong.
const OUTRUN_IN_A_ROW: u32 = 8;

/// Failures by lottery: one in trouble does not slow the others.
#[derive(Default)]
pub struct Patience(HashMap<u64, Trouble>);

#[derive(Default)]
struct Trouble {
    failures: u32,
    outruns: u32,
    until: Option<Instant>,
    reason: String,
}

impl Patience {
    pub fn allows(&self, lottery_id: u64) -> bool {
        let until = self.0.get(&lottery_id).and_then(|trouble| trouble.until);
        until.is_none_or(|until| Instant::now() >= until)
    }

    pub fn succeeded(&mut self, lottery_id: u64) {
        self.0.remove(&lottery_id);
    }

    /// Counts a refusal. True when there were so many in a row that a pause begins.
    pub fn outrun(&mut self, lottery_id: u64) -> bool {
        let trouble = self.0.entry(lottery_id).or_default();
        trouble.outruns += 1;
        if trouble.outruns < OUTRUN_IN_A_ROW {
            return false;
        }
        trouble.pause();
        trouble.outruns == OUTRUN_IN_A_ROW
    }

    /// Counts a failure. True when it is a new one, to be logged.
    pub fn failed(&mut self, lottery_id: u64, reason: &str) -> bool {
        let trouble = self.0.entry(lottery_id).or_default();
        trouble.pause();
        let is_new = trouble.reason != reason;
        reason.clone_into(&mut trouble.reason);
        is_new
    }
}

impl Trouble {
    /// Twice as long as the last one.
    fn pause(&mut self) {
        let pause = (FIRST_PAUSE * 2u32.pow(self.failures.min(10))).min(LONGEST_PAUSE);
        self.failures += 1;
        self.until = Some(Instant::now() + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: LotteryError) -> Result<Signature, ClientError> {
        Err(ClientError::Program { instruction_index: 0, error, message: String::new() })
    }

    #[test]
    fn somebody_faster_is_no_failure() {
        assert_eq!(Outcome::of(&Ok(Signature::default())), Outcome::Done);
        for error in [
            LotteryError::AlreadyPaid,
            LotteryError::TooManyOpenRounds,
            LotteryError::PageAlreadySealed,
            LotteryError::ValueAlreadyPosted,
            LotteryError::NotEarly,
            LotteryError::ClusterRestarted,
        ] {
            assert_eq!(Outcome::of(&refused(error)), Outcome::Outrun, "{error:?}");
        }
        let created = InstructionError::Custom(0);
        let error = ClientError::Instruction { instruction_index: 0, error: created, message: String::new() };
        assert_eq!(Outcome::of(&Err(error)), Outcome::Outrun);
        assert_eq!(Outcome::of(&refused(LotteryError::InvariantViolated)), Outcome::Failed);
        assert_eq!(Outcome::of(&refused(LotteryError::RevealMismatch)), Outcome::Failed);
        // The client verified the proof: the chain must agree.
        assert_eq!(Outcome::of(&refused(LotteryError::BeaconWrongSignature)), Outcome::Failed);
        let poor = ClientError::InsufficientFunds { message: String::new() };
        assert_eq!(Outcome::of(&Err(poor)), Outcome::Failed);
    }

    #[test]
    fn a_failure_is_logged_once_and_pauses_one_lottery() {
        let mut patience = Patience::default();
        assert!(patience.failed(1, "broken"));
        assert!(!patience.failed(1, "broken"));
        assert!(patience.failed(1, "otherwise broken"));
        assert!(!patience.allows(1));
        assert!(patience.allows(2));
        patience.succeeded(1);
        assert!(patience.allows(1));
        assert!(patience.failed(1, "broken"), "a failure after a success is news");
    }

    #[test]
    fn endless_refusals_pause_too() {
        let mut patience = Patience::default();
        let begun: Vec<bool> = (0..20).map(|_| patience.outrun(1)).collect();
        assert_eq!(begun.iter().filter(|begun| **begun).count(), 1, "said once");
        assert!(!patience.allows(1));
    }

    #[test]
    fn pauses_grow_but_end() {
        let mut trouble = Trouble::default();
        let mut last = Duration::ZERO;
        for _ in 0..40 {
            trouble.pause();
            let pause = trouble.until.unwrap() - Instant::now();
            assert!(pause <= LONGEST_PAUSE && pause + Duration::from_millis(50) >= last.min(LONGEST_PAUSE));
            last = pause;
        }
        assert!(last > Duration::from_secs(50));
    }
}
