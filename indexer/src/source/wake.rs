//! Wakes the poll loop when the chain moves, so that polling can be slow and the feed still fast.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use solana_client::nonblocking::pubsub_client::PubsubClient;
use tokio::sync::Notify;

/// Notifies `wake` at each new slot, for ever; drop the task to end it. The subscription is only ever a hint: when it
/// fails, polling goes on and it is tried again.
pub async fn wake_on_slots(ws_url: String, wake: Arc<Notify>) {
    const RETRY: Duration = Duration::from_secs(2);
    loop {
        match PubsubClient::new(&ws_url).await {
            Ok(client) => match client.slot_subscribe().await {
                Ok((mut slots, _unsubscribe)) => {
                    tracing::debug!(ws_url, "subscribed to slots");
                    while slots.next().await.is_some() {
                        wake.notify_one();
                    }
                    tracing::warn!(ws_url, "the slot subscription ended");
                }
                Err(error) => tracing::warn!(ws_url, %error, "cannot subscribe to slots: polling only"),
            },
            Err(error) => tracing::warn!(ws_url, %error, "no WebSocket: polling only"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
