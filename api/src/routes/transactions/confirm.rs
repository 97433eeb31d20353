//! `POST /api/transactions/confirm`

use axum::extract::State;
use lottery_client::{
    Fetched, Pubkey,
    raffle::{Order, Standing},
};
use lottery_interface::{LotteryError, accounts::Round, address, instructions};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Draft, Problems, Unsigned, finish};
use crate::{extract::Json, fields, problem::ApiError, state::AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(confirm))
}

/// The place to take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    /// Base58 address of the player, who signs.
    owner: String,
    lottery_id: u64,
    round_index: u64,
    /// From 0, as in `GET /api/rounds/{id}/places?wallet=`.
    rank: u32,
}

/// A transaction that confirms, and until when it can.
#[derive(Debug, Serialize, ToSchema)]
struct UnsignedConfirm {
    #[serde(flatten)]
    unsigned: Unsigned,
    rank: u32,
    /// It must be on the chain before this.
    offered_until: i64,
}

/// Takes the place of a raffle that is offered to the owner, before the offer lapses.
#[utoipa::path(post, path = "/transactions/confirm", tag = "transactions", request_body = Confirm,
    responses((status = 200, body = UnsignedConfirm), Problems))]
async fn confirm(State(state): State<AppState>, Json(body): Json<Confirm>) -> Answer<UnsignedConfirm> {
    let owner = fields::address("owner", &body.owner)?;
    let Confirm { lottery_id, round_index, rank, .. } = body;
    let round = state.rpc.round(lottery_id, round_index).await?;
    let round = round.ok_or_else(|| {
        ApiError::NotFound(format!("lottery {lottery_id} has no round {round_index} on the chain"))
    })?;
    let order = Order::load(&state.rpc, &round).await?.ok_or_else(|| {
        let detail =
            format!("round {round_index} of lottery {lottery_id} is not a raffle: nothing to confirm");
        ApiError::program(LotteryError::NotRaffle, detail)
    })?;
    let offered_until = offered_until(&order, rank, state.rpc.clock().await?.unix_timestamp)?;
    let wallet = address::wallet(&owner, &round.mint.into()).0;
    let sequence = own_page(&state, &round, &order, rank, wallet).await?;
    let lottery = Pubkey::from(round.lottery);
    let ranking = Pubkey::from(order.state.ranking);
    let step = instructions::confirm_place(owner, wallet, lottery, round.address, ranking, sequence, rank);
    let draft = Draft {
        signer: owner,
        fee_payer: None,
        instructions: vec![step],
        summary: format!(
            "Takes the place of rank {rank} in round {round_index} of lottery {lottery_id}; its fee becomes the \
             organiser's."
        ),
        rent_lamports: 0,
    };
    Ok(Json(UnsignedConfirm { unsigned: finish(&state, draft).await?, rank, offered_until }))
}

/// When the offer of a place lapses, or why it cannot be confirmed `now`.
fn offered_until(order: &Order, rank: u32, now: i64) -> Result<i64, ApiError> {
    let refuse = |error, detail: String| Err(ApiError::program(error, detail));
    if order.state.is_ranked != 0 && rank as usize >= order.ranked.len() {
        return refuse(LotteryError::RankUnknown, format!("ranks are below {}", order.ranked.len()));
    }
    match order.standing(Some(rank)) {
        Standing::Offered { until } if now < until => Ok(until),
        Standing::Offered { until } => refuse(
            LotteryError::ConfirmTooLate,
            format!("the place of rank {rank} was offered until {until}"),
        ),
        Standing::Lapsed => refuse(
            LotteryError::ConfirmTooLate,
            format!("the offer of rank {rank} lapsed: the place went on"),
        ),
        Standing::Taken => {
            refuse(LotteryError::PlaceTaken, format!("the place of rank {rank} is taken already"))
        }
        Standing::Waiting { position } => refuse(
            LotteryError::PlaceNotOffered,
            format!("rank {rank} waits, {position} places must fall free first: look again later"),
        ),
        Standing::Released => {
            refuse(LotteryError::PlaceNotOffered, format!("rank {rank} waited in vain: every place is taken"))
        }
        Standing::Prize => {
            refuse(LotteryError::PlaceNotOffered, "prizes are paid without a confirmation".to_owned())
        }
        Standing::Undecided | Standing::Beyond => {
            refuse(LotteryError::NotRanked, "the order is not known yet: look again later".to_owned())
        }
        Standing::Ranked => {
            refuse(LotteryError::NotFinal, "the round is not final yet: confirm in a moment".to_owned())
        }
    }
}

/// The page of the entry with this rank, which must be `wallet`'s.
async fn own_page(
    state: &AppState,
    round: &Fetched<Round>,
    order: &Order,
    rank: u32,
    wallet: Pubkey,
) -> Result<u32, ApiError> {
    if let Some(place) = order.ranked.get(rank as usize) {
        let page = state.rpc.page(round.address, place.page).await?;
        let entry = page.and_then(|page| page.entries().get(place.index as usize).copied());
        if entry.is_some_and(|entry| entry.wallet == wallet.to_bytes()) {
            return Ok(place.page);
        }
    }
    Err(ApiError::program(
        LotteryError::WrongWallet,
        format!("the place of rank {rank} is another player's: ask for one of your own ranks"),
    ))
}
