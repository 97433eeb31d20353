//! Tickets as players write them, and what they cost.

use lottery_interface::{
    Kind,
    accounts::{RaffleState, Round},
    args::MAX_TICKETS,
};
use lottery_rules::{house, keno, math::BPS, picks};
use serde::{Deserialize, Serialize};

use solana_pubkey::Pubkey;

use crate::{
    enter_error::{EnterError, RaffleError, Which},
    raffle::Membership,
    units,
};

/// One ticket. What it needs follows from the kind of game: `Draw` numbers and perhaps a bonus ball, `Keno` numbers and
/// a stake, `Instant` a stake alone, `Prediction` an outcome and a stake, a `Raffle` with a list one's place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// In any order.
    #[serde(default)]
    pub numbers: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<u8>,
    /// From 0; what each is: [`crate::market::Market::label`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "units")]
    pub stake_units: Option<u64>,
    /// From the published list: [`crate::raffle::List`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Membership>,
}

/// Tickets that the program picks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickPicks {
    pub count: u8,
    /// `Keno`: numbers on each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spots: Option<u8>,
    /// House games: stake of each.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "units")]
    pub stake_units: Option<u64>,
}

/// What `enter` gets, and what it will book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    pub quick_picks: u8,
    /// Tickets in all.
    pub count: u32,
    /// Stakes together.
    pub cost_units: u64,
    /// House games: highest prizes together, which a page must cover.
    pub liability_units: u64,
    /// A raffle with a list: the only page where this person's leaf can be used.
    pub page_sequence: Option<u32>,
}

impl Encoded {
    fn add(&mut self, cost_units: u64, liability_units: u64) -> Result<(), EnterError> {
        self.count += 1;
        self.cost_units = self.cost_units.checked_add(cost_units).ok_or(EnterError::Overflow)?;
        self.liability_units =
            self.liability_units.checked_add(liability_units).ok_or(EnterError::Overflow)?;
        Ok(())
    }
}

/// 1 to 20 tickets at a time.
pub fn check_count(tickets: &[Ticket], quick_picks: &QuickPicks) -> Result<(), EnterError> {
    match tickets.len() + usize::from(quick_picks.count) {
        1..=MAX_TICKETS => Ok(()),
        count => Err(EnterError::TicketCount(count)),
    }
}

/// The bytes of tickets in `enter`, as its builder describes them, with what they cost. Refuses what the program would.
pub fn encode_tickets(
    tickets: &[Ticket],
    quick_picks: &QuickPicks,
    round: &Round,
) -> Result<Encoded, EnterError> {
    check_count(tickets, quick_picks)?;
    let has_outcomes = round.kind == Kind::Prediction as u8;
    if let Some(place) = tickets.iter().position(|ticket| ticket.outcome.is_some() && !has_outcomes) {
        return Err(EnterError::NoOutcomes { ticket: place + 1 });
    }
    if round.kind != Kind::Raffle as u8 && tickets.iter().any(|ticket| ticket.leaf.is_some()) {
        return Err(RaffleError::NoRaffle.into());
    }
    let encoded = match Kind::from_byte(round.kind) {
        Some(Kind::Draw) => encode_draw(tickets, quick_picks, round),
        Some(Kind::Keno) => encode_keno(tickets, quick_picks, round),
        Some(Kind::Instant) => encode_instant(tickets, quick_picks, round),
        Some(Kind::Prediction) => encode_prediction(tickets, quick_picks, round),
        Some(Kind::Raffle) => encode_raffle(tickets, quick_picks, round),
        None => Err(EnterError::UnknownKind(round.kind)),
    }?;
    if encoded.liability_units > round.page_budget_units {
        return Err(EnterError::PrizesAbovePage {
            liability_units: encoded.liability_units,
            budget_units: round.page_budget_units,
        });
    }
    Ok(encoded)
}

fn encode_draw(tickets: &[Ticket], quick: &QuickPicks, round: &Round) -> Result<Encoded, EnterError> {
    let (k, n, bonus_numbers) = (round.picks, round.numbers, round.bonus_numbers);
    let mut encoded = Encoded { quick_picks: quick.count, ..Encoded::default() };
    for (ticket, number) in tickets.iter().zip(1..) {
        fixed_stake(ticket.stake_units, Which::Ticket(number), round)?;
        encoded.bytes.extend(ascending(&ticket.numbers, number, k, n)?);
        match ticket.bonus {
            Some(bonus) if (1..=bonus_numbers).contains(&bonus) => encoded.bytes.push(bonus),
            None if bonus_numbers == 0 => {}
            Some(_) if bonus_numbers == 0 => return Err(EnterError::NoBonusDrum { ticket: number }),
            _ => return Err(EnterError::Bonus { ticket: number, bonus_numbers }),
        }
        encoded.add(round.stake_units, 0)?;
    }
    if quick.spots.is_some() {
        return Err(EnterError::NoSpots);
    }
    fixed_stake(quick.stake_units, Which::QuickPicks, round)?;
    for _ in 0..quick.count {
        encoded.add(round.stake_units, 0)?;
    }
    Ok(encoded)
}

fn encode_keno(tickets: &[Ticket], quick: &QuickPicks, round: &Round) -> Result<Encoded, EnterError> {
    let mut encoded = Encoded { quick_picks: quick.count, ..Encoded::default() };
    for (ticket, number) in tickets.iter().zip(1..) {
        if ticket.bonus.is_some() {
            return Err(EnterError::NoBonusDrum { ticket: number });
        }
        let which = Which::Ticket(number);
        let spots = u8::try_from(ticket.numbers.len()).unwrap_or(u8::MAX);
        let multiplier = keno_multiplier(spots, which, round)?;
        let numbers = ascending(&ticket.numbers, number, spots, keno::NUMBERS)?;
        let (stake, highest) = stake(ticket.stake_units, multiplier, which, round)?;
        encoded.bytes.extend(stake.to_le_bytes());
        encoded.bytes.push(spots);
        encoded.bytes.extend(numbers);
        encoded.add(stake, highest)?;
    }
    if quick.count > 0 {
        let spots = quick.spots.unwrap_or(0);
        let multiplier = keno_multiplier(spots, Which::QuickPicks, round)?;
        let (stake, highest) = stake(quick.stake_units, multiplier, Which::QuickPicks, round)?;
        encoded.bytes.extend(stake.to_le_bytes());
        encoded.bytes.push(spots);
        for _ in 0..quick.count {
            encoded.add(stake, highest)?;
        }
    }
    Ok(encoded)
}

fn encode_instant(tickets: &[Ticket], quick: &QuickPicks, round: &Round) -> Result<Encoded, EnterError> {
    let multiplier = round.max_multiplier_bps[0];
    let mut encoded = Encoded { quick_picks: quick.count, ..Encoded::default() };
    for (ticket, number) in tickets.iter().zip(1..) {
        if !ticket.numbers.is_empty() {
            return Err(EnterError::NoNumbers { ticket: number });
        }
        if ticket.bonus.is_some() {
            return Err(EnterError::NoBonusDrum { ticket: number });
        }
        let (stake, highest) = stake(ticket.stake_units, multiplier, Which::Ticket(number), round)?;
        encoded.bytes.extend(stake.to_le_bytes());
        encoded.add(stake, highest)?;
    }
    if quick.spots.is_some() {
        return Err(EnterError::NoSpots);
    }
    if quick.count > 0 {
        let (stake, highest) = stake(quick.stake_units, multiplier, Which::QuickPicks, round)?;
        encoded.bytes.extend(stake.to_le_bytes());
        for _ in 0..quick.count {
            encoded.add(stake, highest)?;
        }
    }
    Ok(encoded)
}

/// Players bet against each other, so nothing has to cover a bet: its stake is only within the limits.
fn encode_prediction(tickets: &[Ticket], quick: &QuickPicks, round: &Round) -> Result<Encoded, EnterError> {
    if quick.count > 0 {
        return Err(EnterError::NoQuickPicks);
    }
    let outcomes = round.outcome_count;
    let mut encoded = Encoded::default();
    for (ticket, number) in tickets.iter().zip(1..) {
        if !ticket.numbers.is_empty() || ticket.bonus.is_some() {
            return Err(EnterError::OnlyOutcome { ticket: number });
        }
        let outcome = ticket.outcome.ok_or(EnterError::OutcomeMissing { ticket: number, outcomes })?;
        if outcome >= outcomes {
            return Err(EnterError::OutcomeUnknown { ticket: number, outcome, outcomes });
        }
        let stake = stake_within_limits(ticket.stake_units, Which::Ticket(number), round)?;
        encoded.bytes.extend(stake.to_le_bytes());
        encoded.bytes.push(outcome);
        encoded.add(stake, 0)?;
    }
    Ok(encoded)
}

/// With a list one ticket, which is a leaf; without, as many quick picks as places are wanted. Which of both this raffle is, and
/// whether the proof is right, says [`check_raffle`].
fn encode_raffle(tickets: &[Ticket], quick: &QuickPicks, round: &Round) -> Result<Encoded, EnterError> {
    if quick.spots.is_some() {
        return Err(EnterError::NoSpots);
    }
    fixed_stake(quick.stake_units, Which::QuickPicks, round)?;
    let mut encoded = Encoded { quick_picks: quick.count, ..Encoded::default() };
    for _ in 0..quick.count {
        encoded.add(round.stake_units, 0)?;
    }
    let Some(ticket) = tickets.first() else { return Ok(encoded) };
    if tickets.len() > 1 || quick.count > 0 {
        return Err(RaffleError::OnePlace.into());
    }
    if !ticket.numbers.is_empty() || ticket.bonus.is_some() {
        return Err(RaffleError::NoNumbers.into());
    }
    fixed_stake(ticket.stake_units, Which::Ticket(1), round)?;
    let leaf = ticket.leaf.as_ref().ok_or(RaffleError::ProofMissing)?;
    encoded.bytes.extend(leaf.index.to_le_bytes());
    encoded.bytes.extend(leaf.weight.to_le_bytes());
    encoded.bytes.extend(leaf.proof.as_flattened());
    encoded.page_sequence = leaf.index.checked_div(round.page_entries);
    encoded.add(round.stake_units, 0)?;
    Ok(encoded)
}

/// What the program checks of a raffle's ticket besides: that `owner` is in the list, where there is one.
pub fn check_raffle(
    tickets: &[Ticket],
    round: &Round,
    state: &RaffleState,
    owner: &Pubkey,
) -> Result<(), EnterError> {
    let leaf = tickets.first().and_then(|ticket| ticket.leaf.as_ref());
    let leaf = match (leaf, state.leaf_count) {
        (None, 0) => return Ok(()),
        (Some(_), 0) => return Err(RaffleError::NoList.into()),
        (None, _) => return Err(RaffleError::ProofMissing.into()),
        (Some(leaf), _) => leaf,
    };
    if leaf.weight == 0 {
        return Err(RaffleError::WeightZero.into());
    }
    if leaf.proof.len() != usize::from(state.depth) {
        return Err(RaffleError::ProofLength { hashes: leaf.proof.len(), depth: state.depth }.into());
    }
    if leaf.index >= state.leaf_count || leaf.root(&round.lottery.into(), owner) != state.root {
        return Err(RaffleError::ProofInvalid { owner: *owner }.into());
    }
    Ok(())
}

/// `k` different numbers of 1 to `n`, sorted.
fn ascending(numbers: &[u8], ticket: usize, k: u8, n: u8) -> Result<Vec<u8>, EnterError> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    let checked = picks::from_sorted_exact(&numbers, k, n);
    checked.map_err(|reason| EnterError::Numbers { ticket, reason, picks: k, numbers: n })?;
    Ok(numbers)
}

/// A stake may be said where it cannot be chosen, if it is the price.
fn fixed_stake(stake_units: Option<u64>, which: Which, round: &Round) -> Result<(), EnterError> {
    match stake_units {
        Some(units) if units != round.stake_units => {
            Err(EnterError::StakeFixed { which, price_units: round.stake_units })
        }
        _ => Ok(()),
    }
}

/// The highest multiplier of a spot count, which must be offered.
fn keno_multiplier(spots: u8, which: Which, round: &Round) -> Result<u32, EnterError> {
    let place = usize::from(spots).wrapping_sub(1);
    match round.max_multiplier_bps.get(place) {
        Some(multiplier) if *multiplier > 0 => Ok(*multiplier),
        _ => {
            let offered = (1..).zip(round.max_multiplier_bps).filter(|(_, most)| *most > 0);
            Err(EnterError::SpotsNotOffered {
                which,
                spots,
                offered: offered.map(|(spots, _)| spots).collect(),
            })
        }
    }
}

/// A chosen stake within the limits.
fn stake_within_limits(stake_units: Option<u64>, which: Which, round: &Round) -> Result<u64, EnterError> {
    let (min_units, max_units) = (round.min_stake_units, round.max_stake_units);
    let stake_units = stake_units.ok_or(EnterError::StakeMissing { which, min_units, max_units })?;
    if !(min_units..=max_units).contains(&stake_units) {
        return Err(EnterError::StakeOutOfRange { which, stake_units, min_units, max_units });
    }
    Ok(stake_units)
}

/// A chosen stake within the limits, and its highest prize.
fn stake(
    stake_units: Option<u64>,
    multiplier_bps: u32,
    which: Which,
    round: &Round,
) -> Result<(u64, u64), EnterError> {
    let min_units = round.min_stake_units;
    let stake_units = stake_within_limits(stake_units, which, round)?;
    let largest_units = largest_stake(round, multiplier_bps);
    if stake_units > largest_units {
        return Err(EnterError::PrizeAboveShare { which, stake_units, largest_units, min_units });
    }
    let highest = house::prize(stake_units, multiplier_bps).ok_or(EnterError::Overflow)?;
    Ok((stake_units, highest))
}

/// The largest stake whose highest prize one ticket of this round may win; see [`largest_stake_within`].
pub fn largest_stake(round: &Round, multiplier_bps: u32) -> u64 {
    largest_stake_within(round.page_budget_units, round.max_stake_units, multiplier_bps)
}

/// The largest stake at a multiplier: at most the limit, and 0 when nothing can be staked, because one ticket may win a
/// sixteenth of the page's budget.
pub fn largest_stake_within(page_budget_units: u64, max_stake_units: u64, multiplier_bps: u32) -> u64 {
    let most = u128::from(house::max_prize(page_budget_units));
    // floor(stake * multiplier / 10,000) <= most, solved for the stake.
    let product = (most + 1) * u128::from(BPS) - 1;
    let largest = product / u128::from(multiplier_bps.max(1));
    u64::try_from(largest).unwrap_or(u64::MAX).min(max_stake_units)
}
