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

mod made_up;
mod routes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::Context;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    config::{Lottery, Source},
    format::{Event, EventForm, Format, Game, Pointers, UtcOffset},
};

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
        let router = routes::router(shared.clone());
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
        made_up::facts(self.shared.seed, results, event_at, false)
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
