//! Every account of every instruction, exchanged for one that has the right shape but is not the right one: of another
//! program, of another kind, of another lottery, round, page or owner; without its signature; read-only.
//!
//! Each case is an instruction that works. Every account of the program in it must name what stands in for it
//! and the error that this gives, so that no account is forgotten.

use LotteryError as E;
use program_tests::{
    Game, Instruction, InstructionError, Live, LotteryError, Money, Player, Pubkey, Refusal, Spec, World,
    address, args::SessionArgs, ix, kinds::Role, world::LAMPORTS,
};

/// Where the twin of an account stands in, what must be answered.
enum Answer {
    /// The program's error.
    Named(Pubkey, LotteryError),
    /// The address is derived from another account of the instruction: "invalid seeds".
    Seeds(Pubkey),
    /// Any account of this kind will do: the instruction then means another lottery or round.
    Any,
}
use Answer::{Any, Named, Seeds};

struct Case {
    name: &'static str,
    world: World,
    instruction: Instruction,
    /// By place of the account.
    answers: Vec<(usize, Answer)>,
}

/// Two lotteries alike, each with a round, a page and a player, and one more in another mint.
#[derive(Clone)]
struct Twins {
    world: World,
    game: Game,
    live: Live,
    player: Player,
    other: Game,
    other_live: Live,
    other_player: Player,
    in_tokens: Game,
}

fn twins() -> Twins {
    let mut world = World::new();
    let spec = || Spec::coin().pages(20, 2);
    let (game, other) = (world.create(spec()), world.create(spec()));
    let in_tokens = world.create(spec().money(Money::Spl));
    let (live, other_live) = (world.open(&game), world.open(&other));
    let (player, other_player) =
        (world.player(Money::Sol, 100_000_000), world.player(Money::Sol, 100_000_000));
    world.player(Money::Spl, 5);
    for (live, player) in [(&live, &player), (&other_live, &other_player)] {
        world.enter(live, player, 0, &[&[1], &[2]]);
        world.enter_quick(live, player, 0, 13);
    }
    Twins { world, game, live, player, other, other_live, other_player, in_tokens }
}

impl Twins {
    /// Does the same to both rounds.
    fn both(mut self, step: impl Fn(&mut World, &Live)) -> Self {
        step(&mut self.world, &self.live.clone());
        step(&mut self.world, &self.other_live.clone());
        self
    }

    fn case(&self, name: &'static str, instruction: Instruction, answers: Vec<(usize, Answer)>) -> Case {
        Case { name, world: self.world.clone(), instruction, answers }
    }
}

/// Wallets and people.
fn money_cases() -> Vec<Case> {
    let t = twins();
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
    vec![
        t.case("deposit", ix::deposit(owner, native, 5), vec![wallet(), vault()]),
        t.case("withdraw", ix::withdraw(owner, native, 5), vec![wallet(), vault()]),
        t.case("set_session", ix::set_session(owner, mint, &session), vec![wallet()]),
        t.case("fund_jackpot", ix::fund_jackpot(owner, id, mint, 5), vec![wallet(), lottery()]),
        t.case("fund_bond", ix::fund_bond(owner, id, mint, 5), vec![wallet(), lottery()]),
        t.case(
            "withdraw_bond",
            ix::withdraw_bond(operator, id, mint, 5),
            vec![wallet(), (2, Named(t.other.key, E::Unauthorized))],
        ),
        t.case(
            "open_wallet",
            ix::open_wallet(owner, newcomer, mint),
            vec![(2, Seeds(address::vault(&t.world.spl).0))],
        ),
        empty.case("close_wallet", ix::close_wallet(closing.owner, mint, closing.owner), vec![wallet()]),
    ]
}

/// What the holders of roles do.
fn role_cases() -> Vec<Case> {
    let t = twins();
    let (game, id) = (&t.game, t.game.id);
    let operator = game.operator.owner;
    let lottery = || vec![(1, Named(t.other.key, E::Unauthorized))];
    let mut pending = t.clone();
    pending.world.chain.expect_ok(&[ix::propose_role(game.pauser, id, Role::Pauser, operator)]);
    let mut paused = t.clone();
    paused.world.chain.expect_ok(&[ix::pause_lottery(game.pauser, id, 1)]);
    let mut fresh = t.clone();
    let unused = fresh.world.create_only(Spec::coin());
    let config = ix::update_config(operator, id, 1, &game.spec.config, game.spec.rules_bytes());
    vec![
        t.case("update_limits", ix::update_limits(operator, id, &game.spec.limits), lottery()),
        t.case("retire_lottery", ix::retire_lottery(operator, id), lottery()),
        t.case("withdraw_crank", ix::withdraw_crank(operator, id, 5), lottery()),
        t.case("fund_crank", ix::fund_crank(operator, id, 5), vec![(1, Any)]),
        t.case("propose_role", ix::propose_role(operator, id, Role::Operator, game.pauser), lottery()),
        t.case("update_config", config, vec![(1, Any), (2, Seeds(t.other.key))]),
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
    ]
}

/// Opening and entering.
fn open_cases() -> Vec<Case> {
    let t = twins();
    let cranker = t.world.cranker;
    let mut growing = t.clone();
    let big = growing.world.create(Spec::coin().pages(500, 1));
    let big = growing.world.open_round(&big);
    growing.world.chain.expect_ok(&[ix::open_page(cranker, big.key, 0)]);
    vec![
        t.case(
            "open_round",
            t.world.open_round_instruction(&t.game),
            vec![(1, Any), (2, Seeds(t.other.key)), (3, Named(t.other_live.config, E::WrongConfig))],
        ),
        t.case(
            "open_page",
            ix::open_page(cranker, t.live.key, 1),
            vec![(1, Seeds(t.other_live.key)), (2, Named(t.other_live.page(0), E::WrongPage))],
        ),
        growing.case("grow_page", ix::grow_page(big.key, 0), vec![(0, Any)]),
        t.case(
            "enter",
            t.world.enter_instruction(&t.live, &t.player, 0, 1, &[]),
            vec![
                (1, Named(t.other_player.wallet, E::Unauthorized)),
                (2, Named(t.other_live.page(0), E::WrongPage)),
                (3, Named(t.other_live.key, E::WrongPage)),
            ],
        ),
    ]
}

/// The crank, up to the result.
fn draw_cases() -> Vec<Case> {
    let t = twins();
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let round = |place, error| (place, Named(other.key, error));
    let page = |place| (place, Named(other.page(0), E::WrongPage));
    let config = |place| (place, Named(other.config, E::WrongConfig));
    let locked = t.clone().both(World::reach_target);
    let sealed = locked.clone().both(World::seal_all);
    let captured = sealed.clone().both(|world, live| {
        world.capture(live);
    });
    let valued = captured.clone().both(|world, live| {
        world.reveal(live);
    });
    let drawn = valued.clone().both(|world, live| {
        world.draw(live);
    });
    let settled = drawn.clone().both(World::settle_all);
    let late = sealed.clone().both(World::pass_grace);
    let reveal = t.world.reveal_of(&live);
    vec![
        locked.case("seal_page", ix::seal_page(cranker, live.key, 0), vec![round(1, E::WrongPage), page(2)]),
        locked.case("capture", ix::capture(cranker, live.key), vec![(1, Any)]),
        captured.case(
            "post_value",
            ix::post_value(cranker, live.key, &reveal),
            vec![round(1, E::RevealMismatch)],
        ),
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
    ]
}

/// Paying, refunding, re-timing, expiring, closing.
fn end_cases() -> Vec<Case> {
    let t = twins();
    let (cranker, live, other) = (t.world.cranker, t.live.clone(), t.other_live.clone());
    let round = |place, error| (place, Named(other.key, error));
    let page = |place| (place, Named(other.page(0), E::WrongPage));
    let lottery = |place, error| (place, Named(t.other.key, error));
    let wallet = |place| (place, Named(t.other_player.wallet, E::WrongWallet));
    let mut last = t.clone().both(World::to_final);
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
        world.chain.expect_ok(&[expire]);
    });
    let paid = last.clone().both(World::pay_all);
    let closed = paid.clone().both(World::close_pages);
    let mut gone = t.clone();
    gone.world.chain.expect_ok(&[
        ix::retire_lottery(t.game.operator.owner, t.game.id),
        ix::retire_lottery(t.other.operator.owner, t.other.id),
    ]);
    let gone = gone.both(|world, live| {
        world.to_final(live);
        world.pay_all(live);
        world.close_all(live);
        let (game, lottery) = (live.game.clone(), world.lottery(&live.game));
        world.wallet_of(game.treasurer, Money::Sol, 0);
        world.chain.expect_ok(&[
            ix::withdraw_bond(game.operator.owner, game.id, game.mint, lottery.bond_free_units),
            ix::withdraw_fees(game.treasurer, game.id, game.mint, lottery.fees_units),
        ]);
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

/// The registry's own, and what creates.
fn registry_cases() -> Vec<Case> {
    let t = twins();
    let authority = t.world.authority;
    let args = t.world.registry_args();
    let mut pending = t.clone();
    let next = pending.world.chain.funded("next", LAMPORTS);
    pending.world.chain.expect_ok(&[ix::propose_authority(authority, next)]);
    let spec = Spec::coin();
    vec![
        t.case("update_registry", ix::update_registry(authority, &args), vec![(1, Any)]),
        t.case("propose_authority", ix::propose_authority(authority, next), vec![(1, Any)]),
        pending.case("accept_authority", ix::accept_authority(next), vec![(1, Any)]),
        t.case(
            "create_lottery",
            t.world.create_instruction(&spec, authority, authority, authority),
            vec![(1, Any), (2, Any)],
        ),
    ]
}

fn cases() -> Vec<Case> {
    [money_cases(), role_cases(), open_cases(), draw_cases(), end_cases(), registry_cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Places of accounts that the program owns.
fn owned(case: &Case) -> Vec<usize> {
    let places = 0..case.instruction.accounts.len();
    let is_owned = |place: &usize| {
        let key = case.instruction.accounts[*place].pubkey;
        case.world.chain.program_accounts().any(|(owned, _)| owned == key)
    };
    places.filter(is_owned).collect()
}

#[track_caller]
fn refusal(case: &Case, change: impl FnOnce(&mut World, &mut Instruction)) -> Refusal {
    let (mut world, mut instruction) = (case.world.clone(), case.instruction.clone());
    // Broken worlds are made on purpose here.
    world.chain.audited = false;
    change(&mut world, &mut instruction);
    world.chain.expect_refused(&[instruction])
}

#[test]
fn every_instruction_that_has_accounts_is_a_case_and_works() {
    let cases = cases();
    for case in &cases {
        println!("{}", case.name);
        case.world.clone().chain.expect_ok(std::slice::from_ref(&case.instruction));
        let answered: Vec<usize> = case.answers.iter().map(|(place, _)| *place).collect();
        assert_eq!(answered, owned(case), "{}: accounts with an answer, accounts of the program", case.name);
    }
    let named: Vec<&str> = cases.iter().map(|case| case.name).collect();
    for (_, name) in lottery_interface::tags::ALL {
        // These two only create.
        let creates = ["init_registry", "open_vault"].contains(name);
        assert!(creates || named.contains(name), "{name} has no case");
    }
}

#[test]
fn accounts_of_another_lottery_round_page_or_owner_are_refused() {
    for case in cases() {
        for (place, answer) in &case.answers {
            let (key, expected) = match answer {
                Named(key, error) => (key, InstructionError::Custom(error.code())),
                Seeds(key) => (key, InstructionError::InvalidSeeds),
                Any => continue,
            };
            let refusal = refusal(&case, |_, instruction| instruction.accounts[*place].pubkey = *key);
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn accounts_of_another_program_are_refused() {
    let thief = Pubkey::new_from_array([77; 32]);
    for case in cases() {
        for (place, _) in &case.answers {
            // The program's own address and bytes, but another owner.
            let key = case.instruction.accounts[*place].pubkey;
            let in_batch = ["pay", "refund"].contains(&case.name) && *place >= 3;
            if case.name == "pause_lottery" && *place >= 2 {
                // Only this program can ever own that address: what it does not own was never opened, or is closed.
                continue;
            }
            let refusal = refusal(&case, |world, _| world.chain.forge(key, key, thief, |_| ()));
            let expected = if in_batch {
                // A wallet that is not there, or not a wallet, is passed over.
                InstructionError::Custom(E::NothingToPay.code())
            } else {
                InstructionError::IllegalOwner
            };
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn accounts_of_another_kind_are_refused() {
    for case in cases() {
        for (place, _) in &case.answers {
            // The address stays; the bytes are those of each other kind of account.
            let key = case.instruction.accounts[*place].pubkey;
            let own = case.world.chain.data(key)[..8].to_vec();
            let mut kinds: Vec<Pubkey> = Vec::new();
            for (other, _) in case.world.chain.program_accounts() {
                let is_new =
                    |seen: &Pubkey| case.world.chain.data(*seen)[..8] == case.world.chain.data(other)[..8];
                if case.world.chain.data(other)[..8] != own && !kinds.iter().any(is_new) {
                    kinds.push(other);
                }
            }
            assert!(kinds.len() >= 4, "{}: few kinds exist", case.name);
            for other in kinds {
                let refusal =
                    refusal(&case, |world, _| world.chain.forge(other, key, address::PROGRAM_ID, |_| ()));
                let known = matches!(
                    refusal.instruction(),
                    Some(InstructionError::InvalidAccountData | InstructionError::AccountDataTooSmall)
                );
                assert!(known, "{} {place}: {}", case.name, refusal.describe());
            }
        }
    }
}

#[test]
fn empty_and_cut_accounts_are_refused() {
    for case in cases() {
        for (place, _) in &case.answers {
            let key = case.instruction.accounts[*place].pubkey;
            for len in [0, 7, 8, 100] {
                let refusal = refusal(&case, |world, _| {
                    world.chain.forge(key, key, address::PROGRAM_ID, |data| data.truncate(len))
                });
                let known = matches!(
                    refusal.instruction(),
                    Some(InstructionError::InvalidAccountData | InstructionError::AccountDataTooSmall)
                );
                assert!(known, "{} {place} cut to {len}: {}", case.name, refusal.describe());
            }
        }
    }
}

#[test]
fn missing_signatures_are_refused() {
    for case in cases() {
        for (place, meta) in case.instruction.accounts.iter().enumerate().filter(|(_, meta)| meta.is_signer) {
            let key = meta.pubkey;
            let refusal = refusal(&case, |_, instruction| {
                // Also where the same key is given again, as the payer of rent.
                for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
                    meta.is_signer = false;
                }
            });
            let expected = InstructionError::MissingRequiredSignature;
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn read_only_accounts_are_refused_where_they_change() {
    for case in cases() {
        for (place, meta) in case.instruction.accounts.iter().enumerate().filter(|(_, meta)| meta.is_writable)
        {
            let key = meta.pubkey;
            if key == address::vault_tokens(&Pubkey::default()).0 {
                // Native SOL has no token account: nothing is written there.
                continue;
            }
            let refusal = refusal(&case, |_, instruction| {
                for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
                    meta.is_writable = false;
                }
            });
            // The framework checks a payer's signature and its flag in one step.
            let signs = case.instruction.accounts.iter().any(|other| other.pubkey == key && other.is_signer);
            let expected = match signs {
                true => InstructionError::MissingRequiredSignature,
                false => InstructionError::Custom(2000),
            };
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn missing_accounts_and_cut_data_are_refused() {
    for case in cases() {
        let refused = refusal(&case, |_, instruction| instruction.accounts.clear());
        #[allow(deprecated, reason = "what the runtime answers today")]
        let expected = InstructionError::NotEnoughAccountKeys;
        assert_eq!(refused.instruction(), Some(&expected), "{}", case.name);
        if case.instruction.data.len() > 1 {
            let refused = refusal(&case, |_, instruction| {
                instruction.data.pop();
            });
            assert_eq!(
                refused.instruction(),
                Some(&InstructionError::InvalidInstructionData),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn unknown_instructions_are_refused() {
    let mut world = World::new();
    for tag in [5, 9, 19, 38, 57, 100, 254] {
        let unknown = Instruction { program_id: address::PROGRAM_ID, accounts: Vec::new(), data: vec![tag] };
        world.chain.expect_instruction_error(&[unknown], InstructionError::InvalidInstructionData);
    }
    let empty = Instruction { program_id: address::PROGRAM_ID, accounts: Vec::new(), data: Vec::new() };
    world.chain.expect_instruction_error(&[empty], InstructionError::InvalidInstructionData);
}
