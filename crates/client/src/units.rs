//! An amount in JSON is a string: JavaScript's numbers end at 2^53. Numbers are read too.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub fn serialize<S: Serializer>(units: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match units {
        Some(units) => serializer.collect_str(units),
        None => serializer.serialize_none(),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Number(u64),
    }
    let refuse = || D::Error::custom("an amount is a string of digits in base units, below 2^64");
    match Option::<Form>::deserialize(deserializer).map_err(|_| refuse())? {
        None => Ok(None),
        Some(Form::Number(units)) => Ok(Some(units)),
        Some(Form::Text(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Some).map_err(|_| refuse())
        }
        Some(Form::Text(_)) => Err(refuse()),
    }
}
