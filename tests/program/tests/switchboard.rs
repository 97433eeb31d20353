//! Switchboard on-demand: its layout, and the calls that the program makes, against a stand-in.

use std::mem::offset_of;

use lottery_interface::instructions::{OracleReveal, Switchboard};
use program_tests::{
    Instruction, InstructionError, Live, LotteryError as E, Money, Player, Pubkey, Spec, World, address,
    args::RegistryArgs,
    ix,
    kinds::{Kind, RoundStatus, Source},
    switchboard::{IDLE_ORACLE, deployment, oracle_reveal},
};
use switchboard_on_demand::{Discriminator, RandomnessAccountData, RandomnessCommit};

const ORACLE: Pubkey = Pubkey::new_from_array([0x0a; 32]);
const STATS: Pubkey = Pubkey::new_from_array([0x57; 32]);
const OTHER: Pubkey = Pubkey::new_from_array([0x33; 32]);

struct Table {
    world: World,
    live: Live,
    player: Player,
    randomness: Pubkey,
}

fn spec() -> Spec {
    let mut spec = Spec::coin();
    spec.config.source = Source::Switchboard as u8;
    spec.config.reveal_delay_slots = 0;
    spec.bond_units = 0;
    spec
}

/// A locked round with ten entries and its randomness account.
fn locked() -> Table {
    let mut world = World::new();
    world.add_switchboard();
    let game = world.create(spec());
    let live = world.open(&game);
    let player = world.player(Money::Sol, 100_000_000);
    world.enter_quick(&live, &player, 0, 10);
    world.lock(&live);
    world.chain.warp(1, 1);
    let randomness = world.chain.key("randomness");
    let init = init(&world, &live, &deployment(), randomness);
    world.chain.expect_ok(&init);
    Table { world, live, player, randomness }
}

fn init(world: &World, live: &Live, switchboard: &Switchboard, randomness: Pubkey) -> Instruction {
    let slot = world.chain.slot();
    let [escrow, lut_signer, lut] = [0x34, 0x35, 0x36].map(|byte| Pubkey::new_from_array([byte; 32]));
    ix::init_randomness(world.cranker, live.key, switchboard, randomness, escrow, lut_signer, lut, slot)
}

impl Table {
    fn commit(&self, oracle: Pubkey) -> Instruction {
        let cranker = self.world.cranker;
        ix::commit_randomness(cranker, self.live.key, &deployment(), self.randomness, oracle)
    }

    fn reveal_with(&self, reveal: &OracleReveal) -> Instruction {
        let (cranker, round) = (self.world.cranker, self.live.key);
        ix::reveal_randomness(cranker, round, &deployment(), self.randomness, ORACLE, STATS, OTHER, reveal)
    }

    fn reveal(&self) -> Instruction {
        let seed_slot = self.world.round(&self.live).captured_slot;
        self.reveal_with(&oracle_reveal(&self.randomness, seed_slot))
    }
}

#[test]
fn the_layout_is_that_of_the_published_crate() {
    assert_eq!(RandomnessAccountData::DISCRIMINATOR, [10, 66, 229, 135, 220, 239, 217, 114]);
    assert_eq!(RandomnessAccountData::size(), 408);
    // As `programs/lottery_v4/src/switchboard.rs` reads it, behind 8 bytes of discriminator.
    for (ours, theirs) in [
        (8, offset_of!(RandomnessAccountData, authority)),
        (40, offset_of!(RandomnessAccountData, queue)),
        (104, offset_of!(RandomnessAccountData, seed_slot)),
        (112, offset_of!(RandomnessAccountData, oracle)),
        (144, offset_of!(RandomnessAccountData, reveal_slot)),
        (152, offset_of!(RandomnessAccountData, value)),
    ] {
        assert_eq!(ours, 8 + theirs);
    }
    assert_eq!(RandomnessCommit::DISCRIMINATOR, [52, 170, 152, 201, 179, 133, 242, 141]);
}

#[test]
fn a_round_commits_once_and_takes_the_oracles_value() {
    let mut t = locked();
    let commit = t.commit(ORACLE);
    t.world.chain.expect_ok(&commit);
    let round = t.world.round(&t.live);
    assert_eq!(round.randomness, t.randomness.to_bytes());
    assert_eq!(round.captured_slot, t.world.chain.slot() - 1);
    t.world.chain.warp(2, 5);
    t.world.chain.expect_error(&t.commit(ORACLE), E::RandomnessCommitted);

    let reveal = t.reveal();
    t.world.chain.expect_ok(&reveal);
    let value = oracle_reveal(&t.randomness, round.captured_slot).value;
    assert_eq!(t.world.round(&t.live).value, value);
    assert_eq!(t.world.status(&t.live), RoundStatus::Valued);
    t.world.chain.expect_error(&t.reveal(), E::ValueAlreadyPosted);

    t.world.seal_all(&t.live);
    t.world.draw(&t.live);
    t.world.settle_all(&t.live);
    t.world.finalise(&t.live);
    t.world.pay_or_refund_all(&t.live);
    t.world.close_all(&t.live);
}

#[test]
fn a_value_that_no_oracle_signed_is_refused() {
    let mut t = locked();
    t.world.chain.expect_error(&t.reveal(), E::RandomnessNotCommitted);
    let commit = t.commit(ORACLE);
    t.world.chain.expect_ok(&commit);
    let seed_slot = t.world.round(&t.live).captured_slot;
    let good = oracle_reveal(&t.randomness, seed_slot);
    let chosen = OracleReveal { value: [7; 32], ..good };
    t.world.chain.expect_instruction_error(&t.reveal_with(&chosen), InstructionError::InvalidArgument);
    let other_slot = oracle_reveal(&t.randomness, seed_slot + 1);
    t.world.chain.expect_instruction_error(&t.reveal_with(&other_slot), InstructionError::InvalidArgument);
    // `post_value` has no other way in.
    let post = ix::post_value(t.world.cranker, t.live.key, Pubkey::default(), &[7; 32]);
    t.world.chain.expect_error(&post, E::SourceNotAllowed);
    t.world.chain.expect_ok(&t.reveal_with(&good));
}

#[test]
fn entries_come_first_and_the_commit_is_fresh() {
    let mut world = World::new();
    world.add_switchboard();
    let game = world.create(spec());
    let live = world.open(&game);
    let randomness = world.chain.key("randomness");
    let make = init(&world, &live, &deployment(), randomness);
    world.chain.expect_ok(&make);
    let commit = |oracle| ix::commit_randomness(world.cranker, live.key, &deployment(), randomness, oracle);
    let (good, idle) = (commit(ORACLE), commit(IDLE_ORACLE));
    world.chain.expect_error(&good, E::RoundNotLocked);
    world.lock(&live);
    world.chain.expect_error(&idle, E::RandomnessNotFresh);
    world.chain.expect_ok(&good);
}

#[test]
fn only_the_pinned_program_and_queue_and_the_rounds_own_account() {
    let mut t = locked();
    let (cranker, round) = (t.world.cranker, t.live.key);
    let foreign = Switchboard { program: OTHER, ..deployment() };
    let other_queue = Switchboard { queue: OTHER, ..deployment() };
    for wrong in [foreign, other_queue] {
        let commit = ix::commit_randomness(cranker, round, &wrong, t.randomness, ORACLE);
        t.world.chain.expect_error(&commit, E::WrongSwitchboard);
        let fresh = t.world.chain.key("fresh");
        let make = init(&t.world, &t.live, &wrong, fresh);
        t.world.chain.expect_error(&make, E::WrongSwitchboard);
    }
    // An account of another round: its authority is another address.
    let game = t.world.create(spec());
    let second = t.world.open(&game);
    let foreign = t.world.chain.key("of another round");
    let make = init(&t.world, &second, &deployment(), foreign);
    t.world.chain.expect_ok(&make);
    let commit = ix::commit_randomness(cranker, round, &deployment(), foreign, ORACLE);
    t.world.chain.expect_instruction_error(&commit, InstructionError::IncorrectAuthority);
    let mut bent = t.commit(ORACLE);
    bent.accounts[8].pubkey = address::randomness_authority(&second.key).0;
    t.world.chain.expect_error(&bent, E::WrongRandomness);
    let mut short = t.commit(ORACLE);
    short.accounts.pop();
    t.world.chain.expect_error(&short, E::WrongRandomness);

    // The reveal takes the committed account only.
    let commit = t.commit(ORACLE);
    t.world.chain.expect_ok(&commit);
    let again = t.world.chain.key("again");
    let make = init(&t.world, &t.live, &deployment(), again);
    t.world.chain.expect_ok(&make);
    let reveal = oracle_reveal(&again, t.world.round(&t.live).captured_slot);
    let other = ix::reveal_randomness(cranker, round, &deployment(), again, ORACLE, STATS, OTHER, &reveal);
    t.world.chain.expect_error(&other, E::WrongRandomness);
}

#[test]
fn other_sources_and_ended_rounds_are_refused() {
    let mut t = locked();
    let game = t.world.create(Spec::coin());
    let other = t.world.open(&game);
    t.world.lock(&other);
    let (cranker, round) = (t.world.cranker, other.key);
    let commit = ix::commit_randomness(cranker, round, &deployment(), t.randomness, ORACLE);
    t.world.chain.expect_error(&commit, E::NotSwitchboard);
    let fresh = t.world.chain.key("fresh");
    let make = init(&t.world, &other, &deployment(), fresh);
    t.world.chain.expect_error(&make, E::NotSwitchboard);

    // An oracle that stays silent: every stake comes back after grace, and no value can follow.
    let commit = t.commit(ORACLE);
    t.world.chain.expect_ok(&commit);
    t.world.to_void(&t.live.clone());
    t.world.chain.expect_error(&t.reveal(), E::RoundNotOpen);
    t.world.finalise(&t.live);
    t.world.refund_all(&t.live);
    assert_eq!(t.world.balance(&t.player), 100_000_000);
}

#[test]
fn the_registry_pins_the_deployment_once() {
    let mut world = World::new();
    let operator = world.chain.funded("operator", 1_000_000_000_000);
    let mut args = world.registry_args();
    args.allowed_sources[Kind::Draw as usize] |= 1 << Source::Switchboard as u8;
    world.chain.expect_ok(&ix::update_registry(world.authority, &args));
    let create = world.create_instruction(&spec(), operator, operator, operator);
    world.chain.expect_error(&create, E::InvalidConfig);

    args.switchboard_program = deployment().program.to_bytes();
    args.switchboard_queue = deployment().queue.to_bytes();
    world.chain.expect_ok(&ix::update_registry(world.authority, &args));
    world.chain.expect_ok(&create);
    let changes: [fn(&mut RegistryArgs); 3] = [
        |args| args.switchboard_program = [9; 32],
        |args| args.switchboard_queue = [9; 32],
        |args| args.switchboard_queue = [0; 32],
    ];
    for change in changes {
        let mut other = args;
        change(&mut other);
        world.chain.expect_error(&ix::update_registry(world.authority, &other), E::InvalidLimits);
    }
}

/// The three calls, each in a world where it works.
fn calls() -> Vec<(&'static str, Table, Instruction)> {
    let mut t = locked();
    let fresh = t.world.chain.key("fresh");
    let make = init(&t.world, &t.live, &deployment(), fresh);
    let commit = t.commit(ORACLE);
    let mut committed = locked();
    let first = committed.commit(ORACLE);
    committed.world.chain.expect_ok(&first);
    let reveal = committed.reveal();
    let again =
        || Table { world: t.world.clone(), live: t.live.clone(), player: t.player, randomness: t.randomness };
    vec![("init", again(), make), ("commit", again(), commit), ("reveal", committed, reveal)]
}

#[test]
fn our_own_accounts_are_checked_in_every_call() {
    let thief = Pubkey::new_from_array([77; 32]);
    for (name, mut t, call) in calls() {
        t.world.clone().chain.expect_ok(&call);
        t.world.chain.audited = false;
        let lottery = t.live.game.key;
        for place in [1, 2] {
            let key = call.accounts[place].pubkey;
            let mut stolen = t.world.clone();
            stolen.chain.forge(key, key, thief, |_| ());
            let refusal = stolen.chain.expect_refused(&call);
            assert_eq!(refusal.instruction(), Some(&InstructionError::IllegalOwner), "{name} {place}");
            let mut other = t.world.clone();
            other.chain.forge(lottery, key, address::PROGRAM_ID, |_| ());
            let refusal = other.chain.expect_refused(&call);
            let known = [InstructionError::InvalidAccountData, InstructionError::AccountDataTooSmall];
            assert!(refusal.instruction().is_some_and(|error| known.contains(error)), "{name} {place}");
        }
        let mut fixed = call.clone();
        fixed.accounts[1].is_writable = false;
        assert_eq!(
            t.world.chain.expect_refused(&fixed).instruction(),
            Some(&InstructionError::Custom(2000)),
            "{name}: the round is read-only"
        );
        // Whoever cranks signs, and no account of Switchboard's gets more rights than the transaction gave it.
        for place in 0..call.accounts.len() {
            let meta = &call.accounts[place];
            if meta.is_signer || (meta.is_writable && place > 3) {
                let mut less = call.clone();
                for other in less.accounts.iter_mut().filter(|other| other.pubkey == meta.pubkey) {
                    (other.is_signer, other.is_writable) = (false, false);
                }
                t.world.chain.expect_refused(&less);
            }
        }
    }
}
