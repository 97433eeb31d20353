//! A chain with quick slots and a rich payer, driven by the stock clients only.
#![allow(dead_code, reason = "each test file uses a part")]

use std::time::Duration;

use lottery_localnet::{Localnet, LocalnetConfig};
use solana_client::{nonblocking::rpc_client::RpcClient, rpc_config::RpcSendTransactionConfig};
use solana_instruction::Instruction;
use solana_keypair::{Keypair, Signature};
use solana_message::{Hash, VersionedMessage};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::{Transaction, versioned::VersionedTransaction};

pub const SOL: u64 = 1_000_000_000;
/// Quick, so that confirmations do not make the tests slow.
pub const SLOT_MS: u64 = 50;
pub const MEMO: Pubkey = Pubkey::from_str_const("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

pub struct Chain {
    pub localnet: Localnet,
    pub rpc: RpcClient,
    pub payer: Keypair,
}

pub async fn start() -> Chain {
    start_with(LocalnetConfig { program_so: None, slot_ms: SLOT_MS, ..LocalnetConfig::default() }).await
}

pub async fn start_with(mut config: LocalnetConfig) -> Chain {
    let payer = Keypair::new();
    config.funded.push((payer.pubkey(), 1_000 * SOL));
    config.mint_authority.get_or_insert(payer.pubkey());
    let localnet = Localnet::start(config).await.unwrap();
    Chain { rpc: localnet.rpc(), localnet, payer }
}

impl Chain {
    pub async fn signed(&self, instructions: &[Instruction]) -> Transaction {
        let blockhash = self.rpc.get_latest_blockhash().await.unwrap();
        self.signed_with(instructions, blockhash)
    }

    pub fn signed_with(&self, instructions: &[Instruction], blockhash: Hash) -> Transaction {
        let payer = &self.payer;
        Transaction::new_signed_with_payer(instructions, Some(&payer.pubkey()), &[payer], blockhash)
    }

    /// Sends, waits for `confirmed`, and expects success.
    pub async fn send(&self, instructions: &[Instruction]) -> Signature {
        let signature = self.rpc.send_transaction(&self.signed(instructions).await).await.unwrap();
        self.confirm(&signature).await.unwrap();
        signature
    }

    /// Sends without preflight and waits for `confirmed`: what keepers do.
    pub async fn send_unchecked(
        &self,
        instructions: &[Instruction],
    ) -> (Signature, solana_transaction::TransactionResult<()>) {
        let config = RpcSendTransactionConfig { skip_preflight: true, ..Default::default() };
        let transaction = self.signed(instructions).await;
        let signature = self.rpc.send_transaction_with_config(&transaction, config).await.unwrap();
        (signature, self.confirm(&signature).await)
    }

    pub async fn send_versioned(&self, message: VersionedMessage) -> Signature {
        let transaction = VersionedTransaction::try_new(message, &[&self.payer]).unwrap();
        let signature = self.rpc.send_transaction(&transaction).await.unwrap();
        self.confirm(&signature).await.unwrap();
        signature
    }

    pub async fn confirm(&self, signature: &Signature) -> solana_transaction::TransactionResult<()> {
        for _ in 0..500 {
            let statuses = self.rpc.get_signature_statuses(&[*signature]).await.unwrap();
            if let Some(status) = &statuses.value[0] {
                return status.status.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{signature} was not confirmed within 5 s")
    }

    /// Waits until at least `count` more slots have passed.
    pub async fn wait_slots(&self, count: u64) {
        let target = self.localnet.clock().await.slot + count;
        while self.localnet.clock().await.slot < target {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub fn memo(text: &str) -> Instruction {
    Instruction { program_id: MEMO, accounts: vec![], data: text.as_bytes().to_vec() }
}

/// A program of raw instructions, for a chain of its own: surfpool's empty program with its code
/// replaced. Registers start at zero, r1 points at the input, r0 is the result.
pub fn program(code: &[[u8; 8]]) -> (tempfile::TempDir, std::path::PathBuf) {
    let mut elf = surfpool_core::surfnet::noop_program::NOOP_PROGRAM_ELF.to_vec();
    let (start, len) = (elf.len() as u64, code.len() as u64 * 8);
    // The code moves to the end. Sections must be in order of offset: it trades places with the
    // section of names, which makes that one number 1.
    let (code_section, names_section) = elf[0xe0..0x160].split_at_mut(64);
    code_section.swap_with_slice(names_section);
    elf[0x3e] = 1;
    // Entry point; segment: offset, two addresses; section: address, offset.
    for field in [0x18, 0x48, 0x50, 0x58, 0x130, 0x138] {
        elf[field..field + 8].copy_from_slice(&start.to_le_bytes());
    }
    // Sizes of the segment, in the file and in memory, and of the section.
    for field in [0x60, 0x68, 0x140] {
        elf[field..field + 8].copy_from_slice(&len.to_le_bytes());
    }
    elf.extend_from_slice(code.as_flattened());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program.so");
    std::fs::write(&path, elf).unwrap();
    (folder, path)
}

/// Where the data of the first account starts in a program's input: count, flags, address, owner,
/// lamports, length.
pub const FIRST_DATA: u8 = 8 + 8 + 32 + 32 + 8 + 8;
pub const EXIT: [u8; 8] = [0x95, 0, 0, 0, 0, 0, 0, 0];

/// `register = *(u64*)(r1 + offset)`
pub const fn load(register: u8, offset: u8) -> [u8; 8] {
    [0x79, 0x10 | register, offset, 0, 0, 0, 0, 0]
}
