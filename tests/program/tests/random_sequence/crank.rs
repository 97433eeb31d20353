//! The model's crank: from seal to final.

use std::rc::Rc;

use lottery_rules::{
    commit_reveal,
    draw::{self, SplitInput},
    hash::Software,
    seed,
};
use program_tests::{
    LotteryError as E, Rules,
    accounts::{Entry, Lottery, Round},
    chain::slot_hash,
    kinds::{PageStatus, RoundStatus},
    replay,
};

use super::{
    beacon::is_beacon,
    market::{is_market, split_market},
    model::{Model, Outcome, RoundId, RoundModel, require},
};

impl Model {
    pub fn seal(&mut self, id: RoundId, sequence: u32) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let r = self.round(id);
        let locked = now >= r.round.locks_at || slot >= r.round.lock_slot;
        let (void, next) = (r.is(RoundStatus::Void), r.round.pages_sealed);
        let p = r.page(sequence).ok_or(E::WrongPage)?;
        require(p.page.status <= PageStatus::Open as u8, E::PageAlreadySealed)?;
        require(sequence == next, E::WrongPage)?;
        require(void || locked, E::RoundNotLocked)?;
        let (cash, count, digest) = (p.page.cash_units, p.page.count, p.page.digest);
        let liability = p.page.liability_units;
        let pools = p.pools.clone();
        p.page.cash_units = 0;
        p.page.status = if count == 0 { PageStatus::Settled } else { PageStatus::Sealed } as u8;
        r.round.cash_units += cash;
        r.round.pool_units += cash;
        r.round.liability_units += liability;
        r.pools.iter_mut().zip(pools).for_each(|(total, units)| *total += units);
        r.round.entries += count as u64;
        r.round.sealed_digest = seed::fold_page::<Software>(&r.round.sealed_digest, &digest, sequence, count);
        r.round.pages_sealed += 1;
        if count == 0 {
            r.round.pages_settled += 1;
        } else {
            r.reward(1, 0);
        }
        Ok(())
    }

    /// The first produced slot at or after a target, while the chain surely knows it.
    pub fn first_from(&self, target: u64) -> Result<u64, E> {
        let found = self.produced.iter().find(|slot| **slot >= target && self.slot > target);
        let found = *found.ok_or(E::SlotNotReached)?;
        require(self.produced[0] <= target, E::SlotHashLost)?;
        Ok(found)
    }

    /// Nobody can capture the hash of its target any more.
    pub fn is_hash_lost(&self, round: &Round) -> bool {
        self.first_from(round.target_slot) == Err(E::SlotHashLost)
    }

    pub fn capture(&mut self, id: RoundId) -> Outcome {
        let target = self.round(id).round.target_slot;
        let found = self.first_from(target);
        let r = self.round(id);
        require(!is_beacon(&r.round) && !is_market(&r.round), E::NotCommitReveal)?;
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(r.round.captured_slot == 0, E::SlotHashAlreadyCaptured)?;
        r.round.captured_slot = found?;
        r.round.slot_hash = slot_hash(r.round.captured_slot);
        if r.round.retimes == 0 {
            r.reward(1, 0);
        }
        Ok(())
    }

    pub fn reveal(&mut self, id: RoundId, proof: &[u8; 32]) -> Outcome {
        let round = self.round(id).round;
        let locked = self.is_locked(&round);
        let (in_time, restarted) = (self.now >= round.locks_at, self.is_restarted(&round));
        let game = self.games[id.0].game.clone();
        let r = self.round(id);
        require(!r.is(RoundStatus::Void), E::RoundNotOpen)?;
        require(r.is(RoundStatus::Open), E::ValueAlreadyPosted)?;
        require(locked, E::RoundNotLocked)?;
        require(!is_market(&round), E::SourceNotAllowed)?;
        if is_beacon(&round) {
            require(in_time, E::RoundNotLocked)?;
            require(!restarted, E::ClusterRestarted)?;
            return Err(E::BeaconNotUsable);
        }
        require(r.round.captured_slot != 0, E::SlotHashMissing)?;
        // Not the program's way of checking: the operator knows which link it must be.
        require(game.reveals.link(r.round.chain_position as u32) == Some(*proof), E::RevealMismatch)?;
        r.round.reveal = *proof;
        r.round.value = commit_reveal::value::<Software>(proof, &r.round.slot_hash);
        r.round.status = RoundStatus::Valued as u8;
        r.reward(1, 0);
        Ok(())
    }

    pub fn draw(&mut self, id: RoundId) -> Outcome {
        let r = self.round(id);
        require(!r.is(RoundStatus::Open), E::ValueMissing)?;
        require(!r.is(RoundStatus::Void), E::RoundNotOpen)?;
        require(r.is(RoundStatus::Valued), E::AlreadyDrawn)?;
        require(r.all_sealed(), E::PagesNotSealed)?;
        r.round.seed =
            seed::round_seed::<Software>(&r.round.value, &r.key.to_bytes(), &r.round.sealed_digest);
        if !is_market(&r.round) {
            r.round.result = replay::result_of(&r.rules, &r.round.seed);
        }
        r.round.status = RoundStatus::Drawn as u8;
        r.reward(1, 0);
        Ok(())
    }

    pub fn settle(&mut self, id: RoundId, sequence: u32, limit: u32) -> Outcome {
        let r = self.round(id);
        let (is_drawn, rules, round) = (r.is(RoundStatus::Drawn), r.rules, r.round);
        let before = r.clone();
        let p = r.page(sequence).ok_or(E::WrongPage)?;
        require(is_drawn, E::NotDrawn)?;
        require(p.page.status != PageStatus::Settled as u8, E::PageAlreadySettled)?;
        require(limit > 0, E::ZeroAmount)?;
        let from = p.page.settle_cursor as usize;
        let to = (from + limit as usize).min(p.entries.len());
        for (index, entry) in p.entries.iter_mut().enumerate().take(to).skip(from) {
            let index = index as u32;
            (entry.tier, entry.multiplier_bps) = match is_market(&round) {
                true => (before.market_tier(entry), 0),
                false => replay::settled(&rules, &round.seed, &round.result, sequence, index, entry),
            };
            if entry.tier > 0 {
                p.page.tier_winners[entry.tier as usize - 1] += 1;
                p.page.winners += 1;
                p.page.prizes_units += house_prize(entry);
            }
        }
        assert!(p.page.prizes_units <= p.page.budget_units, "a page's prizes exceed its budget");
        p.page.settle_cursor = to as u32;
        let done = to == p.entries.len();
        if done {
            p.page.status = PageStatus::Settled as u8;
            let page = p.page;
            for (total, winners) in r.round.winners.iter_mut().zip(page.tier_winners) {
                *total += winners as u64;
            }
            r.round.winners_total += page.winners as u64;
            r.round.prizes_units += page.prizes_units;
            r.round.pages_settled += 1;
        }
        r.reward(done as u64, (to - from) as u64);
        Ok(())
    }

    pub fn finalise(&mut self, id: RoundId) -> Outcome {
        let now = self.now;
        let g = &mut self.games[id.0];
        let (lottery, r) = (&mut g.lottery, g.rounds.get_mut(&id.1).map(Rc::make_mut).expect("a live round"));
        require(r.round.finalised == 0, E::AlreadyFinal)?;
        let void = r.is(RoundStatus::Void);
        require(void || r.is(RoundStatus::Drawn), E::NotDrawn)?;
        require(void || r.round.pages_settled == r.round.page_count, E::PagesNotSettled)?;
        require(lottery.rollover == 0 || r.round.index == lottery.next_final_index, E::FinaliseOutOfOrder)?;
        lottery.bankroll_reserved_units -= r.round.budget_units;
        if void {
            lottery.bankroll_free_units += r.round.budget_units;
        } else {
            match r.rules {
                Rules::Draw(_) => split(lottery, r),
                Rules::Keno(_) | Rules::Instant(_) => house_split(lottery, r),
                Rules::Prediction(_) => split_market(lottery, r),
            }
            r.round.status = RoundStatus::Final as u8;
            r.round.final_at = now;
            r.round.claim_until = now + r.round.claim_seconds as i64;
            if r.round.chain_position > lottery.chain_position {
                lottery.chain_position = r.round.chain_position;
                lottery.chain_head = r.round.reveal;
            }
        }
        r.round.finalised = 1;
        lottery.bond_reserved_units -= r.round.bond_units;
        lottery.bond_free_units += r.round.bond_units;
        r.round.bond_units = 0;
        let pool = r.round.stake_units * r.round.max_entries as u64;
        lottery.unfinalised_pools_units -= pool * lottery.rollover as u64;
        lottery.next_final_index += 1;
        lottery.history_head = seed::history_head::<Software>(
            &lottery.history_head,
            r.round.index,
            &r.round.seed,
            &r.round.result,
        );
        r.reward(1, 0);
        Ok(())
    }
}

/// The prize of a settled entry of a house game.
pub fn house_prize(entry: &Entry) -> u64 {
    (entry.stake_units as u128 * entry.multiplier_bps as u128 / 10_000) as u64
}

/// The bankroll gets back what it reserved, wins the stakes and pays the prizes; the fee is a part of the stakes.
fn house_split(lottery: &mut Lottery, r: &mut RoundModel) {
    let round = &mut r.round;
    let fee = (round.pool_units as u128 * round.fee_bps as u128 / 10_000) as u64;
    assert!(round.prizes_units <= round.budget_units, "a round's prizes exceed its budget");
    lottery.bankroll_free_units += round.budget_units + round.pool_units - fee - round.prizes_units;
    lottery.fees_units += fee;
    round.fee_units = fee;
    round.cash_units = round.prizes_units;
}

fn split(lottery: &mut Lottery, r: &mut RoundModel) {
    let rules = r.rules.draw();
    let count = rules.tier_count as usize;
    let shares: Vec<u16> = rules.tiers[..count].iter().map(|tier| tier.share_bps).collect();
    let jackpot = lottery.jackpot_units;
    let split = draw::split(&SplitInput {
        pool: r.round.pool_units,
        jackpot,
        entries: r.round.entries,
        fee_bps: r.round.fee_bps,
        shares_bps: &shares,
        winners: &r.round.winners[..count],
        rollover: r.round.rollover == 1,
        last_round: false,
    })
    .expect("amounts fit");
    let prizes: u64 =
        split.prize_each.iter().zip(r.round.winners).map(|(prize, winners)| prize * winners).sum();
    let refunds = (r.round.stake_units + split.bonus_each) * r.round.entries;
    r.round.cash_units = if split.refund_all { refunds } else { prizes };
    r.round.prizes_units = prizes;
    r.round.fee_units = split.fee;
    let rolls_on = r.round.rollover == 1 && r.round.winners[0] == 0;
    r.round.jackpot_in_units = if rolls_on || r.round.entries == 0 { 0 } else { jackpot };
    r.round.prize_each_units = split.prize_each;
    r.round.refund_all = split.refund_all as u8;
    r.round.bonus_each_units = split.bonus_each;
    lottery.jackpot_units = split.jackpot_next;
    lottery.fees_units += split.fee;
    lottery.treasury_due_units += split.to_treasury;
}
