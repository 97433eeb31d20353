//! What clients send, what a topic is called, and how a message is written.

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Topics of one client.
pub const MAX_TOPICS: usize = 64;

/// A command. Both lists may be given; unsubscribing goes first.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Command {
    #[serde(default)]
    pub subscribe: Vec<Subscribe>,
    #[serde(default)]
    pub unsubscribe: Vec<String>,
}

/// `"lottery/1"`, or with the place where the client left off.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Subscribe {
    Fresh(String),
    Resume { topic: String, epoch: String, after: u64 },
}

impl Subscribe {
    pub fn topic(&self) -> &str {
        match self {
            Self::Fresh(topic) | Self::Resume { topic, .. } => topic,
        }
    }
}

/// What a topic is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TopicName {
    Global,
    Lottery(u64),
}

impl TopicName {
    /// One name per topic: `lottery/01` is none.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "global" {
            return Some(Self::Global);
        }
        let id: u64 = name.strip_prefix("lottery/")?.parse().ok()?;
        let topic = Self::Lottery(id);
        (topic.to_string() == name).then_some(topic)
    }
}

impl std::fmt::Display for TopicName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Lottery(id) => write!(f, "lottery/{id}"),
        }
    }
}

/// Writes a message; `data` is JSON already.
pub fn message(topic: &TopicName, epoch: &str, seq: u64, kind: &str, data: &str) -> Utf8Bytes {
    // `kind` comes from the outbox: quoting it properly keeps the message JSON whatever it holds.
    let kind = serde_json::Value::from(kind);
    format!(r#"{{"topic":"{topic}","epoch":"{epoch}","seq":{seq},"kind":{kind},"data":{data}}}"#).into()
}

/// An answer to a command that could not be followed; it has no `seq`, for it is no event.
#[derive(Serialize)]
struct Refusal<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    kind: &'static str,
    data: &'a Problem,
}

pub fn refusal(topic: Option<&str>, problem: &Problem) -> Utf8Bytes {
    let refusal = Refusal { topic, kind: "error", data: problem };
    serde_json::to_string(&refusal).unwrap_or_else(|_| r#"{"kind":"error"}"#.into()).into()
}

/// Why a connection is closed by us. 1000 to 1999 are RFC 6455's, 4000 to 4999 ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The service stops: connect again.
    GoingAway,
    /// Too many commands that could not be followed.
    Policy,
    /// A message above the limit.
    TooBig,
    /// The feed started anew: connect again for fresh snapshots.
    Restarted,
    /// No answer to pings.
    Silent,
    /// Too slow for its topics: connect again, with fewer.
    Slow,
}

impl Closing {
    pub const fn code(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::Restarted => 1012,
            Self::Silent => 4000,
            Self::Slow => 4008,
        }
    }

    pub const fn reason(self) -> &'static str {
        match self {
            Self::GoingAway => "the service stops: connect again",
            Self::Policy => "too many commands, or too many that cannot be followed",
            Self::TooBig => "a message is too big",
            Self::Restarted => "the feed started anew: connect again",
            Self::Silent => "no answer to pings",
            Self::Slow => "too slow for these topics: resume, or take fewer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        let command: Command = serde_json::from_str(
            r#"{"subscribe":["global",{"topic":"lottery/1","epoch":"ab","after":7}],"unsubscribe":["lottery/2"]}"#,
        )
        .unwrap();
        assert_eq!(
            command,
            Command {
                subscribe: vec![
                    Subscribe::Fresh("global".into()),
                    Subscribe::Resume { topic: "lottery/1".into(), epoch: "ab".into(), after: 7 },
                ],
                unsubscribe: vec!["lottery/2".into()],
            }
        );
        assert!(serde_json::from_str::<Command>(r#"{"publish":["global"]}"#).is_err());
    }

    #[test]
    fn a_topic_has_one_name() {
        assert_eq!(TopicName::parse("global"), Some(TopicName::Global));
        assert_eq!(TopicName::parse("lottery/18446744073709551615"), Some(TopicName::Lottery(u64::MAX)));
        for other in
            ["", "lottery", "lottery/", "lottery/01", "lottery/-1", "lottery/+1", "Global", "lottery/1/"]
        {
            assert_eq!(TopicName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn messages_are_json_whatever_the_kind_holds() {
        let message = message(&TopicName::Lottery(3), "e", 9, "a\"b", r#"{"x":[1]}"#);
        let json: serde_json::Value = serde_json::from_str(&message).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"topic":"lottery/3","epoch":"e","seq":9,"kind":"a\"b","data":{"x":[1]}})
        );
    }
}
