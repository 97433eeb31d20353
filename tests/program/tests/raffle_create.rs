//! What a raffle may be: places, lists and prizes are checked when it is created, and again at each new config.

use program_tests::{
    LotteryError as E, Spec, World,
    accounts::RaffleRules,
    ix,
    kinds::Source,
    raffle::{first_come, places, prizes, unconfirmed},
};

#[track_caller]
fn refused_spec(spec: Spec, error: E) {
    let mut world = World::new();
    let someone = world.authority;
    let create = world.create_instruction(&spec, someone, someone, someone);
    world.chain.expect_error(&create, error);
    let game = world.create(Spec::raffle(places(3, 2)));
    let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_error(&update, error);
}

#[track_caller]
fn refused(rules: RaffleRules, error: E) {
    refused_spec(Spec::raffle(rules), error);
}

#[track_caller]
fn accepted(rules: RaffleRules) {
    let mut world = World::new();
    world.open_raffle(Spec::raffle(rules));
}

#[test]
fn places_and_ranks_have_bounds() {
    refused(places(0, 0), E::InvalidPlaces);
    refused(places(0, 5), E::InvalidPlaces);
    refused(places(60_001, 0), E::InvalidPlaces);
    refused(places(60_000, 1), E::InvalidPlaces);
    refused(places(u32::MAX, 1), E::InvalidPlaces);
    accepted(places(59_999, 1));
}

#[test]
fn waiting_and_penalties_need_time_to_confirm() {
    refused(RaffleRules { confirm_seconds: 0, penalty_bps: 0, ..places(1, 1) }, E::InvalidPlaces);
    refused(RaffleRules { confirm_seconds: 0, ..places(1, 0) }, E::InvalidPlaces);
    refused(RaffleRules { penalty_bps: 10_001, ..places(1, 0) }, E::InvalidPlaces);
    accepted(RaffleRules { penalty_bps: 10_000, ..places(1, 0) });
    accepted(unconfirmed(1));
}

#[test]
fn a_list_fits_its_tree() {
    let list = |leaf_count, depth| RaffleRules { leaf_count, depth, ..places(1, 0) };
    refused(list(0, 1), E::InvalidList);
    refused(list(3, 1), E::InvalidList);
    refused(list(1, 21), E::InvalidList);
    refused(list(u32::MAX, 20), E::InvalidList);
    accepted(list(2, 1));
    accepted(list(1, 20));
}

#[test]
fn a_list_fits_the_pages_of_a_round() {
    let list = RaffleRules { leaf_count: 9, depth: 4, ..places(1, 0) };
    for (rules, pages) in [(list, (4, 2)), (first_come(list), (8, 2))] {
        let mut world = World::new();
        let game = world.create(Spec::raffle(rules).pages(pages.0, pages.1));
        let open = world.open_round_instruction(&game);
        world.chain.expect_error(&open, E::InvalidList);
    }
    for (rules, pages) in [(list, (5, 2)), (first_come(list), (9, 2))] {
        let mut world = World::new();
        let game = world.create(Spec::raffle(rules).pages(pages.0, pages.1));
        let live = world.open_round(&game);
        world.open_all_pages(&live);
        assert_eq!(world.round(&live).entries_allotted, 9);
    }
}

#[test]
fn places_take_no_fee_beyond_the_winners() {
    let mut spec = Spec::raffle(places(1, 0));
    spec.config.fee_bps = 1;
    refused_spec(spec, E::InvalidRules);
    let mut spec = Spec::raffle(prizes(&[10_000]));
    spec.config.fee_bps = 1_001;
    refused_spec(spec, E::FeeAboveCap);
}

#[test]
fn prizes_by_rank_share_the_whole_pool() {
    refused(prizes(&[5_000, 4_999]), E::InvalidRankPrizes);
    refused(prizes(&[5_000, 5_001]), E::InvalidRankPrizes);
    refused(prizes(&[4_000, 6_000]), E::InvalidRankPrizes);
    refused(prizes(&[10_000, 0]), E::InvalidRankPrizes);
    refused(RaffleRules { capacity: 3, ..prizes(&[5_000, 5_000]) }, E::InvalidRankPrizes);
    refused(RaffleRules { confirm_seconds: 60, ..prizes(&[10_000]) }, E::InvalidRankPrizes);
    refused(RaffleRules { waiting: 1, confirm_seconds: 60, ..prizes(&[10_000]) }, E::InvalidRankPrizes);
    refused(RaffleRules { prize_count: 17, ..prizes(&[10_000]) }, E::InvalidRules);
    refused(RaffleRules { prize_count: 255, ..prizes(&[10_000]) }, E::InvalidRules);
    accepted(prizes(&[625; 16]));
    accepted(prizes(&[5_000, 3_000, 2_000]));
}

#[test]
fn modes_and_lengths_are_known() {
    refused(RaffleRules { mode: 0, ..places(1, 0) }, E::InvalidRules);
    refused(RaffleRules { mode: 3, ..places(1, 0) }, E::InvalidRules);
    let mut world = World::new();
    let game = world.create(Spec::raffle(places(1, 0)));
    let spec = &game.spec;
    let bytes = spec.rules_bytes();
    for bytes in [&bytes[..87], &[bytes, &[0]].concat(), &[]] {
        let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, bytes);
        world.chain.expect_error(&update, E::InvalidRules);
    }
}

#[test]
fn a_raffle_draws_from_a_source_of_randomness() {
    let mut spec = Spec::raffle(places(1, 0));
    spec.config.source = Source::Oracle as u8;
    refused_spec(spec, E::SourceNotAllowed);
}
