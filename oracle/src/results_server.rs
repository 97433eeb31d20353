//! **Local test data**: a small HTTP server of made-up results in the published formats, for the demo, the smoke run and tests.
//! Nothing here is a drawing of anybody.
//!
//! | path | format |
//! |---|---|
//! | `/{source}/powerball/open_data` | rows as in state open data |
//! | `/{source}/powerball/site` | rows as on Powerball's site |
//! | `/{source}/mega_millions/open_data` | rows as in state open data, the Mega Ball apart |
//! | `/{source}/mega_millions/site` | one drawing as text in `d`, as on Mega Millions' site |
//! | `/{source}/numbers` | `{"event":{"at":..},"result":{"numbers":[..]}}`, for format `json` |
//!
//! Each takes `?event_at=` (unix seconds). The same seed and event give the same result under every source name, except under
//! those that were told to lie.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    config::{Lottery, Source},
    format::{Event, EventForm, Format, Game, Pointers, UtcOffset, date},
};

const DAY: i64 = 86_400;
/// `numbers` answers so many, ...
pub const NUMBERS: usize = 8;
/// ... each from 0 to this.
pub const MAX_NUMBER: i64 = 99;

/// Which results a lottery is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// Facts `white_1` to `white_5`, `powerball`.
    Powerball,
    /// Facts `white_1` to `white_5`, `mega_ball`.
    MegaMillions,
    /// Facts `number_1` and so on, so many of them: 1 to 8.
    Numbers(u8),
}

impl Results {
    /// Names of the facts, in order.
    pub fn names(self) -> Vec<String> {
        match self {
            Self::Powerball => Game::Powerball.names()[..6].iter().map(|name| name.to_string()).collect(),
            Self::MegaMillions => {
                Game::MegaMillions.names()[..6].iter().map(|name| name.to_string()).collect()
            }
            Self::Numbers(count) => (1..=count).map(|number| format!("number_{number}")).collect(),
        }
    }
}

/// A running server. Dropping it ends it.
pub struct ResultsServer {
    /// Such as `http://127.0.0.1:9100`.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    seed: u64,
    switches: Mutex<Switches>,
}

/// Beginnings of source names.
#[derive(Default)]
struct Switches {
    lying: BTreeSet<String>,
    silent: BTreeSet<String>,
}

fn begins(prefixes: &BTreeSet<String>, name: &str) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
}

impl Drop for ResultsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ResultsServer {
    /// Listens on this machine only. `port` 0: any that is free.
    pub async fn start(port: u16, seed: u64) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.with_context(|| format!("local results: port {port}"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared { seed, switches: Mutex::default() });
        let router = Router::new()
            .route("/{source}/powerball/open_data", get(powerball_open_data))
            .route("/{source}/powerball/site", get(powerball_site))
            .route("/{source}/mega_millions/open_data", get(mega_millions_open_data))
            .route("/{source}/mega_millions/site", get(mega_millions_site))
            .route("/{source}/numbers", get(numbers))
            .with_state(shared.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, shared, task })
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.shared.switches.lock().expect("no panic holds this lock")
    }

    /// From now on, every source whose name begins with `prefix` tells another result, or the right one again. All liars tell the
    /// same.
    pub fn lie(&self, prefix: &str, lies: bool) {
        let mut switches = self.switches();
        let _ = if lies { switches.lying.insert(prefix.into()) } else { switches.lying.remove(prefix) };
    }

    /// From now on, every source whose name begins with `prefix` answers 404, or answers again.
    pub fn silence(&self, prefix: &str, is_silent: bool) {
        let mut switches = self.switches();
        let _ =
            if is_silent { switches.silent.insert(prefix.into()) } else { switches.silent.remove(prefix) };
    }

    /// What a source that does not lie says of the event, as a lottery of [`ResultsServer::lottery`] attests it.
    pub fn facts(&self, results: Results, event_at: i64) -> Vec<i64> {
        facts(self.shared.seed, results, event_at, false)
    }

    /// A lottery whose three sources are called `{prefix}-1` to `{prefix}-3` and are in different formats where there are several.
    pub fn lottery(&self, id: u64, results: Results, prefix: &str) -> Lottery {
        let paths = match results {
            Results::Powerball => ["powerball/open_data", "powerball/site", "powerball/open_data"],
            Results::MegaMillions => {
                ["mega_millions/open_data", "mega_millions/site", "mega_millions/open_data"]
            }
            Results::Numbers(_) => ["numbers"; 3],
        };
        let format = match results {
            Results::Powerball => Format::Published(Game::Powerball),
            Results::MegaMillions => Format::Published(Game::MegaMillions),
            Results::Numbers(_) => Format::Json(Pointers {
                numbers: results
                    .names()
                    .into_iter()
                    .enumerate()
                    .map(|(place, name)| (name, format!("/result/numbers/{place}")))
                    .collect::<BTreeMap<_, _>>(),
                scale: 0,
                event: Some(Event {
                    pointer: "/event/at".into(),
                    form: EventForm::Time { form: "%s".into() },
                }),
            }),
        };
        let source = |(place, path): (usize, &str)| {
            let name = format!("{prefix}-{}", place + 1);
            let url = format!("{}/{name}/{path}?event_at={{event_at}}", self.url);
            Source { name, url, post: None, utc_offset: UtcOffset::default(), format: format.clone() }
        };
        let sources = paths.into_iter().enumerate().map(source).collect();
        Lottery { id, facts: results.names(), sources }
    }
}

/// A few bytes that depend on everything given. Good enough for test data, and for nothing else.
struct Bytes {
    key: [u8; 32],
    count: u64,
}

impl Bytes {
    fn next(&mut self, from: i64, to: i64) -> i64 {
        self.count += 1;
        let hash = Sha256::new().chain_update(self.key).chain_update(self.count.to_le_bytes()).finalize();
        let number = hash[..8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        from + (number % (to - from + 1) as u64) as i64
    }
}

fn bytes(seed: u64, what: &str, event_at: i64, lies: bool) -> Bytes {
    let key = Sha256::new()
        .chain_update(b"lottery_v4/local test results/1")
        .chain_update(seed.to_le_bytes())
        .chain_update(what.as_bytes())
        .chain_update(event_at.to_le_bytes())
        .chain_update([u8::from(lies)])
        .finalize();
    Bytes { key: key.into(), count: 0 }
}

fn facts(seed: u64, results: Results, event_at: i64, lies: bool) -> Vec<i64> {
    match results {
        Results::Powerball => drawing(seed, Game::Powerball, event_at, lies)[..6].to_vec(),
        Results::MegaMillions => drawing(seed, Game::MegaMillions, event_at, lies)[..6].to_vec(),
        Results::Numbers(count) => {
            let mut all = made_up_numbers(seed, event_at, lies);
            all.truncate(count.into());
            all
        }
    }
}

/// A lie differs from the truth in its last ball, or in every number, so that each market with two outcomes sees it.
fn made_up_numbers(seed: u64, event_at: i64, lies: bool) -> Vec<i64> {
    let mut bytes = bytes(seed, "numbers", event_at, false);
    let shift = i64::from(lies);
    (0..NUMBERS).map(|_| (bytes.next(0, MAX_NUMBER) + shift) % (MAX_NUMBER + 1)).collect()
}

/// Five white balls that ascend, the last ball, and the multiplier.
fn drawing(seed: u64, game: Game, event_at: i64, lies: bool) -> [i64; 7] {
    let (what, most_white, most_bonus) = match game {
        Game::Powerball => ("powerball", 69, 26),
        Game::MegaMillions => ("mega_millions", 70, 24),
    };
    let mut bytes = bytes(seed, what, event_at, false);
    let mut whites = BTreeSet::new();
    while whites.len() < 5 {
        whites.insert(bytes.next(1, most_white));
    }
    let mut all = [0; 7];
    for (place, white) in all.iter_mut().zip(whites) {
        *place = white;
    }
    all[5] = (bytes.next(1, most_bonus) - 1 + i64::from(lies)) % most_bonus + 1;
    all[6] = bytes.next(2, 5);
    all
}

#[derive(serde::Deserialize)]
struct Asked {
    event_at: i64,
}

type Answer = Result<Json<Value>, StatusCode>;

impl Shared {
    /// Whether this source lies; an error where it is silent.
    fn lies(&self, source: &str) -> Result<bool, StatusCode> {
        let switches = self.switches.lock().expect("no panic holds this lock");
        if begins(&switches.silent, source) {
            return Err(StatusCode::NOT_FOUND);
        }
        Ok(begins(&switches.lying, source))
    }

    /// The drawing and those of two days before it, newest first, as feeds have it.
    fn rows(
        &self,
        source: &str,
        game: Game,
        event_at: i64,
        row: impl Fn(String, [i64; 7]) -> Value,
    ) -> Answer {
        let lies = self.lies(source)?;
        let rows = (0..3).map(|days| {
            let at = event_at.checked_sub(days * DAY).ok_or(StatusCode::BAD_REQUEST)?;
            let day = date(at, UtcOffset::default()).map_err(|_| StatusCode::BAD_REQUEST)?;
            Ok(row(day.to_string(), drawing(self.seed, game, at, lies)))
        });
        Ok(Json(Value::Array(rows.collect::<Result<_, StatusCode>>()?)))
    }
}

fn joined(numbers: &[i64], between: &str) -> String {
    numbers.iter().map(|number| format!("{number:02}")).collect::<Vec<_>>().join(between)
}

async fn powerball_open_data(
    State(shared): State<Arc<Shared>>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    shared.rows(&source, Game::Powerball, asked.event_at, |day, drawn| {
        json!({
            "draw_date": format!("{day}T00:00:00.000"),
            "winning_numbers": joined(&drawn[..6], " "),
            "multiplier": drawn[6].to_string(),
        })
    })
}

async fn powerball_site(
    State(shared): State<Arc<Shared>>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    shared.rows(&source, Game::Powerball, asked.event_at, |day, drawn| {
        json!({
            "field_draw_date": day,
            "field_winning_numbers": joined(&drawn[..6], ","),
            "field_multiplier": drawn[6].to_string(),
        })
    })
}

async fn mega_millions_open_data(
    State(shared): State<Arc<Shared>>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    shared.rows(&source, Game::MegaMillions, asked.event_at, |day, drawn| {
        json!({
            "draw_date": format!("{day}T00:00:00.000"),
            "winning_numbers": joined(&drawn[..5], " "),
            "mega_ball": format!("{:02}", drawn[5]),
            "multiplier": format!("{:02}", drawn[6]),
        })
    })
}

async fn mega_millions_site(
    State(shared): State<Arc<Shared>>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let lies = shared.lies(&source)?;
    let day = date(asked.event_at, UtcOffset::default()).map_err(|_| StatusCode::BAD_REQUEST)?;
    let [n1, n2, n3, n4, n5, ball, multiplier] =
        drawing(shared.seed, Game::MegaMillions, asked.event_at, lies);
    let drawing = json!({ "Drawing": {
        "PlayDate": format!("{day}T00:00:00"),
        "N1": n1, "N2": n2, "N3": n3, "N4": n4, "N5": n5,
        "MBall": ball,
        "Megaplier": multiplier,
    }});
    Ok(Json(json!({ "d": drawing.to_string() })))
}

async fn numbers(
    State(shared): State<Arc<Shared>>,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let lies = shared.lies(&source)?;
    let numbers = made_up_numbers(shared.seed, asked.event_at, lies);
    Ok(Json(json!({ "event": { "at": asked.event_at }, "result": { "numbers": numbers } })))
}
