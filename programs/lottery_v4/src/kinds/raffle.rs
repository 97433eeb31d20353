//! Kind `Raffle`: many people, few places, one order. Formulas: `lottery_rules::raffle`.

use anchor_lang::{address_eq, prelude::*};
use lottery_interface::kinds::{PlaceStatus, RoundStatus};
use lottery_rules::raffle::{
    self as rules, DRAWS_PER_BLOCK, MAX_RANK_PRIZES, Mode, Places, PrizeSplit, RaffleRules as Rules,
    RulesError, Standing,
    merkle::{self, Leaf},
};

use super::{Bought, Outcome, Place, check_count, draw::MAX_STAKE_UNITS};
use crate::{
    args::ConfigArgs,
    errors::{LotteryError, add, mul, sub},
    events::{self, PlaceChanged},
    hash::Syscall,
    state::{
        Config, Entry, Lottery, Page, RaffleRules, RaffleState, RankedEntry, Ranking, Round, config_rules,
        page_entries, raffle_state, ranking_parts, store_raffle_state,
    },
};

/// An offer of a place lapsed.
const TIER_LAPSED: u8 = 2;
/// The entry waited in vain.
const TIER_RELEASED: u8 = 3;

pub fn validate(config: &ConfigArgs, bytes: &[u8], fee_cap_bps: u16) -> Result<()> {
    require!(bytes.len() == size_of::<RaffleRules>(), LotteryError::InvalidRules);
    let stored: RaffleRules = bytemuck::pod_read_unaligned(bytes);
    require!(config.stake_units <= MAX_STAKE_UNITS, LotteryError::InvalidRules);
    let rules = Rules {
        mode: Mode::from_byte(stored.mode).ok_or(LotteryError::InvalidRules)?,
        capacity: stored.capacity,
        waiting: stored.waiting,
        leaf_count: stored.leaf_count,
        depth: stored.depth,
        confirm_seconds: stored.confirm_seconds,
        penalty_bps: stored.penalty_bps,
        fee_bps: config.fee_bps,
        prizes_bps: stored.prizes_bps.get(..stored.prize_count as usize).ok_or(LotteryError::InvalidRules)?,
    };
    rules.validate(fee_cap_bps).map_err(|error| match error {
        RulesError::Capacity | RulesError::Confirmation => LotteryError::InvalidPlaces.into(),
        RulesError::List => LotteryError::InvalidList.into(),
        RulesError::Prizes => LotteryError::InvalidRankPrizes.into(),
        RulesError::Fee => LotteryError::InvalidRules.into(),
    })
}

/// Pages of a list at most: `retime_round` takes every page of a round that nobody entered, in one transaction.
const MAX_LIST_PAGES: u32 = 24;

/// Every place in the list must have its page; first come, first served needs them all on one.
pub fn prepare_round(round: &mut Account<Round>, config: &Account<Config>) -> Result<()> {
    let stored: &RaffleRules = config_rules(config)?;
    if stored.leaf_count != 0 {
        let pages = stored.leaf_count.div_ceil(round.page_entries);
        let most = if stored.mode == Mode::FirstCome as u8 { 1 } else { MAX_LIST_PAGES };
        require!(round.max_entries >= stored.leaf_count && pages <= most, LotteryError::InvalidList);
        round.max_entries = stored.leaf_count;
    }
    round.places = (stored.prize_count == 0) as u8;
    let state = RaffleState {
        root: stored.root,
        ranking: Address::default(),
        threshold_key: 0,
        threshold_page: 0,
        threshold_index: 0,
        capacity: stored.capacity,
        waiting: stored.waiting,
        leaf_count: stored.leaf_count,
        confirm_seconds: stored.confirm_seconds,
        ranked: 0,
        taken: 0,
        lapsed: 0,
        promoted: 0,
        penalty_bps: stored.penalty_bps,
        depth: stored.depth,
        mode: stored.mode,
        prize_count: stored.prize_count,
        is_ranked: 0,
        reserved: [0; 2],
    };
    store_raffle_state(round, &state)
}

/// With a list, one ticket: the index of the leaf, the weight, and the siblings from the leaf up. Without, no bytes, and as many
/// places as there are quick picks.
#[inline(always)]
pub fn write_entries(
    round: &Account<Round>,
    place: &Place,
    quick_picks: u8,
    tickets: &[u8],
    free: &mut [Entry],
    leaves: &mut [u64],
) -> Result<Bought> {
    let state = raffle_state(round)?;
    let mut count = quick_picks as u32;
    let (mut index, mut weight) = (0, 1);
    if state.leaf_count == 0 {
        require!(tickets.is_empty(), LotteryError::TicketLength);
        check_count(count)?;
    } else {
        require!(quick_picks == 0 && !tickets.is_empty(), LotteryError::ProofMissing);
        (index, weight) = prove(round, state, place, tickets)?;
        use_leaf(round, place, index, leaves)?;
        count = 1;
    }
    let entries = free.get_mut(..count as usize).ok_or(LotteryError::PageFull)?;
    for entry in entries {
        let picks = [index as u64 | (weight as u64) << 32, 0];
        super::house::write_entry(entry, place.wallet, picks, 0, round.stake_units);
    }
    // No overflow: the config's stake is at most MAX_STAKE_UNITS.
    Ok(Bought { count, cost_units: round.stake_units.wrapping_mul(count as u64), liability_units: 0 })
}

/// Index and weight of a leaf that belongs to whoever enters.
fn prove(round: &Round, state: &RaffleState, place: &Place, ticket: &[u8]) -> Result<(u32, u32)> {
    let (head, siblings) = ticket.split_first_chunk::<8>().ok_or(LotteryError::TicketLength)?;
    let (siblings, rest) = siblings.as_chunks::<32>();
    require!(rest.is_empty() && siblings.len() == state.depth as usize, LotteryError::TicketLength);
    let index = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    let weight = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    require!(weight != 0, LotteryError::WeightZero);
    require!(index < state.leaf_count, LotteryError::ProofInvalid);
    let leaf = Leaf { lottery: *round.lottery.as_array(), index, owner: *place.owner.as_array(), weight };
    let root = merkle::root::<Syscall>(&leaf.hash::<Syscall>(), index, siblings);
    require!(root == state.root, LotteryError::ProofInvalid);
    Ok((index, weight))
}

/// Marks the leaf on its page.
fn use_leaf(round: &Round, place: &Place, index: u32, leaves: &mut [u64]) -> Result<()> {
    require!(index / round.page_entries == place.sequence, LotteryError::LeafWrongPage);
    let bit = index % round.page_entries;
    let word = leaves.get_mut((bit / 64) as usize).ok_or(LotteryError::LeafWrongPage)?;
    let mask = 1 << (bit % 64);
    require!(*word & mask == 0, LotteryError::LeafUsed);
    *word |= mask;
    Ok(())
}

/// Entries that will have a rank.
pub fn draw_result(round: &mut Account<Round>) -> Result<()> {
    let mut state = *raffle_state(round)?;
    state.ranked = rules::ranked(round.entries, state.capacity, state.waiting) as u32;
    store_raffle_state(round, &state)
}

/// Where an entry stands, once settled.
pub fn standing(entry: &Entry, page: u32, index: u32) -> Standing {
    Standing { key: entry.picks[1], page, index }
}

/// Where a ranked entry stands.
pub fn ranked_standing(ranked: &RankedEntry) -> Standing {
    Standing { key: ranked.key, page: ranked.page, index: ranked.index }
}

/// Stores each entry's key. `first`: the index on its page of the first of `entries`.
pub fn settle_entries(
    round: &Account<Round>,
    sequence: u32,
    first: u32,
    entries: &mut [Entry],
) -> Result<()> {
    if raffle_state(round)?.mode == Mode::FirstCome as u8 {
        return Ok(());
    }
    let mut block = [0; DRAWS_PER_BLOCK as usize];
    for (i, entry) in entries.iter_mut().enumerate() {
        let index = first + i as u32;
        let place = index % DRAWS_PER_BLOCK;
        if place == 0 || i == 0 {
            block = rules::draws::<Syscall>(&round.seed, sequence, index / DRAWS_PER_BLOCK);
        }
        entry.picks[1] = rules::key(block[place as usize], (entry.picks[0] >> 32) as u32);
    }
    Ok(())
}

pub fn split(round: &mut Account<Round>, config: &Account<Config>, jackpot_units: u64) -> Result<Outcome> {
    let mut state = *raffle_state(round)?;
    require!(state.is_ranked != 0 || round.entries == 0, LotteryError::NotRanked);
    let stored: &RaffleRules = config_rules(config)?;
    let mut outcome = Outcome { jackpot_units, held_units: round.pool_units, ..Outcome::default() };
    if round.entries == 0 {
        return Ok(outcome);
    }
    if state.prize_count != 0 {
        let shares = &stored.prizes_bps[..state.prize_count as usize & 31];
        let PrizeSplit { fee, prize_each, dust } =
            rules::split_prizes(round.pool_units, round.entries, round.fee_bps, shares)
                .ok_or(LotteryError::InvariantViolated)?;
        const { assert!(MAX_RANK_PRIZES == 16) };
        outcome.held_units = 0;
        outcome.fee_units = fee;
        outcome.prize_each_units = prize_each;
        outcome.prizes_units = prize_each.iter().sum();
        outcome.treasury_units = dust;
        round.winners_total = state.ranked as u64;
    } else if state.confirm_seconds == 0 {
        // Nobody need confirm, so nobody waits: every rank has its place.
        state.taken = state.ranked;
        let taken = state.taken as u64;
        outcome.fee_units = mul(round.stake_units, taken)?;
        outcome.held_units = sub(round.pool_units, outcome.fee_units)?;
        round.winners_total = taken;
        round.winners_paid = taken;
        store_raffle_state(round, &state)?;
    }
    Ok(outcome)
}

/// What comes back to an entry of a final raffle for places that has none.
pub fn refund(state: &RaffleState, entry: &Entry, sequence: u32, index: u32) -> Result<u64> {
    let threshold =
        Standing { key: state.threshold_key, page: state.threshold_page, index: state.threshold_index };
    if standing(entry, sequence, index) > threshold {
        return Ok(entry.stake_units);
    }
    match entry.tier {
        TIER_LAPSED => sub(entry.stake_units, penalty(entry.stake_units, state)?),
        TIER_RELEASED => Ok(entry.stake_units),
        _ => Err(LotteryError::HasPlace.into()),
    }
}

fn penalty(fee_units: u64, state: &RaffleState) -> Result<u64> {
    rules::penalty(fee_units, state.penalty_bps).ok_or_else(|| LotteryError::MathOverflow.into())
}

/// No place can fall free any more.
pub fn are_places_settled(round: &Account<Round>) -> Result<bool> {
    Ok(places(raffle_state(round)?).are_settled())
}

fn places(state: &RaffleState) -> Places {
    Places {
        ranked: state.ranked,
        capacity: state.capacity,
        taken: state.taken,
        lapsed: state.lapsed,
        promoted: state.promoted,
    }
}

/// The places of a final raffle, while an instruction changes them.
pub struct PlaceBook<'a> {
    state: RaffleState,
    ranked: &'a mut [RankedEntry],
    final_at: i64,
    lottery_id: u64,
    round_index: u64,
    /// Fees and penalties that became the organiser's.
    earned_units: u64,
    taken: u64,
}

impl<'a> PlaceBook<'a> {
    pub fn open(round: &Account<Round>, ranking: &'a mut Account<Ranking>) -> Result<Self> {
        let state = *raffle_state(round)?;
        require!(address_eq(&state.ranking, ranking.address()), LotteryError::WrongRanking);
        require!(round.is(RoundStatus::Final) && round.expired == 0, LotteryError::NotFinal);
        Ok(Self {
            state,
            ranked: ranking_parts(ranking)?.1,
            final_at: round.final_at,
            lottery_id: round.lottery_id,
            round_index: round.index,
            earned_units: 0,
            taken: 0,
        })
    }

    fn place(&mut self, rank: u32) -> Result<&mut RankedEntry> {
        self.ranked.get_mut(rank as usize).ok_or_else(|| LotteryError::RankUnknown.into())
    }

    /// The entry that has a rank, on the page that is given.
    pub fn entry<'p>(&mut self, rank: u32, page: &'p mut Account<Page>) -> Result<&'p mut Entry> {
        let place = *self.place(rank)?;
        require!(place.page == page.sequence, LotteryError::WrongPage);
        let entries = page_entries(page, place.index, place.index + 1)?;
        entries.first_mut().ok_or_else(|| LotteryError::InvariantViolated.into())
    }

    /// When the offer of a place lapses; `None`: no place is offered.
    fn offered_until(&self, rank: u32, place: &RankedEntry) -> Option<i64> {
        match PlaceStatus::from_byte(place.status) {
            Some(PlaceStatus::Promoted) => Some(place.offered_until),
            Some(PlaceStatus::Initial) if rank < places(&self.state).offered_at_first() => {
                Some(self.final_at.saturating_add(self.state.confirm_seconds as i64))
            }
            _ => None,
        }
    }

    fn set(&mut self, rank: u32, status: PlaceStatus) -> Result<()> {
        let (lottery_id, round_index) = (self.lottery_id, self.round_index);
        let place = self.place(rank)?;
        place.status = status as u8;
        events::log(&PlaceChanged {
            lottery_id,
            round_index,
            rank,
            page_sequence: place.page,
            index: place.index,
            status: status as u8,
            reserved: [0; 3],
        });
        Ok(())
    }

    /// A winner confirms.
    pub fn take(&mut self, rank: u32, entry: &mut Entry, now: i64) -> Result<()> {
        require!(self.state.prize_count == 0, LotteryError::PlaceNotOffered);
        let place = *self.place(rank)?;
        match PlaceStatus::from_byte(place.status) {
            _ if self.state.confirm_seconds == 0 => return Err(LotteryError::PlaceTaken.into()),
            Some(PlaceStatus::Taken) => return Err(LotteryError::PlaceTaken.into()),
            Some(PlaceStatus::Lapsed) => return Err(LotteryError::ConfirmTooLate.into()),
            _ => {}
        }
        let until = self.offered_until(rank, &place).ok_or(LotteryError::PlaceNotOffered)?;
        require!(now < until, LotteryError::ConfirmTooLate);
        entry.tier = 1;
        entry.flags |= lottery_interface::accounts::FLAG_PAID;
        self.earned_units = add(self.earned_units, entry.stake_units)?;
        self.state.taken += 1;
        self.taken += 1;
        self.set(rank, PlaceStatus::Taken)
    }

    /// Says what became of a rank. Returns whether it has a prize, which is paid then.
    pub fn resolve(&mut self, rank: u32, entry: &mut Entry, now: i64) -> Result<bool> {
        let place = *self.place(rank)?;
        if self.state.prize_count != 0 {
            require!(place.status == PlaceStatus::Initial as u8, LotteryError::NothingToResolve);
            entry.tier = rank as u8 + 1;
            self.set(rank, PlaceStatus::Taken)?;
            return Ok(true);
        }
        require!(self.state.confirm_seconds != 0, LotteryError::NothingToResolve);
        match self.offered_until(rank, &place) {
            Some(until) => {
                require!(now >= until, LotteryError::NothingToResolve);
                entry.tier = TIER_LAPSED;
                let penalty = penalty(entry.stake_units, &self.state)?;
                self.earned_units = add(self.earned_units, penalty)?;
                self.state.lapsed += 1;
                self.set(rank, PlaceStatus::Lapsed)?;
            }
            None => {
                let waits = place.status == PlaceStatus::Initial as u8;
                require!(waits && places(&self.state).are_settled(), LotteryError::NothingToResolve);
                entry.tier = TIER_RELEASED;
                self.set(rank, PlaceStatus::Released)?;
            }
        }
        Ok(false)
    }

    /// Offers a free place to the next who waits.
    pub fn promote(&mut self, rank: u32, now: i64) -> Result<()> {
        require!(rank < self.state.ranked, LotteryError::RankUnknown);
        require!(places(&self.state).next_promoted() == Some(rank), LotteryError::PromotionOutOfOrder);
        let until = now.saturating_add(self.state.confirm_seconds as i64);
        self.place(rank)?.offered_until = until;
        self.state.promoted += 1;
        self.set(rank, PlaceStatus::Promoted)
    }

    /// Writes the round's part back.
    pub fn store_state(self, round: &mut Account<Round>) -> Result<()> {
        store_raffle_state(round, &self.state)
    }

    /// Writes everything back, money included.
    pub fn store(self, lottery: &mut Account<Lottery>, round: &mut Account<Round>) -> Result<()> {
        round.cash_units = sub(round.cash_units, self.earned_units)?;
        lottery.fees_units = add(lottery.fees_units, self.earned_units)?;
        round.winners_total += self.taken;
        round.winners_paid += self.taken;
        self.store_state(round)?;
        lottery.invariant()?;
        round.invariant()
    }
}
