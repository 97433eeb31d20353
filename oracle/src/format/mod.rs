//! Numbers out of published results. Everything here is pure: the same bytes give the same facts years later, on any machine.

mod event;
mod json;
mod pointers;
mod published;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use event::{EventForm, UtcOffset, date};
pub use published::Game;

/// How the answer of a source is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// The feeds in which Powerball or Mega Millions results are published.
    Published(Game),
    /// Any JSON, by pointers.
    Json(Pointers),
}

/// Where in a JSON document things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointers {
    /// JSON pointer (RFC 6901) of each fact, by its name.
    pub numbers: BTreeMap<String, String>,
    /// The fact is the number times ten to the power of this; what is left behind the point must be nothing.
    pub scale: u8,
    /// Where the document says which event it is about.
    pub event: Option<Event>,
}

/// What a document must say about its event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "EventTable", into = "EventTable")]
pub struct Event {
    /// JSON pointer.
    pub pointer: String,
    pub form: EventForm,
}

/// An event as it is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventTable {
    pointer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every_seconds: Option<i64>,
}

impl TryFrom<EventTable> for Event {
    type Error = String;

    fn try_from(table: EventTable) -> Result<Self, String> {
        let form = match (table.form, table.first, table.first_at, table.every_seconds) {
            (Some(form), None, None, None) => EventForm::Time { form },
            (None, Some(first), Some(first_at), Some(every_seconds)) if every_seconds > 0 => {
                EventForm::Count { first, first_at, every_seconds }
            }
            _ => {
                return Err(
                    "an event has a form such as \"%Y-%m-%d\", or else first, first_at and every_seconds \
                            (1 or more)"
                        .into(),
                );
            }
        };
        Ok(Self { pointer: table.pointer, form })
    }
}

impl From<Event> for EventTable {
    fn from(event: Event) -> Self {
        let table = Self { pointer: event.pointer, ..Self::default() };
        match event.form {
            EventForm::Time { form } => Self { form: Some(form), ..table },
            EventForm::Count { first, first_at, every_seconds } => Self {
                first: Some(first),
                first_at: Some(first_at),
                every_seconds: Some(every_seconds),
                ..table
            },
        }
    }
}

/// Why an answer gives no facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing is wrong: it is not published yet.
    #[error("the result is not there yet: {0}")]
    NotYet(String),
    /// The answer is not what the format says.
    #[error("{0}")]
    Invalid(String),
}

impl ReadError {
    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid(what.into())
    }
}

impl Format {
    /// The facts called `names`, in this order, of the event at `event_at` (unix seconds).
    pub fn read(
        &self,
        body: &[u8],
        names: &[String],
        event_at: i64,
        offset: UtcOffset,
    ) -> Result<Vec<i64>, ReadError> {
        match self {
            Self::Published(game) => published::read(*game, body, names, event_at, offset),
            Self::Json(pointers) => json::read(pointers, body, names, event_at, offset),
        }
    }

    /// Whether this format has a fact of that name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Published(game) => game.names().contains(&name),
            Self::Json(pointers) => pointers.numbers.contains_key(name),
        }
    }
}
