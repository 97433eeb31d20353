use lottery_rules::beacon::{self, SoftwareCurve as C};
use program_tests::{World, address, args::BeaconArgs, ix};
fn main() {
    let mut world = World::new(); world.chain.audited = false;
    let key: [u8;128] = hex("07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b3820557ec32c2ad488e4d4f6008f89a346f18492092ccc0d594610de2732c8b808f0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0b");
    let args = BeaconArgs { public_key: key, chain_hash: [4;32], genesis_at: 1727521075, round: 1, period_seconds: 3, reserved: 0 };
    let proof = |round: u64, sig: [u8;64]| { let w = beacon::witness::<C>(&beacon::message::<C>(round)); [&sig[..], &w.inverses[0], &w.inverses[1]].concat() };
    let p1 = proof(1, hex("11f812d738a36b2210dc88c2d635ad8039588205f42445d6de09e6530165c3462a23aca348c84badcf8df5321ac24577b7963d5b0d780bc4626baedb45cde373"));
    let m = world.chain.expect_ok_big(&[ix::add_beacon(world.authority, &args, &p1)]);
    println!("add {}", m.cu);
    let b = address::beacon(&[4;32]).0;
    let m = world.chain.expect_ok_big(&[ix::verify_beacon(b, 1, &p1)]);
    println!("verify 1: {}", m.cu);
    let secret = [5; 32];
    let args = BeaconArgs { public_key: beacon::public_key(&secret), chain_hash: [5;32], ..args };
    let p1 = proof(1, beacon::sign(&secret, 1));
    world.chain.expect_ok_big(&[ix::add_beacon(world.authority, &args, &p1)]);
    let b = address::beacon(&[5;32]).0;
    let mut all: Vec<u64> = (1..200).map(|r| { let p = proof(r, beacon::sign(&secret, r)); let m = world.chain.expect_ok_big(&[ix::verify_beacon(b, r, &p)]); assert_eq!(m.return_data, beacon::randomness::<lottery_rules::hash::Software>(&beacon::sign(&secret, r))); m.cu }).collect();
    all.sort();
    println!("min {} median {} max {}", all[0], all[100], all[198]);
}
fn hex<const N: usize>(s: &str) -> [u8; N] { core::array::from_fn(|i| u8::from_str_radix(&s[2*i..2*i+2], 16).unwrap()) }
