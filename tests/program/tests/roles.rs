//! Roles: each does what is its own and nothing else, and is handed over in two steps.

use program_tests::{
    Game, Instruction, LotteryError, Pubkey, Spec, World, address,
    args::ConfigArgs,
    ix,
    kinds::{LotteryStatus, Role},
    world::LAMPORTS,
};

const ROLES: [Role; 3] = [Role::Operator, Role::Pauser, Role::Treasurer];

fn holder(game: &Game, role: Role) -> Pubkey {
    match role {
        Role::Operator => game.operator.owner,
        Role::Pauser => game.pauser,
        Role::Treasurer => game.treasurer,
    }
}

/// Everything that only `role` may do, signed by `signer`.
fn duties(game: &Game, role: Role, signer: Pubkey) -> Vec<Instruction> {
    let (id, mint, spec) = (game.id, game.mint, &game.spec);
    match role {
        Role::Operator => vec![
            ix::update_config(signer, id, 1, &ConfigArgs { ..spec.config }, spec.rules_bytes()),
            ix::update_limits(signer, id, &spec.limits),
            ix::activate_lottery(signer, id),
            ix::retire_lottery(signer, id),
            ix::withdraw_bond(signer, id, mint, 1),
            ix::withdraw_crank(signer, id, 1),
            ix::set_chain(signer, id, &[1; 32], 10),
            ix::close_config(signer, id, 0, game.operator.owner),
            ix::close_lottery(signer, id, game.operator.owner),
        ],
        Role::Pauser => vec![ix::pause_lottery(signer, id, 0)],
        Role::Treasurer => vec![ix::withdraw_fees(signer, id, mint, 1)],
    }
}

#[test]
fn nobody_does_what_is_of_another_role() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let stranger = world.player(game.spec.money, 0).owner;
    for role in ROLES {
        let others = ROLES.into_iter().filter(|other| *other != role).map(|other| holder(&game, other));
        for signer in others.chain([stranger]) {
            world.wallet_of(signer, game.spec.money, 0);
            for duty in duties(&game, role, signer) {
                world.chain.expect_error(&duty, LotteryError::Unauthorized);
            }
        }
    }
}

#[test]
fn each_role_is_handed_over_in_two_steps() {
    for role in ROLES {
        let mut world = World::new();
        let game = world.create(Spec::default());
        let (old, id) = (holder(&game, role), game.id);
        let next = world.chain.funded("next", LAMPORTS);
        let stranger = world.chain.funded("stranger", LAMPORTS);
        world.chain.expect_error(&[ix::accept_role(next, id, role)], LotteryError::NoPendingHandOver);
        world
            .chain
            .expect_error(&[ix::propose_role(stranger, id, role, stranger)], LotteryError::Unauthorized);
        world.chain.expect_ok(&[ix::propose_role(old, id, role, next)]);
        world.chain.expect_error(&[ix::accept_role(stranger, id, role)], LotteryError::NoPendingHandOver);
        for other in ROLES.into_iter().filter(|other| *other != role) {
            world.chain.expect_error(&[ix::accept_role(next, id, other)], LotteryError::NoPendingHandOver);
        }
        world.chain.expect_ok(&[ix::accept_role(next, id, role)]);
        let lottery = world.lottery(&game);
        let (now, pending) = match role {
            Role::Operator => (lottery.operator, lottery.pending_operator),
            Role::Pauser => (lottery.pauser, lottery.pending_pauser),
            Role::Treasurer => (lottery.treasurer, lottery.pending_treasurer),
        };
        assert_eq!((now, pending), (next.to_bytes(), [0; 32]));
        world.chain.expect_error(&[ix::propose_role(old, id, role, old)], LotteryError::Unauthorized);
        world.chain.expect_ok(&[ix::propose_role(next, id, role, address::SYSTEM_PROGRAM)]);
    }
}

#[test]
fn a_role_that_does_not_exist_is_refused() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let mut propose = ix::propose_role(game.operator.owner, game.id, Role::Operator, game.pauser);
    propose.data[1] = 3;
    world.chain.expect_error(&propose, LotteryError::Unauthorized);
    let mut accept = ix::accept_role(game.operator.owner, game.id, Role::Operator);
    accept.data[1] = 255;
    world.chain.expect_error(&accept, LotteryError::NoPendingHandOver);
}

#[test]
fn a_lottery_is_activated_from_pending_and_from_paused_only() {
    let mut world = World::new();
    let game = world.create_only(Spec::default());
    let (operator, id) = (game.operator.owner, game.id);
    world.fund(&game);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, LotteryError::WrongStatus);
    world.chain.expect_error(&[ix::pause_lottery(game.pauser, id, 0)], LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::activate_lottery(operator, id)]);
    world.chain.expect_error(&[ix::activate_lottery(operator, id)], LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::pause_lottery(game.pauser, id, 0)]);
    world.chain.expect_error(&[ix::pause_lottery(game.pauser, id, 0)], LotteryError::WrongStatus);
    world.chain.expect_ok(&[ix::activate_lottery(operator, id)]);
    assert_eq!(world.lottery(&game).status, LotteryStatus::Active as u8);
}
