//! Mints and token accounts, written as bytes: both token programs read the same layout.

use lottery_interface::address::TOKEN_2022_PROGRAM;
use solana_pubkey::Pubkey;

use crate::Chain;

const MINT_LEN: usize = 82;
const ACCOUNT_LEN: usize = 165;

/// A mint of SPL Token or Token-2022 without extensions.
pub fn mint_data(decimals: u8, freeze_authority: Option<Pubkey>) -> Vec<u8> {
    let mut data = vec![0; MINT_LEN];
    data[0] = 1;
    data[4..36].fill(7);
    data[36..44].copy_from_slice(&u64::MAX.to_le_bytes());
    data[44] = decimals;
    data[45] = 1;
    if let Some(authority) = freeze_authority {
        data[46] = 1;
        data[50..82].copy_from_slice(authority.as_ref());
    }
    data
}

/// A Token-2022 mint with extensions: (type, bytes) each.
pub fn extended_mint_data(decimals: u8, extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut data = mint_data(decimals, None);
    data.resize(ACCOUNT_LEN, 0);
    // The type of account: a mint.
    data.push(1);
    for (kind, bytes) in extensions {
        data.extend_from_slice(&kind.to_le_bytes());
        data.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
        data.extend_from_slice(bytes);
    }
    data
}

/// Writes a mint.
pub fn set_mint(chain: &mut Chain, mint: Pubkey, token_program: Pubkey, data: Vec<u8>) {
    let rent = chain.rent(data.len());
    chain.set(mint, token_program, rent, data);
}

/// Writes a token account with a balance.
pub fn set_tokens(
    chain: &mut Chain,
    tokens: Pubkey,
    program: Pubkey,
    mint: Pubkey,
    owner: Pubkey,
    amount: u64,
) {
    let mut data = vec![0; ACCOUNT_LEN];
    data[..32].copy_from_slice(mint.as_ref());
    data[32..64].copy_from_slice(owner.as_ref());
    data[64..72].copy_from_slice(&amount.to_le_bytes());
    data[108] = 1;
    if program == TOKEN_2022_PROGRAM {
        // Associated accounts of Token-2022 carry the extension `ImmutableOwner`.
        data.extend_from_slice(&[2, 7, 0, 0, 0]);
    }
    let rent = chain.rent(data.len());
    chain.set(tokens, program, rent, data);
}

/// Freezes or thaws a token account.
pub fn set_frozen(chain: &mut Chain, tokens: Pubkey, frozen: bool) {
    let owner = *solana_account::ReadableAccount::owner(chain.raw(tokens).expect("a token account"));
    chain.forge(tokens, tokens, owner, |data| data[108] = if frozen { 2 } else { 1 });
}

/// The balance of a token account; 0 when there is none.
pub fn amount(chain: &Chain, tokens: Pubkey) -> u64 {
    match chain.data(tokens).get(64..72) {
        Some(bytes) => u64::from_le_bytes(bytes.try_into().expect("8 bytes")),
        None => 0,
    }
}
