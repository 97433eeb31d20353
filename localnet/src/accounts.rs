//! Bytes of the accounts that exist before the first transaction.

use anyhow::{Context, bail};
use solana_account::Account;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;
use spl_token_2022_interface::{
    extension::{
        BaseStateWithExtensions, BaseStateWithExtensionsMut, ExtensionType, StateWithExtensions,
        StateWithExtensionsMut, immutable_owner::ImmutableOwner, metadata_pointer::MetadataPointer,
    },
    state::{Account as TokenAccount, AccountState, Mint},
};

use crate::MINT_DECIMALS;

const UPGRADEABLE_LOADER: Pubkey = Pubkey::from_str_const("BPFLoaderUpgradeab1e11111111111111111111111");

/// An account without lamports: whoever writes it adds what rent exemption takes.
fn account(owner: Pubkey, data: Vec<u8>, executable: bool) -> Account {
    Account { lamports: 0, data, owner, executable, rent_epoch: u64::MAX }
}

/// The two accounts of an upgradeable program, in the order they must be written: the data
/// account first, because the loader reads it when the program account appears.
///
/// Layout (`UpgradeableLoaderState`, bincode): `ProgramData` is u32 3, u64 slot, option of the
/// authority, padded to 45 bytes, then the ELF; `Program` is u32 2, address of the data.
pub(crate) fn program_accounts(
    program_id: Pubkey,
    elf: &[u8],
    upgrade_authority: Option<Pubkey>,
) -> [(Pubkey, Account); 2] {
    const PROGRAM_DATA_HEADER: usize = 45;
    let (data_address, _) = Pubkey::find_program_address(&[program_id.as_ref()], &UPGRADEABLE_LOADER);

    let mut program_data = Vec::with_capacity(PROGRAM_DATA_HEADER + elf.len());
    program_data.extend_from_slice(&3u32.to_le_bytes());
    program_data.extend_from_slice(&0u64.to_le_bytes());
    program_data.push(upgrade_authority.is_some().into());
    program_data.extend_from_slice(upgrade_authority.unwrap_or_default().as_ref());
    debug_assert_eq!(program_data.len(), PROGRAM_DATA_HEADER);
    program_data.extend_from_slice(elf);

    let mut program = 2u32.to_le_bytes().to_vec();
    program.extend_from_slice(data_address.as_ref());

    [
        (data_address, account(UPGRADEABLE_LOADER, program_data, false)),
        (program_id, account(UPGRADEABLE_LOADER, program, true)),
    ]
}

/// Address of the USDC-like mint: the same in every run, so that scripts can name it.
pub fn default_usdc_mint() -> Pubkey {
    Pubkey::find_program_address(&[b"localnet usdc"], &spl_token_interface::ID).0
}

/// Address of the Token-2022 mint: the same in every run.
pub fn default_token_2022_mint() -> Pubkey {
    Pubkey::find_program_address(&[b"localnet token-2022"], &spl_token_2022_interface::ID).0
}

/// The associated token account of `owner` for a mint of `token_program`.
pub fn associated_token_address(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    get_associated_token_address_with_program_id(owner, mint, token_program)
}

fn mint_base(authority: Option<Pubkey>) -> Mint {
    Mint {
        mint_authority: authority.into(),
        supply: 0,
        decimals: MINT_DECIMALS,
        is_initialized: true,
        freeze_authority: None.into(),
    }
}

/// A plain SPL Token mint.
pub(crate) fn spl_mint(authority: Option<Pubkey>) -> anyhow::Result<Account> {
    let mut data = vec![0; 82];
    let mut mint = StateWithExtensionsMut::<Mint>::unpack_uninitialized(&mut data)?;
    mint.base = mint_base(authority);
    mint.pack_base();
    Ok(account(spl_token_interface::ID, data, false))
}

/// A Token-2022 mint with a metadata pointer: a harmless extension, so that whoever refuses
/// extensions must read which one it is.
pub(crate) fn token_2022_mint(address: Pubkey, authority: Option<Pubkey>) -> anyhow::Result<Account> {
    let len = ExtensionType::try_calculate_account_len::<Mint>(&[ExtensionType::MetadataPointer])?;
    let mut data = vec![0; len];
    let mut mint = StateWithExtensionsMut::<Mint>::unpack_uninitialized(&mut data)?;
    let pointer = mint.init_extension::<MetadataPointer>(false)?;
    pointer.metadata_address = address.into();
    mint.base = mint_base(authority);
    mint.pack_base();
    mint.init_account_type()?;
    Ok(account(spl_token_2022_interface::ID, data, false))
}

/// `mint` with `amount` added to its supply.
pub(crate) fn add_supply(mut mint: Account, amount: u64) -> anyhow::Result<Account> {
    let mut state = StateWithExtensionsMut::<Mint>::unpack(&mut mint.data)?;
    let supply = state.base.supply.checked_add(amount);
    state.base.supply = supply.context("the mint's supply would overflow")?;
    state.pack_base();
    Ok(mint)
}

/// The token account `existing` (or a new one) with `amount` added, as the associated token
/// program would have made it: Token-2022 accounts get an immutable owner.
///
/// Fails for mints whose accounts need other extensions; none of ours does.
pub(crate) fn add_tokens(
    existing: Option<Account>,
    owner: Pubkey,
    mint: Pubkey,
    token_program: Pubkey,
    amount: u64,
) -> anyhow::Result<Account> {
    if let Some(mut found) = existing {
        let mut state = StateWithExtensionsMut::<TokenAccount>::unpack(&mut found.data)?;
        let balance = state.base.amount.checked_add(amount);
        state.base.amount = balance.context("the token balance would overflow")?;
        state.pack_base();
        return Ok(found);
    }
    let is_token_2022 = token_program == spl_token_2022_interface::ID;
    let extensions: &[_] = if is_token_2022 { &[ExtensionType::ImmutableOwner] } else { &[] };
    let len = ExtensionType::try_calculate_account_len::<TokenAccount>(extensions)?;
    let mut data = vec![0; len];
    let mut state = StateWithExtensionsMut::<TokenAccount>::unpack_uninitialized(&mut data)?;
    if is_token_2022 {
        state.init_extension::<ImmutableOwner>(false)?;
    }
    state.base =
        TokenAccount { mint, owner, amount, state: AccountState::Initialized, ..TokenAccount::default() };
    state.pack_base();
    if is_token_2022 {
        state.init_account_type()?;
    }
    Ok(account(token_program, data, false))
}

/// Checks that `mint` is a mint of a token program, and that it needs nothing of its accounts
/// that [`add_tokens`] does not write.
pub(crate) fn check_fundable_mint(mint: &Account) -> anyhow::Result<()> {
    if mint.owner != spl_token_interface::ID && mint.owner != spl_token_2022_interface::ID {
        bail!("that account is not a mint");
    }
    let state = StateWithExtensions::<Mint>::unpack(&mint.data).context("not a mint")?;
    let unknown = state.get_extension_types()?.into_iter().find(|extension| {
        !matches!(extension, ExtensionType::MetadataPointer | ExtensionType::TokenMetadata)
    });
    match unknown {
        Some(extension) => bail!("a mint with {extension:?}: make its token accounts by transaction"),
        None => Ok(()),
    }
}
