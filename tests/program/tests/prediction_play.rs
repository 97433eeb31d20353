//! Whole lives of markets, to the unit: who is paid what, and where the rest goes.

use program_tests::{
    Game, Live, LotteryError, MarketRules, Money, Player, Spec, World, ix,
    kinds::RoundStatus,
    market::{in_ranges, numbers, parimutuel, pro_rata},
};

pub const BALANCE: u64 = 100_000_000;

/// A market that was played to its end.
pub struct Played {
    pub world: World,
    pub game: Game,
    pub live: Live,
    pub players: Vec<Player>,
}

/// Each bet is of a player of its own: (stake, outcome).
fn bet_all(spec: Spec, bets: &[(u64, u8)]) -> Played {
    let mut world = World::new();
    let money = spec.money;
    let game = world.create(spec);
    let live = world.open(&game);
    let players: Vec<Player> = bets.iter().map(|_| world.player(money, BALANCE)).collect();
    for (player, bet) in players.iter().zip(bets) {
        let last = world.round(&live).page_count - 1;
        let page = world.page(&live, last);
        let sequence = if page.count == page.capacity { world.open_page(&live) } else { last };
        world.bet(&live, player, sequence, &[*bet]);
    }
    Played { world, game, live, players }
}

/// As `bet_all`, then decided by `facts` and final.
pub fn play(spec: Spec, bets: &[(u64, u8)], facts: &[i64]) -> Played {
    let mut played = bet_all(spec, bets);
    let Played { world, live, .. } = &mut played;
    world.market_to_final(live, facts);
    let replayed = world.replay(live);
    let round = world.round(live);
    assert_eq!((round.value, round.seed), (replayed.value, replayed.seed));
    assert_eq!((round.result, round.sealed_digest), (replayed.result, replayed.sealed_digest));
    // A refunded market is settled, and has no winners.
    assert_eq!(round.winners, replayed.winners);
    for (sequence, tiers) in replayed.tiers.iter().enumerate() {
        let stored: Vec<u8> = world.entries(live, sequence as u32).iter().map(|entry| entry.tier).collect();
        assert_eq!(stored, *tiers);
    }
    played
}

impl Played {
    /// What each bet got back, once everybody is paid.
    fn back(&mut self, bets: &[(u64, u8)]) -> Vec<u64> {
        self.world.pay_or_refund_all(&self.live);
        let balances = self.players.iter().map(|player| self.world.balance(player));
        balances.zip(bets).map(|(balance, (stake, _))| balance + stake - BALANCE).collect()
    }

    /// Closes everything: (fees, owed to the treasury).
    fn close(&mut self) -> (u64, u64) {
        self.world.close_all(&self.live);
        let lottery = self.world.lottery(&self.game);
        assert_eq!((lottery.jackpot_units, lottery.bankroll_free_units, lottery.live_rounds), (0, 0, 0));
        (lottery.fees_units, lottery.treasury_due_units)
    }
}

/// Bets, what each gets back, fee and dust.
#[track_caller]
fn comes_to(rules: MarketRules, bets: &[(u64, u8)], fact: i64, back: &[u64], fee: u64, dust: u64) {
    for money in Money::ALL {
        let mut played = play(Spec::market(rules).money(money), bets, &[fact]);
        let round = played.world.round(&played.live);
        assert_eq!((round.fee_units, round.refund_all), (fee, 0));
        assert_eq!(round.prizes_units, round.pool_units - fee);
        assert_eq!(played.back(bets), back);
        assert_eq!(played.world.round(&played.live).cash_units, dust);
        assert_eq!(played.close(), (fee, dust));
    }
}

/// Everybody gets their stake back, without fee.
#[track_caller]
fn comes_back(rules: MarketRules, bets: &[(u64, u8)], fact: i64) {
    let mut played = play(Spec::market(rules), bets, &[fact]);
    let round = played.world.round(&played.live);
    assert_eq!((round.status, round.refund_all), (RoundStatus::Final as u8, 1));
    assert_eq!((round.fee_units, round.matched_units, round.prizes_units), (0, 0, 0));
    assert_eq!((round.winners_total, round.cash_units), (0, round.pool_units));
    // There is nothing to claim, only stakes to take back.
    let items = played.world.owed_refunds(&played.live, 0);
    let pay = ix::pay(played.world.cranker, played.live.key, 0, &items);
    played.world.chain.expect_error(&pay, LotteryError::NotFinal);
    let stakes: Vec<u64> = bets.iter().map(|(stake, _)| *stake).collect();
    assert_eq!(played.back(bets), stakes);
    assert_eq!(played.close(), (0, 0));
}

/// 0: even.
pub const SIDES: [(u64, u8); 4] = [(1_000_000, 0), (500_001, 0), (3_000_000, 1), (1_000_003, 1)];

#[test]
fn pro_rata_gives_back_what_nobody_took_of_the_larger_side() {
    // Matched: 1,500,001 of each side.
    comes_to(pro_rata(), &SIDES, 4, &[1_950_000, 975_001, 1_875_000, 625_001], 75_000, 2);
    let played = play(Spec::market(pro_rata()), &SIDES, &[4]);
    let round = played.world.round(&played.live);
    assert_eq!((round.winning_units, round.matched_units), (1_500_001, 1_500_001));
    let tiers: Vec<u8> = played.world.entries(&played.live, 0).iter().map(|entry| entry.tier).collect();
    assert_eq!(tiers, [1, 1, 2, 2]);
    assert_eq!((round.winners[0], round.winners[1], round.winners_total), (2, 2, 4));
}

#[test]
fn pro_rata_takes_all_of_the_smaller_side() {
    comes_to(pro_rata(), &SIDES, 5, &[0, 0, 4_068_749, 1_356_254], 75_000, 1);
    let played = play(Spec::market(pro_rata()), &SIDES, &[5]);
    let round = played.world.round(&played.live);
    assert_eq!((round.winning_units, round.matched_units), (4_000_003, 1_500_001));
    let tiers: Vec<u8> = played.world.entries(&played.live, 0).iter().map(|entry| entry.tier).collect();
    assert_eq!(tiers, [0, 0, 1, 1]);
}

#[test]
fn equal_sides_are_matched_in_full() {
    let bets = [(400_000, 0), (300_000, 1), (100_000, 1)];
    comes_to(pro_rata(), &bets, 0, &[780_000, 0, 0], 20_000, 0);
    comes_to(pro_rata(), &bets, 1, &[0, 585_000, 195_000], 20_000, 0);
}

#[test]
fn parimutuel_winners_share_what_all_others_staked() {
    let rules = in_ranges(&[(1, 34), (35, 69), (70, 70)]);
    let bets = [(100_000, 0), (200_001, 1), (50_000, 1), (333_333, 2)];
    comes_to(rules, &bets, 34, &[654_168, 0, 0, 0], 29_166, 0);
    comes_to(rules, &bets, 35, &[0, 529_334, 132_333, 0], 21_666, 1);
    comes_to(rules, &bets, 70, &[0, 0, 0, 665_834], 17_500, 0);
}

#[test]
fn two_sides_can_be_parimutuel_too() {
    // As pro rata where the smaller side loses; where the larger one does, all of it is lost.
    comes_to(parimutuel(), &SIDES, 5, &[0, 0, 4_068_749, 1_356_254], 75_000, 1);
    let bets = [(1_000_000, 0), (4_000_000, 1)];
    comes_to(parimutuel(), &bets, 4, &[4_800_000, 0], 200_000, 0);
    comes_to(pro_rata(), &bets, 4, &[1_950_000, 3_000_000], 50_000, 0);
}

#[test]
fn what_rounding_leaves_goes_to_the_treasury_when_the_round_is_closed() {
    let bets = [(1_000, 0), (1_000, 0), (1_000, 0), (1_001, 1)];
    let mut spec = Spec::market(pro_rata());
    spec.config.fee_bps = 333;
    let mut played = play(spec, &bets, &[2]);
    assert_eq!(played.back(&bets), [1_322, 1_322, 1_322, 0]);
    assert_eq!(played.world.lottery(&played.game).treasury_due_units, 0);
    assert_eq!(played.close(), (33, 2));
    let (treasury, id, mint) = (played.world.treasury, played.game.id, played.game.mint);
    let treasurer = played.world.wallet_of(treasury, Money::Sol, 0);
    played.world.chain.expect_ok(&ix::withdraw_treasury(treasury, id, mint));
    assert_eq!(played.world.balance(&treasurer), 2);
}

#[test]
fn without_a_fee_nothing_is_kept() {
    let mut spec = Spec::market(pro_rata());
    spec.config.fee_bps = 0;
    let mut played = play(spec, &SIDES, &[4]);
    assert_eq!(played.back(&SIDES), [2_000_000, 1_000_002, 1_875_000, 625_001]);
    assert_eq!(played.close(), (0, 1));
}

#[test]
fn an_unmatched_part_below_a_unit_is_nothing_and_holds_up_nobody() {
    let mut spec = Spec::market(pro_rata());
    spec.limits.min_stake_units = 1;
    let bets = [(3, 0), (1, 1), (1, 1), (1, 1), (1, 1)];
    let mut played = play(spec, &bets, &[0]);
    let round = played.world.round(&played.live);
    assert_eq!((round.matched_units, round.fee_units, round.winners[1]), (3, 0, 4));
    assert_eq!(played.back(&bets), [6, 0, 0, 0, 0]);
    assert_eq!(played.close(), (0, 1));
}

#[test]
fn a_market_with_one_side_only_is_refunded_without_fee() {
    for rules in [pro_rata(), parimutuel()] {
        // Everybody was right.
        comes_back(rules, &[(5_000, 0), (7_777, 0)], 2);
        // Nobody was.
        comes_back(rules, &[(5_000, 0), (7_777, 0)], 3);
        comes_back(rules, &[(1_000, 1)], 2);
    }
}

#[test]
fn a_market_in_which_nobody_was_right_is_refunded_without_fee() {
    let rules = in_ranges(&[(0, 9), (10, 19), (20, 29)]);
    comes_back(rules, &[(5_000, 0), (7_777, 2), (1_000, 0)], 15);
    comes_back(numbers(128), &[(5_000, 0), (7_777, 127)], 64);
}

#[test]
fn a_market_that_nobody_entered_ends_with_nothing() {
    let mut played = play(Spec::market(pro_rata()), &[], &[4]);
    let round = played.world.round(&played.live);
    assert_eq!((round.status, round.refund_all, round.cash_units), (RoundStatus::Final as u8, 1, 0));
    assert_eq!(played.close(), (0, 0));
}

#[test]
fn a_hundred_and_twenty_eight_outcomes_each_with_a_bet() {
    let bets: Vec<(u64, u8)> = (0..128).map(|outcome| (1_000 * (outcome as u64 + 1), outcome)).collect();
    let base = bet_all(Spec::market(numbers(128)).pages(128, 1), &bets);
    for (won, prize) in [(0, 7_843_250), (63, 7_846_400), (64, 7_846_450), (127, 7_849_600)] {
        let (mut world, live) = (base.world.clone(), &base.live);
        world.market_to_final(live, &[won as i64]);
        let round = world.round(live);
        assert_eq!((round.result[0], round.winners_total), (won, 1));
        assert_eq!((round.pool_units, round.winning_units), (8_256_000, bets[won as usize].0));
        world.pay_all(live);
        for (player, (stake, outcome)) in base.players.iter().zip(&bets) {
            let back = if *outcome == won { prize } else { 0 };
            assert_eq!(world.balance(player), BALANCE - stake + back);
        }
        world.close_all(live);
    }
}

#[test]
fn pages_make_no_difference() {
    let bets: Vec<(u64, u8)> = (0..23).map(|nth| (1_000 + 37 * nth, (nth * nth % 3) as u8)).collect();
    let rules = in_ranges(&[(0, 9), (10, 19), (20, 29)]);
    let mut results = Vec::new();
    for (entries, pages) in [(64, 1), (4, 6), (1, 23)] {
        let mut played = play(Spec::market(rules).pages(entries, pages), &bets, &[14]);
        let round = played.world.round(&played.live);
        assert_eq!(round.page_count, pages);
        assert_eq!(round.pages_settled, pages);
        let back = played.back(&bets);
        let (fees, dust) = played.close();
        results.push((back, fees, dust, round.winning_units, round.matched_units));
    }
    assert!(results.iter().all(|result| *result == results[0]));
    assert!(results[0].0.iter().any(|back| *back > 2_000), "somebody won");
}

#[test]
fn settling_in_small_steps_makes_no_difference() {
    let bets: Vec<(u64, u8)> = (0..23).map(|nth| (1_000 + 37 * nth, (nth % 2) as u8)).collect();
    let mut played = bet_all(Spec::market(pro_rata()), &bets);
    let Played { world, live, .. } = &mut played;
    world.market_to_drawn(live, &[5]);
    let mut whole = world.clone();
    whole.settle_all(live);
    for limit in [1, 2, 3, 1, 7, 100] {
        world.chain.expect_ok(&ix::settle(world.cranker, live.key, live.config, 0, limit));
    }
    assert_eq!(world.entries(live, 0), whole.entries(live, 0));
    assert_eq!(world.round(live).winners, whole.round(live).winners);
}

#[test]
fn a_player_on_both_sides_wins_one_and_loses_the_other() {
    let mut world = World::new();
    let game = world.create(Spec::market(pro_rata()));
    let live = world.open(&game);
    let (both, other) = (world.player(Money::Sol, BALANCE), world.player(Money::Sol, BALANCE));
    world.bet(&live, &both, 0, &[(2_000, 0), (4_000, 1), (3_000, 0)]);
    world.bet(&live, &other, 0, &[(1_000, 1), (2_000, 1)]);
    world.market_to_final(&live, &[0]);
    // Even 5,000, odd 7,000: matched 5,000, of which 250 is the fee.
    world.pay_all(&live);
    assert_eq!(world.balance(&both), BALANCE - 9_000 + (3_900 + 5_850) + 1_142);
    assert_eq!(world.balance(&other), BALANCE - 3_000 + 285 + 571);
    world.close_all(&live);
    assert_eq!(world.lottery(&game).treasury_due_units, 12_000 - 250 - 9_750 - 1_142 - 285 - 571);
}

#[test]
fn rounds_follow_each_other_with_results_of_their_own() {
    let mut world = World::new();
    let game = world.create(Spec::market(pro_rata()).event_delay(90));
    let player = world.player(Money::Sol, BALANCE);
    let first = world.open(&game);
    world.bet(&first, &player, 0, &[(1_000, 0), (2_000, 1)]);
    let second = world.open(&game);
    world.bet(&second, &player, 0, &[(3_000, 0), (4_000, 1)]);
    // The second locks before the first's event is over.
    world.reach_event(&first);
    world.lock(&second);
    assert!(world.chain.now() < world.round(&second).event_at);
    let third = world.open(&game);
    world.bet(&third, &player, 0, &[(1_000, 0)]);
    world.market_to_final(&first, &[6]);
    world.market_to_final(&second, &[7]);
    assert_eq!((world.round(&first).result[0], world.round(&second).result[0]), (0, 1));
    let lottery = world.lottery(&game);
    assert_eq!((lottery.next_final_index, lottery.next_round_index), (2, 3));
    for live in [&first, &second] {
        world.pay_all(live);
        world.close_all(live);
    }
}
