//! The chain: LiteSVM with clock, slots and slot hashes in the test's hands.
//!
//! Signatures are not verified, so a signer is just a key. A fee payer that takes no other part pays for every
//! transaction: lamports of everyone else change only by what the program does.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
    sync::OnceLock,
};

use litesvm::LiteSVM;
use lottery_interface::{accounts::AccountLayout, address};
use lottery_rules::hash::{Sha256, Software};
use solana_account::{Account, AccountSharedData, ReadableAccount};
use solana_pubkey::Pubkey;

/// Slot hashes that a cluster remembers.
pub const SLOT_HASHES: usize = 512;
const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
const LAST_RESTART_SLOT: Pubkey = Pubkey::from_str_const("SysvarLastRestartS1ot1111111111111111111111");
const SYSVARS: Pubkey = Pubkey::from_str_const("Sysvar1111111111111111111111111111111111111");

/// The chain of one test.
#[derive(Clone)]
pub struct Chain {
    pub(crate) svm: LiteSVM,
    slot: u64,
    now: i64,
    /// Newest first.
    hashes: VecDeque<(u64, [u8; 32])>,
    pub(crate) payer: Pubkey,
    keys: u64,
    /// Whether [`audit::check`] follows every success.
    pub audited: bool,
}

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

/// The compiled program: `LOTTERY_PROGRAM_SO`, or the committed artifact.
pub fn program_path() -> PathBuf {
    match std::env::var_os("LOTTERY_PROGRAM_SO") {
        Some(path) => path.into(),
        None => artifact("lottery_v4.so"),
    }
}

/// A file of the folder `artifacts`.
pub fn artifact(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../artifacts").join(name)
}

/// The hash of a slot, the same in every run.
pub fn slot_hash(slot: u64) -> [u8; 32] {
    Software::hashv(&[b"slot", &slot.to_le_bytes()])
}

impl Chain {
    /// A chain with the program loaded, at slot 1,000.
    pub fn new() -> Self {
        static LOADED: OnceLock<LiteSVM> = OnceLock::new();
        let svm = LOADED.get_or_init(|| {
            let mut svm =
                LiteSVM::new().with_sigverify(false).with_blockhash_check(false).with_transaction_history(0);
            let path = program_path();
            svm.add_program_from_file(address::PROGRAM_ID, &path)
                .unwrap_or_else(|error| panic!("cannot load {}: {error}", path.display()));
            svm
        });
        let mut chain = Self {
            svm: svm.clone(),
            slot: 0,
            now: 1_800_000_000 - 400,
            hashes: VecDeque::new(),
            payer: Pubkey::default(),
            keys: 0,
            audited: true,
        };
        chain.payer = chain.key("fee payer");
        chain.set_lamports(chain.payer, u64::MAX / 4);
        chain.warp(400, 1_000);
        chain
    }

    /// Whoever pays the network's fee from now on.
    pub fn set_fee_payer(&mut self, payer: Pubkey) {
        self.payer = payer;
    }

    pub fn fee_payer(&self) -> Pubkey {
        self.payer
    }

    /// A new key, the same in every run.
    pub fn key(&mut self, name: &str) -> Pubkey {
        self.keys += 1;
        Pubkey::new_from_array(Software::hashv(&[b"key", name.as_bytes(), &self.keys.to_le_bytes()]))
    }

    /// A new key with lamports.
    pub fn funded(&mut self, name: &str, lamports: u64) -> Pubkey {
        let key = self.key(name);
        self.set_lamports(key, lamports);
        key
    }

    // Time.

    pub fn slot(&self) -> u64 {
        self.slot
    }

    /// Unix seconds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Lets time and slots pass; every slot is produced.
    pub fn warp(&mut self, seconds: i64, slots: u64) {
        self.warp_skipping(seconds, slots, &[]);
    }

    /// Lets time and slots pass; the slots of `skipped` are never produced and have no hash.
    pub fn warp_skipping(&mut self, seconds: i64, slots: u64, skipped: &[u64]) {
        let to = self.slot + slots;
        // As on a cluster, the newest hash is of a slot before the current one.
        for slot in self.slot.max(to.saturating_sub(2 * SLOT_HASHES as u64))..to {
            if !skipped.contains(&slot) {
                self.hashes.push_front((slot, slot_hash(slot)));
            }
        }
        self.hashes.truncate(SLOT_HASHES);
        self.slot = to;
        self.now += seconds;
        self.write_sysvars();
    }

    fn write_sysvars(&mut self) {
        let mut data = vec![0; 8 + SLOT_HASHES * 40];
        data[..8].copy_from_slice(&(self.hashes.len() as u64).to_le_bytes());
        for (place, (slot, hash)) in data[8..].chunks_exact_mut(40).zip(&self.hashes) {
            place[..8].copy_from_slice(&slot.to_le_bytes());
            place[8..].copy_from_slice(hash);
        }
        self.set(address::SLOT_HASHES, SYSVARS, 1, data);
        // slot, epoch_start_timestamp, epoch, leader_schedule_epoch, unix_timestamp
        let clock = [self.slot, self.now as u64, 0, 1, self.now as u64];
        self.set(CLOCK, SYSVARS, 1, bytemuck::cast_slice(&clock).to_vec());
    }

    /// The oldest slot whose hash the chain still knows.
    pub fn oldest_slot_hash(&self) -> Option<u64> {
        self.hashes.back().map(|(slot, _)| *slot)
    }

    /// The slot at which the cluster was last restarted.
    pub fn set_last_restart_slot(&mut self, slot: u64) {
        self.set(LAST_RESTART_SLOT, SYSVARS, 1, slot.to_le_bytes().to_vec());
    }

    // Accounts.

    /// Writes an account as it is; the program has no say.
    pub fn set(&mut self, key: Pubkey, owner: Pubkey, lamports: u64, data: Vec<u8>) {
        let account = Account { lamports, data, owner, executable: false, rent_epoch: u64::MAX };
        self.svm.set_account(key, account).expect("a valid account");
    }

    /// Gives a key lamports and nothing else.
    pub fn set_lamports(&mut self, key: Pubkey, lamports: u64) {
        self.set(key, address::SYSTEM_PROGRAM, lamports, Vec::new());
    }

    /// Copies the account `from` to `to`, owned by `owner`, its data changed by `change`.
    pub fn forge(&mut self, from: Pubkey, to: Pubkey, owner: Pubkey, change: impl FnOnce(&mut Vec<u8>)) {
        let account = self.raw(from).unwrap_or_else(|| panic!("no account {from}")).clone();
        let mut data = account.data().to_vec();
        change(&mut data);
        self.set(to, owner, account.lamports(), data);
    }

    pub fn raw(&self, key: Pubkey) -> Option<&AccountSharedData> {
        self.svm.accounts_db().get_account_ref(&key)
    }

    pub fn exists(&self, key: Pubkey) -> bool {
        self.raw(key).is_some()
    }

    /// 0 when there is no such account.
    pub fn lamports(&self, key: Pubkey) -> u64 {
        self.raw(key).map_or(0, |account| account.lamports())
    }

    /// The account's data; empty when there is no such account.
    pub fn data(&self, key: Pubkey) -> &[u8] {
        self.raw(key).map_or(&[], |account| account.data())
    }

    pub fn rent(&self, len: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(len)
    }

    /// An account of the program.
    #[track_caller]
    pub fn account<T: AccountLayout>(&self, key: Pubkey) -> T {
        self.try_account(key).unwrap_or_else(|| panic!("{key} is not a {}", std::any::type_name::<T>()))
    }

    pub fn try_account<T: AccountLayout>(&self, key: Pubkey) -> Option<T> {
        let account = self.raw(key)?;
        (*account.owner() == address::PROGRAM_ID).then(|| T::read(account.data()))?
    }

    /// Every account that the program owns.
    pub fn program_accounts(&self) -> impl Iterator<Item = (Pubkey, &AccountSharedData)> {
        self.svm
            .accounts_db()
            .inner
            .iter()
            .filter(|(_, account)| *account.owner() == address::PROGRAM_ID)
            .map(|(key, account)| (*key, account))
    }

    /// Every account but the fee payer's, to compare later.
    pub fn snapshot(&self) -> HashMap<Pubkey, AccountSharedData> {
        let all = self.svm.accounts_db().inner.iter();
        all.filter(|(key, _)| **key != self.payer).map(|(key, account)| (*key, account.clone())).collect()
    }
}
