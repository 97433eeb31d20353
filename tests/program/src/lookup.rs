//! Transactions of version 0 with an address lookup table: what a keeper sends to pay many wallets at once.

use solana_message::{AddressLookupTableAccount, Hash, VersionedMessage, v0};
use solana_pubkey::Pubkey;
use solana_transaction::versioned::VersionedTransaction;

use crate::{Batch, Chain, Meta, Refusal};

const LOOKUP_TABLE_PROGRAM: Pubkey = Pubkey::from_str_const("AddressLookupTab1e1111111111111111111111111");
/// Bytes before the addresses of a table.
const TABLE_HEADER_LEN: usize = 56;
/// Accounts that one transaction may lock on a cluster.
pub const ACCOUNT_LOCKS: usize = 64;
/// Bytes of a transaction on the wire.
pub const WIRE_LIMIT: usize = 1_232;

impl Chain {
    /// A table of `addresses` that is active and was extended long ago.
    pub fn lookup_table(&mut self, addresses: &[Pubkey]) -> AddressLookupTableAccount {
        let mut data = vec![0; TABLE_HEADER_LEN];
        // A table, not an uninitialised account.
        data[0] = 1;
        // Never deactivated.
        data[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
        data.extend(addresses.iter().flat_map(|address| address.to_bytes()));
        let key = self.key("lookup table");
        let rent = self.rent(data.len());
        self.set(key, LOOKUP_TABLE_PROGRAM, rent, data);
        AddressLookupTableAccount { key, addresses: addresses.to_vec() }
    }

    /// Sends one transaction of version 0 that finds accounts in `table`.
    pub fn send_with_table(
        &mut self,
        batch: &(impl Batch + ?Sized),
        table: &AddressLookupTableAccount,
    ) -> Result<Meta, Refusal> {
        let tables = std::slice::from_ref(table);
        let message = v0::Message::try_compile(&self.payer, batch.instructions(), tables, Hash::default());
        let message = VersionedMessage::V0(message.expect("few enough accounts"));
        let signatures = vec![Default::default(); message.header().num_required_signatures as usize];
        let wire_len = 1 + 64 * signatures.len() + message.serialize().len();
        self.send_built(VersionedTransaction { signatures, message }, wire_len)
    }
}
