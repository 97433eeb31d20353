//! What cranks were paid: steps and items times the rewards of the round, out of what it reserved. Counted from the record,
//! so that the cost of a round is known even if nobody read its account before it was closed.

use lottery_interface::tags;
use serde_json::json;

use super::{
    upsert::columns,
    work::{Fault, Ix, Work, key},
};
use crate::decoder::Decoded;

/// What an instruction did that is paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub steps: u64,
    pub items: u64,
}

impl Work<'_> {
    /// Books the reward of an instruction that was applied.
    pub async fn reward(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let counted = std::mem::take(&mut self.done);
        let done = match decoded.tag {
            tags::OPEN_ROUND
            | tags::OPEN_PAGE
            | tags::POST_VALUE
            | tags::COMMIT_RANDOMNESS
            | tags::REVEAL_RANDOMNESS
            | tags::DRAW
            | tags::FINALISE
            | tags::VOID_ROUND
            | tags::PROVE_EARLY
            | tags::EXPIRE_ROUND
            | tags::CLOSE_PAGE
            | tags::CLOSE_ROUND => Done { steps: 1, items: 0 },
            // An empty page can be sealed again after its round was re-timed.
            tags::SEAL_PAGE => {
                Done { steps: (self.page(&key(decoded, "page")?).await?.count > 0) as u64, items: 0 }
            }
            // So can the slot hash be captured.
            tags::CAPTURE => {
                Done { steps: !self.was_retimed(&key(decoded, "round")?, ix).await? as u64, items: 0 }
            }
            tags::SETTLE
            | tags::PAY
            | tags::REFUND
            | tags::ATTEST
            | tags::ACCEPT_RANKING
            | tags::SORT_RANKING
            | tags::RESOLVE_PLACES
            | tags::PROMOTE_PLACE => counted,
            _ => return Ok(()),
        };
        let mut round = self.round(&key(decoded, "round")?).await?;
        let paid = round.rewards.pay(done.steps, done.items);
        if paid == 0 {
            return Ok(());
        }
        round.dirty = true;
        self.rounds.insert(round.address.clone(), round);
        let reward = json!({ "signature": ix.signature, "path": ix.path, "reward_lamports": paid });
        self.rewards.push(columns(reward));
        Ok(())
    }

    async fn was_retimed(&mut self, round: &str, ix: &Ix) -> Result<bool, Fault> {
        let retimed = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM instructions WHERE round = $1 AND name = 'retime_round'
                            AND (slot, tx_index, ix_index) < ($2, $3, $4))",
        )
        .bind(round)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_one(self.conn())
        .await?;
        Ok(retimed)
    }
}
