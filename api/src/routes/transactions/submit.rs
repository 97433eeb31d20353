//! `POST /api/transactions/submit`

use axum::extract::State;
use base64::{Engine, engine::general_purpose::STANDARD};
use lottery_client::{Signature, unsigned::PACKET_BYTES};
use lottery_interface::address::PROGRAM_ID;
use serde::{Deserialize, Serialize};
use solana_client::rpc_request::RpcRequest;
use solana_transaction::versioned::VersionedTransaction;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Problems};
use crate::{extract::Json, problem::ApiError, state::AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(submit))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Submit {
    /// The signed transaction as it travels, base64.
    transaction: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Submitted {
    /// Its signature; the cluster took it, and whether it lands is seen there.
    signature: String,
}

/// Sends a signed transaction of the program. It is simulated first, so what the program refuses comes back as its
/// error and costs nothing.
#[utoipa::path(post, path = "/transactions/submit", tag = "transactions", request_body = Submit,
    responses((status = 200, body = Submitted), Problems))]
async fn submit(State(state): State<AppState>, Json(body): Json<Submit>) -> Answer<Submitted> {
    check(&body.transaction)?;
    let parameters =
        serde_json::json!([body.transaction, {"encoding": "base64", "preflightCommitment": "confirmed"}]);
    let parameters = &parameters;
    let signature = state
        .rpc
        .call(|rpc| async move { rpc.send::<String>(RpcRequest::SendTransaction, parameters.clone()).await })
        .await?;
    metrics::counter!("lottery_api_transactions_sent_total").increment(1);
    Ok(Json(Submitted { signature }))
}

/// Refuses what the cluster would not understand, and what is none of ours: this is no open relay.
fn check(text: &str) -> Result<(), ApiError> {
    let refuse = |detail: String| ApiError::invalid("transaction", detail);
    let bytes = STANDARD.decode(text).map_err(|_| {
        refuse("not base64 (standard alphabet, padded): encode the transaction's bytes".into())
    })?;
    if bytes.len() > PACKET_BYTES {
        return Err(refuse(format!("{} bytes, and {PACKET_BYTES} is the most: split it", bytes.len())));
    }
    let transaction: VersionedTransaction =
        bincode::deserialize(&bytes).map_err(|_| refuse("these bytes are not a transaction".into()))?;
    transaction.sanitize().map_err(|error| refuse(format!("not a sound transaction: {error}")))?;
    let keys = transaction.message.static_account_keys();
    if !keys.contains(&PROGRAM_ID) {
        return Err(refuse(format!("it does not call {PROGRAM_ID}: send it to the cluster yourself")));
    }
    let unsigned = transaction.signatures.iter().position(|signature| *signature == Signature::default());
    if let Some(signer) = unsigned.and_then(|place| keys.get(place)) {
        return Err(refuse(format!("the signature of {signer} is missing: sign it first")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lottery_client::{Hash, Instruction, Keypair, Pubkey, Signer, unsigned_transaction};

    use super::*;

    fn detail(text: &str) -> String {
        let problem = check(text).unwrap_err().problem();
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some("transaction")));
        problem.detail
    }

    /// A transaction that calls `program`, signed or not.
    fn transaction(program: Pubkey, signed: bool) -> String {
        let payer = Keypair::new();
        let call = Instruction { program_id: program, accounts: vec![], data: vec![44] };
        let unsigned = unsigned_transaction(&payer.pubkey(), &[call], &Hash::default()).unwrap();
        let mut bytes = unsigned.bytes();
        if signed {
            bytes[1..65].copy_from_slice(payer.sign_message(&unsigned.message_bytes()).as_ref());
        }
        STANDARD.encode(bytes)
    }

    #[test]
    fn signed_transactions_of_the_program_pass() {
        check(&transaction(PROGRAM_ID, true)).unwrap();
    }

    #[test]
    fn each_fault_says_what_to_do() {
        assert!(detail("***").contains("base64"));
        assert!(detail("").contains("not a transaction"));
        assert!(detail(&STANDARD.encode([1; 300])).contains("not a"));
        assert!(detail(&STANDARD.encode([0; PACKET_BYTES + 1])).contains("split"));
        assert!(detail(&transaction(PROGRAM_ID, false)).contains("sign it first"));
        assert!(detail(&transaction(Pubkey::new_from_array([9; 32]), true)).contains("yourself"));
    }
}
