//! Verifying drand's evmnet, and refusing everything else.

use lottery_rules::beacon::{self, BeaconError, Schedule, SoftwareCurve as C, Witness};
use lottery_rules::hash::Software;

const KEY: &str = "07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b3820557ec32c2ad488e4d4f6008f89a346f18492092ccc0d594610de2732c8b808f0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0b";
const ROUNDS: [(u64, &str, &str); 2] = [
    (
        1,
        "11f812d738a36b2210dc88c2d635ad8039588205f42445d6de09e6530165c3462a23aca348c84badcf8df5321ac24577b7963d5b0d780bc4626baedb45cde373",
        "781b75698adc3af62cfa55db83cf0c73ae54e1ac8c0d4c3a2224126b65369ec5",
    ),
    (
        9_337_227,
        "01d65d6128f4b2df3d08de85543d8efe06b0281d0770246ae3672e8ddd3efda0269373123458f0b5c0073eeed1c816a06809e127421513e34ee07df6987910b3",
        "a1e645cd6193837f626716851f5c42ad4bf63ad75193b2cae40f88c08c8f3bd8",
    ),
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn witness(round: u64) -> Witness {
    beacon::witness::<C>(&beacon::message::<C>(round))
}

#[test]
fn evmnet_verifies() {
    let key = bytes(KEY);
    for (round, signature, randomness) in ROUNDS {
        let signature = bytes(signature);
        assert_eq!(beacon::verify::<C>(&key, round, &signature, &witness(round)), Ok(()));
        assert_eq!(beacon::randomness::<Software>(&signature), bytes::<32>(randomness));
    }
}
