//! Lotteries: creation, roles, money that is not a player's, retirement.

use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::vec;

use super::{build, length, payer, read, signer, write};
use crate::{
    address,
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
    kinds::{Role, Source},
    tags,
};

/// The account of a config's source: its beacon, or its oracle set; the zero key for other sources.
fn source(config: &ConfigArgs, rules: &[u8]) -> Pubkey {
    match Source::from_byte(config.source) {
        // The rules begin with it.
        Some(Source::Oracle) => rules.first_chunk().copied().unwrap_or_default().into(),
        _ => config.beacon.into(),
    }
}

/// Creates lottery `id` (the registry's `next_lottery_id`) and its first config. `operator` signs
/// and pays; `rules` are the bytes of the kind's rules struct.
pub fn create_lottery(
    operator: Pubkey,
    id: u64,
    mint: Pubkey,
    args: &LotteryArgs,
    limits: &LimitsArgs,
    config: &ConfigArgs,
    rules: &[u8],
) -> Instruction {
    let lottery = address::lottery(id).0;
    let accounts = vec![
        payer(operator),
        write(address::registry().0),
        read(address::vault(&mint).0),
        read(source(config, rules)),
        write(lottery),
        write(address::config(&lottery, 0).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(
        tags::CREATE_LOTTERY,
        accounts,
        &[
            bytemuck::bytes_of(args),
            bytemuck::bytes_of(limits),
            bytemuck::bytes_of(config),
            &length(rules),
            rules,
        ],
    )
}

/// Writes config `version` (the lottery's `config_count`) for rounds not yet opened.
pub fn update_config(
    operator: Pubkey,
    id: u64,
    version: u32,
    config: &ConfigArgs,
    rules: &[u8],
) -> Instruction {
    let lottery = address::lottery(id).0;
    let accounts = vec![
        payer(operator),
        read(address::registry().0),
        read(source(config, rules)),
        write(lottery),
        write(address::config(&lottery, version).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::UPDATE_CONFIG, accounts, &[bytemuck::bytes_of(config), &length(rules), rules])
}

/// An instruction of the lottery's role holder that changes only the lottery.
fn by_role(tag: u8, holder: Pubkey, id: u64, parts: &[&[u8]]) -> Instruction {
    build(tag, vec![signer(holder), write(address::lottery(id).0)], parts)
}

/// Changes limits, schedule and rewards for rounds not yet opened. Signed by the operator.
pub fn update_limits(operator: Pubkey, id: u64, limits: &LimitsArgs) -> Instruction {
    by_role(tags::UPDATE_LIMITS, operator, id, &[bytemuck::bytes_of(limits)])
}

/// Lets rounds open: after creation, or after a pause.
pub fn activate_lottery(operator: Pubkey, id: u64) -> Instruction {
    by_role(tags::ACTIVATE_LOTTERY, operator, id, &[])
}

/// Pauses, and voids the rounds that still take entries: the newest two are given. For an index that
/// does not exist yet pass the address it would have.
pub fn pause_lottery(pauser: Pubkey, id: u64, next_round_index: u64) -> Instruction {
    let lottery = address::lottery(id).0;
    let round = |back: u64| address::round(&lottery, next_round_index.wrapping_sub(back)).0;
    let accounts = vec![signer(pauser), write(lottery), write(round(1)), write(round(2))];
    build(tags::PAUSE_LOTTERY, accounts, &[])
}

/// Makes the next round the last; completes at once when no round lives and no jackpot is left.
pub fn retire_lottery(operator: Pubkey, id: u64) -> Instruction {
    by_role(tags::RETIRE_LOTTERY, operator, id, &[])
}

/// First step of a hand-over, signed by the holder of `role`.
pub fn propose_role(holder: Pubkey, id: u64, role: Role, next: Pubkey) -> Instruction {
    by_role(tags::PROPOSE_ROLE, holder, id, &[&[role as u8], next.as_ref()])
}

/// Second step, signed by the proposed holder.
pub fn accept_role(next: Pubkey, id: u64, role: Role) -> Instruction {
    by_role(tags::ACCEPT_ROLE, next, id, &[&[role as u8]])
}

/// A move between a wallet of the signer and a lottery.
fn with_wallet(tag: u8, owner: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    let accounts =
        vec![signer(owner), write(address::wallet(&owner, &mint).0), write(address::lottery(id).0)];
    build(tag, accounts, &[&amount_units.to_le_bytes()])
}

/// Adds to the jackpot from the signer's wallet. Anyone may.
pub fn fund_jackpot(owner: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::FUND_JACKPOT, owner, id, mint, amount_units)
}

/// Adds to the bond from the signer's wallet. Anyone may.
pub fn fund_bond(owner: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::FUND_BOND, owner, id, mint, amount_units)
}

/// Takes back free bond. Signed by the operator.
pub fn withdraw_bond(operator: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::WITHDRAW_BOND, operator, id, mint, amount_units)
}

/// Adds to the free bankroll of a house game from the signer's wallet. Anyone may.
pub fn fund_bankroll(owner: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::FUND_BANKROLL, owner, id, mint, amount_units)
}

/// Takes back free bankroll; what pages have reserved stays. Signed by the operator.
pub fn withdraw_bankroll(operator: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::WITHDRAW_BANKROLL, operator, id, mint, amount_units)
}

/// Credits fees to the treasurer's wallet. Signed by the treasurer.
pub fn withdraw_fees(treasurer: Pubkey, id: u64, mint: Pubkey, amount_units: u64) -> Instruction {
    with_wallet(tags::WITHDRAW_FEES, treasurer, id, mint, amount_units)
}

/// Credits all that is owed to the treasury to the wallet of `treasury`. Anyone may.
pub fn withdraw_treasury(treasury: Pubkey, id: u64, mint: Pubkey) -> Instruction {
    let accounts = vec![
        read(address::registry().0),
        write(address::wallet(&treasury, &mint).0),
        write(address::lottery(id).0),
    ];
    build(tags::WITHDRAW_TREASURY, accounts, &[])
}

/// Prepays rewards in lamports. Anyone may.
pub fn fund_crank(from: Pubkey, id: u64, amount_lamports: u64) -> Instruction {
    let accounts = vec![payer(from), write(address::lottery(id).0), read(address::SYSTEM_PROGRAM)];
    build(tags::FUND_CRANK, accounts, &[&amount_lamports.to_le_bytes()])
}

/// Takes back free crank lamports. Signed by the operator.
pub fn withdraw_crank(operator: Pubkey, id: u64, amount_lamports: u64) -> Instruction {
    let accounts = vec![payer(operator), write(address::lottery(id).0)];
    build(tags::WITHDRAW_CRANK, accounts, &[&amount_lamports.to_le_bytes()])
}

/// Commits a new hash chain of `length` reveals when no round uses the old one.
pub fn set_chain(operator: Pubkey, id: u64, commit: &[u8; 32], length: u64) -> Instruction {
    by_role(tags::SET_CHAIN, operator, id, &[commit, &length.to_le_bytes()])
}

/// Moves the last reveal forward over rounds that became void: `reveal` is the link `distance` after the lottery's
/// `chain_head`, of a position before `chain_next`, and every round is counted. Anyone who knows it may.
pub fn advance_chain(id: u64, reveal: &[u8; 32], distance: u8) -> Instruction {
    build(tags::ADVANCE_CHAIN, vec![write(address::lottery(id).0)], &[reveal, &[distance]])
}

/// Closes a config that no round can use any more; rent returns to who paid it.
pub fn close_config(operator: Pubkey, id: u64, version: u32, rent_payer: Pubkey) -> Instruction {
    let lottery = address::lottery(id).0;
    let accounts = vec![
        signer(operator),
        write(lottery),
        write(address::config(&lottery, version).0),
        write(rent_payer),
    ];
    build(tags::CLOSE_CONFIG, accounts, &[])
}

/// Closes a completed, empty lottery; rent and crank lamports return to who paid the rent.
pub fn close_lottery(operator: Pubkey, id: u64, rent_payer: Pubkey) -> Instruction {
    let accounts = vec![signer(operator), write(address::lottery(id).0), write(rent_payer)];
    build(tags::CLOSE_LOTTERY, accounts, &[])
}
