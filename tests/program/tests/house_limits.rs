//! What one ticket, one player and one page may risk. Every refusal is named and changes nothing.

use program_tests::{
    Game, Live, LotteryError, Money, Player, Rules, Spec, World,
    house::{
        instant_rules, instant_ticket, keno_quick, keno_rules, keno_ticket, paytable_of, top_multiplier,
    },
};

use crate::house_play::play_out;

fn scene(spec: Spec) -> (World, Game, Live, Player) {
    let mut world = World::new();
    let game = world.create(Spec { crank_lamports: 900_000_000_000, ..spec });
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000_000);
    (world, game, live, player)
}

#[track_caller]
fn refused(world: &mut World, live: &Live, player: &Player, quick: u8, tickets: &[u8], error: LotteryError) {
    let enter = world.enter_instruction(live, player, 0, quick, tickets);
    world.chain.expect_error(&enter, error);
}

/// One spot that pays double.
fn double(page_budget_units: u64) -> Spec {
    let rules = keno_rules(paytable_of(&[&[(1, 20_000)]]));
    Spec::house_with(rules).budgets(page_budget_units, page_budget_units).stakes(1, u64::MAX / 4)
}

#[test]
fn stakes_are_within_the_limits_of_their_round() {
    let (mut world, _, live, player) = scene(Spec::keno());
    let error = LotteryError::StakeOutOfRange;
    for stake in [0, 1, 999, 5_000_001, u64::MAX / 2, u64::MAX] {
        refused(&mut world, &live, &player, 0, &keno_ticket(stake, &[5]), error);
        refused(&mut world, &live, &player, 1, &keno_quick(stake, 1), error);
        // Also as the last of many: the good ones before it are not entered either.
        let many = [keno_ticket(1_000, &[5]).repeat(3), keno_ticket(stake, &[5])].concat();
        refused(&mut world, &live, &player, 0, &many, error);
    }
    world.enter_keno(&live, &player, 0, &[(1_000, &[5]), (5_000_000, &[5])]);

    let (mut world, _, live, player) = scene(Spec::instant());
    for stake in [0, 1, 999, 5_000_001, u64::MAX / 2, u64::MAX] {
        refused(&mut world, &live, &player, 0, &instant_ticket(stake), error);
        refused(&mut world, &live, &player, 20, &instant_ticket(stake), error);
        let many = [instant_ticket(1_000).repeat(3), instant_ticket(stake)].concat();
        refused(&mut world, &live, &player, 2, &many, error);
    }
    world.enter_stakes(&live, &player, 0, &[1_000, 5_000_000]);
}

#[test]
fn one_ticket_takes_at_most_a_sixteenth_of_its_pages_budget() {
    let error = LotteryError::LiabilityAboveShare;
    // Also where the sixteenth has a rest: floor(16,015 / 16) is 1,000.
    for budget in [16_000, 16_001, 16_015] {
        let (mut world, _, live, player) = scene(double(budget));
        for stake in [501, 502, 8_000, u64::MAX / 4] {
            refused(&mut world, &live, &player, 0, &keno_ticket(stake, &[80]), error);
            refused(&mut world, &live, &player, 1, &keno_quick(stake, 1), error);
        }
        world.enter_keno(&live, &player, 0, &[(500, &[80])]);
        assert_eq!(world.page(&live, 0).liability_units, 1_000);
    }
    let (mut world, _, live, player) = scene(double(16_016).stakes(1, 1_000));
    refused(&mut world, &live, &player, 0, &keno_ticket(501, &[80]), error);
}

#[test]
fn the_share_of_each_spot_count_is_by_its_own_highest_prize() {
    let (mut world, game, live, player) = scene(Spec::keno());
    let share = game.spec.limits.page_budget_units / 16;
    for spots in 1..=10u8 {
        let top = top_multiplier(&game.spec.rules, spots) as u128;
        // The largest stake whose highest prize, rounded down, is within the share.
        let most = (((share as u128 + 1) * 10_000 - 1) / top) as u64;
        let numbers: Vec<u8> = (1..=spots).collect();
        if most >= 5_000_000 {
            world.enter_keno(&live, &player, 0, &[(5_000_000, &numbers)]);
            continue;
        }
        let above = keno_ticket(most + 1, &numbers);
        refused(&mut world, &live, &player, 0, &above, LotteryError::LiabilityAboveShare);
        world.enter_keno(&live, &player, 0, &[(most, &numbers)]);
    }
    play_out(&mut world, &live);
}

#[test]
fn instant_tickets_share_by_the_top_prize() {
    let (mut world, _, live, player) = scene(Spec::instant().budgets(160_000_000, 160_000_000));
    refused(&mut world, &live, &player, 0, &instant_ticket(10_001), LotteryError::LiabilityAboveShare);
    refused(&mut world, &live, &player, 20, &instant_ticket(10_001), LotteryError::LiabilityAboveShare);
    world.enter_stakes(&live, &player, 0, &[10_000]);
}

#[test]
fn a_page_takes_tickets_until_their_worst_case_is_its_budget() {
    let error = LotteryError::BudgetExceeded;
    let (mut world, _, live, player) = scene(double(16_000));
    // Seventeen sixteenths at once, and one by one.
    refused(&mut world, &live, &player, 17, &keno_quick(500, 1), error);
    world.enter_keno_quick(&live, &player, 0, 15, 500, 1);
    refused(&mut world, &live, &player, 2, &keno_quick(500, 1), error);
    world.enter_keno_quick(&live, &player, 0, 1, 499, 1);
    // Two units are left: a stake of one wins two.
    refused(&mut world, &live, &player, 1, &keno_quick(2, 1), error);
    refused(&mut world, &live, &player, 2, &keno_quick(1, 1), error);
    world.enter_keno_quick(&live, &player, 0, 1, 1, 1);
    let page = world.page(&live, 0);
    assert_eq!((page.liability_units, page.budget_units), (16_000, 16_000));
    refused(&mut world, &live, &player, 1, &keno_quick(1, 1), error);
    play_out(&mut world, &live);
}

#[test]
fn prizes_are_rounded_down_before_they_count() {
    // 1.5 times one unit is one unit.
    let rules = keno_rules(paytable_of(&[&[(1, 15_000)]]));
    let spec = Spec::house_with(rules).budgets(32, 32).stakes(1, 1_000).pages(64, 1);
    let (mut world, _, live, player) = scene(spec);
    world.enter_keno_quick(&live, &player, 0, 20, 1, 1);
    assert_eq!(world.page(&live, 0).liability_units, 20);
    refused(&mut world, &live, &player, 1, &keno_quick(2, 1), LotteryError::LiabilityAboveShare);
    world.enter_keno_quick(&live, &player, 0, 12, 1, 1);
    refused(&mut world, &live, &player, 1, &keno_quick(1, 1), LotteryError::BudgetExceeded);
    play_out(&mut world, &live);
}

#[test]
fn amounts_beyond_64_bits_are_refused_by_name() {
    let (mut world, _, live, player) = scene(double(16_000).stakes(1, u64::MAX));
    for stake in [u64::MAX, u64::MAX / 2 + 1] {
        refused(&mut world, &live, &player, 0, &keno_ticket(stake, &[1]), LotteryError::MathOverflow);
    }
    refused(
        &mut world,
        &live,
        &player,
        0,
        &keno_ticket(u64::MAX / 2, &[1]),
        LotteryError::LiabilityAboveShare,
    );
    let rules = instant_rules(&[(4, u32::MAX)]);
    let (mut world, _, live, player) = scene(Spec::house_with(rules).stakes(1, u64::MAX));
    refused(&mut world, &live, &player, 0, &instant_ticket(u64::MAX), LotteryError::MathOverflow);
}

#[test]
fn spots_that_are_not_offered_are_refused() {
    // Only three and five spots have a prize.
    let rules = keno_rules(paytable_of(&[&[], &[], &[(3, 400_000)], &[], &[(5, 7_000_000)]]));
    let (mut world, _, live, player) = scene(Spec::house_with(rules));
    let error = LotteryError::SpotsNotOffered;
    for spots in [0, 1, 2, 4, 6, 10, 11, 20, 80, 255] {
        let numbers: Vec<u8> = (1..=spots.min(80)).collect();
        let mut ticket = keno_ticket(1_000, &numbers);
        ticket[8] = spots;
        refused(&mut world, &live, &player, 0, &ticket, error);
        refused(&mut world, &live, &player, 1, &keno_quick(1_000, spots), error);
    }
    world.enter_keno(&live, &player, 0, &[(1_000, &[1, 2, 3]), (1_000, &[1, 2, 3, 4, 80])]);
    world.enter_keno_quick(&live, &player, 0, 2, 1_000, 5);
}

#[test]
fn wrong_numbers_are_refused() {
    let (mut world, _, live, player) = scene(Spec::keno());
    for (numbers, error) in [
        (&[0][..], LotteryError::NumberOutOfRange),
        (&[81], LotteryError::NumberOutOfRange),
        (&[255], LotteryError::NumberOutOfRange),
        (&[0, 1], LotteryError::NumberOutOfRange),
        (&[79, 81], LotteryError::NumberOutOfRange),
        (&[80, 128], LotteryError::NumberOutOfRange),
        (&[2, 1], LotteryError::NumbersUnsorted),
        (&[70, 69], LotteryError::NumbersUnsorted),
        (&[65, 3], LotteryError::NumbersUnsorted),
        (&[7, 7], LotteryError::NumbersRepeated),
        (&[66, 66], LotteryError::NumbersRepeated),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 80, 80], LotteryError::NumbersRepeated),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 10, 9], LotteryError::NumbersUnsorted),
    ] {
        refused(&mut world, &live, &player, 0, &keno_ticket(1_000, numbers), error);
        let good = keno_ticket(1_000, &[1, 2]);
        let last = [good.clone(), good, keno_ticket(1_000, numbers)].concat();
        refused(&mut world, &live, &player, 0, &last, error);
    }
}

#[test]
fn bytes_that_are_no_whole_tickets_are_refused() {
    let (mut world, _, live, player) = scene(Spec::keno());
    let good = keno_ticket(1_000, &[1, 2, 3, 4]);
    for cut in 1..good.len() {
        refused(&mut world, &live, &player, 0, &good[..cut], LotteryError::TicketLength);
        let second = [good.as_slice(), &good[..cut]].concat();
        refused(&mut world, &live, &player, 0, &second, LotteryError::TicketLength);
    }
    // A byte too many begins another ticket.
    refused(&mut world, &live, &player, 0, &[good.as_slice(), &[0]].concat(), LotteryError::TicketLength);
    // Quick picks need the nine bytes that say what they are.
    for len in 0..9 {
        refused(&mut world, &live, &player, 1, &keno_quick(1_000, 4)[..len], LotteryError::TicketLength);
    }
    let (mut world, _, live, player) = scene(Spec::instant());
    for cut in 1..8 {
        refused(&mut world, &live, &player, 0, &instant_ticket(1_000)[..cut], LotteryError::TicketLength);
        let second = [instant_ticket(1_000).as_slice(), &instant_ticket(1_000)[..cut]].concat();
        refused(&mut world, &live, &player, 3, &second, LotteryError::TicketLength);
    }
}

#[test]
fn no_ticket_and_more_than_twenty_are_refused() {
    let error = LotteryError::TicketCount;
    let (mut world, _, live, player) = scene(Spec::keno());
    let ticket = keno_ticket(1_000, &[9]);
    refused(&mut world, &live, &player, 0, &[], error);
    refused(&mut world, &live, &player, 0, &ticket.repeat(21), error);
    refused(&mut world, &live, &player, 21, &keno_quick(1_000, 1), error);
    refused(&mut world, &live, &player, 255, &keno_quick(1_000, 1), error);
    refused(&mut world, &live, &player, 1, &[ticket.repeat(20), keno_quick(1_000, 1)].concat(), error);
    world.enter_bytes(&live, &player, 0, 10, &[ticket.repeat(10), keno_quick(1_000, 1)].concat(), 20);

    let (mut world, _, live, player) = scene(Spec::instant());
    refused(&mut world, &live, &player, 0, &[], error);
    refused(&mut world, &live, &player, 5, &[], error);
    refused(&mut world, &live, &player, 0, &instant_ticket(1_000).repeat(21), error);
    refused(&mut world, &live, &player, 21, &instant_ticket(1_000), error);
    refused(&mut world, &live, &player, 255, &instant_ticket(1_000), error);
    refused(&mut world, &live, &player, 20, &instant_ticket(1_000).repeat(2), error);
    world.enter_bytes(&live, &player, 0, 11, &instant_ticket(1_000).repeat(10), 20);
}

#[test]
fn a_full_page_takes_no_more() {
    for spec in [Spec::keno(), Spec::instant()] {
        let is_keno = matches!(spec.rules, Rules::Keno(_));
        let tickets = if is_keno { keno_quick(1_000, 3) } else { instant_ticket(1_000) };
        let (mut world, _, live, player) = scene(spec.pages(30, 2));
        world.enter_bytes(&live, &player, 0, 20, &tickets, 20);
        refused(&mut world, &live, &player, 11, &tickets, LotteryError::PageFull);
        world.enter_bytes(&live, &player, 0, 10, &tickets, 10);
        refused(&mut world, &live, &player, 1, &tickets, LotteryError::PageFull);
        assert_eq!(world.page(&live, 0).count, 30);
    }
}

#[test]
fn a_player_enters_up_to_the_limit_of_a_round() {
    for spec in [Spec::keno(), Spec::instant()] {
        let is_keno = matches!(spec.rules, Rules::Keno(_));
        let tickets = if is_keno { keno_quick(1_000, 3) } else { instant_ticket(1_000) };
        let mut spec = spec;
        spec.limits.max_entries_per_player = 25;
        let (mut world, game, live, player) = scene(spec);
        world.enter_bytes(&live, &player, 0, 20, &tickets, 20);
        refused(&mut world, &live, &player, 6, &tickets, LotteryError::PlayerLimit);
        world.enter_bytes(&live, &player, 0, 5, &tickets, 5);
        refused(&mut world, &live, &player, 1, &tickets, LotteryError::PlayerLimit);
        let other = world.player(Money::Sol, 1_000_000);
        world.enter_bytes(&live, &other, 0, 20, &tickets, 20);
        // The limit holds across pages, and each round has its own.
        world.enter_bytes(&live, &other, 0, 5, &tickets, 5);
        world.open_page(&live);
        let more = world.enter_instruction(&live, &player, 1, 1, &tickets);
        world.chain.expect_error(&more, LotteryError::PlayerLimit);
        let next = world.open(&game);
        world.enter_bytes(&next, &player, 0, 20, &tickets, 20);
    }
}

#[test]
fn a_balance_that_is_too_low_is_refused() {
    let (mut world, _, live, _) = scene(Spec::keno());
    let player = world.player(Money::Sol, 9_999);
    let error = LotteryError::InsufficientBalance;
    let three = [keno_ticket(3_000, &[1]), keno_ticket(3_000, &[2]), keno_ticket(4_000, &[3])].concat();
    refused(&mut world, &live, &player, 0, &three, error);
    world.enter_keno(&live, &player, 0, &[(9_000, &[1])]);
    refused(&mut world, &live, &player, 0, &keno_ticket(1_000, &[1]), error);
    assert_eq!(world.balance(&player), 999);
}
