//! What a person must know: an error in the log with a stable code, a counter, and a POST to the webhook if there is one.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::Serialize;
use tokio::task::JoinSet;
use tracing::{error, warn};

use crate::counters::Counters;

/// Two sources have different results. The two that agree were attested, if there are two.
pub const SOURCES_DISAGREE: &str = "sources_disagree";
/// Another reporter attested other facts.
pub const REPORTERS_DISAGREE: &str = "reporters_disagree";
/// The sources agree on facts that the market does not take.
pub const FACTS_REFUSED: &str = "facts_refused";
/// The key is not in the oracle set of the lottery's config.
pub const NOT_A_REPORTER: &str = "not_a_reporter";
/// The lottery does not exist, is no market, or wants other facts than the file names.
pub const WRONG_LOTTERY: &str = "wrong_lottery";
/// Evidence cannot be written. Nothing is attested without it.
pub const EVIDENCE_NOT_KEPT: &str = "evidence_not_kept";
/// The program refused the attestation, or the reporter has no lamports.
pub const ATTESTATION_REFUSED: &str = "attestation_refused";

/// Different alerts that are remembered, to say each once.
const REMEMBERED: usize = 10_000;
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(5);
const WEBHOOK_ATTEMPTS: u32 = 3;

/// The body of the webhook's POST.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    pub code: &'static str,
    /// Base58.
    pub reporter: String,
    pub lottery_id: u64,
    pub round_index: Option<u64>,
    /// Unix seconds.
    pub event_at: Option<i64>,
    pub message: String,
}

pub struct Alerts {
    reporter: String,
    webhook_url: Option<String>,
    http: reqwest::Client,
    counters: Arc<Counters>,
    said: Mutex<HashSet<String>>,
    posts: Mutex<JoinSet<()>>,
}

impl Alerts {
    pub fn new(reporter: String, webhook_url: Option<String>, counters: Arc<Counters>) -> Self {
        Self {
            reporter,
            webhook_url,
            http: reqwest::Client::new(),
            counters,
            said: Mutex::default(),
            posts: Mutex::default(),
        }
    }

    /// Once for each code, lottery, round, event and message. `round`: index and `event_at`.
    pub fn raise(&self, code: &'static str, lottery_id: u64, round: Option<(u64, i64)>, message: String) {
        {
            let mut said = self.said.lock().expect("no panic holds this lock");
            if said.len() >= REMEMBERED {
                said.clear();
            }
            if !said.insert(format!("{code} {lottery_id} {round:?} {message}")) {
                return;
            }
        }
        let (round_index, event_at) = (round.map(|(index, _)| index), round.map(|(_, event_at)| event_at));
        error!(code, lottery_id, round_index, event_at, "{message}");
        self.counters.alert(code);
        let Some(url) = self.webhook_url.clone() else { return };
        let reporter = self.reporter.clone();
        let alert = Alert { code, reporter, lottery_id, round_index, event_at, message };
        let http = self.http.clone();
        let mut posts = self.posts.lock().expect("no panic holds this lock");
        while posts.try_join_next().is_some() {}
        posts.spawn(async move { post(&http, &url, &alert).await });
    }

    /// Waits until what was raised is posted, or has failed.
    pub async fn flush(&self) {
        let posts = std::mem::take(&mut *self.posts.lock().expect("no panic holds this lock"));
        posts.join_all().await;
    }
}

async fn post(http: &reqwest::Client, url: &str, alert: &Alert) {
    for attempt in 1..=WEBHOOK_ATTEMPTS {
        let sent = http.post(url).json(alert).timeout(WEBHOOK_TIMEOUT).send().await;
        match sent.and_then(|answer| answer.error_for_status()) {
            Ok(_) => return,
            // The address may hold a token: it is not for the log.
            Err(error) => {
                let error = error.without_url();
                warn!(attempt, code = alert.code, error = %error, "the webhook does not take the alert");
            }
        }
        tokio::time::sleep(Duration::from_millis(500) * attempt).await;
    }
}
