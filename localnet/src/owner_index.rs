//! surfpool's index from owner to accounts, without the system accounts.
//!
//! surfpool keeps each owner's accounts in one list, which it copies several times for every
//! account that a transaction changes. Each player pays fees from a system account, so ten
//! thousand players would slow every transaction tenfold. Nobody lists the accounts of the system
//! program, so those are left out: `getProgramAccounts` of the system program is empty here.

use std::collections::HashMap;

use surfpool_core::storage::{Storage, StorageResult};

/// The system program, all zeros.
const SYSTEM_PROGRAM: &str = "11111111111111111111111111111111";

#[derive(Clone, Default)]
pub(crate) struct OwnerIndex(HashMap<String, Vec<String>>);

impl OwnerIndex {
    /// An index with what `index` holds, the system accounts apart.
    pub(crate) fn copy_of(index: &dyn Storage<String, Vec<String>>) -> StorageResult<Self> {
        let mut copy = Self::default();
        for (owner, accounts) in index.into_iter()? {
            copy.store(owner, accounts)?;
        }
        Ok(copy)
    }
}

impl Storage<String, Vec<String>> for OwnerIndex {
    fn store(&mut self, owner: String, accounts: Vec<String>) -> StorageResult<()> {
        if owner != SYSTEM_PROGRAM {
            self.0.insert(owner, accounts);
        }
        Ok(())
    }

    fn clear(&mut self) -> StorageResult<()> {
        self.0.clear();
        Ok(())
    }

    fn get(&self, owner: &String) -> StorageResult<Option<Vec<String>>> {
        Ok(self.0.get(owner).cloned())
    }

    fn take(&mut self, owner: &String) -> StorageResult<Option<Vec<String>>> {
        Ok(self.0.remove(owner))
    }

    fn keys(&self) -> StorageResult<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }

    fn into_iter(&self) -> StorageResult<Box<dyn Iterator<Item = (String, Vec<String>)> + '_>> {
        Ok(Box::new(self.0.iter().map(|(owner, accounts)| (owner.clone(), accounts.clone()))))
    }

    fn count(&self) -> StorageResult<u64> {
        Ok(self.0.len() as u64)
    }

    fn clone_box(&self) -> Box<dyn Storage<String, Vec<String>>> {
        Box::new(self.clone())
    }
}
