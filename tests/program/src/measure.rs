//! What things cost on the chain. `make bench-chain` prints these numbers; the tests hold them to their budgets.

pub mod beacon;
pub mod house;
pub mod market;
pub mod raffle;

use std::collections::BTreeSet;

use lottery_interface::{
    accounts::{AccountLayout, Entry, Page, Wallet},
    address, instructions as ix,
};
use solana_account::ReadableAccount;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{
    Live, Meta, Money, Player, Spec, World, game::draw_rules, lookup::WIRE_LIMIT, replay::page_digest,
};

/// A number with its name, as benches print it.
pub type Number = (&'static str, u64);

/// Compute units of the only instruction of a transaction.
fn cu(world: &mut World, instruction: Instruction) -> u64 {
    world.chain.expect_ok(&instruction).cu
}

/// `n` different tickets of 6 of 49, ascending.
pub fn tickets_6_49(n: u8) -> Vec<u8> {
    let mut tickets = Vec::new();
    for i in 0..n {
        tickets.extend([1 + i, 22 + i % 5, 28 + i % 5, 34 + i % 5, 40 + i % 5, 45 + i % 5]);
    }
    tickets
}

fn open_6_49(world: &mut World) -> (Live, Player) {
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    // The first entry of a page or wallet must not be cheaper or dearer than those after it.
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 6]]);
    (live, player)
}

/// Entering: 6/49 with given numbers and quick picks, 5/69 + 1/26, a limit per player, a session key.
pub fn enter() -> Vec<Number> {
    let mut world = World::new();
    let (live, player) = open_6_49(&mut world);
    let mut numbers = Vec::new();
    for (name, quick, count) in [
        ("enter_1_cu", 0, 1),
        ("enter_20_cu", 0, 20),
        ("enter_1_quick_cu", 1, 0),
        ("enter_20_quick_cu", 20, 0),
    ] {
        let enter = world.enter_instruction(&live, &player, 0, quick, &tickets_6_49(count));
        numbers.push((name, cu(&mut world, enter)));
    }

    let mut spec =
        Spec { rules: draw_rules(5, 69, 26, &[(5, 1, 8_000), (5, 0, 2_000)]).into(), ..Spec::default() };
    spec.limits.max_entries_per_player = 100;
    let game = world.create(spec);
    let live = world.open(&game);
    world.enter(&live, &player, 0, &[&[1, 2, 3, 4, 5, 6]]);
    let ticket = [3, 17, 29, 55, 69, 26];
    let one = world.enter_instruction(&live, &player, 0, 0, &ticket);
    numbers.push(("enter_1_bonus_limited_cu", cu(&mut world, one)));
    let twenty = world.enter_instruction(&live, &player, 0, 0, &ticket.repeat(20));
    numbers.push(("enter_20_bonus_limited_cu", cu(&mut world, twenty)));
    let quick = world.enter_instruction(&live, &player, 0, 20, &[]);
    numbers.push(("enter_20_bonus_limited_quick_cu", cu(&mut world, quick)));
    numbers
}

/// Deposits and withdrawals of the three kinds of vault; the dearest of each is the budgeted one.
pub fn money() -> Vec<Number> {
    let mut world = World::new();
    let mut numbers = Vec::new();
    let names = [
        ("deposit_native_cu", "withdraw_native_cu"),
        ("deposit_spl_cu", "withdraw_spl_cu"),
        ("deposit_token_2022_cu", "withdraw_token_2022_cu"),
    ];
    let (mut deposit, mut withdraw) = (0, 0);
    for (money, (deposit_name, withdraw_name)) in Money::ALL.into_iter().zip(names) {
        let player = world.player(money, 5_000_000);
        world.grant(player.owner, money, 1_000_000);
        let d = world.deposit(&player, 1_000_000).cu;
        let w = world.withdraw(&player, 2_000_000).cu;
        numbers.extend([(deposit_name, d), (withdraw_name, w)]);
        (deposit, withdraw) = (deposit.max(d), withdraw.max(w));
    }
    numbers.extend([("deposit_cu", deposit), ("withdraw_cu", withdraw)]);
    numbers
}

/// Keys that an instruction may write, without its signer.
fn writes(instruction: &Instruction) -> BTreeSet<Pubkey> {
    instruction
        .accounts
        .iter()
        .filter(|meta| meta.is_writable && !meta.is_signer)
        .map(|meta| meta.pubkey)
        .collect()
}

/// Accounts that two players on two pages of one round both write.
pub fn shared_writable_accounts() -> u64 {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let (one, two) = (world.player(Money::Sol, 100_000_000), world.player(Money::Sol, 100_000_000));
    for _ in 0..3 {
        world.enter_quick(&live, &one, 0, 16);
    }
    let second = world.open_page(&live);
    let a = world.enter_instruction(&live, &one, 0, 1, &[]);
    let b = world.enter_instruction(&live, &two, second, 1, &[]);
    // Both are accepted: the sets below are of instructions that work.
    world.chain.expect_ok(&a);
    world.chain.expect_ok(&b);
    writes(&a).intersection(&writes(&b)).count() as u64
}

/// Lamports that a player pays in rent for an entry, beyond the wallet that they had.
pub fn player_rent_per_entry_lamports() -> u64 {
    let mut world = World::new();
    let (live, player) = open_6_49(&mut world);
    let before = (world.chain.lamports(player.owner), world.chain.lamports(player.wallet));
    world.enter_quick(&live, &player, 0, 20);
    let after = (world.chain.lamports(player.owner), world.chain.lamports(player.wallet));
    (before.0 + before.1) - (after.0 + after.1)
}

/// Rent that lies in the accounts of 1,000 entries, on a page of the default size of 1,024, until they close.
pub fn locked_rent_1k_entries_lamports() -> u64 {
    let mut world = World::new();
    let game = world.create(Spec::default().pages(1_024, 1));
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    for _ in 0..50 {
        world.enter_quick(&live, &player, 0, 20);
    }
    assert_eq!(world.page(&live, 0).count, 1_000);
    world.chain.lamports(live.page(0))
}

/// Fills `count` entries, as many instructions in a transaction as it takes.
pub fn fill(world: &mut World, live: &Live, player: &Player, sequence: u32, count: u32) {
    // 20 tickets each; at most 64 instructions fit a transaction's trace.
    let twenties = (count / 20) as usize;
    let mut all = vec![world.enter_instruction(live, player, sequence, 20, &[]); twenties];
    if !count.is_multiple_of(20) {
        all.push(world.enter_instruction(live, player, sequence, (count % 20) as u8, &[]));
    }
    for some in all.chunks(48) {
        world.chain.expect_ok_big(some);
    }
}

/// Settling 100,000 entries on pages of 65,000: transactions, and compute units of an entry.
pub fn settle_100k() -> Vec<Number> {
    let mut world = World::new();
    let mut spec = Spec::default().pages(65_000, 2);
    spec.config.stake_units = 1_000;
    spec.crank_lamports = 500_000_000_000;
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, 1_000_000_000);
    fill(&mut world, &live, &player, 0, 65_000);
    world.open_page(&live);
    fill(&mut world, &live, &player, 1, 35_000);
    world.to_drawn(&live);

    // The largest limit whose transaction stays within 1.4 million compute units, found from a small one.
    let cranker = world.cranker;
    let settle = |sequence, limit| ix::settle(cranker, live.key, live.config, sequence, limit);
    let sample = world.chain.expect_ok_big(&[settle(0, 1_000)]).cu;
    let per_entry = sample.div_ceil(1_000);
    let limit = (1_380_000 / per_entry) as u32;
    let (mut transactions, mut total) = (1, sample);
    for sequence in 0..2 {
        while world.page(&live, sequence).settle_cursor < world.page(&live, sequence).count {
            total += world.chain.expect_ok_big(&[settle(sequence, limit)]).cu;
            transactions += 1;
        }
    }
    assert_eq!(world.round(&live).pages_settled, 2);
    vec![
        ("settle_draw_cu_per_entry", total.div_ceil(100_000)),
        ("settle_100k_txs", transactions),
        ("settle_entries_per_tx", limit as u64),
    ]
}

/// A transaction may ask for so many compute units.
const MOST_CU: u64 = 1_400_000;
/// A transaction may load so many bytes of accounts.
const MOST_LOADED: usize = 64 << 20;

/// Writes entries into a page as `enter` would have, twenty at a time: hundreds of thousands one by one would take hours.
/// Digest, count and cash are those of the entries, `tail` is what follows them, and the player's wallet pays.
fn write_page(
    world: &mut World,
    live: &Live,
    player: &Player,
    sequence: u32,
    entries: &[Entry],
    tail: &[u64],
) {
    let count = entries.len() as u32;
    let mut groups = vec![20; (count / 20) as usize];
    if !count.is_multiple_of(20) {
        groups.push(count % 20);
    }
    let cost: u64 = entries.iter().map(|entry| entry.stake_units).sum();
    let key = live.page(sequence);
    let mut page: Page = world.chain.account(key);
    page.count = count;
    page.cash_units = cost;
    page.digest = page_digest(entries, &groups);
    let capacity = page.capacity as usize;
    world.chain.forge(key, key, address::PROGRAM_ID, |data| {
        data[8..Page::LEN].copy_from_slice(bytemuck::bytes_of(&page));
        let bytes: &[u8] = bytemuck::cast_slice(entries);
        data[Page::LEN..Page::LEN + bytes.len()].copy_from_slice(bytes);
        let from = Page::LEN + capacity * size_of::<Entry>();
        data[from..].copy_from_slice(bytemuck::cast_slice(tail));
    });
    let mut wallet: Wallet = world.wallet(player);
    wallet.balance_units -= cost;
    world.chain.forge(player.wallet, player.wallet, address::PROGRAM_ID, |data| {
        data[8..].copy_from_slice(bytemuck::bytes_of(&wallet));
    });
    world.entered.insert(key, groups);
}

/// Sends what must fit one transaction of a cluster.
fn one_transaction(world: &mut World, batch: &[Instruction]) -> Meta {
    let meta = world.chain.expect_ok_big(batch);
    assert!(meta.cu <= MOST_CU, "{} compute units", meta.cu);
    assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes for {} instructions", meta.wire_len, batch.len());
    let mut keys: Vec<_> = batch.iter().flat_map(|one| &one.accounts).map(|meta| meta.pubkey).collect();
    keys.sort();
    keys.dedup();
    let loaded: usize = keys.iter().filter_map(|key| world.chain.raw(*key)).map(|a| a.data().len()).sum();
    assert!(loaded <= MOST_LOADED, "{loaded} bytes of accounts");
    meta
}

/// Every other step of a round, on a page of 64 entries.
pub fn crank() -> Vec<Number> {
    let mut world = World::new();
    let game = world.create(Spec::coin());
    let open = world.open_round_instruction(&game);
    let mut numbers = vec![("open_round_cu", cu(&mut world.clone(), open))];
    let live = world.open_round(&game);
    let cranker = world.cranker;
    numbers.push(("open_page_cu", cu(&mut world, ix::open_page(cranker, live.game.key, live.key, 0))));
    let player = world.player(Money::Sol, 1_000_000_000);
    fill(&mut world, &live, &player, 0, 64);
    world.reach_target(&live);
    let reveal = world.reveal_of(&live);
    numbers.push(("seal_page_cu", cu(&mut world, ix::seal_page(cranker, live.key, 0))));
    numbers.push(("capture_cu", cu(&mut world, ix::capture(cranker, live.key))));
    numbers.push((
        "post_value_cu",
        cu(&mut world, ix::post_value(cranker, live.key, Pubkey::default(), &reveal)),
    ));
    numbers.push(("draw_cu", cu(&mut world, ix::draw(cranker, live.key, live.config))));
    numbers.push(("settle_64_cu", cu(&mut world, ix::settle(cranker, live.key, live.config, 0, 64))));
    let finalise = world.finalise_instruction(&live);
    numbers.push(("finalise_cu", cu(&mut world, finalise)));
    let items = world.owed_prizes(&live, 0);
    numbers.push(("pay_1_cu", cu(&mut world, ix::pay(cranker, live.key, 0, &items[..1]))));
    numbers.push(("pay_10_cu", cu(&mut world, ix::pay(cranker, live.key, 0, &items[1..11]))));
    numbers
}

/// Bytes of a page of 1,024 entries, for the docs.
pub const fn page_len(entries: usize) -> usize {
    Page::LEN + entries * size_of::<Entry>()
}

/// Every number, in the order they are printed.
pub fn all() -> Vec<Number> {
    let mut numbers = enter();
    numbers.push(("shared_writable_accounts", shared_writable_accounts()));
    numbers.extend(settle_100k());
    numbers.push(("player_rent_per_entry_lamports", player_rent_per_entry_lamports()));
    numbers.extend(money());
    numbers.push(("locked_rent_1k_entries_lamports", locked_rent_1k_entries_lamports()));
    numbers.extend(crank());
    numbers.extend(beacon::post_value());
    numbers.extend(beacon::others());
    numbers.extend(beacon::finish());
    numbers.extend(house::enter());
    numbers.extend(house::settle());
    numbers.extend(house::pay());
    numbers.extend(house::keno_rounds());
    numbers.extend(house::keno_steps());
    numbers.extend(market::enter());
    numbers.extend(market::settle());
    numbers.extend(market::attest());
    numbers.extend(market::pay());
    numbers.extend(market::settle_1m());
    numbers.extend(raffle::enter());
    numbers.extend(raffle::rank_10k());
    numbers.extend(raffle::rank_100k());
    numbers.extend(raffle::places());
    numbers
}
