//! What one purchase of tickets needs, worked out from the chain: a wallet, a deposit of what is short, a page with
//! room, and `enter`. The api turns it into a transaction to sign, the cli signs it.

use lottery_interface::{
    accounts::{Lottery, Page, Round, Vault, Wallet},
    address,
    instructions::{self, TokenSide},
    kinds::{LotteryStatus, PageStatus, RoundStatus, VaultKind},
};
use rand::seq::IndexedRandom;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id;

use crate::{
    ClientError, Result, Rpc,
    fetch::{CLOCK_SYSVAR, Clock, Fetched, RawAccount},
};
pub use crate::{
    enter_error::{EnterError, RaffleError, Which},
    tickets::{
        Encoded, QuickPicks, Ticket, check_count, check_raffle, encode_tickets, largest_stake,
        largest_stake_within,
    },
};

/// A round that locks sooner than this is not offered when another one takes entries: the transaction would
/// probably arrive too late.
const MARGIN_SECONDS: i64 = 2;
const MARGIN_SLOTS: u64 = 5;

/// Left with the owner for fees when native SOL is deposited.
const FEE_RESERVE_LAMPORTS: u64 = 10_000;

/// Tickets for one player.
#[derive(Clone, Debug)]
pub struct EnterRequest {
    pub lottery_id: u64,
    /// Owner of the wallet that pays and is paid.
    pub owner: Pubkey,
    /// Signs instead of the owner; it can neither open the wallet nor deposit.
    pub session_key: Option<Pubkey>,
    pub tickets: Vec<Ticket>,
    /// Tickets that the program picks, besides `tickets`.
    pub quick_picks: QuickPicks,
    /// `None`: the round that locks next and has room.
    pub round_index: Option<u64>,
}

/// What to sign, and what it will do.
#[derive(Clone, Debug)]
pub struct EnterPlan {
    pub instructions: Vec<Instruction>,
    /// Who pays the fee and signs: the owner or the session key.
    pub signer: Pubkey,
    pub wallet: Pubkey,
    pub round: Pubkey,
    pub round_index: u64,
    pub page: Pubkey,
    pub page_sequence: u32,
    pub tickets: u32,
    pub cost_units: u64,
    /// House games: the most that these tickets can win.
    pub liability_units: u64,
    /// Moved from the owner's tokens into the wallet first.
    pub deposit_units: u64,
    pub opens_wallet: bool,
    pub locks_at: i64,
}

/// The side of the lottery: shared by every player who enters within a second or so.
#[derive(Clone, Debug)]
pub struct EnterContext {
    pub lottery: Fetched<Lottery>,
    pub vault: Fetched<Vault>,
    /// The newest two rounds, the older one first, with the headers of their pages.
    pub rounds: Vec<(Fetched<Round>, Vec<Fetched<Page>>)>,
    pub clock: Clock,
}

/// The side of the player.
#[derive(Clone, Debug, Default)]
pub struct PlayerState {
    pub wallet: Option<Fetched<Wallet>>,
    /// What the owner holds outside the wallet: lamports, or units in the associated token account.
    pub outside_units: u64,
}

impl EnterContext {
    pub async fn load(rpc: &Rpc, lottery_id: u64) -> Result<Self> {
        let lottery = rpc.lottery(lottery_id).await?;
        let newest = [2, 1].iter().filter_map(|back| lottery.next_round_index.checked_sub(*back));
        let mut addresses: Vec<Pubkey> =
            newest.map(|index| address::round(&lottery.address, index).0).collect();
        let vault_address = address::vault(&lottery.mint.into()).0;
        addresses.extend([vault_address, CLOCK_SYSVAR]);
        let (mut accounts, slot) = rpc.raw_accounts(&addresses, None).await?;
        let clock = accounts.pop().flatten().and_then(|account| Clock::read(&account.data));
        let clock = clock.ok_or(ClientError::Decode { address: CLOCK_SYSVAR, expected: "Clock" })?;
        let missing = ClientError::NotFound { what: "Vault", address: vault_address };
        let vault = Fetched::decode(vault_address, accounts.pop().flatten().ok_or(missing)?, slot)?;
        let mut rounds = Vec::new();
        for (address, account) in addresses.iter().zip(accounts) {
            let Some(account) = account else { continue };
            let round: Fetched<Round> = Fetched::decode(*address, account, slot)?;
            let pages = match takes_entries(&round, &clock) {
                true => rpc.pages(*address, round.page_count).await?.into_iter().flatten().collect(),
                false => Vec::new(),
            };
            rounds.push((round, pages));
        }
        Ok(Self { lottery, vault, rounds, clock })
    }

    /// The player's token account for this lottery's mint; the owner itself for native SOL.
    pub fn token_side(&self, owner: Pubkey) -> TokenSide {
        token_side(&self.vault, owner)
    }

    pub async fn load_player(&self, rpc: &Rpc, owner: Pubkey) -> Result<PlayerState> {
        let mint: Pubkey = self.lottery.mint.into();
        let wallet = address::wallet(&owner, &mint).0;
        let side = self.token_side(owner);
        let (mut accounts, slot) = rpc.raw_accounts(&[wallet, side.tokens], None).await?;
        let tokens = accounts.pop().flatten();
        let raw = accounts.pop().flatten();
        Ok(PlayerState {
            wallet: raw.map(|raw| Fetched::decode(wallet, raw, slot)).transpose()?,
            outside_units: tokens.map_or(0, |tokens| outside_units(&self.vault, &tokens)),
        })
    }

    /// Works out a purchase. Pure, but for the choice among pages that have room.
    pub fn plan(&self, player: &PlayerState, request: &EnterRequest) -> Result<EnterPlan, EnterError> {
        check_count(&request.tickets, &request.quick_picks)?;
        let (round, page, tickets) = self.place(request)?;
        let cost_units = tickets.cost_units;
        let balance = player.wallet.as_ref().map_or(0, |wallet| wallet.balance_units);
        let deposit_units = cost_units.saturating_sub(balance);
        let opens_wallet = player.wallet.is_none();
        let mint: Pubkey = self.lottery.mint.into();
        let signer = request.session_key.unwrap_or(request.owner);
        let session_key = request.session_key.filter(|key| *key != request.owner);
        if let (Some(key), Some(wallet)) = (session_key, &player.wallet) {
            self.check_session(wallet, key, cost_units)?;
        }
        if request.session_key.is_some() && (deposit_units > 0 || opens_wallet) {
            return Err(EnterError::DepositFirst { needed_units: cost_units, available_units: balance });
        }
        if deposit_units > player.outside_units {
            let available_units = player.outside_units;
            return Err(EnterError::TooPoor { needed_units: deposit_units, available_units });
        }
        let wallet = address::wallet(&request.owner, &mint).0;
        let mut steps = Vec::new();
        if opens_wallet {
            steps.push(instructions::open_wallet(request.owner, request.owner, mint));
        }
        if deposit_units > 0 {
            steps.push(instructions::deposit(request.owner, self.token_side(request.owner), deposit_units));
        }
        let Encoded { bytes, quick_picks, .. } = &tickets;
        steps.push(instructions::enter(signer, wallet, round.address, page.address, *quick_picks, bytes));
        Ok(EnterPlan {
            instructions: steps,
            signer,
            wallet,
            round: round.address,
            round_index: round.index,
            page: page.address,
            page_sequence: page.sequence,
            tickets: tickets.count,
            cost_units,
            liability_units: tickets.liability_units,
            deposit_units,
            opens_wallet,
            locks_at: round.locks_at,
        })
    }

    /// The round that locks first and has room, but not one that is about to lock while another is not. The tickets are
    /// encoded for each round in turn: two rounds can have different rules.
    fn place(
        &self,
        request: &EnterRequest,
    ) -> Result<(&Fetched<Round>, &Fetched<Page>, Encoded), EnterError> {
        let id = self.lottery.id;
        if self.lottery.status != LotteryStatus::Active as u8 {
            return Err(EnterError::NotActive(id));
        }
        let wanted = |round: &Round| request.round_index.is_none_or(|index| index == round.index);
        let mut open: Vec<_> =
            self.rounds.iter().filter(|(r, _)| wanted(r) && takes_entries(r, &self.clock)).collect();
        open.sort_by_key(|(round, _)| (self.is_hurried(round), round.index));
        let first = open.first().ok_or(EnterError::NoOpenRound(id))?;
        let mut refusal = None;
        for (round, pages) in &open {
            let tickets = encode_tickets(&request.tickets, &request.quick_picks, round)?;
            if let Some(state) = round.raffle_state() {
                check_raffle(&request.tickets, round, &state, &request.owner)?;
            }
            if let Some(page) = pick_page(pages, &tickets) {
                return Ok((round, page, tickets));
            }
            let without_page = |sequence: u32| {
                let page = pages.iter().find(|page| page.sequence == sequence);
                // A page has room for each of its people: whoever finds it full is on it.
                match page.is_some_and(|page| page.status == PageStatus::Open as u8) {
                    true => RaffleError::LeafUsed,
                    false => RaffleError::PageMissing(sequence),
                }
            };
            refusal = refusal.or(tickets.page_sequence.map(without_page));
        }
        let no_room = EnterError::NoRoom { round_index: first.0.index };
        Err(refusal.map_or(no_room, EnterError::Raffle))
    }

    /// What the program checks of a session, said before anyone signs.
    fn check_session(&self, wallet: &Wallet, key: Pubkey, cost_units: u64) -> Result<(), EnterError> {
        if key == Pubkey::default() || wallet.session_key != key.to_bytes() {
            return Err(EnterError::NoSession);
        }
        if self.clock.unix_timestamp >= wallet.session_expires_at {
            return Err(EnterError::SessionExpired { expires_at: wallet.session_expires_at });
        }
        if !wallet.session_lotteries.contains(&self.lottery.id) {
            return Err(EnterError::SessionForeign(self.lottery.id));
        }
        let left_units = wallet.session_limit_units.saturating_sub(wallet.session_spent_units);
        if cost_units > left_units {
            return Err(EnterError::SessionOverspent { needed_units: cost_units, left_units });
        }
        Ok(())
    }

    fn is_hurried(&self, round: &Round) -> bool {
        let clock = &self.clock;
        round.locks_at - clock.unix_timestamp <= MARGIN_SECONDS
            || round.lock_slot.saturating_sub(clock.slot) <= MARGIN_SLOTS
    }
}

/// Fetches both sides and works out a purchase.
pub async fn enter_plan(rpc: &Rpc, request: &EnterRequest) -> Result<EnterPlan> {
    let context = EnterContext::load(rpc, request.lottery_id).await?;
    let player = context.load_player(rpc, request.owner).await?;
    Ok(context.plan(&player, request)?)
}

/// Where `owner` holds tokens of a vault's mint: the associated token account, or itself for native SOL.
pub fn token_side(vault: &Vault, owner: Pubkey) -> TokenSide {
    if vault.kind == VaultKind::Native as u8 {
        return TokenSide::native(owner);
    }
    let (mint, token_program) = (vault.mint.into(), vault.token_program.into());
    let tokens = get_associated_token_address_with_program_id(&owner, &mint, &token_program);
    TokenSide { mint, token_program, tokens }
}

fn takes_entries(round: &Round, clock: &Clock) -> bool {
    round.status == RoundStatus::Open as u8
        && clock.unix_timestamp < round.locks_at
        && clock.slot < round.lock_slot
}

/// Among the pages with room for the entries and, in a house game, for their highest prizes, one at random in
/// proportion to its room: writers spread, full pages rest. Who is on a list has a page of their own.
fn pick_page<'a>(pages: &'a [Fetched<Page>], tickets: &Encoded) -> Option<&'a Fetched<Page>> {
    let places = |page: &Page| page.capacity.saturating_sub(page.count);
    let cover = |page: &Page| page.budget_units.saturating_sub(page.liability_units);
    let has_room = |page: &Page| {
        page.status == PageStatus::Open as u8
            && tickets.page_sequence.is_none_or(|sequence| sequence == page.sequence)
            && places(page) >= tickets.count
            && cover(page) >= tickets.liability_units
    };
    let open: Vec<_> = pages.iter().filter(|page| has_room(page)).collect();
    // Parts of a thousand that are free, by what runs out first.
    let part = |free: u64, all: u64| (u128::from(free) * 1_000 / u128::from(all.max(1))) as u64;
    let room = |page: &&Fetched<Page>| {
        let by_places = part(places(page).into(), page.capacity.into());
        let by_cover = if page.budget_units == 0 { 1_000 } else { part(cover(page), page.budget_units) };
        by_places.min(by_cover).max(1)
    };
    open.choose_weighted(&mut rand::rng(), room).ok().copied()
}

/// Lamports above what fees need, or the amount of a token account (bytes 64 to 72 in both programs).
fn outside_units(vault: &Vault, tokens: &RawAccount) -> u64 {
    if vault.kind == VaultKind::Native as u8 {
        return tokens.lamports.saturating_sub(FEE_RESERVE_LAMPORTS);
    }
    tokens.data.get(64..72).map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().expect("8 bytes")))
}
