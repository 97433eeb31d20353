//! Who may enter a raffle: everyone on the list once, with their own weight, on their own page.

use program_tests::{
    Instruction, LotteryError as E, Money, Raffle, Spec, World,
    args::SessionArgs,
    ix,
    raffle::{FEE, places, ticket},
};

const WEIGHTS: [u32; 5] = [1, 1, 3, 3, 10];

/// Five people on two pages of four; the tree has eight leaves.
fn scene() -> (World, Raffle) {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(2, 1)).pages(4, 2), &WEIGHTS);
    (world, raffle)
}

/// Person 0 enters page 0 with these bytes.
fn enter(world: &World, raffle: &Raffle, quick_picks: u8, bytes: &[u8]) -> Instruction {
    world.enter_instruction(&raffle.live, &raffle.players[0], 0, quick_picks, bytes)
}

#[track_caller]
fn refused(bytes: &[u8], error: E) {
    let (mut world, raffle) = scene();
    let enter = enter(&world, &raffle, 0, bytes);
    world.chain.expect_error(&enter, error);
}

#[test]
fn everyone_on_the_list_enters_with_their_weight() {
    let (mut world, raffle) = scene();
    for index in [3, 0, 4, 2, 1] {
        world.enter_leaf(&raffle, index);
    }
    let leaves = |page| {
        let entries = world.entries(&raffle.live, page).into_iter();
        entries.map(|e| (e.picks[0] as u32, (e.picks[0] >> 32) as u32, e.picks[1])).collect::<Vec<_>>()
    };
    assert_eq!(leaves(0), [(3, 3, 0), (0, 1, 0), (2, 3, 0), (1, 1, 0)]);
    assert_eq!(leaves(1), [(4, 10, 0)]);
    assert_eq!(world.page_pools(&raffle.live, 0), [0b1111]);
    assert_eq!(world.page_pools(&raffle.live, 1), [0b1]);
    assert_eq!(world.page(&raffle.live, 0).cash_units, 4 * FEE);
    assert_eq!(world.balance(&raffle.players[4]), 9 * FEE);
}

#[test]
fn a_list_of_one_has_no_proof_to_show() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(1, 0)), &[7]);
    assert_eq!(raffle.list.ticket(0).len(), 8);
    world.enter_leaf(&raffle, 0);
}

#[test]
fn the_longest_proof_fits_a_transaction() {
    let mut world = World::new();
    let raffle = world.listed_in(Spec::raffle(places(2, 1)), &WEIGHTS, 20);
    let meta = world.enter_leaf(&raffle, 4);
    assert!(meta.wire_len <= 1_232, "{} bytes", meta.wire_len);
}

#[test]
fn a_bad_proof_is_refused() {
    let (world, raffle) = scene();
    drop(world);
    for level in 0..3 {
        let mut proof = raffle.list.proof(0);
        proof[level][level] ^= 1;
        refused(&ticket(0, 1, &proof), E::ProofInvalid);
    }
    let mut swapped = raffle.list.proof(0);
    swapped.swap(0, 1);
    refused(&ticket(0, 1, &swapped), E::ProofInvalid);
}

#[test]
fn a_foreign_leaf_is_refused() {
    let (_, raffle) = scene();
    refused(&raffle.list.ticket(1), E::ProofInvalid);
}

#[test]
fn a_leaf_of_another_lottery_is_refused() {
    let (mut world, raffle) = scene();
    // The same people with the same weights.
    let people: Vec<_> = raffle.list.leaves.iter().map(|l| (l.owner.into(), l.weight)).collect();
    let other = program_tests::raffle::List::new(&world.chain.key("other lottery"), &people, 3);
    let enter = enter(&world, &raffle, 0, &other.ticket(0));
    world.chain.expect_error(&enter, E::ProofInvalid);
}

#[test]
fn a_higher_weight_than_the_list_gives_is_refused() {
    let (_, raffle) = scene();
    refused(&ticket(0, 2, &raffle.list.proof(0)), E::ProofInvalid);
    refused(&ticket(0, u32::MAX, &raffle.list.proof(0)), E::ProofInvalid);
}

#[test]
fn a_weight_of_zero_is_refused_even_when_the_list_has_it() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(1, 0)), &[0, 1]);
    let enter = world.enter_leaf_instruction(&raffle, 0);
    world.chain.expect_error(&enter, E::WeightZero);
    world.enter_leaf(&raffle, 1);
}

#[test]
fn an_index_beyond_the_list_is_refused() {
    let (_, raffle) = scene();
    refused(&ticket(5, 1, &raffle.list.proof(5)), E::ProofInvalid);
    refused(&ticket(8, 1, &raffle.list.proof(0)), E::ProofInvalid);
    refused(&ticket(u32::MAX, 1, &raffle.list.proof(0)), E::ProofInvalid);
}

#[test]
fn a_leaf_is_used_once() {
    let (mut world, raffle) = scene();
    world.enter_leaf(&raffle, 0);
    let again = world.enter_leaf_instruction(&raffle, 0);
    world.chain.expect_error(&again, E::LeafUsed);
}

#[test]
fn a_leaf_is_used_once_a_round() {
    let (mut world, raffle) = scene();
    world.enter_leaf(&raffle, 0);
    world.lock(&raffle.live);
    let live = world.open_round(&raffle.live.game);
    world.open_all_pages(&live);
    world.enter_leaf(&Raffle { live, ..raffle }, 0);
}

#[test]
fn a_leaf_has_one_page() {
    let (mut world, raffle) = scene();
    for (index, page) in [(0, 1), (4, 0)] {
        let (player, ticket) = (raffle.players[index as usize], raffle.list.ticket(index));
        let enter = world.enter_instruction(&raffle.live, &player, page, 0, &ticket);
        world.chain.expect_error(&enter, E::LeafWrongPage);
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let (_, raffle) = scene();
    let right = raffle.list.ticket(0);
    refused(&right[..7], E::TicketLength);
    refused(&right[..8], E::TicketLength);
    refused(&right[..right.len() - 1], E::TicketLength);
    refused(&right[..right.len() - 32], E::TicketLength);
    refused(&[&right[..], &[0]].concat(), E::TicketLength);
    refused(&[&right[..], &[0; 32]].concat(), E::TicketLength);
    refused(&[&right[..], &right[..]].concat(), E::TicketLength);
}

#[test]
fn a_node_is_no_leaf() {
    let (_, raffle) = scene();
    let short = &raffle.list.proof(0)[1..];
    refused(&ticket(0, 1, short), E::TicketLength);
    // With the right length again.
    refused(&ticket(0, 1, &[short, &[[0; 32]]].concat()), E::ProofInvalid);
}

#[test]
fn a_raffle_with_a_list_has_no_quick_picks() {
    let (mut world, raffle) = scene();
    for (quick_picks, bytes) in [(1, vec![]), (0, vec![]), (1, raffle.list.ticket(0))] {
        let enter = enter(&world, &raffle, quick_picks, &bytes);
        world.chain.expect_error(&enter, E::ProofMissing);
    }
}

#[test]
fn who_cannot_pay_keeps_their_leaf() {
    let (mut world, raffle) = scene();
    let player = raffle.players[0];
    world.withdraw(&player, 9 * FEE + 1);
    let enter = world.enter_leaf_instruction(&raffle, 0);
    world.chain.expect_error(&enter, E::InsufficientBalance);
    world.deposit(&player, 1);
    world.enter_leaf(&raffle, 0);
}

#[test]
fn no_one_enters_after_lock() {
    let (mut world, raffle) = scene();
    world.lock(&raffle.live);
    let enter = world.enter_leaf_instruction(&raffle, 0);
    world.chain.expect_error(&enter, E::RoundLocked);
}

#[test]
fn a_session_key_enters_for_the_person_on_the_list() {
    let (mut world, raffle) = scene();
    let (player, live) = (raffle.players[2], raffle.live.clone());
    let key = world.chain.funded("session", 1_000_000);
    let lotteries = [live.game.id, 0, 0, 0];
    let session =
        SessionArgs { key: key.to_bytes(), lotteries, expires_at: world.chain.now() + 60, limit_units: FEE };
    world.chain.expect_ok(&ix::set_session(player.owner, live.game.mint, &session));
    let enter = ix::enter(key, player.wallet, live.key, live.page(0), 0, &raffle.list.ticket(2));
    world.chain.expect_ok(&enter);
    assert_eq!(world.page(&live, 0).count, 1);
}

#[test]
fn an_open_raffle_sells_places_by_number() {
    let mut world = World::new();
    let live = world.open_raffle(Spec::raffle(places(2, 1)).pages(21, 1));
    let player = world.player(Money::Sol, 100 * FEE);
    for (quick_picks, bytes, error) in [
        (0, &[][..], E::TicketCount),
        (21, &[][..], E::TicketCount),
        (1, &[1; 8][..], E::TicketLength),
        (0, &[1; 8][..], E::TicketLength),
    ] {
        let enter = world.enter_instruction(&live, &player, 0, quick_picks, bytes);
        world.chain.expect_error(&enter, error);
    }
    world.enter_quick(&live, &player, 0, 20);
    let enter = world.enter_instruction(&live, &player, 0, 2, &[]);
    world.chain.expect_error(&enter, E::PageFull);
    world.enter_quick(&live, &player, 0, 1);
    assert!(world.entries(&live, 0).iter().all(|entry| entry.picks == [1 << 32, 0]));
    assert_eq!(world.balance(&player), 79 * FEE);
}
