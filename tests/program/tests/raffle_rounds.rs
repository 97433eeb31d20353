//! Raffles among the other things that happen to rounds: a beacon, an empty round, a pause, expiry, logs and rewards.

use lottery_interface::events::PlaceChanged;
use program_tests::{
    Instruction, Live, LotteryError as E, Money, Spec, World,
    events::parse,
    ix,
    kinds::{Kind, PlaceStatus, RoundStatus},
    raffle::{FEE, places, prizes},
};

#[test]
fn a_raffle_draws_from_a_beacon() {
    let mut world = World::new();
    world.add_own_beacon();
    world.allow_beacon(Kind::Raffle);
    let raffle = world.listed(Spec::raffle(places(2, 1)).beacon(), &[1, 3, 10, 1]);
    world.enter_list(&raffle);
    let live = raffle.live;
    world.lock(&live);
    world.seal_all(&live);
    world.post_signature(&live);
    world.draw(&live);
    world.settle_all(&live);
    assert!(world.entries(&live, 0).iter().all(|entry| entry.picks[1] != 0), "everyone has a key");
    world.rank(&live);
    world.finalise(&live);
    for rank in 0..2 {
        let winner = world.person_of_rank(&live, &raffle.players, rank);
        world.confirm(&live, &winner, rank);
    }
    world.resolve(&live, &[2]);
    world.refund_fees(&live);
    world.close_raffle(&live);
    assert_eq!(world.take_fees(&live), 2 * FEE);
}

fn retime(world: &World, live: &Live) -> Instruction {
    let pages = world.round(live).page_count;
    ix::retime_round(world.cranker, live.game.key, live.config, live.key, pages)
}

#[test]
fn a_list_that_nobody_used_is_asked_again() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(2, 1)).pages(2, 3), &[1, 3, 10, 1, 1]);
    let live = raffle.live.clone();
    world.lock(&live);
    world.seal_all(&live);
    let retime_now = retime(&world, &live);
    world.chain.expect_ok(&retime_now);
    world.enter_list(&raffle);
    world.lock(&live);
    let again = retime(&world, &live);
    world.chain.expect_error(&again, E::RoundNotEmpty);
    world.to_settled(&live);
    world.rank(&live);
    world.finalise(&live);
    assert_eq!(world.standings(&live), world.replay_order(&live));
}

#[test]
fn a_pause_voids_an_open_raffle() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(2, 1)), &[1, 3, 10, 1]);
    world.enter_list(&raffle);
    let live = raffle.live;
    world.chain.expect_ok(&ix::pause_lottery(live.game.pauser, live.game.id, live.index + 1));
    assert_eq!(world.status(&live), RoundStatus::Void);
    world.seal_all(&live);
    world.refund_all(&live);
    world.finalise(&live);
    assert!(raffle.players.iter().all(|player| world.balance(player) == 10 * FEE));
    world.close_raffle(&live);
}

#[test]
fn prizes_that_nobody_resolved_expire() {
    let mut world = World::new();
    let (live, _) = world.final_raffle(Spec::raffle(prizes(&[6_000, 4_000])), 5);
    let expire = ix::expire_round(world.cranker, live.game.key, live.key);
    world.chain.expect_error(&expire, E::ClaimPeriodOpen);
    world.chain.warp(90_000, 200_000);
    world.resolve(&live, &[1]);
    world.chain.expect_ok(&expire);
    let resolve = world.resolve_instruction(&live, &[0]);
    world.chain.expect_error(&resolve, E::NotFinal);
    // The prizes, and what rounding left.
    assert_eq!(world.lottery(&live.game).treasury_due_units, 5 * FEE - 5 * FEE * 500 / 10_000);
    assert_eq!(world.round(&live).cash_units, 0);
    world.close_raffle(&live);
}

#[test]
fn places_tell_what_happens_to_them() {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(places(2, 2)), 6);
    let ranked = world.ranked(world.order_of(&live));
    let expected = |rank: u32, status: PlaceStatus| PlaceChanged {
        lottery_id: live.game.id,
        round_index: live.index,
        rank,
        page_sequence: 0,
        index: ranked[rank as usize].index,
        status: status as u8,
        reserved: [0; 3],
    };
    let changes = |meta: program_tests::Meta| -> Vec<PlaceChanged> {
        let events = meta.events().into_iter().filter(|(name, _)| *name == "PlaceChanged");
        events.map(|(_, bytes)| parse(&bytes)).collect()
    };
    let winner = world.person_of_rank(&live, &people, 0);
    assert_eq!(changes(world.confirm(&live, &winner, 0)), [expected(0, PlaceStatus::Taken)]);
    world.pass_offers(&live);
    let lapse = world.resolve_instruction(&live, &[1]);
    assert_eq!(changes(world.chain.expect_ok(&lapse)), [expected(1, PlaceStatus::Lapsed)]);
    assert_eq!(changes(world.promote(&live, 2)), [expected(2, PlaceStatus::Promoted)]);
    let next = world.person_of_rank(&live, &people, 2);
    world.confirm(&live, &next, 2);
    let release = world.resolve_instruction(&live, &[3]);
    assert_eq!(changes(world.chain.expect_ok(&release)), [expected(3, PlaceStatus::Released)]);
}

#[test]
fn more_ranks_are_resolved_than_a_log_holds() {
    let mut world = World::new();
    let mut spec = Spec::raffle(places(300, 0)).pages(400, 1);
    spec.config.stake_units = 1_000;
    let live = world.open_raffle(spec);
    let player = world.player(Money::Sol, 1_000_000);
    for _ in 0..16 {
        world.enter_quick(&live, &player, 0, 20);
    }
    world.to_settled(&live);
    world.rank(&live);
    world.finalise(&live);
    world.pass_offers(&live);
    let ranks: Vec<u16> = (0..300).collect();
    let lapse = world.resolve_instruction(&live, &ranks);
    let meta = world.chain.expect_ok_big(&lapse);
    assert!(meta.logs.iter().any(|line| line == "Log truncated"), "the log is full");
    assert_eq!(world.raffle_state(&live).lapsed, 300);
    world.refund_fees(&live);
    assert_eq!(world.round(&live).cash_units, 0);
    assert_eq!(world.balance(&player), 1_000_000 - 300 * 100);
}

#[test]
fn a_session_key_does_not_confirm() {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(places(2, 2)), 3);
    let winner = world.person_of_rank(&live, &people, 0);
    let key = world.chain.funded("session", 1_000_000);
    let session = program_tests::args::SessionArgs {
        key: key.to_bytes(),
        lotteries: [live.game.id, 0, 0, 0],
        expires_at: world.chain.now() + 600,
        limit_units: FEE,
    };
    world.chain.expect_ok(&ix::set_session(winner.owner, live.game.mint, &session));
    let forged = program_tests::Player { owner: key, ..winner };
    let confirm = world.confirm_instruction(&live, &forged, 0);
    world.chain.expect_error(&confirm, E::WrongWallet);
    world.confirm(&live, &winner, 0);
}

#[test]
fn every_step_of_a_ranking_is_rewarded() {
    let mut world = World::new();
    let (live, _) = world.settled_raffle(Spec::raffle(places(2, 2)).pages(2, 4), 6);
    let round = world.round(&live);
    let (step, item) = (round.reward_step_lamports as u64, round.reward_item_lamports as u64);
    let paid = |world: &mut World, work: &mut dyn FnMut(&mut World)| {
        let before = world.round(&live).crank_lamports;
        work(world);
        before - world.round(&live).crank_lamports
    };
    let ranking = world.attempt(&live, world.cranker, world.threshold(&live));
    // Three pages; counting is paid by who accepts.
    assert_eq!(paid(&mut world, &mut |world| world.count_all(&live, ranking)), 0);
    let accept = &mut |world: &mut World| drop(world.accept(&live, ranking));
    assert_eq!(paid(&mut world, accept), (1 + 3) * step);
    assert_eq!(paid(&mut world, &mut |world| world.sort_all(&live, ranking)), step + 4 * item);
    world.finalise(&live);
    world.pass_offers(&live);
    assert_eq!(paid(&mut world, &mut |world| world.resolve(&live, &[0, 1])), 2 * item);
    assert_eq!(paid(&mut world, &mut |world| drop(world.promote(&live, 2))), item);
}
