//! How JSON's fields are written: bytes in hex, numbers of 64 bits as strings.

/// A u64 or i64 as a string: JavaScript's numbers end at 2^53.
pub mod number {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<N: Display, S: Serializer>(number: &N, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub fn deserialize<'de, N: FromStr, D: Deserializer<'de>>(from: D) -> Result<N, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no number of 64 bits")))
    }
}

/// Several of them.
pub mod numbers {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<N: Display, S: Serializer>(numbers: &[N], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(numbers.iter().map(N::to_string))
    }

    pub fn deserialize<'de, N: FromStr, D: Deserializer<'de>>(from: D) -> Result<Vec<N>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let read = |text: String| {
            text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no number of 64 bits")))
        };
        texts.into_iter().map(read).collect()
    }
}

/// So many bytes in hex.
pub mod bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<[u8; N], D::Error> {
        read(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    pub fn read<const N: usize>(text: &str) -> Result<[u8; N], String> {
        let bytes = hex::decode(text).map_err(|error| format!("`{text}` is no hex: {error}"))?;
        bytes.try_into().map_err(|bytes: Vec<u8>| format!("{N} bytes are needed, {} were given", bytes.len()))
    }
}

/// The same where there may be none.
pub mod maybe {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &Option<[u8; 32]>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::bytes::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[u8; 32]>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| super::bytes::read(&text).map_err(D::Error::custom)).transpose()
    }
}

/// Several hashes.
pub mod hashes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(hashes: &[[u8; 32]], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(hashes.iter().map(hex::encode))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<[u8; 32]>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|text| super::bytes::read(text).map_err(D::Error::custom)).collect()
    }
}
