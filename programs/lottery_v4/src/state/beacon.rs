use anchor_lang::prelude::*;

use crate::{curve, errors::LotteryError};

lottery_interface::beacon_layout!(#[account]);

impl Beacon {
    /// The randomness of `round`, if `proof` is of it.
    pub fn verify(&self, round: u64, proof: &[u8]) -> Result<[u8; 32]> {
        Ok(curve::verify(&self.public_key, round, proof)?)
    }
}

/// The beacon that a round draws from.
pub fn load_beacon(view: &UncheckedAccount, expected: &Address) -> Result<Account<Beacon>> {
    require!(*view.address() == *expected, LotteryError::BeaconNotUsable);
    Account::<Beacon>::load(*view.account())
}
