//! What every round of a house game must come to: used by the tests of both kinds.

use std::collections::HashMap;

use program_tests::{
    Live, Meta, Pubkey, World,
    accounts::{Lottery, Round},
    house,
    kinds::RoundStatus,
    lookup::WIRE_LIMIT,
    replay::Outcome,
};

/// Draws, settles, finalises and pays an open round. Everything that chance and the rules decide is computed again off
/// chain.
pub fn play_out(world: &mut World, live: &Live) -> Outcome {
    world.to_drawn(live);
    let expected = world.replay(live);
    let round = world.round(live);
    assert_eq!((round.value, round.seed), (expected.value, expected.seed));
    assert_eq!((round.sealed_digest, round.result), (expected.sealed_digest, expected.result));
    world.settle_all(live);
    settled(world, live, &expected);
    let before = world.lottery(&live.game);
    world.finalise(live);
    finalised(world, live, &expected, &before);
    pay(world, live);
    expected
}

/// Each entry has the tier and the multiplier of the replay, and pages and round add them up.
pub fn settled(world: &World, live: &Live, expected: &Outcome) {
    let round = world.round(live);
    for (place, (tiers, multipliers)) in expected.tiers.iter().zip(&expected.multipliers).enumerate() {
        let entries = world.entries(live, place as u32);
        let stored: Vec<(u8, u32)> = entries.iter().map(|entry| (entry.tier, entry.multiplier_bps)).collect();
        let replayed: Vec<(u8, u32)> = tiers.iter().copied().zip(multipliers.iter().copied()).collect();
        assert_eq!(stored, replayed, "page {place}");
        assert_eq!(world.page(live, place as u32).prizes_units, expected.prizes_units[place]);
    }
    assert_eq!(round.winners, expected.winners);
    assert_eq!(round.winners_total, expected.winners.iter().sum::<u64>());
    assert_eq!(round.prizes_units, expected.prizes_units.iter().sum::<u64>());
}

/// The bankroll gets its budget back with what the round won or lost, and the fee goes to the fees.
pub fn finalised(world: &World, live: &Live, expected: &Outcome, before: &Lottery) {
    let (round, after): (Round, Lottery) = (world.round(live), world.lottery(&live.game));
    let prizes: u64 = expected.prizes_units.iter().sum();
    let fee = round.pool_units as u128 * round.fee_bps as u128 / 10_000;
    let pages = 0..round.page_count;
    let stakes = |page: u32| world.entries(live, page).iter().map(|entry| entry.stake_units).sum::<u64>();
    assert_eq!(round.pool_units, pages.clone().map(stakes).sum::<u64>(), "all stakes");
    assert_eq!(round.status, RoundStatus::Final as u8);
    assert_eq!((round.fee_units as u128, round.prizes_units, round.cash_units), (fee, prizes, prizes));
    assert_eq!((round.prize_each_units, round.refund_all), ([0; 16], 0));
    let bankroll = before.bankroll_free_units as u128 + round.budget_units as u128 + round.pool_units as u128
        - fee
        - prizes as u128;
    assert_eq!(after.bankroll_free_units as u128, bankroll);
    assert_eq!(after.bankroll_reserved_units, before.bankroll_reserved_units - round.budget_units);
    assert_eq!(after.fees_units as u128, before.fees_units as u128 + fee);
    assert_eq!(after.treasury_due_units, before.treasury_due_units, "no dust goes astray");
    assert_eq!(
        (after.jackpot_units, after.bond_free_units),
        (0, before.bond_free_units + 2 * round.max_liability_units)
    );
}

/// Every wallet gets exactly what its entries won.
pub fn pay(world: &mut World, live: &Live) {
    let mut owed: HashMap<Pubkey, u64> = HashMap::new();
    for page in 0..world.round(live).page_count {
        for entry in world.entries(live, page) {
            *owed.entry(Pubkey::new_from_array(entry.wallet)).or_default() += house::prize(&entry);
        }
    }
    let balance = |world: &World, key: Pubkey| -> u64 {
        world.chain.account::<program_tests::accounts::Wallet>(key).balance_units
    };
    let before: HashMap<Pubkey, u64> = owed.keys().map(|key| (*key, balance(world, *key))).collect();
    world.pay_all(live);
    for (key, units) in owed {
        assert_eq!(balance(world, key), before[&key] + units, "wallet {key}");
    }
    assert_eq!(world.round(live).cash_units, 0, "everything owed is paid");
}

/// From the end of entries to final in one transaction that fits the wire.
pub fn finish_in_one(world: &mut World, live: &Live) -> Meta {
    world.reach_target(live);
    let expected = world.clone();
    let finish = world.finish_instructions(live);
    let before = world.lottery(&live.game);
    let meta = world.chain.expect_ok(&finish);
    assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes", meta.wire_len);
    // The same round, step by step.
    let mut stepwise = expected;
    stepwise.to_final(live);
    assert_eq!(world.round(live), stepwise.round(live));
    assert_eq!(world.chain.data(live.page(0)), stepwise.chain.data(live.page(0)));
    let replayed = world.replay(live);
    settled(world, live, &replayed);
    finalised(world, live, &replayed, &before);
    meta
}
