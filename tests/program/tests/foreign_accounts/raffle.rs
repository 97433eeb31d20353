//! What only raffles have: the ranking, places and the waiting list.

use program_tests::{
    Live, LotteryError as E, Pubkey, Spec, World, address, ix,
    raffle::{first_come, places},
};

use super::twins::{
    Answer::{Any, Named, Seeds},
    Case, Twins, twins,
};

/// Two raffles of three places, one who waits and fifteen people, of whom the first come are the first served: so ranks are
/// entries.
fn raffle_twins() -> Twins {
    twins(Spec::raffle(first_come(places(3, 1))), (1, vec![]), |world, live, player| {
        world.enter_quick(live, player, 0, 15);
    })
}

fn own(live: &Live, submitter: Pubkey) -> Pubkey {
    address::ranking(&live.key, &submitter).0
}

/// Opens the right ranking, or one that counts an entry too few.
fn attempt(world: &mut World, live: &Live, too_few: bool) {
    let mut threshold = world.threshold(live);
    threshold.index -= too_few as u32;
    world.attempt(live, world.cranker, threshold);
}

fn count(world: &mut World, live: &Live) {
    let ranking = own(live, world.cranker);
    world.count_all(live, ranking);
}

/// The way to the order.
fn rank_cases(t: &Twins) -> Vec<Case> {
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let (ranking, foreign) = (own(&live, cranker), own(&other, cranker));
    let round = |place| (place, Named(other.key, E::WrongRanking));
    let wrong = |place| (place, Named(foreign, E::WrongRanking));
    let settled = t.clone().both(World::to_settled);
    let opened = settled.clone().both(|world, live| attempt(world, live, false));
    let counted = opened.clone().both(count);
    let accepted = counted.clone().both(|world, live| {
        world.accept(live, own(live, world.cranker));
    });
    let failed = settled.clone().both(|world, live| {
        attempt(world, live, true);
        count(world, live);
    });
    // 400 ranks need more than one growth.
    let mut growing = t.clone();
    let mut spec = Spec::raffle(places(400, 0)).pages(500, 1);
    spec.config.stake_units = 1_000;
    let big = growing.world.create(spec);
    let big = growing.world.open(&big);
    for _ in 0..20 {
        growing.world.enter_quick(&big, &t.player, 0, 20);
    }
    growing.world.to_settled(&big);
    let steps = growing.world.open_ranking_instructions(&big, cranker, growing.world.threshold(&big));
    growing.world.chain.expect_ok(&steps[0]);
    let last = settled.world.threshold(&live);
    let open = ix::open_ranking(cranker, live.key, last.key, last.page, last.index);
    vec![
        settled.case("open_ranking", open, vec![(1, Seeds(other.key))]),
        growing.case("grow_ranking", ix::grow_ranking(own(&big, cranker)), vec![(0, Any)]),
        opened.case(
            "count_ranking",
            ix::count_ranking(live.key, ranking, 0, 5),
            vec![round(0), wrong(1), (2, Named(other.page(0), E::WrongPage))],
        ),
        counted.case(
            "accept_ranking",
            ix::accept_ranking(cranker, live.key, ranking, cranker),
            vec![round(1), wrong(2)],
        ),
        accepted.case(
            "sort_ranking",
            ix::sort_ranking(cranker, live.key, ranking, &[0, 1]),
            vec![round(1), wrong(2)],
        ),
        failed.case(
            "close_ranking",
            ix::close_ranking(cranker, live.key, ranking, cranker),
            vec![round(1), wrong(2)],
        ),
    ]
}

/// Places, and the waiting list.
fn place_cases(t: &Twins) -> Vec<Case> {
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let (ranking, foreign) = (own(&live, cranker), own(&other, cranker));
    let lottery = |place| (place, Named(t.other.key, E::WrongLottery));
    let round = |place, error| (place, Named(other.key, error));
    let wrong = |place| (place, Named(foreign, E::WrongRanking));
    let page = |place| (place, Named(other.page(0), E::WrongPage));
    let ranked = t.clone().both(|world, live| {
        world.to_settled(live);
        world.rank(live);
        world.finalise(live);
    });
    let late = ranked.clone().both(World::pass_offers);
    let lapsed = late.clone().both(|world, live| world.resolve(live, &[0]));
    vec![
        ranked.case(
            "confirm_place",
            ranked.world.confirm_instruction(&live, &t.player, 1),
            vec![
                (1, Named(t.other_player.wallet, E::WrongWallet)),
                lottery(2),
                round(3, E::WrongLottery),
                wrong(4),
                page(5),
            ],
        ),
        late.case(
            "resolve_places",
            ix::resolve_places(cranker, t.game.key, live.key, ranking, 0, &[1]),
            vec![lottery(1), round(2, E::WrongLottery), wrong(3), page(4)],
        ),
        lapsed.case(
            "promote_place",
            ix::promote_place(cranker, live.key, ranking, 3),
            vec![round(1, E::WrongRanking), wrong(2)],
        ),
    ]
}

/// Every instruction that only raffles have.
pub fn cases() -> Vec<Case> {
    let twins = raffle_twins();
    let mut all = rank_cases(&twins);
    all.extend(place_cases(&twins));
    all
}
