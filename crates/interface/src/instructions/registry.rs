//! Registry, vaults and beacons.

use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::{vec, vec::Vec};

use super::{build, length, payer, read, signer, write};
use crate::{
    address,
    args::{BeaconArgs, RegistryArgs},
    tags,
};

/// Creates the registry; `authority` signs and pays. Once per program.
pub fn init_registry(authority: Pubkey, args: &RegistryArgs) -> Instruction {
    let accounts = vec![payer(authority), write(address::registry().0), read(address::SYSTEM_PROGRAM)];
    build(tags::INIT_REGISTRY, accounts, &[bytemuck::bytes_of(args)])
}

pub fn update_registry(authority: Pubkey, args: &RegistryArgs) -> Instruction {
    let accounts = vec![signer(authority), write(address::registry().0)];
    build(tags::UPDATE_REGISTRY, accounts, &[bytemuck::bytes_of(args)])
}

pub fn propose_authority(authority: Pubkey, next: Pubkey) -> Instruction {
    let accounts = vec![signer(authority), write(address::registry().0)];
    build(tags::PROPOSE_AUTHORITY, accounts, &[next.as_ref()])
}

/// Signed by the proposed authority.
pub fn accept_authority(next: Pubkey) -> Instruction {
    let accounts = vec![signer(next), write(address::registry().0)];
    build(tags::ACCEPT_AUTHORITY, accounts, &[])
}

/// Opens the vault of a mint: the zero key (with any `token_program`) for native SOL, else a mint
/// and its token program. Anyone may.
pub fn open_vault(rent_payer: Pubkey, mint: Pubkey, token_program: Pubkey) -> Instruction {
    let accounts = vec![
        payer(rent_payer),
        read(address::registry().0),
        read(mint),
        write(address::vault(&mint).0),
        write(address::vault_tokens(&mint).0),
        read(token_program),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::OPEN_VAULT, accounts, &[])
}

/// Adds a beacon, usable after the registry's delay. `proof`: the signature of round `args.round`, and its witness.
/// Signed by the registry's authority.
pub fn add_beacon(authority: Pubkey, args: &BeaconArgs, proof: &[u8]) -> Instruction {
    let accounts = vec![
        payer(authority),
        read(address::registry().0),
        write(address::beacon(&args.chain_hash).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::ADD_BEACON, accounts, &[bytemuck::bytes_of(args), &length(proof), proof])
}

/// Takes back a beacon whose delay is not over. Signed by the registry's authority.
pub fn remove_beacon(authority: Pubkey, beacon: Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = vec![signer(authority), read(address::registry().0), write(beacon), write(rent_payer)];
    build(tags::REMOVE_BEACON, accounts, &[])
}

/// Verifies the signature of a beacon's round and returns its randomness; changes nothing.
pub fn verify_beacon(beacon: Pubkey, round: u64, proof: &[u8]) -> Instruction {
    build(tags::VERIFY_BEACON, vec![read(beacon)], &[&round.to_le_bytes(), &length(proof), proof])
}

/// Creates the oracle set of these reporters, 1 to 16 in any order, each once. Anyone may.
pub fn create_oracle_set(rent_payer: Pubkey, reporters: &[Pubkey]) -> Instruction {
    let mut reporters = reporters.to_vec();
    reporters.sort();
    let accounts =
        vec![payer(rent_payer), write(address::oracle_set(&reporters).0), read(address::SYSTEM_PROGRAM)];
    let bytes: Vec<u8> = reporters.iter().flat_map(Pubkey::to_bytes).collect();
    build(tags::CREATE_ORACLE_SET, accounts, &[&length(&bytes), &bytes])
}
