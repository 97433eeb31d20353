//! Conservation in every way a round of a house game can end: nobody wins, one ticket wins, all win, and amounts that
//! never divide evenly. Each transaction is followed by the audit; here each end is also counted by hand.

use program_tests::{
    Game, Live, Money, Player, Rules, Spec, World, audit,
    house::{instant_rules, instant_ticket, keno_quick, keno_rules, paytable_of},
    ix,
    replay::Outcome,
};

use crate::house_play::play_out;

/// Amounts that divide by nothing that matters.
const STAKES: [u64; 5] = [1_003, 2_999, 10_007, 33_331, 77_773];

fn scene(spec: Spec) -> (World, Game, Vec<Player>) {
    let mut world = World::new();
    let money = spec.money;
    let mut spec = spec;
    spec.config.fee_bps = 297;
    let game = world.create(spec);
    let players = (0..3).map(|_| world.player(money, 10_000_000)).collect();
    (world, game, players)
}

/// `count` tickets of each player. What they are depends on `variant`, and with it everybody's luck.
fn enter(world: &mut World, live: &Live, players: &[Player], count: u8, variant: u64) {
    for (nth, player) in players.iter().enumerate() {
        let stake = STAKES[nth] + variant;
        let tickets = match live.game.spec.rules {
            Rules::Keno(_) => keno_quick(stake, 1),
            _ => instant_ticket(stake),
        };
        world.enter_bytes(live, player, 0, count, &tickets, count as u32);
    }
}

/// Plays the same round on copies of the world until it ends with so many winners, then plays that one.
fn play_with_winners(spec: Spec, count: u8, winners: u64) -> (World, Game, Live, Outcome) {
    let (mut world, game, players) = scene(spec);
    let live = world.open(&game);
    for variant in 0..500 {
        let mut ahead = world.clone();
        enter(&mut ahead, &live, &players, count, variant);
        ahead.to_settled(&live);
        if ahead.round(&live).winners_total == winners {
            enter(&mut world, &live, &players, count, variant);
            let outcome = play_out(&mut world, &live);
            assert_eq!(world.round(&live).winners_total, winners);
            return (world, game, live, outcome);
        }
    }
    panic!("no such round");
}

/// Everything leaves: wallets, fees, bankroll and bond are withdrawn, and the vault is left with nothing.
fn empty(world: &mut World, game: &Game, live: &Live) {
    world.close_all(live);
    let (operator, id, mint) = (game.operator.owner, game.id, game.mint);
    let lottery = world.lottery(game);
    world.wallet_of(game.treasurer, game.spec.money, 0);
    world.chain.expect_ok(&[
        ix::withdraw_bankroll(operator, id, mint, lottery.bankroll_free_units),
        ix::withdraw_bond(operator, id, mint, lottery.bond_free_units),
    ]);
    if lottery.fees_units > 0 {
        world.chain.expect_ok(&[ix::withdraw_fees(game.treasurer, id, mint, lottery.fees_units)]);
    }
    assert_eq!(audit::lottery_units(&world.lottery(game)), 0, "nothing is left behind");
    let sums = audit::balances(&world.chain)[&mint.to_bytes()];
    assert_eq!(sums.total(), sums.wallets);
}

/// One number that pays 3.8 times, or a quarter of tickets that win 3.7 times.
fn quarter() -> [Spec; 2] {
    [
        Spec::house_with(keno_rules(paytable_of(&[&[(1, 37_999)]]))),
        Spec::house_with(instant_rules(&[(1 << 30, 37_001)])),
    ]
}

#[test]
fn nobody_wins() {
    for spec in quarter() {
        for money in Money::ALL {
            let (mut world, game, live, _) = play_with_winners(spec.clone().money(money), 1, 0);
            let (round, lottery) = (world.round(&live), world.lottery(&game));
            assert_eq!((round.prizes_units, round.cash_units), (0, 0));
            // All stakes but the fee are the bankroll's. Nothing is refunded: the house won.
            assert_eq!(
                lottery.bankroll_free_units,
                game.spec.bankroll_units + round.pool_units - round.fee_units
            );
            assert_eq!(round.refund_all, 0);
            empty(&mut world, &game, &live);
        }
    }
}

#[test]
fn one_ticket_wins() {
    for spec in quarter() {
        let (mut world, game, live, outcome) = play_with_winners(spec, 1, 1);
        let round = world.round(&live);
        let won: u64 = outcome.prizes_units.iter().sum();
        assert!(won > 0 && round.prizes_units == won);
        let bankroll = world.lottery(&game).bankroll_free_units;
        assert_eq!(bankroll, game.spec.bankroll_units + round.pool_units - round.fee_units - won);
        empty(&mut world, &game, &live);
    }
}

#[test]
fn every_ticket_wins() {
    let half = 1 << 31;
    let specs = [
        Spec::house_with(keno_rules(paytable_of(&[&[(0, 7_001), (1, 17_003)]]))),
        Spec::house_with(instant_rules(&[(half, 12_001), (half, 6_007)])),
    ];
    for spec in specs {
        for money in Money::ALL {
            let (mut world, game, live, _) = play_with_winners(spec.clone().money(money), 15, 45);
            assert_eq!(world.round(&live).winners_paid, 45);
            empty(&mut world, &game, &live);
        }
    }
}

#[test]
fn every_ticket_wins_its_highest_prize() {
    // As far as luck can go: the page's whole liability is paid.
    let specs = [
        Spec::house_with(keno_rules(paytable_of(&[&[(0, 9_699), (1, 10_000)]]))),
        Spec::house_with(instant_rules(&[(u32::MAX, 10_000)])),
    ];
    for spec in specs {
        // A little is left of the RTP band for the fee: what one part of 2^32 loses is not enough.
        let mut spec = spec.budgets(3_200_000, 3_200_000).stakes(1, 200_000);
        spec.config.fee_bps = 0;
        if let Rules::Keno(rules) = &mut spec.rules {
            rules.rtp_max_bps = 10_000;
        }
        if let Rules::Instant(rules) = &mut spec.rules {
            rules.rtp_max_bps = 10_000;
        }
        let is_instant = matches!(spec.rules, Rules::Instant(_));
        let mut world = World::new();
        let game = world.create(spec);
        let player = world.player(Money::Sol, 10_000_000);
        let live = world.open(&game);
        let tickets = if is_instant { instant_ticket(200_000) } else { keno_quick(200_000, 1) };
        world.enter_bytes(&live, &player, 0, 16, &tickets, 16);
        assert_eq!(world.page(&live, 0).liability_units, 3_200_000);
        play_out(&mut world, &live);
        let round = world.round(&live);
        assert_eq!(round.winners_total, 16);
        assert!(round.prizes_units > 3_100_000 && round.prizes_units <= 3_200_000);
        if is_instant {
            assert_eq!(round.prizes_units, round.budget_units, "the whole budget is paid out");
        }
        empty(&mut world, &game, &live);
    }
}

#[test]
fn dust_stays_with_the_bankroll() {
    let half = 1 << 31;
    let specs = [
        Spec::house_with(keno_rules(paytable_of(&[&[(0, 3_333), (1, 19_997)]]))),
        Spec::house_with(instant_rules(&[(half, 12_347), (half, 3_001)])),
    ];
    for spec in specs {
        let (mut world, game, live, outcome) = play_with_winners(spec, 20, 60);
        let entries = world.entries(&live, 0);
        // In parts of 10,000 of a unit: what prizes and fee would be without rounding.
        let exact: u128 =
            entries.iter().map(|entry| entry.stake_units as u128 * entry.multiplier_bps as u128).sum();
        let paid: u128 = outcome.prizes_units.iter().map(|units| *units as u128).sum();
        let (round, lottery) = (world.round(&live), world.lottery(&game));
        let fee = round.pool_units as u128 * round.fee_bps as u128;
        let dust = (exact - 10_000 * paid) + (fee - 10_000 * round.fee_units as u128);
        assert!(dust >= 10_000, "at least a unit was rounded away: {dust} parts");
        let gained = lottery.bankroll_free_units as i128 - game.spec.bankroll_units as i128;
        assert_eq!(10_000 * gained, 10_000 * round.pool_units as i128 - (exact + fee) as i128 + dust as i128);
        assert_eq!(lottery.treasury_due_units, 0);
        empty(&mut world, &game, &live);
    }
}

#[test]
fn a_bankroll_lives_through_many_rounds() {
    for spec in [Spec::keno(), Spec::instant()] {
        let (mut world, game, players) = scene(spec);
        let (mut won, mut lost) = (0, 0);
        for round in 0..30 {
            let before = world.lottery(&game).bankroll_free_units;
            let live = world.open(&game);
            enter(&mut world, &live, &players, 20, round);
            play_out(&mut world, &live);
            world.close_all(&live);
            let lottery = world.lottery(&game);
            assert_eq!(lottery.bankroll_reserved_units, 0);
            won += (lottery.bankroll_free_units > before) as u32;
            lost += (lottery.bankroll_free_units < before) as u32;
        }
        assert!(won > 0 && lost > 0, "the house won {won} rounds and lost {lost}");
    }
}
