//! The model's `enter`: what tickets mean in each kind of game, and what they may cost.

use lottery_rules::{
    draw,
    hash::Software,
    picks::{self, Picks, PicksError},
    seed,
};
use program_tests::{
    LotteryError as E, Pubkey, Rules,
    accounts::{DrawRules, Entry, Round, RoundUse, Wallet},
    house::top_multiplier,
    kinds::{PageStatus, RoundStatus},
};

use super::{
    market::{market_entries, outcome_of},
    model::{Model, Outcome, PageModel, RoundId, RoundModel, WalletId, is_house, require},
};

/// Of one `enter`.
pub struct Tickets {
    /// Each as its bytes.
    pub given: Vec<Vec<u8>>,
    pub quick: u8,
    /// House games: what follows the tickets when there are quick picks.
    pub quick_ticket: Vec<u8>,
}

impl Tickets {
    pub fn bytes(&self) -> Vec<u8> {
        [self.given.concat(), self.quick_ticket.clone()].concat()
    }
}

impl Model {
    /// `signer` is a person, or the session key of one.
    pub fn enter(
        &mut self,
        id: RoundId,
        sequence: u32,
        wallet: WalletId,
        signer: &Pubkey,
        tickets: &Tickets,
    ) -> Outcome {
        let (now, slot) = (self.now, self.slot);
        let mint = self.games[id.0].lottery.mint;
        let mut w = *self.wallets.get(&wallet).ok_or(E::WrongWallet)?;
        let wallet_key = self.wallet_keys[wallet.0][wallet.1];
        let r = self.round(id);
        let p = r.pages.get(sequence as usize).and_then(Option::as_ref).ok_or(E::WrongPage)?;
        require(w.mint == mint, E::WrongMint)?;
        require(r.is(RoundStatus::Open), E::RoundNotOpen)?;
        require(now < r.round.locks_at && slot < r.round.lock_slot, E::RoundLocked)?;
        require(p.page.status == PageStatus::Open as u8, E::PageNotOpen)?;
        let new = match &r.rules {
            Rules::Draw(rules) => draw_entries(rules, &r.round, &wallet_key, p, tickets)?,
            Rules::Keno(_) | Rules::Instant(_) => house_entries(r, &wallet_key, p, tickets)?,
            Rules::Prediction(_) => market_entries(r, &wallet_key, p, tickets)?,
        };
        let count = new.len() as u32;
        let cost: u64 = new.iter().map(|entry| entry.stake_units).sum();
        let liability: u128 = new.iter().map(|entry| highest(r, entry)).sum();
        let liability = p.page.liability_units as u128 + liability;
        require(liability <= p.page.budget_units as u128, E::BudgetExceeded)?;
        if w.owner != signer.to_bytes() {
            require(w.session_key == signer.to_bytes(), E::Unauthorized)?;
            require(now < w.session_expires_at, E::SessionExpired)?;
            require(w.session_lotteries.contains(&r.round.lottery_id), E::SessionForeign)?;
            w.session_spent_units += cost;
            require(w.session_spent_units <= w.session_limit_units, E::SessionOverspent)?;
        }
        if r.round.max_entries_per_player > 0 {
            count_entries(&mut w, &r.round, now, count)?;
        }
        require(w.balance_units >= cost, E::InsufficientBalance)?;
        w.balance_units -= cost;
        w.busy_until = w.busy_until.max(Model::grace_until(&r.round));

        let p = r.page(sequence).expect("seen above");
        p.page.digest = seed::page_digest::<Software>(&p.page.digest, bytemuck::cast_slice(&new));
        p.page.count += count;
        p.page.cash_units += cost;
        p.page.liability_units = liability as u64;
        if !p.pools.is_empty() {
            new.iter().for_each(|entry| p.pools[outcome_of(entry)] += entry.stake_units);
        }
        p.entries.extend(new);
        self.wallets.insert(wallet, w);
        Ok(())
    }
}

/// The most that an entry can win of a bankroll; nothing where prizes come from the pool.
fn highest(r: &RoundModel, entry: &Entry) -> u128 {
    if !is_house(&r.rules) {
        return 0;
    }
    entry.stake_units as u128 * top_multiplier(&r.rules, entry.spots.max(1)) as u128 / 10_000
}

/// A place of the ring belongs to a round until that is locked.
fn count_entries(wallet: &mut Wallet, round: &Round, now: i64, count: u32) -> Outcome {
    let here = |place: &RoundUse| place.lottery_id == round.lottery_id && place.round_index == round.index;
    let at = wallet
        .ring
        .iter()
        .position(here)
        .or_else(|| wallet.ring.iter().position(|place| place.locks_at <= now));
    let place = &mut wallet.ring[at.ok_or(E::PlayerRingFull)?];
    let before = if here(place) { place.entries } else { 0 };
    let (lottery_id, round_index) = (round.lottery_id, round.index);
    *place =
        RoundUse { lottery_id, round_index, locks_at: round.locks_at, entries: before + count, reserved: 0 };
    require(place.entries <= round.max_entries_per_player, E::PlayerLimit)
}

pub fn fresh(wallet: &Pubkey, picks: Picks, stake_units: u64, bonus: u8, spots: u8) -> Entry {
    Entry {
        wallet: wallet.to_bytes(),
        picks,
        stake_units,
        bonus,
        tier: 0,
        flags: 0,
        spots,
        multiplier_bps: 0,
    }
}

fn numbers_of(numbers: &[u8], drum: u8) -> Result<Picks, E> {
    picks::from_sorted(numbers, drum).map_err(|error| match error {
        PicksError::OutOfRange => E::NumberOutOfRange,
        PicksError::Unsorted => E::NumbersUnsorted,
        PicksError::Repeated => E::NumbersRepeated,
        PicksError::WrongCount => E::TicketLength,
    })
}

fn draw_entries(
    rules: &DrawRules,
    round: &Round,
    wallet: &Pubkey,
    p: &PageModel,
    tickets: &Tickets,
) -> Result<Vec<Entry>, E> {
    let count = tickets.given.len() as u32 + tickets.quick as u32;
    require((1..=20).contains(&count), E::TicketCount)?;
    require(count <= p.page.capacity - p.page.count, E::PageFull)?;
    let mut entries = Vec::new();
    for ticket in &tickets.given {
        let (numbers, bonus) = ticket.split_at(rules.picks as usize);
        let numbers = numbers_of(numbers, rules.numbers)?;
        let bonus = bonus.first().copied();
        require(bonus.is_none_or(|ball| (1..=rules.bonus_numbers).contains(&ball)), E::BonusOutOfRange)?;
        entries.push(fresh(wallet, numbers, round.stake_units, bonus.unwrap_or(0), 0));
    }
    let from = p.page.count + entries.len() as u32;
    let mut stream = picks::quick_pick_stream::<Software>(&wallet.to_bytes(), &p.key.to_bytes(), from);
    for _ in 0..tickets.quick {
        let (numbers, bonus) = draw::quick_pick(&mut stream, rules.picks, rules.numbers, rules.bonus_numbers);
        entries.push(fresh(wallet, numbers, round.stake_units, bonus, 0));
    }
    Ok(entries)
}

/// There is a place for one more ticket after `taken`.
pub fn room(p: &PageModel, taken: usize) -> Outcome {
    let free = p.page.capacity - p.page.count;
    require(taken < 20, if free >= 20 { E::TicketCount } else { E::PageFull })?;
    require(taken < free as usize, E::PageFull)
}

/// Tickets of a house game are checked one after the other, each in full.
fn house_entries(r: &RoundModel, wallet: &Pubkey, p: &PageModel, tickets: &Tickets) -> Result<Vec<Entry>, E> {
    let is_keno = matches!(r.rules, Rules::Keno(_));
    let mut entries: Vec<Entry> = Vec::new();
    let offered = |spots: u8| (1..=10).contains(&spots) && top_multiplier(&r.rules, spots) > 0;
    for ticket in &tickets.given {
        let (stake, numbers) = stake_of(ticket);
        let (mut picked, mut spots) = ([0; 2], 0);
        if is_keno {
            spots = numbers[0];
            require(offered(spots), E::SpotsNotOffered)?;
        }
        room(p, entries.len())?;
        if is_keno {
            picked = numbers_of(&numbers[1..], 80)?;
        }
        entries.push(affordable(r, p, fresh(wallet, picked, stake, 0, spots))?);
    }
    if tickets.quick > 0 {
        let (stake, rest) = stake_of(&tickets.quick_ticket);
        let spots = rest.first().copied().unwrap_or(0);
        require(!is_keno || offered(spots), E::SpotsNotOffered)?;
        let from = p.page.count + entries.len() as u32;
        let mut stream = picks::quick_pick_stream::<Software>(&wallet.to_bytes(), &p.key.to_bytes(), from);
        for _ in 0..tickets.quick {
            room(p, entries.len())?;
            let picked = if is_keno { picks::sample(&mut stream, spots, 80) } else { [0; 2] };
            entries.push(affordable(r, p, fresh(wallet, picked, stake, 0, spots))?);
        }
    }
    require(!entries.is_empty(), E::TicketCount)?;
    Ok(entries)
}

/// The stake at the front of a ticket, and what follows it.
pub fn stake_of(ticket: &[u8]) -> (u64, &[u8]) {
    let (stake, rest) = ticket.split_at(8);
    (u64::from_le_bytes(stake.try_into().expect("eight bytes")), rest)
}

/// The stake is within the limits, and the highest prize within a sixteenth of the page's budget.
fn affordable(r: &RoundModel, p: &PageModel, entry: Entry) -> Result<Entry, E> {
    let limits = r.round.min_stake_units..=r.round.max_stake_units;
    require(limits.contains(&entry.stake_units), E::StakeOutOfRange)?;
    let highest = highest(r, &entry);
    require(highest <= u64::MAX as u128, E::MathOverflow)?;
    require(16 * highest <= p.page.budget_units as u128, E::LiabilityAboveShare)?;
    Ok(entry)
}
