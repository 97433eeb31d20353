//! What house games cost.

use lottery_interface::instructions::{self as ix, Item};
use solana_instruction::Instruction;

use super::{Number, cu};
use crate::{
    Game, Live, Money, Player, Spec, World, address,
    house::{instant_ticket, keno_quick, keno_rules, keno_ticket, paytable_of},
    lookup::{ACCOUNT_LOCKS, WIRE_LIMIT},
    world::LAMPORTS,
};

/// Ten numbers on both sides of 64.
const TEN_SPOTS: &[u8] = &[3, 11, 17, 29, 40, 52, 64, 65, 71, 80];
const STAKE: u64 = 10_000;
/// Settled in one measure.
const SETTLED: u32 = 10_000;

fn scene(spec: Spec) -> (World, Live, Player) {
    let mut world = World::new();
    let game = world.create(spec);
    let live = world.open(&game);
    let player = world.player(Money::Sol, LAMPORTS);
    (world, live, player)
}

/// Entering: given numbers and quick picks, one ticket and twenty.
pub fn enter() -> Vec<Number> {
    let mut numbers = Vec::new();
    let (mut world, live, player) = scene(Spec::keno());
    // The first entry of a page or wallet must not be cheaper or dearer than those after it.
    world.enter_keno(&live, &player, 0, &[(STAKE, &[1])]);
    let ticket = keno_ticket(STAKE, TEN_SPOTS);
    for (name, quick, tickets) in [
        ("enter_keno_cu", 0, ticket.clone()),
        ("enter_keno_20_cu", 0, ticket.repeat(20)),
        ("enter_keno_quick_cu", 1, keno_quick(STAKE, 10)),
        ("enter_keno_20_quick_cu", 20, keno_quick(STAKE, 10)),
    ] {
        let enter = world.enter_instruction(&live, &player, 0, quick, &tickets);
        numbers.push((name, cu(&mut world, enter)));
    }
    let (mut world, live, player) = scene(Spec::instant());
    world.enter_instant(&live, &player, 0, 1, STAKE);
    for (name, quick) in [("enter_instant_cu", 1), ("enter_instant_20_cu", 20)] {
        let enter = world.enter_instruction(&live, &player, 0, quick, &instant_ticket(STAKE));
        numbers.push((name, cu(&mut world, enter)));
    }
    numbers
}

/// Compute units of an entry, over a large page filled by `fill`, which enters 20 tickets a call.
fn settle_per_entry(spec: Spec, mut fill: impl FnMut(&World, &Live, &Player, u32) -> Instruction) -> u64 {
    let spec = spec.pages(SETTLED, 1);
    let (mut world, live, player) = scene(spec);
    let all: Vec<Instruction> = (0..SETTLED / 20).map(|nth| fill(&world, &live, &player, nth)).collect();
    for some in all.chunks(48) {
        world.chain.expect_ok_big(some);
    }
    world.to_drawn(&live);
    let mut total = 0;
    while world.page(&live, 0).settle_cursor < SETTLED {
        let step = ix::settle(world.cranker, live.key, live.config, 0, 1_000);
        total += world.chain.expect_ok_big(&step).cu;
    }
    total.div_ceil(SETTLED as u64)
}

/// Settling: keno tickets of all spot counts alike, keno tickets of ten spots, instant tickets.
pub fn settle() -> Vec<Number> {
    let quick = |spots: fn(u32) -> u8| {
        move |world: &World, live: &Live, player: &Player, nth: u32| {
            world.enter_instruction(live, player, 0, 20, &keno_quick(1_000, spots(nth)))
        }
    };
    let instant = |world: &World, live: &Live, player: &Player, _| {
        world.enter_instruction(live, player, 0, 20, &instant_ticket(1_000))
    };
    vec![
        ("settle_keno_cu_per_entry", settle_per_entry(Spec::keno(), quick(|nth| 1 + (nth % 10) as u8))),
        ("settle_keno_10_spots_cu_per_entry", settle_per_entry(Spec::keno(), quick(|_| 10))),
        ("settle_instant_cu_per_entry", settle_per_entry(Spec::instant(), instant)),
    ]
}

/// Paying as many wallets as one transaction with a lookup table takes.
pub fn pay() -> Vec<Number> {
    // A ticket wins whether its number is drawn or not.
    let rules = keno_rules(paytable_of(&[&[(0, 5_000), (1, 20_000)]]));
    let (mut world, live, _) = scene(Spec::house_with(rules));
    // The fee payer, the cranker, the round, the page and the program are locked too.
    let most = ACCOUNT_LOCKS - 5;
    for nth in 0..most {
        let player = world.player(Money::Sol, STAKE);
        world.enter_keno(&live, &player, 0, &[(STAKE, &[1 + nth as u8])]);
    }
    world.to_final(&live);
    let items = world.owed_prizes(&live, 0);
    assert_eq!(items.len(), most, "everybody won");
    let mut accounts = vec![live.key, live.page(0)];
    accounts.extend(items.iter().map(|item| item.wallet));
    let table = world.chain.lookup_table(&accounts);
    let pay = |items: &[Item]| {
        let pay = ix::pay(world.cranker, live.key, 0, items);
        let meta = world.clone().chain.send_with_table(&pay, &table).expect("is paid");
        assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes for {} winners", meta.wire_len, items.len());
        (meta.cu, meta.wire_len as u64)
    };
    let (one, _) = pay(&items[..1]);
    let (few, few_len) = pay(&items[..25]);
    let (all, all_len) = pay(&items);
    vec![
        ("pay_first_winner_cu", one),
        ("pay_cu_per_winner", (few - one).div_ceil(24)),
        ("pay_25_wire_len", few_len),
        ("pay_winners_per_tx", most as u64),
        ("pay_most_cu_per_winner", (all - one).div_ceil(most as u64 - 1)),
        ("pay_most_wire_len", all_len),
    ]
}

/// Sends what must fit one transaction.
fn one_transaction(world: &mut World, batch: &[Instruction]) -> u64 {
    let meta = world.chain.expect_ok(batch);
    assert!(meta.wire_len <= WIRE_LIMIT, "{} bytes for {} instructions", meta.wire_len, batch.len());
    meta.cu
}

/// Twenty tickets of one to ten spots.
fn twenty_tickets() -> Vec<Vec<u8>> {
    let numbers = |nth: u8| -> Vec<u8> { (0..1 + nth % 10).map(|i| 1 + nth % 8 + 8 * i).collect() };
    (0..20).map(|nth| keno_ticket(STAKE, &numbers(nth))).collect()
}

/// Compute units of a keno round's three transactions; of entering, which is the players'; and its winners.
struct KenoRound {
    transactions: [u64; 3],
    enters: u64,
    winners: u64,
}

/// One keno round of 20 players with a ticket each, cranked from open to closed in three transactions.
fn keno_round(world: &mut World, game: &Game, players: &[Player]) -> KenoRound {
    let (cranker, index) = (world.cranker, world.lottery(game).next_round_index);
    let (key, config) = (address::round(&game.key, index).0, address::config(&game.key, 0).0);
    let live = Live { game: game.clone(), key, index, config };
    let open = [world.open_round_instruction(game), ix::open_page(cranker, game.key, key, 0)];
    let open = one_transaction(world, &open);
    let mut enters = 0;
    for (player, ticket) in players.iter().zip(twenty_tickets()) {
        let enter = world.enter_instruction(&live, player, 0, 0, &ticket);
        enters += cu(world, enter);
    }
    world.reach_target(&live);
    let finish = world.finish_instructions(&live);
    let finish = one_transaction(world, &finish);
    let items = world.owed_prizes(&live, 0);
    let mut end: Vec<Instruction> = items.chunks(20).map(|some| ix::pay(cranker, key, 0, some)).collect();
    end.push(ix::close_page(cranker, key, 0, cranker));
    end.push(ix::close_round(cranker, game.key, key, cranker));
    let end = one_transaction(world, &end);
    KenoRound { transactions: [open, finish, end], enters, winners: items.len() as u64 }
}

/// Sixteen keno rounds of 20 entries: the mean, and the dearest.
pub fn keno_rounds() -> Vec<Number> {
    const ROUNDS: u64 = 16;
    let mut world = World::new();
    let game = world.create(Spec::keno());
    let players: Vec<Player> = (0..20).map(|_| world.player(Money::Sol, 100 * STAKE)).collect();
    let rounds: Vec<KenoRound> = (0..ROUNDS).map(|_| keno_round(&mut world, &game, &players)).collect();
    let mean = |of: &dyn Fn(&KenoRound) -> u64| rounds.iter().map(of).sum::<u64>().div_ceil(ROUNDS);
    let whole = |round: &KenoRound| round.transactions.iter().sum::<u64>();
    vec![
        ("keno_round_cu", mean(&whole)),
        ("keno_round_dearest_cu", rounds.iter().map(whole).max().expect("sixteen")),
        ("keno_round_txs", rounds[0].transactions.len() as u64),
        ("keno_round_entries", players.len() as u64),
        ("keno_round_winners", mean(&|round| round.winners)),
        ("keno_round_enters_cu", mean(&|round| round.enters)),
        ("keno_round_open_cu", mean(&|round| round.transactions[0])),
        ("keno_round_finish_cu", mean(&|round| round.transactions[1])),
        ("keno_round_end_cu", mean(&|round| round.transactions[2])),
    ]
}

/// Every step of such a round by itself.
pub fn keno_steps() -> Vec<Number> {
    let mut world = World::new();
    let game = world.create(Spec::keno());
    let open = world.open_round_instruction(&game);
    let mut numbers = vec![("keno_open_round_cu", cu(&mut world.clone(), open))];
    let live = world.open_round(&game);
    let cranker = world.cranker;
    numbers.push(("keno_open_page_cu", cu(&mut world, ix::open_page(cranker, live.game.key, live.key, 0))));
    for ticket in twenty_tickets() {
        let player = world.player(Money::Sol, STAKE);
        world.enter_bytes(&live, &player, 0, 0, &ticket, 1);
    }
    world.reach_target(&live);
    let names = [
        "keno_seal_page_cu",
        "keno_capture_cu",
        "keno_post_value_cu",
        "keno_draw_cu",
        "keno_settle_20_cu",
        "keno_finalise_cu",
    ];
    for (name, step) in names.into_iter().zip(world.finish_instructions(&live)) {
        numbers.push((name, cu(&mut world, step)));
    }
    let items = world.owed_prizes(&live, 0);
    numbers.push(("keno_pay_winners", items.len() as u64));
    if !items.is_empty() {
        numbers.push(("keno_pay_cu", cu(&mut world, ix::pay(cranker, live.key, 0, &items))));
    }
    numbers.push(("keno_close_page_cu", cu(&mut world, ix::close_page(cranker, live.key, 0, cranker))));
    let close = ix::close_round(cranker, live.game.key, live.key, cranker);
    numbers.push(("keno_close_round_cu", cu(&mut world, close)));
    numbers
}
