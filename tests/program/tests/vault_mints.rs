//! Which mints a vault may hold: extensions are allowed by name, all others are refused by presence.

use program_tests::{
    LotteryError, Pubkey, World,
    accounts::Vault,
    address::{self, SPL_TOKEN_PROGRAM, TOKEN_2022_PROGRAM},
    ix,
    kinds::VaultKind,
    tokens,
};

/// A world with one more mint, and the instruction that opens its vault.
fn with_mint(program: Pubkey, data: Vec<u8>) -> (World, Pubkey) {
    let mut world = World::new();
    let mint = world.chain.key("mint");
    tokens::set_mint(&mut world.chain, mint, program, data);
    (world, mint)
}

#[track_caller]
fn refused(extension: u16, len: usize) {
    // Zeroed bytes: for each of these extensions the harmless setting. Presence alone is refused.
    let data = tokens::extended_mint_data(6, &[(extension, vec![0; len])]);
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, data);
    let open = ix::open_vault(world.authority, mint, TOKEN_2022_PROGRAM);
    world.chain.expect_error(&open, LotteryError::MintExtensionRefused);
}

#[track_caller]
fn accepted(extensions: &[(u16, Vec<u8>)]) {
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, tokens::extended_mint_data(6, extensions));
    world.chain.expect_ok(&[ix::open_vault(world.authority, mint, TOKEN_2022_PROGRAM)]);
    let vault: Vault = world.chain.account(address::vault(&mint).0);
    assert_eq!((vault.kind, vault.decimals), (VaultKind::Token2022 as u8, 6));

    // And tokens do come in and out.
    let owner = world.chain.funded("owner", program_tests::world::LAMPORTS);
    let outside = world.chain.key("tokens");
    tokens::set_tokens(&mut world.chain, outside, TOKEN_2022_PROGRAM, mint, owner, 1_000);
    let side = ix::TokenSide { mint, token_program: TOKEN_2022_PROGRAM, tokens: outside };
    world.chain.expect_ok(&[ix::open_wallet(owner, owner, mint), ix::deposit(owner, side, 900)]);
    world.chain.expect_ok(&[ix::withdraw(owner, side, 400)]);
    assert_eq!(tokens::amount(&world.chain, outside), 500);
}

#[test]
fn a_transfer_fee_is_refused() {
    refused(1, 108);
}

#[test]
fn a_close_authority_is_refused() {
    refused(3, 32);
}

#[test]
fn confidential_transfers_are_refused() {
    refused(4, 65);
}

#[test]
fn a_default_account_state_is_refused() {
    refused(6, 1);
}

#[test]
fn a_frozen_default_account_state_is_refused() {
    let data = tokens::extended_mint_data(6, &[(6, vec![2])]);
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, data);
    let open = ix::open_vault(world.authority, mint, TOKEN_2022_PROGRAM);
    world.chain.expect_error(&open, LotteryError::MintExtensionRefused);
}

#[test]
fn a_non_transferable_mint_is_refused() {
    refused(9, 0);
}

#[test]
fn an_interest_bearing_mint_is_refused() {
    refused(10, 52);
}

#[test]
fn a_permanent_delegate_is_refused() {
    refused(12, 32);
}

#[test]
fn a_transfer_hook_is_refused() {
    refused(14, 64);
}

#[test]
fn confidential_transfer_fees_are_refused() {
    refused(16, 129);
}

#[test]
fn confidential_mint_and_burn_is_refused() {
    refused(24, 196);
}

#[test]
fn a_scaled_amount_is_refused() {
    refused(25, 56);
}

#[test]
fn a_pausable_mint_is_refused() {
    refused(26, 33);
}

#[test]
fn permissioned_burn_is_refused() {
    refused(28, 32);
}

#[test]
fn an_extension_of_the_future_is_refused() {
    refused(29, 8);
    refused(999, 0);
    refused(u16::MAX, 40);
}

#[test]
fn a_refused_extension_hides_behind_no_allowed_one() {
    let data = tokens::extended_mint_data(6, &[(18, vec![0; 64]), (22, vec![0; 64]), (14, vec![0; 64])]);
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, data);
    let open = ix::open_vault(world.authority, mint, TOKEN_2022_PROGRAM);
    world.chain.expect_error(&open, LotteryError::MintExtensionRefused);
}

#[test]
fn metadata_and_groups_are_accepted() {
    accepted(&[]);
    accepted(&[(18, vec![0; 64])]);
    accepted(&[(20, vec![0; 64])]);
    accepted(&[(22, vec![0; 64])]);
    // Metadata of variable length: update authority, mint, three empty strings, no further fields.
    accepted(&[(18, vec![0; 64]), (19, vec![0; 80])]);
    accepted(&[
        (18, vec![0; 64]),
        (20, vec![0; 64]),
        (21, vec![0; 80]),
        (22, vec![0; 64]),
        (23, vec![0; 72]),
    ]);
}

#[test]
fn a_list_of_extensions_that_runs_over_the_end_is_refused() {
    let mut data = tokens::extended_mint_data(6, &[(18, vec![0; 64])]);
    data.truncate(data.len() - 1);
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, data);
    let open = ix::open_vault(world.authority, mint, TOKEN_2022_PROGRAM);
    world.chain.expect_error(&open, LotteryError::MintNotSupported);
}

#[test]
fn an_spl_mint_is_accepted_even_if_its_issuer_can_freeze() {
    let data = tokens::mint_data(6, Some(Pubkey::new_from_array([3; 32])));
    let (mut world, mint) = with_mint(SPL_TOKEN_PROGRAM, data);
    world.chain.expect_ok(&[ix::open_vault(world.authority, mint, SPL_TOKEN_PROGRAM)]);
    let vault: Vault = world.chain.account(address::vault(&mint).0);
    assert_eq!(vault.kind, VaultKind::SplToken as u8);
    assert_eq!(vault.tokens, address::vault_tokens(&mint).0.to_bytes());
}

#[test]
fn what_is_no_mint_is_refused() {
    let refused = LotteryError::MintNotSupported;
    // Not initialised.
    let mut data = tokens::mint_data(6, None);
    data[45] = 0;
    let (mut world, mint) = with_mint(SPL_TOKEN_PROGRAM, data);
    world.chain.expect_error(&[ix::open_vault(world.authority, mint, SPL_TOKEN_PROGRAM)], refused);
    // Of another program.
    let other = Pubkey::new_from_array([9; 32]);
    let (mut world, mint) = with_mint(other, tokens::mint_data(6, None));
    world.chain.expect_error(&[ix::open_vault(world.authority, mint, SPL_TOKEN_PROGRAM)], refused);
    // Of the other token program.
    let (mut world, mint) = with_mint(TOKEN_2022_PROGRAM, tokens::mint_data(6, None));
    world.chain.expect_error(&[ix::open_vault(world.authority, mint, SPL_TOKEN_PROGRAM)], refused);
    // A token account, of either program.
    for program in [SPL_TOKEN_PROGRAM, TOKEN_2022_PROGRAM] {
        let mut world = World::new();
        let (account, mint) = (world.chain.key("tokens"), world.spl);
        let owner = world.authority;
        tokens::set_tokens(&mut world.chain, account, program, mint, owner, 1);
        // Byte 45 is part of the owner's key: an attacker chooses it.
        world.chain.forge(account, account, program, |data| data[45] = 1);
        world.chain.expect_error(&[ix::open_vault(world.authority, account, program)], refused);
    }
    // Nothing at all.
    let mut world = World::new();
    let nothing = world.chain.key("nothing");
    world.chain.expect_error(&[ix::open_vault(world.authority, nothing, SPL_TOKEN_PROGRAM)], refused);
}

#[test]
fn a_multisig_dressed_as_a_mint_is_refused() {
    // 355 bytes of Token-2022 whose owner chose every byte that a mint is recognised by.
    let mut data = vec![0; 355];
    data[45] = 1;
    data[165] = 1;
    let (mut world, account) = with_mint(TOKEN_2022_PROGRAM, data);
    world.chain.expect_refused(&[ix::open_vault(world.authority, account, TOKEN_2022_PROGRAM)]);
}

#[test]
fn a_vault_is_opened_once() {
    let mut world = World::new();
    for mint in [Pubkey::default(), world.spl, world.token_2022] {
        let vault = address::vault(&mint).0;
        let program = Pubkey::new_from_array(world.chain.account::<Vault>(vault).token_program);
        world.chain.expect_refused(&[ix::open_vault(world.authority, mint, program)]);
    }
}

#[test]
fn lamports_sent_ahead_do_not_stop_a_vault() {
    let (mut world, mint) = with_mint(SPL_TOKEN_PROGRAM, tokens::mint_data(6, None));
    world.chain.set_lamports(address::vault(&mint).0, 5);
    world.chain.set_lamports(address::vault_tokens(&mint).0, 7);
    world.chain.expect_ok(&[ix::open_vault(world.authority, mint, SPL_TOKEN_PROGRAM)]);
}
