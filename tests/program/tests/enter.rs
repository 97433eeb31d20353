//! Entering: what is written, what it costs, and everything that is refused.

use lottery_interface::events::Entered;
use lottery_rules::{draw, hash::Software, picks};
use program_tests::{
    InstructionError, Live, LotteryError, Money, Player, Spec, World, accounts::Entry, game::draw_rules, ix,
    replay, world::LAMPORTS,
};

const STAKE: u64 = 1_000_000;
const TICKET: &[u8] = &[1, 2, 3, 4, 5, 6];

fn scene(spec: Spec) -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000 * STAKE);
    (world, live, player)
}

/// 5 of 69 with a bonus ball of 26.
fn bonus_spec() -> Spec {
    Spec { rules: draw_rules(5, 69, 26, &[(5, 1, 8_000), (5, 0, 2_000)]).into(), ..Spec::default() }
}

#[track_caller]
fn refused(world: &mut World, live: &Live, player: &Player, quick: u8, tickets: &[u8], error: LotteryError) {
    let enter = world.enter_instruction(live, player, 0, quick, tickets);
    world.chain.expect_error(&enter, error);
}

#[test]
fn entries_are_written_as_given() {
    let (mut world, live, player) = scene(bonus_spec());
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 26], &[64, 65, 67, 68, 69, 1]]);
    let entry = |numbers: &[u8], bonus| Entry {
        wallet: player.wallet.to_bytes(),
        picks: picks::from_sorted(numbers, 69).unwrap(),
        stake_units: STAKE,
        bonus,
        tier: 0,
        flags: 0,
        spots: 0,
        multiplier_bps: 0,
    };
    let expected = [entry(&[1, 2, 3, 4, 5], 26), entry(&[64, 65, 67, 68, 69], 1)];
    assert_eq!(world.entries(&live, 0), expected);
    let page = world.page(&live, 0);
    assert_eq!((page.count, page.cash_units), (2, 2 * STAKE));
    assert_eq!(world.balance(&player), 998 * STAKE);
}

#[test]
fn the_digest_is_the_one_of_the_rules() {
    let (mut world, live, player) = scene(Spec::default());
    world.enter(&live, &player, 0, &[TICKET, TICKET]);
    world.enter_quick(&live, &player, 0, 5);
    world.enter(&live, &player, 0, &[TICKET]);
    let entries = world.entries(&live, 0);
    assert_eq!(world.page(&live, 0).digest, replay::page_digest(&entries, &[2, 5, 1]));
    assert_ne!(world.page(&live, 0).digest, replay::page_digest(&entries, &[2, 6]), "groups count");
}

#[test]
fn quick_picks_are_those_of_the_rules() {
    let (mut world, live, player) = scene(bonus_spec());
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 26]]);
    // Two tickets as numbers, then three quick picks.
    let tickets = [[3, 4, 5, 6, 7, 8], [3, 4, 5, 6, 7, 9]].concat();
    let enter = world.enter_instruction(&live, &player, 0, 3, &tickets);
    world.chain.expect_ok(&enter);
    world.enter_quick(&live, &player, 0, 20);
    let entries = world.entries(&live, 0);
    let (wallet, page) = (player.wallet.to_bytes(), live.page(0).to_bytes());
    for (first, count) in [(3, 3), (6, 20)] {
        let mut stream = picks::quick_pick_stream::<Software>(&wallet, &page, first);
        for entry in &entries[first as usize..first as usize + count] {
            let (numbers, bonus) = draw::quick_pick(&mut stream, 5, 69, 26);
            assert_eq!((entry.picks, entry.bonus), (numbers, bonus));
            assert_eq!(picks::count(&entry.picks), 5);
            assert!((1..=26).contains(&entry.bonus));
        }
    }
    assert_eq!(entries[1].bonus, 8);
}

#[test]
fn every_shape_of_game_can_be_entered() {
    for (picks, numbers, bonus) in
        [(1, 2, 0), (20, 128, 0), (20, 20, 128), (19, 20, 1), (10, 64, 0), (1, 128, 2)]
    {
        // One tier that every such game can have: all numbers, and the bonus ball if there is a drum.
        let tier = (picks, (bonus > 0) as u8, 10_000);
        let rules = draw_rules(picks, numbers, bonus, &[tier]);
        let (mut world, live, player) = scene(Spec { rules: rules.into(), ..Spec::default() });
        let mut ticket: Vec<u8> = (numbers - picks + 1..=numbers).collect();
        ticket.extend((bonus > 0).then_some(bonus));
        world.enter(&live, &player, 0, &[&ticket]);
        world.enter_quick(&live, &player, 0, 20);
        for entry in world.entries(&live, 0) {
            assert_eq!(picks::check(&entry.picks, picks, numbers), Ok(()));
            assert_eq!(entry.bonus > 0, bonus > 0);
            assert!(entry.bonus <= bonus);
        }
        world.to_drawn(&live);
        assert_eq!(world.round(&live).result, world.replay(&live).result);
    }
}

#[test]
fn wrong_numbers_are_refused() {
    let (mut world, live, player) = scene(Spec::default());
    let good = TICKET;
    for (ticket, error) in [
        ([0, 1, 2, 3, 4, 5], LotteryError::NumberOutOfRange),
        ([1, 2, 3, 4, 5, 50], LotteryError::NumberOutOfRange),
        ([1, 2, 3, 4, 5, 255], LotteryError::NumberOutOfRange),
        ([2, 1, 3, 4, 5, 6], LotteryError::NumbersUnsorted),
        ([1, 2, 3, 4, 6, 5], LotteryError::NumbersUnsorted),
        ([49, 2, 3, 4, 5, 6], LotteryError::NumbersUnsorted),
        ([1, 1, 2, 3, 4, 5], LotteryError::NumbersRepeated),
        ([1, 2, 3, 4, 49, 49], LotteryError::NumbersRepeated),
    ] {
        refused(&mut world, &live, &player, 0, &ticket, error);
        // Also as the last of many: the good ones before it are not entered either.
        refused(&mut world, &live, &player, 3, &[good, good, &ticket].concat(), error);
    }
}

#[test]
fn a_bonus_ball_that_is_not_in_its_drum_is_refused() {
    let (mut world, live, player) = scene(bonus_spec());
    for bonus in [0, 27, 255] {
        refused(&mut world, &live, &player, 0, &[1, 2, 3, 4, 5, bonus], LotteryError::BonusOutOfRange);
    }
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 1], &[1, 2, 3, 4, 5, 26]]);
}

#[test]
fn no_ticket_and_more_than_twenty_are_refused() {
    let (mut world, live, player) = scene(Spec::default());
    let error = LotteryError::TicketCount;
    refused(&mut world, &live, &player, 0, &[], error);
    refused(&mut world, &live, &player, 21, &[], error);
    refused(&mut world, &live, &player, 255, &[], error);
    refused(&mut world, &live, &player, 0, &TICKET.repeat(21), error);
    refused(&mut world, &live, &player, 1, &TICKET.repeat(20), error);
    // 256 together, which would be none in a byte.
    refused(&mut world, &live, &player, 255, TICKET, error);
    let enter = world.enter_instruction(&live, &player, 0, 10, &TICKET.repeat(10));
    world.chain.expect_ok(&enter);
}

#[test]
fn bytes_that_are_no_whole_tickets_are_refused() {
    let (mut world, live, player) = scene(Spec::default());
    for len in [1, 5, 7, 11] {
        let bytes: Vec<u8> = (1..=len).collect();
        refused(&mut world, &live, &player, 1, &bytes, LotteryError::TicketLength);
    }
    // A length that promises more bytes than there are is refused before the program's own code.
    let mut enter = world.enter_instruction(&live, &player, 0, 1, TICKET);
    enter.data[2] = 7;
    world.chain.expect_instruction_error(&enter, InstructionError::InvalidInstructionData);
}

#[test]
fn pages_and_rounds_of_others_are_refused() {
    let (mut world, live, player) = scene(Spec::default());
    let other = world.create(Spec::default());
    let other = world.open(&other);
    // A page of another round, a round of another page, a sequence that does not exist.
    let mixed = ix::enter(player.owner, player.wallet, live.key, other.page(0), 1, &[]);
    world.chain.expect_error(&mixed, LotteryError::WrongPage);
    let mixed = ix::enter(player.owner, player.wallet, other.key, live.page(0), 1, &[]);
    world.chain.expect_error(&mixed, LotteryError::WrongPage);
    let missing = world.enter_instruction(&live, &player, 1, 1, &[]);
    world.chain.expect_instruction_error(&missing, InstructionError::AccountDataTooSmall);
}

#[test]
fn a_wallet_of_another_owner_or_mint_is_refused() {
    let (mut world, live, player) = scene(Spec::default());
    let thief = world.chain.funded("thief", LAMPORTS);
    let theft = ix::enter(thief, player.wallet, live.key, live.page(0), 1, &[]);
    world.chain.expect_error(&theft, LotteryError::Unauthorized);
    let mut unsigned = world.enter_instruction(&live, &player, 0, 1, &[]);
    unsigned.accounts[0].is_signer = false;
    world.chain.expect_instruction_error(&unsigned, InstructionError::MissingRequiredSignature);
    let poor = world.wallet_of(player.owner, Money::Spl, 5_000_000);
    let foreign = ix::enter(player.owner, poor.wallet, live.key, live.page(0), 1, &[]);
    world.chain.expect_error(&foreign, LotteryError::WrongMint);
}

#[test]
fn a_balance_that_is_too_low_is_refused() {
    let (mut world, live, _) = scene(Spec::default());
    let player = world.player(Money::Sol, 3 * STAKE - 1);
    refused(&mut world, &live, &player, 3, &[], LotteryError::InsufficientBalance);
    world.enter_quick(&live, &player, 0, 2);
    refused(&mut world, &live, &player, 1, &[], LotteryError::InsufficientBalance);
    assert_eq!(world.balance(&player), STAKE - 1);
}

#[test]
fn entries_end_with_the_second() {
    let (mut world, live, player) = scene(Spec::default());
    let seconds = world.round(&live).locks_at - world.chain.now();
    world.chain.warp(seconds - 1, 0);
    world.enter_quick(&live, &player, 0, 1);
    world.chain.warp(1, 0);
    assert!(world.chain.slot() < world.round(&live).lock_slot);
    refused(&mut world, &live, &player, 1, &[], LotteryError::RoundLocked);
}

#[test]
fn entries_end_with_the_slot() {
    let (mut world, live, player) = scene(Spec::default());
    let slots = world.round(&live).lock_slot - world.chain.slot();
    world.chain.warp(0, slots - 1);
    world.enter_quick(&live, &player, 0, 1);
    world.chain.warp(0, 1);
    assert!(world.chain.now() < world.round(&live).locks_at);
    refused(&mut world, &live, &player, 1, &[], LotteryError::RoundLocked);
}

#[test]
fn entries_after_the_value_or_a_void_are_refused() {
    let (mut world, live, player) = scene(Spec::default());
    world.enter_quick(&live, &player, 0, 1);
    let mut valued = world.clone();
    valued.value(&live);
    refused(&mut valued, &live, &player, 1, &[], LotteryError::RoundNotOpen);
    world.to_void(&live);
    refused(&mut world, &live, &player, 1, &[], LotteryError::RoundNotOpen);
}

#[test]
fn a_full_page_takes_no_more() {
    let (mut world, live, player) = scene(Spec::default().pages(30, 2));
    world.enter_quick(&live, &player, 0, 20);
    refused(&mut world, &live, &player, 11, &[], LotteryError::PageFull);
    world.enter_quick(&live, &player, 0, 10);
    refused(&mut world, &live, &player, 1, &[], LotteryError::PageFull);
    assert_eq!(world.page(&live, 0).count, 30);
}

#[test]
fn a_growing_page_takes_nothing_yet() {
    let mut world = World::new();
    let game = world.create(Spec::default().pages(500, 1));
    let live = world.open_round(&game);
    let player = world.player(Money::Sol, 100 * STAKE);
    let steps = ix::open_page_steps(world.cranker, live.game.key, live.key, 0, 500, 0);
    assert_eq!(steps.len(), 4);
    for step in steps {
        refused_or_missing(&mut world, &live, &player);
        world.chain.expect_ok(&step);
    }
    world.enter_quick(&live, &player, 0, 20);
}

#[track_caller]
fn refused_or_missing(world: &mut World, live: &Live, player: &Player) {
    if world.chain.exists(live.page(0)) {
        refused(world, live, player, 1, &[], LotteryError::PageNotOpen);
    }
}

fn limited(limit: u32) -> Spec {
    let mut spec = Spec::default();
    spec.limits.max_entries_per_player = limit;
    spec
}

#[test]
fn a_player_enters_up_to_the_limit_of_a_round() {
    let (mut world, live, player) = scene(limited(25));
    world.enter_quick(&live, &player, 0, 20);
    refused(&mut world, &live, &player, 6, &[], LotteryError::PlayerLimit);
    world.enter_quick(&live, &player, 0, 5);
    refused(&mut world, &live, &player, 1, &[], LotteryError::PlayerLimit);
    // Another player and the next round have limits of their own.
    let other = world.player(Money::Sol, 100 * STAKE);
    world.enter_quick(&live, &other, 0, 20);
    let next = world.open(&live.game);
    world.enter_quick(&next, &player, 0, 20);
    refused(&mut world, &next, &player, 6, &[], LotteryError::PlayerLimit);
}

#[test]
fn a_limit_holds_across_pages() {
    let (mut world, live, player) = scene(Spec { limits: limited(25).limits, ..Spec::default() });
    world.enter_quick(&live, &player, 0, 20);
    let other = world.player(Money::Sol, 100 * STAKE);
    world.enter_quick(&live, &other, 0, 20);
    let third = world.player(Money::Sol, 100 * STAKE);
    world.enter_quick(&live, &third, 0, 10);
    world.open_page(&live);
    let enter = world.enter_instruction(&live, &player, 1, 6, &[]);
    world.chain.expect_error(&enter, LotteryError::PlayerLimit);
    world.enter_quick(&live, &player, 1, 5);
}

#[test]
fn a_player_is_in_eight_limited_rounds_at_once() {
    let mut world = World::new();
    let player = world.player(Money::Sol, 100 * STAKE);
    let lives: Vec<Live> = (0..9)
        .map(|_| {
            let game = world.create(limited(25));
            world.open(&game)
        })
        .collect();
    for live in &lives[..8] {
        world.enter_quick(live, &player, 0, 1);
    }
    refused(&mut world, &lives[8], &player, 1, &[], LotteryError::PlayerRingFull);
    // A round that has its place takes more.
    world.enter_quick(&lives[3], &player, 0, 1);
    // Rounds without a limit need no place.
    let game = world.create(Spec::default());
    let free = world.open(&game);
    world.enter_quick(&free, &player, 0, 1);
    // Places are free again once their rounds are locked.
    world.lock(&lives[0]);
    let next = world.open(&lives[8].game);
    world.enter_quick(&next, &player, 0, 1);
    let ring = world.wallet(&player).ring;
    assert_eq!(ring.iter().filter(|place| place.locks_at > world.chain.now()).count(), 1);
}

#[test]
fn events_say_what_was_entered() {
    let (mut world, live, player) = scene(Spec::default());
    world.enter_quick(&live, &player, 0, 3);
    let meta = world.enter(&live, &player, 0, &[TICKET, TICKET]);
    let expected = Entered {
        wallet: player.wallet.to_bytes(),
        lottery_id: live.game.id,
        round_index: 0,
        stake_units: 2 * STAKE,
        page_sequence: 0,
        first_index: 3,
        count: 2,
        reserved: 0,
    };
    assert_eq!(meta.events(), [("Entered", bytemuck::bytes_of(&expected).to_vec())]);
}
