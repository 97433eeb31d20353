//! The registry: created once, changed and handed over only by its authority; paused, it lets nothing new begin.

use program_tests::{
    InstructionError, LotteryError, Money, Spec, World, address,
    args::RegistryArgs,
    ix,
    kinds::{Kind, Source},
    world::LAMPORTS,
};

#[test]
fn it_is_created_once() {
    let mut world = World::new();
    let registry = world.registry();
    assert_eq!(registry.authority, world.authority.to_bytes());
    assert_eq!(registry.treasury, world.treasury.to_bytes());
    assert_eq!((registry.next_lottery_id, registry.fee_cap_bps, registry.paused), (1, 1_000, 0));
    let again = ix::init_registry(world.authority, &world.registry_args());
    world.chain.expect_refused(&again);
}

#[test]
fn bad_values_are_refused_at_creation_and_later() {
    let mut bare = World::bare();
    let mut world = World::new();
    let good = world.registry_args();
    let bad = [
        RegistryArgs { fee_cap_bps: 10_000, ..good },
        RegistryArgs { paused: 2, ..good },
        RegistryArgs { treasury: [0; 32], ..good },
        RegistryArgs { min_grace_seconds: 0, ..good },
        RegistryArgs { min_grace_slots: 0, ..good },
        RegistryArgs { min_claim_seconds: 0, ..good },
    ];
    for args in bad {
        let init = ix::init_registry(bare.authority, &args);
        bare.chain.expect_error(&init, LotteryError::InvalidLimits);
        let update = ix::update_registry(world.authority, &args);
        world.chain.expect_error(&update, LotteryError::InvalidLimits);
    }
}

#[test]
fn only_the_authority_changes_it() {
    let mut world = World::new();
    let args = RegistryArgs { fee_cap_bps: 700, ..world.registry_args() };
    let stranger = world.chain.funded("stranger", LAMPORTS);
    world.chain.expect_error(&[ix::update_registry(stranger, &args)], LotteryError::Unauthorized);
    world.chain.expect_error(&[ix::propose_authority(stranger, stranger)], LotteryError::Unauthorized);
    let mut unsigned = ix::update_registry(world.authority, &args);
    unsigned.accounts[0].is_signer = false;
    world.chain.expect_instruction_error(&unsigned, InstructionError::MissingRequiredSignature);

    world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
    assert_eq!(world.registry().fee_cap_bps, 700);
}

#[test]
fn it_is_handed_over_in_two_steps() {
    let mut world = World::new();
    let (next, stranger) = (world.chain.key("next"), world.chain.key("stranger"));
    world.chain.expect_error(&[ix::accept_authority(next)], LotteryError::NoPendingHandOver);
    world.chain.expect_ok(&[ix::propose_authority(world.authority, next)]);
    assert_eq!(world.registry().authority, world.authority.to_bytes(), "a proposal changes nothing yet");
    world.chain.expect_error(&[ix::accept_authority(stranger)], LotteryError::NoPendingHandOver);
    world.chain.expect_ok(&[ix::accept_authority(next)]);
    assert_eq!((world.registry().authority, world.registry().pending_authority), (next.to_bytes(), [0; 32]));
    world.chain.expect_error(&[ix::accept_authority(next)], LotteryError::NoPendingHandOver);
    let args = world.registry_args();
    world.chain.expect_error(&[ix::update_registry(world.authority, &args)], LotteryError::Unauthorized);
    world.chain.expect_ok(&[ix::update_registry(next, &args)]);
}

#[test]
fn a_proposal_can_be_taken_back() {
    let mut world = World::new();
    let (next, nobody) = (world.chain.key("next"), address::SYSTEM_PROGRAM);
    world.chain.expect_ok(&[ix::propose_authority(world.authority, next)]);
    world.chain.expect_ok(&[ix::propose_authority(world.authority, nobody)]);
    world.chain.expect_error(&[ix::accept_authority(next)], LotteryError::NoPendingHandOver);
}

#[test]
fn paused_it_lets_nothing_new_begin_and_money_leave() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let player = world.player(Money::Sol, 50_000_000);
    let live = world.open(&game);
    world.set_registry_paused(true);

    let paused = LotteryError::RegistryPaused;
    let spec = Spec::default();
    let create = world.create_instruction(&spec, world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, paused);
    let open = world.open_round_instruction(&game);
    world.chain.expect_error(&open, paused);
    let update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    world.chain.expect_error(&update, paused);
    let mint = world.chain.key("another mint");
    let data = program_tests::tokens::mint_data(6, None);
    program_tests::tokens::set_mint(&mut world.chain, mint, address::SPL_TOKEN_PROGRAM, data);
    let vault = ix::open_vault(world.authority, mint, address::SPL_TOKEN_PROGRAM);
    world.chain.expect_error(&vault, paused);

    // A round that was open is played to its end, and its winners leave with their money.
    world.enter_quick(&live, &player, 0, 3);
    world.to_final(&live);
    world.withdraw(&player, 40_000_000);
    world.set_registry_paused(false);
    world.open_round(&game);
}

#[test]
fn it_lists_the_sources_that_each_kind_may_use() {
    let mut world = World::new();
    let mut args = world.registry_args();
    args.allowed_sources = [0; 8];
    world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
    let create =
        world.create_instruction(&Spec::default(), world.authority, world.authority, world.authority);
    world.chain.expect_error(&create, LotteryError::SourceNotAllowed);
    // The bit of another kind is not enough.
    args.allowed_sources[Kind::Keno as usize] = 1 << Source::CommitReveal as u8;
    world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
    world.chain.expect_error(&create, LotteryError::SourceNotAllowed);
    args.allowed_sources[Kind::Draw as usize] = 1 << Source::CommitReveal as u8;
    world.chain.expect_ok(&[ix::update_registry(world.authority, &args)]);
    world.chain.expect_ok(&create);
}
