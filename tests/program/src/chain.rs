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
use lottery_interface::{accounts::AccountLayout, address, errors::LotteryError};
use lottery_rules::hash::{Sha256, Software};
use solana_account::{Account, AccountSharedData, ReadableAccount};
use solana_instruction::Instruction;
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_transaction::{InstructionError, Transaction, TransactionError};

use crate::audit;

/// Slot hashes that a cluster remembers.
pub const SLOT_HASHES: usize = 512;
const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
const SYSVARS: Pubkey = Pubkey::from_str_const("Sysvar1111111111111111111111111111111111111");
const COMPUTE_BUDGET: Pubkey = Pubkey::from_str_const("ComputeBudget111111111111111111111111111111");

/// The instructions of one transaction: one, or several.
pub trait Batch {
    fn instructions(&self) -> &[Instruction];
}

impl Batch for Instruction {
    fn instructions(&self) -> &[Instruction] {
        std::slice::from_ref(self)
    }
}

impl Batch for [Instruction] {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

impl<const N: usize> Batch for [Instruction; N] {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

impl Batch for Vec<Instruction> {
    fn instructions(&self) -> &[Instruction] {
        self
    }
}

/// What a successful transaction used and said.
#[derive(Clone, Debug)]
pub struct Meta {
    pub cu: u64,
    pub logs: Vec<String>,
    pub return_data: Vec<u8>,
    /// Bytes of the transaction on the wire; 1,232 is the cluster's limit.
    pub wire_len: usize,
}

impl Meta {
    /// Bytes that count against the log limit of 10,000.
    pub fn log_len(&self) -> usize {
        self.logs.iter().map(String::len).sum()
    }
}

/// Why a transaction failed.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub error: TransactionError,
    pub logs: Vec<String>,
}

impl Refusal {
    /// The failing instruction's error.
    pub fn instruction(&self) -> Option<&InstructionError> {
        match &self.error {
            TransactionError::InstructionError(_, error) => Some(error),
            _ => None,
        }
    }

    /// The program's own error, if it is one.
    pub fn lottery(&self) -> Option<LotteryError> {
        match self.instruction()? {
            InstructionError::Custom(code) => LotteryError::from_code(*code),
            _ => None,
        }
    }

    /// The error as a person would name it.
    pub fn describe(&self) -> String {
        match self.lottery() {
            Some(error) => error.name().to_string(),
            None => format!("{:?}", self.error),
        }
    }
}

/// The chain of one test.
#[derive(Clone)]
pub struct Chain {
    svm: LiteSVM,
    slot: u64,
    now: i64,
    /// Newest first.
    hashes: VecDeque<(u64, [u8; 32])>,
    payer: Pubkey,
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

    // Transactions.

    /// Sends one transaction.
    pub fn send(&mut self, batch: &(impl Batch + ?Sized)) -> Result<Meta, Refusal> {
        let message = Message::new(batch.instructions(), Some(&self.payer));
        let wire_len = wire_len(&message);
        match self.svm.send_transaction(Transaction::new_unsigned(message)) {
            Ok(meta) => {
                if self.audited {
                    audit::check(self);
                }
                Ok(Meta {
                    cu: meta.compute_units_consumed,
                    logs: meta.logs,
                    return_data: meta.return_data.data,
                    wire_len,
                })
            }
            Err(failed) => Err(Refusal { error: failed.err, logs: failed.meta.logs }),
        }
    }

    /// Sends one transaction with the largest compute budget.
    pub fn send_big(&mut self, batch: &(impl Batch + ?Sized)) -> Result<Meta, Refusal> {
        let mut all = vec![compute_limit(1_400_000)];
        all.extend_from_slice(batch.instructions());
        self.send(&all)
    }

    /// The transaction must succeed.
    #[track_caller]
    pub fn expect_ok(&mut self, batch: &(impl Batch + ?Sized)) -> Meta {
        match self.send(batch) {
            Ok(meta) => meta,
            Err(refusal) => panic!("refused: {}\n{}", refusal.describe(), refusal.logs.join("\n")),
        }
    }

    /// As [`Chain::expect_ok`], with the largest compute budget.
    #[track_caller]
    pub fn expect_ok_big(&mut self, batch: &(impl Batch + ?Sized)) -> Meta {
        match self.send_big(batch) {
            Ok(meta) => meta,
            Err(refusal) => panic!("refused: {}\n{}", refusal.describe(), refusal.logs.join("\n")),
        }
    }

    /// The transaction must be refused, and no account may have changed.
    #[track_caller]
    pub fn expect_refused(&mut self, batch: &(impl Batch + ?Sized)) -> Refusal {
        let before = self.snapshot();
        let Err(refusal) = self.send(batch) else {
            panic!("accepted, but must be refused");
        };
        assert!(self.snapshot() == before, "{} changed an account", refusal.describe());
        refusal
    }

    /// The transaction must be refused with this error of the program.
    #[track_caller]
    pub fn expect_error(&mut self, batch: &(impl Batch + ?Sized), error: LotteryError) {
        let refusal = self.expect_refused(batch);
        assert!(
            refusal.lottery() == Some(error),
            "expected {}, got {}\n{}",
            error.name(),
            refusal.describe(),
            refusal.logs.join("\n")
        );
    }

    /// The transaction must be refused by the framework or the runtime with this error.
    #[track_caller]
    pub fn expect_instruction_error(&mut self, batch: &(impl Batch + ?Sized), error: InstructionError) {
        let refusal = self.expect_refused(batch);
        assert!(
            refusal.instruction() == Some(&error),
            "expected {error:?}, got {}\n{}",
            refusal.describe(),
            refusal.logs.join("\n")
        );
    }

    /// The transaction must be refused with this code of the framework (Anchor's, below 6,000).
    #[track_caller]
    pub fn expect_anchor_error(&mut self, batch: &(impl Batch + ?Sized), code: u32) {
        self.expect_instruction_error(batch, InstructionError::Custom(code));
    }
}

/// Asks for a compute budget.
pub fn compute_limit(units: u32) -> Instruction {
    let mut data = vec![2];
    data.extend_from_slice(&units.to_le_bytes());
    Instruction { program_id: COMPUTE_BUDGET, accounts: Vec::new(), data }
}

/// Bytes of a signed transaction with this message.
fn wire_len(message: &Message) -> usize {
    let compact = |n: usize| if n < 0x80 { 1 } else { 2 };
    let signatures = message.header.num_required_signatures as usize;
    let mut len = compact(signatures) + 64 * signatures + 3;
    len += compact(message.account_keys.len()) + 32 * message.account_keys.len() + 32;
    len += compact(message.instructions.len());
    for instruction in &message.instructions {
        len += 1 + compact(instruction.accounts.len()) + instruction.accounts.len();
        len += compact(instruction.data.len()) + instruction.data.len();
    }
    len
}
