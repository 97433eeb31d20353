//! Wallets: opened by anyone, filled and emptied by their owner, closed when nothing can come to them any more.

use program_tests::{
    InstructionError, LotteryError, Money, Player, Spec, World, address, audit, ix, tokens, world::LAMPORTS,
};

fn side(world: &World, player: &Player) -> ix::TokenSide {
    world.side(player.owner, player.money)
}

#[test]
fn anyone_opens_a_wallet_for_anyone_and_the_payer_gets_the_rent_back() {
    let mut world = World::new();
    let (payer, owner) = (world.chain.funded("payer", LAMPORTS), world.chain.key("owner"));
    let mint = world.mint(Money::Spl);
    world.chain.expect_ok(&[ix::open_wallet(payer, owner, mint)]);
    assert!(world.chain.lamports(payer) < LAMPORTS);
    world.chain.expect_refused(&[ix::open_wallet(payer, owner, mint)]);

    let other = world.chain.funded("other", 1);
    world.chain.expect_error(&[ix::close_wallet(owner, mint, other)], LotteryError::WrongRentPayer);
    let mut stolen = ix::close_wallet(other, mint, payer);
    stolen.accounts[1].pubkey = address::wallet(&owner, &mint).0;
    world.chain.expect_error(&stolen, LotteryError::WrongWallet);
    world.chain.expect_ok(&[ix::close_wallet(owner, mint, payer)]);
    assert_eq!(world.chain.lamports(payer), LAMPORTS);
    assert!(!world.chain.exists(address::wallet(&owner, &mint).0));
    // It may come again.
    world.chain.expect_ok(&[ix::open_wallet(payer, owner, mint)]);
}

#[test]
fn deposits_and_withdrawals_move_what_they_say() {
    for money in Money::ALL {
        let mut world = World::new();
        let player = world.player(money, 0);
        world.grant(player.owner, money, 1_000_000);
        let outside = world.outside(player.owner, money);
        world.deposit(&player, 700_000);
        assert_eq!(world.balance(&player), 700_000);
        assert_eq!(world.outside(player.owner, money), outside - 700_000);
        assert_eq!(audit::vault(&world.chain, &world.mint(money)).total_units, 700_000);
        world.withdraw(&player, 200_000);
        assert_eq!(world.balance(&player), 500_000);
        assert_eq!(world.outside(player.owner, money), outside - 500_000);

        let side = side(&world, &player);
        let mut expect = |instruction, error| world.chain.expect_error(&instruction, error);
        expect(ix::deposit(player.owner, side, 0), LotteryError::ZeroAmount);
        expect(ix::withdraw(player.owner, side, 0), LotteryError::ZeroAmount);
        expect(ix::withdraw(player.owner, side, 500_001), LotteryError::InsufficientBalance);
        expect(ix::withdraw(player.owner, side, u64::MAX), LotteryError::InsufficientBalance);
    }
}

#[test]
fn nobody_deposits_more_than_they_have() {
    for money in Money::ALL {
        let mut world = World::new();
        let player = world.player(money, 1_000);
        world.grant(player.owner, money, 1);
        let too_much = world.outside(player.owner, money) + 1;
        let deposit = ix::deposit(player.owner, side(&world, &player), too_much);
        // The system and the token programs' "insufficient funds".
        world.chain.expect_instruction_error(&deposit, InstructionError::Custom(1));
    }
}

#[test]
fn only_the_owner_withdraws() {
    for money in Money::ALL {
        let mut world = World::new();
        let (victim, thief) = (world.player(money, 1_000_000), world.player(money, 0));
        world.grant(thief.owner, money, 1);
        let side = side(&world, &thief);
        let mut withdraw = ix::withdraw(thief.owner, side, 1_000);
        withdraw.accounts[1].pubkey = victim.wallet;
        world.chain.expect_error(&withdraw, LotteryError::WrongWallet);
        let mut unsigned = ix::withdraw(victim.owner, world.side(victim.owner, money), 1_000);
        unsigned.accounts[0].is_signer = false;
        world.chain.expect_instruction_error(&unsigned, InstructionError::MissingRequiredSignature);
    }
}

#[test]
fn a_withdrawal_goes_where_the_owner_says() {
    let mut world = World::new();
    let player = world.player(Money::Sol, 1_000_000);
    let friend = world.chain.funded("friend", 5);
    let side = ix::TokenSide { tokens: friend, ..side(&world, &player) };
    world.chain.expect_ok(&[ix::withdraw(player.owner, side, 1_000_000)]);
    assert_eq!(world.chain.lamports(friend), 1_000_005);
}

#[test]
fn tokens_and_vaults_of_another_mint_are_refused() {
    let mut world = World::new();
    let player = world.player(Money::Spl, 1_000);
    world.grant(player.owner, Money::Spl, 1_000);
    world.grant(player.owner, Money::Token2022, 1_000);
    let good = side(&world, &player);
    let foreign = world.side(player.owner, Money::Token2022);
    // The order of the accounts: owner, wallet, vault, tokens, vault tokens, mint, token program.
    for make in [ix::deposit, ix::withdraw] {
        let swapped = |place: usize, key| {
            let mut instruction = make(player.owner, good, 10);
            instruction.accounts[place].pubkey = key;
            instruction
        };
        let mut expect = |instruction, error| world.chain.expect_error(&instruction, error);
        expect(swapped(2, address::vault(&foreign.mint).0), LotteryError::WrongMint);
        expect(swapped(3, foreign.tokens), LotteryError::WrongTokenAccount);
        expect(swapped(4, address::vault_tokens(&foreign.mint).0), LotteryError::WrongVault);
        expect(swapped(5, foreign.mint), LotteryError::WrongMint);
        expect(swapped(6, foreign.token_program), LotteryError::WrongTokenAccount);
        // The vault itself as the player's end: it would credit what never moved.
        let circular = swapped(3, address::vault_tokens(&good.mint).0);
        if circular.data[0] == lottery_interface::tags::DEPOSIT {
            world.chain.expect_refused(&circular);
        }
    }
}

#[test]
fn a_token_account_of_another_owner_cannot_be_deposited() {
    let mut world = World::new();
    let (player, victim) = (world.player(Money::Spl, 1_000), world.player(Money::Spl, 1_000));
    world.grant(victim.owner, Money::Spl, 1_000);
    let side = side(&world, &victim);
    let theft = ix::deposit(player.owner, side, 500);
    // The token program's "owner does not match".
    world.chain.expect_instruction_error(&theft, InstructionError::Custom(4));
}

#[test]
fn frozen_tokens_stay_where_they_are_and_others_are_not_held_up() {
    let mut world = World::new();
    let (frozen, free) = (world.player(Money::Spl, 1_000), world.player(Money::Spl, 1_000));
    let tokens = side(&world, &frozen).tokens;
    tokens::set_frozen(&mut world.chain, tokens, true);
    let withdraw = ix::withdraw(frozen.owner, side(&world, &frozen), 100);
    // The token program's "account is frozen".
    world.chain.expect_instruction_error(&withdraw, InstructionError::Custom(17));
    world.withdraw(&free, 1_000);
    assert_eq!(world.balance(&frozen), 1_000);
}

#[test]
fn a_wallet_with_money_or_in_a_round_is_not_closed() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let player = world.player(Money::Sol, 1_000_000);
    let close = ix::close_wallet(player.owner, game.mint, player.owner);
    world.chain.expect_error(&close, LotteryError::WalletNotEmpty);
    let live = world.open(&game);
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 6]]);
    assert_eq!(world.balance(&player), 0);
    world.chain.expect_error(&close, LotteryError::WalletBusy);

    let busy_until = world.wallet(&player).busy_until;
    assert_eq!(busy_until, world.round(&live).locks_at + world.round(&live).grace_seconds as i64);
    world.chain.warp(busy_until - world.chain.now() - 1, 1);
    world.chain.expect_error(&close, LotteryError::WalletBusy);
    world.chain.warp(1, 1);
    world.chain.expect_ok(&close);
}

#[test]
fn an_earlier_round_does_not_shorten_how_long_a_wallet_is_busy() {
    let mut world = World::new();
    let mut slow = Spec::default();
    slow.limits.period_seconds = 10_000;
    let (slow, fast) = (world.create(slow), world.create(Spec::default()));
    let (slow, fast) = (world.open(&slow), world.open(&fast));
    let player = world.player(Money::Sol, 10_000_000);
    world.enter_quick(&slow, &player, 0, 1);
    let busy_until = world.wallet(&player).busy_until;
    world.enter_quick(&fast, &player, 0, 1);
    assert_eq!(world.wallet(&player).busy_until, busy_until);
}

#[test]
fn tokens_sent_to_the_vault_by_hand_belong_to_nobody() {
    let mut world = World::new();
    let player = world.player(Money::Spl, 1_000);
    let vault_tokens = address::vault_tokens(&world.spl).0;
    let program = address::SPL_TOKEN_PROGRAM;
    world.chain.forge(vault_tokens, vault_tokens, program, |data| {
        data[64..72].copy_from_slice(&9_999u64.to_le_bytes());
    });
    world.grant(player.owner, Money::Spl, 50);
    world.deposit(&player, 50);
    assert_eq!(world.balance(&player), 1_050);
    assert_eq!(audit::vault(&world.chain, &world.spl).total_units, 1_050);
}
