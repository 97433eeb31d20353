//! How the next operation is chosen: mostly one that makes sense, sometimes any.

use lottery_interface::args::SessionArgs;
use program_tests::kinds::{LotteryStatus, PageStatus, RoundStatus};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    beacon::{early_op, is_beacon, locked_op, sign_op},
    market::is_market,
    model::{GameModel, Model, PageModel, RoundId, RoundModel, WalletId, is_house},
    operator::{config_op, limits_op},
    ops::Op,
    reporters::{attest_op, locked_market_op},
    scene::{GAMES, MARKETS, PLAYERS, Scene, TREASURY, operator, treasurer},
    tickets::tickets,
};

type Random = ChaCha8Rng;

/// Mostly a useful amount; sometimes nothing, or far too much.
fn units(random: &mut Random, most: u64) -> u64 {
    match random.random_range(0..20) {
        0 => 0,
        1 => most.saturating_add(1 + random.random_range(0..1_000)),
        2 => most,
        _ => random.random_range(0..=most),
    }
}

fn player_wallet(random: &mut Random, scene: &Scene) -> WalletId {
    (random.random_range(0..scene.people.len()), random.random_range(0..3))
}

/// A live round that is as wanted; often the oldest, which others wait for.
fn round_where(random: &mut Random, model: &Model, wanted: impl Fn(&RoundModel) -> bool) -> Option<RoundId> {
    let mut all: Vec<RoundId> = Vec::new();
    for (game, g) in model.games.iter().enumerate() {
        let mut some = g.rounds.iter().filter(|(_, round)| wanted(round)).map(|(index, _)| (game, *index));
        match random.random_bool(0.4) {
            true => all.extend(some.next()),
            false => all.extend(some),
        }
    }
    all.choose(random).copied()
}

/// The next operation.
pub fn choose(random: &mut Random, scene: &Scene) -> Op {
    let model = &scene.model;
    let game = random.random_range(0..GAMES);
    // Rarely possible: no round may wait for its reveal.
    if let Some(game) = model.games.iter().position(GameModel::may_advance)
        && random.random_bool(0.5)
    {
        return advance_op(random, scene, game);
    }
    if random.random_bool(0.15)
        && let Some(round) = unfinished(model)
    {
        return next_op(random, scene, round);
    }
    match random.random_range(0..100) {
        0..12 => wallet_op(random, scene),
        12..17 => lottery_money_op(random, scene, game),
        17 if random.random_bool(0.4) => Op::Pause(game),
        18..20 => activate_op(random, scene, game),
        20..25 => open_op(random, scene, game),
        25..50 => {
            // A market is nothing without bets on several sides.
            let only_markets = random.random_bool(0.2);
            let enterable = |r: &RoundModel| {
                let is_open = r.is(RoundStatus::Open) && !model.is_locked(&r.round);
                is_open && r.round.page_count > 0 && (!only_markets || is_market(&r.round))
            };
            let round = round_where(random, model, enterable);
            match round {
                Some(round) => enter_op(random, scene, round),
                None => open_op(random, scene, game),
            }
        }
        more => match round_where(random, model, |_| true) {
            None => open_op(random, scene, game),
            Some(round) if more < 90 => next_op(random, scene, round),
            Some(round) => any_op(random, scene, round),
        },
    }
}

/// Mostly ends what a pause left before rounds open again.
fn activate_op(random: &mut Random, scene: &Scene, game: usize) -> Op {
    let g = &scene.model.games[game];
    let waiting = g.rounds.values().find(|r| r.round.finalised == 0);
    match waiting {
        Some(r) if g.lottery.status == LotteryStatus::Paused as u8 && random.random_bool(0.9) => {
            next_op(random, scene, (game, r.round.index))
        }
        _ => Op::Activate(game),
    }
}

/// Opens a round; if bonds that were lost stand in the way, mostly pays for the next one.
fn open_op(random: &mut Random, scene: &Scene, game: usize) -> Op {
    let g = &scene.model.games[game];
    let bond = g.round_bond_units();
    if g.lottery.bond_free_units >= bond || random.random_bool(0.3) {
        return Op::OpenRound(game);
    }
    let rich: Vec<usize> = (0..scene.people.len())
        .filter(|person| {
            scene.model.wallets.get(&(*person, g.money)).is_some_and(|wallet| wallet.balance_units >= bond)
        })
        .collect();
    rich.choose(random).map_or(Op::OpenRound(game), |person| Op::FundBond(*person, game, bond))
}

fn wallet_op(random: &mut Random, scene: &Scene) -> Op {
    let wallet = player_wallet(random, scene);
    let balance = scene.model.wallets.get(&wallet).map_or(0, |wallet| wallet.balance_units);
    match random.random_range(0..12) {
        0..3 => Op::Deposit(wallet, units(random, 150_000_000)),
        3..6 => Op::Withdraw(wallet, units(random, balance)),
        // All of it, so that the wallet can be closed.
        6 => Op::Withdraw(wallet, balance),
        7 => Op::CloseWallet(wallet),
        8 => {
            let mut all = (0..scene.people.len()).flat_map(|person| (0..3).map(move |money| (person, money)));
            let missing = all.find(|id| !scene.model.wallets.contains_key(id));
            Op::OpenWallet(missing.unwrap_or(wallet))
        }
        _ => Op::SetSession(wallet, session(random, scene, wallet)),
    }
}

fn session(random: &mut Random, scene: &Scene, wallet: WalletId) -> SessionArgs {
    let none = SessionArgs { key: [0; 32], lotteries: [0; 4], expires_at: 0, limit_units: 0 };
    if random.random_bool(0.2) {
        return none;
    }
    let key = if random.random_bool(0.1) { wallet.0 } else { random.random_range(0..PLAYERS) };
    let lottery = |random: &mut Random| scene.model.games[random.random_range(0..GAMES)].lottery.id;
    SessionArgs {
        key: scene.people[key].to_bytes(),
        lotteries: [lottery(random), 0, random.random_range(0..2) * lottery(random), 0],
        expires_at: scene.model.now + random.random_range(-5..400),
        limit_units: units(random, 30_000_000),
    }
}

/// A round of a paused game that has lost links of its hash chain: when all are counted, a later link may be revealed.
fn unfinished(model: &Model) -> Option<RoundId> {
    let mut games = model.games.iter().enumerate().filter(|(_, g)| {
        g.lottery.status == LotteryStatus::Paused as u8 && g.lottery.chain_next - g.lottery.chain_position > 1
    });
    games.find_map(|(game, g)| {
        let (index, _) = g.rounds.iter().find(|(_, r)| r.round.finalised == 0)?;
        Some((game, *index))
    })
}

/// A game that has a bankroll.
fn house_game(random: &mut Random, scene: &Scene) -> usize {
    let all: Vec<usize> = (0..GAMES).filter(|game| is_house(&scene.model.games[*game].rules)).collect();
    *all.choose(random).expect("three of them")
}

fn lottery_money_op(random: &mut Random, scene: &Scene, game: usize) -> Op {
    let choice = random.random_range(0..23);
    let is_bankroll = (9..12).contains(&choice);
    let game = match choice {
        _ if is_bankroll && random.random_bool(0.55) => house_game(random, scene),
        19..22 => random.random_range(GAMES - MARKETS..GAMES),
        _ => game,
    };
    let lottery = &scene.model.games[game].lottery;
    let anyone = random.random_range(0..scene.people.len());
    let or_anyone =
        |random: &mut Random, person: usize| if random.random_bool(0.2) { anyone } else { person };
    match choice {
        9 => Op::FundBankroll(or_anyone(random, operator(game)), game, units(random, 15_000_000)),
        10 => Op::FundBankroll(anyone, game, units(random, 15_000_000)),
        11 => Op::WithdrawBankroll(
            or_anyone(random, operator(game)),
            game,
            units(random, lottery.bankroll_free_units),
        ),
        12..15 => advance_op(random, scene, game),
        15..17 => {
            let person = or_anyone(random, operator(game));
            limits_op(random, &scene.model.games[game], person, game)
        }
        17..22 => {
            let person = or_anyone(random, operator(game));
            config_op(random, &scene.model.games[game], person, game, &scene.sets)
        }
        0 => Op::FundJackpot(anyone, game, units(random, 5_000_000)),
        1..5 => Op::FundBond(or_anyone(random, operator(game)), game, units(random, 150_000_000)),
        5 => Op::WithdrawBond(
            or_anyone(random, operator(game)),
            game,
            units(random, lottery.bond_free_units / 4),
        ),
        6 => Op::WithdrawFees(or_anyone(random, treasurer(game)), game, units(random, lottery.fees_units)),
        _ => Op::WithdrawTreasury(or_anyone(random, TREASURY), game),
    }
}

fn enter_op(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let r = &scene.model.games[id.0].rounds[&id.1];
    if r.pages.last().and_then(Option::as_ref).is_some_and(PageModel::is_full_enough)
        && random.random_bool(0.5)
    {
        return Op::OpenPage(id);
    }
    let money =
        if random.random_bool(0.03) { random.random_range(0..3) } else { scene.model.games[id.0].money };
    let wallet = (random.random_range(0..PLAYERS), money);
    let signer = if random.random_bool(0.15) { random.random_range(0..PLAYERS) } else { wallet.0 };
    let last = r.round.page_count.saturating_sub(1);
    let page = if random.random_bool(0.7) { last } else { random.random_range(0..=r.round.page_count) };
    let tickets = tickets(random, id, r, page);
    Op::Enter { round: id, page, wallet, signer, tickets }
}

/// A link of the chain that is behind the next round; sometimes one that is not, or another.
fn advance_op(random: &mut Random, scene: &Scene, game: usize) -> Op {
    let g = &scene.model.games[game];
    let distance = random.random_range(0..=g.lottery.chain_next - g.lottery.chain_position);
    let wrong = random.random_bool(0.1) as u64;
    let link = g.game.reveals.link((g.lottery.chain_position + distance + wrong) as u32);
    Op::AdvanceChain(game, link.expect("a long chain"), distance as u8)
}

/// A step that the round's state asks for.
fn next_op(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let model = &scene.model;
    let r = &model.games[id.0].rounds[&id.1];
    let round = &r.round;
    let unsealed = round.pages_sealed < round.page_count;
    match RoundStatus::from_byte(round.status).expect("a known status") {
        RoundStatus::Open if !model.is_locked(round) && is_beacon(round) && random.random_bool(0.1) => {
            match model.is_restarted(round) {
                true => Op::Void(id),
                false => early_op(random, scene, id),
            }
        }
        RoundStatus::Open if !model.is_locked(round) && is_market(round) && random.random_bool(0.06) => {
            attest_op(random, scene, id)
        }
        RoundStatus::Open if !model.is_locked(round) => {
            match random.random_bool(0.4) || round.page_count == 0 {
                true => Op::OpenPage(id),
                false => enter_op(random, scene, id),
            }
        }
        RoundStatus::Open if is_beacon(round) => locked_op(random, scene, id),
        RoundStatus::Open if is_market(round) => locked_market_op(random, scene, id),
        RoundStatus::Open => match random.random_range(0..10) {
            0 => Op::Void(id),
            1 => Op::Retime(id),
            2..9 if round.captured_slot == 0 && model.is_hash_lost(round) => Op::Void(id),
            2..6 if r.is_empty() && model.games[id.0].is_among_newest(round) => Op::Retime(id),
            2..5 if unsealed => Op::Seal(id, round.pages_sealed),
            _ if round.captured_slot == 0 => Op::Capture(id),
            _ => reveal(random, scene, id),
        },
        RoundStatus::Valued if unsealed => Op::Seal(id, round.pages_sealed),
        RoundStatus::Valued => Op::Draw(id),
        RoundStatus::Drawn => {
            let unsettled = |page: &u32| {
                r.pages[*page as usize]
                    .as_ref()
                    .is_some_and(|page| page.page.status != PageStatus::Settled as u8)
            };
            match (0..round.page_count).find(unsettled) {
                Some(page) => Op::Settle(id, page, random.random_range(0..9)),
                None => Op::Finalise(id),
            }
        }
        RoundStatus::Final | RoundStatus::Void => end_op(random, scene, id),
    }
}

fn end_op(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let r = &scene.model.games[id.0].rounds[&id.1];
    let round = &r.round;
    if round.pages_sealed < round.page_count {
        return Op::Seal(id, round.pages_sealed);
    }
    let lottery = &scene.model.games[id.0].lottery;
    let in_turn = lottery.rollover == 0 || round.index == lottery.next_final_index;
    if round.finalised == 0 && random.random_bool(if in_turn { 0.5 } else { 0.05 }) {
        return Op::Finalise(id);
    }
    if !r.owes_nothing() {
        let expire = scene.model.now >= round.claim_until && random.random_bool(0.5);
        return if expire { Op::Expire(id) } else { credit_op(random, scene, id, r.refunds()) };
    }
    match r.pages.iter().position(Option::is_some) {
        Some(page) => Op::ClosePage(id, page as u32),
        None if in_turn || round.finalised == 1 || random.random_bool(0.1) => Op::CloseRound(id),
        // All is done but to be counted, which waits for an earlier round.
        None => next_op(random, scene, (id.0, lottery.next_final_index)),
    }
}

fn reveal(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let g = &scene.model.games[id.0];
    // A round on a beacon has no place in the chain: any link is wrong.
    let position = g.rounds[&id.1].round.chain_position.max(1) as u32;
    let wrong = random.random_bool(0.05) as u32;
    Op::Reveal(id, g.game.reveals.link(position + wrong).expect("a long chain"))
}

/// Who owns the wallet of an entry.
fn person_of(scene: &Scene, id: RoundId, wallet: &[u8; 32]) -> usize {
    let money = scene.model.games[id.0].money;
    let is = |person: &usize| scene.wallet_key(*person, money).to_bytes() == *wallet;
    (0..scene.people.len()).find(is).expect("someone's")
}

fn credit_op(random: &mut Random, scene: &Scene, id: RoundId, refund: bool) -> Op {
    let r = &scene.model.games[id.0].rounds[&id.1];
    let page = random.random_range(0..r.round.page_count.max(1));
    let entries = match r.pages.get(page as usize) {
        Some(Some(page)) => page.entries.as_slice(),
        _ => &[],
    };
    // Mostly what is owed; sometimes what is not.
    let careless = random.random_bool(0.1);
    let mut items = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let owed = (refund || entry.tier > 0) && entry.flags == 0;
        if (owed || careless) && random.random_bool(0.6) {
            let person = match random.random_bool(0.01) {
                true => random.random_range(0..PLAYERS),
                false => person_of(scene, id, &entry.wallet),
            };
            items.push((index as u32, person));
        }
    }
    if careless && random.random_bool(0.3) {
        items.push((random.random_range(0..24), 0));
    }
    Op::Credit { round: id, page, items, refund }
}

/// Any step, whatever the round's state.
fn any_op(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let pages = scene.model.games[id.0].rounds[&id.1].round.page_count;
    let page = random.random_range(0..=pages);
    match random.random_range(0..18) {
        16..18 => attest_op(random, scene, id),
        14 => sign_op(random, scene, id),
        15 => early_op(random, scene, id),
        0 => Op::OpenPage(id),
        1 => Op::Seal(id, page),
        2 => Op::Capture(id),
        3 => reveal(random, scene, id),
        4 => Op::Draw(id),
        5 => Op::Settle(id, page, random.random_range(0..5)),
        6 => Op::Finalise(id),
        7 => credit_op(random, scene, id, false),
        8 => credit_op(random, scene, id, true),
        9 => Op::Void(id),
        10 => Op::Retime(id),
        11 => Op::Expire(id),
        12 => Op::ClosePage(id, page),
        _ => Op::CloseRound(id),
    }
}
