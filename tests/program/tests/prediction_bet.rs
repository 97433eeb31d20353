//! Betting: what a bet becomes, when bets end, and what is refused.

use lottery_interface::events::Entered;
use program_tests::{
    Game, Live, LotteryError, Money, Player, Spec, World,
    args::SessionArgs,
    events::parse,
    ix,
    market::{numbers, parimutuel, pro_rata, tickets},
    world::LAMPORTS,
};

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 10_000_000_000);
    (world, game, live, player)
}

#[track_caller]
fn refused(world: &mut World, live: &Live, player: &Player, bets: &[(u64, u8)], error: LotteryError) {
    let bet = world.bet_instruction(live, player, 0, bets);
    world.chain.expect_error(&bet, error);
}

#[test]
fn a_bet_is_an_entry_of_its_outcome_and_stake() {
    let (mut world, _, live, player) = scene(Spec::market(numbers(128)));
    let meta = world.bet(&live, &player, 0, &[(1_000, 0), (2_000, 63), (3_000, 64), (4_000, 127)]);
    let entries = world.entries(&live, 0);
    let picks: Vec<[u64; 2]> = entries.iter().map(|entry| entry.picks).collect();
    assert_eq!(picks, [[1, 0], [1 << 63, 0], [0, 1], [0, 1 << 63]]);
    for (entry, stake_units) in entries.iter().zip([1_000, 2_000, 3_000, 4_000]) {
        assert_eq!((entry.wallet, entry.stake_units), (player.wallet.to_bytes(), stake_units));
        assert_eq!((entry.bonus, entry.tier, entry.flags, entry.spots), (0, 0, 0, 0));
        assert_eq!(entry.multiplier_bps, 0);
    }
    assert_eq!(world.balance(&player), 10_000_000_000 - 10_000);
    assert_eq!(world.page(&live, 0).cash_units, 10_000);
    let events = meta.events();
    assert_eq!((events.len(), events[0].0), (1, "Entered"));
    let told: Entered = parse(&events[0].1);
    assert_eq!((told.stake_units, told.count, told.first_index), (10_000, 4, 0));
}

#[test]
fn stakes_on_each_outcome_are_known_while_bets_are_taken_and_after() {
    let (mut world, _, live, player) = scene(Spec::market(numbers(3)).pages(4, 2));
    world.bet(&live, &player, 0, &[(1_000, 2), (5_000, 0), (2_000, 2)]);
    assert_eq!(world.page_pools(&live, 0), [5_000, 0, 3_000]);
    let second = world.open_page(&live);
    world.bet(&live, &player, second, &[(7_000, 1)]);
    world.bet(&live, &player, 0, &[(1_000, 1)]);
    assert_eq!(world.page_pools(&live, 0), [5_000, 1_000, 3_000]);
    assert_eq!(world.page_pools(&live, 1), [0, 7_000, 0]);
    assert_eq!(world.round_pools(&live), [0, 0, 0]);
    world.lock(&live);
    world.chain.expect_ok(&ix::seal_page(world.cranker, live.key, 0));
    assert_eq!(world.round_pools(&live), [5_000, 1_000, 3_000]);
    world.chain.expect_ok(&ix::seal_page(world.cranker, live.key, 1));
    assert_eq!(world.round_pools(&live), [5_000, 8_000, 3_000]);
    // A page keeps its own.
    assert_eq!(world.page_pools(&live, 1), [0, 7_000, 0]);
}

#[test]
fn an_outcome_that_the_market_has_not_is_refused() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    for outcome in [2, 3, 63, 64, 127, 128, 255] {
        refused(&mut world, &live, &player, &[(1_000, outcome)], LotteryError::OutcomeUnknown);
        // One of several spoils them all.
        refused(&mut world, &live, &player, &[(1_000, 0), (1_000, outcome)], LotteryError::OutcomeUnknown);
    }
    let (mut world, _, live, player) = scene(Spec::market(numbers(128)));
    refused(&mut world, &live, &player, &[(1_000, 128)], LotteryError::OutcomeUnknown);
    world.bet(&live, &player, 0, &[(1_000, 127)]);
}

#[test]
fn a_stake_outside_the_limits_is_refused() {
    let mut spec = Spec::market(pro_rata());
    (spec.limits.min_stake_units, spec.limits.max_stake_units) = (500, 2_000);
    let (mut world, _, live, player) = scene(spec);
    for stake in [0, 1, 499, 2_001, u64::MAX] {
        refused(&mut world, &live, &player, &[(stake, 0)], LotteryError::StakeOutOfRange);
        refused(&mut world, &live, &player, &[(500, 0), (stake, 1)], LotteryError::StakeOutOfRange);
    }
    world.bet(&live, &player, 0, &[(500, 0), (2_000, 1)]);
}

#[test]
fn quick_picks_are_refused() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    for (quick, bytes) in [(1, Vec::new()), (1, tickets(&[(1_000, 0)])), (255, Vec::new()), (20, vec![0; 8])]
    {
        let enter = world.enter_instruction(&live, &player, 0, quick, &bytes);
        world.chain.expect_error(&enter, LotteryError::NoQuickPicks);
    }
}

#[test]
fn bytes_that_are_no_whole_bets_are_refused() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    let two = tickets(&[(1_000, 0), (1_000, 1)]);
    for len in (1..two.len()).filter(|len| *len != 9) {
        let enter = world.enter_instruction(&live, &player, 0, 0, &two[..len]);
        world.chain.expect_error(&enter, LotteryError::TicketLength);
    }
}

#[test]
fn one_to_twenty_bets_at_a_time() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    refused(&mut world, &live, &player, &[], LotteryError::TicketCount);
    refused(&mut world, &live, &player, &[(1_000, 1); 21], LotteryError::TicketCount);
    world.bet(&live, &player, 0, &[(1_000, 1); 20]);
    assert_eq!(world.page(&live, 0).count, 20);
}

#[test]
fn a_full_page_takes_no_more() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).pages(3, 1));
    world.bet(&live, &player, 0, &[(1_000, 0), (1_000, 1)]);
    refused(&mut world, &live, &player, &[(1_000, 1), (1_000, 1)], LotteryError::PageFull);
    // What lies behind the entries are the stakes, not a free place.
    assert_eq!(world.page_pools(&live, 0), [1_000, 1_000]);
    world.bet(&live, &player, 0, &[(1_000, 1)]);
    refused(&mut world, &live, &player, &[(1_000, 1)], LotteryError::PageFull);
    assert_eq!(world.page_pools(&live, 0), [1_000, 2_000]);
}

#[test]
fn a_balance_that_is_too_low_is_refused() {
    let (mut world, _, live, _) = scene(Spec::market(pro_rata()));
    let poor = world.player(Money::Sol, 2_999);
    refused(&mut world, &live, &poor, &[(1_000, 0), (2_000, 1)], LotteryError::InsufficientBalance);
    world.bet(&live, &poor, 0, &[(2_999, 1)]);
}

#[test]
fn bets_end_with_the_second() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    let locks_at = world.round(&live).locks_at;
    world.chain.warp(locks_at - 1 - world.chain.now(), 0);
    world.bet(&live, &player, 0, &[(1_000, 0)]);
    world.chain.warp(1, 0);
    assert_eq!(world.chain.now(), locks_at);
    refused(&mut world, &live, &player, &[(1_000, 0)], LotteryError::RoundLocked);
}

#[test]
fn bets_end_with_the_slot() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    let lock_slot = world.round(&live).lock_slot;
    world.chain.warp(0, lock_slot - 1 - world.chain.slot());
    world.bet(&live, &player, 0, &[(1_000, 0)]);
    world.chain.warp(0, 1);
    assert_eq!(world.chain.slot(), lock_slot);
    refused(&mut world, &live, &player, &[(1_000, 0)], LotteryError::RoundLocked);
}

#[test]
fn bets_after_the_decision_or_a_void_are_refused() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()));
    world.bet(&live, &player, 0, &[(1_000, 0)]);
    let mut void = world.clone();
    void.to_void(&live);
    refused(&mut void, &live, &player, &[(1_000, 1)], LotteryError::RoundNotOpen);
    world.reach_event(&live);
    world.decide(&live, &[7]);
    refused(&mut world, &live, &player, &[(1_000, 1)], LotteryError::RoundNotOpen);
}

#[test]
fn a_session_bets_up_to_its_limit() {
    let (mut world, game, live, player) = scene(Spec::market(parimutuel()));
    let key = world.chain.funded("session", LAMPORTS);
    let args = SessionArgs {
        key: key.to_bytes(),
        lotteries: [game.id, 0, 0, 0],
        expires_at: i64::MAX,
        limit_units: 5_000,
    };
    world.chain.expect_ok(&ix::set_session(player.owner, game.mint, &args));
    let bet = |bets: &[(u64, u8)]| ix::enter(key, player.wallet, live.key, live.page(0), 0, &tickets(bets));
    world.chain.expect_ok(&bet(&[(1_500, 0), (2_500, 1)]));
    world.chain.expect_error(&bet(&[(1_001, 1)]), LotteryError::SessionOverspent);
    world.chain.expect_ok(&bet(&[(1_000, 1)]));
}

#[test]
fn a_player_bets_up_to_the_limit_of_a_round() {
    let mut spec = Spec::market(parimutuel());
    spec.limits.max_entries_per_player = 3;
    let (mut world, _, live, player) = scene(spec);
    world.bet(&live, &player, 0, &[(1_000, 0), (1_000, 1)]);
    refused(&mut world, &live, &player, &[(1_000, 0), (1_000, 1)], LotteryError::PlayerLimit);
    world.bet(&live, &player, 0, &[(1_000, 1)]);
    refused(&mut world, &live, &player, &[(1_000, 0)], LotteryError::PlayerLimit);
}

#[test]
fn a_wallet_with_a_bet_stays_busy_until_grace_after_the_event() {
    let (mut world, _, live, player) = scene(Spec::market(pro_rata()).event_delay(3_600));
    world.bet(&live, &player, 0, &[(1_000, 0)]);
    let round = world.round(&live);
    assert_eq!(world.wallet(&player).busy_until, round.event_at + round.grace_seconds as i64);
}

#[test]
fn nobody_backs_a_market_with_a_jackpot_a_bankroll_or_both() {
    for rules in [pro_rata(), parimutuel()] {
        let (mut world, game, _, player) = scene(Spec::market(rules));
        for who in [player.owner, game.operator.owner] {
            world.wallet_of(who, Money::Sol, 1_000);
            let jackpot = ix::fund_jackpot(who, game.id, game.mint, 5);
            world.chain.expect_error(&jackpot, LotteryError::WrongKind);
            let bankroll = ix::fund_bankroll(who, game.id, game.mint, 5);
            world.chain.expect_error(&bankroll, LotteryError::NoBankroll);
        }
    }
}
