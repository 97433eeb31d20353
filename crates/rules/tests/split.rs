//! Money in equals money out, and each rule of the split by hand-made examples.

use lottery_rules::draw::{MAX_TIERS, Split, SplitInput, split};
use proptest::prelude::*;

const SHARES: [u16; 3] = [5_000, 3_000, 2_000];

/// 1,000 staked by 100 entries, 10 % fee: 900 net, pools of 450, 270 and 180.
fn input(winners: &[u64]) -> SplitInput<'_> {
    SplitInput {
        pool: 1_000,
        jackpot: 0,
        entries: 100,
        fee_bps: 1_000,
        shares_bps: &SHARES,
        winners,
        rollover: false,
        last_round: false,
    }
}

fn prizes(first: &[u64]) -> [u64; MAX_TIERS] {
    let mut prizes = [0; MAX_TIERS];
    prizes[..first.len()].copy_from_slice(first);
    prizes
}

#[test]
fn every_tier_won() {
    let expected = Split { fee: 100, prize_each: prizes(&[450, 135, 45]), ..Split::default() };
    assert_eq!(split(&input(&[1, 2, 4])), Some(expected));
    // The same with rollover: nothing is left to roll.
    assert_eq!(split(&SplitInput { rollover: true, ..input(&[1, 2, 4]) }), Some(expected));
}

#[test]
fn dust_goes_to_the_jackpot_or_the_treasury() {
    // 450 / 4 leaves 2, 270 / 7 leaves 4, 180 / 11 leaves 4.
    let expected = Split { fee: 100, prize_each: prizes(&[112, 38, 16]), ..Split::default() };
    let winners = [4, 7, 11];
    assert_eq!(split(&input(&winners)), Some(Split { to_treasury: 10, ..expected }));
    let rolling = SplitInput { rollover: true, ..input(&winners) };
    assert_eq!(split(&rolling), Some(Split { jackpot_next: 10, ..expected }));
    let last = SplitInput { last_round: true, ..rolling };
    assert_eq!(split(&last), Some(Split { to_treasury: 10, ..expected }));
}

#[test]
fn the_dust_of_shares_counts_too() {
    // 1 net: every share rounds down to 0.
    let tiny = SplitInput { pool: 1, fee_bps: 0, ..input(&[1, 1, 1]) };
    assert_eq!(split(&tiny), Some(Split { to_treasury: 1, ..Split::default() }));
    let rolling = SplitInput { rollover: true, ..tiny };
    assert_eq!(split(&rolling), Some(Split { jackpot_next: 1, ..Split::default() }));
}

#[test]
fn rollover_keeps_what_nobody_won() {
    let base = SplitInput { rollover: true, jackpot: 5_000, ..input(&[0, 0, 0]) };
    let at = |winners| split(&SplitInput { winners, ..base }).unwrap();
    // Nobody: the whole net pool joins the jackpot. The fee is taken, the money was at risk.
    assert_eq!(at(&[0, 0, 0]), Split { fee: 100, jackpot_next: 5_900, ..Split::default() });
    // The top tier is not won: the jackpot stays.
    let expected =
        Split { fee: 100, prize_each: prizes(&[0, 135, 0]), jackpot_next: 5_630, ..Split::default() };
    assert_eq!(at(&[0, 2, 0]), expected);
    // The top tier is won: the jackpot goes with it.
    let expected =
        Split { fee: 100, prize_each: prizes(&[5_450, 0, 0]), jackpot_next: 450, ..Split::default() };
    assert_eq!(at(&[1, 0, 0]), expected);
}

#[test]
fn without_rollover_pools_roll_down_then_up() {
    let base = SplitInput { jackpot: 5_000, ..input(&[0, 0, 0]) };
    let at = |winners| split(&SplitInput { winners, ..base }).unwrap().prize_each;
    assert_eq!(at(&[0, 1, 1]), prizes(&[0, 5_720, 180]));
    assert_eq!(at(&[0, 0, 1]), prizes(&[0, 0, 5_900]));
    assert_eq!(at(&[1, 0, 1]), prizes(&[5_450, 0, 450]));
    // Nothing below: up to the nearest.
    assert_eq!(at(&[1, 1, 0]), prizes(&[5_450, 450, 0]));
    assert_eq!(at(&[1, 0, 0]), prizes(&[5_900, 0, 0]));
    // Both at once.
    assert_eq!(at(&[0, 1, 0]), prizes(&[0, 5_900, 0]));
    // The last round of a rollover game does the same.
    let last = SplitInput { rollover: true, last_round: true, winners: &[0, 1, 0], ..base };
    assert_eq!(split(&last).unwrap().prize_each, prizes(&[0, 5_900, 0]));
}

#[test]
fn nobody_wins_and_nothing_can_roll() {
    let refund = Split { refund_all: true, ..Split::default() };
    assert_eq!(split(&input(&[0, 0, 0])), Some(refund));
    // The jackpot of a last round: 1,050 to 100 entries.
    let last = SplitInput { rollover: true, last_round: true, jackpot: 1_050, ..input(&[0, 0, 0]) };
    assert_eq!(split(&last), Some(Split { bonus_each: 10, to_treasury: 50, ..refund }));
    // Without entries it stays where it is.
    let empty = SplitInput { pool: 0, entries: 0, ..last };
    assert_eq!(split(&empty), Some(Split { jackpot_next: 1_050, ..refund }));
}

#[test]
fn extremes_do_not_overflow() {
    let max = SplitInput { pool: u64::MAX, ..input(&[1, 0, 0]) };
    let all = split(&SplitInput { fee_bps: 0, ..max }).unwrap();
    assert_eq!(all.prize_each[0] + all.to_treasury, u64::MAX);
    let jackpot = SplitInput { pool: 0, jackpot: u64::MAX, ..max };
    assert_eq!(split(&jackpot).unwrap().prize_each[0], u64::MAX);
    let crowded = split(&SplitInput { winners: &[u64::MAX, 0, 0], ..max }).unwrap();
    assert_eq!((crowded.prize_each[0], crowded.to_treasury), (0, u64::MAX - crowded.fee));
    assert_eq!(split(&SplitInput { jackpot: 1, ..max }), None);
}

#[test]
fn malformed_input_is_refused() {
    let good = input(&[1, 1, 1]);
    assert_eq!(split(&SplitInput { winners: &[1, 1], ..good }), None);
    assert_eq!(split(&SplitInput { winners: &[], shares_bps: &[], ..good }), None);
    assert_eq!(split(&SplitInput { winners: &[1; 17], shares_bps: &[588; 17], ..good }), None);
    assert_eq!(split(&SplitInput { shares_bps: &[5_000, 5_000, 1], ..good }), None);
    assert_eq!(split(&SplitInput { shares_bps: &[65_535, 65_535, 1], ..good }), None);
    assert_eq!(split(&SplitInput { fee_bps: 10_001, ..good }), None);
}

/// The split again, the slow and obvious way, in 128 bits: each tier finds where its own pool goes.
fn model(input: &SplitInput) -> Split {
    let wide = |x: u64| x as u128;
    let rolls = input.rollover && !input.last_round;
    let won: Vec<usize> = (0..input.winners.len()).filter(|&t| input.winners[t] > 0).collect();
    let mut out = Split::default();
    if !rolls && won.is_empty() {
        out.refund_all = true;
        if let Some(each) = input.jackpot.checked_div(input.entries) {
            out.bonus_each = each;
            out.to_treasury = input.jackpot - each * input.entries;
        } else {
            out.jackpot_next = input.jackpot;
        }
        return out;
    }
    out.fee = (wide(input.pool) * input.fee_bps as u128 / 10_000) as u64;
    let net = wide(input.pool - out.fee);
    let mut pools = [0u128; MAX_TIERS];
    for t in 0..input.shares_bps.len() {
        let mut pool = net * input.shares_bps[t] as u128 / 10_000;
        if t == 0 {
            pool += wide(input.jackpot);
        }
        let below = won.iter().find(|&&w| w >= t);
        let above = won.iter().rev().find(|&&w| w < t);
        match (rolls, below.or(above)) {
            (false, Some(&to)) => pools[to] += pool,
            _ => pools[t] += pool,
        }
    }
    let mut left = net + wide(input.jackpot);
    for t in won {
        out.prize_each[t] = (pools[t] / wide(input.winners[t])) as u64;
        left -= wide(out.prize_each[t]) * wide(input.winners[t]);
    }
    *(if rolls { &mut out.jackpot_next } else { &mut out.to_treasury }) = left as u64;
    out
}

/// Shares that add up to 10,000: cuts of a stick.
fn shares() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::btree_set(1u16..10_000, 0..MAX_TIERS).prop_map(|cuts| {
        let mut last = 0;
        cuts.into_iter()
            .chain([10_000])
            .map(|cut| {
                let share = cut - last;
                last = cut;
                share
            })
            .collect()
    })
}

/// Any magnitude is as likely as any other.
fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (any::<u64>(), 0u32..64).prop_map(|(x, shift)| x >> shift),
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}

/// No winner, one, some, a crowd, everyone.
fn winners() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 2 => Just(1), 3 => 2u64..1_000, 1 => amount()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn money_is_conserved(
        pool in amount(),
        jackpot in amount(),
        entries in amount(),
        fee_bps in 0u16..=10_000,
        shares_bps in shares(),
        mut winners in prop::collection::vec(winners(), MAX_TIERS),
        nobody in prop::bool::weighted(0.2),
        rollover in any::<bool>(),
        last_round in any::<bool>(),
    ) {
        winners.truncate(shares_bps.len());
        if nobody {
            winners.fill(0);
        }
        let (shares_bps, winners) = (&shares_bps[..], &winners[..]);
        let input = SplitInput { pool, jackpot, entries, fee_bps, shares_bps, winners, rollover, last_round };
        let Some(out) = split(&input) else {
            // The only reason that these inputs can give.
            prop_assert_eq!(pool.checked_add(jackpot), None);
            return Ok(());
        };

        let wide = |x: u64| x as u128;
        let paid: u128 = out.prize_each.iter().zip(winners).map(|(&p, &w)| wide(p) * wide(w)).sum();
        let refunded = if out.refund_all { wide(pool) + wide(out.bonus_each) * wide(entries) } else { 0 };
        let spent = wide(out.fee) + paid + wide(out.jackpot_next) + wide(out.to_treasury) + refunded;
        prop_assert_eq!(wide(pool) + wide(jackpot), spent);

        prop_assert_eq!(out, model(&input));
        let no_prize = |t: usize| winners.get(t).copied().unwrap_or(0) == 0;
        prop_assert!((0..MAX_TIERS).all(|t| !no_prize(t) || out.prize_each[t] == 0));
        prop_assert!(!out.refund_all || out.fee == 0 && paid == 0);
        prop_assert!(rollover && !last_round || out.jackpot_next == 0 || entries == 0);
        if !out.refund_all && (!rollover || last_round) {
            // Dust only: less than one unit for each share and each winner.
            let most: u128 = shares_bps.len() as u128 + winners.iter().map(|&w| wide(w)).sum::<u128>();
            prop_assert!(wide(out.to_treasury) < most);
        }
    }
}
