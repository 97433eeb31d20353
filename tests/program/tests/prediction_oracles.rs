//! Oracle sets, and the quorum that a market needs of one.

use lottery_rules::hash::{Sha256, Software};
use program_tests::{
    Instruction, InstructionError, LotteryError, Money, Pubkey, Spec, World,
    accounts::{AccountLayout, OracleSet},
    address, ix,
    market::{pro_rata, reporters},
};

use crate::prediction_create::{accepted, create_bytes, refused};

#[test]
fn a_quorum_is_more_than_half_of_the_reporters() {
    let error = LotteryError::InvalidQuorum;
    let quorum = |count, quorum| {
        let rules = Spec::market(pro_rata()).oracles(count, quorum).rules;
        refused(*rules.market(), error);
    };
    for (count, needed) in [(1, 0), (3, 0), (3, 1), (4, 2), (16, 8), (1, 2), (3, 4), (16, 17), (16, 255)] {
        quorum(count, needed);
    }
    // No reporter, and more than a set has.
    for count in [0, 17, 255] {
        refused(pro_rata().with(|rules| (rules.reporter_count, rules.quorum) = (count, count)), error);
    }
    for (count, needed) in [(1, 1), (2, 2), (3, 2), (4, 3), (16, 9), (16, 16)] {
        accepted(Spec::market(pro_rata()).oracles(count, needed));
    }
}

#[test]
fn the_quorum_is_of_the_sets_own_reporters() {
    // The set has three.
    for (count, needed) in [(1, 1), (2, 2), (4, 3), (5, 3)] {
        let rules = pro_rata().with(|rules| (rules.reporter_count, rules.quorum) = (count, needed));
        refused(rules, LotteryError::InvalidQuorum);
    }
}

#[test]
fn another_oracle_set_than_the_rules_name_is_refused() {
    let mut world = World::new();
    let other = world.add_oracles(4);
    let game = world.create(Spec::market(pro_rata()));
    let (spec, named) = (game.spec.clone(), world.add_oracles(3));
    let mut create = create_bytes(&world, &spec, spec.rules_bytes());
    let mut update = ix::update_config(game.operator.owner, game.id, 1, &spec.config, spec.rules_bytes());
    for instruction in [&mut create, &mut update] {
        let place = instruction.accounts.iter().position(|meta| meta.pubkey == named).expect("is given");
        instruction.accounts[place].pubkey = other;
        world.chain.expect_error(&*instruction, LotteryError::WrongOracleSet);
    }
}

#[test]
fn what_is_no_oracle_set_is_refused() {
    let mut world = World::new();
    let player = world.player(Money::Sol, 1);
    let game = world.create(Spec::default());
    let live = world.open_round(&game);
    let nothing = world.chain.key("nothing");
    let forged = world.chain.key("forged");
    let real = world.add_oracles(3);
    world.chain.forge(real, forged, world.authority, |_| ());
    let spec = |key: Pubkey| Spec::market(pro_rata().with(|rules| rules.oracles = key.to_bytes()));
    for (key, error) in [
        (nothing, InstructionError::UninitializedAccount),
        (forged, InstructionError::IllegalOwner),
        (player.wallet, InstructionError::AccountDataTooSmall),
        (live.key, InstructionError::InvalidAccountData),
    ] {
        let spec = spec(key);
        let create = create_bytes(&world, &spec, spec.rules_bytes());
        world.chain.expect_instruction_error(&create, error);
    }
}

/// The instruction that creates an oracle set from bytes as they are.
fn oracle_set_of(world: &World, bytes: &[u8]) -> Instruction {
    let mut create = ix::create_oracle_set(world.authority, &reporters(1));
    let hash = Software::hashv(&[bytes]);
    create.accounts[1].pubkey = Pubkey::find_program_address(&[b"oracles", &hash], &address::PROGRAM_ID).0;
    create.data.truncate(1);
    create.data.extend((bytes.len() as u32).to_le_bytes());
    create.data.extend(bytes);
    create
}

fn bytes_of(keys: &[Pubkey]) -> Vec<u8> {
    keys.iter().flat_map(Pubkey::to_bytes).collect()
}

#[test]
fn an_oracle_set_is_one_to_sixteen_reporters_ascending_each_once() {
    let mut world = World::new();
    let keys: Vec<Pubkey> = (1..=17).map(|byte| Pubkey::new_from_array([byte; 32])).collect();
    let zero = Pubkey::default();
    let bytes = bytes_of(&keys[..3]);
    let bad: [(&str, Vec<u8>); 8] = [
        ("none", Vec::new()),
        ("seventeen", bytes_of(&keys)),
        ("unsorted", bytes_of(&[keys[1], keys[0]])),
        ("twice", bytes_of(&[keys[0], keys[1], keys[1]])),
        ("zero", bytes_of(&[zero])),
        ("zero and another", bytes_of(&[zero, keys[0]])),
        ("a key cut short", bytes[..95].to_vec()),
        ("a byte too many", [&bytes[..], &[9]].concat()),
    ];
    for (name, bytes) in bad {
        println!("{name}");
        let create = oracle_set_of(&world, &bytes);
        world.chain.expect_error(&create, LotteryError::InvalidOracleSet);
    }
    for count in [1, 2, 16] {
        let create = oracle_set_of(&world, &bytes_of(&keys[..count]));
        world.chain.expect_ok(&create);
        let key = address::oracle_set(&keys[..count]).0;
        let set: OracleSet = world.chain.account(key);
        assert_eq!(set.reporter_count as usize, count);
        let stored: Vec<[u8; 32]> = keys[..count].iter().map(Pubkey::to_bytes).collect();
        assert_eq!(set.reporters[..count], stored);
        assert!(set.reporters[count..].iter().all(|key| *key == [0; 32]));
        assert_eq!(world.chain.data(key).len(), OracleSet::LEN);
    }
}

#[test]
fn an_oracle_set_is_made_once_at_the_address_of_its_reporters() {
    let mut world = World::new();
    let all = reporters(3);
    let create = ix::create_oracle_set(world.cranker, &all);
    let mut elsewhere = create.clone();
    elsewhere.accounts[1].pubkey = address::oracle_set(&all[..2]).0;
    world.chain.expect_instruction_error(&elsewhere, InstructionError::InvalidSeeds);
    world.chain.expect_ok(&create);
    // In any order it is the same set.
    let mut turned = all.clone();
    turned.reverse();
    assert_eq!(ix::create_oracle_set(world.cranker, &turned), create);
    world.chain.expect_refused(&create);
}
