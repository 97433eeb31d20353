//! A database holds one chain.

use crate::{
    processor::Cursor,
    run::Indexer,
    source::{Source, Tip},
};

/// A node may lag a little behind another that was asked before; a new chain lags a lot.
const NODES_DIFFER_BY: u64 = 150;
/// Half a day of slots: every node still knows its transactions.
const NODES_REMEMBER: u64 = 100_000;

impl<S: Source> Indexer<S> {
    /// A local chain that was started again has the same program at the same addresses: an old database must not be
    /// mixed with it.
    pub(crate) async fn check_same_chain(&mut self, cursor: Cursor, tip: Tip) -> anyhow::Result<()> {
        if cursor.slot > tip.confirmed + NODES_DIFFER_BY {
            return Err(OtherChain::Ahead { cursor: cursor.slot, tip: tip.confirmed }.into());
        }
        if self.same_chain {
            return Ok(());
        }
        if let Some((signature, slot)) = self.processor.newest_final().await? {
            // Nodes forget what is long past.
            let remembered = tip.confirmed.saturating_sub(slot) < NODES_REMEMBER;
            if remembered && !self.source.vanished(&[(signature.clone(), slot)]).await?.is_empty() {
                return Err(OtherChain::Unknown { signature, slot }.into());
            }
        }
        self.same_chain = true;
        Ok(())
    }
}

/// The database belongs to another chain. Use an empty one for this chain.
#[derive(Debug, thiserror::Error)]
pub enum OtherChain {
    #[error(
        "the database is indexed up to slot {cursor}, but the chain is only at {tip}: it belongs to another chain. \
         Use an empty database for this one"
    )]
    Ahead { cursor: u64, tip: u64 },
    #[error(
        "the database has {signature} as final in slot {slot}, but the chain does not know it: it belongs to another \
         chain. Use an empty database for this one"
    )]
    Unknown { signature: String, slot: u64 },
}
