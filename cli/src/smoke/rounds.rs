//! Rounds as a frontend sees them: over REST, and what the WebSocket said of them.

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::demo::feed::Seen;

/// Items of one page of a list; the most that the api gives.
const LIMIT: u32 = 200;

/// A round in the api's words, as far as it is needed here.
#[derive(Clone, Debug, Deserialize)]
pub struct ApiRound {
    pub lottery_id: u64,
    pub index: u64,
    pub kind: String,
    pub status: String,
    pub entered_count: u64,
    pub winners_total: u64,
    pub winners_paid: u64,
    pub refunded: u64,
    pub refund_all: bool,
    pub void_reason: Option<String>,
    pub result: Option<ApiResult>,
    /// Of a market.
    pub winning_outcome: Option<u8>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct ApiResult {
    pub numbers: Vec<u8>,
}

#[derive(Deserialize)]
struct Listing {
    items: Vec<ApiRound>,
    next_cursor: Option<String>,
}

impl ApiRound {
    /// Entered, drawn, settled, and everything that it owes is paid.
    pub fn is_complete(&self) -> bool {
        // Instant tickets have a result each, and the round none.
        let has_numbers = self.result.as_ref().is_some_and(|result| !result.numbers.is_empty());
        let drawn = match self.kind.as_str() {
            "instant" => true,
            "prediction" => self.winning_outcome.is_some(),
            _ => has_numbers,
        };
        let paid = match self.refund_all {
            true => self.refunded == self.entered_count,
            false => self.winners_paid == self.winners_total,
        };
        self.entered_count > 0 && self.status == "final" && drawn && paid
    }

    /// The WebSocket told its entries and its result.
    pub fn was_seen(&self, seen: &Seen) -> bool {
        let Some(kinds) = seen.get(&(self.lottery_id, self.index)) else { return false };
        kinds.contains_key("draw:result") && kinds.contains_key("round:state")
    }
}

/// Every round of a lottery, by following cursors.
pub async fn rounds(api_url: &str, lottery_id: u64) -> anyhow::Result<Vec<ApiRound>> {
    let base = format!("{api_url}/api/lotteries/{lottery_id}/rounds?limit={LIMIT}");
    let (mut url, mut rounds) = (base.clone(), Vec::new());
    loop {
        let answer = reqwest::get(&url).await.context("the api does not answer")?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("{url} answers {status}: {text}");
        }
        let listing: Listing =
            serde_json::from_str(&text).with_context(|| format!("{url} answers {text}"))?;
        rounds.extend(listing.items);
        match listing.next_cursor {
            Some(cursor) => url = format!("{base}&cursor={cursor}"),
            None => return Ok(rounds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round() -> ApiRound {
        ApiRound {
            lottery_id: 1,
            index: 0,
            kind: "draw".into(),
            status: "final".into(),
            entered_count: 4,
            winners_total: 2,
            winners_paid: 2,
            refunded: 0,
            refund_all: false,
            void_reason: None,
            result: Some(ApiResult { numbers: vec![1, 2, 3] }),
            winning_outcome: None,
        }
    }

    #[test]
    fn complete_means_all_of_it() {
        assert!(round().is_complete());
        assert!(!ApiRound { entered_count: 0, ..round() }.is_complete());
        assert!(!ApiRound { winners_paid: 1, ..round() }.is_complete());
        assert!(!ApiRound { result: None, ..round() }.is_complete());
        assert!(!ApiRound { result: Some(ApiResult { numbers: Vec::new() }), ..round() }.is_complete());
        assert!(ApiRound { kind: "instant".into(), result: None, ..round() }.is_complete());
        let market = ApiRound { kind: "prediction".into(), result: None, ..round() };
        assert!(!market.is_complete());
        assert!(ApiRound { winning_outcome: Some(0), ..market }.is_complete());
        assert!(!ApiRound { status: "drawn".into(), ..round() }.is_complete());
        assert!(!ApiRound { refund_all: true, refunded: 3, ..round() }.is_complete());
        assert!(ApiRound { refund_all: true, refunded: 4, ..round() }.is_complete());
    }

    #[test]
    fn seen_means_result_and_states() {
        let mut seen = Seen::new();
        assert!(!round().was_seen(&seen));
        let kinds = seen.entry((1, 0)).or_default();
        kinds.insert("draw:result".into(), 1);
        assert!(!round().was_seen(&seen));
        seen.entry((1, 0)).or_default().insert("round:state".into(), 5);
        assert!(round().was_seen(&seen));
    }
}
