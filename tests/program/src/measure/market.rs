//! What prediction markets cost.

use lottery_interface::{accounts::Entry, instructions as ix, paging::page_space};
use solana_instruction::Instruction;

use super::{MOST_CU, MOST_LOADED, Number, cu, one_transaction, write_page};
use crate::{
    Live, Money, Player, Spec, World,
    lookup::{ACCOUNT_LOCKS, WIRE_LIMIT},
    market::{MarketRules, in_ranges, numbers, pro_rata, tickets},
    world::LAMPORTS,
};

const STAKE: u64 = 10_000;
/// Settled in one measure.
const SETTLED: u32 = 10_000;
/// Entries of a page at most.
const PAGE: u32 = 65_000;
const MILLION: u32 = 1_000_000;

fn scene(spec: Spec) -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, LAMPORTS);
    (world, live, player)
}

/// Betting on the last of 128 outcomes: one ticket and twenty.
pub fn enter() -> Vec<Number> {
    let (mut world, live, player) = scene(Spec::market(numbers(128)));
    // The first entry of a page or wallet must not be cheaper or dearer than those after it.
    world.bet(&live, &player, 0, &[(STAKE, 0)]);
    let mut numbers = Vec::new();
    for (name, bets) in
        [("enter_prediction_cu", &[(STAKE, 127)][..]), ("enter_prediction_20_cu", &[(STAKE, 127); 20])]
    {
        let enter = world.bet_instruction(&live, &player, 0, bets);
        numbers.push((name, cu(&mut world, enter)));
    }
    numbers
}

/// Twenty-four ranges of numbers from 0 to 239.
fn most_ranges() -> MarketRules {
    let all: Vec<(i64, i64)> = (0..24).map(|nth| (10 * nth, 10 * nth + 9)).collect();
    in_ranges(&all)
}

/// The last of sixteen reporters decides, of whom all are needed, on the sum of eight facts, which lies in one of 24 ranges: the
/// dearest of them. And an attestation that decides nothing, among three.
pub fn attest() -> Vec<Number> {
    let rules = most_ranges().with(|rules| (rules.fact_count, rules.subject) = (8, 255));
    let (mut world, live, player) = scene(Spec::market(rules).oracles(16, 16));
    world.bet(&live, &player, 0, &[(STAKE, 0)]);
    world.reach_event(&live);
    let mut worst = 0;
    for range in 0..24 {
        let mut world = world.clone();
        let facts = [10 * range, 1, 1, 1, 1, 1, 1, 3];
        for reporter in 0..15 {
            world.attest(&live, reporter, &facts);
        }
        let last = world.attest_instruction(&live, 15, &facts);
        worst = worst.max(cu(&mut world, last));
        assert_eq!(world.round(&live).result[0] as i64, range);
    }

    let (mut world, live, player) = scene(Spec::market(pro_rata()));
    world.bet(&live, &player, 0, &[(STAKE, 0)]);
    world.reach_event(&live);
    let first = world.attest_instruction(&live, 0, &[7]);
    vec![("attest_cu", worst), ("attest_first_of_3_cu", cu(&mut world, first))]
}

/// Compute units of an entry, over a large page; both outcomes alike, `fact` decides.
fn settle_per_entry(rules: MarketRules, stakes: [u64; 2], fact: i64) -> u64 {
    let (mut world, live, player) = scene(Spec::market(rules).pages(SETTLED, 1));
    let bets: Vec<(u64, u8)> = (0..20).map(|nth| (stakes[nth % 2], (nth % 2) as u8)).collect();
    let enter = world.enter_instruction(&live, &player, 0, 0, &tickets(&bets));
    for some in vec![enter; (SETTLED / 20) as usize].chunks(48) {
        world.chain.expect_ok_big(some);
    }
    world.market_to_drawn(&live, &[fact]);
    let mut total = 0;
    while world.page(&live, 0).settle_cursor < SETTLED {
        let step = ix::settle(world.cranker, live.key, live.config, 0, 1_000);
        total += world.chain.expect_ok_big(&step).cu;
    }
    total.div_ceil(SETTLED as u64)
}

/// Settling: the larger side loses, so that every entry gets a tier; all that losers staked is lost; the last of 128
/// outcomes wins, which nobody chose.
pub fn settle() -> Vec<Number> {
    let unmatched = settle_per_entry(pro_rata(), [1_000, 2_000], 0);
    let lost = settle_per_entry(pro_rata(), [1_000, 2_000], 1);
    let parimutuel = settle_per_entry(numbers(128), [1_000, 2_000], 1);
    vec![
        ("settle_prediction_cu_per_entry", unmatched.max(lost).max(parimutuel)),
        ("settle_prediction_matched_cu_per_entry", lost),
        ("settle_prediction_parimutuel_cu_per_entry", parimutuel),
    ]
}

/// Paying as many wallets as one transaction with a lookup table takes: winners, then losers of whom a part comes back.
pub fn pay() -> Vec<Number> {
    // The fee payer, the cranker, the round, the page and the program are locked too.
    let most = ACCOUNT_LOCKS - 5;
    let mut numbers = Vec::new();
    for (name, outcome) in [("pay_prediction_cu_per_winner", 1), ("pay_prediction_cu_per_unmatched", 0)] {
        let (mut world, live, whale) = scene(Spec::market(pro_rata()));
        world.bet(&live, &whale, 0, &[(STAKE + 1, 1 - outcome)]);
        for _ in 0..most {
            let player = world.player(Money::Sol, STAKE);
            world.bet(&live, &player, 0, &[(STAKE, outcome)]);
        }
        world.market_to_final(&live, &[1]);
        let items: Vec<ix::Item> =
            world.owed_prizes(&live, 0).into_iter().filter(|item| item.wallet != whale.wallet).collect();
        assert_eq!(items.len(), most, "everybody gets something");
        let mut accounts = vec![live.key, live.page(0)];
        accounts.extend(items.iter().map(|item| item.wallet));
        let table = world.chain.lookup_table(&accounts);
        let pay = |items: &[ix::Item]| {
            let pay = ix::pay(world.cranker, live.key, 0, items);
            let meta = world.clone().chain.send_with_table(&pay, &table).expect("is paid");
            assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes for {} items", meta.wire_len, items.len());
            meta.cu
        };
        numbers.push((name, (pay(&items) - pay(&items[..1])).div_ceil(most as u64 - 1)));
    }
    numbers
}

/// The nth stake of the million: 1,000 to 1,999 units, two thirds of them on odd.
fn bet(nth: u32) -> (u64, u8) {
    (1_000 + nth as u64 * 7 % 1_000, !nth.is_multiple_of(3) as u8)
}

/// Writes so many stakes into a page.
fn write_entries(world: &mut World, live: &Live, player: &Player, sequence: u32, first: u32, count: u32) {
    let picks = |outcome: u8| [1 << outcome, 0];
    let entries: Vec<Entry> = (first..first + count)
        .map(|nth| {
            let (stake_units, outcome) = bet(nth);
            let wallet = player.wallet.to_bytes();
            let picks = picks(outcome);
            Entry { wallet, picks, stake_units, bonus: 0, tier: 0, flags: 0, spots: 0, multiplier_bps: 0 }
        })
        .collect();
    let mut pools = [0u64; 2];
    for nth in first..first + count {
        let (stake_units, outcome) = bet(nth);
        pools[outcome as usize] += stake_units;
    }
    write_page(world, live, player, sequence, &entries, &pools);
}

/// A market with a million stakes that takes no more.
fn million() -> (World, Live, Player) {
    let mut spec = Spec::market(pro_rata()).pages(PAGE, MILLION.div_ceil(PAGE));
    spec.limits.max_entries_per_round = MILLION;
    spec.crank_lamports = LAMPORTS / 2;
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open_round(&game);
    let player = world.player(Money::Sol, 10 * LAMPORTS);
    let mut first = 0;
    while first < MILLION {
        let sequence = world.open_page(&live);
        let count = PAGE.min(MILLION - first);
        write_entries(&mut world, &live, &player, sequence, first, count);
        first += count;
    }
    (world, live, player)
}

/// A market with 1,000,000 stakes on pages of 65,000, from lock to final: seal, attest, draw, settle, finalise.
pub fn settle_1m() -> Vec<Number> {
    let (mut world, live, player) = million();
    let (cranker, pages) = (world.cranker, world.round(&live).page_count);
    world.reach_event(&live);
    let mut transactions = 0;
    // As many pages as a transaction may load, beside the round, the config and the program.
    let at_once = (MOST_LOADED - (2 << 20)) / page_space(PAGE, 2);
    let seals: Vec<Instruction> = (0..pages).map(|page| ix::seal_page(cranker, live.key, page)).collect();
    for some in seals.chunks(at_once) {
        one_transaction(&mut world, some);
        transactions += 1;
    }
    for reporter in 0..2 {
        let attest = world.attest_instruction(&live, reporter, &[4]);
        one_transaction(&mut world, &[attest]);
        transactions += 1;
    }
    one_transaction(&mut world, &[ix::draw(cranker, live.key, live.config)]);
    transactions += 1;

    let settle = |sequence, limit| ix::settle(cranker, live.key, live.config, sequence, limit);
    let (mut settles, mut total, mut limit) = (0, 0, 1_000);
    for sequence in 0..pages {
        loop {
            let page = world.page(&live, sequence);
            let left = page.count - page.settle_cursor;
            if left == 0 {
                break;
            }
            let used = one_transaction(&mut world, &[settle(sequence, limit)]).cu;
            (settles, total) = (settles + 1, total + used);
            if limit == 1_000 {
                // The largest limit that surely stays within a transaction, from a small sample.
                limit = ((MOST_CU - 20_000) / used.div_ceil(1_000)) as u32;
            }
        }
    }
    let finalise = world.finalise_instruction(&live);
    one_transaction(&mut world, &[finalise]);
    transactions += settles + 1;
    check_million(&mut world, &live, &player);
    vec![
        ("prediction_1m_txs", transactions),
        ("prediction_1m_settle_txs", settles),
        ("prediction_1m_settle_cu_per_entry", total.div_ceil(MILLION as u64)),
        ("prediction_1m_entries_per_tx", limit as u64),
    ]
}

/// The result is what the record comes to, and a winner and a loser are paid their part.
#[track_caller]
fn check_million(world: &mut World, live: &Live, player: &Player) {
    let (mut pools, mut entries) = ([0u128; 2], [0u64; 2]);
    for nth in 0..MILLION {
        let (stake_units, outcome) = bet(nth);
        pools[outcome as usize] += stake_units as u128;
        entries[outcome as usize] += 1;
    }
    let round = world.round(live);
    assert_eq!((round.entries, round.pool_units as u128), (MILLION as u64, pools[0] + pools[1]));
    assert_eq!((round.winning_units as u128, round.matched_units as u128), (pools[0], pools[0]));
    // Even won, and odd is the larger side: each of its stakes comes back in part.
    assert_eq!((round.winners[0], round.winners[1]), (entries[0], entries[1]));
    let fee = pools[0] * 500 / 10_000;
    assert_eq!(round.fee_units as u128, fee);
    let before = world.balance(player);
    let items = [0, 1].map(|index| ix::Item { index, wallet: player.wallet });
    world.chain.expect_ok(&ix::pay(world.cranker, live.key, 0, &items));
    let (won, lost) = (bet(0).0 as u128, bet(1).0 as u128);
    let back = won + won * (pools[0] - fee) / pools[0] + lost * (pools[1] - pools[0]) / pools[1];
    assert_eq!((world.balance(player) - before) as u128, back);
}
