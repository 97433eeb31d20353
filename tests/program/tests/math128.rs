//! 128-bit arithmetic on the chain against big integers: a toolchain that breaks it must not pass unseen.

use num_bigint::BigUint;
use program_tests::{Instruction, InstructionError, World, address};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Multiplies, divides and takes the remainder on the chain.
const SELFTEST_MATH128: u8 = 255;

fn selftest(a: u128, b: u128) -> Instruction {
    let mut data = vec![SELFTEST_MATH128];
    data.extend(a.to_le_bytes());
    data.extend(b.to_le_bytes());
    Instruction { program_id: address::PROGRAM_ID, accounts: Vec::new(), data }
}

#[track_caller]
fn check(world: &mut World, a: u128, b: u128) {
    let mut out = world.chain.expect_ok(&[selftest(a, b)]).return_data;
    // Trailing zeros of return data are cut off.
    out.resize(48, 0);
    let (big_a, big_b) = (BigUint::from(a), BigUint::from(b));
    let modulus = BigUint::from(1u8) << 128;
    let expected = [&big_a * &big_b % modulus, &big_a / &big_b, &big_a % &big_b];
    for (name, (bytes, expected)) in ["*", "/", "%"].into_iter().zip(out.chunks(16).zip(expected)) {
        assert_eq!(BigUint::from_bytes_le(bytes), expected, "{a} {name} {b}");
    }
}

#[test]
fn the_chain_agrees_with_big_integers_at_the_edges() {
    let mut world = World::new();
    let edges = [
        0,
        1,
        2,
        u32::MAX as u128,
        1 << 32,
        u64::MAX as u128,
        1 << 64,
        (1 << 64) + 1,
        1 << 127,
        u128::MAX - 1,
        u128::MAX,
    ];
    for a in edges {
        for b in edges.into_iter().filter(|b| *b != 0) {
            check(&mut world, a, b);
        }
    }
}

#[test]
fn the_chain_agrees_with_big_integers_on_random_widths() {
    let mut world = World::new();
    let mut random = ChaCha8Rng::seed_from_u64(128);
    for _ in 0..500 {
        let mut wide = || random.random::<u128>() >> random.random_range(0..128);
        let (a, b) = (wide(), wide().max(1));
        check(&mut world, a, b);
    }
}

#[test]
fn a_division_by_zero_is_refused() {
    let mut world = World::new();
    world.chain.expect_instruction_error(&[selftest(1, 0)], InstructionError::InvalidArgument);
}
