//! What an operator puts up for a commit-reveal round.

use crate::kinds::Kind;

/// What an operator who keeps a reveal to itself could save by it, as it stands when the round opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtStake {
    pub kind: u8,
    pub stake_units: u64,
    pub max_entries: u32,
    pub compensation_cap_bps: u16,
    /// House games: the most that the round may have to pay.
    pub max_liability_units: u64,
    /// The lottery's jackpot.
    pub jackpot_units: u64,
    /// `Lottery::unfinalised_pools_units`: what earlier rounds can still add to that jackpot.
    pub unfinalised_pools_units: u64,
}

impl AtStake {
    /// The most that a round with a fixed stake can take in. `None`: more than 64 bits.
    pub const fn pool_units(stake_units: u64, max_entries: u32) -> Option<u64> {
        stake_units.checked_mul(max_entries as u64)
    }

    /// Base units of bond that `open_round` reserves. `None`: an unknown kind, or more than 64 bits.
    ///
    /// Withholding must cost more than it saves, however much of the round the operator holds itself. It saves the
    /// operator's own stakes, which are refunded; their compensation, which is a part of them and comes out of its own bond;
    /// and the jackpot that somebody else had won. Therefore:
    ///
    /// - with a fixed stake: the largest pool, `compensation_cap_bps` of it, the jackpot, and all that earlier rounds can
    ///   still add to the jackpot. Nothing else can raise it while a bond is reserved.
    /// - a house game: twice the liability. The prizes of others and the operator's own stakes are together at most the
    ///   liability, because every ticket is counted with its highest prize, which is its stake or more; and compensation
    ///   is never more than the stakes, as no cap is above 10,000.
    pub fn bond_units(&self) -> Option<u64> {
        if Kind::from_byte(self.kind)?.is_house() {
            return self.max_liability_units.checked_mul(2);
        }
        let pool = Self::pool_units(self.stake_units, self.max_entries)?;
        let compensation = (pool as u128 * self.compensation_cap_bps as u128).div_ceil(10_000);
        pool.checked_add(u64::try_from(compensation).ok()?)?
            .checked_add(self.jackpot_units)?
            .checked_add(self.unfinalised_pools_units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bond_of_a_draw_is_all_that_withholding_could_save() {
        let stake = AtStake {
            kind: Kind::Draw as u8,
            stake_units: 7,
            max_entries: 3,
            compensation_cap_bps: 1_000,
            max_liability_units: 0,
            jackpot_units: 500,
            unfinalised_pools_units: 42,
        };
        // A tenth of 21 is rounded up.
        assert_eq!(stake.bond_units(), Some(21 + 3 + 500 + 42));
        assert_eq!(AtStake { compensation_cap_bps: 0, ..stake }.bond_units(), Some(21 + 500 + 42));
        assert_eq!(AtStake { compensation_cap_bps: 10_000, ..stake }.bond_units(), Some(42 + 500 + 42));
        assert_eq!(AtStake { jackpot_units: u64::MAX - 65, ..stake }.bond_units(), None);
        assert_eq!(AtStake { stake_units: u64::MAX / 2, ..stake }.bond_units(), None);
        assert_eq!(AtStake { kind: 0, ..stake }.bond_units(), None);
    }

    #[test]
    fn the_bond_of_a_house_game_is_twice_its_liability() {
        let stake = AtStake { kind: Kind::Keno as u8, max_liability_units: 900, ..AtStake::default() };
        assert_eq!(stake.bond_units(), Some(1_800));
        assert_eq!(AtStake { max_liability_units: u64::MAX / 2 + 1, ..stake }.bond_units(), None);
    }
}
