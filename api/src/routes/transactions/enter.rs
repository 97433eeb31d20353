//! `POST /api/transactions/enter`

use std::collections::BTreeSet;

use axum::extract::State;
use lottery_client::{
    EnterContext, EnterPlan, EnterRequest, Fetched, Pubkey, QuickPicks, Ticket, enter::encode_tickets,
    market::Market,
};
use lottery_interface::{
    Kind, LotteryError,
    accounts::{Config, Round},
    args::MAX_TICKETS,
    kinds::VaultKind,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Answer, Draft, Problems, SIGNATURE_LAMPORTS, Unsigned, finish, money,
    tickets::{self, ChosenTicket, PickedTickets, QuickPicksField},
    wallet_rent,
};
use crate::{
    extract::Json,
    fields::{self, decimal},
    problem::ApiError,
    state::AppState,
    store::Units,
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(enter))
}

/// Tickets to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enter {
    /// Base58 address of the player.
    owner: String,
    lottery_id: u64,
    /// Tickets as the player wants them.
    #[serde(default)]
    tickets: Vec<ChosenTicket>,
    /// Tickets that the program picks: how many, or an object that says their stake too. Together with `tickets` 1 to 20.
    #[serde(default, deserialize_with = "tickets::picked")]
    #[schema(value_type = QuickPicksField)]
    quick_picks: PickedTickets,
    /// Absent: the round that locks next and has room.
    round_index: Option<u64>,
    /// A session key that signs instead of the owner; it can neither open the wallet nor deposit.
    session_key: Option<String>,
    /// An account that pays the network fee and signs too; absent: who plays pays.
    fee_payer: Option<String>,
}

/// A transaction that enters, and where.
#[derive(Debug, Serialize, ToSchema)]
struct UnsignedEnter {
    #[serde(flatten)]
    unsigned: Unsigned,
    round_index: u64,
    page_sequence: u32,
    tickets: u32,
    cost_units: Units,
    /// House games: the most that these tickets can win together.
    liability_units: Units,
    /// Moved from the owner into the wallet first: what was short.
    deposit_units: Units,
    opens_wallet: bool,
    /// It must be on the chain before this.
    locks_at: i64,
}

/// Tickets into the next round. Opens the wallet and deposits what is short in the same transaction, and
/// picks the page.
#[utoipa::path(post, path = "/transactions/enter", tag = "transactions", request_body = Enter,
    responses((status = 200, body = UnsignedEnter), Problems))]
async fn enter(State(state): State<AppState>, Json(body): Json<Enter>) -> Answer<UnsignedEnter> {
    let request = read(&body)?;
    let fee_payer = body.fee_payer.as_deref().map(|key| fields::address("fee_payer", key)).transpose()?;
    let context = EnterContext::load(&state.rpc, request.lottery_id).await?;
    // The rules are the same in every open round but for a change of config between two.
    for (round, _) in &context.rounds {
        if request.round_index.is_none_or(|index| index == round.index) {
            check_tickets(&request, round)?;
        }
    }
    let player = context.load_player(&state.rpc, request.owner).await?;
    let plan = context.plan(&player, &request).map_err(ApiError::from)?;
    let rent_lamports = if plan.opens_wallet { wallet_rent(&state).await? } else { 0 };
    check_rent(&context, &plan, player.outside_units, rent_lamports)?;
    let pays = fee_payer.unwrap_or(plan.signer);
    if pays != request.owner {
        check_fee(&state, pays, if pays == plan.signer { 1 } else { 2 }).await?;
    }
    let market = market(&state, &context, &plan).await?;
    let draft = Draft {
        signer: plan.signer,
        fee_payer,
        summary: summary(&context, &plan, &bets(market.as_ref(), &request.tickets)),
        instructions: plan.instructions,
        rent_lamports,
    };
    Ok(Json(UnsignedEnter {
        unsigned: finish(&state, draft).await?,
        round_index: plan.round_index,
        page_sequence: plan.page_sequence,
        tickets: plan.tickets,
        cost_units: plan.cost_units.into(),
        liability_units: plan.liability_units.into(),
        deposit_units: plan.deposit_units.into(),
        opens_wallet: plan.opens_wallet,
        locks_at: plan.locks_at,
    }))
}

/// What can be checked without the chain.
fn read(body: &Enter) -> Result<EnterRequest, ApiError> {
    let quick_picks = QuickPicks::from(&body.quick_picks);
    let count = body.tickets.len() + usize::from(quick_picks.count);
    if count == 0 || count > MAX_TICKETS {
        return Err(ApiError::program(
            LotteryError::TicketCount,
            format!("`tickets` and `quick_picks` are {count} together: ask for 1 to {MAX_TICKETS}"),
        ));
    }
    let session_key =
        body.session_key.as_deref().map(|key| fields::address("session_key", key)).transpose()?;
    Ok(EnterRequest {
        lottery_id: body.lottery_id,
        owner: fields::address("owner", &body.owner)?,
        session_key,
        tickets: body.tickets.iter().map(ChosenTicket::read).collect::<Result<_, _>>()?,
        quick_picks,
        round_index: body.round_index,
    })
}

/// What the program would refuse, said by ticket and with what to do.
fn check_tickets(request: &EnterRequest, round: &Round) -> Result<(), ApiError> {
    if let Some(place) = request.tickets.iter().position(|ticket| !ticket.numbers.is_sorted()) {
        let detail = format!("ticket {}: give its numbers ascending", place + 1);
        return Err(ApiError::program(LotteryError::NumbersUnsorted, detail));
    }
    encode_tickets(&request.tickets, &request.quick_picks, round)?;
    Ok(())
}

/// Whoever pays the network fee besides the owner must have it.
async fn check_fee(state: &AppState, payer: Pubkey, signatures: u64) -> Result<(), ApiError> {
    let (accounts, _) = state.rpc.raw_accounts(&[payer], Some(0)).await?;
    let lamports = accounts.into_iter().next().flatten().map_or(0, |account| account.lamports);
    let fee = SIGNATURE_LAMPORTS * signatures;
    if lamports >= fee {
        return Ok(());
    }
    let detail = format!(
        "{payer} pays the network fee of {} SOL and holds {} SOL: fund it, or name another `fee_payer`",
        decimal(fee, 9),
        decimal(lamports, 9)
    );
    Err(ApiError::program(LotteryError::InsufficientBalance, detail))
}

/// Native SOL pays the wallet's rent besides the deposit.
fn check_rent(
    context: &EnterContext,
    plan: &EnterPlan,
    outside_units: u64,
    rent_lamports: u64,
) -> Result<(), ApiError> {
    let needed = plan.deposit_units.saturating_add(rent_lamports);
    if context.vault.kind != VaultKind::Native as u8 || needed <= outside_units {
        return Ok(());
    }
    let vault = &context.vault;
    let detail = format!(
        "deposit and rent of the wallet need {}, and the owner has {}: add SOL or take fewer tickets",
        money(vault, needed),
        money(vault, outside_units)
    );
    Err(ApiError::program(LotteryError::InsufficientBalance, detail))
}

/// What the outcomes are called, when it is a market.
async fn market(
    state: &AppState,
    context: &EnterContext,
    plan: &EnterPlan,
) -> Result<Option<Market>, ApiError> {
    let round = context.rounds.iter().map(|(round, _)| round).find(|round| round.address == plan.round);
    let Some(round) = round.filter(|round| round.kind == Kind::Prediction as u8) else { return Ok(None) };
    let config: Option<Fetched<Config>> = state.rpc.account(round.config.into()).await?;
    Ok(config.as_ref().and_then(Market::of))
}

/// ` on "even" and "odd"`; nothing for other kinds.
fn bets(market: Option<&Market>, tickets: &[Ticket]) -> String {
    let outcomes: BTreeSet<u8> = tickets.iter().filter_map(|ticket| ticket.outcome).collect();
    let Some(market) = market.filter(|_| !outcomes.is_empty()) else { return String::new() };
    let labels: Vec<_> = outcomes.iter().map(|outcome| format!("\"{}\"", market.label(*outcome))).collect();
    format!(" on {}", labels.join(" and "))
}

fn is_raffle(context: &EnterContext, plan: &EnterPlan) -> bool {
    let mut rounds = context.rounds.iter().map(|(round, _)| round);
    rounds.any(|round| round.address == plan.round && round.kind == Kind::Raffle as u8)
}

fn summary(context: &EnterContext, plan: &EnterPlan, bets: &str) -> String {
    let name = String::from_utf8_lossy(&context.lottery.name);
    let name = name.trim_end_matches('\0');
    let vault = &context.vault;
    let mut text = String::new();
    if plan.opens_wallet {
        text.push_str("Opens your wallet. ");
    }
    if plan.deposit_units > 0 {
        text.push_str(&format!("Deposits {}. ", money(vault, plan.deposit_units)));
    }
    let tickets = match (is_raffle(context, plan), plan.tickets) {
        (true, 1) => "place",
        (true, _) => "places",
        (false, 1) => "ticket",
        (false, _) => "tickets",
    };
    let enters = if is_raffle(context, plan) { "Enters for" } else { "Enters" };
    text.push_str(&format!(
        "{enters} {} {tickets}{bets} in round {} of \"{name}\" for {}.",
        plan.tickets,
        plan.round_index,
        money(vault, plan.cost_units)
    ));
    if plan.liability_units > 0 {
        text.push_str(&format!(" They can win {} at most.", money(vault, plan.liability_units)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "SysvarC1ock11111111111111111111111111111111";

    fn request(json: serde_json::Value) -> Result<EnterRequest, ApiError> {
        read(&serde_json::from_value(json).unwrap())
    }

    fn round(picks: u8, numbers: u8, bonus_numbers: u8) -> Round {
        let kind = Kind::Draw as u8;
        Round { kind, picks, numbers, bonus_numbers, ..bytemuck::Zeroable::zeroed() }
    }

    fn with(tickets: &[serde_json::Value]) -> EnterRequest {
        request(serde_json::json!({"owner": OWNER, "lottery_id": 1, "tickets": tickets})).unwrap()
    }

    fn refused(numbers: &[u8], bonus: Option<u8>, round: &Round) -> LotteryError {
        let good = (round.bonus_numbers > 0).then_some(1);
        let good = serde_json::json!({"numbers": [1, 2, 3], "bonus": good});
        let tickets = [good, serde_json::json!({"numbers": numbers, "bonus": bonus})];
        match check_tickets(&with(&tickets), round).unwrap_err() {
            ApiError::Program { error, detail } => {
                assert!(detail.starts_with("ticket 2: "), "{detail}");
                error
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn one_to_twenty_tickets() {
        for (quick_picks, chosen) in [(0, 0), (21, 0), (20, 1), (0, 21), (255, 0)] {
            let tickets = vec![serde_json::json!({"numbers": [1]}); chosen];
            let body = serde_json::json!({"owner": OWNER, "lottery_id": 1, "tickets": tickets, "quick_picks": quick_picks});
            let problem = request(body).unwrap_err().problem();
            assert_eq!(problem.name, Some("TicketCount"));
        }
        let body = serde_json::json!({"owner": OWNER, "lottery_id": 1, "quick_picks": 20});
        assert_eq!(request(body).unwrap().quick_picks.count, 20);
    }

    #[test]
    fn addresses_are_named_when_they_are_wrong() {
        let body = serde_json::json!({"owner": "nobody", "lottery_id": 1, "quick_picks": 1});
        assert_eq!(request(body).unwrap_err().problem().field.as_deref(), Some("owner"));
        let body = serde_json::json!({"owner": OWNER, "lottery_id": 1, "quick_picks": 1, "session_key": "x"});
        assert_eq!(request(body).unwrap_err().problem().field.as_deref(), Some("session_key"));
    }

    #[test]
    fn unknown_fields_are_refused_not_ignored() {
        let body = serde_json::json!({"owner": OWNER, "lottery_id": 1, "quickpicks": 1});
        assert!(serde_json::from_value::<Enter>(body).is_err());
    }

    #[test]
    fn each_fault_of_a_ticket_has_its_name() {
        let plain = round(3, 10, 0);
        assert_eq!(refused(&[1, 2], None, &plain), LotteryError::TicketLength);
        assert_eq!(refused(&[1, 2, 3, 4], None, &plain), LotteryError::TicketLength);
        assert_eq!(refused(&[], None, &plain), LotteryError::TicketLength);
        assert_eq!(refused(&[0, 2, 3], None, &plain), LotteryError::NumberOutOfRange);
        assert_eq!(refused(&[1, 2, 11], None, &plain), LotteryError::NumberOutOfRange);
        assert_eq!(refused(&[2, 1, 3], None, &plain), LotteryError::NumbersUnsorted);
        assert_eq!(refused(&[1, 1, 3], None, &plain), LotteryError::NumbersRepeated);
        assert_eq!(refused(&[1, 2, 3], Some(1), &plain), LotteryError::BonusOutOfRange);
        let bonus = round(3, 10, 4);
        assert_eq!(refused(&[1, 2, 3], None, &bonus), LotteryError::BonusOutOfRange);
        assert_eq!(refused(&[1, 2, 3], Some(0), &bonus), LotteryError::BonusOutOfRange);
        assert_eq!(refused(&[1, 2, 3], Some(5), &bonus), LotteryError::BonusOutOfRange);
        let good = serde_json::json!({"numbers": [1, 2, 10], "bonus": 4});
        assert!(check_tickets(&with(&[good]), &bonus).is_ok());
    }
}
