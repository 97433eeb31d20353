use anchor_lang::{address_eq, prelude::*};
use bytemuck::{Pod, Zeroable};

use crate::errors::LotteryError;

lottery_interface::wallet_layout!(#[account]);
lottery_interface::round_use_layout!(#[derive(Clone, Copy, Pod, Zeroable, IdlType)] #[repr(C)]);

impl Wallet {
    pub fn require_owner(&self, signer: &Address) -> Result<()> {
        require!(self.owner == *signer, LotteryError::WrongWallet);
        Ok(())
    }

    /// Lets the owner spend freely, and the session key within its session.
    #[inline(always)]
    pub fn authorise(&mut self, signer: &Address, lottery_id: u64, now: i64, cost_units: u64) -> Result<()> {
        if address_eq(&self.owner, signer) {
            return Ok(());
        }
        self.authorise_session(signer, lottery_id, now, cost_units)
    }

    #[inline(never)]
    fn authorise_session(
        &mut self,
        signer: &Address,
        lottery_id: u64,
        now: i64,
        cost_units: u64,
    ) -> Result<()> {
        // Without a session the key is zero and the expiry is past: no signer is let in.
        require!(self.session_key == *signer, LotteryError::Unauthorized);
        require!(now < self.session_expires_at, LotteryError::SessionExpired);
        require!(self.session_lotteries.contains(&lottery_id), LotteryError::SessionForeign);
        let spent = self.session_spent_units.checked_add(cost_units).ok_or(LotteryError::SessionOverspent)?;
        require!(spent <= self.session_limit_units, LotteryError::SessionOverspent);
        self.session_spent_units = spent;
        Ok(())
    }

    /// Counts `entries` more in a round that allows `limit` per player. A place of the ring is free
    /// again once its round is locked.
    #[inline(never)]
    pub fn count_entries(
        &mut self,
        lottery_id: u64,
        round_index: u64,
        locks_at: i64,
        now: i64,
        entries: u32,
        limit: u32,
    ) -> Result<()> {
        let place =
            match self.ring.iter().position(|u| u.lottery_id == lottery_id && u.round_index == round_index) {
                Some(place) => place,
                None => {
                    self.ring.iter().position(|u| u.locks_at <= now).ok_or(LotteryError::PlayerRingFull)?
                }
            };
        let used = &mut self.ring[place];
        if used.lottery_id != lottery_id || used.round_index != round_index {
            *used = RoundUse { lottery_id, round_index, locks_at, entries: 0, reserved: 0 };
        }
        // A re-timed round keeps its index and locks later.
        used.locks_at = locks_at;
        used.entries = used.entries.checked_add(entries).ok_or(LotteryError::PlayerLimit)?;
        require!(used.entries <= limit, LotteryError::PlayerLimit);
        Ok(())
    }
}
