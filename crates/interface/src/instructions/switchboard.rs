//! Switchboard on-demand: the program calls it for a round.

use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use std::{vec, vec::Vec};

use super::{build, payer, read, write};
use crate::{address, tags};

/// Native SOL as an SPL token.
pub const WRAPPED_SOL_MINT: Pubkey = Pubkey::from_str_const("So11111111111111111111111111111111111111112");
pub const ASSOCIATED_TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
pub const LOOKUP_TABLE_PROGRAM: Pubkey =
    Pubkey::from_str_const("AddressLookupTab1e1111111111111111111111111");

/// Accounts of a Switchboard deployment.
#[derive(Clone, Copy, Debug)]
pub struct Switchboard {
    pub program: Pubkey,
    pub queue: Pubkey,
    pub program_state: Pubkey,
}

fn call(
    tag: u8,
    cranker: Pubkey,
    round: Pubkey,
    switchboard: &Switchboard,
    theirs: Vec<AccountMeta>,
) -> Instruction {
    let mut accounts =
        vec![payer(cranker), write(round), read(address::registry().0), read(switchboard.program)];
    accounts.extend(theirs);
    build(tag, accounts, &[])
}

/// Creates the randomness account of a round, a new key that signs.
#[allow(clippy::too_many_arguments)]
pub fn init_randomness(
    cranker: Pubkey,
    round: Pubkey,
    switchboard: &Switchboard,
    randomness: Pubkey,
    reward_escrow: Pubkey,
    lut_signer: Pubkey,
    lut: Pubkey,
    recent_slot: u64,
) -> Instruction {
    let theirs = vec![
        payer(randomness),
        write(reward_escrow),
        read(address::randomness_authority(&round).0),
        write(switchboard.queue),
        payer(cranker),
        read(address::SYSTEM_PROGRAM),
        read(address::SPL_TOKEN_PROGRAM),
        read(ASSOCIATED_TOKEN_PROGRAM),
        read(WRAPPED_SOL_MINT),
        read(switchboard.program_state),
        read(lut_signer),
        write(lut),
        read(LOOKUP_TABLE_PROGRAM),
    ];
    let mut all = call(tags::INIT_RANDOMNESS, cranker, round, switchboard, theirs);
    all.data.extend(recent_slot.to_le_bytes());
    all
}

/// Commits the randomness account of a locked round to the newest slot hash. Once.
pub fn commit_randomness(
    cranker: Pubkey,
    round: Pubkey,
    switchboard: &Switchboard,
    randomness: Pubkey,
    oracle: Pubkey,
) -> Instruction {
    let theirs = vec![
        write(randomness),
        read(switchboard.queue),
        write(oracle),
        read(address::SLOT_HASHES),
        read(address::randomness_authority(&round).0),
    ];
    call(tags::COMMIT_RANDOMNESS, cranker, round, switchboard, theirs)
}

/// What the oracle's gateway answers.
#[derive(Clone, Copy, Debug)]
pub struct OracleReveal {
    pub signature: [u8; 64],
    pub recovery_id: u8,
    pub value: [u8; 32],
}

/// Reveals the oracle's value, which becomes the round's.
#[allow(clippy::too_many_arguments)]
pub fn reveal_randomness(
    cranker: Pubkey,
    round: Pubkey,
    switchboard: &Switchboard,
    randomness: Pubkey,
    oracle: Pubkey,
    stats: Pubkey,
    reward_escrow: Pubkey,
    reveal: &OracleReveal,
) -> Instruction {
    let theirs = vec![
        write(randomness),
        read(oracle),
        read(switchboard.queue),
        write(stats),
        read(address::randomness_authority(&round).0),
        payer(cranker),
        read(address::SLOT_HASHES),
        read(address::SYSTEM_PROGRAM),
        write(reward_escrow),
        read(address::SPL_TOKEN_PROGRAM),
        read(WRAPPED_SOL_MINT),
        read(switchboard.program_state),
    ];
    let mut all = call(tags::REVEAL_RANDOMNESS, cranker, round, switchboard, theirs);
    all.data.extend(reveal.signature);
    all.data.push(reveal.recovery_id);
    all.data.extend(reveal.value);
    all
}
