//! What the indexer is told.

use std::time::Duration;

/// How the record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Walk {
    /// Blocks near the tip, signatures when far behind.
    #[default]
    Auto,
    /// Every block: few calls on a chain that is mostly ours.
    Blocks,
    /// The program's signatures: few bytes on a chain that is mostly not ours.
    Signatures,
}

impl std::str::FromStr for Walk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Walk::Auto),
            "blocks" => Ok(Walk::Blocks),
            "signatures" => Ok(Walk::Signatures),
            _ => Err(format!("'{text}' is not a way to read the record: use auto, blocks or signatures")),
        }
    }
}

/// What `run` needs.
#[derive(Debug, Clone)]
pub struct Config {
    pub rpc_url: String,
    /// Only wakes the poll loop; without it the record is polled.
    pub ws_url: Option<String>,
    pub database_url: String,
    /// Longest time between two looks at the chain.
    pub poll: Duration,
    pub walk: Walk,
}

impl Config {
    pub fn new(rpc_url: impl Into<String>, ws_url: Option<String>, database_url: impl Into<String>) -> Self {
        Config {
            rpc_url: rpc_url.into(),
            ws_url,
            database_url: database_url.into(),
            poll: Duration::from_millis(400),
            walk: Walk::Auto,
        }
    }
}
