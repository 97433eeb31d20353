//! Beacons: public randomness chains.

use crate::Address;

crate::layout! {$ beacon_layout:
    /// A drand chain of scheme `bls-bn254-unchained-on-g1`. Added by the registry's authority, usable after a delay, and
    /// from then on fixed for ever. Address: `["beacon", chain_hash]`.
    pub struct Beacon {
        /// A point of G2: x.c1, x.c0, y.c1, y.c0, 32 big-endian bytes each.
        pub public_key: [u8; 128],
        /// The chain's name for itself.
        pub chain_hash: [u8; 32],
        pub rent_payer: Address,
        /// Unix seconds of round 1.
        pub genesis_at: i64,
        /// Configs may name this chain from then on; the authority may take it back before.
        pub usable_at: i64,
        pub period_seconds: u32,
        pub bump: u8,
        pub reserved: [u8; 3],
    }
}
