//! The model's ends of rounds: paying, voiding, re-timing, expiring, closing.

use std::rc::Rc;

use program_tests::{
    LotteryError as E,
    accounts::{FLAG_PAID, FLAG_REFUNDED, Round},
    kinds::{LotteryStatus, PageStatus, RoundStatus, VoidReason},
};

use super::{
    beacon::is_beacon,
    crank::house_prize,
    market::{Market, is_market, market_prize},
    model::{Model, Outcome, RoundId, require},
};

/// What a slashed bond adds to a refund: a part of the stake.
fn compensation(round: &Round, stake_units: u64) -> u64 {
    match round.slashed_units {
        0 => 0,
        _ => (stake_units as u128 * round.compensation_cap_bps as u128 / 10_000) as u64,
    }
}

impl Model {
    /// `pay` or `refund`: items are (index, person).
    pub fn credit(&mut self, id: RoundId, sequence: u32, items: &[(u32, usize)], refund: bool) -> Outcome {
        let money = self.games[id.0].money;
        let (mut wallets, keys) = (self.wallets.clone(), self.wallet_keys.clone());
        let r = self.round(id);
        require(r.pages.get(sequence as usize).is_some_and(Option::is_some), E::WrongPage)?;
        if refund {
            require(r.refunds(), E::NotVoid)?;
            require(r.all_sealed(), E::PagesNotSealed)?;
        } else {
            require(r.is(RoundStatus::Final) && r.round.refund_all == 0, E::NotFinal)?;
        }
        require(r.round.expired == 0, E::NothingToPay)?;
        require(!items.is_empty(), E::ItemsMalformed)?;
        let round = r.round;
        let flag = if refund { FLAG_REFUNDED } else { FLAG_PAID };
        let mut p = r.page(sequence).expect("seen above").clone();
        let (mut credited, mut count, mut again) = (0, 0, false);
        for (index, person) in items {
            let entry = p.entries.get_mut(*index as usize).ok_or(E::ItemOutOfRange)?;
            require(refund || entry.tier > 0, E::NotAWinner)?;
            let units = match refund {
                true => entry.stake_units + round.bonus_each_units + compensation(&round, entry.stake_units),
                false if entry.multiplier_bps > 0 => house_prize(entry),
                false if is_market(&round) => market_prize(&round, entry),
                false => round.prize_each_units[entry.tier as usize - 1],
            };
            require(keys[*person][money].to_bytes() == entry.wallet, E::WrongWallet)?;
            if entry.flags & flag != 0 {
                again = true;
                continue;
            }
            let Some(wallet) = wallets.get_mut(&(*person, money)) else { continue };
            wallet.balance_units += units;
            entry.flags |= flag;
            credited += units;
            count += 1;
        }
        require(
            count > 0,
            if again { if refund { E::AlreadyRefunded } else { E::AlreadyPaid } } else { E::NothingToPay },
        )?;
        if refund {
            p.page.refunded += count;
            r.round.refunded += count as u64;
        } else {
            p.page.paid += count;
            r.round.winners_paid += count as u64;
        }
        r.round.cash_units -= credited;
        r.reward(0, count as u64);
        r.pages[sequence as usize] = Some(p);
        self.wallets = wallets;
        Ok(())
    }

    pub fn void(&mut self, id: RoundId) -> Outcome {
        let now = self.now;
        let round = self.round(id).round;
        require(round.status != RoundStatus::Void as u8, E::RoundNotOpen)?;
        require(round.status == RoundStatus::Open as u8, E::ValueAlreadyPosted)?;
        let restarted = is_beacon(&round) && self.is_restarted(&round);
        require(restarted || self.is_locked(&round), E::RoundNotLocked)?;
        let has_hash = !is_beacon(&round) && !is_market(&round);
        let lost = has_hash && round.captured_slot == 0 && self.is_hash_lost(&round);
        let split = self.round(id).is_split();
        require(restarted || lost || split || self.is_grace_over(&round), E::GraceNotOver)?;
        let reason = match (restarted, lost, split) {
            (true, _, _) => VoidReason::ClusterRestarted,
            (_, true, _) => VoidReason::SlotHashLost,
            (_, _, true) => VoidReason::NoQuorum,
            _ => VoidReason::GraceExpired,
        };
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).map(Rc::make_mut).expect("a live round");
        g.lottery.bond_reserved_units -= r.round.bond_units;
        r.round.cash_units += r.round.bond_units;
        r.round.slashed_units = r.round.bond_units;
        r.round.bond_units = 0;
        r.become_void(reason, now);
        r.reward(1, 0);
        Ok(())
    }

    pub fn retime(&mut self, id: RoundId) -> Outcome {
        let round = self.round(id).round;
        let lottery = self.games[id.0].lottery;
        require(round.status == RoundStatus::Open as u8, E::RoundNotOpen)?;
        require(self.is_locked(&round), E::RoundNotLocked)?;
        require(lottery.status == LotteryStatus::Active as u8, E::WrongStatus)?;
        require(self.round(id).is_empty(), E::RoundNotEmpty)?;
        let mut again = round;
        let locks_at = match lottery.next_round_index - round.index {
            1 => self.next_lock(&lottery),
            2 => self.previous_lock(&lottery),
            _ => return Err(E::WrongRound),
        };
        let config = self.games[id.0].config;
        let market = Market::of(&self.round(id).rules);
        self.set_lock(&mut again, locks_at, &config, market.as_ref());
        (again.captured_slot, again.slot_hash, again.sealed_digest) = (0, [0; 32], [0; 32]);
        (again.pages_sealed, again.pages_settled) = (0, 0);
        again.retimes += 1;
        let g = &mut self.games[id.0];
        match lottery.next_round_index - round.index {
            1 => g.lottery.last_locks_at = locks_at,
            _ => g.lottery.previous_locks_at = locks_at,
        }
        let r = self.round(id);
        r.round = again;
        // What was attested is of the event that nobody bet on.
        r.attestations.fill(bytemuck::Zeroable::zeroed());
        for p in r.pages.iter_mut().flatten() {
            p.page.status = PageStatus::Open as u8;
        }
        Ok(())
    }

    pub fn expire(&mut self, id: RoundId) -> Outcome {
        let now = self.now;
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).map(Rc::make_mut).expect("a live round");
        require(r.round.finalised == 1, E::NotFinal)?;
        require(r.all_sealed(), E::PagesNotSealed)?;
        require(!r.owes_nothing(), E::NothingToPay)?;
        require(now >= r.round.claim_until, E::ClaimPeriodOpen)?;
        let prizes = r.is(RoundStatus::Final) && r.round.refund_all == 0;
        let rolls = prizes && g.lottery.rollover == 1 && is_beacon(&r.round);
        require(!rolls || g.lottery.bond_reserved_units == 0, E::JackpotBeyondBond)?;
        let to = match rolls {
            true => &mut g.lottery.jackpot_units,
            false => &mut g.lottery.treasury_due_units,
        };
        *to += r.round.cash_units;
        r.round.cash_units = 0;
        r.round.expired = 1;
        r.reward(1, 0);
        Ok(())
    }

    pub fn close_page(&mut self, id: RoundId, sequence: u32) -> Outcome {
        let r = self.round(id);
        let (ended, refunds) = (r.is(RoundStatus::Final) || r.is(RoundStatus::Void), r.refunds());
        let expired = r.round.expired == 1;
        let p = r.page(sequence).ok_or(E::WrongPage)?.page;
        require(ended, E::NotFinal)?;
        require(p.status >= PageStatus::Sealed as u8, E::PagesNotSealed)?;
        let done = if refunds { p.refunded == p.count } else { p.paid == p.winners };
        require(done || expired, E::StillOwes)?;
        r.round.pages_closed += 1;
        r.reward(1, 0);
        r.pages[sequence as usize] = None;
        Ok(())
    }

    pub fn close_round(&mut self, id: RoundId) -> Outcome {
        let g = &mut self.games[id.0];
        let r = g.rounds.get_mut(&id.1).map(Rc::make_mut).expect("a live round");
        require(r.round.finalised == 1, E::NotFinal)?;
        require(r.owes_nothing(), E::StillOwes)?;
        require(r.round.pages_closed == r.round.page_count, E::PagesNotClosed)?;
        let to = match r.round.entries {
            0 => &mut g.lottery.bond_free_units,
            _ => &mut g.lottery.treasury_due_units,
        };
        *to += r.round.cash_units;
        r.reward(1, 0);
        g.lottery.crank_lamports += r.round.crank_lamports;
        g.lottery.live_rounds -= 1;
        g.rounds.remove(&id.1);
        Ok(())
    }
}
