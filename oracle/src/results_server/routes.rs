//! The results in the shapes in which they are published.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use serde_json::{Value, json};

use super::{
    Shared, begins,
    made_up::{self, drawing},
};
use crate::format::{Game, UtcOffset, date};

const DAY: i64 = 86_400;

pub fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/{source}/powerball/open_data", get(powerball_open_data))
        .route("/{source}/powerball/site", get(powerball_site))
        .route("/{source}/mega_millions/open_data", get(mega_millions_open_data))
        .route("/{source}/mega_millions/site", get(mega_millions_site))
        .route("/{source}/numbers", get(numbers))
        .with_state(shared)
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
    let numbers = made_up::numbers(shared.seed, asked.event_at, lies);
    Ok(Json(json!({ "event": { "at": asked.event_at }, "result": { "numbers": numbers } })))
}
