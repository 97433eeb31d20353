//! Places: winners confirm in time, the next in order is promoted, everyone else gets the fee back.

use program_tests::{
    Live, LotteryError as E, Player, Spec, World,
    accounts::RaffleRules,
    ix::{self, Item},
    kinds::PlaceStatus::{Initial, Lapsed, Released, Taken},
    raffle::{CONFIRM_SECONDS, FEE, places},
};

pub const PENALTY: u64 = FEE / 10;

/// A final raffle.
pub struct Scene {
    pub world: World,
    pub live: Live,
    pub people: Vec<Player>,
}

/// Eight people on two pages, three places and two who wait.
pub fn scene() -> Scene {
    scene_of(places(3, 2))
}

pub fn scene_of(rules: RaffleRules) -> Scene {
    let mut world = World::new();
    let (live, people) = world.final_raffle(Spec::raffle(rules).pages(4, 2), 8);
    Scene { world, live, people }
}

impl Scene {
    pub fn person(&self, rank: u32) -> Player {
        self.world.person_of_rank(&self.live, &self.people, rank)
    }

    pub fn confirm(&mut self, rank: u32) {
        let person = self.person(rank);
        self.world.confirm(&self.live, &person, rank);
    }

    #[track_caller]
    pub fn confirm_error(&mut self, player: &Player, rank: u32, error: E) {
        let confirm = self.world.confirm_instruction(&self.live, player, rank);
        self.world.chain.expect_error(&confirm, error);
    }

    #[track_caller]
    pub fn resolve_error(&mut self, rank: u16, error: E) {
        let resolve = self.world.resolve_instruction(&self.live, &[rank]);
        self.world.chain.expect_error(&resolve, error);
    }

    #[track_caller]
    pub fn promote_error(&mut self, rank: u32, error: E) {
        let promote = self.world.promote_instruction(&self.live, rank);
        self.world.chain.expect_error(&promote, error);
    }

    /// The page and the item of the entry that has a rank.
    pub fn item(&self, rank: u32) -> (u32, Item) {
        let place = self.world.ranked(self.world.order_of(&self.live))[rank as usize];
        (place.page, Item { index: place.index, wallet: self.person(rank).wallet })
    }

    #[track_caller]
    pub fn refund_error(&mut self, rank: u32, error: E) {
        let (sequence, item) = self.item(rank);
        let refund = ix::refund(self.world.cranker, self.live.key, sequence, &[item]);
        self.world.chain.expect_error(&refund, error);
    }
}

#[test]
fn a_place_is_confirmed_once() {
    let mut s = scene();
    let winner = s.person(1);
    s.confirm(1);
    assert_eq!(s.world.place_statuses(&s.live), [Initial, Taken, Initial, Initial, Initial]);
    s.confirm_error(&winner, 1, E::PlaceTaken);
}

#[test]
fn strangers_do_not_confirm() {
    let mut s = scene();
    let (winner, stranger) = (s.person(0), s.person(1));
    s.confirm_error(&stranger, 0, E::WrongWallet);
    let forged = Player { owner: stranger.owner, ..winner };
    s.confirm_error(&forged, 0, E::WrongWallet);
}

#[test]
fn who_is_not_offered_a_place_does_not_confirm() {
    let mut s = scene();
    for rank in [3, 4] {
        let waiting = s.person(rank);
        s.confirm_error(&waiting, rank, E::PlaceNotOffered);
    }
    let winner = s.person(0);
    s.confirm_error(&winner, 5, E::RankUnknown);
    s.confirm_error(&winner, u32::MAX, E::RankUnknown);
}

#[test]
fn a_place_is_confirmed_in_time() {
    let mut s = scene();
    let (first, second) = (s.person(0), s.person(1));
    s.world.chain.warp(CONFIRM_SECONDS as i64 - 1, 10);
    s.world.confirm(&s.live, &first, 0);
    s.world.chain.warp(1, 1);
    s.confirm_error(&second, 1, E::ConfirmTooLate);
    s.world.resolve(&s.live, &[1]);
    s.confirm_error(&second, 1, E::ConfirmTooLate);
}

#[test]
fn places_are_those_of_a_final_raffle() {
    let mut world = World::new();
    let (live, people) = world.settled_raffle(Spec::raffle(places(3, 2)), 8);
    world.rank(&live);
    let winner = world.person_of_rank(&live, &people, 0);
    let instructions = [
        world.confirm_instruction(&live, &winner, 0),
        world.resolve_instruction(&live, &[0]),
        world.promote_instruction(&live, 3),
    ];
    for instruction in instructions {
        world.chain.expect_error(&instruction, E::NotFinal);
    }
    let refund = ix::refund(world.cranker, live.key, 0, &[Item { index: 0, wallet: people[0].wallet }]);
    world.chain.expect_error(&refund, E::NotVoid);
}

#[test]
fn nothing_is_resolved_too_early() {
    let mut s = scene();
    for rank in 0..5 {
        s.resolve_error(rank, E::NothingToResolve);
    }
    s.world.chain.warp(CONFIRM_SECONDS as i64 - 1, 10);
    s.resolve_error(0, E::NothingToResolve);
    s.world.chain.warp(1, 1);
    s.world.resolve(&s.live, &[0]);
    // A lapse is recorded once; two offers are open, so nobody waits in vain yet.
    s.resolve_error(0, E::NothingToResolve);
    s.resolve_error(4, E::NothingToResolve);
}

#[test]
fn a_place_that_is_taken_does_not_lapse() {
    let mut s = scene();
    s.confirm(0);
    s.world.pass_offers(&s.live);
    s.resolve_error(0, E::NothingToResolve);
}

#[test]
fn ranks_are_resolved_with_their_own_page() {
    let mut s = scene();
    s.world.pass_offers(&s.live);
    let ranking = s.world.order_of(&s.live);
    let page = s.world.ranked(ranking)[0].page;
    let resolve = |page, ranks: &[u16]| {
        ix::resolve_places(s.world.cranker, s.live.game.key, s.live.key, ranking, page, ranks)
    };
    let cases = [
        (resolve(1 - page, &[0]), E::WrongPage),
        (resolve(page, &[]), E::ItemsMalformed),
        (resolve(page, &[5]), E::RankUnknown),
        (resolve(page, &[0, 0]), E::NothingToResolve),
    ];
    for (resolve, error) in cases {
        s.world.chain.expect_error(&resolve, error);
    }
}

#[test]
fn nobody_is_promoted_out_of_order() {
    let mut s = scene();
    for rank in 0..5 {
        s.promote_error(rank, E::PromotionOutOfOrder);
    }
    s.world.pass_offers(&s.live);
    // An offer that nobody resolved is not free.
    s.promote_error(3, E::PromotionOutOfOrder);
    s.world.resolve(&s.live, &[0]);
    s.promote_error(4, E::PromotionOutOfOrder);
    s.promote_error(0, E::PromotionOutOfOrder);
    s.promote_error(5, E::RankUnknown);
    s.world.promote(&s.live, 3);
    s.promote_error(3, E::PromotionOutOfOrder);
    s.promote_error(4, E::PromotionOutOfOrder);
    s.world.resolve(&s.live, &[1]);
    s.world.promote(&s.live, 4);
}

#[test]
fn a_promoted_entry_has_the_same_time_to_confirm() {
    let mut s = scene();
    s.world.pass_offers(&s.live);
    s.world.resolve(&s.live, &[0, 1]);
    s.world.chain.warp(100, 100);
    s.world.promote(&s.live, 3);
    s.world.promote(&s.live, 4);
    let (third, fourth) = (s.person(3), s.person(4));
    s.world.chain.warp(CONFIRM_SECONDS as i64 - 1, 10);
    s.resolve_error(4, E::NothingToResolve);
    s.world.confirm(&s.live, &third, 3);
    s.world.chain.warp(1, 1);
    s.confirm_error(&fourth, 4, E::ConfirmTooLate);
    s.world.resolve(&s.live, &[4]);
    s.world.resolve(&s.live, &[2]);
    assert_eq!(s.world.place_statuses(&s.live), [Lapsed, Lapsed, Lapsed, Taken, Lapsed]);
    // Two places are left, and nobody waits any more.
    s.promote_error(4, E::PromotionOutOfOrder);
    s.world.refund_fees(&s.live);
    assert_eq!(s.world.balance(&third), 9 * FEE);
    assert_eq!(s.world.balance(&fourth), 10 * FEE - PENALTY);
    assert_eq!(s.world.take_fees(&s.live), FEE + 4 * PENALTY);
}

#[test]
fn who_waited_in_vain_is_released_once_settled() {
    let mut s = scene();
    for rank in 0..3 {
        s.resolve_error(4, E::NothingToResolve);
        s.confirm(rank);
    }
    s.world.resolve(&s.live, &[3, 4]);
    assert_eq!(s.world.place_statuses(&s.live), [Taken, Taken, Taken, Released, Released]);
    s.resolve_error(4, E::NothingToResolve);
    s.world.refund_fees(&s.live);
    assert_eq!(s.world.round(&s.live).cash_units, 0);
}
