//! Holding and moving tokens of either token program, and which mints are accepted.

use anchor_lang::{
    prelude::*,
    programs::{Token, Token2022},
};
use anchor_spl::token::{InitializeAccount3, initialize_account3};
use lottery_interface::kinds::VaultKind;

use crate::{
    errors::LotteryError,
    state::{Vault, Wallet},
};

/// Accounts: `owner` [writable, signer], `wallet` [writable], `vault` [writable], `tokens` [writable],
/// `vault_tokens` [writable], `mint` [], `token_program` []. For native SOL the last four are the owner, the
/// unused token account, the zero address and the system program. `tokens` is the outside end: where a withdrawal goes is
/// the owner's choice.
#[derive(Accounts)]
pub struct MoveTokens {
    #[account(mut, unsafe(dup))]
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
    #[account(mut)]
    pub vault: Account<Vault>,
    #[account(mut, unsafe(dup))]
    pub tokens: UncheckedAccount,
    #[account(mut)]
    pub vault_tokens: UncheckedAccount,
    pub mint: UncheckedAccount,
    pub token_program: UncheckedAccount,
}

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
    payer: &Signer,
    account: &mut UncheckedAccount,
    mint: &UncheckedAccount,
    token_program: &UncheckedAccount,
    authority: CpiHandle,
    seeds: &[&[u8]],
) -> Result<()> {
    let program = token_program.address();
    anchor_lang::create_account_signed(
        payer.account(),
        account.account(),
        TOKEN_ACCOUNT_LEN,
        program,
        seeds,
    )?;
    let accounts =
        InitializeAccount3 { account: account.cpi_handle_mut(), mint: mint.cpi_handle(), authority };
    initialize_account3(CpiContext::new(program, accounts))
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

/// What the vault holds: tokens, or the lamports of the vault itself. Its rent is not subtracted: should the cluster's
/// rent ever rise, withdrawals must go on.
pub fn held_units(vault: &Account<Vault>, vault_tokens: &UncheckedAccount) -> Result<u64> {
    if vault.kind == VaultKind::Native as u8 {
        return Ok(vault.account().lamports());
    }
    token_balance(vault_tokens.account(), &vault.mint, &vault.token_program)
}
