//! What strangers do to be in the way: lamports sent to addresses before and after their accounts exist, identifiers taken
//! first, accounts closed in odd orders. Nothing is blocked, and nothing is lost.

use program_tests::{
    Chain, Game, Live, LotteryError as E, Money, Player, Pubkey, Spec, World, address, beacon, ix,
    kinds::{Kind, LotteryStatus},
    world::LAMPORTS,
};

const STAKE: u64 = 1_000_000;

/// Sends lamports to addresses, as anyone can.
fn send(chain: &mut Chain, lamports: u64, keys: &[Pubkey]) {
    for key in keys {
        let held = chain.lamports(*key);
        let data = chain.data(*key).to_vec();
        // What has data here is an account of the program.
        let owner = if data.is_empty() { address::SYSTEM_PROGRAM } else { address::PROGRAM_ID };
        chain.set(*key, owner, held + lamports, data);
    }
}

/// A round of a coin lottery that two players entered.
fn scene() -> (World, Game, Live, [Player; 2]) {
    let mut world = World::new();
    let game = world.create(Spec::coin().pages(8, 2));
    let live = world.open(&game);
    let players = [world.player(Money::Sol, 100 * STAKE), world.player(Money::Sol, 100 * STAKE)];
    for player in &players {
        world.enter(&live, player, 0, &[&[1], &[2], &[1]]);
    }
    world.open_page(&live);
    world.enter(&live, &players[0], 1, &[&[1], &[2]]);
    (world, game, live, players)
}

#[test]
fn lamports_sent_ahead_block_no_address() {
    // Less than rent, and more than any account here needs.
    for lamports in [1, 1_000_000, 50_000_000_000] {
        let mut world = World::bare();
        send(&mut world.chain, lamports, &[address::registry().0]);
        let args = world.registry_args();
        world.chain.expect_ok(&[ix::init_registry(world.authority, &args)]);
        for money in Money::ALL {
            let (mint, program) = (world.mint(money), world.token_program(money));
            send(&mut world.chain, lamports, &[address::vault(&mint).0]);
            if money != Money::Sol {
                send(&mut world.chain, lamports, &[address::vault_tokens(&mint).0]);
            }
            world.chain.expect_ok(&[ix::open_vault(world.authority, mint, program)]);
        }
        send(&mut world.chain, lamports, &[beacon::own_address()]);
        world.add_own_beacon();
        world.allow_beacon(Kind::Draw);
        for money in Money::ALL {
            let id = world.registry().next_lottery_id;
            let lottery = address::lottery(id).0;
            let configs = [address::config(&lottery, 0).0, address::config(&lottery, 1).0];
            let round = address::round(&lottery, 0).0;
            let pages = [address::page(&round, 0).0, address::page(&round, 1).0];
            let owner = world.chain.funded("player", LAMPORTS);
            let wallet = address::wallet(&owner, &world.mint(money)).0;
            send(&mut world.chain, lamports, &[lottery, round, wallet]);
            send(&mut world.chain, lamports, &configs);
            send(&mut world.chain, lamports, &pages);

            let game = world.create(Spec::coin().pages(200, 2).money(money));
            let operator = game.operator.owner;
            let update = ix::update_config(operator, id, 1, &game.spec.config, game.spec.rules_bytes());
            world.chain.expect_ok(&update);
            world.chain.expect_ok(&ix::open_wallet(owner, owner, game.mint));
            let player = world.wallet_of(owner, money, 300 * STAKE);
            assert_eq!((game.key, player.wallet), (lottery, wallet));
            // A page of 200 entries grows once.
            let live = world.open(&game);
            for _ in 0..8 {
                world.enter_quick(&live, &player, 0, 20);
            }
            world.open_page(&live);
            world.enter(&live, &player, 1, &[&[1], &[2]]);
            world.to_final(&live);
            world.pay_all(&live);
            world.close_all(&live);
            for gone in [round, pages[0], pages[1]] {
                assert!(!world.chain.exists(gone), "closed with all that was sent to it");
            }
            let balance = world.balance(&player);
            world.withdraw(&player, balance);
            let busy = world.wallet(&player).busy_until - world.chain.now();
            world.chain.warp(busy.max(0), 1);
            world.chain.expect_ok(&ix::close_wallet(owner, game.mint, owner));
        }
    }
}

#[test]
fn dust_sent_to_accounts_does_not_keep_them_open() {
    let (mut world, game, live, players) = scene();
    let config = address::config(&game.key, 0).0;
    let vault = address::vault(&game.mint).0;
    let all = [live.key, live.page(0), live.page(1), players[0].wallet, game.key, config, vault];
    send(&mut world.chain, 1, &all);
    world.chain.expect_ok(&[ix::retire_lottery(game.operator.owner, game.id)]);
    world.to_final(&live);
    world.pay_all(&live);
    send(&mut world.chain, 1, &all);
    world.close_all(&live);
    let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
    world.wallet_of(game.treasurer, Money::Sol, 0);
    world.wallet_of(world.treasury, Money::Sol, 0);
    let lottery = world.lottery(&game);
    world.chain.expect_ok(&[ix::withdraw_bond(operator, id, mint, lottery.bond_free_units)]);
    world.chain.expect_ok(&[ix::withdraw_fees(game.treasurer, id, mint, lottery.fees_units)]);
    if lottery.treasury_due_units > 0 {
        world.chain.expect_ok(&[ix::withdraw_treasury(world.treasury, id, mint)]);
    }
    let close = [ix::close_config(operator, id, 0, operator), ix::close_lottery(operator, id, operator)];
    world.chain.expect_ok(&close);
    for player in &players {
        let balance = world.balance(player);
        world.withdraw(player, balance);
    }
    let busy = world.wallet(&players[0]).busy_until - world.chain.now();
    world.chain.warp(busy.max(0), 1);
    let owner = players[0].owner;
    world.chain.expect_ok(&ix::close_wallet(owner, mint, owner));
    for gone in [live.key, live.page(0), live.page(1), players[0].wallet, game.key, config] {
        assert!(!world.chain.exists(gone));
    }
}

#[test]
fn an_identifier_taken_first_costs_a_second_try() {
    let mut world = World::new();
    let spec = Spec::coin();
    let people = ["operator", "pauser", "treasurer"].map(|name| world.chain.funded(name, LAMPORTS));
    let planned = world.create_instruction(&spec, people[0], people[1], people[2]);
    // Somebody saw it and was quicker.
    let rival = world.create(spec.clone());
    world.chain.expect_refused(&planned);
    let again = world.create_instruction(&spec, people[0], people[1], people[2]);
    world.chain.expect_ok(&again);
    // The same for a round: it is the same round, whoever opened it.
    let planned = world.open_round_instruction(&rival);
    let live = world.open_round(&rival);
    world.chain.expect_refused(&planned);
    assert_eq!(world.round(&live).index, 0);
}

#[test]
fn accounts_are_closed_from_the_leaves_up() {
    let (mut world, game, live, _) = scene();
    let (cranker, operator, id) = (world.cranker, game.operator.owner, game.id);
    let page = ix::close_page(cranker, live.key, 0, cranker);
    let round = ix::close_round(cranker, game.key, live.key, cranker);
    let config = ix::close_config(operator, id, 0, operator);
    let lottery = ix::close_lottery(operator, id, operator);
    let refused = |world: &mut World, of_page: Option<E>, of_round: E, of_lottery: E| {
        if let Some(error) = of_page {
            world.chain.expect_error(&page, error);
        }
        world.chain.expect_error(&round, of_round);
        world.chain.expect_error(&config, E::RoundsStillLive);
        world.chain.expect_error(&lottery, of_lottery);
    };
    refused(&mut world, Some(E::NotFinal), E::NotFinal, E::WrongStatus);
    world.chain.expect_ok(&[ix::retire_lottery(operator, id)]);
    world.to_settled(&live);
    refused(&mut world, Some(E::NotFinal), E::NotFinal, E::WrongStatus);
    world.finalise(&live);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Completed as u8);
    refused(&mut world, Some(E::StillOwes), E::StillOwes, E::RoundsStillLive);
    world.pay_all(&live);
    refused(&mut world, None, E::PagesNotClosed, E::RoundsStillLive);
    // Pages in any order; one left keeps the round.
    world.chain.expect_ok(&ix::close_page(cranker, live.key, 1, cranker));
    refused(&mut world, None, E::PagesNotClosed, E::RoundsStillLive);
    world.chain.expect_ok(&page);
    world.chain.expect_error(&config, E::RoundsStillLive);
    world.chain.expect_error(&lottery, E::RoundsStillLive);
    world.chain.expect_ok(&round);
    world.chain.expect_error(&lottery, E::LotteryNotEmpty);
    world.chain.expect_ok(&config);
}
