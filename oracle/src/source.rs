//! A source: where results are published, and how they are read.

use std::collections::BTreeMap;

use anyhow::ensure;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::format::{Event, Format, Game, Pointers, ReadError, UtcOffset, date};

/// Decimal places that a fact may be scaled by.
const MAX_SCALE: u8 = 18;

/// One place where results are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SourceTable", into = "SourceTable")]
pub struct Source {
    pub name: String,
    /// `{date}` stands for the event's day in the source's offset, `{event_at}` for its unix seconds.
    pub url: String,
    /// Sent by POST as JSON; without it, the request is a GET.
    pub post: Option<String>,
    pub utc_offset: UtcOffset,
    pub format: Format,
}

/// A source as it is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: String,
    url: String,
    format: String,
    #[serde(default)]
    utc_offset: UtcOffset,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numbers: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<Event>,
}

impl TryFrom<SourceTable> for Source {
    type Error = String;

    fn try_from(table: SourceTable) -> Result<Self, String> {
        let name = &table.name;
        let published = |game| match (&table.numbers, &table.event, table.scale) {
            (None, None, None) => Ok(Format::Published(game)),
            _ => Err(format!("source \"{name}\": numbers, event and scale are of format \"json\" alone")),
        };
        let format = match table.format.as_str() {
            "powerball" => published(Game::Powerball)?,
            "mega_millions" => published(Game::MegaMillions)?,
            "json" => {
                let numbers = table.numbers.ok_or_else(|| {
                    format!("source \"{name}\": format \"json\" needs numbers = {{ name = \"/pointer\" }}")
                })?;
                let scale = table.scale.unwrap_or(0);
                if scale > MAX_SCALE {
                    return Err(format!("source \"{name}\": scale is at most {MAX_SCALE}"));
                }
                let pointers = numbers.values().chain(table.event.as_ref().map(|event| &event.pointer));
                for pointer in pointers {
                    if !pointer.is_empty() && !pointer.starts_with('/') {
                        return Err(format!(
                            "source \"{name}\": the pointer \"{pointer}\" does not begin with /"
                        ));
                    }
                }
                Format::Json(Pointers { numbers, scale, event: table.event })
            }
            other => {
                return Err(format!(
                    "source \"{name}\": the format \"{other}\" is none of powerball, mega_millions, json"
                ));
            }
        };
        Ok(Self { name: table.name, url: table.url, post: table.post, utc_offset: table.utc_offset, format })
    }
}

impl From<Source> for SourceTable {
    fn from(source: Source) -> Self {
        let table = Self {
            name: source.name,
            url: source.url,
            utc_offset: source.utc_offset,
            post: source.post,
            ..Self::default()
        };
        match source.format {
            Format::Published(Game::Powerball) => Self { format: "powerball".into(), ..table },
            Format::Published(Game::MegaMillions) => Self { format: "mega_millions".into(), ..table },
            Format::Json(pointers) => Self {
                format: "json".into(),
                scale: Some(pointers.scale),
                numbers: Some(pointers.numbers),
                event: pointers.event,
                ..table
            },
        }
    }
}

impl Source {
    /// The address to fetch for an event.
    pub fn url_for(&self, event_at: i64) -> Result<Url, ReadError> {
        let day = date(event_at, self.utc_offset)?.to_string();
        let text = self.url.replace("{date}", &day).replace("{event_at}", &event_at.to_string());
        Url::parse(&text).map_err(|error| ReadError::Invalid(format!("the url \"{text}\": {error}")))
    }

    /// The facts of an answer.
    pub fn read(&self, body: &[u8], names: &[String], event_at: i64) -> Result<Vec<i64>, ReadError> {
        self.format.read(body, names, event_at, self.utc_offset)
    }

    /// What the types alone do not say. `facts`: names of those that the lottery needs.
    pub(crate) fn check(&self, facts: &[String]) -> anyhow::Result<()> {
        let url = self.url_for(0)?;
        ensure!(
            matches!(url.scheme(), "https" | "http") && url.host().is_some(),
            "\"{}\" is no http or https address",
            self.url
        );
        ensure!(
            url.username().is_empty() && url.password().is_none(),
            "the url holds a password: urls are part of the evidence, which is for publishing"
        );
        if let Format::Json(Pointers { event, .. }) = &self.format {
            let names_event = self.url.contains("{date}") || self.url.contains("{event_at}");
            ensure!(
                event.is_some() || names_event,
                "nothing says which event the document is about: give event = {{ pointer, form }}, or put {{date}} or \
                 {{event_at}} into the url"
            );
            if let Some(event) = event {
                event.form.expected(0, self.utc_offset)?;
            }
        }
        for name in facts {
            ensure!(self.format.has(name), "its format has no fact \"{name}\"");
        }
        Ok(())
    }
}
