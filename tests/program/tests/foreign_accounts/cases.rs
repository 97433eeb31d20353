//! Every instruction, in a world where it works, and what answers when a twin stands in for one of its accounts.

use program_tests::{
    Live, LotteryError as E, Money, Pubkey, World, address,
    args::SessionArgs,
    ix,
    kinds::{Kind, Role, Source},
    market::reporters,
    world::LAMPORTS,
};

use super::{
    beacon, raffle,
    twins::{
        Answer::{Any, Named, Seeds},
        Case, Twins, draw_twins, keno_twins, market_twins,
    },
};

/// Wallets and people.
fn money_cases(t: &Twins) -> Vec<Case> {
    let (owner, mint, id) = (t.player.owner, t.game.mint, t.game.id);
    let native = t.world.side(owner, Money::Sol);
    let wallet = || (1, Named(t.other_player.wallet, E::WrongWallet));
    let vault = || (2, Named(address::vault(&t.world.spl).0, E::WrongMint));
    let lottery = || (2, Named(t.in_tokens.key, E::WrongMint));
    let session = SessionArgs { key: [7; 32], lotteries: [1; 4], expires_at: i64::MAX, limit_units: 1 };
    let operator = t.game.operator.owner;
    let newcomer = t.world.clone().chain.key("newcomer");
    let mut empty = t.clone();
    let closing = empty.world.player(Money::Sol, 0);
    let mut all = vec![
        t.case("deposit", ix::deposit(owner, native, 5), vec![wallet(), vault()]),
        t.case("withdraw", ix::withdraw(owner, native, 5), vec![wallet(), vault()]),
        t.case("set_session", ix::set_session(owner, mint, &session), vec![wallet()]),
        t.case("fund_bond", ix::fund_bond(owner, id, mint, 5), vec![wallet(), lottery()]),
        t.case(
            "withdraw_bond",
            ix::withdraw_bond(operator, id, mint, 5),
            vec![wallet(), (2, Named(t.other.key, E::Unauthorized))],
        ),
        t.case(
            "fund_bankroll",
            ix::fund_bankroll(owner, t.keno.id, mint, 5),
            vec![wallet(), (2, Named(t.other_mint_keno.key, E::WrongMint))],
        ),
        t.case(
            "withdraw_bankroll",
            ix::withdraw_bankroll(t.keno.operator.owner, t.keno.id, mint, 5),
            vec![wallet(), (2, Named(t.other.key, E::Unauthorized))],
        ),
        t.case(
            "open_wallet",
            ix::open_wallet(owner, newcomer, mint),
            vec![(2, Seeds(address::vault(&t.world.spl).0))],
        ),
        empty.case("close_wallet", ix::close_wallet(closing.owner, mint, closing.owner), vec![wallet()]),
    ];
    if t.game.spec.config.kind == Kind::Draw as u8 {
        // Only draws have a jackpot; and it may be raised while no bond is reserved.
        let mut fresh = t.clone();
        let unused = fresh.world.create_only(t.game.spec.clone());
        let fund = ix::fund_jackpot(owner, unused.id, mint, 5);
        all.push(fresh.case("fund_jackpot", fund, vec![wallet(), lottery()]));
    }
    all
}

/// What the holders of roles do.
fn role_cases(t: &Twins) -> Vec<Case> {
    let (game, id) = (&t.game, t.game.id);
    let operator = game.operator.owner;
    let lottery = || vec![(1, Named(t.other.key, E::Unauthorized))];
    let mut pending = t.clone();
    pending.world.chain.expect_ok(&[ix::propose_role(game.pauser, id, Role::Pauser, operator)]);
    let mut paused = t.clone();
    paused.world.chain.expect_ok(&[ix::pause_lottery(game.pauser, id, 1)]);
    let mut fresh = t.clone();
    let unused = fresh.world.create_only(game.spec.clone());
    let mut update_answers = vec![(1, Any), (3, Seeds(t.other.key))];
    if let Some(oracles) = other_oracles(t) {
        update_answers.insert(1, (2, Named(oracles, E::WrongOracleSet)));
    }
    let config = ix::update_config(operator, id, 1, &game.spec.config, game.spec.rules_bytes());
    let mut all = vec![
        t.case("update_limits", ix::update_limits(operator, id, &game.spec.limits), lottery()),
        t.case("retire_lottery", ix::retire_lottery(operator, id), lottery()),
        t.case("withdraw_crank", ix::withdraw_crank(operator, id, 5), lottery()),
        t.case("fund_crank", ix::fund_crank(operator, id, 5), vec![(1, Any)]),
        t.case("propose_role", ix::propose_role(operator, id, Role::Operator, game.pauser), lottery()),
        t.case("update_config", config, update_answers),
        pending.case(
            "accept_role",
            ix::accept_role(operator, id, Role::Pauser),
            vec![(1, Named(t.other.key, E::NoPendingHandOver))],
        ),
        paused.case("activate_lottery", ix::activate_lottery(operator, id), lottery()),
        fresh.case(
            "set_chain",
            ix::set_chain(unused.operator.owner, unused.id, &[1; 32], 5),
            vec![(1, Named(t.other.key, E::Unauthorized))],
        ),
        t.case(
            "pause_lottery",
            ix::pause_lottery(game.pauser, id, 1),
            vec![(1, Named(t.other.key, E::Unauthorized)), (2, Named(t.other_live.key, E::WrongRound))],
        ),
    ];
    if game.spec.config.source == Source::CommitReveal as u8 {
        // Link 1 may be known once its round is counted.
        let voided = t.clone().both(|world, live| {
            world.to_void(live);
            world.finalise(live);
        });
        let advance = ix::advance_chain(id, &game.reveals.link(1).expect("a link"), 1);
        let answers = vec![(0, Named(t.other.key, E::RevealMismatch))];
        all.push(voided.case("advance_chain", advance, answers));
    }
    all
}

/// Opening and entering.
fn open_cases(t: &Twins) -> Vec<Case> {
    let cranker = t.world.cranker;
    let mut growing = t.clone();
    let big = growing.world.create(t.game.spec.clone().pages(500, 1));
    let big = growing.world.open_round(&big);
    growing.world.chain.expect_ok(&[ix::open_page(cranker, big.game.key, big.key, 0)]);
    vec![
        t.case(
            "open_round",
            t.world.open_round_instruction(&t.game),
            vec![(1, Any), (2, Seeds(t.other.key)), (3, Named(t.other_live.config, E::WrongConfig))],
        ),
        t.case(
            "open_page",
            ix::open_page(cranker, t.game.key, t.live.key, 1),
            vec![
                (1, Named(t.other.key, E::WrongLottery)),
                (2, Seeds(t.other_live.key)),
                (3, Named(t.other_live.page(0), E::WrongPage)),
            ],
        ),
        growing.case("grow_page", ix::grow_page(big.key, 0), vec![(0, Any)]),
        t.case(
            "enter",
            t.world.enter_instruction(&t.live, &t.player, 0, t.one_more.0, &t.one_more.1),
            vec![
                (1, Named(t.other_player.wallet, E::Unauthorized)),
                (2, Named(t.other_live.page(0), E::WrongPage)),
                (3, Named(t.other_live.key, E::WrongPage)),
            ],
        ),
    ]
}

/// The crank, up to the result.
fn draw_cases(t: &Twins) -> Vec<Case> {
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let round = |place, error| (place, Named(other.key, error));
    let page = |place| (place, Named(other.page(0), E::WrongPage));
    let config = |place| (place, Named(other.config, E::WrongConfig));
    let locked = t.clone().both(World::reach_target);
    let sealed = locked.clone().both(World::seal_all);
    let is_market = t.game.spec.config.kind == Kind::Prediction as u8;
    let valued = sealed.clone().both(value);
    let drawn = valued.clone().both(|world, live| {
        world.draw(live);
    });
    let settled = drawn.clone().both(World::settle_all);
    let late = sealed.clone().both(World::pass_grace);
    let mut all = vec![
        locked.case("seal_page", ix::seal_page(cranker, live.key, 0), vec![round(1, E::WrongPage), page(2)]),
        valued.case(
            "draw",
            ix::draw(cranker, live.key, live.config),
            vec![round(1, E::WrongConfig), config(2)],
        ),
        drawn.case(
            "settle",
            ix::settle(cranker, live.key, live.config, 0, 5),
            vec![round(1, E::WrongPage), config(2), page(3)],
        ),
        settled.case(
            "finalise",
            settled.world.finalise_instruction(&live),
            vec![(1, Named(t.other.key, E::WrongLottery)), round(2, E::WrongLottery), config(3)],
        ),
        late.case(
            "void_round",
            late.world.void_instruction(&live),
            vec![(1, Named(t.other.key, E::WrongLottery)), round(2, E::WrongLottery)],
        ),
    ];
    if is_market {
        all.push(attest_case(&sealed, &live));
    } else {
        let captured = sealed.clone().both(|world, live| {
            world.capture(live);
        });
        let reveal = t.world.reveal_of(&live);
        let post = ix::post_value(cranker, live.key, Default::default(), &reveal);
        all.push(locked.case("capture", ix::capture(cranker, live.key), vec![(1, Any)]));
        all.push(captured.case("post_value", post, vec![round(1, E::RevealMismatch)]));
    }
    all
}

/// Gives a sealed round its value.
fn value(world: &mut World, live: &Live) {
    if live.game.spec.config.kind == Kind::Prediction as u8 {
        world.reach_event(live);
        world.decide(live, &[2]);
    } else {
        world.capture(live);
        world.reveal(live);
    }
}

/// From open to final.
fn to_final(world: &mut World, live: &Live) {
    world.reach_target(live);
    world.seal_all(live);
    value(world, live);
    world.draw(live);
    world.settle_all(live);
    world.finalise(live);
}

fn attest_case(sealed: &Twins, live: &Live) -> Case {
    let over = sealed.clone().both(|world, live| world.reach_event(live));
    let foreign = address::oracle_set(&reporters(4)).0;
    let answers = vec![
        (1, Named(over.other_live.key, E::WrongConfig)),
        (2, Named(over.other_live.config, E::WrongConfig)),
        (3, Named(foreign, E::WrongOracleSet)),
    ];
    over.case("attest", over.world.attest_instruction(live, 0, &[2]), answers)
}

/// Paying, refunding, re-timing, expiring, closing.
fn end_cases(t: &Twins) -> Vec<Case> {
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let round = |place, error| (place, Named(other.key, error));
    let page = |place| (place, Named(other.page(0), E::WrongPage));
    let lottery = |place, error| (place, Named(t.other.key, error));
    let wallet = |place| (place, Named(t.other_player.wallet, E::WrongWallet));
    let mut last = t.clone().both(to_final);
    let treasurer = last.world.wallet_of(t.game.treasurer, Money::Sol, 0).owner;
    let treasury = last.world.wallet_of(t.world.treasury, Money::Sol, 0).owner;
    let void = t.clone().both(|world, live| {
        world.to_void(live);
        world.finalise(live);
    });
    let expired = last.clone().both(|world, live| {
        let until = world.round(live).claim_until;
        world.chain.warp((until - world.chain.now()).max(0), 1);
    });
    let over = expired.clone().both(|world, live| {
        let expire = ix::expire_round(world.cranker, live.game.key, live.key);
        world.chain.expect_ok(&expire);
    });
    let paid = last.clone().both(World::pay_all);
    let closed = paid.clone().both(World::close_pages);
    let mut gone = t.clone();
    gone.world.chain.expect_ok(&[
        ix::retire_lottery(t.game.operator.owner, t.game.id),
        ix::retire_lottery(t.other.operator.owner, t.other.id),
    ]);
    let gone = gone.both(|world, live| {
        to_final(world, live);
        world.pay_all(live);
        world.close_all(live);
        let (game, lottery) = (live.game.clone(), world.lottery(&live.game));
        world.wallet_of(game.treasurer, Money::Sol, 0);
        world.chain.expect_ok(&[ix::withdraw_fees(game.treasurer, game.id, game.mint, lottery.fees_units)]);
        if lottery.bond_free_units > 0 {
            let (operator, units) = (game.operator.owner, lottery.bond_free_units);
            world.chain.expect_ok(&[ix::withdraw_bond(operator, game.id, game.mint, units)]);
        }
        if lottery.bankroll_free_units > 0 {
            let (operator, units) = (game.operator.owner, lottery.bankroll_free_units);
            world.chain.expect_ok(&[ix::withdraw_bankroll(operator, game.id, game.mint, units)]);
        }
        if lottery.treasury_due_units > 0 {
            let owner = world.treasury;
            world.wallet_of(owner, Money::Sol, 0);
            world.chain.expect_ok(&[ix::withdraw_treasury(owner, game.id, game.mint)]);
        }
    });
    let operator = t.game.operator.owner;
    let (prizes, refunds) = (last.world.owed_prizes(&live, 0), void.world.owed_refunds(&live, 0));
    let batch = || vec![round(1, E::WrongPage), page(2), wallet(3)];
    let mut empty = t.clone();
    let (idle, idle_other) = (empty.world.open(&t.game), empty.world.open(&t.other));
    empty.world.lock(&idle);
    empty.world.lock(&idle_other);
    vec![
        last.case("pay", ix::pay(cranker, live.key, 0, &prizes[..1]), batch()),
        void.case("refund", ix::refund(cranker, live.key, 0, &refunds[..1]), batch()),
        last.case(
            "withdraw_fees",
            ix::withdraw_fees(treasurer, t.game.id, t.game.mint, 1),
            vec![wallet(1), lottery(2, E::Unauthorized)],
        ),
        over.case(
            "withdraw_treasury",
            ix::withdraw_treasury(treasury, t.game.id, t.game.mint),
            vec![(0, Any), wallet(1), (2, Named(t.in_tokens.key, E::WrongMint))],
        ),
        expired.case(
            "expire_round",
            ix::expire_round(cranker, live.game.key, live.key),
            vec![lottery(1, E::WrongLottery), round(2, E::WrongLottery)],
        ),
        paid.case(
            "close_page",
            ix::close_page(cranker, live.key, 0, cranker),
            vec![round(1, E::WrongPage), page(2)],
        ),
        closed.case(
            "close_round",
            ix::close_round(cranker, live.game.key, live.key, cranker),
            vec![lottery(1, E::WrongLottery), round(2, E::WrongLottery)],
        ),
        empty.case(
            "retime_round",
            ix::retime_round(cranker, t.game.key, idle.config, idle.key, 1),
            vec![
                lottery(1, E::WrongLottery),
                (2, Named(idle_other.config, E::WrongConfig)),
                (3, Named(idle_other.key, E::WrongLottery)),
                (4, Named(idle_other.page(0), E::WrongPage)),
            ],
        ),
        gone.case(
            "close_config",
            ix::close_config(operator, t.game.id, 0, operator),
            vec![lottery(1, E::Unauthorized), (2, Named(other.config, E::WrongLottery))],
        ),
        gone.case(
            "close_lottery",
            ix::close_lottery(operator, t.game.id, operator),
            vec![lottery(1, E::Unauthorized)],
        ),
    ]
}

/// In a market, an oracle set that is not its own.
fn other_oracles(t: &Twins) -> Option<Pubkey> {
    let is_market = t.game.spec.config.kind == Kind::Prediction as u8;
    is_market.then(|| address::oracle_set(&reporters(4)).0)
}

/// The registry's own, and what creates.
fn registry_cases(t: &Twins) -> Vec<Case> {
    let authority = t.world.authority;
    let args = t.world.registry_args();
    let mut pending = t.clone();
    let next = pending.world.chain.funded("next", LAMPORTS);
    pending.world.chain.expect_ok(&[ix::propose_authority(authority, next)]);
    let spec = &t.game.spec;
    let mut create_answers = vec![(1, Any), (2, Any)];
    if let Some(oracles) = other_oracles(t) {
        create_answers.push((3, Named(oracles, E::WrongOracleSet)));
    }
    vec![
        t.case("update_registry", ix::update_registry(authority, &args), vec![(1, Any)]),
        t.case("propose_authority", ix::propose_authority(authority, next), vec![(1, Any)]),
        pending.case("accept_authority", ix::accept_authority(next), vec![(1, Any)]),
        t.case(
            "create_lottery",
            t.world.create_instruction(spec, authority, authority, authority),
            create_answers,
        ),
    ]
}

/// Every instruction about a draw, the same about a keno game and a market, and what only beacons and raffles have.
pub fn cases() -> Vec<Case> {
    let groups = [money_cases, role_cases, open_cases, draw_cases, end_cases, registry_cases];
    let worlds = [draw_twins(), keno_twins(), market_twins()];
    let mut all: Vec<Case> =
        worlds.iter().flat_map(|twins| groups.iter().flat_map(|group| group(twins))).collect();
    all.extend(beacon::cases());
    all.extend(raffle::cases());
    all
}
