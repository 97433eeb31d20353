//! Paying: prizes to winners, each once, whoever pushes them; nobody's missing wallet holds up the others.

use program_tests::{
    Instruction, InstructionError, Live, LotteryError, Money, Player, Spec, World, ix, ix::Item,
    world::LAMPORTS,
};

const STAKE: u64 = 1_000_000;

/// A final coin round of two players; every ticket comes in two of each side, so both won and lost.
fn scene() -> (World, Live, [Player; 2]) {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let live = world.open(&game);
    let players = [world.player(Money::Sol, 100 * STAKE), world.player(Money::Sol, 100 * STAKE)];
    for player in &players {
        world.enter(&live, player, 0, &[&[1], &[2], &[1], &[2]]);
    }
    world.to_final(&live);
    (world, live, players)
}

fn pay(world: &World, live: &Live, items: &[Item]) -> Instruction {
    ix::pay(world.cranker, live.key, 0, items)
}

#[test]
fn winners_are_paid_what_the_split_says() {
    let (mut world, live, players) = scene();
    let round = world.round(&live);
    assert_eq!((round.winners_total, round.prize_each_units[0]), (4, 1_900_000));
    let items = world.owed_prizes(&live, 0);
    assert_eq!(items.len(), 4);
    let all = pay(&world, &live, &items);
    let meta = world.chain.expect_ok(&all);
    for player in &players {
        assert_eq!(world.balance(player), 96 * STAKE + 2 * 1_900_000);
    }
    let round = world.round(&live);
    assert_eq!((round.winners_paid, round.cash_units, world.page(&live, 0).paid), (4, 0, 4));
    assert_eq!(meta.events().len(), 1);
}

#[test]
fn a_player_pulls_their_own_prize() {
    let (mut world, live, players) = scene();
    let items: Vec<Item> =
        world.owed_prizes(&live, 0).into_iter().filter(|item| item.wallet == players[1].wallet).collect();
    world.chain.expect_ok(&[ix::pay(players[1].owner, live.key, 0, &items)]);
    assert_eq!(world.balance(&players[1]), 96 * STAKE + 2 * 1_900_000);
    assert_eq!(world.balance(&players[0]), 96 * STAKE);
}

#[test]
fn nothing_is_paid_twice() {
    let (mut world, live, _) = scene();
    let items = world.owed_prizes(&live, 0);
    let first = pay(&world, &live, &items[..1]);
    world.chain.expect_ok(&first);
    world.chain.expect_error(&first, LotteryError::AlreadyPaid);
    // Twice in one batch counts once.
    let double = pay(&world, &live, &[items[1], items[1], items[1]]);
    world.chain.expect_ok(&double);
    assert_eq!(world.round(&live).winners_paid, 2);
    // A batch with something left to do passes over what is done.
    let all = pay(&world, &live, &items);
    world.chain.expect_ok(&all);
    assert_eq!((world.round(&live).winners_paid, world.round(&live).cash_units), (4, 0));
    world.chain.expect_error(&all, LotteryError::AlreadyPaid);
}

#[test]
fn nothing_is_paid_before_the_round_is_final_or_after_a_void() {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100 * STAKE);
    world.enter(&live, &player, 0, &[&[1], &[2]]);
    let items = [Item { index: 0, wallet: player.wallet }, Item { index: 1, wallet: player.wallet }];
    let all = pay(&world, &live, &items);
    let refused = LotteryError::NotFinal;
    world.chain.expect_error(&all, refused);
    let mut void = world.clone();
    void.to_void(&live);
    void.chain.expect_error(&all, refused);
    void.finalise(&live);
    void.chain.expect_error(&all, refused);
    world.value(&live);
    world.chain.expect_error(&all, refused);
    world.draw(&live);
    world.chain.expect_error(&all, refused);
    world.settle_all(&live);
    world.chain.expect_error(&all, refused);
}

#[test]
fn a_ticket_that_lost_is_paid_nothing() {
    let (mut world, live, players) = scene();
    let lost = world.entries(&live, 0).iter().position(|entry| entry.tier == 0).expect("half of them lost");
    let item = Item { index: lost as u32, wallet: players[lost / 4].wallet };
    let alone = pay(&world, &live, &[item]);
    world.chain.expect_error(&alone, LotteryError::NotAWinner);
    let mut items = world.owed_prizes(&live, 0);
    items.push(item);
    let all = pay(&world, &live, &items);
    world.chain.expect_error(&all, LotteryError::NotAWinner);
}

#[test]
fn malformed_items_are_refused() {
    let (mut world, live, _) = scene();
    let items = world.owed_prizes(&live, 0);
    let none = pay(&world, &live, &[]);
    world.chain.expect_error(&none, LotteryError::ItemsMalformed);
    for cut in 1..5 {
        let mut short = pay(&world, &live, &items[..1]);
        short.data.truncate(short.data.len() - cut);
        short.data[1] -= cut as u8;
        world.chain.expect_error(&short, LotteryError::ItemsMalformed);
    }
    // An entry and an account that are not there.
    for index in [8, 63, 64, u32::MAX] {
        let beyond = pay(&world, &live, &[Item { index, ..items[0] }]);
        world.chain.expect_error(&beyond, LotteryError::ItemOutOfRange);
    }
    let mut beyond = pay(&world, &live, &items[..1]);
    *beyond.data.last_mut().unwrap() = 1;
    world.chain.expect_error(&beyond, LotteryError::ItemOutOfRange);
}

#[test]
fn a_prize_goes_only_to_the_wallet_that_entered() {
    let (mut world, live, players) = scene();
    let item = world.owed_prizes(&live, 0)[0];
    let other = players.iter().find(|player| player.wallet != item.wallet).unwrap();
    let theft = pay(&world, &live, &[Item { wallet: other.wallet, ..item }]);
    world.chain.expect_error(&theft, LotteryError::WrongWallet);
    let stranger = world.chain.funded("stranger", LAMPORTS);
    let theft = pay(&world, &live, &[Item { wallet: stranger, ..item }]);
    world.chain.expect_error(&theft, LotteryError::WrongWallet);
    // The right shape, owned by another program, or in another mint.
    let forged = world.chain.key("forged wallet");
    world.chain.forge(other.wallet, forged, program_tests::address::SPL_TOKEN_PROGRAM, |_| ());
    let theft = pay(&world, &live, &[Item { wallet: forged, ..item }]);
    world.chain.expect_error(&theft, LotteryError::WrongWallet);
    let foreign = world.wallet_of(other.owner, Money::Spl, 5);
    let theft = pay(&world, &live, &[Item { wallet: foreign.wallet, ..item }]);
    world.chain.expect_error(&theft, LotteryError::WrongMint);
}

#[test]
fn an_account_given_twice_is_refused() {
    let (mut world, live, _) = scene();
    let items = world.owed_prizes(&live, 0);
    let mut twice = pay(&world, &live, &items);
    let wallet = twice.accounts[3].clone();
    twice.accounts.push(wallet);
    world.chain.expect_error(&twice, LotteryError::DuplicateAccount);
    // Also when it is one of the named accounts: the framework sees that.
    for named in 1..3 {
        let mut twice = pay(&world, &live, &items);
        let account = twice.accounts[named].clone();
        twice.accounts.push(account);
        world.chain.expect_anchor_error(&twice, 2040);
    }
}

#[test]
fn a_read_only_wallet_is_refused() {
    let (mut world, live, _) = scene();
    let items = world.owed_prizes(&live, 0);
    let mut all = pay(&world, &live, &items[..1]);
    all.accounts[3].is_writable = false;
    world.chain.expect_anchor_error(&all, 2000);
}

#[test]
fn a_closed_wallet_is_passed_over_and_paid_when_it_is_back() {
    let (mut world, live, players) = scene();
    let items = world.owed_prizes(&live, 0);
    let (gone, there) = (players[0], players[1]);
    world.withdraw(&gone, 96 * STAKE);
    let busy_until = world.wallet(&gone).busy_until;
    world.chain.warp(busy_until - world.chain.now(), 1);
    world.chain.expect_ok(&[ix::close_wallet(gone.owner, live.game.mint, gone.owner)]);

    let all = pay(&world, &live, &items);
    world.chain.expect_ok(&all);
    assert_eq!((world.round(&live).winners_paid, world.balance(&there)), (2, 96 * STAKE + 3_800_000));
    let alone: Vec<Item> = items.iter().copied().filter(|item| item.wallet == gone.wallet).collect();
    let alone = pay(&world, &live, &alone);
    world.chain.expect_error(&alone, LotteryError::NothingToPay);
    // Someone put lamports there: still nobody's wallet.
    world.chain.set_lamports(gone.wallet, 1_000_000);
    world.chain.expect_error(&alone, LotteryError::NothingToPay);
    world.chain.expect_ok(&[ix::open_wallet(there.owner, gone.owner, live.game.mint)]);
    world.chain.expect_ok(&alone);
    assert_eq!(world.balance(&gone), 3_800_000);
    assert_eq!(world.round(&live).cash_units, 0);
}

#[test]
fn a_page_of_another_round_pays_nothing() {
    let (mut world, live, _) = scene();
    let other = world.open(&live.game);
    let items = world.owed_prizes(&live, 0);
    let mut mixed = pay(&world, &live, &items);
    mixed.accounts[2].pubkey = other.page(0);
    world.chain.expect_error(&mixed, LotteryError::WrongPage);
}

#[test]
fn the_cranker_must_sign() {
    let (mut world, live, _) = scene();
    let items = world.owed_prizes(&live, 0);
    let mut unsigned = pay(&world, &live, &items);
    unsigned.accounts[0].is_signer = false;
    world.chain.expect_instruction_error(&unsigned, InstructionError::MissingRequiredSignature);
}
