//! Lists and prizes by rank.

use lottery_rules::hash::Software;
use lottery_rules::raffle::merkle::{Leaf, NO_LEAF, node, root};
use lottery_rules::raffle::{MAX_RANK_PRIZES, Mode, RaffleRules, RulesError, penalty, split_prizes};
use proptest::prelude::*;

fn leaf(index: u32) -> Leaf {
    Leaf { lottery: [7; 32], index, owner: [index as u8; 32], weight: 1 + index % 3 }
}

/// All levels of a tree, the leaves first.
fn tree(count: u32, depth: u32) -> Vec<Vec<[u8; 32]>> {
    let mut level: Vec<[u8; 32]> = (0..count).map(|index| leaf(index).hash::<Software>()).collect();
    level.resize(1 << depth, NO_LEAF);
    let mut levels = vec![level];
    while levels.last().unwrap().len() > 1 {
        let below = levels.last().unwrap();
        levels.push(below.chunks(2).map(|pair| node::<Software>(&pair[0], &pair[1])).collect());
    }
    levels
}

fn proof(levels: &[Vec<[u8; 32]>], index: u32) -> Vec<[u8; 32]> {
    let siblings = levels[..levels.len() - 1].iter().enumerate();
    siblings.map(|(up, level)| level[(index as usize >> up) ^ 1]).collect()
}

#[test]
fn every_leaf_leads_to_the_root_and_nothing_else_does() {
    for (count, depth) in [(1, 0), (2, 1), (5, 3), (8, 3), (100, 7)] {
        let levels = tree(count, depth);
        let top = levels.last().unwrap()[0];
        for index in 0..count {
            let proof = proof(&levels, index);
            let own = leaf(index).hash::<Software>();
            assert_eq!(root::<Software>(&own, index, &proof), top);
            for other in [
                Leaf { owner: [250; 32], ..leaf(index) },
                Leaf { weight: 200, ..leaf(index) },
                Leaf { lottery: [8; 32], ..leaf(index) },
                Leaf { index: index + 1, ..leaf(index) },
            ] {
                assert_ne!(root::<Software>(&other.hash::<Software>(), index, &proof), top);
            }
            if depth > 0 {
                assert_ne!(root::<Software>(&own, index ^ 1, &proof), top, "the other side");
                assert_ne!(root::<Software>(&own, index, &proof[1..]), top, "a level less");
                // An inner node cannot be passed off as a leaf.
                let inner = levels[1][index as usize / 2];
                assert_eq!(root::<Software>(&inner, index / 2, &proof[1..]), top);
                assert_ne!(inner, leaf(index / 2).hash::<Software>());
            }
        }
    }
}

/// One prize too many, sound in all else.
const SEVENTEEN: [u16; 17] = {
    let mut shares = [500; 17];
    shares[0] = 2_000;
    shares
};

fn places() -> RaffleRules<'static> {
    RaffleRules {
        mode: Mode::Weighted,
        capacity: 700,
        waiting: 70,
        leaf_count: 10_000,
        depth: 14,
        confirm_seconds: 86_400,
        penalty_bps: 1_000,
        fee_bps: 0,
        prizes_bps: &[],
    }
}

#[test]
fn rules_that_contradict_each_other_are_refused_by_name() {
    let prizes = RaffleRules {
        capacity: 3,
        waiting: 0,
        confirm_seconds: 0,
        penalty_bps: 0,
        fee_bps: 500,
        prizes_bps: &[5_000, 3_000, 2_000],
        ..places()
    };
    for sound in [
        places(),
        prizes,
        RaffleRules { leaf_count: 0, depth: 0, ..places() },
        RaffleRules { waiting: 0, penalty_bps: 0, confirm_seconds: 0, ..places() },
        RaffleRules { leaf_count: 1 << 14, ..places() },
        RaffleRules { leaf_count: 1 << 20, depth: 20, ..places() },
        RaffleRules { leaf_count: 1, depth: 0, ..places() },
        RaffleRules { penalty_bps: 10_000, ..places() },
        RaffleRules { capacity: 2, prizes_bps: &[5_000, 5_000], ..prizes },
        RaffleRules { capacity: 16, prizes_bps: &[625; 16], ..prizes },
        RaffleRules { capacity: 60_000, waiting: 0, ..places() },
    ] {
        assert_eq!(sound.validate(500), Ok(()), "{sound:?}");
    }
    use RulesError::{Capacity, Confirmation, Fee, List, Prizes};
    for (rules, error) in [
        (RaffleRules { capacity: 0, ..places() }, Capacity),
        (RaffleRules { capacity: 60_000, ..places() }, Capacity),
        (RaffleRules { capacity: 60_000, waiting: 1, ..places() }, Capacity),
        (RaffleRules { penalty_bps: 0, confirm_seconds: 0, ..places() }, Confirmation),
        (RaffleRules { capacity: u32::MAX, ..places() }, Capacity),
        (RaffleRules { leaf_count: (1 << 14) + 1, ..places() }, List),
        (RaffleRules { depth: 21, ..places() }, List),
        (RaffleRules { leaf_count: 0, ..places() }, List),
        (RaffleRules { confirm_seconds: 0, ..places() }, Confirmation),
        (RaffleRules { waiting: 0, confirm_seconds: 0, ..places() }, Confirmation),
        (RaffleRules { penalty_bps: 10_001, ..places() }, Confirmation),
        (RaffleRules { fee_bps: 1, ..places() }, Fee),
        (RaffleRules { fee_bps: 501, ..prizes }, Fee),
        (RaffleRules { prizes_bps: &[5_000, 3_000, 2_001], ..prizes }, Prizes),
        (RaffleRules { capacity: 17, prizes_bps: &SEVENTEEN, ..prizes }, Prizes),
        (RaffleRules { prizes_bps: &[5_000, 3_000, 1_999], ..prizes }, Prizes),
        (RaffleRules { prizes_bps: &[3_000, 5_000, 2_000], ..prizes }, Prizes),
        (RaffleRules { prizes_bps: &[5_000, 5_000, 0], ..prizes }, Prizes),
        (RaffleRules { capacity: 2, ..prizes }, Prizes),
        (RaffleRules { waiting: 1, confirm_seconds: 9, ..prizes }, Prizes),
        (RaffleRules { confirm_seconds: 9, ..prizes }, Prizes),
    ] {
        assert_eq!(rules.validate(500), Err(error), "{rules:?}");
    }
    // Whatever the cap, something is left to win.
    assert_eq!(RaffleRules { fee_bps: 9_999, ..prizes }.validate(u16::MAX), Ok(()));
    assert_eq!(RaffleRules { fee_bps: 10_000, ..prizes }.validate(u16::MAX), Err(Fee));
}

#[test]
fn errors_read_as_sentences() {
    use RulesError::{Capacity, Confirmation, Fee, List, Prizes};
    let messages = [Capacity, List, Confirmation, Fee, Prizes].map(|error| error.to_string());
    for message in &messages {
        assert!(message.len() > 40 && !message.ends_with('.'), "{message}");
        assert_eq!(messages.iter().filter(|other| *other == message).count(), 1);
    }
}

#[test]
fn ranks_that_nobody_has_leave_their_prize_to_the_first() {
    let shares = [5_000, 3_000, 2_000];
    let all = split_prizes(1_000_003, 9, 1_000, &shares).unwrap();
    assert_eq!((all.fee, all.dust), (100_000, 2));
    assert_eq!(all.prize_each[..4], [450_001, 270_000, 180_000, 0]);
    let two = split_prizes(1_000_003, 2, 1_000, &shares).unwrap();
    assert_eq!(two.prize_each[..3], [630_001, 270_000, 0]);
    let one = split_prizes(1_000_003, 1, 1_000, &shares).unwrap();
    assert_eq!(one.prize_each[..3], [900_001, 0, 0]);
    assert_eq!(split_prizes(1_000_003, 0, 1_000, &shares), None);
    assert_eq!(split_prizes(1_000, 5, 10_001, &shares), None);
    assert_eq!(split_prizes(1_000, 5, 0, &[500; 17]), None, "more ranks than there can be");
    assert_eq!(split_prizes(1_000, 5, 0, &[9_000, 2_000]), None, "more than there is");
    let top = split_prizes(u64::MAX, 1, 10_000, &shares).unwrap();
    assert_eq!((top.fee, top.prize_each[0], top.dust), (u64::MAX, 0, 0));
}

#[test]
fn a_penalty_is_a_part_of_the_fee_rounded_down() {
    assert_eq!(penalty(999, 1_000), Some(99));
    assert_eq!(penalty(999, 0), Some(0));
    assert_eq!(penalty(u64::MAX, 10_000), Some(u64::MAX));
}

/// Shares of 1 to 16 ranks that make 10,000 and never rise.
fn shares() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(1u32..1_000, 1..=MAX_RANK_PRIZES).prop_map(|parts| {
        let all: u32 = parts.iter().sum();
        let mut shares: Vec<u16> = parts.iter().map(|part| (part * 9_000 / all).max(1) as u16).collect();
        shares.sort_unstable_by(|a, b| b.cmp(a));
        shares[0] += 10_000 - shares.iter().sum::<u16>();
        shares
    })
}

proptest! {
    /// Each rank by its own formula, in 128 bits.
    #[test]
    fn prizes_fee_and_dust_are_the_pool(pool: u64, entries in 1u64..20, fee in 0u16..=10_000, shares in shares()) {
        let rules = RaffleRules {
            capacity: shares.len() as u32,
            waiting: 0,
            confirm_seconds: 0,
            penalty_bps: 0,
            prizes_bps: &shares,
            ..places()
        };
        prop_assert_eq!(rules.validate(0), Ok(()));
        let split = split_prizes(pool, entries, fee, &shares).unwrap();
        let bps = |amount: u128, bps: u16| amount * bps as u128 / 10_000;
        let net = pool as u128 - bps(pool as u128, fee);
        let prizes: Vec<u128> = shares.iter().map(|share| bps(net, *share)).collect();
        for (rank, prize) in split.prize_each.iter().enumerate() {
            let is_won = rank < shares.len() && (rank as u64) < entries;
            let mut expected = if is_won { prizes[rank] } else { 0 };
            if rank == 0 {
                expected += prizes.iter().skip(entries as usize).sum::<u128>();
            }
            prop_assert_eq!(*prize as u128, expected, "rank {}", rank);
        }
        let paid: u128 = split.prize_each.iter().map(|prize| *prize as u128).sum();
        prop_assert_eq!(paid + split.fee as u128 + split.dust as u128, pool as u128);
        prop_assert!(split.dust < shares.len() as u64);
    }
}
