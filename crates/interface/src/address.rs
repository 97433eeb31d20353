//! Addresses of the program's accounts. Each function returns the address and its bump.

use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM_ID: Pubkey = Pubkey::from_str_const("2UB98i4p6hpqnFBeWGqgoRtuijyyencGWwFFLMhqFUrf");

pub const SYSTEM_PROGRAM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");
pub const SPL_TOKEN_PROGRAM: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
pub const TOKEN_2022_PROGRAM: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
pub const SLOT_HASHES: Pubkey = Pubkey::from_str_const("SysvarS1otHashes111111111111111111111111111");

fn find(seeds: &[&[u8]]) -> (Pubkey, u8) {
    Pubkey::find_program_address(seeds, &PROGRAM_ID)
}

pub fn registry() -> (Pubkey, u8) {
    find(&[b"registry"])
}

/// `mint` is the zero key for native SOL.
pub fn vault(mint: &Pubkey) -> (Pubkey, u8) {
    find(&[b"vault", mint.as_ref()])
}

/// The vault's token account.
pub fn vault_tokens(mint: &Pubkey) -> (Pubkey, u8) {
    find(&[b"vault_tokens", mint.as_ref()])
}

pub fn beacon(chain_hash: &[u8; 32]) -> (Pubkey, u8) {
    find(&[b"beacon", chain_hash])
}

/// `reporters` in any order.
pub fn oracle_set(reporters: &[Pubkey]) -> (Pubkey, u8) {
    let mut reporters = reporters.to_vec();
    reporters.sort();
    let mut hash = sha2_const_stable::Sha256::new();
    for reporter in &reporters {
        hash = hash.update(reporter.as_array());
    }
    find(&[b"oracles", &hash.finalize()])
}

pub fn wallet(owner: &Pubkey, mint: &Pubkey) -> (Pubkey, u8) {
    find(&[b"wallet", owner.as_ref(), mint.as_ref()])
}

pub fn lottery(id: u64) -> (Pubkey, u8) {
    find(&[b"lottery", &id.to_le_bytes()])
}

pub fn config(lottery: &Pubkey, version: u32) -> (Pubkey, u8) {
    find(&[b"config", lottery.as_ref(), &version.to_le_bytes()])
}

pub fn round(lottery: &Pubkey, index: u64) -> (Pubkey, u8) {
    find(&[b"round", lottery.as_ref(), &index.to_le_bytes()])
}

/// Signs for the Switchboard randomness account of a round: nobody else can commit or reveal it.
pub fn randomness_authority(round: &Pubkey) -> (Pubkey, u8) {
    find(&[b"randomness", round.as_ref()])
}

/// The attempt of `submitter` at the order of a raffle.
pub fn ranking(round: &Pubkey, submitter: &Pubkey) -> (Pubkey, u8) {
    find(&[b"ranking", round.as_ref(), submitter.as_ref()])
}

pub fn page(round: &Pubkey, sequence: u32) -> (Pubkey, u8) {
    find(&[b"page", round.as_ref(), &sequence.to_le_bytes()])
}
