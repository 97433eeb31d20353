//! Moving and holding tokens of either token program, and which mints are accepted.

use anchor_lang::{
    pinocchio::cpi::{CpiAccount, Seed, Signer as Seeds, invoke_signed, invoke_signed_unchecked},
    pinocchio::instruction::{InstructionAccount, InstructionView},
    prelude::*,
    programs::{Token, Token2022},
};
use lottery_interface::kinds::VaultKind;

use crate::errors::LotteryError;

/// Length of a token account of a mint without extensions that need room in it. All that are accepted
/// need none.
const TOKEN_ACCOUNT_LEN: usize = 165;
const MINT_LEN: usize = 82;
/// Where a Token-2022 mint says what it is, and where its extensions begin.
const ACCOUNT_TYPE: usize = 165;
const ACCOUNT_TYPE_MINT: u8 = 1;

/// Extensions that can neither take, freeze nor hide tokens, nor change what an amount means:
/// mint close authority (needs a supply of zero), interest-bearing and scaled amounts (display only) are
/// left out all the same, because none is needed by a stake.
const ALLOWED_EXTENSIONS: [u16; 6] = [
    18, // metadata pointer
    19, // token metadata
    20, // group pointer
    21, // token group
    22, // group member pointer
    23, // token group member
];

/// Kind and decimals of a mint that a vault may hold.
pub fn check_mint(mint: &AccountView) -> Result<(VaultKind, u8)> {
    // SAFETY: nothing else borrows the mint in this instruction.
    let data = unsafe { mint.borrow_unchecked() };
    require!(data.len() >= MINT_LEN && data[45] == 1, LotteryError::MintNotSupported);
    let decimals = data[44];
    if mint.owned_by(&Token::id()) {
        require!(data.len() == MINT_LEN, LotteryError::MintNotSupported);
        return Ok((VaultKind::SplToken, decimals));
    }
    require!(mint.owned_by(&Token2022::id()), LotteryError::MintNotSupported);
    if data.len() > MINT_LEN {
        require!(
            data.len() > ACCOUNT_TYPE && data[ACCOUNT_TYPE] == ACCOUNT_TYPE_MINT,
            LotteryError::MintNotSupported
        );
        check_extensions(&data[ACCOUNT_TYPE + 1..])?;
    }
    Ok((VaultKind::Token2022, decimals))
}

/// Extensions are (type u16, length u16, bytes), up to a type of zero or the end.
fn check_extensions(mut tlv: &[u8]) -> Result<()> {
    while tlv.len() >= 4 {
        let kind = u16::from_le_bytes([tlv[0], tlv[1]]);
        if kind == 0 {
            break;
        }
        require!(ALLOWED_EXTENSIONS.contains(&kind), LotteryError::MintExtensionRefused);
        let length = u16::from_le_bytes([tlv[2], tlv[3]]) as usize;
        tlv = tlv.get(4 + length..).ok_or(LotteryError::MintNotSupported)?;
    }
    Ok(())
}

/// Creates a token account at a program address, owned by `authority`.
pub fn create_token_account(
    payer: &AccountView,
    account: &AccountView,
    mint: &AccountView,
    token_program: &AccountView,
    authority: &Address,
    seeds: &[&[u8]],
) -> Result<()> {
    anchor_lang::create_account_signed(payer, account, TOKEN_ACCOUNT_LEN, token_program.address(), seeds)?;
    const INITIALIZE_ACCOUNT_3: u8 = 18;
    let mut data = [INITIALIZE_ACCOUNT_3; 33];
    data[1..].copy_from_slice(authority.as_ref());
    let instruction = InstructionView {
        program_id: token_program.address(),
        accounts: &[
            InstructionAccount::writable(account.address()),
            InstructionAccount::readonly(mint.address()),
        ],
        data: &data,
    };
    invoke_signed(&instruction, &[account, mint], &[])
}

/// A transfer that the token program checks against mint and decimals.
pub struct Transfer<'a> {
    pub token_program: &'a AccountView,
    pub from: &'a AccountView,
    pub mint: &'a AccountView,
    pub to: &'a AccountView,
    pub authority: &'a AccountView,
    pub amount_units: u64,
    pub decimals: u8,
}

impl Transfer<'_> {
    /// Signed by the transaction, or by the program address with these seeds.
    pub fn invoke(&self, seeds: Option<&[Seed]>) -> Result<()> {
        const TRANSFER_CHECKED: u8 = 12;
        let mut data = [TRANSFER_CHECKED; 10];
        data[1..9].copy_from_slice(&self.amount_units.to_le_bytes());
        data[9] = self.decimals;
        let instruction = InstructionView {
            program_id: self.token_program.address(),
            accounts: &[
                InstructionAccount::writable(self.from.address()),
                InstructionAccount::readonly(self.mint.address()),
                InstructionAccount::writable(self.to.address()),
                InstructionAccount::readonly_signer(self.authority.address()),
            ],
            data: &data,
        };
        let accounts = [self.from, self.mint, self.to, self.authority].map(CpiAccount::from);
        // SAFETY: the typed vault, which may be the authority, is not part of what a token program writes,
        // and nothing here holds a reference into the data of the others.
        unsafe {
            match seeds {
                Some(seeds) => invoke_signed_unchecked(&instruction, &accounts, &[Seeds::from(seeds)]),
                None => invoke_signed_unchecked(&instruction, &accounts, &[]),
            }
        }
        Ok(())
    }
}

/// Balance of a token account, after checking that it is one of this mint and program.
pub fn token_balance(account: &AccountView, mint: &Address, token_program: &Address) -> Result<u64> {
    require!(account.owned_by(token_program), LotteryError::WrongTokenAccount);
    // SAFETY: read at once; nothing keeps a borrow across a CPI.
    let data = unsafe { account.borrow_unchecked() };
    require!(
        data.len() >= TOKEN_ACCOUNT_LEN && data[..32] == *mint.as_ref(),
        LotteryError::WrongTokenAccount
    );
    Ok(u64::from_le_bytes(core::array::from_fn(|i| data[64 + i])))
}
