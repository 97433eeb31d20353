//! The largest batch of every instruction stays under the log limit, and fits a transaction.

use program_tests::{
    Instruction, Meta, Money, Player, Spec, World,
    args::SessionArgs,
    house::{instant_ticket, keno_quick, keno_rules, keno_ticket, paytable_of},
    ix,
    ix::Item,
    market::{in_ranges, numbers},
    measure,
    world::LAMPORTS,
};

/// A cluster cuts the logs of a transaction here.
const LOG_LIMIT: usize = 10_000;
/// Bytes of a transaction on the wire.
const WIRE_LIMIT: usize = 1_232;

#[track_caller]
fn within(meta: &Meta, name: &str) {
    println!("{name}: {} bytes of log, {} on the wire, {} CU", meta.log_len(), meta.wire_len, meta.cu);
    assert!(meta.log_len() < LOG_LIMIT, "{name} logs {} bytes", meta.log_len());
    assert!(meta.wire_len <= WIRE_LIMIT, "{name} is {} bytes", meta.wire_len);
    assert!(meta.cu < 200_000, "{name} needs {} CU, more than is given without asking", meta.cu);
}

#[track_caller]
fn run(world: &mut World, name: &str, instruction: Instruction) {
    let meta = world.chain.expect_ok(&instruction);
    within(&meta, name);
}

/// As many different wallets as fit one batch beside the fee payer.
const WALLETS: usize = 23;

#[test]
fn every_instruction_at_its_largest() {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
    let name = "create_lottery";
    let create = world.create_instruction(&game.spec, operator, operator, operator);
    run(&mut world, name, create);
    let update = ix::update_config(operator, id, 1, &game.spec.config, game.spec.rules_bytes());
    run(&mut world, "update_config", update);
    run(&mut world, "update_limits", ix::update_limits(operator, id, &game.spec.limits));

    let players: Vec<Player> = (0..WALLETS).map(|_| world.player(Money::Sol, 1_000_000_000)).collect();
    let owner = players[0].owner;
    let key = world.chain.funded("session", LAMPORTS);
    let args =
        SessionArgs { key: key.to_bytes(), lotteries: [id; 4], expires_at: i64::MAX, limit_units: u64::MAX };
    run(&mut world, "set_session", ix::set_session(owner, mint, &args));
    for money in Money::ALL {
        let player = world.player(money, 1_000_000);
        world.grant(player.owner, money, 1_000);
        let side = world.side(player.owner, money);
        run(&mut world, "deposit", ix::deposit(player.owner, side, 1_000));
        run(&mut world, "withdraw", ix::withdraw(player.owner, side, 1_000));
    }

    let open = world.open_round_instruction(&game);
    let mut paused = world.clone();
    let live = world.open_round(&game);
    run(&mut paused, "open_round", open);
    let cranker = world.cranker;
    run(&mut world, "open_page", ix::open_page(cranker, live.game.key, live.key, 0));
    let live = program_tests::Live { config: program_tests::address::config(&game.key, 1).0, ..live };
    for player in &players {
        world.enter(&live, player, 0, &[&[1], &[2]]);
    }
    run(&mut world.clone(), "pause_lottery", ix::pause_lottery(game.pauser, id, 1));
    let mut void = world.clone();

    world.reach_target(&live);
    let reveal = world.reveal_of(&live);
    run(&mut world, "seal_page", ix::seal_page(cranker, live.key, 0));
    run(&mut world, "capture", ix::capture(cranker, live.key));
    run(&mut world, "post_value", ix::post_value(cranker, live.key, Default::default(), &reveal));
    run(&mut world, "draw", ix::draw(cranker, live.key, live.config));
    run(&mut world, "settle", ix::settle(cranker, live.key, live.config, 0, 64));
    let finalise = world.finalise_instruction(&live);
    run(&mut world, "finalise", finalise);
    let items: Vec<Item> = world.owed_prizes(&live, 0);
    assert_eq!(items.len(), WALLETS);
    run(&mut world, "pay", ix::pay(cranker, live.key, 0, &items));
    run(&mut world, "close_page", ix::close_page(cranker, live.key, 0, cranker));
    run(&mut world, "close_round", ix::close_round(cranker, game.key, live.key, cranker));

    void.lock(&live);
    void.pass_grace(&live);
    void.seal_all(&live);
    let instruction = void.void_instruction(&live);
    run(&mut void, "void_round", instruction);
    // Two entries each: 20 wallets with 40 entries are what fits.
    let items: Vec<Item> = void.owed_refunds(&live, 0).into_iter().take(40).collect();
    run(&mut void, "refund", ix::refund(cranker, live.key, 0, &items));
}

#[test]
fn the_largest_enter_of_every_shape() {
    let wide = program_tests::game::draw_rules(20, 128, 128, &[(20, 1, 10_000)]);
    let mut world = World::new();
    let game = world.create(Spec { rules: wide.into(), ..Spec::default() });
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    let ticket: Vec<u8> = (109..=128).chain([128]).collect();
    let enter = world.enter_instruction(&live, &player, 0, 0, &ticket.repeat(20));
    run(&mut world, "enter 20 of 20/128 + 1/128", enter);
    let enter = world.enter_instruction(&live, &player, 0, 20, &[]);
    run(&mut world, "enter 20 quick picks of 20/128 + 1/128", enter);
}

#[test]
fn house_games_at_their_largest() {
    // Ten spots that win whether their numbers are drawn or not.
    let row: Vec<(usize, u32)> = (0..=10).map(|matches| (matches, 5_000 + 1_000 * matches as u32)).collect();
    let rules = keno_rules(paytable_of(&[&[], &[], &[], &[], &[], &[], &[], &[], &[], &row]));
    let mut world = World::new();
    let game = world.create(Spec::house_with(rules).pages(120, 1));
    let operator = game.operator.owner;
    let create = world.create_instruction(&game.spec, operator, operator, operator);
    run(&mut world, "create_lottery keno", create);
    let update = ix::update_config(operator, game.id, 1, &game.spec.config, game.spec.rules_bytes());
    run(&mut world.clone(), "update_config keno", update);
    let live = world.open(&game);
    let numbers: Vec<u8> = (71..=80).collect();
    let players: Vec<Player> = (0..59).map(|_| world.player(Money::Sol, 1_000_000)).collect();
    let tickets = keno_ticket(1_000, &numbers).repeat(20);
    let enter = world.enter_instruction(&live, &players[0], 0, 0, &tickets);
    run(&mut world.clone(), "enter 20 keno tickets of ten spots", enter);
    let enter = world.enter_instruction(&live, &players[0], 0, 20, &keno_quick(1_000, 10));
    run(&mut world.clone(), "enter 20 keno quick picks of ten spots", enter);
    for player in &players {
        world.enter_keno_quick(&live, player, 0, 2, 1_000, 10);
    }
    world.reach_target(&live);
    let finish = world.finish_instructions(&live);
    let meta = world.chain.expect_ok(&finish);
    within(&meta, "from lock to final");
    let items: Vec<Item> = world.owed_prizes(&live, 0);
    assert_eq!(items.len(), 118);
    let accounts: Vec<_> = players.iter().map(|player| player.wallet).collect();
    let table = world.chain.lookup_table(&accounts);
    let pay = ix::pay(world.cranker, live.key, 0, &items);
    let meta = world.chain.send_with_table(&pay, &table).expect("is paid");
    within(&meta, "pay 118 prizes to 59 wallets");
    assert_eq!(world.round(&live).cash_units, 0);

    let game = world.create(Spec::instant());
    let create = world.create_instruction(&game.spec, operator, operator, operator);
    run(&mut world, "create_lottery instant", create);
    let live = world.open(&game);
    let enter = world.enter_instruction(&live, &players[0], 0, 0, &instant_ticket(1_000).repeat(20));
    run(&mut world, "enter 20 instant tickets", enter);
    run(&mut world, "fund_bankroll", ix::fund_bankroll(players[0].owner, game.id, game.mint, 1));
    run(&mut world, "withdraw_bankroll", ix::withdraw_bankroll(game.operator.owner, game.id, game.mint, 1));
}

#[test]
fn markets_at_their_largest() {
    let ranges: Vec<(i64, i64)> = (0..24).map(|nth| (10 * nth, 10 * nth + 9)).collect();
    let mut world = World::new();
    let game = world.create(Spec::market(in_ranges(&ranges)).oracles(16, 16).pages(120, 1));
    let operator = game.operator.owner;
    let create = world.create_instruction(&game.spec, operator, operator, operator);
    run(&mut world, "create_lottery prediction", create);
    let update = ix::update_config(operator, game.id, 1, &game.spec.config, game.spec.rules_bytes());
    run(&mut world.clone(), "update_config prediction", update);
    let many: Vec<_> = (0..16).map(|_| world.chain.key("reporter")).collect();
    let set = ix::create_oracle_set(world.cranker, &many);
    run(&mut world, "create_oracle_set", set);

    let game = world.create(Spec::market(numbers(128)).oracles(16, 16).pages(120, 1));
    let open = world.open_round_instruction(&game);
    run(&mut world.clone(), "open_round prediction", open);
    let live = world.open(&game);
    let players: Vec<Player> = (0..59).map(|_| world.player(Money::Sol, 1_000_000)).collect();
    let enter = world.bet_instruction(&live, &players[0], 0, &[(1_000, 127); 20]);
    run(&mut world.clone(), "enter 20 bets", enter);
    for player in &players {
        world.bet(&live, player, 0, &[(1_000, 127)]);
    }
    world.bet(&live, &players[0], 0, &[(1_000, 0)]);
    let mut empty = world.clone();
    world.reach_event(&live);
    let cranker = world.cranker;
    run(&mut world, "seal_page prediction", ix::seal_page(cranker, live.key, 0));
    let mut split = world.clone();
    for reporter in 0..16 {
        let attest = world.attest_instruction(&live, reporter, &[127]);
        run(&mut world, "attest", attest);
        let other = split.attest_instruction(&live, reporter, &[reporter as i64]);
        split.chain.expect_ok(&other);
    }
    let void = split.void_instruction(&live);
    run(&mut split, "void_round, sixteen differ", void);
    run(&mut world, "draw prediction", ix::draw(cranker, live.key, live.config));
    run(&mut world, "settle prediction", ix::settle(cranker, live.key, live.config, 0, 60));
    let finalise = world.finalise_instruction(&live);
    run(&mut world, "finalise prediction", finalise);
    let items: Vec<Item> = world.owed_prizes(&live, 0);
    assert_eq!(items.len(), 59);
    let accounts: Vec<_> = players.iter().map(|player| player.wallet).collect();
    let table = world.chain.lookup_table(&accounts);
    let pay = ix::pay(cranker, live.key, 0, &items);
    let meta = world.chain.send_with_table(&pay, &table).expect("is paid");
    within(&meta, "pay 59 winners of a market");

    // The next round, which nobody enters.
    let idle = empty.open(&game);
    empty.reach_event(&idle);
    empty.attest(&idle, 0, &[1]);
    let retime = ix::retime_round(cranker, game.key, idle.config, idle.key, 1);
    run(&mut empty, "retime_round prediction", retime);
}

#[test]
fn a_transaction_of_many_entries_still_tells_of_each() {
    let mut world = World::new();
    let game = world.create(Spec::default().pages(400, 1));
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    let enter = world.enter_instruction(&live, &player, 0, 20, &[]);
    let meta = world.chain.expect_ok(&vec![enter; 20]);
    assert_eq!(meta.events().len(), 20);
    assert!(meta.log_len() < LOG_LIMIT, "{} bytes", meta.log_len());
}

#[test]
fn settling_the_largest_page_fits_transactions() {
    // Also a gate; here for the logs.
    assert!(measure::settle_100k().iter().any(|(name, value)| *name == "settle_100k_txs" && *value <= 8));
}
