//! Walks a JSON document without turning its numbers into floats.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::ReadError;

/// A piece of JSON as it was written.
pub type Piece<'a> = &'a RawValue;

/// The members of an object in order. Parsers disagree about a name that comes twice, so there must be none.
pub struct Members<'a>(Vec<(Cow<'a, str>, Piece<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(Cow<'de, str>, Piece<'de>)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if members.iter().any(|(other, _)| *other == name) {
                        return Err(A::Error::custom(format!("\"{name}\" is there twice")));
                    }
                    members.push((Cow::Owned(name), map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

impl<'a> Members<'a> {
    pub fn get(&self, name: &str) -> Option<Piece<'a>> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, piece)| *piece)
    }
}

/// The whole document.
pub fn document(body: &[u8]) -> Result<Piece<'_>, ReadError> {
    serde_json::from_slice(body).map_err(|error| ReadError::invalid(format!("this is no JSON: {error}")))
}

/// The members of an object.
pub fn object(piece: Piece<'_>) -> Result<Members<'_>, ReadError> {
    let wrong = |error| ReadError::invalid(format!("an object was expected: {error}"));
    serde_json::from_str(piece.get()).map_err(wrong)
}

/// The elements of an array.
pub fn array(piece: Piece<'_>) -> Result<Vec<Piece<'_>>, ReadError> {
    let wrong = |error| ReadError::invalid(format!("an array was expected: {error}"));
    serde_json::from_str(piece.get()).map_err(wrong)
}

/// What RFC 6901 finds. `Ok(None)`: nothing is there, or `null`.
pub fn find<'a>(document: Piece<'a>, pointer: &str) -> Result<Option<Piece<'a>>, ReadError> {
    let mut at = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = if at.get().starts_with('{') {
            object(at)?.get(&token)
        } else if at.get().starts_with('[') {
            // RFC 6901: no leading zeros.
            let is_index = token == "0" || !token.starts_with('0');
            match token.parse::<usize>() {
                Ok(index) if is_index => array(at)?.get(index).copied(),
                _ => None,
            }
        } else {
            None
        };
        match next {
            Some(piece) => at = piece,
            None => return Ok(None),
        }
    }
    Ok((at.get() != "null").then_some(at))
}

/// The text of a string, or the digits of a number as they were written.
pub fn text(piece: Piece<'_>) -> Result<String, ReadError> {
    match piece.get().bytes().next() {
        Some(b'"') => {
            serde_json::from_str(piece.get()).map_err(|error| ReadError::invalid(error.to_string()))
        }
        Some(b'-' | b'0'..=b'9') => Ok(piece.get().to_string()),
        _ => {
            Err(ReadError::invalid(format!("a number or a text was expected, not {}", shorten(piece.get()))))
        }
    }
}

/// For messages.
pub fn shorten(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}...") } else { short }
}

/// `text` times ten to the power of `scale`, which must be a whole number of 64 bits.
pub fn whole(text: &str, scale: u8) -> Result<i64, ReadError> {
    let wrong = |why: &str| ReadError::invalid(format!("\"{}\" {why}", shorten(text)));
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (digits, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || unsigned.ends_with('.') || !is_number(digits) || !is_number(decimals) {
        return Err(wrong("is not a number written in digits"));
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > scale as usize {
        return Err(wrong(&format!("has more than {scale} places behind the point: raise `scale`")));
    }
    let sign = if unsigned.len() < text.len() { "-" } else { "" };
    let zeros = "0".repeat(scale as usize - decimals.len());
    let all = format!("{sign}{digits}{decimals}{zeros}");
    all.parse().map_err(|_| wrong("does not fit in 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, scale, expected) in [
            ("7", 0, 7),
            ("007", 0, 7),
            ("-12.34", 2, -1_234),
            ("12.3", 2, 1_230),
            ("12.3400", 2, 1_234),
            ("0.1", 1, 1),
            ("5.0", 0, 5),
            // No float holds this one.
            ("92233720368547758.07", 2, i64::MAX),
            ("-9223372036854775808", 0, i64::MIN),
        ] {
            assert_eq!(whole(text, scale).unwrap(), expected, "{text}");
        }
        for (text, scale) in [
            ("12.345", 2),
            ("0.5", 0),
            ("1e3", 0),
            ("", 0),
            ("-", 0),
            (".5", 1),
            ("5.", 1),
            ("+5", 0),
            ("--5", 0),
            ("1 000", 0),
            ("1,000", 0),
            ("9223372036854775808", 0),
            ("92233720368547758.08", 2),
            ("٣", 0),
            ("NaN", 0),
        ] {
            assert!(whole(text, scale).is_err(), "{text}");
        }
    }

    #[test]
    fn pointers_find_what_rfc_6901_says() {
        let body = br#"{"a":{"b/c":[1,{"~":"x"}],"":5},"n":null,"0":"zero"}"#;
        let document = document(body).unwrap();
        let found = |pointer| find(document, pointer).unwrap().map(|piece| piece.get().to_string());
        assert_eq!(found("/a/b~1c/0").as_deref(), Some("1"));
        assert_eq!(found("/a/b~1c/1/~0").as_deref(), Some("\"x\""));
        assert_eq!(found("/a/").as_deref(), Some("5"));
        assert_eq!(found("/0").as_deref(), Some("\"zero\""));
        for nothing in ["/b", "/a/b~1c/2", "/a/b~1c/00", "/a/b~1c/-", "/a/b~1c/0/x", "/n", "/n/x"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
        assert!(found("").unwrap().starts_with('{'));
    }

    #[test]
    fn what_is_there_twice_is_refused() {
        let twice = document(br#"{"a":1,"b":{"c":1,"c":2}}"#).unwrap();
        assert_eq!(find(twice, "/a").unwrap().unwrap().get(), "1");
        assert!(find(twice, "/b/c").unwrap_err().to_string().contains("twice"));
        // The same name in another spelling.
        assert!(find(document(br#"{"a":1,"\u0061":2}"#).unwrap(), "/a").is_err());
    }
}
