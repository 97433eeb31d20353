//! The keeper's turn: look, plan, pack, sign, send.

use std::collections::BTreeMap;

use lottery_keeper::{
    pack::{Bundle, pack},
    plan,
};
use program_tests::{Refusal, transaction::compute_limit};
use solana_message::{Hash, Message, VersionedMessage};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use crate::Hall;

/// What a keeper and the players did.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub confirmed: u64,
    pub entered: u64,
    /// Confirmed steps by name.
    pub steps: BTreeMap<&'static str, u64>,
    /// Transactions that the chain refused; a single keeper expects none.
    pub refused: Vec<String>,
}

impl Tally {
    pub fn steps(&self, name: &str) -> u64 {
        self.steps.get(name).copied().unwrap_or(0)
    }
}

impl Hall {
    pub fn turn(&mut self, tally: &mut Tally) {
        let state = self.look();
        let mut jobs = pack(plan(&state, self.now()), self.keeper.pubkey());
        jobs.sort_by_key(|job| job.priority());
        for job in jobs {
            for bundle in job.stages.iter().flatten() {
                if let Err(refusal) = self.send(bundle) {
                    tally.refused.push(format!("{}: {}", bundle.steps(), refusal.describe()));
                    break;
                }
                tally.confirmed += 1;
                for action in &bundle.actions {
                    *tally.steps.entry(action.step.name()).or_default() += 1;
                }
                if self.one_transaction {
                    break;
                }
            }
        }
    }

    /// Signs with the keeper's key and executes. An account that is refused is left as it was.
    fn send(&mut self, bundle: &Bundle) -> Result<(), Refusal> {
        let mut instructions = vec![compute_limit(bundle.compute_units)];
        instructions.extend_from_slice(&bundle.instructions);
        let message = Message::new_with_blockhash(
            &instructions,
            Some(&self.keeper.pubkey()),
            &Hash::new_from_array([7; 32]),
        );
        let transaction = VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[&self.keeper])
            .expect("the keeper's is the only signature");
        self.world.chain.send_built(transaction, 0).map(|_| ())
    }
}
