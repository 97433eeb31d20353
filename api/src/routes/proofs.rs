//! `/api/rounds/{id}/proof`

use axum::extract::State;
use jiff::Timestamp;
use lottery_client::proof::Proof;
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Problems, row_number};
use crate::{
    extract::{Json, Path},
    fields,
    problem::ApiError,
    state::AppState,
    store::{
        proof::{self, Facts, NoProof, Target},
        round_entry,
    },
};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(by_address)).routes(routes!(by_index))
}

/// Everything that it takes to recompute the result of a round: source, target, value, pages, seed, stream and
/// result; of a market its attestations, and how the stakes were split.
#[utoipa::path(get, path = "/rounds/{id}/proof", tag = "rounds",
    params(("id" = String, Path, description = "Address of the round's account")),
    responses((status = 200, body = Proof), Problems))]
async fn by_address(State(state): State<AppState>, Path(id): Path<String>) -> Answer<Proof> {
    let address = fields::address("id", &id)?.to_string();
    let mut connection = state.pool.acquire().await?;
    answer(&mut connection, &address).await
}

/// The same by lottery and index.
#[utoipa::path(get, path = "/lotteries/{id}/rounds/{index}/proof", tag = "rounds",
    params(("id" = u64, Path), ("index" = u64, Path, description = "From 0; never reused")),
    responses((status = 200, body = Proof), Problems))]
async fn by_index(State(state): State<AppState>, Path((id, index)): Path<(u64, u64)>) -> Answer<Proof> {
    let (row_id, row_index) = (row_number(id, "lottery")?, row_number(index, "round")?);
    let mut connection = state.pool.acquire().await?;
    let address = round_entry::address_of(&mut connection, row_id, row_index).await?;
    let address = address.ok_or_else(|| ApiError::NotFound(format!("lottery {id} has no round {index}")))?;
    answer(&mut connection, &address).await
}

async fn answer(connection: &mut PgConnection, address: &str) -> Answer<Proof> {
    let facts = proof::get(connection, address).await?;
    let facts = facts.ok_or_else(|| ApiError::NotFound(format!("there is no round at {address}")))?;
    let name = name(&facts);
    facts.into_proof().map(Json).map_err(|reason| problem(&name, reason))
}

fn name(facts: &Facts) -> String {
    format!("round {} of lottery {}", facts.index(), facts.lottery_id())
}

fn problem(round: &str, reason: NoProof) -> ApiError {
    match reason {
        NoProof::NotYet { target, expected_at } => {
            let when = expected_at.and_then(|at| Timestamp::from_second(at).ok());
            let when = when.map(|at| format!(" It can come from about {at}; ask again then."));
            let what = match target {
                Target::Beacon { round, chain_hash } => {
                    format!("it is decided by round {round} of the beacon {chain_hash}")
                }
                Target::Slot(slot) => {
                    format!(
                        "it is decided by the operator's reveal and the hash of the first slot from {slot} on"
                    )
                }
                Target::Oracles { attestations, quorum, reporters } => format!(
                    "it is decided when {quorum} of {reporters} reporters attest the same facts, and {attestations} have \
                     attested"
                ),
                Target::Unknown => "what decides it is not indexed yet".into(),
            };
            let detail = format!("{round} has no value yet: {what}.{}", when.unwrap_or_default());
            ApiError::NoValueYet { detail, expected_at }
        }
        NoProof::Void(reason) => ApiError::RoundVoid(format!(
            "{round} is void ({reason}): nothing was decided, every stake is refunded"
        )),
        NoProof::Missing(what) => ApiError::ProofLost(format!(
            "the account of {round} was closed before the indexer read {what}, and no instruction carries it: recompute \
             it from the ledger of a node that keeps accounts"
        )),
        NoProof::Unknown => {
            ApiError::ProofLost(format!("{round} is of a kind or a source that this version cannot prove"))
        }
    }
}
