//! The operations of the random sequence: how each is chosen, and what it is on the chain and in the model.

use lottery_interface::args::SessionArgs;
use program_tests::{
    Instruction, Pubkey, address, ix,
    ix::Item,
    kinds::{PageStatus, RoundStatus},
};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    model::{Model, Outcome, PageModel, RoundId, RoundModel, Tickets, WalletId},
    scene::{GAMES, PLAYERS, Scene, TREASURY, operator, treasurer},
};

/// One instruction. People and kinds of money are numbers.
pub enum Op {
    OpenWallet(WalletId),
    CloseWallet(WalletId),
    Deposit(WalletId, u64),
    Withdraw(WalletId, u64),
    SetSession(WalletId, SessionArgs),
    FundJackpot(usize, usize, u64),
    FundBond(usize, usize, u64),
    WithdrawBond(usize, usize, u64),
    WithdrawFees(usize, usize, u64),
    WithdrawTreasury(usize, usize),
    Pause(usize),
    Activate(usize),
    OpenRound(usize),
    OpenPage(RoundId),
    Enter { round: RoundId, page: u32, wallet: WalletId, signer: usize, tickets: Tickets },
    Seal(RoundId, u32),
    Capture(RoundId),
    Reveal(RoundId, [u8; 32]),
    Draw(RoundId),
    Settle(RoundId, u32, u32),
    Finalise(RoundId),
    Credit { round: RoundId, page: u32, items: Vec<(u32, usize)>, refund: bool },
    Void(RoundId),
    Retime(RoundId),
    Expire(RoundId),
    ClosePage(RoundId, u32),
    CloseRound(RoundId),
}

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
    match random.random_range(0..100) {
        0..12 => wallet_op(random, scene),
        12..17 => lottery_money_op(random, scene, game),
        17 if random.random_bool(0.4) => Op::Pause(game),
        18..20 => Op::Activate(game),
        20..25 => Op::OpenRound(game),
        25..50 => {
            let enterable = |r: &RoundModel| {
                r.is(RoundStatus::Open) && !model.is_locked(&r.round) && r.round.page_count > 0
            };
            let round = round_where(random, model, enterable);
            round.map_or(Op::OpenRound(game), |round| enter_op(random, scene, round))
        }
        more => match round_where(random, model, |_| true) {
            None => Op::OpenRound(game),
            Some(round) if more < 90 => next_op(random, scene, round),
            Some(round) => any_op(random, scene, round),
        },
    }
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

fn lottery_money_op(random: &mut Random, scene: &Scene, game: usize) -> Op {
    let lottery = &scene.model.games[game].lottery;
    let anyone = random.random_range(0..scene.people.len());
    let or_anyone =
        |random: &mut Random, person: usize| if random.random_bool(0.2) { anyone } else { person };
    match random.random_range(0..9) {
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
    let nearly_full = |page: &PageModel| page.page.count * 4 >= page.page.capacity * 3;
    if r.pages.last().and_then(Option::as_ref).is_some_and(nearly_full) && random.random_bool(0.5) {
        return Op::OpenPage(id);
    }
    let money =
        if random.random_bool(0.03) { random.random_range(0..3) } else { scene.model.games[id.0].money };
    let wallet = (random.random_range(0..PLAYERS), money);
    let signer = if random.random_bool(0.15) { random.random_range(0..PLAYERS) } else { wallet.0 };
    let last = r.round.page_count.saturating_sub(1);
    let page = if random.random_bool(0.7) { last } else { random.random_range(0..=r.round.page_count) };
    let given = (0..random.random_range(0..4)).map(|_| ticket(random, r)).collect();
    let quick = if random.random_bool(0.05) { random.random_range(0..40) } else { random.random_range(0..4) };
    Op::Enter { round: id, page, wallet, signer, tickets: Tickets { given, quick } }
}

/// Mostly a valid ticket.
fn ticket(random: &mut Random, r: &RoundModel) -> Vec<u8> {
    let mut numbers: Vec<u8> = (1..=r.round.numbers).collect();
    while numbers.len() > r.round.picks as usize {
        numbers.remove(random.random_range(0..numbers.len()));
    }
    if r.round.bonus_numbers > 0 {
        numbers.push(random.random_range(1..=r.round.bonus_numbers));
    }
    if random.random_bool(0.03) {
        let place = random.random_range(0..numbers.len());
        numbers[place] = random.random_range(0..=r.round.numbers + 2);
    }
    numbers
}

/// A step that the round's state asks for.
fn next_op(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let model = &scene.model;
    let r = &model.games[id.0].rounds[&id.1];
    let round = &r.round;
    let unsealed = round.pages_sealed < round.page_count;
    match RoundStatus::from_byte(round.status).expect("a known status") {
        RoundStatus::Open if !model.is_locked(round) => {
            match random.random_bool(0.4) || round.page_count == 0 {
                true => Op::OpenPage(id),
                false => enter_op(random, scene, id),
            }
        }
        RoundStatus::Open => match random.random_range(0..10) {
            0 => Op::Void(id),
            1 => Op::Retime(id),
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
    if round.finalised == 0 && random.random_bool(0.5) {
        return Op::Finalise(id);
    }
    if !r.owes_nothing() {
        let expire = scene.model.now >= round.claim_until && random.random_bool(0.5);
        return if expire { Op::Expire(id) } else { credit_op(random, scene, id, r.refunds()) };
    }
    match r.pages.iter().position(Option::is_some) {
        Some(page) => Op::ClosePage(id, page as u32),
        None => Op::CloseRound(id),
    }
}

fn reveal(random: &mut Random, scene: &Scene, id: RoundId) -> Op {
    let g = &scene.model.games[id.0];
    let position = g.rounds[&id.1].round.chain_position as u32;
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
    match random.random_range(0..14) {
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

impl Op {
    /// As the chain gets it.
    pub fn instruction(&self, scene: &Scene) -> Instruction {
        let (people, cranker, model) = (&scene.people, scene.world.cranker, &scene.model);
        let side = |id: &WalletId| scene.world.side(people[id.0], program_tests::Money::ALL[id.1]);
        let game = |game: &usize| &model.games[*game].game;
        let key = |id: &RoundId| address::round(&model.games[id.0].game.key, id.1).0;
        let round = |id: &RoundId| &model.games[id.0].rounds[&id.1].round;
        let config = |id: &RoundId| Pubkey::new_from_array(round(id).config);
        match self {
            Self::OpenWallet(id) => ix::open_wallet(people[id.0], people[id.0], scene.mint(id.1)),
            Self::CloseWallet(id) => ix::close_wallet(people[id.0], scene.mint(id.1), people[id.0]),
            Self::Deposit(id, units) => ix::deposit(people[id.0], side(id), *units),
            Self::Withdraw(id, units) => ix::withdraw(people[id.0], side(id), *units),
            Self::SetSession(id, args) => ix::set_session(people[id.0], scene.mint(id.1), args),
            Self::FundJackpot(person, g, units) => {
                ix::fund_jackpot(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::FundBond(person, g, units) => {
                ix::fund_bond(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawBond(person, g, units) => {
                ix::withdraw_bond(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawFees(person, g, units) => {
                ix::withdraw_fees(people[*person], game(g).id, game(g).mint, *units)
            }
            Self::WithdrawTreasury(person, g) => {
                ix::withdraw_treasury(people[*person], game(g).id, game(g).mint)
            }
            Self::Pause(g) => {
                ix::pause_lottery(game(g).pauser, game(g).id, model.games[*g].lottery.next_round_index)
            }
            Self::Activate(g) => ix::activate_lottery(game(g).operator.owner, game(g).id),
            Self::OpenRound(g) => scene.world.open_round_instruction(game(g)),
            Self::OpenPage(id) => ix::open_page(cranker, key(id), round(id).page_count),
            Self::Enter { round: id, page, wallet, signer, tickets } => {
                let page = address::page(&key(id), *page).0;
                let wallet = scene.wallet_key(wallet.0, wallet.1);
                ix::enter(people[*signer], wallet, key(id), page, tickets.quick, &tickets.given.concat())
            }
            Self::Seal(id, page) => ix::seal_page(cranker, key(id), *page),
            Self::Capture(id) => ix::capture(cranker, key(id)),
            Self::Reveal(id, proof) => ix::post_value(cranker, key(id), proof),
            Self::Draw(id) => ix::draw(cranker, key(id), config(id)),
            Self::Settle(id, page, limit) => ix::settle(cranker, key(id), config(id), *page, *limit),
            Self::Finalise(id) => ix::finalise(cranker, game(&id.0).key, key(id), config(id)),
            Self::Credit { round: id, page, items, refund } => {
                let money = model.games[id.0].money;
                let items: Vec<Item> = items
                    .iter()
                    .map(|(index, person)| Item { index: *index, wallet: scene.wallet_key(*person, money) })
                    .collect();
                let build = if *refund { ix::refund } else { ix::pay };
                build(cranker, key(id), *page, &items)
            }
            Self::Void(id) => ix::void_round(cranker, game(&id.0).key, key(id)),
            Self::Retime(id) => {
                ix::retime_round(cranker, game(&id.0).key, config(id), key(id), round(id).page_count)
            }
            Self::Expire(id) => ix::expire_round(cranker, game(&id.0).key, key(id)),
            Self::ClosePage(id, page) => ix::close_page(cranker, key(id), *page, cranker),
            Self::CloseRound(id) => ix::close_round(cranker, game(&id.0).key, key(id), cranker),
        }
    }

    /// As the model does it.
    pub fn apply(&self, model: &mut Model, scene: &Scene) -> Outcome {
        let (people, cranker) = (&scene.people, &scene.world.cranker);
        match self {
            Self::OpenWallet(id) => model.open_wallet(*id, &people[id.0], &scene.mint(id.1)),
            Self::CloseWallet(id) => model.close_wallet(*id),
            Self::Deposit(id, units) => model.deposit(*id, *units),
            Self::Withdraw(id, units) => model.withdraw(*id, *units),
            Self::SetSession(id, args) => model.set_session(*id, args),
            Self::FundJackpot(person, game, units) => model.fund_jackpot(*person, *game, *units),
            Self::FundBond(person, game, units) => model.fund_bond(*person, *game, *units),
            Self::WithdrawBond(person, game, units) => {
                model.withdraw_bond(*person, *person == operator(*game), *game, *units)
            }
            Self::WithdrawFees(person, game, units) => {
                model.withdraw_fees(*person, *person == treasurer(*game), *game, *units)
            }
            Self::WithdrawTreasury(person, game) => {
                model.withdraw_treasury(*person, *person == TREASURY, *game)
            }
            Self::Pause(game) => model.pause(*game),
            Self::Activate(game) => model.activate(*game),
            Self::OpenRound(game) => model.open_round(*game, cranker),
            Self::OpenPage(id) => {
                let round = address::round(&model.games[id.0].game.key, id.1).0;
                let sequence = model.round(*id).round.page_count;
                model.open_page(*id, &address::page(&round, sequence).0, cranker)
            }
            Self::Enter { round, page, wallet, signer, tickets } => {
                model.enter(*round, *page, *wallet, &people[*signer], tickets)
            }
            Self::Seal(id, page) => model.seal(*id, *page),
            Self::Capture(id) => model.capture(*id),
            Self::Reveal(id, proof) => model.reveal(*id, proof),
            Self::Draw(id) => model.draw(*id),
            Self::Settle(id, page, limit) => model.settle(*id, *page, *limit),
            Self::Finalise(id) => model.finalise(*id),
            Self::Credit { round, page, items, refund } => model.credit(*round, *page, items, *refund),
            Self::Void(id) => model.void(*id),
            Self::Retime(id) => model.retime(*id),
            Self::Expire(id) => model.expire(*id),
            Self::ClosePage(id, page) => model.close_page(*id, *page),
            Self::CloseRound(id) => model.close_round(*id),
        }
    }
}
