//! What raffles cost.

use lottery_interface::{
    accounts::{Entry, RaffleRules},
    address, instructions as ix,
    paging::leaf_words,
};
use lottery_rules::hash::{Sha256, Software};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::{MOST_CU, Number, cu, one_transaction, write_page};
use crate::{
    Live, Money, Player, Spec, World,
    chain::program_path,
    raffle::{self, List, depth_of},
    world::LAMPORTS,
};

/// Pages that take entries at once.
const PAGES: u32 = 8;
const FEE: u64 = 1_000;

/// Limits of a block and prices of a transaction, as the validator's `solana-cost-model` 4.2 publishes them.
mod published {
    /// Compute units of a block.
    pub const BLOCK: u64 = 60_000_000;
    /// Compute units in a block that write one account.
    pub const WRITABLE_ACCOUNT: u64 = 24_000_000;
    pub const SIGNATURE: u64 = 720;
    pub const WRITE_LOCK: u64 = 300;
    /// Bytes of instruction data for one compute unit.
    pub const DATA_BYTES: u64 = 4;
    /// Compute units for loading 32 KiB of accounts.
    pub const LOADED_PAGE: u64 = 8;
}

/// A raffle of `people`, 7 % of whom have a place and 0.7 % wait, on eight pages.
fn rules(people: u32, root: [u8; 32]) -> RaffleRules {
    let depth = depth_of(people as usize);
    RaffleRules { root, leaf_count: people, depth, ..raffle::places(people * 7 / 100, people * 7 / 1_000) }
}

/// Opens a raffle for a list of `people` with this root, and all its pages.
fn scene(world: &mut World, people: u32, root: [u8; 32]) -> (Live, Player) {
    let mut spec = Spec::raffle(rules(people, root)).pages(people.div_ceil(PAGES), PAGES);
    spec.config.stake_units = FEE;
    spec.crank_lamports = LAMPORTS / 2;
    let game = world.create(spec);
    let live = world.open_round(&game);
    world.open_all_pages(&live);
    assert_eq!(world.round(&live).page_count, PAGES);
    (live, world.player(Money::Sol, LAMPORTS))
}

/// Entering with a proof of 14 levels, with one of 20, and without a list; and how many such entries fit a block.
pub fn enter() -> Vec<Number> {
    let mut world = World::new();
    let players: Vec<Player> = (0..4).map(|_| world.player(Money::Sol, 1_000_000)).collect();
    let someone = |nth: u32| Pubkey::new_from_array(Software::hashv(&[b"someone", &nth.to_le_bytes()]));
    let mut people: Vec<(Pubkey, u32)> = (0..10_000).map(|nth| (someone(nth), 1 + nth % 10)).collect();
    // All on the first page: none, some and all of the way up on the right.
    let places = [0, 1, 682, 1_023];
    for (place, player) in places.iter().zip(&players) {
        people[*place as usize].0 = player.owner;
    }
    let lottery = address::lottery(world.registry().next_lottery_id).0;
    let list = List::new(&lottery, &people, 14);
    let (live, _) = scene(&mut world, 10_000, list.root());
    let (mut dearest, mut loaded, mut data) = (0, 0, 0);
    for (place, player) in places.iter().zip(&players) {
        let enter = world.enter_instruction(&live, player, 0, 0, &list.ticket(*place));
        loaded = enter.accounts.iter().map(|meta| world.chain.data(meta.pubkey).len() as u64).sum();
        data = enter.data.len() as u64;
        dearest = dearest.max(cu(&mut world, enter));
    }

    let deep = world.listed_in(Spec::raffle(raffle::places(2, 1)), &[1, 1], 20);
    world.enter_leaf(&deep, 0);
    let enter = world.enter_leaf_instruction(&deep, 1);
    let deepest = cu(&mut world, enter);
    let open = world.open_raffle(Spec::raffle(raffle::places(2, 1)));
    let player = world.enter_people(&open, 1)[0];
    let enter = world.enter_instruction(&open, &player, 0, 1, &[]);
    let quick = cu(&mut world, enter);

    // The player pays the network: one signature; player, wallet and page are written.
    let program = std::fs::metadata(program_path()).expect("the program").len();
    let cost = dearest
        + published::SIGNATURE
        + 3 * published::WRITE_LOCK
        + data / published::DATA_BYTES
        + (loaded + program).div_ceil(32 << 10) * published::LOADED_PAGE;
    let of_pages = PAGES as u64 * (published::WRITABLE_ACCOUNT / cost);
    vec![
        ("enter_raffle_cu", dearest),
        ("enter_raffle_depth_20_cu", deepest),
        ("enter_raffle_open_cu", quick),
        ("enter_raffle_block_cost", cost),
        ("raffle_entries_per_block", of_pages.min(published::BLOCK / cost)),
    ]
}

/// A raffle that everyone on the list entered, up to its value.
fn valued(people: u32) -> (World, Live) {
    let mut world = World::new();
    // Nobody shows a proof here: the entries are written as if everyone had.
    let (live, player) = scene(&mut world, people, [1; 32]);
    let page_entries = people.div_ceil(PAGES);
    for sequence in 0..PAGES {
        let first = sequence * page_entries;
        let count = page_entries.min(people - first);
        let entries: Vec<Entry> = (first..first + count)
            .map(|leaf| Entry {
                wallet: player.wallet.to_bytes(),
                picks: [leaf as u64 | [1, 3, 10][leaf as usize % 3] << 32, 0],
                stake_units: FEE,
                bonus: 0,
                tier: 0,
                flags: 0,
                spots: 0,
                multiplier_bps: 0,
            })
            .collect();
        let mut leaves = vec![0u64; leaf_words(count) as usize];
        (0..count as usize).for_each(|leaf| leaves[leaf / 64] |= 1 << (leaf % 64));
        write_page(&mut world, &live, &player, sequence, &entries, &leaves);
    }
    world.value(&live);
    (world, live)
}

/// Work on entries, page after page, in as few transactions as hold `most` entries each. Returns them and their compute units.
fn over_pages(
    world: &mut World,
    live: &Live,
    most: u32,
    step: impl Fn(u32, u32) -> Instruction,
    done: impl Fn(&World, u32) -> u32,
) -> (u64, u64) {
    let (mut transactions, mut total) = (0, 0);
    let (mut batch, mut room) = (Vec::new(), most);
    for sequence in 0..PAGES {
        let mut left = world.page(live, sequence).count - done(world, sequence);
        while left > 0 {
            let some = left.min(room);
            batch.push(step(sequence, some));
            (left, room) = (left - some, room - some);
            if room == 0 || (left == 0 && sequence + 1 == PAGES) {
                total += one_transaction(world, &batch).cu;
                transactions += 1;
                (batch, room) = (Vec::new(), most);
            }
        }
    }
    (transactions, total)
}

struct Ranked {
    transactions: u64,
    settles: u64,
    settle_cu: u64,
    counts: u64,
    count_cu: u64,
    sorts: u64,
    sort_cu: u64,
}

/// From value to written winners: draw, settle, open the ranking, count, accept, sort.
fn rank(people: u32) -> Ranked {
    let (mut world, live) = valued(people);
    let cranker = world.cranker;
    one_transaction(&mut world, &[ix::draw(cranker, live.key, live.config)]);
    let settle = |sequence, limit| ix::settle(cranker, live.key, live.config, sequence, limit);
    // The most that surely stays within a transaction, from a small sample.
    let sample = one_transaction(&mut world, &[settle(0, 1_000)]).cu;
    let most = ((MOST_CU - 30_000) / sample.div_ceil(1_000)) as u32;
    let (settles, settle_cu) =
        over_pages(&mut world, &live, most, settle, |world, page| world.page(&live, page).settle_cursor);
    assert_eq!(world.round(&live).pages_settled, PAGES);

    let opening = world.open_ranking_instructions(&live, cranker, world.threshold(&live));
    one_transaction(&mut world, &opening);
    let ranking = address::ranking(&live.key, &cranker).0;
    let count = |sequence, limit| ix::count_ranking(live.key, ranking, sequence, limit);
    // What the keeper counts at once.
    let (counts, count_cu) = over_pages(&mut world, &live, 20_000, count, |_, _| 0);
    let accept = world.accept_instruction(&live, ranking);
    one_transaction(&mut world, &[accept]);
    let (mut sorts, mut sort_cu) = (0, 0);
    for sort in world.sort_instructions(&live, ranking) {
        sort_cu += one_transaction(&mut world, &[sort]).cu;
        sorts += 1;
    }
    check_order(&mut world, &live, ranking, people);
    let transactions = 1 + 1 + settles + 1 + counts + 1 + sorts;
    Ranked {
        transactions,
        settles: settles + 1,
        settle_cu: settle_cu + sample,
        counts,
        count_cu,
        sorts,
        sort_cu,
    }
}

/// The winners that were written are those of the record, and the raffle becomes final.
#[track_caller]
fn check_order(world: &mut World, live: &Live, ranking: Pubkey, people: u32) {
    let order = world.replay_order(live);
    let ranked = world.ranked(ranking);
    assert_eq!(ranked.len() as u32, people * 7 / 100 + people * 7 / 1_000);
    let same =
        |(ranked, at): (&lottery_interface::accounts::RankedEntry, &lottery_rules::raffle::Standing)| {
            (ranked.key, ranked.page, ranked.index) == (at.key, at.page, at.index)
        };
    assert!(ranked.iter().zip(&order).all(same), "the order of the record");
    world.finalise(live);
}

/// 10,000 people for 700 places, 70 of whom wait.
pub fn rank_10k() -> Vec<Number> {
    let ranked = rank(10_000);
    vec![
        ("settle_raffle_cu_per_entry", ranked.settle_cu.div_ceil(10_000)),
        ("count_raffle_cu_per_entry", ranked.count_cu.div_ceil(10_000)),
        ("count_raffle_found_cu_per_entry", count_all_found()),
        ("sort_raffle_cu_per_rank", ranked.sort_cu.div_ceil(770)),
        ("raffle_10k_txs", ranked.transactions),
        ("raffle_10k_settle_txs", ranked.settles),
    ]
}

/// Counting where everyone has a rank: each entry is noted, which is the dearest.
fn count_all_found() -> u64 {
    let (count, mut world) = (10_000, World::new());
    let mut spec = Spec::raffle(raffle::unconfirmed(count)).pages(count, 1);
    spec.config.stake_units = FEE;
    let live = world.open_raffle(spec);
    let player = world.player(Money::Sol, LAMPORTS);
    super::fill(&mut world, &live, &player, 0, count);
    world.to_drawn(&live);
    for _ in 0..4 {
        let settle = ix::settle(world.cranker, live.key, live.config, 0, 2_500);
        one_transaction(&mut world, &[settle]);
    }
    let ranking = world.attempt(&live, world.cranker, world.threshold(&live));
    let counted = one_transaction(&mut world, &[ix::count_ranking(live.key, ranking, 0, count)]).cu;
    assert_eq!(world.ranking(ranking).found, count);
    counted.div_ceil(count as u64)
}

/// 100,000 people for 7,000 places, 700 of whom wait.
pub fn rank_100k() -> Vec<Number> {
    let ranked = rank(100_000);
    vec![
        ("raffle_100k_txs", ranked.transactions),
        ("raffle_100k_settle_txs", ranked.settles),
        ("raffle_100k_count_txs", ranked.counts),
        ("raffle_100k_sort_txs", ranked.sorts),
    ]
}

/// Confirming, recording lapses, promoting; and the other steps of a small ranking.
pub fn places() -> Vec<Number> {
    let mut world = World::new();
    let (live, people) = world.settled_raffle(Spec::raffle(raffle::places(20, 10)), 60);
    let cranker = world.cranker;
    let mut numbers = Vec::new();
    let steps = world.open_ranking_instructions(&live, cranker, world.threshold(&live));
    numbers.push(("open_ranking_cu", cu(&mut world, steps[0].clone())));
    let ranking = address::ranking(&live.key, &cranker).0;
    world.count_all(&live, ranking);
    let accept = world.accept_instruction(&live, ranking);
    numbers.push(("accept_ranking_cu", cu(&mut world, accept)));
    world.sort_all(&live, ranking);
    world.finalise(&live);
    let winner = world.person_of_rank(&live, &people, 0);
    let confirm = world.confirm_instruction(&live, &winner, 0);
    numbers.push(("confirm_place_cu", cu(&mut world, confirm)));
    world.pass_offers(&live);
    let resolve = |world: &World, ranks: &[u16]| world.resolve_instruction(&live, ranks);
    let one = resolve(&world, &[1]);
    let one = cu(&mut world, one);
    let eleven = resolve(&world, &(2..13).collect::<Vec<u16>>());
    let eleven = cu(&mut world, eleven);
    numbers.push(("resolve_places_1_cu", one));
    numbers.push(("resolve_places_cu_per_rank", (eleven - one).div_ceil(10)));
    let promote = world.promote_instruction(&live, 20);
    numbers.push(("promote_place_cu", cu(&mut world, promote)));
    numbers
}
