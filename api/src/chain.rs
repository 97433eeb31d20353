//! Questions to the cluster.

use lottery_client::{ClientError, Rpc};

use crate::{problem::ApiError, state::AppState};

/// Asks on a thread of its own: the client's futures borrow what a request handler may not hold across threads.
/// As many threads at most as there are places for requests.
pub async fn ask<T, F>(
    state: &AppState,
    question: impl FnOnce(Rpc) -> F + Send + 'static,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, ClientError>>,
    T: Send + 'static,
{
    let rpc = state.rpc.clone();
    let runtime = tokio::runtime::Handle::current();
    let answer = tokio::task::spawn_blocking(move || runtime.block_on(question(rpc))).await;
    Ok(answer.map_err(|error| ApiError::Internal(error.into()))??)
}
