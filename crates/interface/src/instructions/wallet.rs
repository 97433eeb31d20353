//! Wallets: the only place where tokens move.

use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::vec;

use super::{build, payer, read, signer, write};
use crate::{address, args::SessionArgs, tags};

/// Opens the wallet of `owner` for `mint`. Anyone may pay; the rent returns to who paid.
pub fn open_wallet(rent_payer: Pubkey, owner: Pubkey, mint: Pubkey) -> Instruction {
    let accounts = vec![
        payer(rent_payer),
        read(owner),
        read(address::vault(&mint).0),
        write(address::wallet(&owner, &mint).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::OPEN_WALLET, accounts, &[])
}

/// The outside end of a deposit or withdrawal.
#[derive(Clone, Copy, Debug)]
pub struct TokenSide {
    /// The zero key for native SOL.
    pub mint: Pubkey,
    /// System program for native SOL.
    pub token_program: Pubkey,
    /// Token account of the owner; the owner itself for native SOL.
    pub tokens: Pubkey,
}

impl TokenSide {
    /// Native SOL from or to `owner`.
    pub fn native(owner: Pubkey) -> Self {
        Self { mint: Pubkey::default(), token_program: address::SYSTEM_PROGRAM, tokens: owner }
    }
}

/// Moves `amount_units` from the owner's tokens into the vault and credits what the vault received.
pub fn deposit(owner: Pubkey, side: TokenSide, amount_units: u64) -> Instruction {
    build(tags::DEPOSIT, token_accounts(owner, side), &[&amount_units.to_le_bytes()])
}

/// Moves `amount_units` from the vault to `side.tokens`; only the owner can.
pub fn withdraw(owner: Pubkey, side: TokenSide, amount_units: u64) -> Instruction {
    build(tags::WITHDRAW, token_accounts(owner, side), &[&amount_units.to_le_bytes()])
}

fn token_accounts(owner: Pubkey, side: TokenSide) -> std::vec::Vec<solana_instruction::AccountMeta> {
    vec![
        payer(owner),
        write(address::wallet(&owner, &side.mint).0),
        write(address::vault(&side.mint).0),
        write(side.tokens),
        write(address::vault_tokens(&side.mint).0),
        read(side.mint),
        read(side.token_program),
    ]
}

/// Sets or, with zeroed arguments, ends the session. Signed by the owner.
pub fn set_session(owner: Pubkey, mint: Pubkey, args: &SessionArgs) -> Instruction {
    let accounts = vec![signer(owner), write(address::wallet(&owner, &mint).0)];
    build(tags::SET_SESSION, accounts, &[bytemuck::bytes_of(args)])
}

/// Closes an empty wallet that no round can pay any more; the rent returns to who paid it.
pub fn close_wallet(owner: Pubkey, mint: Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = vec![signer(owner), write(address::wallet(&owner, &mint).0), write(rent_payer)];
    build(tags::CLOSE_WALLET, accounts, &[])
}
